//! Version 1 of the comparison for programs: a field may be added, none renamed, retyped or dropped. Values are as they came.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

use crate::analysis::drift::{self, Gap, Missing, Risk, Side, Skip, SkippedProject};
use crate::engine::Severity;
use crate::engine::day::Day;
use crate::report::each::Each;
use crate::report::{self, schema};
use crate::snapshot::{Reason, Section};

use super::{Became, DiffReport, Taken, VerdictChange, Word};

const VERSION: u32 = 1;
const SCHEMA: &str = "diff.v1.json";

/// What differs between two snapshots of an organization of MongoDB Atlas. Fields may be added within a version.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "atlas-audit diff, version 1", rename = "Diff")]
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
    /// The earlier state.
    old: State<'a>,
    /// The later state.
    new: State<'a>,
    /// How many projects were compared.
    projects: usize,
    /// The configuration by which both were judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<&'a str>,
    /// How many of each.
    summary: Summary,
    /// What a reader must know before the rest.
    caveats: Vec<String>,
    /// What differs: the worst first, then by reference.
    changes: Each<'a, Change<'a>>,
    /// How much happened by itself, by section: use, states, history. Among the changes only if that was asked for.
    activity: Vec<Activity>,
    /// What became of the verdicts: the most pressing first, then the worst, then by rule and resource.
    verdicts: Each<'a, Verdict<'a>>,
    /// Sections that are not known on both sides: what changed in them, nobody knows.
    unread: Each<'a, Unread<'a>>,
    /// Projects that only one of the snapshots can tell of.
    skipped: Vec<Skipped<'a>>,
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

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct State<'a> {
    /// The file.
    snapshot: &'a str,
    /// When Atlas was read, by its own clock.
    #[schemars(extend("format" = "date-time"))]
    taken: String,
    /// What wrote it.
    tool: &'a str,
    /// What kind of credential read it.
    credential: &'a str,
    /// How many projects it tells of.
    projects: usize,
    /// The projects that it was narrowed to when it was taken, as they were typed.
    narrowed_to: Option<&'a [String]>,
    /// Whether the reading came to its end.
    complete: bool,
}

impl<'a> From<&'a Taken> for State<'a> {
    fn from(taken: &'a Taken) -> Self {
        Self {
            snapshot: &taken.shown,
            taken: taken.taken.to_string(),
            tool: &taken.tool,
            credential: &taken.credential,
            projects: taken.projects,
            narrowed_to: taken.narrowed.as_deref(),
            complete: taken.complete,
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Summary {
    /// Changes of the configuration.
    changes: ByRisk,
    /// Verdicts.
    verdicts: ByFate,
    /// Whether something that the earlier snapshot told of can no longer be seen.
    lost_sight: bool,
}

#[derive(Serialize, JsonSchema)]
struct ByRisk {
    grave: usize,
    riskier: usize,
    neutral: usize,
    safer: usize,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ByFate {
    new: usize,
    came_to_light: usize,
    worse: usize,
    out_of_sight: usize,
    now_unknown: usize,
    changed: usize,
    now_known: usize,
    fixed: usize,
    /// Findings that are what they were.
    unchanged: usize,
    /// Verdicts that were unknown and are.
    still_unknown: usize,
    /// Findings of the earlier snapshot in projects that were not compared.
    skipped_old: usize,
    /// Findings of the later snapshot in projects that were not compared.
    skipped_new: usize,
}

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
struct Change<'a> {
    resource: Resource,
    /// The section that it is or stands in; none for the organization itself.
    section: Option<Section>,
    #[schemars(extend("enum" = ["added", "removed", "changed"]))]
    kind: &'static str,
    risk: RiskName,
    /// Why, in a few words.
    why: &'a [String],
    /// Reference of the resource that came or went and took this one along.
    within: Option<&'a str>,
    /// What differs. Of what came or went: all that it says.
    fields: Vec<Field<'a>>,
}

/// What a change means for the security of the organization.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Risk")]
enum RiskName {
    /// Opens or unlocks something by itself.
    Grave,
    /// More can be reached, by more people, or less is watched.
    Riskier,
    /// No direction that can be told from the change alone.
    Neutral,
    /// Less can be reached, or more is watched.
    Safer,
    /// What happens by itself.
    Activity,
}

impl From<Risk> for RiskName {
    fn from(risk: Risk) -> Self {
        match risk {
            Risk::Grave => Self::Grave,
            Risk::Riskier => Self::Riskier,
            Risk::Neutral => Self::Neutral,
            Risk::Safer => Self::Safer,
            Risk::Activity => Self::Activity,
        }
    }
}

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
struct Field<'a> {
    /// JSON pointer into the line of the new snapshot; of what is gone, into that of the old one.
    pointer: &'a str,
    /// What stood there; absent if nothing did.
    old: Option<&'a Value>,
    /// What stands there; absent if nothing does.
    new: Option<&'a Value>,
    risk: RiskName,
}

#[derive(Serialize, JsonSchema)]
struct Activity {
    section: Section,
    added: u64,
    removed: u64,
    changed: u64,
}

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
struct Verdict<'a> {
    became: Fate,
    rule: RuleName<'a>,
    /// Of a finding: now, or at last.
    severity: Option<Severity>,
    resource: Resource,
    /// What is wrong, with the value; of what is unknown: why.
    message: &'a str,
    /// Who accepts it, until when: it fails no gate.
    waived: Option<Waived<'a>>,
    /// Of a finding that changed.
    before: Option<Before<'a>>,
    /// Of what is now unknown: the verdict before. Of what is fixed or no longer unknown: the verdict now.
    otherwise: Option<OtherVerdict>,
    /// Sixteen hexadecimal digits from rule and resource, as in reports.
    fingerprint: String,
}

