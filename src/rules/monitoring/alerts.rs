//! Whether people are told of what matters: the alerts that a project has, and the ones that it lacks.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown};
use crate::engine::view::ProjectView;
use crate::rules::live_clusters;
use crate::snapshot::Section;
use crate::snapshot::alert::{AlertConfig, Matcher, Notification, Threshold};
use crate::snapshot::encryption::EncryptionAtRest;
use crate::snapshot::tree::Node;

use super::delivery::{Audience, Reach};
use super::events::{self, EventNames};

/// Whether anybody is told of an event.
enum Told<'a> {
    Yes,
    /// No alert is set up for it.
    NoAlert,
    /// There is one that does not do.
    Deficient(&'a AlertConfig, Deficiency),
    Unclear(Unknown),
}

/// What is wrong with an alert: in words, and which field is to blame.
struct Deficiency {
    message: String,
    field: &'static str,
}

/// The alerts of a project, by what they tell of.
struct Alerts<'a> {
    audience: Audience<'a>,
    by_event: BTreeMap<&'a str, Vec<&'a AlertConfig>>,
}

impl<'a> Alerts<'a> {
    fn of(project: &'a ProjectView<'a>, mailboxes: &'a [String]) -> Result<Self, Unknown> {
        let mut by_event: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for config in project.alert_configs.known()? {
            // Some old ones do not say what they tell of: nobody can count on them.
            if let Some(event) = &config.event_type_name {
                by_event.entry(event.as_str()).or_default().push(config);
            }
        }
        Ok(Self { audience: Audience { project, mailboxes }, by_event })
    }

    /// Whether an enabled alert that concerns every case tells somebody, and is `fit`.
    fn tell_of(&self, event: &str, fit: &dyn Fn(&AlertConfig) -> Result<(), Deficient>) -> Told<'a> {
        let Some(configs) = self.by_event.get(event) else { return Told::NoAlert };
        let mut deficient = None;
        let mut unclear = None;
        let mut narrow = Vec::new();
        for config in configs {
            match self.judge(config, fit) {
                Ok(()) if config.matchers.as_ref().is_none_or(Vec::is_empty) => return Told::Yes,
                Ok(()) => narrow.push(*config),
                Err(Deficient::So(why)) => deficient = Some((*config, why)),
                Err(Deficient::Perhaps(why)) => unclear = Some(why),
            }
        }
        if let Some(first) = narrow.first() {
            match self.every_cluster_is_in(&narrow) {
                Ok(None) => return Told::Yes,
                Ok(Some(cluster)) => {
                    let message = format!("the alert of {event} leaves out the cluster {cluster}");
                    deficient = Some((first, Deficiency { message, field: "/matchers" }));
                }
                Err(why) => unclear = Some(why),
            }
        }
        match (unclear, deficient) {
            (Some(why), _) => Told::Unclear(why),
            (None, Some((config, why))) => Told::Deficient(config, why),
            (None, None) => Told::NoAlert,
        }
    }

    fn judge(
        &self,
        config: &AlertConfig,
        fit: &dyn Fn(&AlertConfig) -> Result<(), Deficient>,
    ) -> Result<(), Deficient> {
        let event = config.event_type_name.as_deref().unwrap_or_default();
        let deficient = |message, field| Err(Deficient::So(Deficiency { message, field }));
        if !*config.enabled.required("enabled")? {
            return deficient(format!("the alert of {event} is off"), "/enabled");
        }
        match self.audience.of(config) {
            Reach::Somebody => fit(config),
            Reach::Nobody(why) => deficient(format!("the alert of {event} reaches nobody: {why}"), "/notifications"),
            Reach::Unclear(why) => Err(why.into()),
        }
    }

    /// The first cluster that none of these narrowed alerts speaks of.
    fn every_cluster_is_in(&self, narrow: &[&AlertConfig]) -> Result<Option<String>, Unknown> {
        for cluster in live_clusters(self.audience.project.project)? {
            let name = cluster.key();
            let mut within = false;
            for config in narrow {
                let matchers = config.matchers.as_deref().unwrap_or_default();
                let mut all = true;
                for matcher in matchers {
                    all &= admits(matcher, &name)?;
                }
                within |= all;
            }
            if !within {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }
}

/// Whether an alert does not do, or perhaps not.
enum Deficient {
    So(Deficiency),
    Perhaps(Unknown),
}

impl From<Unknown> for Deficient {
    fn from(why: Unknown) -> Self {
        Self::Perhaps(why)
    }
}

/// Whether an alert's condition holds for a cluster of that name. Of hosts and the like nothing is known.
fn admits(matcher: &Matcher, cluster: &str) -> Result<bool, Unknown> {
    let field = matcher.field_name.required("fieldName")?;
    if field != "CLUSTER_NAME" {
        return Err(Unknown::undecidable(format!(
            "an alert is narrowed by {field}, and what that leaves is not known"
        )));
    }
    let value = matcher.value.required("value")?.as_str();
    let operator = matcher.operator.required("operator")?;
    Ok(match operator.as_str() {
        "EQUALS" => cluster == value,
        "NOT_EQUALS" => cluster != value,
        "CONTAINS" => cluster.contains(value),
        "NOT_CONTAINS" => !cluster.contains(value),
        "STARTS_WITH" => cluster.starts_with(value),
        "ENDS_WITH" => cluster.ends_with(value),
        "REGEX" if matches!(value, ".*" | "^.*$" | ".+" | "^.+$") => true,
        "REGEX" => {
            return Err(Unknown::undecidable(format!("an alert is narrowed to clusters that match `{value}`")));
        }
        other => return Err(Unknown::not_understood("operator", other)),
    })
}

/// The threshold that Atlas wants with an alert of some event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    None,
    DaysLeft,
    DaysOld,
    HoursBehind,
}

