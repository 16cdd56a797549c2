//! For pull requests and step summaries: GitHub-flavoured Markdown that fits into a comment.
//!
//! GitHub refuses a comment of more than 65,536 characters, and drops a step summary of more than 1 MiB as a whole. So
//! there is one limit, and what does not fit is left out finding by finding, the mildest first, and counted.

mod escape;

use std::fmt::Write as _;
use std::io::{self, Write};

use self::escape::{code, fenced, html, prose};
use super::text::shortened;
use super::{Finding, Fix, Group, Report, causes};
use crate::engine::Severity;

/// Bytes of the whole, which are never fewer than characters.
const MOST: usize = 65_000;
/// Of those, for what is fixed, for what nobody knows, for what is waived, and for waivers that can go.
const MOST_FIXED: usize = 6_000;
const MOST_UNKNOWN: usize = 12_000;
const MOST_WAIVED: usize = 8_000;
const MOST_IDLE: usize = 3_000;
/// Findings of one rule that are shown.
const MOST_SHOWN: usize = 20;
/// Names that are listed after a count.
const MOST_NAMES: usize = 5;
/// Columns of a name, and of what is said of it.
const LONGEST_NAME: usize = 160;
const LONGEST_MESSAGE: usize = 600;
/// Room for saying what is left out.
const CUT: usize = 200;

/// Writes the report: counts, what fails, what nobody knows, what is waived.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let head = head(report);
    let tail = [fixed(report), unknowns(report), waived(report), idle(report)].concat();
    let room = MOST.saturating_sub(head.len() + tail.len());
    for part in [head, findings(report, room), tail] {
        out.write_all(part.as_bytes())?;
    }
    Ok(())
}

/// Posture at a glance.
fn head(report: &Report) -> String {
    let name = report.about.organization_name.as_deref().unwrap_or(&report.about.organization);
    let mut head = format!("## atlas-audit: {}\n\n", told(name, LONGEST_NAME));
    if let Some(sentence) = report.all_clear() {
        _ = writeln!(head, "**{sentence}**\n");
    }
    if !report.about.complete {
        head.push_str("**The reading did not come to its end: whole projects may be missing.**\n\n");
    }
    let counts = &report.counts;
    let all = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];
    let of = |severity| counts.findings.get(&std::cmp::Reverse(severity)).copied().unwrap_or(0);
    let by_severity = all.map(|severity| (severity.as_str(), of(severity)));
    let others = [
        ("unknown", counts.unknown),
        ("waived", counts.waived),
        ("passed", counts.passed),
        ("attested", counts.attested),
        ("not applicable", counts.not_applicable),
    ];
    let columns = || by_severity.iter().chain(&others);
    let names: Vec<_> = columns().map(|(name, _)| *name).collect();
    let numbers: Vec<_> = columns().map(|(_, count)| count.to_string()).collect();
    let rule = vec!["---:"; names.len()].join(" | ");
    _ = writeln!(head, "| {} |\n| {rule} |\n| {} |\n", names.join(" | "), numbers.join(" | "));
    if let Some(compared) = report.compared() {
        _ = writeln!(head, "**{}**\n", told(&compared.sentence(), LONGEST_MESSAGE));
    }
    _ = writeln!(head, "{}", told(&report.about.sentence(), LONGEST_MESSAGE));
    head
}

/// Text from outside, of a length that can be read.
fn told(text: &str, columns: usize) -> String {
    prose(&shortened(text, columns))
}

/// A list that takes so much room, and counts what it has no room for.
struct Section {
    text: String,
    room: usize,
}

impl Section {
    fn new(heading: &str, room: usize) -> Self {
        Self { text: heading.to_owned(), room: room - CUT }
    }

    /// Whether it fits.
    fn push(&mut self, item: &str) -> bool {
        let fits = self.text.len() + item.len() <= self.room;
        if fits {
            self.text.push_str(item);
        }
        fits
    }
}

