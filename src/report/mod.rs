//! Who reads it: what a run found, ready to be shown, and the formats that show it.
//!
//! Every format is made from one `Report`, so all tell the same story with the same counts. Nothing here knows
//! of Atlas beyond what a finding carries. Whatever came from outside is taken for hostile: `text` makes it fit to
//! be looked at.

pub mod audit_coverage;
mod causes;
pub mod checklist;
pub mod classified;
pub mod compliance;
mod each;
pub mod exposure;
mod fix;
pub mod guardrails;
pub mod json;
mod resource;
pub mod sarif;
mod style;
mod summary;
pub mod table;
#[cfg(test)]
mod testing;
pub(crate) mod text;
pub mod who_can;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::engine::Severity;
use crate::engine::catalogue::SelectedRule;
use crate::engine::framework::Framework;
use crate::engine::outcomes::{Outcomes, Settled};
use crate::engine::rule::{FailureMeans, Remediation, Rule};
use crate::engine::verdict::{Attested, Hole, Verdict};
use crate::snapshot::Ref;
use crate::snapshot::store::SnapshotError;

pub use compliance::Compliance;
pub use fix::Fix;
pub use resource::Resource;
pub use sarif::Locations;
pub use style::Style;

/// How a report is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people at a terminal.
    Table,
    /// For programs; versioned, with a published schema.
    Json,
    /// For code scanning: GitHub, GitLab, Azure.
    Sarif,
}

/// What a format asks beyond the report.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Width and colours, for people.
    pub style: Style,
    /// Where SARIF results point.
    pub locations: Locations,
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// Whoever takes it does not take it, which includes a closed pipe.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The lines that the results are to point at cannot be found.
    #[error("cannot find the lines of the snapshot {path}")]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// Why.
        source: SnapshotError,
    },
    /// Results are to point into a snapshot, and there is none.
    #[error("SARIF results are to point into a snapshot file, and none was kept")]
    NoSnapshot,
}

impl From<RenderError> for io::Error {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Io(error) => error,
            other => Self::other(other),
        }
    }
}

/// Writes a report.
pub fn render(report: &Report, format: Format, options: &Options, out: &mut dyn Write) -> Result<(), RenderError> {
    let mut out = BufWriter::new(out);
    match format {
        Format::Table => table::write(report, &mut out, &options.style)?,
        Format::Json => json::v1::write(report, &mut out)?,
        Format::Sarif => sarif::write(report, options.locations, &mut out)?,
    }
    Ok(out.flush()?)
}

/// A run, ready to be shown.
#[derive(Debug)]
pub struct Report {
    /// What was looked at.
    pub about: About,
    /// The rules that took part, in the order of the catalogue.
    pub rules: Vec<ReportedRule>,
    /// The worst first; then by rule and resource.
    pub findings: Vec<Finding>,
    /// By rule and resource.
    pub unknowns: Vec<Unjudged>,
    /// Passes and what was not applicable, by rule and resource.
    pub settled: Settled,
    /// Passes that rest on a statement, by rule and resource.
    pub attested: Vec<AttestedVerdict>,
    /// How many of each.
    pub counts: Counts,
    /// The framework by whose requirements the verdicts are grouped.
    pub framework: Option<Framework>,
}

/// What was looked at, when and how.
#[derive(Debug, Clone)]
pub struct About {
    /// The organization's id.
    pub organization: String,
    /// Its name.
    pub organization_name: Option<String>,
    /// When Atlas was read, by its own clock.
    pub taken: Timestamp,
    /// Where from: `https://cloud.mongodb.com`.
    pub source: String,
    /// What kind of credential read it.
    pub credential: String,
    /// How many projects were looked at.
    pub projects: usize,
    /// The snapshot file that was judged or written, as it is to be referred to.
    pub snapshot: Option<SnapshotPath>,
    /// The configuration that was in force, as it is to be referred to.
    pub configuration: Option<String>,
    /// Whether the reading came to its end.
    pub complete: bool,
}

