//! Version 1 of the exposure for programs: a field may be added, none renamed, retyped or dropped.

use std::io::{self, Write};

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::Serialize;

use crate::analysis::address_space::{RangeKind, Union};
use crate::analysis::doubt::Doubt;
use crate::analysis::exposure::access_list::{self, AccessList, Admits, Ends};
use crate::analysis::exposure::private_ways::{self, OverlapWith, PrivateWays};
use crate::analysis::exposure::{Exposure, Reach};
use crate::analysis::peering::Delivery;
use crate::report::schema;
use crate::snapshot::{Ref, Section, Unavailable};

use super::{ExposureReport, in_words};

const VERSION: u32 = 1;

/// Who can reach the clusters of an organization of MongoDB Atlas. Fields may be added within a version.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "atlas-audit exposure, version 1", rename = "Exposure")]
struct Document<'a> {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// Who wrote it.
    tool: Tool,
    /// What was looked at.
    organization: Named<'a>,
    /// When Atlas was read, by its own clock.
    #[schemars(extend("format" = "date-time"))]
    taken: String,
    /// Where from.
    source: &'a str,
    /// Whether the reading came to its end.
    complete: bool,
    /// The most exposed first.
    projects: Vec<Project<'a>>,
    /// What of the organization could not be read.
    unread: Vec<Unread<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct Named<'a> {
    id: &'a str,
    name: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Project<'a> {
    id: &'a str,
    name: Option<&'a str>,
    /// `closed`, `private-only`, `public`, `open`, `unknown`.
    #[schemars(extend("enum" = ["closed", "private-only", "public", "open", "unknown"]))]
    reach: &'static str,
    /// What the public entries admit together; null if the access list could not be read.
    public: Option<Public>,
    /// The access list; null if it could not be read.
    entries: Option<Vec<Entry<'a>>>,
    /// The clusters by region; null if they could not be read.
    clusters: Option<Vec<Cluster<'a>>>,
    /// Whether endpoints are per region.
    regional_mode: Answer,
    /// The endpoint services that could be read.
    endpoint_services: Vec<EndpointService<'a>>,
    /// The peerings that could be read.
    peerings: Vec<Peering<'a>>,
    /// Atlas's own networks; null if they could not be read.
    networks: Option<Vec<Network<'a>>>,
    /// Blocks of addresses that overlap.
    overlaps: Vec<Overlap<'a>>,
    /// The parts that could not be read. What stands above may lack what they hold.
    unread: Vec<Unread<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Public {
    ipv4: Ipv4,
    ipv6: Ipv6,
}

#[derive(Serialize, JsonSchema)]
struct Ipv4 {
    /// Each once.
    addresses: u64,
    /// Of all 2^32, between 0 and 1.
    share: f64,
    /// Addresses that more than one entry admits.
    overlap: u64,
    /// The fewest ranges that hold the same.
    #[schemars(with = "Vec<String>")]
    ranges: Vec<IpNet>,
}

#[derive(Serialize, JsonSchema)]
struct Ipv6 {
    /// Each once. A text: numbers this large are lost in most readers of JSON.
    addresses: String,
    /// Of all 2^128, between 0 and 1.
    share: f64,
    /// Addresses that more than one entry admits.
    overlap: String,
    /// The fewest ranges that hold the same.
    #[schemars(with = "Vec<String>")]
    ranges: Vec<IpNet>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    /// As Atlas shows it.
    #[serde(rename = "entry")]
    key: &'a str,
    /// Whom it admits.
    #[schemars(extend("enum" = [
        "public", "documentation", "reserved", "private", "carrier-nat", "unique-local", "link-local", "loopback",
        "security-group", "not-understood",
    ]))]
    kind: &'static str,
    comment: Option<&'a str>,
    /// Null if it lasts.
    ends: Option<End<'a>>,
    /// Entries without which nothing would change if this one went.
    covered_by: &'a [String],
    /// Whose addresses these are, where the snapshot says so.
    addresses_of: &'a [String],
    /// Of private ranges and security groups: whether a peering brings them.
    delivery: Option<DeliveryState<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct End<'a> {
    /// As Atlas says.
    at: std::borrow::Cow<'a, str>,
    /// Negative if it is still listed past its end, and admits all the same; null if the time cannot be read.
    hours_left: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DeliveryState<'a> {
    /// `delivered`, `nothing`, `unknown`.
    #[schemars(extend("enum" = ["delivered", "nothing", "unknown"]))]
    state: &'static str,
    /// Ids of peerings.
    by: &'a [String],
    /// Why it is not known.
    doubts: Vec<String>,
}

