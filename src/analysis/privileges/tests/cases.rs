//! Questions and answers, one after the other.

use super::*;

/// A user, the project's own roles, and what is said to each question.
fn tell(user: impl Into<Value>, roles: &[Value], said: &[(&str, &str)]) {
    let project = project(&json!([user.into()]), &Value::from(roles.to_vec()));
    for (question, expected) in said {
        assert_eq!(ask(&project, question), *expected, "{question}: {}", project_roles(&project));
    }
}

fn project_roles(project: &Project) -> String {
    serde_json::to_string(&project.database_users.known().unwrap()[0].roles).unwrap()
}

#[test]
fn read_and_write_everywhere() {
    let all = "yes (insert remove update), stream-processor/toProd";
    tell(
        user(&["readWriteAnyDatabase"]),
        &[],
        &[
            ("read shop.orders on prod", "yes (find changeStream), stream-processor/toProd, stream-sample?/flow"),
            ("write shop.orders on prod", all),
            // No connection leads there.
            ("write shop.orders on dev", "yes (insert remove update)"),
            ("destroy shop.orders on dev", "yes (createIndex dropCollection convertToCapped)"),
            ("write config.settings on dev", "no"),
            ("read admin.x on dev", "yes (find changeStream), stream-sample?/flow"),
            ("read shop.system.buckets.t on dev", "yes (find changeStream), stream-sample?/flow"),
            ("read shop.system.js on dev", "yes (find changeStream), stream-sample?/flow"),
            ("read shop.system.profile on dev", "no, stream-sample?/flow"),
            ("administer on dev", "no"),
        ],
    );
}

#[test]
fn a_scope_cuts_the_places() {
    tell(
        scoped(&["readWriteAnyDatabase"], &["CLUSTER dev"]),
        &[],
        &[
            ("read shop.orders on prod", "no"),
            ("write shop.orders on prod", "no"),
            ("write shop.orders on dev", "yes (insert remove update)"),
            ("write shop.orders", "yes (insert remove update)"),
            ("write shop.orders on Dev", "no"),
        ],
    );
    tell(
        scoped(&["readAnyDatabase"], &["DATA_LAKE lake"]),
        &[],
        &[("read shop.orders on prod", "no"), ("read shop.orders on lake", "yes (find changeStream)")],
    );
    tell(
        scoped(&["readWriteAnyDatabase"], &["STREAM flow"]),
        &[],
        &[
            ("write shop.orders on prod", "no, stream-processor/toProd"),
            ("write shop.orders on dev", "no"),
            ("administer on prod", "no, stream-processor/toProd"),
        ],
    );
}

#[test]
fn a_scope_of_what_is_not_there_lets_nobody_in_yet() {
    let project = project(&json!([scoped(&["atlasAdmin"], &["CLUSTER gone"])]), &json!([]));
    let privileges = Privileges::of(&project, now());
    let answer = answer(&privileges, "read shop.orders", 0);
    assert_eq!(said(&answer), "no");
    let gone = Place { kind: PlaceKind::Cluster, name: "gone" };
    assert_eq!(answer.notes, [Note::Dangling(vec![gone]), Note::OutOfScope]);
    // The kind counts too.
    tell(scoped(&["atlasAdmin"], &["DATA_LAKE prod"]), &[], &[("read shop.orders on prod", "no")]);
}

#[test]
fn a_scope_that_cannot_be_checked_is_undecided() {
    let mut project = project(&json!([scoped(&["read@shop"], &["CLUSTER gone"])]), &json!([]));
    project.clusters = refused();
    assert_eq!(ask(&project, "read shop.orders"), "undecided");
    assert_eq!(ask(&project, "read crm.people"), "no");
    let scopes = [("SEARCH x", "undecided"), ("CLUSTER dev", "no")];
    for (scope, expected) in scopes {
        tell(scoped(&["read@shop"], &[scope]), &[], &[("read shop.orders on prod", expected)]);
    }
    let both = scoped(&["read@shop"], &["SEARCH x", "CLUSTER prod"]);
    tell(both, &[], &[("read shop.orders on prod", "yes (find changeStream)")]);
    let mut nameless = user(&["read@shop"]);
    nameless["scopes"] = json!([{ "type": "CLUSTER" }]);
    tell(nameless, &[], &[("read shop.orders on prod", "undecided"), ("read crm.people on prod", "no")]);
}

