//! `atlas-audit.toml`: what no API can tell about an organization, and how it wants to be judged.
//!
//! What is declared has its types in `engine::declared`, since rules read it; here it is found, read and held against
//! the checklist. Custom rules are files of their own (`--rules DIR`); what is changed about one is said here like that of
//! any other, under `[rules.<id>]`, and checked by the runs that judge by it.

mod check;
pub mod classify;
pub mod explain;
mod gate;
mod guess;
mod problem;
mod reviews;
mod rules;
pub mod schema;
pub mod seen;
pub mod start;

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use toml::de::Deserializer;

use crate::engine::waiver::Waiver;
use crate::engine::{Catalogue, Declared, Settings};

pub use gate::{Gate, Threshold};
pub use problem::Problem;

use gate::Decisions;
use problem::{Source, meant};

/// The file's usual name.
pub const FILE: &str = "atlas-audit.toml";

/// The table of the file that is about rules; most other keys are something declared.
const RULES: &str = "rules";

/// Everything that a configuration says.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// What no API can tell.
    pub declared: Declared,
    /// What is changed about rules.
    pub settings: Settings,
    /// What a run fails on.
    pub gate: Gate,
    /// What it does not.
    pub waivers: Vec<Waiver>,
    /// The file, as it is to be referred to; none if there is none.
    pub file: Option<String>,
}

/// Why there is no configuration to work with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of waivers cannot be read.
    #[error("cannot read the waivers {path}")]
    UnreadableWaivers {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something in it is wrong.
    #[error(transparent)]
    Wrong(Box<Problem>),
}

impl ConfigError {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        match self {
            Self::Unreadable { .. } => Some("name a file with --config, or do without one with --no-config"),
            Self::UnreadableWaivers { .. } => {
                Some("correct `waiver_files` or --waivers; paths are relative to the file that names them")
            }
            Self::Wrong(problem) => problem.help(),
        }
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self::Wrong(Box::new(problem))
    }
}

impl Config {
    /// The configuration of a folder: its own, else that of the nearest folder above that has one.
    pub fn find(folder: &Path, catalogue: &'static Catalogue) -> Result<Option<Self>, ConfigError> {
        for (depth, above) in folder.ancestors().enumerate() {
            let path = above.join(FILE);
            if path.is_file() {
                return Self::read_as(&path, &format!("{}{FILE}", "../".repeat(depth)), catalogue).map(Some);
            }
        }
        Ok(None)
    }

    /// Reads a file.
    pub fn read(path: &Path, catalogue: &'static Catalogue) -> Result<Self, ConfigError> {
        Self::read_as(path, &path.display().to_string(), catalogue)
    }

    fn read_as(path: &Path, shown: &str, catalogue: &'static Catalogue) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: shown.into(), source })?;
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        let (mut config, waiver_files) = Self::parse_whole(catalogue, shown, &text, Some(folder))?;
        let shown = Path::new(shown).parent().unwrap_or_else(|| Path::new(""));
        for file in waiver_files {
            let shown = shown.join(&file).display().to_string();
            config.waivers.extend(config.gate.waivers(&folder.join(&file), &shown, catalogue)?);
        }
        // Whoever runs it may stand elsewhere.
        config.gate.baseline = config.gate.baseline.map(|baseline| folder.join(baseline));
        Ok(config)
    }

    /// That of the bundled demo organization.
    ///
    /// # Panics
    ///
    /// If it is wrong; a test reads it.
    #[must_use]
    pub fn demo() -> Self {
        let text = include_str!("../../fixtures/demo/atlas-audit.toml");
        Self::parse("the demo's own configuration", text).expect("a test reads it")
    }

