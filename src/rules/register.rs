//! Who is behind a database user, as the organization declares it.

use crate::engine::declared::{Application, Declared, Person, ProtectedUser, names_project};
use crate::engine::view::{ProjectView, UserView};
use crate::snapshot::database_access::DatabaseUser;

use super::exemption::Standing;

/// The applications that log in as this user.
pub(crate) fn applications<'a>(user: &UserView<'a>) -> impl Iterator<Item = &'a Application> {
    let (project, name) = (user.project, user.user.username.as_deref());
    project.declared.applications.iter().filter(move |application| {
        application.users.iter().any(|known| Some(known.as_str()) == name)
            && (application.projects.is_empty() || is_one_of(project, &application.projects))
    })
}

/// The people who log in as this user: it is listed as theirs, or is called by their address.
pub(crate) fn people<'a>(user: &UserView<'a>) -> impl Iterator<Item = &'a Person> {
    let name = user.user.username.as_deref();
    user.project.declared.people.iter().filter(move |person| {
        person.database_users.iter().any(|known| Some(known.as_str()) == name)
            || name.is_some_and(|name| name.eq_ignore_ascii_case(&person.email))
    })
}

/// Whether the user is kept for emergencies, and somebody still answers for it.
pub(crate) fn break_glass(user: &UserView<'_>) -> Standing {
    let named = user.project.declared.break_glass.iter().filter(|kept| Some(&kept.user) == user.username.as_ref());
    Standing::of(named.map(|kept| (kept.owner.as_str(), kept.until)), user.project.now)
}

/// Whether a protected user is meant by an entry of a project's list.
pub(crate) fn is_protected(protected: &ProtectedUser, user: &DatabaseUser) -> bool {
    user.username.as_ref() == Some(&protected.user)
        && user.database_name.as_deref().unwrap_or("admin") == protected.database
}

/// Whether a protected user must be in a project; nothing if nobody says where it must be.
pub(crate) fn must_be_in(protected: &ProtectedUser, project: &ProjectView<'_>) -> Option<bool> {
    (!protected.projects.is_empty()).then(|| is_one_of(project, &protected.projects))
}

/// Whether anybody declared who the database users are.
pub(crate) fn is_kept(declared: &Declared) -> bool {
    !(declared.applications.is_empty()
        && declared.people.is_empty()
        && declared.tenants.is_empty()
        && declared.break_glass.is_empty()
        && declared.protected_users.is_empty())
}

fn is_one_of(project: &ProjectView<'_>, patterns: &[crate::engine::declared::Pattern]) -> bool {
    names_project(patterns, &project.project.id, project.project.name.as_deref())
}
