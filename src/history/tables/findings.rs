//! One row per finding, and one per verdict that is unknown.

use std::sync::Arc;

use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::ArrowError;
use bytes::Bytes;
use jiff::Timestamp;

use super::scans::SEVERITIES;
use super::{Columns, Table, TableError, maybe_texts, texts, times};
use crate::engine::Severity;
use crate::report::Fingerprint;

/// A finding, or what could not be judged.
#[derive(Debug, Clone)]
pub(in crate::history) struct FindingRow {
    /// Of the scan.
    pub(in crate::history) taken: Timestamp,
    /// Whether it is one; else the verdict is unknown.
    pub(in crate::history) found: bool,
    /// What it is known by, from scan to scan.
    pub(in crate::history) fingerprint: Fingerprint,
    /// `ATL-NET-001`.
    pub(in crate::history) rule: &'static str,
    /// `access-list-open-to-internet`.
    pub(in crate::history) rule_name: &'static str,
    /// `network`.
    pub(in crate::history) category: &'static str,
    /// Of a finding.
    pub(in crate::history) severity: Option<Severity>,
    /// The project that it belongs to, if to one: id and name.
    pub(in crate::history) project: Option<(String, String)>,
    /// Reference of the resource.
    pub(in crate::history) resource: String,
    /// `access list entry 0.0.0.0/0`
    pub(in crate::history) resource_name: String,
    /// What got the verdict, where that is known.
    pub(in crate::history) judged: Option<String>,
    /// What is wrong, or why nobody knows.
    pub(in crate::history) message: String,
    /// Whether the rule could not look at everything when it found this.
    pub(in crate::history) partial: bool,
    /// Whether somebody waives it.
    pub(in crate::history) waived: bool,
}

/// The table.
pub(in crate::history) struct Findings;

impl Table for Findings {
    const NAME: &'static str = "findings";
    type Row = FindingRow;

    fn columns(rows: &[FindingRow]) -> Result<RecordBatch, ArrowError> {
        let severity = |row: &FindingRow| {
            SEVERITIES.iter().find(|(severity, _)| Some(*severity) == row.severity).map(|(_, name)| *name)
        };
        let flags = |of: fn(&FindingRow) -> bool| {
            let flags: BooleanArray = rows.iter().map(|row| Some(of(row))).collect();
            Arc::new(flags)
        };
        let fingerprints: Vec<String> = rows.iter().map(|row| row.fingerprint.to_string()).collect();
        RecordBatch::try_from_iter_with_nullable([
            ("taken", times(rows.iter().map(|row| Some(row.taken))), false),
            ("verdict", texts(rows.iter().map(|row| if row.found { "fail" } else { "unknown" })), false),
            ("fingerprint", texts(fingerprints.iter().map(String::as_str)), false),
            ("rule", texts(rows.iter().map(|row| row.rule)), false),
            ("rule_name", texts(rows.iter().map(|row| row.rule_name)), false),
            ("category", texts(rows.iter().map(|row| row.category)), false),
            ("severity", maybe_texts(rows.iter().map(severity)), true),
            ("project_id", maybe_texts(rows.iter().map(|row| Some(&*row.project.as_ref()?.0))), true),
            ("project", maybe_texts(rows.iter().map(|row| Some(&*row.project.as_ref()?.1))), true),
            ("resource", texts(rows.iter().map(|row| &*row.resource)), false),
            ("resource_name", texts(rows.iter().map(|row| &*row.resource_name)), false),
            ("judged", maybe_texts(rows.iter().map(|row| row.judged.as_deref())), true),
            ("message", texts(rows.iter().map(|row| &*row.message)), false),
            ("partial", flags(|row| row.partial), false),
            ("waived", flags(|row| row.waived), false),
        ])
    }
}

/// A row, as far as a trend asks.
#[derive(Debug, Clone, Copy)]
pub(in crate::history) struct Seen<'a> {
    pub(in crate::history) fingerprint: Fingerprint,
    /// Of a finding; nothing if the verdict is unknown.
    pub(in crate::history) severity: Option<Severity>,
    pub(in crate::history) rule: &'a str,
    pub(in crate::history) rule_name: &'a str,
    pub(in crate::history) project_id: Option<&'a str>,
    pub(in crate::history) project: Option<&'a str>,
    pub(in crate::history) resource: &'a str,
    pub(in crate::history) resource_name: &'a str,
    pub(in crate::history) judged: Option<&'a str>,
    pub(in crate::history) partial: bool,
    pub(in crate::history) waived: bool,
}

const READ: [&str; 12] = [
    "verdict",
    "fingerprint",
    "rule",
    "rule_name",
    "severity",
    "project_id",
    "project",
    "resource",
    "resource_name",
    "judged",
    "partial",
    "waived",
];

/// Tells the rows of a file, one by one.
pub(in crate::history) fn each(file: Bytes, mut on: impl FnMut(Seen<'_>)) -> Result<(), TableError> {
    for batch in super::read(file, &READ)? {
        let batch = batch?;
        let columns = Columns(&batch);
        let (verdicts, fingerprints) = (columns.texts("verdict")?, columns.texts("fingerprint")?);
        let (rules, names) = (columns.texts("rule")?, columns.texts("rule_name")?);
        let severities = columns.texts("severity")?;
        let (ids, projects) = (columns.texts("project_id")?, columns.texts("project")?);
        let (resources, resource_names) = (columns.texts("resource")?, columns.texts("resource_name")?);
        let judged = columns.texts("judged")?;
        let (partial, waived) = (columns.flags("partial")?, columns.flags("waived")?);
        let maybe =
            |column: &'_ arrow_array::StringArray, row: usize| arrow_array::Array::is_valid(column, row).then_some(row);
        for row in 0..batch.num_rows() {
            let fingerprint = fingerprints.value(row);
            let fingerprint = fingerprint
                .parse()
                .map_err(|_| ArrowError::ParseError(format!("`{fingerprint}` is no fingerprint")))?;
            let severity = maybe(severities, row).map(|row| severities.value(row));
            let known = |name: &str| SEVERITIES.iter().find(|(_, known)| *known == name).map(|(severity, _)| *severity);
            let severity = match verdicts.value(row) {
                "fail" => Some(severity.and_then(known).ok_or_else(|| {
                    ArrowError::ParseError(format!("`{}` is no severity", severity.unwrap_or_default()))
                })?),
                _ => None,
            };
            on(Seen {
                fingerprint,
                severity,
                rule: rules.value(row),
                rule_name: names.value(row),
                project_id: maybe(ids, row).map(|row| ids.value(row)),
                project: maybe(projects, row).map(|row| projects.value(row)),
                resource: resources.value(row),
                resource_name: resource_names.value(row),
                judged: maybe(judged, row).map(|row| judged.value(row)),
                partial: partial.value(row),
                waived: waived.value(row),
            });
        }
    }
    Ok(())
}
