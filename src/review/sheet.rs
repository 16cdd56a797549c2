//! The sheet that is filled in: a table and nothing else, so that sorting and filtering keep working in any spreadsheet.
//! What a pack says before its rows stands in its JSON and on its page; each row carries the snapshot's digest instead.
//!
//! Cells are guarded against being taken for formulas, numbers or dates, by an apostrophe in front that reading takes
//! away again. Reading bears what spreadsheets do to a table: a byte order mark, semicolons or tabs, another order,
//! more columns, blanks around.

use std::collections::BTreeMap;

use super::pack::{Pack, Row};
use crate::report::text::computes;

/// A column that shows what is reviewed.
pub struct Column {
    /// Its heading.
    pub name: &'static str,
    /// Its cell.
    pub text: fn(&Row) -> String,
}

macro_rules! columns {
    ($($name:literal => $text:expr,)*) => { &[$(Column { name: $name, text: $text },)*] };
}

/// Between the parts of a cell.
const SEPARATOR: &str = "; ";

/// What a reviewer sees.
pub const CONTENT: &[Column] = columns! {
    "kind" => |row| row.kind.name().to_owned(),
    "project" => |row| row.project_name().to_owned(),
    "subject" => |row| row.subject.clone(),
    "contact" => |row| row.contact.clone(),
    "party" => |row| row.party.name().to_owned(),
    "scope" => |row| row.scope.clone(),
    "grants" => |row| row.grants.join(SEPARATOR),
    "reach" => |row| row.reach.join(SEPARATOR),
    "privileged" => |row| row.privileged.name().to_owned(),
    "source" => |row| row.source.clone(),
    "sign_in" => |row| row.sign_in.clone(),
    "since" => |row| row.since.clone(),
    "ends" => |row| row.ends.clone(),
    "last_use" => |row| row.last_use.clone(),
    "secrets" => |row| row.secrets.join(SEPARATOR),
    "api_access_list" => |row| row.access_list.clone(),
    "comment" => |row| row.comment.clone(),
    "known_owner" => |row| row.known_owner.clone(),
    "findings" => |row| findings(row),
    "changed" => |row| changed(row),
    "previous_decision" => |row| previous(row),
};

fn findings(row: &Row) -> String {
    let told = row.findings.iter().map(|one| {
        let waived = one.waived.as_ref().map(|waived| format!(", {waived}")).unwrap_or_default();
        format!("{} ({}) {} [{}{waived}]", one.rule, one.severity, one.message, one.fingerprint)
    });
    told.collect::<Vec<_>>().join(SEPARATOR)
}

fn changed(row: &Row) -> String {
    let state = row.change.state.name();
    if row.change.fields.is_empty() {
        state.to_owned()
    } else {
        format!("{state}: {}", row.change.fields.join(SEPARATOR))
    }
}

fn previous(row: &Row) -> String {
    row.previous.as_ref().map_or_else(String::new, |previous| {
        let ticket = previous.ticket.as_ref().map(|ticket| format!(" ({ticket})")).unwrap_or_default();
        format!("{} by {} on {}{ticket}", previous.decision.past(), previous.reviewer, previous.date)
    })
}

/// What a reviewer fills in.
pub const BLANK: &[&str] = &["owner", "justification", "decision", "reviewer", "date", "ticket", "verified_on"];

/// What ties a row to its pack.
pub const MACHINE: &[&str] = &["id", "digest", "snapshot"];

/// How much of a snapshot's digest a row carries.
const SHORT: usize = 16;

/// The snapshot as rows name it.
#[must_use]
pub fn short(sha256: &str) -> &str {
    sha256.get(..SHORT).unwrap_or(sha256)
}

