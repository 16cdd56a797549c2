//! What many scans tell together: kept, read again, drawn, and learnt from.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Run, Stage, without};

const ENTRY: &str = "6248579ea71a510100000002/accessList/0.0.0.0%2F0\"";

/// The demo as a snapshot, `2026-11-02.jsonl`, which others are made of.
fn stage() -> Stage {
    let stage = Stage::of("demo");
    assert_eq!(stage.run(&["fetch", "--quiet", "--output", "2026-11-02.jsonl"]).code, 0);
    stage
}

/// The same on another day. Closed: the shop's access list admits one address in place of the whole internet.
fn later(stage: &Stage, day: &str, closed: bool) {
    let text = stage.read("2026-11-02.jsonl");
    let lines = text.lines().map(|line| {
        if closed && line.contains(ENTRY) {
            line.replace("0.0.0.0%2F0", "0.0.0.1%2F32").replace("0.0.0.0/0", "0.0.0.1/32")
        } else {
            line.replacen("\"taken\":\"2026-11-02", &format!("\"taken\":\"{day}"), 1)
        }
    });
    stage.write(&format!("{day}.jsonl"), lines.collect::<Vec<_>>().join("\n") + "\n");
}

fn keep(stage: &Stage, snapshot: &str, more: &[&str]) -> Run {
    let usual = ["scan", "--snapshot", snapshot, "--history", "kept", "--exit-zero", "--quiet", "--format", "json"];
    let run = stage.run(&[&usual, more].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    run
}

/// The files of a history.
fn kept(stage: &Stage) -> Vec<String> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { below(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    below(&stage.path("kept"), &mut found);
    let root = stage.path("");
    let mut names: Vec<_> =
        found.iter().map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

fn trend(stage: &Stage, more: &[&str]) -> Value {
    let run = stage.run(&[&["trend", "--history", "kept", "--format", "json"], more].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.json()
}

fn numbers<'a>(trend: &'a Value, name: &str) -> Vec<&'a Value> {
    trend["periods"].as_array().unwrap().iter().map(|period| &period[name]).collect()
}

#[test]
fn scans_add_up_to_a_trend() {
    let stage = stage();
    for (day, closed) in [("2026-12-02", true), ("2027-01-02", false), ("2027-02-02", true), ("2027-03-02", false)] {
        later(&stage, day, closed);
    }
    // In any order: names tell when.
    let report = keep(&stage, "2027-01-02.jsonl", &[]).json();
    for day in ["2026-11-02", "2027-03-02", "2026-12-02", "2027-02-02"] {
        keep(&stage, &format!("{day}.jsonl"), &[]);
    }
    let trend = trend(&stage, &[]);
    assert_eq!((&trend["scans"], &trend["every"]), (&5.into(), &"scan".into()));
    assert_eq!(numbers(&trend, "name")[..2], ["2026-11-02 09:00", "2026-12-02 09:00"]);
    let january = &trend["periods"][2];
    for severity in ["critical", "high", "medium", "low", "info"] {
        assert_eq!(january["findings"][severity], report["summary"]["bySeverity"][severity], "{severity}");
    }
    assert_eq!(january["unknown"], report["summary"]["unknown"]);
    let open: Vec<u64> =
        numbers(&trend, "findings").iter().map(|counts| counts["critical"].as_u64().unwrap()).collect();
    assert!(open[1] < open[0] && open[1] < open[2] && open[3] < open[2] && open[4] == open[2], "{open:?}");
    // What everything else about that entry says comes and goes with it.
    let flapping = trend["flapping"].as_array().unwrap();
    let entry = flapping.iter().find(|one| one["rule"] == "ATL-NET-001").unwrap();
    assert_eq!((&entry["returned"], &entry["open"], &entry["maybeOlder"]), (&2.into(), &true.into(), &false.into()));
    assert_eq!((entry["since"].as_str(), &entry["days"]), (Some("2027-03-02T09:00:00Z"), &0.0.into()));
    // Of the first time nobody knows the beginning; the second took from January to February.
    let critical = trend["timeToFix"].as_array().unwrap().iter().find(|one| one["severity"] == "critical").unwrap();
    assert_eq!((&critical["meanDays"], &critical["longestDays"]), (&31.0.into(), &31.0.into()), "{critical}");
    assert!(critical["ofUnknownAge"].as_u64() >= critical["fixed"].as_u64(), "{critical}");
    // All others have been there since the first scan, or before.
    let oldest = &trend["open"][0];
    assert_eq!((oldest["since"].as_str(), &oldest["maybeOlder"]), (Some("2026-11-02T09:00:00Z"), &true.into()));
    assert_eq!(oldest["days"], 120.0);

    let later = self::trend(&stage, &["--since", "2027-01-01", "--every", "month"]);
    assert_eq!(numbers(&later, "name"), ["2027-01", "2027-02", "2027-03"]);
    let schema: Value = serde_json::from_str(&stage.run(&["schema", "trend"]).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<_> = validator.iter_errors(&trend).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");

    let table = stage.run(&["trend", "--history", "kept", "--top", "2"]);
    assert!(table.stdout.contains("FLAPPING") && table.stdout.contains("came back 2 times"), "{}", table.stdout);
    assert!(table.stdout.contains("since 2026-11-02 or before, 120 days at least"), "{}", table.stdout);
    assert!(table.stdout.lines().all(|line| line.chars().count() <= 100), "{}", table.stdout);
}

#[test]
fn a_snapshot_is_kept_once_however_often_it_is_judged() {
    let stage = stage();
    keep(&stage, "2026-11-02.jsonl", &[]);
    let before = kept(&stage);
    assert_eq!(before.len(), 5, "{before:?}");
    let waiver =
        "[[waivers]]\nrule = \"NET-001\"\nresource = \"*\"\nreason = \"x\"\nowner = \"Ada\"\nuntil = 2026-12-31\n";
    stage.write("waivers.toml", waiver);
    keep(&stage, "2026-11-02.jsonl", &["--config", "waivers.toml"]);
    let trend = trend(&stage, &[]);
    assert_eq!(trend["scans"], 1);
    assert_ne!(trend["periods"][0]["waived"], 0);
    assert_eq!(kept(&stage), before);
}

#[test]
fn what_cannot_be_seen_any_more_is_not_fixed() {
    let stage = stage();
    keep(&stage, "2026-11-02.jsonl", &[]);
    without(&stage, "2026-11-02.jsonl", "blind.jsonl", |line| line.contains("/6248579ea71a510100000002/accessList"));
    stage.write(
        "blind.jsonl",
        stage.read("blind.jsonl").replacen("\"taken\":\"2026-11-02", "\"taken\":\"2026-12-02", 1),
    );
    keep(&stage, "blind.jsonl", &[]);
    let trend = trend(&stage, &[]);
    assert_eq!((&trend["periods"][1]["fixed"], &trend["outOfSight"]), (&2.into(), &18.into()), "two ended with time");
    let open = |rule: &str| trend["open"].as_array().unwrap().iter().filter(|one| one["rule"] == rule).count();
    assert_eq!(open("ATL-NET-001"), 3, "the demo has four");
}

#[test]
fn a_live_scan_is_kept_like_the_snapshot_that_it_leaves() {
    let stage = Stage::of("demo");
    let live = ["scan", "--history", "kept", "--exit-zero", "--quiet", "--save-snapshot", "now.jsonl"];
    assert_eq!(stage.run(&[&live[..], &["--format", "html", "--output", "audit.html"]].concat()).code, 0);
    let kept = trend(&stage, &[]);
    let page = stage.read("audit.html");
    let digest = kept["periods"][0]["snapshotSha256"].as_str().unwrap();
    assert!(page.contains(digest), "the page tells the digest of the snapshot file");
    assert!(page.contains("This is the first scan in the history"));
    // The same without a file: the clock stands still, so that it is the same scan.
    assert_eq!(stage.run(&["scan", "--history", "kept", "--exit-zero", "--quiet"]).code, 0);
    let again = trend(&stage, &[]);
    assert_eq!((&again["scans"], again["periods"][0]["snapshotSha256"].as_str()), (&1.into(), Some(digest)));
}

#[test]
fn the_page_draws_how_findings_came_and_went() {
    let stage = stage();
    later(&stage, "2026-12-02", true);
    keep(&stage, "2026-11-02.jsonl", &[]);
    let html = ["scan", "--snapshot", "2026-12-02.jsonl", "--history", "kept", "--exit-zero", "--quiet"];
    assert_eq!(stage.run(&[&html[..], &["--format", "html", "--output", "audit.html"]].concat()).code, 0);
    let page = stage.read("audit.html");
    assert!(page.contains("<h3>Findings over time</h3>") && page.contains("<svg class=\"columns\""));
    assert!(page.contains("<th scope=\"row\">2026-12-02 09:00</th>"));
    let last = trend(&stage, &[])["periods"][1].clone();
    let sentence = format!("In the last scan: {} new, {} fixed", last["new"], last["fixed"]);
    assert!(page.contains(&sentence) && last["fixed"] != 0, "{sentence}");
}

#[test]
fn rules_about_logins_learn_what_atlas_forgets() {
    let stage = stage();
    let days = ["2026-11-08", "2026-11-14", "2026-11-20", "2026-11-26", "2026-12-02", "2026-12-08"];
    for day in days {
        later(&stage, day, false);
    }
    let unused_entries = |day: &str, history: &[&str]| {
        let scan = ["scan", "--snapshot", &format!("{day}.jsonl"), "--exit-zero", "--quiet", "--format", "json"]
            .map(str::to_owned);
        let scan: Vec<&str> = scan.iter().map(String::as_str).chain(history.iter().copied()).collect();
        let report = stage.run(&scan).json();
        let of = |list: &str| {
            let all = report[list].as_array().unwrap().clone();
            all.into_iter().filter(|one| one["rule"]["id"] == "ATL-NET-005").collect::<Vec<_>>()
        };
        (of("findings"), of("unknowns"))
    };
    let (findings, unknown) = unused_entries("2026-12-08", &[]);
    assert!(findings.is_empty() && !unknown.is_empty(), "seven days are no month");
    for day in ["2026-11-02", "2026-11-08", "2026-11-14", "2026-11-20", "2026-12-02"] {
        keep(&stage, &format!("{day}.jsonl"), &[]);
    }
    // From 20 November to the 25th nobody looked.
    let (findings, unknown) = unused_entries("2026-12-08", &["--history", "kept"]);
    let reasons = unknown.iter().map(ToString::to_string).collect::<String>();
    let gap = "from 2026-11-20 09:00 UTC to 2026-11-25 09:00 UTC";
    assert!(findings.is_empty() && reasons.contains(gap), "{reasons}");
    keep(&stage, "2026-11-26.jsonl", &[]);
    let (findings, _) = unused_entries("2026-12-08", &["--history", "kept"]);
    let told = findings.iter().map(|finding| finding["message"].as_str().unwrap()).collect::<Vec<_>>();
    assert!(told.iter().any(|message| message.contains("nobody logged in from there in 30 days")), "{told:?}");
}

#[test]
fn a_review_tells_last_logins_that_atlas_forgot() {
    let stage = stage();
    later(&stage, "2026-12-02", false);
    keep(&stage, "2026-11-02.jsonl", &[]);
    let last_use = |more: &[&str]| {
        let review = ["review", "2026-12-02.jsonl", "--output", "pack", "--force", "--allow-unknown", "--quiet"];
        let run = stage.run(&[&review[..], more].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        let pack: Value = serde_json::from_str(&stage.read("pack/review.json")).unwrap();
        pack.to_string().matches("last login that a scan in the history saw").count()
    };
    // Atlas's own list is as old as the snapshot here: what it holds needs no history.
    assert_eq!(last_use(&[]), 0);
    let text = stage.read("2026-12-02.jsonl");
    let empty = text.lines().map(|line| match line.split_once("\"accessLogs\":[") {
        Some((before, _)) => format!("{before}\"accessLogs\":[]}}"),
        None => line.to_owned(),
    });
    stage.write("2026-12-02.jsonl", empty.collect::<Vec<_>>().join("\n") + "\n");
    assert_eq!(last_use(&[]), 0);
    assert!(last_use(&["--history", "kept"]) > 20);
}

#[test]
fn what_is_no_history_is_an_error_and_no_empty_one() {
    let stage = stage();
    let error = |args: &[&str], says: &[&str]| {
        let run = stage.run(args);
        assert_eq!(run.code, 2, "{args:?}: {}{}", run.stdout, run.stderr);
        for text in says {
            assert!(run.stderr.contains(text), "{args:?}: {}", run.stderr);
        }
    };
    let scan = |history: &'static str| {
        ["scan", "--snapshot", "2026-11-02.jsonl", "--exit-zero", "--quiet", "--history", history]
    };
    error(&["trend", "--history", "none"], &["cannot use the folder none"]);
    stage.write("file", "");
    error(&["trend", "--history", "file"], &["cannot use the folder file"]);
    error(&scan("file"), &["cannot use the folder file"]);
    std::fs::create_dir(stage.path("empty")).unwrap();
    error(&["trend", "--history", "empty"], &["there is no history in empty", "scan --history"]);
    error(&["trend", "--history", "ftp://host/x"], &["ftp://host/x is no place for a history", "s3://"]);
    error(&["trend", "--history", "s3://key:hunter2@bucket"], &["belong in the environment"]);
    error(&["trend"], &["--history"]);
    error(&["trend", "--history", "empty", "--since", "soon"], &["is no day"]);
    for option in [["--rule", "NET-001"], ["--project", "storefront-prod"], ["--min-severity", "high"]] {
        error(&[&scan("new")[..], &option].concat(), &["a history is of whole scans", option[0]]);
    }
    assert!(!stage.path("new").exists(), "nothing was begun");

    keep(&stage, "2026-11-02.jsonl", &[]);
    let since = |day: &'static str| ["trend", "--history", "kept", "--since", day];
    error(&since("2026-11-03"), &["no scan in kept is of 2026-11-03 or later", "the last is of 2026-11-02"]);
    error(&since("9999-12-31"), &["no scan in kept is of 9999-12-31 or later"]);
    error(&["trend", "--history", ""], &["its name is empty"]);
    error(
        &["trend", "--history", "kept", "--org", "other"],
        &["not of the organization other", "622f15a4a71a510000000001"],
    );
    let table = kept(&stage).into_iter().find(|name| name.starts_with("kept/findings/")).unwrap();
    let whole = std::fs::read(stage.path(&table)).unwrap();
    let scans = kept(&stage).into_iter().find(|name| name.starts_with("kept/scans/")).unwrap();
    for broken in [&whole[..whole.len() / 2], b"", b"id,name\n", &std::fs::read(stage.path(&scans)).unwrap()] {
        stage.write(&table, broken);
        error(
            &["trend", "--history", "kept"],
            &["is no table of a history", "findings/organization=", "move that scan's file"],
        );
    }
    stage.write(&table, &whole);
    std::fs::remove_file(stage.path(&table)).unwrap();
    error(&["trend", "--history", "kept"], &["it is missing", "findings/organization="]);
    stage.write(&table, &whole);
    // A file of somebody else's is left alone.
    std::fs::write(stage.path("kept/README"), "ours").unwrap();
    assert_eq!(trend(&stage, &[])["scans"], 1);
}

#[test]
fn a_place_that_is_named_by_an_empty_variable_is_none() {
    let stage = stage().variable("ATLAS_AUDIT_HISTORY", "");
    let run = stage.run(&["scan", "--snapshot", "2026-11-02.jsonl", "--exit-zero", "--quiet"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn what_is_not_the_whole_is_not_kept() {
    let stage = stage();
    assert_eq!(stage.run(&["fetch", "--quiet", "--project", "sandbox-dev", "--output", "part.jsonl"]).code, 0);
    let run = keep(&stage, "part.jsonl", &[]);
    assert!(run.stderr.contains("not kept in the history"), "{}", run.stderr);
    assert!(!stage.path("kept").exists());
}

#[test]
fn a_bucket_that_does_not_answer_costs_no_report() {
    let stage = stage().variable("AWS_ENDPOINT", "http://127.0.0.1:9").variable("AWS_ALLOW_HTTP", "true");
    let stage = stage.variable("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE").variable("AWS_SECRET_ACCESS_KEY", "hunter2");
    for command in [&["trend"][..], &["scan", "--snapshot", "2026-11-02.jsonl"]] {
        let run = stage.run(&[command, &["--history", "s3://bucket/audit"]].concat());
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains("cannot read the history in s3://bucket/audit"), "{}", run.stderr);
        assert!(!run.stderr.contains("hunter2") && run.stdout.is_empty(), "{}{}", run.stdout, run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn what_cannot_be_kept_is_reported_all_the_same() {
    use std::os::unix::fs::PermissionsExt;
    let stage = stage();
    std::fs::create_dir(stage.path("kept")).unwrap();
    // A file stands where a folder has to be: what the superuser of a container may not do either.
    stage.write("kept/findings", "");
    let scan =
        ["scan", "--snapshot", "2026-11-02.jsonl", "--history", "kept", "--format", "json", "--output", "now.json"];
    let run = stage.run(&scan);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("cannot write to the history in kept"), "{}", run.stderr);
    let report: Value = serde_json::from_str(&stage.read("now.json")).unwrap();
    assert!(!report["findings"].as_array().unwrap().is_empty());
    assert_eq!(std::fs::metadata(stage.path("kept/findings")).unwrap().permissions().mode() & 0o100, 0);
}
