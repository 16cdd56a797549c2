//! What a pack holds. Version 1: a field may be added, none renamed, retyped or dropped.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::gather::Gathered;
use super::sheet::CONTENT;
use crate::engine::declared::review::{Decision, Identity, Record, SnapshotDigest};
use crate::snapshot::Ref;
use crate::snapshot::digest::sha256;

/// What a pack says that it is.
pub const PACK: &str = "access-review-pack";

/// The version of the format.
pub const PACK_VERSION: u32 = 1;

/// Everything that has access, for somebody to decide on.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "atlas-audit review pack, version 1")]
pub struct Pack {
    /// `access-review-pack`
    pub kind: String,
    /// Version of this format.
    pub version: u32,
    /// How the list was drawn.
    pub header: Header,
    /// Everything that has access, sorted by project, kind and id.
    pub rows: Vec<Row>,
    /// What had access at the review before and has no more.
    pub gone: Vec<Gone>,
    /// What became of the decisions of the review before that asked for something.
    pub followed_up: Vec<FollowedUp>,
}

/// How the list was drawn: when, by whom, from what, and what is missing.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Whose access it is.
    pub organization: Identity,
    /// The projects that were asked for, if not all.
    pub projects_asked_for: Option<Vec<String>>,
    /// The projects that are in it.
    pub projects: Vec<Identity>,
    /// What it was made from.
    pub snapshot: SnapshotDigest,
    /// What it was compared with.
    pub since: Option<SnapshotDigest>,
    /// Where the snapshot was taken from: `https://cloud.mongodb.com`.
    pub source: String,
    /// Whether the reading came to its end.
    pub complete: bool,
    /// Who wrote the pack: `atlas-audit 0.1.0`.
    pub tool: String,
    /// Who wrote the snapshot.
    pub extracted_by: String,
    /// With what credential it was read.
    pub credential: Extractor,
    /// The configuration that was in force.
    pub configuration: Option<String>,
    /// What was read, by section.
    pub read: Vec<ReadSection>,
    /// What was not.
    pub not_read: Vec<NotRead>,
    /// How rows were chosen.
    pub sampling: String,
    /// The review before.
    pub previous: Option<Previous>,
    /// How many rows there are of each kind.
    pub counts: BTreeMap<Kind, usize>,
}

/// With what credential a snapshot was read.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Extractor {
    /// `service account` or `API key`.
    pub kind: String,
    /// Client id or public key, and what people call it; `not known` with the reason otherwise.
    pub identity: String,
    /// Its roles; `not known` with the reason otherwise.
    pub roles: Vec<String>,
}

/// A section that was read.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadSection {
    /// Its name in a snapshot.
    pub section: String,
    /// Where it was read from.
    pub endpoint: String,
    /// How many answers there were: one per project, say. A list counts once all its pages were read.
    pub answers: usize,
    /// How many entries they held, where they are lists.
    pub entries: Option<usize>,
}

/// A section that was not read somewhere.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotRead {
    /// Its name in a snapshot.
    pub section: String,
    /// Of what.
    pub at: String,
    /// Why not.
    pub reason: String,
    /// Whether rows are missing for it; else it is only something about rows.
    pub rows_missing: bool,
}

/// The review before, by its files.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Previous {
    /// SHA-256 of its pack.
    pub pack_sha256: String,
    /// SHA-256 of its record, if there is one.
    pub record_sha256: Option<String>,
    /// What its pack was made from.
    pub snapshot: SnapshotDigest,
}

/// Kinds of access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "they say it")]
pub enum Kind {
    ConsoleUser,
    Invitation,
    Team,
    TeamMember,
    FederatedRoleMapping,
    ApiKey,
    ServiceAccount,
    AccessListEntry,
    DatabaseUser,
    Certificate,
    CustomRole,
}

impl Kind {
    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConsoleUser => "console user",
            Self::Invitation => "invitation",
            Self::Team => "team",
            Self::TeamMember => "team member",
            Self::FederatedRoleMapping => "federated role mapping",
            Self::ApiKey => "API key",
            Self::ServiceAccount => "service account",
            Self::AccessListEntry => "access list entry",
            Self::DatabaseUser => "database user",
            Self::Certificate => "X.509 certificate",
            Self::CustomRole => "custom role",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whose somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The organization's own.
    Internal,
    /// Somebody else's.
    ThirdParty,
    /// Nobody said.
    NotKnown,
    /// It is nobody's: a role, say.
    DoesNotApply,
}

impl Party {
    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::ThirdParty => "third party",
            Self::NotKnown => "not known",
            Self::DoesNotApply => "",
        }
    }
}

