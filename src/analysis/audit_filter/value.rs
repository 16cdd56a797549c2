//! Values as the server compares them: numbers by size whatever their type, documents field by field in order.
//!
//! The same type holds the constants of a filter and the events of the small model. Three things occur in model events
//! only: [`Value::Something`], [`Value::Anything`], and a [`Text`] that carries assumptions about regular expressions.

use std::cmp::Ordering;

use super::{evaluate::Truth, json::Json};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    Text(Text),
    /// Milliseconds since 1970.
    Date(i64),
    /// A type that is only ever compared for equality: object identifiers, binary data, timestamps, extreme keys.
    Other(&'static str, String),
    List(Vec<Value>),
    Document(Vec<(String, Value)>),
    /// A value of which nothing is known but that it is there.
    Something,
    /// A value of which nothing is known, not even whether it is there.
    Anything,
}

/// A string, and what is assumed of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Text {
    pub(super) text: String,
    /// `Some` makes the text a stand-in for any string with these answers to the filter's free regular expressions (by
    /// their number); an expression that is not listed has an open answer.
    pub(super) assumed: Option<Vec<(usize, bool)>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    pub(super) kind: NumberKind,
    pub(super) size: Size,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberKind {
    Int,
    Long,
    Double,
    Decimal,
}

/// What a number amounts to. A double without a fraction is whole, so that `0.0` and `0` are one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Size {
    Whole(i64),
    Real(f64),
}

impl Value {
    /// The bytes of text in it, which is what a copy costs.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Text(text) => text.text.len(),
            Self::List(items) => items.iter().map(Self::weight).sum(),
            Self::Document(fields) => fields.iter().map(|(name, value)| name.len() + value.weight()).sum(),
            _ => 0,
        }
    }
}

impl Number {
    pub(super) fn whole(value: i64) -> Self {
        let kind = if i32::try_from(value).is_ok() { NumberKind::Int } else { NumberKind::Long };
        Self { kind, size: Size::Whole(value) }
    }

    fn real(kind: NumberKind, value: f64) -> Self {
        // 2^53: below it every whole double has exactly one integer.
        if value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0 {
            #[expect(clippy::cast_possible_truncation, reason = "whole and small, as just checked")]
            return Self { kind, size: Size::Whole(value as i64) };
        }
        Self { kind, size: Size::Real(value) }
    }

    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        match (self.size, other.size) {
            (Size::Whole(left), Size::Whole(right)) => Some(left.cmp(&right)),
            (Size::Real(left), Size::Real(right)) => left.partial_cmp(&right),
            (Size::Real(left), Size::Whole(right)) => compare_real(left, right),
            (Size::Whole(left), Size::Real(right)) => compare_real(right, left).map(Ordering::reverse),
        }
    }

    fn equals(self, other: Self) -> bool {
        let nan = |number: Self| matches!(number.size, Size::Real(value) if value.is_nan());
        self.compare(other) == Some(Ordering::Equal) || (nan(self) && nan(other))
    }

    pub(super) fn is_nan(self) -> bool {
        matches!(self.size, Size::Real(value) if value.is_nan())
    }

    /// Rounded towards zero; `None` for what no long can hold.
    pub(super) fn truncated(self) -> Option<i64> {
        match self.size {
            Size::Whole(value) => Some(value),
            #[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
            Size::Real(value) if value.abs() < 9.2e18 => Some(value as i64),
            Size::Real(_) => None,
        }
    }
}

fn compare_real(left: f64, right: i64) -> Option<Ordering> {
    if left.is_nan() {
        return None;
    }
    if left.abs() < 9.2e18 {
        // Compare the whole parts exactly; the fraction decides between equals.
        #[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
        let floor = left.floor() as i64;
        return Some(floor.cmp(&right).then(if left.fract() == 0.0 { Ordering::Equal } else { Ordering::Greater }));
    }
    Some(if left > 0.0 { Ordering::Greater } else { Ordering::Less })
}

impl Text {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), assumed: None }
    }
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(Text::plain(text))
    }

    pub(super) fn whole(value: i64) -> Self {
        Self::Number(Number::whole(value))
    }

    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Document(fields) => fields.iter().find(|(field, _)| field == name).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(&text.text),
            _ => None,
        }
    }

    /// Equality in the server's sense, without looking into arrays.
    pub(super) fn equals(&self, other: &Self) -> Truth {
        match (self, other) {
            (Self::Something | Self::Anything, _) | (_, Self::Something | Self::Anything) => Truth::Open,
            (Self::Null, Self::Null) => Truth::Yes,
            (Self::Bool(left), Self::Bool(right)) => (left == right).into(),
            (Self::Number(left), Self::Number(right)) => left.equals(*right).into(),
            (Self::Text(left), Self::Text(right)) => (left.text == right.text).into(),
            (Self::Date(left), Self::Date(right)) => (left == right).into(),
            (Self::Other(left_type, left), Self::Other(right_type, right)) => {
                (left_type == right_type && left == right).into()
            }
            (Self::List(left), Self::List(right)) if left.len() == right.len() => {
                Truth::all(left.iter().zip(right).map(|(left, right)| left.equals(right)))
            }
            (Self::Document(left), Self::Document(right)) if left.len() == right.len() => {
                Truth::all(left.iter().zip(right).map(|((left_name, left), (right_name, right))| {
                    if left_name == right_name { left.equals(right) } else { Truth::No }
                }))
            }
            _ => Truth::No,
        }
    }

    /// A constant of a filter, or a value of an event: plain or extended JSON.
    pub(super) fn from_json(json: &Json) -> Result<Self, String> {
        Ok(match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Whole(value) => Self::whole(*value),
            Json::Real(value) => Self::Number(Number::real(NumberKind::Double, *value)),
            Json::Text(text) => Self::text(text.as_str()),
            Json::List(items) => Self::List(items.iter().map(Self::from_json).collect::<Result<_, _>>()?),
            Json::Document(entries) => {
                if let Some(value) = extended(entries) {
                    return value;
                }
                if let Some((key, _)) = entries.iter().find(|(key, _)| key.starts_with('$')) {
                    return Err(format!("`{key}` stands where a plain value is expected"));
                }
                let fields = entries.iter().map(|(key, value)| Ok((key.clone(), Self::from_json(value)?)));
                Self::Document(fields.collect::<Result<_, String>>()?)
            }
        })
    }
}

