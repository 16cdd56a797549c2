//! Who reads it: what a run found, ready to be shown, and the formats that show it.
//!
//! Every format is made from one `Report`, so all tell the same story with the same counts. Nothing here knows
//! of Atlas beyond what a finding carries. Whatever came from outside is taken for hostile: `text` makes it fit to
//! be looked at.

pub mod access;
pub mod audit_coverage;
mod baseline;
mod causes;
pub mod checklist;
pub mod classified;
pub mod compliance;
pub mod csv;
pub mod diff;
mod each;
pub mod explained;
pub mod exposure;
mod finding;
mod fix;
pub mod github;
pub mod guardrails;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod ocsf;
mod resource;
pub mod sarif;
mod schema;
pub mod since;
mod style;
mod summary;
pub mod table;
#[cfg(test)]
mod testing;
pub(crate) mod text;
pub mod trend;
mod waived;
pub mod who_can;

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use jiff::Timestamp;

use crate::engine::Severity;
use crate::engine::catalogue::SelectedRule;
use crate::engine::framework::Framework;
use crate::engine::outcomes::{Outcomes, Settled};
use crate::engine::rule::{FailureMeans, Rule};
use crate::engine::verdict::Failure;
use crate::snapshot::Ref;
use crate::snapshot::store::SnapshotError;

pub use baseline::{Baseline, Before, Compared};
pub use compliance::Compliance;
pub use finding::{AttestedVerdict, Finding, Fingerprint, Group, Unjudged};
pub use fix::Fix;
pub use resource::Resource;
pub use sarif::Locations;
pub use style::Style;
pub(crate) use text::visible as plain;
pub use waived::WaiverUse;

/// How a report is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people at a terminal.
    Table,
    /// For programs; versioned, with a published schema.
    Json,
    /// For code scanning: GitHub, GitLab, Azure.
    Sarif,
    /// For people with a browser.
    Html,
    /// For pull requests and step summaries.
    Markdown,
    /// For test reporters: Jenkins, GitLab.
    Junit,
    /// For spreadsheets.
    Csv,
    /// For data lakes and SIEMs: an event of the Open Cybersecurity Schema Framework per line.
    Ocsf,
    /// For a run of GitHub Actions: annotations.
    Github,
}

/// What a format asks beyond the report.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Width and colours, for people.
    pub style: Style,
    /// Where SARIF results point.
    pub locations: Locations,
    /// Whether SARIF keeps what is waived.
    pub suppressed: bool,
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
        Format::Sarif => sarif::write(report, options.locations, options.suppressed, &mut out)?,
        Format::Html => html::write(report, &mut out)?,
        Format::Markdown => markdown::write(report, &mut out)?,
        Format::Junit => junit::write(report, &mut out)?,
        Format::Csv => csv::write(report, &mut out)?,
        Format::Ocsf => ocsf::write(report, &mut out)?,
        Format::Github => github::write(report, &mut out)?,
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
    /// How many of each.
    pub counts: Counts,
    /// The worst first; then by rule.
    groups: Vec<Group>,
    outcomes: Outcomes,
    /// Those that count first.
    waivers: Vec<WaiverUse>,
    compared: Option<Compared>,
    /// Most findings that a report lists; it counts them all.
    pub most_findings: usize,
    /// The framework by whose requirements the verdicts are grouped.
    pub framework: Option<Framework>,
    /// What came of findings since earlier scans; only the html report tells it.
    pub trend: Option<trend::Trend>,
    /// Who can do what where, and from where; only the html report tells it.
    pub access: Option<html::Access>,
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
    /// Whether the organization has set the severity: cases are then neither worse nor milder.
    set: bool,
}

impl ReportedRule {
    /// The severity of a case that may have one of its own.
    fn severity_of(&self, own: Option<Severity>) -> Severity {
        own.filter(|_| !self.set).unwrap_or(self.severity)
    }
}

