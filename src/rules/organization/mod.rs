//! The organization: what it asks of its people and programs, who owns it, and what credentials reach it.

pub(crate) mod automation;
pub(crate) mod console;
pub(crate) mod credentials;
pub(crate) mod federation;
pub(crate) mod people;
pub(crate) mod settings;
pub(crate) mod upkeep;

use crate::engine::view::OrganizationView;
use crate::snapshot::people::MembershipStatus;
use crate::snapshot::{Ref, Section};

/// Identity of one of the organization's sections.
fn section(organization: &OrganizationView<'_>, section: Section) -> Ref {
    organization.at.child(section.slot())
}

/// Whether somebody takes part; nothing if Atlas did not say, or said something new.
fn is_active(status: Option<&MembershipStatus>) -> Option<bool> {
    match status? {
        MembershipStatus::Active => Some(true),
        MembershipStatus::Pending | MembershipStatus::Expired | MembershipStatus::Rejected => Some(false),
        MembershipStatus::Other(_) => None,
    }
}

/// The part of an e-mail address behind the `@`, if it has one.
fn domain(address: &str) -> Option<&str> {
    address.rsplit_once('@').map(|(_, domain)| domain).filter(|domain| !domain.is_empty())
}

/// Whether a domain is one of those listed.
fn is_among(domain: &str, domains: &[String]) -> bool {
    domains.iter().any(|known| known.eq_ignore_ascii_case(domain))
}

/// `3 days`, `5 hours`; the sign is dropped.
fn span(hours: f64) -> String {
    let hours = hours.abs();
    if hours < 48.0 { format!("{hours:.0} hours") } else { format!("{:.0} days", hours / 24.0) }
}
