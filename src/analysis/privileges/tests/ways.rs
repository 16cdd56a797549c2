//! Which way is shown where several lead there, and what leaves open whether there is one.

use super::*;

/// What is said to a question by users with these scopes, of whom each has these roles.
fn by_scope(roles: &[&str], own: &[Value], question: &str, change: &dyn Fn(&mut Project), said: &[(&[&str], &str)]) {
    let users: Vec<Value> = said.iter().map(|(scopes, _)| scoped(roles, scopes)).collect();
    let mut project = project(&Value::from(users), &Value::from(own.to_vec()));
    change(&mut project);
    let privileges = Privileges::of(&project, now());
    for (index, (scopes, expected)) in said.iter().enumerate() {
        assert_eq!(super::said(&answer(&privileges, question, index)), *expected, "{question}, {scopes:?}");
    }
}

fn asked(project: &Project, question: &str) -> String {
    ask(project, question)
}

/// The names of the roles that lead to the first way of a direct answer.
fn path(roles: &[&str], own: &[Value], question: &str) -> String {
    let project = project(&json!([user(roles)]), &Value::from(own.to_vec()));
    let privileges = Privileges::of(&project, now());
    match answer(&privileges, question, 0).direct {
        Direct::Yes(ways) => {
            let unsure = if ways[0].confirmed { "" } else { "?" };
            format!("{}. {}{unsure}", ways[0].granted, ways[0].path.join(" → "))
        }
        other => panic!("{question}: {other:?}"),
    }
}

#[test]
fn the_surest_way_is_shown_then_the_nearest_then_the_first() {
    let own = [
        role("deep", &["< near"]),
        role("near", &["FIND shop."]),
        role("also", &["FIND shop."]),
        role("sure", &["< inner"]),
        role("inner", &["FIND admin.system.users"]),
        role("both", &["< backup", "< sure"]),
        role("two", &["< near", "< also"]),
        role("three", &["< deep", "< also"]),
    ];
    let shop = "read shop.orders";
    assert_eq!(path(&["deep", "near"], &own, shop), "1. near");
    assert_eq!(path(&["near", "deep"], &own, shop), "0. near");
    assert_eq!(path(&["near", "also"], &own, shop), "0. near");
    assert_eq!(path(&["two"], &own, shop), "0. two → near");
    assert_eq!(path(&["three"], &own, shop), "0. three → also");
    // What the backup role of Atlas has of the server's is not said.
    let users = "read admin.system.users";
    assert_eq!(path(&["backup"], &own, users), "0. backup?");
    assert_eq!(path(&["backup", "sure"], &own, users), "1. sure → inner");
    assert_eq!(path(&["sure", "backup"], &own, users), "0. sure → inner");
    assert_eq!(path(&["both"], &own, users), "0. both → sure → inner");
}

#[test]
fn a_built_in_role_of_one_of_its_own_collections_keeps_that() {
    let project = project(&json!([user(&["read@shop.system.js"])]), &json!([]));
    assert_eq!(asked(&project, "read shop.system.js"), "yes (find changeStream)");
    assert_eq!(asked(&project, "read shop.orders"), "no");
}

#[test]
fn a_role_without_a_name_to_inherit_leaves_everything_open() {
    let mut nameless = role("mine", &["FIND shop."]);
    nameless["inheritedRoles"] = json!([{ "db": "admin" }]);
    let project = project(&json!([user(&["mine"])]), &json!([nameless]));
    assert_eq!(asked(&project, "write shop.orders"), "undecided");
    assert_eq!(asked(&project, "read shop.orders"), "yes (find), perhaps more");
}

#[test]
fn a_role_is_empty_only_without_actions_and_inherited_roles() {
    for (parts, empty) in [(&["FIND shop."][..], false), (&["< read@shop"], false), (&[], true)] {
        let project = project(&json!([user(&["mine"])]), &json!([role("mine", parts)]));
        let privileges = Privileges::of(&project, now());
        let resolved = privileges.of_user(&privileges.users().unwrap()[0]);
        assert_eq!(resolved.remarks.iter().any(|(_, remark)| *remark == Remark::Empty), empty, "{parts:?}");
    }
    assert!(Remark::Empty.to_string().contains("allows nothing"));
    assert!(Remark::HidesCustomRole.to_string().contains("same name"));
}

