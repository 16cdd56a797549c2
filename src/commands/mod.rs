//! One file per subcommand: what it is called with, and what it puts together.

pub mod simulate;
