//! Verdicts by the requirements of a framework.
//!
//! A rule supports a requirement; it does not satisfy it alone. So a requirement is *met* only as far as these rules
//! can tell, and every page says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Write};

use serde::Serialize;

use crate::engine::catalogue::Entry;
use crate::engine::framework::Framework;
use crate::engine::rule::{Confidence, Rule};

use super::Report;
use super::style::{Style, look};
use super::text::wrapped;

/// What every page says.
pub const CAVEAT: &str = "A pass supports a requirement; it does not satisfy it alone. An assessor may see the \
                          mappings marked ? otherwise.";

/// Where a requirement stands, as far as the rules can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Something was seen that fails.
    Failed,
    /// Nothing fails, and not everything could be read.
    Unknown,
    /// What can be measured holds; the rest is for somebody to state.
    NeedsAttestation,
    /// Everything that applies holds, by measure or by statement.
    Met,
    /// Nothing here applies.
    NotApplicable,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NeedsAttestation => "needs attestation",
            Self::Met => "met",
            Self::NotApplicable => "not applicable",
        })
    }
}

/// How many verdicts of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Passes, measured or attested.
    pub met: usize,
    /// Passes among them that rest on a statement.
    pub attested: usize,
    /// Findings.
    pub failed: usize,
    /// What could not be judged.
    pub unknown: usize,
    /// What only a statement could decide, and nobody makes it.
    pub needs_attestation: usize,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.met += other.met;
        self.attested += other.attested;
        self.failed += other.failed;
        self.unknown += other.unknown;
        self.needs_attestation += other.needs_attestation;
    }

    fn state(self) -> State {
        if self.failed > 0 {
            State::Failed
        } else if self.unknown > 0 {
            State::Unknown
        } else if self.needs_attestation > 0 {
            State::NeedsAttestation
        } else if self.met > 0 {
            State::Met
        } else {
            State::NotApplicable
        }
    }
}

/// A rule that supports a requirement.
#[derive(Debug, Clone, Copy)]
pub struct Support {
    /// The rule.
    pub rule: &'static Rule,
    /// How sure the mapping is.
    pub confidence: Confidence,
    /// Where the rule stands.
    pub state: State,
}

/// A requirement, and what the rules that support it say.
#[derive(Debug)]
pub struct Requirement {
    /// `1.3.1`
    pub id: &'static str,
    /// Where it stands.
    pub state: State,
    /// Its verdicts.
    pub tally: Tally,
    /// The rules, by id.
    pub rules: Vec<Support>,
}

/// A framework, requirement by requirement.
#[derive(Debug)]
pub struct Compliance {
    /// Which.
    pub framework: Framework,
    /// In the order in which people number them.
    pub requirements: Vec<Requirement>,
}

impl Compliance {
    /// The verdicts of a report, by requirement.
    #[must_use]
    pub fn of(report: &Report, framework: Framework) -> Self {
        let mut tallies = vec![Tally::default(); report.rules.len()];
        for group in report.groups() {
            tallies[group.rule].failed += group.count;
        }
        for unjudged in report.unknowns() {
            let tally = &mut tallies[unjudged.rule];
            *(if unjudged.needs_attestation { &mut tally.needs_attestation } else { &mut tally.unknown }) += 1;
        }
        for attested in report.attested() {
            tallies[attested.rule].met += 1;
            tallies[attested.rule].attested += 1;
        }
        for settled in report.settled().iter().filter(|settled| settled.not_applicable.is_none()) {
            tallies[usize::from(settled.rule)].met += 1;
        }
        let mut requirements: BTreeMap<Vec<Part<'static>>, Requirement> = BTreeMap::new();
        for (reported, tally) in report.rules.iter().zip(&tallies).filter(|(reported, _)| reported.reported) {
            for control in reported.rule.controls.get(&framework).into_iter().flatten() {
                let requirement = requirements.entry(parts(&control.id)).or_insert_with(|| Requirement {
                    id: &control.id,
                    state: State::NotApplicable,
                    tally: Tally::default(),
                    rules: Vec::new(),
                });
                requirement.tally.add(*tally);
                let support = Support { rule: reported.rule, confidence: control.confidence, state: tally.state() };
                requirement.rules.push(support);
            }
        }
        let mut requirements: Vec<_> = requirements.into_values().collect();
        for requirement in &mut requirements {
            requirement.state = requirement.tally.state();
            requirement.rules.sort_by_key(|support| &support.rule.id);
        }
        Self { framework, requirements }
    }

