//! Tests from outside, in one binary.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic too; the lint only spares the tests themselves")]

mod access;
#[cfg(unix)]
mod action;
mod architecture;
mod audit_coverage;
mod bad_input;
mod canaries;
mod composed;
mod configuration;
mod coverage;
mod custom_rules;
mod diff;
mod exposure;
mod formats;
mod gate;
mod guardrails;
mod hardened;
mod history;
mod honesty;
mod month;
mod outputs;
mod program;
mod readme;
mod recorded;
mod remediation;
mod requests;
mod review;
mod secrets;
mod sections;
mod snapshots;
mod support;
mod table;
mod who_can;
