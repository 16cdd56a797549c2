//! Reviews that a configuration names by their files.

use std::path::Path;

use crate::engine::declared::{Declared, Record};

use super::problem::{Problem, Side, Source, Step};

use Step::{At, Key};

const HELP: &str = "a review is what `atlas-audit review record` writes; its path is relative to this file";

/// Reads the files, and lets what is in them count.
pub(super) fn take_in(declared: &mut Declared, source: &Source<'_>, folder: &Path) -> Result<(), Problem> {
    let named = declared.reviews.clone();
    for (index, file) in named.iter().enumerate() {
        let wrong = |message: String| source.problem(&[Key("reviews"), At(index)], Side::Value, message);
        if named[..index].contains(file) {
            return Err(wrong(format!("`{file}` stands twice")));
        }
        let text = std::fs::read_to_string(folder.join(file))
            .map_err(|error| wrong(format!("cannot read the review `{file}`: {error}")).with_help(HELP))?;
        let record = Record::read(&text).map_err(|why| wrong(format!("`{file}`: {why}")).with_help(HELP))?;
        declared.take_in(record, file);
    }
    Ok(())
}
