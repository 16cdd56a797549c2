//! From the text of a filter to an expression. Whatever the grammar does not cover is refused with its name.
//!
//! Refusals concern the filter as a whole: the server rejects an invalid query entirely, and a valid operator that is
//! not modelled here (`$expr`, `$where`, `$jsonSchema`) could decide anything.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    evaluate::{Choices, Condition, Expression, Relation, Test, TypeName},
    json::Json,
    pattern::Pattern,
    value::{Size, Value, extended},
};

const MOST_PATTERNS: usize = 60;
const LONGEST_PATH: usize = 50;

type Entries = [(String, Json)];

/// The expression that a filter stands for, or what stands in the way.
pub(super) fn expression(filter: &Json) -> Result<Expression, String> {
    match filter {
        Json::Document(entries) => Reader::default().document(entries),
        _ => Err("the filter is JSON, but not a document".to_owned()),
    }
}

#[derive(Default)]
struct Reader {
    patterns: Vec<Arc<Pattern>>,
}

impl Reader {
    fn document(&mut self, entries: &Entries) -> Result<Expression, String> {
        let mut parts = Vec::new();
        for (key, value) in entries {
            match key.as_str() {
                "$and" => parts.push(Expression::All(self.alternatives(key, value)?)),
                "$or" => parts.push(Expression::Any(self.alternatives(key, value)?)),
                "$nor" => parts.push(negation(Expression::Any(self.alternatives(key, value)?))),
                "$comment" => {}
                _ if key.starts_with('$') => {
                    return Err(format!("`{key}` is not judged at the level of a document"));
                }
                _ => {
                    let path: Vec<String> = key.split('.').map(str::to_owned).collect();
                    if path.len() > LONGEST_PATH || key.contains('\0') {
                        return Err("a path is too long, or has a zero byte in it".to_owned());
                    }
                    parts.push(self.field(&path, value)?);
                }
            }
        }
        Ok(Expression::All(parts))
    }

    fn alternatives(&mut self, key: &str, value: &Json) -> Result<Vec<Expression>, String> {
        let items = list(key, value)?;
        if items.is_empty() {
            return Err(format!("`{key}` is empty, which makes the query invalid"));
        }
        items
            .iter()
            .map(|item| match item {
                Json::Document(entries) => self.document(entries),
                _ => Err(format!("`{key}` holds something that is not a document")),
            })
            .collect()
    }

    fn field(&mut self, path: &[String], value: &Json) -> Result<Expression, String> {
        match value {
            Json::Document(entries) if is_operators(entries) => self.operators(path, entries),
            _ => Ok(condition(path, Test::Equal(Value::from_json(value)?))),
        }
    }