#[test]
fn what_was_granted_on_another_database_covers_none_of_this_one() {
    let project = project(&json!([user(&["mine"])]), &json!([role("mine", &["FIND crm.people"])]));
    assert_eq!(asked(&project, "read shop"), "no");
    assert_eq!(asked(&project, "read crm"), "yes (find on people)");
}

#[test]
fn dangerous_actions_beside_are_told_where_something_is_changed_and_the_user_is_let_in() {
    let own = [
        role("q", &["BYPASS_DOCUMENT_VALIDATION shop.", "FIND shop.", "COLL_STATS shop.", "FIND_OTHER cluster"]),
        role("ops", &["FLUSH_ROUTER_CONFIG cluster", "SERVER_STATUS cluster", "KILL_OP cluster"]),
    ];
    let notes = |user: Value, question: &str| {
        let project = project(&json!([user]), &Value::from(own.to_vec()));
        let privileges = Privileges::of(&project, now());
        let notes = answer(&privileges, question, 0).notes;
        notes.iter().map(ToString::to_string).filter(|note| note.starts_with("besides")).collect::<Vec<_>>()
    };
    let bypass = ["besides: bypassDocumentValidation"];
    assert_eq!(notes(user(&["q"]), "write shop.orders on prod"), bypass);
    assert_eq!(notes(user(&["q"]), "administer shop.orders on prod"), bypass);
    assert_eq!(notes(user(&["q"]), "write shop on prod"), bypass);
    assert_eq!(notes(user(&["q"]), "read shop.orders on prod"), [""; 0]);
    assert_eq!(notes(scoped(&["q"], &["CLUSTER dev"]), "write shop.orders on prod"), [""; 0]);
    // Of a cluster: what changes its settings, not what only looks, and not what was asked for.
    assert_eq!(notes(user(&["ops"]), "administer on prod"), ["besides: flushRouterConfig"]);
}

