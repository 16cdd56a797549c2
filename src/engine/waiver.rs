//! What somebody decided to live with, until a day. A waived finding stays in every report and fails no gate.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::day::Day;
use super::declared::Pattern;
use super::rule::Rule;

/// `[[waivers]]`: findings of a rule that are accepted until a day.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The rule, by id or name.
    pub rule: String,
    /// What it is about: the reference that reports give (`org/<id>/project/<id>/accessList/0.0.0.0%2F0`), or the path
    /// as people read it (`payments/accessList/0.0.0.0/0`). `*` stands for anything.
    pub resource: Pattern,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it counts.
    pub until: Day,
}

/// Whether a waiver counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaiverState {
    /// It counts.
    Active,
    /// Its last day is over: what it covered counts again.
    Expired,
}

impl Waiver {
    /// Whether it is about this rule.
    #[must_use]
    pub fn names(&self, rule: &Rule) -> bool {
        rule.is_called(&self.rule)
    }

    /// Whether it counts at a moment.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> WaiverState {
        if self.until.is_over(now) { WaiverState::Expired } else { WaiverState::Active }
    }
}