/// How many of each verdict. A verdict of *fail* counts once, its findings one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Findings that nobody waives, by severity, the worst first.
    pub findings: BTreeMap<std::cmp::Reverse<Severity>, usize>,
    /// Findings that somebody waives.
    pub waived: usize,
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
    /// All findings that nobody waives.
    #[must_use]
    pub fn open_findings(&self) -> usize {
        self.findings.values().sum()
    }

    /// All findings: open, and waived.
    #[must_use]
    pub fn all_findings(&self) -> usize {
        self.open_findings() + self.waived
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
            set: selected.severity.is_some(),
        };
        let rules: Vec<_> = selected.iter().map(reported).collect();
        let mut counts =
            Counts { unknown: outcomes.unknown_count(), attested: outcomes.attested().count(), ..Counts::default() };
        for settled in outcomes.settled.iter() {
            match settled.not_applicable {
                None => counts.passed += 1,
                Some(_) => counts.not_applicable += 1,
            }
        }
        let mut groups = Vec::new();
        for (rule, tally) in outcomes.tallies() {
            let rule = usize::from(rule);
            counts.failed += tally.verdicts;
            let mut by_severity: BTreeMap<Severity, usize> = BTreeMap::new();
            for (own, count) in &tally.evidence {
                *by_severity.entry(rules[rule].severity_of(*own)).or_default() += count;
            }
            for (severity, count) in by_severity {
                *counts.findings.entry(std::cmp::Reverse(severity)).or_default() += count;
                groups.push(Group { rule, severity, count, waived: 0, failing: 0, partial: tally.partial > 0 });
            }
        }
        groups.sort_by_key(|group| (std::cmp::Reverse(group.severity), group.rule));
        Self {
            about,
            rules,
            counts,
            groups,
            outcomes,
            waivers: Vec::new(),
            compared: None,
            most_findings: usize::MAX,
            framework: None,
            trend: None,
            access: None,
        }
    }

    /// Findings by severity and rule, the worst first.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The findings of a group, by resource.
    #[expect(clippy::missing_panics_doc, reason = "rules are numbered in sixteen bits where they are judged")]
    pub fn findings_of(&self, group: Group) -> impl Iterator<Item = Finding> + Clone {
        let rule = u16::try_from(group.rule).expect("rules are numbered in sixteen bits");
        let own = self.rules[group.rule];
        let of_failure = move |(_, failure): (Ref, Failure)| {
            let unseen: Vec<_> = failure.unseen.iter().map(ToString::to_string).collect();
            let evidence = failure.evidence.into_iter();
            evidence
                .filter(move |evidence| own.severity_of(evidence.severity) == group.severity)
                .map(move |evidence| self.mark(Finding::of(self, group, evidence, unseen.clone())))
        };
        self.outcomes.failures(rule).flat_map(of_failure)
    }

    /// All findings: the worst first, then by rule and resource.
    pub fn findings(&self) -> impl Iterator<Item = Finding> + Clone {
        self.groups.iter().flat_map(|group| self.findings_of(*group))
    }

    /// The findings that a report lists.
    pub fn listed(&self) -> impl Iterator<Item = Finding> + Clone {
        self.findings().take(self.most_findings)
    }

    /// How many it leaves out.
    #[must_use]
    pub fn unlisted(&self) -> usize {
        self.counts.all_findings().saturating_sub(self.most_findings)
    }

    /// What could not be judged, by rule and resource.
    pub fn unknowns(&self) -> impl Iterator<Item = Unjudged> + Clone {
        self.outcomes.unknowns().map(|(rule, at, unknown)| Unjudged::of(self, usize::from(rule), at, &unknown))
    }

    /// Passes that rest on a statement, by rule and resource.
    pub fn attested(&self) -> impl Iterator<Item = AttestedVerdict<'_>> + Clone {
        self.outcomes.attested().map(|(rule, at, stated)| AttestedVerdict {
            rule: usize::from(rule),
            resource: self.resource(at.clone(), &[]),
            stated,
        })
    }

    /// Passes and what was not applicable, by rule and resource.
    #[must_use]
    pub fn settled(&self) -> &Settled {
        &self.outcomes.settled
    }

    /// What failed under a rule, by resource: each once, however many findings there are.
    #[expect(clippy::missing_panics_doc, reason = "rules are numbered in sixteen bits where they are judged")]
    pub fn failed(&self, rule: usize) -> impl Iterator<Item = Ref> {
        let rule = u16::try_from(rule).expect("rules are numbered in sixteen bits");
        self.outcomes.failures(rule).map(|(at, _)| at)
    }

    /// The project that a reference belongs to, if to one: id and name.
    #[must_use]
    pub fn project_of(&self, at: Ref) -> Option<(String, String)> {
        let resource = self.resource(at, &[]);
        resource.project.map(|(id, name)| (id.to_string(), name.to_string()))
    }

    fn resource(&self, at: Ref, facts: &[(&'static str, String)]) -> Resource {
        Resource::named(at, facts, &self.about, &self.outcomes.projects)
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

    /// How many findings make a gate fail: those about Atlas, at that severity or above, that nobody waives;
    /// where the report is held against an earlier one, only what is new or worse since.
    #[must_use]
    pub fn gating(&self, least: Severity) -> usize {
        let groups = self
            .groups
            .iter()
            .filter(|group| group.severity >= least && self.rule(group.rule).failure_means == FailureMeans::Finding);
        groups.map(|group| if self.compared.is_some() { group.failing } else { group.open() }).sum()
    }

    /// Whether something that the asked rules need could not be read.
    #[must_use]
    pub fn incomplete(&self) -> bool {
        let scan_failed = |group: &Group| self.rule(group.rule).failure_means == FailureMeans::IncompleteScan;
        // A finding that did not see everything leaves as much open as a verdict that is unknown.
        let open = |group: &Group| group.partial || scan_failed(group);
        !self.about.complete || self.counts.unknown > 0 || self.groups.iter().any(open)
    }
}
