//! What only a person can know: a statement, with somebody who answers for it, until a day.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::review::Seen;
use super::{Pattern, names_project};
use crate::engine::day::Day;

/// A statement. Which `control` is which is told by the rules that read it.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// What is stated: `restore-test`, `log-retention`, …; `atlas-audit rules list` tells which rules read which.
    pub control: String,
    /// In words.
    pub statement: String,
    /// Where the proof lies: a link, a ticket, a file.
    pub evidence: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// When it was stated.
    pub date: Day,
    /// The last day on which it counts.
    pub expires: Day,
    /// Projects that it speaks of; all if empty.
    #[serde(default)]
    pub projects: Vec<Pattern>,
    /// The one thing that it speaks of, where that is narrower than a project: a user, a key.
    pub subject: Option<String>,
    /// Digest of what was reviewed, where it states a review.
    pub digest: Option<String>,
    /// Figures that it states, such as `retention_days = 400`.
    #[serde(default)]
    #[schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")]
    pub facts: toml::Table,
    /// What was seen in the review that it states, where a record of it is at hand.
    #[serde(skip)]
    pub seen: Option<Seen>,
}

impl Attestation {
    /// A figure that it states.
    #[must_use]
    pub fn number(&self, fact: &str) -> Option<i64> {
        self.facts.get(fact).and_then(toml::Value::as_integer)
    }

    /// Whether it speaks of this project; of the organization, if none is given.
    #[must_use]
    pub fn covers(&self, project: Option<(&str, Option<&str>)>) -> bool {
        match project {
            None => self.projects.is_empty(),
            Some((id, name)) => self.projects.is_empty() || names_project(&self.projects, id, name),
        }
    }

    /// Whether it counts on the day of `now`. One from the future does not count yet.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        !self.expires.is_over(now) && self.date <= Day::of(now)
    }
}

/// What is stated about one control.
#[derive(Debug, Clone, Copy)]
pub enum Statement<'a> {
    /// This, and it counts.
    Live(&'a Attestation),
    /// This, and it counts no longer.
    Expired(&'a Attestation),
    /// Nothing.
    None,
}

impl super::Declared {
    /// What is stated about a control, of a project or of the organization: the statement that counts longest.
    #[must_use]
    pub fn attested(&self, control: &str, project: Option<(&str, Option<&str>)>, now: Timestamp) -> Statement<'_> {
        self.attestations
            .iter()
            .filter(|stated| stated.control == control && stated.covers(project))
            .filter(|stated| stated.date <= Day::of(now))
            .max_by_key(|stated| stated.expires)
            .map_or(Statement::None, |stated| {
                if stated.is_live(now) { Statement::Live(stated) } else { Statement::Expired(stated) }
            })
    }

    /// All that is stated about a control, of a project or of the organization.
    pub fn statements<'a>(
        &'a self,
        control: &'a str,
        project: Option<(&'a str, Option<&'a str>)>,
    ) -> impl Iterator<Item = &'a Attestation> {
        self.attestations.iter().filter(move |stated| stated.control == control && stated.covers(project))
    }
}
