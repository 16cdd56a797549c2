//! `who-can`: who can do what, and what one user can do.

use serde_json::Value;

use crate::support::{Run, Stage};

const SHOP: &str = "storefront-prod";

fn who_can(stage: &Stage, args: &[&str]) -> Run {
    stage.run(&[&["who-can", "--quiet"], args].concat())
}

fn refused(stage: &Stage, args: &[&str]) -> String {
    let run = who_can(stage, args);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}");
    run.masked_stderr()
}

/// The answer of one user in a JSON report.
fn answer<'r>(report: &'r Value, user: &str) -> &'r Value {
    let projects = report["projects"].as_array().unwrap();
    let mut answers = projects.iter().flat_map(|project| project["answers"].as_array().unwrap());
    answers.find(|answer| answer["user"] == user).unwrap()
}

#[test]
fn everybody_who_can_write_is_named_with_the_shortest_way() {
    let stage = Stage::of("demo").without_credentials();
    let run = who_can(&stage, &["write", "crm.customers", "--cluster", "shop-main", "--demo"]);
    insta::assert_snapshot!(run.stdout, @"");
    assert_eq!(run.code, 0);
    assert!(stage.requests().is_empty(), "it brings its own simulator");
}

#[test]
fn one_user_is_told_in_full() {
    let stage = Stage::of("demo").without_credentials();
    let run = who_can(&stage, &["--user", "exporter", "--demo"]);
    insta::assert_snapshot!(run.stdout, @"");
    assert_eq!(run.code, 0);
    let run = who_can(&stage, &["write", "--user", "checkout_svc", "--demo"]);
    insta::assert_snapshot!(run.stdout, @"");
}

#[test]
fn what_a_dangling_role_gives_is_undecided() {
    let stage = Stage::of("demo");
    stage.run(&["fetch", "--quiet", "--output", "all.jsonl"]);
    let run =
        who_can(&stage, &["read", "crm.customers", "--snapshot", "all.jsonl", "--project", SHOP, "--format", "json"]);
    let report = run.json();
    assert_eq!(report["version"], 1);
    // Its only scope names a cluster that is gone.
    assert_eq!(answer(&report, "old_importer")["direct"]["answer"], "no");
    assert_eq!(answer(&report, "shop_app")["direct"]["by"][0]["path"], serde_json::json!(["atlasAdmin"]));
    let monitoring = answer(&report, "monitoring");
    assert_eq!(monitoring["direct"]["answer"], "no");
    let kinds: Vec<_> =
        monitoring["indirect"].as_array().unwrap().iter().map(|way| way["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["oplog", "profiler", "query-values"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let written = who_can(
        &stage,
        &[
            "read",
            "crm.customers",
            "--snapshot",
            "all.jsonl",
            "--project",
            SHOP,
            "--format",
            "json",
            "--output",
            "answer.json",
        ],
    );
    assert_eq!((written.code, written.stdout.as_str()), (0, ""));
    assert_eq!(stage.read("answer.json"), run.stdout);
}

#[test]
fn another_projects_stream_processors_count() {
    let stage = Stage::of("demo");
    let run = who_can(&stage, &["write", "crm.customers", "--cluster", "shop-main", "--format", "json"]);
    let report = run.json();
    let author = answer(&report, "stream_author");
    assert_eq!(author["project"]["name"], "insights-azure-prod");
    assert_eq!(author["indirect"][0]["via"]["role"], "readWriteAnyDatabase");
}

#[test]
fn what_could_not_be_read_is_no_answer() {
    let stage = Stage::of("demo");
    stage.faults(&["refuse@project.databaseUsers"]);
    let run = who_can(&stage, &["write", "crm.customers", "--project", SHOP]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("project.databaseUsers could not be read: Atlas refused"), "{}", run.stdout);
    stage.faults(&["refuse@project.customRoles"]);
    let run = who_can(&stage, &["write", "crm.customers", "--project", SHOP, "--format", "json"]);
    assert_eq!(run.code, 3);
    let report = run.json();
    let direct = |user: &str| answer(&report, user)["direct"]["answer"].clone();
    assert_eq!(direct("shop_app"), "yes");
    assert_eq!(direct("ops_ci"), "undecided");
    assert_eq!(direct("reports_ro"), "no");
    // Nobody knows whether the cluster is there.
    stage.faults(&["refuse@project.clusters"]);
    assert_eq!(who_can(&stage, &["write", "crm.customers", "--cluster", "nowhere", "--project", SHOP]).code, 3);
}

#[test]
fn questions_that_make_no_sense_are_refused() {
    let stage = Stage::of("demo").without_credentials();
    insta::assert_snapshot!(refused(&stage, &["read", "--demo"]), @"");
    insta::assert_snapshot!(refused(&stage, &["read", "shop.orders", "--cluster", "shop-man", "--demo"]), @"");
    insta::assert_snapshot!(refused(&stage, &["--user", "shop_ap", "--demo"]), @"");
    insta::assert_snapshot!(refused(&stage, &["read", "shop.orders", "--project", "storefront", "--demo"]), @"");
    insta::assert_snapshot!(refused(&stage, &["read", "shop."]), @"");
    assert!(refused(&stage, &[]).contains("<VERB>"));
    assert!(refused(&stage, &["erase", "shop"]).contains("possible values: read, write, destroy, administer"));
    assert!(refused(&stage, &["read", "a", "--demo", "--snapshot", "x"]).contains("cannot be used with"));
}
