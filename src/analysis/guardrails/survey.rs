//! What is refused where: every guard, for every project, from all policies together.

use std::collections::{BTreeMap, BTreeSet};

use super::example::describe;
use super::guard::{Guard, is_among};
use super::policy::{Forbid, Standing, Statement};
use super::request::Facts;
use super::search::{Arena, Found, Subject, Wanted, named};
use super::space::{Apart, groups};
use super::vocabulary::{Action, Kind, could_exist};

/// The projects of an organization, as far as they are known.
#[derive(Debug, Clone, Default)]
pub struct Estate {
    /// Those that were listed.
    pub projects: Vec<EstateProject>,
    /// Whether that is all of them.
    pub complete: bool,
    /// Whether the clusters of each are known.
    pub clusters_known: bool,
}

/// A project.
#[derive(Debug, Clone, Default)]
pub struct EstateProject {
    /// 24 hexadecimal digits.
    pub id: String,
    /// As people call it.
    pub name: Option<String>,
    /// Ids of its clusters, where they are known.
    pub clusters: Vec<String>,
}

/// Projects, or a cluster, for which all policies say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Projects of the estate, by their place in it. `others`: also any project that no policy names.
    #[expect(missing_docs, reason = "said above")]
    Projects { listed: Vec<usize>, others: bool },
    /// Projects that policies name, where it is not known which projects there are.
    Named(Vec<String>),
    /// A cluster that policies name, in some project.
    Cluster(String),
}

/// Whether something is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// By these statements: each alone, or, if `together`, only all of them.
    #[expect(missing_docs, reason = "said above")]
    Denied { by: Vec<usize>, together: bool },
    /// As everything else that is asked of that action: nothing harmless passes either.
    #[expect(missing_docs, reason = "as before")]
    Frozen { by: Vec<usize>, together: bool },
    /// This passes.
    NotDenied {
        /// In words.
        example: String,
    },
    /// It is not to be told.
    Undecided {
        /// Why not.
        why: String,
    },
}

impl Answer {
    /// Whether nothing of the kind passes.
    #[must_use]
    pub const fn refuses(&self) -> bool {
        matches!(self, Self::Denied { .. } | Self::Frozen { .. })
    }
}

/// All policies and all places.
pub struct Survey<'a> {
    statements: &'a [Statement],
    pub(super) arenas: BTreeMap<Action, (Arena<'a>, Vec<usize>)>,
    pub(super) places: Vec<(Place, Subject)>,
    /// Clusters of which it is not known where they are.
    pub(super) strays: Vec<String>,
    /// For subjects that are made on the way.
    next: usize,
}

impl<'a> Survey<'a> {
    /// Of these statements, in these projects.
    #[must_use]
    pub fn new(statements: &'a [Statement], estate: &Estate) -> Self {
        let mut arenas = BTreeMap::new();
        for action in Action::ALL {
            let about = |(index, statement): (usize, &'a Statement)| match &statement.standing {
                Standing::InForce(forbid) if forbid.actions.contains(&action) => Some((index, &**forbid)),
                _ => None,
            };
            let (numbers, forbids) = statements.iter().enumerate().filter_map(about).unzip();
            arenas.insert(action, (Arena::new(action, forbids), numbers));
        }
        let forbids: Vec<&Forbid> = statements.iter().filter_map(Statement::in_force).collect();
        let clusters = named(&forbids, Kind::Cluster);
        let located: BTreeSet<&String> = estate.projects.iter().flat_map(|project| &project.clusters).collect();
        let strays = if estate.clusters_known && estate.complete {
            Vec::new()
        } else {
            clusters.iter().filter(|cluster| !located.contains(cluster)).cloned().collect()
        };
        let places = places(&forbids, &clusters, estate);
        Self { statements, arenas, next: places.len(), places, strays }
    }

