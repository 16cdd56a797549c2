//! Peering: whether entries that only a peering could make use of have one.

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde::Deserialize;

use crate::analysis::address_space::is_private;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Unknown};
use crate::engine::view::ProjectView;
use crate::snapshot::address::AddressRange;
use crate::snapshot::network::{AccessListEntry, Network, Peer, PeerStatus};
use crate::snapshot::tree::Node;

use super::{entry_ref, quoted_comment, ranges};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ineffective {
    peer_cidrs: BTreeMap<String, Vec<IpNet>>,
}

/// What the peerings of a project let through.
#[derive(Default)]
struct Peered {
    /// Of the customer's networks, as far as they are known.
    ranges: Vec<IpNet>,
    /// Whether any peering in AWS is up.
    aws: bool,
    /// What may hold more ranges.
    ranges_unseen: Gathered,
    /// What may hold a peering in AWS.
    aws_unseen: Gathered,
}

impl Peered {
    fn of(project: &ProjectView<'_>, limits: &Ineffective) -> Self {
        let mut peered = Self::default();
        for (peers, is_aws) in
            [(&project.project.aws_peers, true), (&project.azure_peers, false), (&project.gcp_peers, false)]
        {
            match peers.known() {
                Err(why) => peered.doubt(why.into(), is_aws),
                Ok(peers) => peers.iter().for_each(|peer| peered.add(peer, is_aws, limits)),
            }
        }
        // Two neighbours may hold an entry that neither holds alone.
        peered.ranges = IpNet::aggregate(&peered.ranges.iter().map(IpNet::trunc).collect());
        peered
    }

    fn doubt(&mut self, why: Unknown, is_aws: bool) {
        if is_aws {
            self.aws_unseen.unseen(why.clone());
        }
        self.ranges_unseen.unseen(why);
    }

    fn add(&mut self, peer: &Peer, is_aws: bool, limits: &Ineffective) {
        match &peer.status {
            Some(PeerStatus::Available) => {}
            Some(PeerStatus::Other(text)) => {
                return self.doubt(Unknown::not_understood("status", text.clone()), is_aws);
            }
            Some(_) => return,
            None => return self.doubt(Unknown::absent("status"), is_aws),
        }
        self.aws |= is_aws;
        let configured = limits.peer_cidrs.get(&peer.key());
        self.ranges.extend(configured.into_iter().flatten());
        match &peer.route_table_cidr_block {
            Some(AddressRange::Net(range)) => self.ranges.push(*range),
            _ if configured.is_some() => {}
            Some(AddressRange::Other(text)) => {
                self.ranges_unseen.unseen(Unknown::not_understood("routeTableCidrBlock", text.clone()));
            }
            None if is_aws => self.ranges_unseen.unseen(Unknown::absent("routeTableCidrBlock")),
            None => self.ranges_unseen.unseen(Unknown::undecidable(format!(
                "Atlas does not tell the range behind the peering {}: `peer_cidrs` can",
                peer.key()
            ))),
        }
    }
}

/// ATL-NET-006
pub(crate) fn ineffective(project: &ProjectView<'_>, limits: &Ineffective) -> Judgement {
    let mut seen = Gathered::new();
    let entries = project.access_list.known()?;
    let private: Vec<_> = ranges(entries, &mut seen).into_iter().filter(|(_, range)| is_private(range)).collect();
    let groups: Vec<_> = entries.iter().filter(|entry| matches!(entry.network(), Network::SecurityGroup(_))).collect();
    if private.is_empty() && groups.is_empty() {
        return seen.verdict("no entry is private or an AWS security group");
    }
    seen.fine();
    let peered = Peered::of(project, limits);
    let offence = |entry: &AccessListEntry, message: String| {
        Evidence::at(&entry_ref(project, entry), message).fact("entry", entry.key())
    };
    let astray: Vec<_> = private
        .into_iter()
        .filter(|(_, range)| !peered.ranges.iter().any(|peer| peer.contains(&range.trunc())))
        .collect();
    if !astray.is_empty() {
        match peered.ranges_unseen.verdict("") {
            Err(why) => seen.unseen(why),
            Ok(_) => {
                for (entry, range) in astray {
                    let comment = quoted_comment(entry);
                    let message = format!("{range} is private, and no peering that is up leads there{comment}");
                    seen.offence(offence(entry, message).field("/cidrBlock"));
                }
            }
        }
    }
    if !groups.is_empty() && !peered.aws {
        match peered.aws_unseen.verdict("") {
            Err(why) => seen.unseen(why),
            Ok(_) => {
                for entry in groups {
                    let comment = quoted_comment(entry);
                    let message = format!("{} is known to AWS only, and no AWS peering is up{comment}", entry.key());
                    seen.offence(offence(entry, message).field("/awsSecurityGroup"));
                }
            }
        }
    }
    seen.verdict("")
}
