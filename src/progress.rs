//! What a person may want to see while the program works. Empty by default; a bar on a terminal.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Told what happens, as it happens.
pub trait Progress: Send + Sync {
    /// So many projects will be read.
    fn projects_found(&self, _count: usize) {}
    /// One of them has been read.
    fn project_done(&self, _name: &str) {}
    /// A call has been answered, one way or another.
    fn call_done(&self) {}
    /// The rate limit makes us wait.
    fn waiting(&self, _how_long: Duration) {}
}

/// Tells nobody.
#[derive(Debug)]
pub struct Silent;

impl Progress for Silent {}

/// A bar on stderr.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
    calls: AtomicU64,
}

/// Formatting at every call would cost more than the call.
const CALLS_PER_MESSAGE: u64 = 16;

impl Bar {
    /// A bar on stderr, or silence if nobody looks at it.
    #[must_use]
    pub fn on_stderr(quiet: bool) -> Box<dyn Progress> {
        if quiet || !std::io::stderr().is_terminal() {
            return Box::new(Silent);
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        bar.set_style(style("{spinner} {msg}"));
        bar.set_message("asking Atlas");
        Box::new(Self { bar, calls: AtomicU64::new(0) })
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Progress for Bar {
    fn projects_found(&self, count: usize) {
        self.bar.set_length(count as u64);
        self.bar.set_style(style("{bar:30} {pos}/{len} projects, {msg}"));
    }

    fn project_done(&self, _name: &str) {
        self.bar.inc(1);
    }

    fn call_done(&self) {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        if calls.is_multiple_of(CALLS_PER_MESSAGE) {
            self.bar.set_message(format!("{calls} calls"));
        }
    }

    fn waiting(&self, how_long: Duration) {
        if how_long >= Duration::from_secs(1) {
            self.bar.set_message(format!("waiting {} s for the rate limit", how_long.as_secs()));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
