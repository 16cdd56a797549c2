//! What a run found: verdicts that say something in full, and those that are settled in a few bytes each.
//!
//! Most verdicts of a large organization are passes and things not applicable: millions of them, which is why they do
//! not stand beside the findings.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use indexmap::IndexSet;

use super::packed::{Packed, Shared};
use super::severity::Severity;
use super::verdict::{Attested, Failure, Judgement, Unknown, Verdict};
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
    failed: BTreeMap<u16, Failed>,
    unknown: BTreeMap<u16, Told>,
    shared: Shared,
    /// Passes that rest on a statement, sorted by rule and resource.
    attested: Vec<Outcome>,
    /// Passes, and what was not applicable.
    pub settled: Settled,
    /// Names of projects by their identity.
    pub projects: BTreeMap<Arc<str>, Arc<str>>,
}

/// Verdicts of one rule that say something.
#[derive(Debug, Default)]
struct Told {
    verdicts: Packed,
    /// What the last is about: verdicts mostly come in order.
    last: Option<Ref>,
    out_of_order: bool,
}

/// The failures of one rule.
#[derive(Debug, Default)]
struct Failed {
    told: Told,
    tally: FailureTally,
}

/// Failures of one rule, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailureTally {
    /// Verdicts *fail*.
    pub verdicts: usize,
    /// Their evidence, by the severity that it has of its own.
    pub evidence: BTreeMap<Option<Severity>, usize>,
    /// Verdicts that did not see everything.
    pub partial: usize,
}

impl Outcomes {
    /// How many verdicts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        let failed: usize = self.failed.values().map(|failed| failed.tally.verdicts).sum();
        failed + self.unknown_count() + self.attested.len() + self.settled.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many are unknown.
    #[must_use]
    pub fn unknown_count(&self) -> usize {
        self.unknown.values().map(|told| told.verdicts.len()).sum()
    }

    /// All of them, in full.
    pub fn iter(&self) -> impl Iterator<Item = Outcome> {
        let settled = self.settled.iter().map(|settled| Outcome {
            rule: settled.rule,
            at: settled.at.clone(),
            verdict: Ok(settled.not_applicable.map_or(Verdict::Pass, |why| Verdict::not_applicable(why.to_owned()))),
        });
        let failed = self.failed.keys().flat_map(|rule| self.failures(*rule).map(|(at, verdict)| (*rule, at, verdict)));
        let failed = failed.map(|(rule, at, failure)| Outcome { rule, at, verdict: Ok(Verdict::Fail(failure)) });
        let unknown = self.unknowns().map(|(rule, at, unknown)| Outcome { rule, at, verdict: Err(unknown) });
        failed.chain(unknown).chain(self.attested.iter().cloned()).chain(settled)
    }

    /// The failures by rule, counted.
    pub fn tallies(&self) -> impl Iterator<Item = (u16, &FailureTally)> {
        self.failed.iter().map(|(rule, failed)| (*rule, &failed.tally))
    }

    /// A rule's failures, by resource.
    pub fn failures(&self, rule: u16) -> impl Iterator<Item = (Ref, Failure)> + Clone {
        let verdicts = self.failed.get(&rule).into_iter().flat_map(|failed| failed.told.verdicts.iter(&self.shared));
        verdicts.filter_map(|(at, verdict)| match verdict {
            Ok(Verdict::Fail(failure)) => Some((at, failure)),
            _ => None,
        })
    }

    /// What is unknown, by rule and resource.
    pub fn unknowns(&self) -> impl Iterator<Item = (u16, Ref, Unknown)> + Clone {
        self.unknown.iter().flat_map(|(rule, told)| {
            let verdicts = told.verdicts.iter(&self.shared);
            verdicts.filter_map(|(at, verdict)| verdict.err().map(|unknown| (*rule, at, unknown)))
        })
    }

    /// Passes that rest on a statement, by rule and resource.
    pub fn attested(&self) -> impl Iterator<Item = (u16, &Ref, &Attested)> + Clone {
        self.attested.iter().filter_map(|outcome| match &outcome.verdict {
            Ok(Verdict::Attested(stated)) => Some((outcome.rule, &outcome.at, &**stated)),
            _ => None,
        })
    }

