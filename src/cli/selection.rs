//! Which rules, and by which configuration.

use std::path::PathBuf;

use clap::Args;

use crate::engine::Severity;
use crate::engine::framework::Framework;

/// Which rules.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Which rules")]
pub struct SelectionArgs {
    /// Also judge by the rules in this folder; see `rules new`
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,

    /// Only these rules, by id or name
    #[arg(long, value_name = "RULE")]
    pub rule: Vec<String>,

    /// Not these rules
    #[arg(long, value_name = "RULE")]
    pub skip_rule: Vec<String>,

    /// Only rules of these categories: network, authentication, encryption, …
    #[arg(long, value_name = "CATEGORY")]
    pub category: Vec<String>,

    /// Only rules that support this framework, with the verdicts by its requirements
    ///
    /// One of pci-dss-4.0.1, hipaa, gdpr, soc-2, iso-27001, nist-800-53r5, cis-v8.
    #[arg(long, value_name = "FRAMEWORK", value_parser = framework)]
    pub framework: Option<Framework>,

    /// Only rules at least that severe
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub min_severity: Option<Severity>,
}

fn severity(text: &str) -> Result<Severity, String> {
    text.parse().map_err(|error: crate::engine::severity::NoSuchSeverity| error.to_string())
}

fn framework(text: &str) -> Result<Framework, String> {
    text.parse().map_err(|error: crate::engine::framework::NoSuchFramework| error.to_string())
}

/// Which configuration is in force.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Configuration")]
pub struct ConfigArgs {
    /// Configuration; without it, the nearest `atlas-audit.toml` from the working directory upward
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// No configuration, even if there is one
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
}
