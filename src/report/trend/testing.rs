//! Trends to be shown.

use jiff::{SignedDuration, Timestamp};

use crate::engine::Severity;
use crate::report::Fingerprint;

use super::{Every, Fixes, OldFinding, Period, Returning, Trend};

fn day(number: i64) -> Timestamp {
    let start: Timestamp = "2024-12-02T09:00:00Z".parse().unwrap();
    start + SignedDuration::from_hours(24 * number)
}

fn period(number: i64, critical: usize) -> Period {
    let taken = day(number * 30);
    Period {
        name: Every::Month.name(taken),
        scans: 4,
        taken,
        snapshot_sha256: "ab".repeat(32),
        projects: 1_000,
        rules: 123,
        findings: Severity::ALL
            .iter()
            .map(|severity| (*severity, if *severity == Severity::Critical { critical } else { 12_345 }))
            .collect(),
        waived: 0,
        unknown: 8,
        passed: 240,
        new: 1,
        came_to_light: 0,
        fixed: 3,
        out_of_sight: 4,
    }
}

fn finding(number: u64, name: &str) -> OldFinding {
    OldFinding {
        fingerprint: Fingerprint(number),
        rule: "ATL-NET-001".into(),
        rule_name: "access-list-open-to-internet".into(),
        severity: Severity::Critical,
        project: Some("shop".into()),
        resource: "org/o/project/p/accessList/0.0.0.0%2F0".into(),
        resource_name: name.into(),
        since: day(0),
        start_is_known: number.is_multiple_of(2),
        days: 700.0,
    }
}

/// Two years, with everything that there is to say.
pub(super) fn two_years() -> Trend {
    Trend {
        organization: "622f15a4a71a510000000001".into(),
        organization_name: Some("Lanternfish\u{1b}[31m Robotics".into()),
        scans: 96,
        first: Some(day(0)),
        last: Some(day(700)),
        every: Every::Month,
        periods: vec![period(0, 12), period(1, 0), period(24, 7)],
        fixes: vec![
            Fixes {
                severity: Severity::Critical,
                fixed: 3,
                mean: Some(12.4),
                median: Some(9.0),
                longest: Some(31.0),
                older: 2,
            },
            Fixes { severity: Severity::Low, fixed: 0, mean: None, median: None, longest: None, older: 5 },
        ],
        open: vec![finding(1, "shop / 0.0.0.0/0"), finding(2, &"long ".repeat(60))],
        out_of_sight: 4,
        returning: vec![
            Returning { finding: finding(4, "shop / 0.0.0.0/0"), returned: 3, is_open: true },
            Returning { finding: finding(5, "shop / ::/0"), returned: 1, is_open: false },
        ],
    }
}

/// One scan that found nothing.
pub(super) fn first_day() -> Trend {
    Trend {
        organization_name: None,
        scans: 1,
        last: Some(day(0)),
        every: Every::Scan,
        periods: vec![period(0, 0)],
        fixes: Vec::new(),
        open: Vec::new(),
        out_of_sight: 0,
        returning: Vec::new(),
        ..two_years()
    }
}
