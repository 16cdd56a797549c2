//! cvc5, the solver behind `guardrails --prove`: finding it, asking it, and never waiting for it for long.
//!
//! It runs as one process that is asked many times. It reads Cedar conditions and nothing of Atlas: no credential
//! reaches it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cedar_policy_symcc::err::Error as SymError;
use cedar_policy_symcc::solver::{LocalSolver, Solver};
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicySet};
use tokio::process::Command;
use tokio::runtime::Runtime;

use crate::analysis::guardrails::prove::{Question, Solve, Solved};
use crate::error::Error;

/// The longest that one question may take.
const LONGEST: Duration = Duration::from_secs(10);
/// The longest that all of them may take.
const ALTOGETHER: Duration = Duration::from_mins(10);
/// cvc5 stops by itself; this much later it is stopped.
const GRACE: Duration = Duration::from_secs(2);
/// Conditions may nest as deep as a policy may be long, and are walked by recursion.
const STACK: usize = 256 << 20;

/// A cvc5 that answers.
#[derive(Debug)]
pub struct Cvc5 {
    program: PathBuf,
    longest: Duration,
    until: Instant,
    runtime: Runtime,
    /// Not there if the last one had to be stopped.
    running: Option<CedarSymCompiler<LocalSolver>>,
}

impl Cvc5 {
    /// Starts the one on the path.
    pub fn start() -> Result<Self, Error> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let program = on_path(&path)
            .ok_or_else(|| Error::NoSolver { why: "no program of that name is on the path".to_owned() })?;
        Self::start_program(program, LONGEST, ALTOGETHER)
    }

    /// Starts this one.
    pub fn start_program(program: PathBuf, longest: Duration, altogether: Duration) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|source| Error::Runtime { source })?;
        let mut cvc5 = Self { program, longest, until: Instant::now() + altogether, runtime, running: None };
        let does_not = |why: String| Error::NoSolver { why };
        let mut running = cvc5.spawn().map_err(does_not)?;
        let answer = cvc5
            .runtime
            .block_on(async { tokio::time::timeout(longest + GRACE, running.solver_mut().check_sat()).await });
        match answer {
            Ok(Ok(_)) => cvc5.running = Some(running),
            Ok(Err(error)) => return Err(does_not(format!("{} does not answer: {error}", cvc5.program.display()))),
            Err(_) => return Err(does_not(format!("{} does not answer", cvc5.program.display()))),
        }
        Ok(cvc5)
    }

    fn spawn(&self) -> Result<CedarSymCompiler<LocalSolver>, String> {
        let cannot = |error: &dyn std::fmt::Display| format!("{} cannot be run: {error}", self.program.display());
        let mut command = Command::new(&self.program);
        command.args(["--lang", "smt2.6"]).arg(format!("--tlimit-per={}", self.longest.as_millis())).kill_on_drop(true);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("MONGODB_ATLAS_") {
                command.env_remove(name);
            }
        }
        let _inside = self.runtime.enter();
        let solver = LocalSolver::from_command(&mut command).map_err(|error| match error {
            cedar_policy_symcc::solver::SolverError::Io(error) => cannot(&error),
            other => cannot(&other),
        })?;
        CedarSymCompiler::new(solver).map_err(|error| cannot(&error))
    }

    fn ask(&mut self, question: &Question) -> Solved {
        let unknown = |error: &dyn std::fmt::Display| Solved::Unknown(one_line(&error.to_string()));
        let compiled = CompiledPolicySet::compile(&question.policies, &question.environment, question.schema);
        let compiled = match compiled {
            Ok(compiled) => compiled,
            Err(error) => return Solved::Unknown(cannot_encode(&error)),
        };
        let mut running = match self.running.take().map_or_else(|| self.spawn(), Ok) {
            Ok(running) => running,
            Err(why) => return Solved::Unknown(why),
        };
        let since = Instant::now();
        let asked = self.runtime.block_on(async {
            let asked = running.check_always_denies_with_counterexample_opt(&compiled);
            tokio::time::timeout(self.longest + GRACE, asked).await
        });
        let solved = match asked {
            Ok(Ok(None)) => Solved::Never,
            Ok(Ok(Some(model))) => Solved::Allowed(Box::new(model.request)),
            Ok(Err(SymError::SolverUnknown)) if since.elapsed() < self.longest => {
                Solved::Unknown("the solver cannot tell".to_owned())
            }
            Ok(Err(SymError::SolverUnknown)) | Err(_) => Solved::Unknown("timed out".to_owned()),
            Ok(Err(error)) => unknown(&error),
        };
        match solved {
            // Whatever state it is in: the next question gets a new one.
            Solved::Unknown(_) => self.stop(running),
            Solved::Never | Solved::Allowed(_) => self.running = Some(running),
        }
        solved
    }

    fn stop(&self, mut running: CedarSymCompiler<LocalSolver>) {
        // It may be gone already.
        drop(self.runtime.block_on(running.solver_mut().clean_up()));
    }
}

impl Solve for Cvc5 {
    fn solve(&mut self, question: &Question) -> Solved {
        if Instant::now() >= self.until {
            return Solved::Unknown("the time for proofs was up".to_owned());
        }
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || self.ask(question));
            match thread.map(std::thread::ScopedJoinHandle::join) {
                Ok(Ok(solved)) => solved,
                Ok(Err(_)) => Solved::Unknown("it is more than the solver's library can encode".to_owned()),
                Err(error) => Solved::Unknown(format!("no thread can be started: {error}")),
            }
        })
    }
}

impl Drop for Cvc5 {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.stop(running);
        }
    }
}

/// The cvc5 that a shell would find.
#[must_use]
pub fn on_path(path: &OsString) -> Option<PathBuf> {
    let name = format!("cvc5{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(path).map(|folder| folder.join(&name)).find(|file| is_program(file))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

fn cannot_encode(error: &SymError) -> String {
    let why = match error {
        SymError::PolicyNotWellTyped { errs } => errs.first().map_or_else(|| error.to_string(), ToString::to_string),
        other => other.to_string(),
    };
    format!("it cannot be put to the solver: {}", one_line(&why))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
