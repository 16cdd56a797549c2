//! One row per scan: what was looked at, and how many of each verdict there were. It is written last, so a scan of which
//! it does not tell was not kept to its end.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::ArrowError;
use bytes::Bytes;
use jiff::Timestamp;

use super::{Columns, Table, TableError, maybe_texts, moment, numbers, texts, times};
use crate::engine::Severity;

/// A scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::history) struct ScanRow {
    /// Name of the organization.
    pub(in crate::history) organization_name: Option<String>,
    /// When Atlas was read, by its own clock.
    pub(in crate::history) taken: Timestamp,
    /// Of what was read, as a snapshot file has it: 64 hexadecimal digits.
    pub(in crate::history) snapshot_sha256: String,
    /// What scanned.
    pub(in crate::history) tool: String,
    /// Ids of the projects that were looked at.
    pub(in crate::history) project_ids: Vec<String>,
    /// Ids of the rules that took part.
    pub(in crate::history) rule_ids: Vec<String>,
    /// Findings that nobody waives, by severity: critical first.
    pub(in crate::history) findings: [usize; 5],
    /// Findings that somebody waives.
    pub(in crate::history) waived: usize,
    /// Verdicts, by kind.
    pub(in crate::history) verdicts: Verdicts,
}

/// How many there are of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::history) struct Verdicts {
    pub(in crate::history) failed: usize,
    pub(in crate::history) passed: usize,
    pub(in crate::history) attested: usize,
    pub(in crate::history) not_applicable: usize,
    pub(in crate::history) unknown: usize,
}

/// Severities as the columns have them.
pub(in crate::history) const SEVERITIES: [(Severity, &str); 5] = [
    (Severity::Critical, "critical"),
    (Severity::High, "high"),
    (Severity::Medium, "medium"),
    (Severity::Low, "low"),
    (Severity::Info, "info"),
];

/// The table.
pub(in crate::history) struct Scans;

impl Table for Scans {
    const NAME: &'static str = "scans";
    type Row = ScanRow;

    fn columns(rows: &[ScanRow]) -> Result<RecordBatch, ArrowError> {
        let count = |of: fn(&ScanRow) -> usize| numbers(rows.iter().map(of));
        let mut columns: Vec<(&str, ArrayRef, bool)> = vec![
            ("organization_name", maybe_texts(rows.iter().map(|row| row.organization_name.as_deref())), true),
            ("taken", times(rows.iter().map(|row| Some(row.taken))), false),
            ("snapshot_sha256", texts(rows.iter().map(|row| &*row.snapshot_sha256)), false),
            ("tool", texts(rows.iter().map(|row| &*row.tool)), false),
            ("projects", count(|row| row.project_ids.len()), false),
            ("rules", count(|row| row.rule_ids.len()), false),
            ("project_ids", lists(rows.iter().map(|row| &*row.project_ids)), false),
            ("rule_ids", lists(rows.iter().map(|row| &*row.rule_ids)), false),
        ];
        for (at, (_, name)) in SEVERITIES.iter().enumerate() {
            columns.push((name, numbers(rows.iter().map(|row| row.findings[at])), false));
        }
        columns.extend([
            ("waived", count(|row| row.waived), false),
            ("failed", count(|row| row.verdicts.failed), false),
            ("passed", count(|row| row.verdicts.passed), false),
            ("attested", count(|row| row.verdicts.attested), false),
            ("not_applicable", count(|row| row.verdicts.not_applicable), false),
            ("unknown", count(|row| row.verdicts.unknown), false),
        ]);
        RecordBatch::try_from_iter_with_nullable(columns)
    }
}

fn lists<'a>(rows: impl Iterator<Item = &'a [String]>) -> ArrayRef {
    let mut builder = ListBuilder::new(StringBuilder::new());
    for row in rows {
        for value in row {
            builder.values().append_value(value);
        }
        builder.append(true);
    }
    Arc::new(builder.finish())
}

/// The scans that a file tells of.
pub(in crate::history) fn read(file: Bytes) -> Result<Vec<ScanRow>, TableError> {
    let mut names = vec!["organization_name", "taken", "snapshot_sha256", "tool", "project_ids", "rule_ids", "waived"];
    names.extend(SEVERITIES.map(|(_, name)| name));
    names.extend(["failed", "passed", "attested", "not_applicable", "unknown"]);
    let mut scans = Vec::new();
    for batch in super::read(file, &names)? {
        let batch = batch?;
        let columns = Columns(&batch);
        let organizations = columns.texts("organization_name")?;
        let taken = columns.times("taken")?;
        let (digests, tools) = (columns.texts("snapshot_sha256")?, columns.texts("tool")?);
        let listed = |name: &str, row: usize| {
            let values = columns.lists(name)?.value(row);
            let values = values
                .as_string_opt::<i32>()
                .ok_or_else(|| ArrowError::SchemaError(format!("its column `{name}` is no list of texts")))?;
            Ok::<Vec<String>, ArrowError>(values.iter().flatten().map(str::to_owned).collect())
        };
        let count = |name: &str, row: usize| {
            Ok::<usize, ArrowError>(usize::try_from(columns.numbers(name)?.value(row)).unwrap_or_default())
        };
        for row in 0..batch.num_rows() {
            let mut findings = [0; 5];
            for (found, (_, name)) in findings.iter_mut().zip(SEVERITIES) {
                *found = count(name, row)?;
            }
            scans.push(ScanRow {
                organization_name: organizations.is_valid(row).then(|| organizations.value(row).to_owned()),
                taken: moment(taken.value(row))?,
                snapshot_sha256: digests.value(row).to_owned(),
                tool: tools.value(row).to_owned(),
                project_ids: listed("project_ids", row)?,
                rule_ids: listed("rule_ids", row)?,
                findings,
                waived: count("waived", row)?,
                verdicts: Verdicts {
                    failed: count("failed", row)?,
                    passed: count("passed", row)?,
                    attested: count("attested", row)?,
                    not_applicable: count("not_applicable", row)?,
                    unknown: count("unknown", row)?,
                },
            });
        }
    }
    Ok(scans)
}
