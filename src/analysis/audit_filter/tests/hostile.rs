//! Nobody can hang a scan by a filter: however it is written, the answer comes after a bounded number of steps. Steps
//! are counted and not the time, which says more of the machine than of the filter.

use super::{
    super::{AuditFilter, Coverage, Event, coverage::MOST_STEPS},
    steps, word,
};

/// What a question may overshoot its limit by: the limit is looked at between the candidates, and each is tried on
/// every condition of the filter.
const OVERSHOOT: u64 = 100_000;

/// Asks in a thread with little stack, so that unbounded recursion shows. The most steps that an answer took, and
/// whether any was given.
fn ask(filter: String) -> (u64, bool) {
    let run = move || {
        let Ok(parsed) = AuditFilter::parse(&filter) else { return (0, false) };
        let shown: String = filter.chars().take(80).collect();
        let mut most = 0;
        let mut decided = false;
        for event in [Event::LoginFailed, Event::Login, Event::AuthCheckAllowed, Event::DropCollection, Event::AddShard]
        {
            let (answer, taken) = steps(&parsed, event);
            decided |= !matches!(answer, Coverage::Undecided(_));
            assert!(taken <= MOST_STEPS + OVERSHOOT, "{taken} steps for {event}: {shown}…");
            most = most.max(taken);
        }
        (most, decided)
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap()
}

fn bounded(filter: String) {
    ask(filter);
}

#[test]
fn no_filter_takes_more_than_its_steps_or_overflows_the_stack() {
    let many = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<Vec<_>>().join(",");
    bounded("[".repeat(100_000));
    bounded(r#"{"a":"#.repeat(10_000));
    for depth in [45, 10_000] {
        bounded(format!(r#"{}{{"atype":"x"}}{}"#, r#"{"$and":["#.repeat(depth), "]}".repeat(depth)));
        bounded(format!(r#"{}{{"users.user":"x"}}{}"#, r#"{"$nor":["#.repeat(depth), "]}".repeat(depth)));
        bounded(format!(r#"{{"users":{}1{}}}"#, r#"{"$elemMatch":{"a":"#.repeat(depth), "}}".repeat(depth)));
        bounded(format!(r#"{{"users.user":{}{{"$eq":"a"}}{}}}"#, r#"{"$not":"#.repeat(depth), "}".repeat(depth)));
    }
    for path in ["users.user", "roles.role", "param.ns", "remote.ip", "param.x"] {
        bounded(format!(r#"{{"{path}":{{"$in":[{}]}}}}"#, many(5_000, &|n| format!("\"name{n}\""))));
        bounded(format!(r#"{{"$or":[{}]}}"#, many(1_500, &|n| format!(r#"{{"{path}":"name{n}"}}"#))));
        bounded(format!(r#"{{"$and":[{}]}}"#, many(1_500, &|n| format!(r#"{{"{path}":"name{n}"}}"#))));
        bounded(format!(r#"{{"$and":[{}]}}"#, many(12, &|n| format!(r#"{{"{path}":{{"$regex":"x{n}.y"}}}}"#))));
        bounded(format!(r#"{{"$or":[{}]}}"#, many(12, &|n| format!(r#"{{"{path}":{{"$regex":"\\w{{9{n}}}"}}}}"#))));
        bounded(format!(r#"{{"{path}":{{"$in":[{}]}}}}"#, many(4_000, &|n| format!("\"someone{n}\""))));
        let mixed =
            many(120, &|n| format!(r#"{{"{path}":"n{n}","$or":[{{"users.user":"u{n}"}},{{"roles.db":"r{n}"}}]}}"#));
        bounded(format!(r#"{{"$or":[{mixed}]}}"#));
    }
    let pairs = many(800, &|n| format!(r#"{{"role":"r{n}","db":"d{n}"}}"#));
    bounded(format!(r#"{{"roles":{{"$in":[{pairs}]}}}}"#));
    let address = many(800, &|n| format!(r#"{{"ip":"10.0.0.{n}","port":{n}}}"#));
    bounded(format!(r#"{{"remote":{{"$in":[{address}]}}}}"#));
    bounded(r#"{"users":{"$size":1000000000}}"#.to_owned());
    bounded(r#"{"users.999999999.user":"a"}"#.to_owned());
    for pattern in
        ["(a+)+$", "(a|aa)+$", "(?=(a+)+b)a", "(a+)+\\1$", "a{1000}{1000}", "((((((((((a*)*)*)*)*)*)*)*)*)*)*"]
    {
        let name = "a".repeat(2_000);
        bounded(format!(r#"{{"atype":{{"$regex":"{pattern}"}},"users.user":"{name}"}}"#));
        bounded(format!(r#"{{"users.user":{{"$regex":"{pattern}","$in":["{name}","{name}b"]}}}}"#));
    }
    bounded(format!(r#"{{"atype":{{"$regex":"{}"}}}}"#, "(".repeat(100_000)));
    bounded(format!(r#"{{"atype":{{"$regex":"{}a{}"}}}}"#, "(?:".repeat(400), ")".repeat(400)));
    bounded(format!(r#"{{"{}":1}}"#, "a.".repeat(50_000)));
}

#[test]
fn a_filter_of_ordinary_size_takes_a_small_part_of_the_steps() {
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
    assert_eq!(word(&parsed.coverage(Event::DropCollection, true)), "all");
    assert_eq!(word(&parsed.coverage(Event::AuthCheckRefused, true)), "some");
    assert_eq!(word(&parsed.coverage(Event::Logout, true)), "none");
    assert!(Event::ALL.iter().all(|event| steps(&parsed, *event).1 < MOST_STEPS / 10));
    // Roles by which someone is exempt, one by one.
    let parsed = AuditFilter::parse(&format!(r#"{{"$nor":[{}]}}"#, roles.join(","))).unwrap();
    assert_eq!(word(&parsed.coverage(Event::Login, true)), "some");
    assert_eq!(word(&parsed.coverage(Event::LoginFailed, true)), "all");
}

fn many(count: usize, one: &dyn Fn(usize) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().join(",")
}

#[test]
fn clauses_beyond_all_measure_are_given_up_and_not_guessed() {
    // Each user, role and command apart: as many combinations as one likes.
    let clause = |n: usize| {
        format!(
            r#"{{"$and":[{{"users.user":"u{n}"}},{{"roles.role":"r{n}"}},{{"param.command":"c{n}","param.ns":"d.c{n}"}},{{"remote.ip":"10.0.0.{n}"}}]}}"#
        )
    };
    for (operator, count) in [("$or", 40), ("$nor", 40), ("$or", 400)] {
        let (taken, _) = ask(format!(r#"{{"{operator}":[{}]}}"#, many(count, &clause)));
        assert!(taken > MOST_STEPS, "{operator} {count}");
        let parsed = AuditFilter::parse(&format!(r#"{{"{operator}":[{}]}}"#, many(count, &clause))).unwrap();
        let Coverage::Undecided(why) = parsed.coverage(Event::AuthCheckRefused, true) else {
            panic!("{operator} {count}")
        };
        assert!(why.contains("too many combinations"), "{why}");
    }
    // A hundred exemptions by name are many, and no trouble.
    let exempt = |n: usize| format!(r#"{{"users":{{"$elemMatch":{{"user":"robot{n}","db":"admin"}}}}}}"#);
    let (_, decided) = ask(format!(r#"{{"$nor":[{}]}}"#, many(100, &exempt)));
    assert!(decided);
    let (_, decided) = ask(format!(r#"{{"users.user":{{"$nin":[{}]}}}}"#, many(5_000, &|n| format!("\"robot{n}\""))));
    assert!(decided);
}

#[test]
fn nests_cost_what_is_in_them_and_not_what_could_be_made_of_them() {
    let nest = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    let inner = r#"{"users.user":"a","roles.role":"b","param.ns":"c.d"}"#;
    for (open, close) in [
        (r#"{"$or":[{"users.user":"x"},"#, "]}"),
        (r#"{"$and":[{"roles.role":{"$ne":"x"}},"#, "]}"),
        (r#"{"$nor":[{"param.ns":{"$regex":"^x"}},"#, "]}"),
        (r#"{"$nor":[{"$or":[{"users.db":"admin"},"#, "]}]}"),
        (r#"{"$or":[{"$and":[{"remote.port":{"$gt":5}},{"$nor":["#, "]}]}]}"),
    ] {
        let (taken, decided) = ask(nest(open, inner, close, 15));
        assert!(decided && taken < MOST_STEPS / 4, "{taken} {open}");
    }
    // Two branches at every level would be two to the thirtieth leaves, were it not for the length of a filter.
    let mut twice = inner.to_owned();
    for level in 0..9 {
        twice = format!(r#"{{"$or":[{twice},{{"$and":[{twice},{{"users.user":"l{level}"}}]}}]}}"#);
    }
    bounded(twice);
}

#[test]
fn long_names_and_long_filters_cost_by_their_length() {
    let long = "n".repeat(60_000);
    bounded(format!(
        r#"{{"param.user":"{long}","$or":[{}]}}"#,
        many(1_500, &|n| format!(r#"{{"param.mechanism":"m{n}"}}"#))
    ));
    bounded(format!(r#"{{"remote.ip":"{long}","$or":[{}]}}"#, many(1_500, &|n| format!(r#"{{"remote.port":{n}}}"#))));
    bounded(format!(
        r#"{{"users":{{"$elemMatch":{{"user":"{long}"}}}},"$or":[{}]}}"#,
        many(1_500, &|n| format!(r#"{{"users.user":"u{n}"}}"#))
    ));
    let words = many(10_000, &|n| format!("\"word{n}\""));
    assert!(words.len() > 100_000);
    for path in ["atype", "users.user", "roles.db", "param", "param.ns", "remote", "ts", "result", "other"] {
        for operator in ["$in", "$nin", "$all"] {
            bounded(format!(r#"{{"{path}":{{"{operator}":[{words}]}}}}"#));
        }
    }
    let fields = many(8_000, &|n| format!(r#""field{n}":{n}"#));
    bounded(format!(r#"{{"param":{{{fields}}}}}"#));
    bounded(format!("{{{fields}}}"));
    bounded(format!(r#"{{"$or":[{{"param":{{"ns":"a",{fields}}}}},{{"param":{{"ns":"b",{fields}}}}}]}}"#));
    let (taken, decided) = ask(format!(r#"{{"atype":"{}"}}"#, "x".repeat(300_000)));
    assert_eq!((taken, decided), (0, false), "longer than any filter is read");
}

#[test]
fn expressions_that_engines_choke_on_stop_the_question() {
    let names = many(4_000, &|n| format!("\"{}{n}\"", "a".repeat(30)));
    for pattern in ["(?=(a+)+b)a", "(a+)+\\\\1$", "^(?!(a|aa)+c)", "(?=a*a*a*a*b)"] {
        bounded(format!(r#"{{"users.user":{{"$regex":"{pattern}","$in":[{names}]}}}}"#));
        bounded(format!(
            r#"{{"$or":[{{"users.user":{{"$regex":"{pattern}"}}}},{{"users.user":{{"$nin":[{names}]}}}}]}}"#
        ));
    }
    // Many beginnings, and every combination of what five expressions say of each.
    let beginnings = many(40, &|n| {
        let words: Vec<String> = (0..200).map(|word| format!("p{n}x{word}")).collect();
        format!(r#"{{"param.ns":{{"$regex":"^({})"}}}}"#, words.join("|"))
    });
    let free = many(5, &|n| format!(r#"{{"param.ns":{{"$regex":"x.{n}"}}}}"#));
    bounded(format!(r#"{{"$or":[{beginnings},{free}]}}"#));
}
