//! Version 1. The engine's types may change, these may not: a field may be added, none renamed, retyped or dropped.
//!
//! Nothing of the run is left out, and values are as they came: whoever shows them to people escapes them.

mod filled;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::engine::day::Day;
use crate::engine::framework::Framework;
use crate::report::compliance::{State, Tally};
use crate::report::each::Each;
use crate::report::{self, schema};
use crate::snapshot::Ref;

const VERSION: u32 = 1;
const SCHEMA: &str = "report.v1.json";

/// What a run of atlas-audit found in an organization of MongoDB Atlas. Fields may be added within a version.
#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "atlas-audit report, version 1", rename = "Report")]
struct Document<'a> {
    /// Name of the schema of this document.
    #[serde(rename = "$schema")]
    schema: &'static str,
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// Who wrote it.
    tool: Tool,
    /// What was looked at.
    organization: Organization<'a>,
    /// How many projects were looked at.
    projects: usize,
    /// When Atlas was read, by its own clock.
    #[schemars(extend("format" = "date-time"))]
    taken: String,
    /// Where from.
    source: &'a str,
    /// What kind of credential read it.
    credential: &'a str,
    /// Whether the reading came to its end.
    complete: bool,
    /// The snapshot that was judged or written.
    snapshot: Option<&'a str>,
    /// The configuration that was in force.
    configuration: Option<&'a str>,
    /// How many of each.
    summary: Summary,
    /// The rules that took part.
    rules: Each<'a, Rule<'a>>,
    /// The verdicts by the requirements of the framework that was asked for.
    framework: Option<Compliance<'a>>,
    /// What fails: the worst first, then by rule and resource.
    findings: Each<'a, Finding<'a>>,
    /// What could not be judged, by rule and resource.
    unknowns: Each<'a, Unknown<'a>>,
    /// The earlier run that findings are held against, if there is one.
    baseline: Option<Baseline<'a>>,
    /// What the configuration waives.
    waivers: Vec<WaiverUse<'a>>,
    /// What passes because somebody says so and answers for it, by rule and resource.
    attested: Each<'a, Attested<'a>>,
    /// What passes, and what there was nothing to judge in, by rule and resource.
    verdicts: Each<'a, Settled<'a>>,
}

/// A pass supports a requirement; it does not satisfy it alone.
#[derive(Serialize, JsonSchema)]
struct Compliance<'a> {
    id: Framework,
    title: &'static str,
    requirements: Vec<Requirement<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Requirement<'a> {
    id: &'a str,
    state: State,
    verdicts: Tally,
    rules: Vec<Support<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Support<'a> {
    id: &'a str,
    confidence: Confidence,
    state: State,
}

#[derive(Serialize, JsonSchema)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
struct Organization<'a> {
    id: &'a str,
    name: Option<&'a str>,
}

/// What a finding was in an earlier run. *Came to light*: that run could not have seen it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Standing {
    New,
    CameToLight,
    Worse,
    Changed,
    Unchanged,
}

/// The earlier run that findings are held against.
#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Baseline<'a> {
    /// The file.
    source: &'a str,
    /// When Atlas was read for it.
    #[schemars(extend("format" = "date-time"))]
    taken: Option<String>,
    /// What was found then and is not there any more.
    fixed: Vec<Absent<'a>>,
    /// What was found then and cannot be looked for now: it may still be there.
    out_of_sight: Vec<Absent<'a>>,
    /// Findings of then whose rule or project takes no part now.
    not_compared: usize,
}

/// A finding of the earlier run.
#[derive(Serialize, JsonSchema)]
struct Absent<'a> {
    /// Id of the rule.
    rule: &'a str,
    severity: Severity,
    /// What it was about: the reference of a line of a snapshot.
    resource: &'a str,
    message: &'a str,
    fingerprint: String,
}

/// Why a finding is accepted.
#[derive(Serialize, JsonSchema)]
struct Waiver {
    reason: String,
    owner: String,
    /// The last day on which it counts.
    until: Day,
    /// Whether that day is over.
    expired: bool,
}

/// A waiver of the configuration, and what came of it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WaiverUse<'a> {
    rule: &'a str,
    /// A reference or a path, or a pattern of them.
    resource: &'a str,
    reason: &'a str,
    owner: &'a str,
    until: Day,
    expired: bool,
    /// How many findings it covers, or would if it were not expired.
    findings: usize,
    /// Whether it covers nothing although its rule was judged everywhere: it can go.
    idle: bool,
}

/// Findings are counted one by one; the others are verdicts of one rule on one resource.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Summary {
    /// Findings that nobody waives.
    findings: usize,
    /// Findings that somebody waives.
    waived: usize,
    /// How many of both are not listed here, because a limit was asked for.
    unlisted: usize,
    /// Findings that nobody waives, by severity.
    by_severity: BySeverity,
    /// Verdicts *fail*, each with one finding or more.
    failed: usize,
    passed: usize,
    /// Passes that rest on a statement; not among those measured.
    attested: usize,
    not_applicable: usize,
    unknown: usize,
}

