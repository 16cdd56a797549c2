//! `atlas-audit rules`: the checklist, for reading.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::cli::{RulesArgs, RulesCommand, RulesFormat};
use crate::engine::catalogue::{Catalogue, Entry, Selection};
use crate::engine::rule::{Confidence, Control, Expected};
use crate::error::Error;

use super::output::to_stdout;

/// Lists the rules, or shows one.
pub fn run(args: &RulesArgs) -> Result<(), Error> {
    let catalogue = Catalogue::built_in();
    match &args.command {
        RulesCommand::List { format, selection } => {
            let selected = catalogue.select(&Selection::from(selection))?;
            let entries: Vec<&Entry> = catalogue
                .entries()
                .filter(|entry| selected.iter().any(|selected| selected.rule.id == entry.rule.id))
                .collect();
            to_stdout(|out| match format {
                RulesFormat::Table => list(&entries, out),
                RulesFormat::Json => json(&entries, out),
                RulesFormat::Markdown => out.write_all(markdown(&entries).as_bytes()),
            })
        }
        RulesCommand::Show { rule } => {
            let entry = catalogue.find(rule)?;
            to_stdout(|out| show(entry, out))
        }
    }
}

fn list(entries: &[&Entry], out: &mut dyn Write) -> io::Result<()> {
    let widest = entries.iter().map(|entry| entry.rule.name.len()).max().unwrap_or_default();
    for entry in entries {
        let rule = &entry.rule;
        let colour = crate::report::colour(rule.severity);
        writeln!(
            out,
            "{:<14} {:<widest$}  {colour}{:<8}{colour:#}  {}",
            rule.id, rule.name, rule.severity, rule.title
        )?;
    }
    writeln!(out, "\n{} rules; `atlas-audit rules show <id or name>` explains one", entries.len())
}

#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    name: &'a str,
    aliases: &'a [String],
    category: &'a str,
    severity: &'a str,
    scope: crate::engine::rule::Scope,
    title: &'a str,
    needs: Vec<&'a str>,
    parameters: &'a toml::Table,
    controls: &'a std::collections::BTreeMap<String, Vec<Control>>,
}

fn json(entries: &[&Entry], out: &mut dyn Write) -> io::Result<()> {
    let listed: Vec<_> = entries
        .iter()
        .map(|entry| Listed {
            id: &entry.rule.id,
            name: &entry.rule.name,
            aliases: &entry.rule.aliases,
            category: entry.category(),
            severity: entry.rule.severity.as_str(),
            scope: entry.rule.scope,
            title: &entry.rule.title,
            needs: entry.rule.needs.iter().map(|section| section.name()).collect(),
            parameters: &entry.rule.parameters,
            controls: &entry.rule.controls,
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &listed)?;
    writeln!(out)
}

/// The table of `rules/README.md`.
fn markdown(entries: &[&Entry]) -> String {
    let mut page = String::from(
        "# The rules\n\nGenerated from the files in this folder: `UPDATE=1 cargo test rules_readme` writes it anew.\n",
    );
    let mut category = "";
    for entry in entries {
        if entry.category() != category {
            category = entry.category();
            page += &format!(
                "\n## {category}\n\n| id | name | severity | judged per | what it finds |\n|---|---|---|---|---|\n"
            );
        }
        let rule = &entry.rule;
        page += &format!(
            "| [{}]({}.toml) | {} | {} | {} | {} |\n",
            rule.id, entry.file, rule.name, rule.severity, rule.scope, rule.title
        );
    }
    page
}

fn show(entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    let rule = &entry.rule;
    let bold = Style::new().bold();
    let dim = AnsiColor::BrightBlack.on_default();
    let colour = crate::report::colour(rule.severity);
    let width = crate::report::terminal_width();
    let mut section = |title: &str, text: &str| -> io::Result<()> {
        writeln!(out, "\n{bold}{title}{bold:#}")?;
        for line in crate::report::wrapped(text.trim(), width.saturating_sub(2)) {
            writeln!(out, "  {line}")?;
        }
        Ok(())
    };
    let heading = format!("{}  {}", rule.id, rule.name);
    section(&heading, &rule.title)?;
    section("Severity", &format!("{colour}{}{colour:#}, judged per {}", rule.severity, rule.scope))?;
    section("Why", &rule.why)?;
    section("Passes", &rule.passes)?;
    section("Fails", &rule.fails)?;
    if let Some(text) = &rule.not_applicable {
        section("Not applicable", text)?;
    }
    let needs: Vec<_> = rule.needs.iter().map(|need| need.name()).collect();
    section("Reads", &needs.join(", "))?;
    for (title, text) in [
        ("Atlas CLI", &rule.remediation.cli),
        ("Terraform", &rule.remediation.terraform),
        ("Console", &rule.remediation.console),
    ] {
        if let Some(text) = text {
            section(title, text)?;
        }
    }
    if !rule.parameters.is_empty() {
        section("Parameters", rule.parameters.to_string().trim())?;
    }
    for (framework, controls) in &rule.controls {
        let ids: Vec<_> = controls
            .iter()
            .map(|control| match control.confidence {
                Confidence::Firm => control.id.clone(),
                Confidence::Disputed => format!("{} (disputed)", control.id),
            })
            .collect();
        section(framework, &ids.join(", "))?;
    }
    section("References", &rule.references.join("\n"))?;
    writeln!(out, "\n{bold}Examples{bold:#}")?;
    for example in &rule.examples {
        let is = match example.is {
            Expected::Pass => "pass",
            Expected::Fail => "fail",
            Expected::NotApplicable => "not applicable",
            Expected::Unknown => "unknown",
        };
        let because = example.because.as_deref().or(example.finds.as_deref()).unwrap_or("the plain case");
        writeln!(out, "  {is:<15}{dim}{because}{dim:#}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_readme_is_current() {
        let entries: Vec<_> = Catalogue::built_in().entries().collect();
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/README.md");
        let wanted = markdown(&entries);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &wanted).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), wanted, "UPDATE=1 cargo test rewrites it");
    }
}
