//! Everything that one user can do, and sums over grants.

use super::*;

#[test]
fn which_databases_are_written() {
    let roles = [role("mine", &["INSERT a.x", "UPDATE b.", "REMOVE .log", "FIND c.", "< readWrite@d"])];
    let project = project(
        &json!([user(&["mine", "readWrite@a.y"]), user(&["readWriteAnyDatabase"])]),
        &Value::from(roles.to_vec()),
    );
    let privileges = Privileges::of(&project, now());
    let writes = privileges.of_user(&privileges.users().unwrap()[0]).writes();
    assert!(!writes.all);
    let told: Vec<_> = writes
        .databases
        .iter()
        .map(|(database, collections)| match collections {
            None => (*database).to_owned(),
            Some(some) => format!("{database}: {}", some.iter().copied().collect::<Vec<_>>().join(" ")),
        })
        .collect();
    assert_eq!(told, ["a: x y", "b", "d"]);
    assert_eq!(writes.everywhere.iter().copied().collect::<Vec<_>>(), ["log"]);
    assert!(privileges.of_user(&privileges.users().unwrap()[1]).writes().all);
}

#[test]
fn what_touches_a_database() {
    let roles = [role("mine", &["INSERT a.x", "COLL_STATS b.", "GET_LOG cluster", "FIND ."])];
    let project = project(&json!([user(&["mine"])]), &Value::from(roles.to_vec()));
    let privileges = Privileges::of(&project, now());
    let resolved = privileges.of_user(&privileges.users().unwrap()[0]);
    let touching = |database: &str| resolved.touching(database).map(|grant| grant.on.to_string()).collect::<Vec<_>>();
    assert_eq!(touching("a"), ["every ordinary collection", "a.x"]);
    assert_eq!(touching("b"), ["every ordinary collection", "b"]);
    assert!(touching("config").is_empty());
}

#[test]
fn stream_actions_and_where_they_hold() {
    let project = project(&json!([scoped(&["readAnyDatabase"], &["STREAM flow", "STREAM gone"])]), &json!([]));
    let privileges = Privileges::of(&project, now());
    let user = &privileges.users().unwrap()[0];
    let actions = privileges.of_user(user).stream_actions();
    assert!(actions.contains(Action::GetStreamProcessor) && !runs_pipelines(actions));
    let within = user.reach.within(privileges.places(), &[PlaceKind::Workspace]);
    assert_eq!(within, [Place { kind: PlaceKind::Workspace, name: "flow" }]);
    assert!(runs_pipelines(privileges.of_role("readWriteAnyDatabase", None).stream_actions()));
}

#[test]
fn a_role_by_itself() {
    let project = project(&json!([]), &json!([role("sink", &["INSERT shop.orders", "< gone"])]));
    let privileges = Privileges::of(&project, now());
    let sink = privileges.of_role("sink", None);
    assert_eq!((sink.grants.len(), sink.doubts.len()), (1, 1));
    assert_eq!(privileges.of_role("read", None).doubts.len(), 1, "on which database?");
    assert!(privileges.of_role("read", Some("shop")).doubts.is_empty());
}

#[test]
fn everything_that_a_user_can_do() {
    let roles = [role("ops", &["GET_LOG cluster", "FIND local.oplog.rs", "PROCESS_STREAM_PROCESSOR cluster"])];
    let project = project(&json!([user(&["ops"]), scoped(&["ops"], &["CLUSTER dev"])]), &Value::from(roles.to_vec()));
    let privileges = Privileges::of(&project, now());
    let kinds = |user: usize| {
        let overview = privileges.overview(&privileges.users().unwrap()[user]);
        overview.indirect.iter().map(|way| way.kind.name()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(0), ["oplog", "query-values", "stream-processor"]);
    assert_eq!(kinds(1), ["oplog", "query-values"]);
}

#[test]
fn namespaces_end_their_database_at_the_first_dot() {
    let parse = |text: &str| text.parse::<Namespace>().map(|it| (it.database, it.collection.unwrap_or_default()));
    let pair = |database: &str, collection: &str| Ok((database.to_owned(), collection.to_owned()));
    assert_eq!(parse("shop.system.profile"), pair("shop", "system.profile"));
    assert_eq!(parse("local.oplog.rs"), pair("local", "oplog.rs"));
    assert_eq!(parse("shop"), pair("shop", ""));
    assert_eq!(parse("shop."), Err(NamespaceError::NoCollection));
    assert_eq!(parse(".orders"), Err(NamespaceError::NoDatabase));
    assert_eq!(parse("*.orders"), Err(NamespaceError::Character('*')));
    assert_eq!(parse(&"x".repeat(64)), Err(NamespaceError::TooLong));
}
