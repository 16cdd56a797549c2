//! Access list, endpoints, peerings and networks, joined.

use ipnet::IpNet;
use serde_json::{Value, json};

use super::access_list::Entry;
use super::private_ways::OverlapWith;
use super::*;
use crate::snapshot::tree;

/// A project in which everything was read and nothing is there, but for what is given.
fn project(given: &Value) -> Project {
    let mut all = json!({
        "id": "p", "accessList": [], "clusters": [], "containers": [], "awsPeers": [], "azurePeers": [], "gcpPeers": [],
        "awsPrivateEndpointServices": [], "azurePrivateEndpointServices": [], "gcpPrivateEndpointServices": [],
        "regionalMode": { "enabled": false }, "ipAddresses": {},
    });
    for (name, value) in given.as_object().unwrap() {
        all[name] = value.clone();
    }
    tree::nested(all.as_object().unwrap().clone()).unwrap()
}

fn of(given: &Value) -> Exposure {
    let organization =
        json!({ "id": "o", "controlPlaneAddresses": { "outbound": { "aws": { "us-east-1": ["192.0.2.8"] } } } });
    let organization: Organization = tree::nested(organization.as_object().unwrap().clone()).unwrap();
    let now = "2026-11-01T12:00:00Z".parse().unwrap();
    Exposure::of(&organization, &project(given), &PeerRanges::new(), now)
}

fn entries(exposure: &Exposure) -> &[Entry] {
    &exposure.access_list.as_ref().unwrap().entries
}

fn endpoint(region: &str, status: &str) -> Value {
    json!([{ "id": "s", "regionName": region, "status": "AVAILABLE", "endpoints": [{ "interfaceEndpointId": "e", "connectionStatus": status }] }])
}

fn cluster(kind: &str, regions: &[&str]) -> Value {
    let regions: Vec<_> = regions.iter().map(|name| json!({ "providerName": "AWS", "regionName": name })).collect();
    json!({ "name": "c", "clusterType": kind, "replicationSpecs": [{ "regionConfigs": regions }] })
}

#[test]
fn what_it_comes_to() {
    let forbidden = json!({ "unavailable": "forbidden" });
    let list = |ranges: &[&str]| json!(ranges.iter().map(|range| json!({ "cidrBlock": range })).collect::<Vec<_>>());
    let endpoint = || endpoint("EU_WEST_1", "AVAILABLE");
    let peer = |status: &str| json!([{ "id": "p", "statusName": status, "routeTableCidrBlock": "10.0.0.0/16" }]);
    for (given, expected) in [
        (json!({}), Reach::Closed),
        (json!({ "accessList": list(&["10.0.0.0/24"]) }), Reach::Closed),
        (json!({ "accessList": [{ "awsSecurityGroup": "sg-1" }] }), Reach::Closed),
        (json!({ "accessList": [{ "awsSecurityGroup": "sg-1" }], "awsPeers": peer("FAILED") }), Reach::Closed),
        (json!({ "accessList": [{ "awsSecurityGroup": "sg-1" }], "awsPeers": peer("AVAILABLE") }), Reach::PrivateOnly),
        (json!({ "accessList": list(&["10.0.0.0/24"]), "awsPeers": peer("AVAILABLE") }), Reach::PrivateOnly),
        (json!({ "accessList": list(&["10.1.0.0/24"]), "awsPeers": peer("AVAILABLE") }), Reach::Closed),
        (json!({ "awsPrivateEndpointServices": endpoint() }), Reach::PrivateOnly),
        // Nothing public for certain; what is private, nobody knows.
        (json!({ "awsPrivateEndpointServices": forbidden }), Reach::PrivateOnly),
        (json!({ "accessList": list(&["10.0.0.0/24"]), "gcpPeers": forbidden }), Reach::PrivateOnly),
        (json!({ "accessList": list(&["203.0.113.0/24"]), "awsPrivateEndpointServices": endpoint() }), Reach::Public),
        (json!({ "accessList": list(&["0.0.0.0/2", "64.0.0.0/3"]) }), Reach::Public),
        (json!({ "accessList": list(&["0.0.0.0/2", "64.0.0.0/2"]) }), Reach::Open),
        (json!({ "accessList": list(&["2000::/5"]) }), Reach::Public),
        (json!({ "accessList": list(&["2000::/4"]) }), Reach::Open),
        (json!({ "accessList": list(&["10.0.0.0/0"]) }), Reach::Open),
        (json!({ "accessList": [{ "ipAddress": "0.0.0.0" }] }), Reach::Open),
        (json!({ "accessList": list(&["office"]) }), Reach::Unknown),
        (json!({ "accessList": list(&["office", "::/0"]) }), Reach::Open),
        (json!({ "accessList": forbidden, "awsPrivateEndpointServices": endpoint() }), Reach::Unknown),
    ] {
        assert_eq!(of(&given).reach, expected, "{given}");
    }
}