#[test]
fn roles_of_one_database() {
    tell(
        user(&["read@shop"]),
        &[],
        &[
            ("read shop.orders", "yes (find changeStream)"),
            ("read shop.system.js", "yes (find changeStream)"),
            ("read shop.system.profile", "no"),
            ("read crm.people", "no"),
            ("read Shop.orders", "no"),
            ("write shop.orders", "no"),
            ("administer shop.orders", "no"),
            ("destroy shop", "no"),
        ],
    );
    tell(
        user(&["readWrite@admin"]),
        &[],
        &[
            ("write admin.system.users", "no"),
            ("read admin.system.users", "no"),
            ("write admin.foo", "yes (insert remove update)"),
            ("read admin.foo", "yes (find changeStream)"),
        ],
    );
    tell(
        user(&["dbAdmin@shop"]),
        &[],
        &[
            ("read shop.orders", "no, profiler"),
            ("read shop.system.profile", "yes (find changeStream)"),
            ("write shop.orders", "no"),
            ("destroy shop", "yes (createIndex dropCollection collMod convertToCapped dropDatabase)"),
            ("read crm.people", "no"),
        ],
    );
    tell(
        user(&["read@local"]),
        &[],
        &[
            ("read local.oplog.rs", "yes (find changeStream)"),
            ("read local.replset.minvalid", "no"),
            ("read crm.people", "no, oplog"),
            ("read local.startup_log", "yes (find changeStream)"),
        ],
    );
}

#[test]
fn a_role_of_one_collection() {
    tell(
        user(&["readWrite@shop.orders"]),
        &[],
        &[
            ("read shop.orders", "yes (find changeStream)"),
            ("write shop.orders", "yes (insert remove update)"),
            ("destroy shop.orders", "yes (createIndex dropCollection convertToCapped)"),
            ("read shop.items", "no"),
            ("read shop.system.js", "no"),
            ("write shop", "yes (insert on orders remove on orders update on orders)"),
        ],
    );
    // Only what is for single collections is left of it.
    let admin = "yes (createIndex dropCollection collMod convertToCapped)";
    tell(
        user(&["dbAdmin@shop.orders"]),
        &[],
        &[("destroy shop.orders", admin), ("destroy shop.items", "no"), ("read shop.system.profile", "no")],
    );
    // Elsewhere a collection means nothing.
    tell(user(&["readAnyDatabase@admin.x"]), &[], &[("read shop.orders on dev", "yes (find changeStream)")]);
}

#[test]
fn roles_over_every_database() {
    tell(
        user(&["readAnyDatabase"]),
        &[],
        &[
            ("read config.chunks", "no"),
            ("read local.oplog.rs", "no"),
            ("read admin.x", "yes (find changeStream)"),
            ("read config", "yes (find on system.js changeStream on system.js)"),
        ],
    );
    tell(
        user(&["clusterMonitor"]),
        &[],
        &[
            ("read crm.people on prod", "no, oplog, profiler, query-values"),
            ("read config.chunks", "yes (find changeStream), oplog, profiler, query-values"),
            ("read crm.system.profile", "yes (find), oplog, query-values"),
            ("read local.replset.election", "yes (find), profiler, query-values"),
            ("administer on prod", "no"),
        ],
    );
    tell(
        user(&["backup"]),
        &[],
        &[
            ("read local.oplog.rs", "yes (find), profiler, stored-users?"),
            ("read admin.system.users", "yes (find?), oplog, profiler"),
            ("write config.settings", "yes (insert update), stored-users?"),
            ("read config.system.sessions", "no, oplog, profiler, stored-users?"),
            ("administer on prod", "yes (setUserWriteBlockMode), stored-users?"),
            ("write shop.orders", "no, stored-users?"),
        ],
    );
    tell(
        user(&["dbAdminAnyDatabase"]),
        &[],
        &[
            ("destroy shop", "yes (createIndex dropCollection collMod convertToCapped dropDatabase), apply-ops?"),
            ("destroy config", "yes (dropCollection on system.profile convertToCapped on system.profile), apply-ops?"),
            ("write shop.orders", "no, apply-ops?"),
            ("read shop.orders", "no, profiler"),
            ("administer on prod", "no, apply-ops?"),
        ],
    );
    tell(
        user(&["enableSharding"]),
        &[],
        &[
            ("read shop.orders", "no"),
            ("write shop.orders", "no"),
            (
                "administer shop.orders",
                "yes (enableSharding refineCollectionShardKey? reshardCollection? moveCollection?)",
            ),
            ("administer config.settings", "no"),
        ],
    );
    tell(
        user(&["killOpSession"]),
        &[],
        &[
            ("administer on prod", "yes (killop killAnySession)"),
            ("read shop.orders", "no, query-values"),
            ("write shop.orders", "no"),
        ],
    );
    tell(user(&["autoCompact"]), &[], &[("administer on prod", "no"), ("administer shop.orders", "no")]);
    let balancer = [("write config.settings", "yes (insert update)"), ("write config.chunks", "no")];
    tell(user(&["manageShardBalancer"]), &[], &balancer);
}

