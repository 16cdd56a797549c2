//! `[gate]`, `[[waivers]]` and `waiver_files`: what a run fails on, and what it does not.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::Deserializer;

use crate::engine::catalogue::NoSuch;
use crate::engine::day::Day;
use crate::engine::waiver::Waiver;
use crate::engine::{Catalogue, Severity, custom};

use super::ConfigError;
use super::problem::{Problem, Side, Source, Step};

/// Days that a waiver may count, unless the configuration says otherwise.
const LONGEST_WAIVER: u16 = 366;

/// What a run fails on, where no flag says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gate {
    /// Findings this severe or worse fail the run (exit code 1); `none` for none. Default: low.
    pub fail_on: Option<Threshold>,
    /// What is unknown fails the run too (exit code 1 instead of 3).
    pub fail_on_unknown: bool,
    /// An earlier report (JSON) or snapshot, beside this file: only what is new since then fails the run.
    pub baseline: Option<PathBuf>,
    /// Whatever is found, the exit code is 0; errors are still 2.
    pub exit_zero: bool,
    /// Reports list so many findings at most, the worst first. All are counted.
    pub max_findings: Option<usize>,
    /// Days that a waiver may count, from today. Default: 366.
    pub longest_waiver_days: Option<u16>,
}

/// From where on findings count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "severities, and none")]
pub enum Threshold {
    Critical,
    High,
    Medium,
    Low,
    Info,
    /// No finding fails a run.
    None,
}

impl Threshold {
    /// The least severity that fails a run, if any does.
    #[must_use]
    pub const fn severity(self) -> Option<Severity> {
        Some(match self {
            Self::Critical => Severity::Critical,
            Self::High => Severity::High,
            Self::Medium => Severity::Medium,
            Self::Low => Severity::Low,
            Self::Info => Severity::Info,
            Self::None => return None,
        })
    }
}

/// The keys of a configuration that are about the gate.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Decisions {
    /// What a run fails on, where no flag says otherwise.
    pub(super) gate: Gate,
    /// Findings that are accepted until a day.
    pub(super) waivers: Vec<Waiver>,
    /// Files with more waivers, beside this one.
    pub(super) waiver_files: Vec<PathBuf>,
}

/// A file of waivers alone.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WaiverFile {
    waivers: Vec<Waiver>,
}

pub(super) const KEYS: [&str; 3] = ["gate", WAIVERS, "waiver_files"];
const WAIVERS: &str = "waivers";

impl Decisions {
    pub(super) fn of(source: &Source<'_>, catalogue: &'static Catalogue) -> Result<Self, Problem> {
        // Spans survive only where nothing is buffered on the way, as flattening would.
        let keys = source.root.get_ref().clone().into_iter();
        let table = keys.filter(|(key, _)| KEYS.contains(&key.get_ref().as_ref())).collect();
        let table = Deserializer::from(Spanned::new(source.root.span(), table));
        let decisions = Self::deserialize(table).map_err(|error| source.reported(&error))?;
        check(&decisions.waivers, source, catalogue, decisions.gate.longest_waiver())?;
        Ok(decisions)
    }
}

impl Gate {
    fn longest_waiver(&self) -> u16 {
        self.longest_waiver_days.unwrap_or(LONGEST_WAIVER)
    }

    /// Waivers from a file of their own, held to this configuration.
    pub fn waivers(&self, path: &Path, shown: &str, catalogue: &'static Catalogue) -> Result<Vec<Waiver>, ConfigError> {
        let unreadable = |source| ConfigError::UnreadableWaivers { path: shown.into(), source };
        self.waivers_in(shown, &std::fs::read_to_string(path).map_err(unreadable)?, catalogue)
    }

    /// Waivers from the text of such a file.
    pub fn waivers_in(
        &self,
        shown: &str,
        text: &str,
        catalogue: &'static Catalogue,
    ) -> Result<Vec<Waiver>, ConfigError> {
        let source = Source::parse(shown, text)?;
        let root = Deserializer::from(source.root.clone());
        let file = WaiverFile::deserialize(root).map_err(|error| ConfigError::from(source.reported(&error)))?;
        check(&file.waivers, &source, catalogue, self.longest_waiver())?;
        Ok(file.waivers)
    }
}

fn check(waivers: &[Waiver], source: &Source<'_>, catalogue: &'static Catalogue, longest: u16) -> Result<(), Problem> {
    let now = Timestamp::now();
    for (index, waiver) in waivers.iter().enumerate() {
        let problem = |key, message: String| {
            source.problem(&[Step::Key(WAIVERS), Step::At(index), Step::Key(key)], Side::Value, message)
        };
        match catalogue.find(&waiver.rule) {
            Ok(_) => {}
            // A rule of their own, for a run that does not judge by it.
            Err(NoSuch::Rule { .. }) if custom::may_be_called(&waiver.rule) && !catalogue.has_custom() => {}
            Err(NoSuch::Rule { nearest, .. }) => {
                let problem = problem("rule", format!("no rule is called `{}`", waiver.rule));
                return Err(match nearest {
                    Some(nearest) => problem.with_help(format!("did you mean `{nearest}`?")),
                    None => problem.with_help("`atlas-audit rules list` shows all"),
                });
            }
            Err(other) => return Err(problem("rule", other.to_string())),
        }
        for (key, text) in [("reason", &waiver.reason), ("owner", &waiver.owner)] {
            if text.trim().is_empty() {
                return Err(problem(key, format!("a waiver without {key} is none"))
                    .with_help("say why it is accepted, and who answers for it"));
            }
        }
        let ahead = -waiver.until.age(now);
        if ahead > i64::from(longest) {
            let message = format!("{} is {ahead} days away, and a waiver may count for {longest}", waiver.until);
            let last = Day::of(now).0.saturating_add(jiff::Span::new().days(i64::from(longest)));
            return Err(problem("until", message)
                .with_help(format!("write {last} or earlier, or raise `gate.longest_waiver_days`")));
        }
    }
    Ok(())
}
