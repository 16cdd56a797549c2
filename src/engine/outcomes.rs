//! What a run found: verdicts that say something in full, and those that are settled in a few bytes each.
//!
//! Most verdicts of a large organization are passes and things not applicable: millions of them, which is why they do
//! not stand beside the findings.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::verdict::{Judgement, Verdict};
use crate::snapshot::Ref;

/// One rule's verdict on one resource.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Index into the selected rules.
    pub rule: u16,
    /// What was judged.
    pub at: Ref,
    /// What came of it.
    pub verdict: Judgement,
}

/// All verdicts of a run, and what the reports need to name things.
#[derive(Debug, Default)]
pub struct Outcomes {
    /// Fails, unknowns and what is attested, sorted by rule and resource.
    pub telling: Vec<Outcome>,
    /// Passes, and what was not applicable.
    pub settled: Settled,
    /// Names of projects by their identity.
    pub projects: BTreeMap<Arc<str>, Arc<str>>,
}

impl Outcomes {
    /// How many verdicts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.telling.len() + self.settled.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, the settled ones in full again.
    pub fn iter(&self) -> impl Iterator<Item = Outcome> {
        let settled = self.settled.iter().map(|settled| Outcome {
            rule: settled.rule,
            at: settled.at.clone(),
            verdict: Ok(settled.not_applicable.map_or(Verdict::Pass, |why| Verdict::not_applicable(why.to_owned()))),
        });
        self.telling.iter().cloned().chain(settled)
    }

    /// Takes in verdicts on the organization, or on one project. Projects come in the order of their ids.
    pub(super) fn take(&mut self, outcomes: impl IntoIterator<Item = Outcome>) {
        // Verdicts come rule by rule; the table of resources is in the order of their identities.
        let mut quiet: Vec<(Ref, u16, u32)> = Vec::new();
        for outcome in outcomes {
            match outcome.verdict {
                Ok(Verdict::Pass) => quiet.push((outcome.at, outcome.rule, PASS)),
                Ok(Verdict::NotApplicable(why)) => {
                    let reason = self.settled.reason(why);
                    quiet.push((outcome.at, outcome.rule, reason));
                }
                _ => self.telling.push(outcome),
            }
        }
        quiet.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for (at, rule, reason) in quiet {
            if self.settled.resources.last() != Some(&at) {
                self.settled.resources.push(at);
            }
            let resource = u32::try_from(self.settled.resources.len() - 1).expect("fewer than 2^32 resources");
            self.settled.entries.push(Entry { rule, resource, reason });
        }
    }

    /// From verdicts that were reached elsewhere.
    #[must_use]
    pub fn of(outcomes: Vec<Outcome>, projects: BTreeMap<Arc<str>, Arc<str>>) -> Self {
        let mut all = Self { projects, ..Self::default() };
        all.take(outcomes);
        all.sort();
        all
    }

    pub(super) fn sort(&mut self) {
        self.telling.sort_by(|a, b| (a.rule, &a.at).cmp(&(b.rule, &b.at)));
        self.settled.entries.sort_unstable_by_key(|entry| (entry.rule, entry.resource));
    }
}

/// Not a reason: it passed.
const PASS: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Entry {
    rule: u16,
    resource: u32,
    reason: u32,
}

/// Passes, and what was not applicable, by rule and resource.
#[derive(Debug, Default)]
pub struct Settled {
    resources: Vec<Ref>,
    reasons: Vec<Cow<'static, str>>,
    known_reasons: HashMap<Cow<'static, str>, u32>,
    entries: Vec<Entry>,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettledOutcome<'a> {
    /// Index into the selected rules.
    pub rule: u16,
    /// What was judged.
    pub at: &'a Ref,
    /// Why there was nothing to judge; a pass if there is no reason.
    pub not_applicable: Option<&'a str>,
}

impl Settled {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = SettledOutcome<'_>> + Clone {
        self.entries.iter().map(|entry| SettledOutcome {
            rule: entry.rule,
            at: &self.resources[entry.resource as usize],
            not_applicable: (entry.reason != PASS).then(|| &*self.reasons[entry.reason as usize]),
        })
    }

    fn reason(&mut self, why: Cow<'static, str>) -> u32 {
        if let Some(known) = self.known_reasons.get(&why) {
            return *known;
        }
        let number = u32::try_from(self.reasons.len()).expect("fewer than 2^32 reasons");
        self.reasons.push(why.clone());
        self.known_reasons.insert(why, number);
        number
    }
}
