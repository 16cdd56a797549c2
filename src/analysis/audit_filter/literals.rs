//! What a filter compares each path with, and strings and numbers enough to stand for all others.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    evaluate::{Condition, Expression, Test},
    events::Domain,
    formula::{Formula, position},
    pattern::{Pattern, Shape},
    value::{Size, Text, Value},
};

/// Regular expressions on one path whose answers are tried in all combinations; more are left open.
const MOST_ASSUMED: usize = 5;
/// The same, of strings made up for all of these combinations.
const MOST_ASSUMING: usize = 20_000;

/// The constants that stand against one path. Positions are left out of paths: an element is an element.
#[derive(Debug, Default)]
pub(super) struct Literals {
    texts: BTreeSet<String>,
    prefixes: BTreeSet<String>,
    /// Strings are compared by order as well.
    ordered: bool,
    free: Vec<Arc<Pattern>>,
    /// Whole numbers and dates, whether compared for equality or order.
    numbers: BTreeSet<i64>,
    /// A condition that a few numbers around the constants cannot represent.
    pub(super) irregular: bool,
    /// Whole documents and arrays.
    pub(super) compounds: Vec<Value>,
    /// Numbers of elements asked for, and positions in the path.
    pub(super) counts: BTreeSet<usize>,
}

pub(super) struct LiteralsByPath(BTreeMap<String, Literals>);

static NO_LITERALS: Literals = Literals {
    texts: BTreeSet::new(),
    prefixes: BTreeSet::new(),
    ordered: false,
    free: Vec::new(),
    numbers: BTreeSet::new(),
    irregular: false,
    compounds: Vec::new(),
    counts: BTreeSet::new(),
};

impl LiteralsByPath {
    pub(super) fn of(formula: &Formula<'_>) -> Self {
        let mut found = Self(BTreeMap::new());
        let mut atoms = Vec::new();
        formula.atoms(&mut atoms);
        for condition in atoms.into_iter().flatten() {
            found.gather_condition(condition, "");
        }
        found
    }

    pub(super) fn at(&self, path: &str) -> &Literals {
        self.0.get(path).unwrap_or(&NO_LITERALS)
    }

    /// The names that the filter uses directly below a path.
    pub(super) fn names_below(&self, path: &str) -> BTreeSet<&str> {
        let below = self.0.keys().filter_map(|known| known.strip_prefix(path)?.strip_prefix('.'));
        below.filter_map(|rest| rest.split('.').next()).collect()
    }

    fn gather(&mut self, expression: &Expression, within: &str) {
        match expression {
            Expression::All(parts) | Expression::Any(parts) => {
                for part in parts {
                    self.gather(part, within);
                }
            }
            Expression::Not(part) => self.gather(part, within),
            Expression::Condition(condition) => self.gather_condition(condition, within),
        }
    }

    fn gather_condition(&mut self, condition: &Condition, within: &str) {
        let mut path = within.to_owned();
        for name in &condition.path {
            if let Some(position) = position(name).filter(|_| !path.is_empty()) {
                self.0.entry(path.clone()).or_default().counts.insert(position);
            } else {
                path = joined(&path, name);
            }
        }
        self.gather_test(&condition.test, &path);
    }

    fn gather_test(&mut self, test: &Test, path: &str) {
        let here = self.0.entry(path.to_owned()).or_default();
        match test {
            Test::Equal(value) => self.gather_value(value, path),
            Test::Order(_, value) => {
                here.ordered |= matches!(value, Value::Text(_));
                self.gather_value(value, path);
            }
            Test::OneOf(choices) => {
                here.texts.extend(choices.texts.iter().cloned());
                choices.others.iter().for_each(|value| self.gather_value(value, path));
            }
            Test::Matches(pattern) => match &pattern.shape {
                Shape::Everything => {}
                Shape::Prefixes(prefixes) => here.prefixes.extend(prefixes.iter().cloned()),
                Shape::Exactly(strings) => {
                    here.texts.extend(strings.iter().flat_map(|string| [string.clone(), format!("{string}\n")]));
                }
                Shape::Free => {
                    if !here.free.contains(pattern) {
                        here.free.push(Arc::clone(pattern));
                    }
                }
            },
            Test::Remainder { .. } => here.irregular = true,
            Test::Size(size) => {
                here.counts.insert(*size);
            }
            Test::Element(expression) | Test::ElementValue(expression) => {
                self.gather(expression, path);
            }
            Test::Exists | Test::Type(_) => {}
        }
    }

    fn gather_value(&mut self, value: &Value, path: &str) {
        let here = self.0.entry(path.to_owned()).or_default();
        match value {
            Value::Text(text) => {
                here.texts.insert(text.text.clone());
            }
            Value::Number(number) => match number.size {
                Size::Whole(value) => {
                    here.numbers.insert(value);
                }
                Size::Real(_) => here.numbers.extend(number.truncated()),
            },
            Value::Date(milliseconds) => {
                here.numbers.insert(*milliseconds);
            }
            Value::Document(fields) => {
                here.compounds.push(value.clone());
                for (name, value) in fields {
                    self.gather_value(value, &joined(path, name));
                }
            }
            Value::List(items) => {
                here.compounds.push(value.clone());
                for item in items {
                    self.gather_value(item, path);
                }
            }
            Value::Other(..) => here.irregular = true,
            Value::Null | Value::Bool(_) | Value::Something | Value::Anything => {}
        }
    }
}

