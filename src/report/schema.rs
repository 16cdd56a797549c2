//! The JSON Schemas of what commands print.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The schema of a document, as it is written.
pub(super) fn of<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    identity_first(generator.into_root_schema_for::<T>().to_value())
}

/// What a schema is comes before what is in it.
fn identity_first(mut schema: Value) -> Value {
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

#[cfg(test)]
mod tests {
    use crate::published;
    use crate::report::{access, audit_coverage, exposure, guardrails, who_can};

    #[test]
    fn the_published_schemas_of_answers_are_current() {
        for (file, schema) in [
            ("access.v1.json", access::schema()),
            ("audit-coverage.v1.json", audit_coverage::v1::schema()),
            ("exposure.v1.json", exposure::schema()),
            ("guardrails.v1.json", guardrails::schema()),
            ("who-can.v1.json", who_can::schema()),
        ] {
            published::is_current(file, &schema);
        }
    }
}
