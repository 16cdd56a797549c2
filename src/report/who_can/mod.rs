//! Who can do what: the answers of `who-can`, ready to be shown.
//!
//! The types here are the JSON that programs read, version 1: they may grow, and change in no other way.
//! `docs/who-can.md` describes them.

mod model;
mod page;

pub use model::{Everything, Kind, Named, Project, Question, Summary, Unread, UserAnswer, WhoCan};

use std::io::{self, Write};

use super::{Style, schema};

/// Its JSON Schema.
#[must_use]
pub fn schema() -> serde_json::Value {
    schema::of::<WhoCan>()
}

impl WhoCan {
    /// For people.
    pub fn write(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        page::write(self, out, style)
    }

    /// For programs.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }
}
