//! `trend`: what many scans tell together.

use clap::{Args, ValueEnum};

use crate::engine::day::Day;
use crate::report::trend;

use super::question::PageArgs;

/// `trend`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  atlas-audit scan --history audit-history        keep what each scan finds
  atlas-audit trend --history audit-history       counts over time, time to fix, oldest, flapping
  atlas-audit trend --history s3://bucket/audit --every week --since 2026-01-01
  atlas-audit trend --history audit-history --format json | jq '.timeToFix'

The tables are Parquet, for DuckDB and others: docs/history.md tells their columns.")]
pub struct TrendArgs {
    /// The history: a folder, or a bucket (s3://…, gs://…, az://…). Credentials for it come from the environment
    #[arg(long, value_name = "DIR|URL", env = "ATLAS_AUDIT_HISTORY")]
    pub history: String,

    /// The organization, by its id, where there are several
    #[arg(long, value_name = "ID")]
    pub org: Option<String>,

    /// A row per scan, day, week or month. Default: the shortest that makes at most 24 rows
    #[arg(long, value_name = "PERIOD", value_enum)]
    pub every: Option<Every>,

    /// Leave out scans before this day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::finding::day)]
    pub since: Option<Day>,

    /// Show so many of the oldest findings, and of those that come back
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,

    #[command(flatten)]
    pub page: PageArgs,
}

/// How long a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Every {
    /// Each scan
    Scan,
    /// The last scan of each day
    Day,
    /// The last scan of each week, from Monday
    Week,
    /// The last scan of each month
    Month,
}

impl From<Every> for trend::Every {
    fn from(every: Every) -> Self {
        match every {
            Every::Scan => Self::Scan,
            Every::Day => Self::Day,
            Every::Week => Self::Week,
            Every::Month => Self::Month,
        }
    }
}
