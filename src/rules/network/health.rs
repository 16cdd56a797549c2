//! Private endpoints and peerings that are there and do not work.

use jiff::{Timestamp, Unit};
use serde::Deserialize;

use crate::analysis::peering::peers;
use crate::analysis::private_endpoints::{PROVIDERS, services};
use crate::analysis::regions::same_region;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown};
use crate::engine::view::ProjectView;
use crate::rules::{dedicated, live_clusters};
use crate::snapshot::Section;
use crate::snapshot::network::{Container, Peer, PeerStatus};
use crate::snapshot::private_endpoint::{EndpointStatus, PrivateEndpoint, PrivateEndpointService};
use crate::snapshot::topology::RegionUse;
use crate::snapshot::tree::Node;
use crate::snapshot::values::CloudProvider;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unhealthy {
    max_pending_hours: f64,
}

/// ATL-NET-010
pub(crate) fn unhealthy(project: &ProjectView<'_>, limits: &Unhealthy) -> Judgement {
    let mut paths = Paths { project, limits, seen: Gathered::new() };
    let nodes = Nodes::of(project);
    for provider in &PROVIDERS {
        match services(project.project, provider) {
            Err(why) => paths.seen.unseen(why),
            Ok(services) => services.iter().for_each(|service| paths.service(provider, service)),
        }
        match peers(project.project, provider) {
            Err(why) => paths.seen.unseen(why),
            Ok(peers) => peers.iter().for_each(|peer| paths.peering(provider, peer, &nodes)),
        }
    }
    paths.seen.verdict("the project has neither a private endpoint nor a peering")
}

/// How something is.
enum Health {
    Up,
    Broken,
    Leaving,
    /// On its way; whether it can only be so from its beginning on.
    Pending {
        ever_since: bool,
    },
}

/// Atlas's own words, and those that other fields of the same answers have.
fn is_broken(word: &str) -> bool {
    matches!(word, "FAILED" | "REJECTED" | "EXPIRED")
}

fn endpoint_health(status: Option<&EndpointStatus>) -> Result<Health, Unknown> {
    use EndpointStatus as S;
    Ok(match status.ok_or_else(|| Unknown::absent("status"))? {
        S::Available => Health::Up,
        S::Deleting => Health::Leaving,
        S::Initiating => Health::Pending { ever_since: true },
        S::WaitingForUser | S::PendingAcceptance | S::Pending | S::PendingRecreation => {
            Health::Pending { ever_since: false }
        }
        other if is_broken(other.as_str()) => Health::Broken,
        other => return Err(Unknown::not_understood("status", other.as_str())),
    })
}

fn peering_health(status: Option<&PeerStatus>) -> Result<Health, Unknown> {
    use PeerStatus as S;
    Ok(match status.ok_or_else(|| Unknown::absent("status"))? {
        S::Available => Health::Up,
        S::Terminating | S::Deleting => Health::Leaving,
        S::Initiating | S::PendingAcceptance | S::AddingPeer => Health::Pending { ever_since: true },
        // GCP goes back to waiting when the customer removes their side.
        S::Finalizing | S::WaitingForUser => Health::Pending { ever_since: false },
        S::DeletionFailed => Health::Broken,
        other if is_broken(other.as_str()) => Health::Broken,
        other => return Err(Unknown::not_understood("status", other.as_str())),
    })
}

/// When Atlas made something: its ids begin with the seconds since 1970.
///
/// <https://www.mongodb.com/docs/manual/reference/bson-types/#objectid>
fn made(id: &str) -> Option<Timestamp> {
    let hexadecimal = id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let seconds = u32::from_str_radix(id.get(..8).filter(|_| hexadecimal)?, 16).ok()?;
    Timestamp::from_second(i64::from(seconds)).ok()
}

struct Paths<'a> {
    project: &'a ProjectView<'a>,
    limits: &'a Unhealthy,
    seen: Gathered,
}