    /// The statements.
    #[must_use]
    pub fn statements(&self) -> &'a [Statement] {
        self.statements
    }

    /// Whether a guard holds, place by place.
    #[must_use]
    pub fn ask(&self, guard: &Guard) -> Vec<(Place, Answer)> {
        let (usual, numbers) = &self.arenas[&guard.action()];
        // Allowed regions have to be told from others, even where no policy does.
        let own = told_apart(guard, usual);
        let arena = own.as_ref().unwrap_or(usual);
        let asking = Asking { survey: self, guard, arena, numbers };
        let answer = |(place, subject): &(Place, Subject)| (place.clone(), asking.answer(subject));
        let mut answers: Vec<(Place, Answer)> = self.places.iter().map(answer).collect();
        if guard.action().is_of_cluster() {
            for (index, cluster) in self.strays.iter().enumerate() {
                answers.push((Place::Cluster(cluster.clone()), asking.stray(cluster, index)));
            }
        }
        answers
    }

    /// The subject of a cluster, were it in the project of a place.
    pub(super) fn stray_in(&self, place: &Subject, cluster: &str, stray: usize) -> Subject {
        let number = self.next + stray * self.places.len() + place.number;
        Subject { number, project: place.project.clone(), clusters: vec![cluster.to_owned()] }
    }

    /// Numbers for subjects made on the way, which neither a place has nor a stray cluster in one.
    pub(super) fn fresh_numbers(&self) -> std::ops::RangeFrom<usize> {
        self.next + self.strays.len() * self.places.len()..
    }

    /// Why something that nothing refuses may be refused all the same.
    pub(super) fn doubt(&self, action: Action) -> Option<String> {
        self.statements.iter().find_map(|statement| match &statement.standing {
            Standing::Undecided { why, actions, .. }
                if actions.as_ref().is_none_or(|actions| actions.contains(&action)) =>
            {
                Some(format!("`{}` may refuse it: it {why}", statement.name))
            }
            Standing::InForce(forbid) if forbid.maybe.contains(&action) => Some(format!(
                "`{}` may refuse it: of `project.edit` in the first name space only the access list is documented",
                statement.name
            )),
            _ => None,
        })
    }
}

/// The requests that a guard takes beside the usual ones.
pub(super) fn told_apart<'a>(guard: &Guard, usual: &Arena<'a>) -> Option<Arena<'a>> {
    let Guard::Regions(Some(allowed)) = guard else { return None };
    let listed: Vec<String> = allowed.iter().filter(|region| could_exist(Kind::Region, region)).cloned().collect();
    Some(usual.telling_apart(&Apart { is_in: &|region| is_among(region, allowed), listed: &listed }))
}

/// One guard, and the requests that it takes.
struct Asking<'s, 'a> {
    survey: &'s Survey<'a>,
    guard: &'s Guard,
    arena: &'s Arena<'a>,
    /// The statements that the arena's policies are.
    numbers: &'s [usize],
}

impl Asking<'_, '_> {
    /// A cluster of which nobody knows the project, nor whether it is still there.
    fn stray(&self, cluster: &str, stray: usize) -> Answer {
        let anywhere =
            self.survey.places.iter().map(|(_, place)| self.answer(&self.survey.stray_in(place, cluster, stray)));
        let mut answers: Vec<Answer> = anywhere.collect();
        let Some(not) = answers.iter().position(|answer| !answer.refuses()) else {
            return answers.swap_remove(0);
        };
        match answers.swap_remove(not) {
            Answer::NotDenied { example } => Answer::Undecided {
                why: format!(
                    "a policy treats cluster {cluster} apart, and it is not known whether that exists: {example}"
                ),
            },
            other => other,
        }
    }

    fn answer(&self, subject: &Subject) -> Answer {
        let Self { guard, arena, numbers, .. } = *self;
        let action = guard.action();
        let of_variable = guard.variables().iter().filter_map(|variable| arena.domains.get(variable));
        let new: Vec<String> = of_variable.flat_map(|domain| domain.new.iter().cloned()).collect();
        let dangerous = |facts: &Facts| guard.holds(facts, &new);
        let wanted = Wanted { variables: guard.variables(), holds: &dangerous };
        let all: Vec<usize> = (0..arena.len()).collect();
        let exact = match arena.passing(&all, subject, &wanted) {
            Found::Unclear(why) => return Answer::Undecided { why },
            Found::Request(facts) => {
                let example = describe(action, &facts);
                return match self.survey.doubt(action) {
                    Some(why) => Answer::Undecided { why },
                    None => Answer::NotDenied { example },
                };
            }
            Found::Nothing => {
                let exact: Vec<usize> = all.iter().copied().filter(|forbid| arena.is_exact(*forbid)).collect();
                if exact != all && arena.passing(&exact, subject, &wanted) != Found::Nothing {
                    let why = all.iter().find(|forbid| !arena.is_exact(**forbid)).map(|forbid| {
                        format!("`{}` {}", self.survey.statements[numbers[*forbid]].name, arena.inexact(*forbid))
                    });
                    return Answer::Undecided { why: why.unwrap_or_default() };
                }
                exact
            }
        };
        let (by, together) = responsible(arena, exact, subject, &wanted);
        let by = by.into_iter().map(|forbid| numbers[forbid]).collect();
        let harmless = |facts: &Facts| !dangerous(facts);
        let wanted = Wanted { variables: guard.variables(), holds: &harmless };
        if guard.variables().is_empty() {
            // Any change is meant: there is no harmless one.
            return Answer::Denied { by, together };
        }
        match arena.passing(&all, subject, &wanted) {
            Found::Request(_) => Answer::Denied { by, together },
            Found::Nothing => Answer::Frozen { by, together },
            Found::Unclear(why) => Answer::Undecided { why },
        }
    }
}

