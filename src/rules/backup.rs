//! Whether data can be brought back, and clusters not lost.

pub(crate) mod compliance;
pub(crate) mod recovery;
pub(crate) mod upkeep;

use jiff::{Timestamp, Unit};
use serde::Deserialize;

use crate::engine::environment::Environment;
use crate::engine::predicate::NoParameters;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ClusterView, ProjectView, tag_pairs};
use crate::snapshot::Section;
use crate::snapshot::history::{BackupSnapshot, SnapshotStatus};
use crate::snapshot::shared_tier::FlexCluster;
use crate::snapshot::tree::Node;
use crate::snapshot::values::{Moment, Tag};

use super::{dedicated, live_flex_clusters, serverless_instances};

/// What something on shared machines is for: its own tag, else what the project is for.
fn environment(project: &ProjectView<'_>, tags: Option<&[Tag]>) -> Environment {
    Environment::of_tags(tag_pairs(tags)).unwrap_or(project.environment)
}

fn live_flex<'a>(project: &ProjectView<'a>, seen: &mut Gathered) -> Vec<&'a FlexCluster> {
    match live_flex_clusters(project.project) {
        Ok(clusters) => clusters.collect(),
        Err(why) => {
            seen.unseen(why);
            Vec::new()
        }
    }
}

/// Why there is nothing to say of a cluster's backups, where it takes none.
fn without_backups(cluster: &ClusterView<'_>) -> Result<Option<Verdict>, Unknown> {
    if !dedicated(cluster)? {
        return Ok(Some(Verdict::not_applicable("on shared machines nobody chooses how backups are taken")));
    }
    let enabled = *cluster.backup_enabled.required("backupEnabled")?;
    Ok((!enabled).then(|| Verdict::not_applicable("the cluster is not backed up: ATL-BCK-001 speaks of it")))
}

/// The same, and why it is not judged where it is not production.
fn out_of_scope(cluster: &ClusterView<'_>) -> Result<Option<Verdict>, Unknown> {
    if cluster.environment != Environment::Production {
        return Ok(Some(Verdict::not_applicable(format!("the cluster is for {}", cluster.environment))));
    }
    without_backups(cluster)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackupDisabled {
    exempt_environments: Vec<Environment>,
    paused_snapshot_days: f64,
}

/// ATL-BCK-001, clusters
pub(crate) fn disabled(cluster: &ClusterView<'_>, limits: &BackupDisabled) -> Judgement {
    if limits.exempt_environments.contains(&cluster.environment) {
        return Ok(Verdict::not_applicable(format!("the cluster is for {}", cluster.environment)));
    }
    if !dedicated(cluster)? {
        return Ok(Verdict::not_applicable("Atlas takes no backups of M0; Flex clusters are judged apart"));
    }
    if *cluster.backup_enabled.required("backupEnabled")? {
        return Ok(Verdict::Pass);
    }
    if *cluster.paused.required("paused")? && has_recent_snapshot(cluster, limits.paused_snapshot_days)? {
        return Ok(Verdict::not_applicable("the cluster is paused, and a recent snapshot of it is kept"));
    }
    let name = cluster.key();
    let evidence = Evidence::at(cluster.at, format!("{name} is not backed up"));
    Ok(Verdict::of([evidence.field("/backupEnabled").fact("cluster", name)]))
}

fn has_recent_snapshot(cluster: &ClusterView<'_>, days: f64) -> Result<bool, Unknown> {
    let sharded = cluster.is_sharded().ok_or_else(|| Unknown::absent("clusterType"))?;
    let snapshots = if sharded { &cluster.sharded_backup_snapshots } else { &cluster.backup_snapshots };
    let now = cluster.project.now;
    let mut unclear = None;
    for snapshot in snapshots.known()? {
        match is_recent(snapshot, days, now) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(why) => unclear = Some(why),
        }
    }
    unclear.map_or(Ok(false), Err)
}

