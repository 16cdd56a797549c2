//! What a pipeline fails on: thresholds, waivers, baselines, and the sentence that says why.

use serde_json::Value;

use crate::support::{Run, Stage, without};

const OPEN_ENTRY: &str = "storefront-prod/accessList/0.0.0.0/0";

/// The demo as a snapshot, in a folder with this configuration.
fn stage(configuration: &str) -> Stage {
    let stage = Stage::of("demo");
    assert_eq!(stage.run(&["fetch", "--quiet", "--output", "now.jsonl"]).code, 0);
    if !configuration.is_empty() {
        stage.write("atlas-audit.toml", configuration);
    }
    stage
}

fn scan(stage: &Stage, more: &[&str]) -> Run {
    stage.run(&[&["scan", "--snapshot", "now.jsonl", "--rule", "NET-001"], more].concat())
}

fn last_line(run: &Run) -> &str {
    run.stderr.lines().last().unwrap_or_default()
}

fn waiver(resource: &str, until: &str) -> String {
    format!(
        "[[waivers]]\nrule = \"NET-001\"\nresource = \"{resource}\"\nreason = \"the load test\"\nowner = \"Ada\"\n\
         until = {until}\n"
    )
}

fn findings(run: &Run) -> Vec<Value> {
    run.json()["findings"].as_array().unwrap().clone()
}

#[test]
fn the_last_line_says_why() {
    let stage = stage("");
    for (more, code, line) in [
        (&["--fail-on", "critical"][..], 1, "exit 1: 4 findings at critical or above"),
        (&["--fail-on", "none"], 0, "exit 0: no finding that counts, and everything could be judged"),
        (&["--exit-zero"], 0, "exit 0: asked for whatever is found; else 1: 4 findings at low or above"),
        (&["--rule", "ATT-001", "--fail-on", "none"], 3, "exit 3: no finding that counts, but 7 verdicts are unknown"),
        (
            &["--rule", "ATT-001", "--fail-on", "none", "--fail-on-unknown"],
            1,
            "exit 1: 7 verdicts are unknown, and what is unknown is to fail",
        ),
        (
            &["--rule", "ATT-001", "--fail-on", "none", "--allow-unknown"],
            0,
            "exit 0: no finding that counts; 7 verdicts are unknown, which is allowed",
        ),
    ] {
        let run = scan(&stage, more);
        assert_eq!((run.code, last_line(&run)), (code, line), "{more:?}");
    }
}

