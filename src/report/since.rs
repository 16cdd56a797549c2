//! What became of findings from an earlier run to a later one. They are the same if their fingerprints are.
//!
//! The findings of the later run are held against the earlier ones as they come, so that neither run is ever held whole.
//! A finding that is no longer found is fixed only if the later run could have found it: `Blind` knows where a run could
//! not see. Whatever has fingerprints can stand for a run: a report, a saved one, a baseline.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::engine::Severity;
use crate::engine::rule::Scope;

use super::{Fingerprint, Report};

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

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::New => "new",
            Self::CameToLight => "came-to-light",
            Self::Worse => "worse",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::OutOfSight => "out-of-sight",
            Self::Gone => "fixed",
        })
    }
}

/// The findings of an earlier run: a few bytes each.
#[derive(Debug, Default)]
pub struct Earlier(HashMap<Fingerprint, Known>);

#[derive(Debug)]
struct Known {
    severity: Severity,
    said: u64,
    is_met: bool,
}

fn said(message: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    message.hash(&mut hasher);
    hasher.finish()
}

impl Earlier {
    /// Each with how bad it was and what was wrong.
    pub fn of(findings: impl IntoIterator<Item = (Fingerprint, Severity, impl AsRef<str>)>) -> Self {
        let known = |(fingerprint, severity, message): (_, _, _)| {
            let message: &dyn AsRef<str> = &message;
            (fingerprint, Known { severity, said: said(message.as_ref()), is_met: false })
        };
        Self(findings.into_iter().map(known).collect())
    }

    /// What became of a finding of the later run. `unseen_before` tells whether the earlier one could not have seen it.
    pub fn meet(
        &mut self,
        fingerprint: Fingerprint,
        severity: Severity,
        message: &str,
        unseen_before: impl FnOnce() -> bool,
    ) -> Standing {
        let Some(known) = self.0.get_mut(&fingerprint) else {
            return if unseen_before() { Standing::CameToLight } else { Standing::New };
        };
        known.is_met = true;
        match severity.cmp(&known.severity) {
            std::cmp::Ordering::Greater => Standing::Worse,
            std::cmp::Ordering::Equal if known.said == said(message) => Standing::Unchanged,
            _ => Standing::Changed,
        }
    }

    /// Once all of the later run have been met: what became of a finding of the earlier one, if it was not among them.
    /// `unseen_now` tells whether the later one could not have seen it.
    pub fn missed(&self, fingerprint: Fingerprint, unseen_now: impl FnOnce() -> bool) -> Option<Standing> {
        if self.0.get(&fingerprint).is_none_or(|known| known.is_met) {
            return None;
        }
        Some(if unseen_now() { Standing::OutOfSight } else { Standing::Gone })
    }
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
        for unjudged in report.unknowns() {
            let rule = report.rule(unjudged.rule);
            blind.note(&rule.id, unjudged.resource.at.as_str());
        }
        // A failure that did not see everything may hide others.
        let partial = report.groups().iter().filter(|group| group.partial);
        for finding in partial.flat_map(|group| report.findings_of(*group)).filter(|one| !one.unseen.is_empty()) {
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
        self.covers(rule, judged(scope, at), at)
    }

    /// The same, where it is known what got the verdict, or that nobody can tell.
    #[must_use]
    pub fn covers(&self, rule: &str, judged: Option<&str>, at: &str) -> bool {
        let Some(spots) = self.0.get(rule) else { return false };
        let mut above = std::iter::successors(Some(at), |at| at.rsplit_once('/').map(|(above, _)| above));
        if above.any(|at| spots.at.contains(at)) {
            return true;
        }
        match judged {
            // What was judged is known, and it is not among them.
            Some(_) => false,
            // Evidence may lie elsewhere than what was judged: then anything in the same project may have hidden it.
            None => spots.projects.contains(owner(at)) || (!at.contains("/project/") && !spots.projects.is_empty()),
        }
    }
}

/// What gets a verdict of its own, of that which a finding points at; nothing where the finding does not tell.
pub(crate) fn judged(scope: Scope, at: &str) -> Option<&str> {
    let list = match scope {
        Scope::Scan | Scope::Organization => return prefix(at, 2),
        Scope::Project => return at.contains("/project/").then(|| owner(at)),
        Scope::Cluster => "clusters",
        Scope::DatabaseUser => "databaseUsers",
    };
    (at.split('/').nth(4) == Some(list)).then(|| prefix(at, 6)).flatten()
}

/// The project that a reference belongs to, or the organization.
pub(crate) fn owner(at: &str) -> &str {
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

    #[test]
    fn findings_are_told_apart_by_their_fingerprints() {
        let old = [
            (1, Severity::Low, "a"),
            (2, Severity::Low, "b"),
            (3, Severity::High, "c"),
            (4, Severity::Low, "d"),
            (5, Severity::Low, "e"),
            (6, Severity::Low, "f"),
        ];
        let mut earlier = Earlier::of(old.map(|(number, severity, message)| (Fingerprint(number), severity, message)));
        for (number, severity, message, standing) in [
            (9, Severity::Low, "x", Standing::New),
            (8, Severity::Low, "y", Standing::CameToLight),
            (1, Severity::Low, "a", Standing::Unchanged),
            (2, Severity::High, "b", Standing::Worse),
            (3, Severity::Low, "c", Standing::Changed),
            (4, Severity::Low, "otherwise", Standing::Changed),
        ] {
            let met = earlier.meet(Fingerprint(number), severity, message, || number == 8);
            assert_eq!(met, standing, "{number}");
        }
        let missed = old.map(|(number, ..)| earlier.missed(Fingerprint(number), || number == 6));
        assert_eq!(missed, [None, None, None, None, Some(Standing::Gone), Some(Standing::OutOfSight)]);
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
