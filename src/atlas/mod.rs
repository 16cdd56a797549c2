//! Where state comes from: the Atlas Admin API, read with GET only.

pub mod endpoints;
