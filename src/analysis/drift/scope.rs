//! Which projects can be compared: one that is missing from a file has changed only if the file would have held it.

use std::collections::{BTreeMap, BTreeSet};

use crate::snapshot::project::ListedProject;
use crate::snapshot::store::SnapshotFile;
use crate::snapshot::{Reading, Unavailable};

use super::Side;

/// Whether a narrowed fetch was to read a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// By its id, which never changes.
    ById,
    /// By the name that it has in the other snapshot; it may have had another one.
    ByName,
    /// No.
    No,
}

/// Why a project is not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skip {
    /// The snapshot was narrowed to others.
    Narrowed,
    /// The run that wrote the snapshot was stopped before.
    Interrupted,
    /// The list of projects could not be read.
    Unlisted(Unavailable),
}

/// A project that one of the files does not tell of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedProject {
    /// As the other file has it.
    pub project: ListedProject,
    /// The file that does not tell of it.
    pub missing: Side,
    /// Why not.
    pub why: Skip,
}

/// What is compared, of the projects that were asked for.
#[derive(Debug, Default)]
pub struct ProjectScope {
    compared: BTreeSet<String>,
    skipped: BTreeMap<String, SkippedProject>,
}

impl ProjectScope {
    /// Of the projects that `wanted` keeps by either of their names. `asked` tells whether a narrowed fetch was to read one.
    pub fn of(
        old: &SnapshotFile,
        new: &SnapshotFile,
        wanted: &dyn Fn(&ListedProject) -> bool,
        asked: &dyn Fn(Side, &ListedProject) -> Asked,
    ) -> Self {
        let mut scope = Self::default();
        let listed =
            |file: &SnapshotFile| file.listed.iter().map(|project| project.id.clone()).collect::<BTreeSet<_>>();
        let (in_old, in_new) = (listed(old), listed(new));
        let chosen: BTreeSet<&str> =
            old.listed.iter().chain(&new.listed).filter(|one| wanted(one)).map(|one| one.id.as_str()).collect();
        for (side, file, here, there) in [(Side::Old, old, new, &in_old), (Side::New, new, old, &in_new)] {
            for project in here.listed.iter().filter(|project| chosen.contains(project.id.as_str())) {
                let why = if there.contains(&project.id) { None } else { missing(side, file, project, asked) };
                match why {
                    None => _ = scope.compared.insert(project.id.clone()),
                    Some(why) => {
                        let skipped = SkippedProject { project: project.clone(), missing: side, why };
                        scope.skipped.insert(project.id.clone(), skipped);
                    }
                }
            }
        }
        scope
    }

    /// Whether the project is compared. Its id, not encoded.
    #[must_use]
    pub fn compares(&self, project: &str) -> bool {
        self.compared.contains(project)
    }

    /// Whether the project was asked for, be it compared or in one of the files only.
    #[must_use]
    pub fn tells(&self, project: &str) -> bool {
        self.compares(project) || self.skipped.contains_key(project)
    }

    /// How many are compared.
    #[must_use]
    pub fn count(&self) -> usize {
        self.compared.len()
    }

    /// The projects that were asked for and cannot be compared, by their ids.
    pub fn skipped(&self) -> impl Iterator<Item = &SkippedProject> {
        self.skipped.values()
    }
}

/// Why `file` does not tell of the project; nothing if the project is not there.
fn missing(
    side: Side,
    file: &SnapshotFile,
    project: &ListedProject,
    asked: &dyn Fn(Side, &ListedProject) -> Asked,
) -> Option<Skip> {
    if let Reading::Unavailable(why) = &file.projects {
        return Some(Skip::Unlisted(why.clone()));
    }
    if file.header.projects.is_some() {
        match (asked(side, project), side) {
            // If it was there before, it had another name then: in either case it is new to whoever watches these.
            (Asked::ById, _) | (Asked::ByName, Side::Old) => {}
            // It may be there still, under another name.
            (Asked::ByName, Side::New) | (Asked::No, _) => return Some(Skip::Narrowed),
        }
    }
    let whole = file.complete && file.projects.known().is_ok_and(|count| *count == file.listed.len());
    (!whole).then_some(Skip::Interrupted)
}
