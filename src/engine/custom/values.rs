//! What an expression sees: resources as JSON, with the sections that it reads among their fields.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::engine::verdict::{Hole, Unknown};
use crate::snapshot::shelf::Sheet;
use crate::snapshot::tree::{Node, Slot};
use crate::snapshot::{Reason, Ref, Section, Unavailable};

/// A resource with those of its sections that are wanted. One that could not be read makes all of it unknown; one that
/// Atlas does not offer here is not there.
pub(super) fn of<T: Node + Serialize>(node: &T, at: &Ref, wanted: &BTreeSet<Section>) -> Result<Value, Unknown> {
    let mut fields = match serde_json::to_value(node) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => Map::new(),
        Err(error) => return Err(Hole::Bug(error.to_string()).into()),
    };
    for (section, slot) in node.slots().into_iter().filter(|(section, _)| wanted.contains(section)) {
        match slot.unavailable() {
            Some(why) if why.reason == Reason::Unsupported => {}
            Some(why) => return Err(why.into()),
            None => drop(fields.insert(section.slot().to_owned(), held(section, slot, at, wanted)?)),
        }
    }
    Ok(Value::Object(fields))
}

/// What a section holds, if it was read.
fn held(section: Section, slot: &dyn Slot, at: &Ref, wanted: &BTreeSet<Section>) -> Result<Value, Unknown> {
    if super::check::is_list(section) {
        return entries(section, slot, at, wanted)?.into_iter().map(|(_, entry)| entry).collect();
    }
    let at = at.child(section.slot());
    let sheet = sheet(slot, &at)?;
    sheet.0.first().map_or(Ok(Value::Null), |(_, line)| parsed(line).map(Value::Object))
}

/// An entry of a list with its identity, if what is below it could be read.
type Entry<T> = (Ref, Result<T, Unknown>);

/// The entries of a list with their identities. A section below one that could not be read makes that one unknown.
pub(super) fn entries(
    section: Section,
    slot: &dyn Slot,
    at: &Ref,
    wanted: &BTreeSet<Section>,
) -> Result<Vec<Entry<Value>>, Unknown> {
    let base = at.child(section.slot());
    let mut entries: Vec<Entry<Map<String, Value>>> = Vec::new();
    // The first line tells how many there are.
    for (at, line) in sheet(slot, &base)?.0.into_iter().skip(1) {
        let below = at.as_str().get(base.as_str().len() + 1..).unwrap_or_default();
        let mut path = below.split('/').skip(1);
        let Some(name) = path.next() else {
            entries.push((at, parsed(&line)));
            continue;
        };
        let inner = section.lists().and_then(|kind| Section::below(kind, name));
        let Some(inner) = inner.filter(|inner| wanted.contains(inner)) else { continue };
        let Some((_, entry)) = entries.last_mut() else { continue };
        if let Ok(fields) = entry
            && let Err(why) = put(fields, inner, path.next().is_some(), &line)
        {
            *entry = Err(why);
        }
    }
    Ok(entries.into_iter().map(|(at, entry)| (at, entry.map(Value::Object))).collect())
}

/// Puts a line of a section below an entry in its place.
fn put(fields: &mut Map<String, Value>, inner: Section, is_entry: bool, line: &str) -> Result<(), Unknown> {
    let mut value = parsed(line)?;
    if is_entry {
        if let Some(Value::Array(list)) = fields.get_mut(inner.slot()) {
            list.push(Value::Object(value));
        }
        return Ok(());
    }
    if let Some(why) = value.remove("unavailable") {
        let why: Unavailable = serde_json::from_value(why).map_err(|error| Hole::Bug(error.to_string()))?;
        return if why.reason == Reason::Unsupported { Ok(()) } else { Err((&why).into()) };
    }
    let value = if super::check::is_list(inner) { Value::Array(Vec::new()) } else { Value::Object(value) };
    fields.insert(inner.slot().to_owned(), value);
    Ok(())
}

fn sheet(slot: &dyn Slot, at: &Ref) -> Result<Sheet, Unknown> {
    Sheet::of(slot, at).map_err(|error| Hole::Bug(error.to_string()).into())
}

fn parsed(line: &str) -> Result<Map<String, Value>, Unknown> {
    let mut fields: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| Unknown::from(Hole::Bug(error.to_string())))?;
    fields.remove("ref");
    Ok(fields)
}
