//! `audit-coverage` over the demo: read from Atlas, from a snapshot, and bundled.

use serde_json::Value;

use crate::support::Stage;

fn project<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["projects"].as_array().unwrap().iter().find(|project| project["name"] == name).unwrap()
}

fn recorded<'a>(project: &'a Value, event: &str) -> &'a str {
    let events = project["events"].as_array().unwrap();
    events.iter().find(|answer| answer["event"] == event).unwrap()["recorded"].as_str().unwrap()
}

#[test]
fn the_demo_is_answered_project_by_project_and_a_refused_log_is_incomplete() {
    let stage = Stage::of("demo");
    let run = stage.run(&["audit-coverage", "--format", "json", "--quiet"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let report = run.json();
    assert_eq!(report["version"], 1);
    let fleet = project(&report, "fleet-telemetry");
    assert_eq!(fleet["auditing"], "unread");
    assert!(fleet["unread"].as_str().unwrap().contains("Project Owner can read it"), "{fleet}");
    assert_eq!(fleet["staying"], serde_json::json!(["MONGOS_AUDIT"]));

    let payments = project(&report, "payments-production");
    assert_eq!(payments["lacks"], serde_json::json!([]));
    assert!(payments.get("suggestion").is_none());
    assert_eq!(recorded(payments, "authCheck (refused)"), "all");
    assert_eq!(recorded(payments, "authCheck (allowed)"), "some");
    assert_eq!(recorded(payments, "shardCollection"), "none");

    // The fields of `param` stand in another order than in an event.
    let dockyard = project(&report, "Dockyard SaaS");
    assert!(dockyard["events"].as_array().unwrap().iter().all(|answer| answer["recorded"] == "none"));
    assert_eq!(dockyard["sinks"][0]["health"], "failing");

    assert_eq!(recorded(project(&report, "insights-azure-prod"), "authenticate (successful)"), "some");
    assert_eq!(project(&report, "storefront-prod")["auditing"], "off");
    assert_eq!(project(&report, "sandbox-dev")["auditing"], "impossible");

    let asked = ["clusters", "auditLog", "logIntegrations", "pushBasedLogExport", "alerts"];
    for request in run.requests.iter().filter(|request| request.path.contains("/groups/")) {
        let last = request.path.rsplit('/').next().unwrap();
        assert!(asked.contains(&last), "nobody needs {}", request.path);
    }
}

#[test]
fn a_suggested_filter_records_what_lacked() {
    let stage = Stage::of("demo");
    let report = stage.run(&["audit-coverage", "--format", "json", "--quiet"]).json();
    for name in ["storefront-prod", "Dockyard SaaS", "insights-azure-prod"] {
        let one = project(&report, name);
        let filter = one["suggestion"]["filter"].as_str().unwrap();
        let filter = atlas_audit::analysis::audit_filter::AuditFilter::parse(filter).unwrap();
        for event in report["required"].as_array().unwrap() {
            let event = atlas_audit::analysis::audit_filter::Event::from_name(event.as_str().unwrap()).unwrap();
            assert!(filter.coverage(event, false).is_all(), "{name}: {event}");
        }
        assert_eq!(one["suggestion"]["keeps"], true, "{name}");
    }
}

#[test]
fn a_snapshot_tells_the_same_and_one_project_may_be_complete() {
    let stage = Stage::of("demo");
    stage.run(&["fetch", "--quiet", "--output", "demo.jsonl"]);
    let live = stage.run(&["audit-coverage", "--format", "json", "--quiet"]).json();
    let run = stage.run(&["audit-coverage", "--snapshot", "demo.jsonl", "--format", "json", "--output", "report.json"]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""));
    let kept: Value = serde_json::from_str(&stage.read("report.json")).unwrap();
    assert_eq!(kept["projects"], live["projects"]);
    let one = stage.run(&["audit-coverage", "--snapshot", "demo.jsonl", "--project", "payments-*"]);
    assert_eq!(one.code, 0, "{}", one.stderr);
    assert!(one.stdout.starts_with("payments-production\n  auditing      on, with successful"), "{}", one.stdout);
    assert!(one.stdout.contains("lacks         nothing that ATL-AUD-002 requires"), "{}", one.stdout);
    let wrong = stage.run(&["audit-coverage", "--snapshot", "demo.jsonl", "--project", "paymens-production"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("payments-production"), "{}", wrong.stderr);
}

#[test]
fn the_bundled_demo_needs_no_credentials() {
    let stage = Stage::of("demo").without_credentials().without_variable("MONGODB_ATLAS_BASE_URL");
    let run = stage.run(&["audit-coverage", "--demo"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(
        run.stdout.contains("8 projects: auditing is on in 4, of which 2 record all that is required"),
        "{}",
        run.stdout
    );
    assert!(stage.requests().is_empty());
    assert_eq!(stage.run(&["audit-coverage", "--demo", "--snapshot", "x"]).code, 2);
}
