//! Peerings: which are up, what lies behind them, and which blocks of addresses are in each other's way.

use std::collections::BTreeMap;

use ipnet::IpNet;

use crate::snapshot::Reading;
use crate::snapshot::address::AddressRange;
use crate::snapshot::network::{Container, Peer, PeerStatus};
use crate::snapshot::project::Project;
use crate::snapshot::tree::Node;
use crate::snapshot::values::CloudProvider;

use super::address_space::Union;
use super::doubt::Doubt;
use super::private_endpoints::strange;

/// Ranges behind peerings that Atlas does not tell, by the peering's id.
pub type PeerRanges = BTreeMap<String, Vec<IpNet>>;

/// A project's peerings with one provider; nothing for what is no provider.
#[must_use]
pub fn reading<'a>(project: &'a Project, provider: &CloudProvider) -> Option<&'a Reading<Vec<Peer>>> {
    match provider {
        CloudProvider::Aws => Some(&project.aws_peers),
        CloudProvider::Azure => Some(&project.azure_peers),
        CloudProvider::Gcp => Some(&project.gcp_peers),
        CloudProvider::Tenant | CloudProvider::Other(_) => None,
    }
}

/// Only the list of the provider in question: whether another can be read must not matter.
pub fn peers<'a>(project: &'a Project, provider: &CloudProvider) -> Result<&'a [Peer], Doubt> {
    Ok(reading(project, provider).ok_or_else(|| strange(provider))?.known()?)
}

/// Whether a peering is up.
pub fn is_up(peer: &Peer) -> Result<bool, Doubt> {
    match &peer.status {
        Some(PeerStatus::Available) => Ok(true),
        Some(PeerStatus::Other(text)) => Err(Doubt::not_understood("status", text.clone())),
        Some(_) => Ok(false),
        None => Err(Doubt::Absent("status")),
    }
}

/// Whether a peering is on its way out: nothing needs to be said of it any more.
#[must_use]
pub fn is_leaving(peer: &Peer) -> bool {
    matches!(peer.status, Some(PeerStatus::Terminating | PeerStatus::Deleting))
}

/// The ranges of the network behind a peering, and what stands in the way of knowing them all.
#[must_use]
pub fn ranges_behind(peer: &Peer, provider: &CloudProvider, configured: &PeerRanges) -> (Vec<IpNet>, Option<Doubt>) {
    let configured = configured.get(&peer.key());
    let mut ranges: Vec<IpNet> = configured.into_iter().flatten().copied().collect();
    let doubt = match &peer.route_table_cidr_block {
        Some(AddressRange::Net(range)) => {
            ranges.push(*range);
            None
        }
        _ if configured.is_some() => None,
        Some(AddressRange::Other(text)) => Some(Doubt::not_understood("routeTableCidrBlock", text.clone())),
        None if *provider == CloudProvider::Aws => Some(Doubt::Absent("routeTableCidrBlock")),
        None => Some(Doubt::Untold(format!(
            "Atlas does not tell the range behind the peering {}: `peer_cidrs` can",
            peer.key()
        ))),
    };
    (ranges, doubt)
}

/// Whether anything could bring traffic from private addresses or an AWS security group to a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// These peerings do, by their ids.
    By(Vec<String>),
    /// Nothing does.
    Nothing,
    /// Something may.
    Unknown(Vec<Doubt>),
}

/// What the peerings of a project let through.
#[derive(Debug, Default)]
pub struct Peered {
    /// Those that are up: id and ranges.
    up: Vec<(String, Vec<IpNet>)>,
    /// Of the customer's networks together: two neighbours may hold an entry that neither holds alone.
    ranges: Union,
    /// Those in AWS that are up.
    aws: Vec<String>,
    /// What may hold more ranges.
    ranges_unseen: Vec<Doubt>,
    /// What may hold a peering in AWS.
    aws_unseen: Vec<Doubt>,
}

impl Peered {
    /// What is known of it. `configured` names ranges that Atlas does not tell.
    #[must_use]
    pub fn of(project: &Project, configured: &PeerRanges) -> Self {
        let mut peered = Self::default();
        for provider in &super::private_endpoints::PROVIDERS {
            match peers(project, provider) {
                Err(why) => peered.doubt(why, provider),
                Ok(peers) => peers.iter().for_each(|peer| peered.add(peer, provider, configured)),
            }
        }
        peered.ranges = peered.up.iter().flat_map(|(_, ranges)| ranges).copied().collect();
        peered
    }

    fn doubt(&mut self, why: Doubt, provider: &CloudProvider) {
        if *provider == CloudProvider::Aws {
            self.aws_unseen.push(why.clone());
        }
        self.ranges_unseen.push(why);
    }

