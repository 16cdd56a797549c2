//! Who can reach the clusters of a project: what its access list really admits, joined with the private ways in.
//!
//! `access_list` weighs the entries against each other, `private_ways` joins clusters, private endpoints, peerings and
//! networks. What was not read is told, part by part, and never counts as empty.

pub mod access_list;
pub mod private_ways;

use jiff::Timestamp;

use crate::snapshot::address::AddressRange;
use crate::snapshot::network::{ControlPlaneAddresses, ProviderAddresses};
use crate::snapshot::tree::Node;
use crate::snapshot::{Organization, Project, Reading, Reason, Ref, Section, Unavailable};

use self::access_list::{AccessList, Admits, KnownAddress};
use self::private_ways::PrivateWays;
use super::doubt::Doubt;
use super::peering::{Delivery, PeerRanges, Peered};

/// What has to be read for it.
pub const SECTIONS: &[Section] = &[
    Section::ControlPlaneAddresses,
    Section::IpAddresses,
    Section::AccessList,
    Section::Containers,
    Section::AwsPeers,
    Section::AzurePeers,
    Section::GcpPeers,
    Section::AwsPrivateEndpointServices,
    Section::AzurePrivateEndpointServices,
    Section::GcpPrivateEndpointServices,
    Section::PrivateEndpoints,
    Section::RegionalMode,
    Section::Clusters,
];

/// From this share of the routed addresses of a family on, an access list is no list.
const OPEN: f64 = 0.5;

/// What it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// There is no way in: nothing public, and for certain nothing private either.
    Closed,
    /// Nothing public. What there is of ways in is private.
    PrivateOnly,
    /// Some public addresses.
    Public,
    /// All public addresses of a family, or at least half of them.
    Open,
    /// The access list could not be read or understood.
    Unknown,
}

/// What is known of the ways into a project's clusters.
#[derive(Debug, Clone)]
pub struct Exposure {
    /// What it comes to.
    pub reach: Reach,
    /// Its access list.
    pub access_list: Result<AccessList, Unavailable>,
    /// The private ways in.
    pub private: PrivateWays,
    /// The parts that could not be read.
    pub unread: Vec<(Section, Ref, Unavailable)>,
}

impl Reach {
    /// In one word or two.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::PrivateOnly => "private only",
            Self::Public => "public",
            Self::Open => "open to the internet",
            Self::Unknown => "unknown",
        }
    }
}

impl Exposure {
    /// Of a project as it was at `now`. `peer_ranges` names what lies behind peerings where Atlas does not tell.
    #[must_use]
    pub fn of(organization: &Organization, project: &Project, peer_ranges: &PeerRanges, now: Timestamp) -> Self {
        let peered = Peered::of(project, peer_ranges);
        let known = known_addresses(organization, project);
        let access_list = match project.access_list.known() {
            Ok(entries) => Ok(AccessList::of(entries, &peered, &known, now)),
            Err(why) => Err(why.clone()),
        };
        let private = PrivateWays::of(project, peer_ranges);
        let reach = reach(&access_list, &private);
        Self { reach, access_list, private, unread: unread(organization, project) }
    }

    /// Whether something could not be read or understood, so that there may be more than is told.
    #[must_use]
    pub fn incomplete(&self) -> bool {
        let unsure = |delivery: &Delivery| matches!(delivery, Delivery::Unknown(_));
        let odd = |admits: &Admits| match admits {
            Admits::Public { .. } => false,
            Admits::Private { delivery, .. } | Admits::SecurityGroup { delivery, .. } => unsure(delivery),
            Admits::NotUnderstood(_) => true,
        };
        let list = |list: &AccessList| list.entries.iter().any(|entry| odd(&entry.admits));
        !self.unread.is_empty() || self.access_list.as_ref().is_ok_and(list) || !self.private.doubts().is_empty()
    }
}

