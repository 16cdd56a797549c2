//! The private ways into a project's clusters: endpoints by region, peerings, and what is in their way.

use std::collections::BTreeSet;

use ipnet::IpNet;

use crate::analysis::doubt::Doubt;
use crate::analysis::peering::{self, ConflictWith, PeerRanges, conflicts, is_leaving, is_up, ranges_behind};
use crate::analysis::private_endpoints::{PROVIDERS, any_works, services, serving, works};
use crate::snapshot::address::AddressRange;
use crate::snapshot::cluster::Cluster;
use crate::snapshot::network::{Container, Peer};
use crate::snapshot::project::Project;
use crate::snapshot::topology::RegionUse;
use crate::snapshot::tree::Node;
use crate::snapshot::values::CloudProvider;
use crate::snapshot::{Reason, Unavailable};

use super::seen;

/// The private ways in.
#[derive(Debug, Clone)]
pub struct PrivateWays {
    /// Each cluster, region by region.
    pub clusters: Result<Vec<ClusterWays>, Unavailable>,
    /// Whether any private endpoint works.
    pub any_endpoint: Result<bool, Doubt>,
    /// The endpoint services that were read.
    pub endpoints: Vec<EndpointService>,
    /// Whether sharded clusters over several regions have endpoints of their own in each.
    pub regional_mode: Result<bool, Doubt>,
    /// The peerings that were read.
    pub peerings: Vec<Peering>,
    /// Atlas's own networks.
    pub containers: Result<Vec<OwnNetwork>, Unavailable>,
    /// Blocks of addresses that are in each other's way.
    pub conflicts: Vec<Overlap>,
}

/// A cluster.
#[derive(Debug, Clone)]
pub struct ClusterWays {
    /// Its name.
    pub name: String,
    /// Whether it has machines of its own: others can have no private way in.
    pub dedicated: Option<bool>,
    /// Whether it has shards.
    pub sharded: Option<bool>,
    /// The regions that hold nodes; of a cluster that is not dedicated none are told.
    pub regions: Result<Vec<RegionWays>, Doubt>,
}

/// A region that holds nodes.
#[derive(Debug, Clone)]
pub struct RegionWays {
    /// Where, and which kinds of nodes.
    pub region: RegionUse,
    /// The working endpoint service that serves it, by its id; nothing if there certainly is none.
    pub endpoint: Result<Option<String>, Doubt>,
}

/// Atlas's side of private endpoints in a region.
#[derive(Debug, Clone)]
pub struct EndpointService {
    /// 24 hexadecimal digits.
    pub id: String,
    /// Whose cloud.
    pub provider: CloudProvider,
    /// Where.
    pub region: Option<String>,
    /// AWS: regions that clients may be in besides.
    pub remote_regions: Vec<String>,
    /// As Atlas says.
    pub status: Option<String>,
    /// Whether both sides are up.
    pub works: Result<bool, Doubt>,
}

/// A peering.
#[derive(Debug, Clone)]
pub struct Peering {
    /// 24 hexadecimal digits.
    pub id: String,
    /// Whose cloud.
    pub provider: CloudProvider,
    /// The customer's network, as the provider names it.
    pub network: Option<String>,
    /// As Atlas says.
    pub status: Option<String>,
    /// Whether it is up.
    pub up: Result<bool, Doubt>,
    /// The addresses behind it, as far as they are known.
    pub ranges: Vec<IpNet>,
    /// Why there may be more.
    pub ranges_doubt: Option<Doubt>,
}

/// A network of Atlas's.
#[derive(Debug, Clone)]
pub struct OwnNetwork {
    /// 24 hexadecimal digits.
    pub id: String,
    /// Whose cloud.
    pub provider: Option<CloudProvider>,
    /// Where; everywhere if empty, with GCP.
    pub regions: Vec<String>,
    /// Its block.
    pub block: Option<IpNet>,
    /// Whether the block is fixed.
    pub provisioned: Option<bool>,
}

/// Two blocks of addresses that overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// Atlas's network.
    pub container: String,
    /// Its block.
    pub block: IpNet,
    /// The other, by its id.
    pub with: OverlapWith,
    /// The other's block.
    pub other: IpNet,
}

/// What a block of Atlas's overlaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverlapWith {
    /// Another network of Atlas's.
    Container(String),
    /// The network behind a peering.
    Peering(String),
}

