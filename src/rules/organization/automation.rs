//! Credentials that must be exactly so: what they hold against what is declared.

use std::collections::{BTreeMap, BTreeSet};

use super::credentials::{Named, own_accounts};
use super::section;
use crate::engine::declared::Automation;
use crate::engine::predicate::NoParameters;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{OrganizationView, ProjectView};
use crate::snapshot::Section;
use crate::snapshot::credential::{ApiKey, ServiceAccount};

/// Every credential of an organization is a member of it: holding that or not says nothing.
const LEAST: &str = "ORG_MEMBER";

type Roles<'a> = BTreeSet<&'a str>;

impl Automation {
    fn is(&self, names: &[Option<&str>]) -> bool {
        names.contains(&Some(self.credential.as_str()))
    }

    fn is_key(&self, key: &ApiKey) -> bool {
        self.is(&[key.desc.as_deref(), key.public_key.as_deref(), key.id.as_deref()])
    }

    fn is_account(&self, account: &ServiceAccount) -> bool {
        self.is(&[account.name.as_deref(), account.description.as_deref(), account.client_id.as_deref()])
    }

    /// Whether it may be an account of a project, which the organization does not list.
    fn may_be_of_a_project(&self) -> bool {
        self.organization_roles.iter().all(|role| role == LEAST) && !self.projects.is_empty()
    }
}

/// What a credential holds.
#[derive(Default)]
struct Held<'a> {
    organization: Roles<'a>,
    /// By project id.
    projects: BTreeMap<&'a str, Roles<'a>>,
}

impl<'a> Held<'a> {
    fn of_key(key: &'a ApiKey, seen: &mut Gathered) -> Self {
        let mut held = Self::default();
        for grant in seen.see(key.roles.required("roles")).into_iter().flatten() {
            let Some(role) = seen.see(grant.role_name.required("roleName")) else { continue };
            match grant.group_id.as_deref() {
                None => held.organization.insert(role),
                Some(project) => held.projects.entry(project).or_default().insert(role),
            };
        }
        held
    }

    /// Nothing if a part of it could not be read: what was not seen is not lacking.
    fn of_account(account: &'a ServiceAccount, seen: &mut Gathered) -> Option<Self> {
        let organization = seen.see(account.roles.required("roles"))?;
        let mut held = Self { organization: organization.iter().map(String::as_str).collect(), ..Self::default() };
        for project in seen.see(account.projects.known())? {
            let id = seen.see(project.group_id.required("groupId"))?;
            let roles = seen.see(project.roles.required("roles"))?;
            held.projects.entry(id).or_default().extend(roles.iter().map(String::as_str));
        }
        Some(held)
    }
}

/// The projects of a declaration: by id those that could be found, and whether all were.
struct Places<'a> {
    found: BTreeSet<&'a str>,
    complete: bool,
}

impl<'a> Places<'a> {
    fn of(automation: &'a Automation, organization: &OrganizationView<'a>, seen: &mut Gathered) -> Self {
        let mut places = Self { found: BTreeSet::new(), complete: true };
        let looks_like_an_id = |text: &str| text.len() == 24 && text.chars().all(|c| c.is_ascii_hexdigit());
        for place in &automation.projects {
            let listed = match organization.projects {
                Ok(listed) => {
                    listed.iter().find(|project| project.id == *place || project.name.as_ref() == Some(place))
                }
                Err(_) => None,
            };
            match (listed, organization.projects) {
                (Some(project), _) => {
                    places.found.insert(&project.id);
                }
                (None, _) if looks_like_an_id(place) => {
                    places.found.insert(place);
                }
                (None, Err(why)) => {
                    seen.unseen(why);
                    places.complete = false;
                }
                (None, Ok(_)) => {
                    let what = "of which credentials are declared, is not among those that were looked at";
                    seen.unseen(Unknown::undecidable(format!("project `{place}`, {what}")));
                    places.complete = false;
                }
            }
        }
        places
    }
}

fn names(roles: &Roles<'_>) -> String {
    roles.iter().copied().collect::<Vec<_>>().join(", ")
}

fn set(roles: &[String]) -> Roles<'_> {
    roles.iter().map(String::as_str).filter(|role| *role != LEAST).collect()
}

/// What of it differs, in words.
fn differences(
    automation: &Automation,
    held: &Held<'_>,
    places: &Places<'_>,
    project_name: impl Fn(&str) -> String,
) -> Vec<String> {
    let mut said = Vec::new();
    let mut compare = |held: &Roles<'_>, declared: &Roles<'_>, place: &str| {
        let extra: Roles<'_> = held.difference(declared).copied().filter(|role| *role != LEAST).collect();
        let lacking: Roles<'_> = declared.difference(held).copied().collect();
        if !extra.is_empty() {
            said.push(format!("holds {} in {place}", names(&extra)));
        }
        if !lacking.is_empty() {
            said.push(format!("lacks {} in {place}", names(&lacking)));
        }
    };
    compare(&held.organization, &set(&automation.organization_roles), "the organization");
    let (declared, nothing) = (set(&automation.project_roles), Roles::new());
    for project in held.projects.keys().chain(&places.found).collect::<BTreeSet<_>>() {
        let held = held.projects.get(project).unwrap_or(&nothing);
        let place = format!("project {}", project_name(project));
        if places.found.contains(project) {
            compare(held, &declared, &place);
        } else if places.complete {
            compare(held, &nothing, &place);
        } else {
            // It may be the one that was not found: then only roles that are declared nowhere are too many.
            let extra: Roles<'_> = held.difference(&declared).copied().collect();
            compare(&extra, &nothing, &place);
        }
    }
    said
}

