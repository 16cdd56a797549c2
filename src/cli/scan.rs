//! `scan` and `demo`: what is judged, and how it is reported. `fetch`: what is kept for later.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::access::{AccessArgs, ScopeArgs};
use super::gate::GateArgs;
use super::selection::{ConfigArgs, SelectionArgs};

/// `scan`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  atlas-audit scan                                    everything that the credentials can see
  atlas-audit scan --project 'pay*' --fail-on high    a gate for some projects
  atlas-audit scan --format table --format sarif --output audit.sarif
  atlas-audit scan --snapshot 2026-11.jsonl           judge what `fetch` kept, offline
  atlas-audit scan --history audit-history            keep what is found; `trend` shows it over time")]
pub struct ScanArgs {
    /// Judge this snapshot instead of reading Atlas
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,

    /// How to report; may be given several times, each with an --output of its own
    #[arg(short, long, value_name = "FORMAT", value_enum, help_heading = "Reports")]
    pub format: Vec<Format>,

    /// Write the format named before it to this file instead of stdout
    #[arg(short, long, value_name = "FILE", help_heading = "Reports")]
    pub output: Vec<PathBuf>,

    /// Where SARIF results point: lines of the snapshot file, or one virtual path per resource
    ///
    /// The default is `snapshot` where --snapshot is given, else `resource`. With `snapshot` and no --snapshot, the
    /// snapshot is written beside the report as `atlas-audit.snapshot.jsonl`.
    #[arg(long, value_name = "WHERE", value_enum, help_heading = "Reports")]
    pub sarif_locations: Option<SarifLocations>,

    /// Also keep what was read as a snapshot
    #[arg(long, value_name = "FILE", conflicts_with = "snapshot", help_heading = "Reports")]
    pub save_snapshot: Option<PathBuf>,

    /// Keep what is found in a history: a folder, or a bucket (s3://…, gs://…, az://…)
    ///
    /// `trend` and the html report show it over time, and rules about logins learn from it what Atlas forgets after seven
    /// days. Credentials for a bucket come from the environment.
    #[arg(long, value_name = "DIR|URL", env = "ATLAS_AUDIT_HISTORY", help_heading = "Reports")]
    pub history: Option<String>,

    /// Keep waived findings, and what is fixed since the baseline, in SARIF: by `suppressions` and `baselineState`
    ///
    /// GitHub knows neither and would show both as open alerts; so they are left out unless this is given.
    #[arg(long, help_heading = "Reports")]
    pub sarif_suppressed: bool,

    /// List so many findings at most, the worst first; all are counted
    #[arg(long, value_name = "N", help_heading = "Reports")]
    pub max_findings: Option<usize>,

    #[command(flatten)]
    pub gate: GateArgs,

    #[command(flatten)]
    pub config: ConfigArgs,

    #[command(flatten)]
    pub selection: SelectionArgs,

    #[command(flatten)]
    pub scope: ScopeArgs,

    #[command(flatten)]
    pub access: AccessArgs,
}

/// Formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people at a terminal
    Table,
    /// For programs; versioned, with a published schema
    Json,
    /// For code scanning: GitHub, GitLab, Azure
    Sarif,
    /// For people with a browser: one file that needs no network
    Html,
    /// For pull requests and step summaries: Markdown, within GitHub's limits
    Markdown,
    /// For test reporters such as Jenkins and GitLab: a case per rule and resource
    Junit,
    /// For spreadsheets: a row per verdict
    Csv,
    /// For data lakes and SIEMs: OCSF Compliance Findings, a JSON event per line
    Ocsf,
    /// For a run of GitHub Actions: annotations
    Github,
}

/// Where SARIF results point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SarifLocations {
    /// The line of the snapshot file that holds the offending entry
    Snapshot,
    /// A virtual path per resource, line 1
    Resource,
}

/// `demo`
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// How to report
    #[arg(short, long, value_enum, default_value = "table")]
    pub format: Format,

    #[command(flatten)]
    pub selection: SelectionArgs,
}

/// `fetch`
#[derive(Debug, Clone, Args)]
pub struct FetchArgs {
    /// Where to keep the snapshot. It holds names and addresses, no secrets; only you can read the file
    #[arg(short, long, value_name = "FILE", default_value = "atlas-audit.snapshot.jsonl")]
    pub output: PathBuf,

    /// Read only what these rules need (the default is everything)
    #[command(flatten)]
    pub selection: SelectionArgs,

    #[command(flatten)]
    pub scope: ScopeArgs,

    #[command(flatten)]
    pub access: AccessArgs,
}
