//! Looks among all requests of an action for one that every policy lets pass, or that one policy refuses.
//!
//! Policies that share no variable are looked at apart, and each is asked about each combination of its own variables
//! at most once. There is a cap: past it nothing is decided.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};

use cedar_policy::Entities;

use super::policy::Forbid;
#[cfg(feature = "prove")]
use super::reads::Reads;
use super::request::Facts;
use super::space::{Apart, Domain, Value, domains, variables};
use super::vocabulary::{Action, Kind, Variable};

/// Requests that are put to Cedar for one action before nothing more is decided.
const MOST_QUESTIONS: usize = 150_000;
/// Steps of a search.
const MOST_STEPS: usize = 2_000_000;

/// What a policy was asked: which, about which subject if it tells them apart, and with which values.
type Put = (usize, Option<usize>, Vec<u32>);

/// The policies about one action, and the requests that have to be asked.
pub(super) struct Arena<'p> {
    pub(super) action: Action,
    forbids: Vec<&'p Forbid>,
    /// What each of them looks at.
    looks_at: Vec<Vec<Variable>>,
    pub(super) domains: BTreeMap<Variable, Domain>,
    answers: RefCell<HashMap<Put, bool>>,
    questions: Cell<usize>,
}

/// A project, and the clusters of it that policies name. Any other cluster is as good as another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    /// To remember answers by.
    pub(super) number: usize,
    pub(super) project: String,
    pub(super) clusters: Vec<String>,
}

/// What a search came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Request(Box<Facts>),
    /// There is none.
    Nothing,
    /// Not to be told, and why.
    Unclear(String),
}

/// What is looked for: the variables that it is about, and the condition.
pub(super) struct Wanted<'w> {
    pub(super) variables: &'w [Variable],
    pub(super) holds: &'w dyn Fn(&Facts) -> bool,
}

impl Wanted<'_> {
    /// Anything.
    pub(super) const ANYTHING: Wanted<'static> = Wanted { variables: &[], holds: &|_| true };
}

type Choice = BTreeMap<Variable, u32>;

/// Why a search ends early.
struct GaveUp(String);

impl<'p> Arena<'p> {
    pub(super) fn new(action: Action, forbids: Vec<&'p Forbid>) -> Self {
        Self::with(action, forbids, None)
    }

    /// The same policies, and requests that also tell certain regions from the others.
    pub(super) fn telling_apart(&self, certain: &Apart<'_>) -> Self {
        Self::with(self.action, self.forbids.clone(), Some(certain))
    }

    fn with(action: Action, forbids: Vec<&'p Forbid>, apart: Option<&Apart<'_>>) -> Self {
        let reads: Vec<_> = forbids.iter().map(|forbid| &forbid.reads).collect();
        let domains = domains(action, &reads, apart);
        let looks_at = forbids.iter().map(|forbid| looks_at(action, forbid)).collect();
        Self { action, forbids, looks_at, domains, answers: RefCell::default(), questions: Cell::new(0) }
    }

    /// How many policies there are.
    pub(super) fn len(&self) -> usize {
        self.forbids.len()
    }

    /// What each of them looks at.
    #[cfg(feature = "prove")]
    pub(super) fn reads(&self) -> impl Iterator<Item = &Reads> {
        self.forbids.iter().map(|forbid| &forbid.reads)
    }

    /// Whether what a policy denies follows from its constants.
    pub(super) fn is_exact(&self, forbid: usize) -> bool {
        self.forbids[forbid].reads.inexact.is_none()
            && self.looks_at[forbid].iter().all(|variable| self.domains.get(variable).is_none_or(|domain| !domain.cut))
    }

    /// Why it is not exact.
    pub(super) fn inexact(&self, forbid: usize) -> String {
        self.forbids[forbid].reads.inexact.clone().unwrap_or_else(|| "names more constants than are tried".to_owned())
    }

    /// A request that none of these policies refuses.
    pub(super) fn passing(&self, forbids: &[usize], subject: &Subject, wanted: &Wanted<'_>) -> Found {
        let steps = Cell::new(0);
        let base = self.base(subject);
        let entities = Families::of(subject, &base);
        let ask = Ask { arena: self, subject, base: &base, entities: &entities, steps: &steps };
        match ask.passing(forbids, wanted) {
            Ok(Some(facts)) => Found::Request(Box::new(facts)),
            Ok(None) => Found::Nothing,
            Err(GaveUp(why)) => Found::Unclear(why),
        }
    }