/// As many findings as fit, the worst first; a rule whose findings do not fit is named with their number.
fn findings(report: &Report, room: usize) -> String {
    let mut groups: Vec<Group> = report.groups().iter().copied().filter(|group| group.open() > 0).collect();
    // Whoever reads a pull request asks first what is new.
    groups.sort_by_key(|group| report.compared().is_some() && group.failing == 0);
    let names: Vec<String> = groups.iter().map(|group| name_only(report, *group)).collect();
    let room = room.saturating_sub(CUT);
    let (mut text, mut shown, mut most) = (String::new(), 0, report.most_findings);
    let mut below: usize = names.iter().map(String::len).sum();
    for (group, name) in groups.iter().zip(&names) {
        below -= name.len();
        // Those that follow are at least named, if that leaves enough for the worse ones.
        let left = room.saturating_sub(text.len()).saturating_sub(below.min(room / 3));
        if let Some((details, count)) = details(report, *group, left, most) {
            text.push_str(&details);
            shown += count;
        } else if text.len() + name.len() <= room {
            text.push_str(name);
        }
        most = most.saturating_sub(group.open());
    }
    if let Some(more @ 1..) = report.counts.open_findings().checked_sub(shown) {
        _ = writeln!(text, "\n… {more} more findings are not shown here; `--format json` has them all.\n");
    }
    text
}

fn count_of(group: Group) -> String {
    match group.failing {
        0 => count(group.open()),
        news => format!("{}, {news} new or worse", count(group.open())),
    }
}

fn count(findings: usize) -> String {
    match findings {
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    }
}

fn name_only(report: &Report, group: Group) -> String {
    let rule = report.rule(group.rule);
    let (severity, title) = (group.severity.as_str().to_uppercase(), told(&rule.title, LONGEST_NAME));
    format!("- **{severity}** {} {title}: {}\n", code(&rule.id), count_of(group))
}

/// The findings of a group, if one fits at least, and how many they are.
fn details(report: &Report, group: Group, room: usize, most: usize) -> Option<(String, usize)> {
    let rule = report.rule(group.rule);
    let open = || report.findings_of(group).filter(|finding| finding.waived().is_none());
    let news = open().filter(Finding::is_news).chain(open().filter(|finding| !finding.is_news()));
    let findings: Vec<Finding> = news.take(MOST_SHOWN.min(most)).collect();
    let fixes: Vec<Fix> = findings.iter().map(Finding::fix).collect();
    let alike = fixes.windows(2).all(|pair| pair[0] == pair[1]);
    // The worst lie open.
    let unfolded = if group.severity == Severity::Critical { " open" } else { "" };
    let (severity, title) = (group.severity.as_str().to_uppercase(), shortened(&rule.title, LONGEST_NAME));
    let mut text = format!(
        "\n<details{unfolded}><summary><b>{severity}</b> <code>{}</code> {}: {}</summary>\n\n",
        html(&rule.id),
        html(&title),
        count_of(group)
    );
    let mut end = "\n".to_owned();
    if alike && let Some(fix) = fixes.first() {
        end.push_str(&shown_fix(fix, if findings.len() > 1 { "Fix for all:\n\n" } else { "" }, 0));
    }
    if group.partial {
        for reason in causes::of_unseen(open()).into_iter().take(MOST_NAMES) {
            let reason = told(&reason, LONGEST_MESSAGE);
            _ = writeln!(end, "There may be more, for not all could be read: {reason}\n");
        }
    }
    end.push_str("</details>\n");
    let room = room.checked_sub(text.len() + end.len() + CUT)?;
    let (mut list, mut shown) = (String::new(), 0);
    for (finding, fix) in findings.iter().zip(&fixes) {
        let item = item(finding, (!alike).then_some(fix));
        if list.len() + item.len() > room {
            break;
        }
        list.push_str(&item);
        shown += 1;
    }
    if shown == 0 {
        return None;
    }
    text.push_str(&list);
    if shown < group.open() {
        _ = writeln!(text, "- … {} more of this rule are not shown", group.open() - shown);
    }
    // A fix ends in an empty line of its own.
    text.truncate(text.trim_end().len());
    Some((text + "\n" + &end, shown))
}

fn item(finding: &Finding, fix: Option<&Fix>) -> String {
    let place = code(&shortened(&finding.resource.place(), LONGEST_NAME));
    let kind = finding.resource.kind_to_add().map(|kind| format!(" ({kind})")).unwrap_or_default();
    let standing = finding.standing.map(|standing| format!("**{standing}** ")).unwrap_or_default();
    let mut item = format!("- {standing}{place}{kind}: {}\n", told(&finding.told(), LONGEST_MESSAGE));
    if let Some(fix) = fix {
        item.push_str(&shown_fix(fix, "", 2));
    }
    item
}