pub(super) fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

impl Literals {
    /// Strings enough to stand for every string of the domain.
    pub(super) fn texts(&self, domain: &Domain, ordinary: &str) -> Vec<Value> {
        match domain {
            Domain::Exactly(text) => return vec![Value::text(text.as_str())],
            Domain::LoginDatabase => return vec![Value::text("admin"), Value::text("$external")],
            _ => {}
        }
        // Where strings are compared by order, nearly every form of name can lie between two constants; then the
        // domain is not relied on.
        let domain = if self.ordered { &Domain::Any } else { domain };
        let token = self.unused(ordinary);
        // One string for each set of prefixes that a string of the domain can begin with and which is no constant.
        let mut classes = Vec::new();
        for prefix in std::iter::once("").chain(self.prefixes.iter().map(String::as_str)) {
            classes.extend(domain.extended(prefix, &token));
        }
        let mut exact: Vec<String> = self.texts.iter().filter(|text| domain.has(text)).cloned().collect();
        if self.ordered {
            let bounds = self
                .texts
                .iter()
                .chain(&self.prefixes)
                .cloned()
                .chain(self.prefixes.iter().filter_map(|prefix| after(prefix)));
            for bound in bounds.collect::<BTreeSet<_>>() {
                classes.push(format!("{bound}{token}"));
                // The least string above the bound: it lies below every other bound.
                classes.push(format!("{bound}\0"));
                exact.push(bound);
            }
            exact.push(String::new());
        }
        let samples = self.free.iter().filter_map(|pattern| pattern.sample());
        let samples = samples.flat_map(|sample| [Some(sample.clone()), domain.extended(&sample, &token)]).flatten();
        let samples: Vec<String> = samples.filter(|sample| domain.has(sample)).collect();

        let concrete = classes.iter().chain(&samples).chain(&exact).map(|text| Value::text(text.as_str()));
        let mut found: Vec<Value> = concrete.collect();
        if !self.free.is_empty() {
            let assumptions = self.assumptions(classes.len());
            for class in classes {
                found.extend(
                    assumptions
                        .iter()
                        .cloned()
                        .map(|assumed| Value::Text(Text { text: class.clone(), assumed: Some(assumed) })),
                );
            }
        }
        found
    }

    /// Every way in which the free expressions can answer, for strings of which nothing more is known. Left open where
    /// there are too many ways, for that many strings.
    fn assumptions(&self, strings: usize) -> Vec<Vec<(usize, bool)>> {
        if self.free.len() > MOST_ASSUMED || strings << self.free.len() > MOST_ASSUMING {
            return vec![Vec::new()];
        }
        (0..1_usize << self.free.len())
            .map(|bits| self.free.iter().enumerate().map(|(bit, pattern)| (pattern.id, bits >> bit & 1 == 1)).collect())
            .collect()
    }

    /// A word for all strings that are no constant, alone and behind each prefix: no constant contains it, and no longer
    /// prefix goes on with it. An ordinary one, if that will do.
    fn unused(&self, ordinary: &str) -> String {
        // Where a prefix ends, or a database before its collections, and what another prefix goes on with there.
        let goes_on = |prefix: &str| -> BTreeSet<char> {
            let ends = |at: usize| at == 0 || prefix[..at].ends_with('.') || self.prefixes.contains(&prefix[..at]);
            prefix.char_indices().filter(|(at, _)| ends(*at)).map(|(_, next)| next).collect()
        };
        let taken: BTreeSet<char> = self.prefixes.iter().flat_map(|prefix| goes_on(prefix)).collect();
        let word = if ordinary.starts_with(|first| taken.contains(&first)) {
            let others = ('a'..='z').chain('0'..='9').chain('A'..='Z').chain('\u{a1}'..=char::MAX);
            let first = others.into_iter().find(|first| !taken.contains(first));
            first.into_iter().chain(ordinary.chars()).collect()
        } else {
            ordinary.to_owned()
        };
        // More digits than follow it anywhere make it another word than any constant.
        let digits_after =
            |text: &str, at: usize| text[at + word.len()..].bytes().take_while(u8::is_ascii_digit).count();
        let texts = self.texts.iter();
        let longest = texts.flat_map(|text| text.match_indices(&word).map(|(at, _)| digits_after(text, at))).max();
        longest.map_or_else(|| word.clone(), |digits| format!("{word}1{}", "0".repeat(digits)))
    }

    /// Whole numbers at, around and apart from the constants.
    pub(super) fn whole_numbers(&self, ordinary: i64) -> Vec<i64> {
        let around =
            self.numbers.iter().flat_map(|number| [*number, number.saturating_sub(1), number.saturating_add(1)]);
        std::iter::once(ordinary).chain(around).collect()
    }
}

/// The least string above everything that begins with the prefix.
fn after(prefix: &str) -> Option<String> {
    let mut characters: Vec<char> = prefix.chars().collect();
    while let Some(last) = characters.pop() {
        // Skips the gap that no character has.
        let next = if last == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(u32::from(last) + 1) };
        if let Some(next) = next {
            characters.push(next);
            return Some(characters.into_iter().collect());
        }
    }
    None
}
