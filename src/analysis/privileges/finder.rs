//! Who is allowed any of some actions on some targets, and by which way: worked out once per role.

use std::collections::BTreeMap;

use super::action::{Action, ActionSet};
use super::closure::{Cause, Doubt, RoleId, Roles};
use super::pattern::{Cover, Pattern, Target};
use super::question::Wanted;

/// An action that is allowed, and the shortest way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way<'a> {
    /// What is allowed.
    pub action: Action,
    /// On what, as the grant says.
    pub on: Pattern<'a>,
    /// The names of the roles that lead there, the granted one first.
    pub path: Vec<&'a str>,
    /// Its place among the user's roles.
    pub granted: usize,
    /// Where a database was asked for and only some of its collections are covered: those.
    pub only: Vec<&'a str>,
    /// False where Atlas does not say whether its role really has what the server's has.
    pub confirmed: bool,
}

/// One grant that fits, within the walk of one role.
#[derive(Debug, Clone, Copy)]
struct Hit<'a> {
    action: Action,
    on: Pattern<'a>,
    /// None is all of it.
    part: Option<&'a str>,
    confirmed: bool,
    step: u32,
    depth: u32,
}

impl Hit<'_> {
    /// What covers more, is surer and nearer comes first.
    fn rank(&self) -> (bool, bool, u32) {
        (self.part.is_some(), !self.confirmed, self.depth)
    }
}

/// What a role allows by itself.
#[derive(Debug, Default)]
struct Own<'a> {
    /// Without steps and depths.
    hits: Vec<Hit<'a>>,
    /// Causes that matter here, by their place.
    causes: Vec<usize>,
    /// What looks like it and does nothing.
    idle: Vec<(ActionSet, Pattern<'a>)>,
}

/// What a role and all that it leads to allow.
#[derive(Debug, Default)]
struct Found<'a> {
    hits: Vec<Hit<'a>>,
    /// Steps of the walk, and causes of the role there.
    doubts: Vec<(u32, usize)>,
    idle: Vec<(u32, ActionSet, Pattern<'a>)>,
}

/// Actions that were asked for, granted where they do nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idle<'a> {
    /// What.
    pub actions: ActionSet,
    /// On what.
    pub on: Pattern<'a>,
    /// The names of the roles that lead there, the granted one first.
    pub path: Vec<&'a str>,
}

/// One thing to look for.
#[derive(Debug)]
pub(super) struct Finder<'q, 'a> {
    wanted: Vec<Wanted<'q>>,
    all: ActionSet,
    own: Vec<Option<Own<'a>>>,
    found: Vec<Option<Found<'a>>>,
}

/// The roles that somebody was granted, each with its place in the list.
pub(super) type Granted = [(usize, RoleId)];

impl<'q, 'a> Finder<'q, 'a> {
    pub(super) fn new(wanted: Vec<Wanted<'q>>) -> Self {
        let all = wanted.iter().fold(ActionSet::EMPTY, |all, (actions, _)| all.union(*actions));
        Self { wanted, all, own: Vec::new(), found: Vec::new() }
    }

