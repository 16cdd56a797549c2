//! The JSON Schema of a configuration: what is declared comes from the types, the rules from the checklist.

use schemars::Schema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use crate::engine::catalogue::Entry;
use crate::engine::{Catalogue, Declared, Severity};

use super::RULES;
use super::gate::Decisions;
use super::rules::{ENABLED, SEVERITY, keys as keys_of};

/// The keys of a configuration.
pub(super) fn keys() -> Vec<String> {
    let schema = declared();
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flat_map(Map::keys).cloned().chain([RULES.to_owned()]).collect()
}

/// What the types say: what is declared, and what is decided.
fn declared() -> Value {
    let of = |generator: SchemaGenerator, kind: fn(SchemaGenerator) -> Schema| kind(generator).to_value();
    let generator = || SchemaSettings::draft2020_12().into_generator();
    let mut all = of(generator(), SchemaGenerator::into_root_schema_for::<Declared>);
    let decided = of(generator(), SchemaGenerator::into_root_schema_for::<Decisions>);
    for part in ["properties", "$defs"] {
        let more = decided.get(part).and_then(Value::as_object).cloned().unwrap_or_default();
        if let Some(known) = all.get_mut(part).and_then(Value::as_object_mut) {
            known.extend(more);
        }
    }
    all
}

/// The whole.
///
/// # Panics
///
/// If the types have no schema of an object; a test makes it.
#[must_use]
pub fn schema() -> Value {
    let mut schema = declared();
    let root = schema.as_object_mut().expect("a schema is an object");
    root.insert("title".to_owned(), json!("atlas-audit.toml, version 1"));
    root.insert(
        "description".to_owned(),
        json!("What no API can tell about an organization of MongoDB Atlas, and how it wants to be judged."),
    );
    let mut by_name = Map::new();
    let mut definitions = Map::new();
    for entry in Catalogue::built_in().entries() {
        let rule = &entry.rule;
        let reference = json!({ "$ref": format!("#/$defs/{}", rule.id) });
        for name in [&rule.id, &rule.name].into_iter().chain(&rule.aliases) {
            by_name.insert(name.clone(), reference.clone());
        }
        definitions.insert(rule.id.clone(), of_rule(entry));
    }
    let properties = root.get_mut("properties").and_then(Value::as_object_mut).expect("it has keys");
    properties.insert(
        RULES.to_owned(),
        json!({
            "description": "What is changed about rules, by id or name.",
            "type": "object",
            "properties": by_name,
            "additionalProperties": false,
        }),
    );
    let all = root.entry("$defs").or_insert_with(|| json!({}));
    all.as_object_mut().expect("definitions are an object").extend(definitions);
    schema
}

fn of_rule(entry: &'static Entry) -> Value {
    let mut properties = Map::new();
    properties.insert(
        SEVERITY.to_owned(),
        json!({
            "description": "Of every finding of the rule, whatever the rule would say.",
            "enum": Severity::ALL.map(Severity::as_str),
            "default": entry.rule.severity.as_str(),
        }),
    );
    properties.insert(
        ENABLED.to_owned(),
        json!({
            "description": "false: it takes part only where --rule names it.",
            "type": "boolean",
            "default": true,
        }),
    );
    for name in keys_of(entry).into_iter().filter(|name| name != SEVERITY && name != ENABLED) {
        properties.insert(name.clone(), entry.rule.parameters.get(&name).map_or_else(|| json!({}), with_default));
    }
    json!({
        "title": entry.rule.title,
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn with_default(default: &toml::Value) -> Value {
    let mut schema = typed(default);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("default".to_owned(), serde_json::to_value(default).unwrap_or_default());
    }
    schema
}

/// The kind of a value.
fn typed(value: &toml::Value) -> Value {
    let kind = match value {
        toml::Value::String(_) => "string",
        toml::Value::Integer(_) => "integer",
        toml::Value::Float(_) => "number",
        toml::Value::Boolean(_) => "boolean",
        toml::Value::Datetime(_) => return json!({ "type": "string", "format": "date" }),
        toml::Value::Table(_) => "object",
        toml::Value::Array(list) => {
            return match list.as_slice() {
                [first, rest @ ..] if rest.iter().all(|other| other.same_type(first)) && !first.is_table() => {
                    json!({ "type": "array", "items": typed(first) })
                }
                _ => json!({ "type": "array" }),
            };
        }
    };
    json!({ "type": kind })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published;

    #[test]
    fn the_published_schema_is_current() {
        published::is_current("atlas-audit.v1.json", &schema());
    }

    #[test]
    fn the_demo_fits_it_and_a_misspelt_key_does_not() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let read = |text: &str| serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
        let mut demo = toml::from_str::<toml::Value>(include_str!("../../fixtures/demo/atlas-audit.toml")).unwrap();
        dates_as_text(&mut demo);
        let errors: Vec<_> =
            validator.iter_errors(&serde_json::to_value(&demo).unwrap()).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        for wrong in ["domain = []", "[rules.ATL-NET-002]\nmax_ipv4 = 3", "[rules.ATL-NET-999]", "[[tenants]]"] {
            assert!(!validator.is_valid(&read(wrong)), "{wrong}");
        }
    }

    /// As editors hand dates of TOML to a schema.
    fn dates_as_text(value: &mut toml::Value) {
        match value {
            toml::Value::Datetime(date) => *value = toml::Value::String(date.to_string()),
            toml::Value::Array(list) => list.iter_mut().for_each(dates_as_text),
            toml::Value::Table(table) => table.iter_mut().for_each(|(_, value)| dates_as_text(value)),
            _ => {}
        }
    }

    #[test]
    fn no_rule_has_a_parameter_that_reads_as_something_else() {
        for entry in Catalogue::built_in().entries() {
            for key in [SEVERITY, ENABLED] {
                assert!(!entry.rule.parameters.contains_key(key), "{}: {key}", entry.rule.id);
            }
        }
    }
}
