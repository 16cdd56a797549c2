//! What the project's own roles allow by themselves, and whether anybody has them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::analysis::privileges::{Action, Class, is_built_in};
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::ProjectView;
use crate::snapshot::Section;
use crate::snapshot::database_access::{CustomRole, RoleResource};
use crate::snapshot::streams::ConnectionType;
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
        let resources = resources.ok_or_else(|| Unknown::absent("resources"));
        for resource in resources.map_err(|why| seen.unseen(why)).ok()? {
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
    let mut used = Used::among(roles);
    let granted = || -> Result<Vec<&str>, Unknown> {
        let mut names = Vec::new();
        for user in project.project.database_users.known()? {
            for role in user.roles.required("roles")? {
                names.push(role.role_name.required("roleName")?.as_str());
            }
        }
        Ok(names)
    };
    if let Err(why) = granted().and_then(|names| used.follow(names)) {
        seen.unseen(why);
        return;
    }
    if used.unused().next().is_none() {
        return;
    }
    // Only now it matters what streams do: their connections take a role that plain readers lack.
    let acting = || -> Result<Vec<&str>, Unknown> {
        let mut names = Vec::new();
        for workspace in project.project.stream_workspaces.known()? {
            for connection in workspace.connections.known()? {
                match (&connection.db_role_to_execute, &connection.kind) {
                    (Some(acts), _) => names.push(acts.role.required("role")?.as_str()),
                    (None, Some(ConnectionType::Cluster)) => return Err(Unknown::absent("dbRoleToExecute")),
                    (None, _) => {}
                }
            }
        }
        Ok(names)
    };
    if let Err(why) = acting().and_then(|names| used.follow(names)) {
        seen.unseen(why);
        return;
    }
    for role in used.unused() {
        let name = role.role_name.as_deref().unwrap_or_default();
        let at = project.item(Section::CustomRoles, &role.key());
        let evidence = Evidence::at(&at, format!("nobody has the role {name}")).field("/roleName");
        seen.offence(evidence.severity(Severity::Low).fact("role", name).fact("unused-role", name));
    }
}

/// Which of a project's own roles somebody has.
struct Used<'a> {
    by_name: BTreeMap<&'a str, &'a CustomRole>,
    used: BTreeSet<&'a str>,
}

impl<'a> Used<'a> {
    fn among(roles: &'a [CustomRole]) -> Self {
        let by_name = roles.iter().filter_map(|role| Some((role.role_name.as_deref()?, role))).collect();
        Self { by_name, used: BTreeSet::new() }
    }

    /// Notes these and all that they inherit.
    fn follow(&mut self, mut open: Vec<&'a str>) -> Result<(), Unknown> {
        while let Some(name) = open.pop() {
            // A name of Atlas's own is Atlas's role, whatever the project calls its own.
            if is_built_in(name) || !self.used.insert(name) {
                continue;
            }
            let Some(role) = self.by_name.get(name) else { continue };
            for inherited in role.inherited_roles.required("inheritedRoles")? {
                open.push(inherited.role.required("role")?);
            }
        }
        Ok(())
    }

    fn unused(&self) -> impl Iterator<Item = &'a CustomRole> {
        self.by_name.iter().filter(|(name, _)| !self.used.contains(*name)).map(|(_, role)| *role)
    }
}
