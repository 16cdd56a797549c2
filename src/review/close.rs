//! From a filled-in sheet to a record, or everything that is wrong with it, at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::pack::{Kind, Pack, Row};
use super::sheet::{CONTENT, Sheet, SheetRow, short};
use crate::analysis::review_digest;
use crate::engine::day::Day;
use crate::engine::declared::review::{
    ACCESS_LIST_REVIEW, DATABASE_USER_REVIEW, Decided, Decision, RECORD, RECORD_VERSION, Record, ReviewedList,
};

/// A sheet that is to be recorded.
#[derive(Debug)]
pub struct Closing<'a> {
    /// What it is about.
    pub pack: &'a Pack,
    /// SHA-256 of the pack's file.
    pub pack_sha256: String,
    /// The sheet.
    pub sheet: &'a Sheet,
    /// SHA-256 of the sheet's file.
    pub sheet_sha256: String,
    /// The clock of this machine.
    pub now: Timestamp,
    /// The last day on which it counts; six months after the last decision if not given.
    pub expires: Option<Day>,
}

/// Months that a review counts at most, if nobody says otherwise: PCI DSS 7.2.4 wants one every six months.
const MONTHS: i64 = 6;

/// Something wrong with a sheet, in one or several of its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The rows, as a spreadsheet counts; none if it is about the whole.
    pub rows: Vec<usize>,
    /// The column, if it is about one.
    pub column: Option<&'static str>,
    /// What is wrong.
    pub message: String,
}

/// `rows 2-5, 9, decision: is blank`
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rows.as_slice() {
            [] => {}
            [row] => write!(f, "row {row}")?,
            rows => write!(f, "rows {}", ranges(rows))?,
        }
        if let Some(column) = self.column {
            let comma = if self.rows.is_empty() { "" } else { ", " };
            write!(f, "{comma}{column}")?;
        }
        let colon = if self.rows.is_empty() && self.column.is_none() { "" } else { ": " };
        write!(f, "{colon}{}", self.message)
    }
}

fn ranges(rows: &[usize]) -> String {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for row in rows {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == *row => *last = *row,
            _ => parts.push((*row, *row)),
        }
    }
    let part =
        |(first, last): (usize, usize)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    parts.into_iter().map(part).collect::<Vec<_>>().join(", ")
}

/// Collects problems; the same thing in several rows is one.
#[derive(Default)]
struct Problems {
    all: Vec<Problem>,
    known: BTreeMap<(Option<&'static str>, String), usize>,
}

impl Problems {
    fn add(&mut self, row: Option<usize>, column: Option<&'static str>, message: impl Into<String>) {
        let message = message.into();
        let index = *self.known.entry((column, message.clone())).or_insert(self.all.len());
        match (self.all.get_mut(index), row) {
            (Some(known), Some(row)) => known.rows.push(row),
            (Some(_), None) => {}
            (None, row) => self.all.push(Problem { rows: row.into_iter().collect(), column, message }),
        }
    }
}

impl Closing<'_> {
    /// The record, or all that is wrong.
    pub fn close(&self) -> Result<Record, Vec<Problem>> {
        let mut problems = Problems::default();
        for column in &self.sheet.missing {
            problems.add(None, Some(column), "the column is missing");
        }
        for column in &self.sheet.twice {
            problems.add(None, None, format!("the column {column} stands twice"));
        }
        if !problems.all.is_empty() {
            return Err(problems.all);
        }
        let ours = short(&self.pack.header.snapshot.sha256);
        let others: BTreeSet<&str> = self.sheet.rows.iter().map(|row| row.text("snapshot")).collect();
        if !others.is_empty() && !others.contains(ours) {
            let theirs = others.into_iter().collect::<Vec<_>>().join(", ");
            let message = format!("the sheet is of another pack: of the snapshot {theirs}, and this pack is of {ours}");
            return Err(vec![Problem { rows: Vec::new(), column: Some("snapshot"), message }]);
        }
        let rows: BTreeMap<&str, &Row> = self.pack.rows.iter().map(|row| (row.id.as_str(), row)).collect();
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut decisions = Vec::new();
        for line in &self.sheet.rows {
            let (id, number) = (line.text("id"), line.number);
            let Some(row) = rows.get(id) else {
                problems.add(Some(number), Some("id"), format!("the pack has no row `{id}`"));
                continue;
            };
            if let Some(first) = seen.insert(&row.id, number) {
                problems.add(Some(number), Some("id"), format!("`{id}` stands in row {first} already"));
                continue;
            }
            if line.text("snapshot") != ours {
                problems.add(
                    Some(number),
                    Some("snapshot"),
                    format!("the row is of another pack; this one is of {ours}"),
                );
            }
            decisions.extend(self.decided(row, line, &mut problems));
        }
        for row in self.pack.rows.iter().filter(|row| !seen.contains_key(row.id.as_str())) {
            let message = format!("the row of {} {} is missing: `{}`", row.kind, row.subject, row.id);
            problems.add(None, Some("id"), message);
        }
        if let (Some(expires), Some(last)) = (self.expires, decisions.iter().map(|decided| decided.date).max())
            && expires < last
        {
            problems.add(None, None, format!("it would end on {expires}, before the last decision on {last}"));
        }
        if problems.all.is_empty() { Ok(self.record(decisions)) } else { Err(problems.all) }
    }

