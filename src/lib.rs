//! Reads what a MongoDB Atlas organization is, and says what follows from it for its security.

pub mod atlas;
pub mod commands;
pub mod simulator;
pub mod snapshot;
