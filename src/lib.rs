//! Reads what a MongoDB Atlas organization is, and says what follows from it for its security.

pub mod atlas;
pub mod error;
pub mod progress;
pub mod snapshot;

pub use error::Error;