/// Whether access is privileged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Privileged {
    /// It changes access, protections or infrastructure, or reaches all data.
    Yes,
    /// It does not.
    No,
    /// Something about it could not be read or understood.
    NotKnown,
    /// It gives no rights by itself.
    DoesNotApply,
}

impl Privileged {
    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NotKnown => "not known",
            Self::DoesNotApply => "",
        }
    }
}

/// Somebody or something with access, and all that a decision rests on. Texts say `not known`, with the reason, where
/// Atlas does not tell.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// The reference of the resource in the snapshot.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// SHA-256 of what a reviewer sees of it.
    pub digest: String,
    /// SHA-256 of what it has access to: what is compared from review to review.
    pub state: String,
    /// Its line in the list that attestations speak of.
    pub line: Option<String>,
    /// The project that it belongs to.
    pub project: Option<Identity>,
    /// As Atlas shows it.
    pub subject: String,
    /// Its e-mail address, where it has one.
    pub contact: String,
    /// Addresses and names of the person that it is: who may not decide about it.
    pub persons: Vec<String>,
    /// Whose it is.
    pub party: Party,
    /// Where it counts.
    pub scope: String,
    /// What it was granted.
    pub grants: Vec<String>,
    /// What it can reach by that.
    pub reach: Vec<String>,
    /// Whether that is privileged.
    pub privileged: Privileged,
    /// Where the grants come from.
    pub source: String,
    /// How it signs in.
    pub sign_in: String,
    /// Since when it is there.
    pub since: String,
    /// When it ends.
    pub ends: String,
    /// When it was last used, and what that means.
    pub last_use: String,
    /// Its secrets: made, used, running out.
    pub secrets: Vec<String>,
    /// From where it may be used.
    pub access_list: String,
    /// What people wrote about it.
    pub comment: String,
    /// Who answers for it by the configuration.
    pub known_owner: String,
    /// What the rules say of it.
    pub findings: Vec<RowFinding>,
    /// What changed since the review before.
    pub change: Change,
    /// What the review before decided.
    pub previous: Option<PreviousDecision>,
}

/// What a rule says of a row.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowFinding {
    /// The rule's id.
    pub rule: String,
    /// How bad it is.
    pub severity: String,
    /// What is wrong.
    pub message: String,
    /// As every report has it.
    pub fingerprint: String,
    /// Who waives it, until when, and why.
    pub waived: Option<String>,
}

/// What changed since the snapshot of the review before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// In a word.
    pub state: ChangeState,
    /// Field by field, in words.
    pub fields: Vec<String>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeState {
    /// It was not there.
    Added,
    /// It was otherwise.
    Changed,
    /// It was just so.
    Unchanged,
    /// Its list was not read then.
    NotKnown,
    /// There is nothing to compare with.
    NotCompared,
}

impl ChangeState {
    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::NotKnown => "not known",
            Self::NotCompared => "not compared",
        }
    }
}

/// What the review before decided about a row.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PreviousDecision {
    /// What became of it.
    pub decision: Decision,
    /// Who decided.
    pub reviewer: String,
    /// When.
    pub date: String,
    /// Where the change is tracked.
    pub ticket: Option<String>,
}

/// What had access and has no more.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gone {
    /// The reference that it had.
    pub id: String,
    /// What it was.
    pub kind: Kind,
    /// The project that it belonged to.
    pub project: Option<Identity>,
    /// As Atlas showed it.
    pub subject: String,
    /// What it was granted.
    pub grants: Vec<String>,
    /// Whether it is certain: its list could be read again.
    pub certain: bool,
}

/// What became of a decision that asked for something.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FollowedUp {
    /// The row's id.
    pub id: String,
    /// What it is, in words.
    pub what: String,
    /// As Atlas shows it.
    pub subject: String,
    /// What was decided.
    pub decided: PreviousDecision,
    /// What came of it.
    pub outcome: FollowUp,
}

/// What came of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FollowUp {
    /// It should be gone, and is there after the day of the decision.
    StillThere,
    /// It should have changed, and is as it was.
    Unchanged,
    /// Its list could not be read.
    NotKnown,
    /// It is there, and the snapshot is not younger than the decision.
    NotYetDue,
    /// It is otherwise than it was.
    Changed,
    /// It is gone.
    Gone,
}

impl FollowUp {
    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StillThere => "still there",
            Self::Unchanged => "still as it was",
            Self::NotKnown => "not known: its list could not be read",
            Self::NotYetDue => "the snapshot is not younger than the decision",
            Self::Changed => "changed",
            Self::Gone => "gone",
        }
    }
}