fn reach(access_list: &Result<AccessList, Unavailable>, private: &PrivateWays) -> Reach {
    let Ok(list) = access_list else { return Reach::Unknown };
    if list.admits_everyone || list.public.ipv4_share() >= OPEN || list.public.routed_ipv6_share() >= OPEN {
        return Reach::Open;
    }
    // What is not understood may admit whoever.
    if list.entries.iter().any(|entry| matches!(entry.admits, Admits::NotUnderstood(_))) {
        return Reach::Unknown;
    }
    if list.public.ranges().next().is_some() {
        return Reach::Public;
    }
    let delivered = |delivery: &Delivery| *delivery != Delivery::Nothing;
    let by_list = list.entries.iter().any(|entry| match &entry.admits {
        Admits::Private { delivery, .. } | Admits::SecurityGroup { delivery, .. } => delivered(delivery),
        Admits::Public { .. } | Admits::NotUnderstood(_) => false,
    });
    if by_list || private.any_endpoint != Ok(false) { Reach::PrivateOnly } else { Reach::Closed }
}

/// Addresses of which the snapshot says whose they are.
fn known_addresses(organization: &Organization, project: &Project) -> Vec<KnownAddress> {
    let mut known = Vec::new();
    let services = project.ip_addresses.known().ok().and_then(|addresses| addresses.services.as_ref());
    for cluster in services.into_iter().flat_map(|services| services.clusters.iter().flatten()) {
        let name = cluster.cluster_name.as_deref().unwrap_or_default();
        let all = [&cluster.inbound, &cluster.outbound, &cluster.future_inbound, &cluster.future_outbound];
        let ranges = all.into_iter().flatten().flatten().filter_map(AddressRange::net);
        known.extend(ranges.map(|range| KnownAddress { range, whose: format!("nodes of the cluster {name}") }));
    }
    if let Ok(addresses) = organization.control_plane_addresses.known() {
        known.extend(control_plane(addresses));
    }
    known.sort();
    known.dedup();
    known
}

fn control_plane(addresses: &ControlPlaneAddresses) -> Vec<KnownAddress> {
    let gateways = addresses.gateways.iter().flatten().filter_map(|gateway| gateway.ips.as_ref());
    let gateways = gateways.flat_map(|ips| [&ips.inbound, &ips.outbound]);
    let all = [&addresses.inbound, &addresses.outbound].into_iter().chain(gateways).flatten();
    let mut known = Vec::new();
    for ProviderAddresses { aws, azure, gcp } in all {
        for (provider, regions) in [("AWS", aws), ("Azure", azure), ("GCP", gcp)] {
            for (region, ranges) in regions.iter().flatten() {
                let whose = format!("Atlas's control plane in {provider} {region}");
                let ranges = ranges.iter().filter_map(AddressRange::net);
                known.extend(ranges.map(|range| KnownAddress { range, whose: whose.clone() }));
            }
        }
    }
    known
}

/// What of an organization could not be read: addresses of Atlas's own stay without a name then.
#[must_use]
pub fn unread_of_organization(organization: &Organization) -> Option<(Section, Ref, Unavailable)> {
    let section = Section::ControlPlaneAddresses;
    let why = organization.control_plane_addresses.known().err().filter(|why| is_hole(why))?;
    Some((section, organization.at().child(section.slot()), why.clone()))
}

/// What Atlas does not offer is no hole.
fn is_hole(why: &Unavailable) -> bool {
    why.reason != Reason::Unsupported
}

/// The sections that it rests on and that could not be read.
fn unread(organization: &Organization, project: &Project) -> Vec<(Section, Ref, Unavailable)> {
    let mut unread = Vec::new();
    let mut note = |section: Section, at: &dyn Fn() -> Ref, unavailable: Option<&Unavailable>| {
        if let Some(why) = unavailable.filter(|why| is_hole(why))
            && SECTIONS.contains(&section)
        {
            unread.push((section, at(), why.clone()));
        }
    };
    let at = project.at(&organization.at());
    for (section, slot) in project.slots() {
        slot.visit(section, &|| at.child(section.slot()), &mut note);
    }
    unread
}

/// A reading's value, or the doubt that its lack leaves.
pub(super) fn seen<T>(reading: &Reading<T>) -> Result<&T, Doubt> {
    Ok(reading.known()?)
}

#[cfg(test)]
mod tests;
