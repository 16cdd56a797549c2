//! The lines that the GitHub Action runs, run here: `.github/action/scan.sh` by bash, against a simulator.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use atlas_audit::simulator::CLIENT_SECRET;

use crate::support::Stage;

/// What a step leaves behind.
struct Step {
    code: i32,
    /// Everything that it printed.
    log: String,
    summary: String,
    outputs: BTreeMap<String, String>,
}

/// The steps of the action, with these inputs as the variables that `action.yml` makes of them.
fn step(stage: &Stage, script: &str, inputs: &[(&str, &str)]) -> Step {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = Path::new(env!("CARGO_BIN_EXE_atlas-audit")).parent().unwrap();
    let path = std::env::join_paths([program, Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
    for file in ["summary", "outputs", "path"] {
        stage.write(file, "");
    }
    std::fs::create_dir_all(stage.path("temp")).unwrap();
    let mut command = stage.other_program(Command::new("bash"));
    command.arg(root.join(".github/action").join(script)).env("PATH", path).env("RUNNER_TEMP", stage.path("temp"));
    command.env("GITHUB_STEP_SUMMARY", stage.path("summary")).env("GITHUB_OUTPUT", stage.path("outputs"));
    command.env("GITHUB_PATH", stage.path("path")).env("AA_SOURCE", root).envs(inputs.iter().copied());
    let output = command.output().unwrap();
    let outputs = stage.read("outputs");
    Step {
        code: output.status.code().unwrap(),
        log: String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
        summary: stage.read("summary"),
        outputs: outputs
            .lines()
            .map(|line| line.split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    }
}

fn scan(stage: &Stage, inputs: &[(&str, &str)]) -> Step {
    step(stage, "scan.sh", inputs)
}

const ONE_RULE: (&str, &str) = ("AA_ARGS", "--rule\nATL-NET-001\n");

#[test]
fn findings_fail_the_step_and_stand_in_summary_annotations_and_outputs() {
    let stage = Stage::of("demo");
    let step = scan(&stage, &[ONE_RULE, ("AA_FAIL_ON", "critical")]);
    assert_eq!(step.code, 1, "{}", step.log);
    assert_eq!(step.outputs["exit-code"], "1");
    assert_eq!(step.outputs["because"], "4 findings at critical or above");
    for (name, holds) in [("report", "\"findings\""), ("sarif", "\"runs\""), ("markdown", "ATL-NET-001")] {
        let text = std::fs::read_to_string(&step.outputs[name]).unwrap();
        assert!(text.contains(holds), "{name}: {text}");
    }
    assert!(step.summary.contains("ATL-NET-001"), "{}", step.summary);
    assert!(step.log.lines().any(|line| line.starts_with("::error ")), "{}", step.log);
    assert!(step.log.contains("0.0.0.0/0 admits the whole internet"), "{}", step.log);
}

#[test]
fn every_exit_code_is_kept() {
    let stage = Stage::of("demo");
    assert_eq!(scan(&stage, &[ONE_RULE, ("AA_FAIL_ON", "none")]).code, 0);
    stage.faults(&["refuse@project.accessList"]);
    let incomplete = scan(&stage, &[ONE_RULE]);
    assert_eq!((incomplete.code, incomplete.outputs["exit-code"].as_str()), (3, "3"));
    assert!(incomplete.outputs["because"].starts_with("no finding"), "{:?}", incomplete.outputs);
}

#[test]
fn what_cannot_run_says_so_and_leaves_no_report_of_an_earlier_step() {
    let stage = Stage::of("demo");
    assert_eq!(scan(&stage, &[ONE_RULE]).code, 1);
    let step = scan(&stage, &[("AA_CONFIG", "no-such-file.toml")]);
    assert_eq!(step.code, 2, "{}", step.log);
    assert!(step.summary.contains("could not run") && step.summary.contains("no-such-file.toml"), "{}", step.summary);
    assert!(step.outputs["because"].contains("no-such-file.toml"), "{:?}", step.outputs);
    for name in ["report", "sarif", "markdown"] {
        assert_eq!(step.outputs[name], "", "{name}");
    }
}

#[test]
fn a_report_of_the_action_is_a_baseline_for_the_next() {
    let stage = Stage::of("demo");
    let first = scan(&stage, &[ONE_RULE]);
    std::fs::copy(&first.outputs["report"], stage.path("last.json")).unwrap();
    let step = scan(&stage, &[ONE_RULE, ("AA_BASELINE", "last.json")]);
    assert_eq!(step.code, 0, "{}", step.log);
}

#[test]
fn arguments_are_taken_line_by_line_and_nothing_of_them_is_run() {
    let stage = Stage::of("demo");
    let step = scan(&stage, &[("AA_ARGS", "--rule\nATL-NET-001\n\n--project\n$(touch planted); *\r\n")]);
    assert_eq!(step.code, 2, "{}", step.log);
    assert!(step.log.contains("$(touch planted); *"), "{}", step.log);
    assert!(!stage.files().contains(&"planted".to_owned()));
}

#[test]
fn a_line_of_the_log_is_no_command_unless_the_action_means_it() {
    let stage = Stage::of("demo");
    let step = scan(&stage, &[("AA_CONFIG", "x\n::add-path::/planted")]);
    let lines: Vec<_> = step.log.lines().collect();
    let token = lines[0].strip_prefix("::stop-commands::").unwrap();
    assert!(token.len() == 32 && lines.contains(&format!("::{token}::").as_str()), "{}", step.log);
    assert_eq!(step.outputs.len(), 5, "a line more would be an output that nobody means: {:?}", step.outputs);
    let other = scan(&stage, &[ONE_RULE]);
    assert!(!other.log.contains(token), "the token is a new one each time");
}

#[test]
fn no_secret_reaches_log_summary_outputs_or_reports() {
    let stage = Stage::of("demo");
    let step = scan(&stage, &[ONE_RULE]);
    let reports = ["report", "sarif", "markdown"].map(|name| std::fs::read_to_string(&step.outputs[name]).unwrap());
    for text in [&step.log, &step.summary, &stage.read("outputs")].into_iter().chain(&reports) {
        assert!(!text.contains(CLIENT_SECRET));
    }
}

#[test]
fn a_program_in_the_path_is_taken_if_it_is_of_the_version_that_is_wanted() {
    let stage = Stage::of("demo");
    let version = env!("CARGO_PKG_VERSION");
    for wanted in ["", version, &format!("v{version}")] {
        let step = step(&stage, "install.sh", &[("AA_VERSION", wanted)]);
        assert_eq!(step.code, 0, "{}", step.log);
        assert!(step.log.contains("atlas-audit is there"), "{}", step.log);
    }
    // Neither a release that could be named nor Cargo in the path.
    let elsewhere = step(&stage, "install.sh", &[("AA_VERSION", "99.0.0"), ("AA_SOURCE", "/nowhere")]);
    assert_eq!(elsewhere.code, 2, "{}", elsewhere.log);
    let odd = step(&stage, "install.sh", &[("AA_VERSION", "1.0.0; touch planted")]);
    assert_eq!(odd.code, 2);
    assert!(odd.log.contains("is no version"), "{}", odd.log);
}
