//! One finding among all: what `explain` and `waive` are about.

use crate::cli::AmongArgs;
use crate::config::Config;
use crate::engine::catalogue::{self, Selection};
use crate::error::Error;
use crate::report::{Finding, Report, Unjudged};

use super::judging::Judging;
use super::{configuration, source};

/// The least digits that can tell findings apart.
const LEAST_DIGITS: usize = 6;

/// What a fingerprint stands for.
pub(super) enum Found {
    Finding(Box<Finding>),
    Unjudged(Box<Unjudged>),
}

/// Judges what the arguments name.
pub(super) fn judged(among: &AmongArgs, quiet: bool) -> Result<(Report, Config), Error> {
    let AmongArgs { source: from, config, selection } = among;
    let catalogue = super::catalogue(selection.rules.as_deref())?;
    // The demo has one of its own, unless another is to be tried on it.
    let config = match config.config {
        None if from.demo && !config.no_config => Config::demo(),
        _ => configuration::for_rules(config, catalogue)?,
    };
    let rules = catalogue.select_as(&Selection::from(selection), &config.settings)?;
    let mut judging = Judging::by(&rules, &config.declared);
    let read = source::read(from, &catalogue::needs(&rules), quiet, &mut |event| judging.on(event))?;
    if let Some(interrupted) = &read.interrupted {
        interrupted.tell();
    }
    let outcomes = judging.outcomes(&read, from.snapshot.is_some());
    let narrowed = !(from.scope.project.is_empty() && from.scope.exclude_project.is_empty());
    let report = Report::new(read.about(None, &config), &rules, outcomes);
    Ok((report.with_waivers(config.waivers.clone(), narrowed), config))
}

/// Looks for a fingerprint, or for the one that begins so.
pub(super) fn find(report: &Report, asked: &str) -> Result<Found, Error> {
    let asked = asked.trim().to_ascii_lowercase();
    let none = |count| Error::NoSuchFinding { asked: asked.clone(), count };
    if asked.len() < LEAST_DIGITS || !asked.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(none(0));
    }
    let findings = report.findings().filter(|finding| finding.fingerprint().to_string().starts_with(&asked));
    let mut findings: Vec<Finding> = findings.collect();
    let told_apart: std::collections::BTreeSet<_> = findings.iter().map(Finding::fingerprint).collect();
    match (findings.pop(), told_apart.len()) {
        (Some(finding), 1) => return Ok(Found::Finding(Box::new(finding))),
        (Some(_), many) => return Err(none(many)),
        (None, _) => {}
    }
    let unknown = report.unknowns().filter(|unjudged| unjudged.fingerprint().to_string().starts_with(&asked));
    let mut unknown: Vec<Unjudged> = unknown.collect();
    match (unknown.pop(), unknown.len()) {
        (Some(unjudged), 0) => Ok(Found::Unjudged(Box::new(unjudged))),
        (Some(_), more) => Err(none(more + 1)),
        (None, _) => Err(none(0)),
    }
}
