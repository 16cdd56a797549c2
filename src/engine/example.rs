//! The examples in the rules' own files, judged.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::snapshot::project::Project;
use crate::snapshot::tree;
use crate::snapshot::{Organization, Reason, Ref, Unavailable};

use super::catalogue::{Catalogue, Entry, SelectedRule};
use super::judge::Judge;
use super::outcomes::Outcome;
use super::predicate::Predicate;
use super::rule::{Example, Expected};
use super::settings::RuleSettings;
use super::severity::Severity;
use super::verdict::{Evidence, Verdict};
use super::view::ScanView;

/// What is wrong with an example.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    /// It cannot be read as a snapshot, or its parameters do not fit.
    #[error("{0}")]
    Unreadable(String),
    /// The rule says something else.
    #[error("expected {expected:?}, got {got}")]
    Verdict {
        /// As the example says.
        expected: Expected,
        /// As the rule says.
        got: String,
    },
    /// The verdict is right, its reasons are not.
    #[error("expected {expected}, got {got}")]
    Reasons {
        /// As the example says.
        expected: String,
        /// As the rule says.
        got: String,
    },
}

/// When nothing else is said, examples were looked at then.
fn default_now() -> Timestamp {
    "2026-11-01T12:00:00Z".parse().expect("a valid time")
}

/// Judges an example of a rule.
///
/// Of several resources the worst verdict counts: fail, then unknown, then attested, then pass.
pub fn judge(catalogue: &'static Catalogue, entry: &'static Entry, example: &Example) -> Result<(), Wrong> {
    let unreadable = |error: &dyn std::fmt::Display| Wrong::Unreadable(error.to_string());
    let predicates = entry.bind(&example.parameters).map_err(|error| unreadable(&error))?;
    let now = example.now.unwrap_or_else(default_now);
    let mut organization: Organization =
        tree::nested(example.organization.clone()).map_err(|error| unreadable(&error))?;
    if organization.id.is_empty() {
        "org".clone_into(&mut organization.id);
    }
    let outcomes: Vec<Outcome> = if let Some(scan) = &example.scan {
        let at = organization.at();
        let unread: Vec<_> = scan
            .unread
            .iter()
            .map(|section| (*section, Ref::parsed("org/org"), Unavailable::new(Reason::Forbidden, section.name())))
            .collect();
        let view = ScanView {
            organization: &organization,
            at: &at,
            judged: scan.judged,
            unknown: scan.unknown,
            unread: &unread,
            needs: &scan.needs.iter().copied().collect(),
            offline: scan.offline,
        };
        let decide = |predicate: &Predicate| match predicate {
            Predicate::Scan(decide) => Some(Outcome { rule: 0, at: at.clone(), verdict: decide(&view) }),
            _ => None,
        };
        predicates.iter().filter_map(decide).collect()
    } else {
        let mut selected = Vec::new();
        for judged in catalogue.with_legs(&BTreeSet::from([entry.rule.id.as_str()])) {
            if judged != entry.rule.id {
                let leg = catalogue.find(judged).map_err(|error| unreadable(&error))?;
                selected.push(leg.selected(&RuleSettings::default(), false).map_err(|error| unreadable(&error))?);
            }
        }
        selected.push(SelectedRule {
            rule: &entry.rule,
            category: entry.category(),
            predicates,
            severity: None,
            reported: true,
        });
        let mut project = example.project.clone().map(tree::nested::<Project>).transpose();
        if let Ok(Some(project)) = &mut project
            && project.id.is_empty()
        {
            "project".clone_into(&mut project.id);
        }
        let project = project.map_err(|error| unreadable(&error))?;
        let listed: Vec<_> = project.iter().map(Project::listed).chain(example.neighbours.iter().cloned()).collect();
        let unlisted = example.listing.map(|reason| Unavailable::new(reason, "/groups"));
        let listing = unlisted.as_ref().map_or(Ok(listed.as_slice()), Err);
        let mut declared = example.declared.clone();
        for record in &example.reviews {
            declared.take_in(record.clone(), "review.json");
        }
        for watch in &example.watched {
            declared.logins.add("project", watch.clone());
        }
        let mut judge = Judge::new(&selected, &declared, now);
        judge.organization(&organization, listing);
        if let Some(project) = &project {
            judge.project(&organization, project);
        }
        judge.finish(&organization, false).iter().collect()
    };
    compare(entry, example, &outcomes)
}

fn compare(entry: &Entry, example: &Example, outcomes: &[Outcome]) -> Result<(), Wrong> {
    let evidence: Vec<&Evidence> = outcomes
        .iter()
        .filter_map(|outcome| match &outcome.verdict {
            Ok(Verdict::Fail(failure)) => Some(&failure.evidence),
            _ => None,
        })
        .flatten()
        .collect();
    let unknown: Vec<String> = outcomes
        .iter()
        .filter_map(|outcome| outcome.verdict.as_ref().err())
        .flat_map(|unknown| unknown.holes.iter().map(ToString::to_string))
        .collect();
    let attested: Vec<String> = outcomes
        .iter()
        .filter_map(|outcome| match &outcome.verdict {
            Ok(Verdict::Attested(stated)) => Some(stated.statement.clone()),
            _ => None,
        })
        .collect();
    let passes = outcomes.iter().filter(|outcome| matches!(outcome.verdict, Ok(Verdict::Pass))).count();
    let idle: Vec<String> = outcomes
        .iter()
        .filter_map(|outcome| match &outcome.verdict {
            Ok(Verdict::NotApplicable(why)) => Some(why.to_string()),
            _ => None,
        })
        .collect();
    let (got, reasons) = if !evidence.is_empty() {
        (Expected::Fail, evidence.iter().map(|evidence| evidence.message.clone()).collect())
    } else if !unknown.is_empty() {
        (Expected::Unknown, unknown)
    } else if !attested.is_empty() {
        (Expected::Attested, attested)
    } else if passes > 0 {
        (Expected::Pass, Vec::new())
    } else {
        (Expected::NotApplicable, idle)
    };
    if got != example.is {
        return Err(Wrong::Verdict { expected: example.is, got: format!("{got:?} ({})", reasons.join(" | ")) });
    }
    if let Some(finds) = &example.finds
        && !reasons.iter().any(|reason| reason.contains(finds.as_str()))
    {
        return Err(Wrong::Reasons { expected: format!("`{finds}`"), got: reasons.join(" | ") });
    }
    if let Some(count) = example.findings
        && count != evidence.len()
    {
        return Err(Wrong::Reasons {
            expected: format!("{count} findings"),
            got: format!("{}: {}", evidence.len(), reasons.join(" | ")),
        });
    }
    if let Some(severity) = example.severity {
        let worst: Option<Severity> =
            evidence.iter().map(|evidence| evidence.severity.unwrap_or(entry.rule.severity)).max();
        if worst != Some(severity) {
            return Err(Wrong::Reasons { expected: format!("severity {severity}"), got: format!("{worst:?}") });
        }
    }
    Ok(())
}