    /// A request that this policy refuses, for any of these subjects, or that it refuses for one and not for another.
    pub(super) fn refused(&self, forbid: usize, subject: &Subject, except: Option<&Subject>) -> Found {
        let steps = Cell::new(0);
        let base = self.base(subject);
        let entities = Families::of(subject, &base);
        let ask = Ask { arena: self, subject, base: &base, entities: &entities, steps: &steps };
        let other_base = except.map(|except| self.base(except));
        let other_entities = except.zip(other_base.as_ref()).map(|(except, base)| Families::of(except, base));
        let other = except
            .zip(other_base.as_ref())
            .zip(other_entities.as_ref())
            .map(|((subject, base), entities)| Ask { arena: self, subject, base, entities, steps: &steps });
        let variables = &self.looks_at[forbid];
        let mut found = None;
        let mut each = |choice: &Choice| -> Result<bool, GaveUp> {
            if ask.refuses(forbid, choice)?
                && !other.as_ref().map_or(Ok(false), |other| other.refuses(forbid, choice))?
            {
                found = Some(ask.facts(choice));
                return Ok(true);
            }
            Ok(false)
        };
        match ask.combinations(variables, true, &mut Choice::new(), &mut each) {
            Err(GaveUp(why)) => Found::Unclear(why),
            Ok(_) => match found {
                Some(facts) => Found::Request(Box::new(facts)),
                None if self.is_exact(forbid) => Found::Nothing,
                None => Found::Unclear(self.inexact(forbid)),
            },
        }
    }

    fn base(&self, subject: &Subject) -> Facts {
        let mut facts = Facts::harmless(&subject.project, subject.clusters.first().map_or("", String::as_str));
        for (variable, domain) in &self.domains {
            if let Some(value) = domain.values.first() {
                facts.set(*variable, value);
            }
        }
        facts
    }
}

/// The variables on which a policy's answer may depend.
fn looks_at(action: Action, forbid: &Forbid) -> Vec<Variable> {
    let reads = &forbid.reads;
    let mut variables: Vec<Variable> = variables(action)
        .iter()
        .copied()
        .filter(|variable| {
            reads.everything
                || reads.variables.contains(variable)
                // There the nodes are the placement.
                || (action == Action::SearchDeployment
                    && *variable == Variable::Placement
                    && reads.variables.contains(&Variable::DedicatedNodes))
        })
        .collect();
    if action.is_of_cluster() && reads.of_kind(Kind::Cluster).next().is_some() {
        variables.push(Variable::Target);
    }
    variables
}

/// The entities of each cluster of a subject.
struct Families(Vec<Entities>);

impl Families {
    fn of(subject: &Subject, base: &Facts) -> Self {
        let of = |cluster: &String| Facts { cluster: cluster.clone(), ..base.clone() }.entities();
        Self(subject.clusters.iter().map(of).collect())
    }
}

struct Ask<'a, 'p> {
    arena: &'a Arena<'p>,
    subject: &'a Subject,
    base: &'a Facts,
    entities: &'a Families,
    steps: &'a Cell<usize>,
}

impl Ask<'_, '_> {
    fn passing(&self, forbids: &[usize], wanted: &Wanted<'_>) -> Result<Option<Facts>, GaveUp> {
        let mut choice = Choice::new();
        for (variables, forbids) in self.components(forbids, wanted.variables) {
            let first = variables.iter().filter(|variable| wanted.variables.contains(variable)).count();
            // Asked as soon as the variables that it is about are chosen; a component without them wants nothing.
            let is_wanted = |choice: &Choice| {
                choice.len() != first
                    || (first == 0 && !wanted.variables.is_empty())
                    || (wanted.holds)(&self.facts(choice))
            };
            let mut part = Choice::new();
            if !self.solve(&variables, &forbids, &is_wanted, &mut part)? {
                return Ok(None);
            }
            choice.extend(part);
        }
        let facts = self.facts(&choice);
        Ok(Some(facts).filter(|facts| (wanted.holds)(facts)))
    }

    /// Policies and variables that have to do with each other. The variables that something is wanted of come first.
    fn components(&self, forbids: &[usize], wanted: &[Variable]) -> Vec<(Vec<Variable>, Vec<usize>)> {
        let mut components: Vec<(Vec<Variable>, Vec<usize>)> = vec![(wanted.to_vec(), Vec::new())];
        let mut by_size = forbids.to_vec();
        by_size.sort_by_key(|forbid| self.arena.looks_at[*forbid].len());
        for forbid in by_size {
            let own = &self.arena.looks_at[forbid];
            let mut joined = (Vec::new(), Vec::new());
            components.retain_mut(|(variables, forbids)| {
                let apart = !variables.iter().any(|variable| own.contains(variable));
                if !apart {
                    joined.0.append(variables);
                    joined.1.append(forbids);
                }
                apart
            });
            for variable in own {
                if !joined.0.contains(variable) {
                    joined.0.push(*variable);
                }
            }
            joined.1.push(forbid);
            components.push(joined);
        }
        for (variables, _) in &mut components {
            variables.sort_by_key(|variable| !wanted.contains(variable));
        }
        components
    }

