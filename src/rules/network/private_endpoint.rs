//! Private endpoints: whether a cluster has any, and whether it has one wherever it has nodes.

use serde::Deserialize;

use crate::analysis::regions::same_region;
use crate::engine::environment::Environment;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ClusterView, ProjectView};
use crate::rules::dedicated;
use crate::snapshot::Reading;
use crate::snapshot::network::{Peer, PeerStatus};
use crate::snapshot::private_endpoint::{EndpointStatus, PrivateEndpointService};
use crate::snapshot::topology::RegionUse;
use crate::snapshot::tree::Node;
use crate::snapshot::values::CloudProvider;

/// Only the list of the provider in question: whether another can be read must not matter.
fn services<'a>(
    project: &'a ProjectView<'_>,
    provider: &CloudProvider,
) -> Result<&'a [PrivateEndpointService], Unknown> {
    let services: &Reading<Vec<PrivateEndpointService>> = match provider {
        CloudProvider::Aws => &project.project.aws_private_endpoint_services,
        CloudProvider::Azure => &project.project.azure_private_endpoint_services,
        CloudProvider::Gcp => &project.project.gcp_private_endpoint_services,
        CloudProvider::Tenant | CloudProvider::Other(_) => return Err(strange(provider)),
    };
    Ok(services.known()?)
}

fn peers<'a>(project: &'a ProjectView<'_>, provider: &CloudProvider) -> Result<&'a [Peer], Unknown> {
    let peers = match provider {
        CloudProvider::Aws => &project.project.aws_peers,
        CloudProvider::Azure => &project.project.azure_peers,
        CloudProvider::Gcp => &project.project.gcp_peers,
        CloudProvider::Tenant | CloudProvider::Other(_) => return Err(strange(provider)),
    };
    Ok(peers.known()?)
}

fn strange(provider: &CloudProvider) -> Unknown {
    Unknown::not_understood("providerName", provider.as_str())
}

/// Whether any item holds. One that does is enough; without one, a doubt is a doubt.
fn any<T>(items: impl IntoIterator<Item = T>, holds: impl Fn(T) -> Result<bool, Unknown>) -> Result<bool, Unknown> {
    let mut doubt = None;
    for item in items {
        match holds(item) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(why) => doubt = doubt.or(Some(why)),
        }
    }
    doubt.map_or(Ok(false), Err)
}

fn is_available(status: Option<&EndpointStatus>, field: &'static str) -> Result<bool, Unknown> {
    match status {
        Some(EndpointStatus::Available) => Ok(true),
        Some(EndpointStatus::Other(text)) => Err(Unknown::not_understood(field, text.clone())),
        Some(_) => Ok(false),
        None => Err(Unknown::absent(field)),
    }
}

/// Whether both sides are up: Atlas's service, and at least one endpoint of the customer's.
fn works(service: &PrivateEndpointService) -> Result<bool, Unknown> {
    if !is_available(service.status.as_ref(), "status")? {
        return Ok(false);
    }
    any(service.endpoints.known()?, |endpoint| is_available(endpoint.status.as_ref(), "status"))
}

/// Whether a service is where the nodes are, or lets clients there in from another region.
fn reaches(service: &PrivateEndpointService, region: &RegionUse, remotely: bool) -> Result<bool, Unknown> {
    let same = |name: &String| same_region(&region.provider, name, &region.region);
    let remote = service.supported_remote_regions.iter().flatten();
    if remotely && region.provider == CloudProvider::Aws && remote.into_iter().any(same) {
        return Ok(true);
    }
    Ok(same(service.region_name.required("regionName")?))
}

fn covered(project: &ProjectView<'_>, region: &RegionUse, remotely: bool) -> Result<bool, Unknown> {
    any(services(project, &region.provider)?, |service| {
        // A service that is down, or elsewhere for certain, raises no doubt.
        match (reaches(service, region, remotely), works(service)) {
            (Ok(false), _) | (_, Ok(false)) => Ok(false),
            (Ok(true), Ok(true)) => Ok(true),
            (Err(why), _) | (_, Err(why)) => Err(why),
        }
    })
}

fn has_peering(project: &ProjectView<'_>, regions: &[RegionUse]) -> Result<bool, Unknown> {
    any(regions, |region| {
        any(peers(project, &region.provider)?, |peer| match peer.status.required("status")? {
            PeerStatus::Available => Ok(true),
            PeerStatus::Other(text) => Err(Unknown::not_understood("status", text.clone())),
            _ => Ok(false),
        })
    })
}

fn regions_of(cluster: &ClusterView<'_>) -> Result<Vec<RegionUse>, Unknown> {
    let regions = cluster.regions().filter(|regions| !regions.is_empty());
    regions.ok_or_else(|| Unknown::absent("regionName"))
}

