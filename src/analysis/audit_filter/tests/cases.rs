use serde_json::{Value as Json, json};

use super::{
    super::{AuditFilter, Coverage, Event, Namespace},
    word,
};

/// The events that the tables speak of, by short names.
const ANSWERED: [(&str, Event); 17] = [
    ("failed", Event::LoginFailed),
    ("login", Event::Login),
    ("refused", Event::AuthCheckRefused),
    ("allowed", Event::AuthCheckAllowed),
    ("createUser", Event::CreateUser),
    ("dropUser", Event::DropUser),
    ("updateUser", Event::UpdateUser),
    ("grantRolesToUser", Event::GrantRolesToUser),
    ("createRole", Event::CreateRole),
    ("createCollection", Event::CreateCollection),
    ("dropCollection", Event::DropCollection),
    ("createIndex", Event::CreateIndex),
    ("dropIndex", Event::DropIndex),
    ("dropDatabase", Event::DropDatabase),
    ("renameCollection", Event::RenameCollection),
    ("logout", Event::Logout),
    ("createDatabase", Event::CreateDatabase),
];

const LOGINS: &str = "failed login";
const CHECKS: &str = "refused allowed";
const PEOPLE: &str = "createUser dropUser updateUser grantRolesToUser createRole";
const COLLECTIONS: &str = "createCollection dropCollection createIndex dropIndex";
/// Everything that a logged-in user causes.
const LOGGED_IN: &str = "login refused allowed createUser dropUser updateUser grantRolesToUser createRole \
     createCollection dropCollection createIndex dropIndex dropDatabase renameCollection logout createDatabase";
const NOT_CHECKS: &str = "failed login createUser dropUser updateUser grantRolesToUser createRole createCollection \
     dropCollection createIndex dropIndex dropDatabase renameCollection logout createDatabase";
const EVERYTHING: &str = "failed login refused allowed createUser dropUser updateUser grantRolesToUser createRole \
     createCollection dropCollection createIndex dropIndex dropDatabase renameCollection logout createDatabase";

/// Checks a filter against the events recorded for all and for some; what is in neither list must be none.
fn expect(id: &str, filter: &str, all: &[&str], some: &[&str]) {
    let parsed = AuditFilter::parse(filter).unwrap();
    let has = |lists: &[&str], name: &str| lists.iter().flat_map(|list| list.split_whitespace()).any(|one| one == name);
    for (name, event) in ANSWERED {
        let wanted = if has(all, name) {
            "all"
        } else if has(some, name) {
            "some"
        } else {
            "none"
        };
        let got = parsed.coverage(event, true);
        assert_eq!(word(&got), wanted, "{id}: {name}: {got:?}");
        let without = parsed.coverage(event, false);
        let wanted = if name == "allowed" { "none" } else { wanted };
        assert_eq!(word(&without), wanted, "{id}: {name} without the flag: {without:?}");
    }
}

fn expect_undecided(filter: &str) -> String {
    let parsed = AuditFilter::parse(filter).unwrap();
    for event in Event::ALL {
        let got = parsed.coverage(*event, true);
        assert_eq!(word(&got), "undecided", "{filter}: {event}: {got:?}");
    }
    assert_eq!(word(&parsed.coverage(Event::AuthCheckAllowed, false)), "none");
    parsed.undecided().unwrap().to_owned()
}

