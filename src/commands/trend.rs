//! `atlas-audit trend`: what many scans tell together.

use crate::cli::{PageFormat, TrendArgs};
use crate::error::Error;
use crate::history::{History, Place};

use super::output::Page;

/// Reads a history, works out, shows.
pub fn run(args: &TrendArgs) -> Result<(), Error> {
    let page = Page::to(args.page.output.as_deref())?;
    let history = History::open(Place::to_read(&args.history)?)?;
    let organization = history.organization(args.org.as_deref())?;
    let trend = history.trend(organization, args.since, args.every.map(Into::into), None)?;
    page.write(|out, style| match args.page.format {
        PageFormat::Table => trend.write_table(args.top, out, style),
        PageFormat::Json => trend.write_json(out),
    })
}
