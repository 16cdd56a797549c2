//! The prover and the enumeration, put to the same policies: they have to agree.
//!
//! They need a cvc5 on the path. Without one they say so and are skipped, unless `ATLAS_CVC5_REQUIRED` is set.

use std::time::Duration;

use super::super::prove::{Proof, Solve};
use super::super::{Answer, Estate, EstateProject, Guard, Place, Statement, Survey, Tls, read};
use super::{C1, P1, P2};
use crate::snapshot::policy::{PolicyBody, ResourcePolicy};
use crate::solver::{Cvc5, on_path};

/// The solver; nothing if there is none.
fn solver() -> Option<Cvc5> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if on_path(&path).is_none() && std::env::var_os("ATLAS_CVC5_REQUIRED").is_none() {
        eprintln!("!!! SKIPPED, nothing is proved: no cvc5 is on the path");
        return None;
    }
    Some(Cvc5::start().unwrap())
}

fn statements(bodies: &[&str]) -> Vec<Statement> {
    let policy = |body: &&str| ResourcePolicy {
        policies: Some(vec![PolicyBody { id: None, body: Some((*body).to_owned()) }]),
        ..ResourcePolicy::default()
    };
    read(&bodies.iter().map(policy).collect::<Vec<_>>())
}

/// Two projects, the first of which has a cluster that policies may name.
fn estate(clusters_known: bool) -> Estate {
    let project = |id: &str, cluster: Option<&str>| EstateProject {
        id: id.to_owned(),
        clusters: cluster.map(str::to_owned).into_iter().collect(),
        ..EstateProject::default()
    };
    let own = clusters_known.then_some(C1);
    Estate { projects: vec![project(P1, own), project(P2, None)], complete: true, clusters_known }
}

/// What was compared.
#[derive(Debug, Default)]
struct Compared {
    proved: usize,
    counterexamples: usize,
    /// Undecided by the enumeration, and what the prover says to that.
    undecided: usize,
    undecided_proved: usize,
    wrong: Vec<String>,
}

impl Compared {
    fn add(&mut self, what: &str, bodies: &[&str], estate: &Estate, guards: &[Guard], solver: &mut dyn Solve) {
        let statements = statements(bodies);
        let survey = Survey::new(&statements, estate);
        for guard in guards {
            let (answers, proofs) = (survey.ask(guard), survey.prove(guard, solver));
            assert_eq!(answers.len(), proofs.len());
            for ((place, answer), (same, proof)) in answers.into_iter().zip(proofs) {
                assert_eq!(place, same);
                match (&answer, &proof) {
                    (Answer::Denied { .. } | Answer::Frozen { .. }, Proof::Proved) => self.proved += 1,
                    (Answer::NotDenied { .. }, Proof::Counterexample { .. }) => self.counterexamples += 1,
                    (Answer::Undecided { .. }, Proof::Proved) => {
                        self.undecided += 1;
                        self.undecided_proved += 1;
                    }
                    (Answer::Undecided { .. }, _) => self.undecided += 1,
                    _ => self.wrong.push(format!("{what}: {guard}, {place:?}: {answer:?}, but {proof:?}")),
                }
            }
        }
    }

    #[track_caller]
    fn agree(&self) {
        let some = self.wrong.iter().take(12).map(String::as_str).collect::<Vec<_>>().join("\n");
        assert!(self.wrong.is_empty(), "{} disagreements:\n{some}", self.wrong.len());
    }
}

/// Every guard, and those that depend on a list.
fn guards() -> Vec<Guard> {
    let regions = |listed: &[&str]| Guard::Regions(Some(listed.iter().map(|&region| region.to_owned()).collect()));
    let mut guards = Guard::all();
    guards.extend([
        Guard::Tls(Tls::V1_2),
        regions(&["aws:eu-west-1"]),
        regions(&["aws:us-east-1", "gcp:us-east1"]),
        regions(&["EU_WEST_1", "EUROPE_WEST"]),
    ]);
    guards
}

fn on(action: &str, conditions: &str) -> String {
    format!("forbid (principal, action == ResourcePolicy::Action::\"{action}\", resource) {conditions};")
}

fn first(action: &str, conditions: &str) -> String {
    format!("forbid (principal, action == cloud::Action::\"{action}\", resource) {conditions};")
}

const LIST: &str = "project.ipAccessList.modify";
const CLUSTER: &str = "cluster.modify";

