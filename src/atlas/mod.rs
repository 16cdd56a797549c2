//! Where state comes from: the Atlas Admin API, read with GET only.
//!
//! `credentials` and `base_url` say who asks and whom; `client` sends, with `auth`, `limits` and `retry` behind
//! it; `pages` puts lists together; `plan` and `fetch` fill a snapshot. `endpoints` is the table of what there is
//! to ask for.

mod answer;
mod auth;
pub mod base_url;
pub mod client;
pub mod clock;
pub mod credentials;
pub mod endpoints;
mod exchange;
pub mod fetch;
mod limits;
pub mod options;
mod pages;
pub mod plan;
pub mod profile;
mod retry;
pub mod roles;
#[cfg(test)]
mod tests;

pub use base_url::BaseUrl;
pub use client::{Atlas, ListedOrganization};
pub use clock::{Clock, SystemClock};
pub use credentials::Credential;
pub use fetch::Cancel;
pub use options::{Counts, Options};
pub use plan::Plan;
