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
use crate::report::{self, Report};

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

fn render_options(locations: SarifLocations) -> report::Options {
    let locations = match locations {
        SarifLocations::Snapshot => report::Locations::Snapshot,
        SarifLocations::Resource => report::Locations::Resource,
    };
    report::Options { style: report::Style::plain(), locations }
}

fn render(
    report: &Report,
    format: Format,
    options: &report::Options,
    terminal: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let style = if terminal { report::Style::of_stdout() } else { options.style };
    let format = match format {
        Format::Table => report::Format::Table,
        Format::Json => report::Format::Json,
        Format::Sarif => report::Format::Sarif,
    };
    Ok(report::render(report, format, &report::Options { style, ..*options }, out)?)
}
