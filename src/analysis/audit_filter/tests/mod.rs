//! `cases` holds filters with their answers, `hostile` what must neither hang nor crash, and `random` checks answers
//! against events that were made without the model.

mod cases;
mod hostile;
mod random;

use super::Coverage;

fn word(coverage: &Coverage) -> &'static str {
    match coverage {
        Coverage::All => "all",
        Coverage::Some { .. } => "some",
        Coverage::None { .. } => "none",
        Coverage::Undecided(_) => "undecided",
    }
}
