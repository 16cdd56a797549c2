//! Tests from outside, in one binary.

mod recorded;
mod secrets;
