//! The checklist itself, for reading: one line a rule, one rule in full, a page.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use crate::engine::catalogue::Entry;
use crate::engine::framework::Framework;
use crate::engine::rule::{Confidence, Control, Expected};

use super::style::{Style, colour, look};
use super::text::wrapped;

/// One line a rule.
pub fn list(entries: &[&Entry], out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let widest = entries.iter().map(|entry| entry.rule.name.len()).max().unwrap_or_default();
    for entry in entries {
        let rule = &entry.rule;
        let severity = style.paint(colour(rule.severity), &format!("{:<8}", rule.severity));
        writeln!(out, "{:<14} {:<widest$}  {severity}  {}", rule.id, rule.name, rule.title)?;
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
    controls: &'a BTreeMap<Framework, Vec<Control>>,
}

/// For programs.
pub fn json(entries: &[&Entry], out: &mut dyn Write) -> io::Result<()> {
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

/// The page `rules/README.md`.
#[must_use]
pub fn markdown(entries: &[&Entry]) -> String {
    let mut page = String::from(
        "# The rules\n\nGenerated from the files in this folder: `UPDATE=1 cargo test rules_readme` writes it anew.\n",
    );
    let mut category = "";
    for entry in entries {
        if entry.category() != category {
            category = entry.category();
            let _ = write!(
                page,
                "\n## {category}\n\n| id | name | severity | judged per | what it finds |\n|---|---|---|---|---|\n"
            );
        }
        let rule = &entry.rule;
        let _ = writeln!(
            page,
            "| [{}]({}.toml) | {} | {} | {} | {} |",
            rule.id, entry.file, rule.name, rule.severity, rule.scope, rule.title
        );
    }
    page
}

/// One rule in full.
pub fn show(entry: &Entry, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let rule = &entry.rule;
    let mut section = |title: &str, text: &str| -> io::Result<()> {
        writeln!(out, "\n{}", style.paint(look::STRONG, title))?;
        for line in text.trim().lines().flat_map(|line| wrapped(line, style.width.saturating_sub(2))) {
            writeln!(out, "  {line}")?;
        }
        Ok(())
    };
    let heading = format!("{}  {}", rule.id, rule.name);
    section(&heading, &rule.title)?;
    section("Severity", &format!("{}, judged per {}", rule.severity, rule.scope))?;
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
        section(framework.title(), &ids.join(", "))?;
    }
    section("References", &rule.references.join("\n"))?;
    writeln!(out, "\n{}", style.paint(look::STRONG, "Examples"))?;
    for example in entry.examples() {
        let is = match example.is {
            Expected::Attested => "passes by attestation",
            Expected::Pass => "pass",
            Expected::Fail => "fail",
            Expected::NotApplicable => "not applicable",
            Expected::Unknown => "unknown",
        };
        let because = example.because.as_deref().or(example.finds.as_deref()).unwrap_or("the plain case");
        writeln!(out, "  {is:<15}{}", style.paint(look::FAINT, because))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::catalogue::Catalogue;

    #[test]
    fn rules_readme_is_current() {
        let entries: Vec<_> = Catalogue::built_in().entries().collect();
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/README.md");
        let wanted = markdown(&entries);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &wanted).unwrap();
        }
        let current = std::fs::read_to_string(&path).unwrap_or_default() == wanted;
        assert!(current, "rules/README.md is out of date: UPDATE=1 cargo test rewrites it");
    }
}
