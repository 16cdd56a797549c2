//! For people at a terminal: the worst first, each with its evidence and a command to copy, then what nobody knows,
//! then the counts.
//!
//! On a wide terminal the findings of a rule are the rows of a table; on a narrow one, or where a command would have
//! to be broken to fit its column, they are blocks. A fix that is the same for all findings of a rule stands once. Every text that comes from outside goes through `visible`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Write};

use comfy_table::{Cell, Color, ColumnConstraint, ContentArrangement, Row, Table, Width, presets};

use super::causes;
use super::style::{colour, look};
use super::text::{shortened, visible, width, wrapped, wrapped_command};
use super::{Finding, Group, Report, Style};
use crate::engine::rule::Rule;

/// Findings of one rule, and causes of one rule's unknown verdicts, that are shown.
const MOST_SHOWN: usize = 20;
/// Names that are listed after a count.
const MOST_NAMES: usize = 5;
/// Columns that a name may take, and a message: some comments are novels.
const LONGEST_NAME: usize = 160;
const LONGEST_MESSAGE: usize = 800;
/// From this width on there is room for columns.
const WIDE: usize = 120;
/// Least columns for the evidence beside a command.
const LEAST_EVIDENCE: usize = 36;
const MARGIN: usize = 2;
const GAP: usize = 2;
/// `CRITICAL` and a gap: where the ids of rules stand.
const ID_COLUMN: usize = 10;

/// Writes the report for people.
pub fn write(report: &Report, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    if let Some(compliance) = report.compliance() {
        compliance.write(out, style)?;
    }
    let mut page = Page { report, out, style, columns: Columns::of(report, style.width) };
    let mut room = report.most_findings;
    for group in report.groups().iter().filter(|group| group.open() > 0) {
        if room == 0 {
            break;
        }
        page.group(*group, room)?;
        room = room.saturating_sub(group.open());
    }
    if report.unlisted() > 0 {
        let most = report.most_findings;
        page.line(look::FAINT, 0, &format!("No more than {most} findings are listed. All are counted."))?;
        writeln!(page.out)?;
    }
    page.unknowns()?;
    page.waived()?;
    page.summary()
}

struct Page<'a> {
    report: &'a Report,
    out: &'a mut dyn Write,
    style: &'a Style,
    columns: Columns,
}

/// A finding as it is shown.
struct Shown {
    owner: String,
    resource: String,
    place: String,
    kind: Option<&'static str>,
    message: String,
    fix: Fix,
}

/// What there is to do: something to type, or something to read.
#[derive(PartialEq)]
enum Fix {
    Command(String),
    Advice(String),
    None,
}

impl Fix {
    fn of(finding: &Finding) -> Self {
        let fix = finding.fix();
        match (&fix.cli, fix.first()) {
            (Some(command), _) => Self::Command(command.clone()),
            (None, Some(advice)) => Self::Advice(advice.to_owned()),
            (None, None) => Self::None,
        }
    }

    /// Several commands stand on a line each.
    fn lines(&self) -> Vec<String> {
        match self {
            Self::Command(text) | Self::Advice(text) => {
                text.trim().lines().map(|line| visible(line).into_owned()).collect()
            }
            Self::None => Vec::new(),
        }
    }
}

impl Shown {
    fn of(finding: &Finding) -> Self {
        let name = |name: &str| shortened(&visible(name), LONGEST_NAME).into_owned();
        let resource = &finding.resource;
        Self {
            owner: name(&resource.owner),
            resource: name(&resource.place_within()),
            place: name(&resource.place()),
            kind: resource.kind_to_add(),
            message: shortened(&visible(&message(finding)), LONGEST_MESSAGE).into_owned(),
            fix: Fix::of(finding),
        }
    }
}

/// Widths that all tables of a page share, so that columns stand below each other.
struct Columns {
    owner: usize,
    resource: usize,
}

impl Columns {
    fn of(report: &Report, page: usize) -> Self {
        let widest = |of: fn(&Shown) -> usize| {
            let groups = report.groups().iter().filter(|group| group.open() > 0);
            let shown = groups.flat_map(|group| open(report, *group).take(MOST_SHOWN));
            shown.map(|finding| of(&Shown::of(&finding))).max().unwrap_or(0)
        };
        Self {
            owner: widest(|shown| width(&shown.owner)).min(page / 8),
            resource: widest(|shown| width(&shown.resource)).min(page / 6),
        }
    }
}

/// The findings of a group that nobody waives.
fn open(report: &Report, group: Group) -> impl Iterator<Item = Finding> {
    report.findings_of(group).filter(|finding| finding.waived().is_none())
}

