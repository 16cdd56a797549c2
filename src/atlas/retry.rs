//! How often, and after how long, something is tried again.

use std::time::Duration;

use super::clock::Clock;

/// The rules of trying again.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    /// Tries in all.
    pub(crate) attempts: u32,
    /// The first pause; each further one is twice as long.
    pub(crate) base: Duration,
    /// The longest pause of our own making.
    pub(crate) cap: Duration,
    /// The longest pause that we accept from Atlas.
    pub(crate) longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 5,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(30),
            longest: Duration::from_mins(5),
        }
    }
}

/// The tries of one request.
pub(crate) struct Tries<'a> {
    patience: &'a Patience,
    clock: &'a dyn Clock,
    started: Duration,
    made: u32,
}

impl<'a> Tries<'a> {
    pub(crate) fn new(patience: &'a Patience, clock: &'a dyn Clock) -> Self {
        Self { patience, clock, started: clock.now(), made: 0 }
    }

    /// One more is made.
    pub(crate) fn begin(&mut self) {
        self.made += 1;
    }

    /// Whether this is not the first.
    pub(crate) fn again(&self) -> bool {
        self.made > 1
    }

    /// How long to wait before the next one, or nothing if this was the last. `asked` is what Atlas wants.
    pub(crate) fn pause(&self, asked: Option<Duration>, most: Option<u32>) -> Option<Duration> {
        if self.made >= most.unwrap_or(u32::MAX).min(self.patience.attempts) {
            return None;
        }
        if let Some(asked) = asked {
            return (asked <= self.patience.longest).then_some(asked);
        }
        let doubled = self.patience.base.saturating_mul(1 << self.made.saturating_sub(1).min(16));
        // Between half of it and all of it: spread out, but never at once.
        Some(doubled.min(self.patience.cap).mul_f64(0.5 + self.clock.jitter() / 2.0))
    }

    /// For people, at the end.
    pub(crate) fn told(&self) -> String {
        match self.made {
            0 | 1 => "tried once".to_owned(),
            made => {
                let seconds = self.clock.now().saturating_sub(self.started).as_secs_f64().round();
                format!("tried {made} times in {seconds} s")
            }
        }
    }
}