impl Paths<'_> {
    fn service(&mut self, provider: &CloudProvider, service: &PrivateEndpointService) {
        let section = match provider {
            CloudProvider::Aws => Section::AwsPrivateEndpointServices,
            CloudProvider::Azure => Section::AzurePrivateEndpointServices,
            _ => Section::GcpPrivateEndpointServices,
        };
        let id = service.key();
        let at = self.project.item(section, &id);
        let place = service.region_name.as_deref().unwrap_or("an unnamed region");
        let name = format!("the endpoint service {id} in {place} ({provider})");
        let facts = |evidence: Evidence| {
            evidence.fact("provider", provider.as_str().to_lowercase()).fact("service", id.clone())
        };
        let status = service.status.as_ref();
        let told = status.map(EndpointStatus::as_str).unwrap_or_default();
        match endpoint_health(status) {
            Err(why) => self.seen.unseen(why),
            Ok(Health::Leaving) => return,
            Ok(Health::Broken) => {
                let message = format!("{name} is {told}{}", detail(service.error_message.as_deref()));
                return self.seen.offence(facts(Evidence::at(&at, message).field("/status")));
            }
            Ok(Health::Up) => self.seen.fine(),
            // Nothing to wait for: the customer's side is missing, which is told below.
            Ok(Health::Pending { ever_since: false }) if service.endpoints.known().is_ok_and(Vec::is_empty) => {}
            Ok(Health::Pending { ever_since }) => {
                let evidence = facts(Evidence::at(&at, format!("{name} is {told}")).field("/status"));
                self.pending(&id, &name, ever_since, evidence);
            }
        }
        let Some(endpoints) = self.seen.see(service.endpoints.known()) else { return };
        if endpoints.is_empty() && status != Some(&EndpointStatus::Initiating) {
            let evidence = Evidence::at(&at, format!("{name} has no endpoint of yours"));
            return self.seen.offence(facts(evidence));
        }
        for endpoint in endpoints.iter().filter(|endpoint| endpoint.delete_requested != Some(true)) {
            let key = endpoint.key();
            let at = at.child(Section::PrivateEndpoints.slot()).child(&key);
            let evidence = |message| facts(Evidence::at(&at, message).field("/status")).fact("endpoint", key.clone());
            self.endpoint(&id, &format!("the endpoint {key} at {name}"), endpoint, evidence);
        }
    }

    fn endpoint(
        &mut self,
        service: &str,
        name: &str,
        endpoint: &PrivateEndpoint,
        evidence: impl Fn(String) -> Evidence,
    ) {
        let told = endpoint.status.as_ref().map(EndpointStatus::as_str).unwrap_or_default();
        match endpoint_health(endpoint.status.as_ref()) {
            Err(why) => self.seen.unseen(why),
            Ok(Health::Leaving) => {}
            Ok(Health::Up) => self.seen.fine(),
            Ok(Health::Broken) => {
                let detail = detail(endpoint.error_message.as_deref());
                self.seen.offence(evidence(format!("{name} is {told}{detail}")));
            }
            // It is no older than its service, and may be younger.
            Ok(Health::Pending { .. }) => self.pending(service, name, false, evidence(format!("{name} is {told}"))),
        }
    }

    fn peering(&mut self, provider: &CloudProvider, peer: &Peer, nodes: &Nodes<'_>) {
        let id = peer.key();
        let name = format!("the peering {id} ({provider})");
        let at = self.project.item(
            match provider {
                CloudProvider::Aws => Section::AwsPeers,
                CloudProvider::Azure => Section::AzurePeers,
                _ => Section::GcpPeers,
            },
            &id,
        );
        let evidence = |message| Evidence::at(&at, message).fact("peering", id.clone());
        let told = peer.status.as_ref().map(PeerStatus::as_str).unwrap_or_default();
        match peering_health(peer.status.as_ref()) {
            Err(why) => self.seen.unseen(why),
            Ok(Health::Leaving) => return,
            Ok(Health::Up) => self.seen.fine(),
            Ok(Health::Broken) => {
                let detail = detail(peer.error_state.as_deref().or(peer.error_message.as_deref()));
                self.seen.offence(evidence(format!("{name} is {told}{detail}")).field("/status"));
            }
            Ok(Health::Pending { ever_since }) => {
                let evidence = evidence(format!("{name} is {told}")).field("/status");
                self.pending(&id, &name, ever_since, evidence);
            }
        }
        match nodes.lacking(self.project, provider, peer) {
            Ok(None) => {}
            Ok(Some(place)) => {
                let message = format!("{name} leads to {place}, where no dedicated cluster has nodes");
                self.seen.offence(evidence(message));
            }
            Err(why) => self.seen.unseen(why),
        }
    }

    /// `id` is of something that is no younger.
    fn pending(&mut self, id: &str, name: &str, ever_since: bool, evidence: Evidence) {
        let hours = made(id).and_then(|made| self.project.now.since(made).ok()?.total(Unit::Hour).ok());
        match hours {
            Some(hours) if hours <= self.limits.max_pending_hours => self.seen.fine(),
            Some(hours) if ever_since => {
                let message = format!("{} for {hours:.0} hours", evidence.message);
                self.seen.offence(Evidence { message, ..evidence });
            }
            _ => {
                self.seen
                    .unseen(Unknown::undecidable(format!("{name} is pending, and since when Atlas does not tell")));
            }
        }
    }
}

