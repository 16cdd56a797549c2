//! `atlas-audit review`: the pack for an access review, and what was decided about it.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::Value;

use crate::analysis::peering::PeerRanges;
use crate::atlas::endpoints::Endpoint;
use crate::cli::{RecordArgs, ReviewArgs, ReviewCommand, ScopeArgs};
use crate::config::Config;
use crate::engine::catalogue::Selection;
use crate::engine::day::Day;
use crate::engine::declared::review::{Decision, Identity, RECORD, Record, SnapshotDigest};
use crate::error::Error;
use crate::report::Report;
use crate::review::pack::{Found, Header, Previous, RowFinding};
use crate::review::sheet::{self, Sheet};
use crate::review::{Closing, Gathered, Gatherer, Pack, compare, page};
use crate::snapshot::digest::{self, sha256};
use crate::snapshot::store::{Header as SnapshotHeader, SnapshotError};
use crate::snapshot::{Reading, Section};

use super::exposure::peer_ranges;
use super::judging::Judging;
use super::live::Event;
use super::output::{Pending, Readers};
use super::source;
use super::{clash, comparable, configuration, history};

const JSON: &str = "review.json";
const CSV: &str = "review.csv";
const HTML: &str = "review.html";

/// Makes a pack, or takes down what was decided.
pub fn run(args: &ReviewArgs, quiet: bool) -> Result<ExitCode, Error> {
    match &args.command {
        Some(ReviewCommand::Record(args)) => record(args, quiet).map(|()| ExitCode::SUCCESS),
        None => pack(args, quiet),
    }
}

/// A snapshot, gathered.
struct Looked {
    header: SnapshotHeader,
    organization: Identity,
    digest: SnapshotDigest,
    complete: bool,
    gathered: Gathered,
    found: Vec<Found>,
}

fn side<'a>(path: &'a Path, organization: &'a Identity) -> comparable::Side<'a> {
    comparable::Side { path, organization: (&organization.id, organization.name.as_deref()) }
}

fn pack(args: &ReviewArgs, quiet: bool) -> Result<ExitCode, Error> {
    let (Some(new), Some(folder)) = (&args.snapshot, &args.output) else {
        // The parser asks for both.
        return Err(Error::NotAPack { path: PathBuf::new(), why: "no snapshot was named".to_owned() });
    };
    let mut config = configuration::in_force(&args.config)?;
    let files = [CSV, JSON, HTML].map(|name| folder.join(name));
    let read = [Some(new.as_path()), args.since.as_deref(), config.file.as_deref().map(Path::new)];
    clash::refuse(files.iter().map(PathBuf::as_path), read.into_iter().flatten())?;
    if let Some(place) = &args.history {
        config.declared.logins = history::logins(place, new)?;
    }
    let config = config;
    let peer_ranges = peer_ranges(&config);
    guard(folder, args.force)?;
    let before = args.previous.as_deref().map(previous).transpose()?;
    let (before, record) = match before {
        Some((previous, record)) => (Some(previous), record),
        None => last_of(&config),
    };
    let mut looked = look(new, &config, &peer_ranges, true)?;
    if let Some(record) = &record {
        let path = args.previous.as_deref().unwrap_or(Path::new(""));
        comparable::of_one_organization(side(path, &record.organization), side(new, &looked.organization))?;
    }
    let is_whole = looked.header.projects.is_none();
    let mut gone = Vec::new();
    let mut since = None;
    if let Some(path) = &args.since {
        let old = look(path, &config, &peer_ranges, false)?;
        comparable::of_one_organization(side(path, &old.organization), side(new, &looked.organization))?;
        comparable::in_order((path, old.digest.taken), (new, looked.digest.taken), || {
            format!("atlas-audit review --since {} {}", new.display(), path.display())
        })?;
        gone = compare::since(&mut looked.gathered, &old.gathered, old.digest.taken);
        since = Some(old.digest);
    }
    let taken = looked.digest.taken;
    let followed_up = record
        .as_ref()
        .map(|record| compare::follow_up(&mut looked.gathered, record, taken, is_whole))
        .unwrap_or_default();
    let header = Header {
        organization: looked.organization,
        projects_asked_for: looked.header.projects,
        projects: looked.gathered.projects.clone(),
        snapshot: looked.digest,
        since,
        source: looked.header.source,
        complete: looked.complete,
        tool: format!("atlas-audit {}", env!("CARGO_PKG_VERSION")),
        extracted_by: looked.header.tool,
        credential: looked.gathered.credential.clone(),
        configuration: config.file.clone(),
        read: looked.gathered.read.clone(),
        not_read: looked.gathered.not_read.clone(),
        sampling: if is_whole {
            "none: the full population of every list that was read".to_owned()
        } else {
            "none within the projects that were asked for; others were left out".to_owned()
        },
        previous: before,
        counts: std::collections::BTreeMap::new(),
    };
    let pack = Pack::of(header, looked.gathered, looked.found, gone, followed_up);
    write(folder, &pack, args.force)?;
    if !quiet {
        tell(folder, &pack);
    }
    Ok(ExitCode::from(match (pack.still_there().next().is_some(), pack.incomplete() && !args.allow_unknown) {
        (true, _) => 1,
        (false, true) => 3,
        (false, false) => 0,
    }))
}

