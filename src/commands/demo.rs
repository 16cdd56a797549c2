//! `atlas-audit demo`: the bundled organization, over real HTTP, through the real client.

use std::process::ExitCode;

use crate::cli::{DemoArgs, Format, ScopeArgs};
use crate::config::Config;
use crate::engine::catalogue::{self, Selection};
use crate::error::Error;
use crate::report::html::Access;
use crate::report::{self, Report, Style};

use super::exposure::peer_ranges;
use super::judging::Judging;
use super::output::to_stdout;
use super::source;

/// Serves the demo on a loopback port, scans it, reports. Always 0: nothing real was found.
pub fn run(args: &DemoArgs, quiet: bool) -> Result<ExitCode, Error> {
    // A configuration of one's own says nothing about the demo.
    let config = Config::demo();
    let rules = super::catalogue(args.selection.rules.as_deref())?
        .select_as(&Selection::from(&args.selection), &config.settings)?;
    let sections = catalogue::needs(&rules);
    if !quiet {
        anstream::eprintln!(
            "The bundled demo organization, read over HTTP through the real client. Nothing here is real.\n"
        );
    }
    let access = (args.format == Format::Html).then(|| Access::new(peer_ranges(&config)));
    let mut judging = Judging::by(&rules, &config.declared).telling(access);
    let read = source::demo(&ScopeArgs::default(), &sections, &mut |event| judging.on(event))?;
    let access = judging.access();
    let outcomes = judging.outcomes(&read, false);
    let mut report = Report::new(read.about(None, &config), &rules, outcomes);
    report.framework = args.selection.framework;
    report.access = access;
    let options =
        report::Options { style: Style::of_stdout(), locations: report::Locations::Resource, suppressed: false };
    to_stdout(|out| report::render(&report, args.format.into(), &options, out))?;
    Ok(ExitCode::SUCCESS)
}