#[test]
fn patterns_of_custom_roles() {
    let said = |parts: &[&str], said: &[(&str, &str)]| tell(user(&["mine"]), &[role("mine", parts)], said);
    said(
        &["FIND shop."],
        &[
            ("read shop.orders", "yes (find)"),
            ("read shop", "yes (find)"),
            ("read shop.system.js", "no"),
            ("read shop.system.profile", "no"),
            ("read shop.systematic", "yes (find)"),
        ],
    );
    said(
        &["FIND .orders"],
        &[
            ("read shop.orders", "yes (find)"),
            ("read config.orders", "yes (find)"),
            ("read local.orders", "yes (find)"),
            ("read shop.items", "no"),
            ("read shop", "yes (find on orders)"),
        ],
    );
    said(
        &["FIND .system.users"],
        &[("read admin.system.users", "yes (find)"), ("read crm.people", "no, stored-users?")],
    );
    said(
        &["FIND ."],
        &[
            ("read any.thing", "yes (find)"),
            ("read admin.x", "yes (find)"),
            ("read config.databases", "no"),
            ("read local.oplog.rs", "no"),
            ("read any.system.views", "no"),
        ],
    );
    said(&["FIND config."], &[("read config.databases", "yes (find)"), ("read config.system.sessions", "no")]);
    said(&["FIND shop.system.profile"], &[("read shop.orders", "no, profiler"), ("read crm.people", "no")]);
    said(
        &["FIND local.oplog.rs"],
        &[("read crm.people", "no, oplog"), ("write crm.people", "no"), ("read local.oplog.rs", "yes (find)")],
    );
    said(&["FIND cluster shop.orders"], &[("read shop.orders", "no"), ("administer on prod", "no")]);
    said(&["GET_LOG cluster", "FIND shop.orders"], &[("read shop.orders", "yes (find), query-values")]);
    said(&["SERVER_STATUS shop."], &[("administer on prod", "no"), ("administer shop", "no")]);
    said(&["DROP_DATABASE shop.orders"], &[("destroy shop.orders", "no"), ("destroy shop", "no")]);
    said(&["DROP_DATABASE ."], &[("destroy shop", "yes (dropDatabase)"), ("destroy config", "no")]);
    said(&["DROP_DATABASE shop."], &[("destroy shop.orders", "yes (dropDatabase)"), ("destroy crm", "no")]);
    said(&["ENABLE_PROFILER shop.orders"], &[("administer shop.orders", "no"), ("administer shop", "no")]);
    said(&["COLL_MOD shop.orders"], &[("destroy shop.orders", "yes (collMod)"), ("write shop.orders", "no")]);
    said(
        &["SET_USER_WRITE_BLOCK cluster"],
        &[
            ("administer on prod", "yes (setUserWriteBlockMode)"),
            ("read shop.orders", "no"),
            ("write shop.orders", "no"),
        ],
    );
    said(&["ENABLE_SHARDING cluster"], &[("administer on prod", "no"), ("administer shop.orders", "no")]);
    said(&["INSERT admin.system.users"], &[("administer on prod", "no, user-documents?")]);
    said(&["UPDATE admin.system.roles"], &[("read shop.orders", "no, user-documents?")]);
    said(&["UPDATE admin."], &[("read shop.orders", "no")]);
}

#[test]
fn a_change_stream_needs_find() {
    let said = |parts: &[&str], said: &[(&str, &str)]| tell(user(&["mine"]), &[role("mine", parts)], said);
    said(&["CHANGE_STREAM shop."], &[("read shop.orders", "no")]);
    said(&["CHANGE_STREAM .", "FIND ."], &[("read shop.orders", "yes (find changeStream)")]);
}

