//! Runs the program against a simulator, with nothing around it that could matter. Nothing else spawns it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use atlas_audit::simulator::{
    CLIENT_ID, CLIENT_SECRET, Fault, Options, PRIVATE_API_KEY, PUBLIC_API_KEY, Recording, Request, Simulator,
    embedded_demo,
};
use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

/// No run of a test takes longer.
const LONGEST: Duration = Duration::from_secs(90);

/// `scan` of `fixtures/<story>`.
pub(crate) fn scan(story: &str) -> Invocation {
    Invocation { stage: Stage::of(story), args: vec!["scan".to_owned(), "--quiet".to_owned()] }
}

/// One run on a stage of its own.
pub(crate) struct Invocation {
    stage: Stage,
    args: Vec<String>,
}

impl Invocation {
    /// More arguments.
    pub(crate) fn args<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Self {
        self.args.extend(args.into_iter().map(str::to_owned));
        self
    }

    /// Faults such as `refuse@project.auditLog`.
    pub(crate) fn faults(self, faults: &[&str]) -> Self {
        self.stage.faults(faults);
        self
    }

    pub(crate) fn run(self) -> Run {
        let args: Vec<_> = self.args.iter().map(String::as_str).collect();
        self.stage.run(&args)
    }
}

/// A simulator, and an empty folder that is home and working directory of whatever runs here.
pub(crate) struct Stage {
    simulator: Simulator,
    home: TempDir,
    variables: BTreeMap<String, String>,
}

/// How a run signs in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SignIn {
    ServiceAccount,
    ApiKey,
}

impl Stage {
    /// With `fixtures/<story>`; the demo is the built-in one.
    pub(crate) fn of(story: &str) -> Self {
        Self::with(recording(story), Options::default())
    }

    pub(crate) fn with(recording: Recording, options: Options) -> Self {
        let simulator = Simulator::start(recording, options).unwrap();
        let home = tempfile::tempdir().unwrap();
        let variables = BTreeMap::from([("MONGODB_ATLAS_BASE_URL".to_owned(), simulator.base_url())]);
        Self { simulator, home, variables }.sign_in(SignIn::ServiceAccount)
    }

    /// Replaces the credential.
    pub(crate) fn sign_in(mut self, how: SignIn) -> Self {
        let pairs = match how {
            SignIn::ServiceAccount => [("CLIENT_ID", CLIENT_ID), ("CLIENT_SECRET", CLIENT_SECRET)],
            SignIn::ApiKey => [("PUBLIC_API_KEY", PUBLIC_API_KEY), ("PRIVATE_API_KEY", PRIVATE_API_KEY)],
        };
        self.variables.retain(|name, _| name == "MONGODB_ATLAS_BASE_URL");
        self.variables.extend(pairs.map(|(name, value)| (format!("MONGODB_ATLAS_{name}"), value.to_owned())));
        self
    }

    /// A variable of the environment.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn without_variable(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    pub(crate) fn without_credentials(mut self) -> Self {
        self.variables.retain(|name, _| name == "MONGODB_ATLAS_BASE_URL");
        self
    }

    pub(crate) fn base_url(&self) -> String {
        self.simulator.base_url()
    }

    /// Puts these faults in the place of all others.
    pub(crate) fn faults(&self, faults: &[&str]) {
        let faults = faults.iter().map(|spec| spec.parse::<Fault>().unwrap()).collect();
        self.simulator.set_faults(faults);
    }

    /// A file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names of all files in the folder.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.home.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// What the simulator was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.simulator.requests()
    }

    /// The program with these arguments.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.other_program(Command::new(env!("CARGO_BIN_EXE_atlas-audit")));
        command.args(args);
        command
    }

    /// Another program, in the same folder and with the same environment.
    pub(crate) fn other_program(&self, mut command: Command) -> Command {
        command.env_clear().current_dir(self.home.path()).stdin(Stdio::null());
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        // Windows starts no program without it.
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        for home in ["HOME", "XDG_CONFIG_HOME", "APPDATA"] {
            if !self.variables.contains_key(home) {
                command.env(home, self.home.path());
            }
        }
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let mut command = assert_cmd::Command::from_std(self.command(args));
        let output = command.timeout(LONGEST).output().unwrap();
        Run {
            code: output.status.code().unwrap_or_else(|| panic!("{args:?} was killed: {}", output.status)),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            home: self.home.path().display().to_string(),
            requests: self.requests(),
        }
    }

    /// Starts the program. It is killed when the handle goes.
    pub(crate) fn spawn(&self, args: &[&str]) -> Spawned {
        Spawned(Some(self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()))
    }
}

