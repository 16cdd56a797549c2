//! The command: parse, set up logging, run, print the error, return the exit code.

use std::process::ExitCode;

use atlas_audit::cli::{Cli, Command};
use atlas_audit::commands;
use atlas_audit::error::Error;
use clap::{CommandFactory, FromArgMatches};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    // The matches are kept: only they know which --output follows which --format.
    let matches = Cli::command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    cli.color.write_global();
    log_to_stderr(cli.verbose);
    match run(&cli, &matches) {
        Ok(code) => code,
        Err(error) => {
            complain(&error);
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli, matches: &clap::ArgMatches) -> Result<ExitCode, Error> {
    match &cli.command {
        Command::Scan(args) => {
            let matches = matches.subcommand_matches("scan").expect("the subcommand that was parsed");
            commands::scan::run(args, matches, cli.quiet)
        }
        Command::Fetch(args) => commands::fetch::run(args, cli.quiet),
        Command::Demo(args) => commands::demo::run(args, cli.quiet),
        Command::Rules(args) => commands::rules::run(args).map(|()| ExitCode::SUCCESS),
        Command::Simulate(args) => commands::simulate::run(args).map(|()| ExitCode::SUCCESS),
        Command::Schema(args) => commands::schema::run(args).map(|()| ExitCode::SUCCESS),
    }
}
