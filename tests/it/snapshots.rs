//! A snapshot is as good as Atlas was when it was taken, and says so when it is not.

use std::collections::BTreeMap;
use std::time::Duration;

use atlas_audit::simulator::Options;
use serde_json::Value;

use crate::support::{Stage, recording, verdicts};

/// Whose credential took a snapshot is nobody's concern when it is judged: ATL-META-002 is about a live scan.
const ABOUT_THE_CREDENTIAL: &str = "ATL-META-002";

const SCAN: &[&str] = &["scan", "--quiet", "--format", "json"];

fn fetched(stage: &Stage, name: &str, more: &[&str]) -> String {
    let run = stage.run(&[&["fetch", "--quiet", "--output", name], more].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    stage.read(name)
}

#[test]
fn a_snapshot_is_judged_as_atlas_itself() {
    let stage = Stage::of("demo");
    fetched(&stage, "demo.jsonl", &[]);
    let both = [SCAN, &["--skip-rule", ABOUT_THE_CREDENTIAL]].concat();
    let live = stage.run(&both);
    let offline = stage.run(&[&both[..], &["--snapshot", "demo.jsonl"]].concat());
    assert_eq!(live.code, offline.code);
    let (live, mut offline) = (live.json(), offline.json());
    let (one, other) = (verdicts(&live), verdicts(&offline));
    let differ: Vec<_> = one.iter().filter(|(key, verdict)| other.get(*key) != Some(verdict)).collect();
    assert!(differ.is_empty() && one.len() == other.len(), "live, but not offline: {differ:#?}");
    // Where the verdicts come from is all that may differ, down to the words.
    assert_eq!(offline.as_object_mut().unwrap().remove("snapshot"), Some("demo.jsonl".into()));
    for (name, value) in live.as_object().unwrap() {
        assert!(offline[name] == *value, "{name} differs");
    }
}

#[test]
fn the_same_state_is_the_same_bytes() {
    let stage = Stage::of("demo");
    let first = fetched(&stage, "1.jsonl", &[]);
    assert_eq!(first, fetched(&stage, "2.jsonl", &["--concurrency", "1"]));
    let saved = stage.run(&["scan", "--quiet", "--save-snapshot", "3.jsonl"]);
    assert_eq!(saved.code, 1, "{}", saved.stderr);
    // A scan reads only what its rules need, but what it reads is the same.
    let lines: std::collections::BTreeSet<_> = first.lines().skip(1).collect();
    let own = stage.read("3.jsonl");
    let new: Vec<_> = own.lines().skip(1).filter(|line| !lines.contains(line) && !line.contains("\"~\"")).collect();
    assert!(new.is_empty(), "{new:#?}");
}

#[test]
fn the_lines_of_a_snapshot_are_sorted_and_counted() {
    let stage = Stage::of("demo");
    let text = fetched(&stage, "demo.jsonl", &[]);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let refs: Vec<_> = lines.iter().map(|line| line["ref"].as_str().unwrap()).collect();
    assert!(refs.is_sorted_by(|a, b| a < b), "sorted, and no reference twice");
    assert_eq!(lines.last().unwrap()["lines"], lines.len() - 1);
    assert_eq!(lines.last().unwrap()["complete"], true);
}

#[test]
fn two_scans_of_one_snapshot_are_the_same_bytes_in_every_format() {
    let stage = Stage::of("demo");
    fetched(&stage, "demo.jsonl", &[]);
    for format in ["table", "json", "sarif"] {
        let scan = ["scan", "--quiet", "--snapshot", "demo.jsonl", "--format", format];
        let (first, second) = (stage.run(&scan), stage.run(&scan));
        assert_eq!(first.stdout, second.stdout, "{format}");
        assert!(first.stderr.starts_with("exit 1: ") && first.stderr.lines().count() == 1, "{}", first.stderr);
        // To a file goes what goes to a pipe.
        stage.run(&[&scan[..], &["--output", "report"]].concat());
        assert_eq!(first.stdout, stage.read("report"), "{format}");
        // -v changes the log, never the report.
        assert_eq!(first.stdout, stage.run(&[&scan[..], &["-vv"]].concat()).stdout, "{format}");
    }
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_no_snapshot() {
    let stage = Stage::of("demo");
    let text = fetched(&stage, "demo.jsonl", &["--rule", "NET-001"]);
    let bytes = text.as_bytes();
    // The line break at the very end says nothing.
    let longest = bytes.len() - 2;
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    let within = (0..24).map(|step| longest * step / 23);
    for at in ends.filter(|at| *at <= longest).step_by(5).chain(within) {
        stage.write("cut.jsonl", &bytes[..at]);
        let run = stage.run(&[SCAN, &["--snapshot", "cut.jsonl"]].concat());
        assert_eq!(run.code, 2, "cut off after {at} of {} bytes: {}", bytes.len(), run.stdout);
        assert!(run.stderr.starts_with("error: cannot read the snapshot cut.jsonl\n  cause: "), "{}", run.stderr);
    }
}

#[test]
fn a_line_that_is_gone_or_there_twice_is_noticed() {
    let stage = Stage::of("demo");
    let text = fetched(&stage, "demo.jsonl", &["--rule", "NET-001"]);
    let lines: Vec<_> = text.lines().collect();
    for at in (1..lines.len() - 1).step_by(4) {
        let mut fewer = lines.clone();
        fewer.remove(at);
        let mut more = lines.clone();
        more.insert(at, lines[at]);
        for changed in [fewer, more] {
            stage.write("changed.jsonl", changed.join("\n") + "\n");
            let run = stage.run(&[SCAN, &["--snapshot", "changed.jsonl"]].concat());
            assert_eq!(run.code, 2, "line {at}: {}", run.stderr);
        }
    }
}

#[test]
fn a_snapshot_keeps_what_could_not_be_read() {
    let stage = Stage::of("demo");
    stage.faults(&["refuse@project.accessList", "missing@organization.settings"]);
    let scan = [SCAN, &["--category", "network", "--category", "organization"]].concat();
    let live = stage.run(&scan).json();
    fetched(&stage, "holes.jsonl", &[]);
    let offline = stage.run(&[&scan[..], &["--snapshot", "holes.jsonl"]].concat()).json();
    assert_eq!(live["unknowns"], offline["unknowns"]);
    assert!(!live["unknowns"].as_array().unwrap().is_empty());
}

#[test]
fn what_a_snapshot_lacks_is_unknown_and_not_fine() {
    let stage = Stage::of("demo");
    fetched(&stage, "network.jsonl", &["--rule", "NET-001"]);
    let run = stage.run(&[SCAN, &["--snapshot", "network.jsonl", "--rule", "ATL-AUD-001"]].concat());
    assert_eq!(run.code, 3);
    let report = run.json();
    assert_eq!((&report["summary"]["passed"], &report["summary"]["failed"]), (&Value::from(0), &Value::from(0)));
    let reason = report["unknowns"][0]["reasons"][0].as_str().unwrap();
    assert!(reason.contains("not fetched"), "{reason}");
}

#[test]
fn a_snapshot_of_some_projects_is_judged_for_those() {
    let stage = Stage::of("demo");
    let text = fetched(&stage, "one.jsonl", &["--project", "sandbox-*"]);
    let header: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(header["projects"], serde_json::json!(["sandbox-*"]));
    let report = stage.run(&[SCAN, &["--snapshot", "one.jsonl"]].concat()).json();
    assert_eq!(report["projects"], 1);
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_a_snapshot() {
    use std::os::unix::fs::PermissionsExt;
    let stage = Stage::of("demo");
    stage.write("old.jsonl", "");
    std::fs::set_permissions(stage.path("old.jsonl"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let mode = |name: &str| std::fs::metadata(stage.path(name)).unwrap().permissions().mode() & 0o777;
    for name in ["new.jsonl", "old.jsonl"] {
        fetched(&stage, name, &["--rule", "NET-001"]);
        assert_eq!(mode(name), 0o600, "{name}");
    }
    let report = ["scan", "--quiet", "--rule", "NET-001", "--format", "sarif", "--output", "audit.sarif"];
    stage.run(&[&report[..], &["--save-snapshot", "saved.jsonl"]].concat());
    assert_eq!(mode("saved.jsonl"), 0o600);
    assert_ne!(mode("audit.sarif"), 0o600, "a report is as readable as the user's other files");
}

/// Interrupts a program as Ctrl-C does.
#[cfg(unix)]
fn interrupt(id: u32) {
    signal("-INT", id);
}

#[cfg(unix)]
fn signal(signal: &str, id: u32) {
    let sent = std::process::Command::new("kill").args([signal, &id.to_string()]).status().unwrap();
    assert!(sent.success());
}

#[cfg(unix)]
fn slow_stage() -> Stage {
    let slow = Options { latency: Duration::from_millis(250), ..Options::default() };
    Stage::with(recording("demo"), slow)
}

/// Waits until the run is well under way.
#[cfg(unix)]
fn wait_for_requests(stage: &Stage, count: usize) {
    let started = std::time::Instant::now();
    while stage.requests().len() < count {
        assert!(started.elapsed() < Duration::from_secs(30), "only {} requests", stage.requests().len());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_fetch_keeps_what_it_has_and_says_that_there_is_more() {
    let stage = slow_stage();
    let fetch = stage.spawn(&["fetch", "--quiet", "--concurrency", "4", "--output", "part.jsonl"]);
    wait_for_requests(&stage, 40);
    let pressed = std::time::Instant::now();
    interrupt(fetch.id());
    let (code, stderr) = fetch.wait();
    assert_eq!(code, Some(3), "{stderr}");
    assert!(pressed.elapsed() < Duration::from_secs(3), "it took {:?}", pressed.elapsed());
    assert_eq!(stderr, "interrupted: what was not read by then is unknown; part.jsonl holds what there is\n");
    let asked = stage.requests().len();

    let text = stage.read("part.jsonl");
    assert!(text.lines().last().unwrap().contains("\"complete\":false"), "{text}");
    assert!(text.contains("\"reason\":\"interrupted\""));
    let run = stage.run(&[SCAN, &["--snapshot", "part.jsonl", "--fail-on", "none"]].concat());
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(run.json()["complete"], false);
    assert_eq!(stage.requests().len(), asked, "a snapshot is judged offline");

    // What was read is judged as ever, and the rest is unknown.
    let whole = Stage::of("demo").run(&[SCAN, &["--exit-zero"]].concat()).json();
    let whole: BTreeMap<_, _> = verdicts(&whole);
    for (key, verdict) in verdicts(&run.json()) {
        let known = whole.get(&key).map(String::as_str);
        let meta = key.0.contains("-META-");
        assert!(meta || verdict == "unknown" || known == Some(&verdict), "{key:?} is {verdict}, and was {known:?}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_scan_reports_what_it_has() {
    let stage = slow_stage();
    let args = ["scan", "--quiet", "--concurrency", "4", "--fail-on", "none", "--format", "json", "--output", "r.json"];
    let scan = stage.spawn(&args);
    wait_for_requests(&stage, 40);
    interrupt(scan.id());
    let (code, stderr) = scan.wait();
    assert_eq!(code, Some(3), "{stderr}");
    let report: Value = serde_json::from_str(&stage.read("r.json")).unwrap();
    assert_eq!(report["complete"], false);
    assert!(stderr.starts_with("interrupted: what was not read by then is unknown; r.json holds what"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn what_was_there_before_outlives_an_interrupted_run() {
    let stage = slow_stage();
    let runs: [(&str, &[&str], &[&str]); 3] = [
        ("-TERM", &["fetch", "--output", "old.jsonl"], &["old.jsonl"]),
        ("-INT", &["scan", "--format", "json", "-o", "r.json", "--save-snapshot", "s.jsonl"], &["s.jsonl", "r.json"]),
        ("-TERM", &["exposure", "--format", "json", "--output", "e.json"], &["e.json"]),
    ];
    for (with, args, outputs) in runs {
        for output in outputs {
            stage.write(output, "what was there before");
        }
        let before = stage.requests().len();
        let run = stage.spawn(&[args, &["--quiet", "--concurrency", "4"][..]].concat());
        wait_for_requests(&stage, before + 20);
        signal(with, run.id());
        let (code, stderr) = run.wait();
        assert!(matches!(code, Some(1 | 3)), "{args:?}: {code:?} {stderr}");
        assert_eq!(stderr.matches("interrupted: ").count(), 1, "{args:?}: {stderr}");
        for output in outputs {
            assert_eq!(stage.read(output), "what was there before", "{args:?}");
            assert!(stage.read(&format!("{output}.partial")).contains("\"complete\":"), "{args:?}");
            let told = format!("; {output} is as it was, and {output}.partial holds what there is");
            assert!(stderr.contains(&told), "{args:?}: {stderr}");
        }
    }
    assert!(stage.files().iter().all(|name| !name.starts_with(".atlas-audit-")), "{:?}", stage.files());
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_before_it_has_anything_says_so() {
    let slow = Options { latency: Duration::from_secs(20), ..Options::default() };
    let stage = Stage::with(recording("demo"), slow);
    let fetch = stage.spawn(&["fetch", "--output", "new.jsonl"]);
    // The temporary file is there before Atlas is asked.
    wait_for_requests(&stage, 1);
    let pressed = std::time::Instant::now();
    signal("-TERM", fetch.id());
    let (code, stderr) = fetch.wait();
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.starts_with("error: interrupted before there was anything to keep\n"), "{stderr}");
    assert!(pressed.elapsed() < Duration::from_secs(5), "it took {:?}", pressed.elapsed());
    assert!(stage.files().is_empty(), "{:?}", stage.files());
}

#[test]
fn a_snapshot_put_together_from_two_is_none() {
    let stage = Stage::of("demo");
    let text = fetched(&stage, "demo.jsonl", &["--rule", "NET-001"]);
    let lines: Vec<_> = text.lines().collect();
    let (all, count) = (text.as_str(), lines.len());
    let cut = lines[..count - 1].join("\n") + "\n";
    let trailer = format!("{}\n", lines[count - 1]);
    let project = lines.iter().find(|line| line.contains("/project/") && line.contains("/accessList/")).unwrap();
    for (text, line, says) in [
        (format!("{all}{all}"), count + 1, "follows the trailer"),
        (format!("{all}{project}\n"), count + 1, "follows the trailer"),
        (format!("{all}{trailer}"), count + 1, "follows the trailer"),
        (format!("{all}\n"), count + 1, "follows the trailer"),
        (format!("{cut}{all}"), count, "is the header of another snapshot"),
    ] {
        stage.write("two.jsonl", text);
        let run = stage.run(&[SCAN, &["--snapshot", "two.jsonl"]].concat());
        assert_eq!(run.code, 2, "{says}");
        assert!(run.stderr.contains(&format!("  cause: line {line} {says}")), "{}", run.stderr);
        assert!(run.stderr.contains("several files put together"), "{}", run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_is_killed_leaves_the_old_file_alone() {
    let stage = slow_stage();
    stage.write("old.jsonl", "what was there before");
    let fetch = stage.spawn(&["fetch", "--quiet", "--output", "old.jsonl"]);
    wait_for_requests(&stage, 10);
    drop(fetch);
    assert_eq!(stage.read("old.jsonl"), "what was there before");
}
