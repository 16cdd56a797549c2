//! For tests: whether the published JSON Schemas are current, and whether what the program writes follows them.

use std::path::Path;

use serde_json::{Value, json};

/// `schema/FILE` is this schema. `UPDATE=1 cargo test` makes it so.
pub(crate) fn is_current(file: &str, schema: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(file);
    let current = format!("{schema:#}\n");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(published == current, "schema/{file} is out of date: UPDATE=1 cargo test rewrites it");
}

/// Each document follows the schema, and not just anything does.
pub(crate) fn is_followed_by(schema: &Value, documents: impl IntoIterator<Item = Vec<u8>>) {
    let validator = jsonschema::validator_for(schema).unwrap();
    for document in documents {
        let document: Value = serde_json::from_slice(&document).unwrap();
        let errors: Vec<_> =
            validator.iter_errors(&document).map(|error| format!("{error}: {}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    assert!(!validator.is_valid(&json!({ "version": 1 })));
}