/// Where the snapshot lies.
#[derive(Debug, Clone)]
pub struct SnapshotPath {
    /// As the file system knows it.
    pub path: std::path::PathBuf,
    /// As a report refers to it: relative, with forward slashes.
    pub shown: String,
}

/// A rule that took part.
#[derive(Debug, Clone, Copy)]
pub struct ReportedRule {
    /// Its text.
    pub rule: &'static Rule,
    /// Its folder.
    pub category: &'static str,
    /// Unless a finding says otherwise: the rule's own, or what the organization has made of it.
    pub severity: Severity,
    /// Whether it was asked for; if not, other rules build on it and it says nothing itself.
    pub reported: bool,
}

/// One offending resource under one rule.
#[derive(Debug)]
pub struct Finding {
    /// Index into the report's rules.
    pub rule: usize,
    /// Of this finding; the rule's own may differ.
    pub severity: Severity,
    /// What offends.
    pub resource: Resource,
    /// What is wrong, with the value.
    pub message: String,
    /// JSON pointer into the resource's line, where one field is to blame.
    pub pointer: Option<Cow<'static, str>>,
    /// What the rule says to do about such a resource.
    remediation: &'static Remediation,
    /// What that leaves to be filled in.
    facts: Vec<(&'static str, String)>,
    /// Made of rule and resource. Survives everything but a renamed resource.
    pub fingerprint: Fingerprint,
    /// What the rule could not look at while it found this.
    pub unseen: Vec<String>,
}

impl Finding {
    /// What to do about this very resource. Made when it is asked for: the texts of all findings would take more
    /// memory than all the rest, and most reports show a few.
    #[must_use]
    pub fn fix(&self) -> Fix {
        Fix::of(self.remediation, &self.resource.at, &self.facts)
    }
}

/// A verdict that is unknown, and why.
#[derive(Debug)]
pub struct Unjudged {
    /// Index into the report's rules.
    pub rule: usize,
    /// What could not be judged.
    pub resource: Resource,
    /// What was missing. Never empty.
    pub reasons: Vec<String>,
    /// Whether only a statement could decide it, and nobody makes it.
    pub needs_attestation: bool,
    /// Equal to that of the finding that a failure would be.
    pub fingerprint: Fingerprint,
}

/// A pass that rests on what somebody states.
#[derive(Debug)]
pub struct AttestedVerdict {
    /// Index into the report's rules.
    pub rule: usize,
    /// What was judged.
    pub resource: Resource,
    /// The statement, and who answers for it.
    pub stated: Box<Attested>,
}

/// How many of each verdict. A verdict of *fail* counts once, its findings one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Findings by severity, the worst first.
    pub findings: BTreeMap<std::cmp::Reverse<Severity>, usize>,
    /// Verdicts *fail*.
    pub failed: usize,
    /// Verdicts *pass*, measured.
    pub passed: usize,
    /// Verdicts *pass* that rest on a statement.
    pub attested: usize,
    /// Verdicts *not applicable*.
    pub not_applicable: usize,
    /// Verdicts *unknown*.
    pub unknown: usize,
}

impl Counts {
    /// All findings.
    #[must_use]
    pub fn all_findings(&self) -> usize {
        self.findings.values().sum()
    }

    /// Findings at this severity or above.
    #[must_use]
    pub fn at_least(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|(found, _)| found.0 >= severity).map(|(_, count)| count).sum()
    }
}

