//! Verdicts that say something, as they are shown: made when they are asked for, one by one.

use std::borrow::Cow;
use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::engine::Severity;
use crate::engine::rule::Rule;
use crate::engine::verdict::{Attested, Evidence, Hole, Unknown};
use crate::engine::waiver::{Waiver, WaiverState};
use crate::snapshot::Ref;

use super::since::Standing;
use super::{Fix, Report, Resource};

/// Findings of one rule and one severity, which stand together in every report.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// Index into the report's rules.
    pub rule: usize,
    /// Of all of them.
    pub severity: Severity,
    /// How many there are. Never none.
    pub count: usize,
    /// How many of them somebody waives.
    pub waived: usize,
    /// How many of them nobody waives and are new or worse, where the report is held against an earlier one.
    pub failing: usize,
    /// Whether some did not see everything.
    pub partial: bool,
}

impl Group {
    /// How many of them nobody waives.
    #[must_use]
    pub const fn open(&self) -> usize {
        self.count - self.waived
    }
}

/// One offending resource under one rule.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Index into the report's rules.
    pub rule: usize,
    /// Of this finding; the rule's own may differ.
    pub severity: Severity,
    /// What offends.
    pub resource: Resource,
    /// What is wrong, with the value.
    pub message: String,
    /// JSON pointer into the resource's line, where one field is to blame.
    pub pointer: Option<Cow<'static, str>>,
    rule_text: &'static Rule,
    /// What that leaves to be filled in.
    facts: Vec<(&'static str, String)>,
    /// What the rule could not look at while it found this.
    pub unseen: Vec<String>,
    /// The waiver that covers it, and whether that counts.
    pub waiver: Option<(Arc<Waiver>, WaiverState)>,
    /// What it was in the earlier run, where the report is held against one.
    pub standing: Option<Standing>,
}

impl Finding {
    pub(super) fn of(report: &Report, group: Group, evidence: Evidence, unseen: Vec<String>) -> Self {
        let rule = report.rule(group.rule);
        Self {
            rule: group.rule,
            severity: group.severity,
            rule_text: rule,
            resource: report.resource(evidence.at, &evidence.facts),
            facts: evidence.facts,
            message: evidence.message,
            pointer: evidence.pointer,
            unseen,
            waiver: None,
            standing: None,
        }
    }

    /// The waiver by which it fails no gate.
    #[must_use]
    pub fn waived(&self) -> Option<&Waiver> {
        self.waiver.as_ref().filter(|(_, state)| *state == WaiverState::Active).map(|(waiver, _)| &**waiver)
    }

    /// The waiver that covered it until its last day.
    #[must_use]
    pub fn was_waived(&self) -> Option<&Waiver> {
        self.waiver.as_ref().filter(|(_, state)| *state == WaiverState::Expired).map(|(waiver, _)| &**waiver)
    }

    /// Made of rule and resource. Survives everything but a renamed resource.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.rule_text, &self.resource.at)
    }

    /// What is wrong, and whose waiver is over.
    pub(super) fn told(&self) -> Cow<'_, str> {
        match self.was_waived() {
            Some(waiver) => {
                format!("{} (its waiver by {} ended on {})", self.message, waiver.owner, waiver.until).into()
            }
            None => self.message.as_str().into(),
        }
    }

    /// Whether it is new or worse, where the report is held against an earlier one.
    pub(super) fn is_news(&self) -> bool {
        self.standing.is_none_or(Standing::counts)
    }

    /// What to do about this very resource. Made when it is asked for: the texts of all findings would take more
    /// memory than all the rest, and most reports show a few.
    #[must_use]
    pub fn fix(&self) -> Fix {
        Fix::of(&self.rule_text.remediation, &self.resource.at, &self.facts)
    }
}

/// A verdict that is unknown, and why.
#[derive(Debug)]
pub struct Unjudged {
    rule_text: &'static Rule,
    /// Index into the report's rules.
    pub rule: usize,
    /// What could not be judged.
    pub resource: Resource,
    /// What was missing. Never empty.
    pub reasons: Vec<String>,
    /// Whether only a statement could decide it, and nobody makes it.
    pub needs_attestation: bool,
}

impl Unjudged {
    pub(super) fn of(report: &Report, index: usize, at: Ref, unknown: &Unknown) -> Self {
        let rule = report.rule(index);
        Self {
            rule_text: rule,
            rule: index,
            resource: report.resource(at, &[]),
            needs_attestation: !rule.attestations.is_empty()
                && unknown.holes.iter().all(|hole| matches!(hole, Hole::Undecidable(_))),
            reasons: unknown.holes.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Unjudged {
    /// Equal to that of the finding that a failure would be.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.rule_text, &self.resource.at)
    }
}

/// A pass that rests on what somebody states.
#[derive(Debug)]
pub struct AttestedVerdict<'a> {
    /// Index into the report's rules.
    pub rule: usize,
    /// What was judged.
    pub resource: Resource,
    /// The statement, and who answers for it.
    pub stated: &'a Attested,
}

/// What tells findings apart, from run to run: sixteen hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub(super) u64);

impl Fingerprint {
    pub(super) fn of(rule: &Rule, at: &Ref) -> Self {
        let digest = Sha256::digest(format!("{}\n{at}", rule.id));
        Self(digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

impl FromStr for Fingerprint {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
