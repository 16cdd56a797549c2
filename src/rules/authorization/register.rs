//! Users that nobody declared.

use serde::Deserialize;

use super::resolved;
use crate::engine::verdict::{Judgement, Required, Verdict};
use crate::engine::view::UserView;
use crate::rules::exemption::Standing;
use crate::rules::register::{applications, break_glass, is_kept, is_protected, must_be_in, people};
use crate::rules::user_age::last;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unexpected {
    baseline: Vec<String>,
}

/// ATL-AUTHZ-010
pub(crate) fn unexpected(user: &UserView<'_>, limits: &Unexpected) -> Judgement {
    let declared = user.project.declared;
    if limits.baseline.is_empty() && !is_kept(declared) {
        return Ok(Verdict::not_applicable("there is neither a register of users nor a baseline"));
    }
    let name = user.username.required("username")?;
    let standing = break_glass(user);
    let protected = declared
        .protected_users
        .iter()
        .any(|one| is_protected(one, user.user) && must_be_in(one, user.project) != Some(false));
    let expected = limits.baseline.contains(name)
        || applications(user).next().is_some()
        || people(user).next().is_some()
        || declared.tenancy(name).is_some()
        || standing == Standing::Exempt
        || protected;
    if expected {
        return Ok(Verdict::Pass);
    }
    let made = match last(user, "MONGODB_USER_ADDED") {
        Ok(Some((at, event))) => {
            let by = event.username.as_deref().or(event.public_key.as_deref());
            format!("; made at {at}{}", by.map(|by| format!(" by {by}")).unwrap_or_default())
        }
        Ok(None) | Err(_) => String::new(),
    };
    let message = format!("{name} is declared nowhere{}{made}", standing.note());
    Ok(Verdict::of([resolved::at(user, message).field("/username")]))
}