/// Yes, no, or why nobody knows.
#[derive(Serialize, JsonSchema)]
struct Answer {
    /// Null if it is not known.
    value: Option<bool>,
    /// Why.
    doubt: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Cluster<'a> {
    name: &'a str,
    /// Others can have no private endpoint.
    dedicated: Option<bool>,
    sharded: Option<bool>,
    /// Of a dedicated cluster.
    regions: Vec<Region<'a>>,
    /// Why the regions are not known.
    doubt: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Region<'a> {
    provider: &'a str,
    #[serde(rename = "region")]
    name: &'a str,
    /// `electable`, `read-only`, `analytics`.
    nodes: Vec<&'static str>,
    /// Whether a working private endpoint serves it.
    private_endpoint: Answer,
    /// The endpoint service that does.
    endpoint_service: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EndpointService<'a> {
    id: &'a str,
    provider: &'a str,
    region: Option<&'a str>,
    /// AWS: regions that clients may be in besides.
    remote_regions: &'a [String],
    status: Option<&'a str>,
    /// Whether both sides are up.
    works: Answer,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Peering<'a> {
    id: &'a str,
    provider: &'a str,
    /// The customer's network.
    network: Option<&'a str>,
    status: Option<&'a str>,
    /// Whether it is up.
    up: Answer,
    /// The addresses behind it, as far as they are known.
    #[schemars(with = "Vec<String>")]
    ranges: &'a [IpNet],
    /// Why there may be more.
    ranges_doubt: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Network<'a> {
    id: &'a str,
    provider: Option<&'a str>,
    /// Everywhere if empty, with GCP.
    regions: &'a [String],
    #[schemars(with = "Option<String>")]
    block: Option<IpNet>,
    /// Whether the block is fixed.
    provisioned: Option<bool>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Overlap<'a> {
    /// Id of a network of Atlas's.
    network: &'a str,
    #[schemars(with = "String")]
    block: IpNet,
    /// `network` or `peering`.
    #[schemars(extend("enum" = ["network", "peering"]))]
    with: &'static str,
    /// Its id.
    with_id: &'a str,
    #[schemars(with = "String")]
    with_block: IpNet,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Unread<'a> {
    section: Section,
    /// Its identity in a snapshot.
    #[serde(rename = "ref")]
    at: &'a str,
    /// The kind of trouble, as in snapshots.
    reason: crate::snapshot::Reason,
    /// The same for people, with what would help.
    message: String,
}

/// Its JSON Schema.
#[must_use]
pub fn schema() -> serde_json::Value {
    schema::of::<Document<'_>>()
}

pub(super) fn write(report: &ExposureReport, out: &mut dyn Write) -> io::Result<()> {
    let about = &report.about;
    let document = Document {
        version: VERSION,
        tool: Tool { name: "atlas-audit", version: env!("CARGO_PKG_VERSION") },
        organization: Named { id: &about.organization, name: about.organization_name.as_deref() },
        taken: about.taken.to_string(),
        source: &about.source,
        complete: about.complete,
        projects: report.projects.iter().map(|(id, name, exposure)| project(id, name.as_deref(), exposure)).collect(),
        unread: report.unread.iter().map(unread).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn project<'a>(id: &'a str, name: Option<&'a str>, exposure: &'a Exposure) -> Project<'a> {
    let list = exposure.access_list.as_ref().ok();
    let PrivateWays { clusters, regional_mode, endpoints, peerings, containers, conflicts, any_endpoint: _ } =
        &exposure.private;
    Project {
        id,
        name,
        reach: match exposure.reach {
            Reach::Closed => "closed",
            Reach::PrivateOnly => "private-only",
            Reach::Public => "public",
            Reach::Open => "open",
            Reach::Unknown => "unknown",
        },
        public: list.map(public),
        entries: list.map(|list| list.entries.iter().map(entry).collect()),
        clusters: clusters.as_ref().ok().map(|clusters| clusters.iter().map(cluster).collect()),
        regional_mode: answer(regional_mode.as_ref().copied()),
        endpoint_services: endpoints
            .iter()
            .map(|service| EndpointService {
                id: &service.id,
                provider: service.provider.as_str(),
                region: service.region.as_deref(),
                remote_regions: &service.remote_regions,
                status: service.status.as_deref(),
                works: answer(service.works.as_ref().copied()),
            })
            .collect(),
        peerings: peerings
            .iter()
            .map(|peering| Peering {
                id: &peering.id,
                provider: peering.provider.as_str(),
                network: peering.network.as_deref(),
                status: peering.status.as_deref(),
                up: answer(peering.up.as_ref().copied()),
                ranges: &peering.ranges,
                ranges_doubt: peering.ranges_doubt.as_ref().map(in_words),
            })
            .collect(),
        networks: containers.as_ref().ok().map(|containers| {
            let own = containers.iter().map(|own| Network {
                id: &own.id,
                provider: own.provider.as_ref().map(crate::snapshot::values::CloudProvider::as_str),
                regions: &own.regions,
                block: own.block,
                provisioned: own.provisioned,
            });
            own.collect()
        }),
        overlaps: conflicts
            .iter()
            .map(|overlap| {
                let (with, with_id) = match &overlap.with {
                    OverlapWith::Container(id) => ("network", id),
                    OverlapWith::Peering(id) => ("peering", id),
                };
                let (network, block) = (overlap.container.as_str(), overlap.block);
                Overlap { network, block, with, with_id, with_block: overlap.other }
            })
            .collect(),
        unread: exposure.unread.iter().map(unread).collect(),
    }
}

