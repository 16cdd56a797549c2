//! What is wrong with a configuration, where in the file, and what was probably meant.

use std::fmt;
use std::ops::Range;

use serde_path_to_error::{Path, Segment};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::engine::excerpt::Excerpt;

/// Something wrong in a configuration.
#[derive(Debug)]
pub struct Problem {
    file: String,
    place: Option<Box<Excerpt>>,
    message: String,
    help: Option<String>,
}

impl Problem {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The same, with what to do about it.
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// File, line and column, what is wrong, and the line with a mark below it.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(place) = &self.place else {
            return write!(f, "{}: {}", self.file, self.message);
        };
        writeln!(f, "{}:{}:{}: {}", self.file, place.line, place.column, self.message)?;
        place.fmt(f)
    }
}

impl std::error::Error for Problem {}

/// A step into a document.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'s> {
    /// The value of a key.
    Key(&'s str),
    /// An element of a list, from zero.
    At(usize),
}

/// Whether a problem is with a key or with what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Key,
    Value,
}

/// A file as it is written.
pub(super) struct Source<'t> {
    pub(super) file: &'t str,
    pub(super) text: &'t str,
    pub(super) root: Spanned<DeTable<'t>>,
}

impl<'t> Source<'t> {
    pub(super) fn parse(file: &'t str, text: &'t str) -> Result<Self, Problem> {
        let root = DeTable::parse(text).map_err(|error| reported(file, text, &error))?;
        Ok(Self { file, text, root })
    }

    /// A problem with what stands at the end of the path, or as near to it as there is anything.
    pub(super) fn problem(&self, path: &[Step<'_>], side: Side, message: impl Into<String>) -> Problem {
        self.problem_at(self.span(path, side), message)
    }

    pub(super) fn problem_at(&self, span: Range<usize>, message: impl Into<String>) -> Problem {
        let place = Some(Box::new(Excerpt::of(self.text, span)));
        Problem { file: self.file.to_owned(), place, message: message.into(), help: None }
    }

    /// What a deserializer says.
    pub(super) fn reported(&self, error: &toml::de::Error) -> Problem {
        reported(self.file, self.text, error)
    }

    /// What a deserializer of values says that knows no places, below a path.
    pub(super) fn reported_below(
        &self,
        above: &[Step<'_>],
        error: &serde_path_to_error::Error<toml::de::Error>,
    ) -> Problem {
        let (message, help) = reworded(error.inner().message());
        let mut path = above.to_vec();
        path.extend(steps(error.path()));
        // Where a key is unknown, the path ends with it.
        let side = if message.starts_with(UNKNOWN_KEY) { Side::Key } else { Side::Value };
        let problem = self.problem(&path, side, message);
        Problem { help, ..problem }
    }

    fn span(&self, path: &[Step<'_>], side: Side) -> Range<usize> {
        let mut span = self.root.span();
        let mut here: Option<&DeValue<'_>> = None;
        for (index, step) in path.iter().enumerate() {
            let next = match (step, here) {
                (Step::Key(key), None) => self.root.get_ref().get_key_value(*key),
                (Step::Key(key), Some(value)) => value.as_table().and_then(|table| table.get_key_value(*key)),
                (Step::At(at), value) => {
                    let Some(element) = value.and_then(DeValue::as_array).and_then(|list| list.get(*at)) else { break };
                    (span, here) = (element.span(), Some(element.get_ref()));
                    continue;
                }
            };
            let Some((key, value)) = next else { break };
            let is_last = index + 1 == path.len();
            span = if is_last && side == Side::Key { key.span() } else { value.span() };
            here = Some(value.get_ref());
        }
        span
    }
}

fn steps(path: &Path) -> impl Iterator<Item = Step<'_>> {
    path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(Step::At(*index)),
        Segment::Map { key } => Some(Step::Key(key)),
        Segment::Enum { .. } | Segment::Unknown => None,
    })
}

fn reported(file: &str, text: &str, error: &toml::de::Error) -> Problem {
    let (message, help) = reworded(error.message());
    let place = error.span().map(|span| Box::new(Excerpt::of(text, span)));
    Problem { file: file.to_owned(), place, message, help }
}

const UNKNOWN_KEY: &str = "unknown key";

/// What serde says, in the words of whoever writes the file; and what was probably meant.
fn reworded(message: &str) -> (String, Option<String>) {
    let message = message.trim();
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if let ("unknown field", Some((asked, known))) = (head(message), quoted.split_first()) {
        return (format!("{UNKNOWN_KEY} `{asked}`"), meant(asked, known));
    }
    if let ("unknown variant", Some((asked, known))) = (head(message), quoted.split_first()) {
        return (format!("`{asked}` is not known here"), meant(asked, known));
    }
    if let ("missing field", [key]) = (head(message), &quoted[..]) {
        return (format!("the key `{key}` is missing"), None);
    }
    let Some((found, expected)) = message.rsplit_once(", expected ") else { return (message.to_owned(), None) };
    let expected = match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" | "u32" | "u64" | "usize" => "a whole number that is not negative",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a table",
        expected if expected.starts_with("struct ") => "a table",
        expected => expected,
    };
    let found = found.replace("sequence", "list").replace("map", "table");
    (format!("{found}, expected {expected}"), None)
}

/// `unknown field`, the words before the first quotation.
fn head(message: &str) -> &str {
    message.split('`').next().unwrap_or_default().trim()
}

/// What was probably meant; else all there is.
pub(super) fn meant<K: AsRef<str>>(asked: &str, known: impl IntoIterator<Item = K>) -> Option<String> {
    let known: Vec<K> = known.into_iter().collect();
    if let Some(nearest) = nearest(asked, known.iter().map(AsRef::as_ref)) {
        return Some(format!("did you mean `{nearest}`?"));
    }
    let known: Vec<_> = known.iter().map(|known| format!("`{}`", known.as_ref())).collect();
    match known.as_slice() {
        [] => None,
        known => Some(format!("there is {}", known.join(", "))),
    }
}

/// The closest of some words, if one is close.
fn nearest<'k>(asked: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let asked = asked.to_lowercase();
    known
        .map(|known| (strsim::jaro_winkler(&asked, &known.to_lowercase()), known))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}
