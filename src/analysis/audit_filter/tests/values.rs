//! What single values match, as the server compares them.

use serde_json::{Value as Json, json};

use super::super::AuditFilter;
use super::super::events::Domain;
use super::super::json::Json as Written;
use super::super::value::Value;

/// Whether `{"a": <condition>}` matches an event in which `a` is that value; nothing where that stays open.
fn matches(condition: &Json, value: &Json) -> Option<bool> {
    let filter = AuditFilter::parse(&json!({ "a": condition }).to_string()).unwrap();
    assert_eq!(filter.undecided(), None, "{condition}");
    filter.matches(&json!({ "a": value }))
}

fn refused(condition: &Json) -> String {
    let filter = AuditFilter::parse(&json!({ "a": condition }).to_string()).unwrap();
    filter.undecided().unwrap_or_else(|| panic!("{condition} is read")).to_owned()
}

#[test]
fn values_of_one_type_are_equal_or_not_and_of_two_never() {
    let (nan, decimal) = (json!({ "$numberDouble": "NaN" }), json!({ "$numberDecimal": "5" }));
    let (least, most) = (json!({ "$minKey": 1 }), json!({ "$maxKey": 1 }));
    let time = |t: u32| json!({ "$timestamp": { "t": t, "i": 1 } });
    let id = |last: char| json!({ "$oid": format!("5f000000000000000000000{last}") });
    for (constant, value, equal) in [
        (json!(true), json!(true), true),
        (json!(true), json!(false), false),
        (json!({ "b": null }), json!({ "b": null }), true),
        (json!({ "b": null }), json!({ "b": 1 }), false),
        (json!({ "b": true }), json!({ "b": true }), true),
        (json!({ "b": true }), json!({ "b": false }), false),
        (json!([null, true]), json!([null, true]), true),
        (json!([null, true]), json!([null, false]), false),
        (nan.clone(), nan.clone(), true),
        (nan.clone(), json!(1), false),
        (json!(1), nan, false),
        (decimal.clone(), json!(5), true),
        (decimal, json!(6), false),
        (least.clone(), least.clone(), true),
        (least, most.clone(), false),
        (most.clone(), most, true),
        (time(1), time(1), true),
        (time(1), time(2), false),
        (id('a'), id('a'), true),
        (id('a'), id('b'), false),
        (json!({ "$binary": "AA==", "$type": "00" }), json!({ "$binary": "AA==", "$type": "00" }), true),
        (json!({ "$date": 1_769_817_600_000_i64 }), json!({ "$date": "2026-01-31T00:00:00Z" }), true),
        (json!({ "$date": 1_769_817_600_001_i64 }), json!({ "$date": "2026-01-31T00:00:00Z" }), false),
    ] {
        assert_eq!(matches(&json!({ "$eq": constant }), &value), Some(equal), "{constant} {value}");
    }
}

#[test]
fn extended_json_that_is_not_well_formed_is_not_guessed() {
    for odd in [
        json!({ "$oid": "5f00000000000000000000" }),
        json!({ "$oid": "5g0000000000000000000001" }),
        json!({ "$oid": "5f0000000000000000000001", "$type": "00" }),
        json!({ "$binary": "AA==", "other": "00" }),
        json!({ "$numberDecimal": "0.1" }),
        json!({ "$numberLong": "1.5" }),
        json!({ "$symbol": "x" }),
    ] {
        assert!(refused(&json!({ "$eq": odd })).contains("extended JSON"), "{odd}");
    }
}