/// What is wrong, and what else there is to know about it.
pub(super) fn message(finding: &Finding) -> Cow<'_, str> {
    match finding.standing {
        Some(standing) => format!("[{standing}] {}", finding.told()).into(),
        None => finding.told(),
    }
}

impl Page<'_> {
    fn group(&mut self, group: Group, room: usize) -> io::Result<()> {
        let rule = self.report.rule(group.rule);
        let label = group.severity.as_str().to_uppercase();
        self.heading(colour(group.severity), &label, rule, Some(&rule.title))?;
        let all = || open(self.report, group);
        let most = MOST_SHOWN.min(room);
        let findings: Vec<_> = all().take(most).map(|finding| Shown::of(&finding)).collect();
        let alike = findings.len() > 1 && findings.iter().all(|finding| finding.fix == findings[0].fix);
        if let Some(widths) = self.layout(&findings, alike) {
            self.table(&findings, widths)?;
        } else {
            for finding in &findings {
                self.block(finding, alike)?;
            }
        }
        if let Some(more @ 1..) = group.open().checked_sub(most) {
            self.line(look::FAINT, MARGIN, &format!("… and {more} more; --format json has them all"))?;
        }
        if alike {
            self.fix(&findings[0].fix, "Fix for all: ", MARGIN)?;
        }
        let unseen = if group.partial { causes::of_unseen(all()) } else { BTreeSet::new() };
        for reason in unseen {
            let reason = format!("There may be more, for not all could be read: {}", visible(&reason));
            self.line(look::UNKNOWN, MARGIN, &reason)?;
        }
        writeln!(self.out)
    }

    /// `CRITICAL  ATL-NET-001  access-list-open-to-internet   The access list lets the whole internet in`
    fn heading(&mut self, look: anstyle::Style, label: &str, rule: &Rule, title: Option<&str>) -> io::Result<()> {
        let (id, name) = (visible(&rule.id), visible(&rule.name));
        let used = ID_COLUMN + width(&id) + GAP + width(&name);
        let pad = " ".repeat(ID_COLUMN.saturating_sub(width(label)));
        let label = self.style.paint(look, label);
        let id = self.style.paint(look::STRONG, &id);
        write!(self.out, "{label}{pad}{id}  {name}")?;
        let Some(title) = title.map(visible) else { return writeln!(self.out) };
        if used + 3 + width(&title) <= self.style.width {
            return writeln!(self.out, "   {}", self.style.paint(look::STRONG, &title));
        }
        writeln!(self.out)?;
        self.line(look::STRONG, ID_COLUMN, &title)
    }

    /// Wrapped, each line indented. The text is `visible` already.
    fn line(&mut self, look: anstyle::Style, indent: usize, text: &str) -> io::Result<()> {
        for line in wrapped(text, self.style.width.saturating_sub(indent)) {
            writeln!(self.out, "{:indent$}{}", "", self.style.paint(look, &line))?;
        }
        Ok(())
    }

    /// Widths of owner, resource, evidence and fix, if the findings of a rule fit a table.
    fn layout(&self, findings: &[Shown], alike: bool) -> Option<[usize; 4]> {
        let widest = |of: fn(&Shown) -> usize| findings.iter().map(of).max().unwrap_or(0);
        let message = widest(|finding| width(&finding.message));
        let resource = widest(|finding| width(&finding.resource));
        if self.style.width < WIDE {
            // Rows that need no second line are better than blocks on any terminal.
            let owner = widest(|finding| width(&finding.owner));
            let used = MARGIN + owner + GAP + resource + GAP + message;
            return (alike && used <= self.style.width).then_some([owner, resource, message, 0]);
        }
        let owner = self.columns.owner;
        let resource = if resource == 0 { 0 } else { self.columns.resource };
        let left = self.style.width - MARGIN - owner - GAP - resource - GAP;
        if alike {
            return Some([owner, resource, message.min(left), 0]);
        }
        let fix = widest(|finding| match &finding.fix {
            Fix::Command(_) => finding.fix.lines().iter().map(|line| width(line)).max().unwrap_or(0),
            // Advice can be wrapped anywhere.
            Fix::Advice(_) => LEAST_EVIDENCE,
            Fix::None => 0,
        });
        let most = left.checked_sub(GAP + fix)?;
        if most < message.min(LEAST_EVIDENCE) {
            return None;
        }
        let evidence = message.min(most).min(left / 2).max(LEAST_EVIDENCE.min(most));
        Some([owner, resource, evidence, left - GAP - evidence])
    }

    fn table(&mut self, findings: &[Shown], widths: [usize; 4]) -> io::Result<()> {
        let columns: Vec<_> = widths.into_iter().zip(0..).filter(|(width, _)| *width > 0).collect();
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        if self.style.colour {
            table.enforce_styling().style_text_only();
        } else {
            table.force_no_tty();
        }
        for finding in findings {
            let mut row = Row::new();
            for (width, column) in &columns {
                let (lines, colour) = match column {
                    0 => (wrapped(&finding.owner, *width), None),
                    1 => (wrapped(&finding.resource, *width), None),
                    2 => (wrapped(&finding.message, *width), None),
                    _ => match &finding.fix {
                        Fix::Command(_) => (finding.fix.lines(), Some(Color::DarkGreen)),
                        _ => (finding.fix.lines().iter().flat_map(|line| wrapped(line, *width)).collect(), None),
                    },
                };
                let cell = Cell::new(lines.join("\n"));
                row.add_cell(colour.map_or(cell.clone(), |colour| cell.fg(colour)));
            }
            table.add_row(row);
        }
        for (index, (width, _)) in columns.iter().enumerate() {
            let column = table.column_mut(index).expect("every row has every column");
            let gap = if index + 1 < columns.len() { GAP } else { 0 };
            column.set_padding((0, u16::try_from(gap).unwrap_or(0)));
            let width = u16::try_from(width + gap).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
        for line in table.lines() {
            writeln!(self.out, "{:MARGIN$}{}", "", line.trim_end())?;
        }
        Ok(())
    }

    fn block(&mut self, finding: &Shown, alike: bool) -> io::Result<()> {
        let kind = finding.kind.map(|kind| format!(" ({kind})")).unwrap_or_default();
        if MARGIN + width(&finding.place) + width(&kind) <= self.style.width {
            let kind = self.style.paint(look::FAINT, &kind);
            writeln!(self.out, "{:MARGIN$}{}{kind}", "", self.style.paint(look::STRONG, &finding.place))?;
        } else {
            self.line(look::STRONG, MARGIN, &format!("{}{kind}", finding.place))?;
        }
        self.line(look::PLAIN, 2 * MARGIN, &finding.message)?;
        if alike { Ok(()) } else { self.fix(&finding.fix, "Fix: ", 2 * MARGIN) }
    }

    fn fix(&mut self, fix: &Fix, label: &str, indent: usize) -> io::Result<()> {
        let room = self.style.width.saturating_sub(indent + label.len());
        let (look, lines): (_, Vec<_>) = match fix {
            Fix::Command(_) => {
                (look::COMMAND, fix.lines().iter().flat_map(|line| wrapped_command(line, room)).collect())
            }
            _ => (look::PLAIN, fix.lines().iter().flat_map(|line| wrapped(line, room)).collect()),
        };
        for (index, line) in lines.iter().enumerate() {
            let label = if index == 0 { self.style.paint(look::FAINT, label) } else { " ".repeat(label.len()) };
            writeln!(self.out, "{:indent$}{label}{}", "", self.style.paint(look, line))?;
        }
        Ok(())
    }

    fn unknowns(&mut self) -> io::Result<()> {
        let causes = causes::of_unknowns(self.report.unknowns());
        for group in causes.chunk_by(|a, b| a.rule == b.rule) {
            // A title states the failure as a fact, which here nobody knows.
            self.heading(look::UNKNOWN, "UNKNOWN", self.report.rule(group[0].rule), None)?;
            for cause in group.iter().take(MOST_SHOWN) {
                let reason = visible(&cause.reason);
                self.line(look::PLAIN, MARGIN, &shortened(&reason, LONGEST_MESSAGE))?;
                let places = cause.places(MOST_NAMES);
                self.line(look::FAINT, 2 * MARGIN, &shortened(&visible(&places), LONGEST_MESSAGE))?;
            }
            if let Some(more @ 1..) = group.len().checked_sub(MOST_SHOWN) {
                self.line(look::FAINT, MARGIN, &format!("… and {more} more reasons; --format json has them all"))?;
            }
            writeln!(self.out)?;
        }
        Ok(())
    }

    /// What fails no gate, and what waives nothing.
    fn waived(&mut self) -> io::Result<()> {
        for group in self.report.groups().iter().filter(|group| group.waived > 0) {
            let rule = self.report.rule(group.rule);
            self.heading(look::FAINT, "WAIVED", rule, None)?;
            let accepted = self.report.findings_of(*group).filter(|finding| finding.waived().is_some());
            for finding in accepted.take(MOST_SHOWN) {
                let Some(waiver) = finding.waived() else { continue };
                let what = format!("{}: {}", finding.resource.place(), finding.message);
                self.line(look::PLAIN, MARGIN, &shortened(&visible(&what), LONGEST_MESSAGE))?;
                let why = format!("{}, until {}: {}", waiver.owner, waiver.until, waiver.reason);
                self.line(look::FAINT, 2 * MARGIN, &shortened(&visible(&why), LONGEST_MESSAGE))?;
            }
            if let Some(more @ 1..) = group.waived.checked_sub(MOST_SHOWN) {
                self.line(look::FAINT, MARGIN, &format!("… and {more} more; --format json has them all"))?;
            }
            writeln!(self.out)?;
        }
        let idle: Vec<_> = self.report.waivers().iter().filter(|one| one.is_idle()).collect();
        for one in &idle {
            let waiver = &one.waiver;
            let text = format!(
                "The waiver of {} for {} (until {}) covers nothing any more: take it away.",
                waiver.rule,
                waiver.resource.as_str(),
                waiver.until
            );
            self.line(look::UNKNOWN, 0, &shortened(&visible(&text), LONGEST_MESSAGE))?;
        }
        if idle.is_empty() { Ok(()) } else { writeln!(self.out) }
    }

    fn summary(&mut self) -> io::Result<()> {
        if let Some(sentence) = self.report.all_clear() {
            self.line(look::STRONG, 0, sentence)?;
        }
        self.line(look::STRONG, 0, &self.report.counts.sentence())?;
        if let Some(compared) = self.report.compared() {
            self.line(look::STRONG, 0, &visible(&compared.sentence()))?;
        }
        if !self.report.about.complete {
            self.line(look::UNKNOWN, 0, "The reading did not come to its end: whole projects may be missing.")?;
        }
        self.line(look::FAINT, 0, &visible(&self.report.about.sentence()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing;

    fn shown(report: &Report, width: usize, colour: bool) -> String {
        let mut out = Vec::new();
        write(report, &mut out, &Style { width, colour }).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_report_at_80_columns() {
        insta::assert_snapshot!(shown(&testing::sample(), 80, false));
    }

    #[test]
    fn a_report_at_200_columns() {
        insta::assert_snapshot!(shown(&testing::sample(), 200, false));
    }

    #[test]
    fn wide_characters_keep_to_their_columns() {
        for columns in [80, 200] {
            let text = shown(&testing::wide_names(), columns, false);
            assert!(text.lines().all(|line| width(line) <= columns), "{text}");
        }
        insta::assert_snapshot!(shown(&testing::wide_names(), 140, false));
    }

    #[test]
    fn nothing_from_outside_acts_on_the_terminal() {
        for columns in [80, 200] {
            let text = shown(&testing::hostile(), columns, false);
            assert!(!text.chars().any(|c| c != '\n' && super::super::text::acts(c)), "{text}");
            assert!(!text.lines().any(|line| line.trim_start().starts_with("0 findings")), "{text}");
            assert!(text.lines().count() < 80, "an endless message is cut: {text}");
        }
    }

    #[test]
    fn no_width_is_too_small() {
        for columns in 0..=220 {
            for report in [testing::sample(), testing::wide_names(), testing::hostile()] {
                shown(&report, columns, false);
            }
        }
    }

    #[test]
    fn colours_change_nothing_but_colours() {
        for columns in [80, 200] {
            for report in [testing::sample(), testing::wide_names(), testing::hostile(), testing::of_many(25)] {
                let coloured = shown(&report, columns, true);
                assert!(coloured.contains("\u{1b}["));
                let stripped = anstream::adapter::strip_str(&coloured).to_string();
                let trimmed: Vec<_> = stripped.lines().map(str::trim_end).collect();
                assert_eq!(trimmed.join("\n"), shown(&report, columns, false).trim_end());
            }
        }
    }

    #[test]
    fn many_findings_of_a_rule_are_cut_short_and_counted() {
        insta::assert_snapshot!(shown(&testing::of_many(25), 80, false));
    }

    #[test]
    fn every_command_can_be_copied_as_it_stands() {
        for columns in [40, 80, 120, 150, 200] {
            let report = testing::sample();
            let text = shown(&report, columns, false).replace("\\\n", " ");
            let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for command in report.findings().filter_map(|finding| finding.fix().cli) {
                assert!(squeezed.contains(command.as_str()), "{command} at {columns}: {text}");
            }
        }
    }

    #[test]
    fn a_clean_organization_is_told_so() {
        insta::assert_snapshot!(shown(&testing::clean(), 80, false), @r"
        All clear: every rule that applies here passes.
        no findings, 2 passed
        Northwind (5f1b2c3d4e5f60718293a400), 1 project, as of 2026-11-22 10:00 UTC,
        from https://cloud.mongodb.com (service account)
        ");
        assert!(shown(&testing::idle(), 80, false).starts_with("There is nothing here"));
        let mut interrupted = testing::clean();
        interrupted.about.complete = false;
        let text = shown(&interrupted, 80, false);
        assert!(text.starts_with("Nothing wrong in what could be read") && text.contains("did not come to its end"));
    }
}
