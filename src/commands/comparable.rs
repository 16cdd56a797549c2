//! Whether two files can be compared: they are of one organization, and the earlier one comes first.

use std::path::Path;

use jiff::Timestamp;

use crate::error::Error;

/// A file, by what it says of itself.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) path: &'a Path,
    /// The organization's id, and its name.
    pub(super) organization: (&'a str, Option<&'a str>),
}

impl Side<'_> {
    fn called(&self) -> String {
        match self.organization {
            (id, Some(name)) => format!("{name} ({id})"),
            (id, None) => id.to_owned(),
        }
    }
}

/// Refuses files of two organizations.
pub(super) fn of_one_organization(old: Side<'_>, new: Side<'_>) -> Result<(), Error> {
    if old.organization.0 == new.organization.0 {
        return Ok(());
    }
    Err(Error::OtherOrganization {
        old: old.path.to_owned(),
        old_organization: old.called(),
        new: new.path.to_owned(),
        new_organization: new.called(),
    })
}

/// Refuses snapshots in the wrong order. `instead` is the command the right way round.
pub(super) fn in_order(
    old: (&Path, Timestamp),
    new: (&Path, Timestamp),
    instead: impl FnOnce() -> String,
) -> Result<(), Error> {
    let ((old, old_taken), (new, new_taken)) = (old, new);
    if old_taken <= new_taken {
        return Ok(());
    }
    Err(Error::Swapped { old: old.to_owned(), old_taken, new: new.to_owned(), new_taken, instead: instead() })
}
