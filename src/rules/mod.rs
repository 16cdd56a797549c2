//! Predicates, one module per folder of `rules/`. A predicate is a sentence about the domain.

pub(crate) mod attestation;
pub(crate) mod auditing;
pub(crate) mod authentication;
pub(crate) mod authorization;
pub(crate) mod backup;
pub(crate) mod combination;
pub(crate) mod encryption;
mod exemption;
pub(crate) mod guardrails;
pub(crate) mod meta;
pub(crate) mod monitoring;
pub(crate) mod network;
pub(crate) mod organization;
mod register;
pub(crate) mod residency;
pub(crate) mod streams;
pub(crate) mod surfaces;
pub(crate) mod tagged;
mod user_age;
mod watched;

use jiff::{Timestamp, Unit};

use crate::engine::verdict::{Gathered, Unknown};
use crate::snapshot::cluster::{Cluster, ClusterState};
use crate::snapshot::project::Project;
use crate::snapshot::shared_tier::{FlexCluster, ServerlessInstance};
use crate::snapshot::values::Moment;
use crate::snapshot::{Reading, Reason, Unavailable};

/// Hours from `now` until a moment, negative if it has passed; nothing if there is no such moment.
pub(crate) fn hours_until(moment: Option<&Moment>, now: Timestamp) -> Option<f64> {
    let moment = moment?.timestamp()?;
    moment.since(now).ok()?.total(Unit::Hour).ok()
}

/// The same for a moment that a rule cannot do without: its absence or oddness is a hole.
pub(crate) fn hours_until_needed(field: &'static str, moment: Option<&Moment>, now: Timestamp) -> Result<f64, Unknown> {
    match moment {
        None => Err(Unknown::absent(field)),
        Some(Moment::Unreadable(text)) => Err(Unknown::not_understood(field, text)),
        Some(Moment::At(_)) => hours_until(moment, now).ok_or_else(|| Unknown::not_understood(field, "out of range")),
    }
}

/// What a section holds, if Atlas offers it for this resource at all. Whatever else keeps it from being read is noted.
pub(crate) fn offered<'a, T>(reading: &'a Reading<T>, seen: &mut Gathered) -> Option<&'a T> {
    match reading.known() {
        Err(why) if why.reason == Reason::Unsupported => None,
        reading => seen.see(reading),
    }
}

/// The clusters that rules concern: neither Atlas's own nor those of which only backups are left.
pub(crate) fn live_clusters(project: &Project) -> Result<impl Iterator<Item = &Cluster>, &Unavailable> {
    let clusters = project.clusters.known()?;
    Ok(clusters.iter().filter(|cluster| cluster.is_internal() != Some(true) && cluster.is_deleted() != Some(true)))
}

/// Whether a cluster has machines of its own.
pub(crate) fn dedicated(cluster: &Cluster) -> Result<bool, Unknown> {
    let unclear = || Unknown::undecidable("`replicationSpecs` does not tell what the cluster runs on");
    cluster.is_dedicated().ok_or_else(unclear)
}

/// Whether any cluster of a project has machines of its own.
pub(crate) fn any_dedicated(project: &Project) -> Result<bool, Unknown> {
    let mut unclear = None;
    for cluster in live_clusters(project)? {
        match dedicated(cluster) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(why) => unclear = Some(why),
        }
    }
    unclear.map_or(Ok(false), Err)
}

/// A project's Flex clusters that still exist.
pub(crate) fn live_flex_clusters(project: &Project) -> Result<impl Iterator<Item = &FlexCluster>, &Unavailable> {
    let clusters = project.flex_clusters.known()?;
    Ok(clusters.iter().filter(|cluster| cluster.state_name != Some(ClusterState::Deleted)))
}

/// A project's serverless instances. Where Atlas no longer offers their list, there are none.
pub(crate) fn serverless_instances(project: &Project) -> Result<&[ServerlessInstance], &Unavailable> {
    match project.serverless_instances.known() {
        Err(why) if why.reason == Reason::Unsupported => Ok(&[]),
        reading => reading.map(Vec::as_slice),
    }
}
