//! `atlas-audit explain`: one finding in full.

use std::process::ExitCode;

use crate::cli::ExplainArgs;
use crate::error::Error;
use crate::report::{Style, explained};

use super::finding::{self, Found};
use super::output::to_stdout;

/// Judges, looks for it, tells everything.
pub fn run(args: &ExplainArgs, quiet: bool) -> Result<ExitCode, Error> {
    let (report, _) = finding::judged(&args.among, quiet)?;
    let found = finding::find(&report, &args.fingerprint)?;
    to_stdout(|out| {
        let style = Style::of_stdout();
        Ok(match &found {
            Found::Finding(finding) => explained::finding(&report, finding, out, &style),
            Found::Unjudged(unjudged) => explained::unjudged(&report, unjudged, out, &style),
        }?)
    })?;
    Ok(ExitCode::SUCCESS)
}
