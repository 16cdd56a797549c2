//! What differs between two records, field by field. Knows nothing of what the fields mean.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// A field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// JSON pointer into the record: of the new one, or of the old one for what is gone.
    pub pointer: String,
    /// What stood there; nothing if nothing did.
    pub old: Option<Value>,
    /// What stands there; nothing if nothing does.
    pub new: Option<Value>,
}

/// By which members entries of a list are told apart, the first that fits.
const IDENTITIES: [&str; 8] = ["id", "roleId", "key", "name", "groupId", "action", "roleName", "zoneName"];

/// The one list whose order says something: the stages of a stream processor.
const ORDERED: &str = "pipeline";

/// All fields that differ, in the order of the new record.
pub(super) fn differences(old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<Field> {
    let mut found = Vec::new();
    members(old, new, "", &mut found);
    found
}

/// The members of a record that is in one of the files only: all of them.
pub(super) fn of_one(record: &Map<String, Value>, is_new: bool) -> Vec<Field> {
    let fields = record.iter().filter(|(name, _)| *name != "ref");
    fields
        .map(|(name, value)| {
            let value = Some(value.clone());
            let (old, new) = if is_new { (None, value) } else { (value, None) };
            Field { pointer: below("", name), old, new }
        })
        .collect()
}

fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn members(old: &Map<String, Value>, new: &Map<String, Value>, pointer: &str, found: &mut Vec<Field>) {
    for (name, value) in new.iter().filter(|(name, _)| !pointer.is_empty() || *name != "ref") {
        either(old.get(name), Some(value), below(pointer, name), found);
    }
    for (name, value) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        either(Some(value), None, below(pointer, name), found);
    }
}

fn either(old: Option<&Value>, new: Option<&Value>, pointer: String, found: &mut Vec<Field>) {
    match (old, new) {
        (old, new) if old == new => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => members(old, new, &pointer, found),
        (Some(Value::Array(old)), Some(Value::Array(new))) => lists(old, new, pointer, found),
        (old, new) => found.push(Field { pointer, old: old.cloned(), new: new.cloned() }),
    }
}

/// Lists of texts and numbers differ as a whole, whatever their order. Entries of other lists are told apart by a
/// member that names them; where there is none, those that are equal belong together, and the rest by their places.
fn lists(old: &[Value], new: &[Value], pointer: String, found: &mut Vec<Field>) {
    let ordered = pointer.ends_with(ORDERED);
    if !ordered && old.iter().chain(new).all(|entry| !entry.is_object() && !entry.is_array()) {
        if sorted(old) != sorted(new) {
            let whole = |list: &[Value]| Some(Value::Array(list.to_vec()));
            found.push(Field { pointer, old: whole(old), new: whole(new) });
        }
        return;
    }
    let pairs = match IDENTITIES.iter().find(|name| tells_apart(name, old) && tells_apart(name, new)) {
        Some(name) if !ordered => by_identity(name, old, new),
        _ => by_place(old, new, ordered),
    };
    for (before, after) in pairs {
        let at = after.or(before).unwrap_or_default();
        either(before.map(|at| &old[at]), after.map(|at| &new[at]), format!("{pointer}/{at}"), found);
    }
}

fn sorted(list: &[Value]) -> Vec<String> {
    let mut texts: Vec<_> = list.iter().map(Value::to_string).collect();
    texts.sort();
    texts
}

fn tells_apart(name: &str, list: &[Value]) -> bool {
    let names: BTreeSet<_> = list.iter().filter_map(|entry| entry.get(name)?.as_str()).collect();
    names.len() == list.len()
}

type Pair = (Option<usize>, Option<usize>);

fn by_identity(name: &str, old: &[Value], new: &[Value]) -> Vec<Pair> {
    let place = |list: &[Value], entry: &Value| list.iter().position(|other| other.get(name) == entry.get(name));
    let kept = new.iter().enumerate().map(|(at, entry)| (place(old, entry), Some(at)));
    let gone = old.iter().enumerate().filter(|(_, entry)| place(new, entry).is_none());
    kept.chain(gone.map(|(at, _)| (Some(at), None))).collect()
}

