//! Where clusters and the copies of their data lie.

use serde::Deserialize;

use super::home::{Home, regions_of};
use crate::engine::predicate::NoParameters;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ClusterView, ProjectView};
use crate::rules::{live_flex_clusters, offered, serverless_instances, tagged};
use crate::snapshot::history::BackupSnapshot;
use crate::snapshot::shared_tier::SharedProvider;
use crate::snapshot::tree::Node;
use crate::snapshot::values::{CloudProvider, Tag};
use crate::snapshot::{Reading, Ref, Section};

/// Why a rule about residency says nothing.
pub(super) const NOT_DECLARED: &str = "nobody declares where its data may live";

/// `GCP CENTRAL_US is outside what gdpr allows`
pub(super) fn outside(provider: &CloudProvider, region: &str, label: &str) -> String {
    format!("{provider} {region}, outside what {label} allows")
}

/// ATL-RES-001, clusters
pub(crate) fn cluster_outside(cluster: &ClusterView<'_>, _: &NoParameters) -> Judgement {
    let Some(home) = Home::of(cluster.project, cluster.tags.as_deref()) else {
        return Ok(Verdict::not_applicable(NOT_DECLARED));
    };
    let name = cluster.key();
    let mut seen = Gathered::new();
    let (regions, complete) = regions_of(cluster.cluster);
    for (provider, region) in &regions {
        match home.refuses(provider, region) {
            None => seen.fine(),
            Some(label) => {
                let message = format!("{name} has nodes in {}", outside(provider, region, &label));
                seen.offence(Evidence::at(cluster.at, message).field("/replicationSpecs").fact("cluster", &name));
            }
        }
    }
    if !complete {
        seen.unseen(Unknown::absent("regionName"));
    }
    search_nodes(cluster, &home, &mut seen);
    seen.verdict("")
}

/// Search nodes are where the others are, unless they say something else.
fn search_nodes(cluster: &ClusterView<'_>, home: &Home<'_>, seen: &mut Gathered) {
    let Some(deployment) = offered(&cluster.search_deployment, seen) else { return };
    let specs = deployment.effective_specs.as_ref().or(deployment.specs.as_ref());
    for spec in specs.into_iter().flatten() {
        let Some((provider, region)) = spec.cloud_provider.as_ref().zip(spec.region_name.as_deref()) else { continue };
        if let Some(label) = home.refuses(provider, region) {
            let name = cluster.key();
            let message = format!("{name} has search nodes in {}", outside(provider, region, &label));
            let at = cluster.at.child(Section::SearchDeployment.slot());
            seen.offence(Evidence::at(&at, message).fact("cluster", name));
        }
    }
}