fn public(list: &AccessList) -> Public {
    let split = |v4: bool| list.public.ranges().filter(|range| matches!(range, IpNet::V4(_)) == v4).collect();
    let count = |union: &Union| match union.ipv6_addresses() {
        // One more than can be counted.
        u128::MAX => "340282366920938463463374607431768211456".to_owned(),
        count => count.to_string(),
    };
    Public {
        ipv4: Ipv4 {
            addresses: list.public.ipv4_addresses(),
            share: list.public.ipv4_share(),
            overlap: list.twice.ipv4_addresses(),
            ranges: split(true),
        },
        ipv6: Ipv6 {
            addresses: count(&list.public),
            share: list.public.ipv6_share(),
            overlap: count(&list.twice),
            ranges: split(false),
        },
    }
}

fn entry(entry: &access_list::Entry) -> Entry<'_> {
    let (kind, delivery) = match &entry.admits {
        Admits::Public { kind, .. } => (kind_name(*kind), None),
        Admits::Private { kind, delivery, .. } => (kind_name(*kind), Some(delivery)),
        Admits::SecurityGroup { delivery, .. } => ("security-group", Some(delivery)),
        Admits::NotUnderstood(_) => ("not-understood", None),
    };
    Entry {
        key: &entry.key,
        kind,
        comment: entry.comment.as_deref(),
        ends: match &entry.ends {
            Ends::Never => None,
            Ends::At { at, hours } => Some(End { at: at.to_string().into(), hours_left: Some(*hours) }),
            Ends::Unreadable(text) => Some(End { at: text.as_str().into(), hours_left: None }),
        },
        covered_by: &entry.useless_for,
        addresses_of: &entry.whose,
        delivery: delivery.map(|delivery| match delivery {
            Delivery::By(by) => DeliveryState { state: "delivered", by, doubts: Vec::new() },
            Delivery::Nothing => DeliveryState { state: "nothing", by: &[], doubts: Vec::new() },
            Delivery::Unknown(doubts) => {
                DeliveryState { state: "unknown", by: &[], doubts: doubts.iter().map(in_words).collect() }
            }
        }),
    }
}

fn kind_name(kind: RangeKind) -> &'static str {
    match kind {
        RangeKind::Public => "public",
        RangeKind::Private => "private",
        RangeKind::CarrierNat => "carrier-nat",
        RangeKind::UniqueLocal => "unique-local",
        RangeKind::LinkLocal => "link-local",
        RangeKind::Loopback => "loopback",
        RangeKind::Documentation => "documentation",
        RangeKind::Reserved => "reserved",
    }
}

fn cluster(cluster: &private_ways::ClusterWays) -> Cluster<'_> {
    let regions = cluster.regions.iter().flatten().map(|ways| {
        let region = &ways.region;
        let kinds = [(region.electable, "electable"), (region.read_only, "read-only"), (region.analytics, "analytics")];
        Region {
            provider: region.provider.as_str(),
            name: &region.region,
            nodes: kinds.into_iter().filter(|(there, _)| *there).map(|(_, kind)| kind).collect(),
            private_endpoint: answer(ways.endpoint.as_ref().map(Option::is_some)),
            endpoint_service: ways.endpoint.as_ref().ok().and_then(|service| service.as_deref()),
        }
    });
    Cluster {
        name: &cluster.name,
        dedicated: cluster.dedicated,
        sharded: cluster.sharded,
        regions: regions.collect(),
        doubt: cluster.regions.as_ref().err().map(in_words),
    }
}

fn answer(answer: Result<bool, &Doubt>) -> Answer {
    Answer { value: answer.ok(), doubt: answer.err().map(in_words) }
}

fn unread((section, at, why): &(Section, Ref, Unavailable)) -> Unread<'_> {
    Unread { section: *section, at: at.as_str(), reason: why.reason, message: why.to_string() }
}
