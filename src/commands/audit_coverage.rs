//! `atlas-audit audit-coverage`: what the audit logs record, and where the record goes.

use std::collections::BTreeSet;
use std::process::ExitCode;

use crate::analysis::audit_coverage::Analysis;
use crate::cli::{AuditCoverageArgs, PageFormat};
use crate::engine::catalogue::Catalogue;
use crate::error::Error;
use crate::report::audit_coverage::{AuditReport, table, v1};
use crate::rules::auditing::filter::required_events;
use crate::snapshot::Section;

use super::clash::read_by;
use super::configuration;
use super::live::Event;
use super::output::Page;
use super::source;

/// What is looked at.
const SECTIONS: [Section; 6] = [
    Section::Projects,
    Section::Clusters,
    Section::AuditLog,
    Section::LogIntegrations,
    Section::PushBasedLogExport,
    Section::OpenAlerts,
];

/// The rule whose required events are asked for.
const RULE: &str = "ATL-AUD-002";

/// Reads, works out, shows. 3 if something that it is about could not be read.
pub fn run(args: &AuditCoverageArgs, quiet: bool) -> Result<ExitCode, Error> {
    let config = configuration::in_force(&args.config)?;
    let page = Page::apart(args.page.output.as_deref(), read_by(&args.source, &config))?;
    let mut parameters = Catalogue::built_in().find(RULE)?.rule.parameters.clone();
    // An organization that asks the rule for other events means them here too.
    parameters.extend(config.settings.of(RULE).map(|changed| changed.parameters.clone()).unwrap_or_default());
    let mut analysis = Analysis::new(required_events(&parameters));
    let mut projects = Vec::new();
    let mut unlisted = None;
    let read = source::read(&args.source, &BTreeSet::from(SECTIONS), quiet, &mut |event| match event {
        Event::Organization { projects, .. } => unlisted = projects.err().map(ToString::to_string),
        Event::Project { project, .. } => projects.push(analysis.of(project)),
    })?;
    let report = AuditReport {
        organization: read.organization.id.clone(),
        organization_name: read.organization.name.clone(),
        taken: read.header.taken,
        source: read.header.source,
        complete: read.complete,
        unlisted,
        required: analysis.required().clone(),
        projects,
    };
    page.write_unless(read.interrupted, |out, style| match args.page.format {
        PageFormat::Table => table::write(&report, out, style),
        PageFormat::Json => v1::write(&report, out),
    })?;
    Ok(if report.incomplete() { ExitCode::from(3) } else { ExitCode::SUCCESS })
}
