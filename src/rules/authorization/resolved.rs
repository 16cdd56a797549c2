//! What roles come to, for rules: what cannot be decided becomes a hole.

use crate::analysis::privileges::{Cause, Class, Doubt, Grant, Resolved};
use crate::engine::verdict::{Evidence, Gathered, Unknown};
use crate::engine::view::{ProjectView, UserView};

/// All that a user's roles allow.
pub(crate) fn of<'a>(user: &UserView<'a>, seen: &mut Gathered) -> Resolved<'a> {
    let privileges = user.project.privileges();
    let Some(found) = privileges.user(user.user) else { return Resolved::default() };
    let resolved = privileges.of_user(found);
    note(user.project, &resolved.doubts, seen);
    resolved
}

/// Notes what cannot be decided.
pub(crate) fn note(project: &ProjectView<'_>, doubts: &[Doubt<'_>], seen: &mut Gathered) {
    for doubt in doubts {
        match (&doubt.cause, project.custom_roles.known()) {
            (Cause::RolesUnread(_), Err(why)) => seen.unseen(why),
            (Cause::Missing(field), _) => seen.unseen(Unknown::absent(*field)),
            _ => seen.unseen(Unknown::undecidable(doubt.to_string())),
        }
    }
}

/// Whether a grant lets somebody change or destroy what is stored.
pub(crate) fn writes(grant: &Grant<'_>) -> bool {
    grant.actions.iter().any(|action| matches!(action.class(), Class::Write | Class::Destroy))
}

/// `readWriteAnyDatabase`, or the way there: `ops → base → readWriteAnyDatabase`.
pub(crate) fn way(grant: &Grant<'_>) -> String {
    grant.path.join(" → ")
}

/// That something is wrong with a grant of a user's.
pub(crate) fn evidence(user: &UserView<'_>, grant: &Grant<'_>, message: String) -> Evidence {
    at(user, message).field(format!("/roles/{}", grant.granted))
}

/// That something is wrong with a user's roles.
pub(crate) fn at(user: &UserView<'_>, message: String) -> Evidence {
    Evidence::at(user.at, message)
        .field("/roles")
        .fact("user", user.username.as_deref().unwrap_or_default())
        .fact("authdb", user.database_name.as_deref().unwrap_or("admin"))
}
