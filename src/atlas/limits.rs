//! How much is asked for at a time: never more than Atlas bears.
//!
//! Two things hold a request back. The *gate* of its rate-limit bucket
//! (<https://www.mongodb.com/docs/atlas/api/api-rate-limiting/>): no more requests are on their way than it has
//! tokens left, and everybody on it waits when one is told to. And the *window*: so many requests at a time in
//! all, found as TCP finds its own: twice as many each round trip until Atlas objects, then slowly more, and half
//! as many after every objection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use super::clock::Clock;
use super::endpoints::Bucket;
use crate::progress::Progress;

/// Requests at a time when a run begins.
const FIRST_WINDOW: usize = 8;
const MINUTE: f64 = 60.0;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change below is complete before anything can panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All gates, and the window.
#[derive(Debug)]
pub(crate) struct Limits {
    window: Window,
    gates: Mutex<HashMap<(&'static str, String), Arc<Gate>>>,
}

impl Limits {
    pub(crate) fn new(most: usize) -> Self {
        Self { window: Window::new(most), gates: Mutex::default() }
    }

    /// The gate of a bucket. `of` is the project or the organization that it counts for.
    pub(crate) fn gate(&self, bucket: &Bucket, of: &str) -> Arc<Gate> {
        let mut gates = lock(&self.gates);
        let gate = gates.entry((bucket.set, of.to_owned()));
        Arc::clone(gate.or_insert_with(|| Arc::new(Gate::new(bucket))))
    }

    /// Waits until a request may go, and tells how long that took at the gate.
    pub(crate) async fn enter<'a>(
        &'a self,
        gate: &'a Gate,
        clock: &dyn Clock,
        progress: &dyn Progress,
    ) -> (Ticket<'a>, Duration) {
        let mut waited = Duration::ZERO;
        loop {
            waited += gate.reserve(clock, progress).await;
            let reservation = Reservation { gate };
            let slot = self.window.slot().await;
            // The bucket may have closed while we stood in line.
            if !gate.is_paused(clock.now()) {
                return (Ticket { slot, reservation }, waited);
            }
        }
    }

    /// Requests that may be on their way at this moment.
    #[cfg(test)]
    pub(crate) fn window(&self) -> usize {
        lock(&self.window.state).target()
    }
}

/// The right to send one request. Dropped without a word, it is as if it had never been.
#[derive(Debug)]
pub(crate) struct Ticket<'a> {
    slot: Slot<'a>,
    reservation: Reservation<'a>,
}

impl Ticket<'_> {
    /// Atlas took it; so many tokens are left, if it says so.
    pub(crate) fn answered(mut self, remaining: Option<u32>, clock: &dyn Clock) {
        self.slot.outcome = Outcome::Fine;
        self.reservation.gate.answered(remaining, clock.now());
    }

    /// It was too much. If a pause is known, it is everybody's on this bucket.
    pub(crate) fn congested(mut self, pause: Option<Duration>, clock: &dyn Clock) {
        self.slot.outcome = Outcome::Congested;
        if let Some(pause) = pause {
            self.reservation.gate.pause(clock.now() + pause);
        }
    }
}

/// A token bucket of Atlas's, as far as we know it.
#[derive(Debug)]
pub(crate) struct Gate {
    /// Whoever waits at the gate waits for this: first come, first served, and one timer for all.
    turn: tokio::sync::Mutex<()>,
    state: Mutex<Tokens>,
    changed: Notify,
    capacity: f64,
    per_second: f64,
}

#[derive(Debug, Default)]
struct Tokens {
    /// Left, less those promised to requests on their way. Unknown until an answer says.
    left: Option<f64>,
    /// When that was.
    at: Duration,
    on_their_way: u32,
    paused_until: Duration,
}

impl Gate {
    fn new(bucket: &Bucket) -> Self {
        Self {
            turn: tokio::sync::Mutex::default(),
            state: Mutex::default(),
            changed: Notify::new(),
            capacity: f64::from(bucket.capacity),
            per_second: f64::from(bucket.refill) / MINUTE,
        }
    }

    async fn reserve(&self, clock: &dyn Clock, progress: &dyn Progress) -> Duration {
        let _turn = self.turn.lock().await;
        let mut waited = Duration::ZERO;
        loop {
            let now = clock.now();
            let Err(wait) = self.admit(now) else { return waited };
            progress.waiting(wait);
            tokio::select! {
                () = clock.sleep(wait) => {}
                () = self.changed.notified() => {}
            }
            waited += clock.now().saturating_sub(now);
        }
    }

