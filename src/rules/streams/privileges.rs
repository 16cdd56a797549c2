//! As what stream processors act, and who may make them act.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{connections, leads_to_cluster};
use crate::analysis::privileges::{Action, ActionSet, Class, Grant, Level, Resolved, is_built_in};
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ProjectView, UserView};
use crate::rules::authorization::resolved;
use crate::snapshot::Section;
use crate::snapshot::database_access::{CustomRole, RoleAction};
use crate::snapshot::tree::Node;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExecuteAs {
    max_databases: usize,
}

/// ATL-STR-001
pub(crate) fn execute_as(project: &ProjectView<'_>, limits: &ExecuteAs) -> Judgement {
    let mut seen = Gathered::new();
    for connected in connections(project, &mut seen) {
        if !leads_to_cluster(connected.connection, &mut seen) {
            continue;
        }
        let acts_as = connected.connection.db_role_to_execute.as_ref();
        let Some(role) = seen.see(acts_as.required("dbRoleToExecute").and_then(|acts| acts.role.required("role")))
        else {
            continue;
        };
        if let Some(foreign) = connected.foreign_project(project).filter(|_| !is_built_in(role)) {
            seen.unseen(Unknown::undecidable(format!("{role} is a role of the project {foreign}")));
            continue;
        }
        let resolved = project.privileges().of_role(role, None);
        seen.fine();
        match power(&resolved, limits.max_databases) {
            Some((severity, what)) => seen.offence(
                Evidence::at(&connected.at, format!("processors act on {} as {role}: {what}", connected.name()))
                    .field("/dbRoleToExecute/role")
                    .severity(severity)
                    .fact("workspace", connected.workspace.name.as_deref().unwrap_or_default())
                    .fact("connection", connected.connection.name.as_deref().unwrap_or_default()),
            ),
            None => resolved::note(project, &resolved.doubts, &mut seen),
        }
    }
    seen.verdict("no workspace is connected to a cluster")
}

/// What is too much about a role, and how bad it is.
fn power(role: &Resolved<'_>, max_databases: usize) -> Option<(Severity, String)> {
    if role.grants.iter().any(|grant| grant.path.contains(&"atlasAdmin")) {
        return Some((Severity::Critical, "it administers everything".to_owned()));
    }
    let changes = role.with(ActionSet::all(|action| is_data(action) && action.class() != Class::Read));
    if changes.all || !changes.everywhere.is_empty() {
        return Some((Severity::High, "it writes every database".to_owned()));
    }
    if let Some(action) = role.effective().filter(|grant| grant.confirmed).find_map(administration) {
        return Some((Severity::High, format!("it may {action}")));
    }
    let touches = role.with(ActionSet::all(is_data));
    if touches.all || !touches.everywhere.is_empty() {
        return Some((Severity::Medium, "it reads every database".to_owned()));
    }
    let count = touches.databases.len();
    let names = || touches.databases.keys().copied().collect::<Vec<_>>().join(", ");
    (count > max_databases)
        .then(|| (Severity::High, format!("it reaches {count} databases ({}), more than {max_databases}", names())))
}

/// Whether an action is on documents or on what holds them.
fn is_data(action: Action) -> bool {
    matches!(action.class(), Class::Read | Class::Write | Class::Destroy)
}

