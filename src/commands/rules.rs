//! `atlas-audit rules`: the checklist, for reading.

use std::fmt::Write as _;
use std::process::ExitCode;

use crate::cli::{RulesArgs, RulesCommand, RulesFormat};
use crate::engine::catalogue::{Catalogue, Entry, Selection};
use crate::engine::rule::Expected;
use crate::engine::{custom, example};
use crate::error::Error;
use crate::report::{Style, checklist, compliance};

use super::new_rule;
use super::output::to_stdout;

/// Lists the rules, or shows one.
pub fn run(args: &RulesArgs) -> Result<ExitCode, Error> {
    let style = Style::of_stdout();
    match &args.command {
        RulesCommand::List { format, selection } => {
            let catalogue = super::catalogue(selection.rules.as_deref())?;
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
            })?;
        }
        RulesCommand::Show { rule, rules } => {
            let catalogue = super::catalogue(rules.as_deref())?;
            let entry = catalogue.find(rule)?;
            to_stdout(|out| Ok(checklist::show(entry, out, &style)?))?;
        }
        RulesCommand::Test { folder } => return test(custom::with_folder(folder)?),
        RulesCommand::New { id, name, folder, scope } => {
            let path = new_rule::write(id, name, *scope, folder)?;
            let (path, folder) = (path.display(), folder.display());
            to_stdout(|out| Ok(writeln!(out, "{path}: edit it, then `atlas-audit rules test {folder}`")?))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Judges the examples of an organization's own rules: 1 if any is not judged as it says, or if one is missing.
fn test(catalogue: &'static Catalogue) -> Result<ExitCode, Error> {
    let mut wrong = 0_usize;
    let mut lines = String::new();
    for entry in catalogue.entries().filter(|entry| entry.is_custom()) {
        let rule = &entry.rule;
        let mut faults = Vec::new();
        for (index, one) in entry.examples().iter().enumerate() {
            if let Err(why) = example::judge(catalogue, entry, one) {
                let because = one.because.as_deref().map(|text| format!(" ({text})")).unwrap_or_default();
                faults.push(format!("example {}{because}: {why}", index + 1));
            }
        }
        for (wanted, what) in [(Expected::Pass, "passes"), (Expected::Fail, "fails"), (Expected::Unknown, "is unknown")]
        {
            if !entry.examples().iter().any(|one| one.is == wanted) {
                faults.push(format!("there is no example that {what}"));
            }
        }
        let mark = if faults.is_empty() { "ok    " } else { "WRONG " };
        let count = entry.examples().len();
        let _ = writeln!(lines, "{mark} {}  {}: {count} examples", rule.id, rule.name);
        for fault in &faults {
            let _ = writeln!(lines, "       {fault}");
        }
        wrong += usize::from(!faults.is_empty());
    }
    to_stdout(|out| Ok(out.write_all(lines.as_bytes())?))?;
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
