//! One module per subcommand: glue only. What they share: `source` says what is looked at, `configuration` how, `live` reads Atlas, `output`
//! writes files, `selection` picks projects.

pub mod access;
pub mod audit_coverage;
mod baseline;
mod clash;
mod comparable;
pub mod completions;
pub mod config;
mod configuration;
pub mod demo;
pub mod diff;
pub mod explain;
pub mod exposure;
pub mod fetch;
mod finding;
mod gate;
pub mod guardrails;
mod history;
pub mod init;
mod judging;
mod live;
mod looking;
mod new_rule;
mod output;
mod proving;
pub mod review;
pub mod rules;
pub mod scan;
pub mod schema;
mod selection;
mod signals;
pub mod simulate;
mod source;
pub mod trend;
pub mod waive;
pub mod who_can;

use std::path::Path;

use crate::cli;
use crate::engine::catalogue::{Catalogue, Selection};
use crate::engine::custom;
use crate::error::Error;
use crate::report;

/// The built-in rules, and those of a folder.
fn catalogue(folder: Option<&Path>) -> Result<&'static Catalogue, Error> {
    Ok(match folder {
        Some(folder) => custom::with_folder(folder)?,
        None => Catalogue::built_in(),
    })
}

impl From<&cli::SelectionArgs> for Selection {
    fn from(args: &cli::SelectionArgs) -> Self {
        Self {
            rules: args.rule.clone(),
            skip: args.skip_rule.clone(),
            categories: args.category.clone(),
            min_severity: args.min_severity,
            framework: args.framework,
        }
    }
}

impl From<cli::Format> for report::Format {
    fn from(format: cli::Format) -> Self {
        match format {
            cli::Format::Table => Self::Table,
            cli::Format::Json => Self::Json,
            cli::Format::Sarif => Self::Sarif,
            cli::Format::Html => Self::Html,
            cli::Format::Markdown => Self::Markdown,
            cli::Format::Junit => Self::Junit,
            cli::Format::Csv => Self::Csv,
            cli::Format::Ocsf => Self::Ocsf,
            cli::Format::Github => Self::Github,
        }
    }
}

impl From<cli::DiffFormat> for report::diff::Format {
    fn from(format: cli::DiffFormat) -> Self {
        match format {
            cli::DiffFormat::Table => Self::Table,
            cli::DiffFormat::Json => Self::Json,
            cli::DiffFormat::Markdown => Self::Markdown,
        }
    }
}

impl From<cli::SarifLocations> for report::Locations {
    fn from(locations: cli::SarifLocations) -> Self {
        match locations {
            cli::SarifLocations::Snapshot => Self::Snapshot,
            cli::SarifLocations::Resource => Self::Resource,
        }
    }
}
