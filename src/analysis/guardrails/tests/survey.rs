//! Whole organizations: what is refused in which project, by whom, and what is not.

use super::super::suggest::{suggest, usual};
use super::super::{Answer, Defect, Estate, EstateProject, Guard, Place, Statement, Survey, Tls, Worth, read};
use super::{C1, C2, P1, P2};
use crate::snapshot::policy::{PolicyBody, ResourcePolicy};

const P3: &str = "5f0000000000000000000003";

pub(super) fn policies(bodies: &[&str]) -> Vec<Statement> {
    let policy = |(index, body): (usize, &&str)| ResourcePolicy {
        id: Some(format!("{index}")),
        name: Some(format!("policy {index}")),
        policies: Some(vec![PolicyBody { id: None, body: Some((*body).to_owned()) }]),
        ..ResourcePolicy::default()
    };
    read(&bodies.iter().enumerate().map(policy).collect::<Vec<_>>())
}

fn estate() -> Estate {
    let project = |id: &str| EstateProject { id: id.to_owned(), ..EstateProject::default() };
    Estate { projects: [P1, P2, P3].map(project).to_vec(), complete: true, ..Estate::default() }
}

/// The answer for each of the three projects.
fn answers(bodies: &[&str], guard: &Guard) -> [Answer; 3] {
    let statements = policies(bodies);
    let estate = estate();
    let survey = Survey::new(&statements, &estate);
    let answers = survey.ask(guard);
    [0, 1, 2].map(|project| {
        let is_there = |place: &Place| matches!(place, Place::Projects { listed, .. } if listed.contains(&project));
        answers.iter().find(|(place, _)| is_there(place)).unwrap().1.clone()
    })
}

fn denied(by: &[usize]) -> Answer {
    Answer::Denied { by: by.to_vec(), together: false }
}

fn passes(answer: &Answer, example: &str) {
    match answer {
        Answer::NotDenied { example: got } if got.contains(example) => {}
        other => panic!("expected {example}, got {other:?}"),
    }
}

const LIST: &str = "forbid (principal, action == ResourcePolicy::Action::\"project.ipAccessList.modify\", resource)";
const CLUSTER: &str = "forbid (principal, action == ResourcePolicy::Action::\"cluster.modify\", resource)";

pub(super) fn list(conditions: &str) -> String {
    format!("{LIST} {conditions};")
}

pub(super) fn cluster(conditions: &str) -> String {
    format!("{CLUSTER} {conditions};")
}

#[test]
fn nothing_is_refused_without_policies() {
    for guard in Guard::all() {
        let answers = answers(&[], &guard);
        assert!(answers.iter().all(|answer| matches!(answer, Answer::NotDenied { .. })), "{guard}: {answers:?}");
    }
}

