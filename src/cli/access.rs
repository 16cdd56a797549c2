//! How to get at Atlas, and what of it is looked at.

use std::path::PathBuf;

use clap::Args;

/// How to get at Atlas.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Access to Atlas")]
pub struct AccessArgs {
    /// Profile of the Atlas CLI's configuration to take credentials from
    ///
    /// Without it, `MONGODB_ATLAS_CLIENT_ID` and `_CLIENT_SECRET` (service account) or `MONGODB_ATLAS_PUBLIC_API_KEY` and
    /// `_PRIVATE_API_KEY` (API key) are used, else the Atlas CLI's default profile.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Atlas for Government
    #[arg(long, conflicts_with = "base_url")]
    pub gov: bool,

    /// Another Atlas, or a stand-in for it; also `MONGODB_ATLAS_BASE_URL`. Plain HTTP only to this machine
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,

    /// Organization to read, if the credential sees several: its id or name
    #[arg(long, value_name = "ORG")]
    pub org: Option<String>,

    /// Most calls under way at once; fewer are made when Atlas slows down
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: u16,

    /// Longest wait for one answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: u64,
}

/// What part of the organization.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What to read")]
pub struct ScopeArgs {
    /// Only these projects: id, name, or a pattern such as `pay*`
    #[arg(long, value_name = "PROJECT")]
    pub project: Vec<String>,

    /// Not these projects
    #[arg(long, value_name = "PROJECT")]
    pub exclude_project: Vec<String>,
}

/// What is looked at: a snapshot, the bundled demo, or (without either) Atlas itself.
#[derive(Debug, Clone, Default, Args)]
pub struct SourceArgs {
    /// Look at this snapshot instead of reading Atlas
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,

    /// Look at the bundled demo organization; no credentials needed
    #[arg(long, conflicts_with = "snapshot")]
    pub demo: bool,

    #[command(flatten)]
    pub scope: ScopeArgs,

    #[command(flatten)]
    pub access: AccessArgs,
}