impl PrivateWays {
    /// Of a project.
    #[must_use]
    pub fn of(project: &Project, peer_ranges: &PeerRanges) -> Self {
        let mut endpoints = Vec::new();
        let mut peerings = Vec::new();
        let mut behind: Vec<(&Peer, IpNet)> = Vec::new();
        for provider in &PROVIDERS {
            for service in services(project, provider).unwrap_or_default() {
                endpoints.push(EndpointService {
                    id: service.key(),
                    provider: provider.clone(),
                    region: service.region_name.clone(),
                    remote_regions: service.supported_remote_regions.clone().unwrap_or_default(),
                    status: service.status.as_ref().map(ToString::to_string),
                    works: works(service),
                });
            }
            for peer in peering::peers(project, provider).unwrap_or_default() {
                let (ranges, ranges_doubt) = ranges_behind(peer, provider, peer_ranges);
                if !is_leaving(peer) {
                    behind.extend(ranges.iter().map(|range| (peer, *range)));
                }
                peerings.push(Peering {
                    id: peer.key(),
                    provider: provider.clone(),
                    network: network_of(peer),
                    status: peer.status.as_ref().map(ToString::to_string),
                    up: is_up(peer),
                    ranges,
                    ranges_doubt,
                });
            }
        }
        let containers = project.containers.known();
        let overlaps = containers.map(|containers| conflicts(containers, &behind, &[])).unwrap_or_default();
        let overlaps = overlaps.into_iter().filter_map(|conflict| {
            let with = match conflict.with {
                ConflictWith::Container(other) => OverlapWith::Container(other.key()),
                ConflictWith::Peer(peer) => OverlapWith::Peering(peer.key()),
                ConflictWith::Planned => return None,
            };
            Some(Overlap { container: conflict.container.key(), block: conflict.block, with, other: conflict.other })
        });
        Self {
            clusters: match project.clusters.known() {
                Ok(clusters) => Ok(clusters.iter().filter(|one| lives(one)).map(|one| ways_to(project, one)).collect()),
                Err(why) => Err(why.clone()),
            },
            any_endpoint: any_works(project),
            endpoints,
            regional_mode: seen(&project.regional_mode).and_then(|mode| mode.enabled.ok_or(Doubt::Absent("enabled"))),
            peerings,
            containers: containers.map(|all| all.iter().map(own_network).collect()).map_err(Clone::clone),
            conflicts: overlaps.collect(),
        }
    }

    /// What was read and not understood. What was not read is told elsewhere.
    #[must_use]
    pub fn doubts(&self) -> Vec<&Doubt> {
        let clusters = self.clusters.iter().flatten();
        let regions = clusters.filter_map(|cluster| cluster.regions.as_ref().err());
        let each = self.clusters.iter().flatten().flat_map(|cluster| cluster.regions.iter().flatten());
        let endpoints = each.filter_map(|region| region.endpoint.as_ref().err());
        let services = self.endpoints.iter().filter_map(|service| service.works.as_ref().err());
        let peerings = self.peerings.iter().flat_map(|peering| {
            let gone = peering.up == Ok(false);
            peering.up.as_ref().err().into_iter().chain(peering.ranges_doubt.as_ref().filter(|_| !gone))
        });
        let all = regions.chain(endpoints).chain(services).chain(peerings).chain(self.regional_mode.as_ref().err());
        let told = |doubt: &Doubt| matches!(doubt, Doubt::Unread(why) if why.reason != Reason::Unsupported);
        all.filter(|doubt| !told(doubt)).collect()
    }
}

/// Neither Atlas's own nor one of which only backups are left.
fn lives(cluster: &Cluster) -> bool {
    cluster.is_internal() != Some(true) && cluster.is_deleted() != Some(true)
}

fn ways_to(project: &Project, cluster: &Cluster) -> ClusterWays {
    let dedicated = cluster.is_dedicated();
    let regions = match (dedicated, cluster.regions()) {
        (Some(false), _) => Ok(Vec::new()),
        (_, None) => Err(Doubt::Absent("regionName")),
        (_, Some(regions)) => Ok(regions
            .into_iter()
            .map(|region| {
                let endpoint = serving(project, &region, true).map(|service| service.map(Node::key));
                RegionWays { region, endpoint }
            })
            .collect()),
    };
    ClusterWays { name: cluster.key(), dedicated, sharded: cluster.is_sharded(), regions }
}

fn network_of(peer: &Peer) -> Option<String> {
    [&peer.vpc_id, &peer.vnet_name, &peer.network_name].into_iter().flatten().next().cloned()
}

fn own_network(container: &Container) -> OwnNetwork {
    let regions: BTreeSet<&String> = container.region.iter().chain(container.regions.iter().flatten()).collect();
    OwnNetwork {
        id: container.key(),
        provider: container.provider_name.clone(),
        regions: regions.into_iter().cloned().collect(),
        block: container.atlas_cidr_block.as_ref().and_then(AddressRange::net),
        provisioned: container.provisioned,
    }
}
