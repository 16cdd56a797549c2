//! Whether a filter holds for every event of a kind, for some, or for none: by trying all events that can differ.
//!
//! The truth of a filter depends on few things: for a string, which of the constants it equals, which of the prefixes
//! it begins with and what the other regular expressions say of it; for a list of users or roles, which conditions some
//! element meets. Candidates are made for all of these, those that no condition tells apart are merged, and what is
//! left is tried in every combination. Where the candidates claim too little knowledge the answer becomes *some*; they
//! never leave out an event that exists.

use std::collections::BTreeMap;

use super::{
    Coverage, Witness,
    evaluate::{Effort, Expression, Truth},
    events::{Principals, Scenario},
    formula::{Formula, Plan, any_holds, slot_of},
    literals::LiteralsByPath,
    model::{Model, Row},
    value::Value,
    witness,
};

/// Past so many steps a question is given up. Filters that people write take a few hundred, made-up ones of their size
/// some ten thousand.
pub(super) const MOST_STEPS: u64 = 200_000;

/// Why a question was given up.
pub(super) struct TooMuch;

pub(super) fn coverage(expression: &Expression, scenario: &Scenario) -> Coverage {
    counted(expression, scenario, &Effort::default())
}

/// The same, with the work that it took left in `effort`.
pub(super) fn counted(expression: &Expression, scenario: &Scenario, effort: &Effort) -> Coverage {
    let answer = decide(expression, scenario, effort);
    if effort.gave_up.get() {
        return Coverage::Undecided("a regular expression takes too long to match".to_owned());
    }
    answer.unwrap_or_else(|TooMuch| {
        Coverage::Undecided(format!("the filter has too many combinations to try them all for {}", scenario.name))
    })
}

fn decide(expression: &Expression, scenario: &Scenario, effort: &Effort) -> Result<Coverage, TooMuch> {
    let formula = Formula::of(expression, &|condition| {
        // Fields that have the same value in every event of the question are settled at once.
        let value = settled(scenario, slot_of(condition))?;
        let truth = any_holds(&[condition], value.as_ref(), effort);
        (truth != Truth::Open).then_some(truth == Truth::Yes)
    });
    let literals = LiteralsByPath::of(&formula);
    let mut parts = BTreeMap::new();
    let plan = Plan::of(&formula, &mut parts);
    let mut columns = Vec::new();
    for (slot, formulas) in &parts {
        let model = Model { slot, formulas, literals: &literals, scenario, effort };
        columns.push((slot.as_str(), model.rows()?));
    }
    if columns.iter().any(|(_, rows)| rows.is_empty()) {
        return Err(TooMuch);
    }

    let mut chosen = vec![0; columns.len()];
    let mut first: [Option<Vec<usize>>; 3] = [None, None, None];
    let size = plan.size();
    loop {
        effort.spend(size);
        let truth = plan.truth(&|slot, part| {
            let column = columns.iter().position(|(name, _)| *name == slot);
            column.map_or(Truth::Open, |column| columns[column].1[chosen[column]].answers[part])
        });
        first[truth as usize].get_or_insert_with(|| chosen.clone());
        let settled = first[Truth::No as usize].is_some() && first[Truth::Yes as usize].is_some();
        if settled || !advance(&mut chosen, &columns) {
            return Ok(conclude(expression, scenario, &columns, first, effort));
        }
        check(effort)?;
    }
}

/// The value of a field that is the same in all events, `None` within for one that no event has.
#[expect(clippy::option_option, reason = "unsettled, settled as absent, settled as present")]
pub(super) fn settled(scenario: &Scenario, slot: &str) -> Option<Option<Value>> {
    match (slot, scenario.results) {
        ("atype", _) => Some(Some(Value::text(scenario.atype))),
        ("result", [only]) => Some(Some(Value::whole(*only))),
        ("users" | "roles", _) if scenario.principals == Principals::Nobody => Some(Some(Value::List(Vec::new()))),
        ("result" | "ts" | "uuid" | "local" | "remote" | "intermediates" | "users" | "roles" | "param", _) => None,
        _ => Some(None),
    }
}

fn advance(chosen: &mut [usize], columns: &[(&str, Vec<Row>)]) -> bool {
    for (digit, (_, rows)) in chosen.iter_mut().zip(columns).rev() {
        *digit += 1;
        if *digit < rows.len() {
            return true;
        }
        *digit = 0;
    }
    false
}

fn conclude(
    expression: &Expression,
    scenario: &Scenario,
    columns: &[(&str, Vec<Row>)],
    first: [Option<Vec<usize>>; 3],
    effort: &Effort,
) -> Coverage {
    let describe = |chosen: &Vec<usize>| -> Witness {
        let fields = columns.iter().zip(chosen).map(|((slot, rows), row)| (*slot, rows[*row].value.as_ref()));
        witness::describe(expression, scenario, &fields.collect(), effort)
    };
    let [no, open, yes] = first.map(|chosen| chosen.as_ref().map(describe));
    match (yes, no, open) {
        (Some(recorded), Some(missed), _)
        | (Some(recorded), None, Some(missed))
        | (None, Some(missed), Some(recorded)) => Coverage::Some { recorded, missed },
        (None, None, Some(open)) => Coverage::Some { recorded: open.clone(), missed: open },
        (Some(_), None, None) => Coverage::All,
        (None, Some(missed), None) => Coverage::None { missed },
        (None, None, None) => Coverage::Undecided("no event could be made up".to_owned()),
    }
}

pub(super) fn check(effort: &Effort) -> Result<(), TooMuch> {
    // An engine that gave up once has spoilt the answer: there is no reason to go on.
    if effort.steps.get() > MOST_STEPS || effort.gave_up.get() { Err(TooMuch) } else { Ok(()) }
}

/// Pays for work before it is done, or refuses it.
pub(super) fn afford(effort: &Effort, steps: usize) -> Result<(), TooMuch> {
    if effort.steps.get() + steps as u64 > MOST_STEPS {
        effort.steps.set(MOST_STEPS + 1);
        return Err(TooMuch);
    }
    effort.spend(steps);
    check(effort)
}
