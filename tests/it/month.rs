//! A whole month of a team, command by command: gate, waiver, drift, diff, review, revocation.

use atlas_audit::simulator::{Options, Recording};
use serde_json::{Value, json};

use crate::review::Sheet;
use crate::support::{Run, Stage, copy, fixture};

const SHOP: &str = "groups/6248579ea71a510100000002";
const ENTRY: &str = "org/622f15a4a71a510000000001/project/6248579ea71a510100000002/accessList/203.0.113.77%2F32";

/// The demo, a week later, with these entries more in the access list of the shop.
fn a_week_later(entries: &[&str]) -> Stage {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture("demo"), folder.path());
    let clock = folder.path().join("recording.toml");
    let text = std::fs::read_to_string(&clock).unwrap();
    assert!(text.contains("2026-11-02"));
    std::fs::write(&clock, text.replace("2026-11-02", "2026-11-09")).unwrap();
    let path = folder.path().join(format!("{SHOP}/accessList.json"));
    let mut list: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    for entry in entries {
        let results = list["results"].as_array_mut().unwrap();
        results.push(json!({ "cidrBlock": entry, "comment": "for the fair", "groupId": "6248579ea71a510100000002" }));
    }
    std::fs::write(&path, list.to_string()).unwrap();
    Stage::with(Recording::load(folder.path()).unwrap(), Options::default())
}

/// Only what the shop's access list is about: the demo has enough else.
fn gate(stage: &Stage, more: &[&str]) -> Run {
    stage.run(&[&["scan", "--quiet", "--project", "storefront-prod", "--rule", "NET-001"], more].concat())
}

fn carry(from: &Stage, to: &Stage, files: &[&str]) {
    for file in files {
        to.write(file, from.read(file));
    }
}

#[test]
fn a_month_of_a_team() {
    // The first scan finds something, and keeps what it saw.
    let first = Stage::of("demo");
    let scan = gate(&first, &["--format", "json"]);
    assert_eq!(scan.code, 1, "{}", scan.stderr);
    let fingerprint = scan.json()["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    assert_eq!(first.run(&["fetch", "--quiet", "--output", "old.jsonl"]).code, 0);

    // Somebody accepts it until the end of the year: the gate passes.
    let waive = ["--reason", "load test", "--owner", "Ada", "--until", "2026-12-31"];
    let waived = first.run(&[&["waive", &fingerprint, "--quiet", "--rule", "NET-001"][..], &waive].concat());
    assert_eq!(waived.code, 0, "{}", waived.stderr);
    let gated = gate(&first, &["--format", "json", "--output", "baseline.json"]);
    assert_eq!((gated.code, gated.stderr.as_str()), (0, ""));

    // The configuration drifts. The diff shows it, and the gate fails on what is new and nothing else.
    let second = a_week_later(&["::/0", "203.0.113.77/32"]);
    carry(&first, &second, &["old.jsonl", "atlas-audit.toml", "baseline.json"]);
    assert_eq!(second.run(&["fetch", "--quiet", "--output", "new.jsonl"]).code, 0);
    let diff = second.run(&["diff", "old.jsonl", "new.jsonl", "--fail-on", "high"]);
    assert_eq!(diff.code, 1, "{}", diff.stderr);
    assert!(diff.stdout.contains("::/0") && diff.stdout.contains("203.0.113.77"), "{}", diff.stdout);
    // What is waived is shown, and fails no diff either.
    let all =
        "[[waivers]]\nrule = \"NET-001\"\nresource = \"*\"\nreason = \"x\"\nowner = \"Ada\"\nuntil = 2026-12-31\n";
    second.write("waived.toml", all);
    let only = ["diff", "old.jsonl", "new.jsonl", "--rule", "NET-001", "--fail-on", "info", "--config", "waived.toml"];
    let waived = second.run(&only);
    assert!(waived.code == 0 && waived.stdout.contains("waived by Ada until 2026-12-31"), "{}", waived.stdout);
    let gated = gate(&second, &["--baseline", "baseline.json", "--format", "json"]);
    assert_eq!((gated.code, gated.stderr.as_str()), (1, "exit 1: 1 new finding at low or above\n"));
    let new: Vec<_> = gated.json()["findings"].as_array().unwrap().clone();
    let new: Vec<_> = new.iter().filter(|finding| finding["baseline"] == "new").collect();
    assert!(new[0]["resource"]["name"] == "::/0" && new.len() == 1, "{new:#?}");

    // The monthly review: everything is looked at, and one entry is revoked.
    let pack = second.run(&["review", "--since", "old.jsonl", "new.jsonl", "--output", "pack", "--allow-unknown"]);
    assert_eq!(pack.code, 0, "{}", pack.stderr);
    let mut sheet = Sheet::of(&second.read("pack/review.csv")).keep_all("2026-11-09");
    sheet.row(ENTRY).insert("decision".to_owned(), "revoke".to_owned());
    second.write("filled.csv", sheet.text(b','));
    let usual = ["review", "record", "--pack", "pack", "--decisions", "filled.csv"];
    let recorded = second.run(&[&usual[..], &["--snapshot", "new.jsonl", "--output", "record.json"]].concat());
    assert_eq!(recorded.code, 0, "{}", recorded.stderr);
    let configuration = second.read("atlas-audit.toml");
    second.write("atlas-audit.toml", format!("reviews = [\"record.json\"]\n{configuration}"));

    // The review counts.
    let attested = |stage: &Stage, snapshot: &str| {
        let scan = ["scan", "--quiet", "--snapshot", snapshot, "--project", "storefront-prod", "--rule", "ATT-001"];
        stage.run(&[&scan[..], &["--format", "json"]].concat())
    };
    let review = attested(&second, "new.jsonl");
    assert_eq!((review.code, &review.json()["summary"]["attested"]), (0, &1.into()), "{}", review.stdout);

    // Another week on the revoked entry is still there.
    let text = second.read("new.jsonl").replace("\"taken\":\"2026-11-09", "\"taken\":\"2026-11-16");
    second.write("later.jsonl", text);
    let late = attested(&second, "later.jsonl");
    assert_eq!(late.code, 1, "{}", late.stderr);
    let findings = late.json()["findings"].as_array().unwrap().clone();
    assert_eq!((findings.len(), findings[0]["resource"]["ref"].as_str()), (1, Some(ENTRY)));
    assert!(findings[0]["message"].as_str().unwrap().contains("revoked by Rita Reviewer on 2026-11-09, still there"));
}
