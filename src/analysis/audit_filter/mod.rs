//! What an audit filter records: of which events all, some or none.
//!
//! A filter is a query over audit events. The question is never whether it mentions an event type, but whether an event
//! can exist that it does not match. [`AuditFilter::coverage`] answers that for one event at a time, in the words *all*,
//! *some*, *none* and *undecided*; only *all* means that the event is recorded whoever causes it.
//!
//! - `json` keeps what was written, duplicate keys included; `parse` turns it into an expression;
//! - `evaluate` is the truth of an expression over an event, `value` and `pattern` what it compares;
//! - `events` knows the event types; `formula`, `literals` and `model` make up the events that matter to a filter;
//!   `coverage` tries them, and `witness` puts one of them in words.
//!
//! Whether auditing is on at all, and whether Atlas writes user changes as events, is not decided here.

mod coverage;
mod evaluate;
mod events;
mod formula;
mod json;
mod literals;
mod model;
mod parse;
mod pattern;
#[cfg(test)]
mod tests;
mod value;
mod witness;

use evaluate::{Effort, Expression, Truth};
use events::{Domain, Kind, Param, Scenario};
use json::Json;

pub use events::Event;
pub use witness::Witness;

/// Longer filters are not judged.
const LONGEST: usize = 256 * 1024;

/// The `auditFilter` of a project, parsed as far as it can be.
#[derive(Debug, Clone)]
pub struct AuditFilter {
    /// Or the reason why nothing can be said.
    expression: Result<Expression, String>,
    duplicate_keys: Vec<String>,
}

/// The text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the audit filter is not JSON: {reason}")]
pub struct Unreadable {
    reason: String,
}

/// How much of an event is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// Whoever causes it, every time.
    All,
    Some {
        recorded: Witness,
        missed: Witness,
    },
    None {
        missed: Witness,
    },
    /// With the reason.
    Undecided(String),
}

impl Coverage {
    /// Whether the event is recorded for everyone.
    #[must_use]
    pub fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }
}

/// Where a command acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace<'a> {
    Anywhere,
    /// Any collection of the database.
    Database(&'a str),
    /// `database.collection`.
    Collection(&'a str),
}

impl AuditFilter {
    /// Reads the setting as Atlas returns it. An empty text is the filter without conditions.
    ///
    /// Only a text that is not JSON is an error. JSON that is no query, or asks something that is not judged here,
    /// gives a filter whose every answer is [`Coverage::Undecided`], for the server may do anything with it.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when a strict JSON reader refuses the text, as it does single quotes.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let undecided = |reason: String| Self { expression: Err(reason), duplicate_keys: Vec::new() };
        if text.is_empty() {
            return Ok(Self { expression: Ok(Expression::All(Vec::new())), duplicate_keys: Vec::new() });
        }
        if text.len() > LONGEST {
            return Ok(undecided(format!("the filter is longer than {} KiB", LONGEST / 1024)));
        }
        if json::too_deep(text) {
            return Ok(undecided("the filter is nested too deeply".to_owned()));
        }
        let json: Json = serde_json::from_str(text).map_err(|error| Unreadable { reason: error.to_string() })?;
        let duplicate_keys = json.duplicate_keys();
        let expression = match duplicate_keys.first() {
            // JSON readers keep the last of the two, BSON keeps both; nobody says which of them Atlas passes on.
            Some(key) => Err(format!("the key `{key}` stands twice in one document")),
            None => parse::expression(&json),
        };
        Ok(Self { expression, duplicate_keys })
    }

    /// The keys that stand more than once in one document, which is worth a finding of its own.
    #[must_use]
    pub fn duplicate_keys(&self) -> &[String] {
        &self.duplicate_keys
    }

    /// Why nothing can be said about any event, if that is so.
    #[must_use]
    pub fn undecided(&self) -> Option<&str> {
        self.expression.as_ref().err().map(String::as_str)
    }

    /// How much of the event is recorded, given the project's `auditAuthorizationSuccess`.
    #[must_use]
    pub fn coverage(&self, event: Event, authorization_success: bool) -> Coverage {
        self.coverage_of(&event.scenario(), !event.needs_authorization_success() || authorization_success)
    }

    /// How much is recorded of the successful runs of a command (`find`, `insert`, …) in a namespace, by anyone.
    #[must_use]
    pub fn coverage_of_data_access(
        &self,
        command: &str,
        namespace: Namespace<'_>,
        authorization_success: bool,
    ) -> Coverage {
        self.coverage_of(&command_scenario(Event::AuthCheckAllowed, command, Some(namespace)), authorization_success)
    }

    /// How much is recorded of the runs, allowed or refused, of several commands taken together, by anyone and anywhere.
    #[must_use]
    pub fn coverage_of_commands(&self, event: Event, commands: &[&str], authorization_success: bool) -> Coverage {
        let written = !event.needs_authorization_success() || authorization_success;
        let (mut recorded, mut missed, mut undecided) = (None, None, None);
        for command in commands {
            let scenario = command_scenario(event, command, None);
            match self.coverage_of(&scenario, written) {
                Coverage::All => _ = recorded.get_or_insert_with(|| Witness::of_command(&scenario, command)),
                Coverage::None { .. } => _ = missed.get_or_insert_with(|| Witness::of_command(&scenario, command)),
                Coverage::Some { recorded: one, missed: other } => {
                    recorded.get_or_insert(one);
                    missed.get_or_insert(other);
                }
                Coverage::Undecided(why) => _ = undecided.get_or_insert(why),
            }
        }
        match (recorded, missed, undecided) {
            (Some(recorded), Some(missed), _) => Coverage::Some { recorded, missed },
            (_, _, Some(why)) => Coverage::Undecided(why),
            (_, Some(missed), None) => Coverage::None { missed },
            (_, None, None) => Coverage::All,
        }
    }

    fn coverage_of(&self, scenario: &Scenario, written: bool) -> Coverage {
        if !written {
            return Coverage::None { missed: Witness::of_anything(scenario) };
        }
        match &self.expression {
            Ok(expression) => coverage::coverage(expression, scenario),
            Err(reason) => Coverage::Undecided(reason.clone()),
        }
    }

    /// Whether one concrete event, as the log writes it, matches. `None` when the filter or the event cannot be judged.
    #[must_use]
    pub fn matches(&self, event: &serde_json::Value) -> Option<bool> {
        let event = value::Value::from_json(&Json::from(event)).ok()?;
        match self.expression.as_ref().ok()?.over(&event, &Effort::default()) {
            Truth::Yes => Some(true),
            Truth::No => Some(false),
            Truth::Open => None,
        }
    }
}

/// An `authCheck` of one command; in a namespace, if one is given, for a command on data always says where.
fn command_scenario(event: Event, command: &str, namespace: Option<Namespace<'_>>) -> Scenario {
    let mut scenario = event.scenario();
    if let Param::Known { fields, .. } = &mut scenario.param {
        for field in fields {
            match (field.name, namespace) {
                ("command", _) => field.kind = Kind::Text(Domain::Exactly(command.to_owned())),
                ("ns", Some(namespace)) => {
                    field.required = true;
                    field.kind = Kind::Text(match namespace {
                        Namespace::Anywhere => Domain::Any,
                        Namespace::Database(database) => Domain::CollectionOf(database.to_owned()),
                        Namespace::Collection(collection) => Domain::Exactly(collection.to_owned()),
                    });
                }
                _ => {}
            }
        }
    }
    scenario
}
