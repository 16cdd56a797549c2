//! The access review: who and what has access, laid out row by row for somebody to decide on, and what came of it.
//!
//! - [`pack`]: what a pack holds, and its JSON
//! - [`gather`]: rows, as a snapshot streams by; `access`, `database`, `console`, `credentials` make those of one subject
//! - [`compare`]: what changed since the snapshot of the last review, and what became of its decisions
//! - [`sheet`]: the table that is filled in, there and back
//! - [`page`]: the pack on paper
//! - [`close`]: from a filled-in sheet to a record, or everything that is wrong with it
//!
//! The record itself is in `engine::declared::review`, since rules go by it.

mod access;
pub mod close;
pub mod compare;
mod console;
mod console_roles;
mod credentials;
mod database;
pub mod gather;
pub mod pack;
pub mod page;
mod party;
pub mod sheet;
pub mod words;

pub use close::{Closing, Problem};
pub use gather::{Gathered, Gatherer};
pub use pack::{Kind, Pack, Row};
