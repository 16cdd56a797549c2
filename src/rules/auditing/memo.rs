//! What was worked out for a filter, kept by its text: most projects of an organization share a handful of filters, and
//! working one out costs more than all other rules over the project together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// As much text as is kept. Beyond it everything is forgotten and kept anew.
const MOST_TEXT: usize = 1 << 20;

/// Results by text. A parameter struct holds one in a field that serde skips, so that it lives as long as the bound rule.
#[derive(Debug)]
pub(crate) struct Memo<T>(Mutex<Kept<T>>);

#[derive(Debug)]
struct Kept<T> {
    length: usize,
    by_text: HashMap<Box<str>, Arc<T>>,
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(Mutex::new(Kept { length: 0, by_text: HashMap::new() }))
    }
}

impl<T> Memo<T> {
    /// What was worked out for the text, now or before.
    pub(crate) fn of(&self, text: &str, work_out: impl FnOnce() -> T) -> Arc<T> {
        // A rule that broke while it held the lock left nothing half done.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.by_text.get(text) {
            return Arc::clone(known);
        }
        let new = Arc::new(work_out());
        // An entry without text takes room as well.
        let length = text.len() + 1024;
        if kept.length + length > MOST_TEXT {
            kept.by_text.clear();
            kept.length = 0;
        }
        kept.length += length;
        kept.by_text.insert(text.into(), Arc::clone(&new));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_worked_out_once_and_what_is_kept_is_bounded() {
        let memo = Memo::default();
        assert_eq!(*memo.of("a", || 1), 1);
        assert_eq!(*memo.of("a", || 2), 1);
        assert_eq!(*memo.of("b", || 3), 3);
        for n in 0..2 * MOST_TEXT / 1024 {
            memo.of(&n.to_string(), || 0);
            let kept = memo.0.lock().unwrap();
            assert!(kept.length <= MOST_TEXT && kept.by_text.len() <= MOST_TEXT / 1024);
        }
        // Long ones push the others out, and are kept themselves until the next.
        assert_eq!(*memo.of(&"x".repeat(MOST_TEXT), || 4), 4);
        assert_eq!(*memo.of(&"x".repeat(MOST_TEXT), || 5), 4);
        assert_eq!(*memo.of("a", || 6), 6);
    }
}