/// The sheet of a pack.
///
/// # Panics
///
/// Never: memory takes what is written to it.
#[must_use]
pub fn write(pack: &Pack) -> Vec<u8> {
    // Excel takes a file without the mark for another encoding.
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(b"\xef\xbb\xbf".to_vec());
    let headings = CONTENT.iter().map(|column| column.name).chain(BLANK.iter().copied()).chain(MACHINE.iter().copied());
    writer.write_record(headings).expect("memory takes it");
    let snapshot = short(&pack.header.snapshot.sha256);
    for row in &pack.rows {
        let content = CONTENT.iter().map(|column| (column.text)(row));
        let blank = BLANK.iter().map(|_| String::new());
        let machine = [row.id.clone(), row.digest.clone(), snapshot.to_owned()];
        let cells = content.chain(blank).chain(machine).map(|text| guarded(&text));
        writer.write_record(cells).expect("memory takes it");
    }
    writer.into_inner().expect("memory takes it")
}

/// Whether a spreadsheet would do something else with a text than show it.
fn acts(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let trimmed = text.trim_start().chars().next();
    let is_number = text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || ".,:/- eE".contains(c));
    let is_word = ["true", "false"].iter().any(|word| text.trim().eq_ignore_ascii_case(word));
    first == '\'' || computes(first) || trimmed.is_some_and(computes) || is_number || is_word
}

/// A cell that is nothing but text.
#[must_use]
pub fn guarded(text: &str) -> String {
    if acts(text) { format!("'{text}") } else { text.to_owned() }
}

/// What was guarded.
#[must_use]
pub fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| acts(text)).unwrap_or(cell)
}

/// A filled-in sheet, as far as it is one.
#[derive(Debug)]
pub struct Sheet {
    /// The headings of columns that are known, and stand twice.
    pub twice: Vec<String>,
    /// Headings that are missing.
    pub missing: Vec<&'static str>,
    /// Its rows; blank ones are left out.
    pub rows: Vec<SheetRow>,
}

/// A row of it.
#[derive(Debug)]
pub struct SheetRow {
    /// As a spreadsheet counts: the headings are row 1.
    pub number: usize,
    /// The cells of known columns, without blanks around.
    cells: BTreeMap<&'static str, String>,
}

impl SheetRow {
    /// A cell, without its guard; empty if it is not there.
    #[must_use]
    pub fn text(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", |cell| unguarded(cell).trim())
    }

    /// Whether a cell shows that text, whatever became of its guard and its blanks.
    pub(super) fn shows(&self, column: &str, text: &str) -> bool {
        let cell = self.cells.get(column).map_or("", String::as_str);
        let same = |one: &str| one.split_whitespace().eq(text.split_whitespace());
        same(cell) || same(unguarded(cell))
    }
}

/// Why a file is no sheet.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSheet {
    /// Nothing is in it.
    #[error("it is empty")]
    Empty,
    /// Another encoding.
    #[error("it is not UTF-8")]
    NotText,
    /// A workbook, and no CSV.
    #[error("it is a workbook, and no CSV")]
    Workbook,
    /// It cannot be taken apart.
    #[error("it is no CSV: {0}")]
    Malformed(String),
    /// Its first line names none of the columns.
    #[error("its first line does not name the columns of a review")]
    OtherHeadings,
}

fn known(heading: &str) -> Option<&'static str> {
    let heading = heading.trim().to_lowercase().replace([' ', '-'], "_");
    let content = CONTENT.iter().map(|column| column.name);
    content.chain(BLANK.iter().copied()).chain(MACHINE.iter().copied()).find(|name| *name == heading)
}