    fn add(&mut self, peer: &Peer, provider: &CloudProvider, configured: &PeerRanges) {
        match is_up(peer) {
            Ok(true) => {}
            Ok(false) => return,
            Err(why) => return self.doubt(why, provider),
        }
        if *provider == CloudProvider::Aws {
            self.aws.push(peer.key());
        }
        let (ranges, doubt) = ranges_behind(peer, provider, configured);
        self.up.push((peer.key(), ranges));
        self.ranges_unseen.extend(doubt);
    }

    /// Whether a private range lies behind peerings that are up.
    #[must_use]
    pub fn delivery(&self, range: &IpNet) -> Delivery {
        if self.ranges.covers(range) {
            let range = range.trunc();
            let overlaps = |own: &IpNet| own.trunc().contains(&range) || range.contains(&own.trunc());
            let by = self.up.iter().filter(|(_, ranges)| ranges.iter().any(overlaps));
            return Delivery::By(by.map(|(id, _)| id.clone()).collect());
        }
        if self.ranges_unseen.is_empty() { Delivery::Nothing } else { Delivery::Unknown(self.ranges_unseen.clone()) }
    }

    /// Whether an AWS security group means anything: some peering in AWS is up.
    #[must_use]
    pub fn security_group_delivery(&self) -> Delivery {
        if !self.aws.is_empty() {
            return Delivery::By(self.aws.clone());
        }
        if self.aws_unseen.is_empty() { Delivery::Nothing } else { Delivery::Unknown(self.aws_unseen.clone()) }
    }
}

/// A block of Atlas's that is in the way of another.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict<'a> {
    /// Atlas's network: of two of Atlas's own the one that can still be changed, or the later.
    pub container: &'a Container,
    /// Its block.
    pub block: IpNet,
    /// What it overlaps.
    pub with: ConflictWith<'a>,
    /// The other block.
    pub other: IpNet,
}

/// What a block of Atlas's overlaps.
#[derive(Debug, Clone, PartialEq)]
pub enum ConflictWith<'a> {
    /// Another network of Atlas's in the same project.
    Container(&'a Container),
    /// The network behind a peering.
    Peer(&'a Peer),
    /// A network that is planned.
    Planned,
}

/// Where Atlas's blocks overlap each other, these networks behind peerings, and what is planned.
#[must_use]
pub fn conflicts<'a>(
    containers: &'a [Container],
    behind: &[(&'a Peer, IpNet)],
    planned: &[IpNet],
) -> Vec<Conflict<'a>> {
    let block = |container: &Container| container.atlas_cidr_block.as_ref().and_then(AddressRange::net);
    let overlap = |one: &IpNet, other: &IpNet| {
        let (one, other) = (one.trunc(), other.trunc());
        one.contains(&other) || other.contains(&one)
    };
    let mut found = Vec::new();
    for (index, container) in containers.iter().enumerate() {
        let Some(own) = block(container) else { continue };
        for earlier in &containers[..index] {
            let Some(other) = block(earlier).filter(|other| overlap(&own, other)) else { continue };
            let later_is_fixed = container.provisioned != Some(false);
            found.push(if later_is_fixed && earlier.provisioned == Some(false) {
                Conflict { container: earlier, block: other, with: ConflictWith::Container(container), other: own }
            } else {
                Conflict { container, block: own, with: ConflictWith::Container(earlier), other }
            });
        }
        let behind = behind.iter().map(|(peer, range)| (ConflictWith::Peer(peer), range));
        let others = behind.chain(planned.iter().map(|range| (ConflictWith::Planned, range)));
        let others = others.filter(|(_, range)| overlap(&own, range));
        found.extend(others.map(|(with, range)| Conflict { container, block: own, with, other: *range }));
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::snapshot::tree;

    fn peered(aws: &serde_json::Value) -> Peered {
        let serde_json::Value::Object(fields) = json!({ "awsPeers": aws, "azurePeers": [], "gcpPeers": [] }) else {
            panic!("an object")
        };
        Peered::of(&tree::nested(fields).unwrap(), &PeerRanges::new())
    }

    #[test]
    fn an_entry_is_brought_by_every_peering_that_it_overlaps() {
        let peer = |id: &str, range: &str| json!({ "id": id, "statusName": "AVAILABLE", "routeTableCidrBlock": range });
        let two = peered(&json!([peer("a", "10.0.0.0/16"), peer("b", "10.1.0.0/16"), peer("c", "10.8.0.0/16")]));
        for (entry, by) in [
            ("10.0.0.0/15", &["a", "b"][..]),
            ("10.0.0.0/16", &["a"]),
            ("10.1.2.0/24", &["b"]),
            ("10.8.0.7/32", &["c"]),
        ] {
            let expected = Delivery::By(by.iter().map(ToString::to_string).collect());
            assert_eq!(two.delivery(&entry.parse().unwrap()), expected, "{entry}");
        }
        assert_eq!(two.delivery(&"10.0.0.0/14".parse().unwrap()), Delivery::Nothing);
    }
}
