//! One module per subcommand: glue only. What they share is in `output`, `selection` and `reading`.

pub mod demo;
pub mod fetch;
mod live;
mod output;
pub mod rules;
pub mod scan;
pub mod schema;
mod selection;
pub mod simulate;