fn tell(folder: &Path, pack: &Pack) {
    for one in pack.still_there() {
        let (by, date) = (&one.decided.reviewer, &one.decided.date);
        anstream::eprintln!("revoked, still there: {} {} (by {by} on {date})", one.what, one.subject);
    }
    let missing = pack.header.not_read.iter().filter(|one| one.rows_missing).count();
    let missing = match missing {
        0 => String::new(),
        1 => "; 1 list could not be read, and the pack says why".to_owned(),
        many => format!("; {many} lists could not be read, and the pack says why"),
    };
    let csv = folder.join(CSV);
    let part = if pack.header.projects_asked_for.is_some() { ", of some projects only" } else { "" };
    anstream::eprintln!("{}: {} rows to decide on{part}{missing}", csv.display(), pack.rows.len());
}

/// Reads a snapshot file; judges it, if asked for.
fn look(path: &Path, config: &Config, peer_ranges: &PeerRanges, judge: bool) -> Result<Looked, Error> {
    let digest = digest::of_file(path)
        .map_err(|error| Error::Snapshot { path: path.to_owned(), source: SnapshotError::Io(error) })?;
    let catalogue = super::catalogue(None)?;
    let rules = if judge { catalogue.select_as(&Selection::default(), &config.settings)? } else { Vec::new() };
    let mut judging = Judging::by(&rules, &config.declared);
    let mut rows = None;
    let mut projects: Reading<usize> = Reading::default();
    let read = source::snapshot(path, None, &ScopeArgs::default(), &mut |event| {
        if judge {
            judging.on(event);
        }
        match event {
            Event::Organization { taken, projects: listing, .. } => {
                rows = Some(Gatherer::new(&config.declared, peer_ranges, taken));
                projects = match listing {
                    Ok(listed) => Reading::Known(listed.len()),
                    Err(why) => Reading::Unavailable(why.clone()),
                };
            }
            Event::Project { organization, project } => {
                if let Some(rows) = &mut rows {
                    rows.project(organization, project);
                }
            }
        }
    })?;
    let taken = read.header.taken;
    let rows = rows.unwrap_or_else(|| Gatherer::new(&config.declared, peer_ranges, taken));
    // The credential is told of at the root.
    let path_of = |section: Section| match Endpoint::of(section).path {
        "" => "/".to_owned(),
        path => path.to_owned(),
    };
    let gathered = rows.finish(&read.organization, &projects, &read.header.credential, path_of);
    let organization = Identity { id: read.organization.id.clone(), name: read.organization.name.clone() };
    let (header, complete) = (read.header.clone(), read.complete);
    let found = if judge {
        let outcomes = judging.outcomes(&read, true);
        let narrowed = read.header.projects.is_some();
        let report = Report::new(read.about(None, config), &rules, outcomes);
        found(&report.with_waivers(config.waivers.clone(), narrowed))
    } else {
        Vec::new()
    };
    let digest = SnapshotDigest { sha256: digest, taken };
    Ok(Looked { header, organization, digest, complete, gathered, found })
}

fn found(report: &Report) -> Vec<Found> {
    let of = |finding: &crate::report::Finding| Found {
        at: finding.resource.at.clone(),
        finding: RowFinding {
            rule: report.rule(finding.rule).id.clone(),
            severity: finding.severity.to_string(),
            message: crate::report::text::visible(&finding.message).into_owned(),
            fingerprint: finding.fingerprint().to_string(),
            waived: finding.waived().map(|waiver| {
                let text = format!("waived by {} until {}: {}", waiver.owner, waiver.until, waiver.reason);
                crate::report::text::visible(&text).into_owned()
            }),
        },
    };
    report.findings().map(|finding| of(&finding)).collect()
}

/// The review before, from its record or its pack.
fn previous(path: &Path) -> Result<(Previous, Option<Record>), Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
    let unusable = |why: String| Error::NotAPack { path: path.to_owned(), why };
    let kind = serde_json::from_str::<Value>(&text).ok();
    let is_record = kind.as_ref().and_then(|value| value.get("kind")).and_then(Value::as_str) == Some(RECORD);
    if is_record {
        let record = Record::read(&text).map_err(|why| unusable(why.to_string()))?;
        return Ok((of_record(&record, sha256(text.as_bytes())), Some(record)));
    }
    let pack = Pack::read(&text).map_err(|why| unusable(why.to_string()))?;
    let previous =
        Previous { pack_sha256: sha256(text.as_bytes()), record_sha256: None, snapshot: pack.header.snapshot };
    Ok((previous, None))
}

fn of_record(record: &Record, sha256: String) -> Previous {
    Previous { pack_sha256: record.pack_sha256.clone(), record_sha256: Some(sha256), snapshot: record.snapshot.clone() }
}

/// The last review that the configuration names.
fn last_of(config: &Config) -> (Option<Previous>, Option<Record>) {
    let record = config.declared.recorded.last().cloned();
    let previous = record.as_ref().map(|record| of_record(record, sha256(record.sealed().as_bytes())));
    (previous, record)
}

