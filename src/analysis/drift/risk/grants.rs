//! Roles and privileges: of people, of programs, of database users, of custom roles.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::snapshot::Section;

use super::super::{Kind, Risk};
use super::Meaning;

type Record = Map<String, Value>;

/// One thing that somebody may do: a role or an action, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    what: String,
    /// A database and perhaps a collection, or a project. Empty is everywhere that the role reaches.
    place: String,
}

/// Roles that reach everything, or hand out such roles.
const GRAVE: [&str; 8] = [
    "atlasAdmin",
    "readWriteAnyDatabase",
    "readAnyDatabase",
    "dbAdminAnyDatabase",
    "ORG_OWNER",
    "GROUP_OWNER",
    "GROUP_DATA_ACCESS_ADMIN",
    "GROUP_DATABASE_ACCESS_ADMIN",
];

/// Where a section keeps what it grants.
fn member(section: Section) -> Option<&'static str> {
    Some(match section {
        Section::OrganizationUsers
        | Section::TeamUsers
        | Section::ProjectUsers
        | Section::ApiKeys
        | Section::ServiceAccounts
        | Section::ServiceAccountProjects
        | Section::ProjectServiceAccounts
        | Section::McpConfigs
        | Section::ProjectMcpConfigs
        | Section::DatabaseUsers => "roles",
        Section::ProjectTeams => "roleNames",
        Section::RoleMappings => "roleAssignments",
        Section::CustomRoles => "actions",
        _ => return None,
    })
}

/// Whether a field is one of those that are judged together.
pub(super) fn is_grant(pointer: &str) -> bool {
    let first = pointer.split('/').nth(1).unwrap_or_default();
    matches!(first, "roles" | "roleNames" | "roleAssignments" | "actions" | "inheritedRoles" | "scopes")
}

fn grants(section: Section, record: &Record) -> BTreeSet<Grant> {
    let mut found = BTreeSet::new();
    if let Some(value) = member(section).and_then(|name| record.get(name)) {
        collect(value, "", &mut found);
    }
    if let Some(value) = record.get("inheritedRoles") {
        collect(value, "", &mut found);
    }
    found
}

/// All the forms in which Atlas writes a role or an action.
fn collect(value: &Value, place: &str, found: &mut BTreeSet<Grant>) {
    let text = |object: &Record, names: &[&str]| {
        names.iter().find_map(|name| object.get(*name)?.as_str()).unwrap_or_default().to_owned()
    };
    match value {
        Value::String(what) => _ = found.insert(Grant { what: what.clone(), place: place.to_owned() }),
        Value::Array(list) => list.iter().for_each(|entry| collect(entry, place, found)),
        Value::Object(object) => {
            if let Some(roles) = object.get("orgRoles").or_else(|| object.get("groupRoles")) {
                collect(roles, &text(object, &["groupId"]), found);
            }
            if let Some(projects) = object.get("groupRoleAssignments") {
                collect(projects, "", found);
            }
            let what = text(object, &["roleName", "role", "action"]);
            if what.is_empty() {
                return;
            }
            if let Some(resources) = object.get("resources").and_then(Value::as_array) {
                let each = resources.iter().map(|resource| Grant { what: what.clone(), place: resource.to_string() });
                found.extend(each);
                return;
            }
            let database = text(object, &["databaseName", "db", "groupId"]);
            let collection = text(object, &["collectionName"]);
            let place = if collection.is_empty() { database } else { format!("{database}.{collection}") };
            found.insert(Grant { what, place });
        }
        _ => {}
    }
}

/// Whether the first lets do all that the second does. No doubt is decided in favour of yes.
fn covers(one: &Grant, other: &Grant) -> bool {
    let wider = one.place == other.place
        || other.place.strip_prefix(one.place.as_str()).is_some_and(|rest| rest.starts_with('.'));
    match (one.what.as_str(), other.what.as_str()) {
        (same, its) if same == its => wider,
        ("readWrite", "read") => wider,
        (
            "atlasAdmin",
            "read" | "readWrite" | "dbAdmin" | "readAnyDatabase" | "readWriteAnyDatabase" | "dbAdminAnyDatabase",
        )
        | ("readWriteAnyDatabase", "read" | "readWrite" | "readAnyDatabase")
        | ("readAnyDatabase", "read")
        | ("dbAdminAnyDatabase", "dbAdmin") => true,
        ("ORG_OWNER", its) => its.starts_with("ORG_") || its.starts_with("GROUP_"),
        (its, "ORG_MEMBER") => its.starts_with("ORG_"),
        ("GROUP_OWNER", its) | (its, "GROUP_READ_ONLY") => its.starts_with("GROUP_") && wider,
        _ => false,
    }
}