    /// Each action that is allowed, by its best way, in the order of the table of actions.
    pub(super) fn ways(&mut self, roles: &Roles<'a>, granted: &Granted) -> Vec<Way<'a>> {
        let mut best: BTreeMap<Action, (Hit<'a>, usize, RoleId, Vec<&'a str>)> = BTreeMap::new();
        for (index, id) in granted {
            for hit in &self.found(roles, *id).hits {
                let entry = best.entry(hit.action).or_insert_with(|| (*hit, *index, *id, Vec::new()));
                if hit.rank() < entry.0.rank() {
                    (entry.0, entry.1, entry.2) = (*hit, *index, *id);
                }
                entry.3.extend(hit.part);
            }
        }
        best.into_values()
            .map(|(hit, granted, id, mut only)| {
                if hit.part.is_none() {
                    only.clear();
                }
                only.sort_unstable();
                only.dedup();
                let path = roles.path(id, hit.step as usize);
                Way { action: hit.action, on: hit.on, path, granted, only, confirmed: hit.confirmed }
            })
            .collect()
    }

    /// What leaves open whether there is more.
    pub(super) fn doubts(&mut self, roles: &Roles<'a>, granted: &Granted) -> Vec<Doubt<'a>> {
        let mut doubts = Vec::new();
        for (_, id) in granted {
            let steps = roles.closure(*id);
            for (step, cause) in &self.found(roles, *id).doubts {
                let role = roles.get(steps[*step as usize].role);
                doubts.push(Doubt { path: roles.path(*id, *step as usize), cause: role.causes[*cause].clone() });
            }
        }
        doubts.sort();
        doubts.dedup();
        doubts
    }

    /// Grants that look like it and have no effect.
    pub(super) fn idle(&mut self, roles: &Roles<'a>, granted: &Granted) -> Vec<Idle<'a>> {
        let mut idle = Vec::new();
        for (_, id) in granted {
            for (step, actions, on) in &self.found(roles, *id).idle {
                idle.push(Idle { actions: *actions, on: *on, path: roles.path(*id, *step as usize) });
            }
        }
        idle
    }

    fn found(&mut self, roles: &Roles<'a>, id: RoleId) -> &Found<'a> {
        let index = id as usize;
        if self.found.len() <= index {
            self.found.resize_with(roles.len(), || None);
        }
        if self.found[index].is_none() {
            let found = self.walk(roles, id);
            self.found[index] = Some(found);
        }
        self.found[index].as_ref().expect("filled above")
    }

    fn walk(&mut self, roles: &Roles<'a>, id: RoleId) -> Found<'a> {
        let mut found = Found::default();
        // The best that is not a part, by action: a walk goes from near to far.
        let mut best: BTreeMap<(Action, Option<&'a str>), Hit<'a>> = BTreeMap::new();
        for (index, step) in roles.closure(id).iter().enumerate() {
            let index = u32::try_from(index).expect("fewer steps than roles");
            let own = self.own(roles, step.role);
            for hit in &own.hits {
                let hit = Hit { step: index, depth: step.depth, ..*hit };
                let kept = best.entry((hit.action, hit.part)).or_insert(hit);
                if hit.rank() < kept.rank() {
                    *kept = hit;
                }
            }
            found.idle.extend(own.idle.iter().map(|(actions, on)| (index, *actions, *on)));
            found.doubts.extend(own.causes.iter().map(|cause| (index, *cause)));
        }
        found.hits = best.into_values().collect();
        found
    }

    fn own(&mut self, roles: &Roles<'a>, id: RoleId) -> &Own<'a> {
        let index = id as usize;
        if self.own.len() <= index {
            self.own.resize_with(roles.len(), || None);
        }
        if self.own[index].is_none() {
            let own = self.look_at(roles, id);
            self.own[index] = Some(own);
        }
        self.own[index].as_ref().expect("filled above")
    }

    fn look_at(&self, roles: &Roles<'a>, id: RoleId) -> Own<'a> {
        let role = roles.get(id);
        let mut own = Own::default();
        for privilege in &role.privileges {
            if !privilege.effective {
                let both = privilege.actions.intersection(self.all);
                if !both.is_empty() {
                    own.idle.push((both, privilege.on));
                }
                continue;
            }
            for (actions, target) in &self.wanted {
                let both = privilege.actions.intersection(*actions);
                if both.is_empty() {
                    continue;
                }
                let part = match privilege.on.covers(*target) {
                    Cover::No => continue,
                    Cover::Part(collection) => Some(collection),
                    Cover::Whole => None,
                };
                let (on, confirmed) = (privilege.on, privilege.confirmed);
                own.hits.extend(both.iter().map(|action| Hit { action, on, part, confirmed, step: 0, depth: 0 }));
            }
        }
        let matters = |cause: &Cause<'a>| match cause {
            Cause::UnknownRole | Cause::RolesUnread(_) | Cause::Missing(_) | Cause::UnclearResource(None, _) => true,
            Cause::UnclearResource(Some(action), _) => self.all.contains(*action),
            Cause::UnknownAction(_, on) => self.wanted.iter().any(|(_, target)| may_concern(*on, *target)),
        };
        own.causes = (0..role.causes.len()).filter(|index| matters(&role.causes[*index])).collect();
        own
    }
}

/// Whether an action that nobody knows, granted on that, may be about the target. What is granted on one database is
/// hardly about a workspace.
fn may_concern(on: Pattern<'_>, target: Target<'_>) -> bool {
    match target {
        Target::Service => {
            matches!(on, Pattern::Anything | Pattern::AllOrdinary | Pattern::Cluster | Pattern::Workspaces)
        }
        _ => on.covers(target) != Cover::No,
    }
}
