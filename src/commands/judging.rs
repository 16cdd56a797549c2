//! Judging while an organization is still being read: what `scan`, `demo` and others share.
//!
//! Atlas answers more slowly than rules judge. A snapshot is read faster: then projects are judged by as many threads as
//! there are processors, and what they say is taken in the order in which it was read.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Scope, available_parallelism};

use crate::engine::catalogue::SelectedRule;
use crate::engine::declared::Declared;
use crate::engine::judge::{Bench, Judge, JudgedProject};
use crate::engine::outcomes::Outcomes;
use crate::report::html::Access;
use crate::snapshot::{Organization, Project};

use super::live::{Event, Read};

/// Projects that are handed over at once: one by one they would cost more to hand over than to judge.
const BATCH: usize = 16;
/// Batches that wait to be judged: enough that nobody stands idle, few enough to stay small.
const WAITING: usize = 4;

/// Takes what is read, as it comes.
pub(super) struct Judging<'scope, 'env> {
    rules: &'env [SelectedRule],
    declared: &'env Declared,
    /// Where to judge projects side by side, if that is worth it.
    threads: Option<&'scope Scope<'scope, 'env>>,
    /// From the moment that the organization is known.
    judge: Option<Judge<'env>>,
    pool: Option<Pool>,
    /// What a report tells beyond verdicts, if one asks for it.
    access: Option<Access>,
}

impl<'scope, 'env> Judging<'scope, 'env> {
    pub(super) fn by(rules: &'env [SelectedRule], declared: &'env Declared) -> Self {
        Self { rules, declared, threads: None, judge: None, pool: None, access: None }
    }

    /// Judges projects side by side.
    pub(super) fn on_threads(self, threads: &'scope Scope<'scope, 'env>) -> Self {
        Self { threads: Some(threads), ..self }
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
                if let Some(threads) = self.threads {
                    self.pool = Some(Pool::start(threads, &judge.bench(), organization));
                }
                if let Some(access) = &mut self.access {
                    access.at(taken);
                }
            }
            Event::Project { organization, project } => {
                match (&mut self.judge, &mut self.pool) {
                    (Some(judge), Some(pool)) => pool.add(project, judge),
                    (Some(judge), None) => judge.project(organization, project),
                    (None, _) => {}
                }
                if let Some(access) = &mut self.access {
                    access.project(organization, project);
                }
            }
        }
    }

    pub(super) fn outcomes(self, read: &Read, offline: bool) -> Outcomes {
        let mut judge = self.judge.unwrap_or_else(|| Judge::new(self.rules, self.declared, read.header.taken));
        if let Some(pool) = self.pool {
            pool.finish(&mut judge);
        }
        judge.finish(&read.organization, offline)
    }
}

/// Projects, with their place among the batches.
type Batch<T> = (usize, Vec<T>);

/// Threads that judge.
struct Pool {
    /// Until there is no more: the threads end where it ends.
    work: Option<SyncSender<Batch<Arc<Project>>>>,
    done: Receiver<Batch<JudgedProject>>,
    /// What has not come to a batch yet.
    next: Vec<Arc<Project>>,
    handed_over: usize,
    /// What came before its turn.
    early: BTreeMap<usize, Vec<JudgedProject>>,
    taken: usize,
}

impl Pool {
    fn start<'scope, 'env>(
        threads: &'scope Scope<'scope, 'env>,
        bench: &Arc<Bench<'env>>,
        organization: &Organization,
    ) -> Self {
        let (work, waiting) = sync_channel::<Batch<Arc<Project>>>(WAITING);
        let (said, done) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        let organization = Arc::new(organization.clone());
        for _ in 0..available_parallelism().map_or(1, std::num::NonZero::get) {
            let (waiting, said): (_, Sender<Batch<JudgedProject>>) = (Arc::clone(&waiting), said.clone());
            let (bench, organization) = (Arc::clone(bench), Arc::clone(&organization));
            threads.spawn(move || {
                loop {
                    let batch = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((place, projects)) = batch else { break };
                    let judged = projects.iter().map(|project| bench.project(&organization, project)).collect();
                    if said.send((place, judged)).is_err() {
                        break;
                    }
                }
            });
        }
        Self { work: Some(work), done, next: Vec::new(), handed_over: 0, early: BTreeMap::new(), taken: 0 }
    }