fn by_place(old: &[Value], new: &[Value], ordered: bool) -> Vec<Pair> {
    if ordered {
        return (0..old.len().max(new.len()))
            .map(|at| ((at < old.len()).then_some(at), (at < new.len()).then_some(at)))
            .collect();
    }
    let mut left: Vec<usize> = (0..old.len()).collect();
    let mut arrived = Vec::new();
    for (at, entry) in new.iter().enumerate() {
        match left.iter().position(|before| old[*before] == *entry) {
            Some(equal) => _ = left.remove(equal),
            None => arrived.push(at),
        }
    }
    // One that is gone and one that came, in lists of one length: most likely one that was changed.
    let changed = if old.len() == new.len() { left.len() } else { 0 };
    let pairs =
        arrived.iter().enumerate().map(|(nth, at)| (left.get(nth).filter(|_| nth < changed).copied(), Some(*at)));
    let gone = left.iter().skip(changed).map(|at| (Some(*at), None));
    pairs.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn between(old: Value, new: Value) -> Vec<(String, Option<Value>, Option<Value>)> {
        let (Value::Object(old), Value::Object(new)) = (old, new) else { panic!("records are objects") };
        differences(&old, &new).into_iter().map(|field| (field.pointer, field.old, field.new)).collect()
    }

    #[test]
    fn a_field_is_named_by_its_path() {
        let old = json!({ "ref": "a", "tls": { "min": "TLS1_2", "same": 1 }, "a/b": 1, "gone": true });
        let new = json!({ "ref": "b", "a/b": 2, "tls": { "same": 1, "min": "TLS1_0" }, "came": null });
        assert_eq!(
            between(old, new),
            [
                ("/a~1b".to_owned(), Some(json!(1)), Some(json!(2))),
                ("/tls/min".to_owned(), Some(json!("TLS1_2")), Some(json!("TLS1_0"))),
                ("/came".to_owned(), None, Some(Value::Null)),
                ("/gone".to_owned(), Some(json!(true)), None),
            ]
        );
    }

    #[test]
    fn the_order_of_a_list_says_nothing_but_that_of_stages() {
        assert!(between(json!({ "roles": ["a", "b"] }), json!({ "roles": ["b", "a"] })).is_empty());
        let role = |name: &str| json!({ "roleName": name, "databaseName": "admin" });
        assert!(
            between(json!({ "roles": [role("a"), role("b")] }), json!({ "roles": [role("b"), role("a")] })).is_empty()
        );
        let resources = |all: &[&str]| json!({ "on": all.iter().map(|db| json!({ "db": db })).collect::<Vec<_>>() });
        assert!(between(resources(&["a", "b"]), resources(&["b", "a"])).is_empty());
        let stages = |one: &str, other: &str| json!({ "pipeline": [{ "operator": one }, { "operator": other }] });
        assert_eq!(between(stages("$match", "$emit"), stages("$emit", "$match")).len(), 2);
    }

    #[test]
    fn entries_with_a_name_are_compared_with_their_namesakes() {
        let tag = |key: &str, value: &str| json!({ "key": key, "value": value });
        let old = json!({ "tags": [tag("env", "prod"), tag("team", "pay")] });
        let new = json!({ "tags": [tag("owner", "ann"), tag("env", "dev")] });
        assert_eq!(
            between(old, new),
            [
                ("/tags/0".to_owned(), None, Some(tag("owner", "ann"))),
                ("/tags/1/value".to_owned(), Some(json!("prod")), Some(json!("dev"))),
                ("/tags/1".to_owned(), Some(tag("team", "pay")), None),
            ]
        );
    }

    #[test]
    fn entries_without_a_name_are_changed_where_one_went_and_one_came() {
        let on = |all: &[&str]| json!({ "on": all.iter().map(|db| json!({ "db": db })).collect::<Vec<_>>() });
        assert_eq!(
            between(on(&["a", "b"]), on(&["c", "a"])),
            [("/on/0/db".to_owned(), Some(json!("b")), Some(json!("c")))]
        );
        assert_eq!(between(on(&["a"]), on(&["a", "c"])), [("/on/1".to_owned(), None, Some(json!({ "db": "c" })))]);
        assert_eq!(between(on(&["a", "b"]), on(&["b"])), [("/on/0".to_owned(), Some(json!({ "db": "a" })), None)]);
    }

    #[test]
    fn a_list_of_texts_differs_as_a_whole_and_that_of_stages_place_by_place() {
        let (old, new) = (json!(["a", "b"]), json!(["c", "a"]));
        assert_eq!(
            between(json!({ "roles": old }), json!({ "roles": new })),
            [("/roles".to_owned(), Some(old.clone()), Some(new.clone()))]
        );
        assert_eq!(
            between(json!({ "pipeline": old }), json!({ "pipeline": new })),
            [
                ("/pipeline/0".to_owned(), Some(json!("a")), Some(json!("c"))),
                ("/pipeline/1".to_owned(), Some(json!("b")), Some(json!("a"))),
            ]
        );
        let (one, two) = (json!({ "pipeline": ["a"] }), json!({ "pipeline": ["a", "b"] }));
        assert_eq!(between(one.clone(), two.clone()), [("/pipeline/1".to_owned(), None, Some(json!("b")))]);
        assert_eq!(between(two, one), [("/pipeline/1".to_owned(), Some(json!("b")), None)]);
    }

    #[test]
    fn stages_stand_in_an_order_even_where_they_have_names() {
        let stages = |one: &str, other: &str| json!({ "pipeline": [{ "name": one }, { "name": other }] });
        let expected = [("/pipeline/0/name", "a", "b"), ("/pipeline/1/name", "b", "a")]
            .map(|(at, old, new)| (at.to_owned(), Some(json!(old)), Some(json!(new))));
        assert_eq!(between(stages("a", "b"), stages("b", "a")), expected);
    }

    #[test]
    fn a_name_that_two_entries_share_tells_nothing_apart() {
        let entry = |name: &str, db: &str| json!({ "name": name, "db": db });
        let old = json!({ "on": [entry("x", "a"), entry("y", "b")] });
        let new = json!({ "on": [entry("x", "a"), entry("x", "c")] });
        assert_eq!(
            between(old, new),
            [
                ("/on/1/name".to_owned(), Some(json!("y")), Some(json!("x"))),
                ("/on/1/db".to_owned(), Some(json!("b")), Some(json!("c"))),
            ]
        );
    }

    #[test]
    fn in_lists_of_different_lengths_nothing_is_taken_for_another() {
        let on = |all: &[&str]| json!({ "on": all.iter().map(|db| json!({ "db": db })).collect::<Vec<_>>() });
        assert_eq!(
            between(on(&["a", "b"]), on(&["c"])),
            [
                ("/on/0".to_owned(), None, Some(json!({ "db": "c" }))),
                ("/on/0".to_owned(), Some(json!({ "db": "a" })), None),
                ("/on/1".to_owned(), Some(json!({ "db": "b" })), None),
            ]
        );
        // Lists within lists are no texts: theirs is the order that says nothing.
        assert!(between(json!({ "on": [["a", "b"]] }), json!({ "on": [["b", "a"]] })).is_empty());
    }
}