fn own() -> Vec<String> {
    let europe = r#"[ResourcePolicy::Region::"aws:eu-west-1", ResourcePolicy::Region::"azure:westeurope"]"#;
    vec![
        on(LIST, r#"when { context.project.ipAccessList.contains(ip("0.0.0.0/0")) }"#),
        on(LIST, r#"when { context.project.ipAccessList.contains(ip("0.0.0.0")) }"#),
        on(LIST, r#"when { context.project.ipAccessList == [ip("0.0.0.0/0")] }"#),
        on(LIST, r#"when { context.project.ipAccessList.contains(ip("10.0.0.0/0")) }"#),
        on(LIST, r#"when { context.project.ipAccessList.containsAll([ip("0.0.0.0/1"), ip("128.0.0.0/1")]) }"#),
        on(LIST, r#"unless { [ip("198.51.100.7"), ip("10.0.0.0/8")].containsAll(context.project.ipAccessList) }"#),
        on(LIST, "unless { context.project.ipAccessList.isEmpty() }"),
        on(LIST, &format!(r#"when {{ resource == ResourcePolicy::Project::"{P1}" }}"#)),
        on(LIST, &format!(r#"unless {{ resource in ResourcePolicy::Project::"{P1}" }}"#)),
        first("project.edit", r#"when { context.project.ipAccessList.contains(ip("0.0.0.0/0")) }"#),
        first("project.edit", &format!(r#"unless {{ resource == cloud::project::"{P2}" }}"#)),
        on(CLUSTER, r#"when { context.cluster.minTLSVersion == ResourcePolicy::TLSVersion::"tls1_0" }"#),
        on(CLUSTER, r#"unless { context.cluster.minTLSVersion == ResourcePolicy::TLSVersion::"tls1_2" }"#),
        on(CLUSTER, &format!("unless {{ {europe}.containsAll(context.cluster.regions) }}")),
        on(CLUSTER, &format!("when {{ context.cluster.regions.containsAny({europe}) }}")),
        on(CLUSTER, r#"when { context.cluster.cloudProviders.contains(ResourcePolicy::CloudProvider::"gcp") }"#),
        on(CLUSTER, r#"unless { context.cluster.cloudProviders == [ResourcePolicy::CloudProvider::"aws"] }"#),
        on(
            CLUSTER,
            "when { context.cluster has maxGeneralClassInstanceSizeValue && context.cluster.maxGeneralClassInstanceSizeValue > 60 }",
        ),
        // All the sizes that there are, though no single comparison says so.
        on(
            CLUSTER,
            "when { context.cluster has minGeneralClassInstanceSizeValue && context.cluster.minGeneralClassInstanceSizeValue > 9 && context.cluster.minGeneralClassInstanceSizeValue < 701 }",
        ),
        on(CLUSTER, "when { context.cluster.maxShardCount > 49 }"),
        on(CLUSTER, "when { context.cluster.minShardCount < 2 }"),
        on(CLUSTER, "when { context.project.clustersInProject > 3 } unless { context.project.clustersInProject == 1000 }"),
        on(CLUSTER, r#"when { context.cluster.cipherConfigMode == ResourcePolicy::CipherConfigMode::"default" }"#),
        on(
            CLUSTER,
            r#"unless { context.cluster.cipherSuites == [ResourcePolicy::CipherSuite::"TLS_AES_256_GCM_SHA384"] }"#,
        ),
        on(CLUSTER, &format!(r#"when {{ resource == ResourcePolicy::Cluster::"{C1}" }}"#)),
        on(CLUSTER, &format!(r#"unless {{ context.cluster.project == ResourcePolicy::Project::"{P2}" }}"#)),
        on(CLUSTER, "when { context.cluster.encryptionAtRest.customerManagedKey.enabled == context.search.hasIndexes }"),
        first("cluster.createEdit", r#"unless { context.cluster.cloudProviders == [cloud::cloudProvider::"aws"] }"#),
        first("cluster.createEdit", r#"when { context.cluster.regions.contains(cloud::region::"aws:eu-west-1") }"#),
        // In the first name space there is no such attribute, in today's there is.
        "forbid (principal, action, resource) when { context has search };".to_owned(),
        r#"forbid (principal, action in [ResourcePolicy::Action::"cluster.modify", cloud::Action::"cluster.createEdit"], resource) when { context.cluster has clusterType };"#.to_owned(),
        r#"forbid (principal, action in [ResourcePolicy::Action::"cluster.modify", cloud::Action::"cluster.createEdit"], resource) unless { context.cluster has clusterType };"#.to_owned(),
        "forbid (principal, action, resource is cloud::cluster);".to_owned(),
        r#"forbid (principal, action, resource) when { action == cloud::Action::"project.edit" };"#.to_owned(),
        format!(r#"forbid (principal, action, resource in ResourcePolicy::Project::"{P1}");"#),
        on("search.deployment.modify", "when { context.search.hasIndexes && !context.search.hasDedicatedNodes }"),
        on(
            "search.deployment.modify",
            "when { context.search.hasDedicatedNodes } unless { context.search.encryptionAtRest.customerManagedKey.enabled }",
        ),
        on("search.index.modify", "when { context.search.index.isAutoEmbed || !context.search.hasDedicatedNodes }"),
        on("project.maintenanceWindow.modify", "unless { context.project.hasDefinedMaintenanceWindow }"),
        on("project.vpcPeering.modify", r#"unless { ["aws:1:vpc-1:10.0.0.0/16"].containsAll(context.project.peeringConnections) }"#),
        on("project.privateEndpoint.modify", ""),
        on("project.aiModelAPI.modify", r#"when { context.aiModelApi.geography == ResourcePolicy::Geography::"us" }"#),
        on("project.rerank.modify", "when { context.project.rerankEnabled }"),
    ]
}

#[test]
fn both_say_the_same_of_our_own_policies() {
    let Some(mut solver) = solver() else { return };
    let mut compared = Compared::default();
    let all = guards();
    for body in own() {
        let bodies = [body.as_str()];
        let about = about(&bodies, &all);
        compared.add(&body, &bodies, &estate(true), &about, &mut solver);
    }
    compared.add("no policy", &[], &estate(true), &all, &mut solver);
    compared.agree();
    assert!(compared.proved > 100 && compared.counterexamples > 400 && compared.undecided == 0, "{compared:?}");
}

/// The guards whose action a policy is about: of the others each policy says what none says.
fn about(bodies: &[&str], guards: &[Guard]) -> Vec<Guard> {
    let statements = statements(bodies);
    let survey = Survey::new(&statements, &Estate::default());
    guards.iter().filter(|guard| survey.arenas[&guard.action()].0.len() > 0).cloned().collect()
}

fn proofs(bodies: &[&str], guard: &Guard, solver: &mut dyn Solve) -> Vec<(Place, Proof)> {
    Survey::new(&statements(bodies), &estate(true)).prove(guard, solver)
}

#[test]
fn a_counterexample_is_a_request_that_people_can_read() {
    let Some(mut solver) = solver() else { return };
    let gcp = on(CLUSTER, r#"when { context.cluster.cloudProviders.contains(ResourcePolicy::CloudProvider::"gcp") }"#);
    let found = proofs(&[&gcp], &Guard::Tls(Tls::V1_0), &mut solver);
    let Some((_, Proof::Counterexample { example })) = found.first() else { panic!("{found:?}") };
    assert!(example.starts_with("a cluster in a") && example.contains("TLS 1.0"), "{example}");
    let list = on(LIST, r#"when { context.project.ipAccessList.contains(ip("0.0.0.0/0")) }"#);
    let found = proofs(&[&list], &Guard::AnyAddress, &mut solver);
    assert!(matches!(&found[0].1, Proof::Counterexample { example } if example.starts_with("an access list of ")));
}

#[test]
fn what_may_refuse_is_neither_proof_nor_counterexample() {
    let Some(mut solver) = solver() else { return };
    let tags = on(LIST, r#"when { resource.hasTag("open") }"#);
    let found = proofs(&[&tags], &Guard::WildcardIpv4, &mut solver);
    assert!(matches!(&found[0].1, Proof::NoProof { why } if why.contains("may refuse it")), "{found:?}");
    // What another one refuses is refused, whatever that one does.
    let closed = on(LIST, "");
    assert_eq!(proofs(&[&tags, &closed], &Guard::WildcardIpv4, &mut solver)[0].1, Proof::Proved);
}

#[test]
fn arithmetic_is_proved_where_the_enumeration_cannot_tell() {
    let Some(mut solver) = solver() else { return };
    let body = on(CLUSTER, "when { context.project.clustersInProject * 2 > 100 }");
    let statements = statements(&[&body]);
    let estate = estate(true);
    let survey = Survey::new(&statements, &estate);
    assert!(matches!(survey.ask(&Guard::ManyClusters)[0].1, Answer::Undecided { .. }));
    // Cedar skips a policy that overflows: a count beyond all bounds passes, and is no counterexample to anything.
    let (_, proof) = survey.prove(&Guard::ManyClusters, &mut solver).swap_remove(0);
    assert!(matches!(&proof, Proof::NoProof { .. }), "{proof:?}");
}

#[test]
fn a_solver_is_not_waited_for() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("cvc5");
    // Answers once, to show that it is there, and then no more.
    std::fs::write(&program, "#!/bin/sh\nread line\necho sat\nexec sleep 60\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut mute = Cvc5::start_program(program, Duration::from_millis(100), Duration::from_secs(5)).unwrap();
    let list = on(LIST, r#"when { context.project.ipAccessList.contains(ip("0.0.0.0/0")) }"#);
    let mut ask = || proofs(&[&list], &Guard::AnyAddress, &mut mute).swap_remove(0).1;
    let no_proof = |why: &str| Proof::NoProof { why: why.to_owned() };
    assert_eq!(ask(), no_proof("timed out"));
    // Each takes two seconds, and there are no more than five.
    assert!((0..4).any(|_| ask() == no_proof("the time for proofs was up")));
}

#[test]
fn deep_conditions_do_not_exhaust_the_stack() {
    let Some(mut solver) = solver() else { return };
    let chain: Vec<String> = (0..280)
        .map(|n| format!("context.project.ipAccessList.contains(ip(\"10.0.{}.{n}\"))", n % 7, n = n % 250))
        .collect();
    let body = on(LIST, &format!("when {{ {} }}", chain.join(" || ")));
    let found = proofs(&[&body], &Guard::WildcardIpv4, &mut solver);
    assert!(matches!(found[0].1, Proof::Counterexample { .. }), "{found:?}");
}

/// Every policy of the folder of `shared`, with the name of its file.
fn folder() -> Option<Vec<(String, String)>> {
    let mut files: Vec<_> =
        std::fs::read_dir(super::shared::folder()?).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "cedar"));
    files.sort();
    let read = |file: &std::path::PathBuf| {
        (file.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(file).unwrap())
    };
    let policies: Vec<_> = files.iter().map(read).collect();
    assert!(policies.len() >= 50, "only {} policies", policies.len());
    Some(policies)
}

/// The figures are for whoever runs it.
fn tell(what: &str, compared: &Compared) {
    let Compared { proved, counterexamples, undecided, undecided_proved, .. } = compared;
    eprintln!(
        "{what}: {proved} proved, {counterexamples} counterexamples, {undecided} undecided ({undecided_proved} of these proved)"
    );
}

#[test]
fn both_say_the_same_of_every_policy_of_a_folder() {
    let (Some(policies), Some(mut solver)) = (folder(), solver()) else { return };
    let all = guards();
    let mut compared = Compared::default();
    for (name, body) in &policies {
        let bodies = [body.as_str()];
        let about = about(&bodies, &all);
        compared.add(name, &bodies, &estate(true), &about, &mut solver);
        // Where the clusters are not known, those that policies name are asked about by themselves.
        if body.contains("Cluster::\"") {
            compared.add(name, &bodies, &estate(false), &about, &mut solver);
        }
    }
    compared.add("no policy", &[], &estate(true), &all, &mut solver);
    tell(&format!("{} policies, each alone", policies.len()), &compared);
    compared.agree();
}

#[test]
fn both_say_the_same_of_policies_of_a_folder_together() {
    let (Some(policies), Some(mut solver)) = (folder(), solver()) else { return };
    let all = guards();
    let mut compared = Compared::default();
    for start in (0..policies.len()).step_by(EVERY) {
        // Neighbours are about the same: each fourth comes from elsewhere.
        let together: Vec<&str> = (0..4).map(|step| policies[(start + step * 7) % policies.len()].1.as_str()).collect();
        let about = about(&together, &all);
        compared.add(&format!("four policies from {start}"), &together, &estate(true), &about, &mut solver);
    }
    tell("policies in fours", &compared);
    compared.agree();
}

/// All of them agree as well, and take minutes.
const EVERY: usize = 12;

#[test]
fn times_and_decimals_are_not_decided() {
    let body = on(CLUSTER, r#"when { context.project.clustersInProject < duration("2000h").toHours() }"#);
    let statements = statements(&[&body]);
    let estate = estate(true);
    let answers = Survey::new(&statements, &estate).ask(&Guard::ManyClusters);
    assert!(matches!(&answers[0].1, Answer::Undecided { why } if why.contains("times or decimals")), "{answers:?}");
}
