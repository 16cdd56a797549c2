//! `atlas-audit init`: a configuration to start from, written from what is there.

use std::io::Write;

use crate::cli::InitArgs;
use crate::config::start;
use crate::error::Error;

use super::output::{Pending, Readers};
use super::{clash, looking};

/// Looks, and writes. What is there already stays, unless it is said otherwise.
pub fn run(args: &InitArgs, quiet: bool) -> Result<(), Error> {
    clash::refuse([args.output.as_path()], args.source.snapshot.as_deref())?;
    let there = || Error::AlreadyThere { path: args.output.clone() };
    if !args.force && args.output.exists() {
        return Err(there());
    }
    let mut file = Pending::create(&args.output, Readers::Usual)?;
    let seen = looking::look(&args.source, quiet)?;
    file.write_all(start::text(&seen).as_bytes())
        .map_err(|source| Error::Output { path: args.output.clone(), source })?;
    // Somebody may have written one while Atlas was read.
    if !args.force && args.output.exists() {
        return Err(there());
    }
    let path = file.finish()?;
    if !quiet {
        anstream::eprintln!("{}: look through it, then `atlas-audit config check`", path.display());
    }
    Ok(())
}
