//! Time and chance, passed in so that a test of "waits ten seconds" takes none.

use std::fmt;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

/// What the client knows of time and chance.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Time since some fixed point.
    fn now(&self) -> Duration;

    /// Comes back that much later.
    fn sleep(&self, how_long: Duration) -> BoxFuture<'_, ()>;

    /// A number from 0 up to, not including, 1.
    fn jitter(&self) -> f64;
}

/// The machine's own.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, how_long: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(how_long))
    }

    fn jitter(&self) -> f64 {
        fastrand::f64()
    }
}
