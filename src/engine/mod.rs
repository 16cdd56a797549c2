//! What we think of it: rules, verdicts, and the run that turns a snapshot into them.
//!
//! Knows nothing of output formats. The predicates themselves are in `crate::rules`.

pub mod catalogue;
pub mod custom;
pub mod day;
pub mod declared;
pub mod environment;
pub mod example;
pub mod excerpt;
pub mod framework;
pub mod judge;
pub mod legs;
pub mod outcomes;
mod packed;
pub mod predicate;
pub mod rule;
pub mod settings;
pub mod severity;
pub mod verdict;
pub mod view;
pub mod waiver;

pub use catalogue::{Catalogue, SelectedRule};
pub use declared::Declared;
pub use judge::Judge;
pub use outcomes::{Outcome, Outcomes};
pub use rule::Rule;
pub use settings::Settings;
pub use severity::Severity;
pub use verdict::{Evidence, Verdict};
