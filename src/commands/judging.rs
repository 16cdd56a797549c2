//! Judging while Atlas is still being read: what `scan` and `demo` share.

use crate::engine::catalogue::SelectedRule;
use crate::engine::judge::{Judge, Outcomes};

use super::live::{Event, Read};

/// Takes what is read, as it comes.
pub(super) struct Judging<'r> {
    rules: &'r [SelectedRule],
    /// From the moment that the organization is known.
    judge: Option<Judge<'r>>,
}

impl<'r> Judging<'r> {
    pub(super) fn by(rules: &'r [SelectedRule]) -> Self {
        Self { rules, judge: None }
    }

    pub(super) fn on(&mut self, event: Event<'_>) {
        match event {
            Event::Organization { organization, taken, projects } => {
                let judge = self.judge.insert(Judge::new(self.rules, taken));
                judge.organization(organization);
                if let Err(why) = projects.known() {
                    judge.projects_unavailable(organization, why);
                }
            }
            Event::Project { organization, project } => {
                if let Some(judge) = &mut self.judge {
                    judge.project(organization, project);
                }
            }
        }
    }

    pub(super) fn outcomes(self, read: &Read) -> Outcomes {
        let judge = self.judge.unwrap_or_else(|| Judge::new(self.rules, read.header.taken));
        judge.finish(&read.organization, false)
    }
}
