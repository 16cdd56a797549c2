//! Tests from outside, in one binary.

mod architecture;
mod table;
