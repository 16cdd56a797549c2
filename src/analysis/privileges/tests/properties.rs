//! What holds for any roles: more of them never take anything away, cycles end, their order does not matter.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const QUESTIONS: &[&str] =
    &["read a.x", "write a.x", "destroy a", "administer a.x", "read local.oplog.rs", "administer", "read b.system.js"];

/// Parts of custom roles, some without effect, some inheriting each other in any way.
fn part() -> impl Strategy<Value = String> {
    let on = prop::sample::select(vec!["a.x", "a.", ".x", ".", "local.", "b.system.js", "cluster"]);
    let action = prop::sample::select(vec!["FIND", "INSERT", "DROP_DATABASE", "COLL_MOD", "KILL_OP", "NEW_THING"]);
    let inherited = prop::sample::select(vec!["r0", "r1", "r2", "r3", "r4", "read@a", "backup", "dbAdmin@b"]);
    prop_oneof![
        (action, on).prop_map(|(action, on)| format!("{action} {on}")),
        inherited.prop_map(|name| format!("< {name}")),
    ]
}

fn roles() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(prop::collection::vec(part(), 0..4), 5).prop_map(|roles| {
        let one = |(index, parts): (usize, Vec<String>)| {
            role(&format!("r{index}"), &parts.iter().map(String::as_str).collect::<Vec<_>>())
        };
        roles.into_iter().enumerate().map(one).collect()
    })
}

fn granted() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(vec!["r0", "r1", "r2", "read@a", "readWrite@b", "clusterMonitor"]), 0..4)
}

/// What is certain: the actions of direct answers and the kinds of indirect ways, for all questions.
fn certain(granted: &[&str], roles: &[Value]) -> BTreeSet<String> {
    let project = project(&json!([user(granted)]), &Value::from(roles.to_vec()));
    let privileges = Privileges::of(&project, now());
    let mut all = BTreeSet::new();
    for question in QUESTIONS {
        let answer = answer(&privileges, question, 0);
        if let Direct::Yes(ways) = &answer.direct {
            all.extend(ways.iter().map(|way| format!("{question}: {}", way.action)));
        }
        all.extend(answer.indirect.iter().map(|way| format!("{question}: {}", way.kind.name())));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn another_role_takes_nothing_away(granted in granted(), roles in roles(), more in part()) {
        let before = certain(&granted, &roles);
        let mut wider = granted.clone();
        wider.push("r3");
        prop_assert!(certain(&wider, &roles).is_superset(&before));
        let mut roles = roles;
        let extra = role("r4", &[more.as_str()]);
        for field in ["actions", "inheritedRoles"] {
            let added = extra[field].as_array().unwrap().clone();
            roles[4][field].as_array_mut().unwrap().extend(added);
        }
        prop_assert!(certain(&granted, &roles).is_superset(&before));
    }

    #[test]
    fn the_order_of_roles_does_not_matter(granted in granted(), roles in roles()) {
        let before = certain(&granted, &roles);
        let (mut granted, mut roles) = (granted, roles);
        granted.reverse();
        roles.reverse();
        for role in &mut roles {
            for field in ["actions", "inheritedRoles"] {
                role[field].as_array_mut().unwrap().reverse();
            }
        }
        prop_assert_eq!(certain(&granted, &roles), before);
    }

    #[test]
    fn cycles_end_and_each_way_is_a_path(roles in roles()) {
        let project = project(&json!([user(&["r0"])]), &Value::from(roles));
        let privileges = Privileges::of(&project, now());
        let resolved = privileges.of_user(&privileges.users().unwrap()[0]);
        for grant in &resolved.grants {
            let distinct: BTreeSet<_> = grant.path.iter().collect();
            prop_assert_eq!((grant.path[0], distinct.len()), ("r0", grant.path.len()));
        }
    }
}
