//! Version 1 of what programs read. A field may be added, none renamed, retyped or dropped; `docs/audit-coverage.md`
//! tells what they mean.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use super::AuditReport;
use crate::analysis::audit_coverage::{AuditCoverage, Auditing, Health, Sink};
use crate::analysis::audit_filter::{Coverage, Event, Witness};
use crate::report::schema;

const VERSION: u32 = 1;

/// What the audit logs of an organization of MongoDB Atlas record. Fields may be added within a version.
#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "atlas-audit audit-coverage, version 1", rename = "AuditCoverage")]
struct Document<'a> {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// Who wrote it.
    tool: &'static str,
    /// What was looked at.
    organization: Organization<'a>,
    /// When Atlas was read, by its own clock.
    #[schemars(extend("format" = "date-time"))]
    taken: String,
    /// Where from.
    source: &'a str,
    /// Whether the reading came to its end.
    complete: bool,
    /// Why the projects are not known, if they are not.
    unlisted: Option<&'a str>,
    /// The events that every audit log should record.
    required: Vec<&'static str>,
    /// By project, in the order of their ids.
    projects: Vec<Project<'a>>,
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
struct Project<'a> {
    id: &'a str,
    name: Option<&'a str>,
    /// Impossible without a dedicated cluster.
    #[schemars(extend("enum" = ["impossible", "off", "on", "unread"]))]
    auditing: &'static str,
    /// Why it could not be read.
    unread: Option<&'a str>,
    /// The filter, as it stands there.
    filter: Option<&'a str>,
    /// Whether what is allowed is recorded too.
    audit_authorization_success: Option<bool>,
    /// Keys that the filter has twice, of which the last counts.
    duplicate_keys: &'a [String],
    /// Every event.
    events: Vec<Answer<'a>>,
    /// The commands of each class, as far as the filter tells them apart.
    commands: Vec<Answer<'a>>,
    /// Where the log goes.
    sinks: Vec<Destination<'a>>,
    /// Why there may be more of them.
    unread_sinks: &'a [String],
    /// Logs that stay in Atlas.
    staying: Vec<&'static str>,
    /// Required events that are not recorded in full.
    lacks: Vec<&'static str>,
    /// A filter that records what lacks.
    suggestion: Option<Suggestion<'a>>,
}

/// Of an event; of the commands of a class, if `commands` is there.
#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    event: &'static str,
    class: Option<&'static str>,
    commands: Option<&'static [&'static str]>,
    /// How much of it is recorded.
    #[schemars(extend("enum" = ["all", "some", "none", "undecided"]))]
    recorded: &'static str,
    /// One that is recorded.
    example_recorded: Option<&'a str>,
    /// One that is not.
    example_missed: Option<&'a str>,
    /// Why it cannot be decided.
    why: Option<&'a str>,
}

#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
struct Destination<'a> {
    kind: &'a str,
    place: Option<&'a str>,
    /// Which logs go there.
    carries: &'a [&'static str],
    #[schemars(extend("enum" = ["working", "failing", "unknown"]))]
    health: &'static str,
    /// Why it does not work, or nobody can tell.
    why: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Suggestion<'a> {
    filter: &'a str,
    /// Whether it records everything that the present one does.
    keeps: bool,
    /// Whether it works only where what is allowed is recorded too.
    needs_audit_authorization_success: bool,
}

/// Its JSON Schema.
#[must_use]
pub fn schema() -> serde_json::Value {
    schema::of::<Document<'_>>()
}

/// Writes the report for programs.
pub fn write(report: &AuditReport, mut out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        version: VERSION,
        tool: concat!("atlas-audit ", env!("CARGO_PKG_VERSION")),
        organization: Organization { id: &report.organization, name: report.organization_name.as_deref() },
        taken: report.taken.to_string(),
        source: &report.source,
        complete: report.complete,
        unlisted: report.unlisted.as_deref(),
        required: report.required.iter().map(|event| event.name()).collect(),
        projects: report.projects.iter().map(project).collect(),
    };
    serde_json::to_writer_pretty(&mut out, &document)?;
    writeln!(out)
}

fn project(one: &AuditCoverage) -> Project<'_> {
    let (auditing, unread, answers) = match &one.auditing {
        Auditing::Impossible => ("impossible", None, None),
        Auditing::Off => ("off", None, None),
        Auditing::On(answers) => ("on", None, Some(answers)),
        Auditing::Unread(why) => ("unread", Some(why.as_str()), None),
    };
    Project {
        id: &one.project,
        name: one.name.as_deref(),
        auditing,
        unread,
        filter: one.filter.as_deref(),
        audit_authorization_success: one.authorization_success,
        duplicate_keys: answers.map(|answers| answers.duplicate_keys.as_slice()).unwrap_or_default(),
        events: answers
            .into_iter()
            .flat_map(|answers| &answers.events)
            .map(|(event, coverage)| answer(*event, coverage))
            .collect(),
        commands: answers
            .into_iter()
            .flat_map(|answers| &answers.commands)
            .map(|(event, class, coverage)| Answer {
                class: Some(class.as_str()),
                commands: Some(class.commands()),
                ..answer(*event, coverage)
            })
            .collect(),
        sinks: one.sinks.sinks.iter().map(destination).collect(),
        unread_sinks: &one.sinks.unread,
        staying: if matches!(one.auditing, Auditing::Impossible) { Vec::new() } else { one.sinks.staying() },
        lacks: one.advice.lacks.iter().map(|event| event.name()).collect(),
        suggestion: one.advice.suggestion.as_ref().map(|suggested| Suggestion {
            filter: &suggested.filter,
            keeps: suggested.keeps,
            needs_audit_authorization_success: suggested.needs_authorization_success,
        }),
    }
}

fn answer(event: Event, coverage: &Coverage) -> Answer<'_> {
    let (recorded, kept, missed, why): (_, Option<&Witness>, Option<&Witness>, _) = match coverage {
        Coverage::All => ("all", None, None, None),
        Coverage::Some { recorded, missed } => ("some", Some(recorded), Some(missed), None),
        Coverage::None { missed } => ("none", None, Some(missed), None),
        Coverage::Undecided(why) => ("undecided", None, None, Some(why.as_str())),
    };
    Answer {
        event: event.name(),
        class: None,
        commands: None,
        recorded,
        example_recorded: kept.map(Witness::as_str),
        example_missed: missed.map(Witness::as_str),
        why,
    }
}

fn destination(sink: &Sink) -> Destination<'_> {
    let (health, why) = match &sink.health {
        Health::Working => ("working", None),
        Health::Failing(why) => ("failing", Some(why.as_str())),
        Health::Unknown(why) => ("unknown", Some(why.as_str())),
    };
    Destination { kind: &sink.kind, place: sink.place.as_deref(), carries: &sink.carries, health, why }
}
