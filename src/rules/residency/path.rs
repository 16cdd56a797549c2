//! Where data is processed, logged and unlocked, away from the clusters.

use super::home::Home;
use super::place::{NOT_DECLARED, outside};
use crate::engine::declared::Statement;
use crate::engine::predicate::NoParameters;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::ProjectView;
use crate::rules::{live_clusters, offered};
use crate::snapshot::cluster_settings::ArchiveState;
use crate::snapshot::logging::LogSink;
use crate::snapshot::tree::Node;
use crate::snapshot::values::{CloudProvider, DataRegion};
use crate::snapshot::{Ref, Section};

/// The statement that logs stay where they may be.
const SINK: &str = "log-sink-region";

/// ATL-RES-003
pub(crate) fn paths_outside(project: &ProjectView<'_>, _: &NoParameters) -> Judgement {
    let mut seen = Gathered::new();
    let home = Home::of(project, None);
    if let Some(home) = &home {
        streams(project, home, &mut seen);
        federation(project, home, &mut seen);
        logs(project, home, &mut seen);
        keys(project, home, &mut seen);
        models(project, home, &mut seen);
    }
    let any = archives(project, &mut seen) || home.is_some();
    if !any {
        return Ok(Verdict::not_applicable(NOT_DECLARED));
    }
    seen.verdict("nothing of the project is processed away from its clusters")
}

/// One region in which something is done with the data.
fn processed(
    home: &Home<'_>,
    at: &Ref,
    what: &str,
    place: Option<&DataRegion>,
    field: &'static str,
    seen: &mut Gathered,
) {
    let Some(place) = place else { return seen.unseen(Unknown::absent(field)) };
    let provider = seen.see(place.cloud_provider.required("cloudProvider"));
    let Some((provider, region)) = provider.zip(seen.see(place.region.required("region"))) else { return };
    match home.refuses_processing(provider, region) {
        Ok(None) => seen.fine(),
        Ok(Some(label)) => {
            let message = format!("{what} in {}", outside(provider, region, &label));
            seen.offence(Evidence::at(at, message).field(format!("/{field}")));
        }
        Err(why) => seen.unseen(why),
    }
}

fn streams(project: &ProjectView<'_>, home: &Home<'_>, seen: &mut Gathered) {
    for workspace in seen.see(project.stream_workspaces.known()).into_iter().flatten() {
        let (name, at) = (workspace.key(), project.item(Section::StreamWorkspaces, &workspace.key()));
        let runs = format!("stream workspace {name} runs");
        processed(home, &at, &runs, workspace.data_process_region.as_ref(), "dataProcessRegion", seen);
        let fails_over = format!("stream workspace {name} fails over");
        for region in workspace.failover_regions.iter().flatten() {
            processed(home, &at, &fails_over, Some(region), "failoverRegions", seen);
        }
    }
}

fn federation(project: &ProjectView<'_>, home: &Home<'_>, seen: &mut Gathered) {
    for database in seen.see(project.federated_databases.known()).into_iter().flatten() {
        let (name, at) = (database.key(), project.item(Section::FederatedDatabases, &database.key()));
        if database.data_process_region.is_none() {
            let what =
                format!("the federated database {name} has no `dataProcessRegion`: it runs where its clients are");
            seen.unseen(Unknown::undecidable(what));
            continue;
        }
        let what = format!("federated database {name} runs");
        processed(home, &at, &what, database.data_process_region.as_ref(), "dataProcessRegion", seen);
    }
}

/// Archives belong to clusters, which may have tags of their own. Tells whether any cluster's home is declared.
fn archives(project: &ProjectView<'_>, seen: &mut Gathered) -> bool {
    let mut any = false;
    let clusters = match live_clusters(project) {
        Ok(clusters) => clusters,
        Err(why) => {
            // Its clusters' tags may say more than its own.
            if !project.declared.residency.is_empty() {
                seen.unseen(why);
                any = true;
            }
            return any;
        }
    };
    for cluster in clusters {
        let Some(home) = Home::of(project, cluster.tags.as_deref()) else { continue };
        any = true;
        let list = project.item(Section::Clusters, &cluster.key()).child(Section::OnlineArchives.slot());
        for archive in offered(&cluster.online_archives, seen).into_iter().flatten() {
            if archive.state == Some(ArchiveState::Deleted) {
                continue;
            }
            let namespace = [&archive.db_name, &archive.coll_name].map(|name| name.as_deref().unwrap_or_default());
            let what = format!("the archive of {} is", namespace.join("."));
            let at = list.child(&archive.key());
            processed(&home, &at, &what, archive.data_process_region.as_ref(), "dataProcessRegion", seen);
        }
    }
    any
}

