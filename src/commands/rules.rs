//! `atlas-audit rules`: the checklist, for reading.

use crate::cli::{RulesArgs, RulesCommand, RulesFormat};
use crate::engine::catalogue::{Catalogue, Entry, Selection};
use crate::error::Error;
use crate::report::{Style, checklist, compliance};

use super::output::to_stdout;

/// Lists the rules, or shows one.
pub fn run(args: &RulesArgs) -> Result<(), Error> {
    let catalogue = Catalogue::built_in();
    let style = Style::of_stdout();
    match &args.command {
        RulesCommand::List { format, selection } => {
            let selected = catalogue.select(&Selection::from(selection))?;
            let entries: Vec<&'static Entry> = catalogue
                .entries()
                .filter(|entry| selected.iter().any(|selected| selected.reported && selected.rule.id == entry.rule.id))
                .collect();
            to_stdout(|out| {
                Ok(match (format, selection.framework) {
                    (RulesFormat::Table, Some(framework)) => compliance::map(&entries, framework, out, &style),
                    (RulesFormat::Json, Some(framework)) => compliance::map_json(&entries, framework, out),
                    (RulesFormat::Table, None) => checklist::list(&entries, out, &style),
                    (RulesFormat::Json, None) => checklist::json(&entries, out),
                    (RulesFormat::Markdown, _) => out.write_all(checklist::markdown(&entries).as_bytes()),
                }?)
            })
        }
        RulesCommand::Show { rule } => {
            let entry = catalogue.find(rule)?;
            to_stdout(|out| Ok(checklist::show(entry, out, &style)?))
        }
    }
}