fn shown(grants: &[&Grant]) -> String {
    const MOST: usize = 3;
    let one = |grant: &&Grant| match grant.place.as_str() {
        "" => grant.what.clone(),
        place if place.starts_with('{') => grant.what.clone(),
        place => format!("{}@{place}", grant.what),
    };
    let mut names: Vec<_> = grants.iter().map(one).collect();
    names.dedup();
    let more = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    let names = names.join(", ");
    if more == 0 { names } else { format!("{names} and {more} more") }
}

fn weight<'g>(grants: impl IntoIterator<Item = &'g Grant>) -> Risk {
    if grants.into_iter().any(|grant| GRAVE.contains(&grant.what.as_str())) { Risk::Grave } else { Risk::Riskier }
}

/// Roles that differ, all together; nothing if none does.
pub(super) fn of_change(section: Section, old: &Record, new: &Record) -> Option<Meaning> {
    member(section)?;
    let confined = confinement(old, new);
    let (before, after) = (grants(section, old), grants(section, new));
    if before == after {
        return confined;
    }
    let gained: Vec<_> = after.iter().filter(|new| !before.iter().any(|old| covers(old, new))).collect();
    let lost: Vec<_> = before.iter().filter(|old| !after.iter().any(|new| covers(new, old))).collect();
    let granted = match (gained.is_empty(), lost.is_empty()) {
        (false, _) => Meaning::of(weight(gained.iter().copied()), format!("may now: {}", shown(&gained))),
        (true, false) => Meaning::of(Risk::Safer, format!("may no longer: {}", shown(&lost))),
        (true, true) => Meaning::plain(Risk::Neutral),
    };
    Some(match confined {
        Some(confined) if confined.risk < granted.risk => confined,
        _ => granted,
    })
}

/// Clusters that a database user is confined to: none is all of them.
fn confinement(old: &Record, new: &Record) -> Option<Meaning> {
    let scopes = |record: &Record| -> BTreeSet<String> {
        record.get("scopes").and_then(Value::as_array).into_iter().flatten().map(Value::to_string).collect()
    };
    let (before, after) = (scopes(old), scopes(new));
    if before == after {
        return None;
    }
    Some(match (before.is_empty(), after.is_empty()) {
        (_, true) => Meaning::of(Risk::Riskier, "no longer confined to some clusters"),
        (true, false) => Meaning::of(Risk::Safer, "confined to some clusters now"),
        _ if after.is_subset(&before) => Meaning::of(Risk::Safer, "confined to fewer clusters"),
        _ => Meaning::of(Risk::Riskier, "may be on other clusters"),
    })
}

