//! How a snapshot hangs together: resources, and the sections below them.
//!
//! A resource has a line of its own in a snapshot file, and slots: sections that calls of their own fill. The
//! macro `slots!` ties a struct's fields to their sections; writing, reading, listing what is unavailable and
//! building a snapshot from a rule's example all follow from it.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::reading::{Reading, Unavailable};
use super::reference::Ref;
use super::section::Section;

/// Something with an identity within the list that it stands in, and perhaps with sections below it.
pub trait Node: Send + Sync {
    /// Its last segment in a reference, unencoded. Unique within its list.
    fn key(&self) -> String;

    /// What it adds to the parameters of the paths of the sections below it, such as `clusterName`.
    fn parameters(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Whether Atlas offers that section for this very resource: an M0 cluster has no backup schedule.
    fn offers(&self, _section: Section) -> Result<(), &'static str> {
        Ok(())
    }

    /// For a section that has no call for its list: what each of the calls for one entry adds to the parameters.
    /// Nothing for any other section.
    fn singles(&self, _section: Section) -> Option<Vec<(&'static str, String)>> {
        None
    }

    /// The sections below it.
    fn slots(&self) -> Vec<(Section, &dyn Slot)> {
        Vec::new()
    }

    /// The same, to be filled.
    fn slots_mut(&mut self) -> Vec<(Section, &mut dyn Slot)> {
        Vec::new()
    }

    /// The section below it that a segment names.
    fn slot_mut(&mut self, _segment: &str) -> Option<&mut dyn Slot> {
        None
    }
}

/// A node that has a line of its own: an entry of a list.
///
/// It is read from Atlas's answers and from snapshots by one and the same `Deserialize`, which must take `{}`
/// (every field is optional: Atlas leaves out more than it admits) and drop what it does not know. Fields that
/// hold secrets do not exist.
pub trait Resource: Node + Serialize + DeserializeOwned {}

/// A section that holds one object.
pub trait Object: Serialize + DeserializeOwned + Send + Sync {}

/// How an answer of Atlas holds what a section wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One object.
    Object,
    /// A bare array.
    Array,
    /// An object with a list called `results`.
    Results,
}

/// Where the lines of a snapshot go.
pub trait Lines {
    /// One line: the reference, then the fields of `record`.
    fn line(&mut self, at: &Ref, record: &dyn erased::Record) -> io::Result<()>;
}

/// Told of every section: which it is, how to get its identity, and why it could not be read, if so.
pub type Visitor<'a> = dyn FnMut(Section, &dyn Fn() -> Ref, Option<&Unavailable>) + 'a;

/// A section as the tree sees it, whatever its type.
pub trait Slot: Send + Sync {
    /// Takes Atlas's answer, page by page, and tells how many resources it held. A bad page leaves it as it was.
    fn fill(&mut self, shape: Shape, pages: &[&[u8]]) -> Result<usize, Misplaced>;

    /// Notes that it could not be read.
    fn refuse(&mut self, why: Unavailable);

    /// The resources in it that may have sections of their own.
    fn children_mut(&mut self) -> Vec<&mut dyn Node>;

    /// Its lines, and those of all below it.
    fn write(&self, at: &Ref, out: &mut dyn Lines) -> io::Result<()>;

    /// Takes a line that belongs to it or below it. `path` is what follows the section's own reference.
    fn place(&mut self, path: &[&str], line: &str) -> Result<(), Misplaced>;

    /// Fills it from the nested form that rule examples use.
    fn nest(&mut self, value: Value) -> Result<(), serde_json::Error>;

    /// Why it could not be read, or nothing.
    fn unavailable(&self) -> Option<&Unavailable>;

