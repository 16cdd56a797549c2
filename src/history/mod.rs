//! A history: what each scan found, kept as tables that other engines read without us, and what came of it over time.
//!
//! A place (`place`) holds one folder per table (`tables`), in it one per organization and month, and in that one file
//! per scan. The tables are Parquet. `record` turns a scan into files, `trend` many scans into a trend, and `logins` keeps
//! what Atlas forgets after seven days. `docs/history.md` describes the tables for those who query them.

mod lives;
mod logins;
mod place;
mod record;
mod tables;
mod trend;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use bytes::Bytes;
use jiff::Timestamp;

use crate::engine::day::Day;
use crate::engine::declared::EarlierLogins;
use crate::report::trend::{Every, Trend};

use self::tables::findings::Findings;
use self::tables::logins::Logins;
use self::tables::scans::{ScanRow, Scans};
use self::tables::watches::Watches;
use self::tables::{Table, TableError};

pub use logins::LoginLog;
pub use place::Place;
pub use record::Record;

/// Why a history cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The folder is missing, or is none.
    #[error("cannot use the folder {place} for a history")]
    Folder {
        /// As it was named.
        place: String,
        /// Why.
        source: io::Error,
    },
    /// Neither a folder nor a bucket.
    #[error("{place} is no place for a history: {why}")]
    NotAPlace {
        /// As it was named, without secrets.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// It cannot be listed or read.
    #[error("cannot read the history in {place}: {why}")]
    Unreadable {
        /// As it was named.
        place: String,
        /// The cause.
        why: String,
    },
    /// It cannot be written.
    #[error("cannot write to the history in {place}: {why}")]
    Unwritable {
        /// As it was named.
        place: String,
        /// The cause.
        why: String,
    },
    /// A file is none that a scan wrote.
    #[error("{file} in {place} is no table of a history: {why}")]
    NotATable {
        /// As the place was named.
        place: String,
        /// The file below it.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// There is nothing in it.
    #[error("there is no history in {place}")]
    Empty {
        /// As it was named.
        place: String,
    },
    /// There is nothing in it that late.
    #[error("no scan in {place} is of {since} or later")]
    NothingSince {
        /// As it was named.
        place: String,
        /// What was asked for.
        since: Day,
        /// The last scan.
        last: String,
    },
    /// It is of several organizations, or not of the one that was asked for.
    #[error("the history in {place} is {}", of_whom(known, asked.as_deref()))]
    WhichOrganization {
        /// As it was named.
        place: String,
        /// What was asked for.
        asked: Option<String>,
        /// Whose scans it holds.
        known: Vec<String>,
    },
    /// A table cannot be made of a scan.
    #[error("cannot turn the scan into tables: {why}")]
    Table {
        /// The cause.
        why: String,
    },
}

impl HistoryError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Folder { .. } => "name a folder that you may read and, for a scan, write to".to_owned(),
            Self::NotAPlace { .. } => {
                "name a folder, s3://bucket/path, gs://bucket/path or az://container/path; credentials come from \
                 variables such as AWS_ACCESS_KEY_ID, GOOGLE_SERVICE_ACCOUNT or AZURE_STORAGE_ACCOUNT_NAME"
                    .to_owned()
            }
            Self::Unreadable { place, .. } | Self::Unwritable { place, .. } if !place.contains("://") => {
                "check that you may read and write the folder and all that is in it".to_owned()
            }
            Self::Unreadable { .. } | Self::Unwritable { .. } => {
                "check that the bucket is there, and that the credentials in the environment may list, read and write it"
                    .to_owned()
            }
            Self::NotATable { .. } => {
                "move that scan's file out of the folder `scans` of the history: the rest can be read without it".to_owned()
            }
            Self::NothingSince { last, .. } => format!("the last is of {last}: name an earlier day with --since"),
            Self::Empty { .. } => "fill it: atlas-audit scan --history …".to_owned(),
            Self::WhichOrganization { known, .. } => format!("name one of them with --org: {}", known.join(", ")),
            Self::Table { .. } => return None,
        })
    }
}

fn of_whom(known: &[String], asked: Option<&str>) -> String {
    match asked {
        Some(asked) => format!("not of the organization {asked}"),
        None => format!("of {} organizations", known.len()),
    }
}

/// A file of a table: `scans/organization=<id>/month=2026-11/20261122T100000Z-<digest>.parquet`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stem {
    organization: String,
    month: String,
    /// When the scan looked and the beginning of what it saw, so that names sort by time.
    scan: String,
}

impl Stem {
    fn of(organization: &str, taken: Timestamp, digest: &str) -> Self {
        Self {
            organization: organization.to_owned(),
            month: taken.strftime("%Y-%m").to_string(),
            scan: format!("{}-{}", taken.strftime("%Y%m%dT%H%M%SZ"), digest.get(..12).unwrap_or(digest)),
        }
    }

    fn parse(name: &str) -> Option<Self> {
        let [_, organization, month, scan] = name.split('/').collect::<Vec<_>>()[..] else { return None };
        Some(Self {
            organization: organization.strip_prefix("organization=")?.to_owned(),
            month: month.strip_prefix("month=")?.to_owned(),
            scan: scan.strip_suffix(".parquet")?.to_owned(),
        })
    }

    /// `2026-11-22`
    fn day(&self) -> String {
        format!("{}-{}", self.month, self.scan.get(6..8).unwrap_or_default())
    }

    fn file(&self, table: &str) -> String {
        let Self { organization, month, scan } = self;
        format!("{table}/organization={organization}/month={month}/{scan}.parquet")
    }
}

/// A history, as it was found.
pub struct History {
    place: Place,
    /// The scans that were kept to their end, by organization, the oldest first.
    scans: BTreeMap<String, Vec<Stem>>,
}

