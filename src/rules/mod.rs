//! Predicates, one module per folder of `rules/`. A predicate is a sentence about the domain.

pub(crate) mod network;

use jiff::{Timestamp, Unit};

use crate::snapshot::values::Moment;

/// Hours from `now` until a moment, negative if it has passed; nothing if there is no such moment.
pub(crate) fn hours_until(moment: Option<&Moment>, now: Timestamp) -> Option<f64> {
    let moment = moment?.timestamp()?;
    moment.since(now).ok()?.total(Unit::Hour).ok()
}