    /// Visits it and all sections below. Identities are made for visitors that ask for them.
    fn visit(&self, section: Section, at: &dyn Fn() -> Ref, visitor: &mut Visitor<'_>);
}

/// A line that does not fit.
#[derive(Debug, thiserror::Error)]
pub enum Misplaced {
    /// It is not what the section holds.
    #[error("{0}")]
    Malformed(#[from] serde_path_to_error::Error<serde_json::Error>),
    /// It stands below nothing that has been read.
    #[error("no resource or section of this format is called `{0}`")]
    NoSuchPlace(String),
    /// Something follows the answer.
    #[error("after the value: {0}")]
    Trailing(String),
    /// A list where one object belongs, or the reverse, or pages where there are none.
    #[error("expected {0}")]
    Shape(&'static str),
}

/// What a list's own line says.
#[derive(Serialize, serde::Deserialize, schemars::JsonSchema)]
pub(crate) struct ListHeading {
    /// How many entries follow.
    pub(crate) count: usize,
}

/// What stands in place of a section that could not be read.
#[derive(Serialize, serde::Deserialize, schemars::JsonSchema)]
pub(crate) struct Hole {
    pub(crate) unavailable: Unavailable,
}

#[derive(Serialize)]
struct HoleRef<'a> {
    unavailable: &'a Unavailable,
}

/// Every hole's line holds this, and no other line can: quotes within values are escaped.
pub(super) const HOLE_MARK: &str = "\"unavailable\":{\"reason\":";

pub(crate) fn parse<T: DeserializeOwned>(line: &str) -> Result<T, Misplaced> {
    // Keeping track of the path costs as much as parsing: only where there is something to tell.
    if let Ok(value) = serde_json::from_str(line) {
        return Ok(value);
    }
    let mut json = serde_json::Deserializer::from_str(line);
    let value = serde_path_to_error::deserialize(&mut json)?;
    json.end().map_err(|error| Misplaced::Trailing(error.to_string()))?;
    Ok(value)
}

/// What a list's own line says: how many entries follow, or why there are none.
pub(crate) fn heading(line: &str) -> Result<Reading<usize>, Misplaced> {
    Ok(if line.contains(HOLE_MARK) {
        Reading::Unavailable(parse::<Hole>(line)?.unavailable)
    } else {
        Reading::Known(parse::<ListHeading>(line)?.count)
    })
}

/// The envelope of most lists. `totalCount` is an estimate and is not trusted.
#[derive(serde::Deserialize)]
struct Envelope<T> {
    results: Vec<T>,
}

fn parse_bytes<T: DeserializeOwned>(body: &[u8]) -> Result<T, Misplaced> {
    if let Ok(value) = serde_json::from_slice(body) {
        return Ok(value);
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json)?;
    json.end().map_err(|error| Misplaced::Trailing(error.to_string()))?;
    Ok(value)
}

impl<T: Object> Slot for Reading<T> {
    fn fill(&mut self, shape: Shape, pages: &[&[u8]]) -> Result<usize, Misplaced> {
        let (Shape::Object, [body]) = (shape, pages) else { return Err(Misplaced::Shape("one object")) };
        *self = Self::Known(parse_bytes(body)?);
        Ok(1)
    }

    fn refuse(&mut self, why: Unavailable) {
        *self = Self::Unavailable(why);
    }

    fn children_mut(&mut self) -> Vec<&mut dyn Node> {
        Vec::new()
    }

    fn write(&self, at: &Ref, out: &mut dyn Lines) -> io::Result<()> {
        match self {
            Self::Known(value) => out.line(at, value),
            Self::Unavailable(why) => write_hole(at, why, out),
        }
    }

    fn place(&mut self, path: &[&str], line: &str) -> Result<(), Misplaced> {
        if let Some(segment) = path.first() {
            return Err(Misplaced::NoSuchPlace((*segment).to_owned()));
        }
        *self = if line.contains(HOLE_MARK) {
            Self::Unavailable(parse::<Hole>(line)?.unavailable)
        } else {
            Self::Known(parse(line)?)
        };
        Ok(())
    }

