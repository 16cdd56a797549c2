//! What a change means for the security of the organization. `table` knows fields and lists, `grants` roles and privileges,
//! `network` ranges of addresses; what none of them knows is neutral.

mod grants;
mod network;
mod table;

use serde_json::{Map, Value};

use crate::snapshot::{Ref, Section};

use super::fields::{self, Field};
use super::{Change, Kind, Risk, place};

pub(super) use network::relate;

type Record = Map<String, Value>;

/// A meaning, and the words for it.
pub(super) struct Meaning {
    risk: Risk,
    why: Option<String>,
}

impl Meaning {
    fn plain(risk: Risk) -> Self {
        Self { risk, why: None }
    }

    fn of(risk: Risk, why: impl Into<String>) -> Self {
        Self { risk, why: Some(why.into()) }
    }
}

/// Sections that tell what happens, and not how something is set up.
pub(super) fn is_activity(section: Section) -> bool {
    matches!(
        section,
        Section::OrganizationEvents
            | Section::ProjectEvents
            | Section::AccessHistory
            | Section::BackupSnapshots
            | Section::ShardedBackupSnapshots
            | Section::FlexSnapshots
            | Section::RestoreJobs
            | Section::OpenAlerts
            | Section::NonCompliantResources
            | Section::IpAddresses
            | Section::ControlPlaneAddresses
            // Who took the snapshot says nothing of the organization.
            | Section::Credential
    )
}

/// A record that is in both snapshots and differs.
pub(super) fn of_change(at: &str, old: &Record, new: &Record, found: Vec<Field>) -> Change {
    let section = place::section(at);
    let mut why = Vec::new();
    let granted = section.and_then(|section| grants::of_change(section, old, new));
    let fields: Vec<_> = found
        .into_iter()
        .map(|field| {
            let risk = match (section, &granted) {
                (Some(section), _) if is_activity(section) => Risk::Activity,
                // Roles mean something together, not one by one.
                (_, Some(granted)) if grants::is_grant(&field.pointer) => granted.risk,
                (Some(section), _) => {
                    let meaning =
                        network::of_field(section, &field).unwrap_or_else(|| table::of_field(section, &field));
                    note(&mut why, meaning.why, meaning.risk);
                    meaning.risk
                }
                (None, _) => Risk::Neutral,
            };
            (field, risk)
        })
        .collect();
    if let Some(granted) = granted {
        note(&mut why, granted.why, granted.risk);
    }
    let risk = fields.iter().map(|(_, risk)| *risk).min().unwrap_or(Risk::Neutral);
    let at = Ref::parsed(at);
    Change { at, section, kind: Kind::Changed, risk, why, name: name(new), within: None, fields }
}

/// A record that is in one of them only. What came `along` with its owner is judged by what it says, not by its coming.
pub(super) fn of_one(at: &str, kind: Kind, record: &Record, along: bool) -> Change {
    let section = place::section(at);
    let mut why = Vec::new();
    let meaning = match section {
        Some(section) if is_activity(section) => Meaning::plain(Risk::Activity),
        Some(_) if place::is_section(at) => Meaning::plain(Risk::Neutral),
        // What is gone with its owner lets nobody in, and watches nothing.
        Some(_) if along && kind == Kind::Removed => Meaning::plain(Risk::Neutral),
        Some(section) => {
            let own = network::of_one(section, kind, record).or_else(|| grants::of_one(section, kind, record));
            own.unwrap_or_else(|| table::of_one(section, kind))
        }
        None => Meaning::plain(Risk::Neutral),
    };
    note(&mut why, meaning.why, meaning.risk);
    let fields = fields::of_one(record, kind == Kind::Added).into_iter().map(|field| (field, meaning.risk)).collect();
    Change { at: Ref::parsed(at), section, kind, risk: meaning.risk, why, name: name(record), within: None, fields }
}

/// A list whose length says more than its entries do.
pub(super) fn of_list(at: &str, was: u64, is: u64) -> Option<Change> {
    let section = place::section(at)?;
    let credential = matches!(
        section,
        Section::ApiKeyAccessList | Section::ServiceAccountAccessList | Section::ProjectServiceAccountAccessList
    );
    if !credential || (was == 0) == (is == 0) {
        return None;
    }
    let (risk, why) = if is == 0 {
        (Risk::Grave, "no entry is left: unless the organization requires one, it can be used from anywhere")
    } else {
        (Risk::Safer, "it had no entry before, and could be used from anywhere unless the organization requires one")
    };
    let count = |count: u64| Some(Value::from(count));
    let field = Field { pointer: "/count".to_owned(), old: count(was), new: count(is) };
    Some(Change {
        at: Ref::parsed(at),
        section: Some(section),
        kind: Kind::Changed,
        risk,
        why: vec![why.to_owned()],
        name: None,
        within: None,
        fields: vec![(field, risk)],
    })
}

/// The worst reason first, each once.
fn note(why: &mut Vec<String>, reason: Option<String>, risk: Risk) {
    let Some(reason) = reason.filter(|reason| !why.contains(reason)) else { return };
    if risk == Risk::Grave {
        why.insert(0, reason);
    } else {
        why.push(reason);
    }
}

/// What people call a resource that Atlas knows by a number.
fn name(record: &Record) -> Option<String> {
    const NAMES: [&str; 8] =
        ["name", "username", "desc", "displayName", "externalGroupName", "mcpConfigName", "eventTypeName", "roleName"];
    let texts = NAMES.iter().filter_map(|name| record.get(*name)?.as_str());
    texts.map(str::trim).find(|text| !text.is_empty()).map(str::to_owned)
}
