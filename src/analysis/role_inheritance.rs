//! Which roles a database user has in the end: those granted, and those that custom roles inherit.
//!
//! Names only. What a role allows, and on what, is not decided here.

use std::collections::BTreeSet;

use crate::snapshot::database_access::{CustomRole, DatabaseRole};

/// The roles that Atlas has of its own and that a user or a custom role may be given.
///
/// `killOpSession` is offered by the console, though the API's reference lacks it.
pub const BUILT_IN: &[&str] = &[
    "atlasAdmin",
    "autoCompact",
    "backup",
    "clusterMonitor",
    "dbAdmin",
    "dbAdminAnyDatabase",
    "enableSharding",
    "killOpSession",
    "manageShardBalancer",
    "read",
    "readAnyDatabase",
    "readWrite",
    "readWriteAnyDatabase",
];

/// Whether Atlas has a role of that name.
#[must_use]
pub fn is_built_in(name: &str) -> bool {
    BUILT_IN.contains(&name)
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RoleKind<'a> {
    /// A role of Atlas.
    BuiltIn,
    /// A role of the project.
    Custom(&'a CustomRole),
    /// Neither: nobody knows what it allows.
    Unresolved,
}

/// A role that somebody has, directly or through others.
#[derive(Debug, Clone, PartialEq)]
pub struct ReachedRole<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where it applies, if that was said.
    pub database: Option<&'a str>,
    /// What narrows it, if it was granted on a collection only.
    pub collection: Option<&'a str>,
    /// What the name stands for.
    pub kind: RoleKind<'a>,
    /// Which of the granted roles leads to it.
    pub granted: usize,
    /// The names from the granted role to this one, both included: a shortest such way.
    pub path: Vec<&'a str>,
}

/// All roles that somebody has.
#[derive(Debug, Default, PartialEq)]
pub struct Reach<'a> {
    /// Those granted first, then step by step what they inherit; each once.
    pub roles: Vec<ReachedRole<'a>>,
    /// Fields that the answers lack, so that there may be more.
    pub missing: Vec<&'static str>,
}

/// Follows the granted roles through what custom roles inherit.
///
/// A name that Atlas has itself is Atlas's role, whatever the project calls its own. Cycles end, and of several ways to
/// one role the shortest is kept, since privileges only ever add up.
#[must_use]
pub fn reached<'a>(granted: &'a [DatabaseRole], custom: &'a [CustomRole]) -> Reach<'a> {
    let mut walk = Walk { custom, reach: Reach::default(), seen: BTreeSet::new() };
    for (index, role) in granted.iter().enumerate() {
        match role.role_name.as_deref() {
            Some(name) => {
                let collection = role.collection_name.as_deref().filter(|name| !name.is_empty());
                walk.step(name, role.database_name.as_deref(), collection, index, &[]);
            }
            None => walk.lacks("roleName"),
        }
    }
    // The list that grows is the worklist: what was found first is followed first.
    let mut next = 0;
    while let Some(role) = walk.reach.roles.get(next) {
        next += 1;
        let RoleKind::Custom(custom) = role.kind else { continue };
        let (granted, path) = (role.granted, role.path.clone());
        let Some(inherited) = &custom.inherited_roles else {
            walk.lacks("inheritedRoles");
            continue;
        };
        for inherited in inherited {
            match inherited.role.as_deref() {
                Some(name) => walk.step(name, inherited.db.as_deref(), None, granted, &path),
                None => walk.lacks("role"),
            }
        }
    }
    walk.reach
}

struct Walk<'a> {
    custom: &'a [CustomRole],
    reach: Reach<'a>,
    seen: BTreeSet<(&'a str, Option<&'a str>, Option<&'a str>)>,
}