#[test]
fn order_is_within_one_type() {
    let nan = || json!({ "$numberDouble": "NaN" });
    let huge = || json!(1e19);
    for (operator, constant, value, holds) in [
        ("$gt", json!(false), json!(true), true),
        ("$gt", json!(false), json!(false), false),
        ("$gte", json!(false), json!(false), true),
        ("$lt", json!(true), json!(1), false),
        ("$gte", json!(null), json!(null), true),
        ("$lte", json!(null), json!(null), true),
        ("$lt", json!(null), json!(null), false),
        ("$gte", nan(), nan(), true),
        ("$gte", nan(), json!(1), false),
        ("$gte", json!(1), nan(), false),
        ("$lt", nan(), nan(), false),
        ("$gt", json!(7), json!(0.5), false),
        ("$lt", json!(7), json!(0.5), true),
        ("$gt", json!(0), json!(0.5), true),
        ("$gt", json!(-1), json!(-0.5), true),
        ("$lt", json!(0), json!(-0.5), true),
        ("$gt", json!(7), huge(), true),
        ("$lt", json!(7), huge(), false),
        ("$lt", json!(7), json!(-1e19), true),
        ("$gt", json!(7), json!(-1e19), false),
        ("$gt", huge(), json!(7), false),
        ("$lt", huge(), json!(7), true),
        ("$gt", json!("a"), json!("b"), true),
        ("$gt", json!({ "$date": 5 }), json!({ "$date": 6 }), true),
        ("$gt", json!({ "$date": 5 }), json!(6), false),
    ] {
        assert_eq!(matches(&json!({ operator: constant }), &value), Some(holds), "{operator} {constant}: {value}");
    }
    for odd in [json!([1]), json!({ "b": 1 })] {
        assert!(refused(&json!({ "$gt": odd })).contains("compares with a document"), "{odd}");
    }
}

#[test]
fn a_whole_number_is_whole_however_it_is_written() {
    assert_eq!(matches(&json!({ "$size": 2.0 }), &json!([1, 2])), Some(true));
    assert_eq!(matches(&json!({ "$type": 2.0 }), &json!("text")), Some(true));
    // What no long can hold has no remainder.
    assert_eq!(matches(&json!({ "$mod": [4, 3] }), &json!(1e19)), Some(false));
    assert_eq!(matches(&json!({ "$mod": [4, 3] }), &json!(7.9)), Some(true));
    assert_eq!(matches(&json!({ "$mod": [4, 3] }), &json!("7")), Some(false));
}

#[test]
fn every_type_has_a_name_and_a_number() {
    let samples = [
        (1, "double", json!(0.5)),
        (2, "string", json!("text")),
        (3, "object", json!({ "b": 1 })),
        (5, "binData", json!({ "$binary": { "base64": "AA==", "subType": "04" } })),
        (7, "objectId", json!({ "$oid": "5f0000000000000000000001" })),
        (8, "bool", json!(true)),
        (9, "date", json!({ "$date": 5 })),
        (10, "null", json!(null)),
        (16, "int", json!(5)),
        (17, "timestamp", json!({ "$timestamp": { "t": 1, "i": 1 } })),
        (18, "long", json!({ "$numberLong": "5" })),
        (19, "decimal", json!({ "$numberDecimal": "5" })),
        (127, "maxKey", json!({ "$maxKey": 1 })),
    ];
    for (code, name, _) in &samples {
        for (other, _, value) in &samples {
            let expected = Some(code == other);
            assert_eq!(matches(&json!({ "$type": name }), value), expected, "{name}: {value}");
            assert_eq!(matches(&json!({ "$type": [code] }), value), expected, "{code}: {value}");
        }
    }
    let numbers: Vec<&str> = samples
        .iter()
        .filter(|(.., value)| matches(&json!({ "$type": "number" }), value) == Some(true))
        .map(|(_, name, _)| *name)
        .collect();
    assert_eq!(numbers, ["double", "int", "long", "decimal"]);
}