/// A program under way.
pub(crate) struct Spawned(Option<Child>);

impl Spawned {
    pub(crate) fn id(&self) -> u32 {
        self.0.as_ref().unwrap().id()
    }

    /// Waits for its end: exit code and stderr.
    pub(crate) fn wait(mut self) -> (Option<i32>, String) {
        let output = self.0.take().unwrap().wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }
}

impl Drop for Spawned {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) requests: Vec<Request>,
    home: String,
}

impl Run {
    /// Stderr without what differs from run to run.
    pub(crate) fn masked_stderr(&self) -> String {
        self.masked(&self.stderr)
    }

    pub(crate) fn masked_stdout(&self) -> String {
        self.masked(&self.stdout)
    }

    fn masked(&self, text: &str) -> String {
        static MASKS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
            [
                (r"(127\.0\.0\.1|localhost):\d+", "$1:<port>"),
                (r"\(os error \d+\)", "(os error <n>)"),
                (r"tried (\d+) times in \d+ s", "tried $1 times in <n> s"),
                (r"atlas-audit \d+\.\d+\.\d+", "atlas-audit <version>"),
            ]
            .into_iter()
            .map(|(pattern, mask)| (Regex::new(pattern).unwrap(), mask))
            .collect()
        });
        let text = text.replace(&self.home, "<home>");
        MASKS.iter().fold(text, |text, (pattern, mask)| pattern.replace_all(&text, *mask).into_owned())
    }

    /// Stdout as the JSON report that it is.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }
}

/// The verdict of each rule on each resource, of a JSON report: `pass`, `fail`, `not-applicable` or `unknown`.
///
/// A finding names the resource that offends, which may lie below the one that was judged: so a `fail` stands at
/// each resource that offends.
pub(crate) fn verdicts(report: &Value) -> BTreeMap<(String, String), String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut all = BTreeMap::new();
    for (list, verdict) in [("findings", "fail"), ("unknowns", "unknown")] {
        for entry in report[list].as_array().unwrap() {
            all.insert((text(&entry["rule"]["id"]), text(&entry["resource"]["ref"])), verdict.to_owned());
        }
    }
    for entry in report["verdicts"].as_array().unwrap() {
        all.insert((text(&entry["rule"]), text(&entry["resource"])), text(&entry["verdict"]));
    }
    all
}

/// The ids of the rules with that verdict anywhere.
pub(crate) fn rules_with(report: &Value, verdict: &str) -> BTreeSet<String> {
    verdicts(report).into_iter().filter(|(_, is)| is == verdict).map(|((rule, _), _)| rule).collect()
}

/// `fixtures/<story>`
pub(crate) fn recording(story: &str) -> Recording {
    if story == "demo" { embedded_demo() } else { Recording::load(&fixture(story)).unwrap() }
}

pub(crate) fn fixture(story: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(story)
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).unwrap();
        }
    }
}

/// The snapshot without the lines of which this is true.
pub(crate) fn without(stage: &Stage, from: &str, to: &str, gone: impl Fn(&str) -> bool) {
    let text = stage.read(from);
    let mut lines: Vec<&str> = text.lines().filter(|line| !gone(line)).collect();
    lines.pop();
    let count = lines.len();
    stage.write(to, format!("{}\n{{\"ref\":\"~\",\"lines\":{count},\"complete\":true}}\n", lines.join("\n")));
}
