//! From a scan to the files that are kept of it.

use std::collections::HashMap;
use std::iter::Peekable;

use super::logins::LoginLog;
use super::tables::findings::{FindingRow, Findings};
use super::tables::logins::Logins;
use super::tables::scans::{SEVERITIES, ScanRow, Scans, Verdicts};
use super::tables::verdicts::{VerdictCounts, VerdictRow};
use super::tables::watches::Watches;
use super::tables::{Table, TableError, Writer};
use super::{HistoryError, Stem};
use crate::report::since::{judged, owner};
use crate::report::{Report, Resource};
use crate::snapshot::Ref;

/// A scan, as it is kept.
#[derive(Debug)]
pub struct Record {
    pub(super) stem: Stem,
    pub(super) scan: ScanRow,
    /// By table, in the order in which they are to be written: the table of scans last.
    pub(super) files: Vec<(&'static str, Vec<u8>)>,
}

const VERDICTS: [&str; 5] = ["fail", "unknown", "attested", "pass", "not-applicable"];

impl Record {
    /// What is kept of a report, of the snapshot that it is about (SHA-256, 64 hexadecimal digits) and of its logins.
    pub fn of(
        report: &Report,
        snapshot_sha256: &str,
        projects: &[String],
        logins: LoginLog,
    ) -> Result<Self, HistoryError> {
        let about = &report.about;
        let counts = &report.counts;
        let findings = SEVERITIES
            .map(|(severity, _)| counts.findings.get(&std::cmp::Reverse(severity)).copied().unwrap_or_default());
        let scan = ScanRow {
            organization_name: about.organization_name.clone(),
            taken: about.taken,
            snapshot_sha256: snapshot_sha256.to_owned(),
            tool: format!("atlas-audit {}", env!("CARGO_PKG_VERSION")),
            project_ids: projects.to_vec(),
            rule_ids: report.rules.iter().filter(|rule| rule.reported).map(|rule| rule.rule.id.clone()).collect(),
            findings,
            waived: counts.waived,
            verdicts: Verdicts {
                failed: counts.failed,
                passed: counts.passed,
                attested: counts.attested,
                not_applicable: counts.not_applicable,
                unknown: counts.unknown,
            },
        };
        let stem = Stem::of(&about.organization, about.taken, snapshot_sha256);
        let files = files(report, &scan, logins).map_err(|error| HistoryError::Table { why: error.to_string() })?;
        Ok(Self { stem, scan, files })
    }

    /// The table of findings.
    pub(super) fn findings(&self) -> &[u8] {
        self.files.iter().find(|(table, _)| *table == Findings::NAME).map_or(&[], |(_, content)| content)
    }
}

fn files(report: &Report, scan: &ScanRow, logins: LoginLog) -> Result<Vec<(&'static str, Vec<u8>)>, TableError> {
    Ok(vec![
        (Findings::NAME, findings(report)?),
        (VerdictCounts::NAME, verdicts(report)?),
        (Watches::NAME, table::<Watches>(logins.watches)?),
        (Logins::NAME, table::<Logins>(logins.logins)?),
        (Scans::NAME, table::<Scans>(vec![scan.clone()])?),
    ])
}

fn table<T: Table>(rows: Vec<T::Row>) -> Result<Vec<u8>, TableError> {
    let mut writer = Writer::<T>::start()?;
    for row in rows {
        writer.push(row)?;
    }
    writer.finish()
}

fn project(resource: &Resource) -> Option<(String, String)> {
    resource.project.as_ref().map(|(id, name)| (id.to_string(), name.to_string()))
}

fn findings(report: &Report) -> Result<Vec<u8>, TableError> {
    let mut writer = Writer::<Findings>::start()?;
    let taken = report.about.taken;
    for finding in report.findings() {
        let rule = report.rules[finding.rule];
        let at = finding.resource.at.as_str();
        let partial = !finding.unseen.is_empty();
        let judged = judged(rule.rule.scope, at).map(str::to_owned);
        writer.push(FindingRow {
            taken,
            found: true,
            fingerprint: finding.fingerprint(),
            rule: &rule.rule.id,
            rule_name: &rule.rule.name,
            category: rule.category,
            severity: Some(finding.severity),
            project: project(&finding.resource),
            resource: at.to_owned(),
            resource_name: finding.resource.place(),
            judged,
            partial,
            waived: finding.waived().is_some(),
            message: finding.message,
        })?;
    }
    for unjudged in report.unknowns() {
        let rule = report.rules[unjudged.rule];
        let at = unjudged.resource.at.as_str().to_owned();
        writer.push(FindingRow {
            taken,
            found: false,
            fingerprint: unjudged.fingerprint(),
            rule: &rule.rule.id,
            rule_name: &rule.rule.name,
            category: rule.category,
            severity: None,
            project: project(&unjudged.resource),
            resource: at.clone(),
            resource_name: unjudged.resource.place(),
            judged: Some(at),
            message: unjudged.reasons.join("; "),
            partial: false,
            waived: false,
        })?;
    }
    writer.finish()
}

/// Rule by rule: all verdicts come in that order, so that no more than one rule's counts are held at once.
fn verdicts(report: &Report) -> Result<Vec<u8>, TableError> {
    let mut writer = Writer::<VerdictCounts>::start()?;
    let taken = report.about.taken;
    let mut settled =
        report.settled().iter().map(|one| (usize::from(one.rule), one.at, one.not_applicable.is_some())).peekable();
    let mut unknown = report.unknowns().peekable();
    let mut attested = report.attested().peekable();
    for (index, rule) in report.rules.iter().enumerate() {
        let mut counts: HashMap<String, [usize; 5]> = HashMap::new();
        let mut count = |at: &str, verdict: usize| {
            let owner = owner(at);
            match counts.get_mut(owner) {
                Some(counts) => counts[verdict] += 1,
                None => counts.entry(owner.to_owned()).or_default()[verdict] += 1,
            }
        };
        report.failed(index).for_each(|at| count(at.as_str(), 0));
        of_rule(&mut unknown, |one| one.rule == index, |one| count(one.resource.at.as_str(), 1));
        of_rule(&mut attested, |one| one.rule == index, |one| count(one.resource.at.as_str(), 2));
        of_rule(&mut settled, |one| one.0 == index, |one| count(one.1.as_str(), if one.2 { 4 } else { 3 }));
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_unstable();
        for (owner, counts) in counts {
            let project = report.project_of(Ref::parsed(&owner));
            for (verdict, count) in VERDICTS.iter().zip(counts).filter(|(_, count)| *count > 0) {
                writer.push(VerdictRow { taken, rule: &rule.rule.id, project: project.clone(), verdict, count })?;
            }
        }
    }
    writer.finish()
}

fn of_rule<T>(all: &mut Peekable<impl Iterator<Item = T>>, is_of: impl Fn(&T) -> bool, mut on: impl FnMut(T)) {
    while let Some(one) = all.next_if(|one| is_of(one)) {
        on(one);
    }
}
