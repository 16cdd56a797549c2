//! What became of findings from an earlier run to a later one. They are the same if their fingerprints are.
//!
//! A finding that is no longer found is fixed only if the later run could have found it: `Blind` knows where a run could
//! not see. This compares reports, and anything else that holds fingerprints: a saved report, a baseline.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::engine::Severity;
use crate::engine::rule::Scope;

use super::{Fingerprint, Report};

/// A finding as one of the runs saw it, and whatever belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting<'a, T> {
    /// What tells it apart.
    pub fingerprint: Fingerprint,
    /// How bad it was then.
    pub severity: Severity,
    /// What was wrong then.
    pub message: &'a str,
    /// What it is of.
    pub of: T,
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It was not there, and could have been seen.
    New,
    /// It could not be seen before: nobody knows how old it is.
    CameToLight,
    /// It was there and is worse.
    Worse,
    /// It was there, and says something else, or is milder.
    Changed,
    /// It was there and is the same.
    Unchanged,
    /// It was there, and nobody can see whether it still is.
    OutOfSight,
    /// It was there and is not.
    Gone,
}

impl Standing {
    /// Whether a gate that lets known findings pass has to look at it.
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::New | Self::CameToLight | Self::Worse)
    }
}

/// A finding of either run or of both.
#[derive(Debug)]
pub struct Compared<'a, O, N> {
    /// What became of it.
    pub standing: Standing,
    /// As the earlier run saw it.
    pub old: Option<Sighting<'a, O>>,
    /// As the later run sees it.
    pub new: Option<Sighting<'a, N>>,
}

/// Compares two runs. `unseen_before` tells whether the earlier run could not have seen a finding of the later one, and
/// `unseen_now` the reverse. First what the later run found, in its order, then what only the earlier one did, in its own.
pub fn compare<'a, O, N>(
    old: impl IntoIterator<Item = Sighting<'a, O>>,
    new: impl IntoIterator<Item = Sighting<'a, N>>,
    unseen_before: impl Fn(&Sighting<'a, N>) -> bool,
    unseen_now: impl Fn(&Sighting<'a, O>) -> bool,
) -> Vec<Compared<'a, O, N>> {
    let mut old: Vec<Option<Sighting<'a, O>>> = old.into_iter().map(Some).collect();
    let mut known: HashMap<Fingerprint, usize> = HashMap::with_capacity(old.len());
    for (place, sighting) in old.iter().enumerate() {
        let Some(sighting) = sighting else { continue };
        known.entry(sighting.fingerprint).or_insert(place);
    }
    let mut compared = Vec::new();
    for new in new {
        let before = known.get(&new.fingerprint).and_then(|place| old[*place].take());
        let standing = match &before {
            None if unseen_before(&new) => Standing::CameToLight,
            None => Standing::New,
            Some(old) if new.severity > old.severity => Standing::Worse,
            Some(old) if new.severity != old.severity || new.message != old.message => Standing::Changed,
            Some(_) => Standing::Unchanged,
        };
        compared.push(Compared { standing, old: before, new: Some(new) });
    }
    compared.extend(old.into_iter().flatten().map(|old| {
        let standing = if unseen_now(&old) { Standing::OutOfSight } else { Standing::Gone };
        Compared { standing, old: Some(old), new: None }
    }));
    compared
}

/// Where a run could not see, by rule.
#[derive(Debug, Default)]
pub struct Blind(BTreeMap<String, Spots>);

#[derive(Debug, Default)]
struct Spots {
    /// What could not be judged, or not wholly.
    at: HashSet<String>,
    /// Projects in which something could not be judged; the empty text for the organization itself.
    projects: BTreeSet<String>,
}

impl Blind {
    /// What a report says of itself.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let mut blind = Self::default();
        let unknowns = report.unknowns.iter();
        for unjudged in unknowns {
            let rule = report.rule(unjudged.rule);
            blind.note(&rule.id, unjudged.resource.at.as_str());
        }
        // A failure that did not see everything may hide others.
        for finding in report.findings.iter().filter(|finding| !finding.unseen.is_empty()) {
            let rule = report.rule(finding.rule);
            let at = finding.resource.at.as_str();
            blind.note(&rule.id, judged(rule.scope, at).unwrap_or_else(|| owner(at)));
        }
        blind
    }

    /// This rule could not judge that resource, or not all of it.
    pub fn note(&mut self, rule: &str, at: &str) {
        let spots = self.0.entry(rule.to_owned()).or_default();
        spots.projects.insert(owner(at).to_owned());
        spots.at.insert(at.to_owned());
    }

    /// Whether a finding of this rule at that resource could not have been seen.
    #[must_use]
    pub fn hides(&self, rule: &str, scope: Scope, at: &str) -> bool {
        let Some(spots) = self.0.get(rule) else { return false };
        let mut above = std::iter::successors(Some(at), |at| at.rsplit_once('/').map(|(above, _)| above));
        if above.any(|at| spots.at.contains(at)) {
            return true;
        }
        match judged(scope, at) {
            // What was judged is known, and it is not among them.
            Some(_) => false,
            // Evidence may lie elsewhere than what was judged: then anything in the same project may have hidden it.
            None => spots.projects.contains(owner(at)) || (!at.contains("/project/") && !spots.projects.is_empty()),
        }
    }
}

