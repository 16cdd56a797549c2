//! Whether people are told when something happens to the controls, and what Atlas and its logs already tell.
//!
//! An alert is judged by what it is about (`events`) and by whom it reaches (`delivery`). Alerts of the whole
//! organization have no API, and nothing here claims to know them. Whether logs leave Atlas is in `auditing`.

pub(crate) mod alerts;
mod delivery;
pub(crate) mod detection;
mod events;
pub(crate) mod logins;
pub(crate) mod open;
