//! What is recorded of those who use the databases, and whether the record leaves Atlas.
//!
//! Auditing and the export of logs are settings of a project, and do nothing for M0, Flex and serverless: a project
//! without a dedicated cluster is not judged here.

pub(crate) mod archive;
pub(crate) mod data_access;
pub(crate) mod filter;
pub(crate) mod log_export;
pub(crate) mod log_health;
pub(crate) mod memo;

use serde::Deserialize;

use crate::engine::environment::Environment;
use crate::engine::verdict::{Evidence, Judgement, Required, Unknown, Verdict};
use crate::engine::view::ProjectView;
use crate::snapshot::Section;
use crate::snapshot::cluster::Cluster;

/// What a project has that writes logs of its own.
pub(super) enum Writers<'a> {
    /// At least one dedicated cluster; beside it perhaps some of which Atlas does not say what they run on.
    Clusters(Vec<&'a Cluster>),
    /// Nothing that is to be judged, and why.
    Nothing(&'static str),
}

pub(super) fn writers<'a>(project: &ProjectView<'a>, exempt: &[Environment]) -> Result<Writers<'a>, Unknown> {
    let clusters = project.project.clusters.known()?.iter();
    let able: Vec<_> = clusters
        .filter(|cluster| cluster.is_internal() != Some(true) && cluster.is_deleted() != Some(true))
        .filter(|cluster| cluster.is_dedicated() != Some(false))
        .collect();
    if able.is_empty() {
        return Ok(Writers::Nothing("the project has no dedicated cluster, and only those have logs of their own"));
    }
    let judged: Vec<_> =
        able.into_iter().filter(|cluster| !exempt.contains(&project.environment_of(cluster))).collect();
    if judged.is_empty() {
        return Ok(Writers::Nothing("the project's dedicated clusters serve exempt environments only"));
    }
    if judged.iter().all(|cluster| cluster.is_dedicated().is_none()) {
        return Err(Unknown::undecidable(format!("Atlas does not say whether {} is dedicated", names(&judged))));
    }
    Ok(Writers::Clusters(judged))
}

fn names(clusters: &[&Cluster]) -> String {
    let names: Vec<_> = clusters.iter().map(|cluster| cluster.name.as_deref().unwrap_or("a cluster")).collect();
    match names.as_slice() {
        [first, second, third, _, ..] => format!("{first}, {second}, {third} and {} more", names.len() - 3),
        few => few.join(", "),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Disabled {
    exempt_environments: Vec<Environment>,
}

/// ATL-AUD-001
pub(crate) fn disabled(project: &ProjectView<'_>, limits: &Disabled) -> Judgement {
    // Whether there is anything to audit comes first: of a project of M0 clusters a refused call says nothing.
    let mut clusters = match writers(project, &limits.exempt_environments)? {
        Writers::Clusters(clusters) => clusters,
        Writers::Nothing(why) => return Ok(Verdict::not_applicable(why)),
    };
    if *project.audit_log.known()?.enabled.required("enabled")? {
        return Ok(Verdict::Pass);
    }
    clusters.retain(|cluster| cluster.is_dedicated() == Some(true));
    let message = format!("auditing is off: nothing is recorded on {}", names(&clusters));
    Ok(Verdict::of([Evidence::at(&project.section(Section::AuditLog), message).field("/enabled")]))
}
