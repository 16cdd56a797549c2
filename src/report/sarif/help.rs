//! A rule's text, in full, as plain text and as Markdown: the page beside an alert.

use std::fmt::Write;

use crate::engine::rule::{Remediation, Rule};
use crate::report::sarif::model::Help;

impl Help {
    /// All that the rule's own file says.
    pub(super) fn of(rule: &Rule) -> Self {
        Self { text: page(rule, &Plain), markdown: page(rule, &Markdown) }
    }
}

/// How the parts of a page are written.
trait Markup {
    fn heading(&self, text: &str) -> String;
    fn prose(&self, text: &str) -> String;
    fn code(&self, text: &str) -> String;
    fn link(&self, url: &str) -> String;
}

struct Plain;
struct Markdown;

impl Markup for Plain {
    fn heading(&self, text: &str) -> String {
        format!("{text}:")
    }

    fn prose(&self, text: &str) -> String {
        text.to_owned()
    }

    fn code(&self, text: &str) -> String {
        text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
    }

    fn link(&self, url: &str) -> String {
        url.to_owned()
    }
}

impl Markup for Markdown {
    fn heading(&self, text: &str) -> String {
        format!("**{text}**")
    }

    /// A placeholder such as `<project>` would be taken for HTML and vanish, but not within backticks.
    fn prose(&self, text: &str) -> String {
        let mut code = false;
        text.chars().fold(String::with_capacity(text.len()), |mut page, c| {
            code ^= c == '`';
            match c {
                '<' if !code => page.push_str("&lt;"),
                '&' if !code => page.push_str("&amp;"),
                '*' | '_' | '[' | ']' if !code => page.extend(['\\', c]),
                c => page.push(c),
            }
            page
        })
    }

    fn code(&self, text: &str) -> String {
        format!("```sh\n{text}\n```")
    }

    fn link(&self, url: &str) -> String {
        format!("- <{url}>")
    }
}

fn page(rule: &Rule, markup: &impl Markup) -> String {
    let Remediation { cli, terraform, console } = &rule.remediation;
    let mut page = markup.prose(rule.why.trim());
    let mut part = |heading: &str, text: Option<String>| {
        if let Some(text) = text {
            _ = write!(page, "\n\n{}\n\n{text}", markup.heading(heading));
        }
    };
    let prose = |text: &str| markup.prose(text.trim());
    part("Passes", Some(prose(&rule.passes)));
    part("Fails", Some(prose(&rule.fails)));
    part("Not applicable", rule.not_applicable.as_deref().map(prose));
    part("Fix with the Atlas CLI", cli.as_deref().map(|text| markup.code(text.trim())));
    part("Fix with Terraform", terraform.as_deref().map(prose));
    part("Fix in the console", console.as_deref().map(prose));
    let links: Vec<_> = rule.references.iter().map(|url| markup.link(url)).collect();
    part("References", (!links.is_empty()).then(|| links.join("\n")));
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing;

    #[test]
    fn a_page_says_all_that_the_rule_says() {
        let report = testing::sample();
        let help = Help::of(report.rule(0));
        insta::assert_snapshot!(format!("{}\n\n=====\n\n{}", help.text, help.markdown));
    }

    #[test]
    fn placeholders_do_not_vanish_as_html() {
        assert_eq!(Markdown.prose("Set <limit> & `<entry>` of a_b"), "Set &lt;limit> &amp; `<entry>` of a\\_b");
    }
}
