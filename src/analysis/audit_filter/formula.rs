//! A filter taken apart by top-level field: what is settled by one field alone is a question about that field's value.

use std::collections::BTreeMap;

use super::{
    evaluate::{Condition, Effort, Expression, Test, Truth},
    value::Value,
};

/// The expression with conditions gathered: several conditions on elements of one list, any of which suffices, ask the
/// same as one condition and are kept together.
#[derive(Debug, Clone)]
pub(super) enum Formula<'a> {
    All(Vec<Formula<'a>>),
    Any(Vec<Formula<'a>>),
    Not(Box<Formula<'a>>),
    /// Holds if any of the conditions does.
    Conditions(Vec<&'a Condition>),
}

impl<'a> Formula<'a> {
    /// `known` answers the conditions whose truth is the same in every event.
    pub(super) fn of(expression: &'a Expression, known: &dyn Fn(&Condition) -> Option<bool>) -> Self {
        match expression {
            Expression::Condition(condition) => match known(condition) {
                Some(true) => Self::All(Vec::new()),
                Some(false) => Self::Any(Vec::new()),
                None => Self::Conditions(vec![condition]),
            },
            Expression::Not(part) => Self::of(part, known).negated(),
            Expression::Any(parts) => Self::any(parts.iter().map(|part| Self::of(part, known)).collect()),
            // None of the parts may fail.
            Expression::All(parts) => {
                Self::any(parts.iter().map(|part| Self::of(part, known).negated()).collect()).negated()
            }
        }
    }

    fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            Self::All(parts) => Self::Any(parts.into_iter().map(Self::negated).collect()),
            Self::Any(parts) => Self::All(parts.into_iter().map(Self::negated).collect()),
            condition @ Self::Conditions(_) => Self::Not(Box::new(condition)),
        }
    }

    fn any(parts: Vec<Self>) -> Self {
        let mut gathered = Gathered::default();
        let mut rest = Vec::new();
        for part in parts {
            match part {
                Self::Any(inner) => inner.into_iter().for_each(|part| gathered.take(part, &mut rest)),
                part => gathered.take(part, &mut rest),
            }
        }
        rest.extend(gathered.into_formulas());
        if rest.iter().any(|part| matches!(part, Self::All(inner) if inner.is_empty())) {
            return Self::All(Vec::new());
        }
        if rest.len() == 1 { rest.remove(0) } else { Self::Any(rest) }
    }

    /// The top-level field that alone decides the formula.
    fn slot(&self) -> Option<&'a str> {
        match self {
            Self::Conditions(conditions) => Some(slot_of(conditions.first()?)),
            Self::Not(part) => part.slot(),
            Self::All(parts) | Self::Any(parts) => {
                let slot = parts.first()?.slot()?;
                parts.iter().all(|part| part.slot() == Some(slot)).then_some(slot)
            }
        }
    }

    /// The truth over the value of its field.
    pub(super) fn over(&self, value: Option<&Value>, effort: &Effort) -> Truth {
        match self {
            Self::All(parts) => Truth::all(parts.iter().map(|part| part.over(value, effort))),
            Self::Any(parts) => Truth::any(parts.iter().map(|part| part.over(value, effort))),
            Self::Not(part) => part.over(value, effort).not(),
            Self::Conditions(conditions) => any_holds(conditions, value, effort),
        }
    }

    pub(super) fn atoms<'b>(&'b self, into: &mut Vec<&'b [&'a Condition]>) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.atoms(into)),
            Self::Not(part) => part.atoms(into),
            Self::Conditions(conditions) => into.push(conditions),
        }
    }
}

fn single_or<'a>(mut parts: Vec<Formula<'a>>, group: fn(Vec<Formula<'a>>) -> Formula<'a>) -> Formula<'a> {
    if parts.len() == 1 { parts.remove(0) } else { group(parts) }
}

