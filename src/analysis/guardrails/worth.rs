//! What each policy is worth by itself: whether it can ever match, whom it leaves out, whether another says the same.

use super::example::describe;
use super::policy::{Defect, Standing};
use super::search::{Found, Subject, Wanted};
use super::survey::{Place, Survey, responsible};
use super::vocabulary::{Action, Kind};

/// What a statement is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Worth {
    /// It refuses something, somewhere; an example.
    Guards(String),
    /// It does not do what a policy should.
    Defective(Defect),
    /// It is not to be told.
    Undecided(String),
}

/// A policy leaves somebody out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemption {
    /// Which statement.
    pub statement: usize,
    /// Who is left out: one or more projects, or a cluster.
    pub place: Place,
    /// What passes there, and nowhere else.
    pub example: String,
}

/// Nothing of an action passes at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// What cannot be done.
    pub action: Action,
    /// Where.
    pub place: Place,
    /// By which statements.
    pub by: Vec<usize>,
    /// Whether each of them leaves something, and only together they leave nothing: they contradict each other.
    pub contradiction: bool,
}

impl Survey<'_> {
    /// What each statement is worth, in their order.
    #[must_use]
    pub fn worth(&self) -> Vec<Worth> {
        let statements = self.statements();
        let mut worth: Vec<Worth> = Vec::with_capacity(statements.len());
        for (index, statement) in statements.iter().enumerate() {
            worth.push(match &statement.standing {
                Standing::NeverInForce(defect) | Standing::Undecided { defect: Some(defect), .. } => {
                    Worth::Defective(defect.clone())
                }
                Standing::Undecided { why, .. } => Worth::Undecided(why.clone()),
                Standing::InForce(forbid) => {
                    let same = statements[..index]
                        .iter()
                        .find(|earlier| earlier.in_force().is_some_and(|earlier| earlier.gist == forbid.gist));
                    match same {
                        Some(earlier) => Worth::Defective(Defect::DuplicateOf(earlier.name.clone())),
                        None => self.matches(index),
                    }
                }
            });
        }
        worth
    }

    /// Whether a statement in force ever matches.
    fn matches(&self, statement: usize) -> Worth {
        let mut unclear = None;
        for (action, (arena, numbers)) in &self.arenas {
            let Some(forbid) = numbers.iter().position(|number| *number == statement) else { continue };
            for subject in self.subjects(*action) {
                match arena.refused(forbid, &subject, None) {
                    Found::Request(facts) => return Worth::Guards(describe(*action, &facts)),
                    Found::Unclear(why) => unclear = Some(why),
                    Found::Nothing => {}
                }
            }
        }
        let forbid = self.statements()[statement].in_force();
        if let Some(why) = unclear {
            return Worth::Undecided(why);
        }
        if forbid.is_some_and(|forbid| !forbid.maybe.is_empty()) {
            return Worth::Undecided("is for actions of the first name space that are not documented".to_owned());
        }
        let elsewhere = self.names_others(statement);
        Worth::Defective(Defect::NeverMatches(match elsewhere {
            Some(ids) => format!("it is for {ids} only, which this organization does not have"),
            None => "no request can fulfil its condition".to_owned(),
        }))
    }

    /// Projects and clusters that a statement names and that are not there, if it would match for them.
    fn names_others(&self, statement: usize) -> Option<String> {
        let forbid = self.statements()[statement].in_force()?;
        let all = |kind| forbid.reads.of_kind(kind).flatten().cloned().collect::<Vec<_>>();
        let (projects, clusters) = (all(Kind::Project), all(Kind::Cluster));
        let any = self.places.first().map(|(_, subject)| subject.clone())?;
        let in_projects = projects.iter().map(|id| (format!("project {id}"), id.clone(), any.clusters.clone()));
        let of_clusters = clusters.iter().map(|id| (format!("cluster {id}"), any.project.clone(), vec![id.clone()]));
        // Numbers that no place has.
        let numbered = (0..usize::MAX).rev().zip(in_projects.chain(of_clusters));
        let subjects: Vec<(String, Subject)> =
            numbered.map(|(number, (name, project, clusters))| (name, Subject { number, project, clusters })).collect();
        for (arena, numbers) in self.arenas.values() {
            let Some(forbid) = numbers.iter().position(|number| *number == statement) else { continue };
            for (name, subject) in &subjects {
                if matches!(arena.refused(forbid, subject, None), Found::Request(_)) {
                    return Some(name.clone());
                }
            }
        }
        None
    }

    /// Everybody that an action may be about.
    fn subjects(&self, action: Action) -> Vec<Subject> {
        let mut subjects: Vec<Subject> = self.places.iter().map(|(_, subject)| subject.clone()).collect();
        if action.is_of_cluster() {
            for (index, cluster) in self.strays.iter().enumerate() {
                subjects.extend(self.places.iter().map(|(_, place)| self.stray_in(place, cluster, index)));
            }
        }
        subjects
    }

    /// Whom policies leave out that speak about everybody else.
    #[must_use]
    pub fn exemptions(&self) -> Vec<Exemption> {
        let mut exemptions: Vec<Exemption> = Vec::new();
        let Some((_, anybody)) =
            self.places.iter().find(|(place, _)| matches!(place, Place::Projects { others: true, .. }))
        else {
            return exemptions;
        };
        for (action, (arena, numbers)) in &self.arenas {
            for (forbid, statement) in numbers.iter().enumerate() {
                let mut fresh = self.fresh_numbers();
                let apart =
                    self.statements()[*statement].in_force().is_some_and(|forbid| forbid.reads.tells_projects_apart());
                if !apart {
                    continue;
                }
                let left_out = |subject: &Subject| match arena.refused(forbid, anybody, Some(subject)) {
                    Found::Request(facts) => Some(describe(*action, &facts)),
                    Found::Nothing | Found::Unclear(_) => None,
                };
                let mut note = |place: &Place, example: Option<String>| {
                    let known = exemptions.iter().any(|known| known.statement == *statement && known.place == *place);
                    if let Some(example) = example.filter(|_| !known) {
                        exemptions.push(Exemption { statement: *statement, place: place.clone(), example });
                    }
                };
                for (place, subject) in &self.places {
                    if subject.number != anybody.number {
                        // Asked about a cluster that no policy names: those that policies name come after it.
                        note(place, left_out(subject));
                    }
                    for (cluster, number) in subject.clusters.iter().skip(1).zip(&mut fresh) {
                        let only =
                            Subject { number, project: subject.project.clone(), clusters: vec![cluster.clone()] };
                        if action.is_of_cluster() {
                            note(&Place::Cluster(cluster.clone()), left_out(&only));
                        }
                    }
                }
                if action.is_of_cluster() {
                    for (index, cluster) in self.strays.iter().enumerate() {
                        note(&Place::Cluster(cluster.clone()), left_out(&self.stray_in(anybody, cluster, index)));
                    }
                }
            }
        }
        exemptions
    }

    /// Where nothing of an action passes any more.
    #[must_use]
    pub fn freezes(&self) -> Vec<Freeze> {
        let mut freezes = Vec::new();
        for (action, (arena, numbers)) in &self.arenas {
            let exact: Vec<usize> = (0..arena.len()).filter(|forbid| arena.is_exact(*forbid)).collect();
            if exact.is_empty() {
                continue;
            }
            for (place, subject) in &self.places {
                if arena.passing(&exact, subject, &Wanted::ANYTHING) == Found::Nothing {
                    let (by, contradiction) = responsible(arena, exact.clone(), subject, &Wanted::ANYTHING);
                    let by = by.into_iter().map(|forbid| numbers[forbid]).collect();
                    freezes.push(Freeze { action: *action, place: place.clone(), by, contradiction });
                }
            }
        }
        freezes
    }
}
