//! What tells of the program itself: `completions`, `man`, `schema`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `completions`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  atlas-audit completions bash > /etc/bash_completion.d/atlas-audit
  atlas-audit completions zsh > \"${fpath[1]}/_atlas-audit\"")]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `man`
#[derive(Debug, Clone, Args)]
pub struct ManArgs {
    /// Folder for the pages
    #[arg(short, long, value_name = "DIR", default_value = "man")]
    pub output: PathBuf,
}

/// `schema`
#[derive(Debug, Clone, Args)]
pub struct SchemaArgs {
    /// Of what
    #[arg(value_enum)]
    pub of: SchemaOf,
}

/// What there is a schema of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// A line of a snapshot
    Snapshot,
    /// The report of `--format json`
    Report,
    /// What `access --format json` prints
    Access,
    /// What `audit-coverage --format json` prints
    AuditCoverage,
    /// What `exposure --format json` prints
    Exposure,
    /// What `guardrails --format json` prints
    Guardrails,
    /// What `who-can --format json` prints
    WhoCan,
    /// What `diff --format json` prints
    Diff,
    /// What `trend --format json` prints
    Trend,
    /// The pack of an access review, `review.json`
    Review,
    /// The record of an access review
    ReviewRecord,
    /// The configuration, `atlas-audit.toml`
    Config,
}