/// Whether a snapshot is complete, still kept, and young enough.
fn is_recent(snapshot: &BackupSnapshot, days: f64, now: Timestamp) -> Result<bool, Unknown> {
    match snapshot.status.required("status")? {
        SnapshotStatus::Completed => {}
        SnapshotStatus::Other(text) => return Err(Unknown::not_understood("status", text.clone())),
        SnapshotStatus::Queued | SnapshotStatus::InProgress | SnapshotStatus::Failed => return Ok(false),
    }
    if snapshot.expires_at.as_ref().and_then(Moment::timestamp).is_some_and(|end| end <= now) {
        return Ok(false);
    }
    match snapshot.created_at.required("createdAt")? {
        Moment::At(taken) => {
            let hours = now.since(*taken).ok().and_then(|age| age.total(Unit::Hour).ok());
            Ok(hours.is_some_and(|hours| hours <= days * 24.0))
        }
        Moment::Unreadable(text) => Err(Unknown::not_understood("createdAt", text.clone())),
    }
}

/// ATL-BCK-001, Flex clusters and serverless instances
pub(crate) fn disabled_on_shared_machines(project: &ProjectView<'_>, limits: &BackupDisabled) -> Judgement {
    let mut seen = Gathered::new();
    for cluster in live_flex(project, &mut seen) {
        if limits.exempt_environments.contains(&environment(project, cluster.tags.as_deref())) {
            continue;
        }
        let enabled = cluster.backup_settings.as_ref().and_then(|settings| settings.enabled);
        match enabled.required("backupSettings.enabled") {
            Ok(true) => seen.fine(),
            Ok(false) => {
                let name = cluster.key();
                let at = project.item(Section::FlexClusters, &name);
                let evidence = Evidence::at(&at, format!("the Flex cluster {name} is not backed up"));
                seen.offence(evidence.field("/backupSettings/enabled").fact("cluster", name));
            }
            Err(why) => seen.unseen(why),
        }
    }
    match serverless_instances(project) {
        Err(why) => seen.unseen(why),
        Ok(instances) => {
            for instance in instances {
                if limits.exempt_environments.contains(&environment(project, instance.tags.as_deref())) {
                    continue;
                }
                let options = instance.serverless_backup_options.as_ref();
                let continuous = options.and_then(|options| options.serverless_continuous_backup_enabled);
                // Without continuous backup Atlas takes the basic one: there is no third, and so no offence.
                match continuous.required("serverlessContinuousBackupEnabled") {
                    Ok(_) => seen.fine(),
                    Err(why) => seen.unseen(why),
                }
            }
        }
    }
    seen.verdict("the project has no Flex cluster and no serverless instance to judge")
}

/// ATL-BCK-007, clusters
pub(crate) fn unprotected(cluster: &ClusterView<'_>, _: &NoParameters) -> Judgement {
    if cluster.environment != Environment::Production {
        return Ok(Verdict::not_applicable(format!("the cluster is for {}", cluster.environment)));
    }
    if !dedicated(cluster)? {
        return Ok(Verdict::not_applicable("M0 is not for production, and Flex clusters are judged apart"));
    }
    if *cluster.termination_protection_enabled.required("terminationProtectionEnabled")? {
        return Ok(Verdict::Pass);
    }
    let name = cluster.key();
    let evidence = Evidence::at(cluster.at, format!("{name} can be deleted by one command"));
    Ok(Verdict::of([evidence.field("/terminationProtectionEnabled").fact("cluster", name)]))
}

/// ATL-BCK-007, Flex clusters
pub(crate) fn unprotected_flex(project: &ProjectView<'_>, _: &NoParameters) -> Judgement {
    let mut seen = Gathered::new();
    for cluster in live_flex(project, &mut seen) {
        if environment(project, cluster.tags.as_deref()) != Environment::Production {
            continue;
        }
        match cluster.termination_protection_enabled.required("terminationProtectionEnabled") {
            Ok(true) => seen.fine(),
            Ok(false) => {
                let name = cluster.key();
                let at = project.item(Section::FlexClusters, &name);
                let evidence = Evidence::at(&at, format!("the Flex cluster {name} can be deleted by one command"));
                seen.offence(evidence.field("/terminationProtectionEnabled").fact("cluster", name));
            }
            Err(why) => seen.unseen(why),
        }
    }
    seen.verdict("the project has no Flex cluster in production")
}
