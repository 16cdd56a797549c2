//! The exit code of a scan, and the sentence that says why.

use crate::cli::{FailOn, GateArgs};
use crate::config;
use crate::engine::Severity;
use crate::report::Report;

/// From where on findings fail a run, unless somebody says otherwise.
const USUAL: Severity = Severity::Low;

/// What a run fails on.
pub(super) struct Gate {
    /// No finding does, if there is none.
    least: Option<Severity>,
    unknown: OnUnknown,
    exit_zero: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum OnUnknown {
    Fails,
    Incomplete,
    Allowed,
}

/// An exit code, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exit {
    pub(super) code: u8,
    pub(super) because: String,
}

impl Gate {
    /// What flags say counts more than what the configuration says.
    pub(super) fn of(args: &GateArgs, config: &config::Gate) -> Self {
        let least = match (args.fail_on, config.fail_on) {
            (Some(FailOn::Severity(least)), _) => Some(least),
            (Some(FailOn::Nothing), _) => None,
            (None, Some(threshold)) => threshold.severity(),
            (None, None) => Some(USUAL),
        };
        let unknown = if args.allow_unknown {
            OnUnknown::Allowed
        } else if args.fail_on_unknown || config.fail_on_unknown {
            OnUnknown::Fails
        } else {
            OnUnknown::Incomplete
        };
        Self { least, unknown, exit_zero: args.exit_zero || config.exit_zero }
    }

    /// 0 nothing at or above the limit, 1 something, 3 incomplete and nothing failed. 2 is for errors.
    pub(super) fn exit(&self, report: &Report) -> Exit {
        let exit = self.earned(report);
        if self.exit_zero && exit.code != 0 {
            return Exit {
                code: 0,
                because: format!("asked for whatever is found; else {}: {}", exit.code, exit.because),
            };
        }
        exit
    }

    fn earned(&self, report: &Report) -> Exit {
        let failing = self.least.map_or(0, |least| report.gating(least));
        let limit = match self.least {
            Some(Severity::Info) => String::new(),
            Some(least) => format!(" at {least} or above"),
            None => " that counts".to_owned(),
        };
        let new = if report.compared().is_some() { "new " } else { "" };
        let open = open(report);
        match (failing, open) {
            (1, _) => Exit { code: 1, because: format!("1 {new}finding{limit}") },
            (2.., _) => Exit { code: 1, because: format!("{failing} {new}findings{limit}") },
            (0, Some(open)) => match self.unknown {
                OnUnknown::Fails => Exit { code: 1, because: format!("{open}, and what is unknown is to fail") },
                OnUnknown::Incomplete => Exit { code: 3, because: format!("no {new}finding{limit}, but {open}") },
                OnUnknown::Allowed => {
                    Exit { code: 0, because: format!("no {new}finding{limit}; {open}, which is allowed") }
                }
            },
            (0, None) => Exit { code: 0, because: format!("no {new}finding{limit}, and everything could be judged") },
        }
    }
}

/// What keeps the run from being complete, if anything does.
fn open(report: &Report) -> Option<String> {
    if !report.incomplete() {
        return None;
    }
    Some(match report.counts.unknown {
        _ if !report.about.complete => "the reading did not come to its end".to_owned(),
        0 => "some of what findings rest on could not be read".to_owned(),
        1 => "1 verdict is unknown".to_owned(),
        unknown => format!("{unknown} verdicts are unknown"),
    })
}