#[test]
fn the_configuration_is_a_gate_too_and_flags_outrank_it() {
    let stage = stage("[gate]\nfail_on = \"none\"\nmax_findings = 1\n");
    let run = scan(&stage, &["--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!((findings(&run).len(), &run.json()["summary"]["unlisted"]), (1, &3.into()));
    assert_eq!(run.json()["summary"]["findings"], 4, "all are counted");
    let run = scan(&stage, &["--fail-on", "high", "--max-findings", "9", "--format", "json"]);
    assert_eq!((run.code, findings(&run).len()), (1, 4));
    let table = scan(&stage, &[]);
    assert!(table.stdout.contains("No more than 1 findings are listed"), "{}", table.stdout);
}

#[test]
fn what_is_waived_stays_in_the_report_and_fails_nothing() {
    let stage = stage(&waiver("*/accessList*", "2026-12-31"));
    let run = scan(&stage, &["--format", "json"]);
    assert_eq!((run.code, last_line(&run)), (0, "exit 0: no finding at low or above, and everything could be judged"));
    let report = run.json();
    assert_eq!((&report["summary"]["findings"], &report["summary"]["waived"]), (&0.into(), &4.into()));
    let waived = findings(&run);
    assert!(waived.iter().all(|finding| finding["waiver"]["owner"] == "Ada" && finding["waiver"]["expired"] == false));
    assert_eq!(report["waivers"][0]["findings"], 4);
    let table = scan(&stage, &[]);
    for text in ["WAIVED    ATL-NET-001", "Ada, until 2026-12-31: the load test", "4 waived"] {
        assert!(table.stdout.contains(text), "{text}: {}", table.stdout);
    }
    let sarif = |more: &[&str]| scan(&stage, &[&["--format", "sarif"], more].concat()).json();
    assert_eq!(sarif(&[])["runs"][0]["results"].as_array().unwrap().len(), 0, "GitHub would open them again");
    let kept = sarif(&["--sarif-suppressed"]);
    let suppression = &kept["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(suppression["justification"], "the load test (Ada, until 2026-12-31)");
}

#[test]
fn a_waiver_ends_and_one_that_covers_nothing_is_told() {
    // The demo is of 2026-11-02.
    let over = waiver(OPEN_ENTRY, "2026-11-01");
    let stage = stage(&format!("{over}\n{}", waiver("nowhere/*", "2026-12-31")));
    let run = scan(&stage, &[]);
    assert_eq!(last_line(&run), "exit 1: 4 findings at low or above");
    let told = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in ["its waiver by Ada ended on 2026-11-01", "for nowhere/* (until 2026-12-31) covers nothing any more"] {
        assert!(told.contains(text), "{text}: {told}");
    }
    // Where not everything is looked at, it may well cover something.
    let run = scan(&stage, &["--project", "sandbox-dev"]);
    assert!(!run.stdout.contains("covers nothing"), "{}", run.stdout);
}

#[test]
fn waivers_may_lie_in_a_file_of_their_own() {
    let stage = stage("waiver_files = [\"accepted.toml\"]\n");
    stage.write("accepted.toml", waiver(OPEN_ENTRY, "2026-12-31"));
    stage.write("more.toml", waiver("sandbox-dev/*", "2026-12-31"));
    assert_eq!(last_line(&scan(&stage, &[])), "exit 1: 3 findings at low or above");
    assert_eq!(last_line(&scan(&stage, &["--waivers", "more.toml"])), "exit 1: 1 finding at low or above");
    stage.write("more.toml", "[[waiver]]\n");
    let run = scan(&stage, &["--waivers", "more.toml"]);
    assert!(run.code == 2 && run.stderr.contains("more.toml:1:3: unknown key `waiver`"), "{}", run.stderr);
}

#[test]
fn a_bad_waiver_is_shown_in_its_place() {
    for (text, problem) in [
        (waiver("x", "2026-12-31").replace("NET-001", "ATL-NET-099"), "no rule is called `ATL-NET-099`"),
        (waiver("x", "2099-12-31"), "and a waiver may count for 366"),
        (waiver("x", "2026-12-31").replace("Ada", " "), "a waiver without owner is none"),
        (waiver("x", "2026-12-31").replace("owner = \"Ada\"\n", ""), "owner"),
        (waiver("[", "2026-12-31"), "is no pattern"),
        ("[gate]\nfail_on = \"hight\"\n".to_owned(), "hight"),
        ("[gate]\nfail_onn = \"high\"\n".to_owned(), "fail_onn"),
    ] {
        let stage = stage(&text);
        let run = scan(&stage, &[]);
        assert!(run.code == 2 && run.stderr.contains(problem), "{problem}: {}", run.stderr);
        assert!(run.stderr.contains("atlas-audit.toml:"), "{}", run.stderr);
    }
}

#[test]
fn one_finding_is_explained_and_waived_by_its_fingerprint() {
    let kept = "# ours\n[gate]\nfail_on   = \"low\" # all of it\n";
    let stage = stage(kept);
    let finding = findings(&scan(&stage, &["--format", "json"]))
        .into_iter()
        .find(|finding| {
            finding["resource"]["name"] == "0.0.0.0/0" && finding["resource"]["project"]["name"] == "storefront-prod"
        })
        .unwrap();
    let fingerprint = finding["fingerprint"].as_str().unwrap();
    let told = stage.run(&["explain", &fingerprint[..8], "--snapshot", "now.jsonl"]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    for text in ["CRITICAL ATL-NET-001", finding["message"].as_str().unwrap(), "Why it matters", "PCI DSS", fingerprint]
    {
        assert!(told.stdout.split_whitespace().collect::<Vec<_>>().join(" ").contains(text), "{text}: {}", told.stdout);
    }
    let waive = ["waive", fingerprint, "--snapshot", "now.jsonl", "--reason", "the \"load\" test", "--owner", "Ada"];
    let run = stage.run(&[&waive[..], &["--until", "2026-12-31"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let text = stage.read("atlas-audit.toml");
    assert!(text.starts_with(kept), "what people wrote is as they wrote it: {text}");
    assert_eq!(last_line(&scan(&stage, &[])), "exit 1: 3 findings at low or above");
    let again = stage.run(&[&waive[..], &["--until", "2026-12-31"]].concat());
    assert!(again.code == 2 && again.stderr.contains("waived already, by Ada until 2026-12-31"), "{}", again.stderr);
    for (asked, until, why) in [
        ("zzzzzz", "2026-12-31", "there is no finding `zzzzzz`"),
        ("000000", "2026-12-31", "there is no finding"),
        (fingerprint, "soon", "is no day"),
    ] {
        let run =
            stage.run(&["waive", asked, "--snapshot", "now.jsonl", "--reason", "x", "--owner", "y", "--until", until]);
        assert!(run.code == 2 && run.stderr.contains(why), "{why}: {}", run.stderr);
    }
    assert_eq!(stage.read("atlas-audit.toml"), text, "nothing is written that cannot be used");

    // A file of waivers that no configuration names yet.
    stage.write("atlas-audit.toml", "");
    let other = [&waive[..], &["--to", "waivers.toml", "--until"]].concat();
    let over = stage.run(&[&other[..], &["2020-02-02"]].concat());
    assert!(over.code == 2 && over.stderr.contains("that day is over"), "{}", over.stderr);
    assert!(!stage.path("waivers.toml").exists());
    let once = stage.run(&[&other[..], &["2026-12-31"]].concat());
    assert!(once.code == 0 && once.stdout.starts_with("waivers.toml: ATL-NET-001 at "), "{}", once.stderr);
    let text = stage.read("waivers.toml");
    let twice = stage.run(&[&other[..], &["2026-12-30"]].concat());
    assert!(twice.code == 2 && twice.stderr.contains("waived already, by Ada until 2026-12-31"), "{}", twice.stderr);
    assert_eq!(stage.read("waivers.toml"), text);
}

#[test]
fn only_what_is_new_since_the_baseline_fails() {
    let stage = stage("");
    let entry = |line: &str| line.contains("6248579ea71a510100000002/accessList/0.0.0.0%2F0\"");
    without(&stage, "now.jsonl", "then.jsonl", |line| entry(line));
    let count = "\"ref\":\"org/622f15a4a71a510000000001/project/6248579ea71a510100000002/accessList\",\"count\":";
    let then = stage.read("then.jsonl");
    let (before, after) = then.split_once(count).unwrap();
    let (number, rest) = after.split_once('}').unwrap();
    let fewer: usize = number.parse::<usize>().unwrap() - 1;
    stage.write("then.jsonl", format!("{before}{count}{fewer}}}{rest}"));
    let saved = stage.run(&[
        "scan",
        "--snapshot",
        "then.jsonl",
        "--rule",
        "NET-001",
        "--format",
        "json",
        "--output",
        "then.json",
        "--exit-zero",
    ]);
    assert_eq!(saved.code, 0, "{}", saved.stderr);
    for baseline in ["then.jsonl", "then.json"] {
        let run = scan(&stage, &["--baseline", baseline, "--format", "json"]);
        assert_eq!(last_line(&run), "exit 1: 1 new finding at low or above", "{baseline}");
        let states: Vec<_> =
            findings(&run).iter().map(|finding| finding["baseline"].as_str().unwrap().to_owned()).collect();
        assert_eq!(states.iter().filter(|state| *state == "new").count(), 1, "{states:?}");
        assert_eq!(states.iter().filter(|state| *state == "unchanged").count(), 3, "{states:?}");
        let sarif = scan(&stage, &["--baseline", baseline, "--format", "sarif"]).json();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.iter().filter(|result| result["baselineState"] == "unchanged").count(), 3);
    }
    // The other way round it is fixed.
    let now = stage.run(&[
        "scan",
        "--snapshot",
        "now.jsonl",
        "--rule",
        "NET-001",
        "--format",
        "json",
        "--output",
        "now.json",
        "--exit-zero",
    ]);
    assert_eq!(now.code, 0);
    let back = |more: &[&str]| {
        let usual = ["scan", "--snapshot", "then.jsonl", "--rule", "NET-001", "--baseline", "now.json"];
        stage.run(&[&usual[..], more].concat())
    };
    let run = back(&["--format", "json"]);
    assert_eq!(
        (run.code, last_line(&run)),
        (0, "exit 0: no new finding at low or above, and everything could be judged")
    );
    assert_eq!(run.json()["baseline"]["fixed"].as_array().unwrap().len(), 1);
    assert!(back(&[]).stdout.contains("since now.json: 3 unchanged, 1 fixed"), "{}", back(&[]).stdout);
    let absent = back(&["--format", "sarif", "--sarif-suppressed"]).json();
    let results = absent["runs"][0]["results"].as_array().unwrap().clone();
    assert_eq!(results.iter().filter(|result| result["baselineState"] == "absent").count(), 1);
    // What cannot be read now is not fixed.
    let access_list = |line: &str| line.contains("/6248579ea71a510100000002/accessList");
    without(&stage, "now.jsonl", "blind.jsonl", |line| access_list(line));
    let blind =
        ["scan", "--snapshot", "blind.jsonl", "--rule", "NET-001", "--baseline", "now.json", "--format", "json"];
    let run = stage.run(&blind);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(run.json()["baseline"]["fixed"].as_array().unwrap().len(), 0);
    assert_eq!(run.json()["baseline"]["outOfSight"].as_array().unwrap().len(), 1);
}

#[test]
fn what_belongs_to_no_project_is_compared_however_few_are_looked_at() {
    let stage = stage("");
    let mfa = |snapshot: &str, more: &[&str]| {
        stage.run(&[&["scan", "--snapshot", snapshot, "--rule", "ORG-001", "--format", "json"], more].concat())
    };
    let before = mfa("now.jsonl", &["--output", "before.json"]);
    assert_eq!(before.code, 1, "{}", before.stderr);
    let on = stage.read("now.jsonl").replace("\"multiFactorAuthRequired\":false", "\"multiFactorAuthRequired\":true");
    stage.write("mended.jsonl", on);
    let run = mfa("mended.jsonl", &["--project", "sandbox-dev", "--baseline", "before.json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let baseline = &run.json()["baseline"];
    assert_eq!((baseline["fixed"].as_array().unwrap().len(), &baseline["notCompared"]), (1, &0.into()));
}

#[test]
fn a_bad_baseline_is_an_error_and_no_empty_one() {
    let stage = stage("");
    let report = stage.run(&["scan", "--snapshot", "now.jsonl", "--rule", "NET-001", "--format", "json"]).stdout;
    stage.write("cut.json", &report[..report.len() / 2]);
    stage.write("other.json", report.replace("622f15a4a71a510000000001", "622f15a4a71a510000000009"));
    stage.write("newer.json", report.replace("\"version\": 1,", "\"version\": 2,"));
    let snapshot = stage.read("now.jsonl");
    stage.write("cut.jsonl", &snapshot[..snapshot.len() / 2]);
    stage.write("short.json", scan(&stage, &["--format", "json", "--max-findings", "1"]).stdout);
    for (file, why) in [
        ("gone.json", "cannot read gone.json"),
        ("cut.json", "cut.json is no baseline"),
        ("cut.jsonl", "cut.jsonl"),
        ("other.json", "is of the organization 622f15a4a71a510000000009"),
        ("newer.json", "it is a report of version 2"),
        ("short.json", "3 are left out"),
    ] {
        stage.write("report.json", "what was there");
        let run = scan(&stage, &["--baseline", file, "--format", "json", "--output", "report.json"]);
        assert!(run.code == 2 && run.stderr.contains(why), "{file}: {}", run.stderr);
        assert_eq!(stage.read("report.json"), "what was there");
    }
}

#[test]
fn shells_and_manuals_are_served() {
    let stage = Stage::of("demo").without_credentials();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = stage.run(&["completions", shell]);
        assert!(run.code == 0 && run.stdout.contains("who-can"), "{shell}: {}", run.stderr);
    }
    assert_eq!(stage.run(&["man", "--output", "pages"]).code, 0);
    assert!(stage.read("pages/atlas-audit-scan.1").contains(".TH atlas-audit-scan"), "{:?}", stage.files());
}