/// By whom a finding is accepted.
#[derive(Serialize, JsonSchema)]
struct Waived<'a> {
    owner: &'a str,
    /// The last day on which it counts.
    until: Day,
}

/// What became of a verdict.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Fate {
    /// A finding that was not there.
    New,
    /// A finding where nobody could see before.
    CameToLight,
    /// A finding that got worse.
    Worse,
    /// A finding that may still be there: what would tell could not be read.
    OutOfSight,
    /// Something that was judged, or is new, and cannot be judged now.
    NowUnknown,
    /// A finding that says something else, or is milder.
    Changed,
    /// Something that could not be judged, and can be now.
    NowKnown,
    /// A finding that is not there any more.
    Fixed,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum OtherVerdict {
    Fail,
    Attested,
    Pass,
    NotApplicable,
    /// There is none: what would be judged is not there.
    None,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct RuleName<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct Before<'a> {
    severity: Severity,
    message: &'a str,
}

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
struct Resource {
    /// Its identity: the reference of a line of a snapshot.
    r#ref: String,
    /// For people.
    kind: &'static str,
    /// As Atlas shows it.
    name: String,
    project: Option<Project>,
}

#[derive(Serialize, JsonSchema)]
struct Project {
    id: String,
    name: String,
}

impl From<&report::Resource> for Resource {
    fn from(resource: &report::Resource) -> Self {
        let project = resource.project.as_ref();
        Self {
            r#ref: resource.at.to_string(),
            kind: resource.kind,
            name: resource.name.to_string(),
            project: project.map(|(id, name)| Project { id: id.to_string(), name: name.to_string() }),
        }
    }
}

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
struct Unread<'a> {
    /// Its identity in a snapshot.
    r#ref: &'a str,
    section: Option<Section>,
    /// Where it is missing: it was known and is not, was not and is, is on neither side, or came so with its owner.
    #[schemars(extend("enum" = ["lost", "gained", "still", "came"]))]
    state: &'static str,
    /// The kind of trouble, as in snapshots.
    reason: Reason,
    /// The same for people, with what would help.
    message: String,
    /// How many entries it holds on the side where it is known, if it is a list.
    holds: Option<u64>,
    /// Whether something may have changed in it that somebody would want to know.
    matters: bool,
}

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
struct Skipped<'a> {
    id: &'a str,
    name: Option<&'a str>,
    /// The snapshot that does not tell of it.
    #[schemars(extend("enum" = ["old", "new"]))]
    missing: &'static str,
    /// Whether that snapshot was narrowed to others, interrupted, or could not list projects.
    #[schemars(extend("enum" = ["narrowed", "interrupted", "unlisted"]))]
    reason: &'static str,
}

fn fate(became: Became) -> Fate {
    match became {
        Became::New => Fate::New,
        Became::CameToLight => Fate::CameToLight,
        Became::Worse => Fate::Worse,
        Became::OutOfSight => Fate::OutOfSight,
        Became::NowUnknown => Fate::NowUnknown,
        Became::Changed => Fate::Changed,
        Became::NowKnown => Fate::NowKnown,
        Became::Fixed => Fate::Fixed,
    }
}

fn otherwise(word: Word) -> OtherVerdict {
    match word {
        Word::Fail => OtherVerdict::Fail,
        Word::Attested => OtherVerdict::Attested,
        Word::Pass => OtherVerdict::Pass,
        Word::NotApplicable => OtherVerdict::NotApplicable,
        Word::None => OtherVerdict::None,
    }
}

