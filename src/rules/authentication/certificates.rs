//! How long the certificates hold that users log in with.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use crate::analysis::certificates::chain;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ProjectView, UserView};
use crate::rules::user_age::days_since;
use crate::snapshot::Section;
use crate::snapshot::database_access::{Certificate, X509Type};
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lifecycle {
    warn_days: f64,
    max_months: i32,
    ca_warn_days: f64,
}

/// ATL-AUTHN-003, the certificates that Atlas made for a user
pub(crate) fn of_user(user: &UserView<'_>, limits: &Lifecycle) -> Judgement {
    match user.x509_type.required("x509Type")? {
        X509Type::None => return Ok(Verdict::not_applicable("the user shows no certificate")),
        X509Type::Customer => {
            return Ok(Verdict::not_applicable("the project's own authority makes its certificates: judged with that"));
        }
        X509Type::Other(text) => return Err(Unknown::not_understood("x509Type", text)),
        X509Type::Managed => {}
    }
    let name = user.username.as_deref().unwrap_or_default();
    let now = user.project.now;
    let mut seen = Gathered::new();
    for certificate in user.certificates.known()? {
        let at = user.at.child(Section::Certificates.slot()).child(&certificate.key());
        let offence = |message: String| Evidence::at(&at, message).field("/notAfter").fact("user", name);
        let Some(end) = seen_moment(&mut seen, "notAfter", certificate.not_after.as_ref()) else { continue };
        seen.fine();
        let left = -days_since(end, now);
        if left < limits.warn_days {
            seen.offence(offence(format!("the certificate of {name} {}", ends(end, left))));
        }
        match longest(certificate, limits.max_months) {
            Ok(Some(limit)) if end > limit => {
                let months = limits.max_months;
                seen.offence(offence(format!(
                    "the certificate of {name} was issued for more than {months} months: it lives until {end}"
                )));
            }
            Ok(Some(_)) => {}
            Ok(None) => seen.unseen(Unknown::undecidable("`createdAt` of a certificate lies beyond the calendar")),
            Err(why) => seen.unseen(why),
        }
    }
    seen.verdict("Atlas holds no certificate of the user that has not run out")
}

/// The last moment until which a certificate may live.
fn longest(certificate: &Certificate, months: i32) -> Result<Option<Timestamp>, Unknown> {
    let made = moment("createdAt", certificate.created_at.as_ref())?;
    // A day of grace: Atlas counts months from the moment of asking.
    let limit = made.to_zoned(TimeZone::UTC).checked_add(months.months().days(1));
    Ok(limit.ok().map(|limit| limit.timestamp()))
}

fn moment(field: &'static str, moment: Option<&Moment>) -> Result<Timestamp, Unknown> {
    match moment {
        Some(Moment::At(at)) => Ok(*at),
        Some(Moment::Unreadable(text)) => Err(Unknown::not_understood(field, text)),
        None => Err(Unknown::absent(field)),
    }
}

fn seen_moment(seen: &mut Gathered, field: &'static str, value: Option<&Moment>) -> Option<Timestamp> {
    moment(field, value).map_err(|why| seen.unseen(why)).ok()
}

/// `runs out at 2026-11-30T00:00:00Z, in 8 days`
fn ends(end: Timestamp, left: f64) -> String {
    if left < 0.0 {
        format!("ran out at {end}")
    } else {
        format!("runs out at {end}, in {:.0} days", left.floor().abs())
    }
}

/// ATL-AUTHN-003, the project's own authority
pub(crate) fn of_authority(project: &ProjectView<'_>, limits: &Lifecycle) -> Judgement {
    const NOBODY: &str = "no user shows a certificate of an authority of the project's own";
    let users = project.database_users.known()?;
    let own = users.iter().any(|user| user.x509_type == Some(X509Type::Customer));
    if !own {
        for user in users {
            match user.x509_type.required("x509Type")? {
                X509Type::Other(text) => return Err(Unknown::not_understood("x509Type", text)),
                X509Type::None | X509Type::Managed | X509Type::Customer => {}
            }
        }
        return Ok(Verdict::not_applicable(NOBODY));
    }
    let authority = project.user_security.known()?.customer_x509.required("customerX509")?;
    let pem = authority.cas.as_deref().unwrap_or_default();
    if pem.trim().is_empty() {
        return Ok(Verdict::not_applicable("the project names no authority of its own"));
    }
    let chain = chain(pem).map_err(|why| Unknown::undecidable(format!("`customerX509.cas` cannot be read: {why}")))?;
    let at = project.section(Section::UserSecurity);
    let ending = chain.into_iter().filter_map(|held| {
        let left = -days_since(held.not_after, project.now);
        (left < limits.ca_warn_days).then(|| {
            Evidence::at(&at, format!("the authority {} {}", held.subject, ends(held.not_after, left)))
                .field("/customerX509/cas")
                .severity(Severity::High)
        })
    });
    Ok(Verdict::of(ending))
}
