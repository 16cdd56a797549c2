//! What the page promises, whatever the names in it.

use super::*;
use crate::analysis::peering::PeerRanges;
use crate::report::testing;
use crate::snapshot::{Organization, Project, Reading};

fn page(report: &Report) -> String {
    let mut out = Vec::new();
    write(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The text between the first `open` and the `close` after it.
fn between<'p>(page: &'p str, open: &str, close: &str) -> &'p str {
    page.split_once(open).unwrap().1.split_once(close).unwrap().0
}

fn data(page: &str) -> serde_json::Value {
    serde_json::from_str(between(page, "<script type=\"application/json\" id=\"data\">", "</script>")).unwrap()
}

const TRICK: &str = "</script><img src=x onerror=alert(1)>\"'<!--{{data}}";

/// A report whose every name tries to act, with the map of a project that does as well.
fn hostile() -> Report {
    let mut report = testing::hostile();
    report.about.organization_name = Some(TRICK.into());
    report.about.source = TRICK.into();
    report.about.configuration = Some(TRICK.into());
    let entries = serde_json::json!([{ "cidrBlock": "0.0.0.0/0", "comment": TRICK }]);
    let users = serde_json::json!([{ "username": TRICK, "databaseName": "admin", "roles": [
        { "roleName": "readWrite", "databaseName": TRICK }, { "roleName": "atlasAdmin", "databaseName": "admin" }
    ] }]);
    let clusters = serde_json::json!([{ "name": TRICK }]);
    let project = Project {
        id: "6a1b2c3d4e5f60718293a401".into(),
        name: Some(TRICK.into()),
        access_list: Reading::Known(serde_json::from_value(entries).unwrap()),
        database_users: Reading::Known(serde_json::from_value(users).unwrap()),
        custom_roles: Reading::Known(Vec::new()),
        clusters: Reading::Known(serde_json::from_value(clusters).unwrap()),
        ..Project::default()
    };
    let mut access = Access::new(PeerRanges::default());
    access.at(report.about.taken);
    access.project(&Organization::default(), &project);
    access.finish();
    report.access = Some(access);
    report
}

#[test]
fn the_policy_names_the_inline_texts_by_their_hashes_and_allows_nothing_else() {
    let page = page(&testing::sample());
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    let style = between(&page, "<style>", "</style>");
    let script = between(&page, "<script>", "</script>");
    let hash = |text: &str| format!("'sha256-{}'", base64(&Sha256::digest(text)));
    let allowed: Vec<_> = policy.split("; ").collect();
    assert_eq!(
        allowed,
        [
            "default-src 'none'",
            &format!("style-src {}", hash(style)),
            &format!("script-src {}", hash(script)),
            "base-uri 'none'",
            "form-action 'none'"
        ]
    );
    assert!(!style.contains('\r') && !script.contains('\r'));
    // The one way to undo all of that.
    for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
        assert!(!script.contains(way), "{way}");
    }
}

#[test]
fn base64_is_that_of_the_rfc() {
    for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
        assert_eq!(base64(bytes.as_bytes()), text);
    }
    assert_eq!(base64(&[0xff, 0xef, 0xbe]), "/+++");
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    let page = page(&testing::sample());
    let markup = page.replace(between(&page, "id=\"data\">", "</script>"), "");
    for loads in
        [" src=", "@import", "url(", "<link", "<iframe", "<object", "<base", "fetch(", "XMLHttpRequest", "import("]
    {
        assert!(!markup.contains(loads), "{loads}");
    }
    assert!(!markup.contains("style=\""), "the policy would not let it have an effect");
}

#[test]
fn hostile_names_are_text() {
    let page = page(&hostile());
    assert_eq!(page.matches("<script").count(), 2, "the data and the script");
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(!page.contains("<img"), "no element comes from a name");
    assert!(!page.contains("<!--"), "and no comment begins in one");
    let data = data(&page);
    assert_eq!(data["organizationName"], TRICK, "it is there, as text");
    let user = &data["access"]["matrices"]["kept"][0]["users"][0];
    assert_eq!(user["name"], TRICK);
    assert_eq!(data["access"]["matrices"]["kept"][0]["places"][0], TRICK);
    assert_eq!((&user["every"], &user["cluster"]), (&15.into(), &true.into()), "atlasAdmin can do everything");
    assert_eq!(data["access"]["exposed"]["kept"][0]["reach"], "open to the internet");
    for forbidden in ['\u{1b}', '\u{202e}', '\u{0}'] {
        assert!(!page.contains(forbidden), "{forbidden:?}");
    }
}