    /// What a text says of the built-in rules; `file` is how to refer to it.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problem> {
        Self::parse_for(Catalogue::built_in(), file, text)
    }

    /// What a text says of these rules. Reviews that it names are not read: a text is in no folder.
    pub fn parse_for(catalogue: &'static Catalogue, file: &str, text: &str) -> Result<Self, Problem> {
        Self::parse_whole(catalogue, file, text, None).map(|(config, _)| config)
    }

    /// The same, and the files that it names.
    fn parse_whole(
        catalogue: &'static Catalogue,
        file: &str,
        text: &str,
        folder: Option<&Path>,
    ) -> Result<(Self, Vec<PathBuf>), Problem> {
        let source = Source::parse(file, text)?;
        let known = schema::keys();
        for key in source.root.get_ref().keys() {
            if !known.iter().any(|known| known == key.get_ref()) {
                let problem = source.problem_at(key.span(), format!("unknown key `{}`", key.get_ref()));
                return Err(match meant(key.get_ref(), &known) {
                    Some(help) => problem.with_help(help),
                    None => problem,
                });
            }
        }
        let settings = rules::settings(&source, catalogue)?;
        // Spans survive only where nothing is buffered on the way, as flattening would.
        let mut declared = source.root.get_ref().clone();
        for key in gate::KEYS.into_iter().chain([RULES]) {
            declared.remove(key);
        }
        let declared = Deserializer::from(Spanned::new(source.root.span(), declared));
        let mut declared = Declared::deserialize(declared).map_err(|error| source.reported(&error))?;
        check::check(&declared, &source, catalogue)?;
        if let Some(folder) = folder {
            reviews::take_in(&mut declared, &source, folder)?;
        }
        let Decisions { gate, waivers, waiver_files } = Decisions::of(&source, catalogue)?;
        Ok((Self { declared, settings, gate, waivers, file: Some(file.to_owned()) }, waiver_files))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Severity;
    use crate::engine::catalogue::Selection;

    #[test]
    fn the_demo_has_a_good_one() {
        let config = Config::demo();
        assert!(!config.declared.attestations.is_empty());
        assert!(config.settings.iter().next().is_some());
    }

    #[test]
    fn a_rule_is_changed_by_id_or_name() {
        let text = "[rules.access-list-broad-range]\nseverity = 'low'\nmax_ipv4_prefix = 8\n\
                    [rules.NET-001]\nenabled = false";
        let config = Config::parse("a.toml", text).unwrap();
        let selected = |rules: &[&str]| {
            let rules = rules.iter().map(|rule| (*rule).to_owned()).collect();
            Catalogue::built_in().select_as(&Selection { rules, ..Selection::default() }, &config.settings).unwrap()
        };
        let all = selected(&[]);
        let broad = all.iter().find(|rule| rule.rule.id == "ATL-NET-002").unwrap();
        assert_eq!(broad.severity, Some(Severity::Low));
        assert_eq!(config.settings.of("ATL-NET-002").unwrap().parameters["max_ipv4_prefix"].as_integer(), Some(8));
        assert!(!all.iter().any(|rule| rule.reported && rule.rule.id == "ATL-NET-001"), "others may build on it");
        assert_eq!(selected(&["NET-001"]).len(), 1, "it is not enabled, and takes part where it is named");
    }

    #[test]
    fn a_changed_severity_counts_for_the_selection() {
        let config = Config::parse("a.toml", "[rules.NET-001]\nseverity = 'info'").unwrap();
        let selection = Selection { min_severity: Some(Severity::Low), ..Selection::default() };
        let selected = Catalogue::built_in().select_as(&selection, &config.settings).unwrap();
        assert!(!selected.iter().any(|rule| rule.reported && rule.rule.id == "ATL-NET-001"));
    }

    #[test]
    fn the_nearest_folder_upward_counts() {
        let top = tempfile::tempdir().unwrap();
        let below = top.path().join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        std::fs::write(top.path().join(FILE), "domains = ['top.example']").unwrap();
        assert_eq!(
            Config::find(&below, Catalogue::built_in()).unwrap().unwrap().file.as_deref(),
            Some("../../atlas-audit.toml")
        );
        std::fs::write(top.path().join("a").join(FILE), "domains = ['a.example']").unwrap();
        let found = Config::find(&below, Catalogue::built_in()).unwrap().unwrap();
        assert_eq!(
            (found.file.as_deref(), found.declared.domains),
            (Some("../atlas-audit.toml"), vec!["a.example".into()])
        );
    }
}
