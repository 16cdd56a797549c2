//! Filters at the limits of what is looked at, and names that collide with those that the model makes up.

use serde_json::json;

use super::super::json::too_deep;
use super::super::{AuditFilter, Coverage, Event};
use super::{steps, word};

fn answer(filter: &str, event: Event) -> &'static str {
    word(&AuditFilter::parse(filter).unwrap().coverage(event, true))
}

fn told(filter: &str, event: Event) -> String {
    match AuditFilter::parse(filter).unwrap().coverage(event, true) {
        Coverage::Some { recorded, missed } => format!("{recorded} / {missed}"),
        Coverage::None { missed } => missed.to_string(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_beginning_is_never_everybody_whatever_word_stands_for_the_others() {
    for prefix in ["s", "some", "someone", "someone1", "someone10", "o", "other", "192", "a", "1"] {
        for path in ["users.user", "roles.role", "roles.db", "param.user", "param.mechanism"] {
            let filter = json!({ path: { "$regex": format!("^{prefix}") } }).to_string();
            assert_eq!(answer(&filter, Event::Login), "some", "{filter}");
            let filter = json!({ path: { "$not": { "$regex": format!("^{prefix}") } } }).to_string();
            assert_eq!(answer(&filter, Event::Login), "some", "{filter}");
        }
        let filter = json!({ "remote.ip": { "$regex": format!("^{prefix}") } }).to_string();
        assert_eq!(answer(&filter, Event::Login), "some", "{filter}");
        let filter = json!({ "param.ns": { "$regex": format!("^{prefix}") } }).to_string();
        assert_eq!(answer(&filter, Event::DropCollection), "some", "{filter}");
        assert_eq!(answer(&filter, Event::DropDatabase), "some", "{filter}");
    }
    // One beginning within another: a name may have the shorter alone.
    for (short, long) in [("some", "somesome"), ("x", "xsomeone"), ("a", "as"), ("a", "asomeone1")] {
        let filter = json!({ "users": { "$elemMatch": {
            "user": { "$regex": format!("^{short}"), "$not": { "$regex": format!("^{long}") } }
        } } })
        .to_string();
        assert_eq!(answer(&filter, Event::Login), "some", "{filter}");
    }
    for name in ["someone", "someone1", "xsomeone12", "someonesomeone3"] {
        let filter = json!({ "users.user": name }).to_string();
        assert_eq!(answer(&filter, Event::Login), "some", "{filter}");
        let filter = json!({ "users.user": { "$ne": name } }).to_string();
        assert_eq!(answer(&filter, Event::Login), "some", "{filter}");
    }
}

#[test]
fn names_beyond_all_that_begin_so_are_found() {
    for prefix in ["~", "\u{d7ff}", "~\u{10ffff}"] {
        let filter = json!({ "users": { "$elemMatch": { "user": { "$gt": prefix, "$not": { "$regex": format!("^{prefix}") } } } } });
        assert_eq!(answer(&filter.to_string(), Event::Login), "some", "{filter}");
    }
}

#[test]
fn what_free_expressions_say_together_is_tried() {
    let free = ["p.0", "p.1", "p.2", "p.3", "p.4"];
    let within =
        |conditions: Vec<serde_json::Value>| json!({ "users": { "$elemMatch": { "$and": conditions } } }).to_string();
    let all =
        |count: usize| free[..count].iter().map(|source| json!({ "user": { "$regex": source } })).collect::<Vec<_>>();
    let but = |source: &str| json!({ "user": { "$not": { "$regex": source } } });
    for count in 2..=5 {
        assert_eq!(answer(&within(all(count)), Event::Login), "some", "{count}");
        // All of them, and one of them not: nobody.
        for denied in &free[..count] {
            let mut conditions = all(count);
            conditions.push(but(denied));
            assert_eq!(answer(&within(conditions), Event::Login), "none", "{count} {denied}");
        }
        // The others without one.
        let mut others = all(count);
        others.remove(0);
        others.push(but(free[0]));
        assert_eq!(answer(&within(others), Event::Login), "some", "{count}");
    }
}

#[test]
fn brackets_are_counted_where_they_are_brackets() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(!too_deep(&nested(100)) && too_deep(&nested(101)));
    let braces = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    assert!(!too_deep(&braces(100)) && too_deep(&braces(101)));
    // One after the other, or within a text, they are not deep.
    assert!(!too_deep(&format!("[{}]", vec!["[]"; 500].join(","))));
    assert!(!too_deep(&format!("{{{}}}", vec![r#""a":{}"#; 500].join(","))));
    assert!(!too_deep(&format!(r#"["{}"]"#, "[".repeat(500))));
    assert!(!too_deep(&format!(r#"["\"{}"]"#, "[".repeat(500))));
    assert!(!too_deep(&format!(r#"["{}",1]"#, "]".repeat(500))));
    // A text that ends in a backslash is over after it, and so is one after an escaped quote.
    assert!(too_deep(&format!(r#"["\\",{}]"#, nested(100))));
    assert!(too_deep(&format!(r#"["\"",{}]"#, nested(100))));
    assert!(too_deep(&format!(r#"["]]]]",{}]"#, nested(100))));
    assert!(too_deep(&format!(r"[\{}]", nested(100))), "a stray backslash escapes nothing");
}

#[test]
fn lists_and_paths_and_texts_are_looked_at_up_to_a_length() {
    assert_eq!(answer(r#"{"users":{"$size":11}}"#, Event::Login), "some");
    assert_eq!(answer(r#"{"users":{"$size":12}}"#, Event::Login), "undecided");
    let path = |parts: usize| format!(r#"{{"{}":1}}"#, vec!["a"; parts].join("."));
    assert_eq!(answer(&path(50), Event::Login), "none");
    assert_eq!(answer(&path(51), Event::Login), "undecided");
    assert_eq!(answer(r#"{"a\u0000b":1}"#, Event::Login), "undecided");
    let long = |length: usize| {
        let filter = |padding: usize| format!(r#"{{"atype":"{}"}}"#, "x".repeat(padding));
        filter(length - filter(0).len())
    };
    assert_eq!(answer(&long(256 * 1024), Event::Login), "none");
    assert_eq!(answer(&long(256 * 1024 + 1), Event::Login), "undecided");
}

#[test]
fn operators_take_what_the_server_lets_them_take() {
    for (filter, event, expected) in [
        (r#"{"$comment":"why","atype":"logout"}"#, Event::Logout, "all"),
        (r#"{"foo":{"$exists":0}}"#, Event::Logout, "all"),
        (r#"{"foo":{"$exists":1}}"#, Event::Logout, "none"),
        (r#"{"roles":{"$all":[{"role":"a","db":"x"}]}}"#, Event::Login, "some"),
        (r#"{"roles":{"$all":[{"role":"a"}]}}"#, Event::Login, "none"),
        (r#"{"roles":{"$all":[{"$elemMatch":{"role":"a"},"x":1}]}}"#, Event::Login, "undecided"),
        (
            r#"{"$or":[{"atype":{"$regex":"^LOGOUT$"}},{"atype":{"$regex":"^LOGOUT$","$options":"i"}}]}"#,
            Event::Logout,
            "all",
        ),
        (
            r#"{"$or":[{"atype":{"$regex":"^x$","$options":"i"}},{"atype":{"$regex":"^LOGOUT$","$options":"i"}}]}"#,
            Event::Logout,
            "all",
        ),
    ] {
        assert_eq!(answer(filter, event), expected, "{filter}");
    }
    let alone = AuditFilter::parse(r#"{"atype":{"$options":"i"}}"#).unwrap();
    assert_eq!(alone.undecided(), Some("`$options` stands without `$regex`"));
}

#[test]
fn fields_that_every_event_has_are_there() {
    for (filter, expected) in [
        (r#"{"uuid":{"$exists":true}}"#, "all"),
        (r#"{"uuid":{"$type":"binData"}}"#, "all"),
        (r#"{"uuid":{"$binary":{"base64":"AA==","subType":"04"}}}"#, "some"),
        (r#"{"ts":{"$type":"date"}}"#, "all"),
        (r#"{"remote":{"ip":"203.0.113.7","port":1,"x":1}}"#, "some"),
        (r#"{"remote":{"ip":"203.0.113.7","x":1}}"#, "some"),
        (r#"{"users":[{"user":"a","db":"admin"},{"user":"b","db":"$external"}]}"#, "some"),
        (r#"{"users":[{"user":"a","dbx":"admin"}]}"#, "none"),
        (r#"{"users":[{"userx":"a","db":"admin"}]}"#, "none"),
        (r#"{"users":[{"user":1,"db":"admin"}]}"#, "none"),
    ] {
        assert_eq!(answer(filter, Event::Logout), expected, "{filter}");
    }
}

#[test]
fn whole_documents_are_those_that_the_event_can_have() {
    for (filter, event, expected) in [
        (r#"{"param":{"command":"find","ns":"a.b","args":{}}}"#, Event::AuthCheckAllowed, "some"),
        (r#"{"param":{"user":"a","db":"admin","mechanism":"X","ns":"y"}}"#, Event::Login, "none"),
        (r#"{"param":{"user":"a","db":"admin","mechanism":"X","zzz":"y"}}"#, Event::Login, "some"),
        (r#"{"param":{"ns":"shop","zzz":1}}"#, Event::DropDatabase, "none"),
        (r#"{"param":{"user":"a","db":"x","customData":{}}}"#, Event::CreateUser, "some"),
        (r#"{"param":{"db":"x","user":"a"}}"#, Event::CreateUser, "none"),
        (r#"{"param":{"operation":"x","ns":"y"}}"#, Event::DirectAuthMutation, "some"),
        (r#"{"param":{"user":1,"db":"x"}}"#, Event::CreateUser, "none"),
        (r#"{"param":{"user":"a"}}"#, Event::CreateUser, "none"),
        // Nothing but the name of the database can stand there.
        (
            r#"{"atype":"dropDatabase","$or":[{"param":{"ns":"shop"}},{"param.ns":{"$ne":"shop"}}]}"#,
            Event::DropDatabase,
            "all",
        ),
    ] {
        assert_eq!(answer(filter, event), expected, "{filter}");
    }
}

#[test]
fn an_event_is_told_by_who_and_what_and_what_it_depends_on() {
    for (filter, event, recorded, missed) in [
        (
            r#"{"param.user":"app"}"#,
            Event::LoginFailed,
            r#"authenticate (failed) before any login on param.user "app", param.db "admin", param.mechanism "someMechanism""#,
            r#"authenticate (failed) before any login on param.user "someone", param.db "admin", param.mechanism "someMechanism""#,
        ),
        (
            r#"{"param.role":"x"}"#,
            Event::CreateRole,
            r#"createRole by anyone on param.role "x", param.db "something""#,
            r#"createRole by anyone on param.role "someRole", param.db "something""#,
        ),
        (
            r#"{"param.command":"find"}"#,
            Event::AuthCheckRefused,
            r#"authCheck (refused) by anyone on param.command "find""#,
            r#"authCheck (refused) by anyone on param.command "someCommand""#,
        ),
        (
            r#"{"param.ns":"a.b"}"#,
            Event::AuthCheckRefused,
            r#"authCheck (refused) by anyone on param.command "someCommand", param.ns "a.b""#,
            r#"authCheck (refused) by anyone on param.command "someCommand", param.ns "other.things""#,
        ),
        (
            r#"{"param.ns":{"$exists":true}}"#,
            Event::AuthCheckRefused,
            r#"authCheck (refused) by anyone on param.command "someCommand", param.ns "other.things""#,
            r#"authCheck (refused) by anyone on param.command "someCommand", no param.ns"#,
        ),
        (
            r#"{"param.ns":"shop"}"#,
            Event::DropDatabase,
            r#"dropDatabase by anyone on param.ns "shop""#,
            r#"dropDatabase by anyone on param.ns "someDatabase""#,
        ),
        (
            r#"{"users":[]}"#,
            Event::Startup,
            "startup by nobody logged in",
            r#"startup by {user: "someone", db: "admin"}"#,
        ),
        (
            r#"{"roles":[]}"#,
            Event::Logout,
            "logout by anyone without roles",
            r#"logout by anyone with roles [{role: "someRole", db: "someDatabase"}]"#,
        ),
        (
            r#"{"result":26}"#,
            Event::DropCollection,
            "dropCollection by anyone, result 26",
            "dropCollection by anyone, result 0",
        ),
        (
            r#"{"users.user":{"$regex":"x.y"}}"#,
            Event::Logout,
            r#"logout by {user: "xay", db: "admin"}"#,
            r#"logout by {user: "someone", db: "admin"}"#,
        ),
        // The word for everybody else begins as no expression does.
        (
            r#"{"users.user":{"$regex":"^some"}}"#,
            Event::Logout,
            r#"logout by {user: "someasomeone", db: "admin"}"#,
            r#"logout by {user: "asomeone", db: "admin"}"#,
        ),
    ] {
        assert_eq!(told(filter, event), format!("{recorded} / {missed}"), "{filter}");
    }
    let open = r#"authCheck (allowed) by anyone on param.command "someCommand", depending on param.args.ordered"#;
    for filter in [
        r#"{"param.args.ordered":true}"#,
        r#"{"param.args.ordered":true,"atype":"authCheck"}"#,
        r#"{"$nor":[{"param.args.ordered":true},{"result":18}]}"#,
    ] {
        assert_eq!(told(filter, Event::AuthCheckAllowed), format!("{open} / {open}"), "{filter}");
    }
}

#[test]
fn work_is_counted_and_a_filter_without_conditions_is_hardly_any() {
    let of = |filter: &str| steps(&AuditFilter::parse(filter).unwrap(), Event::Logout).1;
    let (none, one, more) = (of("{}"), of(r#"{"users.user":"a"}"#), of(r#"{"users.user":"a","roles.role":"b"}"#));
    assert!(none < one && one < more, "{none} {one} {more}");
}
