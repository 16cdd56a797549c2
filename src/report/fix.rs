//! What to do about a finding: the rule's remediation, with the names of the resource filled in.

use crate::engine::rule::Remediation;
use crate::snapshot::Ref;

use super::text::acts;

/// A remediation with the names of the resource filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fix {
    /// A command of the Atlas CLI, shell-quoted.
    pub cli: Option<String>,
    /// The attribute of the Terraform provider.
    pub terraform: Option<String>,
    /// Where to go in the console.
    pub console: Option<String>,
}

impl Fix {
    pub(super) fn of(remediation: &Remediation, at: &Ref, facts: &[(&'static str, String)]) -> Self {
        let mut facts: Vec<(&str, &str)> =
            facts.iter().map(|(placeholder, value)| (*placeholder, value.as_str())).collect();
        let segments: Vec<&str> = at.as_str().split('/').collect();
        if let ["org", organization, below @ ..] = segments.as_slice() {
            facts.push(("org", organization));
            if let ["project", project, ..] = below {
                facts.push(("project", project));
            }
        }
        Self {
            cli: remediation
                .cli
                .as_ref()
                .map(|text| fitting(text, &facts))
                .filter(|text| !is_remark(text))
                .map(|text| filled(&text, &facts, shell_word)),
            terraform: remediation.terraform.as_ref().map(|text| filled(text, &facts, |value| Some(value.to_owned()))),
            console: remediation.console.as_ref().map(|text| filled(text, &facts, |value| Some(value.to_owned()))),
        }
    }

    /// The first way there is, for formats with room for one.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.cli.as_deref().or(self.console.as_deref()).or(self.terraform.as_deref())
    }
}

/// A value as one word of a shell command. None for what cannot be typed, which may be a trick: its placeholder stays.
fn shell_word(value: &str) -> Option<String> {
    if value.contains(acts) {
        return None;
    }
    shlex::try_quote(value).ok().map(Into::into)
}

/// Of several ways, those that the finding's facts fit: with the fewest placeholders left, then the most filled.
///
/// A rule may be about API keys and service accounts, or about the organization and its clusters, each with a command
/// of its own: they stand in paragraphs of their own. The lines of one paragraph are steps, and stay together.
///
/// A placeholder that cannot be a fact's name, such as `<role@database>`, is the reader's to fill and does not count. A
/// paragraph of remarks (`# …`) without placeholders stands for the cases that no command puts right.
fn fitting(template: &str, facts: &[(&str, &str)]) -> String {
    let fit = |way: &str| {
        let placeholders = way.split('<').skip(1).filter_map(|from| from.split_once('>')).map(|(name, _)| name);
        let placeholders = placeholders.filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
        let (filled, left): (Vec<_>, Vec<_>) =
            placeholders.partition(|name| facts.iter().any(|(fact, _)| fact == name));
        (left.len(), std::cmp::Reverse(filled.len()))
    };
    let ways: Vec<&str> = template.trim_end().split("\n\n").collect();
    let best = ways.iter().map(|way| fit(way)).min();
    let fitting: Vec<&str> = ways.into_iter().filter(|way| Some(fit(way)) == best).collect();
    fitting.join("\n")
}

/// Whether there is nothing to type in it.
fn is_remark(text: &str) -> bool {
    text.lines().all(|line| line.trim_start().starts_with('#'))
}

/// Fills placeholders in one pass, so that a value which looks like a placeholder is not filled in turn: a user
/// called `<cluster>` would otherwise break out of the quotes around its name.
fn filled(template: &str, facts: &[(&str, &str)], write: impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, from)) = rest.split_once('<') {
        text.push_str(before);
        let value = from.split_once('>').and_then(|(placeholder, after)| {
            let (_, value) = facts.iter().find(|(name, _)| *name == placeholder)?;
            Some((write(value)?, after))
        });
        rest = if let Some((value, after)) = value {
            text.push_str(&value);
            after
        } else {
            text.push('<');
            from
        };
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(facts: &[(&'static str, &str)]) -> String {
        let remediation = Remediation {
            cli: Some("atlas x <user> --cluster <cluster> --projectId <project>".into()),
            ..Default::default()
        };
        let at = Ref::organization("o").project("p").child("databaseUsers").child("u");
        let facts: Vec<_> = facts.iter().map(|(placeholder, value)| (*placeholder, (*value).to_owned())).collect();
        Fix::of(&remediation, &at, &facts).cli.unwrap()
    }

    #[test]
    fn hostile_names_stay_one_word() {
        for name in ["<cluster>", "'; rm -rf ~; '", "$(id)", "a b", "`id`", "--force", "<user>"] {
            let words = shlex::split(&command(&[("user", name), ("cluster", "'; id; '")])).unwrap();
            assert_eq!(words, ["atlas", "x", name, "--cluster", "'; id; '", "--projectId", "p"]);
        }
    }

    #[test]
    fn what_cannot_be_typed_is_left_to_the_reader() {
        assert_eq!(
            command(&[("user", "a\nb"), ("cluster", "c\0")]),
            "atlas x <user> --cluster <cluster> --projectId p"
        );
    }

    #[test]
    fn of_several_ways_only_those_that_fit_are_shown() {
        let ways = "key --id <key>\n\naccount --id <client>\nthen <step>\n\norganization --id <org>";
        assert_eq!(fitting(ways, &[("key", "k"), ("org", "o")]), "key --id <key>\norganization --id <org>");
        assert_eq!(fitting(ways, &[("org", "o")]), "organization --id <org>");
        assert_eq!(fitting(ways, &[("client", "c"), ("step", "s")]), "account --id <client>\nthen <step>");
        assert_eq!(fitting("only <one>", &[]), "only <one>");
    }

    #[test]
    fn what_readers_fill_does_not_count_against_a_way() {
        let ways = "grant <user> <role@database>\n\n# see the console";
        assert_eq!(fitting(ways, &[("user", "u")]), "grant <user> <role@database>");
        assert_eq!(fitting(ways, &[]), "# see the console");
    }

    #[test]
    fn a_case_without_a_command_has_none() {
        let remediation = Remediation { cli: Some("drop <user>\n\n# see the console".into()), ..Default::default() };
        let at = Ref::organization("o");
        assert_eq!(Fix::of(&remediation, &at, &[]).cli, None);
        assert_eq!(Fix::of(&remediation, &at, &[("user", "u".to_owned())]).cli.as_deref(), Some("drop u"));
    }
}
