//! The demo organization and the checklist are built into the program; Cargo is told to look at them, since the
//! macro that reads a folder does not. And `--version` tells the commit of a release build.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=fixtures/demo");
    println!("cargo:rerun-if-env-changed=ATLAS_AUDIT_COMMIT");
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let version = match commit() {
        Some(commit) => format!("{version} ({commit})"),
        None => version,
    };
    println!("cargo:rustc-env=ATLAS_AUDIT_VERSION={version}");
}

/// What the builder says, who may have no repository at hand; else the commit of the repository that this package is.
/// Debug builds have none: they would be built anew at every commit.
fn commit() -> Option<String> {
    if let Ok(told) = std::env::var("ATLAS_AUDIT_COMMIT") {
        let is_commit = told.len() >= 7 && told.trim_end_matches("-dirty").chars().all(|c| c.is_ascii_hexdigit());
        return is_commit.then_some(told);
    }
    if std::env::var("PROFILE").is_ok_and(|profile| profile != "release") {
        return None;
    }
    // A package that was unpacked within somebody else's repository is not of that repository.
    if git(&["rev-parse", "--show-prefix"])?.is_empty() && git(&["ls-files", "--error-unmatch", "build.rs"]).is_some() {
        for file in ["HEAD", "logs/HEAD", "index"] {
            // In a worktree each lies elsewhere. One that is not there would have Cargo build every time.
            if let Some(path) = git(&["rev-parse", "--git-path", file]).filter(|path| Path::new(path).exists()) {
                println!("cargo:rerun-if-changed={path}");
            }
        }
        for folder in ["src", "rules", "Cargo.toml", "Cargo.lock"] {
            println!("cargo:rerun-if-changed={folder}");
        }
        let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
        // Only what is built in counts: notes beside it change no program.
        let built = ["build.rs", "Cargo.toml", "Cargo.lock", "src", "rules", "fixtures/demo"];
        let status = git(&[&["--no-optional-locks", "status", "--porcelain", "--"], &built[..]].concat())?;
        return Some(if status.is_empty() { commit } else { format!("{commit}-dirty") });
    }
    None
}

/// What Git answers, if there is one and it does.
fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