#[derive(Serialize, JsonSchema)]
struct BySeverity {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    /// Such as `ATL-NET-001`.
    id: &'a str,
    /// Such as `access-list-open-to-internet`.
    name: &'a str,
    /// The fact that a finding states.
    title: &'a str,
    /// Unless a finding says otherwise.
    severity: Severity,
    category: &'a str,
    /// What gets a verdict of its own.
    scope: String,
    /// Requirements that the rule supports, by framework. A pass supports them, and does not satisfy them alone.
    controls: BTreeMap<&'static str, Vec<Control<'a>>>,
    /// MongoDB's own pages.
    references: &'a [String],
}

#[derive(Serialize, JsonSchema)]
struct Control<'a> {
    id: &'a str,
    confidence: Confidence,
}

/// Whether an assessor may dispute it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Confidence {
    Firm,
    Disputed,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Critical,
    High,
    Medium,
    Low,
    Info,
}

/// A rule, by both its names.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct RuleName<'a> {
    id: &'a str,
    name: &'a str,
}

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    rule: RuleName<'a>,
    severity: Severity,
    resource: Resource,
    /// What is wrong, with the value.
    message: String,
    /// JSON pointer into the resource's line of the snapshot, where one field is to blame.
    pointer: Option<Cow<'static, str>>,
    fix: Fix,
    /// Sixteen hexadecimal digits from rule and resource, the same in every run.
    fingerprint: String,
    /// What the rule could not look at: there may be more.
    unseen: Vec<String>,
    /// Who accepts it, until when. An expired one does not count any more.
    waiver: Option<Waiver>,
    /// What it was in the baseline, if there is one.
    baseline: Option<Standing>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Unknown<'a> {
    rule: RuleName<'a>,
    resource: Resource,
    /// What was missing.
    #[schemars(length(min = 1))]
    reasons: Vec<String>,
    /// That of the finding which a failure would be.
    fingerprint: String,
}

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
struct Attested<'a> {
    rule: RuleName<'a>,
    resource: Resource,
    /// What is stated.
    statement: &'a str,
    /// Where the proof lies.
    evidence: Option<&'a str>,
    /// Who answers for it.
    owner: &'a str,
    /// When it was stated.
    date: Day,
    /// The last day on which it counts.
    expires: Day,
}

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Verdict")]
struct Settled<'a> {
    /// Id of the rule.
    rule: &'a str,
    /// What was judged: the reference of a line of the snapshot.
    resource: &'a str,
    verdict: Verdict,
    /// Why there was nothing to judge.
    reason: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
enum Verdict {
    Pass,
    NotApplicable,
}

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
struct Resource {
    /// Its identity: the reference of a line of the snapshot.
    #[schemars(with = "String")]
    r#ref: Ref,
    /// For people.
    kind: &'static str,
    /// As Atlas shows it.
    name: Arc<str>,
    project: Option<Project>,
}

#[derive(Serialize, JsonSchema)]
struct Project {
    id: Arc<str>,
    name: Arc<str>,
}

/// Ways out, with the names of the resource filled in.
#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
struct Fix {
    /// A command of the Atlas CLI, quoted for a POSIX shell.
    cli: Option<String>,
    /// What to change in a Terraform configuration.
    terraform: Option<String>,
    /// Where to go in Atlas's console.
    console: Option<String>,
}

/// Writes the report, item by item.
pub fn write(report: &report::Report, mut out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &Document::of(report))?;
    writeln!(out)
}

/// The JSON Schema of version 1.
#[must_use]
pub fn schema() -> serde_json::Value {
    schema::of::<Document<'_>>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published;
    use crate::report::testing;

    fn rendered(report: &report::Report) -> Vec<u8> {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        out
    }

    #[test]
    fn a_report_follows_its_schema() {
        let reports = [testing::sample(), testing::hostile(), testing::clean(), testing::of_many(50)];
        published::is_followed_by(&schema(), reports.iter().map(rendered));
    }

    #[test]
    fn the_published_schema_is_current() {
        published::is_current(SCHEMA, &schema());
    }

    #[test]
    fn the_same_report_is_the_same_bytes_and_leaves_nothing_out() {
        let report = testing::sample();
        assert_eq!(rendered(&report), rendered(&testing::sample()));
        let document: serde_json::Value = serde_json::from_slice(&rendered(&report)).unwrap();
        for (list, count) in [
            ("rules", report.rules.len()),
            ("findings", report.counts.all_findings()),
            ("unknowns", report.counts.unknown),
            ("verdicts", report.counts.passed + report.counts.not_applicable),
        ] {
            assert_eq!(document[list].as_array().unwrap().len(), count, "{list}");
        }
        insta::assert_snapshot!(format!("{:#}\n{:#}", document["findings"][0], document["verdicts"][0]));
    }
}