/// The placeholders of `atlas privateEndpoints <provider> create --region <region>`.
fn to_create(evidence: Evidence, region: &RegionUse) -> Evidence {
    evidence.fact("provider", region.provider.as_str().to_lowercase()).fact("region", region.region.clone())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Missing {
    exempt_environments: Vec<Environment>,
    accept_peering: bool,
}

/// ATL-NET-007
pub(crate) fn missing(cluster: &ClusterView<'_>, limits: &Missing) -> Judgement {
    if limits.exempt_environments.contains(&cluster.environment) {
        return Ok(Verdict::not_applicable(format!("the cluster is for {}", cluster.environment)));
    }
    if !dedicated(cluster)? {
        return Ok(Verdict::not_applicable("private endpoints need a dedicated cluster: ATL-NET-012 speaks of it"));
    }
    let project = cluster.project;
    let regions = regions_of(cluster)?;
    let mut seen = Gathered::new();
    for region in &regions {
        match covered(project, region, false) {
            Ok(true) => return Ok(Verdict::Pass),
            Ok(false) => {}
            Err(why) => seen.unseen(why),
        }
    }
    let peering = has_peering(project, &regions);
    if limits.accept_peering {
        match &peering {
            Ok(true) => return Ok(Verdict::Pass),
            Ok(false) => {}
            Err(why) => seen.unseen(why.clone()),
        }
    }
    // With any doubt left there may be an endpoint after all.
    seen.verdict("")?;
    let places: Vec<_> = regions.iter().map(|region| format!("{} ({})", region.region, region.provider)).collect();
    let places = places.join(", ");
    let name = cluster.key();
    let evidence = if peering == Ok(true) {
        let message = format!("{name} has peering only, the legacy path, and no working private endpoint in {places}");
        Evidence::at(cluster.at, message).severity(Severity::Medium)
    } else {
        Evidence::at(cluster.at, format!("{name} has no working private endpoint in {places}"))
    };
    let evidence = regions.iter().take(1).fold(evidence.fact("cluster", name), to_create);
    Ok(Verdict::of([evidence]))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegionGap {
    count_analytics_and_read_only: bool,
}

/// Which kinds of nodes a region holds.
fn kinds(region: &RegionUse) -> String {
    let kinds = [(region.electable, "electable"), (region.read_only, "read-only"), (region.analytics, "analytics")];
    let present: Vec<_> = kinds.into_iter().filter(|(present, _)| *present).map(|(_, kind)| kind).collect();
    if present.is_empty() { "nodes of an unnamed kind".to_owned() } else { format!("{} nodes", present.join(" and ")) }
}

/// ATL-NET-008
pub(crate) fn region_gap(cluster: &ClusterView<'_>, limits: &RegionGap) -> Judgement {
    if !dedicated(cluster)? {
        return Ok(Verdict::not_applicable("private endpoints need a dedicated cluster"));
    }
    let mut regions = regions_of(cluster)?;
    // Where Atlas does not say which nodes there are, they may be electable.
    let counts = |region: &RegionUse| region.electable || !(region.read_only || region.analytics);
    regions.retain(|region| limits.count_analytics_and_read_only || counts(region));
    if regions.len() < 2 {
        return Ok(Verdict::not_applicable("the cluster is in one region: ATL-NET-007 speaks of it"));
    }
    let project = cluster.project;
    let mut seen = Gathered::new();
    let mut served = false;
    let mut gaps = Vec::new();
    for region in &regions {
        match covered(project, region, true) {
            Ok(true) => served = true,
            Ok(false) => gaps.push(region),
            Err(why) => seen.unseen(why),
        }
    }
    if !served {
        return seen.verdict("no private endpoint serves the cluster: ATL-NET-007 speaks of it");
    }
    seen.fine();
    let name = cluster.key();
    for region in gaps {
        let message = format!(
            "{name} has no working private endpoint in {} ({}), which holds {}",
            region.region,
            region.provider,
            kinds(region)
        );
        seen.offence(to_create(Evidence::at(cluster.at, message).fact("cluster", name.clone()), region));
    }
    match cluster.is_sharded() {
        Some(false) => {}
        Some(true) => match regional_mode(project) {
            Ok(true) => {}
            Ok(false) => {
                let message = format!("{name} is sharded over several regions, and regional mode is off");
                seen.offence(Evidence::at(cluster.at, message).fact("cluster", name));
            }
            Err(why) => seen.unseen(why),
        },
        None => seen.unseen(Unknown::absent("clusterType")),
    }
    seen.verdict("")
}

fn regional_mode(project: &ProjectView<'_>) -> Result<bool, Unknown> {
    Ok(*project.project.regional_mode.known()?.enabled.required("enabled")?)
}
