//! What other rules said, for rules that combine them.

use std::collections::BTreeMap;

use super::outcomes::Outcome;
use super::verdict::{Evidence, Hole, Verdict};

/// The verdicts on one project, and those on the organization around it.
#[derive(Debug, Clone, Copy)]
pub struct Legs<'a> {
    pub(super) rules: &'a BTreeMap<&'static str, u16>,
    pub(super) organization: &'a [Outcome],
    pub(super) project: &'a [Outcome],
}

/// What one rule said: of the organization, of this project, of each of its clusters and users.
#[derive(Debug, Clone, Default)]
pub struct Leg<'a> {
    /// Every offence that it found.
    pub evidence: Vec<&'a Evidence>,
    /// Everything that it could not see.
    pub holes: Vec<&'a Hole>,
    /// Whether anything passed, measured or attested.
    pub passed: bool,
}

impl<'a> Legs<'a> {
    /// What a rule said, by its id. A rule that a text does not say it builds on says nothing.
    #[must_use]
    pub fn of(&self, rule: &str) -> Leg<'a> {
        let mut leg = Leg::default();
        let Some(index) = self.rules.get(rule) else { return leg };
        for outcome in self.organization.iter().chain(self.project).filter(|outcome| outcome.rule == *index) {
            match &outcome.verdict {
                Ok(Verdict::Pass | Verdict::Attested(_)) => leg.passed = true,
                Ok(Verdict::NotApplicable(_)) => {}
                Ok(Verdict::Fail(failure)) => {
                    leg.evidence.extend(&failure.evidence);
                    leg.holes.extend(&failure.unseen);
                }
                Err(unknown) => leg.holes.extend(&unknown.holes),
            }
        }
        leg
    }
}

impl Leg<'_> {
    /// Whether it found an offence.
    #[must_use]
    pub fn fails(&self) -> bool {
        !self.evidence.is_empty()
    }

    /// Whether it found none and saw everything.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.passed && self.evidence.is_empty() && self.holes.is_empty()
    }

    /// Whether it found none, and did not see everything.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.evidence.is_empty() && !self.holes.is_empty()
    }
}
