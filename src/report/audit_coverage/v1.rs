//! Version 1 of what programs read. A field may be added, none renamed, retyped or dropped; `docs/audit-coverage.md`
//! tells what they mean.

use std::io::{self, Write};

use serde::Serialize;
use serde_with::skip_serializing_none;

use super::AuditReport;
use crate::analysis::audit_coverage::{AuditCoverage, Auditing, Health, Sink};
use crate::analysis::audit_filter::{Coverage, Event, Witness};

const VERSION: u32 = 1;

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    version: u32,
    tool: &'static str,
    organization: Organization<'a>,
    taken: String,
    source: &'a str,
    complete: bool,
    unlisted: Option<&'a str>,
    required: Vec<&'static str>,
    projects: Vec<Project<'a>>,
}

#[skip_serializing_none]
#[derive(Serialize)]
struct Organization<'a> {
    id: &'a str,
    name: Option<&'a str>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Project<'a> {
    id: &'a str,
    name: Option<&'a str>,
    auditing: &'static str,
    unread: Option<&'a str>,
    filter: Option<&'a str>,
    audit_authorization_success: Option<bool>,
    duplicate_keys: &'a [String],
    events: Vec<Answer<'a>>,
    commands: Vec<Answer<'a>>,
    sinks: Vec<Destination<'a>>,
    unread_sinks: &'a [String],
    staying: Vec<&'static str>,
    lacks: Vec<&'static str>,
    suggestion: Option<Suggestion<'a>>,
}

/// Of an event; of the commands of a class, if `commands` is there.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    event: &'static str,
    class: Option<&'static str>,
    commands: Option<&'static [&'static str]>,
    recorded: &'static str,
    example_recorded: Option<&'a str>,
    example_missed: Option<&'a str>,
    why: Option<&'a str>,
}

#[skip_serializing_none]
#[derive(Serialize)]
struct Destination<'a> {
    kind: &'a str,
    place: Option<&'a str>,
    carries: &'a [&'static str],
    health: &'static str,
    why: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Suggestion<'a> {
    filter: &'a str,
    keeps: bool,
    needs_audit_authorization_success: bool,
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
