//! How a report becomes a document of version 1.

use crate::engine::waiver::WaiverState;
use crate::engine::{rule, severity};
use crate::report::each::Each;
use crate::report::{self, ReportedRule, compliance, since};

use super::{
    Absent, Attested, Baseline, BySeverity, Compliance, Confidence, Control, Document, Finding, Fix, Organization,
    Project, Requirement, Resource, Rule, RuleName, SCHEMA, Settled, Severity, Standing, Summary, Support, Tool,
    Unknown, VERSION, Verdict, Waiver, WaiverUse,
};

impl Compliance<'static> {
    fn of(compliance: &compliance::Compliance) -> Self {
        let support = |support: &compliance::Support| Support {
            id: &support.rule.id,
            confidence: support.confidence.into(),
            state: support.state,
        };
        let requirement = |requirement: &compliance::Requirement| Requirement {
            id: requirement.id,
            state: requirement.state,
            verdicts: requirement.tally,
            rules: requirement.rules.iter().map(support).collect(),
        };
        Self {
            id: compliance.framework,
            title: compliance.framework.title(),
            requirements: compliance.requirements.iter().map(requirement).collect(),
        }
    }
}

impl From<rule::Confidence> for Confidence {
    fn from(confidence: rule::Confidence) -> Self {
        match confidence {
            rule::Confidence::Firm => Self::Firm,
            rule::Confidence::Disputed => Self::Disputed,
        }
    }
}

impl Standing {
    fn of(standing: since::Standing) -> Option<Self> {
        Some(match standing {
            since::Standing::New => Self::New,
            since::Standing::CameToLight => Self::CameToLight,
            since::Standing::Worse => Self::Worse,
            since::Standing::Changed => Self::Changed,
            since::Standing::Unchanged => Self::Unchanged,
            since::Standing::OutOfSight | since::Standing::Gone => return None,
        })
    }
}

impl<'a> Baseline<'a> {
    fn of(compared: &'a report::Compared) -> Self {
        let absent = |before: &'a report::Before| Absent {
            rule: &before.rule,
            severity: before.severity.into(),
            resource: before.at.as_str(),
            message: &before.message,
            fingerprint: before.fingerprint.to_string(),
        };
        Self {
            source: &compared.source,
            taken: compared.taken.map(|taken| taken.to_string()),
            fixed: compared.fixed.iter().map(absent).collect(),
            out_of_sight: compared.out_of_sight.iter().map(absent).collect(),
            not_compared: compared.not_compared,
        }
    }
}

impl From<severity::Severity> for Severity {
    fn from(severity: severity::Severity) -> Self {
        match severity {
            severity::Severity::Critical => Self::Critical,
            severity::Severity::High => Self::High,
            severity::Severity::Medium => Self::Medium,
            severity::Severity::Low => Self::Low,
            severity::Severity::Info => Self::Info,
        }
    }
}

impl<'a> Document<'a> {
    pub(super) fn of(report: &'a report::Report) -> Self {
        let about = &report.about;
        Self {
            schema: SCHEMA,
            version: VERSION,
            tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
            organization: Organization { id: &about.organization, name: about.organization_name.as_deref() },
            projects: about.projects,
            taken: about.taken.to_string(),
            source: &about.source,
            credential: &about.credential,
            complete: about.complete,
            snapshot: about.snapshot.as_ref().map(|snapshot| snapshot.shown.as_str()),
            configuration: about.configuration.as_deref(),
            summary: Summary::of(report),
            rules: Each::of(report.rules.iter().filter(|rule| rule.reported), Rule::of),
            framework: report.compliance().map(|compliance| Compliance::of(&compliance)),
            findings: Each::of(report.listed(), |finding| Finding::of(report, finding)),
            unknowns: Each::of(report.unknowns(), |unjudged| Unknown {
                rule: RuleName::of(report.rule(unjudged.rule)),
                fingerprint: unjudged.fingerprint().to_string(),
                resource: Resource::of(unjudged.resource),
                reasons: unjudged.reasons,
            }),
            baseline: report.compared().map(Baseline::of),
            waivers: report.waivers().iter().map(WaiverUse::of).collect(),
            attested: Each::of(report.attested(), |attested| Attested {
                rule: RuleName::of(report.rule(attested.rule)),
                resource: Resource::of(attested.resource),
                statement: &attested.stated.statement,
                evidence: attested.stated.evidence.as_deref(),
                owner: &attested.stated.owner,
                date: attested.stated.date,
                expires: attested.stated.expires,
            }),
            verdicts: Each::of(report.settled().iter(), |settled| Settled {
                rule: &report.rule(usize::from(settled.rule)).id,
                resource: settled.at.as_str(),
                verdict: if settled.not_applicable.is_some() { Verdict::NotApplicable } else { Verdict::Pass },
                reason: settled.not_applicable,
            }),
        }
    }
}

