//! How far back data can be brought, how fresh its copies are, and where they lie.

use std::fmt::Write as _;

use serde::Deserialize;

use super::{has_recent_snapshot, out_of_scope, without_backups};
use crate::analysis::regions::same_region;
use crate::engine::environment::Environment;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::ClusterView;
use crate::rules::hours_until_needed;
use crate::rules::residency::home::Home;
use crate::snapshot::backup::{BackupSchedule, CopySetting, Frequency, PolicyItem};
use crate::snapshot::history::{BackupSnapshot, SnapshotStatus};
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;
use crate::snapshot::{Ref, Section};

fn schedule_of(cluster: &ClusterView<'_>) -> Ref {
    cluster.at.child(Section::BackupSchedule.slot())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PointInTime {
    min_window_days: i64,
}

/// ATL-BCK-002
pub(crate) fn point_in_time(cluster: &ClusterView<'_>, limits: &PointInTime) -> Judgement {
    if let Some(verdict) = out_of_scope(cluster)? {
        return Ok(verdict);
    }
    let name = cluster.key();
    let least = limits.min_window_days;
    let evidence = if *cluster.pit_enabled.required("pitEnabled")? {
        let schedule = cluster.backup_schedule.known()?;
        let days = *schedule.restore_window_days.required("restoreWindowDays")?;
        if days >= least {
            return Ok(Verdict::Pass);
        }
        let message = format!("any moment of the last {days} days of {name} can be restored, fewer than {least}");
        Evidence::at(&schedule_of(cluster), message).field("/restoreWindowDays")
    } else {
        let message = format!("{name} can be brought back to its snapshots only: point-in-time recovery is off");
        Evidence::at(cluster.at, message).field("/pitEnabled")
    };
    Ok(Verdict::of([evidence.fact("cluster", name).fact("window", least.to_string())]))
}

/// A schedule's items, each with the JSON pointer to it.
fn items(schedule: &BackupSchedule) -> Result<Vec<(String, &PolicyItem)>, Unknown> {
    let mut all = Vec::new();
    for (policy, one) in schedule.policies.required("policies")?.iter().enumerate() {
        let items = one.policy_items.required("policyItems")?.iter().enumerate();
        all.extend(items.map(|(item, one)| (format!("/policies/{policy}/policyItems/{item}"), one)));
    }
    Ok(all)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retention {
    daily_days: i64,
    weekly_weeks: i64,
    monthly_months: i64,
    max_days: i64,
}

/// ATL-BCK-003
pub(crate) fn short_retention(cluster: &ClusterView<'_>, limits: &Retention) -> Judgement {
    if let Some(verdict) = out_of_scope(cluster)? {
        return Ok(verdict);
    }
    let items = items(cluster.backup_schedule.known()?)?;
    let (at, name) = (schedule_of(cluster), cluster.key());
    let mut seen = Gathered::new();
    let levels = [
        (Frequency::Daily, limits.daily_days),
        (Frequency::Weekly, limits.weekly_weeks.saturating_mul(7)),
        // As retention is counted: a month has thirty days.
        (Frequency::Monthly, limits.monthly_months.saturating_mul(30)),
    ];
    for (level, least) in levels {
        let of_level = || items.iter().filter(|(_, item)| item.frequency_type.as_ref() == Some(&level));
        let longest = of_level().filter_map(|at| Some((at.1.retention_days()?, at))).max_by_key(|(days, _)| *days);
        if longest.is_some_and(|(days, _)| days >= least) {
            seen.fine();
        } else if items.iter().any(|(_, item)| item.frequency_type.is_none()) {
            // It may be of this level, and kept for long.
            seen.unseen(Unknown::absent("frequencyType"));
        } else if let Some((_, item)) = of_level().find(|(_, item)| item.retention_days().is_none()) {
            seen.unseen(unclear_retention(item));
        } else if let Some((days, (pointer, _))) = longest {
            let message = format!("{level} snapshots of {name} are kept for {days} days, fewer than {least}");
            let evidence = Evidence::at(&at, message).field(format!("{pointer}/retentionValue")).fact("cluster", &name);
            seen.offence(kept_for(evidence, cluster, pointer, least));
        } else {
            let message = format!("no {level} snapshot of {name} is taken");
            seen.offence(Evidence::at(&at, message).field("/policies").fact("cluster", &name));
        }
    }
    for (pointer, item) in items.iter().filter(|_| limits.max_days > 0) {
        match item.retention_days() {
            Some(days) if days > limits.max_days => {
                let level = item.frequency_type.as_ref().map_or("some", Frequency::as_str);
                let most = limits.max_days;
                let message = format!("{level} snapshots of {name} are kept for {days} days, more than {most}");
                let evidence = Evidence::at(&at, message).field(format!("{pointer}/retentionValue"));
                let evidence = evidence.severity(Severity::Info).fact("cluster", &name);
                seen.offence(kept_for(evidence, cluster, pointer, most));
            }
            Some(_) => {}
            None => seen.unseen(unclear_retention(item)),
        }
    }
    seen.verdict("")
}

/// With the item as the Atlas CLI takes it, kept for so many days; as it was, where Atlas did not tell enough for that.
fn kept_for(evidence: Evidence, cluster: &ClusterView<'_>, pointer: &str, days: i64) -> Evidence {
    let typed = || {
        let schedule = cluster.backup_schedule.known().ok()?;
        let mut numbers = pointer.split('/').filter_map(|part| part.parse::<usize>().ok());
        let policy = schedule.policies.as_ref()?.get(numbers.next()?)?;
        let item = policy.policy_items.as_ref()?.get(numbers.next()?)?;
        let frequency = item.frequency_type.as_ref()?;
        let fact = match frequency {
            Frequency::Hourly => "hourly-item",
            Frequency::Daily => "daily-item",
            Frequency::Weekly => "weekly-item",
            Frequency::Monthly => "monthly-item",
            Frequency::Yearly => "yearly-item",
            Frequency::OnDemand | Frequency::Other(_) => return None,
        };
        let (policy, id, interval) = (policy.id.as_ref()?, item.id.as_ref()?, item.frequency_interval?);
        Some((fact, format!("{policy},{id},{frequency},{interval},days,{days}")))
    };
    match typed() {
        Some((fact, item)) => evidence.fact(fact, item),
        None => evidence,
    }
}

fn unclear_retention(item: &PolicyItem) -> Unknown {
    match &item.retention_unit {
        None => Unknown::absent("retentionUnit"),
        Some(_) if item.retention_value.is_none() => Unknown::absent("retentionValue"),
        Some(unit) => Unknown::not_understood("retentionUnit", unit.as_str()),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recency {
    slack_factor: f64,
}

/// How many hours lie between two backups of an item; nothing for those taken by hand.
fn interval(item: &PolicyItem) -> Result<Option<f64>, Unknown> {
    Ok(match item.frequency_type.required("frequencyType")? {
        Frequency::Hourly => {
            let hours = *item.frequency_interval.required("frequencyInterval")?;
            let hours = u16::try_from(hours).ok().filter(|hours| *hours > 0);
            Some(f64::from(hours.ok_or_else(|| Unknown::not_understood("frequencyInterval", "out of range"))?))
        }
        Frequency::Daily => Some(24.0),
        Frequency::Weekly => Some(7.0 * 24.0),
        Frequency::Monthly => Some(31.0 * 24.0),
        Frequency::Yearly => Some(366.0 * 24.0),
        Frequency::OnDemand => None,
        Frequency::Other(text) => return Err(Unknown::not_understood("frequencyType", text.clone())),
    })
}

/// ATL-BCK-004
pub(crate) fn not_recent(cluster: &ClusterView<'_>, limits: &Recency) -> Judgement {
    if let Some(verdict) = without_backups(cluster)? {
        return Ok(verdict);
    }
    if *cluster.paused.required("paused")? {
        return Ok(Verdict::not_applicable("the cluster is paused"));
    }
    let mut seen = Gathered::new();
    failing(cluster, &mut seen);
    let schedule = cluster.backup_schedule.known().map_err(Unknown::from).and_then(items);
    let mut shortest = None;
    for (_, item) in seen.see(schedule.as_ref().map_err(Clone::clone)).into_iter().flatten() {
        match interval(item) {
            Ok(hours) => shortest = [shortest, hours].into_iter().flatten().reduce(f64::min),
            // It may be taken more often than the others.
            Err(why) => seen.unseen(why),
        }
    }
    match (shortest, &schedule) {
        (Some(hours), _) => compare(cluster, hours, hours * limits.slack_factor, &mut seen),
        (None, Ok(items)) if items.iter().all(|(_, item)| interval(item).is_ok()) => {
            let message = format!("the schedule of {} takes no snapshots", cluster.key());
            let evidence = Evidence::at(&schedule_of(cluster), message).field("/policies");
            seen.offence(evidence.fact("cluster", cluster.key()));
        }
        (None, _) => {}
    }
    seen.verdict("the cluster is younger than one interval of its schedule")
}

/// Open alerts that say that snapshots fail.
fn failing(cluster: &ClusterView<'_>, seen: &mut Gathered) {
    for alert in seen.see(cluster.project.open_alerts.known()).into_iter().flatten() {
        let Some(event) = alert.event_type_name.as_deref() else { continue };
        // Others of that family tell of success.
        if !event.starts_with("CPS_SNAPSHOT_") || !(event.ends_with("FAILED") || event.ends_with("BEHIND")) {
            continue;
        }
        match &alert.cluster_name {
            None => seen.unseen(Unknown::absent("clusterName")),
            Some(name) if Some(name) == cluster.name.as_ref() => {
                let at = cluster.project.item(Section::OpenAlerts, &alert.key());
                seen.offence(Evidence::at(&at, format!("{event} is open for {name}")).fact("cluster", name));
            }
            Some(_) => {}
        }
    }
}

fn compare(cluster: &ClusterView<'_>, interval: f64, limit: f64, seen: &mut Gathered) {
    match has_recent_snapshot(cluster, limit / 24.0) {
        Ok(true) => return seen.fine(),
        Err(why) => return seen.unseen(why),
        Ok(false) => {}
    }
    let now = cluster.project.now;
    match hours_until_needed("createDate", cluster.create_date.as_ref(), now) {
        Ok(hours) if -hours < interval => return,
        Ok(_) => {}
        Err(why) => return seen.unseen(why),
    }
    let name = cluster.key();
    let sharded = cluster.is_sharded() == Some(true);
    let (list, section) = if sharded {
        (&cluster.sharded_backup_snapshots, Section::ShardedBackupSnapshots)
    } else {
        (&cluster.backup_snapshots, Section::BackupSnapshots)
    };
    let complete = |one: &&BackupSnapshot| one.status == Some(SnapshotStatus::Completed);
    let taken = list.known().into_iter().flatten().filter(complete);
    let newest = taken.filter_map(|one| one.created_at.as_ref().and_then(Moment::timestamp)).max();
    let message = match newest {
        Some(newest) => {
            format!("the newest complete snapshot of {name} is of {newest}, more than {limit:.0} hours ago")
        }
        None => format!("{name} has no complete snapshot"),
    };
    seen.offence(Evidence::at(&cluster.at.child(section.slot()), message).fact("cluster", name));
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Copies {
    require_for: Vec<Environment>,
}

/// ATL-BCK-005
pub(crate) fn single_region(cluster: &ClusterView<'_>, limits: &Copies) -> Judgement {
    if !limits.require_for.contains(&cluster.environment) {
        return Ok(Verdict::not_applicable(format!("the cluster is for {}", cluster.environment)));
    }
    if let Some(verdict) = without_backups(cluster)? {
        return Ok(verdict);
    }
    let own = cluster.regions().ok_or_else(|| Unknown::absent("regionName"))?;
    let home = Home::of(cluster.project, cluster.tags.as_deref());
    if home.as_ref().is_some_and(|home| !home.has_room_beyond(&own)) {
        return Ok(Verdict::not_applicable("its data may live nowhere but where the cluster is"));
    }
    let copies = cluster.backup_schedule.known()?.copy_settings.required("copySettings")?;
    let (at, name) = (schedule_of(cluster), cluster.key());
    let offence = |message: String| Evidence::at(&at, message).field("/copySettings").fact("cluster", &name);
    let mut unclear = Gathered::new();
    let mut elsewhere: Vec<&CopySetting> = Vec::new();
    let mut refused = String::new();
    for copy in copies {
        let (Some(provider), Some(region)) = (
            unclear.see(copy.cloud_provider.required("cloudProvider")),
            unclear.see(copy.region_name.required("regionName")),
        ) else {
            continue;
        };
        let beside = own.iter().any(|used| used.provider == *provider && same_region(provider, &used.region, region));
        match home.as_ref().and_then(|home| home.refuses(provider, region)) {
            Some(why) => {
                _ = write!(refused, "; {provider} {region} is outside what {why} allows");
            }
            None if beside => {}
            None => elsewhere.push(copy),
        }
    }
    if elsewhere.is_empty() {
        // A copy that does not say where it goes may go far enough.
        unclear.verdict("")?;
        let place = own.iter().map(|used| format!("{} {}", used.provider, used.region)).collect::<Vec<_>>().join(", ");
        return Ok(Verdict::of([offence(format!("no copy of the snapshots of {name} leaves {place}{refused}"))]));
    }
    // One that goes far enough is enough, wherever the others go.
    let with_oplog = |copy: &&CopySetting| copy.should_copy_oplogs == Some(true);
    if !*cluster.pit_enabled.required("pitEnabled")? || elsewhere.iter().any(with_oplog) {
        return Ok(Verdict::Pass);
    }
    if elsewhere.iter().any(|copy| copy.should_copy_oplogs.is_none()) {
        return Err(Unknown::absent("shouldCopyOplogs"));
    }
    let message = format!("copies of {name} lack the oplog: away from it only snapshots can be restored");
    Ok(Verdict::of([offence(message)]))
}
