//! What a configuration can speak of, gathered while it is read: what `init` and `config check` share.

use crate::cli::SourceArgs;
use crate::config::seen::Seen;
use crate::error::Error;

use super::live::Event;
use super::source;

/// Reads what the arguments name.
pub(super) fn look(args: &SourceArgs, quiet: bool) -> Result<Seen, Error> {
    let mut seen: Option<Seen> = None;
    let read = source::read(args, &Seen::sections(), quiet, &mut |event| match event {
        Event::Organization { organization, taken, projects } => {
            seen = Some(Seen::of(organization, taken, projects.is_ok()));
        }
        Event::Project { project, .. } => {
            if let Some(seen) = &mut seen {
                seen.project(project);
            }
        }
    })?;
    if read.interrupted.is_some() {
        return Err(Error::Interrupted);
    }
    let mut seen = seen.unwrap_or_else(|| Seen::of(&read.organization, read.header.taken, false));
    // What was left out on request is missing as well.
    let is_partial = !args.scope.project.is_empty() || !args.scope.exclude_project.is_empty();
    seen.all_projects &= read.complete && !is_partial && read.header.projects.is_none();
    Ok(seen)
}
