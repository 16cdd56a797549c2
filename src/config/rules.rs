//! `[rules.<id or name>]`: severities, parameters, and which rules take no part.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_path_to_error::Segment;
use toml::Spanned;
use toml::de::{DeValue, ValueDeserializer};

use crate::engine::catalogue::{Entry, NoSuch};
use crate::engine::settings::{RuleSettings, Settings};
use crate::engine::{Catalogue, Severity, custom};

use super::RULES;
use super::problem::{Problem, Side, Source, Step, meant};

/// Keys that are no parameters. A test holds that no rule has a parameter of that name.
pub(super) const SEVERITY: &str = "severity";
/// The other one.
pub(super) const ENABLED: &str = "enabled";

/// What the file changes about rules.
pub(super) fn settings(source: &Source<'_>, catalogue: &'static Catalogue) -> Result<Settings, Problem> {
    let mut settings = Settings::default();
    let Some((_, rules)) = source.root.get_ref().get_key_value(RULES) else { return Ok(settings) };
    let Some(rules) = rules.get_ref().as_table() else {
        return Err(source
            .problem(&[Step::Key(RULES)], Side::Value, "`rules` is a table of rules")
            .with_help("write [rules.ATL-NET-001], and below it what is changed"));
    };
    // In the order of the file, so that of two tables for one rule the second is the one too many.
    let mut rules: Vec<_> = rules.iter().collect();
    rules.sort_by_key(|(key, _)| key.span().start);
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for (key, value) in rules {
        let asked = key.get_ref().as_ref();
        let entry = match catalogue.find(asked) {
            Ok(entry) => entry,
            // A rule of their own, for a run that does not judge by it: only one that does can check what is said of it.
            Err(NoSuch::Rule { .. }) if custom::may_be_called(asked) && !catalogue.has_custom() => continue,
            Err(NoSuch::Rule { nearest, .. }) => {
                let problem = source.problem_at(key.span(), format!("no rule is called `{asked}`"));
                return Err(match nearest {
                    Some(nearest) => problem.with_help(format!("did you mean `{nearest}`?")),
                    None => problem.with_help("`atlas-audit rules list` shows all"),
                });
            }
            Err(other) => return Err(source.problem_at(key.span(), other.to_string())),
        };
        if let Some((_, before)) = seen.iter().find(|(id, _)| *id == entry.rule.id) {
            let message = format!("`{asked}` and `{before}` are the same rule");
            return Err(source.problem_at(key.span(), message).with_help("put both into one table"));
        }
        seen.push((&entry.rule.id, asked));
        let changed = changed(source, asked, value, entry)?;
        let above = [Step::Key(RULES), Step::Key(asked)];
        settings.set(entry, changed).map_err(|error| {
            let problem = source.reported_below(&above, &error);
            let mut path = error.path().iter();
            match (path.next(), path.next()) {
                // An unknown key of the table itself: what is no parameter may be meant too.
                (Some(Segment::Map { key }), None) if error.inner().message().starts_with("unknown field") => {
                    problem.with_help(meant(key, keys(entry)).unwrap_or_default())
                }
                _ => problem,
            }
        })?;
    }
    Ok(settings)
}

/// Every key that the table of a rule may have.
pub(super) fn keys(entry: &'static Entry) -> BTreeSet<String> {
    let own = entry.rule.parameters.keys().cloned();
    own.chain(accepted(entry)).chain([SEVERITY.to_owned(), ENABLED.to_owned()]).collect()
}

/// The parameters that a rule knows, also those without a default: what it says to one that it cannot know.
fn accepted(entry: &'static Entry) -> Vec<String> {
    let unknown = toml::Table::from_iter([("\u{0}".to_owned(), toml::Value::from(0))]);
    let said = entry.bind(&unknown).err().map(|error| error.inner().message().to_owned()).unwrap_or_default();
    let expected = said.split_once("expected").map(|(_, expected)| expected).unwrap_or_default();
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn changed(
    source: &Source<'_>,
    asked: &str,
    value: &Spanned<DeValue<'_>>,
    entry: &Entry,
) -> Result<RuleSettings, Problem> {
    let above = [Step::Key(RULES), Step::Key(asked)];
    let Some(table) = value.get_ref().as_table() else {
        let help = format!("write [rules.{}], and below it what is changed", entry.rule.id);
        return Err(source.problem(&above, Side::Value, format!("`{asked}` is to be a table")).with_help(help));
    };
    let mut settings = RuleSettings::default();
    for (key, value) in table {
        let wrong = |message: &str| source.problem_at(value.span(), message);
        match key.get_ref().as_ref() {
            SEVERITY => {
                let text = value.get_ref().as_str().ok_or_else(|| wrong("a severity is a text such as \"high\""))?;
                settings.severity = Some(text.parse().map_err(|_| {
                    let known = Severity::ALL.map(Severity::as_str);
                    let problem = wrong(&format!("`{text}` is not a severity"));
                    match meant(text, known) {
                        Some(help) => problem.with_help(help),
                        None => problem,
                    }
                })?);
            }
            ENABLED => {
                let enabled = value.get_ref().as_bool().ok_or_else(|| wrong("`enabled` is true or false"))?;
                settings.enabled = Some(enabled);
            }
            parameter => {
                let value = toml::Value::deserialize(ValueDeserializer::from(value.clone()));
                settings.parameters.insert(parameter.to_owned(), value.map_err(|error| source.reported(&error))?);
            }
        }
    }
    Ok(settings)
}
