//! For programs: versioned, with a published schema. Each version has its own frozen types.

pub mod saved;
pub mod v1;

/// The JSON Schema of the report that `--format json` writes.
#[must_use]
pub fn schema() -> serde_json::Value {
    v1::schema()
}
