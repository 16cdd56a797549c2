//! From the lives of findings to what people ask: how many over time, how long until they are fixed, which are oldest,
//! which come back.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::lives::{Life, Lives, State};
use super::tables::scans::SEVERITIES;
use crate::engine::Severity;
use crate::report::Fingerprint;
use crate::report::trend::{Every, Fixes, OldFinding, Period, Returning, Trend};

const DAY: f64 = 86_400.0;

pub(super) fn of(organization: &str, lives: &Lives, every: Option<Every>) -> Trend {
    let times: Vec<Timestamp> = lives.scans.iter().map(|looked| looked.scan.taken).collect();
    let every = every.unwrap_or_else(|| Every::fitting(&times));
    let all = lives.all();
    let last = lives.scans.last();
    let now = times.last().copied().unwrap_or_default();
    let mut open: Vec<_> = all
        .iter()
        .filter(|(_, life)| life.state == State::Open && !life.waived)
        .map(|(fingerprint, life)| old(*fingerprint, life, now))
        .collect();
    open.sort_by_key(|finding| (finding.since, std::cmp::Reverse(finding.severity)));
    let mut returning: Vec<_> = all
        .iter()
        .filter(|(_, life)| life.returns() > 0)
        .map(|(fingerprint, life)| Returning {
            finding: old(*fingerprint, life, now),
            returned: life.returns(),
            is_open: life.state == State::Open,
        })
        .collect();
    returning.sort_by_key(|one| (std::cmp::Reverse(one.returned), std::cmp::Reverse(one.finding.severity)));
    Trend {
        organization: organization.to_owned(),
        organization_name: last.and_then(|looked| looked.scan.organization_name.clone()),
        scans: times.len(),
        first: times.first().copied(),
        last: times.last().copied(),
        every,
        periods: periods(lives, every),
        fixes: fixes(&all),
        open,
        out_of_sight: last.map_or(0, |looked| looked.out_of_sight),
        returning,
    }
}

/// Of several scans in one, the last says how things stand; what is new and fixed is the sum.
fn periods(lives: &Lives, every: Every) -> Vec<Period> {
    let mut periods: Vec<Period> = Vec::new();
    for looked in &lives.scans {
        let scan = &looked.scan;
        let name = every.name(scan.taken);
        let same = every != Every::Scan && periods.last().is_some_and(|last| last.name == name);
        let before = if same { periods.pop() } else { None };
        let (scans, new, came_to_light, fixed) =
            before.map_or((0, 0, 0, 0), |before| (before.scans, before.new, before.came_to_light, before.fixed));
        periods.push(Period {
            name,
            scans: scans + 1,
            taken: scan.taken,
            snapshot_sha256: scan.snapshot_sha256.clone(),
            projects: scan.project_ids.len(),
            rules: scan.rule_ids.len(),
            findings: SEVERITIES.iter().zip(scan.findings).map(|((severity, _), count)| (*severity, count)).collect(),
            waived: scan.waived,
            unknown: scan.verdicts.unknown,
            passed: scan.verdicts.passed + scan.verdicts.attested,
            new: new + looked.new,
            came_to_light: came_to_light + looked.came_to_light,
            fixed: fixed + looked.fixed,
            out_of_sight: looked.out_of_sight,
        });
    }
    periods
}

fn fixes(all: &[(Fingerprint, &Life)]) -> Vec<Fixes> {
    let mut days: BTreeMap<Severity, (Vec<f64>, usize)> = BTreeMap::new();
    for fixed in all.iter().flat_map(|(_, life)| &life.fixed) {
        let (known, unknown) = days.entry(fixed.severity).or_default();
        if fixed.start_is_known {
            known.push(fixed.until.duration_since(fixed.since).as_secs_f64() / DAY);
        } else {
            *unknown += 1;
        }
    }
    let of_severity = |(severity, (mut days, older)): (Severity, (Vec<f64>, usize))| {
        days.sort_by(f64::total_cmp);
        Fixes {
            severity,
            fixed: days.len(),
            mean: mean(&days),
            median: median(&days),
            longest: days.last().copied(),
            older,
        }
    };
    days.into_iter().rev().map(of_severity).collect()
}

fn mean(days: &[f64]) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 findings")]
    (!days.is_empty()).then(|| days.iter().sum::<f64>() / days.len() as f64)
}

fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        length if length.is_multiple_of(2) => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
        _ => Some(sorted[middle]),
    }
}

fn old(fingerprint: Fingerprint, life: &Life, now: Timestamp) -> OldFinding {
    OldFinding {
        fingerprint,
        rule: life.rule.to_string(),
        rule_name: life.rule_name.to_string(),
        severity: life.severity,
        project: life.project.as_deref().map(str::to_owned),
        resource: life.resource.to_string(),
        resource_name: life.resource_name.to_string(),
        since: life.since,
        start_is_known: life.start_is_known,
        days: now.duration_since(life.since).as_secs_f64() / DAY,
    }
}
