use std::time::{Duration, Instant};

use super::{
    super::{AuditFilter, Event},
    word,
};

/// Runs in a thread with little stack, so that unbounded recursion shows.
fn within(limit: Duration, filter: String) {
    let run = move || {
        let started = Instant::now();
        if let Ok(parsed) = AuditFilter::parse(&filter) {
            for event in [Event::LoginFailed, Event::Login, Event::AuthCheckAllowed, Event::DropCollection] {
                let _ = parsed.coverage(event, true);
            }
        }
        started.elapsed()
    };
    let elapsed = std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
    // Debug builds are slow, and the machine may be busy.
    assert!(elapsed < limit * 20, "{elapsed:?}");
}

#[test]
fn no_filter_hangs_or_overflows_the_stack() {
    let limit = Duration::from_millis(500);
    let many = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<Vec<_>>().join(",");
    within(limit, "[".repeat(100_000));
    within(limit, r#"{"a":"#.repeat(10_000));
    for depth in [45, 10_000] {
        within(limit, format!(r#"{}{{"atype":"x"}}{}"#, r#"{"$and":["#.repeat(depth), "]}".repeat(depth)));
        within(limit, format!(r#"{}{{"users.user":"x"}}{}"#, r#"{"$nor":["#.repeat(depth), "]}".repeat(depth)));
        within(limit, format!(r#"{{"users":{}1{}}}"#, r#"{"$elemMatch":{"a":"#.repeat(depth), "}}".repeat(depth)));
        within(limit, format!(r#"{{"users.user":{}{{"$eq":"a"}}{}}}"#, r#"{"$not":"#.repeat(depth), "}".repeat(depth)));
    }
    for path in ["users.user", "roles.role", "param.ns", "remote.ip", "param.x"] {
        within(limit, format!(r#"{{"{path}":{{"$in":[{}]}}}}"#, many(5_000, &|n| format!("\"name{n}\""))));
        within(limit, format!(r#"{{"$or":[{}]}}"#, many(1_500, &|n| format!(r#"{{"{path}":"name{n}"}}"#))));
        within(limit, format!(r#"{{"$and":[{}]}}"#, many(1_500, &|n| format!(r#"{{"{path}":"name{n}"}}"#))));
        within(limit, format!(r#"{{"$and":[{}]}}"#, many(12, &|n| format!(r#"{{"{path}":{{"$regex":"x{n}.y"}}}}"#))));
        within(
            limit,
            format!(r#"{{"$or":[{}]}}"#, many(12, &|n| format!(r#"{{"{path}":{{"$regex":"\\w{{9{n}}}"}}}}"#))),
        );
        within(limit, format!(r#"{{"{path}":{{"$in":[{}]}}}}"#, many(4_000, &|n| format!("\"someone{n}\""))));
        let mixed =
            many(120, &|n| format!(r#"{{"{path}":"n{n}","$or":[{{"users.user":"u{n}"}},{{"roles.db":"r{n}"}}]}}"#));
        within(limit, format!(r#"{{"$or":[{mixed}]}}"#));
    }
    let pairs = many(800, &|n| format!(r#"{{"role":"r{n}","db":"d{n}"}}"#));
    within(limit, format!(r#"{{"roles":{{"$in":[{pairs}]}}}}"#));
    let address = many(800, &|n| format!(r#"{{"ip":"10.0.0.{n}","port":{n}}}"#));
    within(limit, format!(r#"{{"remote":{{"$in":[{address}]}}}}"#));
    within(limit, r#"{"users":{"$size":1000000000}}"#.to_owned());
    within(limit, r#"{"users.999999999.user":"a"}"#.to_owned());
    for pattern in
        ["(a+)+$", "(a|aa)+$", "(?=(a+)+b)a", "(a+)+\\1$", "a{1000}{1000}", "((((((((((a*)*)*)*)*)*)*)*)*)*)*"]
    {
        let name = "a".repeat(2_000);
        within(limit, format!(r#"{{"atype":{{"$regex":"{pattern}"}},"users.user":"{name}"}}"#));
        within(limit, format!(r#"{{"users.user":{{"$regex":"{pattern}","$in":["{name}","{name}b"]}}}}"#));
    }
    within(limit, format!(r#"{{"atype":{{"$regex":"{}"}}}}"#, "(".repeat(100_000)));
    within(limit, format!(r#"{{"atype":{{"$regex":"{}a{}"}}}}"#, "(?:".repeat(400), ")".repeat(400)));
    within(limit, format!(r#"{{"{}":1}}"#, "a.".repeat(50_000)));
}

#[test]
fn a_filter_of_ordinary_size_is_answered_at_once() {
    let databases = r#"{"users":{"$elemMatch":{"$or":[{"db":"admin"},{"db":"$external"}]}}}"#;
    let roles: Vec<String> =
        (0..15).map(|n| format!(r#"{{"roles":{{"$elemMatch":{{"role":"r{n}","db":"d{n}"}}}}}}"#)).collect();
    let filter = format!(
        r#"{{"$or":[{{"users":[]}},{{"$and":[{{"$or":[{databases},{}]}},{{"$or":[
            {{"atype":"authCheck","param.command":{{"$in":["find","insert"]}},"param.ns":{{"$regex":"^(a|b)\\."}}}},
            {{"atype":{{"$in":["authenticate","dropCollection"]}}}}]}}]}}]}}"#,
        roles.join(",")
    );
    let parsed = AuditFilter::parse(&filter).unwrap();
    let started = Instant::now();
    assert_eq!(word(&parsed.coverage(Event::DropCollection, true)), "all");
    assert_eq!(word(&parsed.coverage(Event::AuthCheckRefused, true)), "some");
    assert_eq!(word(&parsed.coverage(Event::Logout, true)), "none");
    assert!(started.elapsed() < Duration::from_secs(1));
    // Roles by which someone is exempt, one by one.
    let parsed = AuditFilter::parse(&format!(r#"{{"$nor":[{}]}}"#, roles.join(","))).unwrap();
    assert_eq!(word(&parsed.coverage(Event::Login, true)), "some");
    assert_eq!(word(&parsed.coverage(Event::LoginFailed, true)), "all");
}
