//! For a comment on a pull request or a summary of a CI step. GitHub takes 65,536 characters: what does not fit is left out,
//! whole rows from the end, and the page says how many.
//!
//! Names come from outside. Whatever does stands within `<code>`, where nobody is mentioned and nothing is linked, and every
//! character of it that means something in Markdown or HTML is a numeric reference, which never does.

use std::fmt::Write as _;

use crate::analysis::drift::{Change, Kind, Risk};
use crate::report::causes::general;
use crate::report::text::{shortened, visible};

use super::{Became, DiffReport, VerdictChange, words};

/// GitHub's own limit is 65,536 characters; bytes are never fewer.
const MOST_BYTES: usize = 65_000;
/// Kept free for what closes the page.
const RESERVE: usize = 1_000;
/// One cell.
const LONGEST_CELL: usize = 300;
const MOST_NAMES: usize = 5;
const MOST_FIELDS: usize = 8;

/// The whole page.
pub(super) fn page(report: &DiffReport) -> String {
    let mut page = Page { text: String::new(), left_out: 0 };
    let page_of = &mut page;
    page_of.head(report);
    // What a reviewer must see is written first, and so is cut last.
    for became in Became::ALL {
        let open = became.counts() || became.is_lost();
        let (of, older) = report.fates(became);
        let title = format!("Verdicts, {}: {}", became.title(), of.len());
        let older = words::older(older).map(|older| format!("; {older}")).unwrap_or_default();
        let meaning = format!("{}{older}", became.meaning());
        page_of.fold(&title, Some(&meaning), open, VERDICTS, of.iter().map(|change| verdict(change)));
    }
    for risk in Risk::ALL {
        let open = matches!(risk, Risk::Grave | Risk::Riskier);
        let of: Vec<_> = report.told(risk).collect();
        let title = format!("Configuration, {}: {}", risk.as_str(), of.len());
        page_of.fold(&title, None, open, CHANGES, of.iter().map(|change| row_of(report, change)));
    }
    let gaps = report.gaps();
    let title = format!("Not compared: {}", gaps.len());
    let rows =
        gaps.iter().map(|cause| format!("| {} | {} |\n", code(&cause.sentence), code(&cause.places(MOST_NAMES))));
    page_of.fold(&title, Some("what changed there, nobody knows"), gaps.iter().any(|cause| cause.lost), GAPS, rows);
    if page.left_out > 0 {
        let rows = words::counted(page.left_out, "row does", "rows do");
        _ = write!(page.text, "\n**{rows} not fit into a comment; `--format json` has them all.**\n");
    }
    page.text
}

const VERDICTS: &str = "| severity | rule | where | what |\n|---|---|---|---|\n";
const CHANGES: &str = "| | where | what |\n|---|---|---|\n";
const GAPS: &str = "| why | where |\n|---|---|\n";

struct Page {
    text: String,
    left_out: usize,
}

impl Page {
    fn head(&mut self, report: &DiffReport) {
        // By this line a script finds the comment that it wrote before.
        self.text.push_str("<!-- atlas-audit diff -->\n");
        let told = [("Verdicts", report.verdicts_sentence()), ("Configuration", report.configuration_sentence())];
        _ = writeln!(self.text, "### atlas-audit: what changed in {}\n", code(&report.about_sentence()));
        for (what, sentence) in told {
            _ = writeln!(self.text, "- **{what}**: {sentence}");
        }
        if let Some(activity) = report.activity_sentence().filter(|_| !report.with_activity) {
            _ = writeln!(self.text, "- {activity}");
        }
        for caveat in report.caveats() {
            _ = writeln!(self.text, "- **Mind**: {}", code(&caveat));
        }
    }

    /// A part that can be folded away, with as many of its rows as fit.
    fn fold(
        &mut self,
        title: &str,
        meaning: Option<&str>,
        open: bool,
        header: &str,
        rows: impl ExactSizeIterator<Item = String>,
    ) {
        let all = rows.len();
        if all == 0 {
            return;
        }
        let open = if open { " open" } else { "" };
        let meaning = meaning.map(|meaning| format!("{meaning}\n\n")).unwrap_or_default();
        let mut part = format!("\n<details{open}><summary>{title}</summary>\n\n{meaning}{header}");
        let mut shown = 0;
        for row in rows {
            if self.text.len() + part.len() + row.len() + RESERVE > MOST_BYTES {
                break;
            }
            part.push_str(&row);
            shown += 1;
        }
        self.left_out += all - shown;
        if shown == 0 {
            return;
        }
        if shown < all {
            _ = write!(part, "\n… and {} more\n", all - shown);
        }
        part.push_str("\n</details>\n");
        self.text.push_str(&part);
    }
}