impl Sheet {
    /// Reads a sheet back.
    pub fn read(bytes: &[u8]) -> Result<Self, NoSheet> {
        if bytes.starts_with(b"PK\x03\x04") {
            return Err(NoSheet::Workbook);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| NoSheet::NotText)?;
        let text = text.trim_start_matches('\u{feff}');
        if text.trim().is_empty() {
            return Err(NoSheet::Empty);
        }
        // Excel writes down which delimiter it means.
        let first = text.lines().next().unwrap_or_default();
        let (text, above) = match first.trim().trim_matches('"').strip_prefix("sep=") {
            Some(_) => (text.get(first.len()..).unwrap_or_default().trim_start_matches(['\r', '\n']), 1),
            None => (text, 0),
        };
        let reader = |delimiter: u8| {
            csv::ReaderBuilder::new()
                .delimiter(delimiter)
                .flexible(true)
                .has_headers(false)
                .from_reader(text.as_bytes())
        };
        let malformed = |error: csv::Error| NoSheet::Malformed(error.to_string());
        let mut best: Option<(usize, u8)> = None;
        for delimiter in [b',', b';', b'\t'] {
            let headings = reader(delimiter).records().next().transpose().map_err(malformed)?.unwrap_or_default();
            let found = headings.iter().filter(|heading| known(heading).is_some()).count();
            if best.is_none_or(|(most, _)| found > most) {
                best = Some((found, delimiter));
            }
        }
        let Some((2.., delimiter)) = best else { return Err(NoSheet::OtherHeadings) };
        let mut records = reader(delimiter);
        let mut records = records.records();
        let headings = records.next().transpose().map_err(malformed)?.unwrap_or_default();
        let columns: Vec<Option<&'static str>> = headings.iter().map(known).collect();
        let all = CONTENT.iter().map(|column| column.name).chain(BLANK.iter().copied()).chain(MACHINE.iter().copied());
        let missing = all.filter(|name| !columns.contains(&Some(name))).collect();
        let mut twice: Vec<String> = Vec::new();
        for (index, column) in columns.iter().enumerate() {
            if let Some(name) = column
                && columns[..index].contains(column)
            {
                twice.push((*name).to_owned());
            }
        }
        let mut rows = Vec::new();
        for (index, record) in records.enumerate() {
            let record = record.map_err(malformed)?;
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let cells = columns.iter().zip(record.iter());
            let cells = cells.filter_map(|(column, cell)| Some(((*column)?, cell.trim().to_owned()))).collect();
            rows.push(SheetRow { number: index + 2 + above, cells });
        }
        Ok(Self { twice, missing, rows })
    }

    /// Whether somebody wrote anything into it.
    #[must_use]
    pub fn is_filled_in(&self) -> bool {
        self.rows.iter().any(|row| BLANK.iter().any(|column| !row.text(column).is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_spreadsheet_would_compute_is_guarded() {
        for text in
            ["=1+1", "+x", "-x", "@SUM(1)", "\t=1", "\r=1", " =1", "＝1", "'=1", "007", "2026-11-03", "1e5", "TRUE"]
        {
            assert_eq!(guarded(text), format!("'{text}"), "{text:?}");
        }
        for text in ["", "app", "203.0.113.0/28 (office)", "a=b", "it's", "10 entries"] {
            assert_eq!(guarded(text), text);
        }
    }

    proptest! {
        #[test]
        fn a_guard_is_taken_away_again(text in "['=+\\-@\t\r 0-9a-z/.]{0,6}|\\PC*") {
            let cell = guarded(&text);
            prop_assert_eq!(unguarded(&cell), text.as_str());
            prop_assert!(!cell.trim_start().starts_with(computes));
        }
    }

    #[test]
    fn what_spreadsheets_do_to_a_table_is_borne() {
        let headings = "reviewer;Decision;my notes;id";
        let plain = format!("{headings}\r\n mira ;\"keep\";x;org/o/a\r\n;;;\r\n");
        for text in [
            plain.clone(),
            format!("\u{feff}{plain}"),
            format!("sep=;\r\n{plain}"),
            plain.replace(';', "\t"),
            plain.replace(';', ","),
        ] {
            let sheet = Sheet::read(text.as_bytes()).unwrap();
            assert_eq!(sheet.rows.len(), 1, "{text}");
            let row = &sheet.rows[0];
            assert_eq!((row.text("reviewer"), row.text("decision"), row.text("id")), ("mira", "keep", "org/o/a"));
            assert!(sheet.missing.contains(&"date") && sheet.is_filled_in());
        }
        assert_eq!(Sheet::read(b"").unwrap_err(), NoSheet::Empty);
        assert_eq!(Sheet::read(b"a,b\n1,2").unwrap_err(), NoSheet::OtherHeadings);
        assert_eq!(Sheet::read(b"id,decision\n\xfc").unwrap_err(), NoSheet::NotText);
        assert_eq!(Sheet::read(b"PK\x03\x04rest").unwrap_err(), NoSheet::Workbook);
    }
}
