//! Reads what a MongoDB Atlas organization is, and says what follows from it for its security.
pub mod analysis;
pub mod atlas;
pub mod engine;
pub mod report;
pub mod rules;
pub mod snapshot;
