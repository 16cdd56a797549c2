//! The program as a whole: what it is told, what it answers with, and how it ends.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Stage, fixture, rules_with, scan};

/// Whose help is under test.
const COMMANDS: &[&str] = &[
    "",
    "access",
    "audit-coverage",
    "config",
    "config check",
    "demo",
    "diff",
    "exposure",
    "fetch",
    "guardrails",
    "init",
    "review",
    "review record",
    "rules",
    "rules list",
    "rules new",
    "rules show",
    "rules test",
    "scan",
    "schema",
    "trend",
    "simulate",
    "who-can",
];

#[test]
fn help_says_what_there_is() {
    let stage = Stage::of("demo").without_credentials();
    for command in COMMANDS {
        let args: Vec<_> = command.split(' ').filter(|part| !part.is_empty()).chain(["--help"]).collect();
        let run = stage.run(&args);
        assert_eq!(run.code, 0);
        let widest = run.stdout.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= 100, "a line of `{command} --help` is {widest} characters wide");
        insta::assert_snapshot!(["help", command].join(" ").trim().replace(' ', "_"), run.masked_stdout());
    }
}

#[test]
fn without_arguments_it_helps() {
    let run = Stage::of("demo").without_credentials().run(&[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("Usage: atlas-audit"), "{}", run.stderr);
}

#[test]
fn the_version_is_that_of_the_package() {
    let run = Stage::of("demo").run(&["--version"]);
    assert!(run.stdout.starts_with(concat!("atlas-audit ", env!("CARGO_PKG_VERSION"))), "{}", run.stdout);
    // A release build tells its commit besides; a short answer never does.
    let short = Stage::of("demo").run(&["-V"]);
    assert_eq!(short.stdout, concat!("atlas-audit ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn the_demo_needs_nothing_and_never_fails() {
    let stage = Stage::of("demo").without_credentials().without_variable("MONGODB_ATLAS_BASE_URL");
    let run = stage.run(&["demo", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = run.json();
    assert_eq!(report["organization"]["name"], "Lanternfish Robotics");
    for verdict in ["pass", "fail", "not-applicable", "unknown"] {
        assert!(!rules_with(&report, verdict).is_empty(), "the demo shows no {verdict}");
    }
    let summary = stage.run(&["demo", "--quiet"]).stdout;
    assert!(summary.contains(&format!("{} findings", report["summary"]["findings"])), "{summary}");
    assert!(stage.requests().is_empty(), "it brings its own simulator");
    assert!(stage.files().is_empty(), "and leaves nothing behind");
}

/// Findings of the demo on one rule: critical.
const ONE: &[&str] = &["scan", "--quiet", "--rule", "ATL-NET-001"];

fn code(stage: &Stage, more: &[&str]) -> i32 {
    stage.run(&[ONE, more].concat()).code
}

#[test]
fn the_exit_code_follows_the_limit() {
    let stage = Stage::of("demo");
    assert_eq!(code(&stage, &[]), 1);
    assert_eq!(code(&stage, &["--fail-on", "critical"]), 1);
    assert_eq!(code(&stage, &["--fail-on", "none"]), 0);
    assert_eq!(code(&stage, &["--exit-zero"]), 0);
    // Findings on another limit than theirs.
    let medium = ["scan", "--quiet", "--rule", "ATL-ORG-014", "--fail-on"];
    assert_eq!(stage.run(&[&medium[..], &["medium"]].concat()).code, 1);
    assert_eq!(stage.run(&[&medium[..], &["high"]].concat()).code, 0);
}

#[test]
fn incompleteness_is_a_code_of_its_own() {
    let stage = Stage::of("demo");
    stage.faults(&["refuse@project.accessList"]);
    assert_eq!(code(&stage, &[]), 3);
    assert_eq!(code(&stage, &["--fail-on", "none"]), 3);
    assert_eq!(code(&stage, &["--allow-unknown"]), 0);
    assert_eq!(code(&stage, &["--exit-zero"]), 0);
    // A failure outranks it, and nothing excuses a wrong command.
    assert_eq!(stage.run(&["scan", "--quiet", "--category", "network"]).code, 1);
    assert_eq!(code(&stage, &["--exit-zero", "--project", "nobody"]), 2);
}

#[test]
fn a_clean_project_is_a_clean_exit() {
    let stage = Stage::of("demo");
    assert_eq!(code(&stage, &["--project", "payments-production"]), 0);
}

fn projects(stage: &Stage, more: &[&str]) -> Vec<String> {
    let run = stage.run(&[ONE, &["--format", "json", "--exit-zero"], more].concat());
    let report = run.json();
    let settled = report["verdicts"].as_array().unwrap().iter().map(|verdict| &verdict["resource"]);
    let found = report["findings"].as_array().unwrap().iter().map(|finding| &finding["resource"]["ref"]);
    let id = |at: &Value| at.as_str().unwrap().split('/').nth(3).unwrap()[..4].to_owned();
    let all: BTreeSet<_> = settled.chain(found).map(id).collect();
    assert_eq!(all.len(), usize::try_from(report["projects"].as_u64().unwrap()).unwrap());
    all.into_iter().collect()
}

#[test]
fn projects_are_chosen_by_id_name_and_pattern() {
    let stage = Stage::of("demo");
    assert_eq!(projects(&stage, &["--project", "63c5150ca71a510100000001"]), ["63c5"]);
    assert_eq!(projects(&stage, &["--project", "Dockyard SaaS"]), ["646b"]);
    assert_eq!(projects(&stage, &["--project", "*-prod*", "--exclude-project", "loyalty*"]), ["6248", "63c5", "64f6"]);
    assert_eq!(projects(&stage, &["--project", "fleet-telemetry", "--project", "sandbox-dev"]), ["65d4", "6863"]);
    assert_eq!(projects(&stage, &["--exclude-project", "*[!s]"]), ["6248"; 0]);
    assert_eq!(projects(&stage, &[]).len(), 8);
    stage.run(&["fetch", "--quiet", "--output", "all.jsonl"]);
    assert_eq!(projects(&stage, &["--snapshot", "all.jsonl", "--project", "63c5150ca71a510100000001"]), ["63c5"]);
}

#[test]
fn rules_are_chosen_by_id_name_category_and_severity() {
    let stage = Stage::of("demo");
    let listed = |more: &[&str]| -> Vec<Value> {
        let run = stage.run(&[&["rules", "list", "--format", "json"], more].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    };
    let ids = |more: &[&str]| -> Vec<String> {
        listed(more).iter().map(|rule| rule["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&["--rule", "access-list-open-to-internet"]), ["ATL-NET-001"]);
    assert_eq!(ids(&["--rule", "net-001", "--rule", "ATL-NET-002"]), ["ATL-NET-001", "ATL-NET-002"]);
    assert!(ids(&["--category", "network"]).iter().all(|id| id.starts_with("ATL-NET-")));
    assert!(!ids(&["--category", "network", "--skip-rule", "NET-001"]).contains(&"ATL-NET-001".to_owned()));
    assert!(listed(&["--min-severity", "critical"]).iter().all(|rule| rule["severity"] == "critical"));
    assert!(stage.requests().is_empty());
}

#[test]
fn every_rule_is_listed_and_shown_by_id_and_by_name() {
    let stage = Stage::of("demo").without_credentials();
    let table = stage.run(&["rules", "list"]).stdout;
    let all: Vec<Value> = serde_json::from_str(&stage.run(&["rules", "list", "--format", "json"]).stdout).unwrap();
    assert!(all.len() > 10);
    for rule in &all {
        let (id, name) = (rule["id"].as_str().unwrap(), rule["name"].as_str().unwrap());
        assert!(table.lines().any(|line| line.contains(id) && line.contains(name)), "{id} is not listed");
    }
    let (id, name) = (all[0]["id"].as_str().unwrap(), all[0]["name"].as_str().unwrap());
    let shown = stage.run(&["rules", "show", id]);
    assert_eq!(shown.code, 0);
    assert_eq!(shown.stdout, stage.run(&["rules", "show", name]).stdout);
    for title in ["Severity", "Why", "Passes", "Fails", "Reads", "References", "Examples"] {
        assert!(shown.stdout.contains(title), "{title} is missing:\n{}", shown.stdout);
    }
}

#[test]
fn nothing_but_the_report_goes_to_stdout() {
    let stage = Stage::of("demo");
    let run = stage.run(&["scan", "-vv", "--rule", "NET-001", "--format", "json"]);
    run.json();
    assert!(run.stderr.contains("GET"), "the log goes to stderr");
    assert!(!run.stderr.contains('\u{1b}'), "no colours where nobody sees them: {}", run.stderr);
    assert!(!stage.run(&["scan", "--rule", "NET-001"]).stdout.contains('\u{1b}'));
    let coloured = stage.run(&["--color", "always", "scan", "--rule", "NET-001"]);
    assert!(coloured.stdout.contains('\u{1b}'), "{}", coloured.stdout);
}

#[test]
fn a_report_may_go_to_several_places() {
    let stage = Stage::of("demo");
    let args =
        ["--format", "table", "--format", "json", "--output", "a.json", "--format", "sarif", "--output", "a.sarif"];
    let run = stage.run(&[ONE, &args].concat());
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.contains("ATL-NET-001"));
    let report: Value = serde_json::from_str(&stage.read("a.json")).unwrap();
    let sarif: Value = serde_json::from_str(&stage.read("a.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let fails = results.iter().filter(|result| result["kind"] != "pass" && result["kind"] != "notApplicable");
    assert_eq!(fails.count(), report["findings"].as_array().unwrap().len());
}

#[test]
fn all_schemas_are_schemas() {
    let stage = Stage::of("demo");
    for of in ["report", "snapshot", "config", "diff", "review", "review-record"] {
        let schema: Value = serde_json::from_str(&stage.run(&["schema", of]).stdout).unwrap();
        assert!(jsonschema::validator_for(&schema).is_ok(), "{of}");
    }
    let schema: Value = serde_json::from_str(&stage.run(&["schema", "report"]).stdout).unwrap();
    let report = stage.run(&["scan", "--quiet", "--format", "json"]).json();
    let errors: Vec<_> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");

    let schema: Value = serde_json::from_str(&stage.run(&["schema", "snapshot"]).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    stage.run(&["fetch", "--quiet", "--output", "all.jsonl"]);
    for line in stage.read("all.jsonl").lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        assert!(validator.is_valid(&value), "{line}");
    }
}

#[test]
fn answers_follow_their_schemas() {
    let stage = Stage::of("demo");
    let asked: [&[&str]; 8] = [
        &["access"],
        &["audit-coverage"],
        &["exposure"],
        &["guardrails"],
        &["guardrails", "--allow-region", "aws:eu-west-1"],
        &["who-can", "write", "shop.orders"],
        &["who-can", "administer", "--cluster", "shop-main"],
        &["who-can", "--user", "shop_app"],
    ];
    // All that there is to tell, and what is told of what could not be read.
    for faults in [&[][..], &["refuse@project.databaseUsers", "refuse@project.auditLog", "refuse@project.clusters"]] {
        stage.faults(faults);
        for arguments in asked {
            let schema: Value = serde_json::from_str(&stage.run(&["schema", arguments[0]]).stdout).unwrap();
            let validator = jsonschema::validator_for(&schema).unwrap();
            let run = stage.run(&[arguments, &["--quiet", "--format", "json"]].concat());
            let answer: Value =
                serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{arguments:?} {}", run.stderr));
            let wrong: Vec<_> =
                validator.iter_errors(&answer).map(|error| format!("{error}: {}", error.instance_path())).collect();
            assert!(wrong.is_empty(), "{arguments:?}: {wrong:#?}");
        }
    }
}

#[test]
fn a_read_only_key_leaves_auditing_unknown_and_exits_3() {
    let run = scan("read-only-key").args(["--rule", "auditing-disabled"]).run();
    assert_eq!(run.code, 3, "{}", run.stderr);
    insta::assert_snapshot!(run.masked_stdout(), @"
    UNKNOWN   ATL-AUD-001  auditing-disabled
      Atlas refused GET /groups/<project>/auditLog (401 USER_UNAUTHORIZED): The current user is not
      authorized to perform this action; Project Owner can read it
        payments

    Nothing wrong in what could be read. What could not be read may still be.
    no findings, 1 unknown
    Quiet Reef (6a00000000000000000000a1), 1 project, as of 2026-11-02 09:00 UTC, from
    http://127.0.0.1:<port> (service account)
    ");
}

#[test]
fn a_read_only_key_is_told_which_role_would_do() {
    let run = scan("read-only-key").args(["--format", "json", "--fail-on", "none"]).run();
    assert_eq!(run.code, 3, "{}", run.stderr);
    let report = run.json();
    let reasons: Vec<_> =
        report["unknowns"].as_array().unwrap().iter().flat_map(|one| one["reasons"].as_array().unwrap()).collect();
    let refused: Vec<_> = reasons
        .iter()
        .filter_map(|reason| reason.as_str())
        .filter(|reason| reason.contains("USER_UNAUTHORIZED"))
        .collect();
    assert!(!refused.is_empty());
    assert!(refused.iter().all(|reason| reason.contains(" can read it")), "{refused:#?}");
}

#[test]
fn an_organization_without_projects_is_judged_all_the_same() {
    let run = scan("empty-organization").args(["--format", "json"]).run();
    let report = run.json();
    assert_eq!(report["projects"], 0);
    assert!(!report["verdicts"].as_array().unwrap().is_empty());
    assert!(!rules_with(&report, "unknown").iter().any(|rule| rule.starts_with("ATL-NET-")), "{}", run.stdout);
    let table = scan("empty-organization").run();
    assert_eq!(table.code, run.code);
    assert!(table.stdout.contains("Hollow Reef"), "{}", table.stdout);
}

#[test]
fn every_fixture_is_used_and_tells_what_it_is() {
    for story in ["demo", "read-only-key", "empty-organization", "hardened"] {
        assert!(crate::support::recording(story).description().is_some(), "{story}");
    }
    let all = std::fs::read_dir(fixture("")).unwrap().count();
    assert_eq!(all, 4, "a story without a test");
}

#[test]
fn nearly_every_rule_finds_something_in_the_demo_and_many_pass() {
    let report = Stage::of("demo").run(&["demo", "--quiet", "--format", "json"]).json();
    let ids = |list: &str, id: fn(&Value) -> &Value| -> BTreeSet<String> {
        report[list].as_array().unwrap().iter().map(|one| id(one).as_str().unwrap().to_owned()).collect()
    };
    let fired = ids("findings", |finding| &finding["rule"]["id"]);
    let passed: BTreeSet<_> = report["verdicts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|verdict| verdict["verdict"] == "pass")
        .map(|verdict| verdict["rule"].as_str().unwrap())
        .collect();
    assert_eq!(report["rules"].as_array().unwrap().len(), 123);
    assert!(fired.len() >= 110, "{} rules find something", fired.len());
    assert!(passed.len() >= 60, "{} rules pass somewhere", passed.len());
}