impl<'a> Walk<'a> {
    fn step(
        &mut self,
        name: &'a str,
        database: Option<&'a str>,
        collection: Option<&'a str>,
        granted: usize,
        before: &[&'a str],
    ) {
        let kind = if is_built_in(name) {
            RoleKind::BuiltIn
        } else {
            let defined = self.custom.iter().find(|custom| custom.role_name.as_deref() == Some(name));
            defined.map_or(RoleKind::Unresolved, RoleKind::Custom)
        };
        // Custom roles hold for the whole project, wherever they are said to be.
        let place = if kind == RoleKind::BuiltIn { (database, collection) } else { (None, None) };
        if self.seen.insert((name, place.0, place.1)) {
            let path = before.iter().copied().chain([name]).collect();
            self.reach.roles.push(ReachedRole { name, database, collection, kind, granted, path });
        }
    }

    fn lacks(&mut self, field: &'static str) {
        if !self.reach.missing.contains(&field) {
            self.reach.missing.push(field);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::database_access::InheritedRole;

    fn grant(names: &[&str]) -> Vec<DatabaseRole> {
        names
            .iter()
            .map(|name| DatabaseRole {
                role_name: Some((*name).to_owned()),
                database_name: Some("admin".to_owned()),
                collection_name: None,
            })
            .collect()
    }

    fn custom(name: &str, inherits: &[(&str, &str)]) -> CustomRole {
        let inherited =
            |(role, db): &(&str, &str)| InheritedRole { role: Some((*role).to_owned()), db: Some((*db).to_owned()) };
        CustomRole {
            role_name: Some(name.to_owned()),
            actions: None,
            inherited_roles: Some(inherits.iter().map(inherited).collect()),
        }
    }

    fn paths(reach: &Reach<'_>) -> Vec<String> {
        reach.roles.iter().map(|role| role.path.join(" → ")).collect()
    }

    #[test]
    fn a_chain_is_followed_to_its_end() {
        let (granted, roles) =
            (grant(&["read", "app"]), [custom("app", &[("ops", "admin")]), custom("ops", &[("atlasAdmin", "admin")])]);
        let reach = reached(&granted, &roles);
        assert_eq!(paths(&reach), ["read", "app", "app → ops", "app → ops → atlasAdmin"]);
        assert_eq!(reach.roles[3].granted, 1);
        assert_eq!(reach.roles[3].kind, RoleKind::BuiltIn);
        assert!(reach.missing.is_empty());
    }

    #[test]
    fn cycles_end_and_a_role_may_name_itself() {
        let (granted, roles) = (
            grant(&["f"]),
            [custom("f", &[("g", "admin"), ("f", "admin")]), custom("g", &[("f", "admin"), ("read", "shop")])],
        );
        assert_eq!(paths(&reached(&granted, &roles)), ["f", "f → g", "f → g → read"]);
    }

    #[test]
    fn a_diamond_is_walked_once_by_the_shortest_way() {
        let (granted, roles) = (
            grant(&["top"]),
            [
                custom("top", &[("long", "admin"), ("left", "admin"), ("right", "admin")]),
                custom("long", &[("left", "admin")]),
                custom("left", &[("backup", "admin")]),
                custom("right", &[("backup", "admin")]),
            ],
        );
        let reach = reached(&granted, &roles);
        assert_eq!(
            paths(&reach),
            ["top", "top → long", "top → left", "top → right", "top → left → backup"],
            "each role once"
        );
    }

    #[test]
    fn a_direct_grant_outranks_an_inherited_one() {
        let (granted, roles) = (grant(&["app", "atlasAdmin"]), [custom("app", &[("atlasAdmin", "admin")])]);
        let reach = reached(&granted, &roles);
        assert_eq!(paths(&reach), ["app", "atlasAdmin"]);
        assert_eq!(reach.roles[1].granted, 1);
    }

    #[test]
    fn one_role_on_two_databases_is_two() {
        let (granted, roles) =
            (grant(&["app"]), [custom("app", &[("read", "shop"), ("read", "crm"), ("read", "shop")])]);
        let databases: Vec<_> = reached(&granted, &roles).roles.iter().filter_map(|role| role.database).collect();
        assert_eq!(databases, ["admin", "shop", "crm"]);
    }

    #[test]
    fn a_collection_does_not_hide_the_whole_database() {
        let mut granted = grant(&["read", "app"]);
        granted[0].database_name = Some("shop".to_owned());
        granted[0].collection_name = Some("orders".to_owned());
        let roles = [custom("app", &[("read", "shop")])];
        assert_eq!(paths(&reached(&granted, &roles)), ["read", "app", "app → read"]);
    }

    #[test]
    fn a_name_that_nobody_defined_stays_unresolved() {
        let (granted, roles) = (grant(&["legacy", "app"]), [custom("app", &[("gone", "admin")])]);
        let unresolved: Vec<_> = reached(&granted, &roles)
            .roles
            .iter()
            .filter(|role| role.kind == RoleKind::Unresolved)
            .map(|role| role.name)
            .collect();
        assert_eq!(unresolved, ["legacy", "gone"]);
    }

    #[test]
    fn a_built_in_name_is_not_hidden_by_a_custom_role() {
        let (granted, roles) = (grant(&["read"]), [custom("read", &[("atlasAdmin", "admin")])]);
        let reach = reached(&granted, &roles);
        assert_eq!((paths(&reach).len(), reach.roles[0].kind), (1, RoleKind::BuiltIn));
    }

    #[test]
    fn what_the_answers_lack_is_told() {
        let mut granted = grant(&["app", "base"]);
        granted.push(DatabaseRole::default());
        let mut roles = [custom("app", &[]), custom("base", &[("read", "x")])];
        roles[0].inherited_roles = None;
        roles[1].inherited_roles = Some(vec![InheritedRole::default()]);
        assert_eq!(reached(&granted, &roles).missing, ["roleName", "inheritedRoles", "role"]);
    }
}
