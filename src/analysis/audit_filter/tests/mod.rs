//! `cases` holds filters with their answers, `edges` those at the limits of what is looked at, `values` and `patterns`
//! what single values and expressions match, `hostile` what must neither hang nor crash, and `random` checks answers
//! against events that were made without the model.

mod cases;
mod edges;
mod hostile;
mod patterns;
mod random;
mod values;

use super::coverage::counted;
use super::evaluate::Effort;
use super::{AuditFilter, Coverage, Event};

/// The answer for an event, and the steps that it took. None at all where nothing is tried.
fn steps(filter: &AuditFilter, event: Event) -> (Coverage, u64) {
    let effort = Effort::default();
    let answer = match &filter.expression {
        Ok(expression) => counted(expression, &event.scenario(), &effort),
        Err(why) => Coverage::Undecided(why.clone()),
    };
    (answer, effort.steps.get())
}

fn word(coverage: &Coverage) -> &'static str {
    match coverage {
        Coverage::All => "all",
        Coverage::Some { .. } => "some",
        Coverage::None { .. } => "none",
        Coverage::Undecided(_) => "undecided",
    }
}
