//! The lines of a snapshot file one by one, in their order, as they stand there: for whoever holds two files side by side.

use super::reading::{Reading, Unavailable};
use super::store::{NumberedLines, SnapshotError, SnapshotFile, TRAILER_REF, reference_of};
use super::tree;

/// Lines between header and trailer, one at a time. What is held in memory is the line at hand.
pub struct Walk {
    lines: NumberedLines,
    at: String,
    ended: bool,
}

impl Walk {
    /// From the first line below the header on. The file was looked through before, so that it is known to be whole.
    pub fn start(file: &SnapshotFile) -> Result<Self, SnapshotError> {
        let mut lines = NumberedLines::open(file.path())?;
        lines.next()?;
        let mut walk = Self { lines, at: String::new(), ended: false };
        walk.step()?;
        Ok(walk)
    }

    /// The reference of the line at hand; nothing after the last one.
    #[must_use]
    pub fn at(&self) -> Option<&str> {
        (!self.ended).then_some(self.at.as_str())
    }

    /// The line at hand.
    #[must_use]
    pub fn line(&self) -> &str {
        self.lines.current()
    }

    /// Its number, counted from one.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.lines.number
    }

    /// Goes on to the next line. One out of order is an error: two files are only compared truly if both are sorted.
    pub fn step(&mut self) -> Result<(), SnapshotError> {
        if self.ended || self.lines.next()?.is_none() {
            self.ended = true;
            return Ok(());
        }
        let at = reference_of(self.lines.current(), self.lines.number)?;
        if at == TRAILER_REF {
            self.ended = true;
        } else if at < self.at {
            return Err(SnapshotError::Unsorted { line: self.lines.number, at });
        }
        self.at = at;
        Ok(())
    }
}

/// Why a line stands in place of a section that could not be read; nothing if it stands for something that was.
pub fn hole(line: &str) -> Result<Option<Unavailable>, tree::Misplaced> {
    if !line.contains(tree::HOLE_MARK) {
        return Ok(None);
    }
    tree::heading(line).map(|heading| match heading {
        Reading::Unavailable(why) => Some(why),
        Reading::Known(_) => None,
    })
}
