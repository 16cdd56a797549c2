//! A review that took place: what somebody decided about each entry, and when. `atlas-audit review record` writes it, the
//! configuration names its file, and the rules about reviews go by it.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::{Attestation, Declared, Pattern};
use crate::engine::day::Day;
use crate::snapshot::Ref;
use crate::snapshot::digest::sha256;

/// What a record says that it is.
pub const RECORD: &str = "access-review-record";

/// The version of the format, and the newest that this program reads.
pub const RECORD_VERSION: u32 = 1;

/// What a review of an access list attests to.
pub const ACCESS_LIST_REVIEW: &str = "access-list-review";

/// What a review of a project's database users attests to.
pub const DATABASE_USER_REVIEW: &str = "database-user-review";

/// A signed-off review of access. Fields may be added within a version.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "atlas-audit review record, version 1")]
pub struct Record {
    /// `access-review-record`
    #[serde(default = "kind")]
    pub kind: String,
    /// Version of this format.
    #[serde(default = "version")]
    pub version: u32,
    /// Who wrote it: `atlas-audit 0.1.0`.
    #[serde(default)]
    pub tool: String,
    /// When the decisions were taken down, by the clock of the machine that did.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    pub recorded: String,
    /// Whose access was reviewed.
    #[serde(default)]
    pub organization: Identity,
    /// What was looked at.
    #[serde(default)]
    pub snapshot: SnapshotDigest,
    /// SHA-256 of the pack (`review.json`) that the decisions are about.
    #[serde(default)]
    pub pack_sha256: String,
    /// SHA-256 of the sheet as it was handed in.
    #[serde(default)]
    pub sheet_sha256: String,
    /// SHA-256 of the record of the review before, if the pack was made with one.
    pub previous_record_sha256: Option<String>,
    /// The last day on which the review counts, however seldom it is asked for.
    pub expires: Day,
    /// The lists that the review attests to.
    #[serde(default)]
    pub lists: Vec<ReviewedList>,
    /// Every row's decision, by id.
    pub decisions: Vec<Decided>,
    /// SHA-256 of this record without this member. It tells of edits by mistake, not of forgery.
    #[serde(default)]
    pub digest: String,
}

fn kind() -> String {
    RECORD.to_owned()
}

fn version() -> u32 {
    RECORD_VERSION
}

/// An id, and what people call it.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// 24 hexadecimal digits.
    pub id: String,
    /// As people call it.
    pub name: Option<String>,
}

/// A snapshot file, by what is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotDigest {
    /// SHA-256 of the file.
    pub sha256: String,
    /// When Atlas was read, by its own clock.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub taken: Timestamp,
}

/// A list of one project that was looked through as a whole.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewedList {
    /// What it attests to: `access-list-review` or `database-user-review`.
    pub control: String,
    /// Whose list it is.
    pub project: Identity,
    /// Digest of the list as it was seen.
    pub digest: String,
    /// Digest of what is left of it once all is gone that was revoked.
    pub digest_without_revoked: String,
    /// The day of the last decision about it.
    pub date: Day,
    /// Who decided.
    pub reviewers: Vec<String>,
    /// Digests of its entries.
    pub entries: BTreeSet<String>,
    /// How many entries are kept, are to be changed, and are to go.
    pub keep: usize,
    /// See above.
    pub change: usize,
    /// See above.
    pub revoke: usize,
}

/// What was decided about one row.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// The row's id: the reference of the resource.
    pub id: String,
    /// What kind of thing it is.
    #[serde(default)]
    pub kind: String,
    /// As people call it.
    #[serde(default)]
    pub subject: String,
    /// The project that it belongs to.
    pub project: Option<String>,
    /// Digest of what the reviewer saw of it.
    #[serde(default)]
    pub digest: String,
    /// Digest of what it had access to.
    #[serde(default)]
    pub state: String,
    /// What becomes of it.
    pub decision: Decision,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Why.
    pub justification: Option<String>,
    /// Who decided.
    pub reviewer: String,
    /// When.
    pub date: Day,
    /// Where the change is tracked.
    pub ticket: Option<String>,
    /// When somebody saw that it was done.
    pub verified_on: Option<Day>,
}

/// What becomes of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// It stays as it is.
    Keep,
    /// It stays, but not so.
    Change,
    /// It goes.
    Revoke,
}

impl Decision {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Keep, Self::Change, Self::Revoke];

    /// As people write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Change => "change",
            Self::Revoke => "revoke",
        }
    }

    /// As it reads in a sentence: `revoked by … on …`.
    #[must_use]
    pub const fn past(self) -> &'static str {
        match self {
            Self::Keep => "kept",
            Self::Change => "to be changed",
            Self::Revoke => "revoked",
        }
    }
}

/// Why a text is no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoRecord {
    /// It is no JSON, or lacks something.
    #[error("it is no record of a review: {0}")]
    Malformed(String),
    /// It is something else.
    #[error("it is no record of a review, which `review record` writes")]
    Other,
    /// Written by a newer program.
    #[error("it is of version {0}; this atlas-audit reads up to {RECORD_VERSION}")]
    Newer(u64),
    /// It does not say any more what it said.
    #[error("it was edited after it was recorded: its digest no longer fits")]
    Edited,
}

impl Record {
    /// Reads what [`Record::sealed`] gave.
    pub fn read(text: &str) -> Result<Self, NoRecord> {
        let mut value: Value = serde_json::from_str(text).map_err(|error| NoRecord::Malformed(error.to_string()))?;
        if value.get("kind").and_then(Value::as_str) != Some(RECORD) {
            return Err(NoRecord::Other);
        }
        if let Some(version) = value.get("version").and_then(Value::as_u64)
            && version > u64::from(RECORD_VERSION)
        {
            return Err(NoRecord::Newer(version));
        }
        let told = value.get("digest").and_then(Value::as_str).unwrap_or_default().to_owned();
        if seal(&mut value) != told {
            return Err(NoRecord::Edited);
        }
        let record: Self = serde_json::from_value(value).map_err(|error| NoRecord::Malformed(error.to_string()))?;
        Ok(Self { digest: told, ..record.sorted() })
    }