    fn nest(&mut self, value: Value) -> Result<(), serde_json::Error> {
        *self = match hole(&value) {
            Some(hole) => Self::Unavailable(hole?.unavailable),
            None => Self::Known(serde_json::from_value(value)?),
        };
        Ok(())
    }

    fn unavailable(&self) -> Option<&Unavailable> {
        self.known().err()
    }

    fn visit(&self, section: Section, at: &dyn Fn() -> Ref, visitor: &mut Visitor<'_>) {
        visitor(section, at, self.unavailable());
    }
}

impl<T: Resource> Slot for Reading<Vec<T>> {
    fn fill(&mut self, shape: Shape, pages: &[&[u8]]) -> Result<usize, Misplaced> {
        let mut all = Vec::new();
        for body in pages {
            all.extend(match shape {
                Shape::Array => parse_bytes::<Vec<T>>(body)?,
                Shape::Results => parse_bytes::<Envelope<T>>(body)?.results,
                Shape::Object => return Err(Misplaced::Shape("a list")),
            });
        }
        // In the order of the file, so that a live scan and one of its snapshot say the same.
        all.sort_by_cached_key(|item| super::reference::encoded(&item.key()).into_owned());
        let count = all.len();
        *self = Self::Known(all);
        Ok(count)
    }

    fn refuse(&mut self, why: Unavailable) {
        *self = Self::Unavailable(why);
    }

    fn children_mut(&mut self) -> Vec<&mut dyn Node> {
        self.known_mut().into_iter().flatten().map(|item| item as &mut dyn Node).collect()
    }

    fn write(&self, at: &Ref, out: &mut dyn Lines) -> io::Result<()> {
        let items = match self {
            Self::Known(items) => items,
            Self::Unavailable(why) => return write_hole(at, why, out),
        };
        out.line(at, &ListHeading { count: items.len() })?;
        let mut sorted: Vec<_> = items.iter().map(|item| (at.child(&item.key()), item)).collect();
        sorted.sort_by(|left, right| left.0.cmp(&right.0));
        for (at, item) in sorted {
            out.line(&at, item)?;
            for (section, slot) in item.slots() {
                slot.write(&at.child(section.slot()), out)?;
            }
        }
        Ok(())
    }

    fn place(&mut self, path: &[&str], line: &str) -> Result<(), Misplaced> {
        let Some((key, below)) = path.split_first() else {
            *self = heading(line)?.map(|count| Vec::with_capacity(count.min(MOST_RESERVED)));
            return Ok(());
        };
        let nowhere = || Misplaced::NoSuchPlace((*key).to_owned());
        let items = self.known_mut().ok_or_else(nowhere)?;
        match below.split_first() {
            None => items.push(parse(line)?),
            Some((segment, below)) => {
                // Lines are sorted, but `a-b` sorts between `a` and `a/processArgs`: search, from the end.
                let wanted = super::reference::decoded(key);
                let item = items.iter_mut().rev().find(|item| item.key() == wanted).ok_or_else(nowhere)?;
                let slot = item.slot_mut(segment).ok_or_else(|| Misplaced::NoSuchPlace((*segment).to_owned()))?;
                slot.place(below, line)?;
            }
        }
        Ok(())
    }

    fn nest(&mut self, value: Value) -> Result<(), serde_json::Error> {
        if let Some(hole) = hole(&value) {
            *self = Self::Unavailable(hole?.unavailable);
            return Ok(());
        }
        let items: Vec<Map<String, Value>> = serde_json::from_value(value)?;
        *self = Self::Known(items.into_iter().map(nested).collect::<Result<_, _>>()?);
        Ok(())
    }

    fn unavailable(&self) -> Option<&Unavailable> {
        self.known().err()
    }

