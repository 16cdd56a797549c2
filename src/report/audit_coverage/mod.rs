//! What the audit logs of an organization record, shown: `table` for people, `v1` for programs.

pub mod table;
#[cfg(test)]
mod tests;
pub mod v1;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::analysis::audit_coverage::{AuditCoverage, Auditing, Health};
use crate::analysis::audit_filter::Event;

/// What is shown.
#[derive(Debug)]
pub struct AuditReport {
    /// Its id.
    pub organization: String,
    /// Its name.
    pub organization_name: Option<String>,
    /// When Atlas was read.
    pub taken: Timestamp,
    /// Where from.
    pub source: String,
    /// Whether the reading came to its end.
    pub complete: bool,
    /// Why the list of projects could not be read, if so.
    pub unlisted: Option<String>,
    /// The events that should be recorded for everyone.
    pub required: BTreeSet<Event>,
    /// By id.
    pub projects: Vec<AuditCoverage>,
}

impl AuditReport {
    /// Whether something that this is about could not be read.
    #[must_use]
    pub fn incomplete(&self) -> bool {
        !self.complete || self.unlisted.is_some() || self.projects.iter().any(is_incomplete)
    }
}

/// Of a project that has nothing to record, nothing is missed.
fn is_incomplete(project: &AuditCoverage) -> bool {
    match project.auditing {
        Auditing::Impossible => false,
        Auditing::Unread(_) => true,
        Auditing::Off | Auditing::On(_) => {
            let unclear = |health: &Health| matches!(health, Health::Unknown(_));
            !project.sinks.unread.is_empty() || project.sinks.sinks.iter().any(|sink| unclear(&sink.health))
        }
    }
}

/// Names of events; a type of which all outcomes are there, by its type alone.
fn names(events: &BTreeSet<Event>) -> Vec<&'static str> {
    let mut names = Vec::new();
    for event in events {
        let whole = Event::of_type(event.atype()).all(|outcome| events.contains(&outcome));
        let name = if whole { event.atype() } else { event.name() };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
