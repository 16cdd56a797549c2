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
    insta::assert_snapshot!(run.stdout, @"
    storefront-prod
      directly
        arn:aws:iam::444455556666:user/shop-batch ($external)
          insert remove update on crm, by readWrite
          on shop-main
        admin
          insert remove update on every ordinary collection, by readWriteAnyDatabase
          on shop-main
          besides: bypassDocumentValidation
        legacy_sync
          insert remove update on crm, by readWrite
          on shop-main
        ops_ci
          insert remove update on every ordinary collection, by opsPipeline → opsBase → opsShared →
            readWriteAnyDatabase
          on shop-main
        oskar.nystrom@lanternfish.example
          insert remove update on crm, by readWrite
          on shop-main
        shop_app
          insert remove update on every ordinary collection, by atlasAdmin
          on shop-main
          besides: bypassDocumentValidation, killAnyCursor
        u-karl
          insert remove update on every ordinary collection, by atlasAdmin
          on shop-main
          temporary, until 2026-11-05T18:00:00Z
          besides: bypassDocumentValidation, killAnyCursor
      indirectly
        admin
          operations applied as if replicated, if Atlas grants that as the server does; applyOps by
            dbAdminAnyDatabase (possible, not certain)
        shop_app
          the stored users and roles, if Atlas lets it see them; find by atlasAdmin (possible, not
            certain)
          operations applied as if replicated, if Atlas grants that as the server does; applyOps by
            atlasAdmin (possible, not certain)
        u-karl
          the stored users and roles, if Atlas lets it see them; find by atlasAdmin (possible, not
            certain)
          operations applied as if replicated, if Atlas grants that as the server does; applyOps by
            atlasAdmin (possible, not certain)
        stream_author of insights-azure-prod
          a stream processor in insights-stream, by the connection shop-orders to shop-main of project
            6248579ea71a510100000002 as readWriteAnyDatabase; processStreamProcessor by streamsAll

    15 users: 7 can, 1 by another way only, 0 undecided, 7 cannot
    ");
    assert_eq!(run.code, 0);
    assert!(stage.requests().is_empty(), "it brings its own simulator");
}

#[test]
fn one_user_is_told_in_full() {
    let stage = Stage::of("demo").without_credentials();
    let run = who_can(&stage, &["--user", "exporter", "--demo"]);
    insta::assert_snapshot!(run.stdout, @"
    storefront-prod
      exporter
        is let in at shop-catalog
        find bypassDocumentValidation outToS3 on every ordinary collection, by dumpEverything [read
          export bypass]
        viewAllHistory on the cluster, by dumpEverything [monitoring]
    ");
    assert_eq!(run.code, 0);
    let run = who_can(&stage, &["write", "--user", "checkout_svc", "--demo"]);
    insta::assert_snapshot!(run.stdout, @"
    storefront-prod
      checkout_svc
        is let in at shop-main
        insert remove update createCollection cleanupStructuredEncryptionData
          compactStructuredEncryptionData on checkout.orders, by readWrite [write]
    ");
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
    insta::assert_snapshot!(refused(&stage, &["read", "--demo"]), @"
    error: who can read what?
      help: name a database or a collection: `atlas-audit who-can read shop.orders`
    ");
    insta::assert_snapshot!(refused(&stage, &["read", "shop.orders", "--cluster", "shop-man", "--demo"]), @"
    error: no cluster or federated database is called `shop-man`
      help: did you mean `shop-main`?
    ");
    insta::assert_snapshot!(refused(&stage, &["--user", "shop_ap", "--demo"]), @"
    error: no database user is called `shop_ap`
      help: did you mean `shop_app`?
    ");
    insta::assert_snapshot!(refused(&stage, &["read", "shop.orders", "--project", "storefront", "--demo"]), @"
    error: no project is called `storefront`, and none matches it
      help: did you mean `storefront-prod`?
    ");
    insta::assert_snapshot!(refused(&stage, &["read", "shop."]), @"
    error: invalid value 'shop.' for '[DATABASE[.COLLECTION]]': it names no collection after the dot

    For more information, try '--help'.
    ");
    assert!(refused(&stage, &[]).contains("<VERB>"));
    assert!(refused(&stage, &["erase", "shop"]).contains("possible values: read, write, destroy, administer"));
    assert!(refused(&stage, &["read", "a", "--demo", "--snapshot", "x"]).contains("cannot be used with"));
}
