//! What follows from a snapshot, before any rule judges it. Knows nothing of rules.

pub mod address_space;
pub mod audit_filter;
pub mod certificates;
pub mod privileges;
pub mod regions;
pub mod role_inheritance;
