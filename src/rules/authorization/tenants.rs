//! Users of tenants: each in its own database, and only while the tenant exists.

use serde::Deserialize;

use super::resolved;
use crate::engine::predicate::NoParameters;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::UserView;
use crate::rules::user_age::{Age, age};
use crate::snapshot::values::Moment;

/// ATL-AUTHZ-008
pub(crate) fn naming_violation(user: &UserView<'_>, _: &NoParameters) -> Judgement {
    if user.project.declared.tenants.is_empty() {
        return Ok(Verdict::not_applicable("no tenants are declared"));
    }
    let name = user.username.required("username")?;
    let Some((tenant, tenancy)) = user.project.declared.tenancy(name) else {
        return Ok(Verdict::not_applicable("the user is no tenant's"));
    };
    let mut seen = Gathered::new();
    let (Some(_), Some(database)) = (&tenancy.capture, &tenancy.database) else {
        let message = format!("{name} fits {} and names no tenant", tenant.user_pattern.as_str());
        seen.offence(resolved::at(user, message).field("/username"));
        return seen.verdict("");
    };
    seen.fine();
    let own = format!("{}@{database}", tenant.role);
    for (index, granted) in user.roles.required("roles")?.iter().enumerate() {
        let Some(role) = seen.see(granted.role_name.required("roleName")) else { continue };
        let Some(on) = seen.see(granted.database_name.required("databaseName")) else { continue };
        let collection = granted.collection_name.as_deref().filter(|name| !name.is_empty());
        if (role, on) == (&tenant.role, database) && collection.is_none() {
            continue;
        }
        let held = match collection {
            Some(collection) => format!("{role}@{on}.{collection}"),
            None => format!("{role}@{on}"),
        };
        let evidence = resolved::at(user, format!("{name} has {held}, and should have {own} alone"));
        seen.offence(evidence.field(format!("/roles/{index}")).fact("own", own.clone()));
    }
    seen.verdict("")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expiry {
    max_days: f64,
}

/// ATL-AUTHZ-011
pub(crate) fn tenant_gone(user: &UserView<'_>, limits: &Expiry) -> Judgement {
    if user.project.declared.tenants.is_empty() {
        return Ok(Verdict::not_applicable("no tenants are declared"));
    }
    let name = user.username.required("username")?;
    let Some((tenant, tenancy)) = user.project.declared.tenancy(name) else {
        return Ok(Verdict::not_applicable("the user is no tenant's"));
    };
    let offence = |message: String| -> Judgement {
        let authdb = user.database_name.as_deref().unwrap_or("admin");
        let evidence = Evidence::at(user.at, message).field("/username").fact("user", name).fact("authdb", authdb);
        Ok(Verdict::of([evidence]))
    };
    let capture = tenancy.capture.as_deref().unwrap_or_default();
    match tenant.is_live(capture) {
        Some(true) => return Ok(Verdict::Pass),
        Some(false) => return offence(format!("{name} outlives its tenant {capture}")),
        None => {}
    }
    let days = limits.max_days;
    match &user.delete_after_date {
        Some(Moment::At(end)) if *end <= user.project.now => {
            return offence(format!("{name} should have ended at {end}"));
        }
        // Atlas gives a temporary user a week at most, and deletes it by itself.
        Some(Moment::At(_)) => return Ok(Verdict::Pass),
        Some(Moment::Unreadable(text)) => return Err(Unknown::not_understood("deleteAfterDate", text)),
        None => {}
    }
    match age(user, days)? {
        Age::Within => Ok(Verdict::Pass),
        Age::Beyond(made) => offence(format!("{name} was made at {made}, more than {days} days ago")),
        Age::Untold => Err(Unknown::undecidable(
            "nobody declares which tenants exist, and events do not reach back to the making of the user",
        )),
    }
}
