//! What follows from a snapshot, before any rule judges it. Knows nothing of rules.

pub mod address_space;
pub mod audit_filter;
pub mod data_regions;
pub mod end_of_life;
pub mod regions;
pub mod review_digest;
pub mod role_inheritance;
