//! The stand-in Atlas: serves a *recording* over HTTP as Atlas serves an organization.
//!
//! `atlas-audit simulate`, `atlas-audit demo`, the tests and the benchmarks all talk to this one, through the
//! real client. It knows nothing of rules or verdicts.
//!
//! # A recording
//!
//! A folder that mirrors the paths of the Admin API, one JSON file per answer:
//!
//! - `GET /api/atlas/v2/groups/5f…/auditLog` is answered from `groups/5f…/auditLog.json`; the base path itself
//!   from `_root.json`.
//! - Characters of a segment other than letters, digits, `.`, `_`, `~` and `-` are percent-encoded:
//!   `databaseUsers/%24external/…`.
//! - `peers@providerName=AZURE.json` answers only requests with that parameter. Of several such variants the one
//!   with the most parameters wins, then the plain file. Parameters that no variant names are ignored.
//! - A list that Atlas pages is kept whole, `{"results": […]}`; one that Atlas sends as a bare array is an
//!   array. Pages, counts and links are made here. So are the defaults by which Atlas hides rows (system-managed
//!   service accounts, deleted clusters, OIDC identity providers …): a file holds everything.
//!   `flattenTeams` and `includeOrgUsers` of project users are the exception: the file is served as it is.
//! - A body with an integer `error` and a string `errorCode` is an error, and answered with that status.
//! - A single resource needs no file of its own when its list has it.
//! - A file that is not there is an empty list when it is a list and what it belongs to exists, else 404.
//! - `recording.toml` beside them may hold `description`, `now` (the time sent as `Date`, so that a recording
//!   does not age) and `[[fault]]` tables: `kind`, `endpoint`, and where they apply `args` and `first`, as in
//!   [`Fault`].
//!
//! # What it does not do
//!
//! It never writes, knows one version of each endpoint (the newest), sends no `Deprecation` header, and ignores
//! `envelope` and `pretty`.

mod answers;
mod auth;
mod defaults;
mod error;
mod faults;
mod journal;
mod limits;
mod negotiation;
mod paging;
mod projects;
mod recording;
mod refusal;
mod routes;
mod server;

use include_dir::{Dir, include_dir};

pub use auth::Authentication;
pub use error::Error;
pub use faults::Fault;
pub use journal::Request;
pub use limits::RateLimit;
pub use recording::Recording;
pub use server::{Options, Simulator};

/// The service account that the simulator accepts. It is no secret: nothing but the simulator knows it.
pub const CLIENT_ID: &str = "mdb_sa_id_000000000000000000000001";
/// The secret of [`CLIENT_ID`].
pub const CLIENT_SECRET: &str = "mdb_sa_sk_fake_secret";
/// The API key that the simulator accepts, as little a secret as [`CLIENT_ID`].
pub const PUBLIC_API_KEY: &str = "abcdefgh";
/// The private part of [`PUBLIC_API_KEY`].
pub const PRIVATE_API_KEY: &str = "01234567-89ab-cdef-0123-456789abcdef";

/// Where the Admin API begins.
pub(crate) const BASE_PATH: &str = "/api/atlas/v2";

static DEMO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/demo");

/// The demo organization, built into the program.
///
/// # Panics
///
/// When the built-in files are not a recording; a test loads them.
#[must_use]
pub fn embedded_demo() -> Recording {
    Recording::embedded(&DEMO).expect("the built-in demo is a recording: a test loads it")
}

#[cfg(test)]
mod tests;