/// Reads a document of extended JSON; `None` when it is none.
pub(super) fn extended(entries: &[(String, Json)]) -> Option<Result<Value, String>> {
    let (key, value) = entries.first()?;
    let legacy_binary = key == "$binary" && entries.len() == 2 && entries[1].0 == "$type";
    let known = matches!(
        key.as_str(),
        "$oid"
            | "$numberInt"
            | "$numberLong"
            | "$numberDouble"
            | "$numberDecimal"
            | "$date"
            | "$binary"
            | "$uuid"
            | "$timestamp"
            | "$minKey"
            | "$maxKey"
            | "$symbol"
            | "$undefined"
            | "$code"
            | "$ref"
            | "$id"
            | "$dbPointer"
            | "$regularExpression"
    );
    if !known {
        return None;
    }
    let ill_formed = || format!("`{key}` is not extended JSON that can be read");
    if entries.len() != 1 && !legacy_binary {
        return Some(Err(ill_formed()));
    }
    let text = match value {
        Json::Text(text) => Some(text.as_str()),
        _ => None,
    };
    let read = match key.as_str() {
        "$oid" => text
            .filter(|text| text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .map(|text| Value::Other("objectId", text.to_ascii_lowercase())),
        "$numberInt" => text
            .and_then(|text| text.parse::<i32>().ok())
            .map(|value| Value::Number(Number { kind: NumberKind::Int, size: Size::Whole(value.into()) })),
        "$numberLong" => text
            .and_then(|text| text.parse::<i64>().ok())
            .map(|value| Value::Number(Number { kind: NumberKind::Long, size: Size::Whole(value) })),
        "$numberDouble" => text
            .and_then(|text| text.parse::<f64>().ok())
            .map(|value| Value::Number(Number::real(NumberKind::Double, value))),
        // Only decimals that a double holds exactly are read; 0.1 as a decimal is not 0.1 as a double.
        "$numberDecimal" => text
            .and_then(|text| text.parse::<i64>().ok())
            .map(|value| Value::Number(Number { kind: NumberKind::Decimal, size: Size::Whole(value) })),
        "$date" => date(value).map(Value::Date),
        "$binary" | "$uuid" => Some(Value::Other("binData", format!("{value:?}"))),
        "$timestamp" => Some(Value::Other("timestamp", format!("{value:?}"))),
        "$minKey" => Some(Value::Other("minKey", String::new())),
        "$maxKey" => Some(Value::Other("maxKey", String::new())),
        _ => None,
    };
    Some(read.ok_or_else(ill_formed))
}

fn date(value: &Json) -> Option<i64> {
    match value {
        Json::Whole(milliseconds) => Some(*milliseconds),
        Json::Document(entries) => match extended(entries)?.ok()? {
            Value::Number(Number { size: Size::Whole(milliseconds), .. }) => Some(milliseconds),
            _ => None,
        },
        Json::Text(text) => iso_date(text),
        _ => None,
    }
}

/// `2024-01-31T12:00:00.000Z`, seconds and fraction optional, with `Z` or an offset. A bare day counts from midnight.
fn iso_date(text: &str) -> Option<i64> {
    if !text.is_ascii() {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i64>().ok())?
    };
    let is = |at: usize, wanted: u8| text.as_bytes().get(at) == Some(&wanted);
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if !is(4, b'-') || !is(7, b'-') || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days from the civil calendar, counted in eras of 400 years that begin in March.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    if text.len() == 10 {
        return Some(days * 86_400_000);
    }
    let (hour, minute) = (number(11, 13)?, number(14, 16)?);
    if !is(10, b'T') || !is(13, b':') || hour > 23 || minute > 59 {
        return None;
    }
    let (mut second, mut millisecond, mut at) = (0, 0, 16);
    if is(at, b':') {
        second = number(17, 19)?;
        at = 19;
    }
    if is(at, b'.') {
        let digits = text[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return None;
        }
        let kept = format!("{:0<3}", &text[at + 1..=at + digits.min(3)]);
        millisecond = kept.parse().ok()?;
        at += 1 + digits;
    }
    let offset = match &text[at..] {
        "Z" => 0,
        zone if zone.len() >= 5 => {
            let sign = match zone.as_bytes()[0] {
                b'+' => 1,
                b'-' => -1,
                _ => return None,
            };
            let digits: String = zone[1..].chars().filter(|character| *character != ':').collect();
            if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            sign * (digits[..2].parse::<i64>().ok()? * 60 + digits[2..].parse::<i64>().ok()?)
        }
        _ => return None,
    };
    Some(((days * 24 + hour) * 60 + minute - offset) * 60_000 + second * 1000 + millisecond)
}
