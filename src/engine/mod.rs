//! What we think of it: rules, verdicts, and the run that turns a snapshot into them.
//!
//! Knows nothing of output formats. The predicates themselves are in `crate::rules`.

pub mod catalogue;
pub mod environment;
pub mod example;
pub mod judge;
pub mod predicate;
pub mod rule;
pub mod severity;
pub mod verdict;
pub mod view;

pub use catalogue::{Catalogue, SelectedRule};
pub use judge::{Judge, Outcome, Outcomes};
pub use rule::Rule;
pub use severity::Severity;
pub use verdict::{Evidence, Verdict};
