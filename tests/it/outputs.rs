//! What is written where: never over what is read, never in the place of what is no file.

use crate::support::{Stage, without};

/// The demo's network as a snapshot.
fn stage() -> Stage {
    let stage = Stage::of("demo");
    let run = stage.run(&["fetch", "--quiet", "--rule", "NET-001", "--output", "good.jsonl"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    stage
}

const SCAN: &[&str] = &["scan", "--snapshot", "good.jsonl", "--exit-zero", "--format", "json", "--output"];

#[test]
fn what_is_read_is_not_written_over() {
    let stage = stage();
    let good = stage.read("good.jsonl");
    without(&stage, "good.jsonl", "old.jsonl", |_| false);
    std::fs::create_dir(stage.path("pack")).unwrap();
    for name in ["sheet.csv", "pack/review.json", "pack/review.csv"] {
        std::fs::write(stage.path(name), good.as_bytes()).unwrap();
    }
    stage.write("waivers.toml", "");
    stage.write("atlas-audit.toml", "");
    let commands: &[(&[&str], &str)] = &[
        (&["scan", "--snapshot", "good.jsonl", "-f", "json", "-o"], "./good.jsonl"),
        (&["scan", "--snapshot", "good.jsonl", "-f", "json", "-f", "csv", "-o"], "pack/../good.jsonl"),
        (&["scan", "--waivers", "waivers.toml", "-f", "json", "-o"], "waivers.toml"),
        (&["scan", "-f", "json", "-o"], "atlas-audit.toml"),
        (&["scan", "--save-snapshot"], "atlas-audit.toml"),
        (&["diff", "old.jsonl", "good.jsonl", "-o"], "old.jsonl"),
        (&["diff", "old.jsonl", "good.jsonl", "-o"], "good.jsonl"),
        (&["access", "--snapshot", "good.jsonl", "-o"], "good.jsonl"),
        (&["exposure", "--snapshot", "good.jsonl", "-o"], "good.jsonl"),
        (&["exposure", "--demo", "-o"], "atlas-audit.toml"),
        (&["audit-coverage", "--snapshot", "good.jsonl", "-o"], "good.jsonl"),
        (&["who-can", "--snapshot", "good.jsonl", "read", "shop.orders", "-o"], "good.jsonl"),
        (&["init", "--force", "--snapshot", "good.jsonl", "-o"], "good.jsonl"),
        (&["review", "record", "--force", "--pack", "pack", "--decisions", "sheet.csv", "-o"], "sheet.csv"),
        (&["review", "record", "--pack", "pack", "--decisions", "sheet.csv", "-o"], "pack/review.json"),
        (&["review", "--force", "pack/review.csv", "-o"], "pack"),
    ];
    let asked = stage.requests().len();
    for (command, output) in commands {
        let run = stage.run(&[command, &[*output][..]].concat());
        assert_eq!(run.code, 2, "{command:?} {output}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(" would be written over what is read\n  help: "), "{command:?}: {}", run.stderr);
    }
    assert_eq!(stage.requests().len(), asked, "it is noticed before Atlas is asked");
    for name in ["good.jsonl", "sheet.csv", "pack/review.json", "pack/review.csv"] {
        assert!(stage.read(name) == good, "{name} is as it was");
    }
    assert!(stage.read("waivers.toml").is_empty() && stage.read("atlas-audit.toml").is_empty());
}

#[test]
fn a_baseline_may_be_replaced() {
    let stage = stage();
    let run = stage.run(&[SCAN, &["base.json"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = stage.run(&[SCAN, &["base.json", "--baseline", "base.json"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn two_outputs_are_two_files() {
    let stage = stage();
    let twice: &[&[&str]] = &[
        &["scan", "-f", "json", "-o", "same.out", "-f", "csv", "-o", "./same.out"],
        &["scan", "-f", "json", "-o", "same.out", "--save-snapshot", "same.out"],
        &["scan", "--sarif-locations", "snapshot", "-f", "sarif", "-o", "atlas-audit.snapshot.jsonl"],
    ];
    let asked = stage.requests().len();
    for command in twice {
        let run = stage.run(command);
        assert_eq!(run.code, 2, "{command:?}: {}", run.stderr);
        assert!(run.stderr.contains("two reports want to go to "), "{}", run.stderr);
    }
    assert_eq!(stage.requests().len(), asked);
    assert!(!stage.path("same.out").exists());
}

#[test]
fn a_snapshot_of_another_organization_is_not_taken_for_the_one_that_is_asked_for() {
    let stage = stage();
    for command in [&["scan"][..], &["access"], &["exposure"], &["explain", "3f1c9a"]] {
        let run = stage.run(&[command, &["--snapshot", "good.jsonl", "--org", "Northwind"]].concat());
        assert_eq!(run.code, 2, "{}", run.stdout);
        let says =
            "good.jsonl is of the organization Lanternfish Robotics (622f15a4a71a510000000001), not of `Northwind`";
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
    for org in ["Lanternfish Robotics", "622f15a4a71a510000000001"] {
        assert_eq!(stage.run(&["scan", "--exit-zero", "--snapshot", "good.jsonl", "--org", org]).code, 0);
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    use std::process::Command;

    use super::*;

    fn json(text: &str) {
        serde_json::from_str::<serde_json::Value>(text).unwrap();
    }

    #[test]
    fn devices_and_pipes_are_written_into() {
        let stage = stage();
        // Through links: should it go wrong, they are lost, and not the machine's devices.
        for (link, device) in [("full", "/dev/full"), ("null", "/dev/null"), ("out", "/dev/stdout")] {
            symlink(device, stage.path(link)).unwrap();
        }
        if std::path::Path::new("/dev/full").exists() {
            let run = stage.run(&[SCAN, &["full"]].concat());
            assert_eq!(run.code, 2, "{}", run.stderr);
            assert!(run.stderr.contains("cannot write full"), "{}", run.stderr);
        }
        assert_eq!(stage.run(&[SCAN, &["null"]].concat()).code, 0);
        let run = stage.run(&[SCAN, &["out"]].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        json(&run.stdout);
        for link in ["full", "null", "out"] {
            assert!(stage.path(link).is_symlink(), "{link}");
        }
        // What stdout is may be a file that something stands in already.
        let script = "{ echo first; \"$@\"; } > log";
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh", env!("CARGO_BIN_EXE_atlas-audit")]).args(SCAN).arg("out");
        assert!(stage.other_program(shell).output().unwrap().status.success());
        json(stage.read("log").strip_prefix("first\n").unwrap());

        let pipe = stage.path("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::read_to_string(pipe).unwrap()
        });
        assert_eq!(stage.run(&[SCAN, &["pipe"]].concat()).code, 0);
        json(&reader.join().unwrap());
        assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    }

    #[test]
    fn links_are_followed() {
        let stage = stage();
        std::fs::create_dir(stage.path("there")).unwrap();
        stage.write("there/old.json", "old");
        for (link, to) in [("one", "there/old.json"), ("two", "one"), ("new", "there/new.json")] {
            symlink(to, stage.path(link)).unwrap();
        }
        for (link, file) in [("two", "there/old.json"), ("new", "there/new.json")] {
            let run = stage.run(&[SCAN, &[link]].concat());
            assert_eq!(run.code, 0, "{}", run.stderr);
            assert!(stage.path(link).is_symlink());
            json(&stage.read(file));
        }
        // And so are those that lead to what is read.
        symlink("good.jsonl", stage.path("good")).unwrap();
        let run = stage.run(&[SCAN, &["good"]].concat());
        assert!(run.code == 2 && run.stderr.contains("written over what is read"), "{}", run.stderr);
        symlink("circle", stage.path("circle")).unwrap();
        assert_eq!(stage.run(&[SCAN, &["circle"]].concat()).code, 2);
    }

    #[test]
    fn a_report_needs_no_folder_for_temporary_files() {
        let stage = stage().variable("TMPDIR", "/nowhere/at/all");
        let run = stage.run(&[SCAN, &["report.json"]].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        let mode = |name: &str| std::fs::metadata(stage.path(name)).unwrap().permissions().mode() & 0o777;
        stage.write("usual", "");
        assert_eq!(mode("report.json"), mode("usual"));
    }

    #[test]
    fn a_full_disk_behind_stdout_is_an_error_and_no_crash() {
        if !std::path::Path::new("/dev/full").exists() {
            return;
        }
        let stage = stage();
        let scan = stage.run(&["scan", "--snapshot", "good.jsonl", "--format", "json", "--exit-zero"]).json();
        let fingerprint = scan["findings"][0]["fingerprint"].as_str().unwrap();
        let tail = ["--snapshot", "good.jsonl", "--reason", "x", "--owner", "y", "--until", "2099-12-31"];
        stage.write("atlas-audit.toml", "[gate]\nlongest_waiver_days = 65000\n");
        let waive = [&["waive", fingerprint][..], &tail].concat();
        for command in [&waive[..], &["man", "--output", "man"], &["rules", "new", "ACME-001", "ours"]] {
            let mut shell = Command::new("sh");
            shell.args(["-c", "exec \"$@\" > /dev/full", "sh", env!("CARGO_BIN_EXE_atlas-audit")]).args(command);
            let output = stage.other_program(shell).output().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{command:?}: {stderr}");
            assert!(stderr.contains("cannot write stdout"), "{command:?}: {stderr}");
        }
    }
}
