//! Reads what a MongoDB Atlas organization is, and says what follows from it for its security.
//!
//! ```text
//!  where state comes from      what it is     what follows from it   what we think of it     who reads it
//!  atlas/  Admin API      ──▶  snapshot/  ──▶  analysis/         ──▶  engine/ + rules/   ──▶  report/
//! ```
//!
//! Arrows run one way: `snapshot` knows nothing of HTTP, `analysis` nothing of rules, `engine` nothing of output
//! formats, `report` nothing of Atlas beyond what a finding carries. A test holds that.
//!
//! - [`atlas`]: the client of the Admin API, its table of endpoints, and the fetcher that fills a snapshot
//! - [`snapshot`]: typed sections, each a [`Reading`](snapshot::Reading) that is known or unavailable; the file format
//! - [`analysis`]: address arithmetic, effective privileges, what an audit filter really records
//! - [`engine`]: the catalogue of rules, verdicts, the run; [`rules`]: the predicates, one module per folder of `rules/`
//! - [`config`]: `atlas-audit.toml`, what people declare and how they want to be judged
//! - [`report`]: table, JSON, SARIF
//! - [`review`]: who has access, laid out for somebody to decide on, and what came of it
//! - [`simulator`]: the stand-in Atlas that tests, the demo and newcomers use
//! - `solver`, with the feature `prove`: cvc5 behind the proofs of `guardrails`
//! - [`cli`], [`commands`], [`error`], [`progress`]: the command

pub mod analysis;
pub mod atlas;
pub mod cli;
pub mod commands;
pub mod config;
pub mod engine;
pub mod error;
pub mod history;
pub mod progress;
#[cfg(test)]
mod published;
pub mod report;
pub mod review;
pub mod rules;
pub mod simulator;
pub mod snapshot;
#[cfg(feature = "prove")]
pub mod solver;

pub use error::Error;