/// An action beyond reading and writing: what `readWrite` has is none.
fn administration(grant: &Grant<'_>) -> Option<Action> {
    let of_writers = |action: Action| {
        matches!(
            action,
            Action::ConvertToCapped
                | Action::CreateIndex
                | Action::CreateSearchIndexes
                | Action::DropCollection
                | Action::DropIndex
                | Action::DropSearchIndex
                | Action::UpdateSearchIndex
        )
    };
    let beyond = |action: Action| action.class() == Class::Admin || action.class().is_dangerous();
    grant.actions.iter().find(|action| beyond(*action) && !of_writers(*action))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reach {
    stream_users: Vec<String>,
}

/// ATL-STR-002
pub(crate) fn unrestricted_reach(user: &UserView<'_>, limits: &Reach) -> Judgement {
    let workspaces = user.project.stream_workspaces.known()?;
    if workspaces.is_empty() {
        return Ok(Verdict::not_applicable("the project has no stream workspace"));
    }
    if user.username.as_ref().is_some_and(|name| limits.stream_users.contains(name)) {
        return Ok(Verdict::Pass);
    }
    // Whatever the scopes name, streams included or not: somebody chose.
    if user.scopes.as_ref().is_some_and(|scopes| !scopes.is_empty()) {
        return Ok(Verdict::Pass);
    }
    let mut seen = Gathered::new();
    let privileges = resolved::of(user, &mut seen);
    seen.fine();
    let of_streams = |action: Action| action.level() == Level::Workspace;
    // Seeing what runs, as `readAnyDatabase` has it, is not owning it.
    let held = privileges
        .effective()
        .find(|grant| grant.path.last() != Some(&"readAnyDatabase") && grant.actions.iter().any(of_streams));
    if let Some(grant) = held {
        seen.see(user.scopes.required("scopes"));
        if user.scopes.is_some() {
            let name = user.username.as_deref().unwrap_or_default();
            let count = workspaces.len();
            let plural = if count == 1 { "" } else { "s" };
            let message =
                format!("{name} has no scope and reaches {count} stream workspace{plural} by {}", resolved::way(grant));
            seen.offence(resolved::at(user, message).field("/scopes"));
        }
    }
    seen.verdict("")
}

/// Which actions on streams a kind of work takes, and which roles do it.
#[derive(Debug, Deserialize)]
#[serde(try_from = "RawProfiles")]
pub(crate) struct Profiles {
    profiles: BTreeMap<String, ActionSet>,
    roles: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProfiles {
    profiles: BTreeMap<String, Vec<String>>,
    roles: BTreeMap<String, String>,
}

impl TryFrom<RawProfiles> for Profiles {
    type Error = String;

    fn try_from(raw: RawProfiles) -> Result<Self, String> {
        let action = |name: &String| {
            let known = Action::of_custom_role(name).filter(|action| action.class() == Class::Stream);
            known.ok_or_else(|| format!("`{name}` is no action on streams such as START_STREAM_PROCESSOR"))
        };
        let mut profiles = BTreeMap::new();
        for (name, actions) in raw.profiles {
            profiles.insert(name, actions.iter().map(action).collect::<Result<ActionSet, String>>()?);
        }
        for (role, profile) in &raw.roles {
            if !profiles.contains_key(profile) {
                return Err(format!("the role `{role}` has the profile `{profile}`, which is not among `profiles`"));
            }
        }
        Ok(Self { profiles, roles: raw.roles })
    }
}

/// ATL-STR-003
pub(crate) fn excess_actions(project: &ProjectView<'_>, limits: &Profiles) -> Judgement {
    let mut seen = Gathered::new();
    for role in project.custom_roles.known()? {
        let Some(name) = seen.see(role.role_name.required("roleName")) else { continue };
        let resolved = project.privileges().of_role(name, None);
        let held = resolved.stream_actions();
        let excess = limits.excess(name, held);
        if excess.is_empty() {
            resolved::note(project, &resolved.doubts, &mut seen);
            if !held.is_empty() {
                seen.fine();
            }
            continue;
        }
        let list = excess.iter().map(atlas_name).collect::<Vec<_>>().join(", ");
        let against = match limits.roles.get(name) {
            Some(profile) => format!("more than the profile {profile}"),
            None => "more than any profile".to_owned(),
        };
        let at = project.item(Section::CustomRoles, &role.key());
        let message = format!("{name} allows {list}, {against}{}", remark(excess));
        let evidence = Evidence::at(&at, message).field("/actions").fact("role", name);
        seen.offence(match what_stays(role, excess) {
            Some((privileges, inherited)) if inherited.is_empty() => evidence.fact("privileges", privileges),
            Some((privileges, inherited)) => {
                evidence.fact("privileges-beside", privileges).fact("inherited", inherited)
            }
            None => evidence,
        });
    }
    seen.verdict("no role of the project's own allows anything on streams")
}

impl Profiles {
    /// What a role has beyond its profile; beyond the profile that leaves least, if it has none.
    fn excess(&self, role: &str, held: ActionSet) -> ActionSet {
        let beyond = |profile: &ActionSet| held.iter().filter(|action| !profile.contains(*action)).collect();
        match self.roles.get(role).and_then(|profile| self.profiles.get(profile)) {
            Some(profile) => beyond(profile),
            None => self
                .profiles
                .values()
                .map(beyond)
                .min_by_key(|excess: &ActionSet| excess.iter().count())
                .unwrap_or(held),
        }
    }
}

/// The privileges and inherited roles of a role without some actions, as the Atlas CLI takes them; its update replaces
/// both lists. Nothing where that is not the way: the actions are inherited, nothing of its own would be left, or a name
/// cannot be typed in a list.
fn what_stays(role: &CustomRole, excess: ActionSet) -> Option<(String, String)> {
    let listed = |names: Vec<String>| {
        let is_typable = |name: &String| !name.contains(',') && !name.contains('"') && name.matches('@').count() < 2;
        names.iter().all(is_typable).then(|| names.join(","))
    };
    let (mut own, mut kept) = (ActionSet::EMPTY, Vec::new());
    for RoleAction { action, resources } in role.actions.as_ref()? {
        let name = action.as_ref()?;
        if let Some(action) = Action::of_custom_role(name).filter(|action| excess.contains(*action)) {
            own = own.union(ActionSet::of(&[action]));
            continue;
        }
        for resource in resources.as_ref()? {
            kept.push(match (resource.cluster, resource.db.as_deref()?, resource.collection.as_deref()?) {
                (Some(true), ..) => name.clone(),
                (_, database, "") => format!("{name}@{database}"),
                (_, database, collection) => format!("{name}@{database}.{collection}"),
            });
        }
    }
    if kept.is_empty() || excess.iter().any(|action| !own.contains(action)) {
        return None;
    }
    let inherited = role.inherited_roles.as_ref()?.iter();
    let inherited = inherited.map(|one| Some(format!("{}@{}", one.role.as_ref()?, one.db.as_ref()?)));
    Some((listed(kept)?, listed(inherited.collect::<Option<_>>()?)?))
}

fn atlas_name(action: Action) -> &'static str {
    action.atlas_names().first().copied().unwrap_or(action.name())
}

/// What is special about some actions.
fn remark(excess: ActionSet) -> &'static str {
    let reads = excess.contains(Action::SampleStreamProcessor) || excess.contains(Action::ProcessStreamProcessor);
    match (reads, excess.contains(Action::DropStreamProcessor)) {
        (true, true) => "; it reads live data, and drops any processor",
        (true, false) => "; it reads live data",
        (false, true) => "; it drops any processor",
        (false, false) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_keeps_what_is_not_too_much_and_there_is_none_where_it_would_not_help() {
        let stays = |role: serde_json::Value| {
            what_stays(&serde_json::from_value(role).unwrap(), ActionSet::of(&[Action::DropStreamProcessor]))
        };
        let action = |name: &str, database: &str, collection: &str| serde_json::json!({ "action": name, "resources": [{ "db": database, "collection": collection }] });
        let (drop, start) = (action("DROP_STREAM_PROCESSOR", "", ""), action("START_STREAM_PROCESSOR", "", ""));
        let own = serde_json::json!([drop, start, action("FIND", "shop", "orders"), action("FIND", "crm", ""),
            { "action": "GET_LOG", "resources": [{ "cluster": true, "db": "", "collection": "" }] }]);
        let kept = "START_STREAM_PROCESSOR@,FIND@shop.orders,FIND@crm,GET_LOG";
        let role = |actions: &serde_json::Value, inherited: serde_json::Value| serde_json::json!({ "roleName": "asp", "actions": actions, "inheritedRoles": inherited });
        assert_eq!(stays(role(&own, serde_json::json!([]))), Some((kept.to_owned(), String::new())));
        let read = serde_json::json!([{ "role": "read", "db": "shop" }, { "role": "base", "db": "admin" }]);
        assert_eq!(stays(role(&own, read)), Some((kept.to_owned(), "read@shop,base@admin".to_owned())));
        assert_eq!(stays(role(&serde_json::json!([drop]), serde_json::json!([]))), None, "nothing would be left");
        assert_eq!(stays(role(&serde_json::json!([start]), serde_json::json!([]))), None, "it is inherited");
        let odd = serde_json::json!([drop, start, action("FIND", "a,b", "")]);
        assert_eq!(stays(role(&odd, serde_json::json!([]))), None, "a comma ends an entry of the list");
        assert_eq!(
            stays(serde_json::json!({ "roleName": "asp", "actions": own })),
            None,
            "what it inherits is not told"
        );
    }
}
