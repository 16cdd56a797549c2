//! Two files walked side by side.
//!
//! Lines are sorted, so whatever a line stands in has been seen before it in both files: a resource that one file lacks is
//! gone only if the list that it would stand in is there, and that list's owner, and so on upward.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::snapshot::reference::decoded;
use crate::snapshot::store::{SnapshotError, SnapshotFile};
use crate::snapshot::tree;
use crate::snapshot::walk::{Walk, hole};
use crate::snapshot::{Reason, Ref, Unavailable};

use super::{Change, Drift, Gap, Kind, Missing, ProjectScope, Risk, Side, fields, place, risk};

/// A file that cannot be read to its end.
#[derive(Debug)]
pub struct Broken {
    /// Which one.
    pub side: Side,
    /// What is wrong.
    pub why: SnapshotError,
}

type Record = Map<String, Value>;

/// All that differs between two snapshots of one organization. What happens by itself is counted, and told one by one
/// only `with_activity`.
pub fn compare(
    old: &SnapshotFile,
    new: &SnapshotFile,
    scope: &ProjectScope,
    with_activity: bool,
) -> Result<Drift, Broken> {
    let broken = |side| move |why| Broken { side, why };
    let mut walks = (Walk::start(old).map_err(broken(Side::Old))?, Walk::start(new).map_err(broken(Side::New))?);
    let mut comparison = Comparison {
        scope,
        with_activity,
        drift: Drift::default(),
        shelf: Shelf::default(),
        project: None,
        of_project: Shelf::default(),
        pending: Vec::new(),
    };
    loop {
        let order = match (walks.0.at(), walks.1.at()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.cmp(new),
        };
        comparison.lines(order, &walks.0, &walks.1)?;
        if order != Ordering::Greater {
            walks.0.step().map_err(broken(Side::Old))?;
        }
        if order != Ordering::Less {
            walks.1.step().map_err(broken(Side::New))?;
        }
    }
    comparison.settle();
    let mut drift = comparison.drift;
    drift.changes.sort_by(|a, b| (a.risk, &a.at, a.kind).cmp(&(b.risk, &b.at, b.kind)));
    Ok(drift)
}

/// What a file has at a reference.
#[derive(Debug, Clone)]
enum Mark {
    /// A resource, or a section that was read: of a list, how many entries it holds.
    There(Option<u64>),
    /// A section that could not be read.
    Hole(Unavailable),
}

/// Whether a file tells of something.
enum Presence {
    There,
    /// It would, and does not: the thing is not there.
    Absent,
    /// It does not.
    Untold,
}

/// What both files have had so far, by reference.
#[derive(Default)]
struct Shelf(HashMap<Box<str>, [Option<Mark>; 2]>);

struct Comparison<'s> {
    scope: &'s ProjectScope,
    with_activity: bool,
    drift: Drift,
    /// What belongs to the organization.
    shelf: Shelf,
    /// The project at hand, and what belongs to it: let go with its last line.
    project: Option<Box<str>>,
    of_project: Shelf,
    /// Changes of the project at hand, which may yet explain each other.
    pending: Vec<Change>,
}

