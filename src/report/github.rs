//! For a run of GitHub Actions: workflow commands, which become annotations.
//!
//! GitHub shows ten of each level and step, and drops the rest without a word: so the worst are printed, and the last
//! one counts them all. Where the run is held against an earlier one, only what is new or worse is printed. None names a file: what is wrong is in Atlas, not in a line of the repository.
//! Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use std::io::{self, Write};

use crate::engine::Severity;

use super::table::message;
use super::text::{shortened, visible};
use super::{Finding, Report, causes};

/// Annotations of each level that GitHub shows.
const MOST: usize = 10;
/// Columns that are read in an annotation.
const LONGEST_TITLE: usize = 160;
const LONGEST_MESSAGE: usize = 1500;
/// Names that are listed after a count.
const MOST_NAMES: usize = 5;

#[derive(Debug, Clone, Copy)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Error,
            Severity::Medium => Self::Warning,
            Severity::Low | Severity::Info => Self::Notice,
        }
    }

    const fn command(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// Writes the worst as annotations, and a last one with the counts.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    // The last notice takes a place of its own.
    let mut annotations = Annotations { out, room: [MOST, MOST, MOST - 1] };
    if !report.about.complete {
        let text = "The reading did not come to its end: whole projects may be missing.";
        annotations.add(Level::Warning, "The reading is incomplete", text)?;
    }
    let (mut shown, mut most) = (0, report.most_findings);
    for group in report.groups().iter().filter(|group| group.open() > 0) {
        let level = Level::of(group.severity);
        let rule = report.rule(group.rule);
        let title = format!("{} ({}): {}", rule.id, group.severity, rule.title);
        // What was known before is not worth an annotation.
        let open = report.findings_of(*group).filter(|finding| finding.waived().is_none() && finding.is_news());
        for finding in open.take(annotations.left(level).min(most)) {
            annotations.add(level, &title, &told(&finding))?;
            shown += 1;
        }
        most = most.saturating_sub(group.open());
    }
    let mut causes = causes::of_unknowns(report.unknowns()).into_iter();
    let room = annotations.left(Level::Warning);
    for cause in causes.by_ref().take(room) {
        let rule = report.rule(cause.rule);
        let title = format!("{} (unknown): {}", rule.id, rule.name);
        let text = format!("{}: {}", cause.places(MOST_NAMES), cause.reason);
        annotations.add(Level::Warning, &title, &visible(&text))?;
    }
    for idle in report.waivers().iter().filter(|one| one.is_idle()) {
        let (rule, resource) = (&idle.waiver.rule, idle.waiver.resource.as_str());
        let text = format!("The waiver of {rule} for {resource} covers nothing any more: take it away.");
        annotations.add(Level::Notice, "A waiver can go", &visible(&text))?;
    }
    let mut last = report.counts.sentence();
    let (findings, causes) = (report.counts.open_findings() - shown, causes.count());
    if findings > 0 {
        last = format!("{last}. Findings without an annotation: {findings}");
    }
    if causes > 0 {
        last = format!("{last}. Causes of unknown verdicts without one: {causes}");
    }
    if let Some(compared) = report.compared() {
        last = format!("{last}. {}", compared.sentence());
    }
    annotations.room[Level::Notice as usize] = 1;
    annotations.add(Level::Notice, "atlas-audit", &visible(&last))
}

struct Annotations<'a> {
    out: &'a mut dyn Write,
    room: [usize; 3],
}

impl Annotations<'_> {
    fn left(&self, level: Level) -> usize {
        self.room[level as usize]
    }

    /// Nothing where GitHub would drop it. The message is `visible` already, but for line breaks of our own.
    fn add(&mut self, level: Level, title: &str, message: &str) -> io::Result<()> {
        let Some(left) = self.left(level).checked_sub(1) else { return Ok(()) };
        self.room[level as usize] = left;
        let title = property(&shortened(&visible(title), LONGEST_TITLE));
        let message = data(&shortened(message, LONGEST_MESSAGE));
        writeln!(self.out, "::{} title={title}::{message}", level.command())
    }
}

/// Where, what, and what to do.
fn told(finding: &Finding) -> String {
    let what = format!("{}: {}", finding.resource.place(), message(finding));
    let what = visible(&what).into_owned();
    let fix = finding.fix();
    match fix.first() {
        Some(fix) => {
            let lines: Vec<_> = fix.trim().lines().map(visible).collect();
            format!("{}\nFix: {}", shortened(&what, LONGEST_MESSAGE / 2), lines.join("\n"))
        }
        None => what,
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Baseline, testing};

    fn lines(report: &Report) -> Vec<String> {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn an_annotation_says_where_what_and_what_to_do() {
        insta::assert_snapshot!(lines(&testing::sample()).join("\n"));
    }

    #[test]
    fn the_worst_are_shown_and_all_are_counted() {
        let lines = lines(&testing::of_many(25));
        let of = |level: &str| lines.iter().filter(|line| line.starts_with(level)).count();
        // Those of medium severity leave no room for what is unknown.
        assert_eq!((of("::error "), of("::warning "), of("::notice ")), (0, 10, 1));
        insta::assert_snapshot!(lines.last().unwrap(), @"::notice title=atlas-audit::25 findings (25 medium), 25 unknown. Findings without an annotation: 15. Causes of unknown verdicts without one: 1");
    }

    #[test]
    fn only_what_is_new_is_annotated_where_there_is_an_earlier_run() {
        let earlier = Baseline::of(&testing::sample(), "october.json".into());
        let lines = lines(&testing::sample().since(earlier, false));
        assert!(!lines.iter().any(|line| line.starts_with("::error")), "{lines:#?}");
        assert!(lines.last().unwrap().ends_with("since october.json: 5 unchanged"), "{lines:#?}");
    }

    #[test]
    fn every_line_is_one_command_whatever_things_are_called() {
        for name in ["x\n::error::y", "::warning::z", "a,file=b::c", "100%0A::error::", "##[error]x", "\u{1b}[31m"] {
            for line in lines(&testing::named(name)) {
                let rest = line.strip_prefix("::").unwrap();
                let (command, rest) = rest.split_once(" title=").unwrap();
                assert!(["error", "warning", "notice"].contains(&command), "{line}");
                let (title, message) = rest.split_once("::").unwrap();
                assert!(!title.contains([',', ':']), "{line}");
                let escapes = message.split('%').skip(1).map(|rest| &rest[..2]);
                assert!(escapes.into_iter().all(|escape| ["25", "0A"].contains(&escape)), "{line}");
            }
        }
    }

    #[test]
    fn a_cut_never_parts_an_escape() {
        for line in lines(&testing::hostile()) {
            assert!(line.chars().count() < 4 * LONGEST_MESSAGE && !line.ends_with('%'), "{line}");
        }
    }
}