#[test]
fn what_was_not_read_is_told_part_by_part() {
    assert!(!of(&json!({})).incomplete());
    for section in SECTIONS.iter().filter(|section| section.owner() == "project") {
        let exposure = of(&json!({ section.slot(): { "unavailable": "forbidden" } }));
        let unread: Vec<_> = exposure.unread.iter().map(|(section, ..)| *section).collect();
        assert_eq!(unread, [*section]);
        assert!(exposure.incomplete());
        let unsupported = of(&json!({ section.slot(): { "unavailable": "unsupported" } }));
        assert!(unsupported.unread.is_empty(), "{section}");
    }
    let below =
        of(&json!({ "awsPrivateEndpointServices": [{ "id": "s", "regionName": "EU_WEST_1", "status": "AVAILABLE",
        "endpoints": { "unavailable": "timed-out" } }] }));
    assert_eq!(below.unread[0].1.as_str(), "org/o/project/p/awsPrivateEndpointServices/s/endpoints");
}

#[test]
fn what_is_not_understood_is_not_told_as_read() {
    for given in [
        json!({ "accessList": [{ "cidrBlock": "office" }] }),
        json!({ "regionalMode": {} }),
        json!({ "awsPeers": [{ "id": "p", "statusName": "DREAMING", "routeTableCidrBlock": "10.0.0.0/16" }] }),
        json!({ "azurePeers": [{ "id": "p", "status": "AVAILABLE" }] }),
        json!({ "clusters": [{ "name": "c", "replicationSpecs": [{ "regionConfigs": [{ "providerName": "AWS" }] }] }] }),
        json!({ "awsPrivateEndpointServices": endpoint("EU_WEST_1", "DREAMING") }),
        // Atlas left out the endpoints, so nobody could ask for them.
        json!({ "awsPrivateEndpointServices": [{ "id": "s", "status": "AVAILABLE", "endpoints": { "unavailable": "unsupported" } }] }),
    ] {
        let exposure = of(&given);
        assert!(exposure.incomplete() && exposure.unread.is_empty(), "{given}");
    }
    let gone = of(&json!({ "azurePeers": [{ "id": "p", "status": "DELETING" }] }));
    assert!(!gone.incomplete(), "what lies behind a peering that is down does not matter");
}

#[test]
fn regions_are_joined_with_the_endpoints_that_serve_them() {
    let regions = |given: Value| -> Vec<Option<bool>> {
        let exposure = of(&given);
        let clusters = exposure.private.clusters.unwrap();
        clusters[0]
            .regions
            .as_ref()
            .unwrap()
            .iter()
            .map(|ways| ways.endpoint.as_ref().ok().map(Option::is_some))
            .collect()
    };
    let two = json!([cluster("SHARDED", &["EU_CENTRAL_1", "EU_WEST_1"])]);
    let up = endpoint("EU_WEST_1", "AVAILABLE");
    assert_eq!(regions(json!({ "clusters": two, "awsPrivateEndpointServices": up })), [Some(false), Some(true)]);
    let mut remote = up.clone();
    remote[0]["supportedRemoteRegions"] = json!(["eu-central-1"]);
    assert_eq!(regions(json!({ "clusters": two, "awsPrivateEndpointServices": remote })), [Some(true), Some(true)]);
    let pending = endpoint("EU_WEST_1", "PENDING");
    assert_eq!(regions(json!({ "clusters": two, "awsPrivateEndpointServices": pending })), [Some(false), Some(false)]);
    let unread = json!({ "unavailable": "forbidden" });
    assert_eq!(regions(json!({ "clusters": two, "awsPrivateEndpointServices": unread })), [None, None]);
    let shared = json!([{ "name": "c", "replicationSpecs": [{ "regionConfigs": [
        { "providerName": "TENANT", "backingProviderName": "AWS", "regionName": "EU_WEST_1" }] }] }]);
    assert_eq!(regions(json!({ "clusters": shared, "awsPrivateEndpointServices": up })), []);
}