pub(super) fn any_holds(conditions: &[&Condition], value: Option<&Value>, effort: &Effort) -> Truth {
    Truth::any(conditions.iter().map(|condition| match value {
        Some(value) => condition.over(value, condition.path.get(1..).unwrap_or_default(), effort),
        None => condition.over_missing(effort),
    }))
}

pub(super) fn slot_of(condition: &Condition) -> &str {
    condition.path.first().map_or("", String::as_str)
}

#[derive(Default)]
struct Gathered<'a> {
    users: Vec<&'a Condition>,
    roles: Vec<&'a Condition>,
}

impl<'a> Gathered<'a> {
    fn take(&mut self, part: Formula<'a>, rest: &mut Vec<Formula<'a>>) {
        match part {
            Formula::Conditions(conditions) if conditions.iter().all(|condition| asks_for_element(condition)) => {
                match slot_of(conditions[0]) {
                    "users" => self.users.extend(conditions),
                    _ => self.roles.extend(conditions),
                }
            }
            part => rest.push(part),
        }
    }

    fn into_formulas(self) -> impl Iterator<Item = Formula<'a>> {
        [self.users, self.roles].into_iter().filter(|found| !found.is_empty()).map(Formula::Conditions)
    }
}

/// Whether the condition holds for a list of users or roles exactly if it holds for one of the elements.
fn asks_for_element(condition: &Condition) -> bool {
    let plain = |value: &Value| !matches!(value, Value::List(_) | Value::Null);
    matches!(slot_of(condition), "users" | "roles")
        && !condition.path.iter().any(|name| position(name).is_some())
        && match &condition.test {
            Test::Equal(value) => condition.path.len() > 1 || plain(value),
            Test::OneOf(choices) => condition.path.len() > 1 || choices.others.iter().all(plain),
            Test::Matches(_) | Test::Element(_) => true,
            _ => condition.path.len() > 1 && !matches!(condition.test, Test::Size(_)),
        }
}

pub(super) fn position(name: &str) -> Option<usize> {
    name.parse().ok()
}

/// The formula with every part that one field decides replaced by its number among that field's parts.
pub(super) enum Plan {
    All(Vec<Plan>),
    Any(Vec<Plan>),
    Not(Box<Plan>),
    Part(String, usize),
}

pub(super) type Parts<'a> = BTreeMap<String, Vec<Formula<'a>>>;