    /// Takes in verdicts on the organization, or on one project. Projects come in the order of their ids.
    pub(super) fn take(&mut self, outcomes: impl IntoIterator<Item = Outcome>) {
        let mut quiet = Quiet::default();
        for outcome in outcomes {
            match outcome.verdict {
                Ok(Verdict::Pass) => quiet.add(outcome.at, outcome.rule, PASS),
                Ok(Verdict::NotApplicable(why)) => {
                    let reason = self.settled.reason(why);
                    quiet.add(outcome.at, outcome.rule, reason);
                }
                Ok(Verdict::Attested(_)) => self.attested.push(outcome),
                Ok(Verdict::Fail(failure)) => {
                    let failed = self.failed.entry(outcome.rule).or_default();
                    failed.tally.count(&failure);
                    failed.told.verdicts.push_failure(&outcome.at, &failure, &mut self.shared);
                    failed.told.note(outcome.at);
                }
                Err(unknown) => {
                    let told = self.unknown.entry(outcome.rule).or_default();
                    told.verdicts.push_unknown(&outcome.at, &unknown, &mut self.shared);
                    told.note(outcome.at);
                }
            }
        }
        self.settled.take(quiet);
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
        let failed = self.failed.values_mut().map(|failed| &mut failed.told);
        for told in failed.chain(self.unknown.values_mut()).filter(|told| told.out_of_order) {
            told.sort(&mut self.shared);
        }
        self.attested.sort_by(|a, b| (a.rule, &a.at).cmp(&(b.rule, &b.at)));
        self.settled.entries.sort_unstable_by_key(|entry| (entry.rule, entry.resource));
    }
}

impl Told {
    fn note(&mut self, at: Ref) {
        self.out_of_order |= self.last.as_ref().is_some_and(|last| *last > at);
        self.last = Some(at);
    }

    fn sort(&mut self, shared: &mut Shared) {
        let mut all: Vec<_> = self.verdicts.iter(shared).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        self.verdicts = Packed::default();
        for (at, verdict) in all {
            match verdict {
                Ok(Verdict::Fail(failure)) => self.verdicts.push_failure(&at, &failure, shared),
                Err(unknown) => self.verdicts.push_unknown(&at, &unknown, shared),
                Ok(_) => {}
            }
        }
        self.out_of_order = false;
    }
}

impl FailureTally {
    fn count(&mut self, failure: &Failure) {
        self.verdicts += 1;
        self.partial += usize::from(!failure.unseen.is_empty());
        for evidence in &failure.evidence {
            *self.evidence.entry(evidence.severity).or_default() += 1;
        }
    }
}

/// Verdicts of one project that are about to be settled. They come rule by rule, and speak of the same few resources.
#[derive(Default)]
struct Quiet {
    resources: Vec<Ref>,
    /// Where among them one is, by the address of its text: the verdicts on a resource share it.
    known: HashMap<usize, usize>,
    entries: Vec<(usize, u16, u32)>,
}

impl Quiet {
    fn add(&mut self, at: Ref, rule: u16, reason: u32) {
        let resource = *self.known.entry(at.as_str().as_ptr().addr()).or_insert_with(|| {
            self.resources.push(at);
            self.resources.len() - 1
        });
        self.entries.push((resource, rule, reason));
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
    reasons: IndexSet<Cow<'static, str>>,
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

    /// Keeps the table of resources in the order of their identities.
    fn take(&mut self, quiet: Quiet) {
        let mut order: Vec<usize> = (0..quiet.resources.len()).collect();
        order.sort_unstable_by_key(|index| &quiet.resources[*index]);
        let mut places = vec![0; quiet.resources.len()];
        for index in order {
            let at = &quiet.resources[index];
            if self.resources.last() != Some(at) {
                self.resources.push(at.clone());
            }
            places[index] = u32::try_from(self.resources.len() - 1).expect("fewer than 2^32 resources");
        }
        let entry = |(resource, rule, reason): (usize, u16, u32)| Entry { rule, resource: places[resource], reason };
        self.entries.extend(quiet.entries.into_iter().map(entry));
    }

    fn reason(&mut self, why: Cow<'static, str>) -> u32 {
        u32::try_from(self.reasons.insert_full(why).0).expect("fewer than 2^32 reasons")
    }
}