/// What gets a verdict of its own, of that which a finding points at; nothing where the finding does not tell.
pub(super) fn judged(scope: Scope, at: &str) -> Option<&str> {
    let list = match scope {
        Scope::Scan | Scope::Organization => return prefix(at, 2),
        Scope::Project => return at.contains("/project/").then(|| owner(at)),
        Scope::Cluster => "clusters",
        Scope::DatabaseUser => "databaseUsers",
    };
    (at.split('/').nth(4) == Some(list)).then(|| prefix(at, 6)).flatten()
}

/// The project that a reference belongs to, or the organization.
pub(super) fn owner(at: &str) -> &str {
    let depth = if at.split('/').nth(2) == Some("project") { 4 } else { 2 };
    prefix(at, depth).unwrap_or(at)
}

fn prefix(at: &str, segments: usize) -> Option<&str> {
    match at.match_indices('/').nth(segments - 1) {
        Some((end, _)) => Some(&at[..end]),
        None => (at.split('/').count() == segments).then_some(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(number: u64, severity: Severity, message: &str) -> Sighting<'_, ()> {
        Sighting { fingerprint: Fingerprint(number), severity, message, of: () }
    }

    fn standings(old: &[Sighting<'static, ()>], new: &[Sighting<'static, ()>], hidden: &[u64]) -> Vec<(u64, Standing)> {
        let hides = |sighting: &Sighting<'_, ()>| hidden.contains(&sighting.fingerprint.0);
        let compared = compare(old.iter().cloned(), new.iter().cloned(), hides, hides);
        let number = |one: &Compared<'_, (), ()>| {
            one.new.as_ref().map_or_else(|| one.old.as_ref().unwrap().fingerprint.0, |new| new.fingerprint.0)
        };
        compared.iter().map(|one| (number(one), one.standing)).collect()
    }

    #[test]
    fn findings_are_told_apart_by_their_fingerprints() {
        let old = [
            seen(1, Severity::Low, "a"),
            seen(2, Severity::Low, "b"),
            seen(3, Severity::High, "c"),
            seen(4, Severity::Low, "d"),
            seen(5, Severity::Low, "e"),
            seen(6, Severity::Low, "f"),
        ];
        let new = [
            seen(9, Severity::Low, "x"),
            seen(8, Severity::Low, "y"),
            seen(1, Severity::Low, "a"),
            seen(2, Severity::High, "b"),
            seen(3, Severity::Low, "c"),
            seen(4, Severity::Low, "otherwise"),
        ];
        assert_eq!(
            standings(&old, &new, &[6, 8]),
            [
                (9, Standing::New),
                (8, Standing::CameToLight),
                (1, Standing::Unchanged),
                (2, Standing::Worse),
                (3, Standing::Changed),
                (4, Standing::Changed),
                (5, Standing::Gone),
                (6, Standing::OutOfSight),
            ]
        );
    }

    #[test]
    fn what_could_not_be_judged_hides_what_lies_below_it_and_no_more() {
        let mut blind = Blind::default();
        blind.note("R", "org/o/project/p/clusters/a");
        let hides = |scope, at| blind.hides("R", scope, at);
        assert!(hides(Scope::Cluster, "org/o/project/p/clusters/a"));
        assert!(hides(Scope::Cluster, "org/o/project/p/clusters/a/processArgs"));
        assert!(!hides(Scope::Cluster, "org/o/project/p/clusters/a-b"));
        assert!(!hides(Scope::Cluster, "org/o/project/p/clusters/b"));
        assert!(!hides(Scope::Cluster, "org/o/project/q/clusters/a"));
        // Evidence in the project's own sections may be about any of its clusters.
        assert!(hides(Scope::Cluster, "org/o/project/p/encryptionAtRest"));
        assert!(!hides(Scope::Cluster, "org/o/project/q/encryptionAtRest"));
        assert!(!blind.hides("S", Scope::Cluster, "org/o/project/p/clusters/a"));
    }

    #[test]
    fn what_is_above_hides_all_below() {
        let mut blind = Blind::default();
        blind.note("P", "org/o/project/p");
        blind.note("L", "org/o/project");
        blind.note("O", "org/o");
        assert!(blind.hides("P", Scope::Cluster, "org/o/project/p/clusters/a"));
        assert!(!blind.hides("P", Scope::Project, "org/o/project/q/accessList/1"));
        assert!(blind.hides("L", Scope::Project, "org/o/project/q/accessList/1"));
        assert!(blind.hides("O", Scope::Organization, "org/o/apiKeys/k/accessList/1"));
    }
}