#[test]
fn what_a_grant_without_effect_is() {
    let roles =
        json!([role("mine", &["FIND cluster shop.orders", "SERVER_STATUS shop.", "FIND crm.", "DB_STATS crm.x"])]);
    let project = project(&json!([user(&["mine"])]), &roles);
    let privileges = Privileges::of(&project, now());
    let resolved = privileges.of_user(&privileges.users().unwrap()[0]);
    let idle: Vec<_> =
        resolved.without_effect().map(|grant| (format!("{:?}", grant.actions), grant.on.to_string())).collect();
    let expected = [("{ServerStatus}", "shop"), ("{DbStats}", "crm.x"), ("{Find}", "the cluster")]
        .map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(idle, expected);
    let answer = answer(&privileges, "read shop.orders", 0);
    assert_eq!(said(&answer), "no");
    assert_eq!(answer.notes[0].to_string(), "without effect: find on the cluster, by mine");
}

#[test]
fn inheritance_cycles_and_diamonds() {
    let cycle = [role("f", &["< g"]), role("g", &["< f", "INSERT shop.orders"])];
    tell(user(&["f"]), &cycle, &[("write shop.orders", "yes (insert)"), ("read shop.orders", "no")]);
    tell(user(&["h"]), &[role("h", &["< h", "FIND shop."])], &[("read shop.orders", "yes (find)")]);
    let diamond = [role("i", &["< j", "< k"]), role("j", &["< read@shop"]), role("k", &["< deep", "< read@shop"])];
    let deep = [&diamond[..], &[role("deep", &["< i", "UPDATE shop.orders"])]].concat();
    let project = project(&json!([user(&["i"])]), &Value::from(deep));
    let privileges = Privileges::of(&project, now());
    let ways = |question: &str| match answer(&privileges, question, 0).direct {
        Direct::Yes(ways) => ways.iter().map(|way| format!("{} by {}", way.action, way.path.join(" → "))).collect(),
        _ => Vec::new(),
    };
    assert_eq!(ways("read shop.orders"), ["find by i → j → read", "changeStream by i → j → read"]);
    assert_eq!(ways("write shop.orders"), ["update by i → k → deep"]);
}

#[test]
fn inherited_roles_stand_where_they_say() {
    let roles =
        [role("mine", &["< read@shop", "< readAnyDatabase@crm", "< other@crm"]), role("other", &["INSERT a.b"])];
    tell(
        user(&["mine"]),
        &roles,
        &[
            ("read shop.orders", "yes (find changeStream)"),
            // Roles over every database and the project's own are on admin, whatever is written.
            ("read crm.people", "yes (find changeStream)"),
            ("write a.b", "yes (insert)"),
        ],
    );
    tell(user(&["mine"]), &[role("mine", &["< read@shop"])], &[("read mine.x", "no"), ("read admin.x", "no")]);
    let mut nowhere = role("mine", &[]);
    nowhere["inheritedRoles"] = json!([{ "role": "read" }]);
    tell(user(&["mine"]), &[nowhere], &[("read shop.orders", "undecided")]);
}

#[test]
fn names_that_nobody_defined() {
    let roles = [role("l", &["< gone", "FIND shop.orders"])];
    tell(
        user(&["l"]),
        &roles,
        &[
            ("read shop.orders", "yes (find), perhaps more"),
            ("write shop.orders", "undecided"),
            ("read crm.people", "undecided"),
            ("administer on prod", "undecided"),
        ],
    );
    let unknown = [("read shop.orders", "undecided"), ("administer on prod", "undecided")];
    tell(user(&["readOnlyLegacy"]), &[], &unknown);
    // Names are exact, and roles of the server that Atlas has not are none of Atlas's.
    for name in ["ReadWrite@shop", "root", "userAdminAnyDatabase", "dbOwner@shop"] {
        tell(user(&[name]), &[], &unknown);
    }
    // Out of scope it does not matter.
    tell(scoped(&["readOnlyLegacy"], &["CLUSTER dev"]), &[], &[("read shop.orders on prod", "no")]);
    let project = project(&json!([user(&["l"])]), &Value::from(roles.to_vec()));
    let privileges = Privileges::of(&project, now());
    let resolved = privileges.of_user(&privileges.users().unwrap()[0]);
    assert_eq!(resolved.doubts, [Doubt { path: vec!["l", "gone"], cause: Cause::UnknownRole }]);
}

