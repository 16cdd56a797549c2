//! How old passwords are. No API tells; what people state, and events, bound it.

use serde::Deserialize;

use crate::engine::declared::Attestation;
use crate::engine::verdict::{Evidence, Judgement, Required, Unknown, Verdict};
use crate::engine::view::UserView;
use crate::rules::user_age::{Age, age, last};
use crate::snapshot::database_access::Mechanism;

/// What people attest.
const CONTROL: &str = "password-rotation";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    max_days: i64,
}

/// ATL-AUTHN-007
pub(crate) fn rotation_overdue(user: &UserView<'_>, limits: &Rotation) -> Judgement {
    let mechanism = user.mechanism().ok_or_else(|| {
        Unknown::undecidable(
            "`x509Type`, `awsIAMType`, `ldapAuthType` and `oidcAuthType` do not tell how the user logs in",
        )
    })?;
    if mechanism != Mechanism::Password {
        return Ok(Verdict::not_applicable("the user has no password"));
    }
    if user.delete_after_date.is_some() {
        return Ok(Verdict::not_applicable("the user is temporary"));
    }
    let name = user.username.required("username")?;
    let now = user.project.now;
    let stated = stated(user, name);
    if let Some(stated) = stated
        && stated.is_live(now)
        && stated.date.age(now) <= limits.max_days
    {
        return Ok(stated.into());
    }
    #[expect(clippy::cast_precision_loss, reason = "a number of days")]
    let made = age(user, limits.max_days as f64);
    if made == Ok(Age::Within) {
        return Ok(Verdict::Pass);
    }
    let offence = |message: String| {
        let authdb = user.database_name.as_deref().unwrap_or("admin");
        let evidence = Evidence::at(user.at, message).field("/username").fact("user", name).fact("authdb", authdb);
        Ok(Verdict::of([evidence]))
    };
    if let Some(stated) = stated {
        let (owner, date, expires) = (&stated.owner, stated.date, stated.expires);
        return offence(format!(
            "the last rotation that is stated for {name} was on {date}, by {owner}, and counted until {expires}"
        ));
    }
    match made? {
        Age::Within => Ok(Verdict::Pass),
        Age::Untold => {
            Err(Unknown::undecidable("events do not reach back to the making of the user, and nobody attests"))
        }
        Age::Beyond(made) => match last(user, "MONGODB_USER_UPDATED")? {
            Some((updated, _)) if updated > made => Err(Unknown::undecidable(format!(
                "the user was changed at {updated}, and no event tells whether its password was; nobody attests"
            ))),
            _ => offence(format!(
                "{name} was made at {made} and has never been changed since, and nobody attests a rotation"
            )),
        },
    }
}

/// The latest statement about this user, or about all users of the project.
fn stated<'a>(user: &UserView<'a>, name: &str) -> Option<&'a Attestation> {
    let project = user.project;
    let of = Some((project.project.id.as_str(), project.project.name.as_deref()));
    let today = crate::engine::day::Day::of(project.now);
    project
        .declared
        .statements(CONTROL, of)
        .filter(|stated| stated.subject.as_deref().is_none_or(|subject| subject == name) && stated.date <= today)
        .max_by_key(|stated| (stated.is_live(project.now), stated.date))
}