    /// How many requirements stand how.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<State, usize> {
        let mut counts = BTreeMap::new();
        for requirement in &self.requirements {
            *counts.entry(requirement.state).or_default() += 1;
        }
        counts
    }

    /// `12 met, 9 failed, 3 unknown, 2 need attestation, 4 not applicable`
    #[must_use]
    pub fn sentence(&self) -> String {
        let counts = self.counts();
        let of = |state| counts.get(&state).copied().unwrap_or(0);
        let need = if of(State::NeedsAttestation) == 1 { "needs attestation" } else { "need attestation" };
        let parts = [
            (of(State::Met), "met"),
            (of(State::Failed), "failed"),
            (of(State::Unknown), "unknown"),
            (of(State::NeedsAttestation), need),
            (of(State::NotApplicable), "not applicable"),
        ];
        let said: Vec<_> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        format!("{} requirements: {}", self.requirements.len(), said.join(", "))
    }

    /// For people: a line per requirement, above the findings.
    pub(super) fn write(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        writeln!(out, "{}", style.paint(look::STRONG, self.framework.title()))?;
        let widest = self.requirements.iter().map(|requirement| requirement.id.len()).max().unwrap_or(0).max(11);
        let heading = format!(
            "  {:<widest$}  {:<17} {:>6} {:>6} {:>7}  rules",
            "requirement", "state", "met", "failed", "unknown"
        );
        writeln!(out, "{}", style.paint(look::FAINT, &heading))?;
        for requirement in &self.requirements {
            let Tally { met, failed, unknown, needs_attestation, .. } = requirement.tally;
            let state = format!("{:<17}", requirement.state);
            let state = match requirement.state {
                State::Failed => style.paint(look::STRONG, &state),
                State::NotApplicable => style.paint(look::FAINT, &state),
                _ => state,
            };
            let line = format!("  {:<widest$}  ", requirement.id);
            let indent = line.len() + 17 + 24;
            let rules: Vec<_> = requirement.rules.iter().map(mark).collect();
            let room = style.width.saturating_sub(indent).max(24);
            let mut lines = wrapped(&rules.join(" "), room).into_iter();
            let first = lines.next().unwrap_or_default();
            writeln!(out, "{line}{state} {met:>6} {failed:>6} {:>7}  {first}", unknown + needs_attestation)?;
            for line in lines {
                writeln!(out, "{:indent$}{line}", "")?;
            }
        }
        writeln!(out, "\n{}", self.sentence())?;
        for line in wrapped(CAVEAT, style.width) {
            writeln!(out, "{}", style.paint(look::FAINT, &line))?;
        }
        writeln!(out)
    }
}

/// `NET-001`, `NET-001?` where the mapping may be disputed.
fn mark(support: &Support) -> String {
    let id = support.rule.id.strip_prefix("ATL-").unwrap_or(&support.rule.id);
    match support.confidence {
        Confidence::Firm => id.to_owned(),
        Confidence::Disputed => format!("{id}?"),
    }
}

/// Numbers count as numbers: `A.8.9` stands before `A.8.20`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    Number(u64),
    Word(&'a str),
}

fn parts(id: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = id;
    while let Some(first) = rest.chars().next() {
        let numeric = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != numeric).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        parts.push(match part.parse() {
            Ok(number) if numeric => Part::Number(number),
            _ => Part::Word(part),
        });
        rest = after;
    }
    parts
}