/// Nothing that somebody filled in is written over. Asked before any work is done.
fn guard(folder: &Path, force: bool) -> Result<(), Error> {
    let csv = folder.join(CSV);
    let bytes = match std::fs::read(&csv) {
        Ok(bytes) => bytes,
        // A file in the folder's place is told of when the folder is made.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
        Err(source) => return Err(Error::Unreadable { path: csv, source }),
    };
    // What cannot be read any more may hold somebody's work too.
    let is_blank = Sheet::read(&bytes).is_ok_and(|sheet| !sheet.is_filled_in());
    if is_blank || force { Ok(()) } else { Err(Error::FilledIn { path: csv }) }
}

/// Puts what is there out of the way, under the first number that is free.
fn set_aside(folder: &Path) -> Result<(), Error> {
    let is_free = |number: &u32| [CSV, JSON, HTML].iter().all(|name| !folder.join(numbered(name, *number)).exists());
    let number = (1..=u32::MAX).find(is_free).unwrap_or_default();
    for name in [CSV, JSON, HTML] {
        let from = folder.join(name);
        if from.exists() {
            std::fs::rename(&from, folder.join(numbered(name, number)))
                .map_err(|source| Error::Output { path: from, source })?;
        }
    }
    Ok(())
}

/// `review.1.csv`
fn numbered(name: &str, number: u32) -> String {
    name.replacen('.', &format!(".{number}."), 1)
}

fn write(folder: &Path, pack: &Pack, force: bool) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|source| Error::Output { path: folder.to_owned(), source })?;
    let json = pack.to_json();
    // The same pack may be written again; another one may be with somebody who fills in its sheet.
    let path = folder.join(JSON);
    let is_other = path.exists() && std::fs::read(&path).ok().as_deref() != Some(json.as_bytes());
    if is_other && !force {
        return Err(Error::OtherPack { path });
    }
    let html = page::page(pack, &sha256(json.as_bytes()));
    let csv = sheet::write(pack);
    let files: [(&str, &[u8]); 3] = [(JSON, json.as_bytes()), (HTML, html.as_bytes()), (CSV, &csv)];
    let mut pending = Vec::new();
    for (name, bytes) in files {
        let path = folder.join(name);
        let mut file = Pending::create(&path, Readers::OwnerOnly)?;
        file.write_all(bytes).map_err(|source| Error::Output { path, source })?;
        pending.push(file);
    }
    if is_other || guard(folder, false).is_err() {
        set_aside(folder)?;
    }
    for file in pending {
        file.finish()?;
    }
    Ok(())
}

fn record(args: &RecordArgs, quiet: bool) -> Result<(), Error> {
    let path = if args.pack.is_dir() { args.pack.join(JSON) } else { args.pack.clone() };
    let read = [Some(path.as_path()), Some(&args.decisions), args.snapshot.as_deref()];
    clash::refuse([args.output.as_path()], read.into_iter().flatten())?;
    if !args.force && args.output.exists() {
        return Err(Error::AlreadyThere { path: args.output.clone() });
    }
    let text = std::fs::read_to_string(&path).map_err(|source| Error::Unreadable { path: path.clone(), source })?;
    let pack = Pack::read(&text).map_err(|why| Error::NotAPack { path: path.clone(), why: why.to_string() })?;
    if let Some(snapshot) = &args.snapshot {
        let digest = digest::of_file(snapshot)
            .map_err(|error| Error::Snapshot { path: snapshot.clone(), source: SnapshotError::Io(error) })?;
        if digest != pack.header.snapshot.sha256 {
            return Err(Error::OtherSnapshot { path: snapshot.clone(), pack: path });
        }
    }
    let bytes =
        std::fs::read(&args.decisions).map_err(|source| Error::Unreadable { path: args.decisions.clone(), source })?;
    let sheet =
        Sheet::read(&bytes).map_err(|why| Error::NotASheet { path: args.decisions.clone(), why: why.to_string() })?;
    let closing = Closing {
        pack: &pack,
        pack_sha256: sha256(text.as_bytes()),
        sheet: &sheet,
        sheet_sha256: sha256(&bytes),
        now: Timestamp::now(),
        expires: args.expires.map(Day),
    };
    let record = closing.close().map_err(|problems| Error::Sheet { path: args.decisions.clone(), problems })?;
    let mut file = Pending::create(&args.output, Readers::OwnerOnly)?;
    file.write_all(record.sealed().as_bytes()).map_err(|source| Error::Output { path: args.output.clone(), source })?;
    let path = file.finish()?;
    if !quiet {
        let number = |wanted| record.decisions.iter().filter(|one| one.decision == wanted).count();
        anstream::eprintln!(
            "{}: {} kept, {} to be changed, {} revoked; name it in {}: reviews = [\"{}\"]",
            path.display(),
            number(Decision::Keep),
            number(Decision::Change),
            number(Decision::Revoke),
            crate::config::FILE,
            path.display().to_string().replace('\\', "/"),
        );
    }
    Ok(())
}