/// Somebody, or some program, that came with what it may do, or went.
pub(super) fn of_one(section: Section, kind: Kind, record: &Record) -> Option<Meaning> {
    member(section)?;
    let held = grants(section, record);
    let all: Vec<_> = held.iter().collect();
    Some(match (kind, all.as_slice()) {
        (Kind::Removed, _) => Meaning::plain(Risk::Safer),
        (_, []) => Meaning::plain(Risk::Riskier),
        (_, all) => Meaning::of(weight(all.iter().copied()), format!("may {}", shown(all))),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(value: Value) -> Record {
        let Value::Object(record) = value else { panic!("a record is an object") };
        record
    }

    fn user(roles: &[(&str, &str)]) -> Record {
        let roles: Vec<_> = roles.iter().map(|(role, db)| json!({ "roleName": role, "databaseName": db })).collect();
        record(json!({ "username": "app", "roles": roles }))
    }

    fn between(old: &[(&str, &str)], new: &[(&str, &str)]) -> Risk {
        of_change(Section::DatabaseUsers, &user(old), &user(new)).unwrap().risk
    }

    #[test]
    fn a_role_that_another_one_holds_already_is_nothing_new() {
        assert_eq!(between(&[("readWrite", "shop")], &[("read", "shop")]), Risk::Safer);
        assert_eq!(between(&[("read", "shop")], &[("readWrite", "shop")]), Risk::Riskier);
        assert_eq!(between(&[("atlasAdmin", "admin")], &[("readWrite", "shop")]), Risk::Safer);
        assert_eq!(between(&[("read", "shop")], &[("read", "crm")]), Risk::Riskier);
        assert_eq!(between(&[("read", "shop")], &[("read", "shop"), ("atlasAdmin", "admin")]), Risk::Grave);
        assert_eq!(between(&[("read", "shop"), ("readWrite", "shop")], &[("readWrite", "shop")]), Risk::Neutral);
    }

    #[test]
    fn all_the_forms_of_a_role_are_understood() {
        let org = record(json!({ "roles": { "orgRoles": ["ORG_MEMBER"], "groupRoleAssignments": [
            { "groupId": "p", "groupRoles": ["GROUP_READ_ONLY"] } ] } }));
        let more = record(json!({ "roles": { "orgRoles": ["ORG_OWNER"], "groupRoleAssignments": [] } }));
        let meaning = of_change(Section::OrganizationUsers, &org, &more).unwrap();
        assert_eq!((meaning.risk, meaning.why.as_deref()), (Risk::Grave, Some("may now: ORG_OWNER")));
        assert_eq!(of_change(Section::OrganizationUsers, &more, &org).unwrap().risk, Risk::Safer);
        let key = |role: &str| record(json!({ "roles": [{ "groupId": "p", "roleName": role }] }));
        let meaning = of_change(Section::ApiKeys, &key("GROUP_READ_ONLY"), &key("GROUP_CLUSTER_MANAGER")).unwrap();
        assert_eq!((meaning.risk, meaning.why.as_deref()), (Risk::Riskier, Some("may now: GROUP_CLUSTER_MANAGER@p")));
        let role = |db: &str| record(json!({ "actions": [{ "action": "FIND", "resources": [{ "db": db }] }] }));
        assert_eq!(of_change(Section::CustomRoles, &role("a"), &role("b")).unwrap().risk, Risk::Riskier);
    }

    #[test]
    fn no_scope_is_every_cluster() {
        let scopes = |names: &[&str]| {
            let scopes: Vec<_> = names.iter().map(|name| json!({ "name": name, "type": "CLUSTER" })).collect();
            record(json!({ "roles": [], "scopes": scopes }))
        };
        let risk = |old: &[&str], new: &[&str]| {
            of_change(Section::DatabaseUsers, &scopes(old), &scopes(new)).map(|meaning| meaning.risk)
        };
        assert_eq!(risk(&["a"], &[]), Some(Risk::Riskier));
        assert_eq!(risk(&[], &["a"]), Some(Risk::Safer));
        assert_eq!(risk(&["a", "b"], &["a"]), Some(Risk::Safer));
        assert_eq!(risk(&["a"], &["b"]), Some(Risk::Riskier));
        assert_eq!(risk(&["a"], &["a"]), None);
    }

    #[test]
    fn a_role_within_an_organization_or_a_project_covers_the_lesser_ones_there() {
        let user = |org: &[&str], groups: &[&str]| {
            record(
                json!({ "roles": { "orgRoles": org, "groupRoleAssignments": [{ "groupId": "p", "groupRoles": groups }] } }),
            )
        };
        let risk = |old: &Record, new: &Record| of_change(Section::OrganizationUsers, old, new).unwrap().risk;
        let member = user(&["ORG_MEMBER"], &[]);
        for (old, new, expected) in [
            (user(&["ORG_READ_ONLY"], &[]), member.clone(), Risk::Safer),
            (user(&["ORG_OWNER"], &[]), user(&["ORG_BILLING_ADMIN"], &["GROUP_OWNER"]), Risk::Safer),
            (user(&[], &["GROUP_OWNER"]), user(&[], &["GROUP_CLUSTER_MANAGER"]), Risk::Safer),
            (user(&[], &["GROUP_CLUSTER_MANAGER"]), user(&[], &["GROUP_READ_ONLY"]), Risk::Safer),
            (user(&[], &["GROUP_READ_ONLY"]), user(&[], &["GROUP_CLUSTER_MANAGER"]), Risk::Riskier),
            (user(&[], &["GROUP_OWNER"]), user(&["ORG_READ_ONLY"], &["GROUP_OWNER"]), Risk::Riskier),
            (member, user(&[], &["GROUP_OWNER"]), Risk::Grave),
        ] {
            assert_eq!(risk(&old, &new), expected, "{old:?} → {new:?}");
        }
        // In another project it is another matter.
        let key = |project: &str, role: &str| record(json!({ "roles": [{ "groupId": project, "roleName": role }] }));
        let change = of_change(Section::ApiKeys, &key("p", "GROUP_OWNER"), &key("q", "GROUP_READ_ONLY")).unwrap();
        assert_eq!((change.risk, change.why.as_deref()), (Risk::Riskier, Some("may now: GROUP_READ_ONLY@q")));
    }

    #[test]
    fn what_teams_mappings_and_roles_grant_is_read_where_they_keep_it() {
        for (section, old, new, why) in [
            (
                Section::ProjectTeams,
                json!({ "roleNames": [] }),
                json!({ "roleNames": ["GROUP_READ_ONLY"] }),
                "may now: GROUP_READ_ONLY",
            ),
            (
                Section::RoleMappings,
                json!({ "roleAssignments": [] }),
                json!({ "roleAssignments": [{ "groupId": "p", "role": "GROUP_READ_ONLY" }] }),
                "may now: GROUP_READ_ONLY@p",
            ),
            (
                Section::CustomRoles,
                json!({ "actions": [] }),
                json!({ "actions": [{ "action": "FIND", "resources": [{ "db": "shop" }, { "db": "crm" }] }] }),
                "may now: FIND",
            ),
            (
                Section::CustomRoles,
                json!({ "inheritedRoles": [] }),
                json!({ "inheritedRoles": [{ "role": "read", "db": "shop" }] }),
                "may now: read@shop",
            ),
        ] {
            let meaning = of_change(section, &record(old), &record(new)).unwrap();
            assert_eq!((meaning.risk, meaning.why.as_deref()), (Risk::Riskier, Some(why)), "{section}");
        }
        for (pointer, is) in [
            ("/roles/0/roleName", true),
            ("/scopes", true),
            ("/inheritedRoles/0", true),
            ("/username", false),
            ("/x/roles", false),
        ] {
            assert_eq!(is_grant(pointer), is, "{pointer}");
        }
    }

    #[test]
    fn whoever_comes_is_told_with_what_they_may_and_whoever_goes_is_no_loss() {
        let roles = |names: &[&str]| {
            let all: Vec<_> = names.iter().map(|name| json!({ "roleName": name, "databaseName": "shop" })).collect();
            record(json!({ "roles": all }))
        };
        let of = |kind, names: &[&str]| {
            let meaning = of_one(Section::DatabaseUsers, kind, &roles(names)).unwrap();
            (meaning.risk, meaning.why)
        };
        assert_eq!(of(Kind::Removed, &["atlasAdmin"]), (Risk::Safer, None));
        assert_eq!(of(Kind::Added, &[]), (Risk::Riskier, None));
        assert_eq!(of(Kind::Added, &["read"]), (Risk::Riskier, Some("may read@shop".to_owned())));
        assert_eq!(of(Kind::Added, &["atlasAdmin"]), (Risk::Grave, Some("may atlasAdmin@shop".to_owned())));
        assert_eq!(of(Kind::Added, &["a", "b", "c"]), (Risk::Riskier, Some("may a@shop, b@shop, c@shop".to_owned())));
        assert_eq!(
            of(Kind::Added, &["a", "b", "c", "d", "e"]),
            (Risk::Riskier, Some("may a@shop, b@shop, c@shop and 2 more".to_owned()))
        );
        assert!(of_one(Section::Clusters, Kind::Added, &roles(&[])).is_none());
    }

    #[test]
    fn of_roles_and_scopes_the_worse_is_told() {
        let user = |role: &str, scopes: &[&str]| {
            let scopes: Vec<_> = scopes.iter().map(|name| json!({ "name": name, "type": "CLUSTER" })).collect();
            record(json!({ "roles": [{ "roleName": role, "databaseName": "shop" }], "scopes": scopes }))
        };
        let of = |old: Record, new: Record| {
            let meaning = of_change(Section::DatabaseUsers, &old, &new).unwrap();
            (meaning.risk, meaning.why.unwrap_or_default())
        };
        // Fewer rights, on more clusters; more rights, on fewer.
        assert_eq!(
            of(user("readWrite", &["a"]), user("read", &[])),
            (Risk::Riskier, "no longer confined to some clusters".to_owned())
        );
        assert_eq!(
            of(user("read", &[]), user("readWrite", &["a"])),
            (Risk::Riskier, "may now: readWrite@shop".to_owned())
        );
        assert_eq!(
            of(user("read", &["a"]), user("readWrite", &[])),
            (Risk::Riskier, "may now: readWrite@shop".to_owned())
        );
        assert_eq!(of(user("read", &["a"]), user("read", &["a", "b"])).1, "may be on other clusters");
        assert_eq!(of(user("read", &["a", "b"]), user("read", &["b"])).1, "confined to fewer clusters");
    }
}
