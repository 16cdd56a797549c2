//! `access`: what the credential can read, what that leaves unknown, and which roles would do.

use serde_json::{Value, json};

use crate::support::{Run, Stage};

fn access(stage: &Stage, more: &[&str]) -> Run {
    stage.run(&[&["access", "--quiet"], more].concat())
}

fn section<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["sections"].as_array().unwrap().iter().find(|one| one["section"] == name).unwrap()
}

fn roles(report: &Value, list: &str) -> Vec<String> {
    let roles = report[list].as_array().unwrap().iter().map(|grant| grant["role"].as_str().unwrap().to_owned());
    roles.collect()
}

#[test]
fn all_that_can_be_read_is_exit_0_and_asks_for_no_role() {
    let run = access(&Stage::of("demo"), &["--category", "network", "--format", "json"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let report = run.json();
    assert_eq!((&report["version"], &report["complete"]), (&json!(1), &json!(true)));
    assert_eq!((&report["enough"], &report["unknownRules"]), (&json!([]), &json!([])));
    assert_eq!(section(&report, "project.accessList")["state"], "read");
    assert_eq!(section(&report, "project.accessList")["read"], 8);
    let table = access(&Stage::of("demo"), &["--category", "network"]);
    assert!(table.stdout.contains("All that the rules need can be read."), "{}", table.stdout);
}

#[test]
fn what_is_refused_names_the_rules_and_the_least_roles() {
    let stage = Stage::of("demo");
    stage.faults(&["refuse@project.auditLog"]);
    let run = access(&stage, &["--rule", "auditing-disabled", "--format", "json"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let report = run.json();
    let log = section(&report, "project.auditLog");
    assert_eq!((&log["state"], &log["roles"]), (&json!("unread"), &json!(["Project Owner"])));
    assert_eq!(log["unread"][0]["reason"], "forbidden");
    assert_eq!(report["unknownRules"][0]["id"], "ATL-AUD-001");
    assert_eq!(roles(&report, "enough"), ["Project Owner"]);
    assert_eq!(report["enough"][0]["projects"].as_array().unwrap().len(), 8);
    assert_eq!((&report["withoutOwners"], &report["onlyOwners"]), (&json!([]), &json!(["project.auditLog"])));
}

#[test]
fn looking_is_preferred_to_owning() {
    let stage = Stage::of("demo");
    stage.faults(&["refuse@project.accessList"]);
    let report = access(&stage, &["--rule", "ATL-NET-001", "--format", "json"]).json();
    assert_eq!(roles(&report, "enough"), ["Project Read Only"]);
    stage.faults(&["refuse@project.accessList", "refuse@organization.settings"]);
    let report = access(&stage, &["--rule", "ATL-NET-001", "--rule", "ATL-ORG-001", "--format", "json"]).json();
    assert_eq!(roles(&report, "enough"), ["Organization Read Only"], "one role that looks does for both");
    assert_eq!(report["enough"][0]["projects"], Value::Null);
}

#[test]
fn what_only_an_owner_can_read_comes_with_what_can_be_had_without_one() {
    let stage = Stage::of("demo");
    stage.faults(&["refuse@project.auditLog", "refuse@project.accessList"]);
    let report = access(&stage, &["--category", "auditing", "--category", "network", "--format", "json"]).json();
    assert_eq!(roles(&report, "enough"), ["Project Owner"]);
    assert_eq!(roles(&report, "withoutOwners"), ["Project Read Only"]);
    assert_eq!(report["onlyOwners"], json!(["project.auditLog"]));
}

#[test]
fn what_lies_below_a_list_that_is_refused_is_out_of_sight() {
    let stage = Stage::of("demo");
    stage.faults(&["refuse@project.clusters"]);
    let report = access(&stage, &["--category", "backup", "--format", "json"]).json();
    let schedule = section(&report, "cluster.backupSchedule");
    assert_eq!((&schedule["state"], &schedule["behind"]), (&json!("unread"), &json!(["project.clusters"])));
    assert_eq!(roles(&report, "enough"), ["Project Read Only"]);
}

#[test]
fn no_role_helps_against_trouble_of_another_kind() {
    let stage = Stage::of("demo");
    stage.faults(&["malformed@project.accessList"]);
    let run = access(&stage, &["--rule", "ATL-NET-001"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("NO ROLE HELPS") && run.stdout.contains("the answer ends"), "{}", run.stdout);
    assert!(!run.stdout.contains("WHAT WOULD BE ENOUGH"), "{}", run.stdout);
}

#[test]
fn a_snapshot_tells_the_same_as_atlas_and_what_was_not_asked_is_not_readable() {
    let stage = Stage::of("demo");
    stage.faults(&["refuse@project.auditLog", "refuse@project.clusters"]);
    assert_eq!(stage.run(&["fetch", "--quiet", "--output", "kept.jsonl"]).code, 0);
    let live = access(&stage, &["--format", "json"]);
    let run = access(&stage, &["--snapshot", "kept.jsonl", "--format", "json", "--output", "access.json"]);
    assert_eq!((live.code, run.code, run.stdout.as_str()), (3, 3, ""));
    let (live, kept): (Value, Value) = (live.json(), serde_json::from_str(&stage.read("access.json")).unwrap());
    for list in ["unknownRules", "enough", "withoutOwners", "onlyOwners"] {
        assert_eq!(live[list], kept[list], "{list}");
    }

    stage.faults(&[]);
    assert_eq!(stage.run(&["fetch", "--quiet", "--rule", "ATL-NET-001", "--output", "part.jsonl"]).code, 0);
    let part = access(&stage, &["--snapshot", "part.jsonl", "--rule", "auditing-disabled"]);
    assert_eq!(part.code, 3);
    assert!(part.stdout.contains("not asked for"), "{}", part.stdout);
    assert!(!part.stdout.contains("WHAT WOULD BE ENOUGH"), "{}", part.stdout);
}

#[test]
fn the_table_says_what_a_reader_asks() {
    let stage = Stage::of("demo");
    let run = access(&stage, &["--category", "auditing"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    insta::assert_snapshot!(run.masked_stdout());
    for columns in [60, 200] {
        let run = access(&Stage::of("demo").variable("COLUMNS", &columns.to_string()), &[]);
        let widest = run.stdout.lines().map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= columns), "{widest:?} of {columns}");
    }
}

#[test]
fn a_wrong_command_is_exit_2() {
    let stage = Stage::of("demo");
    assert_eq!(access(&stage, &["--category", "netwrk"]).code, 2);
    assert_eq!(access(&stage, &["--snapshot", "none.jsonl"]).code, 2);
    assert_eq!(access(&stage, &["--output", "no/such/folder.json"]).code, 2);
}