/// ATL-ORG-010, credentials that the organization lists
pub(crate) fn role_drift(organization: &OrganizationView<'_>, _: &NoParameters) -> Judgement {
    let declared = &organization.declared.automation;
    if declared.is_empty() {
        return Ok(Verdict::not_applicable("no credential is declared"));
    }
    let mut seen = Gathered::new();
    let keys = seen.see(organization.api_keys.known());
    let accounts = seen.see(organization.service_accounts.known());
    let project_name = |id: &str| {
        let listed = organization.projects.ok().and_then(|listed| listed.iter().find(|project| project.id == id));
        listed.and_then(|project| project.name.clone()).unwrap_or_else(|| id.to_owned())
    };
    for automation in declared {
        let mut found = false;
        let places = Places::of(automation, organization, &mut seen);
        let judge = |named: &Named, held: &Held<'_>, seen: &mut Gathered| {
            let differences = differences(automation, held, &places, project_name);
            if differences.is_empty() {
                return seen.fine();
            }
            let message = format!("{} {}, other than declared", named.shown, differences.join(", "));
            let evidence = named.evidence(&named.at, message).field("/roles");
            let elsewhere = held.projects.keys().find(|project| !places.found.contains(*project));
            let project = elsewhere.or_else(|| places.found.iter().next());
            seen.offence(match project {
                Some(project) => evidence.fact("in-project", *project),
                None => evidence,
            });
        };
        let list = section(organization, Section::ApiKeys);
        for key in keys.into_iter().flatten().filter(|key| automation.is_key(key)) {
            found = true;
            let mut whole = Gathered::new();
            let held = Held::of_key(key, &mut whole);
            if let Err(why) = whole.verdict("") {
                seen.unseen(why);
            } else {
                judge(&Named::api_key(&list, key), &held, &mut seen);
            }
        }
        let list = section(organization, Section::ServiceAccounts);
        for account in accounts.into_iter().flatten().filter(|account| automation.is_account(account)) {
            found = true;
            if let Some(held) = Held::of_account(account, &mut seen) {
                let named = Named::service_account(&list, account.name.as_deref(), account.client_id.as_deref());
                judge(&named, &held, &mut seen);
            }
        }
        // Where a list is missing it may be in that one; and accounts of a project are judged with the project.
        if !found && keys.is_some() && accounts.is_some() && !automation.may_be_of_a_project() {
            let message = format!("no credential is called `{}`, which is declared", automation.credential);
            seen.offence(Evidence::at(&section(organization, Section::ApiKeys), message));
        }
    }
    seen.verdict("the organization lists none of the declared credentials, which are judged with their projects")
}

/// ATL-ORG-010, service accounts that only a project lists
pub(crate) fn role_drift_in_project(project: &ProjectView<'_>, _: &NoParameters) -> Judgement {
    let declared: Vec<_> =
        project.declared.automation.iter().filter(|automation| automation.may_be_of_a_project()).collect();
    if declared.is_empty() {
        return Ok(Verdict::not_applicable("no credential is declared that only a project may list"));
    }
    let mut seen = Gathered::new();
    let keys = seen.see(project.organization.api_keys.known());
    let accounts = seen.see(project.organization.service_accounts.known());
    let own = own_accounts(project, &mut seen);
    let (Some(keys), Some(accounts), Ok(_)) = (keys, accounts, project.project.service_accounts.known()) else {
        return seen.verdict("");
    };
    let list = project.section(Section::ProjectServiceAccounts);
    let name = project.project.name.as_deref();
    for automation in declared {
        let elsewhere = keys.iter().any(|key| automation.is_key(key))
            || accounts.iter().any(|account| automation.is_account(account));
        if elsewhere {
            continue;
        }
        let here = automation.projects.iter().any(|place| *place == project.project.id || Some(place.as_str()) == name);
        let mut found = false;
        for account in own.iter().filter(|account| {
            automation.is(&[account.name.as_deref(), account.description.as_deref(), account.client_id.as_deref()])
        }) {
            found = true;
            let Some(roles) = seen.see(account.roles.required("roles")) else { continue };
            let mut named = Named::service_account(&list, account.name.as_deref(), account.client_id.as_deref());
            named.placeholder = "project-client";
            let id = project.project.id.as_str();
            let places = Places { found: here.then_some(id).into_iter().collect(), complete: true };
            let held = Held {
                organization: set(&automation.organization_roles),
                projects: BTreeMap::from([(id, roles.iter().map(String::as_str).collect())]),
            };
            let differences = differences(automation, &held, &places, |id| name.unwrap_or(id).to_owned());
            if differences.is_empty() {
                seen.fine();
            } else {
                let message = format!("{} {}, other than declared", named.shown, differences.join(", "));
                seen.offence(named.evidence(&named.at, message).field("/roles"));
            }
        }
        if here && !found {
            let message = format!("no credential is called `{}`, which is declared", automation.credential);
            seen.offence(Evidence::at(&list, message));
        }
    }
    seen.verdict("no credential that only this project lists is declared")
}
