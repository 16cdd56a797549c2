//! Credentials of programs: API keys and service accounts; and the one that a snapshot was read with.

use super::console::{Granted, describe};
use super::gather::Gatherer;
use super::pack::{Extractor, Kind, Party, Row};
use super::party;
use super::words::{clean, count, moment, not_known, optional};
use crate::engine::declared::review::Identity;
use crate::snapshot::credential::{
    ApiKey, CredentialAccessEntry, CredentialSecret, ProjectServiceAccount, ServiceAccount,
};
use crate::snapshot::people::RoleGrant;
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;
use crate::snapshot::{Organization, Reading, Ref, Section};

/// A row for each API key and service account of the organization.
pub(super) fn rows(gatherer: &Gatherer<'_>, organization: &Organization) -> Vec<Row> {
    let at = organization.at();
    let mut rows = Vec::new();
    let section = at.child(Section::ApiKeys.slot());
    for key in organization.api_keys.known().into_iter().flatten() {
        rows.push(of_key(gatherer, &section.child(&key.key()), key));
    }
    let section = at.child(Section::ServiceAccounts.slot());
    for account in organization.service_accounts.known().into_iter().flatten() {
        rows.push(of_account(gatherer, &section.child(&account.key()), account));
    }
    rows
}

fn grants(gatherer: &Gatherer<'_>, roles: &[RoleGrant]) -> Vec<Granted> {
    let named = roles.iter().filter_map(|grant| {
        let project = grant.group_id.as_deref().map(|id| gatherer.project_name(id));
        Some((grant.role_name.clone()?, project))
    });
    named.collect()
}

fn of_key(gatherer: &Gatherer<'_>, at: &Ref, key: &ApiKey) -> Row {
    let public = key.public_key.as_deref().unwrap_or_default();
    let desc = key.desc.as_deref().filter(|text| !text.is_empty());
    let mut row = Row::new(Kind::ApiKey, at, desc.unwrap_or(public));
    let known = party::credential(gatherer.declared, &[desc.unwrap_or_default(), public]);
    row.party = known.party.unwrap_or(Party::NotKnown);
    row.known_owner = known.owner;
    row.comment = clean(&format!("public key {public}"));
    describe(&mut row, &grants(gatherer, key.roles.as_deref().unwrap_or_default()));
    if key.roles.is_none() {
        row.grants.push(not_known("the answer lacks the roles"));
    }
    row.scope = "the organization".into();
    row.source = "direct".into();
    row.sign_in = "HTTP digest with its private key".into();
    row.since = key.created().map_or_else(|| not_known("its id does not tell"), |at| format!("{at} (by its id)"));
    row.ends = "when somebody deletes it: API keys do not run out".into();
    row.access_list = access_list(&key.access_list);
    row.last_use = match last_from(&key.access_list) {
        Some(at) => format!("{at} (last use from an address of its access list)"),
        None if key.access_list.known().is_err() => {
            not_known("Atlas tells of the entries of its access list only, and they could not be read")
        }
        None => not_known("no entry of its access list shows a use, and Atlas tells of nothing else"),
    };
    row
}

fn last_from(entries: &Reading<Vec<CredentialAccessEntry>>) -> Option<jiff::Timestamp> {
    let entries = entries.known().into_iter().flatten();
    entries.filter_map(|entry| entry.last_used_at.as_ref().and_then(Moment::timestamp)).max()
}

fn access_list(entries: &Reading<Vec<CredentialAccessEntry>>) -> String {
    match entries.known() {
        Err(why) => not_known(&clean(&why.to_string())),
        Ok(entries) if entries.is_empty() => "no entry".to_owned(),
        Ok(entries) => {
            let keys: Vec<String> = entries.iter().map(|entry| clean(&entry.key())).collect();
            format!("{}: {}", count(keys.len(), "entry", "entries"), keys.join(", "))
        }
    }
}

fn secrets(list: Option<&[CredentialSecret]>) -> Vec<String> {
    let Some(list) = list else { return vec![not_known("the answer lacks the secrets")] };
    let part = |at: &Option<Moment>, none: &str| at.as_ref().map_or_else(|| none.to_owned(), moment);
    list.iter()
        .map(|secret| {
            let unknown = "not known";
            let (made, ends) = (part(&secret.created_at, unknown), part(&secret.expires_at, unknown));
            format!("secret {}: made {made}, runs out {ends}", optional(secret.id.as_deref()))
        })
        .collect()
}

fn last_use(list: Option<&[CredentialSecret]>, entries: &Reading<Vec<CredentialAccessEntry>>) -> String {
    let secrets = list.unwrap_or_default().iter();
    let used = secrets.filter_map(|secret| secret.last_used_at.as_ref().and_then(Moment::timestamp)).max();
    match used.max(last_from(entries)) {
        Some(at) => format!("{at} (last use of a secret that it still has, or from an address of its access list)"),
        None => not_known("neither its secrets nor its access list show a use"),
    }
}

fn ends(list: Option<&[CredentialSecret]>) -> String {
    let ends = list.unwrap_or_default().iter().filter_map(|secret| secret.expires_at.as_ref()?.timestamp()).max();
    ends.map_or_else(
        || "when somebody deletes it; it has no secret that is known to run out".to_owned(),
        |end| format!("when somebody deletes it; its last secret runs out {end}"),
    )
}

