//! `atlas-audit exposure`, through the simulator.

use serde_json::Value;

use crate::support::{Run, Stage};

fn exposure(stage: &Stage, args: &[&str]) -> Run {
    let args: Vec<_> = ["exposure", "--quiet"].into_iter().chain(args.iter().copied()).collect();
    stage.run(&args)
}

fn project<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["projects"].as_array().unwrap().iter().find(|project| project["name"] == name).unwrap()
}

fn entry<'a>(project: &'a Value, key: &str) -> &'a Value {
    project["entries"].as_array().unwrap().iter().find(|entry| entry["entry"] == key).unwrap()
}

#[test]
fn the_demo_is_told_from_the_most_exposed_project_to_the_least() {
    let run = exposure(&Stage::of("demo"), &["--format", "json"]);
    // Azure and GCP do not tell what lies behind their peerings.
    assert_eq!(run.code, 3);
    let report = run.json();
    let reach: Vec<_> = report["projects"].as_array().unwrap().iter().map(|project| &project["reach"]).collect();
    assert_eq!(reach, ["open", "open", "open", "public", "public", "public", "public", "private-only"]);

    let shop = project(&report, "storefront-prod");
    assert_eq!(entry(shop, "198.51.0.0/16")["coveredBy"], serde_json::json!(["0.0.0.0/0"]));
    assert_eq!(entry(shop, "10.0.1.0/24")["delivery"]["state"], "nothing");
    assert_eq!(entry(shop, "444455556666/sg-0123456789")["delivery"]["state"], "nothing");
    assert!(entry(shop, "203.0.113.17/32")["ends"]["hoursLeft"].as_f64().unwrap() < 0.0);
    assert_eq!(shop["overlaps"].as_array().unwrap().len(), 2);

    let fleet = project(&report, "fleet-telemetry");
    assert_eq!(fleet["public"]["ipv4"]["addresses"], 1_u64 << 32);
    assert_eq!(fleet["public"]["ipv6"]["addresses"], (1_u128 << 72).to_string());
    assert_eq!(project(&report, "sandbox-dev")["public"]["ipv6"]["share"], 1.0);

    let staging = project(&report, "platform-staging");
    assert_eq!(entry(staging, "10.40.16.0/20")["delivery"]["by"], serde_json::json!(["62f60880a71a510b00000601"]));
    assert!(report["projects"].as_array().unwrap().iter().all(|project| project["unread"] == serde_json::json!([])));

    let schema: Value = serde_json::from_str(&Stage::of("demo").run(&["schema", "exposure"]).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn what_is_refused_is_unknown_and_said_and_the_rest_stays() {
    let stage = Stage::of("demo");
    stage.faults(&["refuse@project.accessList"]);
    let run = exposure(&stage, &["--format", "json", "--project", "payments-production"]);
    assert_eq!(run.code, 3);
    let report = run.json();
    let payments = project(&report, "payments-production");
    assert_eq!((&payments["reach"], &payments["entries"]), (&Value::from("unknown"), &Value::Null));
    assert_eq!(payments["unread"][0]["section"], "project.accessList");
    assert_eq!(payments["clusters"][0]["regions"][0]["privateEndpoint"]["value"], true);

    stage.faults(&[]);
    let whole = exposure(&stage, &["--project", "payments-production"]);
    assert_eq!(whole.code, 0, "{}", whole.stdout);
    insta::assert_snapshot!(whole.masked_stdout(), @"
    payments-production  private only

    PRIVATE ONLY  payments-production (63c5150ca71a510100000001)
      Access list: empty, which admits nobody
      Private endpoints by cluster
        payments-ledger  EU_CENTRAL_1 (AWS): available; EU_WEST_1 (AWS): available; regional mode is on
        payments-vault   EU_CENTRAL_1 (AWS): available; EU_WEST_1 (AWS): available

    Lanternfish Robotics (622f15a4a71a510000000001), 1 project, as of 2026-11-02 09:00 UTC, from
    http://127.0.0.1:<port>
    ");
}

#[test]
fn no_line_of_the_table_is_wider_than_the_terminal() {
    for columns in [80, 200] {
        let run = exposure(&Stage::of("demo").variable("COLUMNS", &columns.to_string()), &["--allow-unknown"]);
        assert_eq!(run.code, 0);
        let widest = run.stdout.lines().map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= columns), "{widest:?} of {columns}");
    }
}

#[test]
fn a_snapshot_tells_the_same_as_atlas() {
    let stage = Stage::of("demo");
    assert_eq!(stage.run(&["fetch", "--quiet", "--output", "kept.jsonl"]).code, 0);
    let live = exposure(&stage, &["--format", "json"]).json();
    let run = exposure(&stage, &["--snapshot", "kept.jsonl", "--format", "json", "--output", "exposure.json"]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""));
    let kept: Value = serde_json::from_str(&stage.read("exposure.json")).unwrap();
    assert_eq!(live["projects"], kept["projects"]);
}
