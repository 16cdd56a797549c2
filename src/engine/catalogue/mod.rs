//! The checklist: every built-in rule, those of the organization's own, and which of them take part in a run.

mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use serde::de::{self, DeserializeOwned};

use crate::snapshot::Section;

use self::table::{Registered, TABLE};

use super::custom::{Compiled, evaluate};
use super::framework::Framework;
use super::predicate::{BadParameters, Predicate};
use super::rule::{Example, Rule};
use super::settings::{RuleSettings, Settings};
use super::severity::Severity;

impl Registered {
    fn entry(&'static self) -> Entry {
        Entry {
            file: self.file,
            rule: self.parsed(self.parts().0),
            examples: OnceLock::new(),
            bind: Bind::Native(self),
        }
    }

    /// The text, and its examples: these are most of it, and only `rules test` and documentation want them.
    fn parts(&self) -> (&'static str, &'static str) {
        self.text.find("\n[[example]]").map_or((self.text, ""), |at| self.text.split_at(at))
    }

    fn parsed<T: DeserializeOwned>(&self, text: &str) -> T {
        toml::from_str(text).unwrap_or_else(|error| panic!("rules/{}.toml: {error}", self.file))
    }
}

/// A rule of the catalogue.
pub struct Entry {
    /// Below `rules/`, without the ending.
    pub file: &'static str,
    /// Its text; of a built-in rule, all but the examples.
    pub rule: Rule,
    /// Those of a built-in rule, once somebody asked.
    examples: OnceLock<Vec<Example>>,
    bind: Bind,
}

/// What decides a rule, before its parameters are known.
enum Bind {
    /// Functions of this program.
    Native(&'static Registered),
    /// An expression of the organization's own.
    Expression(Arc<Compiled>),
}

impl Entry {
    /// `network`, the folder.
    #[must_use]
    pub fn category(&self) -> &'static str {
        self.file.split_once('/').map_or("", |(folder, _)| folder)
    }

    /// A rule of the organization's own.
    pub(super) fn custom(file: String, rule: Rule, expression: Arc<Compiled>) -> Self {
        // Rules live as long as the program: there is one catalogue, and it is never taken apart.
        let file = Box::leak(file.into_boxed_str());
        Self { file, rule, examples: OnceLock::new(), bind: Bind::Expression(expression) }
    }

    /// Its documentation and tests at once.
    #[must_use]
    pub fn examples(&self) -> &[Example] {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Examples {
            #[serde(default)]
            example: Vec<Example>,
        }
        match &self.bind {
            Bind::Expression(_) => &self.rule.examples,
            Bind::Native(registered) => {
                self.examples.get_or_init(|| registered.parsed::<Examples>(registered.parts().1).example)
            }
        }
    }

    /// Whether it is an organization's own.
    #[must_use]
    pub fn is_custom(&self) -> bool {
        matches!(self.bind, Bind::Expression(_))
    }

    /// Binds its parameters: the rule's defaults, and over them those given.
    pub fn bind(&'static self, over: &toml::Table) -> Result<Vec<Predicate>, BadParameters> {
        let mut parameters = self.rule.parameters.clone();
        parameters.extend(over.clone());
        match &self.bind {
            Bind::Native(registered) => (registered.bind)(&parameters),
            Bind::Expression(expression) => Ok({
                if let Some(name) = over.keys().find(|name| !self.rule.parameters.contains_key(name.as_str())) {
                    let known: Vec<_> = self.rule.parameters.keys().map(|name| format!("`{name}`")).collect();
                    let known = if known.is_empty() { "there are none".to_owned() } else { known.join(", ") };
                    let unknown = de::Error::custom(format!("unknown field `{name}`, expected one of {known}"));
                    return Err(BadParameters::new(serde_path_to_error::Track::new().path(), unknown));
                }
                evaluate::predicates(&self.rule, expression, &parameters)
            }),
        }
    }

    /// Itself, ready to judge.
    pub(super) fn selected(
        &'static self,
        changed: &RuleSettings,
        reported: bool,
    ) -> Result<SelectedRule, BadParameters> {
        let predicates = self.bind(&changed.parameters)?;
        let severity = changed.severity;
        Ok(SelectedRule { rule: &self.rule, category: self.category(), predicates, severity, reported })
    }
}

/// A rule that takes part in a run, with its parameters bound.
pub struct SelectedRule {
    /// Its text.
    pub rule: &'static Rule,
    /// `network`
    pub category: &'static str,
    /// What decides it.
    pub predicates: Vec<Predicate>,
    /// Of every finding, in place of what the rule says.
    pub severity: Option<Severity>,
    /// Whether it was asked for. A rule that others build on is judged without being reported.
    pub reported: bool,
}

/// All rules.
pub struct Catalogue {
    entries: Vec<Entry>,
}

/// Which rules take part.
#[derive(Debug, Default, Clone)]
pub struct Selection {
    /// Only these, by id or name; all if empty.
    pub rules: Vec<String>,
    /// Not these.
    pub skip: Vec<String>,
    /// Only these categories; all if empty.
    pub categories: Vec<String>,
    /// Only rules of at least that severity.
    pub min_severity: Option<Severity>,
    /// Only rules that support this framework.
    pub framework: Option<Framework>,
}

/// A selection that names nothing.
#[derive(Debug, thiserror::Error)]
pub enum NoSuch {
    /// No rule has that id or name.
    #[error("no rule is called `{asked}`")]
    Rule {
        /// What was asked for.
        asked: String,
        /// The closest id or name.
        nearest: Option<String>,
    },
    /// No category has that name.
    #[error("no category is called `{asked}`")]
    Category {
        /// What was asked for.
        asked: String,
        /// All there are.
        known: Vec<&'static str>,
    },
    /// The selection leaves nothing.
    #[error("no rule is left by this selection")]
    Nothing,
}

