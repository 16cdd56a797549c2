//! Ways to the data beside clusters: federated databases, archives, roles in other clouds, the console, what is retired.

pub(crate) mod access;
pub(crate) mod clusters;
pub(crate) mod federation;