#[test]
fn filters_found_in_the_wild_are_answered_as_expected() {
    expect("F01", "{}", &[EVERYTHING], &[]);
    expect("F01, empty", "", &[EVERYTHING], &[]);
    expect("F02", r#"{"atype":"authenticate"}"#, &[LOGINS], &[]);
    expect("F03", r#"{"$or":[{"users":[]},{"atype":"authenticate"}]}"#, &[LOGINS], &[]);
    expect(
        "F04",
        r#"{"atype":"authenticate","param":{"user":"myClusterAdministrator","db":"admin","mechanism":"SCRAM-SHA-256"}}"#,
        &[],
        &[LOGINS],
    );
    expect(
        "F05",
        r#"{"param":{"mechanism":"SCRAM-SHA-1","db":"admin","user":"auditAdmin"},"atype":"authenticate"}"#,
        &[],
        &[],
    );
    expect("F06", r#"{"atype":["authenticate"]}"#, &[], &[]);
    expect("F07", r#"{"atype":"authCheck","param.command":{"$in":["insert","update","delete"]}}"#, &[], &[CHECKS]);
    expect(
        "F08",
        r#"{"$or":[{"users":[]},{"$and":[{"users":{"$elemMatch":{"$or":[{"db":"admin"}]}}},
            {"atype":{"$in":["authenticate"]}}]}]}"#,
        &["failed"],
        &["login"],
    );
    expect(
        "F09",
        r#"{"$or":[{"users":[]},{"$and":[
            {"$or":[{"users":{"$elemMatch":{"$or":[{"db":"admin"},{"db":"$external"}]}}},
                    {"roles":{"$elemMatch":{"$or":[{"db":"admin"}]}}}]},
            {"$or":[{"atype":"authCheck","param.command":{"$in":["find","insert","update","delete"]}},
                    {"atype":{"$in":["authenticate","createCollection","dropCollection","createIndex","dropIndex",
                        "dropDatabase","createUser","dropUser","updateUser","grantRolesToUser","createRole"]}}]}]}]}"#,
        &[LOGINS, PEOPLE, COLLECTIONS, "dropDatabase"],
        &[CHECKS],
    );
    expect(
        "F10",
        r#"{"atype":{"$in":["createCollection","dropCollection","createIndex","dropIndex","insert","update","remove"]}}"#,
        &[COLLECTIONS],
        &[],
    );
    expect(
        "F11",
        r#"{"atype":{"$in":["authCheck","authenticate"]},"param.command":{"$in":["insert","find","update","delete"]}}"#,
        &[],
        &[CHECKS],
    );
    expect("F12", r#"{"atype":{"$in":["authenticate","authCheck"]},"param.user":"app"}"#, &[], &[LOGINS]);
    expect("F13", r#"{"atype":"authenticate","param.db":"test"}"#, &[], &[]);
    expect(
        "F14",
        r#"{"atype":{"$in":["createCollection","dropCollection"]},"param.ns":{"$regex":"^test\\."}}"#,
        &[],
        &["createCollection dropCollection"],
    );
    expect("F15", r#"{"param.ns":{"$regex":"^shop\\."}}"#, &[], &[CHECKS, COLLECTIONS]);
    expect("F16", r#"{"roles":{"role":"readWrite","db":"test"}}"#, &[], &[LOGGED_IN]);
    expect("F17", r#"{"$or":[{"atype":"authenticate"},{"roles.role":"readWrite"}]}"#, &[LOGINS], &[LOGGED_IN]);
    expect(
        "F18",
        r#"{"$and":[{"roles":{"$elemMatch":{"role":"readWriteAll","db":"panamaPapers"}}},
            {"$or":[{"atype":"authCheck","param.command":{"$in":["aggregate","delete","insert","update"]}},
                    {"atype":{"$in":["createCollection","createIndex","dropCollection","dropDatabase","dropIndex",
                        "createUser","dropUser","updateUser","grantRolesToUser"]}}]}]}"#,
        &[],
        &[CHECKS, COLLECTIONS, "createUser dropUser updateUser grantRolesToUser dropDatabase"],
    );
    expect("F19", r#"{"atype":{"$not":{"$in":["authCheck"]}}}"#, &[NOT_CHECKS], &[]);
    expect("F20", r#"{"$nor":[{"users.user":"monitoring"}]}"#, &["failed"], &[LOGGED_IN]);
    expect("F21", r#"{"atype":"dropDatabase","result":0}"#, &["dropDatabase"], &[]);
    expect(
        "F22",
        r#"{"atype":{"$regex":"^(create|drop|grant|revoke|update)"}}"#,
        &[PEOPLE, COLLECTIONS, "dropDatabase createDatabase"],
        &[],
    );
    expect("F24", r#"{"atype":{"$in":["dropdatabase","dropDatabases","Authenticate"]}}"#, &[], &[]);
    expect("F25", r#"{"result":{"$ne":0}}"#, &["failed refused"], &["dropCollection createIndex"]);
    expect("F26", r#"{"users.user":{"$exists":true}}"#, &[LOGGED_IN], &[]);
    expect("F28", r#"{"users":{"$size":0}}"#, &["failed"], &[]);
    expect("F30", r#"{"atype":"dropDatabase","users":{"$elemMatch":{"db":"admin"}}}"#, &[], &["dropDatabase"]);
}

#[test]
fn a_key_that_stands_twice_leaves_everything_undecided() {
    // F23
    let text = r#"{"atype":"authenticate","atype":"dropDatabase"}"#;
    assert!(expect_undecided(text).contains("atype"));
    assert_eq!(AuditFilter::parse(text).unwrap().duplicate_keys(), ["atype"]);
    let nested = r#"{"$or":[{"users":[]},{"param.ns":{"$ne":"a.b","$ne":"c.d"}}]}"#;
    expect_undecided(nested);
    assert_eq!(AuditFilter::parse(nested).unwrap().duplicate_keys(), ["$ne"]);
    assert!(AuditFilter::parse(r#"{"a":{"x":1},"b":{"x":1}}"#).unwrap().duplicate_keys().is_empty());
}

#[test]
fn an_invalid_query_leaves_everything_undecided() {
    // F27
    assert!(expect_undecided(r#"{"$and":[]}"#).contains("`$and` is empty"));
    for invalid in [
        r#"{"$or":[]}"#,
        r#"{"$nor":[]}"#,
        r#"{"$or":{"atype":"x"}}"#,
        r#"{"$and":["authenticate"]}"#,
        r#"{"atype":{"$eq":"authenticate","other":1}}"#,
        r#"{"atype":{"other":1,"$eq":"authenticate"}}"#,
        r#"{"atype":{"$is":"authenticate"}}"#,
        r#"{"atype":{"$in":"authenticate"}}"#,
        r#"{"atype":{"$in":[{"$regex":"^a"}]}}"#,
        r#"{"atype":{"$nin":[{"$eq":"a"}]}}"#,
        r#"{"atype":{"$regex":"("}}"#,
        r#"{"atype":{"$regex":"a","$options":"g"}}"#,
        r#"{"atype":{"$options":"i"}}"#,
        r#"{"atype":{"$regex":["a"]}}"#,
        r#"{"atype":{"$not":"authenticate"}}"#,
        r#"{"atype":{"$not":{}}}"#,
        r#"{"atype":{"$not":{"plain":1}}}"#,
        r#"{"$not":{"atype":"authenticate"}}"#,
        r#"{"users":{"$size":-1}}"#,
        r#"{"users":{"$size":"0"}}"#,
        r#"{"users":{"$size":0.5}}"#,
        r#"{"users":{"$elemMatch":"admin"}}"#,
        r#"{"users":{"$elemMatch":{"user":"a","$or":[]}}}"#,
        r#"{"users":{"$elemMatch":{"$gt":1,"user":"a"}}}"#,
        r#"{"users":{"$all":[{"$elemMatch":{"db":"admin"}},"a"]}}"#,
        r#"{"users":{"$all":"admin"}}"#,
        r#"{"result":{"$mod":[0,1]}}"#,
        r#"{"result":{"$mod":[2]}}"#,
        r#"{"result":{"$mod":[2,1,0]}}"#,
        r#"{"result":{"$type":"integer"}}"#,
        r#"{"result":{"$type":[]}}"#,
        r#"{"result":{"$exists":"yes"}}"#,
        r#"{"result":{"$gt":{"a":1}}}"#,
        r#"{"ts":{"$gte":{"$date":"yesterday"}}}"#,
        r#"{"result":{"$numberInt":"x"}}"#,
        r#"{"param":{"a":{"$gt":1}}}"#,
        "[]",
        "null",
        "\"authenticate\"",
        "3",
    ] {
        expect_undecided(invalid);
    }
}

#[test]
fn a_query_beyond_the_grammar_leaves_everything_undecided() {
    for (beyond, named) in [
        (r#"{"$expr":{"$eq":["$atype","authenticate"]}}"#, "$expr"),
        (r#"{"$where":"true"}"#, "$where"),
        (r#"{"$jsonSchema":{}}"#, "$jsonSchema"),
        (r#"{"$text":{"$search":"a"}}"#, "$text"),
        (r#"{"atype":"authenticate","$or":[{"a":1},{"$expr":true}]}"#, "$expr"),
        (r#"{"users":{"$elemMatch":{"$where":"1"}}}"#, "$where"),
        (r#"{"remote.ip":{"$bitsAllSet":1}}"#, "$bitsAllSet"),
        (r#"{"atype":{"$regularExpression":{"pattern":"^a","options":""}}}"#, "$regularExpression"),
    ] {
        assert!(expect_undecided(beyond).contains(named), "{beyond}");
    }
}

#[test]
fn a_text_that_is_not_json_is_unreadable() {
    // F29
    let quotes = "{ 'atype': 'authenticate', 'param': { 'user': 'auditAdmin', 'db': 'admin' }}";
    for text in [quotes, "{atype:\"authenticate\"}", "{", "{} {}", "   ", "{\"atype\":/^a/}"] {
        let error = AuditFilter::parse(text).unwrap_err();
        assert!(error.to_string().starts_with("the audit filter is not JSON"), "{text}");
    }
}

#[test]
fn arrays_are_searched_by_element_and_negated_as_a_whole() {
    expect("only $external", r#"{"users.db":{"$ne":"admin"}}"#, &["failed"], &[LOGGED_IN]);
    expect("both databases", r#"{"users.db":{"$in":["$external","admin"]}}"#, &[LOGGED_IN], &[]);
    expect("neither", r#"{"users.db":{"$nin":["$external","admin"]}}"#, &["failed"], &[]);
    expect("another database", r#"{"users.db":"test"}"#, &[], &[]);
    // By two different elements.
    expect("two users", r#"{"$and":[{"users.user":"a"},{"users.user":"b"}]}"#, &[], &[LOGGED_IN]);
    expect("one user, two names", r#"{"users":{"$elemMatch":{"$and":[{"user":"a"},{"user":"b"}]}}}"#, &[], &[]);
    expect(
        "bound together or not",
        r#"{"users":{"$not":{"$elemMatch":{"user":"a","db":"admin"}}},"users.user":"a","users.db":"admin"}"#,
        &[],
        &[LOGGED_IN],
    );
    expect("three roles", r#"{"roles.role":{"$all":["a","b","c"]}}"#, &[], &[LOGGED_IN]);
    expect("all of nothing", r#"{"roles.role":{"$all":[]}}"#, &[], &[]);
    expect(
        "all with elements",
        r#"{"roles":{"$all":[{"$elemMatch":{"role":"a"}},{"$elemMatch":{"role":"b","db":"x"}}]}}"#,
        &[],
        &[LOGGED_IN],
    );
    expect("one role, the wrong order", r#"{"roles":{"db":"test","role":"readWrite"}}"#, &[], &[]);
    expect("a whole list", r#"{"users":[{"user":"a","db":"admin"}]}"#, &[], &[LOGGED_IN]);
    expect("a whole list of another database", r#"{"users":[{"user":"a","db":"test"}]}"#, &[], &[]);
    expect("not the empty list", r#"{"users":{"$ne":[]}}"#, &[LOGGED_IN], &[]);
    expect("above the empty list", r#"{"users":{"$gt":[]}}"#, &[LOGGED_IN], &[]);
    expect("at least the empty list", r#"{"users":{"$gte":[]}}"#, &[EVERYTHING], &[]);
    expect("in a list of lists", r#"{"users":{"$in":[[]]}}"#, &["failed"], &[]);
    expect("not in a list of lists", r#"{"users":{"$nin":[[]]}}"#, &[LOGGED_IN], &[]);
    expect("two at most", r#"{"users":{"$size":2}}"#, &[], &[LOGGED_IN]);
    expect("no roles", r#"{"roles":[]}"#, &["failed"], &[LOGGED_IN]);
    expect("any element", r#"{"users":{"$elemMatch":{}}}"#, &[LOGGED_IN], &[]);
    expect("no element", r#"{"users":{"$not":{"$elemMatch":{"user":{"$exists":true}}}}}"#, &["failed"], &[]);
    expect("an element with two conditions on its text", r#"{"users.user":{"$elemMatch":{"$eq":"a"}}}"#, &[], &[]);
    expect("a type of list", r#"{"users":{"$type":"array"}}"#, &[EVERYTHING], &[]);
    expect("a type of element", r#"{"users":{"$type":"object"}}"#, &[LOGGED_IN], &[]);
    expect(
        "not everyone is in the list",
        r#"{"users":{"$elemMatch":{"user":{"$nin":["monitoring","backup"]}}}}"#,
        &[],
        &[LOGGED_IN],
    );
    expect("either of two halves", r#"{"$or":[{"users.user":"a"},{"users.user":{"$ne":"a"}}]}"#, &[EVERYTHING], &[]);
    // Two users can be logged in, so that the halves do not exclude each other.
    expect("both halves", r#"{"users.user":"a","users":{"$elemMatch":{"user":{"$ne":"a"}}}}"#, &[], &[LOGGED_IN]);
}

#[test]
fn positions_in_a_path_count_elements() {
    expect("the first user", r#"{"users.0.user":"a"}"#, &[], &[LOGGED_IN]);
    expect("a first user", r#"{"users.0":{"$exists":true}}"#, &[LOGGED_IN], &[]);
    expect("no first user", r#"{"users.0":{"$exists":false}}"#, &["failed"], &[]);
    expect("the first has a name", r#"{"users.0.user":{"$exists":true}}"#, &[LOGGED_IN], &[]);
    expect("the second has a name", r#"{"users.1.user":{"$exists":true}}"#, &[], &[LOGGED_IN]);
    expect(
        "first and second differ",
        r#"{"users.0.user":"a","users.1.user":"b","users.0.db":"admin"}"#,
        &[],
        &[LOGGED_IN],
    );
    expect("somewhere but not first", r#"{"users.user":"a","users.0.user":{"$ne":"a"}}"#, &[], &[LOGGED_IN]);
    expect("the first is on neither", r#"{"users.0.db":{"$nin":["admin","$external"]}}"#, &["failed"], &[]);
    expect("no field of that name", r#"{"users.00.user":{"$exists":true}}"#, &[], &[]);
    expect("a position in a document", r#"{"param.0":{"$exists":false}}"#, &[EVERYTHING], &[]);
}

#[test]
fn a_missing_field_is_null_and_unequal_to_everything_else() {
    expect("no such field", r#"{"foo":null}"#, &[EVERYTHING], &[]);
    expect("no such field exists", r#"{"foo":{"$exists":false}}"#, &[EVERYTHING], &[]);
    expect("no such field is not", r#"{"foo.bar":{"$ne":"x"}}"#, &[EVERYTHING], &[]);
    expect("in with null", r#"{"foo":{"$in":["x",null]}}"#, &[EVERYTHING], &[]);
    expect("not null", r#"{"foo":{"$ne":null}}"#, &[], &[]);
    expect("not in with null", r#"{"foo":{"$nin":["x",null]}}"#, &[], &[]);
    expect("at most null", r#"{"foo":{"$lte":null}}"#, &[EVERYTHING], &[]);
    expect("below null", r#"{"foo":{"$lt":null}}"#, &[], &[]);
    expect("no type", r#"{"foo":{"$type":"null"}}"#, &[], &[]);
    expect("not a pattern", r#"{"foo":{"$not":{"$regex":""}}}"#, &[EVERYTHING], &[]);
    expect("an empty pattern", r#"{"foo":{"$regex":""}}"#, &[], &[]);
    expect("atype has no fields", r#"{"atype.x":{"$exists":true}}"#, &[], &[]);
    expect("atype exists", r#"{"atype":{"$exists":true}}"#, &[EVERYTHING], &[]);
    expect("atype is null", r#"{"atype":null}"#, &[], &[]);
    expect("nothing below a string", r#"{"users.user.name":null}"#, &[LOGGED_IN], &[]);
    // An empty array on the way leads nowhere at all: not even to a missing field.
    expect("null below an empty array", r#"{"users.user":null}"#, &[], &[]);
    expect("nothing exists below an empty array", r#"{"users.user":{"$exists":false}}"#, &["failed"], &[]);
    expect("commands", r#"{"param.command":{"$exists":false}}"#, &[NOT_CHECKS], &[]);
    expect("not these commands", r#"{"param.command":{"$nin":["find","getMore"]}}"#, &[NOT_CHECKS], &[CHECKS]);
    expect(
        "an optional field",
        r#"{"param.ns":{"$exists":true}}"#,
        &[COLLECTIONS, "dropDatabase createDatabase"],
        &[CHECKS],
    );
    expect(
        "an optional field is null",
        r#"{"param.viewOn":null,"atype":"createCollection"}"#,
        &[],
        &["createCollection"],
    );
    expect(
        "command is there, args are there",
        r#"{"param.args":{"$exists":true},"param.command":{"$exists":true}}"#,
        &[CHECKS],
        &[],
    );
}

#[test]
fn numbers_compare_by_size_whatever_their_type() {
    for zero in ["0", "0.0", "-0.0", r#"{"$numberInt":"0"}"#, r#"{"$numberLong":"0"}"#, r#"{"$numberDouble":"0.0"}"#] {
        expect(zero, &format!(r#"{{"atype":"dropDatabase","result":{zero}}}"#), &["dropDatabase"], &[]);
        expect(zero, &format!(r#"{{"atype":"dropDatabase","result":{{"$in":[{zero},7]}}}}"#), &["dropDatabase"], &[]);
        expect(zero, &format!(r#"{{"atype":"authenticate","result":{{"$gt":{zero}}}}}"#), &["failed"], &[]);
    }
    expect("text is no number", r#"{"result":"0"}"#, &[], &[]);
    expect("false is no number", r#"{"result":false}"#, &[], &[]);
    expect("below a text", r#"{"result":{"$lt":"a"}}"#, &[], &[]);
    expect("not below a text", r#"{"result":{"$not":{"$lt":"a"}}}"#, &[EVERYTHING], &[]);
    expect("some failures", r#"{"atype":"authenticate","result":18}"#, &[], &["failed"]);
    expect("all failures", r#"{"atype":"authenticate","result":{"$in":[18,334,337]}}"#, &["failed"], &[]);
    expect("between", r#"{"result":{"$gte":13,"$lte":337.5}}"#, &["failed refused"], &["dropCollection createIndex"]);
    expect("even", r#"{"atype":"authenticate","result":{"$mod":[2,0]}}"#, &["login"], &["failed"]);
    expect("an int", r#"{"result":{"$type":"int"}}"#, &[EVERYTHING], &[]);
    expect("a double", r#"{"result":{"$type":"double"}}"#, &[], &[]);
    expect("by number", r#"{"result":{"$type":[1,16]}}"#, &[EVERYTHING], &[]);
    expect("any number", r#"{"result":{"$type":"number"}}"#, &[EVERYTHING], &[]);
    expect("text", r#"{"atype":{"$type":2}}"#, &[EVERYTHING], &[]);
    expect("no size", r#"{"result":{"$size":0}}"#, &[], &[]);
    expect("ports", r#"{"remote.port":{"$gt":1.5,"$lt":2}}"#, &[], &[]);
    expect("a port", r#"{"remote.port":{"$gte":1024}}"#, &[], &[EVERYTHING]);
    expect("a time", r#"{"ts":{"$gte":{"$date":"2026-01-01T00:00:00Z"}}}"#, &[], &[EVERYTHING]);
    expect("a time as text", r#"{"ts":{"$gte":"2026-01-01T00:00:00Z"}}"#, &[], &[]);
    expect(
        "no time",
        r#"{"ts":{"$lt":{"$date":"2026-01-01T00:00:00Z"},"$gte":{"$date":{"$numberLong":"1767225600000"}}}}"#,
        &[],
        &[],
    );
}

#[test]
fn whole_documents_compare_field_by_field_in_order() {
    expect("a database", r#"{"param":{"ns":"shop"}}"#, &[], &["dropDatabase createDatabase"]);
    expect("a collection", r#"{"param":{"ns":"shop.orders"}}"#, &[], &["createCollection dropCollection"]);
    expect("new before old", r#"{"param":{"new":"a.b","old":"c.d"}}"#, &[], &[]);
    expect("old before new", r#"{"param":{"old":"a.b","new":"c.d"}}"#, &[], &["renameCollection"]);
    expect("without args", r#"{"param":{"command":"find","ns":"a.b"}}"#, &[], &[]);
}

#[test]
fn whole_documents_and_their_fields_hang_together() {
    expect(
        "everything but one database, or that one",
        r#"{"atype":"dropDatabase","$or":[{"param":{"$ne":{"ns":"shop"}}},{"param.ns":"shop"}]}"#,
        &["dropDatabase"],
        &[],
    );
    expect(
        "the database and not the document",
        r#"{"atype":"dropDatabase","param.ns":"shop","param":{"$ne":{"ns":"shop"}}}"#,
        &[],
        &[],
    );
    // A login has more fields than these three where the mechanism is external.
    expect(
        "the fields and not the document",
        r#"{"atype":"authenticate","param.user":"a","param.db":"admin","param.mechanism":"PLAIN",
            "param":{"$ne":{"user":"a","db":"admin","mechanism":"PLAIN"}}}"#,
        &[],
        &[LOGINS],
    );
    expect(
        "a login in the wrong database",
        r#"{"param":{"user":"a","db":"test","mechanism":"SCRAM-SHA-256"}}"#,
        &[],
        &[],
    );
    expect(
        "a login without mechanism",
        r#"{"param":{"user":"a","db":"admin"}}"#,
        &[],
        &["createUser dropUser updateUser grantRolesToUser"],
    );
    expect(
        "a login with a further field",
        r#"{"param":{"user":"a","db":"$external","mechanism":"MONGODB-AWS","awsArn":"arn:x"}}"#,
        &[],
        &[LOGINS],
    );
    expect("an address", r#"{"remote":{"ip":"203.0.113.7","port":4711}}"#, &[], &[EVERYTHING]);
    expect("an address in the wrong order", r#"{"remote":{"port":4711,"ip":"203.0.113.7"}}"#, &[], &[]);
    expect("a socket and the server itself", r#"{"remote.ip":"203.0.113.7","remote.isSystemUser":true}"#, &[], &[]);
}

#[test]
fn regular_expressions_are_searched_and_heed_their_options() {
    expect("anywhere", r#"{"atype":{"$regex":"User"}}"#, &["createUser dropUser updateUser grantRolesToUser"], &[]);
    expect("in small letters", r#"{"atype":{"$regex":"^LOGOUT$"}}"#, &[], &[]);
    expect("in any letters", r#"{"atype":{"$regex":"^LOGOUT$","$options":"i"}}"#, &["logout"], &[]);
    expect("options first", r#"{"atype":{"$options":"i","$regex":"^LOGOUT$"}}"#, &["logout"], &[]);
    expect("within", r#"{"atype":{"$regex":"(?i)^LOGOUT$"}}"#, &["logout"], &[]);
    expect("with blanks", r#"{"atype":{"$regex":"^ log out $ # end","$options":"x"}}"#, &["logout"], &[]);
    expect("ahead", r#"{"atype":{"$regex":"^(?!authCheck)"}}"#, &[NOT_CHECKS], &[]);
    expect("slashes are letters", r#"{"atype":{"$regex":"/logout/"}}"#, &[], &[]);
    expect("not", r#"{"atype":{"$not":{"$regex":"^(create|drop|auth|grant|update|rename)"}}}"#, &["logout"], &[]);
    expect("a number is no text", r#"{"result":{"$regex":"0"}}"#, &[], &[]);
    for everything in ["", "^", "$", ".*", "^.*", ".*$", "a*", "(?:)", "^(x|)", "(^|;)"] {
        let filter = json!({"users.user": {"$regex": everything}}).to_string();
        expect(everything, &filter, &[LOGGED_IN], &[]);
    }
    // A name may hold a line end, which the dot does not cross; an empty name has no first letter.
    for free in ["^.*$", ".+", "^[^x]*$", "\\w"] {
        let filter = json!({"users.user": {"$regex": free}}).to_string();
        expect(free, &filter, &[], &[LOGGED_IN]);
    }
    expect("a database by pattern", r#"{"users.db":{"$regex":"^(admin|\\$external)$"}}"#, &[LOGGED_IN], &[]);
    expect(
        "a prefix in any letters",
        r#"{"param.ns":{"$regex":"^shop\\.","$options":"i"}}"#,
        &[],
        &[CHECKS, COLLECTIONS],
    );
    expect(
        "one pattern, asserted and denied",
        r#"{"atype":"dropDatabase","$or":[{"param.ns":{"$regex":"[0-9]"}},{"param.ns":{"$not":{"$regex":"[0-9]"}}}]}"#,
        &["dropDatabase"],
        &[],
    );
    expect(
        "prefixes that contain each other",
        r#"{"atype":"dropCollection","param.ns":{"$regex":"^shop\\.orders","$not":{"$regex":"^shop\\."}}}"#,
        &[],
        &[],
    );
    expect(
        "prefix and constant",
        r#"{"atype":"dropCollection","param.ns":{"$regex":"^shop\\.","$nin":["shop.orders"]}}"#,
        &[],
        &["dropCollection"],
    );
    expect(
        "a constant outside the prefix",
        r#"{"atype":"dropCollection","param.ns":{"$regex":"^shop\\.","$in":["test.orders"]}}"#,
        &[],
        &[],
    );
    expect(
        "exactly",
        r#"{"atype":"dropCollection","param.ns":{"$regex":"^shop\\.orders$","$not":{"$regex":"^shop"}}}"#,
        &[],
        &[],
    );
    for differing in [r"[a&&b]", r"[[a]b]", r"\<a", r"[a--b]", r"\Qa\E"] {
        expect_undecided(&json!({"users.user": {"$regex": differing}}).to_string());
    }
}

#[test]
fn strings_compare_by_order() {
    expect("from a to b", r#"{"users.user":{"$gte":"a","$lt":"b"}}"#, &[], &[LOGGED_IN]);
    expect(
        "an element between two neighbours",
        r#"{"users":{"$elemMatch":{"user":{"$gt":"a","$lt":"a\u0000"}}}}"#,
        &[],
        &[],
    );
    expect("everything", r#"{"users.user":{"$gte":""}}"#, &[LOGGED_IN], &[]);
    expect("nothing", r#"{"users.user":{"$lt":""}}"#, &[], &[]);
    expect("a prefix by order", r#"{"users":{"$elemMatch":{"user":{"$regex":"^ab","$lt":"ab"}}}}"#, &[], &[]);
    expect(
        "a prefix as a range",
        r#"{"users":{"$not":{"$elemMatch":{"user":{"$gte":"ab","$lt":"ac","$not":{"$regex":"^ab"}}}}}}"#,
        &[EVERYTHING],
        &[],
    );
    expect("types", r#"{"atype":{"$gt":"a","$lt":"b"}}"#, &[LOGINS, CHECKS], &[]);
}

#[test]
fn names_that_an_event_cannot_have_are_missing_and_unknown_shapes_stay_open() {
    expect("no user", r#"{"atype":"authCheck","param.user":{"$exists":false}}"#, &[CHECKS], &[]);
    expect("no roles", r#"{"atype":"authenticate","param.roles":{"$exists":false}}"#, &[LOGINS], &[]);
    expect("perhaps", r#"{"atype":"authenticate","param.awsArn":{"$exists":false}}"#, &[], &[LOGINS]);
    expect("args", r#"{"param.args.ordered":true}"#, &[], &[CHECKS]);
    expect("granted", r#"{"atype":"grantRolesToUser","param.roles.role":"root"}"#, &[], &["grantRolesToUser"]);
    expect("proxies", r#"{"intermediates":{"$exists":false}}"#, &[], &[EVERYTHING]);
    let open = [
        Event::AddShard,
        Event::ReplSetReconfig,
        Event::ApplicationMessage,
        Event::SetClusterParameter,
        Event::Startup,
    ];
    for event in open {
        for filter in [
            r#"{"param.x":"y"}"#,
            r#"{"param.x":{"$ne":"y"}}"#,
            r#"{"param.x.y":{"$exists":true}}"#,
            r#"{"$and":[{"param.x":{"$exists":true}},{"param.y":{"$exists":false}}]}"#,
            r#"{"param":{"ns":"a"}}"#,
            r#"{"param":{"$ne":{"ns":"a"}}}"#,
            r#"{"users":[]}"#,
        ] {
            let parsed = AuditFilter::parse(filter).unwrap();
            assert_eq!(word(&parsed.coverage(event, true)), "some", "{filter}: {event}");
        }
        let parsed = AuditFilter::parse(r#"{"param":{"$exists":true},"result":0}"#).unwrap();
        assert_eq!(parsed.coverage(event, true), Coverage::All);
    }
}

#[test]
fn every_event_has_a_name_that_finds_it() {
    for event in Event::ALL {
        assert_eq!(Event::from_name(event.name()), Some(*event));
        let filter = AuditFilter::parse(&json!({"atype": event.atype()}).to_string()).unwrap();
        assert!(filter.coverage(*event, true).is_all());
        for other in Event::ALL.iter().filter(|other| other.atype() != event.atype()) {
            assert_eq!(word(&filter.coverage(*other, true)), "none");
        }
    }
    assert_eq!(Event::of_type("authenticate").count(), 2);
    assert_eq!(Event::of_type("insert").count(), 0);
    assert_eq!(Event::from_name("authCheck (refused)"), Some(Event::AuthCheckRefused));
}

#[test]
fn access_to_data_is_judged_by_command_and_namespace() {
    let ask = |filter: &str, command: &str, namespace: Namespace<'_>| {
        word(&AuditFilter::parse(filter).unwrap().coverage_of_data_access(command, namespace, true))
    };
    let cards = Namespace::Collection("payments.cards");
    let filter =
        r#"{"atype":"authCheck","param.command":{"$in":["find","insert"]},"param.ns":{"$regex":"^payments\\."}}"#;
    assert_eq!(ask(filter, "find", cards), "all");
    assert_eq!(ask(filter, "delete", cards), "none");
    assert_eq!(ask(filter, "find", Namespace::Database("payments")), "all");
    assert_eq!(ask(filter, "find", Namespace::Database("pay")), "none");
    assert_eq!(ask(filter, "find", Namespace::Anywhere), "some");
    assert_eq!(ask(filter, "find", Namespace::Collection("shop.orders")), "none");
    let one = r#"{"param.ns":"payments.cards","users.db":"admin"}"#;
    assert_eq!(ask(one, "find", cards), "some");
    assert_eq!(ask(one, "find", Namespace::Collection("payments.refunds")), "none");
    let but = r#"{"param.ns":{"$ne":"payments.cards"}}"#;
    assert_eq!(ask(but, "find", Namespace::Database("payments")), "some");
    assert_eq!(ask(but, "find", Namespace::Database("shop")), "all");
    assert_eq!(ask(r#"{"param.ns":{"$regex":"cards$"}}"#, "find", cards), "all");
    assert_eq!(ask("{}", "aggregate", Namespace::Anywhere), "all");
    assert_eq!(ask(r#"{"$where":"1"}"#, "find", cards), "undecided");
    let off = AuditFilter::parse("{}").unwrap().coverage_of_data_access("find", cards, false);
    assert_eq!(word(&off), "none");
}

#[test]
fn witnesses_name_what_makes_the_difference() {
    let ask = |filter: &str, event: Event| match AuditFilter::parse(filter).unwrap().coverage(event, true) {
        Coverage::Some { recorded, missed } => format!("{recorded} / {missed}"),
        Coverage::None { missed } => missed.to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!(
        ask(r#"{"atype":"dropDatabase","users":{"$elemMatch":{"db":"admin"}}}"#, Event::DropDatabase),
        r#"dropDatabase by {user: "someone", db: "admin"} / dropDatabase by {user: "someone", db: "$external"}"#
    );
    assert_eq!(
        ask(r#"{"param.ns":{"$regex":"^shop\\."}}"#, Event::DropCollection),
        r#"dropCollection by anyone on param.ns "shop.other" / dropCollection by anyone on param.ns "other.other""#
    );
    assert_eq!(ask(r#"{"atype":"x"}"#, Event::Logout), "logout by anyone");
}

#[test]
fn single_events_are_matched_as_the_server_does() {
    let matches = |filter: Json, event: Json| AuditFilter::parse(&filter.to_string()).unwrap().matches(&event).unwrap();
    let yes = [
        (json!({"a.b": null}), json!({"a": 4})),
        (json!({"a.b": null}), json!({"a": [{"b": 1}, {}]})),
        (json!({"a.b": {"$exists": false}}), json!({"a": []})),
        (json!({"a.b": {"$exists": false}}), json!({"a": [1, 2]})),
        (json!({"a.0.b": null}), json!({"a": [{"b": 1}]})),
        (json!({"a.0": 1}), json!({"a": [1, 2]})),
        (json!({"a.0": 1}), json!({"a": {"0": 1}})),
        (json!({"a.0.1": 2}), json!({"a": [[1, 2]]})),
        (json!({"a": [1, 2]}), json!({"a": [[1, 2], 3]})),
        (json!({"a": {"$elemMatch": {"$gt": 1, "$lt": 3}}}), json!({"a": [2, 9]})),
        (json!({"a": {"$gt": 5, "$lt": 3}}), json!({"a": [2, 9]})),
        (json!({"a": {"$all": [1, [2]]}}), json!({"a": [1, [2]]})),
        (json!({"a": {"$mod": [4, -1]}}), json!({"a": -5})),
        (json!({"a": {"$mod": [4.7, 1]}}), json!({"a": 5.9})),
        (json!({"a": {"$numberLong": "9007199254740993"}}), json!({"a": {"$numberLong": "9007199254740993"}})),
        (json!({"a": {"$lt": 0.5}}), json!({"a": 0})),
        (json!({"a": {"$type": "array"}}), json!({"a": []})),
        (json!({"a": {"$type": 5}}), json!({"a": {"$binary": {"base64": "AA==", "subType": "04"}}})),
        (json!({"a": {"$date": "2026-01-31T00:00:00+01:00"}}), json!({"a": {"$date": "2026-01-30T23:00:00.000Z"}})),
        (json!({"a": {"$oid": "5F000000000000000000000a"}}), json!({"a": {"$oid": "5f000000000000000000000A"}})),
        (json!({"a": {"b": 1.0}}), json!({"a": {"b": 1}})),
    ];
    for (filter, event) in yes {
        assert!(matches(filter.clone(), event.clone()), "{filter} {event}");
    }
    let no = [
        (json!({"a.b": null}), json!({"a": []})),
        (json!({"a.b": null}), json!({"a": [1]})),
        (json!({"a.0": null}), json!({"a": []})),
        (json!({"a.0": 1}), json!({"a": [[1, 2]]})),
        (json!({"a": [1, 2]}), json!({"a": [2, 1]})),
        (json!({"a": {"$ne": 1}}), json!({"a": [1, 2]})),
        (json!({"a": {"$not": {"$gt": 5}}}), json!({"a": [1, 9]})),
        (json!({"a": {"$elemMatch": {"$gt": 5, "$lt": 3}}}), json!({"a": [2, 9]})),
        (json!({"a": {"$elemMatch": {"b": 1}}}), json!({"a": {"b": 1}})),
        (json!({"a": {"$size": 2}}), json!({"a": [[1, 2]]})),
        (json!({"a": {"$gt": "1"}}), json!({"a": 2})),
        (json!({"a": {"$numberLong": "9007199254740993"}}), json!({"a": {"$numberLong": "9007199254740992"}})),
        (json!({"a": {"b": 1, "c": 2}}), json!({"a": {"c": 2, "b": 1}})),
        (json!({"a": {"b": 1}}), json!({"a": {"b": 1, "c": 2}})),
        (json!({"a": {}}), json!({"a": {"b": 1}})),
        (json!({"a": true}), json!({"a": 1})),
    ];
    for (filter, event) in no {
        assert!(!matches(filter.clone(), event.clone()), "{filter} {event}");
    }
}
