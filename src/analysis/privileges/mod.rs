//! Effective privileges: who can read, write, destroy or administer what, by which way.
//!
//! [`Privileges::of`] resolves the roles of one project. From there:
//!
//! - [`Privileges::of_user`] and [`Privileges::of_role`] give every grant with the way to it, and apart from them what
//!   cannot be decided; [`Privileges::roles_of`] gives the roles alone;
//! - [`Privileges::ask`] prepares a [`Question`] that is then answered for each user, direct and indirect apart;
//! - [`Resolved::writes`], [`Resolved::touching`] and [`Resolved::stream_actions`] sum grants up.
//!
//! What was not read, and what this version does not know, makes an answer *undecided*, never *no*.

mod action;
mod answer;
mod built_in;
mod closure;
mod finder;
mod indirect;
mod overview;
mod pattern;
mod place;
mod question;
mod reached;
mod resolved;
mod user;

#[cfg(test)]
mod tests;

pub use action::{Action, ActionSet, Class, Level};
pub use answer::{Answer, Direct, Inquiry, Note, Undecided};
pub use closure::{Cause, Doubt, Remark, RoleKind};
pub use finder::{Idle, Way};
pub use indirect::{Elsewhere, Indirect, IndirectKind, Via};
pub use overview::Overview;
pub use pattern::{Cover, Pattern, Target, is_internal_database, is_system_collection};
pub use place::{Place, PlaceKind, Places, Reach};
pub use question::{Namespace, NamespaceError, Question, Verb};
pub use reached::{ReachedRole, ReachedRoles};
pub use resolved::{Grant, Resolved, Writes, runs_pipelines};
pub use user::{Life, User};

use jiff::Timestamp;

use crate::snapshot::Unavailable;
use crate::snapshot::database_access::DatabaseUser;
use crate::snapshot::project::Project;

use closure::{RoleId, Roles};
use indirect::Workspace;

/// Whether Atlas has a role of that name.
#[must_use]
pub fn is_built_in(name: &str) -> bool {
    built_in::find(name).is_some()
}

/// The names of Atlas's own roles.
pub fn built_in_names() -> impl Iterator<Item = &'static str> {
    built_in::names()
}

/// Everybody's privileges in one project.
#[derive(Debug)]
pub struct Privileges<'a> {
    project: &'a Project,
    roles: Roles<'a>,
    places: Places<'a>,
    users: Vec<User<'a>>,
    workspaces: Vec<Workspace<'a>>,
}

impl<'a> Privileges<'a> {
    /// Resolves the roles of a project. `now` is when it was looked at: expired users have no access.
    #[must_use]
    pub fn of(project: &'a Project, now: Timestamp) -> Self {
        let mut roles = Roles::of(&project.custom_roles);
        let listed = project.database_users.known().map_or(&[][..], Vec::as_slice);
        let users = listed.iter().map(|user| User::of(user, now, &mut roles)).collect();
        let workspaces = indirect::workspaces(project, &mut roles);
        Self { project, roles, places: Places::of(project), users, workspaces }
    }

    /// The project.
    #[must_use]
    pub fn project(&self) -> &'a Project {
        self.project
    }

    /// What it has to log in to.
    #[must_use]
    pub fn places(&self) -> &Places<'a> {
        &self.places
    }

    /// Its database users, in Atlas's order, or why they are not known.
    pub fn users(&self) -> Result<&[User<'a>], &'a Unavailable> {
        self.project.database_users.known().map(|_| self.users.as_slice())
    }

    /// The one of [`Privileges::users`] that was made of that entry of the list.
    #[must_use]
    pub fn user(&self, entry: &DatabaseUser) -> Option<&User<'a>> {
        // One list, so the same address; a copy of an entry has the same key.
        let same = |user: &&User<'a>| std::ptr::eq(user.entry, entry);
        self.users.iter().find(same).or_else(|| {
            let key = (&entry.database_name, &entry.username);
            self.users.iter().find(|user| (&user.entry.database_name, &user.entry.username) == key)
        })
    }

    /// Everything that a user's roles allow, wherever its scopes let it in.
    #[must_use]
    pub fn of_user(&self, user: &User<'a>) -> Resolved<'a> {
        let mut resolved = Resolved::default();
        resolved.doubts.extend(user.causes.iter().map(|cause| Doubt { path: Vec::new(), cause: cause.clone() }));
        for (granted, id) in &user.granted {
            resolved.add(&self.roles, *id, *granted);
        }
        resolved
    }

    /// The roles that a user has or inherits, by name.
    #[must_use]
    pub fn roles_of(&self, user: &User<'a>) -> ReachedRoles<'a> {
        ReachedRoles::of(user, &self.roles)
    }

    /// Prepares a question. What is worked out for one user's role serves all who have it.
    #[must_use]
    pub fn ask<'p>(&'p self, question: Question<'p>) -> Inquiry<'p, 'a> {
        Inquiry::of(self, question)
    }

    /// Prepares a question about the clusters of another project, to which this one's stream processors may lead; nothing
    /// if none does.
    #[must_use]
    pub fn ask_elsewhere<'p>(&'p self, project: &'p str, question: &Question<'p>) -> Option<Elsewhere<'p, 'a>> {
        Elsewhere::of(self, project, question)
    }

    /// Projects whose clusters this one's stream processors lead to.
    pub fn leads_to(&self) -> impl Iterator<Item = &'a str> {
        let known = self.workspaces.iter().filter_map(|workspace| workspace.connections.as_ref().ok());
        known.flatten().filter_map(|connection| connection.project)
    }

    /// Everything that a user can do, direct and indirect.
    #[must_use]
    pub fn overview(&self, user: &User<'a>) -> Overview<'a> {
        Overview::of(self, user)
    }

    /// Everything that a role by that name allows: what a stream connection's `dbRoleToExecute` can do.
    ///
    /// `database` is only needed for `read`, `readWrite` and `dbAdmin`.
    #[must_use]
    pub fn of_role(&self, name: &'a str, database: Option<&'a str>) -> Resolved<'a> {
        let mut roles = Roles::of(&self.project.custom_roles);
        let id: RoleId = roles.mention(name, database, None);
        let mut resolved = Resolved::default();
        resolved.add(&roles, id, 0);
        resolved
    }
}
