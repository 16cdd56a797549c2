//! `review`: a pack to decide on, and what was decided.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::selection::ConfigArgs;

/// `review`
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "\
Examples:
  atlas-audit fetch --output 2026-11.jsonl
  atlas-audit review --since 2026-10.jsonl 2026-11.jsonl --output reviews/2026-11
  (fill in the columns owner to verified_on of reviews/2026-11/review.csv)
  atlas-audit review record --pack reviews/2026-11 --decisions reviews/2026-11/review.csv \\
      --output reviews/2026-11/record.json
  (name it in atlas-audit.toml: reviews = [\"reviews/2026-11/record.json\"])

Exit codes: 0 all was read, 1 something that the review before revoked is still there, 2 the command is wrong, \
3 a list could not be read and nothing revoked is there.")]
pub struct ReviewArgs {
    /// What else
    #[command(subcommand)]
    pub command: Option<ReviewCommand>,

    /// The snapshot to review
    #[arg(value_name = "SNAPSHOT", required = true)]
    pub snapshot: Option<PathBuf>,

    /// The snapshot of the review before: tells what was added, changed and taken away since
    #[arg(long, value_name = "OLD")]
    pub since: Option<PathBuf>,

    /// The record of the review before, or its pack; the last one that the configuration names, if not given
    #[arg(long, value_name = "RECORD")]
    pub previous: Option<PathBuf>,

    /// A history that `scan --history` keeps: tells last logins beyond the seven days that Atlas keeps
    #[arg(long, value_name = "DIR|URL")]
    pub history: Option<String>,

    /// Folder for review.csv, review.html and review.json. They hold names and addresses; only you can read them
    #[arg(short, long, value_name = "DIR", required = true)]
    pub output: Option<PathBuf>,

    /// Make a new pack where a sheet was filled in; the old files are kept as review.1.csv and so on
    #[arg(long)]
    pub force: bool,

    /// Exit with 0 where it would be 3
    #[arg(long)]
    pub allow_unknown: bool,

    #[command(flatten)]
    pub config: ConfigArgs,
}

/// `review …`
#[derive(Debug, Clone, Subcommand)]
pub enum ReviewCommand {
    /// Read a filled-in sheet back, check it, and keep what was decided
    Record(RecordArgs),
}

/// `review record`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
A sheet is taken only as a whole: each row of the pack once and as the pack has it, with a decision (keep, change or \
revoke), a reviewer other than the subject, and a date from the day of the snapshot until today. Everything that is \
wrong is told at once.")]
pub struct RecordArgs {
    /// The pack: its folder, or its review.json
    #[arg(long, value_name = "DIR")]
    pub pack: PathBuf,

    /// The filled-in sheet, as CSV
    #[arg(long, value_name = "FILE")]
    pub decisions: PathBuf,

    /// Also make sure that the pack was made from this snapshot
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,

    /// Where to keep the record
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,

    /// The last day on which the review counts; the default is six months after its last decision
    ///
    /// How often a review is due, the rules ATL-ATT-001 and ATL-ATT-002 say: `max_days`.
    #[arg(long, value_name = "DAY")]
    pub expires: Option<jiff::civil::Date>,

    /// Replace a record that is there
    #[arg(long)]
    pub force: bool,
}