    fn add(&mut self, project: &Arc<Project>, judge: &mut Judge<'_>) {
        self.next.push(Arc::clone(project));
        if self.next.len() == BATCH {
            self.hand_over();
            while let Ok(batch) = self.done.try_recv() {
                self.take(batch, judge);
            }
        }
    }

    fn hand_over(&mut self) {
        if !self.next.is_empty()
            && let Some(work) = &self.work
        {
            // Fails only if all threads are gone, which the end of their scope tells.
            _ = work.send((self.handed_over, std::mem::take(&mut self.next)));
            self.handed_over += 1;
        }
    }

    fn take(&mut self, (place, judged): Batch<JudgedProject>, judge: &mut Judge<'_>) {
        self.early.insert(place, judged);
        while let Some(batch) = self.early.remove(&self.taken) {
            for judged in batch {
                judge.take(judged);
            }
            self.taken += 1;
        }
    }

    /// Waits for the rest.
    fn finish(mut self, judge: &mut Judge<'_>) {
        self.hand_over();
        self.work = None;
        // To the end of all threads: one that broke leaves a gap, and its panic ends the scope.
        while let Ok(batch) = self.done.recv() {
            self.take(batch, judge);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::engine::catalogue::{Catalogue, Selection};
    use crate::engine::outcomes::Outcome;
    use crate::snapshot::Reading;
    use crate::snapshot::store::Header;

    /// More than are handed over at once and may wait, and a rest.
    const PROJECTS: usize = BATCH * (WAITING + 9) + 3;

    fn project(number: usize) -> Project {
        let entries = json!([{ "cidrBlock": if number.is_multiple_of(3) { "0.0.0.0/0" } else { "192.0.2.0/28" } }]);
        Project {
            id: format!("{number:024}"),
            name: Some(format!("project {number}")),
            access_list: Reading::Known(serde_json::from_value(entries).unwrap()),
            ..Project::default()
        }
    }

    fn said(judging: &mut Judging<'_, '_>) -> Read {
        let organization = Organization { id: "o".to_owned(), ..Organization::default() };
        let taken = "2026-11-22T10:00:00Z".parse().unwrap();
        judging.on(Event::Organization { organization: &organization, taken, projects: Ok(&[]) });
        for number in 0..PROJECTS {
            judging.on(Event::Project { organization: &organization, project: &Arc::new(project(number)) });
        }
        let header = Header {
            format: 1,
            tool: "test".into(),
            taken,
            source: String::new(),
            credential: String::new(),
            sections: Vec::new(),
            projects: None,
        };
        Read { header, organization, projects: PROJECTS, complete: true, digest: None, interrupted: None, kept: None }
    }

    fn told(outcomes: &Outcomes) -> Vec<String> {
        outcomes.iter().map(|Outcome { rule, at, verdict }| format!("{rule} {at} {verdict:?}")).collect()
    }

    #[test]
    fn threads_say_what_one_says_and_in_that_order() {
        let rules = ["NET-001", "NET-002", "META-001"].map(str::to_owned).to_vec();
        let rules = Catalogue::built_in().select(&Selection { rules, ..Selection::default() }).unwrap();
        let declared = Declared::default();
        let mut alone = Judging::by(&rules, &declared);
        let read = said(&mut alone);
        let alone = alone.outcomes(&read, true);
        let together = std::thread::scope(|threads| {
            let mut together = Judging::by(&rules, &declared).on_threads(threads);
            let read = said(&mut together);
            together.outcomes(&read, true)
        });
        assert_eq!(told(&together), told(&alone));
        assert_eq!(alone.len(), 2 * PROJECTS + 1);
    }

    #[test]
    fn a_reading_that_ends_early_ends_the_threads() {
        let rules = Catalogue::built_in().select(&Selection::default()).unwrap();
        let declared = Declared::default();
        std::thread::scope(|threads| {
            said(&mut Judging::by(&rules, &declared).on_threads(threads));
        });
    }
}
