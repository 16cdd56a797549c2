//! `atlas-audit scan`: read, judge, report, and say so in the exit code.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ArgMatches;

use crate::cli::{Format, SarifLocations, ScanArgs};
use crate::config::Config;
use crate::engine::catalogue::{self, SelectedRule, Selection};
use crate::engine::outcomes::Outcomes;
use crate::error::Error;
use crate::report::html::Access;
use crate::report::{self, About, Report, SnapshotPath, Style};
use crate::snapshot::digest;

use super::exposure::peer_ranges;
use super::gate::Gate;
use super::history::Keeping;
use super::judging::Judging;
use super::live::{self, Kept};
use super::output::{Interruption, Pending, Readers, to_stdout};
use super::{baseline, clash, configuration, source};

/// A snapshot that is written beside a SARIF report is called so, always: a path that changes would close and
/// reopen every alert.
const SNAPSHOT_BESIDE: &str = "atlas-audit.snapshot.jsonl";

/// Reads, judges, reports.
pub fn run(args: &ScanArgs, matches: &ArgMatches, quiet: bool) -> Result<ExitCode, Error> {
    let catalogue = super::catalogue(args.selection.rules.as_deref())?;
    let mut config = configuration::for_rules(&args.config, catalogue)?;
    let rules = catalogue.select_as(&Selection::from(&args.selection), &config.settings)?;
    let mut waivers = config.waivers.clone();
    for path in &args.gate.waivers {
        waivers.extend(config.gate.waivers(path, &path.display().to_string(), catalogue)?);
    }
    let narrowed = !(args.scope.project.is_empty() && args.scope.exclude_project.is_empty());
    let baseline = args.gate.baseline.clone().or_else(|| config.gate.baseline.clone());
    let baseline = baseline.filter(|_| !args.gate.no_baseline);
    let locations = args.sarif_locations.unwrap_or(match args.snapshot {
        Some(_) => SarifLocations::Snapshot,
        None => SarifLocations::Resource,
    });
    let destinations = destinations(args, matches)?;
    let keep = kept_at(args, &destinations, locations);
    apart(args, &config, &destinations, keep.as_deref())?;
    // Before any work is done: one that cannot be read is no reason to wait for Atlas first.
    let baseline = baseline
        .map(|path| Ok::<_, Error>((path.clone(), baseline::read(&path, &args.scope, &rules, &config, catalogue)?)))
        .transpose()?;
    let mut keeping = Keeping::of(args)?;
    if let Some(keeping) = &keeping {
        keeping.inform(args, &rules, &mut config)?;
    }
    let config = config;
    // Before any work is done: a report that cannot be written is no reason to wait for Atlas first.
    let pending = destinations
        .iter()
        .map(|destination| destination.path.as_deref().map(|path| Pending::create(path, Readers::Usual)).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    let html = destinations.iter().any(|destination| destination.format == Format::Html);
    let access = html.then(|| Access::new(peer_ranges(&config)));
    let judged = if let Some(path) = &args.snapshot {
        std::thread::scope(|threads| {
            let judging = Judging::by(&rules, &config.declared).telling(access).on_threads(threads);
            judge_snapshot(path, args, judging, keeping.as_mut(), &config)
        })?
    } else {
        let judging = Judging::by(&rules, &config.declared).telling(access);
        judge_live(args, &rules, judging, keeping.as_mut(), &config, keep.as_deref(), quiet)?
    };
    let mut interrupted = judged.interrupted;
    let mut report = Report::new(judged.about, &rules, judged.outcomes).with_waivers(waivers, narrowed);
    if let Some((path, baseline)) = baseline {
        if baseline.organization != report.about.organization {
            let (theirs, ours) = (baseline.organization, report.about.organization);
            return Err(Error::BaselineOfOther { path, theirs, ours });
        }
        report = report.since(baseline, narrowed);
    }
    report.framework = args.selection.framework;
    report.access = judged.access;
    let record = match (&mut keeping, &judged.digest) {
        (Some(keeping), Some(digest)) => Some(keeping.record(&report, digest)?),
        _ => None,
    };
    if let (Some(keeping), Some(record)) = (&keeping, &record)
        && html
    {
        report.trend = Some(keeping.trend(&report, record)?);
    }
    report.most_findings = args.max_findings.or(config.gate.max_findings).unwrap_or(usize::MAX);
    for (destination, file) in destinations.iter().zip(pending) {
        let format = destination.format.into();
        let (locations, suppressed) = (locations.into(), args.sarif_suppressed);
        match file {
            None => {
                let options = report::Options { style: Style::of_stdout(), locations, suppressed };
                to_stdout(|out| report::render(&report, format, &options, out))?;
            }
            Some(mut file) => {
                let options = report::Options { style: Style::plain(), locations, suppressed };
                let path = || destination.path.clone().unwrap_or_default();
                report::render(&report, format, &options, &mut file)
                    .map_err(|error| Error::rendering(error, path()))?;
                match &mut interrupted {
                    None => file.finish()?,
                    Some(interrupted) => interrupted.keep(file)?,
                };
            }
        }
    }
    if let Some(interrupted) = &interrupted {
        interrupted.tell();
    }
    // After the reports: what was found is told even if it cannot be kept.
    match (&keeping, &record) {
        (Some(keeping), Some(record)) => keeping.keep(record)?,
        (Some(_), None) => anstream::eprintln!("not kept in the history: what was read is not the whole organization"),
        _ => {}
    }
    let exit = Gate::of(&args.gate, &config.gate).exit(&report);
    if !quiet || exit.code != 0 {
        anstream::eprintln!("exit {}: {}", exit.code, exit.because);
    }
    Ok(ExitCode::from(exit.code))
}

pub(super) struct Judged {
    pub(super) about: About,
    pub(super) outcomes: Outcomes,
    pub(super) access: Option<Access>,
    /// Digest of what was read, if a history asks for it and it was read to its end.
    digest: Option<String>,
    /// If somebody stopped the run.
    interrupted: Option<Interruption>,
}

fn judge_snapshot(
    path: &Path,
    args: &ScanArgs,
    mut judging: Judging<'_, '_>,
    mut keeping: Option<&mut Keeping>,
    config: &Config,
) -> Result<Judged, Error> {
    let mut digest = None;
    if keeping.is_some() {
        let unreadable = |error: io::Error| Error::Snapshot { path: path.to_owned(), source: error.into() };
        digest = Some(digest::of_file(path).map_err(unreadable)?);
    }
    let read = source::snapshot(path, args.access.org.as_deref(), &args.scope, &mut |event| {
        if let Some(keeping) = &mut keeping {
            keeping.on(event);
        }
        judging.on(event);
    })?;
    let digest = digest.filter(|_| read.is_whole());
    let access = judging.access();
    let outcomes = judging.outcomes(&read, true);
    let snapshot = SnapshotPath { path: path.to_owned(), shown: shown(path) };
    Ok(Judged { about: read.about(Some(snapshot), config), outcomes, access, digest, interrupted: None })
}

/// Where a snapshot has to be for a SARIF report that points into it.
fn snapshot_beside(destinations: &[Destination], locations: SarifLocations) -> Option<PathBuf> {
    let sarif = destinations.iter().find(|destination| destination.format == Format::Sarif);
    sarif.filter(|_| locations == SarifLocations::Snapshot).map(|destination| {
        let folder = destination.path.as_deref().and_then(Path::parent).unwrap_or_else(|| Path::new(""));
        folder.join(SNAPSHOT_BESIDE)
    })
}

fn judge_live(
    args: &ScanArgs,
    rules: &[SelectedRule],
    mut judging: Judging<'_, '_>,
    mut keeping: Option<&mut Keeping>,
    config: &Config,
    keep: Option<&Path>,
    quiet: bool,
) -> Result<Judged, Error> {
    let kept = match keep {
        Some(path) => Some(Kept::create(path)?),
        // A history tells scans apart by the snapshot that they would have left.
        None => keeping.is_some().then(Kept::nowhere),
    };
    let sections = catalogue::needs(rules);
    let mut read = live::read(&args.access, &args.scope, &sections, kept, quiet, &mut |event| {
        if let Some(keeping) = &mut keeping {
            keeping.on(event);
        }
        judging.on(event);
    })?;
    let digest = read.digest.clone().filter(|_| read.is_whole());
    let access = judging.access();
    let outcomes = judging.outcomes(&read, false);
    let snapshot = read.kept.take().map(|path| SnapshotPath { shown: shown(&path), path });
    let interrupted = read.interrupted.take();
    Ok(Judged { about: read.about(snapshot, config), outcomes, access, digest, interrupted })
}

/// Where what is read live is kept, if it is.
fn kept_at(args: &ScanArgs, destinations: &[Destination], locations: SarifLocations) -> Option<PathBuf> {
    let beside = || snapshot_beside(destinations, locations).filter(|_| args.snapshot.is_none());
    args.save_snapshot.clone().or_else(beside)
}

/// Refuses outputs that would replace each other, or what is read.
fn apart(args: &ScanArgs, config: &Config, destinations: &[Destination], keep: Option<&Path>) -> Result<(), Error> {
    let written = || destinations.iter().filter_map(|to| to.path.as_deref()).chain(keep);
    clash::twice(written())?;
    // Not the baseline: it is read before it is replaced, which is what it is for.
    let read = [args.snapshot.as_deref(), config.file.as_deref().map(Path::new)];
    clash::refuse(written(), read.into_iter().flatten().chain(args.gate.waivers.iter().map(PathBuf::as_path)))
}

/// As a report refers to a file: relative to the working directory, with forward slashes.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let Ok(relative) = path.strip_prefix(&here) else {
        // Elsewhere: as it was given. Joined from its parts, `/tmp/x` would begin with two slashes.
        return path.to_string_lossy().replace('\\', "/");
    };
    relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[derive(Debug, PartialEq, Eq)]
