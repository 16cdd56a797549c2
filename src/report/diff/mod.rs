//! What differs between two snapshots, ready to be shown: the configuration and the verdicts, and what could not be compared.
//!
//! All formats are made from one `DiffReport`, and tell the same counts in the same words.

mod json;
mod markdown;
mod table;
#[cfg(test)]
mod testing;
mod verdicts;
mod words;

use std::io::{self, Write};
use std::sync::Arc;

use jiff::Timestamp;

use crate::analysis::drift::{Change, Drift, ProjectScope, Risk, Side, SkippedProject};
use crate::engine::Severity;
use crate::engine::rule::FailureMeans;
use crate::snapshot::Ref;
use crate::snapshot::store::SnapshotFile;

use super::resource::{Names, Resource};
use super::{About, Report, Style};

pub use json::schema;
pub use verdicts::{Became, VerdictChange, Verdicts, Word};

/// A snapshot that was compared.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The file, as it is to be referred to.
    pub shown: String,
    /// When Atlas was read.
    pub taken: Timestamp,
    /// What wrote it.
    pub tool: String,
    /// What kind of credential read it.
    pub credential: String,
    /// How many projects it tells of.
    pub projects: usize,
    /// What it was narrowed to when it was taken.
    pub narrowed: Option<Vec<String>>,
    /// Whether the run that wrote it came to its end.
    pub complete: bool,
}

impl Taken {
    /// What the file says of itself.
    #[must_use]
    pub fn of(file: &SnapshotFile, shown: String) -> Self {
        Self {
            shown,
            taken: file.header.taken,
            tool: file.header.tool.clone(),
            credential: file.header.credential.clone(),
            projects: file.listed.len(),
            narrowed: file.header.projects.clone(),
            complete: file.complete,
        }
    }
}

/// Two snapshots, compared.
#[derive(Debug)]
pub struct DiffReport {
    /// The later state.
    about: About,
    old: Taken,
    new: Taken,
    /// How many projects were compared.
    projects: usize,
    drift: Drift,
    verdicts: Verdicts,
    skipped: Vec<SkippedProject>,
    /// Names of projects by their ids.
    names: Names,
    with_activity: bool,
}

/// How it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people at a terminal.
    Table,
    /// For programs.
    Json,
    /// For a pull request.
    Markdown,
}

impl DiffReport {
    /// Compares the verdicts, and puts everything together. Both reports were made by the same rules.
    #[must_use]
    pub fn new(
        (old, before): (Taken, &Report),
        (new, after): (Taken, &Report),
        names: impl IntoIterator<Item = (String, String)>,
        scope: &ProjectScope,
        drift: Drift,
        with_activity: bool,
    ) -> Self {
        Self {
            about: after.about.clone(),
            old,
            new,
            projects: scope.count(),
            drift,
            verdicts: Verdicts::between(before, after, scope),
            skipped: scope.skipped().cloned().collect(),
            names: names.into_iter().map(|(id, name)| (Arc::from(id), Arc::from(name))).collect(),
            with_activity,
        }
    }

    /// Whether the later snapshot holds a finding at that severity or above that a gate has to look at: new or worse,
    /// and not waived.
    #[must_use]
    pub fn fails(&self, least: Severity) -> bool {
        self.verdicts.changes.iter().any(|change| {
            change.became.counts()
                && change.waived.is_none()
                && change.severity.is_some_and(|severity| severity >= least)
                && change.rule.failure_means == FailureMeans::Finding
        })
    }

    /// Whether something that the earlier snapshot told of can no longer be seen.
    #[must_use]
    pub fn lost_sight(&self) -> bool {
        let scan_failed = |change: &VerdictChange| {
            change.became.counts() && change.rule.failure_means == FailureMeans::IncompleteScan
        };
        !self.new.complete
            || self.drift.lost_sight()
            || self.skipped.iter().any(|skipped| skipped.missing == Side::New)
            || self.verdicts.changes.iter().any(|change| change.became.is_lost() || scan_failed(change))
    }

    /// Writes it.
    pub fn write(&self, format: Format, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        match format {
            Format::Table => table::write(self, out, style),
            Format::Json => json::write(self, out),
            Format::Markdown => out.write_all(markdown::page(self).as_bytes()),
        }
    }

    /// A changed resource, named as people know it.
    fn resource(&self, change: &Change) -> Resource {
        let facts: Vec<_> = change.name.iter().map(|name| ("name", name.clone())).collect();
        Resource::named(change.at.clone(), &facts, &self.about, &self.names)
    }

    fn resource_at(&self, at: &Ref) -> Resource {
        Resource::named(at.clone(), &[], &self.about, &self.names)
    }

    /// Changes that are told one by one: those that came or went with something else only if they are worse than neutral.
    fn told(&self, risk: Risk) -> impl Iterator<Item = &Change> {
        self.drift.changes.iter().filter(move |change| {
            change.risk == risk && (change.within.is_none() || matches!(risk, Risk::Grave | Risk::Riskier))
        })
    }

    /// Verdicts that are told one by one to people, and how many more only got older.
    fn fates(&self, became: Became) -> (Vec<&VerdictChange>, usize) {
        let of = self.verdicts.changes.iter().filter(|change| change.became == became);
        let (older, told): (Vec<_>, Vec<_>) = of.partition(|change| !self.with_activity && change.is_only_older());
        (told, older.len())
    }

    /// How much else came or went with a resource.
    fn along(&self, at: &Ref) -> usize {
        self.drift
            .changes
            .iter()
            .filter(|change| change.within.as_ref() == Some(at) && change.risk > Risk::Riskier)
            .count()
    }
}
