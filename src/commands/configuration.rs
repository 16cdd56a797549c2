//! Which configuration is in force.

use crate::cli::ConfigArgs;
use crate::config::{Config, ConfigError, FILE};
use crate::engine::Catalogue;
use crate::error::Error;

/// The one that was named, else the nearest one upward from the working directory, else none.
pub(super) fn in_force(args: &ConfigArgs) -> Result<Config, Error> {
    for_rules(args, Catalogue::built_in())
}

/// The same, for a run that judges by these rules.
pub(super) fn for_rules(args: &ConfigArgs, catalogue: &'static Catalogue) -> Result<Config, Error> {
    let config = match &args.config {
        _ if args.no_config => None,
        Some(path) => Some(Config::read(path, catalogue)?),
        None => {
            let here = std::env::current_dir();
            let here = here.map_err(|source| ConfigError::Unreadable { path: FILE.into(), source })?;
            Config::find(&here, catalogue)?
        }
    };
    let file = config.as_ref().and_then(|config| config.file.as_deref());
    tracing::info!("configuration: {}", file.unwrap_or("none"));
    Ok(config.unwrap_or_default())
}
