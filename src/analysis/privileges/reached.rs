//! Which roles a database user has in the end: those granted, and those that custom roles inherit. Names and ways only;
//! what they allow, [`super::Resolved`] says.

use std::collections::HashSet;

use super::closure::{Doubt, Roles};
use super::user::User;

/// A role that somebody has, directly or through others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachedRole<'a> {
    /// Its name.
    pub name: &'a str,
    /// The place among the user's roles of the one that leads to it.
    pub granted: usize,
    /// The names from the granted role to this one, both included: a shortest such way.
    pub path: Vec<&'a str>,
}

/// All roles that somebody has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReachedRoles<'a> {
    /// Those granted first, then step by step what they inherit; each once.
    pub roles: Vec<ReachedRole<'a>>,
    /// Why there may be more.
    pub doubts: Vec<Doubt<'a>>,
}

impl<'a> ReachedRoles<'a> {
    pub(super) fn of(user: &User<'a>, roles: &Roles<'a>) -> Self {
        let mut reached = Self::default();
        reached.doubt(&[], &user.causes);
        let each = |(granted, id): &(usize, _)| {
            let (granted, id) = (*granted, *id);
            let steps = roles.closure(id).iter().enumerate();
            steps.map(move |(index, step)| (step.depth, granted, id, index, step.role)).collect::<Vec<_>>()
        };
        let mut steps: Vec<_> = user.granted.iter().flat_map(each).collect();
        // Of several ways to one role the shortest is told, and of those the one that is granted first. The sort is
        // stable: each walk keeps its order.
        steps.sort_by_key(|(depth, ..)| *depth);
        let mut seen = HashSet::new();
        for (_, granted, id, index, role) in steps {
            if !seen.insert(role) {
                continue;
            }
            let (role, path) = (roles.get(role), roles.path(id, index));
            reached.doubt(&path, &role.causes);
            reached.roles.push(ReachedRole { name: role.name, granted, path });
        }
        reached
    }

    fn doubt(&mut self, path: &[&'a str], causes: &[super::Cause<'a>]) {
        let hiding = causes.iter().filter(|cause| cause.hides_roles());
        self.doubts.extend(hiding.map(|cause| Doubt { path: path.to_vec(), cause: cause.clone() }));
    }
}
