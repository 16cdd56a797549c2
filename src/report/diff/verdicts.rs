//! What became of the verdicts: findings by their fingerprints, and what could be judged before and cannot be now.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::analysis::drift::{ProjectScope, Side};
use crate::engine::Severity;
use crate::engine::day::Day;
use crate::engine::rule::Rule;
use crate::report::since::{self, Blind, Earlier, Standing};
use crate::report::{Finding, Fingerprint, Report, Resource};
use crate::snapshot::Ref;

/// What became of a verdict, the most pressing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Became {
    /// A finding that was not there.
    New,
    /// A finding where nobody could see before.
    CameToLight,
    /// A finding that got worse.
    Worse,
    /// A finding that may still be there: nobody can see.
    OutOfSight,
    /// Something that was judged, or is new, and cannot be judged now.
    NowUnknown,
    /// A finding that says something else, or is milder.
    Changed,
    /// Something that could not be judged, and can be now; what fails there is a finding that came to light.
    NowKnown,
    /// A finding that is not there any more.
    Fixed,
}

impl Became {
    /// All of them, the most pressing first.
    pub const ALL: [Self; 8] = [
        Self::New,
        Self::CameToLight,
        Self::Worse,
        Self::OutOfSight,
        Self::NowUnknown,
        Self::Changed,
        Self::NowKnown,
        Self::Fixed,
    ];

    /// Whether a gate has to look at it.
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::New | Self::CameToLight | Self::Worse)
    }

    /// Whether less can be seen than before.
    #[must_use]
    pub const fn is_lost(self) -> bool {
        matches!(self, Self::OutOfSight | Self::NowUnknown)
    }
}

/// A verdict, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// It fails.
    Fail,
    /// It passes because somebody says so.
    Attested,
    /// It passes.
    Pass,
    /// There is nothing to judge.
    NotApplicable,
    /// There is no such verdict: what would be judged is not there.
    None,
}

/// A verdict that is not what it was.
#[derive(Debug)]
pub struct VerdictChange {
    /// What became of it.
    pub became: Became,
    /// By which rule.
    pub rule: &'static Rule,
    /// Of a finding: now, or at last.
    pub severity: Option<Severity>,
    /// On what.
    pub resource: Resource,
    /// What tells it apart.
    pub fingerprint: Fingerprint,
    /// What is wrong; of what is unknown: why.
    pub message: String,
    /// Who accepts it, until when, if anybody does: it fails no gate.
    pub waived: Option<(String, Day)>,
    /// Of a finding that changed: how bad it was, and what was wrong.
    pub before: Option<(Severity, String)>,
    /// What the verdict on it was before, or is now, where that is known.
    pub otherwise: Option<Word>,
}

/// All verdicts that are not what they were.
#[derive(Debug, Default)]
pub struct Verdicts {
    /// The most pressing first, then the worst, then by rule and resource.
    pub changes: Vec<VerdictChange>,
    /// Findings that are what they were.
    pub unchanged: usize,
    /// Verdicts that were unknown and are.
    pub still_unknown: usize,
    /// Findings in projects that were not compared: of the earlier snapshot, and of the later one.
    pub skipped: (usize, usize),
}

impl VerdictChange {
    fn of(became: Became, rule: &'static Rule, finding: Finding) -> Self {
        Self {
            became,
            rule,
            severity: Some(finding.severity),
            fingerprint: finding.fingerprint(),
            waived: finding.waived().map(|waiver| (waiver.owner.clone(), waiver.until)),
            resource: finding.resource,
            message: finding.message,
            before: None,
            otherwise: None,
        }
    }

    /// Whether nothing but figures differ, as ages do from day to day.
    #[must_use]
    pub fn is_only_older(&self) -> bool {
        let without_figures = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
        self.became == Became::Changed
            && self.before.as_ref().is_some_and(|(severity, message)| {
                Some(*severity) == self.severity && without_figures(message) == without_figures(&self.message)
            })
    }
}

impl Verdicts {
    /// How many of them.
    #[must_use]
    pub fn count(&self, became: Became) -> usize {
        self.changes.iter().filter(|change| change.became == became).count()
    }

