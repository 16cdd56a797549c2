//! How a run asks, and what that cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::clock::{Clock, SystemClock};
use super::retry::Patience;
use crate::progress::{Progress, Silent};

/// How to ask.
pub struct Options {
    /// Requests at a time, at most.
    pub concurrency: usize,
    /// For one request, from its sending to the end of its answer.
    pub timeout: Duration,
    /// Largest answer that is taken, in bytes.
    pub largest_answer: usize,
    /// Tries of one request, all told.
    pub attempts: u32,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// Who is told.
    pub progress: Arc<dyn Progress>,
}

impl Options {
    /// Requests at a time that anybody may ask for.
    pub const MOST_CONCURRENCY: usize = 256;
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 32,
            timeout: Duration::from_secs(30),
            largest_answer: 64 * 1024 * 1024,
            attempts: Patience::default().attempts,
            clock: Arc::new(SystemClock::default()),
            progress: Arc::new(Silent),
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("concurrency", &self.concurrency)
            .field("timeout", &self.timeout)
            .field("largest_answer", &self.largest_answer)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// What a run cost.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Requests sent, those for tokens and challenges among them.
    pub sent: u64,
    /// Those of them that were sent again.
    pub retried: u64,
    /// Answers that were "too many requests".
    pub rate_limited: u64,
    /// Time that requests stood still, all added up: at the rate limit, or between two tries.
    pub waited: Duration,
}

/// The same, while it is counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    sent: AtomicU64,
    retried: AtomicU64,
    rate_limited: AtomicU64,
    waited_micros: AtomicU64,
}

impl Tally {
    /// A request goes out.
    pub(crate) fn sent(&self, again: bool) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        if again {
            self.retried.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// One stood still.
    pub(crate) fn waited(&self, how_long: Duration) {
        let micros = u64::try_from(how_long.as_micros()).unwrap_or(u64::MAX);
        self.waited_micros.fetch_add(micros, Ordering::Relaxed);
    }
    /// Atlas found that there were too many.
    pub(crate) fn rate_limited(&self) {
        self.rate_limited.fetch_add(1, Ordering::Relaxed);
    }

    /// So far.
    pub(crate) fn counts(&self) -> Counts {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            sent: of(&self.sent),
            retried: of(&self.retried),
            rate_limited: of(&self.rate_limited),
            waited: Duration::from_micros(of(&self.waited_micros)),
        }
    }
}