/// ATL-RES-001, Flex clusters and serverless instances
pub(crate) fn shared_outside(project: &ProjectView<'_>, _: &NoParameters) -> Judgement {
    let mut seen = Gathered::new();
    let anywhere = Home::of(project, None).is_some();
    let judge =
        |seen: &mut Gathered, at: &Ref, name: String, tags: Option<&[Tag]>, settings: Option<&SharedProvider>| {
            let Some(home) = Home::of(project, tags) else { return };
            let Some(settings) = settings else { return seen.unseen(Unknown::absent("providerSettings")) };
            let provider = seen.see(settings.backing_provider_name.required("backingProviderName"));
            let Some((provider, region)) = provider.zip(seen.see(settings.region_name.required("regionName"))) else {
                return;
            };
            match home.refuses(provider, region) {
                None => seen.fine(),
                Some(label) => {
                    let message = format!("{name} is in {}", outside(provider, region, &label));
                    seen.offence(Evidence::at(at, message).field("/providerSettings/regionName").fact("cluster", name));
                }
            }
        };
    // Nothing can make a project's shared clusters its own business but a tag of theirs.
    let lists = !project.declared.residency.is_empty();
    match live_flex_clusters(project.project) {
        Ok(clusters) => {
            for one in clusters {
                let at = project.item(Section::FlexClusters, &one.key());
                judge(&mut seen, &at, one.key(), one.tags.as_deref(), one.provider_settings.as_ref());
            }
        }
        Err(why) if lists => seen.unseen(why),
        Err(_) => {}
    }
    match serverless_instances(project.project) {
        Ok(instances) => {
            for one in instances {
                let at = project.item(Section::ServerlessInstances, &one.key());
                judge(&mut seen, &at, one.key(), one.tags.as_deref(), one.provider_settings.as_ref());
            }
        }
        Err(why) if lists => seen.unseen(why),
        Err(_) => {}
    }
    seen.verdict(if anywhere { "the project has no Flex cluster and no serverless instance" } else { NOT_DECLARED })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Copies {
    erasure_tags: Vec<String>,
}

/// ATL-RES-002, what a cluster's schedule and snapshots say
pub(crate) fn copies_outside(cluster: &ClusterView<'_>, _: &Copies) -> Judgement {
    let Some(home) = Home::of(cluster.project, cluster.tags.as_deref()) else {
        return Ok(Verdict::not_applicable(NOT_DECLARED));
    };
    let name = cluster.key();
    let mut seen = Gathered::new();
    if let Some(schedule) = offered(&cluster.backup_schedule, &mut seen) {
        let at = cluster.at.child(Section::BackupSchedule.slot());
        for copy in seen.see(schedule.copy_settings.required("copySettings")).into_iter().flatten() {
            let provider = seen.see(copy.cloud_provider.required("cloudProvider"));
            let region = provider.zip(seen.see(copy.region_name.required("regionName")));
            let Some((provider, region)) = region else { continue };
            match home.refuses(provider, region) {
                None => seen.fine(),
                Some(label) => {
                    let message = format!("snapshots of {name} are copied to {}", outside(provider, region, &label));
                    seen.offence(Evidence::at(&at, message).field("/copySettings").fact("cluster", &name));
                }
            }
        }
        seen.fine();
    }
    for (list, section) in [
        (&cluster.backup_snapshots, Section::BackupSnapshots),
        (&cluster.sharded_backup_snapshots, Section::ShardedBackupSnapshots),
    ] {
        taken(list, section, cluster, &home, &mut seen);
    }
    seen.verdict("the cluster takes no backups")
}

/// Copies of snapshots that exist already, whatever the schedule says today.
fn taken(
    list: &Reading<Vec<BackupSnapshot>>,
    section: Section,
    cluster: &ClusterView<'_>,
    home: &Home<'_>,
    seen: &mut Gathered,
) {
    let at = cluster.at.child(section.slot());
    for snapshot in offered(list, seen).into_iter().flatten() {
        // No copy is the usual case, and Atlas leaves the field out then.
        let regions = snapshot.copy_regions.as_deref().unwrap_or_default();
        if regions.is_empty() {
            continue;
        }
        let Some(provider) = seen.see(snapshot.cloud_provider.required("cloudProvider")) else { continue };
        for region in regions {
            match home.refuses(provider, region) {
                None => seen.fine(),
                Some(label) => {
                    let message = format!("a copy of the snapshot is in {}", outside(provider, region, &label));
                    let evidence = Evidence::at(&at.child(&snapshot.key()), message).field("/copyRegions");
                    seen.offence(evidence.fact("cluster", cluster.key()));
                }
            }
        }
    }
}

/// ATL-RES-002, buckets that snapshots are exported to, and what deleted clusters left
pub(crate) fn exports_and_remains(project: &ProjectView<'_>, limits: &Copies) -> Judgement {
    let mut seen = Gathered::new();
    let home = Home::of(project, None);
    if let Some(home) = &home {
        for bucket in seen.see(project.export_buckets.known()).into_iter().flatten() {
            let Some(provider) = seen.see(bucket.cloud_provider.required("cloudProvider")) else { continue };
            let name = bucket.bucket_name.as_deref().unwrap_or_default();
            let Some(region) = bucket.region.as_deref().filter(|region| !region.is_empty()) else {
                seen.unseen(match provider {
                    CloudProvider::Aws => Unknown::absent("region"),
                    _ => Unknown::undecidable(format!("Atlas does not tell where the bucket {name} in {provider} is")),
                });
                continue;
            };
            match home.refuses(provider, region) {
                None => seen.fine(),
                Some(label) => {
                    let message = format!("snapshots are exported to {name} in {}", outside(provider, region, &label));
                    let at = project.item(Section::ExportBuckets, &bucket.key());
                    seen.offence(Evidence::at(&at, message).field("/region"));
                }
            }
        }
    }
    let must_go = |tags: Option<&[Tag]>| limits.erasure_tags.iter().any(|word| tagged::says(tags, word));
    let all = must_go(project.tags.as_deref());
    match project.clusters.known() {
        Err(why) if all || home.is_some() => seen.unseen(why),
        Err(_) => {}
        Ok(clusters) => {
            for cluster in clusters.iter().filter(|cluster| cluster.is_deleted() == Some(true)) {
                if !all && !must_go(cluster.tags.as_deref()) {
                    continue;
                }
                let name = cluster.key();
                let message = format!("{name} is deleted, and its snapshots are kept");
                let at = project.item(Section::Clusters, &name);
                seen.offence(Evidence::at(&at, message).severity(Severity::Medium).fact("deleted", name));
            }
            if all {
                seen.fine();
            }
        }
    }
    seen.verdict(if home.is_some() { "snapshots are exported to no bucket" } else { NOT_DECLARED })
}
