//! `atlas-audit guardrails`, through the simulator.

use serde_json::{Value, json};

use crate::support::{Run, Stage};

fn guardrails(stage: &Stage, args: &[&str]) -> Run {
    let args: Vec<_> = ["guardrails", "--quiet"].into_iter().chain(args.iter().copied()).collect();
    stage.run(&args)
}

fn guard<'a>(told: &'a Value, id: &str) -> &'a Value {
    told["guards"].as_array().unwrap().iter().find(|guard| guard["guard"] == id).unwrap()
}

fn names(answer: &Value) -> Vec<&str> {
    answer["projects"].as_array().unwrap().iter().map(|project| project["name"].as_str().unwrap()).collect()
}

#[test]
fn the_demo_is_told_guard_by_guard_and_policy_by_policy() {
    let run = guardrails(&Stage::of("demo"), &["--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let told = run.json();
    let wildcard = &guard(&told, "wildcard-ipv4")["answers"];
    assert_eq!((&wildcard[0]["answer"], names(&wildcard[0])), (&json!("open"), vec!["sandbox-dev", "storefront-prod"]));
    assert_eq!((&wildcard[1]["answer"], &wildcard[1]["otherProjects"]), (&json!("denied"), &json!(true)));
    assert_eq!(wildcard[1]["by"], json!(["No world-open access lists"]));
    let tls = &guard(&told, "tls-1.1")["answers"];
    assert_eq!((&tls[0]["answer"], &tls[0]["everywhere"]), (&json!("denied"), &json!(true)));
    let defective: Vec<_> =
        told["policies"].as_array().unwrap().iter().filter(|policy| policy["worth"] == "defective").collect();
    assert_eq!(defective.len(), 1, "{defective:?}");
    assert!(told["exemptions"].as_array().unwrap().iter().any(|left_out| names(left_out) == ["storefront-prod"]));
}

#[test]
fn chosen_guards_and_regions_alone_are_told() {
    let stage = Stage::of("demo");
    let run = guardrails(&stage, &["--guard", "regions", "--allow-region", "aws:eu-central-1,aws:eu-west-1"]);
    assert!(run.stdout.contains("a cluster outside the allowed regions"), "{}", run.stdout);
    assert!(run.stdout.contains("1 guards: "), "{}", run.stdout);
    let run = guardrails(&stage, &["--guard", "wildcards"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("wildcard-ipv4"), "{}", run.stderr);
    assert_eq!(guardrails(&stage, &["--allow-region", "EU_WEST_1"]).code, 2);
}

#[test]
fn suggestions_are_ready_for_the_atlas_cli() {
    let run = guardrails(&Stage::of("demo"), &["--suggest", "--format", "json", "--guard", "wildcard-ipv6"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let told = run.json();
    let [suggestion] = told["suggestions"].as_array().unwrap().as_slice() else { panic!("{told}") };
    assert_eq!(suggestion["guards"], json!(["wildcard-ipv6"]));
    let request = suggestion["request"].as_object().unwrap();
    assert_eq!(request.keys().collect::<Vec<_>>(), ["name", "description", "policies"]);
    assert!(request["policies"][0]["body"].as_str().unwrap().starts_with("forbid (principal, action == "));
}

#[test]
fn policies_that_may_not_be_read_are_said_and_nothing_else_is() {
    let stage = Stage::of("demo");
    stage.faults(&["refuse@organization.resourcePolicies"]);
    let run = guardrails(&stage, &[]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.starts_with("The resource policies were not read: Atlas refused"), "{}", run.stdout);
    assert!(!run.stdout.contains("denied"), "{}", run.stdout);
}

#[cfg(not(feature = "prove"))]
#[test]
fn a_build_without_proofs_says_so() {
    let run = guardrails(&Stage::of("demo"), &["--prove"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("without the feature `prove`") && run.stderr.contains("help: "), "{}", run.stderr);
}