    /// Compares two reports that were made by the same rules.
    #[must_use]
    pub fn between(before: &Report, after: &Report, scope: &ProjectScope) -> Self {
        let skipped: BTreeMap<&str, Side> =
            scope.skipped().map(|skipped| (skipped.project.id.as_str(), skipped.missing)).collect();
        let compared =
            |resource: &Resource| resource.project.as_ref().is_none_or(|(id, _)| !skipped.contains_key(&**id));
        let (blind_before, blind_now) = (Blind::of(before), Blind::of(after));
        let hides = |blind: &Blind, report: &Report, rule: usize, resource: &Resource| {
            let rule = report.rule(rule);
            blind.hides(&rule.id, rule.scope, resource.at.as_str())
        };
        let left_out = |report: &Report| report.findings().filter(|finding| !compared(&finding.resource)).count();
        let mut verdicts = Self { skipped: (left_out(before), left_out(after)), ..Self::default() };
        let of_before = before
            .findings()
            .filter(|finding| compared(&finding.resource))
            .map(|finding| (finding.fingerprint(), finding.severity, finding.message));
        let mut earlier = Earlier::of(of_before);
        // Those of which it is told what they were before: found when the earlier findings come by again.
        let mut differing: HashMap<Fingerprint, usize> = HashMap::new();
        for finding in after.findings().filter(|finding| compared(&finding.resource)) {
            let unseen = || hides(&blind_before, before, finding.rule, &finding.resource);
            let became = match earlier.meet(finding.fingerprint(), finding.severity, &finding.message, unseen) {
                Standing::New => Became::New,
                Standing::CameToLight => Became::CameToLight,
                Standing::Worse => Became::Worse,
                Standing::Changed => Became::Changed,
                Standing::Unchanged | Standing::OutOfSight | Standing::Gone => {
                    verdicts.unchanged += 1;
                    continue;
                }
            };
            if matches!(became, Became::Worse | Became::Changed) {
                differing.insert(finding.fingerprint(), verdicts.changes.len());
            }
            verdicts.changes.push(VerdictChange::of(became, after.rule(finding.rule), finding));
        }
        for finding in before.findings().filter(|finding| compared(&finding.resource)) {
            if let Some(change) = differing.get(&finding.fingerprint()) {
                verdicts.changes[*change].before = Some((finding.severity, finding.message));
                continue;
            }
            let unseen = || hides(&blind_now, after, finding.rule, &finding.resource);
            let became = match earlier.missed(finding.fingerprint(), unseen) {
                None => continue,
                Some(Standing::OutOfSight) => Became::OutOfSight,
                Some(_) => Became::Fixed,
            };
            verdicts.changes.push(VerdictChange::of(became, before.rule(finding.rule), finding));
        }
        for (report, other, became) in [(after, before, Became::NowUnknown), (before, after, Became::NowKnown)] {
            let unknown: HashSet<(usize, Ref)> = other.unknowns().map(|one| (one.rule, one.resource.at)).collect();
            for unjudged in report.unknowns().filter(|unjudged| compared(&unjudged.resource)) {
                // Unknown of a whole project then, and of one of its clusters now: still unknown.
                let at = unjudged.resource.at.as_str();
                let mut above = std::iter::successors(Some(at), |at| at.rsplit_once('/').map(|(above, _)| above));
                if above.any(|at| unknown.contains(&(unjudged.rule, Ref::parsed(at)))) {
                    verdicts.still_unknown += usize::from(became == Became::NowUnknown);
                    continue;
                }
                verdicts.changes.push(VerdictChange {
                    became,
                    rule: report.rule(unjudged.rule),
                    severity: None,
                    fingerprint: unjudged.fingerprint(),
                    resource: unjudged.resource,
                    message: unjudged.reasons.join("; "),
                    waived: None,
                    before: None,
                    otherwise: None,
                });
            }
        }
        verdicts.say_otherwise(before, after);
        verdicts.changes.sort_by(|a, b| {
            let order = (a.became, std::cmp::Reverse(a.severity), &a.rule.id, &a.resource.at);
            order.cmp(&(b.became, std::cmp::Reverse(b.severity), &b.rule.id, &b.resource.at))
        });
        verdicts
    }

    /// What the verdict is where a finding is gone, and was or is where one is unknown.
    fn say_otherwise(&mut self, before: &Report, after: &Report) {
        let place = |change: &VerdictChange| {
            let at = change.resource.at.as_str();
            since::judged(change.rule.scope, at).unwrap_or_else(|| since::owner(at)).to_owned()
        };
        for (report, wanted) in
            [(before, [Became::NowUnknown, Became::NowUnknown]), (after, [Became::Fixed, Became::NowKnown])]
        {
            let asked = self.changes.iter().filter(|change| wanted.contains(&change.became));
            let mut words = Words::default();
            asked.for_each(|change| words.ask(&change.rule.id, place(change)));
            words.find(report);
            for change in self.changes.iter_mut().filter(|change| wanted.contains(&change.became)) {
                change.otherwise = Some(words.of(&change.rule.id, &place(change)));
            }
        }
    }
}

/// Verdicts of a report on some resources, looked for in one go: there may be millions.
#[derive(Default)]
struct Words(HashMap<String, HashMap<String, Word>>);

impl Words {
    fn ask(&mut self, rule: &str, at: String) {
        self.0.entry(rule.to_owned()).or_default().insert(at, Word::None);
    }

    fn of(&self, rule: &str, at: &str) -> Word {
        self.0.get(rule).and_then(|places| places.get(at)).copied().unwrap_or(Word::None)
    }

    fn find(&mut self, report: &Report) {
        if self.0.is_empty() {
            return;
        }
        for finding in report.findings() {
            let at = finding.resource.at.as_str();
            let rule = report.rule(finding.rule);
            self.note(&rule.id, since::judged(rule.scope, at).unwrap_or(at), Word::Fail);
        }
        for attested in report.attested() {
            self.note(&report.rule(attested.rule).id, attested.resource.at.as_str(), Word::Attested);
        }
        for settled in report.settled().iter() {
            let word = if settled.not_applicable.is_some() { Word::NotApplicable } else { Word::Pass };
            self.note(&report.rule(usize::from(settled.rule)).id, settled.at.as_str(), word);
        }
    }

    /// Of several verdicts within a resource that was asked about as a whole, the worst.
    fn note(&mut self, rule: &str, at: &str, word: Word) {
        let Some(places) = self.0.get_mut(rule) else { return };
        for at in [at, since::owner(at)] {
            if let Some(known) = places.get_mut(at) {
                *known = (*known).min(word);
            }
        }
    }
}