#[test]
fn actions_that_nobody_knows() {
    tell(
        user(&["m"]),
        &[role("m", &["NEW_THING shop.orders"])],
        &[("read shop.orders", "undecided"), ("read crm.people", "no"), ("administer on prod", "no")],
    );
    // It is about the cluster, so about no collection.
    let cluster = [role("m", &["NEW_THING cluster"])];
    tell(user(&["m"]), &cluster, &[("read shop.orders", "no, perhaps more"), ("administer on prod", "undecided")]);
    // Names are exact.
    tell(user(&["m"]), &[role("m", &["find shop."])], &[("read shop.orders", "undecided")]);
}

#[test]
fn fields_that_are_missing() {
    let without = |field: &str| {
        let mut role = role("m", &["FIND shop."]);
        role.as_object_mut().unwrap().remove(field);
        role
    };
    tell(user(&["m"]), &[without("actions")], &[("read shop.orders", "undecided")]);
    let inherited = [("read shop.orders", "yes (find), perhaps more"), ("read crm.x", "undecided")];
    tell(user(&["m"]), &[without("inheritedRoles")], &inherited);
    let mut nobody = user(&[]);
    tell(nobody.clone(), &[], &[("read shop.orders", "no")]);
    nobody.as_object_mut().unwrap().remove("roles");
    tell(nobody, &[], &[("read shop.orders", "undecided")]);
    let mut unclear = role("m", &[]);
    unclear["actions"] = json!([{ "action": "FIND", "resources": [{}] }, { "action": "INSERT" }]);
    let said = [("read a.b", "undecided"), ("write a.b", "undecided"), ("destroy a.b", "no")];
    for (question, expected) in said {
        let project = project(&json!([user(&["m"])]), &json!([unclear]));
        assert!(ask(&project, question).starts_with(expected), "{question}");
    }
    let mut nowhere = user(&["read"]);
    nowhere["roles"][0].as_object_mut().unwrap().remove("databaseName");
    tell(nowhere, &[], &[("read shop.orders", "undecided")]);
}

#[test]
fn roles_that_were_not_read() {
    let mut project =
        project(&json!([user(&["mine"]), user(&["read@shop"]), user(&["mine", "read@shop"])]), &json!([]));
    project.custom_roles = refused();
    let privileges = Privileges::of(&project, now());
    let one = |question: &str, user: usize| said(&answer(&privileges, question, user));
    assert_eq!(one("read shop.orders", 0), "undecided");
    assert_eq!(one("read shop.orders", 1), "yes (find changeStream)");
    assert_eq!(one("write shop.orders", 1), "no");
    assert_eq!(one("read shop.orders", 2), "yes (find changeStream), perhaps more");
    assert_eq!(one("write shop.orders", 2), "undecided");
}

#[test]
fn time_runs_out() {
    let until = |date: &str| {
        let mut user = user(&["atlasAdmin"]);
        user["deleteAfterDate"] = json!(date);
        project(&json!([user]), &json!([]))
    };
    let (gone, going) = (until("2026-11-21T12:00:00Z"), until("2026-11-25T12:00:00Z"));
    let note = |project: &Project| {
        let privileges = Privileges::of(project, now());
        let answer = answer(&privileges, "administer on prod", 0);
        (answer.direct != Direct::No, answer.indirect.is_empty(), answer.notes[0].to_string())
    };
    assert_eq!(note(&gone), (false, true, "expired 2026-11-21T12:00:00Z, still listed".to_owned()));
    assert_eq!(note(&going), (true, false, "temporary, until 2026-11-25T12:00:00Z".to_owned()));
    assert_eq!(note(&until("soon")).2, "temporary, with an end that cannot be read");
    assert!(!note(&until(NOW)).0, "the last moment is over");
}

#[test]
fn grants_add_up() {
    let roles = [role("q", &["BYPASS_DOCUMENT_VALIDATION shop."])];
    let project = project(&json!([user(&["q", "dbAdmin@shop"])]), &Value::from(roles.to_vec()));
    assert_eq!(ask(&project, "write shop.orders"), "no");
    assert!(ask(&project, "administer shop.orders").starts_with("yes (createIndex"));
    assert!(ask(&project, "destroy shop.orders").starts_with("yes (createIndex dropCollection"));
    let privileges = Privileges::of(&project, now());
    let answer = answer(&privileges, "administer shop.orders", 0);
    assert!(answer.notes.iter().any(|note| note.to_string() == "besides: bypassDocumentValidation"));
}

