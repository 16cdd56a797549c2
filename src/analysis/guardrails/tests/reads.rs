//! What a policy looks at, from which follows which requests have to be asked, and how far an answer reaches.

use std::collections::BTreeSet;

use cedar_policy::PolicySet;

use super::super::reads::Reads;
use super::super::vocabulary::{Kind, Variable};
use super::{P1, P2};

/// What a policy with this condition looks at, whether Atlas would take it or not.
fn reads(condition: &str) -> Reads {
    let body = format!("forbid (principal, action, resource) when {{ {condition} }};");
    let parsed: PolicySet = body.parse().unwrap_or_else(|error| panic!("{condition}: {error}"));
    let policy = parsed.policies().next().expect("one policy").to_pst().expect("it has a tree");
    Reads::of(policy.body())
}

/// The groups of constants of one kind that cannot be told apart.
fn together(reads: &Reads, kind: Kind) -> Vec<Vec<&str>> {
    reads.of_kind(kind).map(|set| set.iter().map(String::as_str).collect()).collect()
}

const PROJECT: &str = "context.project";
const CLUSTER: &str = "context.cluster";

#[test]
fn what_the_constants_do_not_decide_is_inexact() {
    let both = Some("compares two attributes with each other");
    let arithmetic = Some("does arithmetic");
    for (condition, inexact) in [
        ("context.project.clustersInProject > 4", None),
        ("context.project.clustersInProject + 1 > 4", arithmetic),
        ("4 > 1 - context.project.clustersInProject", arithmetic),
        ("-context.project.clustersInProject < 4", arithmetic),
        // Two constants are one.
        ("context.project.clustersInProject > 1 + 1", None),
        ("context.cluster.diskSizeGB > context.project.clustersInProject", both),
        ("context.cluster.diskSizeGB > context.project.clustersInProject + 1", both),
        ("context.cluster.diskSizeGB == context.project.clustersInProject", both),
        ("context.cluster.diskSizeGB != context.project.clustersInProject", both),
        ("context.cluster.minTLSVersion == context.cluster.diskSizeGB", both),
        ("context.cluster.diskSizeGB == context.cluster.minTLSVersion", both),
        // Values of which all are asked anyway may be compared.
        ("context.search.hasIndexes == context.project.databaseAuditing.enabled", None),
        ("context.cluster.clusterType == context.cluster.configServerManagementMode", None),
        ("context.cluster.minTLSVersion == context.cluster.cipherConfigMode", None),
        ("resource == context.cluster.project", None),
        ("(context.cluster has diskSizeGB) == context.search.hasIndexes", None),
        ("(resource is ResourcePolicy::Cluster) == context.search.hasIndexes", None),
        ("[resource] == [context.cluster.project]", None),
        ("[resource] == [context.cluster.diskSizeGB]", both),
        ("(!context.search.hasIndexes) == context.project.databaseAuditing.enabled", None),
        ("(context.cluster.diskSizeGB > 3) == context.search.hasIndexes", None),
        ("context.cluster.regions.contains(context.cluster.clusterType)", None),
        ("context.cluster.regions.contains(context.cluster.diskSizeGB)", both),
        ("context.cluster.regions.containsAll(context.cluster.cipherSuites)", both),
        ("{\"a\": context.cluster.diskSizeGB} == {\"a\": 5}", Some("builds a record")),
        ("{\"a\": 4} == {\"a\": 5}", None),
        ("context == {\"a\": 5}", Some("looks at the whole context at once")),
        ("context.cluster == {\"a\": 5}", Some("looks at a whole record at once")),
        ("context.project.privateEndpoints.contains(\"x\")", None),
    ] {
        assert_eq!(reads(condition).inexact.as_deref(), inexact, "{condition}");
    }
}

#[test]
fn a_whole_record_is_everything_and_asking_whether_it_is_there_is_nothing() {
    for (condition, everything) in [
        ("context == {\"a\": 5}", true),
        ("context.cluster == {\"a\": 5}", true),
        ("context has cluster", false),
        ("context has cluster.encryptionAtRest.customerManagedKey", false),
        ("context.cluster has diskSizeGB", false),
    ] {
        let reads = reads(condition);
        assert_eq!((reads.everything, reads.unmodelled), (everything, None), "{condition}");
    }
}

