//! Why an analysis cannot say: what it did not get to see, or did not understand.
//!
//! Rules turn a doubt into the verdict *unknown*; nothing turns it into an answer.

use crate::snapshot::Unavailable;

/// Something that an analysis needed and did not get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// A section could not be read.
    Unread(Unavailable),
    /// An answer that is otherwise good lacks the field.
    Absent(&'static str),
    /// A value that this version does not know.
    NotUnderstood {
        /// The field's name.
        field: &'static str,
        /// Its value.
        value: String,
    },
    /// Atlas does not tell; what would.
    Untold(String),
}

impl Doubt {
    /// The field holds something that this version does not know.
    pub fn not_understood(field: &'static str, value: impl Into<String>) -> Self {
        Self::NotUnderstood { field, value: value.into() }
    }
}

impl From<&Unavailable> for Doubt {
    fn from(why: &Unavailable) -> Self {
        Self::Unread(why.clone())
    }
}

/// Whether any item holds. One that does is enough; without one, a doubt is a doubt.
pub fn any<T>(items: impl IntoIterator<Item = T>, holds: impl Fn(T) -> Result<bool, Doubt>) -> Result<bool, Doubt> {
    Ok(first(items, |item| holds(item).map(|holds| holds.then_some(())))?.is_some())
}

/// The first answer that an item gives. One is enough; without one, a doubt is a doubt.
pub fn first<T, A>(
    items: impl IntoIterator<Item = T>,
    answer: impl Fn(T) -> Result<Option<A>, Doubt>,
) -> Result<Option<A>, Doubt> {
    let mut doubt = None;
    for item in items {
        match answer(item) {
            Ok(None) => {}
            Ok(found) => return Ok(found),
            Err(why) => doubt = doubt.or(Some(why)),
        }
    }
    doubt.map_or(Ok(None), Err)
}