    fn visit(&self, section: Section, at: &dyn Fn() -> Ref, visitor: &mut Visitor<'_>) {
        visitor(section, at, self.unavailable());
        for item in self.known().into_iter().flatten() {
            let slots = item.slots();
            if slots.is_empty() {
                continue;
            }
            for (section, slot) in slots {
                slot.visit(section, &|| at().child(&item.key()).child(section.slot()), visitor);
            }
        }
    }
}

/// A heading is input: a wrong count must not reserve the machine's memory.
const MOST_RESERVED: usize = 4096;

fn write_hole(at: &Ref, unavailable: &Unavailable, out: &mut dyn Lines) -> io::Result<()> {
    // What nobody asked for has no line, and reads back as what nobody asked for.
    if unavailable.reason == super::reading::Reason::NotFetched {
        return Ok(());
    }
    out.line(at, &HoleRef { unavailable })
}

fn hole(value: &Value) -> Option<Result<Hole, serde_json::Error>> {
    let reason = value.as_object()?.get("unavailable")?;
    // Examples write `{ unavailable = "forbidden" }`.
    let full = match reason {
        Value::String(reason) => serde_json::json!({ "unavailable": { "reason": reason } }),
        _ => value.clone(),
    };
    Some(serde_json::from_value(full))
}

/// A resource from its nested form: its own fields, and its sections among them.
pub(crate) fn nested<T: Node + DeserializeOwned>(mut fields: Map<String, Value>) -> Result<T, serde_json::Error> {
    // Which names are sections, only a value can say: an empty one first.
    let empty: Option<T> = serde_json::from_value(Value::Object(Map::new())).ok();
    let sections: Vec<&str> = empty.iter().flat_map(|item| item.slots()).map(|(section, _)| section.slot()).collect();
    let below: Vec<(String, Value)> = sections.into_iter().filter_map(|name| fields.remove_entry(name)).collect();
    let mut item: T = serde_json::from_value(Value::Object(fields))?;
    for (name, value) in below {
        if let Some(slot) = item.slot_mut(&name) {
            slot.nest(value)?;
        }
    }
    Ok(item)
}

pub(crate) mod erased {
    //! `Serialize` is not object-safe; this is.

    /// A record that can be turned into JSON.
    pub trait Record {
        /// Appends its JSON.
        fn append_json(&self, out: &mut Vec<u8>) -> std::io::Result<()>;
    }

    impl<T: serde::Serialize> Record for T {
        fn append_json(&self, out: &mut Vec<u8>) -> std::io::Result<()> {
            Ok(serde_json::to_writer(out, self)?)
        }
    }
}

/// Ties the fields of a struct to their sections.
///
/// Within `impl Node for Cluster`: `slots! { process_args: ProcessArgs, … }`: the field, then the variant of
/// `Section`.
macro_rules! slots {
    ($($field:ident: $section:ident),* $(,)?) => {
        fn slots(&self) -> Vec<($crate::snapshot::section::Section, &dyn $crate::snapshot::tree::Slot)> {
            vec![$(($crate::snapshot::section::Section::$section, &self.$field as &dyn $crate::snapshot::tree::Slot),)*]
        }

        fn slots_mut(
            &mut self,
        ) -> Vec<($crate::snapshot::section::Section, &mut dyn $crate::snapshot::tree::Slot)> {
            vec![$((
                $crate::snapshot::section::Section::$section,
                &mut self.$field as &mut dyn $crate::snapshot::tree::Slot,
            ),)*]
        }

        fn slot_mut(&mut self, segment: &str) -> Option<&mut dyn $crate::snapshot::tree::Slot> {
            $(
                if segment == $crate::snapshot::section::Section::$section.slot() {
                    return Some(&mut self.$field);
                }
            )*
            None
        }
    };
}
pub(crate) use slots;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_something_after_its_value_is_no_line() {
        assert_eq!(parse::<ListHeading>(r#"{"count":2}"#).unwrap().count, 2);
        assert!(matches!(parse::<ListHeading>(r#"{"count":2} garbage {"#), Err(Misplaced::Trailing(_))));
        assert!(matches!(parse_bytes::<ListHeading>(br#"{"count":2} {}"#), Err(Misplaced::Trailing(_))));
    }
}
