//! The tables of a history, as Parquet: what each row says, and nothing of where it lies.
//!
//! Other engines read them without us, so their columns may grow in number and change in no other way: `docs/history.md`
//! describes them. `organization` and `month` are no columns but folders, which those engines take for columns.

pub(super) mod findings;
pub(super) mod logins;
pub(super) mod scans;
pub(super) mod verdicts;
pub(super) mod watches;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{ArrayRef, BooleanArray, Int64Array, ListArray, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow_schema::ArrowError;
use bytes::Bytes;
use jiff::Timestamp;
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

/// Rows that are turned into columns at once: enough to compress well, few enough to stay small.
const CHUNK: usize = 8_192;

/// A table.
pub(super) trait Table {
    /// The folder that holds it.
    const NAME: &'static str;
    /// One of its rows.
    type Row;

    /// Rows as columns.
    fn columns(rows: &[Self::Row]) -> Result<RecordBatch, ArrowError>;
}

/// Why a table cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum TableError {
    /// The file is no Parquet, or is cut off.
    #[error(transparent)]
    Parquet(#[from] ParquetError),
    /// A column is missing or of another kind.
    #[error(transparent)]
    Column(#[from] ArrowError),
}

/// Turns rows into a file, as they come.
pub(super) struct Writer<T: Table> {
    rows: Vec<T::Row>,
    out: ArrowWriter<Vec<u8>>,
}

impl<T: Table> Writer<T> {
    pub(super) fn start() -> Result<Self, TableError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("atlas-audit {}", env!("CARGO_PKG_VERSION")))
            .build();
        let schema = T::columns(&[])?.schema();
        Ok(Self { rows: Vec::new(), out: ArrowWriter::try_new(Vec::new(), schema, Some(properties))? })
    }

    pub(super) fn push(&mut self, row: T::Row) -> Result<(), TableError> {
        self.rows.push(row);
        if self.rows.len() == CHUNK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), TableError> {
        self.out.write(&T::columns(&self.rows)?)?;
        self.rows.clear();
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Vec<u8>, TableError> {
        self.flush()?;
        Ok(self.out.into_inner()?)
    }
}

/// Some columns of a file, a few thousand rows at a time.
pub(super) fn read(
    file: Bytes,
    columns: &[&str],
) -> Result<impl Iterator<Item = Result<RecordBatch, TableError>>, TableError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    // A file without rows is one all the same.
    for column in columns {
        builder.schema().field_with_name(column)?;
    }
    let chosen = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let batches = builder.with_projection(chosen).with_batch_size(CHUNK).build()?;
    Ok(batches.map(|batch| Ok(batch?)))
}

/// The columns of rows that were read, by name.
pub(super) struct Columns<'a>(pub(super) &'a RecordBatch);

impl<'a> Columns<'a> {
    fn column<T: ?Sized>(
        &self,
        name: &str,
        kind: impl FnOnce(&'a ArrayRef) -> Option<&'a T>,
    ) -> Result<&'a T, ArrowError> {
        let missing = || ArrowError::SchemaError(format!("it has no column `{name}` of the kind that a history has"));
        self.0.column_by_name(name).and_then(kind).ok_or_else(missing)
    }

    pub(super) fn texts(&self, name: &str) -> Result<&'a StringArray, ArrowError> {
        self.column(name, |column| column.as_string_opt())
    }

    pub(super) fn numbers(&self, name: &str) -> Result<&'a Int64Array, ArrowError> {
        self.column(name, |column| column.as_primitive_opt::<Int64Type>())
    }

    pub(super) fn times(&self, name: &str) -> Result<&'a TimestampMillisecondArray, ArrowError> {
        self.column(name, |column| column.as_primitive_opt::<TimestampMillisecondType>())
    }

    pub(super) fn flags(&self, name: &str) -> Result<&'a BooleanArray, ArrowError> {
        self.column(name, |column| column.as_boolean_opt())
    }

    pub(super) fn lists(&self, name: &str) -> Result<&'a ListArray, ArrowError> {
        self.column(name, |column| column.as_list_opt())
    }
}

/// A column of texts that are always there.
fn texts<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// A column of texts that may be missing.
fn maybe_texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

/// A column of whole numbers.
fn numbers(values: impl Iterator<Item = usize>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values.map(|value| i64::try_from(value).unwrap_or(i64::MAX))))
}

/// A column of moments, in UTC.
fn times(values: impl Iterator<Item = Option<Timestamp>>) -> ArrayRef {
    let column: TimestampMillisecondArray = values.map(|value| value.map(Timestamp::as_millisecond)).collect();
    Arc::new(column.with_timezone("UTC"))
}

/// A moment of such a column.
pub(super) fn moment(milliseconds: i64) -> Result<Timestamp, ArrowError> {
    Timestamp::from_millisecond(milliseconds).map_err(|error| ArrowError::SchemaError(error.to_string()))
}
