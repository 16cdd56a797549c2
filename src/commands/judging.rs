//! Judging while Atlas is still being read: what `scan` and `demo` share.

use crate::engine::catalogue::SelectedRule;
use crate::engine::declared::Declared;
use crate::engine::judge::Judge;
use crate::engine::outcomes::Outcomes;
use crate::report::html::Access;

use super::live::{Event, Read};

/// Takes what is read, as it comes.
pub(super) struct Judging<'r> {
    rules: &'r [SelectedRule],
    declared: &'r Declared,
    /// From the moment that the organization is known.
    judge: Option<Judge<'r>>,
    /// What a report tells beyond verdicts, if one asks for it.
    access: Option<Access>,
}

impl<'r> Judging<'r> {
    pub(super) fn by(rules: &'r [SelectedRule], declared: &'r Declared) -> Self {
        Self { rules, declared, judge: None, access: None }
    }

    /// Takes down what a report tells beyond verdicts, too.
    pub(super) fn telling(self, access: Option<Access>) -> Self {
        Self { access, ..self }
    }

    /// What there is to tell beyond verdicts, if it was asked for. After the last project.
    pub(super) fn access(&mut self) -> Option<Access> {
        let mut access = self.access.take();
        if let Some(access) = &mut access {
            access.finish();
        }
        access
    }

    pub(super) fn on(&mut self, event: Event<'_>) {
        match event {
            Event::Organization { organization, taken, projects } => {
                let judge = self.judge.insert(Judge::new(self.rules, self.declared, taken));
                judge.organization(organization, projects);
                if let Some(access) = &mut self.access {
                    access.at(taken);
                }
            }
            Event::Project { organization, project } => {
                if let Some(judge) = &mut self.judge {
                    judge.project(organization, project);
                }
                if let Some(access) = &mut self.access {
                    access.project(organization, project);
                }
            }
        }
    }

    pub(super) fn outcomes(self, read: &Read, offline: bool) -> Outcomes {
        let judge = self.judge.unwrap_or_else(|| Judge::new(self.rules, self.declared, read.header.taken));
        judge.finish(&read.organization, offline)
    }
}