/// The policies of which each alone is enough, or the fewest that together are.
pub(super) fn responsible(
    arena: &Arena<'_>,
    forbids: Vec<usize>,
    subject: &Subject,
    wanted: &Wanted<'_>,
) -> (Vec<usize>, bool) {
    let enough = |forbids: &[usize]| arena.passing(forbids, subject, wanted) == Found::Nothing;
    let alone: Vec<usize> = forbids.iter().copied().filter(|forbid| enough(&[*forbid])).collect();
    if !alone.is_empty() {
        return (alone, false);
    }
    let mut needed = forbids;
    let mut index = 0;
    while index < needed.len() {
        let forbid = needed.remove(index);
        if !enough(&needed) {
            needed.insert(index, forbid);
            index += 1;
        }
    }
    (needed, true)
}

impl Statement {
    pub(super) fn in_force(&self) -> Option<&Forbid> {
        match &self.standing {
            Standing::InForce(forbid) => Some(forbid),
            _ => None,
        }
    }
}

/// An id that no policy names, and that looks like one.
pub(super) fn unnamed(named: &BTreeSet<String>) -> String {
    // One more than are named: at least one of these is free.
    let candidates = (0..=named.len()).map(|n| format!("{:024x}", 0xa71a_5a0d_u64 + n as u64));
    candidates.into_iter().find(|id| !named.contains(id)).unwrap_or_default()
}

/// Projects in groups for which no policy can say different things.
fn places(forbids: &[&Forbid], clusters: &BTreeSet<String>, estate: &Estate) -> Vec<(Place, Subject)> {
    let classes = groups(forbids.iter().flat_map(|forbid| forbid.reads.of_kind(Kind::Project)), &[]);
    let class_of: BTreeMap<&str, usize> =
        classes.iter().enumerate().flat_map(|(class, ids)| ids.iter().map(move |id| (id.as_str(), class))).collect();
    let any_project = unnamed(&named(forbids, Kind::Project));
    let any_cluster = unnamed(clusters);
    // Whose projects: by class, and by the clusters that policies name.
    let mut together: BTreeMap<(Option<usize>, Vec<&String>), Vec<usize>> = BTreeMap::new();
    together.insert((None, Vec::new()), Vec::new());
    for (index, project) in estate.projects.iter().enumerate() {
        let class = class_of.get(project.id.as_str()).copied();
        let own = project.clusters.iter().filter(|cluster| clusters.contains(*cluster)).collect();
        together.entry((class, own)).or_default().push(index);
    }
    let mut places = Vec::new();
    let mut push = |place, project: &str, own: &[&String]| {
        let clusters = std::iter::once(&any_cluster).chain(own.iter().copied()).cloned().collect();
        let subject = Subject { number: places.len(), project: project.to_owned(), clusters };
        places.push((place, subject));
    };
    for ((class, own), listed) in &together {
        let others = class.is_none() && own.is_empty();
        let project = class.map_or(any_project.as_str(), |class| classes[class][0].as_str());
        push(Place::Projects { listed: listed.clone(), others }, project, own);
    }
    if !estate.complete {
        for ids in &classes {
            let missing: Vec<String> =
                ids.iter().filter(|id| !estate.projects.iter().any(|project| project.id == **id)).cloned().collect();
            if let Some(first) = missing.first().cloned() {
                push(Place::Named(missing), &first, &[]);
            }
        }
    }
    places
}
