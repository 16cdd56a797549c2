//! `atlas-audit waive`: accepts one finding until a day, in a file that people keep.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use crate::cli::WaiveArgs;
use crate::config::{Config, FILE};
use crate::engine::catalogue::Catalogue;
use crate::engine::waiver::{Waiver, WaiverState};
use crate::error::Error;
use crate::report::Finding;

use super::finding::{self, Found};
use super::output::{Pending, Readers, to_stdout};

/// Finds it, appends the waiver, and keeps the file only if the whole is still a configuration.
pub fn run(args: &WaiveArgs, quiet: bool) -> Result<ExitCode, Error> {
    if args.until.is_over(Timestamp::now()) {
        return Err(Error::WaiverOver { until: args.until.to_string() });
    }
    let catalogue = super::catalogue(args.among.selection.rules.as_deref())?;
    let (report, config) = finding::judged(&args.among, quiet)?;
    let finding = match finding::find(&report, &args.fingerprint)? {
        Found::Finding(finding) => finding,
        Found::Unjudged(_) => return Err(Error::NothingToWaive { asked: args.fingerprint.clone() }),
    };
    if let Some(waiver) = finding.waived() {
        return Err(Error::AlreadyWaived { owner: waiver.owner.clone(), until: waiver.until.to_string() });
    }
    let path = args.to.clone().unwrap_or_else(|| PathBuf::from(config.file.as_deref().unwrap_or(FILE)));
    let before = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(source) => return Err(Error::Unreadable { path, source }),
    };
    let rule = report.rule(finding.rule);
    if args.to.is_some() {
        // The configuration need not name that file yet.
        let there = config.gate.waivers_in(&path.display().to_string(), &before, catalogue)?;
        let at = finding.resource.at.as_str();
        let same = |waiver: &&Waiver| waiver.names(rule) && waiver.resource.as_str() == at;
        let counts = |waiver: &&Waiver| waiver.state(Timestamp::now()) == WaiverState::Active;
        if let Some(waiver) = there.iter().filter(same).find(counts) {
            return Err(Error::AlreadyWaived { owner: waiver.owner.clone(), until: waiver.until.to_string() });
        }
    }
    let after = with_waiver(&before, &rule.id, &finding, args)
        .map_err(|why| Error::NoTomlToEdit { path: path.clone(), why })?;
    check(&path, &after, &config, catalogue, args.to.is_some())?;
    let mut file = Pending::create(&path, Readers::Usual)?;
    file.write_all(after.as_bytes()).map_err(|source| Error::Output { path: path.clone(), source })?;
    file.finish()?;
    let place = finding.resource.place();
    let place = crate::report::plain(&place);
    to_stdout(|out| Ok(writeln!(out, "{}: {} at {place} is waived until {}", path.display(), rule.id, args.until)?))?;
    Ok(ExitCode::SUCCESS)
}

/// The text with one waiver more; all else stays as it is.
fn with_waiver(text: &str, rule: &str, finding: &Finding, args: &WaiveArgs) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
    let waivers = document.entry("waivers").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(waivers) = waivers.as_array_of_tables_mut() else {
        return Err("`waivers` is written as one value: write each as [[waivers]]".to_owned());
    };
    let mut waiver = Table::new();
    // A reference says little to people.
    let about = format!("{}: {}", finding.resource.place(), finding.message);
    let about: String = crate::report::plain(&about).chars().take(160).collect();
    waiver.decor_mut().set_prefix(format!("{}# {about}\n", if text.is_empty() { "" } else { "\n" }));
    waiver["rule"] = value(rule);
    waiver["resource"] = value(finding.resource.at.as_str());
    waiver["reason"] = value(args.reason.as_str());
    waiver["owner"] = value(args.owner.as_str());
    waiver["until"] = value(args.until.to_string().parse::<toml_edit::Datetime>().map_err(|error| error.to_string())?);
    waivers.push(waiver);
    Ok(document.to_string())
}

/// Whether the file can be used with the waiver in it.
fn check(
    path: &Path,
    text: &str,
    config: &Config,
    catalogue: &'static Catalogue,
    of_its_own: bool,
) -> Result<(), Error> {
    let shown = path.display().to_string();
    if of_its_own {
        config.gate.waivers_in(&shown, text, catalogue)?;
    } else {
        Config::parse_for(catalogue, &shown, text).map_err(crate::config::ConfigError::from)?;
    }
    Ok(())
}
