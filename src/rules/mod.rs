//! Predicates, one module per folder of `rules/`. A predicate is a sentence about the domain.

pub(crate) mod auditing;
pub(crate) mod encryption;
pub(crate) mod exemption;
pub(crate) mod meta;
pub(crate) mod network;
pub(crate) mod organization;
pub(crate) mod tagged;

use jiff::{Timestamp, Unit};

use crate::engine::verdict::Unknown;
use crate::snapshot::values::Moment;

/// Hours from `now` until a moment, negative if it has passed; nothing if there is no such moment.
pub(crate) fn hours_until(moment: Option<&Moment>, now: Timestamp) -> Option<f64> {
    let moment = moment?.timestamp()?;
    moment.since(now).ok()?.total(Unit::Hour).ok()
}

/// The same for a moment that a rule cannot do without: its absence or oddness is a hole.
pub(crate) fn hours_until_needed(field: &'static str, moment: Option<&Moment>, now: Timestamp) -> Result<f64, Unknown> {
    match moment {
        None => Err(Unknown::absent(field)),
        Some(Moment::Unreadable(text)) => Err(Unknown::not_understood(field, text)),
        Some(Moment::At(_)) => hours_until(moment, now).ok_or_else(|| Unknown::not_understood(field, "out of range")),
    }
}
