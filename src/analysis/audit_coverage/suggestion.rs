//! A filter that records what a filter lacks, and keeps what it has: tried on the same evaluator before anybody sees it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::analysis::audit_filter::{AuditFilter, Coverage, Event};

/// A filter that records all that is required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// As JSON on one line.
    pub filter: String,
    /// Whether it records whatever the present one does. It cannot where nobody can tell what that is.
    pub keeps: bool,
    /// Whether `auditAuthorizationSuccess` must be on as well.
    pub needs_authorization_success: bool,
}

/// A filter that records every required event for everyone, whatever `auditAuthorizationSuccess` says now; `present`
/// itself if it does. Nothing if the evaluator cannot be brought to agree.
#[must_use]
pub fn suggestion(present: Option<&str>, required: &BTreeSet<Event>) -> Option<Suggestion> {
    let needs_authorization_success = required.iter().any(|event| event.needs_authorization_success());
    let suggested = |filter, keeps| Suggestion { filter, keeps, needs_authorization_success };
    let known = present.and_then(|text| AuditFilter::parse(text).ok().filter(|filter| filter.undecided().is_none()));
    if let (Some(text), Some(filter)) = (present, &known) {
        let missing: BTreeSet<Event> =
            required.iter().copied().filter(|event| !filter.coverage(*event, true).is_all()).collect();
        let text = if text.is_empty() { "{}" } else { text };
        let more = clauses(&missing);
        let wider = match more.as_slice() {
            [] => compact(text),
            more => {
                let more: Vec<String> = more.iter().map(Value::to_string).collect();
                format!(r#"{{"$or":[{},{}]}}"#, compact(text), more.join(","))
            }
        };
        if records(&wider, required) && keeps(filter, &wider) {
            return Some(suggested(wider, true));
        }
    }
    let mut anew = clauses(required);
    let anew = if anew.len() == 1 { anew.remove(0) } else { json!({ "$or": anew }) }.to_string();
    // Without a filter there is nothing to keep.
    records(&anew, required).then(|| suggested(anew, present.is_none()))
}

/// Conditions of which each event fulfils one: types of which every outcome is asked for in one list, others apart, so
/// that nothing is recorded that nobody asked for.
fn clauses(events: &BTreeSet<Event>) -> Vec<Value> {
    let mut types: Vec<&str> = Vec::new();
    let mut apart = Vec::new();
    for event in events {
        let atype = event.atype();
        if Event::of_type(atype).all(|outcome| events.contains(&outcome)) {
            if !types.contains(&atype) {
                types.push(atype);
            }
            continue;
        }
        let result = match event {
            Event::Login | Event::AuthCheckAllowed => json!(0),
            _ => json!({ "$ne": 0 }),
        };
        apart.push(json!({ "atype": atype, "result": result }));
    }
    let together = match types.as_slice() {
        [] => None,
        [only] => Some(json!({ "atype": only })),
        several => Some(json!({ "atype": { "$in": several } })),
    };
    together.into_iter().chain(apart).collect()
}

fn records(filter: &str, required: &BTreeSet<Event>) -> bool {
    AuditFilter::parse(filter).is_ok_and(|filter| required.iter().all(|event| filter.coverage(*event, true).is_all()))
}

/// Whether a filter records at least what another does, event by event. By its form it must: this asks the evaluator.
fn keeps(present: &AuditFilter, wider: &str) -> bool {
    let Ok(wider) = AuditFilter::parse(wider) else { return false };
    Event::ALL.iter().all(|event| match (present.coverage(*event, true), wider.coverage(*event, true)) {
        (Coverage::None { .. } | Coverage::Undecided(_), _) | (_, Coverage::All) => true,
        (Coverage::Some { .. }, now) => matches!(now, Coverage::Some { .. }),
        (Coverage::All, _) => false,
    })
}

/// The text without blanks between its parts. Everything else stays as it is: the order of fields means something, and
/// numbers may be longer than any type.
fn compact(json: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    json.chars()
        .filter(|c| {
            let keep = quoted || !c.is_ascii_whitespace();
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                _ => {}
            }
            keep
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(present: &str, required: &[Event]) -> (String, bool) {
        let suggested = suggestion(Some(present), &required.iter().copied().collect()).unwrap();
        (suggested.filter, suggested.keeps)
    }

    #[test]
    fn what_lacks_is_added_and_what_is_there_kept() {
        let (filter, keeps) = ask(
            r#"{ "atype": "authenticate", "param": {"user": "a b", "db": "admin"} }"#,
            &[Event::LoginFailed, Event::DropUser, Event::CreateUser, Event::AuthCheckRefused],
        );
        assert_eq!(
            filter,
            r#"{"$or":[{"atype":"authenticate","param":{"user":"a b","db":"admin"}},{"atype":{"$in":["createUser","dropUser"]}},{"atype":"authenticate","result":{"$ne":0}},{"atype":"authCheck","result":{"$ne":0}}]}"#
        );
        assert!(keeps);
        assert_eq!(
            ask(r#"{"atype":"logout"}"#, &[Event::Login]).0,
            r#"{"$or":[{"atype":"logout"},{"atype":"authenticate","result":0}]}"#
        );
        let both = ask(r#"{"atype":"logout"}"#, &[Event::Login, Event::LoginFailed]).0;
        assert_eq!(both, r#"{"$or":[{"atype":"logout"},{"atype":"authenticate"}]}"#);
    }

    #[test]
    fn a_filter_that_lacks_nothing_stays_and_none_is_made_anew() {
        assert_eq!(ask("{ }", &[Event::Login]), ("{}".to_owned(), true));
        assert_eq!(ask("", &[Event::Login]), ("{}".to_owned(), true));
        let none = suggestion(None, &[Event::DropDatabase].into()).unwrap();
        assert_eq!((none.filter.as_str(), none.keeps), (r#"{"atype":"dropDatabase"}"#, true));
        assert!(!none.needs_authorization_success);
        let allowed = suggestion(None, &[Event::AuthCheckAllowed, Event::AuthCheckRefused].into()).unwrap();
        assert_eq!((allowed.filter.as_str(), allowed.needs_authorization_success), (r#"{"atype":"authCheck"}"#, true));
    }

    #[test]
    fn what_nobody_can_read_cannot_be_kept() {
        for odd in [r#"{"$where":"1"}"#, r#"{"atype":"a","atype":"b"}"#, "{'atype':'logout'}", "[]"] {
            let expected = (r#"{"atype":"logout"}"#.to_owned(), false);
            assert_eq!(ask(odd, &[Event::Logout]), expected, "{odd}");
        }
    }

    #[test]
    fn the_evaluator_has_the_last_word() {
        let required = BTreeSet::from([Event::Logout]);
        assert!(records(r#"{"atype":"logout"}"#, &required));
        assert!(!records(r#"{"atype":"logout","users.user":"ada"}"#, &required));
        assert!(!records("{", &required));
    }

    #[test]
    fn every_event_can_be_asked_for() {
        for event in Event::ALL {
            let (filter, keeps) = ask(r#"{"users.user":{"$regex":"x.y"}}"#, &[*event]);
            assert!(keeps && AuditFilter::parse(&filter).unwrap().coverage(*event, true).is_all(), "{event}: {filter}");
        }
        let (filter, _) = ask(r#"{"atype":"none"}"#, Event::ALL);
        assert!(Event::ALL.iter().all(|event| AuditFilter::parse(&filter).unwrap().coverage(*event, true).is_all()));
    }

    #[test]
    fn blanks_go_and_nothing_else_does() {
        let text = "{ \"a b\" : [ 1.50, \"x \\\" y\",\n\t{\"$numberLong\": \"9007199254740993\"} ], \"\\\\\" : 1 }";
        assert_eq!(compact(text), r#"{"a b":[1.50,"x \" y",{"$numberLong":"9007199254740993"}],"\\":1}"#);
    }
}