    fn solve(
        &self,
        variables: &[Variable],
        forbids: &[usize],
        wanted: &dyn Fn(&Choice) -> bool,
        choice: &mut Choice,
    ) -> Result<bool, GaveUp> {
        self.step()?;
        if !wanted(choice) {
            return Ok(false);
        }
        // Every policy all of whose variables are chosen has to let this pass; those of the last choice are new.
        let last = choice.len().checked_sub(1).and_then(|last| variables.get(last));
        for forbid in forbids {
            let own = &self.arena.looks_at[*forbid];
            let complete = own.iter().all(|variable| choice.contains_key(variable));
            let fresh = last.is_none_or(|last| own.contains(last));
            if complete && fresh && self.refuses(*forbid, choice)? {
                return Ok(false);
            }
        }
        let Some(next) = variables.get(choice.len()) else { return Ok(true) };
        for index in 0..self.count(*next, false) {
            choice.insert(*next, index);
            if self.solve(variables, forbids, wanted, choice)? {
                return Ok(true);
            }
            choice.remove(next);
        }
        Ok(false)
    }

    /// Goes through all combinations, until told to stop.
    fn combinations(
        &self,
        variables: &[Variable],
        also_unreal: bool,
        choice: &mut Choice,
        each: &mut dyn FnMut(&Choice) -> Result<bool, GaveUp>,
    ) -> Result<bool, GaveUp> {
        self.step()?;
        let Some(next) = variables.get(choice.len()) else { return each(choice) };
        for index in 0..self.count(*next, also_unreal) {
            choice.insert(*next, index);
            if self.combinations(variables, also_unreal, choice, each)? {
                return Ok(true);
            }
            choice.remove(next);
        }
        Ok(false)
    }

    fn count(&self, variable: Variable, also_unreal: bool) -> u32 {
        let count = match self.arena.domains.get(&variable) {
            _ if variable == Variable::Target => self.subject.clusters.len(),
            Some(domain) if also_unreal => domain.values.len(),
            Some(domain) => domain.real,
            None => 0,
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    fn step(&self) -> Result<(), GaveUp> {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > MOST_STEPS { Err(GaveUp(TOO_MUCH.to_owned())) } else { Ok(()) }
    }

    fn facts(&self, choice: &Choice) -> Facts {
        let mut facts = self.base.clone();
        for (variable, index) in choice {
            if *variable == Variable::Target {
                facts.set(*variable, &Value::Text(self.subject.clusters[*index as usize].clone()));
            } else if let Some(domain) = self.arena.domains.get(variable) {
                facts.set(*variable, &domain.values[*index as usize]);
            }
        }
        facts
    }

    /// Whether a policy refuses what is chosen for its own variables. Asked once.
    fn refuses(&self, forbid: usize, choice: &Choice) -> Result<bool, GaveUp> {
        let own = &self.arena.looks_at[forbid];
        let policy = self.arena.forbids[forbid];
        let subject = policy.reads.tells_projects_apart().then_some(self.subject.number);
        let key = (forbid, subject, own.iter().map(|variable| choice.get(variable).copied().unwrap_or(0)).collect());
        if let Some(answer) = self.arena.answers.borrow().get(&key) {
            return Ok(*answer);
        }
        self.arena.questions.set(self.arena.questions.get() + 1);
        if self.arena.questions.get() > MOST_QUESTIONS {
            return Err(GaveUp(TOO_MUCH.to_owned()));
        }
        let own: Choice = choice.iter().filter(|(variable, _)| own.contains(variable)).map(|(v, i)| (*v, *i)).collect();
        let facts = self.facts(&own);
        let target = own.get(&Variable::Target).copied().unwrap_or(0) as usize;
        let Some(entities) = self.entities.0.get(target) else {
            return Err(GaveUp("no cluster to ask about".to_owned()));
        };
        let mut answer = false;
        for request in facts.requests(self.arena.action) {
            answer |= policy.matches(&request, entities).map_err(GaveUp)?;
        }
        self.arena.answers.borrow_mut().insert(key, answer);
        Ok(answer)
    }
}

const TOO_MUCH: &str = "the policies name more constants than can be tried";

/// The constants of a kind in all of these policies, once each.
pub(super) fn named(forbids: &[&Forbid], kind: Kind) -> BTreeSet<String> {
    forbids.iter().flat_map(|forbid| forbid.reads.of_kind(kind)).flatten().cloned().collect()
}
