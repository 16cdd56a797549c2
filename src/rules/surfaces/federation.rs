//! Federated databases and online archives: what they read, how they are reached, how long they keep things.

use serde::Deserialize;

use crate::engine::environment::Environment;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ClusterView, ProjectView};
use crate::rules::{live_clusters, tagged};
use crate::snapshot::cluster_settings::{ArchiveState, OnlineArchive};
use crate::snapshot::data_federation::FederatedDatabase;
use crate::snapshot::private_endpoint::EndpointStatus;
use crate::snapshot::redaction::Origin;
use crate::snapshot::tree::Node;
use crate::snapshot::{Ref, Section};

fn exists(database: &FederatedDatabase) -> bool {
    database.state.as_deref() != Some("DELETED")
}

fn is_kept(archive: &OnlineArchive) -> bool {
    archive.state != Some(ArchiveState::Deleted)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InsecureStore {
    allowed_public_buckets: Vec<String>,
}

/// ATL-FED-001
pub(crate) fn insecure_store(project: &ProjectView<'_>, limits: &InsecureStore) -> Judgement {
    let mut seen = Gathered::new();
    for database in project.federated_databases.known()?.iter().filter(|one| exists(one)) {
        let Some(storage) = seen.see(database.storage.required("storage")) else { continue };
        seen.fine();
        let at = project.item(Section::FederatedDatabases, &database.key());
        let offence = |message: String, field: String, severity: Severity| {
            Evidence::at(&at, message).field(field).severity(severity).fact("federated", database.key())
        };
        // Null where there are none.
        for (index, store) in storage.stores.iter().flatten().enumerate() {
            let name = store.name.as_deref().unwrap_or_default();
            let base = format!("/storage/stores/{index}");
            if store.allow_insecure == Some(true) {
                let message = format!("store {name} takes any certificate");
                seen.offence(offence(message, format!("{base}/allowInsecure"), Severity::High));
            }
            if let Some(url) = in_clear_text(store.url_origins.as_deref(), &mut seen) {
                let message = format!("store {name} reads {url} unencrypted");
                seen.offence(offence(message, format!("{base}/urlOrigins"), Severity::High));
            }
            if store.public == Some(true) {
                let bucket = store.bucket.as_deref();
                if !bucket.is_some_and(|bucket| limits.allowed_public_buckets.iter().any(|known| known == bucket)) {
                    let what = bucket.map(|bucket| format!(" {bucket}")).unwrap_or_default();
                    let message = format!("store {name} reads the public bucket{what}, into which others may write");
                    seen.offence(offence(message, format!("{base}/public"), Severity::Medium));
                }
            }
        }
        let databases = storage.databases.iter().flatten();
        let collections = databases.flat_map(|one| one.collections.iter().flatten().map(move |c| (&one.name, c)));
        for (of, collection) in collections {
            let name = [of, &collection.name].map(|name| name.as_deref().unwrap_or_default()).join(".");
            for source in collection.data_sources.iter().flatten() {
                if source.allow_insecure == Some(true) {
                    let message = format!("a source of {name} takes any certificate");
                    seen.offence(offence(message, "/storage/databases".to_owned(), Severity::High));
                }
                if let Some(url) = in_clear_text(source.url_origins.as_deref(), &mut seen) {
                    let message = format!("a source of {name} reads {url} unencrypted");
                    seen.offence(offence(message, "/storage/databases".to_owned(), Severity::High));
                }
            }
        }
    }
    seen.verdict("the project has no federated database")
}

/// The first address that is read in clear text.
fn in_clear_text<'a>(urls: Option<&'a [Origin]>, seen: &mut Gathered) -> Option<&'a Origin> {
    let mut found = None;
    for url in urls.unwrap_or_default() {
        match url.is_clear_text() {
            Some(true) => found = found.or(Some(url)),
            Some(false) => {}
            None => seen.unseen(Unknown::not_understood("urls", url.to_string())),
        }
    }
    found
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PublicEndpoint {
    exempt_environments: Vec<Environment>,
}

