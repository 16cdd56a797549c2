//! Ways by which data leaves Atlas for a bucket, and who may take them.

use std::collections::BTreeSet;

use crate::analysis::privileges::{Action, ActionSet, Place, PlaceKind};
use crate::engine::declared::names_project;
use crate::engine::predicate::NoParameters;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Unknown};
use crate::engine::view::{CombinationView, ProjectView};
use crate::snapshot::data_federation::FederatedDatabase;
use crate::snapshot::encryption::CloudRole;
use crate::snapshot::tree::Node;
use crate::snapshot::{Ref, Section};

use super::listed;

/// The project role that exports snapshots and does little else.
const EXPORTER: &str = "GROUP_BACKUP_EXPORT_OPERATOR";

/// A federated database that can write to somebody's bucket.
struct Outlet<'a> {
    database: &'a str,
    /// The action that it takes.
    action: Action,
    /// `AWS as arn:…`
    role: String,
}

/// ATL-TOX-006
pub(crate) fn external_exfiltration(view: &CombinationView<'_>, _: &NoParameters) -> Judgement {
    let project = view.project;
    let mut seen = Gathered::new();
    let outlets = outlets(project, &mut seen);
    let buckets = seen.see(project.export_buckets.known()).map(Vec::as_slice).unwrap_or_default();
    if outlets.is_empty() && buckets.is_empty() {
        return seen.verdict("neither a federated database nor an export of snapshots writes to a bucket");
    }
    let blind = view.legs.of("ATL-AUD-001").fails();
    let kept = !view.legs.of("ATL-AUD-004").fails();
    let mut offence = |seen: &mut Gathered, at: &Ref, message: String, name: &str, authdb: Option<&str>| {
        let unwatched = if blind {
            "; nothing records it: auditing is off"
        } else if kept {
            ""
        } else {
            "; the record stays in Atlas"
        };
        let mut evidence = Evidence::at(at, format!("{message}{unwatched}")).fact("name", name);
        // Only database users have one.
        if let Some(authdb) = authdb {
            evidence = evidence.fact("user", name).fact("authdb", authdb);
        }
        seen.offence(if blind { evidence.severity(Severity::Critical) } else { evidence });
    };
    if !outlets.is_empty() {
        by_query(project, &outlets, &mut seen, &mut offence);
    }
    if !buckets.is_empty() {
        let names: Vec<String> = buckets.iter().filter_map(|bucket| bucket.bucket_name.clone()).collect();
        for (at, name) in exporters(project, &mut seen) {
            if is_declared(project, &name) {
                seen.fine();
            } else {
                let message = format!("{name} holds {EXPORTER} → snapshots → {}", listed(&names));
                offence(&mut seen, &at, message, &name, None);
            }
        }
    }
    seen.fine();
    seen.verdict("")
}

/// Whether somebody declared that this may leave Atlas.
fn is_declared(project: &ProjectView<'_>, name: &str) -> bool {
    project.declared.applications.iter().any(|application| {
        let here = application.projects.is_empty()
            || names_project(&application.projects, &project.project.id, project.project.name.as_deref());
        application.exports && here && application.users.iter().any(|user| user.eq_ignore_ascii_case(name))
    })
}

/// The federated databases that hold a role of the customer's by which they can write.
fn outlets<'a>(project: &ProjectView<'a>, seen: &mut Gathered) -> Vec<Outlet<'a>> {
    let mut outlets = Vec::new();
    for database in seen.see(project.project.federated_databases.known()).into_iter().flatten() {
        let Some(name) = database.name.as_deref() else { continue };
        for (action, cloud, role_id) in roles_of(database) {
            // Which it is tells more; whether it was ever authorized decides.
            let role = match project.project.cloud_provider_access.known() {
                Err(why) => {
                    seen.unseen(why);
                    continue;
                }
                Ok(access) => {
                    let lists = [&access.aws_iam_roles, &access.azure_service_principals, &access.gcp_service_accounts];
                    let mut roles = lists.into_iter().flatten().flatten();
                    roles.find(|role| role.identifier() == Some(role_id))
                }
            };
            let Some(identity) = role.and_then(identity) else { continue };
            outlets.push(Outlet { database: name, action, role: format!("{cloud} as {identity}") });
        }
    }
    outlets
}

