//! Where data lives, where its copies go and where it is processed; and what stands beside it.

pub(crate) mod classification;
pub(crate) mod home;
pub(crate) mod mixed;
pub(crate) mod path;
pub(crate) mod place;
pub(crate) mod zones;