/// ATL-FED-002
pub(crate) fn public_endpoint(project: &ProjectView<'_>, limits: &PublicEndpoint) -> Judgement {
    if limits.exempt_environments.contains(&project.environment) {
        return Ok(Verdict::not_applicable(format!("the project is for {}", project.environment)));
    }
    let mut seen = Gathered::new();
    let mut doors: Vec<(Ref, &'static str, String)> = Vec::new();
    for database in seen.see(project.federated_databases.known()).into_iter().flatten().filter(|one| exists(one)) {
        let at = project.item(Section::FederatedDatabases, &database.key());
        if seen.see(database.limits.known()).is_some_and(Vec::is_empty) {
            let message = format!("nothing limits how much a query of {} reads", database.key());
            let evidence = Evidence::at(&at.child(Section::FederatedDatabaseLimits.slot()), message);
            seen.offence(evidence.severity(Severity::Low).fact("federated", database.key()));
        }
        doors.push((at, "federated database", database.key()));
    }
    match live_clusters(project.project) {
        Err(why) => seen.unseen(why),
        Ok(clusters) => {
            for cluster in clusters.filter(|cluster| cluster.is_dedicated() != Some(false)) {
                let archives = seen.see(cluster.online_archives.known());
                if archives.is_some_and(|archives| archives.iter().any(is_kept)) {
                    let at = project.item(Section::Clusters, &cluster.key()).child(Section::OnlineArchives.slot());
                    doors.push((at, "archive of", cluster.key()));
                }
            }
        }
    }
    if doors.is_empty() {
        return seen.verdict("the project has neither a federated database nor an archive");
    }
    match has_private_endpoint(project) {
        Ok(true) => seen.fine(),
        Ok(false) => {
            for (at, what, name) in doors {
                let message = format!("{what} {name} is reached over public addresses alone");
                seen.offence(Evidence::at(&at, message).severity(Severity::Medium));
            }
        }
        Err(why) => seen.unseen(why),
    }
    seen.verdict("")
}

/// Endpoints of federated databases and archives are the project's: each serves all of them.
fn has_private_endpoint(project: &ProjectView<'_>) -> Result<bool, Unknown> {
    let mut doubt = None;
    for endpoint in project.federation_private_endpoints.known()? {
        match (endpoint.kind.as_deref(), &endpoint.status) {
            (Some(kind), _) if kind != "DATA_LAKE" => {}
            (_, Some(EndpointStatus::Ok)) => return Ok(true),
            (_, Some(EndpointStatus::Other(text))) => doubt = Some(Unknown::not_understood("status", text)),
            (_, None) => doubt = Some(Unknown::absent("status")),
            (_, Some(_)) => {}
        }
    }
    doubt.map_or(Ok(false), Err)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArchiveExpiry {
    scope: Vec<String>,
}

/// ATL-FED-004
pub(crate) fn archive_without_expiry(cluster: &ClusterView<'_>, limits: &ArchiveExpiry) -> Judgement {
    if cluster.is_dedicated() == Some(false) {
        return Ok(Verdict::not_applicable("shared clusters have no archives"));
    }
    let (of_project, of_cluster) = (cluster.project.tags.as_deref(), cluster.tags.as_deref());
    if !tagged::is_within(&limits.scope, of_project) && !tagged::is_within(&limits.scope, of_cluster) {
        return Ok(Verdict::not_applicable("no tag puts the project or the cluster in the scope of the rule"));
    }
    let list = cluster.at.child(Section::OnlineArchives.slot());
    let mut seen = Gathered::new();
    for archive in cluster.online_archives.known()?.iter().filter(|one| is_kept(one)) {
        let days = archive.data_expiration_rule.as_ref().and_then(|rule| rule.expire_after_days);
        if days.is_some_and(|days| days > 0) {
            seen.fine();
            continue;
        }
        let part = |name: &Option<String>| name.clone().unwrap_or_default();
        let name = format!("{}.{}", part(&archive.db_name), part(&archive.coll_name));
        seen.offence(
            Evidence::at(&list.child(&archive.key()), format!("what is archived of {name} is kept for ever"))
                .field("/dataExpirationRule")
                .fact("archive", archive.key())
                .fact("cluster", cluster.key())
                .fact("name", name),
        );
    }
    seen.verdict("the cluster has no archive")
}
