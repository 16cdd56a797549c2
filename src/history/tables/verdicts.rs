//! One row per rule, project and verdict, with how many there were. For other engines: a trend does not read it.

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use jiff::Timestamp;

use super::{Table, maybe_texts, numbers, texts, times};

/// So many verdicts of a rule on a project, or on the organization itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::history) struct VerdictRow {
    /// Of the scan.
    pub(in crate::history) taken: Timestamp,
    /// `ATL-NET-001`.
    pub(in crate::history) rule: &'static str,
    /// The project, if it is about one: id and name.
    pub(in crate::history) project: Option<(String, String)>,
    /// `pass`, `fail`, `not-applicable`, `unknown`, or `attested`: a pass that rests on a statement.
    pub(in crate::history) verdict: &'static str,
    /// How many.
    pub(in crate::history) count: usize,
}

/// The table.
pub(in crate::history) struct VerdictCounts;

impl Table for VerdictCounts {
    const NAME: &'static str = "verdicts";
    type Row = VerdictRow;

    fn columns(rows: &[VerdictRow]) -> Result<RecordBatch, ArrowError> {
        RecordBatch::try_from_iter_with_nullable([
            ("taken", times(rows.iter().map(|row| Some(row.taken))), false),
            ("rule", texts(rows.iter().map(|row| row.rule)), false),
            ("project_id", maybe_texts(rows.iter().map(|row| Some(&*row.project.as_ref()?.0))), true),
            ("project", maybe_texts(rows.iter().map(|row| Some(&*row.project.as_ref()?.1))), true),
            ("verdict", texts(rows.iter().map(|row| row.verdict)), false),
            ("count", numbers(rows.iter().map(|row| row.count)), false),
        ])
    }
}