#[test]
fn who_acts_here_by_stream_processors_of_another_project_is_told_here() {
    fn known<T: serde::de::DeserializeOwned>(list: serde_json::Value) -> T {
        serde_json::from_value(list).unwrap()
    }
    let project = |id: &str, name: &str| Project {
        id: id.into(),
        name: Some(name.into()),
        database_users: Reading::Known(Vec::new()),
        custom_roles: Reading::Known(Vec::new()),
        ..Project::default()
    };
    let mut from = project("f", "ingest");
    let any = serde_json::json!([{ "roleName": "readWriteAnyDatabase", "databaseName": "admin" }]);
    let users =
        (0..70).map(|number| serde_json::json!({ "username": format!("u{number}"), "roles": any, "scopes": [] }));
    from.database_users = Reading::Known(known(users.collect()));
    from.stream_workspaces = Reading::Known(known(serde_json::json!([{ "name": "flow" }])));
    let connection = serde_json::json!([{ "name": "toProd", "type": "Cluster", "clusterName": "prod",
        "clusterGroupId": "t", "dbRoleToExecute": { "role": "atlasAdmin", "type": "BUILT_IN" } }]);
    from.stream_workspaces.known_mut().unwrap()[0].connections = Reading::Known(known(connection));
    let mut access = Access::new(PeerRanges::default());
    // Whichever comes first.
    for one in [project("t", "payments"), from] {
        access.project(&Organization::default(), &one);
    }
    access.finish();
    let told = serde_json::to_value(access.told()).unwrap();
    let matrices = told["matrices"]["kept"].as_array().unwrap();
    let of = |name: &str| &matrices.iter().find(|one| one["name"] == name).unwrap()["elsewhere"];
    assert_eq!((&of("ingest")["all"], &of("payments")["all"]), (&0.into(), &70.into()));
    let kept = of("payments")["kept"].as_array().unwrap();
    assert_eq!(kept.len(), 60);
    assert_eq!(
        kept[0],
        "u0 of ingest: whatever the connection's role may do, by a stream processor: stream workspace flow, connection \
         toProd, to prod of project t, as atlasAdmin"
    );
}

#[test]
fn text_is_escaped_wherever_it_stands() {
    assert_eq!(Escaped("<a href='x' title=\"&\">").to_string(), "&lt;a href=&#39;x&#39; title=&quot;&amp;&quot;&gt;");
    assert_eq!(Escaped("a\u{1b}[2J\u{fffe}b").to_string(), "a\\u{1b}[2J\u{fffd}b");
    assert_eq!(
        Prose("`<b>` is `x` & odd ` one").to_string(),
        "<code>&lt;b&gt;</code> is <code>x</code> &amp; odd <code> one</code>"
    );
    let mut out = Vec::new();
    for part in ["\"a<", "/script>", "<<", "\""] {
        Embedded(&mut out).write_all(part.as_bytes()).unwrap();
    }
    assert_eq!(String::from_utf8(out).unwrap(), "\"a\\u003c/script>\\u003c\\u003c\"");
}

#[test]
fn the_page_counts_what_the_report_counts() {
    for report in [testing::sample(), testing::hostile(), testing::clean(), testing::idle(), testing::of_many(50)] {
        let data = data(&page(&report));
        let len = |list: &str| data[list].as_array().unwrap().len();
        assert_eq!(len("findings"), report.counts.all_findings());
        assert_eq!(len("unknowns"), report.counts.unknown);
        let sum = |field: &str| -> u64 {
            let rules = data["rules"].as_array().unwrap();
            rules.iter().map(|rule| rule["counts"][field].as_u64().unwrap()).sum()
        };
        assert_eq!(sum("open") + sum("waived"), report.counts.all_findings() as u64);
        assert_eq!(sum("unknown") + sum("needs"), report.counts.unknown as u64);
        assert_eq!((sum("pass"), sum("na")), (report.counts.passed as u64, report.counts.not_applicable as u64));
    }
}

#[test]
fn the_page_lists_what_json_lists_in_the_same_order() {
    let report = testing::sample();
    let mut out = Vec::new();
    crate::report::json::v1::write(&report, &mut out).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let data = data(&page(&report));
    for (list, fingerprint) in [("findings", 8), ("unknowns", 3)] {
        let listed = |value: &serde_json::Value| value[list].as_array().unwrap().clone();
        let ours: Vec<_> = listed(&data).iter().map(|row| row[fingerprint].clone()).collect();
        let theirs: Vec<_> = listed(&json).iter().map(|one| one["fingerprint"].clone()).collect();
        assert_eq!(ours, theirs, "{list}");
    }
}

#[test]
fn a_limit_leaves_findings_out_and_says_so() {
    let mut report = testing::of_thousands(3000);
    report.most_findings = 100;
    let page = page(&report);
    let data = data(&page);
    assert_eq!((data["findings"].as_array().unwrap().len(), &data["unlisted"]), (100, &2900.into()));
    assert!(between(&page, "class=\"sum\">", "<").contains("3000 findings"));
}

#[test]
fn the_worst_can_be_read_without_a_script() {
    let page = page(&testing::sample());
    let worst = between(&page, "<section id=\"worst\"", "</section>");
    assert!(worst.contains("0.0.0.0/0 admits the whole internet") && worst.contains("ATL-NET-001"), "{worst}");
    let unknown = between(&page, "<section id=\"unknown\"", "</section>");
    assert!(unknown.contains("Atlas refused GET /groups/&lt;project&gt;/auditLog"), "{unknown}");
}

#[test]
fn the_same_report_is_the_same_bytes() {
    assert_eq!(page(&hostile()), page(&hostile()));
}

#[test]
fn a_snapshot_is_named_by_its_digest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("november.jsonl");
    std::fs::write(&path, "abc").unwrap();
    let mut report = testing::sample();
    let snapshot = |path| crate::report::SnapshotPath { path, shown: "november.jsonl".into() };
    report.about.snapshot = Some(snapshot(path));
    assert!(page(&report).contains("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    report.about.snapshot = Some(snapshot(folder.path().join("gone.jsonl")));
    let error = write(&report, &mut Vec::new()).unwrap_err();
    assert!(matches!(error, RenderError::Snapshot { .. }), "{error}");
}