#[test]
fn only_clusters_that_live_and_are_the_customers_are_told() {
    let mut gone = cluster("REPLICASET", &["EU_WEST_1"]);
    gone["stateName"] = json!("DELETED");
    let mut internal = cluster("REPLICASET", &["EU_WEST_1"]);
    internal["internalClusterRole"] = json!("SYSTEM_CLUSTER");
    assert!(of(&json!({ "clusters": [gone, internal] })).private.clusters.unwrap().is_empty());
}

#[test]
fn addresses_are_named_where_the_snapshot_says_whose_they_are() {
    let exposure = of(&json!({
        "accessList": [{ "ipAddress": "192.0.2.7" }, { "ipAddress": "192.0.2.8" }, { "cidrBlock": "192.0.2.0/24" }],
        "ipAddresses": { "services": { "clusters": [
            { "clusterName": "c", "inbound": ["192.0.2.7"], "outbound": ["192.0.2.7"], "futureInbound": ["192.0.2.9"] },
        ] } },
    }));
    let whose: Vec<_> = entries(&exposure).iter().map(|entry| entry.whose.clone()).collect();
    // What is wider is not Atlas's.
    assert_eq!(
        whose,
        [vec!["nodes of the cluster c".to_owned()], vec!["Atlas's control plane in AWS us-east-1".to_owned()], vec![],]
    );
}

#[test]
fn overlaps_name_both_sides_and_peerings_that_go_are_none() {
    let exposure = of(&json!({
        "containers": [
            { "id": "a", "providerName": "AWS", "atlasCidrBlock": "10.0.0.0/21", "provisioned": true },
            { "id": "b", "providerName": "AWS", "atlasCidrBlock": "10.0.4.0/22", "provisioned": false },
            { "id": "c", "providerName": "AWS", "atlasCidrBlock": "10.9.0.0/21", "provisioned": true },
        ],
        "awsPeers": [
            { "id": "p", "statusName": "FAILED", "routeTableCidrBlock": "10.0.0.0/24" },
            { "id": "q", "statusName": "TERMINATING", "routeTableCidrBlock": "10.9.0.0/16" },
        ],
    }));
    let net = |text: &str| text.parse::<IpNet>().unwrap();
    let found: Vec<_> =
        exposure.private.conflicts.iter().map(|one| (one.container.as_str(), one.with.clone(), one.other)).collect();
    assert_eq!(
        found,
        [
            ("a", OverlapWith::Peering("p".to_owned()), net("10.0.0.0/24")),
            ("b", OverlapWith::Container("a".to_owned()), net("10.0.0.0/21")),
        ]
    );
}

#[test]
fn an_entry_tells_how_long_it_lasts_and_what_makes_it_useless() {
    let exposure = of(&json!({ "accessList": [
        { "cidrBlock": "203.0.113.0/24" },
        { "cidrBlock": "203.0.113.0/28", "deleteAfterDate": "2026-11-01T18:00:00Z" },
        { "cidrBlock": "198.51.100.0/24", "deleteAfterDate": "2026-11-01T10:30:00Z" },
        { "cidrBlock": "198.51.100.7/32" },
    ] }));
    let hours = |entry: &Entry| match entry.ends {
        access_list::Ends::At { hours, .. } => Some(hours),
        _ => None,
    };
    let told: Vec<_> = entries(&exposure).iter().map(|entry| (hours(entry), entry.useless_for.clone())).collect();
    assert_eq!(told[0], (None, vec![]));
    assert_eq!(told[1], (Some(6.0), vec!["203.0.113.0/24".to_owned()]));
    assert_eq!(told[2], (Some(-1.5), vec![]));
    assert_eq!(told[3], (None, vec![]), "what stands in for it is about to go");
    let list = exposure.access_list.as_ref().unwrap();
    assert_eq!((list.public.ipv4_addresses(), list.twice.ipv4_addresses()), (512, 17));
}

#[test]
fn addresses_of_atlas_that_were_refused_are_missed_and_those_it_does_not_offer_are_not() {
    let unread = |reading: Value| {
        let organization = json!({ "id": "o", "controlPlaneAddresses": reading });
        let organization: Organization = tree::nested(organization.as_object().unwrap().clone()).unwrap();
        unread_of_organization(&organization).map(|(_, at, why)| (at.to_string(), why.reason))
    };
    let at = "org/o/controlPlaneAddresses".to_owned();
    assert_eq!(unread(json!({ "unavailable": "forbidden" })), Some((at, Reason::Forbidden)));
    assert_eq!(unread(json!({ "unavailable": "unsupported" })), None);
    assert_eq!(unread(json!({})), None);
}
