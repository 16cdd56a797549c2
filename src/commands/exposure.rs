//! `atlas-audit exposure`: who can reach the clusters of each project.

use std::process::ExitCode;

use crate::analysis::exposure::{Exposure, SECTIONS, unread_of_organization};
use crate::analysis::peering::PeerRanges;
use crate::cli::{ExposureArgs, PageFormat};
use crate::config::Config;
use crate::error::Error;
use crate::report::exposure::ExposureReport;
use crate::snapshot::{Ref, Section, Unavailable};

use super::clash::read_by;
use super::configuration;
use super::live::Event;
use super::output::Page;
use super::source;

/// Reads, weighs, reports. 3 if something could not be read or understood.
pub fn run(args: &ExposureArgs, quiet: bool) -> Result<ExitCode, Error> {
    // Before any work is done: a report that cannot be written is no reason to wait for Atlas first.
    let config = configuration::in_force(&args.config)?;
    let page = Page::apart(args.page.output.as_deref(), read_by(&args.source, &config))?;
    let peer_ranges = peer_ranges(&config);
    let mut projects = Vec::new();
    let mut unread: Vec<(Section, Ref, Unavailable)> = Vec::new();
    let mut now = None;
    let sections = SECTIONS.iter().copied().collect();
    let read = source::read(&args.source, &sections, quiet, &mut |event| match event {
        Event::Organization { organization, taken, projects } => {
            now = Some(taken);
            unread.extend(unread_of_organization(organization));
            if let Err(why) = projects {
                unread.push((Section::Projects, organization.at().child("project"), why.clone()));
            }
        }
        Event::Project { organization, project } => {
            if let Some(now) = now {
                let exposure = Exposure::of(organization, project, &peer_ranges, now);
                projects.push((project.id.clone(), project.name.clone(), exposure));
            }
        }
    })?;
    let interrupted = read.interrupted.clone();
    let report = ExposureReport::new(read.about(None, &config), projects, unread);
    page.write_unless(interrupted, |out, style| match args.page.format {
        PageFormat::Table => report.write_table(out, style),
        PageFormat::Json => report.write_json(out),
    })?;
    Ok(if report.incomplete() && !args.allow_unknown { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

/// Ranges behind peerings, as the rules about peerings were told them.
pub(super) fn peer_ranges(config: &Config) -> PeerRanges {
    let told = ["ATL-NET-006", "ATL-NET-011"].into_iter().filter_map(|rule| {
        let ranges = config.settings.of(rule)?.parameters.get("peer_cidrs")?;
        ranges.clone().try_into::<PeerRanges>().ok()
    });
    told.flatten().collect()
}
