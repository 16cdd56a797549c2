//! What a credential can read, what it cannot, which rules that leaves unknown, and which roles would be enough.

mod json;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::analysis::readable::{Hole, Tally};
use crate::snapshot::{Reason, Section};

use super::{About, Style};

pub use json::schema;

/// The whole answer.
pub struct AccessReport {
    /// What was looked at.
    pub about: About,
    /// Every section that the rules need.
    pub sections: Vec<SectionAccess>,
    /// The rules that need something that could not be read, with those sections.
    pub unknown_rules: Vec<UnknownRule>,
    /// How many rules were asked about.
    pub rules: usize,
    /// The least that opens everything that a role can open.
    pub enough: Vec<Grant>,
    /// The least that opens what can be opened without owning anything.
    pub without_owners: Vec<Grant>,
    /// What stays closed then.
    pub only_owners: BTreeSet<Section>,
}

/// One section.
pub struct SectionAccess {
    /// Which.
    pub section: Section,
    /// Where it was read and where not.
    pub tally: Tally,
    /// Lists above it that could not be read everywhere.
    pub behind: BTreeSet<Section>,
    /// Roles of which any one is enough.
    pub roles: Vec<&'static str>,
    /// Ids of the rules that need it.
    pub rules: Vec<&'static str>,
}

/// In short, what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Everywhere.
    Read,
    /// There is nothing that has such a section.
    NothingThere,
    /// In some places, and not in others.
    Partly,
    /// Nowhere.
    Unread,
}

impl SectionAccess {
    /// In short.
    #[must_use]
    pub fn state(&self) -> State {
        match (self.tally.read, self.is_open()) {
            (0, true) => State::NothingThere,
            (_, true) => State::Read,
            (0, false) => State::Unread,
            (_, false) => State::Partly,
        }
    }

    /// Whether nothing of it is hidden.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.tally.holes.is_empty() && self.behind.is_empty()
    }

    /// The places where it could not be read, by what was the matter.
    fn by_reason(&self) -> BTreeMap<Reason, Vec<&Hole>> {
        let mut by_reason: BTreeMap<Reason, Vec<&Hole>> = BTreeMap::new();
        for hole in &self.tally.holes {
            by_reason.entry(hole.why.reason).or_default().push(hole);
        }
        by_reason
    }
}

/// A rule that cannot know, at least somewhere.
pub struct UnknownRule {
    /// `ATL-AUD-001`
    pub id: &'static str,
    /// `auditing-disabled`
    pub name: &'static str,
    /// What it needs and cannot have.
    pub sections: Vec<Section>,
}

/// A role that is wanted.
pub struct Grant {
    /// As MongoDB's documentation calls it.
    pub role: &'static str,
    /// Whether it can change everything.
    pub is_owner: bool,
    /// The projects in which; nothing if it is one of the organization.
    pub projects: Option<BTreeMap<String, Option<String>>>,
    /// What it opens.
    pub sections: BTreeSet<Section>,
}

impl AccessReport {
    /// Whether something that the rules need could not be read.
    #[must_use]
    pub fn incomplete(&self) -> bool {
        !self.about.complete || self.closed().next().is_some()
    }

    /// The sections of which something is hidden.
    fn closed(&self) -> impl Iterator<Item = &SectionAccess> {
        self.sections.iter().filter(|one| !one.is_open())
    }

    /// The sections with trouble that no role helps with.
    fn beyond_roles(&self) -> impl Iterator<Item = &SectionAccess> {
        self.closed().filter(|one| {
            one.tally.holes.iter().any(|hole| hole.why.reason != Reason::Forbidden)
                || (!one.tally.holes.is_empty() && one.roles.is_empty())
        })
    }

    /// For people.
    pub fn write_table(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        table::write(self, out, style)
    }

    /// For programs: version 1.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::write(self, out)
    }
}