#[test]
fn whatever_is_wider_or_nearer_is_shown() {
    let roles = [role("deep", &["< read@shop"])];
    let project = project(&json!([user(&["read@shop.orders", "deep"])]), &Value::from(roles.to_vec()));
    assert_eq!(ask(&project, "read shop"), "yes (find changeStream)");
    let privileges = Privileges::of(&project, now());
    match answer(&privileges, "read shop.orders", 0).direct {
        Direct::Yes(ways) => assert_eq!((ways[0].path.as_slice(), ways[0].granted), (&["read"][..], 0)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn roles_with_nothing_in_them() {
    let roles = [role("empty", &[])];
    tell(user(&["empty"]), &roles, &[("read shop.orders", "no"), ("administer on prod", "no")]);
    let project = project(&json!([user(&["empty"])]), &Value::from(roles.to_vec()));
    let privileges = Privileges::of(&project, now());
    let resolved = privileges.of_user(&privileges.users().unwrap()[0]);
    assert_eq!(resolved.remarks, [(vec!["empty"], Remark::Empty)]);
}

#[test]
fn a_custom_role_does_not_hide_a_built_in() {
    let clash = [role("read", &["INSERT shop."])];
    tell(user(&["read@shop"]), &clash, &[("read shop.orders", "yes (find changeStream)"), ("write shop.orders", "no")]);
    let project = project(&json!([user(&["read@shop"])]), &Value::from(clash.to_vec()));
    let privileges = Privileges::of(&project, now());
    let resolved = privileges.of_user(&privileges.users().unwrap()[0]);
    assert_eq!(resolved.remarks, [(vec!["read"], Remark::HidesCustomRole)]);
}

#[test]
fn one_name_on_two_databases_is_two_users() {
    let mut external = user(&["readWrite@shop"]);
    external["databaseName"] = json!("$external");
    let project = project(&json!([user(&["read@shop"]), external]), &json!([]));
    let privileges = Privileges::of(&project, now());
    let keys: Vec<_> = privileges.users().unwrap().iter().map(User::key).collect();
    assert_eq!(keys, ["u", "$external/u"]);
    assert_eq!(said(&answer(&privileges, "write shop.orders", 0)), "no");
    assert_eq!(said(&answer(&privileges, "write shop.orders", 1)), "yes (insert remove update)");
}

#[test]
fn groups_are_noted() {
    for (field, value, group) in [
        ("oidcAuthType", "IDP_GROUP", true),
        ("ldapAuthType", "GROUP", true),
        ("awsIAMType", "ROLE", true),
        ("awsIAMType", "USER", false),
        ("x509Type", "MANAGED", false),
    ] {
        let mut user = user(&["read@shop"]);
        user[field] = json!(value);
        let project = project(&json!([user]), &json!([]));
        let privileges = Privileges::of(&project, now());
        let notes = answer(&privileges, "read shop.orders", 0).notes;
        assert_eq!(notes.contains(&Note::Group), group, "{field} {value}");
    }
}

#[test]
fn stream_processors_act_as_their_connection() {
    let runner = role("runner", &["CREATE_STREAM_PROCESSOR cluster", "START_STREAM_PROCESSOR cluster"]);
    let roles = [runner, role("starter", &["START_STREAM_PROCESSOR cluster"]), role("sink", &["INSERT shop.orders"])];
    let mut project = project(&json!([user(&["runner"]), user(&["starter"])]), &Value::from(roles.to_vec()));
    assert_eq!(ask(&project, "write shop.orders on prod"), "no, stream-processor/toProd");
    assert_eq!(ask(&project, "write shop.orders on dev"), "no");
    let privileges = Privileges::of(&project, now());
    assert_eq!(said(&answer(&privileges, "write shop.orders", 1)), "no", "what runs already stays as it is");
    let connection = |role: &str| json!({ "name": "toProd", "type": "Cluster", "clusterName": "prod", "dbRoleToExecute": { "role": role } });
    connect(&mut project, &json!([connection("sink")]));
    assert_eq!(ask(&project, "write shop.orders on prod"), "no, stream-processor/toProd");
    assert_eq!(ask(&project, "read shop.orders on prod"), "no");
    connect(&mut project, &json!([connection("gone")]));
    assert_eq!(ask(&project, "read shop.orders on prod"), "no, perhaps more");
    connect(&mut project, &json!([{ "name": "toProd", "type": "Cluster", "clusterName": "prod" }]));
    assert_eq!(ask(&project, "read shop.orders on prod"), "no, perhaps more");
    project.stream_workspaces.known_mut().unwrap()[0].connections = refused();
    assert_eq!(ask(&project, "read shop.orders on prod"), "no, perhaps more");
    project.stream_workspaces = refused();
    assert_eq!(ask(&project, "read shop.orders on prod"), "no, perhaps more");
}

#[test]
fn samples_show_what_flows() {
    let roles = json!([role("sampler", &["SAMPLE_STREAM_PROCESSOR cluster"])]);
    let mut project = project(&json!([user(&["sampler"])]), &roles);
    assert_eq!(ask(&project, "read shop.orders on prod"), "no, stream-sample?/flow");
    let source = json!({ "$source": { "connectionName": "toProd", "db": "shop", "coll": "orders" } });
    let processors = json!([{ "name": "p", "pipeline": [source] }]);
    project.stream_workspaces.known_mut().unwrap()[0].processors = known(&processors);
    assert_eq!(ask(&project, "read shop.orders on prod"), "no, stream-sample/flow");
    assert_eq!(ask(&project, "read shop.items on prod"), "no");
    assert_eq!(ask(&project, "read shop.orders on dev"), "no");
}

#[test]
fn federated_databases_let_data_out() {
    let exporter = role("exporter", &["FIND .", "OUT_TO_S3 .", "VIEW_ALL_HISTORY cluster"]);
    let roles = [exporter, role("mapper", &["STORAGE_SET_CONFIG cluster"])];
    let out = "yes (find), federation-export/lake, query-values/lake";
    tell(user(&["exporter"]), &roles, &[("read shop.orders on lake", out), ("read shop.orders on prod", "yes (find)")]);
    tell(
        user(&["mapper"]),
        &roles,
        &[
            ("read shop.orders on prod", "no, federation-remap?/lake"),
            ("administer on lake", "yes (storageSetConfig)"),
            ("administer on prod", "no"),
        ],
    );
    tell(scoped(&["exporter"], &["CLUSTER dev"]), &roles, &[("read shop.orders", "yes (find)")]);
}

#[test]
fn the_administrator_has_it_all_but_users() {
    tell(
        user(&["atlasAdmin"]),
        &[],
        &[
            ("write config.settings on dev", "yes (insert update), stored-users?, apply-ops?"),
            ("write admin.system.users on dev", "no, apply-ops?"),
        ],
    );
    let project = project(&json!([user(&["atlasAdmin"])]), &json!([]));
    let said = ask(&project, "administer on prod");
    assert!(said.starts_with("yes (setUserWriteBlockMode)"), "{said}");
}

#[test]
fn stream_processors_lead_into_other_projects() {
    let roles = json!([role("runner", &["PROCESS_STREAM_PROCESSOR cluster"])]);
    let mut project = project(&json!([user(&["runner"]), user(&["read@shop"])]), &roles);
    let connection = |role: &str| {
        json!([{ "name": "out", "type": "Cluster", "clusterName": "theirs", "clusterGroupId": "q",
                 "dbRoleToExecute": { "role": role } }])
    };
    let namespace: Namespace = "shop.orders".parse().unwrap();
    let told = |project: &Project, into: &str, cluster: &str, user: usize| {
        let privileges = Privileges::of(project, now());
        let place = Place { kind: PlaceKind::Cluster, name: cluster };
        let question = Question { verb: Verb::Write, namespace: Some(&namespace), place: Some(place) };
        let inquiry = privileges.ask_elsewhere(into, &question);
        inquiry.map(|mut inquiry| said(&inquiry.answer(&privileges.users().unwrap()[user])))
    };
    assert_eq!(told(&project, "q", "theirs", 0), None);
    connect(&mut project, &connection("readWriteAnyDatabase"));
    assert_eq!(told(&project, "q", "theirs", 0).as_deref(), Some("no, stream-processor/out"));
    assert_eq!(told(&project, "q", "theirs", 1).as_deref(), Some("no"));
    assert_eq!(told(&project, "q", "another", 0).as_deref(), Some("no"));
    assert_eq!(told(&project, "z", "theirs", 0), None);
    assert_eq!(ask(&project, "write shop.orders"), "no", "its own clusters are not concerned");
    // Our role of that name is not theirs.
    connect(&mut project, &connection("runner"));
    assert_eq!(told(&project, "q", "theirs", 0).as_deref(), Some("no, perhaps more"));
}
