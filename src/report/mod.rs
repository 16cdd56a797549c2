//! Who reads it: what a run found, ready to be shown, and the formats that show it.
//!
//! Every format is made from one `Report`, so all tell the same story with the same counts. Nothing here knows
//! of Atlas beyond what a finding carries.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::engine::Severity;
use crate::engine::catalogue::SelectedRule;
use crate::engine::judge::Outcomes;
use crate::engine::rule::{FailureMeans, Remediation, Rule};
use crate::engine::verdict::{Evidence, Verdict};
use crate::snapshot::Ref;

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
    pub settled: Vec<Settled>,
    /// How many of each.
    pub counts: Counts,
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
}

/// What was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its identity.
    pub at: Ref,
    /// For people: `access list entry`.
    pub kind: &'static str,
    /// As Atlas shows it.
    pub name: String,
    /// The project's id and name, where it belongs to one.
    pub project: Option<(String, String)>,
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
    pub pointer: Option<String>,
    /// What to do about this very resource.
    pub fix: Fix,
    /// Sixteen hexadecimal digits from rule and resource. Survives everything but a renamed resource.
    pub fingerprint: String,
    /// What the rule could not look at while it found this.
    pub unseen: Vec<String>,
}

/// A remediation with the names of the resource filled in.
#[derive(Debug, Clone, Default)]
pub struct Fix {
    /// A command of the Atlas CLI, shell-quoted.
    pub cli: Option<String>,
    /// The attribute of the Terraform provider.
    pub terraform: Option<String>,
    /// Where to go in the console.
    pub console: Option<String>,
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
    /// Equal to that of the finding that a failure would be.
    pub fingerprint: String,
}

/// A pass, or nothing to judge.
#[derive(Debug)]
pub struct Settled {
    /// Index into the report's rules.
    pub rule: u16,
    /// What was judged.
    pub at: Ref,
    /// Why there was nothing to judge; a pass if there is no reason.
    pub not_applicable: Option<std::borrow::Cow<'static, str>>,
}

/// How many of each verdict. A verdict of *fail* counts once, its findings one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Findings by severity, the worst first.
    pub findings: BTreeMap<std::cmp::Reverse<Severity>, usize>,
    /// Verdicts *fail*.
    pub failed: usize,
    /// Verdicts *pass*.
    pub passed: usize,
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
        let rules: Vec<_> =
            selected.iter().map(|rule| ReportedRule { rule: rule.rule, category: rule.category }).collect();
        let mut counts = Counts::default();
        let (mut findings, mut unknowns, mut settled) = (Vec::new(), Vec::new(), Vec::new());
        let projects = outcomes.projects;
        for outcome in outcomes.outcomes {
            let index = usize::from(outcome.rule);
            let rule = rules[index].rule;
            match outcome.verdict {
                Ok(Verdict::Pass) => {
                    counts.passed += 1;
                    settled.push(Settled { rule: outcome.rule, at: outcome.at, not_applicable: None });
                }
                Ok(Verdict::NotApplicable(why)) => {
                    counts.not_applicable += 1;
                    settled.push(Settled { rule: outcome.rule, at: outcome.at, not_applicable: Some(why) });
                }
                Ok(Verdict::Fail(failure)) => {
                    counts.failed += 1;
                    let unseen: Vec<_> = failure.unseen.iter().map(ToString::to_string).collect();
                    for evidence in failure.evidence {
                        let severity = evidence.severity.unwrap_or(rule.severity);
                        *counts.findings.entry(std::cmp::Reverse(severity)).or_default() += 1;
                        findings.push(Finding {
                            rule: index,
                            severity,
                            fix: Fix::of(&rule.remediation, &evidence),
                            fingerprint: fingerprint(rule, &evidence.at),
                            resource: Resource::of(evidence.at, &about, &projects),
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
                        fingerprint: fingerprint(rule, &outcome.at),
                        resource: Resource::of(outcome.at, &about, &projects),
                        reasons: unknown.holes.iter().map(ToString::to_string).collect(),
                    });
                }
            }
        }
        findings.sort_by(|a, b| (b.severity, a.rule, &a.resource.at).cmp(&(a.severity, b.rule, &b.resource.at)));
        Self { about, rules, findings, unknowns, settled, counts }
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
        !self.about.complete || !self.unknowns.is_empty() || self.findings.iter().any(scan_failed)
    }
}

/// Sixteen hexadecimal digits from the rule's id and the resource's identity.
fn fingerprint(rule: &Rule, at: &Ref) -> String {
    let digest = Sha256::digest(format!("{}\n{at}", rule.id));
    digest.iter().take(8).fold(String::with_capacity(16), |hex, byte| hex + &format!("{byte:02x}"))
}

