//! `atlas-audit config`: whether a configuration can be used, and what follows from it.

use jiff::Timestamp;

use crate::cli::{ConfigCommand, ConfigurationArgs, PageFormat};
use crate::config::Config;
use crate::config::explain::Explained;
use crate::error::Error;
use crate::report::{Style, classified};

use super::output::to_stdout;
use super::{configuration, looking};

/// Reads it, holds it against what is there, tells.
pub fn run(args: &ConfigurationArgs, quiet: bool) -> Result<(), Error> {
    let ConfigCommand::Check { config, format, live, source } = &args.command;
    // The demo has one of its own, unless another is to be tried on it.
    let config = match config.config {
        None if source.demo && !config.no_config => Config::demo(),
        _ => configuration::in_force(config)?,
    };
    let explained = if source.demo || source.snapshot.is_some() || *live {
        Explained::of(&config, &looking::look(source, quiet)?)
    } else {
        Explained::by_itself(&config, Timestamp::now())
    };
    to_stdout(|out| {
        Ok(match format {
            PageFormat::Table => classified::table(&explained, out, &Style::of_stdout()),
            PageFormat::Json => classified::json(&explained, out),
        }?)
    })
}
