//! What an organization changes about rules: how bad they are, by which figures they judge, and which take no part.

use std::collections::BTreeMap;

use super::catalogue::Entry;
use super::predicate::BadParameters;
use super::severity::Severity;

/// What is changed about one rule.
#[derive(Debug, Clone, Default)]
pub struct RuleSettings {
    /// Of every finding of the rule, whatever the rule would say.
    pub severity: Option<Severity>,
    /// `false`: it takes part only where it is named.
    pub enabled: Option<bool>,
    /// Over its own parameters.
    pub parameters: toml::Table,
}

/// What is changed about all rules, by their ids. The parameters in it are known to fit.
#[derive(Debug, Clone, Default)]
pub struct Settings(BTreeMap<String, RuleSettings>);

impl Settings {
    /// Changes a rule, if the parameters fit.
    pub fn set(&mut self, entry: &'static Entry, settings: RuleSettings) -> Result<(), BadParameters> {
        entry.bind(&settings.parameters)?;
        self.0.insert(entry.rule.id.clone(), settings);
        Ok(())
    }

    /// What is changed about a rule, by its id.
    #[must_use]
    pub fn of(&self, id: &str) -> Option<&RuleSettings> {
        self.0.get(id)
    }

    /// All that is changed, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RuleSettings)> {
        self.0.iter().map(|(id, settings)| (id.as_str(), settings))
    }
}