impl<'a> Verdict<'a> {
    fn of(change: &'a VerdictChange) -> Self {
        Self {
            became: fate(change.became),
            rule: RuleName { id: &change.rule.id, name: &change.rule.name },
            severity: change.severity,
            resource: Resource::from(&change.resource),
            message: &change.message,
            waived: change.waived.as_ref().map(|(owner, until)| Waived { owner, until: *until }),
            before: change.before.as_ref().map(|(severity, message)| Before { severity: *severity, message }),
            otherwise: change.otherwise.map(otherwise),
            fingerprint: change.fingerprint.to_string(),
        }
    }
}

impl<'a> Change<'a> {
    fn of(report: &DiffReport, change: &'a drift::Change) -> Self {
        let field = |(field, risk): &'a (drift::Field, Risk)| Field {
            pointer: &field.pointer,
            old: field.old.as_ref(),
            new: field.new.as_ref(),
            risk: (*risk).into(),
        };
        Self {
            resource: Resource::from(&report.resource(change)),
            section: change.section,
            kind: change.kind.as_str(),
            risk: change.risk.into(),
            why: &change.why,
            within: change.within.as_ref().map(crate::snapshot::Ref::as_str),
            fields: change.fields.iter().map(field).collect(),
        }
    }
}

impl<'a> Unread<'a> {
    fn of(gap: &'a Gap) -> Self {
        let why = gap.missing.why();
        Self {
            r#ref: gap.at.as_str(),
            section: gap.section,
            state: match gap.missing {
                Missing::Lost(_) => "lost",
                Missing::Gained(_) => "gained",
                Missing::Still(_) => "still",
                Missing::Came(_) => "came",
            },
            reason: why.reason,
            message: why.to_string(),
            holds: gap.holds,
            matters: gap.matters,
        }
    }
}

impl<'a> Skipped<'a> {
    fn of(skipped: &'a SkippedProject) -> Self {
        Self {
            id: &skipped.project.id,
            name: skipped.project.name.as_deref(),
            missing: match skipped.missing {
                Side::Old => "old",
                Side::New => "new",
            },
            reason: match skipped.why {
                Skip::Narrowed => "narrowed",
                Skip::Interrupted => "interrupted",
                Skip::Unlisted(_) => "unlisted",
            },
        }
    }
}

impl<'a> Document<'a> {
    fn of(report: &'a DiffReport) -> Self {
        let about = &report.about;
        let (risk, became) = (|risk| report.drift.count(risk), |became| report.verdicts.count(became));
        let activity = report.drift.activity.iter().map(|(section, activity)| Activity {
            section: *section,
            added: activity.added,
            removed: activity.removed,
            changed: activity.changed,
        });
        Self {
            schema: SCHEMA,
            version: VERSION,
            tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
            organization: Organization { id: &about.organization, name: about.organization_name.as_deref() },
            old: (&report.old).into(),
            new: (&report.new).into(),
            projects: report.projects,
            configuration: about.configuration.as_deref(),
            summary: Summary {
                changes: ByRisk {
                    grave: risk(Risk::Grave),
                    riskier: risk(Risk::Riskier),
                    neutral: risk(Risk::Neutral),
                    safer: risk(Risk::Safer),
                },
                verdicts: ByFate {
                    new: became(Became::New),
                    came_to_light: became(Became::CameToLight),
                    worse: became(Became::Worse),
                    out_of_sight: became(Became::OutOfSight),
                    now_unknown: became(Became::NowUnknown),
                    changed: became(Became::Changed),
                    now_known: became(Became::NowKnown),
                    fixed: became(Became::Fixed),
                    unchanged: report.verdicts.unchanged,
                    still_unknown: report.verdicts.still_unknown,
                    skipped_old: report.verdicts.skipped.0,
                    skipped_new: report.verdicts.skipped.1,
                },
                lost_sight: report.lost_sight(),
            },
            caveats: report.caveats(),
            changes: Each::of(report.drift.changes.iter(), |change| Change::of(report, change)),
            activity: activity.collect(),
            verdicts: Each::of(report.verdicts.changes.iter(), Verdict::of),
            unread: Each::of(report.drift.gaps.iter(), Unread::of),
            skipped: report.skipped.iter().map(Skipped::of).collect(),
        }
    }
}

pub(super) fn write(report: &DiffReport, mut out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &Document::of(report))?;
    writeln!(out)
}

/// The JSON Schema of version 1.
#[must_use]
pub fn schema() -> Value {
    schema::of::<Document<'_>>()
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use crate::published;

    #[test]
    fn a_comparison_follows_its_schema() {
        let rendered = |report: DiffReport| {
            let mut out = Vec::new();
            write(&report, &mut out).unwrap();
            out
        };
        let reports = [testing::sample(), testing::hostile(), testing::of_thousands(20)];
        published::is_followed_by(&schema(), reports.map(rendered));
    }

    #[test]
    fn the_published_schema_is_current() {
        published::is_current(SCHEMA, &schema());
    }
}
