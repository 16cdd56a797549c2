//! `atlas-audit fetch`: keep what an organization is, and judge it later.

use std::process::ExitCode;

use crate::cli::{FetchArgs, SelectionArgs};
use crate::engine::catalogue::{self, Selection};
use crate::error::Error;
use crate::snapshot::Section;

use super::live::{self, Kept};

/// Reads and keeps.
pub fn run(args: &FetchArgs, quiet: bool) -> Result<ExitCode, Error> {
    let rules = super::catalogue(args.selection.rules.as_deref())?;
    let mut sections = catalogue::needs(&rules.select(&Selection::from(&args.selection))?);
    if is_everything(&args.selection) {
        sections.extend(Section::ALL);
    }
    let kept = Kept::create(&args.output)?;
    let mut holes = 0_usize;
    let read = live::read(&args.access, &args.scope, &sections, Some(kept), quiet, &mut |event| {
        holes += live::holes(&event);
    })?;
    if !quiet {
        let unread = match holes {
            0 => String::new(),
            holes => format!("; {holes} sections could not be read, and the file says why"),
        };
        let path = read.kept.as_deref().unwrap_or(&args.output);
        anstream::eprintln!("{}: {} projects{unread}", path.display(), read.projects);
    }
    if let Some(interrupted) = &read.interrupted {
        interrupted.tell();
    }
    Ok(if read.complete { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn is_everything(selection: &SelectionArgs) -> bool {
    selection.rule.is_empty()
        && selection.skip_rule.is_empty()
        && selection.category.is_empty()
        && selection.framework.is_none()
        && selection.min_severity.is_none()
}
