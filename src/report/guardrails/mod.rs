//! What resource policies refuse: the answers of `guardrails`, ready to be shown.
//!
//! The types of `model` are the JSON that programs read, version 1: they may grow, and change in no other way.

mod model;
mod page;

pub use model::{
    Answered, Contradiction, Guarded, Guardrails, Kind, LeftOut, Named, Policy, Proof, Suggested, Suggestions, Worth,
};

use std::io::{self, Write};

use super::{Style, schema};

/// Its JSON Schema.
#[must_use]
pub fn schema() -> serde_json::Value {
    schema::of::<Guardrails>()
}

impl Guardrails {
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

impl Suggestions {
    /// For people, and for a file of Cedar.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        page::suggestions(self, out)
    }

    /// For programs.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }
}