/// The roles of a federated database, each with the action that writes by it.
fn roles_of(database: &FederatedDatabase) -> Vec<(Action, &'static str, &str)> {
    let Some(config) = &database.cloud_provider_config else { return Vec::new() };
    let aws = config.aws.as_ref().and_then(|role| role.role_id.as_deref());
    let azure = config.azure.as_ref().and_then(|role| role.role_id.as_deref());
    let gcp = config.gcp.as_ref().and_then(|role| role.role_id.as_deref());
    [(Action::OutToS3, "AWS", aws), (Action::OutToAzure, "AZURE", azure), (Action::OutToGcs, "GCP", gcp)]
        .into_iter()
        .filter_map(|(action, cloud, id)| Some((action, cloud, id?)))
        .collect()
}

/// Whom a role stands for in the customer's cloud; nothing until it is authorized.
fn identity(role: &CloudRole) -> Option<&str> {
    let names = [&role.iam_assumed_role_arn, &role.service_principal_id, &role.gcp_service_account_for_atlas];
    names.into_iter().flatten().next().map(String::as_str)
}

/// Database users who can write what they read to a bucket.
fn by_query(
    project: &ProjectView<'_>,
    outlets: &[Outlet<'_>],
    seen: &mut Gathered,
    offence: &mut impl FnMut(&mut Gathered, &Ref, String, &str, Option<&str>),
) {
    let privileges = project.privileges();
    let users = match privileges.users() {
        Ok(users) => users,
        Err(why) => return seen.unseen(why),
    };
    let wanted = ActionSet::of(&outlets.iter().map(|outlet| outlet.action).collect::<Vec<_>>());
    for user in users.iter().filter(|user| user.is_alive()) {
        if is_declared(project, user.name()) {
            seen.fine();
            continue;
        }
        let resolved = privileges.of_user(user);
        let mut ways = BTreeSet::new();
        for grant in resolved.effective() {
            for action in grant.actions.intersection(wanted).iter() {
                for outlet in outlets.iter().filter(|outlet| outlet.action == action) {
                    let place = Place { kind: PlaceKind::FederatedDatabase, name: outlet.database };
                    if user.reach.lets_in(place) != Some(false) {
                        ways.insert(format!(
                            "{} → federated database {} → {}",
                            grant.path.join(" → "),
                            outlet.database,
                            outlet.role
                        ));
                    }
                }
            }
        }
        if ways.is_empty() {
            for doubt in &resolved.doubts {
                seen.unseen(Unknown::undecidable(format!("what {} may do: {doubt}", user.name())));
            }
            seen.fine();
            continue;
        }
        let at = project.item(Section::DatabaseUsers, &user.key());
        let ways: Vec<String> = ways.into_iter().collect();
        let authdb = user.entry.database_name.as_deref().unwrap_or("admin");
        offence(seen, &at, format!("{} → {}", user.name(), ways.join("; ")), user.name(), Some(authdb));
    }
}

/// People and programs that may export snapshots of the project.
fn exporters(project: &ProjectView<'_>, seen: &mut Gathered) -> Vec<(Ref, String)> {
    let holds = |roles: Option<&Vec<String>>| roles.is_some_and(|roles| roles.iter().any(|role| role == EXPORTER));
    let id = project.project.id.as_str();
    let mut found = Vec::new();
    for user in seen.see(project.project.users.known()).into_iter().flatten() {
        if holds(user.roles.as_ref()) {
            let name = user.username.clone().unwrap_or_default();
            found.push((project.item(Section::ProjectUsers, &user.key()), name));
        }
    }
    let organization = project.organization;
    let list = organization.at().child(Section::ApiKeys.slot());
    for key in seen.see(organization.api_keys.known()).into_iter().flatten() {
        let here = key
            .roles
            .iter()
            .flatten()
            .any(|grant| grant.role_name.as_deref() == Some(EXPORTER) && grant.group_id.as_deref() == Some(id));
        if here {
            let name = key.desc.clone().filter(|name| !name.is_empty()).or_else(|| key.public_key.clone());
            found.push((list.child(&key.key()), name.unwrap_or_default()));
        }
    }
    for account in seen.see(project.project.service_accounts.known()).into_iter().flatten() {
        if holds(account.roles.as_ref()) {
            let name = account.name.clone().or_else(|| account.client_id.clone()).unwrap_or_default();
            found.push((project.item(Section::ProjectServiceAccounts, &account.key()), name));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_that_was_never_authorized_stands_for_nobody() {
        let role = |json: &str| serde_json::from_str::<CloudRole>(json).unwrap();
        assert_eq!(identity(&role(r#"{"roleId":"1"}"#)), None);
        assert_eq!(identity(&role(r#"{"roleId":"1","iamAssumedRoleArn":"arn:x"}"#)), Some("arn:x"));
    }
}