impl Fix {
    fn of(remediation: &Remediation, evidence: &Evidence) -> Self {
        let mut facts = evidence.facts.clone();
        let mut segments = evidence.at.as_str().split('/');
        if segments.next() == Some("org") {
            facts.extend(segments.next().map(|id| ("org", id.to_owned())));
            if segments.next() == Some("project") {
                facts.extend(segments.next().map(|id| ("project", id.to_owned())));
            }
        }
        let fill = |text: &String, quote: bool| {
            facts.iter().fold(text.clone(), |text, (name, value)| {
                let value = if quote {
                    shlex::try_quote(value).map_or_else(|_| value.clone(), Into::into)
                } else {
                    value.clone()
                };
                text.replace(&format!("<{name}>"), &value)
            })
        };
        Self {
            cli: remediation.cli.as_ref().map(|text| fill(text, true)),
            terraform: remediation.terraform.as_ref().map(|text| fill(text, false)),
            console: remediation.console.as_ref().map(|text| fill(text, false)),
        }
    }

    /// The first way there is, for formats with room for one.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.cli.as_deref().or(self.console.as_deref()).or(self.terraform.as_deref())
    }
}

impl Resource {
    /// Names a resource from its identity.
    #[must_use]
    pub fn of(at: Ref, about: &About, projects: &BTreeMap<String, String>) -> Self {
        let segments: Vec<&str> = at.as_str().split('/').collect();
        let organization = || about.organization_name.clone().unwrap_or_else(|| about.organization.clone());
        let project = match segments.as_slice() {
            ["org", _, "project", id, ..] => {
                Some(((*id).to_owned(), projects.get(*id).cloned().unwrap_or_else(|| (*id).to_owned())))
            }
            _ => None,
        };
        let below = if project.is_some() { &segments[4..] } else { segments.get(2..).unwrap_or_default() };
        let (kind, name) = match below {
            [] => match &project {
                Some((_, name)) => ("project", name.clone()),
                None => ("organization", organization()),
            },
            ["project"] => ("projects of the organization", organization()),
            // A section that holds one object, or a whole list.
            [section] | [_, _, section] => {
                (kind(section, false), at_owner(&segments, below.len(), &project, organization))
            }
            [section, _] | [_, _, section, _] => (kind(section, true), at.name()),
            _ => ("resource", at.name()),
        };
        Self { at, kind, name, project }
    }
}

fn at_owner(
    segments: &[&str],
    below: usize,
    project: &Option<(String, String)>,
    organization: impl Fn() -> String,
) -> String {
    if below == 3 {
        return Ref::parsed(segments[segments.len() - 2]).name();
    }
    project.as_ref().map_or_else(organization, |(_, name)| name.clone())
}

/// What people call the resources of a section.
fn kind(slot: &str, entry: bool) -> &'static str {
    match (slot, entry) {
        ("accessList", true) => "access list entry",
        ("accessList", false) => "access list",
        ("databaseUsers", true) => "database user",
        ("databaseUsers", false) => "database users",
        ("clusters", true) => "cluster",
        ("clusters", false) => "clusters",
        ("flexClusters", _) => "Flex cluster",
        ("serverlessInstances", _) => "serverless instance",
        ("customRoles", _) => "custom role",
        ("users", true) => "Atlas user",
        ("users", false) => "Atlas users",
        ("teams", _) => "team",
        ("apiKeys", true) => "API key",
        ("apiKeys", false) => "API keys",
        ("serviceAccounts", true) => "service account",
        ("serviceAccounts", false) => "service accounts",
        ("mcpConfigs", _) => "MCP configuration",
        ("secrets", _) => "secret",
        ("settings", _) => "settings",
        ("auditLog", _) => "audit log",
        ("encryptionAtRest", _) => "encryption at rest",
        ("federationSettings", _) => "federation settings",
        ("identityProviders", _) => "identity provider",
        ("logIntegrations", _) => "log integration",
        ("pushBasedLogExport", _) => "log export",
        ("openAlerts", _) => "open alert",
        ("awsPeers" | "azurePeers" | "gcpPeers", _) => "peering connection",
        ("awsPrivateEndpointServices" | "azurePrivateEndpointServices" | "gcpPrivateEndpointServices", _) => {
            "private endpoint service"
        }
        ("credential", _) => "credential",
        _ => "resource",
    }
}

pub(crate) fn colour(_: Severity) -> anstyle::Style {
    anstyle::Style::new()
}
pub(crate) fn terminal_width() -> usize {
    100
}
pub(crate) fn wrapped(text: &str, _: usize) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}
pub mod json {
    pub fn schema() -> serde_json::Value {
        serde_json::Value::Null
    }
}
