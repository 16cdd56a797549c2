//! What `scan --history` keeps, and what it learns from scans that were kept before.

use std::path::Path;

use jiff::Timestamp;

use crate::cli::ScanArgs;
use crate::config::Config;
use crate::engine::catalogue::SelectedRule;
use crate::engine::declared::EarlierLogins;
use crate::error::Error;
use crate::history::{History, LoginLog, Place, Record};
use crate::report::Report;
use crate::report::trend::Trend;
use crate::snapshot::store::SnapshotFile;

use super::live::Event;

/// The parameter by which rules say how far back logins count.
const DAYS: &str = "unused_days";

/// How far back a review asks.
const YEAR: u32 = 366;

/// What scans of the last year before a snapshot saw of logins.
pub(super) fn logins(place: &str, snapshot: &Path) -> Result<EarlierLogins, Error> {
    let history = History::open(Place::to_read(place)?)?;
    Ok(history.logins(taken(snapshot)?, YEAR)?)
}

fn taken(snapshot: &Path) -> Result<Timestamp, Error> {
    let file = SnapshotFile::open(snapshot);
    Ok(file.map_err(|source| Error::Snapshot { path: snapshot.to_owned(), source })?.header.taken)
}

/// A history that a scan is added to.
pub(super) struct Keeping {
    history: History,
    logins: LoginLog,
    projects: Vec<String>,
    taken: Timestamp,
}

impl Keeping {
    /// The history that was asked for, if one was. Before any work is done: a place that cannot be used is no reason to
    /// wait for Atlas first.
    pub(super) fn of(args: &ScanArgs) -> Result<Option<Self>, Error> {
        // A variable that is set to nothing is as good as none.
        let Some(place) = args.history.as_ref().filter(|place| !place.is_empty()) else { return Ok(None) };
        let selection = &args.selection;
        let narrowed = [
            ("--rule", !selection.rule.is_empty()),
            ("--skip-rule", !selection.skip_rule.is_empty()),
            ("--category", !selection.category.is_empty()),
            ("--min-severity", selection.min_severity.is_some()),
            ("--framework", selection.framework.is_some()),
            ("--project", !args.scope.project.is_empty()),
            ("--exclude-project", !args.scope.exclude_project.is_empty()),
        ];
        if let Some((option, _)) = narrowed.into_iter().find(|(_, given)| *given) {
            return Err(Error::HistoryOfAPart { option });
        }
        let history = History::open(Place::to_write(place)?)?;
        Ok(Some(Self { history, logins: LoginLog::default(), projects: Vec::new(), taken: Timestamp::UNIX_EPOCH }))
    }

    /// Adds what earlier scans saw of logins to what is declared, as far back as a rule asks.
    pub(super) fn inform(&self, args: &ScanArgs, rules: &[SelectedRule], config: &mut Config) -> Result<(), Error> {
        let before = args.snapshot.as_deref().map_or_else(|| Ok(Timestamp::now()), taken)?;
        let asked = |rule: &SelectedRule| {
            let own = config.settings.of(&rule.rule.id).and_then(|own| own.parameters.get(DAYS));
            own.or_else(|| rule.rule.parameters.get(DAYS)).and_then(toml::Value::as_integer)
        };
        let days = rules.iter().filter_map(asked).max();
        let days = days.and_then(|days| u32::try_from(days).ok()).unwrap_or_default();
        config.declared.logins = self.history.logins(before, days)?;
        Ok(())
    }

    /// Takes note of what is read, as it comes.
    pub(super) fn on(&mut self, event: Event<'_>) {
        match event {
            Event::Organization { taken, .. } => self.taken = taken,
            Event::Project { project, .. } => {
                self.projects.push(project.id.clone());
                self.logins.project(project, self.taken);
            }
        }
    }

    /// What is to be kept of a scan.
    pub(super) fn record(&mut self, report: &Report, snapshot_sha256: &str) -> Result<Record, Error> {
        Ok(Record::of(report, snapshot_sha256, &self.projects, std::mem::take(&mut self.logins))?)
    }

    /// What came of findings up to a scan that is about to be kept.
    pub(super) fn trend(&self, report: &Report, record: &Record) -> Result<Trend, Error> {
        Ok(self.history.trend(&report.about.organization, None, None, Some(record))?)
    }

    /// Keeps it.
    pub(super) fn keep(&self, record: &Record) -> Result<(), Error> {
        Ok(self.history.keep(record)?)
    }
}
