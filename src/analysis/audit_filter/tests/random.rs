//! What is recorded for all matches every event; what is recorded for none matches none.

use serde_json::{Value as Json, json};

use super::super::{AuditFilter, Coverage, Event};

struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        // Xorshift, so that a failure repeats.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

const WORDS: [&str; 12] =
    ["a", "ab", "abc", "b", "admin", "$external", "shop", "shop.orders", "shop.a", "test", "", "find"];
const PATTERNS: [&str; 14] =
    ["^a", "^ab", "b$", "^shop\\.", "^(a|b)$", ".*", "", "[a-c]", "^$", "\\.", "^shop$", "^(?!a)", "o", "^(ab?|shop)"];

fn random_text_test(dice: &mut Dice) -> Json {
    let word = |dice: &mut Dice| dice.pick(&WORDS);
    match dice.below(15) {
        0..=2 => json!(word(dice)),
        3 => json!({"$ne": word(dice)}),
        4 | 5 => json!({"$in": [word(dice), word(dice)]}),
        6 => json!({"$nin": [word(dice), Json::Null]}),
        7 => json!({"$exists": dice.below(2) == 0}),
        8 | 9 => json!({"$regex": dice.pick(&PATTERNS)}),
        10 => json!({"$not": {"$regex": dice.pick(&PATTERNS), "$options": "i"}}),
        11 => json!({(dice.pick(&["$gt", "$gte", "$lt", "$lte"])): word(dice)}),
        12 => json!({"$not": {"$gte": word(dice), "$lt": word(dice)}}),
        13 => dice.pick(&[json!(null), json!({"$type": "string"}), json!({"$in": [null, "a"]}), json!({"$size": 1})]),
        _ => json!({"$gte": word(dice), "$in": [word(dice), word(dice)], "$ne": word(dice)}),
    }
}

fn random_pair(dice: &mut Dice, name: &str) -> Json {
    let first = dice.pick(&["a", "b", "ab"]);
    let database = dice.pick(&["admin", "$external", "shop"]);
    if dice.below(5) == 0 { json!({"db": database, (name): first}) } else { json!({(name): first, "db": database}) }
}

fn random_list_test(dice: &mut Dice, name: &str) -> Json {
    match dice.below(9) {
        0 => json!([]),
        1 => random_pair(dice, name),
        2 => json!([random_pair(dice, name)]),
        3 => json!({"$size": dice.below(4)}),
        4 => json!({"$elemMatch": {(name): random_text_test(dice), "db": random_text_test(dice)}}),
        5 => {
            json!({"$not": {"$elemMatch": {"$or": [{(name): random_text_test(dice)}, {"db": random_text_test(dice)}]}}})
        }
        6 => json!({"$in": [[], random_pair(dice, name)]}),
        7 => json!({"$ne": [random_pair(dice, name), random_pair(dice, name)]}),
        _ => dice.pick(&[json!({"$gt": []}), json!({"$exists": true}), json!({"$type": "object"}), json!(null)]),
    }
}

fn random_condition(dice: &mut Dice) -> Json {
    let paths = [
        "param.ns",
        "param.ns",
        "param.user",
        "param.db",
        "param.command",
        "param.old",
        "param.mechanism",
        "users.user",
        "users.user",
        "users.db",
        "users.db",
        "roles.role",
        "roles.db",
        "users.0.user",
        "users.1.db",
        "remote.ip",
        "atype",
        "foo",
        "param.viewOn",
        "param.args.x",
        "roles.1.role",
        "param.x",
    ];
    match dice.below(12) {
        0 | 1 => json!({"users": random_list_test(dice, "user")}),
        2 => json!({"roles": random_list_test(dice, "role")}),
        3 => {
            json!({"result": dice.pick(&[json!(0), json!({"$ne": 0}), json!({"$gt": 13.5}), json!({"$mod": [2, 0]})])})
        }
        4 => {
            json!({"remote.port": dice.pick(&[json!(5), json!({"$gt": 5, "$lt": 7}), json!({"$mod": [2, 0]}), json!({"$lte": 5.5})])})
        }
        5 => {
            let param = match dice.below(4) {
                0 => json!({"ns": dice.pick(&WORDS)}),
                1 => json!({"user": dice.pick(&["a", "b"]), "db": "admin", "mechanism": "find"}),
                2 => json!({"old": "shop.orders", "new": dice.pick(&["shop.a", "shop"])}),
                _ => {
                    json!({"command": "find", "ns": "shop.orders", "args": {"x": dice.pick(&WORDS)}})
                }
            };
            json!({"param": dice.pick(&[param.clone(), json!({"$ne": param})])})
        }
        6 => {
            json!({"roles.role": {"$all": [dice.pick(&WORDS), dice.pick(&WORDS), dice.pick(&WORDS)]}})
        }
        _ => json!({(dice.pick(&paths)): random_text_test(dice)}),
    }
}