impl Plan {
    pub(super) fn of<'a>(formula: &Formula<'a>, parts: &mut Parts<'a>) -> Self {
        if let Some(slot) = formula.slot() {
            let known = parts.entry(slot.to_owned()).or_default();
            known.push(formula.clone());
            return Self::Part(slot.to_owned(), known.len() - 1);
        }
        match formula {
            Formula::All(children) => Self::All(Self::grouped(children, Formula::All, parts)),
            Formula::Any(children) => Self::Any(Self::grouped(children, Formula::Any, parts)),
            Formula::Not(part) => Self::Not(Box::new(Self::of(part, parts))),
            // Without a condition nothing holds.
            Formula::Conditions(_) => Self::Any(Vec::new()),
        }
    }

    fn grouped<'a>(
        children: &[Formula<'a>],
        group: fn(Vec<Formula<'a>>) -> Formula<'a>,
        parts: &mut Parts<'a>,
    ) -> Vec<Self> {
        let mut alike: BTreeMap<&str, Vec<Formula<'a>>> = BTreeMap::new();
        let mut plans = Vec::new();
        for child in children {
            match child.slot() {
                Some(slot) => alike.entry(slot).or_default().push(child.clone()),
                None => plans.push(Self::of(child, parts)),
            }
        }
        plans.extend(alike.into_values().map(|same| Self::of(&single_or(same, group), parts)));
        plans
    }

    pub(super) fn size(&self) -> usize {
        match self {
            Self::All(plans) | Self::Any(plans) => 1 + plans.iter().map(Self::size).sum::<usize>(),
            Self::Not(plan) => plan.size(),
            Self::Part(..) => 1,
        }
    }

    pub(super) fn truth(&self, part: &dyn Fn(&str, usize) -> Truth) -> Truth {
        match self {
            Self::All(plans) => Truth::all(plans.iter().map(|plan| plan.truth(part))),
            Self::Any(plans) => Truth::any(plans.iter().map(|plan| plan.truth(part))),
            Self::Not(plan) => plan.truth(part).not(),
            Self::Part(slot, number) => part(slot, *number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{AuditFilter, Coverage, Event};
    use super::*;

    /// The one condition of a filter.
    fn condition(filter: &str) -> Condition {
        fn first(expression: &Expression) -> Condition {
            match expression {
                Expression::All(parts) | Expression::Any(parts) => first(&parts[0]),
                Expression::Not(part) => first(part),
                Expression::Condition(condition) => condition.clone(),
            }
        }
        first(&AuditFilter::parse(filter).unwrap().expression.unwrap())
    }

    #[test]
    fn what_asks_for_an_element_holds_for_a_list_by_one_element_alone() {
        let cases = [
            (r#"{"users.user":"a"}"#, true),
            (r#"{"users":{"user":"a","db":"admin"}}"#, true),
            (r#"{"users":[]}"#, false),
            (r#"{"users":null}"#, false),
            (r#"{"users.user":null}"#, true),
            (r#"{"users.user":[]}"#, true),
            (r#"{"users":{"$in":[{"user":"a","db":"admin"}]}}"#, true),
            (r#"{"users":{"$in":[{"user":"a","db":"admin"},[]]}}"#, false),
            (r#"{"users.user":{"$in":["a",null]}}"#, true),
            (r#"{"users":{"$elemMatch":{"user":"a"}}}"#, true),
            (r#"{"users":{"$exists":true}}"#, false),
            (r#"{"users.user":{"$exists":true}}"#, true),
            (r#"{"users":{"$size":1}}"#, false),
            (r#"{"users.user":{"$size":1}}"#, false),
            (r#"{"users.user":{"$gt":"a"}}"#, true),
            (r#"{"users":{"$gt":[]}}"#, false),
            (r#"{"users":{"$type":"object"}}"#, false),
            (r#"{"users.0.user":"a"}"#, false),
            (r#"{"roles.role":"a"}"#, true),
            (r#"{"param.user":"a"}"#, false),
        ];
        for (filter, expected) in cases {
            assert_eq!(asks_for_element(&condition(filter)), expected, "{filter}");
        }
        let element = |user: &str| {
            Value::Document(vec![("user".to_owned(), Value::text(user)), ("db".to_owned(), Value::text("admin"))])
        };
        let effort = Effort::default();
        for (filter, _) in cases.iter().filter(|(filter, expected)| *expected && filter.contains("users")) {
            let condition = condition(filter);
            let holds = |elements: &[&str]| {
                let list = Value::List(elements.iter().map(|user| element(user)).collect());
                any_holds(&[&condition], Some(&list), &effort)
            };
            assert_eq!(holds(&["a", "b"]), Truth::any([holds(&["a"]), holds(&["b"])]), "{filter}");
            assert_eq!(holds(&[]), Truth::No, "{filter}");
        }
    }

    #[test]
    fn halves_that_are_gathered_answer_as_they_would_apart() {
        for (filter, all) in [
            (r#"{"$or":[{"users.user":"a"},{"users.user":{"$ne":"a"}}]}"#, true),
            (r#"{"$or":[{"users":{"$size":1}},{"users":{"$size":0}},{"users.1":{"$exists":true}}]}"#, true),
            (r#"{"$or":[{"users":{"$size":1}},{"users":{"$size":0}}]}"#, false),
        ] {
            let answer = AuditFilter::parse(filter).unwrap().coverage(Event::Logout, true);
            assert_eq!(answer == Coverage::All, all, "{filter}: {answer:?}");
        }
    }
}
