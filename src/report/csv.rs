//! For spreadsheets, and whatever else takes a table: a row per verdict, a finding each where it fails.
//!
//! Names come from outside, and a spreadsheet takes what begins with `=` for a formula: such cells begin with `'`.
//! A row is a line, but for a fix that takes several commands.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::engine::waiver::WaiverState;

use super::text::{no_formula, shortened, visible};
use super::{Finding, Fix, Report, Resource};

/// A spreadsheet takes 32,767 characters in a cell.
const LONGEST: usize = 32_000;

/// Columns may be added at the end; none is renamed, moved or dropped.
const HEADER: [&str; 18] = [
    "verdict",
    "severity",
    "rule",
    "name",
    "category",
    "title",
    "project",
    "resource",
    "kind",
    "ref",
    "message",
    "fix",
    "fingerprint",
    "waiver",
    "waiver_owner",
    "waiver_until",
    "waiver_reason",
    "baseline",
];

/// Writes the verdicts: what fails, the worst first; what is unknown, attested, passed and not applicable, by rule and
/// resource.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table { report, rows: csv::Writer::from_writer(out) };
    table.rows.write_record(HEADER)?;
    for finding in report.listed() {
        table.finding(&finding)?;
    }
    for unjudged in report.unknowns() {
        let fingerprint = unjudged.fingerprint().to_string();
        let reasons = unjudged.reasons.join("; ");
        table.row(&Row { fingerprint, ..Row::of("unknown", unjudged.rule, &unjudged.resource, &reasons) })?;
    }
    for attested in report.attested() {
        let stated = attested.stated;
        let told =
            format!("stated by {} on {}, until {}: {}", stated.owner, stated.date, stated.expires, stated.statement);
        table.row(&Row::of("attested", attested.rule, &attested.resource, &told))?;
    }
    for settled in report.settled().iter() {
        let verdict = if settled.not_applicable.is_some() { "not-applicable" } else { "pass" };
        let resource = report.resource(settled.at.clone(), &[]);
        let why = settled.not_applicable.unwrap_or_default();
        table.row(&Row::of(verdict, settled.rule.into(), &resource, why))?;
    }
    table.rows.flush()
}

struct Table<'a, W: Write> {
    report: &'a Report,
    rows: csv::Writer<W>,
}

/// What differs from row to row; the rest is the rule's.
struct Row<'a> {
    verdict: &'static str,
    severity: &'static str,
    rule: usize,
    resource: &'a Resource,
    message: &'a str,
    fix: String,
    fingerprint: String,
    /// State, owner, last day and reason.
    waiver: [String; 4],
    baseline: String,
}

impl<'a> Row<'a> {
    fn of(verdict: &'static str, rule: usize, resource: &'a Resource, message: &'a str) -> Self {
        Self {
            verdict,
            severity: "",
            rule,
            resource,
            message,
            fix: String::new(),
            fingerprint: String::new(),
            waiver: Default::default(),
            baseline: String::new(),
        }
    }
}

impl<W: Write> Table<'_, W> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let waiver = finding.waiver.as_ref().map(|(waiver, state)| {
            let state = match state {
                WaiverState::Active => "active",
                WaiverState::Expired => "expired",
            };
            [state.to_owned(), waiver.owner.clone(), waiver.until.to_string(), waiver.reason.clone()]
        });
        let verdict = if finding.waived().is_some() { "waived" } else { "fail" };
        self.row(&Row {
            severity: finding.severity.as_str(),
            fix: first_lines(&finding.fix()),
            fingerprint: finding.fingerprint().to_string(),
            waiver: waiver.unwrap_or_default(),
            baseline: finding.standing.map(|standing| standing.to_string()).unwrap_or_default(),
            ..Row::of(verdict, finding.rule, &finding.resource, &finding.told())
        })
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let reported = &self.report.rules[row.rule];
        let rule = reported.rule;
        let [waiver, owner, until, reason] = &row.waiver;
        let cells = [
            row.verdict,
            row.severity,
            &rule.id,
            &rule.name,
            reported.category,
            &rule.title,
            row.resource.project.as_ref().map_or("", |(_, name)| name),
            &row.resource.place_within(),
            row.resource.kind,
            row.resource.at.as_str(),
            row.message,
        ];
        // A fix alone may take several lines, each of them `visible` already.
        let cells = cells.into_iter().map(|cell| cell_of(&visible(cell)));
        let fix = std::iter::once(cell_of(&row.fix));
        let rest = [&row.fingerprint, waiver, owner, until, reason, &row.baseline];
        let rest = rest.into_iter().map(|cell| cell_of(&visible(cell)));
        for cell in cells.chain(fix).chain(rest) {
            self.rows.write_field(cell)?;
        }
        Ok(self.rows.write_record(None::<&[u8]>)?)
    }
}

fn cell_of(text: &str) -> String {
    no_formula(&shortened(text, LONGEST)).into_owned()
}

/// A fix as it can be copied out of a cell.
fn first_lines(fix: &Fix) -> String {
    let lines = fix.first().unwrap_or_default().trim().lines().map(visible);
    lines.collect::<Vec<Cow<'_, str>>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing;

    fn rows(report: &Report) -> Vec<Vec<String>> {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        let mut reader = csv::Reader::from_reader(out.as_slice());
        assert_eq!(reader.headers().unwrap(), &HEADER[..]);
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn there_is_a_row_per_verdict() {
        for report in [testing::sample(), testing::hostile(), testing::clean(), testing::of_many(50), testing::waived()]
        {
            let rows = rows(&report);
            let count = |verdict: &str| rows.iter().filter(|row| row[0] == verdict).count();
            let counts = &report.counts;
            assert_eq!(
                [
                    count("fail"),
                    count("waived"),
                    count("unknown"),
                    count("attested"),
                    count("pass"),
                    count("not-applicable")
                ],
                [
                    counts.open_findings(),
                    counts.waived,
                    counts.unknown,
                    counts.attested,
                    counts.passed,
                    counts.not_applicable
                ]
            );
        }
        insta::assert_snapshot!(rows(&testing::sample())[0].join("\n"));
    }

    #[test]
    fn no_cell_is_a_formula_and_none_breaks_its_row() {
        let formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"];
        for (number, name) in formulas.iter().enumerate() {
            let report = testing::named(name);
            for cell in rows(&report).iter().flatten() {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']), "{number}: {cell}");
            }
        }
        for cell in rows(&testing::hostile()).iter().flatten() {
            assert!(!cell.contains(['\u{1b}', '\u{202e}', '\r']) && cell.chars().count() <= LONGEST, "{cell}");
        }
    }
}
