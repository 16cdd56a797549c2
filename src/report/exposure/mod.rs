//! Who can reach what: the analysis `exposure`, for people and for programs.

mod json;
mod numbers;
mod table;

use std::io::{self, Write};

use crate::analysis::doubt::Doubt;
use crate::analysis::exposure::{Exposure, Reach};
use crate::engine::verdict::Hole;
use crate::snapshot::{Ref, Section, Unavailable};

use super::{About, Style};

pub(super) use numbers::addresses;
pub(super) use table::{said_of_cluster, said_of_entry};

pub use json::schema;

/// The exposure of all projects that were looked at.
pub struct ExposureReport {
    /// What was looked at.
    pub about: About,
    /// Each project: id, name, and what is known of it.
    pub projects: Vec<(String, Option<String>, Exposure)>,
    /// What of the organization could not be read: the list of projects, addresses of Atlas's own.
    pub unread: Vec<(Section, Ref, Unavailable)>,
}

impl ExposureReport {
    /// The most exposed first. What is not known stands right after what is public.
    #[must_use]
    pub fn new(
        about: About,
        mut projects: Vec<(String, Option<String>, Exposure)>,
        unread: Vec<(Section, Ref, Unavailable)>,
    ) -> Self {
        let rank = |reach| match reach {
            Reach::Open => 0,
            Reach::Public => 1,
            Reach::Unknown => 2,
            Reach::PrivateOnly => 3,
            Reach::Closed => 4,
        };
        projects.sort_by(|(id, name, one), (other_id, other_name, other)| {
            (rank(one.reach), name, id).cmp(&(rank(other.reach), other_name, other_id))
        });
        Self { about, projects, unread }
    }

    /// Whether something could not be read or understood.
    #[must_use]
    pub fn incomplete(&self) -> bool {
        !self.about.complete
            || !self.unread.is_empty()
            || self.projects.iter().any(|(_, _, exposure)| exposure.incomplete())
    }

    /// For people.
    pub fn write_table(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        table::write(self, out, style)
    }

    /// For programs.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::write(self, out)
    }
}

/// A doubt in the words that unknown verdicts have.
fn in_words(doubt: &Doubt) -> String {
    Hole::from(doubt.clone()).to_string()
}
