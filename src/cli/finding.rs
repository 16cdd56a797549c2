//! One finding: `explain` and `waive`.

use std::path::PathBuf;

use clap::Args;

use crate::engine::day::Day;

use super::access::SourceArgs;
use super::selection::{ConfigArgs, SelectionArgs};

/// The findings among which it is: of what, by which rules.
#[derive(Debug, Clone, Args)]
pub struct AmongArgs {
    #[command(flatten)]
    pub source: SourceArgs,

    #[command(flatten)]
    pub config: ConfigArgs,

    #[command(flatten)]
    pub selection: SelectionArgs,
}

/// `explain`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  atlas-audit explain 3f1c9a --snapshot 2026-11.jsonl
  atlas-audit scan --format json | jq -r '.findings[0].fingerprint'     where fingerprints come from")]
pub struct ExplainArgs {
    /// Fingerprint of the finding, or of an unknown verdict; its first six digits may do
    pub fingerprint: String,

    #[command(flatten)]
    pub among: AmongArgs,
}

/// `waive`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  atlas-audit waive 3f1c9a --snapshot 2026-11.jsonl --reason 'load test' --owner ada@shop.example --until 2026-12-31

A waived finding stays in every report, marked, and fails no run until its day is over.")]
pub struct WaiveArgs {
    /// Fingerprint of the finding; its first six digits may do
    pub fingerprint: String,

    /// Why it is accepted
    #[arg(long, value_name = "TEXT")]
    pub reason: String,

    /// Who answers for it
    #[arg(long, value_name = "WHO")]
    pub owner: String,

    /// The last day on which it counts, such as 2026-12-31
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub until: Day,

    /// A file of waivers to add it to, instead of the configuration
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,

    #[command(flatten)]
    pub among: AmongArgs,
}

pub(super) fn day(text: &str) -> Result<Day, String> {
    text.parse().map(Day).map_err(|_| format!("`{text}` is no day such as 2026-12-31"))
}