/// The geography of one of Datadog's sites. <https://docs.datadoghq.com/getting_started/site/>
fn geography_of_site(site: &str) -> Option<&'static str> {
    Some(match site {
        "US" | "US1" | "US3" | "US5" | "US1_FED" => "US",
        "EU" | "EU1" => "EU",
        "AP1" => "JP",
        "AP2" => "AU",
        _ => return None,
    })
}

fn logs(project: &ProjectView<'_>, home: &Home<'_>, seen: &mut Gathered) {
    for integration in seen.see(project.log_integrations.known()).into_iter().flatten() {
        let at = project.item(Section::LogIntegrations, &integration.key());
        let Some(sink) = seen.see(integration.kind.required("type")) else { continue };
        if *sink != LogSink::Datadog {
            // A bucket or a host has a place, and no answer of Atlas names it.
            let what = format!("Atlas does not tell where the logs go that leave by {sink}");
            seen.unseen(Unknown::undecidable(match project.attested(SINK) {
                Statement::Live(stated) => {
                    seen.attested(stated);
                    continue;
                }
                Statement::Expired(ended) => format!("{what}; {} attested to it until {}", ended.owner, ended.expires),
                Statement::None => format!("{what}: state `{SINK}`"),
            }));
            continue;
        }
        let Some(site) = seen.see(integration.region.required("region")) else { continue };
        let Some(geography) = geography_of_site(site) else {
            seen.unseen(Unknown::not_understood("region", site));
            continue;
        };
        geographic(home, &at, &format!("logs go to Datadog's site {site}"), geography, "/region", seen);
    }
}

fn geographic(home: &Home<'_>, at: &Ref, what: &str, geography: &str, field: &'static str, seen: &mut Gathered) {
    match home.refuses_geography(geography) {
        Ok(None) => seen.fine(),
        Ok(Some(label)) => {
            let message = format!("{what} in {geography}, outside what {label} allows");
            seen.offence(Evidence::at(at, message).field(field));
        }
        Err(why) => seen.unseen(why),
    }
}

fn keys(project: &ProjectView<'_>, home: &Home<'_>, seen: &mut Gathered) {
    let at = project.section(Section::EncryptionAtRest);
    let Some(config) = seen.see(project.encryption_at_rest.known()) else { return };
    let regional = |provider: CloudProvider, region: &str, field: &'static str, seen: &mut Gathered| match home
        .refuses(&provider, region)
    {
        None => seen.fine(),
        Some(label) => {
            let message = format!("the key of the clusters is in {}", outside(&provider, region, &label));
            seen.offence(Evidence::at(&at, message).field(field));
        }
    };
    if let Some(aws) = config.aws_kms.as_ref().filter(|kms| kms.enabled != Some(false))
        && let Some(region) = seen.see(aws.region.required("region"))
    {
        regional(CloudProvider::Aws, region, "/awsKms/region", seen);
    }
    if config.azure_key_vault.as_ref().is_some_and(|vault| vault.enabled != Some(false)) {
        seen.unseen(Unknown::undecidable("Atlas does not tell where the vault in AZURE is"));
    }
    if let Some(gcp) = config.google_cloud_kms.as_ref().filter(|kms| kms.enabled != Some(false)) {
        let field = "/googleCloudKms/keyVersionResourceID";
        let Some(id) = seen.see(gcp.key_version_resource_id.required("keyVersionResourceID")) else { return };
        let location = id.split('/').skip_while(|part| *part != "locations").nth(1);
        match location.filter(|location| !location.is_empty()) {
            None => seen.unseen(Unknown::not_understood("keyVersionResourceID", id)),
            // One region is a place and a direction: one hyphen.
            Some(region) if region.matches('-').count() == 1 => regional(CloudProvider::Gcp, region, field, seen),
            Some(many) => {
                let geography = match many {
                    "europe" => "EU",
                    "us" => "US",
                    "asia" => "ASIA",
                    other => other,
                };
                geographic(home, &at, "the key of the clusters is", geography, field, seen);
            }
        }
    }
}

/// Keys to hosted models: what is sent to them leaves for the geography that they name.
fn models(project: &ProjectView<'_>, home: &Home<'_>, seen: &mut Gathered) {
    let list = project.organization.at().child(Section::AiModelApiKeys.slot());
    for key in seen.see(project.organization.ai_model_api_keys.known()).into_iter().flatten() {
        if key.group_id.as_deref() != Some(project.project.id.as_str()) {
            continue;
        }
        let Some(geography) = seen.see(key.geography.required("geography")) else { continue };
        let what = format!("models are asked by the key {}", key.name.as_deref().unwrap_or_default());
        geographic(home, &list.child(&key.key()), &what, geography, "/geography", seen);
    }
}