impl Comparison<'_> {
    fn lines(&mut self, order: Ordering, old: &Walk, new: &Walk) -> Result<(), Broken> {
        let walk = if order == Ordering::Greater { new } else { old };
        let at = walk.at().unwrap_or_default();
        if let Some(project) = place::project(at) {
            if self.project.as_deref() != Some(project) {
                self.settle();
                self.project = Some(project.into());
            }
            if !self.scope.compares(&decoded(project)) {
                return Ok(());
            }
        } else if self.project.is_some() {
            self.settle();
        }
        match order {
            Ordering::Less => self.one(Side::Old, at, old),
            Ordering::Greater => self.one(Side::New, at, new),
            Ordering::Equal => self.both(at, old, new),
        }
    }

    fn both(&mut self, at: &str, old: &Walk, new: &Walk) -> Result<(), Broken> {
        let same = old.line() == new.line();
        if !place::is_section(at) {
            self.note(at, [Some(Mark::There(None)), Some(Mark::There(None))]);
            if !same {
                let (before, after) = (record(Side::Old, old)?, record(Side::New, new)?);
                self.differ(at, &before, &after);
            }
            return Ok(());
        }
        if same && !old.line().contains("\"unavailable\"") {
            self.note(at, [Some(Mark::There(None)), Some(Mark::There(None))]);
            return Ok(());
        }
        let (was, before) = section(Side::Old, old)?;
        let (is, after) = section(Side::New, new)?;
        match (&was, &is) {
            (Mark::There(_), Mark::Hole(why)) => self.gap(at, Missing::Lost(why.clone()), &was),
            (Mark::Hole(why), Mark::There(_)) => self.gap(at, Missing::Gained(why.clone()), &is),
            (Mark::Hole(_), Mark::Hole(why)) => self.gap(at, Missing::Still(why.clone()), &is),
            (Mark::There(None), Mark::There(None)) => self.differ(at, &before, &after),
            (Mark::There(was), Mark::There(is)) => {
                let (was, is) = (was.unwrap_or_default(), is.unwrap_or_default());
                if let Some(change) = risk::of_list(at, was, is) {
                    self.change(change);
                }
            }
        }
        self.note(at, [Some(was), Some(is)]);
        Ok(())
    }

    /// A line that the other file does not have.
    fn one(&mut self, side: Side, at: &str, walk: &Walk) -> Result<(), Broken> {
        let is_section = place::is_section(at);
        let (mark, record) = if is_section { section(side, walk)? } else { (Mark::There(None), record(side, walk)?) };
        let presence = self.presence(at, side.other());
        let list = matches!(mark, Mark::There(Some(_)));
        match (presence, &mark) {
            (Presence::Absent, Mark::There(_)) if !list => self.came_or_went(side, at, &record),
            (Presence::Absent, Mark::Hole(why)) if side == Side::New => {
                self.gap(at, Missing::Came(why.clone()), &mark);
            }
            // Its owner is there, and nothing is said of the section: nobody asked for it.
            (Presence::Untold, Mark::There(_)) if self.has_owner(at, side.other()) => {
                let why = Unavailable::not_fetched();
                let missing = if side == Side::Old { Missing::Lost(why) } else { Missing::Gained(why) };
                self.gap(at, missing, &mark);
            }
            _ => {}
        }
        let other = None;
        self.note(at, if side == Side::Old { [Some(mark), other] } else { [other, Some(mark)] });
        Ok(())
    }

    fn differ(&mut self, at: &str, old: &Record, new: &Record) {
        let found = fields::differences(old, new);
        if !found.is_empty() {
            self.change(risk::of_change(at, old, new, found));
        }
    }

    fn came_or_went(&mut self, side: Side, at: &str, record: &Record) {
        let kind = if side == Side::New { Kind::Added } else { Kind::Removed };
        let within = self.taken_along(at, side.other());
        // Settings that come with their owner are what it is, not what was changed.
        let mut change = risk::of_one(at, kind, record, within.is_some());
        change.within = within;
        self.change(change);
    }

    fn change(&mut self, change: Change) {
        if change.risk == Risk::Activity {
            if let Some(section) = change.section {
                let count = self.drift.activity.entry(section).or_default();
                match change.kind {
                    Kind::Added => count.added += 1,
                    Kind::Removed => count.removed += 1,
                    Kind::Changed => count.changed += 1,
                }
            }
            if !self.with_activity {
                return;
            }
        }
        self.pending.push(change);
    }

    fn gap(&mut self, at: &str, missing: Missing, known: &Mark) {
        let section = place::section(at);
        let why = missing.why();
        // What Atlas does not offer there is not missing: nobody was asked, so there is no status.
        let offered = why.reason != Reason::Unsupported || why.status.is_some();
        if !offered {
            return;
        }
        let holds = if let Mark::There(count) = known { *count } else { None };
        let matters = section.is_none_or(|section| !risk::is_activity(section));
        self.drift.gaps.push(Gap { at: Ref::parsed(at), section, missing, holds, matters });
    }

    /// What is complete: the project at hand, or the lines of the organization that stand before the projects.
    fn settle(&mut self) {
        self.project = None;
        self.of_project.0.clear();
        risk::relate(&mut self.pending);
        self.drift.changes.append(&mut self.pending);
    }

    fn shelf(&self, at: &str) -> &Shelf {
        if place::project(at).is_some() { &self.of_project } else { &self.shelf }
    }

    fn note(&mut self, at: &str, marks: [Option<Mark>; 2]) {
        let belongs = if place::project(at).is_some() { &mut self.of_project } else { &mut self.shelf };
        belongs.0.insert(at.into(), marks);
    }

    fn mark(&self, at: &str, side: Side) -> Option<&Mark> {
        self.shelf(at).0.get(at)?[usize::from(side == Side::New)].as_ref()
    }

    /// Whether the file of that side tells of a reference.
    fn presence(&self, at: &str, side: Side) -> Presence {
        if let Some(mark) = self.mark(at, side) {
            return if matches!(mark, Mark::There(_)) { Presence::There } else { Presence::Untold };
        }
        let Some(above) = place::above(at) else { return Presence::Untold };
        match self.presence(above, side) {
            // A section that nothing is said of, with an owner that is there, was not asked for.
            Presence::There if place::is_section(at) => Presence::Untold,
            // A list that is there holds all its entries.
            Presence::There | Presence::Absent => Presence::Absent,
            Presence::Untold => Presence::Untold,
        }
    }

    fn has_owner(&self, at: &str, side: Side) -> bool {
        place::above(at).is_some_and(|owner| matches!(self.presence(owner, side), Presence::There))
    }

    /// The outermost resource above this one that the other file does not have either.
    fn taken_along(&self, at: &str, other: Side) -> Option<Ref> {
        let above = std::iter::successors(place::above(at), |at| place::above(at));
        let absent = above.filter(|at| !place::is_section(at) && matches!(self.presence(at, other), Presence::Absent));
        absent.last().map(Ref::parsed)
    }
}

fn misplaced(side: Side, walk: &Walk, why: tree::Misplaced) -> Broken {
    Broken { side, why: SnapshotError::Line { line: walk.number(), why } }
}

fn record(side: Side, walk: &Walk) -> Result<Record, Broken> {
    tree::parse(walk.line()).map_err(|why| misplaced(side, walk, why))
}

/// What a section's own line says: why it could not be read, how many entries follow, or the settings themselves.
fn section(side: Side, walk: &Walk) -> Result<(Mark, Record), Broken> {
    if let Some(why) = hole(walk.line()).map_err(|why| misplaced(side, walk, why))? {
        return Ok((Mark::Hole(why), Record::new()));
    }
    let record = record(side, walk)?;
    let count = record.get("count").and_then(Value::as_u64).filter(|_| record.len() == 2);
    Ok((Mark::There(count), record))
}
