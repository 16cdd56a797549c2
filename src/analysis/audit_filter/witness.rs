//! One event in words: enough of it to show what a filter keeps or loses.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

use super::{
    coverage::settled,
    evaluate::{Effort, Expression, Truth},
    events::{Kind, Param, Principals, Scenario},
    value::{Number, Size, Value},
};

/// An event that shows why an answer is not simply yes or no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness(String);

impl Witness {
    /// The event in one line, without a full stop.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn of_anything(scenario: &Scenario) -> Self {
        Self(format!("any {}", scenario.name))
    }

    pub(super) fn of_command(scenario: &Scenario, command: &str) -> Self {
        Self(format!("any {} of {command}", scenario.name))
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Describes the event whose mentioned fields are given.
pub(super) fn describe(
    expression: &Expression,
    scenario: &Scenario,
    fields: &BTreeMap<&str, Option<&Value>>,
    effort: &Effort,
) -> Witness {
    let mut text = scenario.name.to_owned();
    match (fields.get("users"), scenario.principals) {
        (_, Principals::Nobody) => text.push_str(" before any login"),
        (Some(Some(Value::List(users))), _) if users.is_empty() => {
            text.push_str(" by nobody logged in");
        }
        (Some(Some(Value::List(users))), _) => {
            let users: Vec<String> = users.iter().map(shown).collect();
            add(&mut text, format_args!(" by {}", users.join(" and ")));
        }
        (_, Principals::Somebody) => text.push_str(" by anyone"),
        _ => {}
    }
    match fields.get("roles") {
        Some(Some(Value::List(roles))) if roles.is_empty() => text.push_str(" without roles"),
        Some(Some(roles)) => add(&mut text, format_args!(" with roles {}", shown(roles))),
        _ => {}
    }
    if let Some(Some(Value::Document(param))) = fields.get("param") {
        let mut parts = Vec::new();
        for (name, value) in param {
            if !matches!(value, Value::Something | Value::Anything) {
                parts.push(format!("param.{name} {}", shown(value)));
            }
        }
        if let Param::Known { fields, .. } = &scenario.param {
            let absent = fields.iter().filter(|field| !field.required && matches!(field.kind, Kind::Text(_)));
            for field in absent.filter(|field| !param.iter().any(|(name, _)| name == field.name)) {
                if mentions(expression, &["param", field.name]) {
                    parts.push(format!("no param.{}", field.name));
                }
            }
        }
        if !parts.is_empty() {
            add(&mut text, format_args!(" on {}", parts.join(", ")));
        }
    }
    for (name, value) in fields {
        match (*name, value) {
            ("atype" | "users" | "roles" | "param" | "intermediates" | "uuid", _)
            | (_, None | Some(Value::Something | Value::Anything)) => {}
            (_, Some(value)) => add(&mut text, format_args!(", {name} {}", shown(value))),
        }
    }
    let mut open = Vec::new();
    depends_on(expression, scenario, fields, effort, &mut open);
    if !open.is_empty() {
        open.sort();
        open.dedup();
        open.truncate(3);
        add(&mut text, format_args!(", depending on {}", open.join(", ")));
    }
    Witness(text)
}

fn add(text: &mut String, more: fmt::Arguments<'_>) {
    text.write_fmt(more).expect("a string takes all that is written to it");
}

fn mentions(expression: &Expression, start: &[&str]) -> bool {
    match expression {
        Expression::All(parts) | Expression::Any(parts) => parts.iter().any(|part| mentions(part, start)),
        Expression::Not(part) => mentions(part, start),
        Expression::Condition(condition) => {
            condition.path.len() >= start.len() && condition.path.iter().zip(start).all(|(name, wanted)| name == wanted)
        }
    }
}

/// The paths whose conditions the event leaves open, if they leave the whole open.
fn depends_on(
    expression: &Expression,
    scenario: &Scenario,
    fields: &BTreeMap<&str, Option<&Value>>,
    effort: &Effort,
    open: &mut Vec<String>,
) {
    let varying = fields.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.clone())));
    // What is the same in every event of the question is none of the fields.
    let fixed = ["atype", "result", "users", "roles"].into_iter().filter(|name| !fields.contains_key(name));
    let fixed = fixed.filter_map(|name| Some((name.to_owned(), settled(scenario, name)??)));
    let event = Value::Document(varying.chain(fixed).collect());
    if expression.over(&event, effort) == Truth::Open {
        open_paths(expression, &event, effort, open);
    }
}

fn open_paths(expression: &Expression, event: &Value, effort: &Effort, open: &mut Vec<String>) {
    match expression {
        Expression::All(parts) | Expression::Any(parts) => {
            for part in parts {
                open_paths(part, event, effort, open);
            }
        }
        Expression::Not(part) => open_paths(part, event, effort, open),
        Expression::Condition(condition) => {
            if condition.over(event, &condition.path, effort) == Truth::Open {
                open.push(condition.path.join("."));
            }
        }
    }
}

/// A value as the shell would print it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(Number { size: Size::Whole(value), .. }) => value.to_string(),
        Value::Number(Number { size: Size::Real(value), .. }) => value.to_string(),
        Value::Text(text) => format!("{:?}", text.text),
        Value::Date(milliseconds) => format!("{{$date: {milliseconds}}}"),
        Value::Other(kind, _) => format!("({kind})"),
        Value::Something | Value::Anything => "…".to_owned(),
        Value::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Document(fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}: {}", shown(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}
