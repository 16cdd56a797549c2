//! What an organization is: typed, versioned, without secrets.
//!
//! Knows nothing of HTTP, of rules or of reports. `tree` says how the parts hang together, `store` how they lie
//! in a file; every other module holds the sections of one subject.

pub mod address;
pub mod cluster;
pub mod database_access;
pub mod locate;
pub mod logging;
pub mod network;
pub mod organization;
pub mod project;
pub mod reading;
pub mod reference;
pub mod section;
pub mod store;
pub mod tree;
pub mod values;

pub use organization::Organization;
pub use project::Project;
pub use reading::{Reading, Reason, Unavailable};
pub use reference::Ref;
pub use section::Section;
