//! The command: parse, set up logging, run, print the error, return the exit code.

use std::process::ExitCode;

use atlas_audit::cli::{Cli, Command};
use atlas_audit::commands;
use atlas_audit::error::Error;
use clap::{CommandFactory, FromArgMatches};
use tracing_subscriber::EnvFilter;

/// A scan of a large organization makes and drops millions of small texts, at which the system's allocator is slow.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The matches are kept: only they know which --output follows which --format.
    let matches = Cli::command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    match cli.color {
        clap::ColorChoice::Always => anstream::ColorChoice::Always,
        clap::ColorChoice::Never => anstream::ColorChoice::Never,
        clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
    }
    .write_global();
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
        Command::Diff(args) => commands::diff::run(args),
        Command::Trend(args) => commands::trend::run(args).map(|()| ExitCode::SUCCESS),
        Command::Explain(args) => commands::explain::run(args, cli.quiet),
        Command::Waive(args) => commands::waive::run(args, cli.quiet),
        Command::Completions(args) => commands::completions::run(args),
        Command::Man(args) => commands::completions::manual(args),
        Command::Exposure(args) => commands::exposure::run(args, cli.quiet),
        Command::Init(args) => commands::init::run(args, cli.quiet).map(|()| ExitCode::SUCCESS),
        Command::Config(args) => commands::config::run(args, cli.quiet).map(|()| ExitCode::SUCCESS),
        Command::Demo(args) => commands::demo::run(args, cli.quiet),
        Command::Review(args) => commands::review::run(args, cli.quiet),
        Command::Rules(args) => commands::rules::run(args),
        Command::Access(args) => commands::access::run(args, cli.quiet),
        Command::AuditCoverage(args) => commands::audit_coverage::run(args, cli.quiet),
        Command::WhoCan(args) => commands::who_can::run(args, cli.quiet),
        Command::Guardrails(args) => commands::guardrails::run(args, cli.quiet),
        Command::Simulate(args) => commands::simulate::run(args).map(|()| ExitCode::SUCCESS),
        Command::Schema(args) => commands::schema::run(args).map(|()| ExitCode::SUCCESS),
    }
}

/// Message, causes, and what to do next.
fn complain(error: &Error) {
    use std::error::Error as _;
    anstream::eprintln!("{RED}error{RED:#}: {error}", RED = anstyle::AnsiColor::Red.on_default().bold());
    let mut cause = error.source();
    while let Some(source) = cause {
        anstream::eprintln!("  cause: {source}");
        cause = source.source();
    }
    if let Some(help) = error.help() {
        anstream::eprintln!("  help: {help}");
    }
}

fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let filter =
        EnvFilter::try_from_env("ATLAS_AUDIT_LOG").unwrap_or_else(|_| EnvFilter::new(format!("atlas_audit={level}")));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never)
        .without_time()
        .init();
}
