//! Is it fast enough? `cargo bench` measures what the project promises and says PASS or FAIL for each promise;
//! `cargo bench -- fetch`, `judge`, `start` or `who-can` measures a part of it, and `each-rule` tells what each rule costs. Wants the
//! machine for itself.
//!
//! Promises are ratios taken within one run where that is possible, so that a slow machine is no failure.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]
#![expect(clippy::unwrap_used, reason = "a bench may panic")]

mod fetch;
mod judge;
mod start;
mod who_can;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use atlas_audit::simulator::{CLIENT_ID, CLIENT_SECRET, Simulator};

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What was promised, and what became of it.
struct Promise {
    what: &'static str,
    measured: f64,
    at_most: f64,
    unit: &'static str,
}

impl Promise {
    fn kept(&self) -> bool {
        self.measured <= self.at_most
    }
}

type Measure = fn() -> Vec<Promise>;

/// The program, without anything in its environment that could change what it does.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_atlas-audit"));
    command.env_clear().env("HOME", env!("CARGO_TARGET_TMPDIR")).arg("--quiet");
    command
}

/// The program, reading from a simulator.
fn client_of(simulator: &Simulator) -> Command {
    let mut command = program();
    command
        .env("MONGODB_ATLAS_BASE_URL", simulator.base_url())
        .env("MONGODB_ATLAS_CLIENT_ID", CLIENT_ID)
        .env("MONGODB_ATLAS_CLIENT_SECRET", CLIENT_SECRET);
    command
}

/// A file that the next run may replace.
fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}

fn main() -> ExitCode {
    let parts: [(&str, Measure); 4] = [
        ("start", start::measure),
        ("who-can", who_can::measure),
        ("judge", judge::measure),
        ("fetch", fetch::measure),
    ];
    let on_request: [(&str, Measure); 1] = [("each-rule", judge::each_rule)];
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut promises = Vec::new();
    let wanted = |name: &str| asked.iter().any(|asked| asked == name);
    let parts = parts.into_iter().filter(|(name, _)| asked.is_empty() || wanted(name));
    for (name, measure) in parts.chain(on_request.into_iter().filter(|(name, _)| wanted(name))) {
        println!("{name}");
        promises.extend(measure());
        println!();
    }
    for promise in &promises {
        let verdict = if promise.kept() { "PASS" } else { "FAIL" };
        let Promise { what, measured, at_most, unit } = promise;
        println!("{verdict}  {what}: {measured:.2}{unit}, promised at most {at_most}{unit}");
    }
    if promises.iter().all(Promise::kept) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
