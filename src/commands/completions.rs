//! `atlas-audit completions` and `man`: what shells and manuals want to know of the command line.

use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::cli::{Cli, CompletionsArgs, ManArgs};
use crate::error::Error;

use super::output::{Pending, Readers, to_stdout};

/// Prints what a shell sources.
pub fn run(args: &CompletionsArgs) -> Result<ExitCode, Error> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), env!("CARGO_PKG_NAME"), &mut script);
    to_stdout(|out| Ok(out.write_all(&script)?))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a page for the program and one for each command.
pub fn manual(args: &ManArgs) -> Result<ExitCode, Error> {
    let unwritable = |source| Error::Output { path: args.output.clone(), source };
    std::fs::create_dir_all(&args.output).map_err(unwritable)?;
    let mut command = Cli::command();
    command.build();
    let mut pages = 0_usize;
    write_pages(&command, env!("CARGO_PKG_NAME"), &args.output, &mut pages)?;
    let folder = args.output.display();
    to_stdout(|out| Ok(writeln!(out, "{folder}: {pages} pages; man -l {folder}/atlas-audit.1 shows one")?))?;
    Ok(ExitCode::SUCCESS)
}

fn write_pages(command: &clap::Command, name: &str, folder: &Path, pages: &mut usize) -> Result<(), Error> {
    let path = folder.join(format!("{name}.1"));
    let unwritable = |source| Error::Output { path: path.clone(), source };
    let mut file = Pending::create(&path, Readers::Usual)?;
    clap_mangen::Man::new(command.clone()).title(name).render(&mut file).map_err(unwritable)?;
    file.finish()?;
    *pages += 1;
    for below in command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help") {
        write_pages(below, &format!("{name}-{}", below.get_name()), folder, pages)?;
    }
    Ok(())
}