#[test]
fn an_answer_says_where_it_holds() {
    let own = json!([role("mapper", &["STORAGE_SET_CONFIG cluster", "SQL_SET_SCHEMA cluster", "OUT_TO_S3 ."])]);
    let mut project = project(&json!([user(&["read@shop"]), user(&["mapper"])]), &own);
    let places = |project: &Project, question: &str, user: usize| {
        let privileges = Privileges::of(project, now());
        let answer = answer(&privileges, question, user);
        answer.places.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(places(&project, "read shop.orders on prod", 0), ["prod"]);
    assert_eq!(places(&project, "read shop.orders", 0), ["dev", "prod", "federated database lake"]);
    let said = |project: &Project, question: &str| {
        let privileges = Privileges::of(project, now());
        super::said(&answer(&privileges, question, 1))
    };
    let settings = "yes (outToS3 storageSetConfig sqlSetSchema)";
    let sorted = |text: String| {
        let mut words: Vec<String> =
            text.split([' ', '(', ')']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
        words.sort();
        words
    };
    assert_eq!(sorted(said(&project, "administer on lake")), sorted(settings.to_owned()));
    assert_eq!(sorted(said(&project, "administer")), sorted(settings.to_owned()));
    assert_eq!(said(&project, "administer on prod"), "no");
    // Where there is no federated database, there is nothing to administer; where nobody knows, there may be.
    project.federated_databases = known(&json!([]));
    assert_eq!(said(&project, "administer"), "no");
    project.federated_databases = refused();
    assert!(said(&project, "administer").starts_with("yes ("));
}

#[test]
fn the_stored_users_are_asked_about_unless_they_are_the_question() {
    let own = [role("mine", &["FIND admin.system.users"])];
    let project = project(&json!([user(&["mine"])]), &Value::from(own.to_vec()));
    assert_eq!(asked(&project, "read admin.system.users"), "yes (find)");
    assert_eq!(asked(&project, "read admin.x"), "no, stored-users?");
    assert_eq!(asked(&project, "read crm.system.users"), "no, stored-users?");
    assert_eq!(asked(&project, "write shop.orders"), "no, stored-users?");
}

#[test]
fn the_profiler_shows_more_to_who_can_switch_it_on() {
    let own = json!([role("mine", &["FIND shop.system.profile", "ENABLE_PROFILER shop.", "GET_LOG cluster"])]);
    let project = project(&json!([user(&["mine"])]), &own);
    let privileges = Privileges::of(&project, now());
    let answer = answer(&privileges, "read shop.orders", 0);
    let actions = |kind: IndirectKind| {
        let way = answer.indirect.iter().find(|way| way.kind == kind).unwrap();
        way.ways.iter().map(|way| way.action.name()).collect::<Vec<_>>()
    };
    assert_eq!(actions(IndirectKind::Profiler), ["find", "enableProfiler"]);
    assert_eq!(actions(IndirectKind::QueryValues), ["getLog"]);
}

#[test]
fn ways_on_a_cluster_take_a_cluster_that_lets_the_user_in() {
    let own = [role("mine", &["GET_LOG cluster"])];
    let (values, open) = ("no, query-values", "no, perhaps more");
    let question = "read shop.orders";
    let cases: &[(&[&str], &str)] = &[
        (&[], values),
        (&["CLUSTER dev"], values),
        (&["CLUSTER gone"], "no"),
        (&["STREAM flow"], "no"),
        (&["DATA_LAKE lake"], "no"),
        (&["SEARCH x"], open),
    ];
    by_scope(&["mine"], &own, question, &|_| {}, cases);
    // Into what is yet to come, too.
    let none = |project: &mut Project| project.clusters = known(&json!([]));
    by_scope(&["mine"], &own, question, &none, &[(&[], values), (&["CLUSTER dev"], "no")]);
    // A cluster of a list that nobody could read may be there.
    let unread = |project: &mut Project| project.clusters = refused();
    let cases: &[(&[&str], &str)] = &[(&[], values), (&["CLUSTER gone"], open), (&["DATA_LAKE lake"], "no")];
    by_scope(&["mine"], &own, question, &unread, cases);
}

#[test]
fn workspaces_that_could_not_be_read_matter_to_who_may_enter_them() {
    let own = [role("runner", &["PROCESS_STREAM_PROCESSOR cluster"])];
    let unread = |project: &mut Project| project.stream_workspaces = refused();
    let cases: &[(&[&str], &str)] =
        &[(&[], "no, perhaps more"), (&["STREAM flow"], "no, perhaps more"), (&["CLUSTER prod"], "no")];
    by_scope(&["runner"], &own, "write shop.orders on prod", &unread, cases);
    let own = [role("mapper", &["STORAGE_SET_CONFIG cluster"])];
    let unread = |project: &mut Project| project.federated_databases = refused();
    let cases: &[(&[&str], &str)] =
        &[(&[], "no, perhaps more"), (&["DATA_LAKE lake"], "no, perhaps more"), (&["CLUSTER prod"], "no")];
    by_scope(&["mapper"], &own, "read shop.orders on prod", &unread, cases);
}

#[test]
fn actions_that_nobody_knows_matter_to_services_that_the_user_may_enter() {
    let own = [role("m", &["NEW_THING ."])];
    // No ordinary grant is about `config`, so that only the services are left.
    let question = "read config.x on prod";
    let (open, no) = ("no, perhaps more", "no");
    let cases: &[(&[&str], &str)] = &[
        (&[], open),
        (&["STREAM flow"], open),
        (&["DATA_LAKE lake"], open),
        (&["CLUSTER prod"], no),
        (&["STREAM gone"], no),
    ];
    by_scope(&["m"], &own, question, &|_| {}, cases);
    let none = |project: &mut Project| {
        project.stream_workspaces = known(&json!([]));
        project.federated_databases = known(&json!([]));
    };
    by_scope(&["m"], &own, question, &none, &[(&[], no)]);
    let unread = |project: &mut Project| {
        project.stream_workspaces = refused();
        project.federated_databases = known(&json!([]));
    };
    let cases: &[(&[&str], &str)] =
        &[(&[], open), (&["STREAM flow"], open), (&["DATA_LAKE lake"], no), (&["CLUSTER prod"], no)];
    by_scope(&["m"], &own, question, &unread, cases);
}

#[test]
fn a_connection_does_what_its_role_does_where_it_leads() {
    let own = [
        role("runner", &["PROCESS_STREAM_PROCESSOR cluster"]),
        role("watcher", &["CHANGE_STREAM shop."]),
        role("reader", &["FIND shop."]),
    ];
    let project = |connections: Value| {
        let mut project = project(&json!([user(&["runner"])]), &Value::from(own.to_vec()));
        connect(&mut project, &connections);
        project
    };
    let to = |role: &str, more: Value| {
        let mut connection =
            json!({ "name": "c", "type": "Cluster", "clusterName": "prod", "dbRoleToExecute": { "role": role } });
        for (name, value) in more.as_object().unwrap() {
            connection[name] = value.clone();
        }
        json!([connection])
    };
    let question = "read shop.orders on prod";
    assert_eq!(asked(&project(to("watcher", json!({}))), question), "no");
    assert_eq!(asked(&project(to("reader", json!({}))), question), "no, stream-processor/c");
    assert_eq!(asked(&project(to("reader", json!({}))), "read shop.orders on dev"), "no");
    assert_eq!(asked(&project(to("reader", json!({}))), "read shop.orders"), "no, stream-processor/c");
    // Its own project's id, or none, is its own project.
    for id in ["p", ""] {
        assert_eq!(asked(&project(to("reader", json!({ "clusterGroupId": id }))), question), "no, stream-processor/c");
    }
    assert_eq!(asked(&project(to("reader", json!({ "clusterGroupId": "q" }))), question), "no");
    // Where it leads is not told.
    for asked_of in [question, "read shop.orders"] {
        assert_eq!(asked(&project(to("reader", json!({ "clusterName": null }))), asked_of), "no, perhaps more");
    }
    // A federated database is no cluster.
    assert_eq!(asked(&project(to("reader", json!({ "clusterName": "lake" }))), "read shop.orders on lake"), "no");
}

#[test]
fn samples_show_what_a_processor_reads_as_far_as_it_is_told() {
    let project = |processors: Value| {
        let mut project =
            project(&json!([user(&["sampler"])]), &json!([role("sampler", &["SAMPLE_STREAM_PROCESSOR cluster"])]));
        project.stream_workspaces.known_mut().unwrap()[0].processors = known(&processors);
        project
    };
    let stage = |operator: &str, more: Value| {
        let mut stage = json!({ "connectionName": "toProd" });
        for (name, value) in more.as_object().unwrap() {
            stage[name] = value.clone();
        }
        json!([{ "name": "p", "pipeline": [{ operator: stage }] }])
    };
    let question = "read shop.orders on prod";
    for (processors, expected) in [
        (json!([]), "no"),
        (json!([{ "name": "p" }]), "no, stream-sample?/flow"),
        (stage("$source", json!({})), "no, stream-sample/flow"),
        (stage("$source", json!({ "db": "shop" })), "no, stream-sample/flow"),
        (stage("$source", json!({ "db": "crm" })), "no"),
        (stage("$source", json!({ "db": "shop", "coll": "items" })), "no"),
        (stage("$merge", json!({ "db": "shop", "coll": "orders" })), "no"),
        (stage("$source", json!({ "connectionName": "kafka" })), "no"),
    ] {
        assert_eq!(asked(&project(processors.clone()), question), expected, "{processors}");
    }
    assert_eq!(asked(&project(json!([{ "name": "p" }])), "read shop.orders on lake"), "no");
}

#[test]
fn what_is_being_deleted_or_atlass_own_is_no_place() {
    let mut project = project(&json!([scoped(&["read@shop"], &["CLUSTER gone"])]), &json!([]));
    project.clusters = known(&json!([
        { "name": "prod" },
        { "name": "gone", "stateName": "DELETED" },
        { "name": "own", "internalClusterRole": "SYSTEM_CLUSTER" },
        { "name": "idle", "stateName": "IDLE", "internalClusterRole": "NONE" },
    ]));
    project.flex_clusters =
        known(&json!([{ "name": "flex", "stateName": "IDLE" }, { "name": "bent", "stateName": "DELETED" }]));
    let clusters = |project: &Project| {
        let places = Places::of(project);
        places
            .known
            .iter()
            .filter(|place| place.kind == PlaceKind::Cluster)
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(clusters(&project), ["flex", "idle", "prod"]);
    let dangling = |project: &Project| {
        let privileges = Privileges::of(project, now());
        answer(&privileges, "read shop.orders", 0).notes.iter().any(|note| matches!(note, Note::Dangling(_)))
    };
    assert!(dangling(&project));
    // Whether it is there, nobody knows.
    project.clusters = refused();
    assert!(!dangling(&project));
}

#[test]
fn an_answer_is_yes_by_any_way_and_undecided_by_any_doubt() {
    let own =
        json!([role("logs", &["GET_LOG cluster"]), role("l", &["< gone"]), role("both", &["FIND shop.", "< gone"]),]);
    let users = json!([user(&["read@shop"]), user(&["logs"]), user(&["read@crm"]), user(&["l"]), user(&["both"])]);
    let project = project(&users, &own);
    let privileges = Privileges::of(&project, now());
    let told = |index: usize| {
        let answer = answer(&privileges, "read shop.orders", index);
        (answer.is_yes(), answer.is_undecided())
    };
    assert_eq!(
        (0..5).map(told).collect::<Vec<_>>(),
        [(true, false), (true, false), (false, false), (false, true), (true, true),]
    );
    let Direct::Undecided(why) = answer(&privileges, "read shop.orders", 3).direct else { panic!("undecided") };
    assert!(why[0].to_string().contains("gone"), "{why:?}");
    assert_eq!(Undecided::Place("nobody knows".to_owned()).to_string(), "nobody knows");
}

#[test]
fn a_user_is_found_by_its_entry_or_a_copy_of_it() {
    let mut other = user(&["read@shop"]);
    other["username"] = json!("v");
    let project = project(&json!([user(&["read@shop"]), other]), &json!([]));
    let privileges = Privileges::of(&project, now());
    assert!(std::ptr::eq(privileges.project(), &raw const project));
    for entry in project.database_users.known().unwrap() {
        let copy = entry.clone();
        for asked in [entry, &copy] {
            assert_eq!(privileges.user(asked).map(User::key), privileges.user(entry).map(User::key));
            assert_eq!(privileges.user(asked).unwrap().entry.username, entry.username);
        }
    }
    assert!(privileges.user(&crate::snapshot::database_access::DatabaseUser::default()).is_none());
}

#[test]
fn a_namespace_is_written_as_it_is_read_and_a_verb_as_it_is_typed() {
    for text in ["shop", "shop.orders", "shop.system.profile"] {
        assert_eq!(text.parse::<Namespace>().unwrap().to_string(), text);
    }
    assert!("x".repeat(63).parse::<Namespace>().is_ok());
    assert_eq!(Verb::ALL.map(|verb| verb.to_string()), ["read", "write", "destroy", "administer"]);
}

/// The indirect ways of the only user, as told without a question: kind, the path of the first way, what it leads through.
fn overview(project: &Project) -> (Vec<String>, Vec<String>) {
    let privileges = Privileges::of(project, now());
    let overview = privileges.overview(&privileges.users().unwrap()[0]);
    let told = overview.indirect.iter().map(|way| {
        let actions: Vec<_> =
            way.ways.iter().map(|way| format!("{} by {}", way.action, way.path.join(" → "))).collect();
        let unsure = if way.certain { "" } else { "?" };
        let via = way.via.as_ref().map(|via| {
            let parts = [via.connection, via.cluster, via.project, via.role].into_iter().flatten();
            format!(" through {}", std::iter::once(via.place.name).chain(parts).collect::<Vec<_>>().join(" "))
        });
        format!("{}{unsure}: {}{}", way.kind.name(), actions.join(", "), via.unwrap_or_default())
    });
    (told.collect(), overview.indirect_undecided.clone())
}

#[test]
fn an_overview_shows_the_surest_and_shortest_way_to_each_action() {
    let own = [
        role("deep", &["< near"]),
        role("near", &["GET_LOG cluster", "IN_PROG cluster"]),
        role("also", &["GET_LOG cluster"]),
        role("sure", &["< inner"]),
        role("inner", &["FIND admin.system.users"]),
        role("keeper", &["UPDATE admin.system.roles"]),
    ];
    for (roles, expected) in [
        (&["deep", "near"][..], &["query-values: getLog by near, inprog by near"][..]),
        (&["near", "deep"], &["query-values: getLog by near, inprog by near"]),
        (&["deep"], &["query-values: getLog by deep → near, inprog by deep → near"]),
        (&["also", "near"], &["query-values: getLog by also, inprog by near"]),
        (&["keeper"], &["user-documents?: update by keeper"]),
        (&["sure"], &["stored-users?: find by sure → inner"]),
    ] {
        let project = project(&json!([user(roles)]), &Value::from(own.to_vec()));
        let (ways, open) = overview(&project);
        assert_eq!((ways, open.len()), (expected.iter().map(ToString::to_string).collect(), 0), "{roles:?}");
    }
    for roles in [["backup", "sure"], ["sure", "backup"]] {
        let project = project(&json!([user(&roles)]), &Value::from(own.to_vec()));
        let (ways, _) = overview(&project);
        assert!(ways.contains(&"stored-users?: find by sure → inner".to_owned()), "{ways:?}");
    }
}

#[test]
fn an_overview_leads_through_workspaces_and_federated_databases() {
    let own = json!([
        role("runner", &["PROCESS_STREAM_PROCESSOR cluster"]),
        role("sampler", &["SAMPLE_STREAM_PROCESSOR cluster"]),
        role("looker", &["GET_STREAM_PROCESSOR cluster"]),
        role("exporter", &["FIND .", "OUT_TO_S3 .", "VIEW_ALL_HISTORY cluster"]),
        role("blind", &["OUT_TO_S3 ."]),
        role("mapper", &["STORAGE_SET_CONFIG cluster"]),
    ]);
    for (of, expected) in [
        ("runner", &["stream-processor: processStreamProcessor by runner through flow toProd prod atlasAdmin"][..]),
        ("sampler", &["stream-sample: sampleStreamProcessor by sampler through flow"]),
        ("looker", &[]),
        (
            "exporter",
            &[
                "query-values: viewAllHistory by exporter through lake",
                "federation-export: outToS3 by exporter through lake",
            ],
        ),
        ("blind", &[]),
        ("mapper", &["federation-remap?: storageSetConfig by mapper through lake"]),
    ] {
        let project = project(&json!([user(&[of])]), &own);
        let (ways, open) = overview(&project);
        assert_eq!((ways, open.len()), (expected.iter().map(ToString::to_string).collect(), 0), "{of}");
    }
    let mut elsewhere = project(&json!([user(&["runner"])]), &own);
    connect(
        &mut elsewhere,
        &json!([{ "name": "c", "type": "Cluster", "clusterName": "x", "clusterGroupId": "q", "dbRoleToExecute": { "role": "read" } }]),
    );
    assert_eq!(overview(&elsewhere).0, ["stream-processor: processStreamProcessor by runner through flow c x q read"]);
    // What could not be read leaves it open, to who may enter.
    for (of, scope, matters) in [
        ("runner", None, true),
        ("runner", Some("STREAM flow"), true),
        ("runner", Some("CLUSTER prod"), false),
        ("looker", None, false),
        ("mapper", None, true),
        ("mapper", Some("DATA_LAKE lake"), true),
        ("mapper", Some("CLUSTER prod"), false),
    ] {
        let scopes: Vec<&str> = scope.into_iter().collect();
        let mut project = project(&json!([scoped(&[of], &scopes)]), &own);
        project.stream_workspaces = refused();
        project.federated_databases = refused();
        assert_eq!(overview(&project).1.len(), usize::from(matters), "{of} {scope:?}");
    }
}

#[test]
fn a_verb_means_the_actions_of_its_kind() {
    for (verb, of_its_kind, others) in [
        (Verb::Read, &[Action::Find, Action::ChangeStream][..], &[Action::Insert, Action::CollStats][..]),
        (Verb::Write, &[Action::Insert, Action::CreateCollection], &[Action::Find, Action::DropCollection]),
        (
            Verb::Destroy,
            &[Action::DropCollection, Action::DropDatabase, Action::CreateIndex, Action::CollMod],
            &[Action::Find, Action::Compact],
        ),
        (
            Verb::Administer,
            &[Action::CollMod, Action::KillOp, Action::BypassDocumentValidation, Action::StorageSetConfig],
            &[Action::Find, Action::CreateCollection, Action::ServerStatus],
        ),
    ] {
        let actions = verb.actions();
        assert!(of_its_kind.iter().all(|action| actions.contains(*action)), "{verb}");
        assert!(!others.iter().any(|action| actions.contains(*action)), "{verb}");
    }
}