impl Report {
    /// Turns outcomes into what is to be shown.
    #[must_use]
    pub fn new(about: About, selected: &[SelectedRule], outcomes: Outcomes) -> Self {
        let reported = |selected: &SelectedRule| ReportedRule {
            rule: selected.rule,
            category: selected.category,
            severity: selected.severity.unwrap_or(selected.rule.severity),
            reported: selected.reported,
        };
        let rules: Vec<_> = selected.iter().map(reported).collect();
        let mut counts = Counts::default();
        let (mut findings, mut unknowns, mut attested) = (Vec::new(), Vec::new(), Vec::new());
        let projects = outcomes.projects;
        for settled in outcomes.settled.iter() {
            match settled.not_applicable {
                None => counts.passed += 1,
                Some(_) => counts.not_applicable += 1,
            }
        }
        for outcome in outcomes.telling {
            let index = usize::from(outcome.rule);
            let rule = rules[index].rule;
            match outcome.verdict {
                // These are settled, and counted above.
                Ok(Verdict::Pass | Verdict::NotApplicable(_)) => {}
                Ok(Verdict::Attested(stated)) => {
                    counts.attested += 1;
                    let resource = Resource::of(outcome.at, &about, &projects);
                    attested.push(AttestedVerdict { rule: index, resource, stated });
                }
                Ok(Verdict::Fail(failure)) => {
                    counts.failed += 1;
                    let unseen: Vec<_> = failure.unseen.iter().map(ToString::to_string).collect();
                    for evidence in failure.evidence {
                        let severity = selected[index].severity.or(evidence.severity).unwrap_or(rule.severity);
                        *counts.findings.entry(std::cmp::Reverse(severity)).or_default() += 1;
                        findings.push(Finding {
                            rule: index,
                            severity,
                            remediation: &rule.remediation,
                            fingerprint: Fingerprint::of(rule, &evidence.at),
                            resource: Resource::named(evidence.at, &evidence.facts, &about, &projects),
                            facts: evidence.facts,
                            message: evidence.message,
                            pointer: evidence.pointer,
                            unseen: unseen.clone(),
                        });
                    }
                }
                Err(unknown) => {
                    counts.unknown += 1;
                    unknowns.push(Unjudged {
                        rule: index,
                        fingerprint: Fingerprint::of(rule, &outcome.at),
                        resource: Resource::of(outcome.at, &about, &projects),
                        needs_attestation: !rule.attestations.is_empty()
                            && unknown.holes.iter().all(|hole| matches!(hole, Hole::Undecidable(_))),
                        reasons: unknown.holes.iter().map(ToString::to_string).collect(),
                    });
                }
            }
        }
        // In place: a stable sort would take half as much memory again.
        findings.sort_unstable_by(|a, b| {
            let order = (b.severity, a.rule, &a.resource.at).cmp(&(a.severity, b.rule, &b.resource.at));
            order.then_with(|| a.message.cmp(&b.message))
        });
        Self { about, rules, findings, unknowns, settled: outcomes.settled, attested, counts, framework: None }
    }

    /// The verdicts by the requirements of the framework that was asked for.
    #[must_use]
    pub fn compliance(&self) -> Option<Compliance> {
        self.framework.map(|framework| Compliance::of(self, framework))
    }

    /// The rule of a finding or unknown.
    #[must_use]
    pub fn rule(&self, index: usize) -> &'static Rule {
        self.rules[index].rule
    }

    /// Findings that make a gate fail: those about Atlas, at that severity or above.
    pub fn gating(&self, least: Severity) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| {
            finding.severity >= least && self.rule(finding.rule).failure_means == FailureMeans::Finding
        })
    }

    /// Whether something that the asked rules need could not be read.
    #[must_use]
    pub fn incomplete(&self) -> bool {
        let scan_failed = |finding: &Finding| self.rule(finding.rule).failure_means == FailureMeans::IncompleteScan;
        // A finding that did not see everything leaves as much open as a verdict that is unknown.
        let open = |finding: &Finding| !finding.unseen.is_empty() || scan_failed(finding);
        !self.about.complete || !self.unknowns.is_empty() || self.findings.iter().any(open)
    }
}

/// What tells findings apart, from run to run: sixteen hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u64);

impl Fingerprint {
    fn of(rule: &Rule, at: &Ref) -> Self {
        let digest = Sha256::digest(format!("{}\n{at}", rule.id));
        Self(digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
