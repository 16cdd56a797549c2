//! `atlas-audit rules`: the checklist, for reading.

use crate::cli::{RulesArgs, RulesCommand, RulesFormat};
use crate::engine::catalogue::{Catalogue, Entry, Selection};
use crate::error::Error;
use crate::report::{Style, checklist};

use super::output::to_stdout;

/// Lists the rules, or shows one.
pub fn run(args: &RulesArgs) -> Result<(), Error> {
    let catalogue = Catalogue::built_in();
    let style = Style::of_stdout();
    match &args.command {
        RulesCommand::List { format, selection } => {
            let selected = catalogue.select(&Selection::from(selection))?;
            let entries: Vec<&Entry> = catalogue
                .entries()
                .filter(|entry| selected.iter().any(|selected| selected.rule.id == entry.rule.id))
                .collect();
            to_stdout(|out| {
                Ok(match format {
                    RulesFormat::Table => checklist::list(&entries, out, &style),
                    RulesFormat::Json => checklist::json(&entries, out),
                    RulesFormat::Markdown => out.write_all(checklist::markdown(&entries).as_bytes()),
                }?)
            })
        }
        RulesCommand::Show { rule } => {
            let entry = catalogue.find(rule)?;
            to_stdout(|out| Ok(checklist::show(entry, out, &style)?))
        }
    }
}