/// The map itself: requirements, and the rules that support them.
pub fn map(entries: &[&'static Entry], framework: Framework, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let mapped = by_requirement(entries, framework);
    let rules: BTreeSet<&str> = mapped.iter().flat_map(|(_, rules)| rules).map(|(rule, _)| rule.id.as_str()).collect();
    writeln!(out, "{}", style.paint(look::STRONG, framework.title()))?;
    for (id, supports) in &mapped {
        writeln!(out, "\n{}", style.paint(look::STRONG, id))?;
        for (rule, confidence) in supports {
            let disputed = if *confidence == Confidence::Disputed { "  (disputed)" } else { "" };
            writeln!(out, "  {:<14} {}{disputed}", rule.id, rule.name)?;
        }
    }
    writeln!(out, "\n{} requirements, {} rules", mapped.len(), rules.len())?;
    for line in wrapped(CAVEAT, style.width) {
        writeln!(out, "{}", style.paint(look::FAINT, &line))?;
    }
    Ok(())
}

/// The map, for programs.
pub fn map_json(entries: &[&'static Entry], framework: Framework, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Mapped<'a> {
        requirement: &'a str,
        rules: Vec<MappedRule<'a>>,
    }
    #[derive(Serialize)]
    struct MappedRule<'a> {
        id: &'a str,
        name: &'a str,
        confidence: Confidence,
    }
    let mapped = by_requirement(entries, framework);
    let mapped: Vec<_> = mapped
        .iter()
        .map(|(requirement, rules)| Mapped {
            requirement,
            rules: rules
                .iter()
                .map(|(rule, confidence)| MappedRule { id: &rule.id, name: &rule.name, confidence: *confidence })
                .collect(),
        })
        .collect();
    let page = serde_json::json!({ "framework": framework, "title": framework.title(), "requirements": mapped });
    serde_json::to_writer_pretty(&mut *out, &page)?;
    writeln!(out)
}

type Supports = Vec<(&'static Rule, Confidence)>;

fn by_requirement(entries: &[&'static Entry], framework: Framework) -> Vec<(&'static str, Supports)> {
    let mut mapped: BTreeMap<Vec<Part<'static>>, (&'static str, Supports)> = BTreeMap::new();
    for entry in entries {
        for control in entry.rule.controls.get(&framework).into_iter().flatten() {
            let (_, rules) = mapped.entry(parts(&control.id)).or_insert_with(|| (&control.id, Vec::new()));
            rules.push((&entry.rule, control.confidence));
        }
    }
    mapped.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing;

    #[test]
    fn requirements_stand_in_the_order_of_their_numbers() {
        let mut ids = ["10.2.1", "1.3.1", "A.8.20", "A.8.9", "1.10.1", "SC-7(5)", "SC-7"];
        ids.sort_by_key(|id| parts(id));
        assert_eq!(ids, ["1.3.1", "1.10.1", "10.2.1", "A.8.9", "A.8.20", "SC-7", "SC-7(5)"]);
    }

    #[test]
    fn a_requirement_is_as_good_as_the_worst_that_is_known_of_it() {
        let tally = |met, failed, unknown, needs_attestation| {
            Tally { met, failed, unknown, needs_attestation, attested: 0 }.state()
        };
        assert_eq!(tally(9, 1, 1, 1), State::Failed);
        assert_eq!(tally(9, 0, 1, 1), State::Unknown);
        assert_eq!(tally(9, 0, 0, 1), State::NeedsAttestation);
        assert_eq!(tally(1, 0, 0, 0), State::Met);
        assert_eq!(tally(0, 0, 0, 0), State::NotApplicable);
    }

    #[test]
    fn every_verdict_of_a_mapped_rule_is_counted() {
        let report = testing::sample();
        let compliance = Compliance::of(&report, Framework::PciDss);
        let requirement = compliance.requirements.iter().find(|requirement| requirement.id == "1.3.1").unwrap();
        let open = report.rules.iter().position(|reported| reported.rule.id == "ATL-NET-001").unwrap();
        let found = report.findings().filter(|finding| finding.rule == open).count();
        assert!(found > 0);
        assert_eq!((requirement.tally.failed, requirement.state), (found, State::Failed));
        assert_eq!(requirement.rules.len(), 1);
    }
}
