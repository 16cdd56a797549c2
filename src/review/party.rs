//! Who answers for something, and whose it is, by the configuration.

use super::pack::Party;
use super::words::clean;
use crate::engine::declared::{Declared, names_project};
use crate::snapshot::address::AddressRange;
use crate::snapshot::database_access::DatabaseUser;
use crate::snapshot::network::AccessListEntry;
use crate::snapshot::project::Project;
use crate::snapshot::tree::Node;

/// Who answers for something, and whose it is.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// In words; empty if nobody is known.
    pub(super) owner: String,
    /// Whose it is, if the configuration says.
    pub(super) party: Option<Party>,
    /// Addresses and names of the person that it is.
    pub(super) persons: Vec<String>,
}

/// A console user, by the address.
pub(super) fn person(declared: &Declared, address: &str) -> Known {
    let mut known = Known { persons: vec![address.to_owned()], ..Known::default() };
    let same = |email: &str| email.eq_ignore_ascii_case(address);
    let mut owners = Vec::new();
    if let Some(person) = declared.people.iter().find(|person| same(&person.email)) {
        known.party = Some(Party::Internal);
        known.persons.extend(person.name.clone());
        owners.push(person.name.clone().unwrap_or_else(|| person.email.clone()));
    }
    if let Some(user) = declared.external_users.iter().find(|user| same(&user.email)) {
        known.party = Some(Party::ThirdParty);
        owners.push(format!("{} answers until {}", user.owner, user.until));
    }
    if let Some(user) = declared.break_glass.iter().find(|user| same(&user.user)) {
        owners.push(format!("for emergencies: {} answers until {}", user.owner, user.until));
    }
    known.party = known.party.or_else(|| {
        let (_, domain) = address.rsplit_once('@')?;
        if declared.domains.is_empty() {
            return None;
        }
        let own = declared.domains.iter().any(|own| own.eq_ignore_ascii_case(domain));
        Some(if own { Party::Internal } else { Party::ThirdParty })
    });
    known.owner = clean(&owners.join("; "));
    known
}

/// A database user: a person, an application, somebody for emergencies.
pub(super) fn database_user(declared: &Declared, project: &Project, user: &DatabaseUser) -> Known {
    let mut known = Known::default();
    let (name, key) = (user.username.as_deref().unwrap_or_default(), user.key());
    let is_it = |text: &str| text == name || text == key;
    let mut owners = Vec::new();
    if let Some(person) = declared.people.iter().find(|one| one.database_users.iter().any(|user| is_it(user))) {
        known.party = Some(Party::Internal);
        known.persons.push(person.email.clone());
        known.persons.extend(person.name.clone());
        owners.push(person.name.clone().unwrap_or_else(|| person.email.clone()));
    }
    let in_project =
        |patterns: &[_]| patterns.is_empty() || names_project(patterns, &project.id, project.name.as_deref());
    for application in declared.applications.iter().filter(|one| in_project(&one.projects)) {
        if application.users.iter().any(|user| is_it(user)) {
            known.party = known.party.or(Some(Party::Internal));
            owners.push(match &application.owner {
                Some(owner) => format!("{owner} (application {})", application.name),
                None => format!("application {}", application.name),
            });
        }
    }
    if let Some(user) = declared.break_glass.iter().find(|user| is_it(&user.user)) {
        owners.push(format!("for emergencies: {} answers until {}", user.owner, user.until));
    }
    if known.persons.is_empty() && name.contains('@') {
        let person = person(declared, name);
        known.party = known.party.or(person.party);
        known.persons = person.persons;
    }
    known.owner = clean(&owners.join("; "));
    known
}

/// An entry of an access list.
pub(super) fn entry(declared: &Declared, project: &Project, entry: &AccessListEntry) -> Known {
    let is_it = |text: &str| match &entry.cidr_block {
        Some(AddressRange::Net(range)) => {
            AddressRange::from(text.to_owned()).net().is_some_and(|declared| declared.trunc() == range.trunc())
        }
        _ => entry.key() == text,
    };
    let counts = |patterns: &[_]| patterns.is_empty() || names_project(patterns, &project.id, project.name.as_deref());
    let declared = declared.access_list.iter().filter(|known| is_it(&known.entry) && counts(&known.projects));
    let owners: Vec<String> = declared
        .map(|known| {
            let reason = known.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("{}{reason} (to be looked at by {})", known.owner, known.review_by)
        })
        .collect();
    Known { owner: clean(&owners.join("; ")), ..Known::default() }
}

/// An API key or a service account, by any of its names.
pub(super) fn credential(declared: &Declared, names: &[&str]) -> Known {
    let is_declared = declared.automation.iter().any(|one| names.contains(&one.credential.as_str()));
    let owner = if is_declared { "declared under [[automation]]".to_owned() } else { String::new() };
    Known { owner, party: is_declared.then_some(Party::Internal), ..Known::default() }
}