/// Why a text is no pack.
#[derive(Debug, thiserror::Error)]
pub enum NoPack {
    /// It is no JSON, or lacks something.
    #[error("it is no pack of a review: {0}")]
    Malformed(String),
    /// It is something else.
    #[error("it is no pack of a review, which `review` writes")]
    Other,
    /// Written by a newer program.
    #[error("it is of version {0}; this atlas-audit reads up to {PACK_VERSION}")]
    Newer(u64),
    /// A row does not say any more what it said.
    #[error("it was edited after it was written: the digest of `{0}` no longer fits")]
    Edited(String),
}

impl Pack {
    /// Reads what [`Pack::to_json`] gave.
    pub fn read(text: &str) -> Result<Self, NoPack> {
        let value: Value = serde_json::from_str(text).map_err(|error| NoPack::Malformed(error.to_string()))?;
        if value.get("kind").and_then(Value::as_str) != Some(PACK) {
            return Err(NoPack::Other);
        }
        if let Some(version) = value.get("version").and_then(Value::as_u64)
            && version > u64::from(PACK_VERSION)
        {
            return Err(NoPack::Newer(version));
        }
        let pack: Self = serde_json::from_value(value).map_err(|error| NoPack::Malformed(error.to_string()))?;
        match pack.rows.iter().find(|row| row.digest != row.digested()) {
            Some(row) => Err(NoPack::Edited(row.id.clone())),
            None => Ok(pack),
        }
    }

    /// The pack as a file.
    ///
    /// # Panics
    ///
    /// Never: a pack has keys of text only.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!("{:#}\n", serde_json::to_value(self).expect("a pack has keys of text only"))
    }

    /// Whether rows are missing because something could not be read.
    #[must_use]
    pub fn incomplete(&self) -> bool {
        !self.header.complete || self.header.not_read.iter().any(|one| one.rows_missing)
    }

    /// What was revoked and is still there.
    pub fn still_there(&self) -> impl Iterator<Item = &FollowedUp> {
        self.followed_up.iter().filter(|one| one.outcome == FollowUp::StillThere)
    }
}

/// What a rule found, and where.
#[derive(Debug, Clone)]
pub struct Found {
    /// The resource.
    pub at: Ref,
    /// What is wrong with it.
    pub finding: RowFinding,
}

impl Pack {
    /// A pack of rows that are complete but for what rules found.
    #[must_use]
    pub fn of(
        header: Header,
        gathered: Gathered,
        found: Vec<Found>,
        gone: Vec<Gone>,
        followed: Vec<FollowedUp>,
    ) -> Self {
        let mut rows = gathered.rows;
        let places: BTreeMap<String, usize> =
            rows.iter().enumerate().map(|(index, row)| (row.id.clone(), index)).collect();
        for Found { at, finding } in found {
            let mut above = std::iter::successors(Some(at.as_str()), |at| at.rsplit_once('/').map(|(above, _)| above));
            let place = above.find_map(|at| places.get(at).copied().or_else(|| at_organization(&places, at)));
            if let Some(index) = place {
                rows[index].findings.push(finding);
            }
        }
        for row in &mut rows {
            row.digest = row.digested();
        }
        let mut header = header;
        for row in &rows {
            *header.counts.entry(row.kind).or_default() += 1;
        }
        Self { kind: PACK.to_owned(), version: PACK_VERSION, header, rows, gone, followed_up: followed }
    }
}

/// A service account that a project let in has its row at the organization.
fn at_organization(places: &BTreeMap<String, usize>, at: &str) -> Option<usize> {
    let parts: Vec<&str> = at.split('/').collect();
    let ["org", organization, "project", _, "serviceAccounts", id] = parts[..] else { return None };
    places.get(&format!("org/{organization}/serviceAccounts/{id}")).copied()
}

impl Row {
    /// The digest of what a reviewer sees of it.
    pub(super) fn digested(&self) -> String {
        let mut texts: Vec<String> = CONTENT.iter().map(|column| (column.text)(self)).collect();
        texts.extend([self.id.clone(), self.state.clone(), self.line.clone().unwrap_or_default()]);
        texts.extend(self.persons.iter().cloned());
        sha256(Value::from(texts).to_string().as_bytes())
    }

    /// The name of the project, or nothing.
    #[must_use]
    pub fn project_name(&self) -> &str {
        self.project.as_ref().map_or("", |project| project.name.as_deref().unwrap_or(&project.id))
    }
}

/// The JSON Schema of a pack.
#[must_use]
pub fn schema() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Pack>().to_value()
}

/// The JSON Schema of a record.
#[must_use]
pub fn record_schema() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Record>().to_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published;

    #[test]
    fn the_published_schemas_are_current() {
        published::is_current("review.v1.json", &schema());
        published::is_current("review-record.v1.json", &record_schema());
    }
}
