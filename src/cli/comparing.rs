//! What changed: `diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::access::ScopeArgs;
use super::gate::{FailOn, fail_on};
use super::selection::{ConfigArgs, SelectionArgs};

/// `diff`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Exit codes: 0 nothing new at or above --fail-on, 1 something new or worse at or above it, 2 the command or a file is wrong, \
3 something that OLD tells of can no longer be seen in NEW, and nothing failed.

Examples:
  atlas-audit diff october.jsonl november.jsonl
  atlas-audit diff october.jsonl november.jsonl --fail-on high    a gate on what is new alone
  atlas-audit diff old.jsonl new.jsonl --format markdown          for a pull request")]
pub struct DiffArgs {
    /// The earlier snapshot
    #[arg(value_name = "OLD")]
    pub old: PathBuf,

    /// The later snapshot, of the same organization
    #[arg(value_name = "NEW")]
    pub new: PathBuf,

    /// How to report
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value = "table", help_heading = "Reports")]
    pub format: DiffFormat,

    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE", help_heading = "Reports")]
    pub output: Option<PathBuf>,

    /// Also what happens by itself, one by one: last uses, states, events, backups taken, ages in messages
    #[arg(long, help_heading = "Reports")]
    pub all: bool,

    /// Exit with 1 on findings this severe or worse that are new, worse, or came to light; `none` for never
    #[arg(long, value_name = "SEVERITY", default_value = "none", value_parser = fail_on, help_heading = "Exit code")]
    pub fail_on: FailOn,

    /// Exit with 0 where it would be 3: something can no longer be seen, and nothing failed
    #[arg(long, help_heading = "Exit code")]
    pub allow_unknown: bool,

    /// Exit with 0 whatever changed; errors are still 2
    #[arg(long, help_heading = "Exit code")]
    pub exit_zero: bool,

    #[command(flatten)]
    pub config: ConfigArgs,

    #[command(flatten)]
    pub selection: SelectionArgs,

    #[command(flatten)]
    pub scope: ScopeArgs,
}

/// Formats of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people at a terminal
    Table,
    /// For programs; versioned, with a published schema
    Json,
    /// For a comment on a pull request; never longer than GitHub takes
    Markdown,
}
