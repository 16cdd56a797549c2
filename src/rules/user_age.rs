//! When a database user was made: Atlas tells it by events only, and those are read on request.

use jiff::Timestamp;

use crate::engine::verdict::Unknown;
use crate::engine::view::{ProjectView, UserView};
use crate::snapshot::history::Event;
use crate::snapshot::values::Moment;

/// What is known of the day on which a user was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// It, or the project around it, was made within the limit.
    Within,
    /// It was made before that.
    Beyond(Timestamp),
    /// Events do not reach back to it.
    Untold,
}

/// Days from a moment until now.
pub(crate) fn days_since(then: Timestamp, now: Timestamp) -> f64 {
    now.duration_since(then).as_secs_f64() / 86_400.0
}

/// Whether a user is younger than so many days. It is no older than its project.
pub(crate) fn age(user: &UserView<'_>, limit: f64) -> Result<Age, Unknown> {
    let now = user.project.now;
    let within = |made: Timestamp| days_since(made, now) <= limit;
    if user.project.created.as_ref().and_then(Moment::timestamp).is_some_and(within) {
        return Ok(Age::Within);
    }
    Ok(match last(user, "MONGODB_USER_ADDED")? {
        None => Age::Untold,
        Some((made, _)) if within(made) => Age::Within,
        Some((made, _)) => Age::Beyond(made),
    })
}

/// The last event of a kind about this user, and when it was.
pub(crate) fn last<'a>(user: &UserView<'a>, kind: &str) -> Result<Option<(Timestamp, &'a Event)>, Unknown> {
    let project: &ProjectView<'a> = user.project;
    let mut last: Option<(Timestamp, &Event)> = None;
    let about = |event: &&Event| {
        event.event_type_name.as_deref() == Some(kind) && event.db_user_username.as_ref() == user.username.as_ref()
    };
    for event in project.project.events.known()?.iter().filter(about) {
        let at = match &event.created {
            Some(Moment::At(at)) => *at,
            Some(Moment::Unreadable(text)) => return Err(Unknown::not_understood("created", text)),
            None => return Err(Unknown::absent("created")),
        };
        if last.is_none_or(|(latest, _)| at > latest) {
            last = Some((at, event));
        }
    }
    Ok(last)
}