struct Destination {
    format: Format,
    /// Stdout, if none.
    path: Option<PathBuf>,
}

/// Each `--output` belongs to the `--format` before it.
fn destinations(args: &ScanArgs, matches: &ArgMatches) -> Result<Vec<Destination>, Error> {
    let indices = |name: &str| matches.indices_of(name).into_iter().flatten().collect::<Vec<_>>();
    let formats = indices("format");
    let mut destinations: Vec<Destination> =
        args.format.iter().map(|format| Destination { format: *format, path: None }).collect();
    if destinations.is_empty() {
        destinations.push(Destination { format: Format::Table, path: None });
    }
    for (path, at) in args.output.iter().zip(indices("output")) {
        let before = formats.iter().filter(|format| **format < at).count();
        // `--output FILE --format X` with one of each leaves no doubt either.
        let owner = if formats.len() <= 1 { 0 } else { before.wrapping_sub(1) };
        match destinations.get_mut(owner) {
            Some(destination) if destination.path.is_none() => destination.path = Some(path.clone()),
            _ => return Err(Error::OutputWithoutFormat { path: path.clone() }),
        }
    }
    if destinations.iter().filter(|destination| destination.path.is_none()).count() > 1 {
        return Err(Error::TwoReportsOnStdout);
    }
    Ok(destinations)
}