impl Summary {
    fn of(report: &report::Report) -> Self {
        let counts = &report.counts;
        let of = |severity| counts.findings.get(&std::cmp::Reverse(severity)).copied().unwrap_or(0);
        Self {
            findings: counts.open_findings(),
            waived: counts.waived,
            unlisted: report.unlisted(),
            by_severity: BySeverity {
                critical: of(severity::Severity::Critical),
                high: of(severity::Severity::High),
                medium: of(severity::Severity::Medium),
                low: of(severity::Severity::Low),
                info: of(severity::Severity::Info),
            },
            failed: counts.failed,
            passed: counts.passed,
            attested: counts.attested,
            not_applicable: counts.not_applicable,
            unknown: counts.unknown,
        }
    }
}

impl Rule<'_> {
    fn of(reported: &ReportedRule) -> Self {
        let rule: &'static rule::Rule = reported.rule;
        let control =
            |control: &'static rule::Control| Control { id: &control.id, confidence: control.confidence.into() };
        let controls = rule.controls.iter();
        Self {
            id: &rule.id,
            name: &rule.name,
            title: &rule.title,
            severity: reported.severity.into(),
            category: reported.category,
            scope: rule.scope.to_string(),
            controls: controls.map(|(name, ids)| (name.slug(), ids.iter().map(control).collect())).collect(),
            references: &rule.references,
        }
    }
}

impl<'a> RuleName<'a> {
    fn of(rule: &'a rule::Rule) -> Self {
        Self { id: &rule.id, name: &rule.name }
    }
}

impl<'a> Finding<'a> {
    fn of(report: &'a report::Report, finding: report::Finding) -> Self {
        let (fix, fingerprint) = (finding.fix(), finding.fingerprint().to_string());
        Self {
            rule: RuleName::of(report.rule(finding.rule)),
            severity: finding.severity.into(),
            resource: Resource::of(finding.resource),
            message: finding.message,
            pointer: finding.pointer,
            fix: Fix { cli: fix.cli, terraform: fix.terraform, console: fix.console },
            fingerprint,
            baseline: finding.standing.and_then(Standing::of),
            unseen: finding.unseen,
            waiver: finding.waiver.map(|(waiver, state)| Waiver {
                reason: waiver.reason.clone(),
                owner: waiver.owner.clone(),
                until: waiver.until,
                expired: state == WaiverState::Expired,
            }),
        }
    }
}

impl<'a> WaiverUse<'a> {
    fn of(one: &'a report::WaiverUse) -> Self {
        let waiver = &one.waiver;
        Self {
            rule: &waiver.rule,
            resource: waiver.resource.as_str(),
            reason: &waiver.reason,
            owner: &waiver.owner,
            until: waiver.until,
            expired: one.state == WaiverState::Expired,
            findings: one.matches,
            idle: one.is_idle(),
        }
    }
}

impl Resource {
    fn of(resource: report::Resource) -> Self {
        Self {
            r#ref: resource.at,
            kind: resource.kind,
            name: resource.name,
            project: resource.project.map(|(id, name)| Project { id, name }),
        }
    }
}