fn shown_fix(fix: &Fix, label: &str, indent: usize) -> String {
    let text = |text: &str| shortened(text, 4 * LONGEST_MESSAGE).into_owned();
    match (&fix.cli, fix.first()) {
        (Some(command), _) => format!("\n{label}{}\n", fenced(&text(command), "sh", indent)),
        (None, Some(advice)) => {
            let advice: Vec<_> = advice.trim().lines().map(|line| prose(&text(line))).collect();
            format!("\n{label}{:indent$}{}\n\n", "", advice.join(" "))
        }
        (None, None) => String::new(),
    }
}

/// What was found in the earlier run and is not there any more.
fn fixed(report: &Report) -> String {
    let fixed = report.compared().map(|compared| compared.fixed.as_slice()).unwrap_or_default();
    if fixed.is_empty() {
        return String::new();
    }
    let heading = format!("\n<details><summary><b>FIXED</b>: {}</summary>\n\n", count(fixed.len()));
    let mut section = Section::new(&heading, MOST_FIXED);
    let item = |before: &super::Before| {
        let place = report.resource(before.at.clone(), &[]).place();
        let (place, message) = (shortened(&place, LONGEST_NAME), told(&before.message, LONGEST_MESSAGE));
        format!("- {} {}: {message}\n", code(&before.rule), code(&place))
    };
    let shown = fixed.iter().take_while(|before| section.push(&item(before))).count();
    if let Some(more @ 1..) = fixed.len().checked_sub(shown) {
        _ = writeln!(section.text, "- … {more} more are not shown; `--format json` has them all");
    }
    section.text + "\n</details>\n"
}

/// What nobody knows, by cause.
fn unknowns(report: &Report) -> String {
    let causes = causes::of_unknowns(report.unknowns());
    if causes.is_empty() {
        return String::new();
    }
    let verdicts = match report.counts.unknown {
        1 => "1 verdict".to_owned(),
        count => format!("{count} verdicts"),
    };
    let heading = format!("\n<details><summary><b>UNKNOWN</b>: {verdicts}</summary>\n\n");
    let mut section = Section::new(&heading, MOST_UNKNOWN);
    let item = |cause: &causes::Cause| {
        let rule = report.rule(cause.rule);
        let (reason, places) = (told(&cause.reason, LONGEST_MESSAGE), cause.places(MOST_NAMES));
        let places = told(&places, LONGEST_MESSAGE);
        format!("- {} {}: {reason} ({places})\n", code(&rule.id), code(&rule.name))
    };
    let shown = causes.iter().take_while(|cause| section.push(&item(cause))).count();
    if let Some(more @ 1..) = causes.len().checked_sub(shown) {
        _ = writeln!(section.text, "- … {more} more causes are not shown; `--format json` has them all");
    }
    section.text + "\n</details>\n"
}

/// What somebody accepts, with who and until when.
fn waived(report: &Report) -> String {
    if report.counts.waived == 0 {
        return String::new();
    }
    let heading = format!("\n<details><summary><b>WAIVED</b>: {}</summary>\n\n", count(report.counts.waived));
    let mut section = Section::new(&heading, MOST_WAIVED);
    let groups = report.groups().iter().filter(|group| group.waived > 0);
    let findings = groups.flat_map(|group| report.findings_of(*group).filter(|finding| finding.waived().is_some()));
    let item = |finding: &Finding| {
        let rule = report.rule(finding.rule);
        let why = finding.waived().map(|waiver| {
            let until = format!("{}, until {}: {}", waiver.owner, waiver.until, waiver.reason);
            format!(" ({})", told(&until, LONGEST_MESSAGE))
        });
        let place = code(&shortened(&finding.resource.place(), LONGEST_NAME));
        let message = told(&finding.message, LONGEST_MESSAGE);
        format!("- {} {place}: {message}{}\n", code(&rule.id), why.unwrap_or_default())
    };
    let shown = findings.take_while(|finding| section.push(&item(finding))).count();
    if let Some(more @ 1..) = report.counts.waived.checked_sub(shown) {
        _ = writeln!(section.text, "- … {more} more are not shown; `--format json` has them all");
    }
    section.text + "\n</details>\n"
}

