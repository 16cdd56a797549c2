//! What an organization is: typed, versioned, without secrets.
//!
//! Knows nothing of HTTP, of rules or of reports. `tree` says how the parts hang together, `store` how they lie
//! in a file; every other module holds the sections of one subject.

pub mod address;
pub mod alert;
pub mod backup;
pub mod cluster;
pub mod cluster_settings;
pub mod credential;
pub mod data_federation;
pub mod database_access;
pub mod digest;
pub mod encryption;
pub mod federation;
pub mod history;
pub mod locate;
pub mod logging;
pub mod network;
pub mod organization;
pub mod people;
pub mod policy;
pub mod private_endpoint;
pub mod project;
pub mod reading;
pub mod redaction;
pub mod reference;
pub mod schema;
pub mod section;
pub mod shared_tier;
pub mod shelf;
pub mod store;
pub mod streams;
pub mod topology;
pub mod tree;
pub mod values;
pub mod walk;

pub use organization::Organization;
pub use project::{ListedProject, Listing, Project};
pub use reading::{Reading, Reason, Unavailable};
pub use reference::Ref;
pub use section::Section;