/// What the organization and a project tell alike of a service account.
struct Account<'a> {
    id: &'a str,
    name: Option<&'a str>,
    description: Option<&'a str>,
    is_managed: Option<bool>,
    made: Option<&'a Moment>,
    secrets: Option<&'a [CredentialSecret]>,
    access_list: &'a Reading<Vec<CredentialAccessEntry>>,
}

/// The account, from either type. They have the same fields, but no type in common.
macro_rules! account {
    ($of:expr) => {
        Account {
            id: $of.client_id.as_deref().unwrap_or_default(),
            name: $of.name.as_deref().filter(|name| !name.is_empty()),
            description: $of.description.as_deref(),
            is_managed: $of.is_system_managed,
            made: $of.created_at.as_ref(),
            secrets: $of.secrets.as_deref(),
            access_list: &$of.access_list,
        }
    };
}

impl Account<'_> {
    fn row(&self, gatherer: &Gatherer<'_>, at: &Ref, scope: String, roles: &[Granted]) -> Row {
        let mut row = Row::new(Kind::ServiceAccount, at, self.name.unwrap_or(self.id));
        let known = party::credential(gatherer.declared, &[self.name.unwrap_or_default(), self.id]);
        row.party = known.party.unwrap_or(Party::NotKnown);
        row.known_owner = known.owner;
        describe(&mut row, roles);
        row.scope = scope;
        row.source = managed(self.is_managed);
        row.sign_in = "OAuth with a secret".into();
        row.since = self.made.map_or_else(|| not_known("Atlas does not tell"), moment);
        row.secrets = secrets(self.secrets);
        row.ends = ends(self.secrets);
        row.access_list = access_list(self.access_list);
        row.last_use = last_use(self.secrets, self.access_list);
        row.comment = comment(self.description, self.id);
        row
    }
}

fn of_account(gatherer: &Gatherer<'_>, at: &Ref, account: &ServiceAccount) -> Row {
    let mut roles: Vec<Granted> = account.roles.iter().flatten().map(|role| (role.clone(), None)).collect();
    for project in account.projects.known().into_iter().flatten() {
        let name = gatherer.project_name(project.group_id.as_deref().unwrap_or_default());
        roles.extend(project.roles.iter().flatten().map(|role| (role.clone(), Some(name.clone()))));
    }
    let mut row = account!(account).row(gatherer, at, "the organization".into(), &roles);
    if let Err(why) = account.projects.known() {
        row.grants.push(format!("in projects: {}", not_known(&clean(&why.to_string()))));
    }
    row
}

/// A service account that a project shows. The organization's own have their row there.
pub(super) fn project_account(
    gatherer: &Gatherer<'_>,
    project: &Ref,
    identity: &Identity,
    account: &ProjectServiceAccount,
) -> Row {
    let at = project.child(Section::ProjectServiceAccounts.slot()).child(&account.key());
    let place = identity.name.clone().unwrap_or_else(|| identity.id.clone());
    let roles: Vec<Granted> = account.roles.iter().flatten().map(|role| (role.clone(), Some(place.clone()))).collect();
    account!(account).row(gatherer, &at, format!("project {place}"), &roles)
}

fn managed(is_managed: Option<bool>) -> String {
    if is_managed == Some(true) { "made by Atlas for an MCP configuration" } else { "direct" }.to_owned()
}

fn comment(description: Option<&str>, id: &str) -> String {
    let description = optional(description);
    let id = clean(id);
    if description.is_empty() { format!("client id {id}") } else { format!("{description}; client id {id}") }
}

/// The credential that a snapshot was read with, as far as Atlas tells.
pub(super) fn extractor(organization: &Organization, kind: &str) -> Extractor {
    let mut found = Extractor { kind: kind.to_owned(), identity: String::new(), roles: Vec::new() };
    let own = match organization.credential.known() {
        Ok(own) => own,
        Err(why) => {
            found.identity = not_known(&clean(&why.to_string()));
            found.roles = vec![not_known("who it was is not known")];
            return found;
        }
    };
    let shown = |role: &str, project: Option<&str>| match project {
        Some(project) => clean(&format!("{role} in project {project}")),
        None => clean(role),
    };
    if let Some(key) = &own.api_key {
        found.identity = optional(key.public_key.as_deref().or(key.id.as_deref()));
        let roles = key.roles.iter().flatten();
        found.roles =
            roles.map(|grant| shown(grant.role_name.as_deref().unwrap_or("?"), grant.group_id.as_deref())).collect();
        return found;
    }
    let Some(id) = own.client_id.as_deref() else {
        found.identity = not_known("Atlas does not tell");
        found.roles = vec![not_known("who it was is not known")];
        return found;
    };
    found.identity = clean(id);
    let accounts = organization.service_accounts.known();
    match accounts.map(|accounts| accounts.iter().find(|account| account.client_id.as_deref() == Some(id))) {
        Ok(Some(account)) => {
            if let Some(name) = account.name.as_deref().filter(|name| !name.is_empty()) {
                found.identity = clean(&format!("{name} ({id})"));
            }
            found.roles = account.roles.iter().flatten().map(|role| clean(role)).collect();
            for project in account.projects.known().into_iter().flatten() {
                let roles = project.roles.iter().flatten();
                found.roles.extend(roles.map(|role| shown(role, project.group_id.as_deref())));
            }
        }
        Ok(None) => {
            found.roles = vec![not_known("the organization has no service account of that id: it is a project's")];
        }
        Err(why) => found.roles = vec![not_known(&clean(&why.to_string()))],
    }
    found
}
