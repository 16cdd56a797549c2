//! What encryption of disks does not reach: search nodes, fields that the server should not read, log files.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::engine::declared::{Attestation, FieldEncryption};
use crate::engine::predicate::NoParameters;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ClusterView, OrganizationView};
use crate::rules::{dedicated, tagged};
use crate::snapshot::Section;
use crate::snapshot::cluster::KeyProvider;

/// ATL-ENC-009
pub(crate) fn search_nodes_outside(cluster: &ClusterView<'_>, _: &NoParameters) -> Judgement {
    if cluster.is_dedicated() == Some(false) {
        return Ok(Verdict::not_applicable("shared clusters have no search nodes of their own"));
    }
    let field = "encryptionAtRestProvider";
    match cluster.encryption_at_rest_provider.required(field)? {
        KeyProvider::None => return Ok(Verdict::not_applicable("the cluster has no key of the customer's own")),
        KeyProvider::Other(text) => return Err(Unknown::not_understood(field, text)),
        KeyProvider::Aws | KeyProvider::Azure | KeyProvider::Gcp => {}
    }
    let deployment = cluster.search_deployment.known()?;
    if !deployment.exists() {
        return Ok(Verdict::not_applicable("the cluster has no search nodes of its own"));
    }
    let encrypted = match &deployment.encryption_at_rest_provider {
        Some(KeyProvider::None) => false,
        Some(KeyProvider::Aws | KeyProvider::Azure | KeyProvider::Gcp) => true,
        Some(KeyProvider::Other(text)) => return Err(Unknown::not_understood(field, text)),
        // Atlas leaves it out at times: then the project's switch tells.
        None => {
            let config = cluster.project.encryption_at_rest.known()?;
            *config.enabled_for_search_nodes.required("enabledForSearchNodes")?
        }
    };
    if encrypted {
        return Ok(Verdict::Pass);
    }
    let name = cluster.name.clone().unwrap_or_default();
    let message = format!("the search nodes of {name} are not encrypted with the customer's own key, the cluster is");
    let at = cluster.at.child(Section::SearchDeployment.slot());
    Ok(Verdict::of([Evidence::at(&at, message).field(format!("/{field}")).fact("cluster", name)]))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldLevel {
    max_evidence_days: i64,
}

/// Below the organization stand the namespaces whose fields are declared sensitive.
const SENSITIVE_FIELDS: &str = "sensitiveFields";

/// ATL-ENC-010
pub(crate) fn field_level_missing(organization: &OrganizationView<'_>, limits: &FieldLevel) -> Judgement {
    let mut seen = Gathered::new();
    for (namespace, paths) in &organization.declared.sensitive_fields {
        let evidence = Newest::of(organization, namespace, limits);
        for path in paths {
            judge_path(organization, namespace, path, &evidence, &mut seen);
        }
    }
    seen.verdict("no sensitive fields are declared")
}

/// What was last seen of a collection, on each cluster that has it.
struct Newest<'a> {
    fresh: Vec<&'a FieldEncryption>,
    stale: Option<&'a FieldEncryption>,
}

impl<'a> Newest<'a> {
    fn of(organization: &OrganizationView<'a>, namespace: &str, limits: &FieldLevel) -> Self {
        let mut by_cluster: BTreeMap<Option<&str>, &FieldEncryption> = BTreeMap::new();
        for one in organization.declared.field_encryption.iter().filter(|one| one.namespace == namespace) {
            // What is to be seen tomorrow is not evidence today.
            if one.taken.age(organization.now) < 0 {
                continue;
            }
            let newest = by_cluster.entry(one.cluster.as_deref()).or_insert(one);
            if newest.taken < one.taken {
                *newest = one;
            }
        }
        let is_fresh = |one: &&FieldEncryption| one.taken.age(organization.now) <= limits.max_evidence_days;
        let (fresh, stale): (Vec<_>, Vec<_>) = by_cluster.into_values().partition(is_fresh);
        Self { fresh, stale: stale.first().copied() }
    }
}

/// Whether a definition of encrypted fields covers a path: itself, or an object around it.
fn covers(one: &FieldEncryption, path: &str) -> bool {
    one.fields
        .iter()
        .any(|field| path.strip_prefix(field.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

fn judge_path(
    organization: &OrganizationView<'_>,
    namespace: &str,
    path: &str,
    evidence: &Newest<'_>,
    seen: &mut Gathered,
) {
    let bare: Vec<_> = evidence.fresh.iter().filter(|one| !covers(one, path)).collect();
    if bare.is_empty() && evidence.stale.is_none() && !evidence.fresh.is_empty() {
        return seen.fine();
    }
    // Explicit encryption leaves no trace in the collection: then somebody has to say so.
    let about = |stated: &&Attestation| match stated.subject.as_deref() {
        None => true,
        Some(subject) => {
            subject == namespace
                || subject.strip_prefix(namespace).and_then(|rest| rest.strip_prefix('.')) == Some(path)
        }
    };
    let stated = organization.declared.statements("field-level-encryption", None).filter(about);
    let stated = stated.max_by_key(|stated| (stated.is_live(organization.now), stated.expires));
    if let Some(stated) = stated.filter(|stated| stated.is_live(organization.now)) {
        return seen.attested(stated);
    }
    let ended = stated
        .filter(|stated| stated.expires.is_over(organization.now))
        .map(|stated| format!("; {} stated it until {}", stated.owner, stated.expires))
        .unwrap_or_default();
    if let Some(one) = bare.first() {
        let place = one.cluster.as_deref().map(|cluster| format!(" on {cluster}")).unwrap_or_default();
        let message = format!("`{path}` of {namespace}{place} was not encrypted by the client on {}{ended}", one.taken);
        let at = organization.at.child(SENSITIVE_FIELDS).child(namespace);
        return seen.offence(Evidence::at(&at, message));
    }
    seen.unseen(Unknown::undecidable(match evidence.stale {
        Some(old) => format!("what is known of the encryption of {namespace} is of {}, too long ago{ended}", old.taken),
        None => format!("nothing is known of the encryption of {namespace}{ended}"),
    }));
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogRedaction {
    scope: Vec<String>,
}

/// ATL-ENC-011
pub(crate) fn log_redaction_off(cluster: &ClusterView<'_>, limits: &LogRedaction) -> Judgement {
    if cluster.is_dedicated() == Some(false) {
        return Ok(Verdict::not_applicable("shared clusters have no such setting"));
    }
    let (of_project, of_cluster) = (cluster.project.tags.as_deref(), cluster.tags.as_deref());
    if !tagged::is_within(&limits.scope, of_project) && !tagged::is_within(&limits.scope, of_cluster) {
        return Ok(Verdict::not_applicable("no tag puts the project or the cluster in the scope of the rule"));
    }
    if *cluster.redact_client_log_data.required("redactClientLogData")? {
        return Ok(Verdict::Pass);
    }
    dedicated(cluster)?;
    let name = cluster.name.clone().unwrap_or_default();
    let message = format!("{name} writes values of queries into its log");
    Ok(Verdict::of([Evidence::at(cluster.at, message).field("/redactClientLogData").fact("cluster", name)]))
}