fn random_filter(dice: &mut Dice, depth: usize) -> Json {
    let several =
        |dice: &mut Dice| -> Vec<Json> { (0..=dice.below(3)).map(|_| random_filter(dice, depth - 1)).collect() };
    match dice.below(if depth == 0 { 1 } else { 5 }) {
        0 | 1 => random_condition(dice),
        2 => json!({"$and": several(dice)}),
        3 => json!({"$or": several(dice)}),
        _ => json!({"$nor": several(dice)}),
    }
}

fn random_event(dice: &mut Dice, event: Event) -> Json {
    let words = |dice: &mut Dice| match dice.below(14) {
        12 => "zzz".to_owned(),
        13 => format!("{}x", dice.pick(&WORDS)),
        n => WORDS[n].to_owned(),
    };
    let collection =
        |dice: &mut Dice| dice.pick(&["shop.orders", "shop.a", "shop.ax", "a.b", "test.shop.x", "Shop.q", "abc.9"]);
    let database = |dice: &mut Dice| dice.pick(&["shop", "a", "ab", "test", "abcd", "Zed"]);
    let login = |dice: &mut Dice| dice.pick(&["admin", "$external"]);
    let failed = event == Event::LoginFailed;
    let users: Vec<Json> = if failed {
        Vec::new()
    } else {
        (0..=dice.below(3)).map(|_| json!({"user": words(dice), "db": login(dice)})).collect()
    };
    let roles: Vec<Json> = if failed {
        Vec::new()
    } else {
        (0..dice.below(4)).map(|_| json!({"role": words(dice), "db": words(dice)})).collect()
    };
    let mut result = 0;
    let mut param = match event {
        Event::LoginFailed | Event::Login => {
            json!({"user": words(dice), "db": login(dice), "mechanism": dice.pick(&["find", "SCRAM-SHA-256", "PLAIN"])})
        }
        Event::AuthCheckRefused => json!({"command": words(dice)}),
        Event::DropDatabase => json!({"ns": database(dice)}),
        Event::RenameCollection => json!({"old": collection(dice), "new": collection(dice)}),
        Event::CreateUser => json!({"user": words(dice), "db": words(dice)}),
        Event::ReplSetReconfig => json!({}),
        _ => json!({"ns": collection(dice)}),
    };
    match event {
        Event::LoginFailed => result = dice.pick(&[18, 334, 337]),
        Event::AuthCheckRefused => {
            result = 13;
            if dice.below(3) > 0 {
                param["ns"] = json!(words(dice));
            }
            param["args"] = json!({"x": words(dice)});
        }
        Event::DropCollection => result = dice.pick(&[0, 26]),
        Event::Login | Event::ReplSetReconfig if dice.below(2) == 0 => {
            param["x"] = json!(words(dice));
        }
        Event::CreateCollection if dice.below(2) == 0 => param["viewOn"] = json!(words(dice)),
        _ => {}
    }
    let remote = match dice.below(3) {
        0 => json!({"ip": words(dice), "port": dice.below(9)}),
        1 => json!({"isSystemUser": true}),
        _ => json!({"unix": words(dice)}),
    };
    json!({"atype": event.atype(), "remote": remote, "users": users, "roles": roles, "param": param, "result": result})
}

#[test]
fn random_events_never_contradict_an_answer() {
    let events = [
        Event::LoginFailed,
        Event::Login,
        Event::AuthCheckRefused,
        Event::CreateCollection,
        Event::DropCollection,
        Event::DropDatabase,
        Event::RenameCollection,
        Event::CreateUser,
        Event::ReplSetReconfig,
    ];
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut counts = [0; 4];
    let rounds = 400;
    for _ in 0..rounds {
        let filter = random_filter(&mut dice, 3);
        let parsed = AuditFilter::parse(&filter.to_string()).unwrap();
        assert_eq!(parsed.undecided(), None, "{filter}");
        for event in events {
            let answer = parsed.coverage(event, true);
            let (index, wanted) = match &answer {
                Coverage::All => (0, Some(true)),
                Coverage::None { .. } => (1, Some(false)),
                Coverage::Some { .. } => (2, None),
                Coverage::Undecided(_) => (3, None),
            };
            counts[index] += 1;
            let Some(wanted) = wanted else { continue };
            for _ in 0..40 {
                let concrete = random_event(&mut dice, event);
                let matches = parsed.matches(&concrete);
                assert!(matches.is_none_or(|matches| matches == wanted), "{filter}\n{concrete}\n{answer:?}");
            }
        }
    }
    // The generator is worth its time only while it reaches all answers.
    assert!(counts[..3].iter().all(|count| *count > rounds / 4), "{counts:?}");
    assert!(counts[3] < rounds / 100, "{counts:?}");
}
