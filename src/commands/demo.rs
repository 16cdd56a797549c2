//! `atlas-audit demo`: the bundled organization, over real HTTP, through the real client.

use std::process::ExitCode;

use crate::cli::{DemoArgs, ScopeArgs};
use crate::engine::catalogue::{self, Catalogue, Selection};
use crate::engine::declared::Declared;
use crate::error::Error;
use crate::report::{self, About, Report, Style};

use super::judging::Judging;
use super::output::to_stdout;
use super::source;

/// Serves the demo on a loopback port, scans it, reports. Always 0: nothing real was found.
pub fn run(args: &DemoArgs, quiet: bool) -> Result<ExitCode, Error> {
    let rules = Catalogue::built_in().select(&Selection::from(&args.selection))?;
    let sections = catalogue::needs(&rules);
    let declared = Declared::default();
    if !quiet {
        anstream::eprintln!(
            "The bundled demo organization, read over HTTP through the real client. Nothing here is real.\n"
        );
    }
    let mut judging = Judging::by(&rules, &declared);
    let read = source::demo(&ScopeArgs::default(), &sections, &mut |event| judging.on(event))?;
    let outcomes = judging.outcomes(&read, false);
    let about = About {
        organization: read.organization.id.clone(),
        organization_name: read.organization.name.clone(),
        taken: read.header.taken,
        source: read.header.source,
        credential: read.header.credential,
        projects: read.projects,
        snapshot: None,
        complete: read.complete,
    };
    let report = Report::new(about, &rules, outcomes);
    let options = report::Options { style: Style::of_stdout(), locations: report::Locations::Resource };
    to_stdout(|out| report::render(&report, args.format.into(), &options, out))?;
    Ok(ExitCode::SUCCESS)
}
