//! What a run fails on.

use std::path::PathBuf;

use clap::Args;

use crate::engine::Severity;

/// What a gate fails on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// Findings at this severity or above.
    Severity(Severity),
    /// No finding at all.
    Nothing,
}

pub(super) fn fail_on(text: &str) -> Result<FailOn, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(FailOn::Nothing);
    }
    text.parse()
        .map(FailOn::Severity)
        .map_err(|_| format!("`{text}` is not a severity: critical, high, medium, low, info, or none"))
}

/// What a run fails on.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Exit code")]
#[expect(clippy::struct_excessive_bools, reason = "flags of the command line, each by itself")]
pub struct GateArgs {
    /// Exit with 1 on findings this severe or worse; `none` for never. Default: low
    #[arg(long, value_name = "SEVERITY", value_parser = fail_on)]
    pub fail_on: Option<FailOn>,

    /// Exit with 1, not 3, where something is unknown and nothing failed
    #[arg(long, conflicts_with = "allow_unknown")]
    pub fail_on_unknown: bool,

    /// Exit with 0, not 3, where something is unknown and nothing failed
    #[arg(long)]
    pub allow_unknown: bool,

    /// Only what is new or worse since this counts: an earlier JSON report, or a snapshot
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Count everything, even if the configuration names a baseline
    #[arg(long, conflicts_with = "baseline")]
    pub no_baseline: bool,

    /// More waivers, beside those of the configuration
    #[arg(long, value_name = "FILE")]
    pub waivers: Vec<PathBuf>,

    /// Exit with 0 whatever was found; errors are still 2
    #[arg(long)]
    pub exit_zero: bool,
}
