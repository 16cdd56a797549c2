//! One finding in full: what is wrong, why it matters, how it was seen, what to do, whom it concerns.

use std::io::{self, Write};

use crate::engine::rule::Confidence;

use super::style::look;
use super::text::{visible, wrapped, wrapped_command};
use super::{Finding, Report, Resource, Style, Unjudged};

struct Page<'a> {
    report: &'a Report,
    out: &'a mut dyn Write,
    style: &'a Style,
}

/// Tells a finding.
pub fn finding(report: &Report, finding: &Finding, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let mut page = Page { report, out, style };
    page.heading(finding.rule, finding.severity.as_str())?;
    page.section("What", &finding.message)?;
    page.place(&finding.resource)?;
    if let Some(pointer) = &finding.pointer {
        page.section("Field", pointer)?;
    }
    if !finding.unseen.is_empty() {
        page.section("Not all could be looked at", &finding.unseen.join("\n"))?;
    }
    if let Some((waiver, _)) = &finding.waiver {
        let state = if finding.waived().is_some() { "until" } else { "ended on" };
        page.section("Waiver", &format!("{} by {}, {state} {}", waiver.reason, waiver.owner, waiver.until))?;
    }
    page.why(finding.rule)?;
    let fix = finding.fix();
    if let Some(command) = &fix.cli {
        page.commands("Atlas CLI", command)?;
    }
    for (title, text) in [("Terraform", &fix.terraform), ("Console", &fix.console)] {
        if let Some(text) = text {
            page.section(title, text)?;
        }
    }
    page.controls(finding.rule)?;
    let fingerprint = finding.fingerprint().to_string();
    page.section("Fingerprint", &fingerprint)?;
    if finding.waived().is_none() {
        let waive = format!("atlas-audit waive {fingerprint} --reason … --owner … --until …");
        page.commands("To accept it until a day", &waive)?;
    }
    Ok(())
}

/// Tells what could not be judged.
pub fn unjudged(report: &Report, unjudged: &Unjudged, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let mut page = Page { report, out, style };
    page.heading(unjudged.rule, "unknown")?;
    page.section("Nobody knows, because", &unjudged.reasons.join("\n"))?;
    page.place(&unjudged.resource)?;
    page.why(unjudged.rule)?;
    page.controls(unjudged.rule)?;
    page.section("Fingerprint", &unjudged.fingerprint().to_string())
}

impl Page<'_> {
    fn heading(&mut self, rule: usize, verdict: &str) -> io::Result<()> {
        let rule = self.report.rule(rule);
        let text = format!("{}  {}  {}", verdict.to_uppercase(), rule.id, rule.name);
        writeln!(self.out, "{}", self.style.paint(look::STRONG, &visible(&text)))?;
        self.text(&rule.title)
    }

    fn section(&mut self, title: &str, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n{}", self.style.paint(look::STRONG, title))?;
        self.text(text)
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        for line in text.trim().lines() {
            for line in wrapped(&visible(line), self.style.width.saturating_sub(2)) {
                writeln!(self.out, "  {line}")?;
            }
        }
        Ok(())
    }

    fn commands(&mut self, title: &str, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n{}", self.style.paint(look::STRONG, title))?;
        for line in text.trim().lines() {
            for line in wrapped_command(&visible(line), self.style.width.saturating_sub(2)) {
                writeln!(self.out, "  {}", self.style.paint(look::COMMAND, &line))?;
            }
        }
        Ok(())
    }

    fn place(&mut self, resource: &Resource) -> io::Result<()> {
        self.section("Where", &format!("{} ({})\n{}", resource.place(), resource.kind, resource.at))
    }

    fn why(&mut self, rule: usize) -> io::Result<()> {
        let rule = self.report.rule(rule);
        self.section("Why it matters", &rule.why)?;
        self.section("Passes", &rule.passes)
    }

    fn controls(&mut self, rule: usize) -> io::Result<()> {
        let rule = self.report.rule(rule);
        let line = |(framework, controls): (&crate::engine::framework::Framework, &Vec<_>)| {
            let ids = controls.iter().map(|control: &crate::engine::rule::Control| match control.confidence {
                Confidence::Firm => control.id.clone(),
                Confidence::Disputed => format!("{} (disputed)", control.id),
            });
            format!("{}: {}", framework.title(), ids.collect::<Vec<_>>().join(", "))
        };
        let lines: Vec<_> = rule.controls.iter().map(line).collect();
        if !lines.is_empty() {
            self.section("Supports", &lines.join("\n"))?;
        }
        self.section("References", &rule.references.join("\n"))
    }
}
