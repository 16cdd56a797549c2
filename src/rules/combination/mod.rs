//! Rules over what other rules said: each offence is bad enough alone, and together they are a way to everything.
//!
//! What a leg said is taken from it, never judged again; facts join the legs: whose role, in which project, where to.

pub(crate) mod credential;
pub(crate) mod destruction;
pub(crate) mod exfiltration;
pub(crate) mod exposure;
pub(crate) mod previews;
pub(crate) mod streams;

use crate::engine::legs::Leg;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Hole, Unknown};
use crate::snapshot::address::AddressRange;
use crate::snapshot::credential::CredentialAccessEntry;
use crate::snapshot::{Reading, Reason, Ref, Section, Unavailable};

/// Notes what legs could not see.
fn doubt<'a>(seen: &mut Gathered, holes: impl IntoIterator<Item = &'a Hole>) {
    for hole in holes {
        seen.unseen(hole.clone());
    }
}

/// What a leg found at one resource; what is only worth a note left out.
fn found_at<'l, 'a>(leg: &'l Leg<'a>, at: &'l Ref) -> impl Iterator<Item = &'a Evidence> + 'l {
    leg.evidence.iter().copied().filter(move |evidence| evidence.at == *at && evidence.severity != Some(Severity::Info))
}

/// Why ATL-ORG-011 may have said nothing of a credential in which it found no offence; nothing if it saw all of it.
fn unjudged(list: &Reading<Vec<CredentialAccessEntry>>, of_mcp: Option<&Unavailable>) -> Option<Unknown> {
    let entries = match list.known() {
        Ok(entries) => entries,
        Err(why) => return Some(why.into()),
    };
    if entries.iter().any(|entry| entry.cidr_block.as_ref().and_then(AddressRange::net).is_none()) {
        return Some(Unknown::undecidable("an entry of a credential's access list is not understood"));
    }
    of_mcp.map(Into::into)
}

/// Why a service account may be one of an MCP configuration, whose addresses are kept there.
fn may_be_of_mcp<T>(is_system_managed: Option<bool>, configs: &Reading<Vec<T>>) -> Option<&Unavailable> {
    let unread = || configs.known().err().filter(|why| why.reason != Reason::Unsupported);
    if is_system_managed.is_none() { unread() } else { None }
}

/// `a, b, c and 4 more`
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 3;
    match names.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!("{} and {more} more", names[..SHOWN].join(", ")),
        _ => names.join(", "),
    }
}

/// The credential to which a resource belongs: `org/o/apiKeys/k` of `org/o/apiKeys/k/accessList`.
fn credential_of(at: &Ref) -> Option<Ref> {
    let segments: Vec<&str> = at.as_str().splitn(5, '/').collect();
    let [organization, id, list, key, ..] = segments[..] else { return None };
    let lists = [Section::ApiKeys.slot(), Section::ServiceAccounts.slot()];
    lists.contains(&list).then(|| Ref::parsed(&[organization, id, list, key].join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_known_by_what_belongs_to_it() {
        let of = |at: &str| credential_of(&Ref::parsed(at)).map(|at| at.as_str().to_owned());
        for at in ["org/o/apiKeys/k", "org/o/apiKeys/k/accessList", "org/o/apiKeys/k/accessList/0.0.0.0%2F0"] {
            assert_eq!(of(at).as_deref(), Some("org/o/apiKeys/k"), "{at}");
        }
        assert_eq!(of("org/o/settings"), None);
        assert_eq!(of("org/o/apiKeys"), None);
        assert_eq!(of("org/o/users/u/x"), None);
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).into();
        assert_eq!(listed(&names[..3]), "a, b, c");
        assert_eq!(listed(&names), "a, b, c and 2 more");
        assert_eq!(listed(&[]), "");
    }
}
