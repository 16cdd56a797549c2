//! What an expression may ask: the fields of a snapshot, and their types as far as they are known.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use crate::engine::rule::{Rule, Scope};
use crate::snapshot::Section;
use crate::snapshot::schema::{self, Fields, Kind};

/// The type of a part of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Type {
    /// Nobody can tell before it is evaluated.
    Any,
    /// One plain value.
    Scalar(Scalar),
    /// A list of these.
    List(Box<Type>),
    /// Fields by a JSON Schema, and the sections of that kind of resource.
    Fields { schema: &'static Value, kind: Option<&'static str> },
    /// Keys that nobody knows before, to these.
    Map(Box<Type>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    Boolean,
    Number,
    String,
}

impl Scalar {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
        }
    }
}

/// What a field of a resource is.
pub(super) enum Field {
    /// Of its own.
    Own(Type),
    /// A section.
    Section(Section, Type),
    /// There is none of that name; these there are.
    None(Vec<String>),
}

fn all() -> &'static Fields {
    static FIELDS: OnceLock<Fields> = OnceLock::new();
    FIELDS.get_or_init(schema::fields)
}

/// The type of what a section holds.
pub(super) fn of_section(section: Section) -> Type {
    let Some((kind, schema)) = all().sections.get(&section) else { return Type::Any };
    let held = Type::Fields { schema: resolved(schema), kind: section.lists() };
    match kind {
        Kind::Object => held,
        Kind::List => Type::List(Box::new(held)),
    }
}

pub(super) fn is_list(section: Section) -> bool {
    all().sections.get(&section).is_some_and(|(kind, _)| *kind == Kind::List)
}

/// What an expression of such a rule may name.
pub(super) fn variables(rule: &Rule) -> BTreeMap<&'static str, Type> {
    let entry = |section: Section| match of_section(section) {
        Type::List(item) => *item,
        other => other,
    };
    let organization = Type::Fields { schema: resolved(&all().organization), kind: Some("organization") };
    let mut known = BTreeMap::from([
        ("organization", organization),
        ("now", Type::Any),
        ("parameters", parameters(&rule.parameters)),
    ]);
    if rule.scope != Scope::Organization {
        known.insert("project", entry(Section::Projects));
        known.insert("environment", Type::Scalar(Scalar::String));
    }
    match rule.scope {
        Scope::Cluster => drop(known.insert("cluster", entry(Section::Clusters))),
        Scope::DatabaseUser => drop(known.insert("user", entry(Section::DatabaseUsers))),
        Scope::Organization | Scope::Project | Scope::Scan => {}
    }
    if let Some(each) = rule.each {
        known.insert("item", entry(each));
    }
    known
}

/// Parameters have no schema but their defaults.
fn parameters(defaults: &toml::Table) -> Type {
    let schema = serde_json::json!({
        "type": "object",
        "properties": defaults.iter().map(|(name, value)| (name.clone(), like(value))).collect::<serde_json::Map<_, _>>(),
    });
    // Once per rule that is loaded.
    Type::Fields { schema: Box::leak(Box::new(schema)), kind: None }
}

fn like(value: &toml::Value) -> Value {
    let kind = match value {
        toml::Value::String(_) | toml::Value::Datetime(_) => "string",
        toml::Value::Integer(_) | toml::Value::Float(_) => "number",
        toml::Value::Boolean(_) => "boolean",
        toml::Value::Array(_) | toml::Value::Table(_) => return Value::Bool(true),
    };
    serde_json::json!({ "type": kind })
}

impl Type {
    /// A field of it; nothing if nobody can tell what fields it has.
    pub(super) fn field(&self, name: &str) -> Option<Field> {
        match self {
            Self::Fields { schema, kind } => {
                if let Some(section) = kind.and_then(|kind| Section::below(kind, name)) {
                    return Some(Field::Section(section, of_section(section)));
                }
                let properties = schema.get("properties").and_then(Value::as_object);
                if let Some(field) = properties.and_then(|properties| properties.get(name)) {
                    return Some(Field::Own(of_schema(field)));
                }
                let sections = Section::ALL.iter().filter(|section| Some(section.owner()) == *kind);
                let known = properties.into_iter().flat_map(|properties| properties.keys().cloned());
                Some(Field::None(known.chain(sections.map(|section| section.slot().to_owned())).collect()))
            }
            Self::Map(value) => Some(Field::Own((**value).clone())),
            Self::List(_) | Self::Scalar(_) => Some(Field::None(Vec::new())),
            Self::Any => None,
        }
    }

    /// What its entries are.
    pub(super) fn entry(&self) -> Self {
        match self {
            Self::List(item) => (**item).clone(),
            // Comprehensions over maps go through their keys.
            Self::Map(_) | Self::Fields { .. } => Self::Scalar(Scalar::String),
            Self::Any | Self::Scalar(_) => Self::Any,
        }
    }

    /// What an index gives.
    pub(super) fn indexed(&self) -> Self {
        match self {
            Self::List(item) | Self::Map(item) => (**item).clone(),
            _ => Self::Any,
        }
    }
}

/// What a reference leads to.
fn resolved(mut schema: &'static Value) -> &'static Value {
    while let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/")) {
        match all().definitions.get(name) {
            Some(found) => schema = found,
            None => break,
        }
    }
    schema
}

fn of_schema(schema: &'static Value) -> Type {
    let schema = resolved(schema);
    // `anyOf: [T, null]` is a T that may be absent.
    for alternatives in ["anyOf", "oneOf"] {
        if let Some(all) = schema.get(alternatives).and_then(Value::as_array) {
            let mut types = all.iter().filter(|one| one.get("type").is_none_or(|kind| kind != "null")).map(of_schema);
            let first = types.next().unwrap_or(Type::Any);
            return if types.all(|other| other == first) { first } else { Type::Any };
        }
    }
    if let Some([one]) = schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        return of_schema(one);
    }
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect(),
        _ => Vec::new(),
    };
    match kinds.as_slice() {
        ["string"] => Type::Scalar(Scalar::String),
        ["boolean"] => Type::Scalar(Scalar::Boolean),
        ["integer" | "number"] => Type::Scalar(Scalar::Number),
        ["array"] => Type::List(Box::new(schema.get("items").map_or(Type::Any, of_schema))),
        ["object"] if schema.get("properties").is_some() => Type::Fields { schema, kind: None },
        ["object"] => match schema.get("additionalProperties") {
            Some(values @ Value::Object(_)) => Type::Map(Box::new(of_schema(values))),
            _ => Type::Any,
        },
        _ if schema.get("enum").is_some() => Type::Scalar(Scalar::String),
        _ => Type::Any,
    }
}