impl Limit {
    fn of(event: &str) -> Self {
        if event.starts_with("NDS_X509_USER_AUTHENTICATION_") {
            Self::DaysLeft
        } else if event.ends_with("_ENCRYPTION_KEY_NEEDS_ROTATION") {
            Self::DaysOld
        } else if matches!(event, "CPS_SNAPSHOT_BEHIND" | "CPS_PREV_SNAPSHOT_OLD" | "CPS_OPLOG_BEHIND") {
            Self::HoursBehind
        } else {
            Self::None
        }
    }
}

/// Notes what came of asking after events: one piece of evidence for all that no alert tells of, and one for each alert
/// that does not do.
fn note<'a>(
    told: impl IntoIterator<Item = (&'a str, Told<'a>)>,
    project: &ProjectView<'_>,
    aside: &str,
    seen: &mut Gathered,
) {
    let mut missing = Vec::new();
    for (event, told) in told {
        if matches!(told, Told::Yes) {
            seen.fine();
            continue;
        }
        match events::concerns(event, project) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(why) => {
                seen.unseen(why);
                continue;
            }
        }
        match told {
            Told::Yes => {}
            Told::NoAlert => missing.push(event),
            Told::Deficient(config, Deficiency { message, field }) => {
                let id = config.key();
                let at = project.item(Section::AlertConfigs, &id);
                let evidence = Evidence::at(&at, message).field(field).fact("event", event);
                seen.offence(if field == "/enabled" { evidence.fact("disabled-alert", id) } else { evidence });
            }
            Told::Unclear(why) => seen.unseen(why),
        }
    }
    if !missing.is_empty() {
        let message = format!("no alert tells of {}{aside}", missing.join(", "));
        let mut evidence =
            Evidence::at(&project.section(Section::AlertConfigs), message).fact("event", missing.join(", "));
        // Each kind takes a command of its own: some alerts cannot be made without a threshold.
        for (kind, fact) in [
            (Limit::None, "missing-events"),
            (Limit::DaysLeft, "missing-expiries"),
            (Limit::HoursBehind, "missing-delays"),
            (Limit::DaysOld, "missing-rotations"),
        ] {
            let of_kind: Vec<&str> = missing.iter().copied().filter(|event| Limit::of(event) == kind).collect();
            if !of_kind.is_empty() {
                evidence = evidence.fact(fact, of_kind.join(" "));
            }
        }
        seen.offence(evidence);
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecurityAlerts {
    required_events: EventNames,
    extra_events: EventNames,
    mailboxes: Vec<String>,
}

/// ATL-MON-001
pub(crate) fn security_alert_missing(project: &ProjectView<'_>, limits: &SecurityAlerts) -> Judgement {
    let alerts = Alerts::of(project, &limits.mailboxes)?;
    let wanted: BTreeSet<&str> =
        limits.required_events.0.iter().chain(&limits.extra_events.0).map(String::as_str).collect();
    let mut seen = Gathered::new();
    let told = wanted.into_iter().map(|event| (event, alerts.tell_of(event, &|_| Ok(()))));
    note(told, project, "", &mut seen);
    seen.verdict("the project uses nothing that the required events are about")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyAlerts {
    rotation_threshold_days: f64,
    mailboxes: Vec<String>,
}

/// ATL-MON-002
pub(crate) fn cmk_alert_missing(project: &ProjectView<'_>, limits: &KeyAlerts) -> Judgement {
    let mut seen = Gathered::new();
    let keys = enabled_keys(project.encryption_at_rest.known()?, &mut seen);
    if keys.is_empty() {
        return seen.verdict("the project encrypts with no key of its own");
    }
    let alerts = Alerts::of(project, &limits.mailboxes)?;
    let fixed = ["ENCRYPTION_AT_REST_CONFIG_NO_LONGER_VALID", "ENCRYPTION_AT_REST_KMS_NETWORK_ACCESS_DENIED"];
    let rotation: Vec<_> = keys.iter().map(|provider| format!("{provider}_ENCRYPTION_KEY_NEEDS_ROTATION")).collect();
    let invalid: Vec<_> = keys.iter().map(|provider| format!("{provider}_ENCRYPTION_KEY_INVALID")).collect();
    let days = limits.rotation_threshold_days;
    let in_time = |config: &AlertConfig| rotates_in_time(config, days);
    let told = fixed
        .into_iter()
        .chain(invalid.iter().map(String::as_str))
        .map(|event| (event, alerts.tell_of(event, &|_| Ok(()))))
        .chain(rotation.iter().map(|event| (event.as_str(), alerts.tell_of(event, &in_time))));
    note(told, project, ", and Atlas sets some of these up by itself: somebody took them away", &mut seen);
    seen.verdict("")
}

/// The providers in which a project has enabled a key of its own, as the names of events spell them.
fn enabled_keys(config: &EncryptionAtRest, seen: &mut Gathered) -> Vec<&'static str> {
    let all = [
        ("AWS", config.aws_kms.as_ref().and_then(|key| key.enabled), "awsKms.enabled"),
        ("AZURE", config.azure_key_vault.as_ref().and_then(|key| key.enabled), "azureKeyVault.enabled"),
        ("GCP", config.google_cloud_kms.as_ref().and_then(|key| key.enabled), "googleCloudKms.enabled"),
    ];
    let mut enabled = Vec::new();
    for (provider, is_enabled, field) in all {
        match is_enabled {
            Some(true) => enabled.push(provider),
            Some(false) => {}
            None => seen.unseen(Unknown::absent(field)),
        }
    }
    enabled
}

fn rotates_in_time(config: &AlertConfig, most: f64) -> Result<(), Deficient> {
    let days = in_days(config.threshold.required("threshold")?)?;
    if days <= most {
        return Ok(());
    }
    let event = config.event_type_name.as_deref().unwrap_or_default();
    let message = format!("the alert of {event} comes after {days} days, later than {most}");
    Err(Deficient::So(Deficiency { message, field: "/threshold" }))
}

fn in_days(limit: &Threshold) -> Result<f64, Unknown> {
    let number = limit.threshold.required("threshold.threshold")?;
    let number = number.as_f64().ok_or_else(|| Unknown::not_understood("threshold.threshold", number.to_string()))?;
    let units = limit.units.required("threshold.units")?;
    let per_day = match units.as_str() {
        "DAYS" => 1.0,
        "HOURS" => 24.0,
        "MINUTES" => 24.0 * 60.0,
        "SECONDS" => 24.0 * 60.0 * 60.0,
        other => return Err(Unknown::not_understood("threshold.units", other)),
    };
    Ok(number / per_day)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Delivery {
    max_delay_min: i64,
    extra_events: EventNames,
    mailboxes: Vec<String>,
}

/// ATL-MON-003
pub(crate) fn undeliverable(project: &ProjectView<'_>, limits: &Delivery) -> Judgement {
    let audience = Audience { project, mailboxes: &limits.mailboxes };
    let mut seen = Gathered::new();
    for config in project.alert_configs.known()? {
        let Some(event) = config.event_type_name.as_deref() else { continue };
        // One that is off tells nobody on purpose, which is ATL-MON-001's business.
        if config.enabled == Some(false) || !(events::is_security(event) || limits.extra_events.has(event)) {
            continue;
        }
        if let Err(why) = config.enabled.required("enabled") {
            seen.unseen(why);
            continue;
        }
        match reach_in_time(&audience, config, limits.max_delay_min) {
            Reach::Somebody => seen.fine(),
            Reach::Unclear(why) => seen.unseen(why),
            Reach::Nobody(why) => {
                let id = config.key();
                let at = project.item(Section::AlertConfigs, &id);
                let evidence = Evidence::at(&at, format!("the alert of {event} {why}"));
                seen.offence(evidence.field("/notifications").fact("alert", id));
            }
        }
    }
    seen.verdict("the project has no alert about security that is on")
}

fn reach_in_time(audience: &Audience<'_>, config: &AlertConfig, most: i64) -> Reach {
    let in_time = |one: &Notification| Ok(*one.delay_min.required("delayMin")? <= most);
    match audience.of_those(config, in_time) {
        Reach::Nobody(_) => match audience.of(config) {
            Reach::Nobody(why) => Reach::Nobody(format!("reaches nobody: {why}").into()),
            Reach::Somebody => {
                let delays = config.notifications.iter().flatten().filter_map(|one| one.delay_min);
                let least = delays.filter(|delay| *delay > most).min().unwrap_or_default();
                Reach::Nobody(format!("reaches somebody after {least} minutes only, and {most} is the limit").into())
            }
            unclear @ Reach::Unclear(_) => unclear,
        },
        reach => reach,
    }
}
