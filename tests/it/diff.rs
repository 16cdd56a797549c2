//! `atlas-audit diff`, through the simulator: an organization is fetched, changes, and is fetched again.

use atlas_audit::simulator::{Options, Recording};
use serde_json::{Value, json};

use crate::support::{Run, Stage, copy, fixture};

const SHOP: &str = "groups/6248579ea71a510100000002";
const HOSTILE: &str = "<script>alert(1)</script> `x` | **b** [y](https://evil.example) @octocat\n\u{202e}";

/// A file of a recording, and what becomes of its JSON.
type Edit<'a> = (&'a str, &'a dyn Fn(&mut Value));

/// A snapshot of the demo after these edits.
fn fetched(edits: &[Edit<'_>], faults: &[&str], more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture("demo"), folder.path());
    for (name, edit) in edits {
        let path = folder.path().join(name);
        let mut json: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        edit(&mut json);
        std::fs::write(&path, json.to_string()).unwrap();
    }
    let stage = Stage::with(Recording::load(folder.path()).unwrap(), Options::default());
    stage.faults(faults);
    let run = stage.run(&[&["fetch", "--quiet", "--output", "it.jsonl"], more].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    stage.read("it.jsonl")
}

/// A stage on which these two lie.
fn stage(old: &str, new: &str) -> Stage {
    let stage = Stage::of("demo").without_credentials();
    stage.write("old.jsonl", old);
    stage.write("new.jsonl", new);
    stage
}

fn diff(stage: &Stage, args: &[&str]) -> Run {
    stage.run(&[&["diff", "old.jsonl", "new.jsonl"], args].concat())
}

#[track_caller]
fn diff_json(stage: &Stage, args: &[&str]) -> Value {
    let run = diff(stage, &[&["--format", "json", "--exit-zero"], args].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    run.json()
}

fn results(json: &mut Value) -> &mut Vec<Value> {
    json["results"].as_array_mut().unwrap()
}

fn open_a_range(json: &mut Value) {
    let entries = results(json);
    entries.retain(|entry| entry["cidrBlock"] != "203.0.113.96/28" && entry["cidrBlock"] != "0.0.0.0/0");
    entries.push(json!({ "cidrBlock": "203.0.113.0/24", "comment": HOSTILE }));
}

fn promote(json: &mut Value) {
    let user = results(json).iter_mut().find(|user| user["username"] == "reports_ro").unwrap();
    user["roles"].as_array_mut().unwrap().push(json!({ "databaseName": "admin", "roleName": "atlasAdmin" }));
}

fn require_a_second_factor(json: &mut Value) {
    json["multiFactorAuthRequired"] = true.into();
}

fn drifted() -> String {
    let list = format!("{SHOP}/accessList.json");
    let users = format!("{SHOP}/databaseUsers.json");
    let edits: [Edit<'_>; 3] = [
        (&list, &open_a_range),
        (&users, &promote),
        ("orgs/622f15a4a71a510000000001/settings.json", &require_a_second_factor),
    ];
    fetched(&edits, &[], &[])
}

const RULES: [&str; 6] = ["--rule", "ATL-NET-001", "--rule", "ATL-AUTHZ-001", "--rule", "ATL-ORG-001"];

/// What changed: kind, name and risk.
fn changes(report: &Value) -> Vec<(&str, &str, &str)> {
    report["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            let of = |name: &str| change[name].as_str().unwrap();
            (of("kind"), change["resource"]["name"].as_str().unwrap(), of("risk"))
        })
        .collect()
}

fn became(report: &Value) -> Vec<(&str, &str, &str)> {
    let verdicts = report["verdicts"].as_array().unwrap().iter();
    verdicts
        .map(|verdict| {
            let became = verdict["became"].as_str().unwrap();
            (became, verdict["rule"]["id"].as_str().unwrap(), verdict["resource"]["name"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn what_changed_is_told_by_what_it_means() {
    let stage = stage(&fetched(&[], &[], &[]), &drifted());
    let report = diff_json(&stage, &RULES);
    assert_eq!(
        changes(&report),
        [
            ("changed", "reports_ro", "grave"),
            ("removed", "203.0.113.96/28", "neutral"),
            ("removed", "0.0.0.0/0", "safer"),
            // All that it admits was admitted before.
            ("added", "203.0.113.0/24", "safer"),
            ("changed", "Lanternfish Robotics", "safer"),
        ]
    );
    assert_eq!(report["changes"][0]["why"], json!(["may now: atlasAdmin@admin"]));
    assert_eq!(report["changes"][1]["why"], json!(["203.0.113.0/24 has taken its place, which is wider"]));
    let field = &report["changes"][4]["fields"][0];
    assert_eq!(
        (&field["pointer"], &field["old"], &field["new"]),
        (&json!("/multiFactorAuthRequired"), &json!(false), &json!(true))
    );
    assert_eq!(
        became(&report),
        [
            ("new", "ATL-AUTHZ-001", "reports_ro"),
            ("fixed", "ATL-NET-001", "0.0.0.0/0"),
            ("fixed", "ATL-ORG-001", "Lanternfish Robotics"),
        ]
    );
    assert_eq!(report["summary"]["lostSight"], false);

    let schema: Value = serde_json::from_str(&stage.run(&["schema", "diff"]).stdout).unwrap();
    let wrong: Vec<_> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");

    let run = diff(&stage, &RULES);
    assert_eq!(run.code, 0, "{}", run.stderr);
    insta::assert_snapshot!(run.masked_stdout());
}

#[test]
fn a_gate_fails_on_what_is_new_and_on_nothing_else() {
    let stage = stage(&fetched(&[], &[], &[]), &drifted());
    for (args, code) in [
        (&["--fail-on", "high"][..], 1),
        (&["--fail-on", "critical", "--rule", "ATL-NET-001"], 0),
        (&["--fail-on", "low", "--rule", "ATL-NET-001", "--rule", "ATL-ORG-001"], 0),
        (&["--fail-on", "info", "--exit-zero"], 0),
        (&["--fail-on", "none"], 0),
        (&["--fail-on", "high", "--exclude-project", "storefront-prod", "--rule", "ATL-AUTHZ-001"], 0),
    ] {
        let run = diff(&stage, args);
        assert_eq!(run.code, code, "{args:?}: {}", run.stdout);
    }
    // Backward it would be news that everybody could come in: but time does not go backward.
    let run = stage.run(&["diff", "old.jsonl", "old.jsonl", "--fail-on", "info"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("nothing new and nothing fixed"), "{}", run.stdout);
}

#[test]
fn what_cannot_be_read_any_more_is_unknown_and_never_fixed() {
    let old = fetched(&[], &[], &[]);
    let new = fetched(&[], &["refuse@project.accessList"], &[]);
    let there = stage(&old, &new);
    let rules = ["--rule", "ATL-NET-001"];
    let report = diff_json(&there, &rules);
    assert_eq!(changes(&report), []);
    let fates: std::collections::BTreeSet<_> = became(&report).into_iter().map(|(became, ..)| became).collect();
    assert_eq!(fates.into_iter().collect::<Vec<_>>(), ["now-unknown", "out-of-sight"]);
    let lost = report["unread"].as_array().unwrap().iter().filter(|unread| unread["state"] == "lost");
    assert_eq!(lost.filter(|unread| unread["section"] == "project.accessList").count(), 8);
    assert_eq!(diff(&there, &rules).code, 3);
    assert_eq!(diff(&there, &[&rules[..], &["--allow-unknown"]].concat()).code, 0);

    // Read again: nobody knows how old these are, so a gate does not let them pass.
    let back = stage(&new, &old);
    let report = diff_json(&back, &rules);
    assert_eq!(changes(&report), []);
    assert!(became(&report).iter().all(|(became, ..)| ["came-to-light", "now-known"].contains(became)));
    assert_eq!(diff(&back, &[&rules[..], &["--fail-on", "critical"]].concat()).code, 1);

    // The same where nobody asked for it.
    let narrow = fetched(&[], &[], &["--rule", "ATL-ORG-001"]);
    let run = diff(&stage(&old, &narrow), &rules);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("not fetched when the snapshot was taken"), "{}", run.stdout);
    assert!(!run.stdout.contains("FIXED"), "{}", run.stdout);
}

#[test]
fn a_project_that_was_left_out_is_not_gone() {
    let whole = fetched(&[], &[], &[]);
    let part = fetched(&[], &[], &["--project", "storefront-prod"]);
    let report = diff_json(&stage(&whole, &part), &["--rule", "ATL-NET-001"]);
    assert_eq!(report["skipped"].as_array().unwrap().len(), 7);
    assert_eq!(report["skipped"][0]["reason"], "narrowed");
    assert_eq!((changes(&report).len(), became(&report).len()), (0, 0));
    assert_eq!(report["new"]["narrowedTo"], json!(["storefront-prod"]));
    let run = diff(&stage(&whole, &part), &[]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("whole projects, in the old snapshot only"), "{}", run.stdout);
    // What the earlier one did not look at is not news either, and nothing was lost.
    let run = diff(&stage(&part, &whole), &["--rule", "ATL-NET-001", "--fail-on", "info"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    // Asked about that project alone, nothing is left out.
    let report = diff_json(&stage(&whole, &part), &["--project", "storefront-prod"]);
    assert_eq!(report["skipped"], json!([]));
}

#[test]
fn a_project_that_is_gone_is_gone_with_its_findings() {
    let old = fetched(&[], &[], &[]);
    let without = |json: &mut Value| results(json).retain(|project| project["name"] != "sandbox-dev");
    let org = "orgs/622f15a4a71a510000000001/groups.json";
    let new = fetched(&[("groups.json", &without), (org, &without)], &[], &[]);
    let report = diff_json(&stage(&old, &new), &["--rule", "ATL-NET-001"]);
    assert!(changes(&report).contains(&("removed", "sandbox-dev", "neutral")), "{:?}", changes(&report));
    let fixed: Vec<_> = report["verdicts"].as_array().unwrap().iter().collect();
    assert!(!fixed.is_empty() && fixed.iter().all(|one| one["became"] == "fixed" && one["otherwise"] == "none"));
    let report = diff_json(&stage(&new, &old), &["--rule", "ATL-NET-001"]);
    assert!(report["changes"].as_array().unwrap().iter().any(|change| change["risk"] == "grave"
        && change["within"].as_str().is_some_and(|project| project.contains("/project/"))));
    assert!(became(&report).iter().all(|(became, ..)| *became == "new"));
}

#[test]
fn a_comment_on_a_pull_request_is_nothing_but_text() {
    let stage = stage(&fetched(&[], &[], &[]), &drifted());
    let run = diff(&stage, &["--format", "markdown", "--output", "comment.md"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    let page = stage.read("comment.md");
    assert!(page.starts_with("<!-- atlas-audit diff -->\n") && page.len() <= 65_536);
    assert!(page.contains("203.0.113.0/24") && page.contains("script"), "{page}");
    for bad in ["<script", "](http", "@octocat", "https://evil", "`", "**b**", "\u{202e}"] {
        assert!(!page.contains(bad), "{bad} in {page}");
    }
}

#[test]
fn two_runs_are_the_same_bytes_in_every_format() {
    let stage = stage(&fetched(&[], &[], &[]), &drifted());
    for format in ["table", "json", "markdown"] {
        let (first, second) = (diff(&stage, &["--format", format]), diff(&stage, &["--format", format]));
        assert!(!first.stdout.is_empty() && first.stdout == second.stdout, "{format}");
        assert_eq!(first.stderr, "");
    }
}

#[test]
fn two_files_that_cannot_be_compared_are_refused() {
    let old = fetched(&[], &[], &["--rule", "NET-001"]);
    let refused = |stage: &Stage, args: &[&str]| {
        stage.write("before.txt", "what was there before");
        let run = stage.run(&[&["diff", "--output", "before.txt"], args].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert_eq!(stage.read("before.txt"), "what was there before");
        run.masked_stderr()
    };
    let both = &["old.jsonl", "new.jsonl"][..];
    let later = old.replacen("2026-11-02T09:00:00Z", "2026-11-03T09:00:00Z", 1);
    insta::assert_snapshot!(refused(&stage(&later, &old), both), @"
    error: old.jsonl was taken at 2026-11-03T09:00:00Z, which is after new.jsonl (2026-11-02T09:00:00Z)
      help: the earlier one comes first: atlas-audit diff new.jsonl old.jsonl
    ");
    let elsewhere = old.replace("622f15a4a71a510000000001", "622f15a4a71a510000000009");
    insta::assert_snapshot!(refused(&stage(&old, &elsewhere), both), @"
    error: old.jsonl is of the organization Lanternfish Robotics (622f15a4a71a510000000001), and new.jsonl of Lanternfish Robotics (622f15a4a71a510000000009)
      help: give files of one organization
    ");
    let lines = old.lines().count();
    let cut = old.lines().take(lines / 2).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(refused(&stage(&old, &cut), both).replace(&(lines / 2).to_string(), "<n>"), @"
    error: cannot read the snapshot new.jsonl
      cause: it is cut off after line <n>
      help: the file was not written or copied to its end: fetch it again
    ");
    insta::assert_snapshot!(refused(&stage(&old, "{}"), both), @"
    error: cannot read the snapshot new.jsonl
      cause: line 1 is not the header of a snapshot: missing field `format` at line 1 column 2
      help: a snapshot is what `atlas-audit fetch` writes; fetch it again if it was edited
    ");
    let mut shuffled: Vec<_> = old.lines().collect();
    let last = shuffled.len() - 2;
    shuffled.swap(last, last - 1);
    let said = refused(&stage(&old, &(shuffled.join("\n") + "\n")), both);
    assert!(said.contains("is out of order"), "{said}");
    let said = refused(&stage(&old, &old), &["old.jsonl", "missing.jsonl"]);
    assert!(said.starts_with("error: cannot read the snapshot missing.jsonl\n  cause: No such file"), "{said}");
    let said = refused(&stage(&old, &old), &["old.jsonl", "new.jsonl", "--project", "storefront-pord"]);
    assert!(said.contains("did you mean `storefront-prod`?"), "{said}");
}
