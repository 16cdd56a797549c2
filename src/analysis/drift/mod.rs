//! What changed between two snapshots of one organization: entries that came and went, and fields that differ, each with
//! what it means for the organization's security; and, kept apart, what could not be compared.
//!
//! Both files are walked side by side, line by line: memory grows with what differs, not with what is there. Whatever
//! stands in one file only has changed only if the other file could have held it. Verdicts are compared elsewhere.

mod compare;
mod fields;
mod place;
mod risk;
mod scope;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::snapshot::{Ref, Section, Unavailable};

pub use compare::{Broken, compare};
pub use fields::Field;
pub use scope::{Asked, ProjectScope, Skip, SkippedProject};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The snapshot that was taken first.
    Old,
    /// The one that was taken later.
    New,
}

impl Side {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Old => Self::New,
            Self::New => Self::Old,
        }
    }
}

/// What a change means for the security of the organization, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Opens or unlocks something by itself: look at it now.
    Grave,
    /// More can be reached, by more people, or less is watched.
    Riskier,
    /// No direction that can be told from the change alone.
    Neutral,
    /// Less can be reached, or more is watched.
    Safer,
    /// What happens by itself: use, states, events.
    Activity,
}

impl Risk {
    /// All of them, the worst first.
    pub const ALL: [Self; 5] = [Self::Grave, Self::Riskier, Self::Neutral, Self::Safer, Self::Activity];

    /// In one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grave => "grave",
            Self::Riskier => "riskier",
            Self::Neutral => "neutral",
            Self::Safer => "safer",
            Self::Activity => "activity",
        }
    }
}

/// What became of a resource or section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is in the new snapshot only, and the old one could have held it.
    Added,
    /// It is in the old snapshot only, and the new one could have held it.
    Removed,
    /// It is in both and differs.
    Changed,
}

/// One resource, or one section of settings, that is not what it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Which.
    pub at: Ref,
    /// The section that it is or stands in; nothing for the organization itself.
    pub section: Option<Section>,
    /// What became of it.
    pub kind: Kind,
    /// What that means: the worst that any of its fields means.
    pub risk: Risk,
    /// Why, in a few words; empty where the fields say it.
    pub why: Vec<String>,
    /// As people call it, where its reference does not say.
    pub name: Option<String>,
    /// The resource that came or went and took this one along.
    pub within: Option<Ref>,
    /// What differs, with what each means. Of what came or went: all that it says.
    pub fields: Vec<(Field, Risk)>,
}

/// A section that is not known on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Which.
    pub at: Ref,
    /// The same by its name.
    pub section: Option<Section>,
    /// Where it is missing.
    pub missing: Missing,
    /// How many entries it holds on the side where it is known, if it is a list.
    pub holds: Option<u64>,
    /// Whether something may have changed in it that somebody would want to know: not so for events and the like, nor
    /// for what Atlas does not offer there.
    pub matters: bool,
}

/// Why a section is not known, and where.
#[derive(Debug, Clone, PartialEq)]
pub enum Missing {
    /// It was known, and is not any more.
    Lost(Unavailable),
    /// It was not known, and is now.
    Gained(Unavailable),
    /// It was not known, and is not now; why not now.
    Still(Unavailable),
    /// It came with its owner, and was not known at once.
    Came(Unavailable),
}

impl Missing {
    /// Why.
    #[must_use]
    pub fn why(&self) -> &Unavailable {
        match self {
            Self::Lost(why) | Self::Gained(why) | Self::Still(why) | Self::Came(why) => why,
        }
    }
}

/// How much happened by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Activity {
    /// Entries that came.
    pub added: u64,
    /// Entries that went.
    pub removed: u64,
    /// Entries that differ.
    pub changed: u64,
}

/// All that differs.
#[derive(Debug, Default)]
pub struct Drift {
    /// The worst first, then by reference.
    pub changes: Vec<Change>,
    /// What could not be compared, by reference.
    pub gaps: Vec<Gap>,
    /// What happened by itself, by section; also among the changes where that was asked for.
    pub activity: BTreeMap<Section, Activity>,
}

impl Drift {
    /// How many changes mean that.
    #[must_use]
    pub fn count(&self, risk: Risk) -> usize {
        self.changes.iter().filter(|change| change.risk == risk).count()
    }

    /// Whether something that was known before is not known any more.
    #[must_use]
    pub fn lost_sight(&self) -> bool {
        self.gaps.iter().any(|gap| gap.matters && matches!(gap.missing, Missing::Lost(_)))
    }
}
