//! The truth of a filter over one event, with the server's rules for paths, arrays, missing fields and types.
//!
//! Three-valued: an event of the small model may leave something open (a value of unknown shape, a regular expression
//! over an unknown string), and then so may be the answer.

use std::{cell::Cell, cmp::Ordering, collections::BTreeSet, sync::Arc};

use super::{
    pattern::Pattern,
    value::{NumberKind, Value},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Truth {
    No,
    Open,
    Yes,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

impl Truth {
    pub(super) fn any(answers: impl IntoIterator<Item = Self>) -> Self {
        let mut found = Self::No;
        for answer in answers {
            found = found.max(answer);
            if found == Self::Yes {
                break;
            }
        }
        found
    }

    pub(super) fn all(answers: impl IntoIterator<Item = Self>) -> Self {
        let mut found = Self::Yes;
        for answer in answers {
            found = found.min(answer);
            if found == Self::No {
                break;
            }
        }
        found
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Open => Self::Open,
            Self::Yes => Self::No,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Not(Box<Expression>),
    Condition(Condition),
}

/// One question about one path. Every question is of the kind «does some value at the path …»; the negated operators
/// are an [`Expression::Not`] around it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    /// Empty within a `$elemMatch` that speaks of the elements themselves.
    pub(super) path: Vec<String>,
    pub(super) test: Test,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Equal(Value),
    /// Type and value both count: a string is neither above nor below a number.
    Order(Relation, Value),
    OneOf(Choices),
    Exists,
    Type(Vec<TypeName>),
    Matches(Arc<Pattern>),
    Remainder {
        divisor: i64,
        remainder: i64,
    },
    Size(usize),
    /// An element, taken as a document, fulfils the expression.
    Element(Box<Expression>),
    /// An element, taken as a value, fulfils the expression (whose paths are empty).
    ElementValue(Box<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Below,
    AtMost,
    AtLeast,
    Above,
}

/// The list of an `$in`, strings apart so that thousands of them can be searched.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choices {
    pub(super) texts: BTreeSet<String>,
    pub(super) others: Vec<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TypeName {
    AnyNumber,
    Named(&'static str),
}

/// What a path leads to; a path through an array may lead to many of these.
#[derive(Clone, Copy)]
enum Found<'a> {
    Missing,
    There(&'a Value),
    /// The path goes on within a value of unknown shape.
    Unseen,
}

/// The work done and what went wrong with it, across the evaluations of one question.
#[derive(Debug, Default)]
pub(super) struct Effort {
    pub(super) steps: Cell<u64>,
    /// A regular-expression engine hit its limit; the answers are worth nothing.
    pub(super) gave_up: Cell<bool>,
}

impl Effort {
    pub(super) fn spend(&self, steps: usize) {
        self.steps.set(self.steps.get() + steps as u64);
    }
}

impl Expression {
    /// The truth over a whole event.
    pub(super) fn over(&self, event: &Value, effort: &Effort) -> Truth {
        self.decide(&|condition| condition.over(event, &condition.path, effort))
    }

    fn over_element(&self, element: &Value, effort: &Effort) -> Truth {
        self.decide(&|condition| condition.test.of(Found::There(element), effort))
    }

    fn decide(&self, condition: &dyn Fn(&Condition) -> Truth) -> Truth {
        match self {
            Self::All(parts) => Truth::all(parts.iter().map(|part| part.decide(condition))),
            Self::Any(parts) => Truth::any(parts.iter().map(|part| part.decide(condition))),
            Self::Not(part) => part.decide(condition).not(),
            Self::Condition(asked) => condition(asked),
        }
    }
}

impl Condition {
    /// The truth over a value from which `path` (the condition's own, or the rest of it) is still to be walked.
    pub(super) fn over(&self, value: &Value, path: &[String], effort: &Effort) -> Truth {
        // These three look at an array as a whole; all others look into it as well.
        let into_last = !matches!(self.test, Test::Size(_) | Test::Element(_) | Test::ElementValue(_) | Test::Exists);
        let mut answer = Truth::No;
        walk(Some(value), path, into_last, &mut |found| {
            effort.spend(1);
            answer = answer.max(self.test.of(found, effort));
            answer == Truth::Yes
        });
        answer
    }

    pub(super) fn over_missing(&self, effort: &Effort) -> Truth {
        effort.spend(1);
        self.test.of(Found::Missing, effort)
    }
}

/// Calls `visit` with everything that the path leads to, until it answers that it has seen enough.
///
/// The odd corners are the server's: an empty array on the way leads nowhere, not even to a missing field; an element
/// that is no document is passed over; a number in the path may be a position as well as a field name, and both are
/// tried.
fn walk<'a>(
    value: Option<&'a Value>,
    path: &[String],
    into_last: bool,
    visit: &mut dyn FnMut(Found<'a>) -> bool,
) -> bool {
    let Some(value) = value else {
        return visit(Found::Missing);
    };
    let Some((name, rest)) = path.split_first() else {
        return match value {
            Value::List(items) if into_last => {
                items.iter().any(|item| visit(Found::There(item))) || visit(Found::There(value))
            }
            _ => visit(Found::There(value)),
        };
    };
    match value {
        Value::Something | Value::Anything => visit(Found::Unseen),
        Value::Document(_) => walk(value.field(name), rest, into_last, visit),
        Value::List(items) => walk_list(items, path, into_last, visit),
        _ => visit(Found::Missing),
    }
}

fn walk_list<'a>(
    items: &'a [Value],
    path: &[String],
    into_last: bool,
    visit: &mut dyn FnMut(Found<'a>) -> bool,
) -> bool {
    let Some((name, rest)) = path.split_first() else {
        return false;
    };
    let position = name.parse::<usize>().ok().filter(|position| position.to_string() == *name);
    items.iter().enumerate().any(|(index, item)| {
        if matches!(item, Value::Document(_)) && walk(Some(item), path, into_last, visit) {
            return true;
        }
        if matches!(item, Value::Something | Value::Anything) {
            return visit(Found::Unseen);
        }
        if position != Some(index) {
            return false;
        }
        match item {
            _ if rest.is_empty() => visit(Found::There(item)),
            Value::Document(_) => walk(Some(item), rest, into_last, visit),
            Value::List(inner) => walk_list(inner, rest, into_last, visit),
            _ => false,
        }
    })
}

impl Test {
    fn of(&self, found: Found<'_>, effort: &Effort) -> Truth {
        let value = match found {
            Found::Unseen | Found::There(Value::Anything) => return Truth::Open,
            Found::There(_) if *self == Self::Exists => return Truth::Yes,
            Found::There(Value::Something) => return Truth::Open,
            Found::Missing => return self.of_missing(),
            Found::There(value) => value,
        };
        match self {
            Self::Equal(constant) => {
                if let (Value::Document(fields), Value::Document(_)) = (value, constant) {
                    effort.spend(fields.len() / 8);
                }
                value.equals(constant)
            }
            Self::Order(relation, constant) => relation.holds(value, constant).into(),
            Self::OneOf(choices) => match value {
                Value::Text(text) => choices.texts.contains(&text.text).into(),
                _ => Truth::any(choices.others.iter().map(|choice| {
                    effort.spend(1);
                    value.equals(choice)
                })),
            },
            Self::Exists => Truth::Yes,
            Self::Type(names) => names.iter().any(|name| name.is_of(value)).into(),
            Self::Matches(pattern) => match value {
                Value::Text(text) => {
                    effort.spend(pattern.cost(text));
                    pattern.matches(text).unwrap_or_else(|_| {
                        effort.gave_up.set(true);
                        Truth::Open
                    })
                }
                _ => Truth::No,
            },
            Self::Remainder { divisor, remainder } => match value {
                Value::Number(number) => number
                    .truncated()
                    .is_some_and(|value| value.checked_rem(*divisor).unwrap_or(0) == *remainder)
                    .into(),
                _ => Truth::No,
            },
            Self::Size(size) => matches!(value, Value::List(items) if items.len() == *size).into(),
            Self::Element(expression) => match value {
                Value::List(items) => Truth::any(items.iter().map(|item| match item {
                    Value::Document(_) => expression.over(item, effort),
                    // An array counts as a document whose names are the positions; events have none here.
                    Value::Something | Value::Anything | Value::List(_) => Truth::Open,
                    _ => Truth::No,
                })),
                _ => Truth::No,
            },
            Self::ElementValue(expression) => match value {
                Value::List(items) => Truth::any(items.iter().map(|item| expression.over_element(item, effort))),
                _ => Truth::No,
            },
        }
    }

    /// A missing field equals null and fulfils nothing else.
    fn of_missing(&self) -> Truth {
        match self {
            Self::Equal(Value::Null) | Self::Order(Relation::AtMost | Relation::AtLeast, Value::Null) => Truth::Yes,
            Self::OneOf(choices) => choices.others.contains(&Value::Null).into(),
            _ => Truth::No,
        }
    }
}

impl Relation {
    fn holds(self, value: &Value, constant: &Value) -> bool {
        let ordering = match (value, constant) {
            (Value::Number(value), Value::Number(constant)) => {
                if value.is_nan() && constant.is_nan() {
                    Some(Ordering::Equal)
                } else {
                    value.compare(*constant)
                }
            }
            (Value::Text(value), Value::Text(constant)) => Some(value.text.as_bytes().cmp(constant.text.as_bytes())),
            (Value::Date(value), Value::Date(constant)) => Some(value.cmp(constant)),
            (Value::Bool(value), Value::Bool(constant)) => Some(value.cmp(constant)),
            (Value::Null, Value::Null) => Some(Ordering::Equal),
            // The only array that the grammar lets a filter compare with is the empty one.
            (Value::List(value), Value::List(constant)) => Some(value.len().cmp(&constant.len())),
            _ => None,
        };
        ordering.is_some_and(|ordering| match self {
            Self::Below => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::AtLeast => ordering.is_ge(),
            Self::Above => ordering.is_gt(),
        })
    }
}

impl TypeName {
    fn is_of(self, value: &Value) -> bool {
        match (self, value) {
            (Self::AnyNumber, value) => matches!(value, Value::Number(_)),
            (Self::Named(name), Value::Null) => name == "null",
            (Self::Named(name), Value::Bool(_)) => name == "bool",
            (Self::Named(name), Value::Text(_)) => name == "string",
            (Self::Named(name), Value::Date(_)) => name == "date",
            (Self::Named(name), Value::List(_)) => name == "array",
            (Self::Named(name), Value::Document(_)) => name == "object",
            (Self::Named(name), Value::Other(kind, _)) => name == *kind,
            (Self::Named(name), Value::Number(number)) => {
                name == match number.kind {
                    NumberKind::Int => "int",
                    NumberKind::Long => "long",
                    NumberKind::Double => "double",
                    NumberKind::Decimal => "decimal",
                }
            }
            (Self::Named(_), Value::Something | Value::Anything) => false,
        }
    }
}
