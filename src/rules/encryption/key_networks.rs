//! How Atlas reaches the customer's keys: over private endpoints, or past a firewall that must know its addresses.

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde::Deserialize;

use super::keys::{NO_KEY, OwnKey, Settings, enabled_keys, encrypted_by, gcp_location};
use crate::analysis::regions::same_region;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::ProjectView;
use crate::rules::exemption::Range;
use crate::rules::tagged;
use crate::snapshot::address::AddressRange;
use crate::snapshot::cluster::{Cluster, KeyProvider};
use crate::snapshot::network::{ClusterAddresses, ControlPlaneAddresses};
use crate::snapshot::private_endpoint::{EndpointStatus, ServiceEndpoint};
use crate::snapshot::topology::RegionUse;
use crate::snapshot::tree::Node;
use crate::snapshot::values::CloudProvider;
use crate::snapshot::{Reading, Section};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrivateNetworking {
    require: bool,
    scope: Vec<String>,
}

/// ATL-ENC-007
pub(crate) fn private_networking_gap(project: &ProjectView<'_>, limits: &PrivateNetworking) -> Judgement {
    let config = project.encryption_at_rest.known()?;
    let at = project.section(Section::EncryptionAtRest);
    let required = limits.require && tagged::is_within(&limits.scope, project.tags.as_deref());
    let mut seen = Gathered::new();
    for key in enabled_keys(config, &mut seen) {
        let (private, field, cloud, endpoints) = match key.settings {
            Settings::Aws { private, .. } => (
                private,
                "awsKms.requirePrivateNetworking",
                CloudProvider::Aws,
                &project.project.aws_kms_private_endpoints,
            ),
            Settings::Azure { private, .. } => (
                private,
                "azureKeyVault.requirePrivateNetworking",
                CloudProvider::Azure,
                &project.project.azure_kms_private_endpoints,
            ),
            // There is no such setting.
            Settings::Gcp { .. } => continue,
        };
        match seen.see(private.required(field)) {
            Some(true) => {
                seen.fine();
                judge_regions(project, &key, &cloud, endpoints, &mut seen);
            }
            Some(false) if required => {
                let message = format!("Atlas reaches the key with {} over public addresses", key.provider);
                let evidence = Evidence::at(&at, message).field(format!("{}/requirePrivateNetworking", key.field));
                seen.offence(evidence.severity(Severity::Medium).fact("provider", key.provider.as_str()));
            }
            Some(false) | None => {}
        }
    }
    seen.verdict("no key of the customer's own has to be reached over private networks")
}

/// Whether nodes in a region reach the key.
fn reaches(endpoints: &[ServiceEndpoint], cloud: &CloudProvider, region: &RegionUse) -> Result<bool, Unknown> {
    if region.provider != *cloud {
        return Ok(false);
    }
    let mut doubt = None;
    for endpoint in endpoints {
        let there = match &endpoint.region_name {
            None => Err(Unknown::absent("regionName")),
            Some(name) => Ok(same_region(cloud, name, &region.region)),
        };
        let works = match &endpoint.status {
            None => Err(Unknown::absent("status")),
            Some(EndpointStatus::Other(text)) => Err(Unknown::not_understood("status", text)),
            Some(status) => Ok(*status == EndpointStatus::Active),
        };
        match (there, works) {
            (Ok(false), _) | (_, Ok(false)) => {}
            (Ok(true), Ok(true)) => return Ok(true),
            (Err(why), _) | (_, Err(why)) => doubt = Some(why),
        }
    }
    doubt.map_or(Ok(false), Err)
}

