//! Which roles a user has in the end.

use super::*;

/// The ways to the roles of the first user, then `?` and what may hide more.
fn reached(user: impl Into<Value>, roles: &[Value]) -> Vec<String> {
    let project = project(&json!([user.into()]), &Value::from(roles.to_vec()));
    let privileges = Privileges::of(&project, now());
    let reached = privileges.roles_of(&privileges.users().unwrap()[0]);
    let roles = reached.roles.iter().map(|role| format!("{}: {}", role.granted, role.path.join(" → ")));
    roles.chain(reached.doubts.iter().map(|doubt| format!("? {doubt}"))).collect()
}

#[test]
fn a_chain_is_followed_to_its_end() {
    let roles = [role("app", &["< ops"]), role("ops", &["< atlasAdmin"])];
    let told = reached(user(&["read@shop", "app"]), &roles);
    assert_eq!(told, ["0: read", "1: app", "1: app → ops", "1: app → ops → atlasAdmin"]);
}

#[test]
fn cycles_end_and_a_role_may_name_itself() {
    let roles = [role("f", &["< g", "< f"]), role("g", &["< f", "< read@shop"])];
    assert_eq!(reached(user(&["f"]), &roles), ["0: f", "0: f → g", "0: f → g → read"]);
}

#[test]
fn a_diamond_is_walked_once_by_the_shortest_way() {
    let roles = [
        role("top", &["< long", "< left", "< right"]),
        role("long", &["< left"]),
        role("left", &["< backup"]),
        role("right", &["< backup"]),
    ];
    let told = reached(user(&["top"]), &roles);
    assert_eq!(told, ["0: top", "0: top → long", "0: top → left", "0: top → right", "0: top → left → backup"]);
}

#[test]
fn a_shorter_way_from_a_later_grant_outranks_a_longer_one() {
    let roles = [role("app", &["< ops"]), role("ops", &["< atlasAdmin"]), role("dba", &["< atlasAdmin"])];
    assert_eq!(reached(user(&["app", "atlasAdmin"]), &roles)[1], "1: atlasAdmin");
    let told = reached(user(&["app", "dba"]), &roles);
    assert_eq!(told, ["0: app", "1: dba", "0: app → ops", "1: dba → atlasAdmin"]);
}

#[test]
fn one_role_on_two_databases_is_two_and_so_is_a_collection() {
    let roles = [role("app", &["< read@shop", "< read@crm", "< read@shop"])];
    let told = reached(user(&["read@shop.orders", "app"]), &roles);
    assert_eq!(told, ["0: read", "1: app", "1: app → read", "1: app → read"]);
}

#[test]
fn a_built_in_name_is_not_hidden_by_a_custom_role() {
    assert_eq!(reached(user(&["read@shop"]), &[role("read", &["< atlasAdmin"])]), ["0: read"]);
}

#[test]
fn what_may_hide_more_roles_is_told_and_nothing_else() {
    let mut granted = user(&["app", "base", "gone"]);
    granted["roles"].as_array_mut().unwrap().push(json!({}));
    let roles = [
        json!({ "roleName": "app", "actions": [] }),
        // Which actions it has is not told either, but that hides no role.
        json!({ "roleName": "base", "inheritedRoles": [{ "db": "x" }] }),
    ];
    let told = reached(granted, &roles);
    let lacks = |field: &str| format!("`{field}` is missing from what Atlas answered");
    let doubts = [
        format!("? {}", lacks("roleName")),
        format!("? app: {}", lacks("inheritedRoles")),
        format!("? base: {}", lacks("role")),
        "? gone: neither Atlas nor the project has such a role".to_owned(),
    ];
    assert_eq!(told[..3], ["0: app", "1: base", "2: gone"]);
    assert_eq!(told[3..], doubts);
}