    fn decided(&self, row: &Row, line: &SheetRow, problems: &mut Problems) -> Option<Decided> {
        let number = Some(line.number);
        for column in CONTENT {
            let text = (column.text)(row);
            if !line.shows(column.name, &text) {
                problems.add(number, Some(column.name), "was edited: a decision is about what the pack says");
            }
        }
        if line.text("digest") != row.digest {
            problems.add(number, Some("digest"), "is not that of the pack's row");
        }
        let written = line.text("decision");
        let decision = Decision::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(written));
        match decision {
            Some(_) => {}
            None if written.is_empty() => problems.add(number, Some("decision"), "is blank"),
            None => problems.add(number, Some("decision"), format!("`{written}` is none of keep, change, revoke")),
        }
        let reviewer = line.text("reviewer");
        if reviewer.is_empty() {
            problems.add(number, Some("reviewer"), "is blank");
        } else if is_subject(row, reviewer) {
            problems.add(number, Some("reviewer"), format!("{reviewer} may not decide about their own access"));
        }
        let date = self.day(line, "date", true, problems);
        let verified_on = self.day(line, "verified_on", false, problems);
        if let (Some(date), Some(verified)) = (date, verified_on)
            && verified < date
        {
            problems.add(number, Some("verified_on"), format!("{verified} is before the decision"));
        }
        let filled = |column: &str| Some(line.text(column).to_owned()).filter(|text| !text.is_empty());
        Some(Decided {
            id: row.id.clone(),
            kind: row.kind.name().to_owned(),
            subject: row.subject.clone(),
            project: row.project.as_ref().map(|project| project.id.clone()),
            digest: row.digest.clone(),
            state: row.state.clone(),
            decision: decision?,
            owner: filled("owner"),
            justification: filled("justification"),
            reviewer: reviewer.to_owned(),
            date: date?,
            ticket: filled("ticket"),
            verified_on,
        })
    }

    fn day(&self, line: &SheetRow, column: &'static str, needed: bool, problems: &mut Problems) -> Option<Day> {
        let number = Some(line.number);
        let written = line.text(column);
        if written.is_empty() {
            if needed {
                problems.add(number, Some(column), "is blank");
            }
            return None;
        }
        let Some(day) = day(written) else {
            problems.add(number, Some(column), format!("`{written}` is no day such as 2026-12-31"));
            return None;
        };
        let taken = Day::of(self.pack.header.snapshot.taken);
        // This machine's clock may be behind Atlas's.
        let today = Day::of(self.now).max(taken);
        if day > today {
            problems.add(number, Some(column), format!("{day} is in the future"));
        } else if day < taken {
            problems.add(number, Some(column), format!("{day} is before the snapshot, which is of {taken}"));
        }
        Some(day)
    }

    fn record(&self, decisions: Vec<Decided>) -> Record {
        let ended = decisions.iter().map(|decided| decided.date).max().unwrap_or(Day::of(self.now));
        let half_a_year = || Day(ended.0.checked_add(Span::new().months(MONTHS)).unwrap_or(Date::MAX));
        let mut record = Record {
            kind: RECORD.to_owned(),
            version: RECORD_VERSION,
            tool: format!("atlas-audit {}", env!("CARGO_PKG_VERSION")),
            recorded: self.now.to_string(),
            organization: self.pack.header.organization.clone(),
            snapshot: self.pack.header.snapshot.clone(),
            pack_sha256: self.pack_sha256.clone(),
            sheet_sha256: self.sheet_sha256.clone(),
            previous_record_sha256: self.pack.header.previous.as_ref().and_then(|one| one.record_sha256.clone()),
            expires: self.expires.unwrap_or_else(half_a_year),
            lists: Vec::new(),
            decisions,
            digest: String::new(),
        };
        record.decisions.sort_by(|a, b| a.id.cmp(&b.id));
        for project in &self.pack.header.projects {
            for (control, kind) in
                [(ACCESS_LIST_REVIEW, Kind::AccessListEntry), (DATABASE_USER_REVIEW, Kind::DatabaseUser)]
            {
                let is_it =
                    |row: &&Row| row.kind == kind && row.project.as_ref().is_some_and(|its| its.id == project.id);
                let rows: Vec<&Row> = self.pack.rows.iter().filter(is_it).collect();
                let decided: Vec<(&Row, &Decided)> =
                    rows.iter().filter_map(|row| Some((*row, record.decision(&row.id)?))).collect();
                let Some(date) = decided.iter().map(|(_, decided)| decided.date).max() else { continue };
                let lines = |keeps: &dyn Fn(Decision) -> bool| {
                    let kept = decided.iter().filter(|(_, decided)| keeps(decided.decision));
                    kept.filter_map(|(row, _)| row.line.clone()).collect::<Vec<_>>()
                };
                let number = |wanted| decided.iter().filter(|(_, decided)| decided.decision == wanted).count();
                let reviewers: BTreeSet<String> = decided.iter().map(|(_, decided)| decided.reviewer.clone()).collect();
                let list = ReviewedList {
                    control: control.to_owned(),
                    project: project.clone(),
                    digest: review_digest::of_lines(lines(&|_| true)),
                    digest_without_revoked: review_digest::of_lines(lines(&|one| one != Decision::Revoke)),
                    date,
                    reviewers: reviewers.into_iter().collect(),
                    entries: lines(&|_| true).into_iter().map(|line| review_digest::of_lines([line])).collect(),
                    keep: number(Decision::Keep),
                    change: number(Decision::Change),
                    revoke: number(Decision::Revoke),
                };
                record.lists.push(list);
            }
        }
        record
    }
}

