//! What the project's own roles allow by themselves, and whether anybody has them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::analysis::privileges::{Action, Class, is_built_in};
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::ProjectView;
use crate::snapshot::Section;
use crate::snapshot::database_access::{CustomRole, RoleResource};
use crate::snapshot::tree::Node;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Excessive {
    dangerous_actions: Vec<String>,
    allowed_actions: Vec<String>,
}

/// ATL-AUTHZ-003
pub(crate) fn excessive(project: &ProjectView<'_>, limits: &Excessive) -> Judgement {
    let roles = project.custom_roles.known()?;
    if roles.is_empty() {
        return Ok(Verdict::not_applicable("the project has no role of its own"));
    }
    let mut seen = Gathered::new();
    for role in roles {
        let name = role.role_name.as_deref().unwrap_or_default();
        let at = project.item(Section::CustomRoles, &role.key());
        match role.actions.required("actions") {
            Err(why) => seen.unseen(why),
            Ok(actions) => {
                seen.fine();
                for (index, action) in actions.iter().enumerate() {
                    let Some(called) = seen.see(action.action.required("action")) else { continue };
                    let Some(wrong) = limits.wrong(called, action.resources.as_deref(), &mut seen) else { continue };
                    let message = format!("{name} allows {called} {wrong}");
                    seen.offence(Evidence::at(&at, message).field(format!("/actions/{index}")).fact("role", name));
                }
            }
        }
    }
    unused(project, roles, &mut seen);
    seen.verdict("")
}

impl Excessive {
    /// What is wrong with an action on these resources, if anything is.
    fn wrong(&self, name: &str, resources: Option<&[RoleResource]>, seen: &mut Gathered) -> Option<String> {
        let listed = |list: &[String]| list.iter().any(|listed| listed == name);
        let allowed = listed(&self.allowed_actions);
        let places = resources.map(|all| all.iter().map(place).collect::<Vec<_>>().join(", "));
        if listed(&self.dangerous_actions) && !allowed {
            return Some(places.map(|places| format!("on {places}")).unwrap_or_default());
        }
        let Some(action) = Action::of_custom_role(name) else {
            seen.unseen(Unknown::not_understood("action", name));
            return None;
        };
        if !changes(action) {
            return None;
        }
        if !self.allowed_actions.is_empty() && !allowed {
            return Some("which is none of the allowed actions".to_owned());
        }
        for resource in seen.see(resources.as_ref().ok_or_else(|| Unknown::absent("resources")))?.iter() {
            match (resource.cluster, resource.db.as_deref()) {
                // Settings of the cluster have no other place.
                (Some(true), _) if action.class() != Class::Admin => return Some("on the whole cluster".to_owned()),
                (Some(true), _) => {}
                (_, Some("")) => return Some(format!("on {}", place(resource))),
                (_, Some(_)) => {}
                (_, None) => seen.unseen(Unknown::absent("db")),
            }
        }
        None
    }
}

/// Whether an action changes data or schema, carries data away or gets round a protection.
fn changes(action: Action) -> bool {
    matches!(
        action.class(),
        Class::Write | Class::Admin | Class::Destroy | Class::Export | Class::Bypass | Class::Takeover
    )
}

fn place(resource: &RoleResource) -> String {
    let collection = resource.collection.as_deref().unwrap_or_default();
    match (resource.cluster, resource.db.as_deref()) {
        (Some(true), _) => "the whole cluster".to_owned(),
        (_, None) => "something that is not told".to_owned(),
        (_, Some("")) if collection.is_empty() => "every database".to_owned(),
        (_, Some("")) => format!("{collection} of every database"),
        (_, Some(database)) if collection.is_empty() => database.to_owned(),
        (_, Some(database)) => format!("{database}.{collection}"),
    }
}

/// Roles that no user has, not even through another role, and as which no stream connection acts.
fn unused(project: &ProjectView<'_>, roles: &[CustomRole], seen: &mut Gathered) {
    let Some(users) = seen.see(project.database_users.known()) else { return };
    let by_name: BTreeMap<&str, &CustomRole> =
        roles.iter().filter_map(|role| Some((role.role_name.as_deref()?, role))).collect();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = Vec::new();
    for user in users {
        let Some(granted) = seen.see(user.roles.required("roles")) else { continue };
        open.extend(granted.iter().filter_map(|role| role.role_name.as_deref()));
    }
    close(&by_name, &mut open, &mut used);
    if by_name.keys().all(|name| used.contains(name)) {
        return;
    }
    // Only now it matters what streams do: their connections take a role that plain readers lack.
    if let Some(workspaces) = seen.see(project.stream_workspaces.known()) {
        for workspace in workspaces {
            let Some(connections) = seen.see(workspace.connections.known()) else { return };
            let acting = connections.iter().filter_map(|connection| connection.db_role_to_execute.as_ref());
            open.extend(acting.filter_map(|role| role.role.as_deref()));
        }
    } else {
        return;
    }
    close(&by_name, &mut open, &mut used);
    for (name, role) in by_name.iter().filter(|(name, _)| !used.contains(*name)) {
        let at = project.item(Section::CustomRoles, &role.key());
        let evidence = Evidence::at(&at, format!("nobody has the role {name}")).field("/roleName");
        seen.offence(evidence.severity(Severity::Low).fact("role", *name));
    }
}

/// Follows inheritance from the open roles.
fn close<'a>(by_name: &BTreeMap<&'a str, &'a CustomRole>, open: &mut Vec<&'a str>, used: &mut BTreeSet<&'a str>) {
    while let Some(name) = open.pop() {
        // A name of Atlas's own is Atlas's role, whatever the project calls its own.
        if is_built_in(name) || !used.insert(name) {
            continue;
        }
        let inherited = by_name.get(name).and_then(|role| role.inherited_roles.as_deref()).unwrap_or_default();
        open.extend(inherited.iter().filter_map(|role| role.role.as_deref()));
    }
}
