//! For programs: versioned, with a published schema. Each version has its own frozen types.

pub mod saved;
pub mod v1;

/// The JSON Schema of the report that `--format json` writes.
#[must_use]
pub fn schema() -> serde_json::Value {
    v1::schema()
}

/// What a schema is comes before what is in it.
pub(super) fn identity_first(mut schema: serde_json::Value) -> serde_json::Value {
    if let Some(fields) = schema.as_object_mut() {
        for first in ["description", "title", "$schema"] {
            fields
                .shift_remove(first)
                .into_iter()
                .for_each(|value| _ = fields.shift_insert(0, first.to_owned(), value));
        }
    }
    schema
}
