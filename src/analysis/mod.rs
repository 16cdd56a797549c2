//! What follows from a snapshot, before any rule judges it. Knows nothing of rules.

pub mod address_space;
pub mod audit_coverage;
pub mod audit_filter;
pub mod certificates;
pub mod data_regions;
pub mod doubt;
pub mod drift;
pub mod end_of_life;
pub mod exposure;
pub mod guardrails;
pub mod peering;
pub mod private_endpoints;
pub mod privileges;
pub mod readable;
pub mod regions;
pub mod review_digest;
