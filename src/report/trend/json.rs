//! Version 1 of a trend for programs: a field may be added, none renamed, retyped or dropped.

use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::engine::Severity;

use super::{OldFinding, Period, Trend};
use crate::report::schema;

const VERSION: u32 = 1;

/// What came of the findings of an organization of MongoDB Atlas over time. Fields may be added within a version.
#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "atlas-audit trend, version 1", rename = "Trend")]
struct Document<'a> {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// Who wrote it.
    tool: Tool,
    /// What was scanned.
    organization: Organization<'a>,
    /// How many scans there are.
    scans: usize,
    /// When the first looked.
    #[schemars(extend("format" = "date-time"))]
    first: Option<String>,
    /// When the last looked.
    #[schemars(extend("format" = "date-time"))]
    last: Option<String>,
    /// How long a period is: `scan`, `day`, `week` or `month`.
    every: String,
    /// Time, cut up; periods without a scan are left out.
    periods: Vec<Moment<'a>>,
    /// How long findings lasted, the worst first.
    time_to_fix: Vec<TimeToFix>,
    /// Findings of the last scan that nobody waives, the oldest first.
    open: Vec<Finding<'a>>,
    /// Findings that were there, and of which the last scan cannot tell.
    out_of_sight: usize,
    /// Findings that came back after they were gone, those first that did most often.
    flapping: Vec<Flapping<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Tool {
    /// `atlas-audit`
    name: &'static str,
    /// Its version.
    version: &'static str,
}

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
struct Organization<'a> {
    /// 24 hexadecimal digits.
    id: &'a str,
    /// Its name at the last scan.
    name: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Period")]
struct Moment<'a> {
    /// `2026-11`, `2026-W47`, `2026-11-22`, `2026-11-22 10:00`.
    name: &'a str,
    /// How many scans it holds. What follows is of the last; `new`, `cameToLight` and `fixed` are of all.
    scans: usize,
    /// When that looked.
    #[schemars(extend("format" = "date-time"))]
    taken: String,
    /// Digest of what it saw.
    snapshot_sha256: &'a str,
    /// How many projects it looked at.
    projects: usize,
    /// How many rules took part.
    rules: usize,
    /// Findings that nobody waives, by severity.
    findings: BTreeMap<&'static str, usize>,
    /// Findings that somebody waives.
    waived: usize,
    /// Verdicts *unknown*.
    unknown: usize,
    /// Verdicts *pass*.
    passed: usize,
    /// Findings that came, and that the scan before could have seen.
    new: usize,
    /// Findings that came, and that the scan before could not have seen.
    came_to_light: usize,
    /// Findings that were gone, where a scan could have seen them.
    fixed: usize,
    /// Findings that were there, and of which the last scan of the period cannot tell.
    out_of_sight: usize,
}

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TimeToFix {
    /// When they were last seen.
    severity: Severity,
    /// How many were fixed of which the beginning is known.
    fixed: usize,
    /// Mean of these, in days.
    mean_days: Option<f64>,
    /// Median of these, in days.
    median_days: Option<f64>,
    /// The longest of these, in days.
    longest_days: Option<f64>,
    /// How many more were fixed that may be older than the first scan that saw them.
    of_unknown_age: usize,
}

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    /// Sixteen hexadecimal digits.
    fingerprint: String,
    /// Id of the rule.
    rule: &'a str,
    /// Name of the rule.
    rule_name: &'a str,
    /// At its last sight.
    severity: Severity,
    /// Name of the project that it belongs to, if to one.
    project: Option<&'a str>,
    /// Reference of the resource.
    resource: &'a str,
    /// The resource as people know it.
    resource_name: &'a str,
    /// The first scan that saw it, since it last was not there.
    #[schemars(extend("format" = "date-time"))]
    since: String,
    /// Whether it may be older: no scan before could have seen it.
    maybe_older: bool,
    /// From then to the last scan.
    days: f64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Flapping<'a> {
    #[serde(flatten)]
    finding: Finding<'a>,
    /// How often it came back.
    returned: usize,
    /// Whether it is there now.
    open: bool,
}

pub(super) fn write(trend: &Trend, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        version: VERSION,
        tool: Tool { name: "atlas-audit", version: env!("CARGO_PKG_VERSION") },
        organization: Organization { id: &trend.organization, name: trend.organization_name.as_deref() },
        scans: trend.scans,
        first: trend.first.map(|at| at.to_string()),
        last: trend.last.map(|at| at.to_string()),
        every: trend.every.to_string(),
        periods: trend.periods.iter().map(moment).collect(),
        time_to_fix: trend
            .fixes
            .iter()
            .map(|fixes| TimeToFix {
                severity: fixes.severity,
                fixed: fixes.fixed,
                mean_days: fixes.mean,
                median_days: fixes.median,
                longest_days: fixes.longest,
                of_unknown_age: fixes.older,
            })
            .collect(),
        open: trend.open.iter().map(finding).collect(),
        out_of_sight: trend.out_of_sight,
        flapping: trend
            .returning
            .iter()
            .map(|one| Flapping { finding: finding(&one.finding), returned: one.returned, open: one.is_open })
            .collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn moment(period: &Period) -> Moment<'_> {
    Moment {
        name: &period.name,
        scans: period.scans,
        taken: period.taken.to_string(),
        snapshot_sha256: &period.snapshot_sha256,
        projects: period.projects,
        rules: period.rules,
        findings: period.findings.iter().map(|(severity, count)| (severity.as_str(), *count)).collect(),
        waived: period.waived,
        unknown: period.unknown,
        passed: period.passed,
        new: period.new,
        came_to_light: period.came_to_light,
        fixed: period.fixed,
        out_of_sight: period.out_of_sight,
    }
}

fn finding(finding: &OldFinding) -> Finding<'_> {
    Finding {
        fingerprint: finding.fingerprint.to_string(),
        rule: &finding.rule,
        rule_name: &finding.rule_name,
        severity: finding.severity,
        project: finding.project.as_deref(),
        resource: &finding.resource,
        resource_name: &finding.resource_name,
        since: finding.since.to_string(),
        maybe_older: !finding.start_is_known,
        days: finding.days,
    }
}

/// The JSON Schema of what is written for programs.
#[must_use]
pub fn schema() -> serde_json::Value {
    schema::of::<Document<'_>>()
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use crate::published;

    #[test]
    fn the_published_schema_is_current() {
        published::is_current("trend.v1.json", &schema());
    }

    #[test]
    fn a_trend_follows_its_schema() {
        let rendered = |trend: Trend| {
            let mut out = Vec::new();
            trend.write_json(&mut out).unwrap();
            out
        };
        published::is_followed_by(&schema(), [testing::two_years(), testing::first_day()].map(rendered));
    }
}
