//! Peering: whether entries that only a peering could make use of have one, and whether blocks are in its way.

use ipnet::IpNet;
use serde::Deserialize;

use crate::analysis::address_space::is_private;
use crate::analysis::doubt::{Doubt, any};
use crate::analysis::peering::{
    ConflictWith, Delivery, PeerRanges, Peered, conflicts, is_leaving, peers, ranges_behind,
};
use crate::analysis::private_endpoints::{PROVIDERS, services};
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Unknown, Verdict};
use crate::engine::view::ProjectView;
use crate::snapshot::Section;
use crate::snapshot::address::AddressRange;
use crate::snapshot::network::{AccessListEntry, Container, Network, Peer};
use crate::snapshot::tree::Node;

use super::{entry_ref, quoted_comment, ranges};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ineffective {
    peer_cidrs: PeerRanges,
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
    let peered = Peered::of(project, &limits.peer_cidrs);
    let offence = |entry: &AccessListEntry, message: String| {
        Evidence::at(&entry_ref(project, entry), message).fact("entry", entry.key())
    };
    for (entry, range) in private {
        match peered.delivery(&range) {
            Delivery::By(_) => {}
            Delivery::Unknown(doubts) => doubts.into_iter().for_each(|doubt| seen.unseen(doubt)),
            Delivery::Nothing => {
                let comment = quoted_comment(entry);
                let message = format!("{range} is private, and no peering that is up leads there{comment}");
                seen.offence(offence(entry, message).field("/cidrBlock"));
            }
        }
    }
    for entry in groups {
        match peered.security_group_delivery() {
            Delivery::By(_) => {}
            Delivery::Unknown(doubts) => doubts.into_iter().for_each(|doubt| seen.unseen(doubt)),
            Delivery::Nothing => {
                let comment = quoted_comment(entry);
                let message = format!("{} is known to AWS only, and no AWS peering is up{comment}", entry.key());
                seen.offence(offence(entry, message).field("/awsSecurityGroup"));
            }
        }
    }
    seen.verdict("")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CidrConflict {
    planned_cidrs: Vec<IpNet>,
    peer_cidrs: PeerRanges,
}

/// ATL-NET-011
pub(crate) fn cidr_conflict(project: &ProjectView<'_>, limits: &CidrConflict) -> Judgement {
    let containers = project.containers.known()?;
    if containers.is_empty() {
        return Ok(Verdict::not_applicable("the project has no network that could be peered"));
    }
    let stays = |peer: &Peer| !is_leaving(peer);
    if limits.planned_cidrs.is_empty() {
        let peered = any(&PROVIDERS, |provider| Ok(peers(project.project, provider)?.iter().any(stays)));
        let endpoint = any(&PROVIDERS, |provider| Ok(!services(project.project, provider)?.is_empty()));
        match (peered, endpoint) {
            (Ok(true), _) | (_, Ok(false)) => {}
            (Ok(false), Ok(true)) => {
                return Ok(Verdict::not_applicable("the project has private endpoints and no peering"));
            }
            (Err(why), _) | (_, Err(why)) => return Err(why.into()),
        }
    }
    let mut seen = Gathered::new();
    for container in containers {
        match &container.atlas_cidr_block {
            Some(AddressRange::Net(_)) => seen.fine(),
            Some(AddressRange::Other(text)) => seen.unseen(Unknown::not_understood("atlasCidrBlock", text.clone())),
            None => seen.unseen(Unknown::absent("atlasCidrBlock")),
        }
    }
    let mut behind = Vec::new();
    for provider in &PROVIDERS {
        let peers: Result<&[Peer], Doubt> = peers(project.project, provider);
        for peer in
            seen.see(peers.as_ref().map_err(Clone::clone)).into_iter().copied().flatten().filter(|peer| stays(peer))
        {
            let (ranges, doubt) = ranges_behind(peer, provider, &limits.peer_cidrs);
            behind.extend(ranges.into_iter().map(|range| (peer, range)));
            if let Some(doubt) = doubt {
                seen.unseen(doubt);
            }
        }
    }
    for conflict in conflicts(containers, &behind, &limits.planned_cidrs) {
        let container = conflict.container;
        let other = match conflict.with {
            ConflictWith::Container(other) => format!("{}, Atlas's network{}", conflict.other, place(other)),
            ConflictWith::Peer(peer) => format!("{}, the network behind the peering {}", conflict.other, peer.key()),
            ConflictWith::Planned => format!("{}, which is planned", conflict.other),
        };
        let message = format!("{}, Atlas's network{}, overlaps {other}", conflict.block, place(container));
        let at = project.item(Section::Containers, &container.key());
        let evidence = Evidence::at(&at, message).field("/atlasCidrBlock");
        // Only an empty network can still be moved.
        seen.offence(if container.provisioned == Some(false) {
            evidence.severity(Severity::Medium).fact("container", container.key())
        } else {
            let provider = container.provider_name.as_ref().map(|provider| provider.as_str().to_lowercase());
            let evidence = provider.into_iter().fold(evidence, |evidence, name| evidence.fact("provider", name));
            container.region.iter().fold(evidence, |evidence, region| evidence.fact("region", region.clone()))
        });
    }
    seen.verdict("")
}

/// ` in EU_WEST_1 (AWS)`
fn place(container: &Container) -> String {
    let region = container.region.iter().map(|region| format!(" in {region}"));
    let provider = container.provider_name.iter().map(|provider| format!(" ({provider})"));
    region.chain(provider).collect()
}
