//! Findings that somebody accepts until a day: marked in every report, counted apart, and no failure of a gate.

use std::sync::Arc;

use crate::engine::waiver::{Waiver, WaiverState};

use super::{Finding, Report};

/// A waiver, and what came of it in this run.
#[derive(Debug, Clone)]
pub struct WaiverUse {
    /// As it is written.
    pub waiver: Arc<Waiver>,
    /// Whether it counts.
    pub state: WaiverState,
    /// How many findings it covers, or would if it were not expired.
    pub matches: usize,
    /// Whether its rule was judged everywhere that it could be about: only then is one that covers nothing a mistake.
    pub judged: bool,
}

impl WaiverUse {
    /// Whether it can go: there is nothing that it is about.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.matches == 0 && self.judged
    }
}

impl Report {
    /// Marks what the waivers cover. `narrowed`: only some projects were looked at.
    #[must_use]
    pub fn with_waivers(mut self, waivers: Vec<Waiver>, narrowed: bool) -> Self {
        let now = self.about.taken;
        self.waivers = waivers
            .into_iter()
            .map(|waiver| {
                let mut rules = self.rules.iter().enumerate().filter(|(_, reported)| reported.reported);
                let rule = rules.find(|(_, reported)| waiver.names(reported.rule)).map(|(index, _)| index);
                let blind = |rule| {
                    self.outcomes.unknowns().any(|(unknown, ..)| usize::from(unknown) == rule)
                        || self.groups.iter().any(|group| group.rule == rule && group.partial)
                };
                let judged = !narrowed && self.about.complete && rule.is_some_and(|rule| !blind(rule));
                WaiverUse { state: waiver.state(now), waiver: Arc::new(waiver), matches: 0, judged }
            })
            .collect();
        // A waiver that counts comes before one that is over.
        self.waivers.sort_by_key(|one| one.state);
        let mut covered = vec![0; self.waivers.len()];
        for at in 0..self.groups.len() {
            let group = self.groups[at];
            if !self.waivers.iter().any(|one| one.waiver.names(self.rule(group.rule))) {
                continue;
            }
            let mut waived = 0;
            for finding in self.findings_of(group) {
                if let Some(index) = self.covering(&finding) {
                    covered[index] += 1;
                    waived += usize::from(self.waivers[index].state == WaiverState::Active);
                }
            }
            self.groups[at].waived = waived;
            self.counts.waived += waived;
            if let Some(open) = self.counts.findings.get_mut(&std::cmp::Reverse(group.severity)) {
                *open -= waived;
            }
        }
        for (one, covered) in self.waivers.iter_mut().zip(covered) {
            one.matches = covered;
        }
        self.counts.findings.retain(|_, count| *count > 0);
        self
    }

    /// The waivers, those that count first.
    #[must_use]
    pub fn waivers(&self) -> &[WaiverUse] {
        &self.waivers
    }

    /// The waiver that covers a finding: one that counts, if any does.
    fn covering(&self, finding: &Finding) -> Option<usize> {
        let rule = self.rule(finding.rule);
        let path = finding.resource.path();
        self.waivers.iter().position(|one| {
            let resource = &one.waiver.resource;
            one.waiver.names(rule) && (resource.matches(finding.resource.at.as_str()) || resource.matches(&path))
        })
    }

    /// Marks a finding with the waiver that covers it, and with what it was before.
    pub(super) fn mark(&self, mut finding: Finding) -> Finding {
        if !self.waivers.is_empty()
            && let Some(index) = self.covering(&finding)
        {
            let WaiverUse { waiver, state, .. } = &self.waivers[index];
            finding.waiver = Some((Arc::clone(waiver), *state));
        }
        finding.standing = self.compared.as_ref().map(|compared| compared.standing(finding.fingerprint()));
        finding
    }
}