fn detail(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty()).map(|text| format!(": {}", text.trim_end_matches('.'))).unwrap_or_default()
}

/// Where the dedicated clusters of a project have nodes.
struct Nodes<'a> {
    regions: Vec<RegionUse>,
    containers: Result<&'a [Container], Unknown>,
    doubt: Option<Unknown>,
}

impl<'a> Nodes<'a> {
    fn of(project: &'a ProjectView<'_>) -> Self {
        let containers = project.project.containers.known().map(Vec::as_slice).map_err(Unknown::from);
        let mut nodes = Self { regions: Vec::new(), containers, doubt: None };
        match live_clusters(project.project) {
            Err(why) => nodes.doubt = Some(why.into()),
            Ok(clusters) => {
                for cluster in clusters {
                    match (dedicated(cluster), cluster.regions()) {
                        (Ok(false), _) => {}
                        (Ok(true), Some(regions)) => nodes.regions.extend(regions),
                        (Ok(true), None) => nodes.doubt = Some(Unknown::absent("regionName")),
                        (Err(why), _) => nodes.doubt = Some(why),
                    }
                }
            }
        }
        nodes
    }

    /// The provider or region that a peering leads to, if no nodes are there.
    fn lacking(
        &self,
        project: &ProjectView<'_>,
        provider: &CloudProvider,
        peer: &Peer,
    ) -> Result<Option<String>, Unknown> {
        let missing = |place: String| self.doubt.clone().map_or(Ok(Some(place)), Err);
        let mut here = self.regions.iter().filter(|region| region.provider == *provider).peekable();
        if here.peek().is_none() {
            return missing(provider.to_string());
        }
        let id = peer.container_id.required("containerId")?;
        let containers = self.containers.clone()?;
        let Some(container) = containers.iter().find(|container| container.id.as_ref() == Some(id)) else {
            let project = project.project.name.as_deref().unwrap_or(&project.project.id);
            return Err(Unknown::undecidable(format!("{project} has no network {id}, which a peering names")));
        };
        let regions: Vec<&String> = container.region.iter().chain(container.regions.iter().flatten()).collect();
        if regions.is_empty() {
            // With GCP one network is in all regions.
            return if *provider == CloudProvider::Gcp { Ok(None) } else { Err(Unknown::absent("region")) };
        }
        if here.any(|node| regions.iter().any(|region| same_region(provider, region, &node.region))) {
            return Ok(None);
        }
        let regions: Vec<&str> = regions.into_iter().map(String::as_str).collect();
        missing(format!("{} ({provider})", regions.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_when_it_was_made_and_other_names_do_not() {
        assert_eq!(made("507f1f77bcf86cd799439011").unwrap().to_string(), "2012-10-17T21:13:27Z");
        assert_eq!(made("p"), None);
        assert_eq!(made("507f1f77bcf86cd79943901"), None);
        assert_eq!(made("507f1f77bcf86cd79943901g"), None);
    }
}
