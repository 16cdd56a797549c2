//! An earlier run that findings are held against: what was known then fails no gate now.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use crate::engine::Severity;
use crate::snapshot::Ref;

use super::since::{Blind, Earlier, Standing};
use super::{Fingerprint, Report};

/// What an earlier run said.
#[derive(Debug, Default)]
pub struct Baseline {
    /// The file, as it is to be referred to.
    pub source: String,
    /// When Atlas was read for it.
    pub taken: Option<Timestamp>,
    /// The organization's id.
    pub organization: String,
    /// The rules that took part, by id.
    pub rules: BTreeSet<String>,
    /// What it found.
    pub findings: Vec<Before>,
    /// Where it could not see.
    pub blind: Blind,
}

/// A finding of the earlier run.
#[derive(Debug, Clone)]
pub struct Before {
    /// What tells it apart.
    pub fingerprint: Fingerprint,
    /// Id of the rule.
    pub rule: String,
    /// How bad it was.
    pub severity: Severity,
    /// What was wrong.
    pub message: String,
    /// What it was about.
    pub at: Ref,
}

/// How a run stands to the earlier one.
#[derive(Debug)]
pub struct Compared {
    /// The file, as it is to be referred to.
    pub source: String,
    /// When Atlas was read for it.
    pub taken: Option<Timestamp>,
    standings: HashMap<Fingerprint, Standing>,
    /// Findings of then that are fixed.
    pub fixed: Vec<Before>,
    /// Findings of then that nobody can see now.
    pub out_of_sight: Vec<Before>,
    /// Findings of then that were not looked for: their rule or project takes no part.
    pub not_compared: usize,
}

impl Baseline {
    /// A report, as a baseline for later ones.
    #[must_use]
    pub fn of(report: &Report, source: String) -> Self {
        let before = |finding: super::Finding| Before {
            fingerprint: finding.fingerprint(),
            rule: report.rule(finding.rule).id.clone(),
            severity: finding.severity,
            message: finding.message,
            at: finding.resource.at,
        };
        let reported = report.rules.iter().filter(|reported| reported.reported);
        Self {
            source,
            taken: Some(report.about.taken),
            organization: report.about.organization.clone(),
            rules: reported.map(|reported| reported.rule.id.clone()).collect(),
            findings: report.findings().map(before).collect(),
            blind: Blind::of(report),
        }
    }
}

impl Compared {
    /// What became of a finding.
    #[must_use]
    pub fn standing(&self, fingerprint: Fingerprint) -> Standing {
        self.standings.get(&fingerprint).copied().unwrap_or(Standing::New)
    }

    /// How many findings stand so.
    #[must_use]
    pub fn count(&self, standing: Standing) -> usize {
        self.standings.values().filter(|one| **one == standing).count()
    }

    /// `since october.json: 3 new, 1 worse, 40 unchanged; 2 fixed, 1 out of sight`
    #[must_use]
    pub fn sentence(&self) -> String {
        let now = [
            (Standing::New, "new"),
            (Standing::CameToLight, "came to light"),
            (Standing::Worse, "worse"),
            (Standing::Changed, "changed"),
            (Standing::Unchanged, "unchanged"),
        ];
        let now = now.map(|(standing, what)| (self.count(standing), what));
        let then = [
            (self.fixed.len(), "fixed"),
            (self.out_of_sight.len(), "out of sight, so perhaps still there"),
            (self.not_compared, "not looked for"),
        ];
        let told = now.into_iter().chain(then).filter(|(count, _)| *count > 0);
        let told: Vec<_> = told.map(|(count, what)| format!("{count} {what}")).collect();
        let told = if told.is_empty() { "nothing then, nothing now".to_owned() } else { told.join(", ") };
        format!("since {}: {told}", self.source)
    }
}

impl Report {
    /// Holds the findings against an earlier run. `narrowed`: only some projects were looked at.
    #[must_use]
    pub fn since(mut self, baseline: Baseline, narrowed: bool) -> Self {
        let findings = baseline.findings.iter();
        let mut earlier =
            Earlier::of(findings.map(|before| (before.fingerprint, before.severity, before.message.as_str())));
        let mut standings = HashMap::new();
        for at in 0..self.groups.len() {
            let group = self.groups[at];
            let rule = self.rule(group.rule);
            let mut failing = 0;
            for finding in self.findings_of(group) {
                let unseen = || {
                    // A rule that took no part then could not have said so.
                    !baseline.rules.contains(&rule.id)
                        || baseline.blind.hides(&rule.id, rule.scope, finding.resource.at.as_str())
                };
                let fingerprint = finding.fingerprint();
                let standing = earlier.meet(fingerprint, finding.severity, &finding.message, unseen);
                failing += usize::from(standing.counts() && finding.waived().is_none());
                standings.insert(fingerprint, standing);
            }
            self.groups[at].failing = failing;
        }
        let blind = Blind::of(&self);
        let mut compared = Compared {
            source: baseline.source,
            taken: baseline.taken,
            standings,
            fixed: Vec::new(),
            out_of_sight: Vec::new(),
            not_compared: 0,
        };
        for before in baseline.findings {
            let rule = self.rules.iter().find(|reported| reported.reported && reported.rule.id == before.rule);
            let project = match before.at.as_str().split('/').collect::<Vec<_>>().as_slice() {
                ["org", _, "project", id, ..] => Some((*id).to_owned()),
                _ => None,
            };
            // What belongs to no project is judged however few of them are looked at.
            let left_out = narrowed
                && project.is_some_and(|id| !self.outcomes.projects.contains_key(Ref::parsed(&id).name().as_str()));
            let Some(rule) = rule.filter(|_| !left_out) else {
                compared.not_compared += usize::from(!compared.standings.contains_key(&before.fingerprint));
                continue;
            };
            let unseen = || blind.hides(&before.rule, rule.rule.scope, before.at.as_str());
            match earlier.missed(before.fingerprint, unseen) {
                Some(Standing::Gone) if self.about.complete => compared.fixed.push(before),
                Some(_) => compared.out_of_sight.push(before),
                None => {}
            }
        }
        self.compared = Some(compared);
        self
    }

    /// How it stands to the earlier run, if it is held against one.
    #[must_use]
    pub const fn compared(&self) -> Option<&Compared> {
        self.compared.as_ref()
    }
}