    /// Takes a token, or says how long to wait before asking again.
    fn admit(&self, now: Duration) -> Result<(), Duration> {
        let mut tokens = lock(&self.state);
        if now < tokens.paused_until {
            return Err(tokens.paused_until.saturating_sub(now));
        }
        if let Some(left) = tokens.left {
            // With nobody on their way, nothing is promised.
            let left = if tokens.on_their_way == 0 { left.max(0.0) } else { left };
            let since = now.saturating_sub(tokens.at).as_secs_f64();
            let left = (left + since * self.per_second).min(self.capacity.max(left));
            tokens.left = Some(left);
            tokens.at = now.max(tokens.at);
            if left < 1.0 {
                // Rounded up, so that rounding never makes us ask a moment too early.
                return Err(Duration::from_secs_f64((1.0 - left) / self.per_second) + Duration::from_millis(1));
            }
            tokens.left = Some(left - 1.0);
        }
        tokens.on_their_way += 1;
        Ok(())
    }

    fn is_paused(&self, now: Duration) -> bool {
        now < lock(&self.state).paused_until
    }

    fn answered(&self, remaining: Option<u32>, now: Duration) {
        let mut tokens = lock(&self.state);
        if now < tokens.paused_until {
            return;
        }
        // Those still on their way may or may not have been counted: suppose they have not. One answer later it is
        // known, and this can only be too careful.
        let others = f64::from(tokens.on_their_way.saturating_sub(1));
        tokens.left = remaining.map(|remaining| f64::from(remaining) - others);
        tokens.at = now;
    }

    /// Nobody passes before then.
    pub(crate) fn pause(&self, until: Duration) {
        let mut tokens = lock(&self.state);
        if until > tokens.paused_until {
            tokens.paused_until = until;
            // Then one goes ahead, and its answer tells how many may follow.
            tokens.left = Some(1.0);
            tokens.at = until;
        }
    }
}

#[derive(Debug)]
struct Reservation<'a> {
    gate: &'a Gate,
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        let mut tokens = lock(&self.gate.state);
        tokens.on_their_way = tokens.on_their_way.saturating_sub(1);
        drop(tokens);
        self.gate.changed.notify_one();
    }
}

/// How many requests may be on their way in all.
#[derive(Debug)]
struct Window {
    permits: Semaphore,
    state: Mutex<Size>,
}

#[derive(Debug)]
struct Size {
    limit: f64,
    most: f64,
    /// Permits that exist, free or taken.
    granted: usize,
    taken: usize,
    doubling: bool,
    /// Requests so far, and how many of them when the window was last cut: what was sent before does not count twice.
    sent: u64,
    cut_at: u64,
}

impl Size {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and a few hundred")]
    fn target(&self) -> usize {
        self.limit as usize
    }
}

impl Window {
    fn new(most: usize) -> Self {
        let (most, first) = (most.max(1), FIRST_WINDOW.min(most.max(1)));
        #[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
        let state = Size {
            limit: first as f64,
            most: most as f64,
            granted: first,
            taken: 0,
            doubling: true,
            sent: 0,
            cut_at: 0,
        };
        Self { permits: Semaphore::new(first), state: Mutex::new(state) }
    }

