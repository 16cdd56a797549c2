//! What changed since the snapshot of the review before, and what became of its decisions.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::gather::Gathered;
use super::pack::{Change, ChangeState, FollowUp, FollowedUp, Gone, Kind, PreviousDecision, Row};
use super::words::clean;
use crate::engine::day::Day;
use crate::engine::declared::review::{Decided, Decision, Record};
use crate::snapshot::digest::sha256;

/// What makes a row what it is, with its values. Last uses and findings come and go.
fn fields(row: &Row) -> Vec<(&'static str, Vec<String>)> {
    let one = |text: &str| vec![text.to_owned()];
    let mut fields = vec![
        ("subject", one(&row.subject)),
        ("grants", row.grants.clone()),
        ("reach", row.reach.clone()),
        ("privileged", one(row.privileged.name())),
        ("source", one(&row.source)),
        ("ends", one(&row.ends)),
        ("secrets", row.secrets.clone()),
        ("API access list", one(&row.access_list)),
        ("comment", one(&row.comment)),
    ];
    // Which clusters a project has is no change of its access list.
    if row.kind != Kind::AccessListEntry {
        fields.push(("scope", one(&row.scope)));
    }
    // How people sign in is a matter of the organization's settings, which would change every one of them.
    if matches!(row.kind, Kind::DatabaseUser | Kind::ApiKey | Kind::ServiceAccount | Kind::Certificate) {
        fields.push(("sign-in", one(&row.sign_in)));
    }
    fields
}

/// The digest of what makes a row what it is.
pub(super) fn state(row: &Row) -> String {
    let fields: Vec<Value> = fields(row).into_iter().map(|(_, values)| Value::from(values)).collect();
    sha256(Value::from(fields).to_string().as_bytes())
}

/// Says of each row what changed since an earlier snapshot; gives what is there no more.
#[must_use]
pub fn since(new: &mut Gathered, old: &Gathered, then: Timestamp) -> Vec<Gone> {
    let before: BTreeMap<&str, &Row> = old.rows.iter().map(|row| (row.id.as_str(), row)).collect();
    for row in &mut new.rows {
        let known = before.get(row.id.as_str());
        row.change = match known {
            None if old.sees(&row.id) => Change { state: ChangeState::Added, fields: Vec::new() },
            None => Change { state: ChangeState::NotKnown, fields: Vec::new() },
            Some(before) => {
                let fields = changes(before, row);
                let state = if fields.is_empty() { ChangeState::Unchanged } else { ChangeState::Changed };
                Change { state, fields }
            }
        };
        if row.since.starts_with("not known") {
            match row.change.state {
                ChangeState::Added => row.since = format!("after {then} (Atlas does not tell when)"),
                ChangeState::Changed | ChangeState::Unchanged => {
                    row.since = format!("before {then} (Atlas does not tell when)");
                }
                ChangeState::NotKnown | ChangeState::NotCompared => {}
            }
        }
    }
    let now: BTreeMap<&str, &Row> = new.rows.iter().map(|row| (row.id.as_str(), row)).collect();
    let gone = old.rows.iter().filter(|row| !now.contains_key(row.id.as_str()));
    gone.map(|row| Gone {
        id: row.id.clone(),
        kind: row.kind,
        project: row.project.clone(),
        subject: row.subject.clone(),
        grants: row.grants.clone(),
        certain: new.sees(&row.id),
    })
    .collect()
}

/// Field by field, in words.
fn changes(before: &Row, after: &Row) -> Vec<String> {
    let mut said = Vec::new();
    if before.kind != after.kind {
        said.push(format!("kind: {} → {}", before.kind, after.kind));
    }
    for ((name, old), (_, new)) in fields(before).into_iter().zip(fields(after)) {
        if old == new {
            continue;
        }
        let empty = |values: &[String]| values.iter().all(String::is_empty);
        match (old.as_slice(), new.as_slice()) {
            ([old], [new]) if !old.is_empty() && !new.is_empty() => said.push(format!("{name}: {old} → {new}")),
            _ => {
                let added: Vec<&str> = new.iter().filter(|one| !old.contains(one)).map(String::as_str).collect();
                let taken: Vec<&str> = old.iter().filter(|one| !new.contains(one)).map(String::as_str).collect();
                let mut parts = Vec::new();
                if !empty(&new) && !added.is_empty() {
                    parts.push(format!("added {}", added.join(", ")));
                }
                if !empty(&old) && !taken.is_empty() {
                    parts.push(format!("taken away {}", taken.join(", ")));
                }
                if parts.is_empty() {
                    parts.push("in another order".to_owned());
                }
                said.push(format!("{name}: {}", parts.join("; ")));
            }
        }
    }
    said
}

impl From<&Decided> for PreviousDecision {
    fn from(decided: &Decided) -> Self {
        Self {
            decision: decided.decision,
            reviewer: clean(&decided.reviewer),
            date: decided.date.to_string(),
            ticket: decided.ticket.as_deref().map(clean),
        }
    }
}

/// Says of each row what the review before decided, and gives what became of decisions that asked for something.
/// `is_whole` is whether all projects were looked at.
#[must_use]
pub fn follow_up(new: &mut Gathered, record: &Record, taken: Timestamp, is_whole: bool) -> Vec<FollowedUp> {
    for row in &mut new.rows {
        row.previous = record.decision(&row.id).map(PreviousDecision::from);
    }
    let rows: BTreeMap<&str, &Row> = new.rows.iter().map(|row| (row.id.as_str(), row)).collect();
    let looked_at = |id: &str| {
        is_whole || project_of(id).is_none_or(|project| new.projects.iter().any(|known| known.id == project))
    };
    let asked = record.decisions.iter().filter(|decided| decided.decision != Decision::Keep);
    let mut all: Vec<FollowedUp> = asked
        .map(|decided| {
            let row = rows.get(decided.id.as_str());
            let is_due = decided.date < Day::of(taken);
            let outcome = match (row, decided.decision) {
                (None, _) if new.sees(&decided.id) && looked_at(&decided.id) => FollowUp::Gone,
                (None, _) => FollowUp::NotKnown,
                (Some(row), Decision::Change) if row.state != decided.state => FollowUp::Changed,
                (Some(_), _) if !is_due => FollowUp::NotYetDue,
                (Some(_), Decision::Change) => FollowUp::Unchanged,
                (Some(_), _) => FollowUp::StillThere,
            };
            FollowedUp {
                id: decided.id.clone(),
                what: clean(&decided.kind),
                subject: clean(&decided.subject),
                decided: decided.into(),
                outcome,
            }
        })
        .collect();
    all.sort_by(|a, b| (a.outcome, &a.id).cmp(&(b.outcome, &b.id)));
    all
}

/// The id of the project in a reference.
fn project_of(id: &str) -> Option<&str> {
    let mut parts = id.split('/').skip(2);
    (parts.next() == Some("project")).then(|| parts.next()).flatten()
}