#[test]
fn every_attribute_and_number_that_a_condition_reads_is_asked_about() {
    use Variable::{Auditing, ClusterCount, Disk, Geography, Indexes, Tls, Topology};
    let cases: [(&str, &[Variable], &[i64]); 11] = [
        (
            "if context.search.hasIndexes then context.project.clustersInProject > 3 else context.cluster.diskSizeGB > 7",
            &[Indexes, ClusterCount, Disk],
            &[3, 7],
        ),
        ("context.cluster has diskSizeGB", &[Disk], &[]),
        ("context has cluster", &[], &[]),
        ("context.cluster.minShardCount < 3", &[Topology], &[3]),
        ("3 > context.cluster.minShardCount", &[Topology], &[3]),
        ("context.cluster.maxShardCount > 4", &[Topology], &[4]),
        ("4 < context.cluster.maxShardCount", &[Topology], &[4]),
        ("{\"a\": context.cluster.diskSizeGB} == {\"a\": 5}", &[Disk], &[5]),
        ("[context.cluster.minTLSVersion, context.project.databaseAuditing.enabled] == [1]", &[Tls, Auditing], &[1]),
        ("context.aiModelApi.geography == ResourcePolicy::Geography::\"eu\"", &[Geography], &[]),
        ("context.cluster.project == resource", &[], &[]),
    ];
    for (condition, variables, numbers) in cases {
        let reads = reads(condition);
        assert_eq!(reads.variables, variables.iter().copied().collect::<BTreeSet<_>>(), "{condition}");
        assert_eq!(reads.numbers, numbers.iter().copied().collect::<BTreeSet<_>>(), "{condition}");
        assert_eq!(reads.unmodelled, None, "{condition}");
    }
}

#[test]
fn numbers_of_shards_are_compared_as_atlas_does_it_or_nobody_knows() {
    for condition in [
        "context.cluster.minShardCount > 3",
        "3 < context.cluster.minShardCount",
        "context.cluster.maxShardCount < 3",
        "3 > context.cluster.maxShardCount",
        "context.cluster.minShardCount < context.project.clustersInProject",
        "context.project.clustersInProject > context.cluster.minShardCount",
        "context.cluster.maxShardCount > context.project.clustersInProject",
        "context.project.clustersInProject < context.cluster.maxShardCount",
        "context.cluster.maxShardCount == 3",
    ] {
        let why = reads(condition).unmodelled.unwrap_or_default();
        assert!(why.contains("number of shards"), "{condition}: {why}");
    }
}

#[test]
fn constants_that_the_same_is_asked_of_are_not_told_apart() {
    let region = |name: &str| format!("ResourcePolicy::Region::\"aws:{name}\"");
    let (a, b) = (region("a"), region("b"));
    let has = |region: &str| format!("{CLUSTER}.regions.contains({region})");
    for (condition, expected) in [
        (format!("{} || {}", has(&a), has(&b)), vec![vec!["aws:a", "aws:b"]]),
        (format!("!{} && !{}", has(&a), has(&b)), vec![vec!["aws:a", "aws:b"]]),
        (format!("{} || !{}", has(&a), has(&b)), vec![vec!["aws:b"], vec!["aws:a"]]),
        (format!("{CLUSTER}.regions.containsAny([{a}, {b}])"), vec![vec!["aws:a", "aws:b"]]),
    ] {
        let reads = reads(&condition);
        assert_eq!(together(&reads, Kind::Region), expected, "{condition}");
        assert!(reads.variables.contains(&Variable::Placement), "{condition}");
    }
    let project = |id: &str| format!("ResourcePolicy::Project::\"{id}\"");
    let (one, two) = (project(P1), project(P2));
    // `a == b` asks the same from either side, `a in b` does not.
    let equal = reads(&format!("{one} == resource || {two} == resource"));
    assert_eq!(together(&equal, Kind::Project), [[P1, P2]]);
    let within = reads(&format!("{one} in resource || {two} in resource"));
    assert_eq!(together(&within, Kind::Project), [[P1], [P2]]);
}

#[test]
fn only_who_names_projects_or_clusters_tells_them_apart() {
    let cluster = format!("resource == ResourcePolicy::Cluster::\"{P1}\"");
    let project = format!("resource in ResourcePolicy::Project::\"{P1}\"");
    assert!(reads(&cluster).tells_projects_apart() && reads(&project).tells_projects_apart());
    assert!(!reads(&format!("{PROJECT}.databaseAuditing.enabled")).tells_projects_apart());
    assert!(!reads("context.cluster.minTLSVersion == ResourcePolicy::TLSVersion::\"tls1_0\"").tells_projects_apart());
}
