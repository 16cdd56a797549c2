//! What many scans tell together: how many findings over time, how long until they are fixed, which are the oldest, and
//! which come back.

mod json;
mod table;
#[cfg(test)]
mod testing;

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Write};

use jiff::Timestamp;

use crate::engine::Severity;

use super::{Fingerprint, Style};

pub use json::schema;

/// What came of an organization's findings over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// The organization's id.
    pub organization: String,
    /// Its name.
    pub organization_name: Option<String>,
    /// How many scans there are.
    pub scans: usize,
    /// When the first looked.
    pub first: Option<Timestamp>,
    /// When the last looked.
    pub last: Option<Timestamp>,
    /// How long a period is.
    pub every: Every,
    /// Time, cut up; periods without a scan are left out.
    pub periods: Vec<Period>,
    /// How long findings lasted, the worst first.
    pub fixes: Vec<Fixes>,
    /// Findings of the last scan that nobody waives, the oldest first.
    pub open: Vec<OldFinding>,
    /// Findings that were there, and of which the last scan cannot tell.
    pub out_of_sight: usize,
    /// Findings that came back after they were gone, those first that did most often.
    pub returning: Vec<Returning>,
}

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// Each scan stands for itself.
    Scan,
    /// A day, in UTC.
    Day,
    /// A week that begins on a Monday.
    Week,
    /// A month.
    Month,
}

/// As many periods as one looks at.
const MOST_PERIODS: usize = 24;

impl Every {
    /// The shortest that makes no more than two dozen periods; else a month.
    #[must_use]
    pub fn fitting(times: &[Timestamp]) -> Self {
        if times.len() <= MOST_PERIODS {
            return Self::Scan;
        }
        let fits = |every: &Self| times.iter().map(|at| every.name(*at)).collect::<BTreeSet<_>>().len() <= MOST_PERIODS;
        [Self::Day, Self::Week].into_iter().find(fits).unwrap_or(Self::Month)
    }

    /// The period that a moment belongs to: `2026-11-22 10:00`, `2026-11-22`, `2026-W47`, `2026-11`.
    #[must_use]
    pub fn name(self, at: Timestamp) -> String {
        at.strftime(match self {
            Self::Scan => "%Y-%m-%d %H:%M",
            Self::Day => "%Y-%m-%d",
            Self::Week => "%G-W%V",
            Self::Month => "%Y-%m",
        })
        .to_string()
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Scan => "scan",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        })
    }
}

/// How things stood at the last scan of a period, and what happened in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// As it is called.
    pub name: String,
    /// How many scans it holds.
    pub scans: usize,
    /// When its last scan looked.
    pub taken: Timestamp,
    /// Digest of what that scan saw.
    pub snapshot_sha256: String,
    /// How many projects it looked at.
    pub projects: usize,
    /// How many rules took part.
    pub rules: usize,
    /// Findings that nobody waives, the worst first.
    pub findings: Vec<(Severity, usize)>,
    /// Findings that somebody waives.
    pub waived: usize,
    /// Verdicts *unknown*.
    pub unknown: usize,
    /// Verdicts *pass*.
    pub passed: usize,
    /// Findings that came, and that the scan before could have seen.
    pub new: usize,
    /// Findings that came, and that the scan before could not have seen: nobody knows how old they are.
    pub came_to_light: usize,
    /// Findings that were gone, where a scan could have seen them.
    pub fixed: usize,
    /// Findings that were there, and of which the last scan of the period cannot tell.
    pub out_of_sight: usize,
}

impl Period {
    /// All findings that nobody waives.
    #[must_use]
    pub fn open(&self) -> usize {
        self.findings.iter().map(|(_, count)| count).sum()
    }
}

/// How long findings of a severity lasted, in days: from the first scan that saw one to the first that could and did not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fixes {
    /// When they were last seen.
    pub severity: Severity,
    /// How many were fixed of which the beginning is known.
    pub fixed: usize,
    /// Of these.
    pub mean: Option<f64>,
    /// Of these.
    pub median: Option<f64>,
    /// Of these.
    pub longest: Option<f64>,
    /// How many more were fixed that may be older than the first scan that saw them.
    pub older: usize,
}

/// A finding, and since when it is there.
#[derive(Debug, Clone, PartialEq)]
pub struct OldFinding {
    /// What it is known by.
    pub fingerprint: Fingerprint,
    /// `ATL-NET-001`.
    pub rule: String,
    /// `access-list-open-to-internet`.
    pub rule_name: String,
    /// At its last sight.
    pub severity: Severity,
    /// Name of the project that it belongs to, if to one.
    pub project: Option<String>,
    /// Reference of the resource.
    pub resource: String,
    /// The resource as people know it.
    pub resource_name: String,
    /// The first scan that saw it, since it last was not there.
    pub since: Timestamp,
    /// Whether the scan before could have seen it: else it may be older.
    pub start_is_known: bool,
    /// From then to the last scan.
    pub days: f64,
}

/// A finding that was gone and came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Returning {
    /// Which.
    pub finding: OldFinding,
    /// How often it came back.
    pub returned: usize,
    /// Whether it is there now.
    pub is_open: bool,
}

impl Trend {
    /// For people; so many of the oldest and of those that come back.
    pub fn write_table(&self, most: usize, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        table::write(self, most, out, style)
    }

    /// For programs.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::write(self, out)
    }

    /// Who it is about.
    #[must_use]
    pub fn name(&self) -> &str {
        self.organization_name.as_deref().unwrap_or(&self.organization)
    }
}

/// `12 days`, `5 hours`
pub(crate) fn lasting(days: f64) -> String {
    let (count, unit) = if days >= 2.0 { (days, "day") } else { (days * 24.0, "hour") };
    let count = count.round();
    format!("{count:.0} {unit}{}", if (count - 1.0).abs() < 0.5 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_as_short_as_two_dozen_allow() {
        let day = |day: i64| Timestamp::from_second(1_790_000_000 + day * 86_400).unwrap();
        let every = |days: i64, step: usize| Every::fitting(&(0..days).step_by(step).map(day).collect::<Vec<_>>());
        assert_eq!(every(24, 1), Every::Scan);
        assert_eq!(every(25, 1), Every::Week);
        assert_eq!(every(700, 30), Every::Scan);
        assert_eq!(every(300, 1), Every::Month);
        let twice: Vec<_> = (0..20).flat_map(|number| [day(number), day(number)]).collect();
        assert_eq!(Every::fitting(&twice), Every::Day);
        // A week belongs to the year that holds its Thursday.
        let new_year: Timestamp = "2027-01-01T12:00:00Z".parse().unwrap();
        assert_eq!(Every::Week.name(new_year), "2026-W53");
    }

    #[test]
    fn short_times_are_told_in_hours() {
        assert_eq!(lasting(0.04), "1 hour");
        assert_eq!(lasting(1.5), "36 hours");
        assert_eq!(lasting(2.4), "2 days");
    }
}
