//! The parts of a survey one by one: entries as Cedar sees them, regions, ids, and requests in words.

use std::collections::BTreeSet;

use super::super::guard::is_among;
use super::super::request::normalised;
use super::super::suggest::{suggest, usual};
use super::super::survey::unnamed;
use super::super::{Estate, Guard, Survey, Worth, is_region};
use super::survey::{cluster, list, policies};
use super::{P1, P2};

#[test]
fn an_entry_is_seen_with_its_length_and_every_ipv4_wildcard_is_one() {
    for (entry, seen) in [
        ("198.51.100.7", "198.51.100.7/32"),
        ("10.0.0.0/0", "0.0.0.0/0"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("::/0", "::/0"),
        ("2001:db8::/0", "2001:db8::/0"),
        ("2001:db8::7", "2001:db8::7/128"),
        ("nonsense", "nonsense"),
    ] {
        assert_eq!(normalised(entry), seen, "{entry}");
    }
}

#[test]
fn regions_are_spelt_with_their_provider() {
    for (text, is) in [
        ("aws:eu-west-1", true),
        ("gcp:europe-west3", true),
        ("EU_WEST_1", false),
        ("ibm:eu-de", false),
        ("aws:", false),
        ("aws:EU_WEST_1", false),
        ("aws:eu_west_1", false),
        ("", false),
    ] {
        assert_eq!(is_region(text), is, "{text}");
    }
}

#[test]
fn a_region_is_among_those_that_its_own_provider_calls_so() {
    let among = |region: &str, allowed: &str| is_among(region, &[allowed.to_owned()]);
    for (region, allowed) in [
        ("aws:us-east-1", "US_EAST_1"),
        ("aws:us-east-1", "aws:us-east-1"),
        ("azure:westeurope", "EUROPE_WEST"),
        ("gcp:us-east1", "EASTERN_US"),
    ] {
        assert!(among(region, allowed), "{region}, {allowed}");
    }
    for (region, allowed) in [
        ("aws:us-east-1", "EASTERN_US"),
        ("azure:useast1", "EASTERN_US"),
        ("gcp:westeurope", "EUROPE_WEST"),
        ("aws:us-east-1", "US_EAST_2"),
    ] {
        assert!(!among(region, allowed), "{region}, {allowed}");
    }
}

#[test]
fn an_id_that_no_policy_names_looks_like_one() {
    let mut named = BTreeSet::from([P1.to_owned(), P2.to_owned()]);
    for _ in 0..5 {
        let id = unnamed(&named);
        assert!(id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        assert!(named.insert(id), "one that is named");
    }
}

#[test]
fn every_guard_has_an_id_of_its_own() {
    let guards = Guard::all();
    let ids: BTreeSet<&str> = guards.iter().map(Guard::id).collect();
    assert_eq!(ids.len(), guards.len());
    assert!(ids.contains("wildcard-ipv4") && ids.contains("provider-azure"));
    assert_eq!(Guard::Regions(Some(Vec::new())).id(), Guard::Regions(None).id());
}

#[test]
fn a_suggestion_is_what_the_command_line_takes() {
    let none = policies(&[]);
    let estate = Estate::default();
    let (suggestions, _) = suggest(&Survey::new(&none, &estate), &usual(&[]));
    for suggestion in &suggestions {
        let request = suggestion.request();
        assert_eq!(request["name"], suggestion.name);
        assert_eq!(request["description"], suggestion.description);
        assert_eq!(request["policies"][0]["body"], suggestion.body.as_str());
        assert_eq!(request["policies"].as_array().map(Vec::len), Some(1));
    }
    assert!(!suggestions.is_empty());
}

/// What the first request that a policy matches asks for.
fn guards(body: &str) -> String {
    let statements = policies(&[body]);
    match &Survey::new(&statements, &Estate::default()).worth()[..] {
        [Worth::Guards(example)] => example.clone(),
        other => panic!("{body}: {other:?}"),
    }
}

#[test]
fn a_request_is_told_by_what_is_not_harmless_in_it() {
    let (mut got, mut expected) = (Vec::new(), Vec::new());
    let home = "a cluster in aws:eu-west-1";
    let size = "minGeneralClassInstanceSizeValue";
    let largest = "maxGeneralClassInstanceSizeValue";
    for (condition, told) in [
        ("context.cluster.minTLSVersion == ResourcePolicy::TLSVersion::\"tls1_0\"".to_owned(), "TLS 1.0"),
        (format!("context.cluster has {size} && context.cluster has {largest} && context.cluster.{size} < 30 && context.cluster.{largest} < 20"), "M10"),
        (format!("context.cluster has {size} && context.cluster has {largest} && context.cluster.{size} < 20 && context.cluster.{largest} > 20"), "M10 to M30"),
        (format!("!(context.cluster has {size})"), "an instance class other than the general one"),
        ("!(context.cluster has diskSizeGB)".to_owned(), "no size of disk"),
        ("context.cluster has diskSizeGB && context.cluster.diskSizeGB > 10000".to_owned(), "16384 GB of disk"),
        ("!context.cluster.encryptionAtRest.customerManagedKey.enabled".to_owned(), "no customer's key"),
        ("!context.project.databaseAuditing.enabled".to_owned(), "no auditing"),
        ("context.search.hasIndexes".to_owned(), "search indexes"),
        ("context.project.clustersInProject > 1000".to_owned(), "1001 clusters in the project"),
        ("context.cluster.clusterType == ResourcePolicy::ClusterType::\"sharded\"".to_owned(), "sharded with 1 shard"),
        ("context.cluster.minShardCount < 2 && context.cluster.maxShardCount > 2".to_owned(), "sharded with 1 to 3 shards"),
        ("!(context.cluster.minShardCount < 3)".to_owned(),
 "sharded with 3 shards"),
        ("context.cluster.isConvertingToSharded".to_owned(), "sharded with 1 shard, being converted"),
        (
            "context.cluster has configServerManagementMode && context.cluster.configServerManagementMode == ResourcePolicy::ConfigServerManagementMode::\"atlas_managed\"".to_owned(),
            "sharded with 1 shard, config servers managed by Atlas",
        ),
    ] {
        got.push(guards(&cluster(&format!("when {{ {condition} }}"))));
        expected.push(format!("{home}, {told}"));
    }
    assert_eq!(guards(&list("when { context.project.ipAccessList.isEmpty() }")), "an empty access list");
    assert_eq!(guards(&list("unless { context.project.ipAccessList.isEmpty() }")), "an access list of 203.0.113.7/32");
    let on = |action: &str, condition: &str| {
        guards(&format!("forbid (principal, action == ResourcePolicy::Action::\"{action}\", resource) {condition};"))
    };
    for (action, condition, told) in [
        (
            "search.deployment.modify",
            "when { context.cluster.regions.isEmpty() && context.search.hasIndexes }",
            "search nodes taken away, with indexes",
        ),
        (
            "search.deployment.modify",
            "when { context.cluster.regions.isEmpty() && !context.search.hasIndexes }",
            "search nodes taken away, without indexes",
        ),
        (
            "search.deployment.modify",
            "when { !context.cluster.regions.isEmpty() && !context.search.encryptionAtRest.customerManagedKey.enabled }",
            "search nodes in aws:eu-west-1 with no customer's key",
        ),
        ("search.deployment.modify", "", "search nodes in aws:eu-west-1 with a customer's key"),
        (
            "search.index.modify",
            "unless { context.search.hasDedicatedNodes }",
            "a search index with no dedicated nodes, in aws:eu-west-1",
        ),
        (
            "search.index.modify",
            "when { context.search.index.isAutoEmbed }",
            "a search index with dedicated nodes, embedding automatically, in aws:eu-west-1",
        ),
        (
            "project.maintenanceWindow.modify",
            "unless { context.project.hasDefinedMaintenanceWindow }",
            "no maintenance window",
        ),
        ("project.vpcPeering.modify", "when { context.project.peeringConnections.isEmpty() }", "no network peerings"),
        (
            "project.privateEndpoint.modify",
            "when { context.project.privateEndpoints.contains(\"aws:vpce-9\") }",
            "private endpoints aws:vpce-9",
        ),
        (
            "project.aiModelAPI.modify",
            "when { context.aiModelApi.geography == ResourcePolicy::Geography::\"us\" }",
            "a key for the model API in us",
        ),
        ("project.rerank.modify", "when { context.project.rerankEnabled }", "reranking on"),
    ] {
        got.push(on(action, condition));
        expected.push(told.to_owned());
    }
    assert_eq!(got, expected);
}