/// Waivers that can go.
fn idle(report: &Report) -> String {
    let idle: Vec<_> = report.waivers().iter().filter(|one| one.is_idle()).collect();
    if idle.is_empty() {
        return String::new();
    }
    let mut section = Section::new("\nWaivers that cover nothing any more, and can be taken away:\n\n", MOST_IDLE);
    let item = |one: &super::WaiverUse| {
        let waiver = &one.waiver;
        let resource = shortened(waiver.resource.as_str(), LONGEST_NAME);
        format!("- {} for {}, until {}\n", code(&waiver.rule), code(&resource), waiver.until)
    };
    let shown = idle.iter().take_while(|one| section.push(&item(one))).count();
    if let Some(more @ 1..) = idle.len().checked_sub(shown) {
        _ = writeln!(section.text, "- … and {more} more");
    }
    section.text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Baseline, testing};

    fn page(report: &Report) -> String {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_page_says_what_is_wrong_unknown_and_waived() {
        insta::assert_snapshot!(page(&testing::waived()));
    }

    #[test]
    fn what_is_new_comes_first_and_what_is_fixed_is_told() {
        let earlier = |report: &Report| Baseline::of(report, "october.json".into());
        let text = page(&testing::sample().since(earlier(&testing::waived()), false));
        assert!(text.contains("**since october.json: 5 unchanged**") && text.contains("- **unchanged** `shop / ::/0`"));
        let text = page(&testing::clean().since(earlier(&testing::sample()), false));
        assert!(text.contains("<b>FIXED</b>: ") && text.contains("- `ATL-NET-001` `payments / 0.0.0.0/0`"), "{text}");
        let mut before = earlier(&testing::sample());
        before.findings.retain(|finding| finding.rule != "ATL-ORG-901");
        let text = page(&testing::sample().since(before, false));
        let first = text.find("<details").unwrap();
        assert!(text[first..].starts_with("<details><summary><b>HIGH</b> <code>ATL-ORG-901</code>"), "{text}");
        assert!(text.contains("1 finding, 1 new or worse"), "{text}");
    }

    #[test]
    fn a_clean_organization_is_told_so() {
        assert!(page(&testing::clean()).contains("**All clear: every rule that applies here passes.**"));
    }

    #[test]
    fn it_fits_into_a_comment_and_says_what_it_leaves_out() {
        for report in [testing::of_thousands(5000), testing::of_many(250), testing::hostile(), testing::waived()] {
            let text = page(&report);
            assert!(text.len() <= MOST, "{}", text.len());
            assert_eq!(text.matches("<details").count(), text.matches("</details>").count());
        }
        let text = page(&testing::of_thousands(5000));
        assert!(text.contains("… 4980 more findings are not shown here"), "{text}");
    }

    #[test]
    fn names_that_try_things_are_read_as_they_are() {
        let names = [
            "</summary><script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[all is well](https://evil.example)",
            "`` ``` ` `x`",
            "@everyone",
            "| a | b |\n\n# Heading\n- [x] done",
            "</details>",
            "\u{202e}\u{1b}[31m",
        ];
        for name in names {
            let text = page(&testing::named(name));
            let (mut fence, mut outside) = (None, String::new());
            for line in text.lines() {
                let ticks = line.trim_start().len() - line.trim_start().trim_start_matches('`').len();
                match fence {
                    None if ticks >= 3 => fence = Some(ticks),
                    Some(open) if ticks >= open => fence = None,
                    None => outside.extend([line, "\n"]),
                    Some(_) => {}
                }
            }
            assert_eq!(fence, None, "{text}");
            // Of what is neither in a fence nor in a code span, only our own tags are tags.
            let bare = without_code(&outside);
            for tag in bare.split('<').skip(1) {
                let ours = ["details", "/details", "summary", "/summary", "b>", "/b>", "code>", "/code>"];
                assert!(ours.iter().any(|own| tag.starts_with(own)), "{tag} of {bare}");
            }
            assert!(!bare.contains("](") && !bare.contains("@e") && !bare.contains("://e"), "{bare}");
            let lines = |start: &str| outside.lines().filter(|line| line.trim_start().starts_with(start)).count();
            assert_eq!((lines("# "), lines("| a"), lines("- [")), (0, 0, 0), "{outside}");
            assert_eq!(text.matches("<details").count(), text.lines().filter(|line| *line == "</details>").count());
            assert!(!text.contains(['\u{202e}', '\u{1b}']));
        }
    }

    /// As Markdown reads it: a backtick after a backslash is none.
    fn without_code(text: &str) -> String {
        let (mut bare, mut within, mut escaped) = (String::new(), false, false);
        for c in text.chars() {
            match c {
                '`' if within || !escaped => within = !within,
                c if !within => bare.push(c),
                _ => {}
            }
            escaped = c == '\\' && !escaped && !within;
        }
        bare
    }
}