    async fn slot(&self) -> Slot<'_> {
        // Never closed, so that the error never happens; a slot without a permit is harmless all the same.
        let permit = self.permits.acquire().await.ok();
        let mut state = lock(&self.state);
        state.taken += 1;
        state.sent += 1;
        Slot { window: self, permit, number: state.sent, outcome: Outcome::Unknown }
    }

    fn give_back(&self, permit: Option<SemaphorePermit<'_>>, number: u64, outcome: Outcome) {
        let mut state = lock(&self.state);
        // A window that is not used says nothing about whether a larger one would do.
        let used = state.taken * 2 >= state.target();
        state.taken -= 1;
        match outcome {
            Outcome::Fine if used => {
                let step = if state.doubling { 1.0 } else { 1.0 / state.limit };
                state.limit = (state.limit + step).min(state.most);
            }
            Outcome::Congested if number > state.cut_at => {
                state.limit = (state.limit / 2.0).max(1.0);
                state.doubling = false;
                state.cut_at = state.sent;
            }
            _ => {}
        }
        let target = state.target();
        if state.granted < target {
            self.permits.add_permits(target - state.granted);
            state.granted = target;
        } else if state.granted > target {
            // First those that are free, then this one; the others when they come back.
            state.granted -= self.permits.forget_permits(state.granted - target);
            if state.granted > target
                && let Some(permit) = permit
            {
                permit.forget();
                state.granted -= 1;
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Outcome {
    Fine,
    Congested,
    Unknown,
}

#[derive(Debug)]
struct Slot<'a> {
    window: &'a Window,
    permit: Option<SemaphorePermit<'a>>,
    number: u64,
    outcome: Outcome,
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.window.give_back(self.permit.take(), self.number, self.outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas::endpoints::Endpoint;
    use crate::snapshot::Section;

    fn settings() -> Gate {
        Gate::new(&Endpoint::of(Section::OrganizationSettings).bucket)
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    async fn round_trip(window: &Window, outcome: Outcome) {
        let at_once = lock(&window.state).target();
        let mut slots = Vec::new();
        for _ in 0..at_once {
            let mut slot = window.slot().await;
            slot.outcome = outcome;
            slots.push(slot);
        }
        assert!(window.permits.try_acquire().is_err(), "the window holds no more than it says");
    }

    #[tokio::test]
    async fn the_window_doubles_until_it_is_too_much_and_then_grows_by_one() {
        let window = Window::new(64);
        let mut sizes = Vec::new();
        for outcome in [Outcome::Fine, Outcome::Fine, Outcome::Congested, Outcome::Fine, Outcome::Fine] {
            round_trip(&window, outcome).await;
            sizes.push(lock(&window.state).target());
        }
        // Many of the last sixteen grow it before half of them are back: it need not quite double. One burst of
        // refusals cuts it once.
        assert!(sizes[0] > FIRST_WINDOW && sizes[1] > sizes[0], "{sizes:?}");
        assert_eq!(sizes[2], sizes[1] / 2, "{sizes:?}");
        assert!(sizes[4] <= sizes[2] + 2 && sizes[4] > sizes[2], "{sizes:?}");
    }

    #[tokio::test]
    async fn the_window_never_closes_and_never_passes_its_cap() {
        let window = Window::new(10);
        for _ in 0..10 {
            round_trip(&window, Outcome::Congested).await;
        }
        assert_eq!(lock(&window.state).target(), 1);
        for _ in 0..100 {
            round_trip(&window, Outcome::Fine).await;
        }
        assert_eq!(lock(&window.state).target(), 10);
    }

    #[test]
    fn an_unknown_bucket_is_open_and_an_empty_one_waits_for_one_token() {
        let gate = settings();
        assert_eq!(gate.admit(seconds(0)), Ok(()));
        gate.answered(Some(0), seconds(0));
        drop(Reservation { gate: &gate });
        let wait = gate.admit(seconds(0)).unwrap_err();
        assert!(wait >= seconds(12) && wait < seconds(13), "five a minute: {wait:?}");
        assert!(gate.admit(seconds(6)).is_err());
        assert_eq!(gate.admit(seconds(13)), Ok(()));
        assert!(gate.admit(seconds(13)).is_err());
    }

    #[test]
    fn those_on_their_way_count() {
        let gate = settings();
        for _ in 0..3 {
            assert_eq!(gate.admit(seconds(0)), Ok(()));
        }
        // Two others may not have been counted yet: of three tokens, one is free.
        gate.answered(Some(3), seconds(0));
        drop(Reservation { gate: &gate });
        assert_eq!(gate.admit(seconds(0)), Ok(()));
        assert!(gate.admit(seconds(0)).is_err());
    }

    #[test]
    fn after_a_pause_one_goes_ahead() {
        let gate = settings();
        gate.pause(seconds(30));
        gate.pause(seconds(20));
        assert_eq!(gate.admit(seconds(10)), Err(seconds(20)), "the longer pause holds");
        // A late answer to something sent before does not end it.
        gate.answered(Some(9), seconds(10));
        assert!(gate.is_paused(seconds(29)));
        assert_eq!(gate.admit(seconds(30)), Ok(()));
        assert!(gate.admit(seconds(30)).is_err());
        gate.answered(Some(9), seconds(31));
        drop(Reservation { gate: &gate });
        for _ in 0..9 {
            assert_eq!(gate.admit(seconds(31)), Ok(()));
        }
    }
}