fn verdict(change: &VerdictChange) -> String {
    let severity = change.severity.map_or("unknown", |severity| severity.as_str());
    let rule = format!("{} {}", change.rule.id, change.rule.name);
    let mut what = code(&general(&change.message, &change.resource.at));
    if let Some(remark) = words::remark(change) {
        _ = write!(what, "<br>{}", code(&remark));
    }
    format!("| {severity} | {} | {} | {what} |\n", code(&rule), place(&change.resource))
}

fn row_of(report: &DiffReport, change: &Change) -> String {
    let resource = report.resource(change);
    let mut what: Vec<String> = change.why.iter().map(|why| code(why)).collect();
    if change.kind == Kind::Changed {
        let told = change.fields.iter().filter(|(_, risk)| *risk != Risk::Activity || change.risk == Risk::Activity);
        let fields: Vec<_> = told.map(|(field, _)| code(&words::field(field))).collect();
        let more = fields.len().saturating_sub(MOST_FIELDS);
        what.extend(fields.into_iter().take(MOST_FIELDS));
        what.extend((more > 0).then(|| format!("… and {more} more fields")));
    } else {
        let fields = words::fields_of_one(change, &resource.name);
        what.extend((!fields.is_empty()).then(|| code(&fields)));
    }
    match report.along(&change.at) {
        0 => {}
        along => what.push(format!("{} within it", words::counted(along, "more thing", "more things"))),
    }
    format!("| {} | {} | {} |\n", change.kind.as_str(), place(&resource), what.join("<br>"))
}

fn place(resource: &crate::report::Resource) -> String {
    let kind = resource.kind_to_add().map(|kind| format!(" {kind}")).unwrap_or_default();
    format!("{}{kind}", code(&resource.place()))
}

/// A text from outside, as nothing but text.
fn code(text: &str) -> String {
    let mut escaped = String::from("<code>");
    let shown = visible(text);
    let mut before = ' ';
    for c in shortened(&shown, LONGEST_CELL).chars() {
        let plain =
            c.is_alphanumeric() || matches!(c, ' ' | '-' | '/' | ',' | '=' | ';' | '(' | ')' | '→' | '…' | '?' | '%');
        // `www.` alone makes a link.
        if plain || !c.is_ascii() || (c == '.' && !before.eq_ignore_ascii_case(&'w')) {
            escaped.push(c);
        } else {
            _ = write!(escaped, "&#{};", u32::from(c));
        }
        before = c;
    }
    escaped.push_str("</code>");
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn names_are_nothing_but_text() {
        let page = page(&testing::hostile());
        assert!(!page.contains("<script") && !page.contains("](http") && !page.contains("@octocat"), "{page}");
        assert!(!page.contains("www.") && !page.contains("https://evil"), "{page}");
        for line in page.lines().filter(|line| line.starts_with('|')) {
            // Every row has its own cells and no more.
            assert!(matches!(line.matches('|').count(), 3..=5), "{line}");
            assert_eq!(line.matches("<code>").count(), line.matches("</code>").count(), "{line}");
            assert!(!line.contains('`'), "{line}");
        }
        assert!(!page.chars().any(|c| c != '\n' && crate::report::text::acts(c)));
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let report = testing::of_thousands(3000);
        let page = page(&report);
        assert!(page.len() <= 65_536 && page.len() > 60_000, "{}", page.len());
        assert_eq!(page.matches("<details").count(), page.matches("</details>").count());
        let shown = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |")).count() - 1;
        let left = page.lines().last().unwrap();
        let (count, _) = left.trim_start_matches("**").split_once(' ').unwrap();
        assert_eq!(shown + count.parse::<usize>().unwrap(), 3000, "{left}");
    }
}
