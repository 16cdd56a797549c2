//! How rows put things: moments, lists, and what is not known. Never «never».

use crate::report::text::visible;
use crate::snapshot::values::Moment;

/// What every column says that Atlas does not answer, with the reason.
pub(super) fn not_known(why: &str) -> String {
    format!("not known ({why})")
}

/// Text from outside, with nothing in it that acts instead of being seen.
pub(super) fn clean(text: &str) -> String {
    visible(text.trim()).into_owned()
}

/// The same, or nothing.
pub(super) fn optional(text: Option<&str>) -> String {
    text.map(clean).unwrap_or_default()
}

/// A moment as Atlas gives it.
pub(super) fn moment(moment: &Moment) -> String {
    match moment {
        Moment::At(time) => time.to_string(),
        Moment::Unreadable(text) => clean(text),
    }
}

/// `1 entry`, `3 entries`
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}