    /// The record as a file, with its digest.
    ///
    /// # Panics
    ///
    /// Never: a record is an object of JSON.
    #[must_use]
    pub fn sealed(&self) -> String {
        let mut value = serde_json::to_value(self).expect("a record has keys of text only");
        let digest = seal(&mut value);
        value.as_object_mut().expect("a record is an object").insert("digest".to_owned(), digest.into());
        format!("{value:#}\n")
    }

    fn sorted(mut self) -> Self {
        self.decisions.sort_by(|a, b| a.id.cmp(&b.id));
        self
    }

    /// What was decided about a row.
    #[must_use]
    pub fn decision(&self, id: &str) -> Option<&Decided> {
        let at = self.decisions.binary_search_by(|decided| decided.id.as_str().cmp(id)).ok()?;
        self.decisions.get(at)
    }

    /// What it attests to; `file` is where the proof lies.
    fn attestations(&self, file: &str) -> impl Iterator<Item = Attestation> {
        let ids: Arc<BTreeSet<String>> = Arc::new(self.decisions.iter().map(|decided| decided.id.clone()).collect());
        self.lists.iter().map(move |list| {
            let ReviewedList { keep, change, revoke, .. } = list;
            let mut said = vec![format!("{keep} kept")];
            said.extend((*change > 0).then(|| format!("{change} to be changed")));
            said.extend((*revoke > 0).then(|| format!("{revoke} revoked")));
            Attestation {
                control: list.control.clone(),
                statement: format!("reviewed entry by entry: {}", said.join(", ")),
                evidence: Some(file.to_owned()),
                owner: list.reviewers.join(", "),
                date: list.date,
                expires: self.expires,
                projects: vec![Pattern::exactly(&list.project.id)],
                subject: None,
                digest: Some(list.digest.clone()),
                facts: toml::Table::new(),
                seen: Some(Seen { entries: Arc::new(list.entries.clone()), ids: Arc::clone(&ids) }),
            }
        })
    }
}

fn seal(record: &mut Value) -> String {
    if let Some(members) = record.as_object_mut() {
        members.shift_remove("digest");
    }
    sha256(record.to_string().as_bytes())
}

/// What was seen in a review.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Digests of the entries of the list.
    pub entries: Arc<BTreeSet<String>>,
    /// Ids of all rows.
    pub ids: Arc<BTreeSet<String>>,
}

impl Declared {
    /// Takes a review in: what it attests to counts like any other attestation.
    pub fn take_in(&mut self, record: Record, file: &str) {
        let record = record.sorted();
        self.attestations.extend(record.attestations(file));
        self.recorded.push(record);
        self.recorded.sort_by(|a, b| (a.snapshot.taken, &a.recorded).cmp(&(b.snapshot.taken, &b.recorded)));
    }

    /// The last that was decided about a resource.
    #[must_use]
    pub fn decided(&self, at: &Ref) -> Option<&Decided> {
        self.recorded.iter().rev().find_map(|record| record.decision(at.as_str()))
    }

    /// The decision that a resource should be gone, if it is the last one about it and its day is over.
    #[must_use]
    pub fn revoked(&self, at: &Ref, now: Timestamp) -> Option<&Decided> {
        self.decided(at).filter(|decided| decided.decision == Decision::Revoke && decided.date < Day::of(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let decision = r#"{"id":"org/o/b","decision":"revoke","reviewer":"ada","date":"2026-10-20"}"#;
        let other = decision.replace("org/o/b", "org/o/a").replace("revoke", "keep");
        let text = format!(r#"{{"expires":"2027-04-20","decisions":[{decision},{other}]}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn an_edit_breaks_the_seal() {
        let text = record().sealed();
        assert_eq!(Record::read(&text).unwrap().decision("org/o/a").unwrap().decision, Decision::Keep);
        assert_eq!(Record::read(&text.replace("revoke", "keep")).unwrap_err(), NoRecord::Edited);
        assert_eq!(Record::read("{}").unwrap_err(), NoRecord::Other);
        assert_eq!(Record::read(&text.replace("\"version\": 1", "\"version\": 7")).unwrap_err(), NoRecord::Newer(7));
        assert!(matches!(Record::read(&text[..text.len() / 2]).unwrap_err(), NoRecord::Malformed(_)));
        let reformatted = serde_json::from_str::<Value>(&text).unwrap().to_string();
        assert!(Record::read(&reformatted).is_ok(), "spaces say nothing");
    }

    #[test]
    fn the_last_decision_counts_once_its_day_is_over() {
        let mut declared = Declared::default();
        declared.take_in(record(), "a.json");
        let at = Ref::parsed("org/o/b");
        let on = |text: &str| text.parse::<Timestamp>().unwrap();
        assert!(declared.revoked(&at, on("2026-10-20T23:59:59Z")).is_none());
        assert!(declared.revoked(&at, on("2026-10-21T00:00:00Z")).is_some());
        assert!(declared.revoked(&Ref::parsed("org/o/a"), on("2026-10-21T00:00:00Z")).is_none());
        let mut later = record();
        later.snapshot.taken = on("2026-11-01T00:00:00Z");
        later.decisions.retain(|decided| decided.id == "org/o/b");
        later.decisions[0].decision = Decision::Keep;
        declared.take_in(later, "b.json");
        assert!(declared.revoked(&at, on("2026-12-01T00:00:00Z")).is_none(), "somebody thought again");
    }
}