#[test]
fn the_wildcard_is_refused_beside_anything_or_it_is_not() {
    let contains = list(r#"when { context.project.ipAccessList.contains(ip("0.0.0.0/0")) }"#);
    assert_eq!(answers(&[&contains], &Guard::WildcardIpv4), [denied(&[0]), denied(&[0]), denied(&[0])]);
    passes(&answers(&[&contains], &Guard::WildcardIpv6)[0], "::/0");
    passes(&answers(&[&contains], &Guard::HalfRanges)[0], "0.0.0.0/1, 128.0.0.0/1");
    passes(&answers(&[&contains], &Guard::NewAddress)[0], "203.0.113.7/32");
    // Only alone.
    let equals = list(r#"when { context.project.ipAccessList == [ip("0.0.0.0/0")] }"#);
    passes(&answers(&[&equals], &Guard::WildcardIpv4)[0], "0.0.0.0/0, ");
    // Unless a certain other one stands beside it, which only its own constants tell.
    let but = list(
        r#"when { context.project.ipAccessList.contains(ip("0.0.0.0/0")) && !context.project.ipAccessList.contains(ip("198.51.100.9")) }"#,
    );
    passes(&answers(&[&but], &Guard::WildcardIpv4)[0], "198.51.100.9");
    // 10.0.0.0/0 never reaches a policy: Atlas turns it into 0.0.0.0/0.
    let odd = list(r#"when { context.project.ipAccessList.contains(ip("10.0.0.0/0")) }"#);
    passes(&answers(&[&odd], &Guard::WildcardIpv4)[0], "0.0.0.0/0");
}

#[test]
fn a_closed_list_refuses_what_no_deny_list_can() {
    let allow =
        list(r#"unless { [ip("198.51.100.0/24"), ip("192.0.2.1")].containsAll(context.project.ipAccessList) }"#);
    for guard in [Guard::WildcardIpv4, Guard::WildcardIpv6, Guard::HalfRanges, Guard::NewAddress] {
        assert_eq!(answers(&[&allow], &guard)[1], denied(&[0]), "{guard}");
    }
    passes(&answers(&[&allow], &Guard::AnyAddress)[0], "192.0.2.1");
    let inverted = list(r#"unless { context.project.ipAccessList.contains(ip("0.0.0.0/0")) }"#);
    passes(&answers(&[&inverted], &Guard::WildcardIpv4)[0], "0.0.0.0/0");
    let empty = list("unless { context.project.ipAccessList.isEmpty() }");
    assert_eq!(answers(&[&empty], &Guard::AnyAddress)[0], denied(&[0]));
    assert_eq!(answers(&[&list("")], &Guard::WildcardIpv4)[0], Answer::Frozen { by: vec![0], together: false });
}

#[test]
fn each_project_has_its_own_answer() {
    let but = list(&format!(
        r#"when {{ context.project.ipAccessList.contains(ip("0.0.0.0/0")) }} unless {{ resource in ResourcePolicy::Project::"{P2}" }}"#
    ));
    let [one, two, three] = answers(&[&but], &Guard::WildcardIpv4);
    assert_eq!((one, three), (denied(&[0]), denied(&[0])));
    passes(&two, "0.0.0.0/0");
    let only = list(&format!(
        r#"when {{ resource == ResourcePolicy::Project::"{P2}" && context.project.ipAccessList.contains(ip("0.0.0.0/0")) }}"#
    ));
    let [one, two, _] = answers(&[&only], &Guard::WildcardIpv4);
    passes(&one, "0.0.0.0/0");
    assert_eq!(two, denied(&[0]));
    // What one leaves out the other covers.
    assert_eq!(answers(&[&but, &only], &Guard::WildcardIpv4), [denied(&[0]), denied(&[1]), denied(&[0])]);
}

#[test]
fn a_denied_probe_says_nothing_if_a_harmless_one_is_denied_too() {
    let regions = cluster(
        r#"unless { [ResourcePolicy::Region::"aws:us-east-1", ResourcePolicy::Region::"azure:westeurope"].containsAll(context.cluster.regions) }"#,
    );
    let [answer, ..] = answers(&[&regions], &Guard::Tls(Tls::V1_0));
    passes(&answer, "TLS 1.0");
    passes(&answer, "aws:us-east-1");
    assert_eq!(answers(&[&regions], &Guard::Regions(None))[0], denied(&[0]));
    assert_eq!(answers(&[&regions], &Guard::Provider("gcp"))[0], denied(&[0]));
    let allowed = Guard::Regions(Some(vec!["US_EAST_1".to_owned(), "EUROPE_WEST".to_owned()]));
    assert_eq!(answers(&[&regions], &allowed)[0], denied(&[0]));
    let fewer = Guard::Regions(Some(vec!["aws:us-east-1".to_owned()]));
    passes(&answers(&[&regions], &fewer)[0], "azure:westeurope");
    // What no policy tells apart the guard may: {us-east-1} is as good as {eu-west-1} to this one, and not allowed.
    let both = cluster(
        r#"when { context.cluster.regions.containsAll([ResourcePolicy::Region::"aws:eu-west-1", ResourcePolicy::Region::"aws:us-east-1"]) }"#,
    );
    let closed = cluster(
        r#"unless { [ResourcePolicy::Region::"aws:eu-west-1", ResourcePolicy::Region::"aws:us-east-1"].containsAll(context.cluster.regions) }"#,
    );
    let europe = Guard::Regions(Some(vec!["EU_WEST_1".to_owned()]));
    assert_eq!(
        answers(&[&both, &closed], &europe)[0],
        Answer::NotDenied { example: "a cluster in aws:us-east-1".to_owned() }
    );
    let all = cluster("");
    assert_eq!(answers(&[&all], &Guard::Tls(Tls::V1_0))[0], Answer::Frozen { by: vec![0], together: false });
}

#[test]
fn allowed_regions_that_no_policy_names_are_told_from_the_rest() {
    // To these policies all regions of AWS are one: eu-west-1, which is allowed, must not stand for them all.
    let aws_only =
        cluster(r#"unless { [ResourcePolicy::CloudProvider::"aws"].containsAll(context.cluster.cloudProviders) }"#);
    let ireland = Guard::Regions(Some(vec!["aws:eu-west-1".to_owned()]));
    passes(&answers(&[&aws_only], &ireland)[0], "a cluster in aws:eu-central-1");
    let one_of_each = ["aws:eu-west-1", "azure:norwayeast", "gcp:europe-west3"].map(str::to_owned).to_vec();
    passes(&answers(&[], &Guard::Regions(Some(one_of_each)))[0], "a cluster in ");
    // And where only an allowed one is left that the list of known regions lacks, there is something harmless.
    let closed = cluster(r#"unless { [ResourcePolicy::Region::"aws:xx-new-9"].containsAll(context.cluster.regions) }"#);
    let new = Guard::Regions(Some(vec!["aws:xx-new-9".to_owned()]));
    assert_eq!(answers(&[&closed], &new)[0], denied(&[0]));
    let never_aws = cluster(
        r#"when { context.cluster.cloudProviders.contains(ResourcePolicy::CloudProvider::"aws") || context.cluster.cloudProviders.contains(ResourcePolicy::CloudProvider::"azure") || context.cluster.cloudProviders.contains(ResourcePolicy::CloudProvider::"gcp") }"#,
    );
    assert_eq!(answers(&[&never_aws], &ireland)[0], Answer::Frozen { by: vec![0], together: false });
}

#[test]
fn policies_that_only_together_refuse_are_both_named() {
    let tls = r#"context.cluster.minTLSVersion == ResourcePolicy::TLSVersion::"tls1_0""#;
    let small = cluster(&format!("when {{ {tls} && context.project.clustersInProject < 5 }}"));
    let large = cluster(&format!("when {{ {tls} && context.project.clustersInProject > 3 }}"));
    let other = cluster("when { context.project.clustersInProject > 9 }");
    let together = Answer::Denied { by: vec![0, 2], together: true };
    assert_eq!(answers(&[&small, &other, &large], &Guard::Tls(Tls::V1_0))[0], together);
    passes(&answers(&[&small, &other], &Guard::Tls(Tls::V1_0))[0], "5 clusters in the project");
}

#[test]
fn absent_attributes_and_other_sizes_are_tried() {
    let tier = cluster(
        "when { context.cluster has minGeneralClassInstanceSizeValue && context.cluster.minGeneralClassInstanceSizeValue < 30 }",
    );
    assert_eq!(answers(&[&tier], &Guard::SmallestTier)[0], denied(&[0]));
    passes(&answers(&[&tier], &Guard::LargestTier)[0], "M700");
    let servers = cluster(
        r#"when { context.cluster has configServerManagementMode && context.cluster.clusterType == ResourcePolicy::ClusterType::"sharded" && context.cluster.configServerManagementMode != ResourcePolicy::ConfigServerManagementMode::"fixed_to_dedicated" }"#,
    );
    passes(&answers(&[&servers], &Guard::ManagedConfigServers)[0], "geosharded");
}

#[test]
fn what_may_refuse_makes_nothing_open_and_nothing_closed() {
    let tags = cluster(r#"when { context.cluster.tags.contains("pci") }"#);
    let [answer, ..] = answers(&[&tags], &Guard::ClusterKey);
    assert!(matches!(&answer, Answer::Undecided { why } if why.contains("`policy 0` may refuse it")), "{answer:?}");
    // It is about clusters, and says nothing of access lists.
    passes(&answers(&[&tags], &Guard::WildcardIpv4)[0], "0.0.0.0/0");
    let key = cluster("unless { context.cluster.encryptionAtRest.customerManagedKey.enabled }");
    assert_eq!(answers(&[&tags, &key], &Guard::ClusterKey)[0], denied(&[1]));
    // Arithmetic: what is denied does not follow from the constants.
    let sum =
        cluster("when { context.project.clustersInProject + 1 > 0 && !context.project.databaseAuditing.enabled }");
    let [answer, ..] = answers(&[&sum], &Guard::Auditing);
    assert!(matches!(&answer, Answer::Undecided { why } if why.contains("arithmetic")), "{answer:?}");
    // What does not parse may be about anything.
    let [answer, ..] = answers(&["forbid (principal action, resource);"], &Guard::Rerank);
    assert!(matches!(answer, Answer::Undecided { .. }));
    // One that can never be in force is no doubt.
    passes(&answers(&["permit (principal, action, resource);"], &Guard::Rerank)[0], "reranking on");
}

#[test]
fn long_lists_are_told_apart_by_groups() {
    let listed: Vec<String> = (0..300).map(|n| format!("ip(\"10.{}.{}.0/24\")", n / 250, n % 250)).collect();
    let one = list(&format!("when {{ context.project.ipAccessList.containsAny([{}]) }}", listed.join(", ")));
    passes(&answers(&[&one], &Guard::WildcardIpv4)[0], "0.0.0.0/0");
    let chain: Vec<String> =
        listed[..60].iter().map(|entry| format!("context.project.ipAccessList.contains({entry})")).collect();
    let two =
        list(&format!("when {{ {} || context.project.ipAccessList.contains(ip(\"0.0.0.0/0\")) }}", chain.join(" || ")));
    assert_eq!(answers(&[&one, &two], &Guard::WildcardIpv4)[0], denied(&[1]));
    // Apart from each other: too many to try, and that is said.
    let apart: Vec<String> = listed[..30]
        .iter()
        .map(|entry| list(&format!("when {{ context.project.ipAccessList.contains({entry}) && context.project.ipAccessList.contains(ip(\"0.0.0.0/0\")) }}")))
        .collect();
    let apart: Vec<&str> = apart.iter().map(String::as_str).collect();
    passes(&answers(&apart, &Guard::WildcardIpv4)[0], "0.0.0.0/0");
}

#[test]
fn clusters_that_policies_name_are_asked_about() {
    let but = cluster(&format!(
        r#"unless {{ context.cluster.encryptionAtRest.customerManagedKey.enabled || resource == ResourcePolicy::Cluster::"{C1}" }}"#
    ));
    let statements = policies(&[&but]);
    let unknown = estate();
    let survey = Survey::new(&statements, &unknown);
    let answers = survey.ask(&Guard::ClusterKey);
    assert_eq!(answers[0].1, denied(&[0]));
    assert!(matches!(&answers[1], (Place::Cluster(id), Answer::Undecided { .. }) if id == C1), "{answers:?}");
    let mut known = Estate { clusters_known: true, ..estate() };
    known.projects[1].clusters.push(C1.to_owned());
    let survey = Survey::new(&statements, &known);
    let answers = survey.ask(&Guard::ClusterKey);
    assert_eq!(answers.len(), 2);
    assert!(
        matches!(&answers[0], (Place::Projects { listed, others: true }, answer) if *listed == [0, 2] && *answer == denied(&[0]))
    );
    assert!(matches!(&answers[1], (Place::Projects { listed, .. }, Answer::NotDenied { .. }) if *listed == [1]));
    known.projects[1].clusters.clear();
    assert_eq!(
        Survey::new(&statements, &known).ask(&Guard::ClusterKey),
        [(Place::Projects { listed: vec![0, 1, 2], others: true }, denied(&[0]))]
    );
}

#[test]
fn policies_that_guard_nothing_are_found() {
    let worth = |bodies: &[&str]| {
        let statements = policies(bodies);
        let estate = estate();
        Survey::new(&statements, &estate).worth()
    };
    let never = |worth: &Worth| matches!(worth, Worth::Defective(Defect::NeverMatches(_)));
    let guards = |worth: &Worth| matches!(worth, Worth::Guards(_));
    let [both] = &worth(&[&list(
        r#"when { context.project.ipAccessList.contains(ip("0.0.0.0/0")) && context.project.ipAccessList.isEmpty() }"#,
    )])[..] else {
        panic!()
    };
    assert!(never(both), "{both:?}");
    assert!(never(&worth(&[&list("when { false && context.project.ipAccessList.isEmpty() }")])[0]));
    assert!(never(&worth(&[&list("unless { true }")])[0]));
    assert!(never(&worth(&[&list(r#"when { context.project.ipAccessList.contains(ip("10.0.0.0/0")) }"#)])[0]));
    assert!(guards(&worth(&[&list(r#"when { context.project.ipAccessList.contains(ip("0.0.0.0")) }"#)])[0]));
    assert!(never(
        &worth(&[&cluster("when { context.project.clustersInProject > 4 && context.project.clustersInProject < 5 }")])
            [0]
    ));
    assert!(guards(
        &worth(&[&cluster("when { context.project.clustersInProject > 4 && context.project.clustersInProject < 6 }")])
            [0]
    ));
    let gone = list(r#"when { resource in ResourcePolicy::Project::"5f0000000000000000000009" }"#);
    let [Worth::Defective(Defect::NeverMatches(why))] = &worth(&[&gone])[..] else { panic!() };
    assert!(why.contains("5f0000000000000000000009"), "{why}");
    let there = list(&format!(r#"when {{ resource in ResourcePolicy::Project::"{P1}" }}"#));
    assert!(guards(&worth(&[&there])[0]));
    let low = cluster(
        "when { context.cluster has minGeneralClassInstanceSizeValue && context.cluster.minGeneralClassInstanceSizeValue < 10 }",
    );
    assert!(guards(&worth(&[&low])[0]), "how free clusters appear is not published");
    let twice = format!("// a comment\n@id(\"x\") {there}");
    assert_eq!(worth(&[&there, &twice])[1], Worth::Defective(Defect::DuplicateOf("policy 0".to_owned())));
}

#[test]
fn exemptions_and_contradictions_are_found() {
    let but = list(&format!(
        r#"when {{ context.project.ipAccessList.contains(ip("0.0.0.0/0")) }} unless {{ resource in ResourcePolicy::Project::"{P2}" }}"#
    ));
    let only = list(&format!(r#"when {{ resource in ResourcePolicy::Project::"{P1}" }}"#));
    let aws = cluster(r#"unless { context.cluster.cloudProviders == [ResourcePolicy::CloudProvider::"aws"] }"#);
    let gcp = cluster(r#"unless { context.cluster.cloudProviders == [ResourcePolicy::CloudProvider::"gcp"] }"#);
    let statements = policies(&[&but, &only, &aws, &gcp]);
    let estate = estate();
    let survey = Survey::new(&statements, &estate);
    let exemptions = survey.exemptions();
    assert_eq!(exemptions.len(), 1, "{exemptions:?}");
    assert_eq!(exemptions[0].place, Place::Projects { listed: vec![1], others: false });
    assert!(exemptions[0].example.contains("0.0.0.0/0"));
    let freezes = survey.freezes();
    assert!(freezes.iter().any(|freeze| freeze.contradiction && freeze.by == [2, 3]), "{freezes:?}");
    assert!(freezes.iter().any(|freeze| !freeze.contradiction && freeze.by == [1]), "{freezes:?}");
}

#[test]
fn every_suggestion_holds_and_none_is_made_twice() {
    let estate = estate();
    let survey = Survey::new(&[], &estate);
    let (suggestions, without) = suggest(&survey, &usual(&["aws:eu-west-1".to_owned()]));
    assert_eq!(without, []);
    assert_eq!(suggestions.len(), 7, "{suggestions:#?}");
    // With all of them in force there is nothing left to offer.
    let bodies: Vec<&str> = suggestions.iter().map(|suggestion| suggestion.body.as_str()).collect();
    let statements = policies(&bodies);
    let survey = Survey::new(&statements, &estate);
    assert_eq!(suggest(&survey, &usual(&["aws:eu-west-1".to_owned()])), (Vec::new(), Vec::new()));
    assert!(survey.worth().iter().all(|worth| matches!(worth, Worth::Guards(_))));
    assert_eq!(survey.freezes(), []);
    let none: [Statement; 0] = [];
    let (all, without) = suggest(&Survey::new(&none, &estate), &Guard::all());
    assert!(all.len() > 15);
    assert_eq!(without.len(), 7, "{without:?}");
    // What somebody misspelt is not offered.
    let (_, without) = suggest(&Survey::new(&none, &estate), &[Guard::Regions(Some(vec!["EU_WEST_1".to_owned()]))]);
    assert_eq!(without.len(), 1);
}

#[test]
fn ten_thousand_projects_cost_no_more_than_those_that_policies_name() {
    let project = |n: usize| EstateProject { id: format!("{n:024x}"), ..EstateProject::default() };
    let estate = Estate { projects: (0..10_000).map(project).collect(), complete: true, ..Estate::default() };
    let named: Vec<String> = (0..200).map(|n| format!("ResourcePolicy::Project::\"{n:024x}\"")).collect();
    let but = list(&format!(
        r#"when {{ context.project.ipAccessList.contains(ip("0.0.0.0/0")) }} unless {{ resource in [{}] }}"#,
        named.join(", ")
    ));
    let statements = policies(&[&but]);
    let survey = Survey::new(&statements, &estate);
    let answers = survey.ask(&Guard::WildcardIpv4);
    let sizes: Vec<(usize, bool)> = answers
        .iter()
        .map(|(place, answer)| match place {
            Place::Projects { listed, .. } => (listed.len(), answer.refuses()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sizes, [(9_800, true), (200, false)]);
}

#[test]
fn sizes_that_no_cluster_can_have_leave_nothing_open() {
    let frozen = |bodies: &[String], together| {
        let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
        let by = (0..bodies.len()).collect();
        assert_eq!(answers(&bodies, &Guard::ClusterKey)[0], Answer::Frozen { by, together }, "{bodies:?}");
    };
    let absent = |name: &str| cluster(&format!("unless {{ context.cluster has {name} }}"));
    let above = |name: &str, than: i64| {
        cluster(&format!("when {{ context.cluster has {name} && context.cluster.{name} > {than} }}"))
    };
    // No disk of 0 GB, no project of 0 clusters, no cluster of 0 shards; free clusters may look like M0, and are not asked about.
    frozen(&[absent("diskSizeGB"), above("diskSizeGB", 0)], true);
    let size = "minGeneralClassInstanceSizeValue";
    frozen(&[absent(size), above(size, 9)], true);
    frozen(&[cluster("when { context.project.clustersInProject > 0 }")], false);
    frozen(&[cluster("when { context.cluster.maxShardCount > 0 }")], false);
    // One more is another matter.
    passes(
        &answers(&[&cluster("when { context.project.clustersInProject > 1 }")], &Guard::ClusterKey)[0],
        "no customer's key",
    );
}

#[test]
fn many_clusters_and_many_shards_are_a_thousand_and_fifty() {
    passes(&answers(&[], &Guard::ManyClusters)[0], "1000 clusters in the project");
    passes(&answers(&[], &Guard::ManyShards)[0], "50 shards");
    let clusters = cluster("when { context.project.clustersInProject > 999 }");
    assert_eq!(answers(&[&clusters], &Guard::ManyClusters)[0], denied(&[0]));
    let shards = cluster("when { context.cluster.maxShardCount > 49 }");
    assert_eq!(answers(&[&shards], &Guard::ManyShards)[0], denied(&[0]));
}

#[test]
fn a_choice_of_cipher_suites_is_never_an_empty_one() {
    let chosen = cluster("when { context.cluster.cipherSuites.isEmpty() }");
    assert_eq!(answers(&[&chosen], &Guard::DefaultCiphers)[0], denied(&[0]));
}

#[test]
fn what_only_constants_together_fulfil_is_tried() {
    let both = list(r#"when { context.project.ipAccessList.containsAll([ip("198.51.100.1"), ip("198.51.100.2")]) }"#);
    let statements = policies(&[&both]);
    let worth = Survey::new(&statements, &estate()).worth();
    assert_eq!(worth, [Worth::Guards("an access list of 198.51.100.1/32, 198.51.100.2/32".to_owned())]);
}

#[test]
fn what_is_reckoned_with_leaves_open_whether_a_policy_ever_matches() {
    let sum = cluster("when { context.project.clustersInProject + 1 < 0 }");
    let statements = policies(&[&sum]);
    let worth = Survey::new(&statements, &estate()).worth();
    assert!(matches!(&worth[..], [Worth::Undecided(why)] if why.contains("arithmetic")), "{worth:?}");
    // Beside one that says it plainly, it is no doubt.
    let plain = cluster("unless { context.project.databaseAuditing.enabled }");
    let sum =
        cluster("when { context.project.clustersInProject + 1 > 0 && !context.project.databaseAuditing.enabled }");
    assert_eq!(answers(&[&sum, &plain], &Guard::Auditing)[0], denied(&[1]));
}

#[test]
fn a_cluster_that_a_policy_names_is_in_the_project_where_it_is() {
    let body = cluster(&format!(
        r#"when {{ resource in ResourcePolicy::Project::"{P1}" && (resource == ResourcePolicy::Cluster::"{C1}" || context.cluster.minTLSVersion == ResourcePolicy::TLSVersion::"tls1_0") }}"#
    ));
    let mut estate = Estate { clusters_known: true, ..estate() };
    estate.projects[0].clusters.push(C1.to_owned());
    let statements = policies(&[&body]);
    let answers = Survey::new(&statements, &estate).ask(&Guard::Tls(Tls::V1_0));
    let of_first = answers.iter().find(|(place, _)| matches!(place, Place::Projects { listed, .. } if *listed == [0]));
    assert_eq!(of_first.map(|(_, answer)| answer), Some(&denied(&[0])), "{answers:?}");
}

#[test]
fn each_cluster_of_unknown_place_has_its_own_answer() {
    for (exempt, other) in [(C1, C2), (C2, C1)] {
        let but = cluster(&format!(
            r#"unless {{ context.cluster.encryptionAtRest.customerManagedKey.enabled || (resource == ResourcePolicy::Cluster::"{exempt}" && resource in ResourcePolicy::Project::"{P2}") }}"#
        ));
        let names = cluster(&format!(
            r#"when {{ resource == ResourcePolicy::Cluster::"{other}" && context.cluster.minTLSVersion == ResourcePolicy::TLSVersion::"tls1_0" }}"#
        ));
        let statements = policies(&[&but, &names]);
        let estate = estate();
        let answers = Survey::new(&statements, &estate).ask(&Guard::ClusterKey);
        let of = |cluster: &str| {
            let found = answers.iter().find(|(place, _)| *place == Place::Cluster(cluster.to_owned()));
            found.map(|(_, answer)| answer).unwrap()
        };
        assert!(matches!(of(exempt), Answer::Undecided { .. }), "{exempt}: {answers:?}");
        assert_eq!(*of(other), denied(&[0]), "{other}: {answers:?}");
    }
}

#[test]
fn a_policy_for_what_is_not_there_says_for_what() {
    let gone = ["5f0000000000000000000008", "5f0000000000000000000009"];
    let why = |kind: &str| {
        let ids = gone.map(|id| format!("ResourcePolicy::{kind}::\"{id}\""));
        let body = cluster(&format!("when {{ resource in [{}] }}", ids.join(", ")));
        let statements = policies(&[&body]);
        let known = Estate { clusters_known: true, ..estate() };
        match &Survey::new(&statements, &known).worth()[..] {
            [Worth::Defective(Defect::NeverMatches(why))] => why.clone(),
            other => panic!("{other:?}"),
        }
    };
    let not_here = "only, which this organization does not have";
    assert_eq!(why("Project"), format!("it is for project {} {not_here}", gone[0]));
    assert_eq!(why("Cluster"), format!("it is for cluster {} {not_here}", gone[0]));
}

#[test]
fn each_exemption_is_told_once_for_each_policy_and_place() {
    let but = |entry: &str, projects: &[&str]| {
        let ids: Vec<String> = projects.iter().map(|id| format!("ResourcePolicy::Project::\"{id}\"")).collect();
        list(&format!(
            r#"when {{ context.project.ipAccessList.contains(ip("{entry}")) }} unless {{ resource in [{}] }}"#,
            ids.join(", ")
        ))
    };
    let (one, two) = (but("0.0.0.0/0", &[P1, P2]), but("::/0", &[P2]));
    let statements = policies(&[&one, &two]);
    let estate = estate();
    let mut found: Vec<_> = Survey::new(&statements, &estate)
        .exemptions()
        .into_iter()
        .map(|exemption| match exemption.place {
            Place::Projects { listed, .. } => (exemption.statement, listed),
            other => panic!("{other:?}"),
        })
        .collect();
    found.sort();
    assert_eq!(found, [(0, vec![0]), (0, vec![1]), (1, vec![1])]);
}

#[test]
fn a_cluster_that_is_left_out_is_no_project_that_is() {
    let but = cluster(&format!(
        r#"unless {{ context.cluster.encryptionAtRest.customerManagedKey.enabled || resource == ResourcePolicy::Cluster::"{C1}" }}"#
    ));
    let statements = policies(&[&but]);
    let mut estate = Estate { clusters_known: true, ..estate() };
    estate.projects[1].clusters.push(C1.to_owned());
    let places: Vec<Place> =
        Survey::new(&statements, &estate).exemptions().into_iter().map(|exemption| exemption.place).collect();
    assert_eq!(places, [Place::Cluster(C1.to_owned())]);
}