    /// `{"$gt": 1, "$lt": 5}`: each operator is a condition of its own, and may be met by another array element.
    fn operators(&mut self, path: &[String], entries: &Entries) -> Result<Expression, String> {
        let mut parts = Vec::new();
        for (operator, operand) in entries {
            if !operator.starts_with('$') {
                return Err(format!("`{operator}` stands beside an operator"));
            }
            parts.push(self.operator(path, operator, operand, entries)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn operator(
        &mut self,
        path: &[String],
        operator: &str,
        operand: &Json,
        all: &Entries,
    ) -> Result<Expression, String> {
        let is = |test| condition(path, test);
        Ok(match operator {
            "$eq" => is(Test::Equal(Value::from_json(operand)?)),
            "$ne" => negation(is(Test::Equal(Value::from_json(operand)?))),
            "$gt" => is(Test::Order(Relation::Above, comparable(operator, operand)?)),
            "$gte" => is(Test::Order(Relation::AtLeast, comparable(operator, operand)?)),
            "$lt" => is(Test::Order(Relation::Below, comparable(operator, operand)?)),
            "$lte" => is(Test::Order(Relation::AtMost, comparable(operator, operand)?)),
            "$in" => is(Test::OneOf(choices(operator, operand)?)),
            "$nin" => negation(is(Test::OneOf(choices(operator, operand)?))),
            "$exists" => {
                let wanted = match operand {
                    Json::Bool(wanted) => *wanted,
                    Json::Whole(number) => *number != 0,
                    _ => return Err("`$exists` takes true or false".to_owned()),
                };
                if wanted { is(Test::Exists) } else { negation(is(Test::Exists)) }
            }
            "$type" => is(Test::Type(types(operand)?)),
            "$regex" => {
                let options = all.iter().find(|(key, _)| key == "$options").map(|(_, options)| options);
                is(Test::Matches(self.pattern(operand, options)?))
            }
            "$options" if all.iter().any(|(key, _)| key == "$regex") => Expression::All(Vec::new()),
            "$options" => return Err("`$options` stands without `$regex`".to_owned()),
            "$not" => match operand {
                Json::Document(entries) if is_operators(entries) => negation(self.operators(path, entries)?),
                _ => return Err("`$not` takes operators".to_owned()),
            },
            "$all" => self.every(path, operand)?,
            "$elemMatch" => is(self.element(operand)?),
            "$size" => match Value::from_json(operand)? {
                Value::Number(number) => match number.size {
                    Size::Whole(size) => {
                        is(Test::Size(usize::try_from(size).map_err(|_| "`$size` is negative".to_owned())?))
                    }
                    Size::Real(_) => return Err("`$size` is not a whole number".to_owned()),
                },
                _ => return Err("`$size` takes a number".to_owned()),
            },
            "$mod" => is(remainder(operand)?),
            _ => {
                return Err(format!("`{operator}` is not an operator that can be judged"));
            }
        })
    }

    fn every(&mut self, path: &[String], operand: &Json) -> Result<Expression, String> {
        let items = list("$all", operand)?;
        // Against intuition, an empty list is met by nothing.
        if items.is_empty() {
            return Ok(Expression::Any(Vec::new()));
        }
        let element = |item: &Json| match item {
            Json::Document(entries) if entries.len() == 1 && entries[0].0 == "$elemMatch" => Some(entries[0].1.clone()),
            _ => None,
        };
        let elements: Vec<Json> = items.iter().filter_map(element).collect();
        if elements.is_empty() {
            let equal = items.iter().map(|item| Ok(condition(path, Test::Equal(Value::from_json(item)?))));
            return Ok(Expression::All(equal.collect::<Result<_, String>>()?));
        }
        if elements.len() < items.len() {
            return Err("`$all` mixes `$elemMatch` with values".to_owned());
        }
        let parts = elements.iter().map(|element| Ok(condition(path, self.element(element)?)));
        Ok(Expression::All(parts.collect::<Result<_, String>>()?))
    }

    fn element(&mut self, operand: &Json) -> Result<Test, String> {
        let Json::Document(entries) = operand else {
            return Err("`$elemMatch` takes a document".to_owned());
        };
        let logical = |key: &str| matches!(key, "$and" | "$or" | "$nor" | "$comment");
        if is_operators(entries) && !entries.first().is_some_and(|(key, _)| logical(key)) {
            return Ok(Test::ElementValue(Box::new(self.operators(&[], entries)?)));
        }
        if extended(entries).is_some() {
            return Err("`$elemMatch` takes a document".to_owned());
        }
        Ok(Test::Element(Box::new(self.document(entries)?)))
    }

    fn pattern(&mut self, source: &Json, options: Option<&Json>) -> Result<Arc<Pattern>, String> {
        let (Json::Text(source), Some(options)) = (source, options.map_or(Some(""), Json::as_text)) else {
            return Err("`$regex` and `$options` take strings".to_owned());
        };
        let known = self.patterns.iter().find(|known| known.source == *source && known.options == options);
        if let Some(known) = known {
            return Ok(Arc::clone(known));
        }
        if self.patterns.len() == MOST_PATTERNS {
            return Err(format!("more than {MOST_PATTERNS} regular expressions"));
        }
        let pattern = Arc::new(Pattern::new(self.patterns.len(), source, options)?);
        self.patterns.push(Arc::clone(&pattern));
        Ok(pattern)
    }
}

impl Json {
    fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

fn condition(path: &[String], test: Test) -> Expression {
    Expression::Condition(Condition { path: path.to_vec(), test })
}

fn negation(part: Expression) -> Expression {
    Expression::Not(Box::new(part))
}

fn is_operators(entries: &Entries) -> bool {
    entries.first().is_some_and(|(key, _)| key.starts_with('$')) && extended(entries).is_none()
}

fn list<'a>(operator: &str, operand: &'a Json) -> Result<&'a [Json], String> {
    match operand {
        Json::List(items) => Ok(items),
        _ => Err(format!("`{operator}` takes a list")),
    }
}

fn choices(operator: &str, operand: &Json) -> Result<Choices, String> {
    let (mut texts, mut others) = (BTreeSet::new(), Vec::new());
    for item in list(operator, operand)? {
        match Value::from_json(item)? {
            Value::Text(text) => {
                texts.insert(text.text);
            }
            other => others.push(other),
        }
    }
    Ok(Choices { texts, others })
}

fn comparable(operator: &str, operand: &Json) -> Result<Value, String> {
    let value = Value::from_json(operand)?;
    match &value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Date(_) => Ok(value),
        Value::List(items) if items.is_empty() => Ok(value),
        _ => Err(format!("`{operator}` compares with a document, an array or a rare type")),
    }
}

fn remainder(operand: &Json) -> Result<Test, String> {
    let numbers: Vec<i64> = list("$mod", operand)?
        .iter()
        .map(|item| match Value::from_json(item)? {
            Value::Number(number) => number.truncated().ok_or_else(|| "`$mod` takes finite numbers".to_owned()),
            _ => Err("`$mod` takes numbers".to_owned()),
        })
        .collect::<Result<_, _>>()?;
    match numbers[..] {
        [divisor, remainder] if divisor != 0 => Ok(Test::Remainder { divisor, remainder }),
        _ => Err("`$mod` takes a divisor other than 0 and a remainder".to_owned()),
    }
}

fn types(operand: &Json) -> Result<Vec<TypeName>, String> {
    let one = |item: &Json| -> Result<TypeName, String> {
        let unknown = || "`$type` names a type that does not exist".to_owned();
        match Value::from_json(item)? {
            Value::Text(text) if text.text == "number" => Ok(TypeName::AnyNumber),
            Value::Text(text) => TYPES
                .iter()
                .find(|(_, name)| *name == text.text)
                .map(|(_, name)| TypeName::Named(name))
                .ok_or_else(unknown),
            Value::Number(number) => match number.size {
                Size::Whole(code) => TYPES.iter().find(|(known, _)| *known == code),
                Size::Real(_) => None,
            }
            .map(|(_, name)| TypeName::Named(name))
            .ok_or_else(unknown),
            _ => Err(unknown()),
        }
    };
    match operand {
        Json::List(items) if items.is_empty() => Err("`$type` is empty".to_owned()),
        Json::List(items) => items.iter().map(one).collect(),
        _ => Ok(vec![one(operand)?]),
    }
}

const TYPES: [(i64, &str); 21] = [
    (-1, "minKey"),
    (1, "double"),
    (2, "string"),
    (3, "object"),
    (4, "array"),
    (5, "binData"),
    (6, "undefined"),
    (7, "objectId"),
    (8, "bool"),
    (9, "date"),
    (10, "null"),
    (11, "regex"),
    (12, "dbPointer"),
    (13, "javascript"),
    (14, "symbol"),
    (15, "javascriptWithScope"),
    (16, "int"),
    (17, "timestamp"),
    (18, "long"),
    (19, "decimal"),
    (127, "maxKey"),
];
