//! One module per subcommand: glue only. What they share: `live` reads Atlas, `output` writes files, `selection` picks
//! projects.

pub mod demo;
pub mod fetch;
mod live;
mod output;
pub mod rules;
pub mod scan;
pub mod schema;
mod selection;
pub mod simulate;

use std::io::{self, Write};

use crate::cli::{Format, SarifLocations, SelectionArgs};
use crate::engine::catalogue::Selection;
use crate::report::Report;

impl From<&SelectionArgs> for Selection {
    fn from(args: &SelectionArgs) -> Self {
        Self {
            rules: args.rule.clone(),
            skip: args.skip_rule.clone(),
            categories: args.category.clone(),
            min_severity: args.min_severity,
        }
    }
}

fn render_options(_locations: SarifLocations) {}

fn render(report: &Report, _format: Format, _options: &(), _terminal: bool, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        writeln!(
            out,
            "{} {} {:?} {}",
            finding.severity,
            report.rule(finding.rule).id,
            finding.resource.name,
            finding.message
        )?;
    }
    for unknown in &report.unknowns {
        writeln!(out, "unknown {} {:?} {:?}", report.rule(unknown.rule).id, unknown.resource.name, unknown.reasons)?;
    }
    writeln!(out, "{:?}", report.counts)
}
