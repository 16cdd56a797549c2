//! Who last logged in to a cluster when, and from where somebody last did. The two stand apart: who came from where is
//! nobody's business here.

use arrow_array::{Array, RecordBatch};
use arrow_schema::ArrowError;
use bytes::Bytes;
use jiff::Timestamp;

use super::{Columns, Table, TableError, moment, texts, times};

/// The last login that a scan saw of a user, or from an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::history) struct LoginRow {
    /// Id of the project.
    pub(in crate::history) project_id: String,
    /// Name of the cluster.
    pub(in crate::history) cluster: String,
    /// `user` or `address`.
    pub(in crate::history) kind: Kind,
    /// Which.
    pub(in crate::history) name: String,
    /// When.
    pub(in crate::history) last: Timestamp,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::history) enum Kind {
    User,
    Address,
}

/// The table.
pub(in crate::history) struct Logins;

impl Table for Logins {
    const NAME: &'static str = "logins";
    type Row = LoginRow;

    fn columns(rows: &[LoginRow]) -> Result<RecordBatch, ArrowError> {
        let kind = |row: &LoginRow| match row.kind {
            Kind::User => "user",
            Kind::Address => "address",
        };
        RecordBatch::try_from_iter_with_nullable([
            ("project_id", texts(rows.iter().map(|row| &*row.project_id)), false),
            ("cluster", texts(rows.iter().map(|row| &*row.cluster)), false),
            ("kind", texts(rows.iter().map(kind)), false),
            ("name", texts(rows.iter().map(|row| &*row.name)), false),
            ("last_login", times(rows.iter().map(|row| Some(row.last))), false),
        ])
    }
}

/// The logins that a file tells of.
pub(in crate::history) fn read(file: Bytes) -> Result<Vec<LoginRow>, TableError> {
    let mut logins = Vec::new();
    for batch in super::read(file, &["project_id", "cluster", "kind", "name", "last_login"])? {
        let batch = batch?;
        let columns = Columns(&batch);
        let (projects, clusters) = (columns.texts("project_id")?, columns.texts("cluster")?);
        let (kinds, names) = (columns.texts("kind")?, columns.texts("name")?);
        let last = columns.times("last_login")?;
        for row in (0..batch.num_rows()).filter(|row| last.is_valid(*row)) {
            let kind = match kinds.value(row) {
                "user" => Kind::User,
                "address" => Kind::Address,
                _ => continue,
            };
            logins.push(LoginRow {
                project_id: projects.value(row).to_owned(),
                cluster: clusters.value(row).to_owned(),
                kind,
                name: names.value(row).to_owned(),
                last: moment(last.value(row))?,
            });
        }
    }
    Ok(logins)
}
