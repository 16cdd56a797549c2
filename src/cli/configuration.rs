//! `init` and `config`: the configuration, started and checked.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::access::SourceArgs;
use super::question::PageFormat;
use super::selection::ConfigArgs;

/// `init`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  atlas-audit init                               from the organization that the credentials can see
  atlas-audit init --snapshot november.jsonl     from what `fetch` kept
  atlas-audit init --demo --output try.toml      from the bundled demo

What is only guessed stands behind a `#`, and counts for nothing until it is taken away.")]
pub struct InitArgs {
    /// Where to write it
    #[arg(short, long, value_name = "FILE", default_value = crate::config::FILE)]
    pub output: PathBuf,

    /// Replace what is there
    #[arg(long)]
    pub force: bool,

    #[command(flatten)]
    pub source: SourceArgs,
}

/// `config`
#[derive(Debug, Clone, Args)]
pub struct ConfigurationArgs {
    /// What about it
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// `config …`
#[derive(Debug, Clone, Subcommand)]
pub enum ConfigCommand {
    /// Whether it can be used; held against an organization, what everything counts as and why
    #[command(after_help = "\
Examples:
  atlas-audit config check                               the nearest atlas-audit.toml by itself
  atlas-audit config check --snapshot november.jsonl     and what it makes of that organization
  atlas-audit config check --live                        the same, of Atlas itself")]
    Check {
        #[command(flatten)]
        config: ConfigArgs,

        /// How to show it
        #[arg(short, long, value_enum, default_value = "table", help_heading = "Reports")]
        format: PageFormat,

        /// Hold it against Atlas itself
        #[arg(long, conflicts_with_all = ["snapshot", "demo"])]
        live: bool,

        #[command(flatten)]
        source: SourceArgs,
    },
}
