//! Entries of an access list for which nobody answers.

use crate::engine::declared::names_project;
use crate::engine::predicate::NoParameters;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown};
use crate::engine::view::ProjectView;
use crate::snapshot::address::AddressRange;
use crate::snapshot::network::{AccessListEntry, Network};
use crate::snapshot::people::MembershipStatus;
use crate::snapshot::tree::Node;

use super::{entry_ref, last_added};

/// ATL-NET-004
pub(crate) fn unowned(project: &ProjectView<'_>, _: &NoParameters) -> Judgement {
    let mut seen = Gathered::new();
    for entry in project.access_list.known()? {
        // Who is in a security group is managed elsewhere.
        if matches!(entry.network(), Network::SecurityGroup(_)) {
            continue;
        }
        let comment = entry.comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty());
        let message = match (comment, departed(project, entry, comment.unwrap_or_default())) {
            (Some(_), Ok(None)) => {
                seen.fine();
                continue;
            }
            (Some(_), Err(why)) => {
                seen.unseen(why);
                continue;
            }
            (None, Ok(None) | Err(_)) => {
                let evidence = Evidence::at(&entry_ref(project, entry), format!("{} has no comment", entry.key()));
                seen.offence(evidence.field("/comment").fact("entry", entry.key()));
                continue;
            }
            (None, Ok(Some(gone))) => format!("{} has no comment, and {gone}", entry.key()),
            (Some(comment), Ok(Some(gone))) => format!("{}: {gone} (comment: \"{comment}\")", entry.key()),
        };
        let evidence = Evidence::at(&entry_ref(project, entry), message).severity(Severity::Medium);
        seen.offence(evidence.field("/comment").fact("entry", entry.key()));
    }
    seen.verdict("the access list has no range")
}

/// Who answered for an entry and is gone; nothing if somebody answers for it.
///
/// What the organization declares outranks the event of adding it; what the comment says comes on top.
fn departed(project: &ProjectView<'_>, entry: &AccessListEntry, comment: &str) -> Result<Option<String>, Unknown> {
    if let Some(owner) = declared_owner(project, entry) {
        // A team answers as well as a person.
        let gone = owner.contains('@') && !is_member(project, owner)?;
        return Ok(gone.then(|| format!("{owner}, who answers for it, is no active member of the organization")));
    }
    let mut named_member = false;
    let named: Vec<&str> = addresses(comment).collect();
    for name in &named {
        named_member = named_member || is_member(project, name)?;
    }
    if let Some(name) = named.first().filter(|_| !named_member) {
        return Ok(Some(format!("{name}, whom its comment names, is no active member of the organization")));
    }
    let key = entry.key();
    let events = project.project.events.known()?;
    let Some((event, _)) = last_added(events, entry) else {
        return Err(Unknown::undecidable(format!("the project's events do not reach back to who added {key}")));
    };
    match (&event.username, &event.public_key) {
        (Some(name), _) if is_member(project, name)? => Ok(None),
        (Some(name), _) => Ok(Some(format!("{name}, who added it, is no active member of the organization"))),
        // A key answers for nothing, but somebody in the comment does.
        (None, _) if named_member => Ok(None),
        (None, Some(program)) => {
            Err(Unknown::undecidable(format!("{key} was added by the API key {program}: whose it is, nobody says")))
        }
        (None, None) => Err(Unknown::undecidable(format!("the event of adding {key} names no person"))),
    }
}

/// Who answers for an entry by the organization's own register, as long as nobody has to look again.
fn declared_owner<'a>(project: &ProjectView<'a>, entry: &AccessListEntry) -> Option<&'a str> {
    let is_it = |text: &str| match &entry.cidr_block {
        Some(AddressRange::Net(range)) => {
            AddressRange::from(text.to_owned()).net().is_some_and(|declared| declared.trunc() == range.trunc())
        }
        other => other.as_ref().is_some_and(|range| range.to_string() == text),
    };
    let known = project.declared.access_list.iter().find(|known| {
        is_it(&known.entry)
            && !known.review_by.is_over(project.now)
            && (known.projects.is_empty()
                || names_project(&known.projects, &project.project.id, project.project.name.as_deref()))
    });
    known.map(|known| known.owner.as_str())
}

/// Whether somebody is an active member of the organization. Who was only invited is not.
fn is_member(project: &ProjectView<'_>, name: &str) -> Result<bool, Unknown> {
    let is_it = |username: &String| username.eq_ignore_ascii_case(name);
    let users = project.organization.users.known()?;
    let Some(user) = users.iter().find(|user| user.username.as_ref().is_some_and(is_it)) else { return Ok(false) };
    match user.org_membership_status.required("orgMembershipStatus")? {
        MembershipStatus::Active => Ok(true),
        MembershipStatus::Other(text) => Err(Unknown::not_understood("orgMembershipStatus", text.clone())),
        _ => Ok(false),
    }
}

/// The e-mail addresses in a text.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| c.is_whitespace() || "<>()[]{},;\"'|/=".contains(c));
    let parts = parts.map(|part| {
        let part = part.trim_matches(|c: char| !c.is_alphanumeric());
        part.rsplit_once(':').map_or(part, |(_, address)| address)
    });
    parts.filter(|part| {
        part.split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_among_words_and_marks() {
        let found = |text| addresses(text).collect::<Vec<_>>();
        assert_eq!(found("VPN (daniel@a.example)"), ["daniel@a.example"]);
        assert_eq!(found("owner:o'neill"), [""; 0]);
        assert_eq!(found("owner: <a.b+c@x.example>, b@y.example."), ["a.b+c@x.example", "b@y.example"]);
        assert_eq!(found("mailto:a@x.example; owner=b@x.example"), ["a@x.example", "b@x.example"]);
        assert_eq!(found("kim@laptop, @home, a@b@c.d, 10 EUR@"), [""; 0]);
    }
}