/// Whether somebody is the person whose access it is, however the name is written.
fn is_subject(row: &Row, reviewer: &str) -> bool {
    let plain = |text: &str| {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        // `Mira Okonkwo <mira@…>` is either.
        words.trim_matches(['<', '>', '"', '\'']).to_owned()
    };
    let written = match reviewer.split_once('<') {
        Some((name, address)) => vec![plain(name), plain(address)],
        None => vec![plain(reviewer)],
    };
    row.persons.iter().any(|person| !person.is_empty() && written.contains(&plain(person)))
}

/// A day as people and spreadsheets write it, where that leaves no doubt.
fn day(written: &str) -> Option<Day> {
    let date = written.split(['T', ' ']).next()?;
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let number = |text: &str| text.parse::<i16>().ok();
    let small = |text: &str| text.parse::<i8>().ok();
    let [first, second, third] = parts[..] else { return None };
    if first.len() == 4 {
        return Date::new(number(first)?, small(second)?, small(third)?).ok().map(Day);
    }
    // `3.11.2026` is one day everywhere, `3/11/2026` is two.
    let dotted = third.len() == 4 && date.matches('.').count() == 2;
    dotted.then(|| Date::new(number(third)?, small(second)?, small(first)?).ok().map(Day)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_where_they_leave_no_doubt() {
        let read = |text| day(text).map(|day| day.to_string());
        for text in ["2026-11-03", "2026/11/3", "3.11.2026", "2026-11-03 00:00:00", "2026-11-03T00:00:00Z"] {
            assert_eq!(read(text).as_deref(), Some("2026-11-03"), "{text}");
        }
        for text in ["11/3/2026", "3-11-2026", "soon", "2026-13-01", "45964", ""] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn rows_are_told_in_ranges() {
        let problem =
            |rows: &[usize]| Problem { rows: rows.to_vec(), column: Some("date"), message: "is blank".into() };
        assert_eq!(problem(&[2]).to_string(), "row 2, date: is blank");
        assert_eq!(problem(&[2, 3, 4, 7]).to_string(), "rows 2-4, 7, date: is blank");
        assert_eq!(problem(&[]).to_string(), "date: is blank");
    }
}
