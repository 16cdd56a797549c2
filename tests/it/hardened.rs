//! An organization in which nothing is to be found: what passes can pass, all of it at once.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Stage, fixture, rules_with};

/// Rules that pass here by what was measured; more may come.
const PASSING: usize = 108;

/// Rules that rest here on somebody's word alone.
const ATTESTED: &[&str] = &[
    "ATL-ATT-001",
    "ATL-ATT-002",
    "ATL-ATT-004",
    "ATL-ATT-005",
    "ATL-AUD-006",
    "ATL-AUD-007",
    "ATL-ENC-012",
    "ATL-FED-008",
    "ATL-MON-004",
];

/// Rules with nothing to judge here: there is no API key, and no open way in that somebody would have to watch.
const SILENT: &[&str] = &["ATL-ORG-013", "ATL-TOX-002"];

/// Rules and users of which Atlas cannot tell: it knows no logins to stream workspaces, and those of a group's members
/// by their own names alone.
const UNKNOWN: &[(&str, &str)] = &[
    ("ATL-AUTHN-006", "$external/67a0a1b05be97f1800000003/system:serviceaccount:ticketing:event-operator"),
    ("ATL-AUTHN-006", "67a093a05be97f1800000002/ticketing-dba"),
];

fn configuration() -> String {
    std::fs::read_to_string(fixture("hardened").join("atlas-audit.toml")).unwrap()
}

/// The organization, with this configuration where the program looks for one.
fn stage(configuration: &str) -> Stage {
    let stage = Stage::of("hardened");
    stage.write("atlas-audit.toml", configuration);
    stage
}

fn report(configuration: &str) -> Value {
    stage(configuration).run(&["scan", "--quiet", "--format", "json"]).json()
}

fn texts<'a>(list: &'a Value, of: impl Fn(&'a Value) -> &'a Value) -> BTreeSet<&'a str> {
    list.as_array().unwrap().iter().map(|entry| of(entry).as_str().unwrap()).collect()
}

fn set<'a>(list: &[&'a str]) -> BTreeSet<&'a str> {
    list.iter().copied().collect()
}

#[test]
fn nothing_is_found() {
    let stage = stage(&configuration());
    let run = stage.run(&["scan", "--quiet", "--format", "json"]);
    let report = run.json();
    let found: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| format!("{}: {}", finding["rule"]["id"], finding["message"]))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(report["organization"]["name"], "Quillmark Tickets");
    assert_eq!(report["complete"], true, "something was refused");
    assert_eq!(run.code, 3, "nothing failed, and something is not known: {}", run.stderr);
    assert_eq!(stage.run(&["scan", "--quiet", "--allow-unknown"]).code, 0);
}

#[test]
fn only_what_atlas_does_not_tell_is_unknown() {
    let report = report(&configuration());
    let unknown: BTreeSet<_> = report["unknowns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["rule"]["id"].as_str().unwrap(), entry["resource"]["name"].as_str().unwrap()))
        .collect();
    assert_eq!(unknown, UNKNOWN.iter().copied().collect::<BTreeSet<_>>());
    assert_eq!(rules_with(&report, "unknown").iter().map(String::as_str).collect::<Vec<_>>(), ["ATL-AUTHN-006"]);
}

#[test]
fn nearly_every_rule_has_something_to_pass() {
    let report = report(&configuration());
    let passed = rules_with(&report, "pass");
    assert!(passed.len() >= PASSING, "only {} rules pass: {passed:?}", passed.len());
    let passed: BTreeSet<_> = passed.iter().map(String::as_str).collect();
    let attested = texts(&report["attested"], |entry| &entry["rule"]["id"]);
    let all = texts(&report["rules"], |rule| &rule["id"]);

    let on_word_alone: BTreeSet<_> = attested.difference(&passed).copied().collect();
    assert_eq!(on_word_alone, set(ATTESTED));
    let judged: BTreeSet<_> = passed.union(&attested).copied().collect();
    let silent: BTreeSet<_> = all.difference(&judged).copied().collect();
    assert_eq!(silent, set(SILENT), "rules that neither pass nor rest on an attestation");
}

/// What people state makes nothing good that is not: without it less is known, and one thing is missing that has to be
/// there.
#[test]
fn without_attestations_less_is_known() {
    let mut stated = false;
    let without: Vec<_> = configuration()
        .lines()
        .filter(|line| {
            if line.starts_with('[') {
                stated = *line == "[[attestations]]";
            }
            !stated
        })
        .map(str::to_owned)
        .collect();
    let report = report(&without.join("\n"));
    assert_eq!(texts(&report["attested"], |entry| &entry["rule"]["id"]), set(&[]));
    assert_eq!(rules_with(&report, "fail"), BTreeSet::from(["ATL-ATT-005".to_owned()]));
    let unknown = rules_with(&report, "unknown");
    for rule in ATTESTED.iter().filter(|rule| **rule != "ATL-ATT-005") {
        assert!(unknown.contains(*rule), "{rule} is not unknown, but these: {unknown:?}");
    }
}
