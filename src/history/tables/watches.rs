//! Which clusters a scan saw the logins to, and since when it saw all of them.

use arrow_array::{Array, RecordBatch};
use arrow_schema::ArrowError;
use bytes::Bytes;
use jiff::Timestamp;

use super::{Columns, Table, TableError, moment, texts, times};

/// What a scan saw of the logins to a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::history) struct WatchRow {
    /// Id of the project.
    pub(in crate::history) project_id: String,
    /// Name of the cluster.
    pub(in crate::history) cluster: String,
    /// Since when none is missing. Nothing if some may be, or were not told in full.
    pub(in crate::history) since: Option<Timestamp>,
    /// When the scan looked.
    pub(in crate::history) until: Timestamp,
}

/// The table.
pub(in crate::history) struct Watches;

impl Table for Watches {
    const NAME: &'static str = "watches";
    type Row = WatchRow;

    fn columns(rows: &[WatchRow]) -> Result<RecordBatch, ArrowError> {
        RecordBatch::try_from_iter_with_nullable([
            ("project_id", texts(rows.iter().map(|row| &*row.project_id)), false),
            ("cluster", texts(rows.iter().map(|row| &*row.cluster)), false),
            ("since", times(rows.iter().map(|row| row.since)), true),
            ("until", times(rows.iter().map(|row| Some(row.until))), false),
        ])
    }
}

/// What a file tells.
pub(in crate::history) fn read(file: Bytes) -> Result<Vec<WatchRow>, TableError> {
    let mut watches = Vec::new();
    for batch in super::read(file, &["project_id", "cluster", "since", "until"])? {
        let batch = batch?;
        let columns = Columns(&batch);
        let (projects, clusters) = (columns.texts("project_id")?, columns.texts("cluster")?);
        let (since, until) = (columns.times("since")?, columns.times("until")?);
        for row in 0..batch.num_rows() {
            watches.push(WatchRow {
                project_id: projects.value(row).to_owned(),
                cluster: clusters.value(row).to_owned(),
                since: since.is_valid(row).then(|| moment(since.value(row))).transpose()?,
                until: moment(until.value(row))?,
            });
        }
    }
    Ok(watches)
}