fn judge_regions(
    project: &ProjectView<'_>,
    key: &OwnKey<'_>,
    cloud: &CloudProvider,
    endpoints: &Reading<Vec<ServiceEndpoint>>,
    seen: &mut Gathered,
) {
    let clusters = seen.see(project.clusters.known());
    let Some(endpoints) = seen.see(endpoints.known()) else { return };
    for cluster in encrypted_by(clusters.map(Vec::as_slice).unwrap_or_default(), &key.provider) {
        let Some(regions) = cluster.regions() else {
            seen.unseen(Unknown::absent("regionName"));
            continue;
        };
        let name = cluster.name.as_deref().unwrap_or_default();
        for region in regions {
            match reaches(endpoints, cloud, &region) {
                Ok(true) => {}
                Ok(false) => {
                    let message = format!(
                        "{name} has nodes in {} ({}), and no private endpoint to the key with {} is ACTIVE there",
                        region.region, region.provider, key.provider
                    );
                    seen.offence(
                        Evidence::at(&project.item(Section::Clusters, &cluster.key()), message)
                            .field("/replicationSpecs")
                            .severity(Severity::High)
                            .fact("cluster", name)
                            .fact("provider", key.provider.as_str())
                            .fact("region", region.region.clone()),
                    );
                }
                Err(why) => seen.unseen(why),
            }
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Firewall {
    kms_allowed_cidrs: Vec<Range>,
}

/// ATL-ENC-008
pub(crate) fn firewall_missing_address(project: &ProjectView<'_>, limits: &Firewall) -> Judgement {
    if limits.kms_allowed_cidrs.is_empty() {
        return Ok(Verdict::not_applicable("nobody told which addresses the key's firewall admits"));
    }
    let config = project.encryption_at_rest.known()?;
    let allowed = IpNet::aggregate(&limits.kms_allowed_cidrs.iter().map(|range| range.0).collect::<Vec<_>>());
    let mut seen = Gathered::new();
    for key in enabled_keys(config, &mut seen) {
        let private = match key.settings {
            Settings::Aws { private, .. } => seen.see(private.required("awsKms.requirePrivateNetworking")).copied(),
            Settings::Azure { private, .. } => {
                seen.see(private.required("azureKeyVault.requirePrivateNetworking")).copied()
            }
            Settings::Gcp { .. } => Some(false),
        };
        if private != Some(false) {
            continue;
        }
        judge_nodes(project, &key, &allowed, &mut seen);
        judge_control_plane(project, &key, &allowed, &mut seen);
    }
    seen.verdict("no key of the customer's own is reached over public addresses")
}

/// Those that the firewall does not admit, in order.
fn left_out<'a>(
    ranges: impl IntoIterator<Item = &'a AddressRange>,
    allowed: &[IpNet],
    seen: &mut Gathered,
) -> Vec<String> {
    let mut missing = Vec::new();
    for range in ranges {
        match range {
            AddressRange::Other(text) => seen.unseen(Unknown::not_understood("ipAddresses", text)),
            AddressRange::Net(net) => {
                if !allowed.iter().any(|one| one.contains(net)) {
                    missing.push(net.to_string().trim_end_matches("/32").to_owned());
                }
            }
        }
    }
    missing.sort();
    missing.dedup();
    missing
}

/// `a, b, c and 7 more`
fn some_of(all: &[String]) -> String {
    match all {
        few if few.len() <= 4 => few.join(", "),
        many => format!("{} and {} more", many[..3].join(", "), many.len() - 3),
    }
}

fn judge_nodes(project: &ProjectView<'_>, key: &OwnKey<'_>, allowed: &[IpNet], seen: &mut Gathered) {
    let (Some(addresses), Some(clusters)) =
        (seen.see(project.ip_addresses.known()), seen.see(project.clusters.known()))
    else {
        return;
    };
    let listed = addresses.services.as_ref().and_then(|services| services.clusters.as_deref());
    let Some(listed) = listed else { return seen.unseen(Unknown::absent("services.clusters")) };
    for cluster in encrypted_by(clusters, &key.provider) {
        let Some(own) = listed.iter().find(|one| one.cluster_name == cluster.name) else {
            seen.unseen(Unknown::absent("services.clusters"));
            continue;
        };
        seen.fine();
        judge_cluster(project, key, cluster, own, allowed, seen);
    }
}

fn judge_cluster(
    project: &ProjectView<'_>,
    key: &OwnKey<'_>,
    cluster: &Cluster,
    own: &ClusterAddresses,
    allowed: &[IpNet],
    seen: &mut Gathered,
) {
    let name = cluster.name.as_deref().unwrap_or_default();
    let at = project.item(Section::Clusters, &cluster.key());
    let kinds = [("comes", "outbound", &own.outbound), ("will come", "futureOutbound", &own.future_outbound)];
    for (verb, field, list) in kinds {
        let Some(list) = seen.see(list.required(field)) else { continue };
        let missing = left_out(list, allowed, seen);
        if !missing.is_empty() {
            let message = format!(
                "{name} {verb} from {}, which the firewall of the key with {} does not admit",
                some_of(&missing),
                key.provider
            );
            seen.offence(Evidence::at(&at, message).fact("cluster", name));
        }
    }
}

fn judge_control_plane(project: &ProjectView<'_>, key: &OwnKey<'_>, allowed: &[IpNet], seen: &mut Gathered) {
    let Some(addresses) = seen.see(project.organization.control_plane_addresses.known()) else { return };
    let Some(regions) = seen.see(regions_of(addresses, &key.provider)) else { return };
    let (cloud, region) = match key.settings {
        Settings::Aws { region, .. } => (CloudProvider::Aws, region),
        // The answer does not tell where a vault is.
        Settings::Azure { .. } => (CloudProvider::Azure, None),
        Settings::Gcp { id, .. } => (CloudProvider::Gcp, id.and_then(gcp_location)),
    };
    let near: Vec<_> = regions
        .iter()
        .filter(|(name, _)| region.is_none_or(|region| same_region(&cloud, name, region)))
        .flat_map(|(_, ranges)| ranges)
        .collect();
    if near.is_empty() {
        let place = region.map(|region| format!(" in {region}")).unwrap_or_default();
        let what = format!("Atlas lists no address of its own with {}{place}", key.provider);
        return seen.unseen(Unknown::undecidable(what));
    }
    seen.fine();
    let missing = left_out(near, allowed, seen);
    if !missing.is_empty() {
        let message = format!(
            "Atlas's control plane comes from {}, which the firewall of the key with {} does not admit",
            some_of(&missing),
            key.provider
        );
        seen.offence(Evidence::at(&project.section(Section::EncryptionAtRest), message).field(key.field));
    }
}

/// From where Atlas itself comes, by region of a provider.
fn regions_of<'a>(
    addresses: &'a ControlPlaneAddresses,
    provider: &KeyProvider,
) -> Result<&'a BTreeMap<String, Vec<AddressRange>>, Unknown> {
    let outbound = addresses.outbound.required("outbound")?;
    match provider {
        KeyProvider::Aws => outbound.aws.required("outbound.aws"),
        KeyProvider::Azure => outbound.azure.required("outbound.azure"),
        KeyProvider::Gcp => outbound.gcp.required("outbound.gcp"),
        KeyProvider::None | KeyProvider::Other(_) => Err(Unknown::undecidable(NO_KEY)),
    }
}