impl History {
    /// Looks what is there.
    pub fn open(place: Place) -> Result<Self, HistoryError> {
        let mut scans: BTreeMap<String, Vec<Stem>> = BTreeMap::new();
        for stem in place.list(Scans::NAME)?.iter().filter_map(|name| Stem::parse(name)) {
            scans.entry(stem.organization.clone()).or_default().push(stem);
        }
        for stems in scans.values_mut() {
            stems.sort_by(|a, b| a.scan.cmp(&b.scan));
        }
        Ok(Self { place, scans })
    }

    /// The organization that was asked for, or the only one.
    pub fn organization(&self, asked: Option<&str>) -> Result<&str, HistoryError> {
        let place = || self.place.shown().to_owned();
        match asked {
            _ if self.scans.is_empty() => Err(HistoryError::Empty { place: place() }),
            None if self.scans.len() == 1 => Ok(self.scans.keys().next().map_or("", String::as_str)),
            Some(asked) if self.scans.contains_key(asked) => {
                Ok(self.scans.get_key_value(asked).map_or("", |(id, _)| id.as_str()))
            }
            _ => Err(HistoryError::WhichOrganization {
                place: place(),
                asked: asked.map(str::to_owned),
                known: self.scans.keys().cloned().collect(),
            }),
        }
    }

    /// What scans of the last so many days before a moment saw of logins. Later ones are left alone.
    pub fn logins(&self, before: Timestamp, days: u32) -> Result<EarlierLogins, HistoryError> {
        let since = before.checked_sub(jiff::SignedDuration::from_hours(24 * i64::from(days)));
        let since = Stem::of("", since.unwrap_or(Timestamp::MIN), "").scan;
        let until = Stem::of("", before, "").scan;
        let stems: Vec<_> =
            self.scans.values().flatten().filter(|stem| stem.scan >= since && stem.scan < until).collect();
        let files = |table| stems.iter().map(|stem| stem.file(table)).collect::<Vec<_>>();
        let (watches, logins) = (files(Watches::NAME), files(Logins::NAME));
        let mut earlier = EarlierLogins::default();
        let bytes = self.place.read(&watches)?.into_iter().zip(self.place.read(&logins)?);
        for ((watch, login), (watch_file, login_file)) in bytes.zip(watches.iter().zip(&logins)) {
            let watches = tables::watches::read(watch).map_err(|error| self.not_a_table(watch_file, &error))?;
            let logins = tables::logins::read(login).map_err(|error| self.not_a_table(login_file, &error))?;
            logins::add(&mut earlier, watches, logins);
        }
        Ok(earlier)
    }

    /// What came of an organization's findings, with the scan that is about to be kept, if there is one.
    pub fn trend(
        &self,
        organization: &str,
        since: Option<Day>,
        every: Option<Every>,
        now: Option<&Record>,
    ) -> Result<Trend, HistoryError> {
        let from = since.map(|since| Stem::of("", since.start(), "").scan);
        let replaced = now.map(|record| &record.stem);
        let all = self.scans.get(organization).map(Vec::as_slice).unwrap_or_default();
        let stems: Vec<_> = all
            .iter()
            .filter(|stem| from.as_ref().is_none_or(|from| stem.scan >= *from) && Some(*stem) != replaced)
            .filter(|stem| now.is_none_or(|now| stem.scan < now.stem.scan))
            .collect();
        if let (Some(since), Some(last), true) = (since, all.last(), stems.is_empty()) {
            let (place, last) = (self.place.shown().to_owned(), last.day());
            return Err(HistoryError::NothingSince { place, since, last });
        }
        let mut lives = lives::Lives::default();
        // A few dozen scans at a time: a history of years is never held whole.
        for stems in stems.chunks(32) {
            let files = |table| stems.iter().map(|stem| stem.file(table)).collect::<Vec<_>>();
            let (scans, findings) = (files(Scans::NAME), files(Findings::NAME));
            let bytes = self.place.read(&scans)?.into_iter().zip(self.place.read(&findings)?);
            for ((scan, found), (scan_file, findings_file)) in bytes.zip(scans.iter().zip(&findings)) {
                let scan = self.scan(scan, scan_file)?;
                lives.scan(scan, found).map_err(|error| self.not_a_table(findings_file, &error))?;
            }
        }
        if let Some(now) = now {
            let found = Bytes::copy_from_slice(now.findings());
            lives.scan(now.scan.clone(), found).map_err(|error| self.not_a_table(Findings::NAME, &error))?;
        }
        Ok(trend::of(organization, &lives, every))
    }

    fn scan(&self, bytes: Bytes, file: &str) -> Result<ScanRow, HistoryError> {
        let scans = tables::scans::read(bytes).map_err(|error| self.not_a_table(file, &error))?;
        scans.into_iter().next().ok_or_else(|| HistoryError::NotATable {
            place: self.place.shown().to_owned(),
            file: file.to_owned(),
            why: "it tells of no scan".to_owned(),
        })
    }

    /// Keeps a scan. One of the same snapshot is replaced.
    pub fn keep(&self, record: &Record) -> Result<(), HistoryError> {
        for (table, content) in &record.files {
            self.place.write(&record.stem.file(table), content.clone())?;
        }
        Ok(())
    }

    /// The organizations of which there are scans.
    #[must_use]
    pub fn organizations(&self) -> BTreeSet<&str> {
        self.scans.keys().map(String::as_str).collect()
    }

    fn not_a_table(&self, file: &str, error: &TableError) -> HistoryError {
        HistoryError::NotATable { place: self.place.shown().to_owned(), file: file.to_owned(), why: error.to_string() }
    }
}
