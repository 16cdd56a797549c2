//! The page and the document for one organization made up here.

use serde_json::{Value, json};

use super::{AuditReport, table, v1};
use crate::analysis::audit_coverage::Analysis;
use crate::analysis::audit_filter::Event;
use crate::report::Style;
use crate::snapshot::project::Project;
use crate::snapshot::tree;

fn project(value: Value) -> Project {
    let Value::Object(fields) = value else { panic!("an object") };
    tree::nested(fields).unwrap()
}

fn report(projects: &[Value]) -> AuditReport {
    let required = [Event::LoginFailed, Event::Login, Event::DropDatabase];
    let mut analysis = Analysis::new(required.into());
    AuditReport {
        organization: "org".to_owned(),
        organization_name: Some("Example".to_owned()),
        taken: "2026-11-01T12:00:00Z".parse().unwrap(),
        source: "a test".to_owned(),
        complete: true,
        unlisted: None,
        required: required.into(),
        projects: projects.iter().map(|one| analysis.of(&project(one.clone()))).collect(),
    }
}

fn shop(filter: &str) -> Value {
    json!({
        "id": "1", "name": "shop",
        "clusters": [{ "name": "main", "clusterType": "REPLICASET", "replicationSpecs": [{ "regionConfigs": [{ "providerName": "AWS" }] }] }],
        "auditLog": { "enabled": true, "auditAuthorizationSuccess": false, "auditFilter": filter },
        "logIntegrations": [{ "id": "1", "type": "S3_LOG_EXPORT", "bucketName": "logs", "logTypes": ["MONGOD_AUDIT"] }],
        "pushBasedLogExport": { "state": "UNCONFIGURED" },
        "openAlerts": [],
    })
}

fn page(report: &AuditReport) -> String {
    let mut out = Vec::new();
    table::write(report, &mut out, &Style { width: 80, colour: false }).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_page_tells_of_each_project_and_gives_a_filter_to_copy() {
    let filter = r#"{"atype":{"$in":["authenticate","dropDatabase"]},"users.db":"admin"}"#;
    let report = report(&[shop(filter)]);
    assert!(!report.incomplete());
    let page = page(&report);
    for expected in [
        "shop\n  auditing      on, without successful authorization checks\n",
        "  for some      authenticate (successful)\n                recorded: authenticate (successful) by {user: \"someone\", db:\n",
        "  for some      dropDatabase\n",
        "  commands      authCheck (refused): reads none, writes none,",
        "  lacks         authenticate, dropDatabase\n",
        "\n{\"$or\":[{\"atype\":{\"$in\":[\"authenticate\",\"dropDatabase\"]},\"users.db\":\"admin\"},{\"atype\":{\"$in\":[\"authenticate\",\"dropDatabase\"]}}]}\n",
        "  goes to       S3 logs with MONGOD_AUDIT; works, as far as Atlas says\n",
        "1 project: auditing is on in 1, of which 0 record all that is required; off in 0,",
    ] {
        assert!(page.contains(expected), "{expected}\n---\n{page}");
    }
}

#[test]
fn text_from_outside_cannot_act_on_a_terminal() {
    let mut project = shop("{\"atype\":\"x\u{1b}[2J\"}");
    project["name"] = json!("shop\u{1b}]0;pwned\u{7}");
    let page = page(&report(&[project]));
    assert!(!page.contains('\u{1b}') && !page.contains('\u{7}'), "{page:?}");
}

#[test]
fn what_could_not_be_read_is_told_and_makes_the_answer_incomplete() {
    let refused = json!({ "unavailable": "forbidden" });
    for section in ["auditLog", "logIntegrations", "pushBasedLogExport", "openAlerts", "clusters"] {
        let mut project = shop("{}");
        project[section] = refused.clone();
        let report = report(&[project]);
        assert!(report.incomplete(), "{section}");
        // Lines are broken between words.
        let page = page(&report).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.contains("Atlas refused"), "{section}: {page}");
    }
    let mut nothing = shop("{}");
    nothing["clusters"] = json!([]);
    nothing["auditLog"] = refused.clone();
    nothing["logIntegrations"] = refused;
    assert!(!report(&[nothing]).incomplete(), "there is nothing to record");
    let cut = AuditReport { complete: false, ..report(&[]) };
    assert!(cut.incomplete() && page(&cut).contains("did not come to its end"));
    let unlisted = AuditReport { unlisted: Some("Atlas refused".to_owned()), ..report(&[]) };
    assert!(unlisted.incomplete() && page(&unlisted).contains("could not be listed"));
}

#[test]
fn the_document_holds_every_answer_with_its_examples() {
    let report = report(&[shop(r#"{"atype":"authenticate","users.db":"admin"}"#), {
        let mut off = shop("{}");
        off["auditLog"] = json!({ "enabled": false });
        off
    }]);
    let mut out = Vec::new();
    v1::write(&report, &mut out).unwrap();
    let document: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(document["version"], 1);
    assert_eq!(document["required"], json!(["authenticate (failed)", "authenticate (successful)", "dropDatabase"]));
    let shop = &document["projects"][0];
    assert_eq!((&shop["auditing"], &shop["events"].as_array().unwrap().len()), (&json!("on"), &Event::ALL.len()));
    assert_eq!(
        shop["events"][1],
        json!({
            "event": "authenticate (successful)", "recorded": "some",
            "exampleRecorded": "authenticate (successful) by {user: \"someone\", db: \"admin\"}",
            "exampleMissed": "authenticate (successful) by {user: \"someone\", db: \"$external\"}",
        })
    );
    assert_eq!(shop["commands"][0]["class"], "reads");
    assert_eq!(
        shop["sinks"],
        json!([{ "kind": "S3", "place": "logs", "carries": ["MONGOD_AUDIT"], "health": "working" }])
    );
    assert_eq!(shop["lacks"], json!(["authenticate (failed)", "authenticate (successful)", "dropDatabase"]));
    assert_eq!(shop["suggestion"]["keeps"], true);
    let off = &document["projects"][1];
    assert_eq!((&off["auditing"], &off["events"]), (&json!("off"), &json!([])));
    assert_eq!(off["suggestion"]["filter"], r#"{"atype":{"$in":["authenticate","dropDatabase"]}}"#);
}