impl Catalogue {
    /// The built-in rules.
    ///
    /// # Panics
    ///
    /// If a built-in rule cannot be parsed; a test parses them all.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(|| Catalogue { entries: TABLE.iter().map(Registered::entry).collect() })
    }

    /// The built-in rules and these.
    pub(super) fn built_in_and(custom: Vec<Entry>) -> &'static Self {
        let built_in = TABLE.iter().map(Registered::entry);
        Box::leak(Box::new(Self { entries: built_in.chain(custom).collect() }))
    }

    /// Whether rules of an organization's own are among them.
    #[must_use]
    pub fn has_custom(&self) -> bool {
        self.entries.iter().any(Entry::is_custom)
    }

    /// Whether a rule is called so.
    #[must_use]
    pub fn names(&self, asked: &str) -> bool {
        self.entries.iter().any(|entry| entry.rule.is_called(asked))
    }

    /// Every rule, by category and id.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The categories, in the order of the table.
    #[must_use]
    pub fn categories(&self) -> Vec<&'static str> {
        let mut seen = BTreeSet::new();
        self.entries.iter().map(Entry::category).filter(|category| seen.insert(*category)).collect()
    }

    /// By id or name or former name, whatever the case.
    pub fn find(&self, asked: &str) -> Result<&Entry, NoSuch> {
        self.entries
            .iter()
            .find(|entry| entry.rule.is_called(asked))
            .ok_or_else(|| NoSuch::Rule { asked: asked.to_owned(), nearest: self.nearest(asked) })
    }

    fn nearest(&self, asked: &str) -> Option<String> {
        let asked = asked.to_lowercase();
        self.entries
            .iter()
            .flat_map(|entry| [&entry.rule.id, &entry.rule.name])
            .map(|name| (strsim::jaro_winkler(&asked, &name.to_lowercase()), name))
            .filter(|(likeness, _)| *likeness > 0.7)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, name)| name.clone())
    }

    /// These rules and all that they build on.
    pub(super) fn with_legs<'a>(&'a self, asked: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
        let mut judged = asked.clone();
        let mut next: Vec<&str> = asked.iter().copied().collect();
        while let Some(id) = next.pop() {
            let entry = self.entries.iter().find(|entry| entry.rule.id == id);
            for leg in entry.into_iter().flat_map(|entry| &entry.rule.builds_on) {
                if judged.insert(leg) {
                    next.push(leg);
                }
            }
        }
        judged
    }

    /// Binds the rules that a selection leaves, as they are, in the order of the table.
    pub fn select(&'static self, selection: &Selection) -> Result<Vec<SelectedRule>, NoSuch> {
        self.select_as(selection, &Settings::default())
    }

    /// Binds the rules that a selection leaves, as an organization wants them, in the order of the table.
    ///
    /// A rule that is not enabled takes part if the selection names it, and in the dark if one that does builds on it.
    ///
    /// # Panics
    ///
    /// If a rule's default parameters do not fit; a test binds them all.
    pub fn select_as(&'static self, selection: &Selection, settings: &Settings) -> Result<Vec<SelectedRule>, NoSuch> {
        let ids = |names: &[String]| -> Result<BTreeSet<&str>, NoSuch> {
            names.iter().map(|name| self.find(name).map(|entry| entry.rule.id.as_str())).collect()
        };
        let wanted = ids(&selection.rules)?;
        let skipped = ids(&selection.skip)?;
        let known = self.categories();
        for asked in &selection.categories {
            if !known.iter().any(|category| category.eq_ignore_ascii_case(asked)) {
                return Err(NoSuch::Category { asked: asked.clone(), known });
            }
        }
        let asked: BTreeSet<&str> = self
            .entries
            .iter()
            .filter(|entry| wanted.is_empty() || wanted.contains(entry.rule.id.as_str()))
            .filter(|entry| !skipped.contains(entry.rule.id.as_str()))
            .filter(|entry| {
                selection.categories.is_empty()
                    || selection.categories.iter().any(|asked| asked.eq_ignore_ascii_case(entry.category()))
            })
            .filter(|entry| {
                let changed = settings.of(&entry.rule.id);
                let severity = changed.and_then(|changed| changed.severity).unwrap_or(entry.rule.severity);
                let enabled = changed.and_then(|changed| changed.enabled).unwrap_or(true);
                selection.min_severity.is_none_or(|least| severity >= least) && (enabled || !wanted.is_empty())
            })
            .filter(|entry| selection.framework.is_none_or(|framework| entry.rule.controls.contains_key(&framework)))
            .map(|entry| entry.rule.id.as_str())
            .collect();
        let judged = self.with_legs(&asked);
        let selected: Vec<_> = self
            .entries
            .iter()
            .filter(|entry| judged.contains(entry.rule.id.as_str()))
            .map(|entry| {
                let own = RuleSettings::default();
                entry.selected(settings.of(&entry.rule.id).unwrap_or(&own), asked.contains(entry.rule.id.as_str()))
            })
            .collect::<Result<_, _>>()
            .expect("settings hold what fits, and a test binds all defaults");
        if selected.is_empty() { Err(NoSuch::Nothing) } else { Ok(selected) }
    }
}

/// The sections that these rules read.
#[must_use]
pub fn needs(rules: &[SelectedRule]) -> BTreeSet<Section> {
    rules.iter().flat_map(|selected| selected.rule.needs.iter().copied()).collect()
}