#[test]
fn times_are_read_as_the_calendar_has_them() {
    for (text, milliseconds) in [
        ("1970-01-01", 0),
        ("1970-01-01T00:00Z", 0),
        ("2026-01-31", 1_769_817_600_000),
        ("1969-12-31T23:59:59Z", -1_000),
        ("1900-03-01T00:00:00Z", -2_203_891_200_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000),
        ("1999-12-31T23:59:59.9Z", 946_684_799_900),
        ("2000-02-29T12:34:56.789Z", 951_827_696_789),
        ("2000-02-29T12:34:56.7891234Z", 951_827_696_789),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ("2024-03-01T00:00:00Z", 1_709_251_200_000),
        ("2026-12-31T10:20+05:30", 1_798_692_600_000),
        ("2026-07-04T10:20:30-0230", 1_783_169_430_000),
        ("2100-03-01T00:00:00Z", 4_107_542_400_000_i64),
    ] {
        assert_eq!(matches(&json!({ "$date": text }), &json!({ "$date": milliseconds })), Some(true), "{text}");
    }
    for odd in [
        "2026-13-01T00:00Z",
        "2026-00-10T00:00Z",
        "2026-01-32T00:00Z",
        "2026-01-00T00:00Z",
        "2026/01-01T00:00Z",
        "2026-01/01T00:00Z",
        "2026-01-01 00:00Z",
        "2026-01-01T00-00Z",
        "2026-01-01T24:00Z",
        "2026-01-01T00:60Z",
        "2026-01-01T00:00",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00+1",
        "2026-01-01T00:00*01:00",
        "2026-01-01T00:00+010",
        "2026-01-01T00:00+01000",
        "2026-01-01T00:00+0x:00",
        "2026-01-01T00:00ZZ",
        "2026-ä1-01",
    ] {
        assert!(refused(&json!({ "$date": odd })).contains("$date"), "{odd}");
    }
    // The last hour and minute of a day.
    assert_eq!(matches(&json!({ "$date": "1970-01-01T23:59Z" }), &json!({ "$date": 86_340_000 })), Some(true));
}

#[test]
fn what_the_engines_may_see_differently_stays_open() {
    let text = |pattern: &str, value: &str| matches(&json!({ "$regex": pattern }), &json!(value));
    for (pattern, value, answer) in [
        ("x.y", "x1y", Some(true)),
        ("x.y", "xy", Some(false)),
        ("x.y", "xéy", None),
        ("x.y", "x1y\n", None),
        ("x.y", "x1y\r", None),
        // What is no more than a beginning or a list of names is told for every text.
        ("^é", "élan", Some(true)),
        ("^admin$", "admin", Some(true)),
        ("^admin$", "admin\n", Some(true)),
        ("^admin$", "admin\nx", Some(false)),
        ("^admin", "admin\nx", Some(true)),
    ] {
        assert_eq!(text(pattern, value), answer, "{pattern} {value:?}");
    }
    // An array within a list counts as a document of positions.
    assert_eq!(matches(&json!({ "$elemMatch": { "b": 1 } }), &json!([[{ "b": 1 }]])), None);
    assert_eq!(matches(&json!({ "$elemMatch": { "b": 1 } }), &json!([5])), Some(false));
}

#[test]
fn the_text_in_a_value_is_what_a_copy_of_it_costs() {
    let value = json!({ "abc": ["cde", { "f": "gh" }], "n": 1, "k": null });
    assert_eq!(Value::from_json(&Written::from(&value)).unwrap().weight(), 3 + 3 + 1 + 2 + 1 + 1);
}

#[test]
fn a_domain_holds_the_names_that_the_server_could_write() {
    let shop = || Domain::CollectionOf("shop".to_owned());
    for (domain, text, has) in [
        (Domain::Any, "", true),
        (Domain::LoginDatabase, "admin", true),
        (Domain::LoginDatabase, "test", false),
        (Domain::Database, "shop", true),
        (Domain::Database, "", false),
        (Domain::Database, "shop.orders", false),
        (Domain::Collection, "shop.orders", true),
        (Domain::Collection, "shop.orders.eu", true),
        (Domain::Collection, ".orders", false),
        (Domain::Collection, "shop.", false),
        (Domain::Collection, "shop", false),
        (shop(), "shop.orders", true),
        (shop(), "shop.", false),
        (shop(), "crm.orders", false),
        (shop(), "shop", false),
        (Domain::Exactly("a".to_owned()), "a", true),
        (Domain::Exactly("a".to_owned()), "b", false),
    ] {
        assert_eq!(domain.has(text), has, "{domain:?} {text}");
    }
}
