//! An organization's own rules: the same files as the built-in ones, with an `expression` in CEL instead of a function.
//!
//! An expression says what must hold. It is checked when it is loaded, against the fields that a snapshot has: CEL
//! itself would find a misspelt field only where it meets one, and never in `all()` over an empty list. A section that
//! could not be read, or a field that Atlas left out, makes the verdict unknown. This is the only place that knows of
//! the `cel` crate. <https://github.com/google/cel-spec>

mod check;
pub(super) mod evaluate;
mod functions;
mod size;
mod types;
mod values;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cel::Program;

use super::catalogue::{Catalogue, Entry};
use super::excerpt::Excerpt;
use super::rule::{Rule, Scope};

pub use check::Fault;

/// A rule of the organization's own that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadRule {
    /// The folder cannot be listed, or a file not read.
    #[error("{path}: {source}", path = path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no rule in the folder.
    #[error("{path} holds no rules: files that end in .toml", path = path.display())]
    Empty {
        /// Which.
        path: PathBuf,
    },
    /// It is no rule.
    #[error("{path}: {why}", path = path.display())]
    NotARule {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Its expression cannot be right.
    #[error("{path}:{line}:{column}: {fault}", path = path.display())]
    Expression {
        /// Which file.
        path: PathBuf,
        /// Where in it, from one.
        line: usize,
        /// Where in the line, from one.
        column: usize,
        /// What is wrong.
        fault: Box<Fault>,
    },
}

/// An expression, checked and ready to judge.
pub(super) struct Compiled {
    condition: Program,
    message: Option<Program>,
}

/// The built-in rules and those of a folder. Lives as long as the program: rules are referred to from everywhere.
pub fn with_folder(folder: &Path) -> Result<&'static Catalogue, BadRule> {
    let mut entries = Vec::new();
    for path in files(folder)? {
        let entry = load(&path)?;
        let taken = |name: &str| {
            Catalogue::built_in().names(name) || entries.iter().any(|other: &Entry| other.rule.is_called(name))
        };
        let twice = [&entry.rule.id, &entry.rule.name].into_iter().find(|name| taken(name));
        if let Some(name) = twice {
            return Err(BadRule::NotARule { path, why: format!("another rule is called `{name}`") });
        }
        entries.push(entry);
    }
    if entries.is_empty() {
        return Err(BadRule::Empty { path: folder.to_owned() });
    }
    Ok(Catalogue::built_in_and(entries))
}

/// The rule files of a folder and of those in it, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, BadRule> {
    let unreadable = |source| BadRule::Unreadable { path: folder.to_owned(), source };
    let mut found = Vec::new();
    let mut entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(unreadable)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // A link may lead in a circle.
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            found.push(path);
        }
    }
    Ok(found)
}

fn load(path: &Path) -> Result<Entry, BadRule> {
    let text = std::fs::read_to_string(path).map_err(|source| BadRule::Unreadable { path: path.to_owned(), source })?;
    let not_a_rule = |why: String| BadRule::NotARule { path: path.to_owned(), why };
    let mut rule: Rule = toml::from_str(&text).map_err(|error| not_a_rule(told(&text, &error)))?;
    identity(&rule).map_err(&not_a_rule)?;
    let Some(expression) = rule.expression.clone() else {
        return Err(not_a_rule("there is no `expression`: what must hold, in CEL".to_owned()));
    };
    let place = |source: &str, fault: Fault| {
        let (line, column) = place(&text, source, fault.offset);
        BadRule::Expression { path: path.to_owned(), line, column, fault: Box::new(fault) }
    };
    let (condition, mut needs) = check::compile(&rule, &expression).map_err(|fault| place(&expression, fault))?;
    let message = match rule.message.clone() {
        None => None,
        Some(source) => {
            let (program, more) = check::compile(&rule, &source).map_err(|fault| place(&source, fault))?;
            needs.extend(more);
            Some(program)
        }
    };
    needs.extend(rule.each);
    needs.extend(rule.needs.iter().copied());
    rule.needs = needs.into_iter().collect();
    let compiled = Arc::new(Compiled { condition, message });
    let category = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Entry::custom(format!("custom/{category}"), rule, compiled))
}

/// What a deserializer says, and the place, as much of it as may be shown.
fn told(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().trim();
    match error.span().map(|span| Excerpt::of(text, span)) {
        Some(at) => format!("line {}, column {}: {message}\n{at}", at.line, at.column),
        None => message.to_owned(),
    }
}

/// Whether a rule of an organization's own may have that id.
#[must_use]
pub fn may_be_called(id: &str) -> bool {
    is_id(id) && !id.starts_with("ATL-")
}

fn is_id(id: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let number = id.rsplit('-').next().is_some_and(|last| last.chars().all(|c| c.is_ascii_digit()));
    id.contains('-') && id.split('-').all(plain) && number
}

/// Whether a rule that is to be written to this path may be called so, beside the built-in ones and those of the folder.
pub fn is_free(id: &str, name: &str, path: &Path, folder: &Path) -> Result<(), BadRule> {
    let not_a_rule = |why: String| BadRule::NotARule { path: path.to_owned(), why };
    named(id, name).map_err(not_a_rule)?;
    let others = if folder.exists() { files(folder)? } else { Vec::new() };
    let others = others.iter().map(|path| load(path)).collect::<Result<Vec<_>, _>>()?;
    let taken = |asked: &&str| Catalogue::built_in().names(asked) || others.iter().any(|one| one.rule.is_called(asked));
    match [id, name].iter().find(|asked| taken(asked)) {
        Some(taken) => Err(not_a_rule(format!("another rule is called `{taken}`"))),
        None => Ok(()),
    }
}

fn named(id: &str, name: &str) -> Result<(), String> {
    if !is_id(id) {
        return Err(format!("`{id}` is no id such as ACME-001"));
    }
    if id.starts_with("ATL-") {
        return Err(format!("`{id}`: ids that begin with ATL- are those of the built-in rules"));
    }
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(plain) {
        return Err(format!("`{name}` is no name such as entries-have-comments"));
    }
    Ok(())
}

fn identity(rule: &Rule) -> Result<(), String> {
    named(&rule.id, &rule.name)?;
    if rule.scope == Scope::Scan {
        return Err("a rule of one's own cannot judge the scan itself".to_owned());
    }
    if !rule.builds_on.is_empty() {
        return Err("`builds_on` is for built-in rules".to_owned());
    }
    if let Some(each) = rule.each {
        let owner = match rule.scope {
            Scope::Organization => "organization",
            Scope::Project => "project",
            Scope::Cluster => "cluster",
            Scope::DatabaseUser => "databaseUser",
            Scope::Scan => "scan",
        };
        if each.owner() != owner {
            return Err(format!("`each` is {each}, which is no list of a {owner}, as `scope` says"));
        }
        if !check::is_list(each) {
            return Err(format!("`each` is {each}, which is no list"));
        }
    }
    Ok(())
}

/// Line and column in the file, of a place in an expression. Escapes may hide where it begins: then its key's line.
fn place(text: &str, source: &str, offset: usize) -> (usize, usize) {
    let start = text.find(source).map(|start| start + offset.min(source.len()));
    let start = start.or_else(|| text.find("expression")).unwrap_or(0);
    let before = text.get(..start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
