//! Version 1 for programs: a field may be added, none renamed, retyped or dropped.

use std::collections::BTreeSet;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::{AccessReport, Grant, SectionAccess, State};
use crate::report::schema;
use crate::snapshot::{Reason, Section};

const VERSION: u32 = 1;

/// What a credential can read of an organization of MongoDB Atlas. Fields may be added within a version.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "atlas-audit access, version 1", rename = "Access")]
struct Document<'a> {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// Who wrote it.
    tool: Tool,
    /// What was looked at.
    organization: Named<'a>,
    /// When Atlas was read, by its own clock.
    #[schemars(extend("format" = "date-time"))]
    taken: String,
    /// Where from.
    source: &'a str,
    /// By what kind of credential.
    credential: &'a str,
    /// Whether the reading came to its end.
    complete: bool,
    /// Every section that the rules need.
    sections: Vec<Entry<'a>>,
    /// The rules that need something that could not be read.
    unknown_rules: Vec<Rule<'a>>,
    /// The least that opens everything that a role can open.
    enough: Vec<Role<'a>>,
    /// The same, of roles that do not own what they read.
    without_owners: Vec<Role<'a>>,
    /// What stays closed then.
    only_owners: &'a BTreeSet<Section>,
}

#[derive(Serialize, JsonSchema)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct Named<'a> {
    id: &'a str,
    name: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
struct Entry<'a> {
    section: Section,
    #[schemars(extend("enum" = ["read", "nothing-there", "partly", "unread"]))]
    state: &'static str,
    /// In how many places it was read.
    read: usize,
    unread: Vec<Place<'a>>,
    /// Lists above it that could not be read everywhere.
    behind: &'a BTreeSet<Section>,
    /// Any one is enough.
    roles: &'a [&'static str],
    rules: &'a [&'static str],
}

#[derive(Serialize, JsonSchema)]
struct Place<'a> {
    #[serde(rename = "ref")]
    at: &'a str,
    project: Option<Named<'a>>,
    reason: Reason,
    message: String,
}

#[derive(Serialize, JsonSchema)]
struct Rule<'a> {
    id: &'a str,
    name: &'a str,
    sections: &'a [Section],
}

#[derive(Serialize, JsonSchema)]
struct Role<'a> {
    #[serde(rename = "role")]
    title: &'a str,
    /// Null if it is one of the organization.
    projects: Option<Vec<Named<'a>>>,
    sections: &'a BTreeSet<Section>,
}

/// Its JSON Schema.
#[must_use]
pub fn schema() -> serde_json::Value {
    schema::of::<Document<'_>>()
}

pub(super) fn write(report: &AccessReport, out: &mut dyn Write) -> io::Result<()> {
    let about = &report.about;
    let rules = report.unknown_rules.iter();
    let document = Document {
        version: VERSION,
        tool: Tool { name: "atlas-audit", version: env!("CARGO_PKG_VERSION") },
        organization: Named { id: &about.organization, name: about.organization_name.as_deref() },
        taken: about.taken.to_string(),
        source: &about.source,
        credential: &about.credential,
        complete: about.complete,
        sections: report.sections.iter().map(entry).collect(),
        unknown_rules: rules.map(|rule| Rule { id: rule.id, name: rule.name, sections: &rule.sections }).collect(),
        enough: report.enough.iter().map(role).collect(),
        without_owners: report.without_owners.iter().map(role).collect(),
        only_owners: &report.only_owners,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn entry(one: &SectionAccess) -> Entry<'_> {
    Entry {
        section: one.section,
        state: match one.state() {
            State::Read => "read",
            State::NothingThere => "nothing-there",
            State::Partly => "partly",
            State::Unread => "unread",
        },
        read: one.tally.read,
        unread: one
            .tally
            .holes
            .iter()
            .map(|hole| {
                let (message, reason) = (hole.why.to_string(), hole.why.reason);
                let project = hole.project.as_ref().map(|(id, name)| Named { id, name: name.as_deref() });
                Place { at: hole.at.as_str(), project, reason, message }
            })
            .collect(),
        behind: &one.behind,
        roles: &one.roles,
        rules: &one.rules,
    }
}

fn role(grant: &Grant) -> Role<'_> {
    Role {
        title: grant.role,
        projects: grant
            .projects
            .as_ref()
            .map(|projects| projects.iter().map(|(id, name)| Named { id, name: name.as_deref() }).collect()),
        sections: &grant.sections,
    }
}
