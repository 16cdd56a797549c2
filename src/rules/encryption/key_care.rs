//! What nobody but the holder of a key can do for it: replace it in time, and keep it from being deleted.

use serde::Deserialize;

use super::keys::{NO_KEY, OwnKey, enabled_keys};
use super::open_alerts;
use crate::engine::day::Day;
use crate::engine::declared::Attestation;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Unknown};
use crate::engine::view::ProjectView;
use crate::snapshot::cluster::KeyProvider;
use crate::snapshot::tree::Node;
use crate::snapshot::{Ref, Section};

/// The newest statement about a key; one that counts outranks one that does no longer.
///
/// A statement speaks of one key if its subject is the provider's name or part of the key's identifier, else of all.
fn stated<'a>(project: &ProjectView<'a>, control: &str, key: &OwnKey<'_>) -> Option<&'a Attestation> {
    let about = |stated: &&Attestation| {
        stated.subject.as_deref().is_none_or(|subject| {
            subject.eq_ignore_ascii_case(key.provider.as_str()) || key.id().is_some_and(|id| id.contains(subject))
        })
    };
    let of_project = |stated: &&Attestation| {
        stated.control == control && stated.covers(Some((&project.project.id, project.project.name.as_deref())))
    };
    let made = |stated: &&Attestation| stated.date <= Day::of(project.now);
    let all = project.declared.attestations.iter();
    all.filter(of_project)
        .filter(about)
        .filter(made)
        .max_by_key(|stated| (stated.is_live(project.now), stated.date, stated.expires))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotationOverdue {
    max_days: i64,
}

/// ATL-ENC-006
pub(crate) fn rotation_overdue(project: &ProjectView<'_>, limits: &RotationOverdue) -> Judgement {
    let config = project.encryption_at_rest.known()?;
    let at = project.section(Section::EncryptionAtRest);
    let mut seen = Gathered::new();
    for key in enabled_keys(config, &mut seen) {
        if let Some(alerts) = seen.see(project.open_alerts.known()) {
            for (alert, kind) in open_alerts(alerts, &mut seen) {
                if kind == format!("{}_ENCRYPTION_KEY_NEEDS_ROTATION", key.provider) {
                    let message = format!("Atlas reports that the key with {} has to be replaced", key.provider);
                    let at = project.item(Section::OpenAlerts, &alert.key());
                    seen.offence(Evidence::at(&at, message).field("/eventTypeName").fact("name", kind));
                }
            }
        }
        judge_rotation(project, limits, &key, &at, &mut seen);
    }
    seen.verdict(NO_KEY)
}

fn judge_rotation(
    project: &ProjectView<'_>,
    limits: &RotationOverdue,
    key: &OwnKey<'_>,
    at: &Ref,
    seen: &mut Gathered,
) {
    let recorded = recorded_rotation(project, &key.provider);
    if let Ok(Some(day)) = recorded
        && day.age(project.now) <= limits.max_days
    {
        return seen.fine();
    }
    let stated = stated(project, "kms-key-rotation", key);
    if let Some(stated) = stated
        && stated.is_live(project.now)
        && stated.date.age(project.now) <= limits.max_days
    {
        return seen.attested(stated);
    }
    let newest = match recorded {
        // There may be a rotation that nobody could read of.
        Err(why) => return seen.unseen(why),
        Ok(recorded) => recorded.max(stated.map(|stated| stated.date)),
    };
    match newest {
        Some(day) if day.age(project.now) > limits.max_days => {
            let (days, most) = (day.age(project.now), limits.max_days);
            let message = format!(
                "the key with {} was replaced {days} days ago by all that is known ({day}), more than {most}",
                key.provider
            );
            seen.offence(Evidence::at(at, message).field(key.field));
        }
        _ => {
            let what = format!("when the key with {} was last replaced is not visible", key.provider);
            seen.unseen(Unknown::undecidable(match stated {
                Some(ended) => format!("{what}; {} stated it until {}", ended.owner, ended.expires),
                None => format!("{what}: state `kms-key-rotation`"),
            }));
        }
    }
}

/// The last rotation that Atlas recorded.
fn recorded_rotation(project: &ProjectView<'_>, provider: &KeyProvider) -> Result<Option<Day>, Unknown> {
    let kind = format!("{provider}_ENCRYPTION_KEY_ROTATED");
    let mut newest = None;
    for event in project.project.events.known()? {
        if event.event_type_name.as_deref() == Some(kind.as_str()) {
            let created = event.created.as_ref().ok_or_else(|| Unknown::absent("created"))?;
            let time = created.timestamp().ok_or_else(|| Unknown::not_understood("created", "no time"))?;
            newest = newest.max(Some(Day::of(time)));
        }
    }
    Ok(newest)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeletionSafeguard {
    min_waiting_days: i64,
}

/// ATL-ENC-012
pub(crate) fn deletion_safeguard(project: &ProjectView<'_>, limits: &DeletionSafeguard) -> Judgement {
    let config = project.encryption_at_rest.known()?;
    let at = project.section(Section::EncryptionAtRest);
    let mut seen = Gathered::new();
    for key in enabled_keys(config, &mut seen) {
        let provider = &key.provider;
        let Some(stated) = stated(project, "kms-key-deletion-safeguard", &key) else {
            let what = format!("what keeps the key with {provider} from being deleted is not visible");
            seen.unseen(Unknown::undecidable(format!("{what}: state `kms-key-deletion-safeguard`")));
            continue;
        };
        let offence = |message: String| Evidence::at(&at, message).field(key.field).severity(Severity::High);
        let is = |fact: &str| stated.facts.get(fact).and_then(toml::Value::as_bool);
        let pending = stated.facts.get("pending_deletion").filter(|fact| fact.as_bool() != Some(false));
        if let Some(when) = pending {
            let when = when.as_bool().map_or_else(|| format!(" ({when})"), |_| String::new());
            let message =
                format!("the key with {provider} is about to be deleted{when}, by {} on {}", stated.owner, stated.date);
            seen.offence(offence(message).severity(Severity::Critical));
        }
        if is("purge_protection") == Some(false) {
            seen.offence(offence(format!("the key with {provider} may be purged: its vault has no purge protection")));
        }
        if !stated.is_live(project.now) {
            let (owner, last) = (&stated.owner, stated.expires);
            seen.offence(offence(format!("what {owner} stated about the key with {provider} ended on {last}")));
            continue;
        }
        match stated.number("waiting_days") {
            Some(days) if days < limits.min_waiting_days => {
                let least = limits.min_waiting_days;
                let message = format!("the key with {provider} may be deleted within {days} days, fewer than {least}");
                seen.offence(offence(message));
            }
            _ => {}
        }
        let missing: Vec<_> = ["waiting_days", "may_delete", "recovery_test"]
            .into_iter()
            .filter(|fact| match *fact {
                "waiting_days" => stated.number(fact).is_none(),
                _ => !stated.facts.contains_key(*fact),
            })
            .collect();
        if missing.is_empty() {
            seen.attested(stated);
        } else {
            let what = format!("the statement about the key with {provider} does not say `{}`", missing.join("`, `"));
            seen.unseen(Unknown::undecidable(what));
        }
    }
    seen.verdict(NO_KEY)
}
