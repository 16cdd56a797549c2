//! What can go wrong with the command, and what to do about it.
//!
//! Not here: what could not be read of an organization. That is a reading (`snapshot::reading`) and ends as a
//! verdict, not as an error.

use std::path::PathBuf;

use crate::snapshot::Unavailable;

/// Why the command cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing that could be a credential was found.
    #[error("no Atlas credentials were found")]
    NoCredentials {
        /// Where the Atlas CLI would keep its profiles.
        file: Option<PathBuf>,
    },
    /// One half of a pair.
    #[error("{place} gives {found}, but {missing} is {state}")]
    HalfCredentials {
        /// The environment, or a profile.
        place: String,
        /// What is there.
        found: String,
        /// What is not.
        missing: String,
        /// Missing, or empty.
        state: &'static str,
    },
    /// A pair of empty values: a secret that a CI system did not hand over.
    #[error("{names} are set in the environment, but empty")]
    EmptyCredentials {
        /// The variables.
        names: String,
    },
    /// A value that cannot be sent.
    #[error("{name} from {place} {why}")]
    UnusableCredential {
        /// The variable or key.
        name: String,
        /// Where it was found.
        place: String,
        /// What is wrong with it; never the value.
        why: &'static str,
    },
    /// The Atlas CLI's configuration file cannot be read.
    #[error("cannot read the Atlas CLI's configuration {path}: {why}")]
    ProfileFile {
        /// The file.
        path: PathBuf,
        /// Without the line itself: it may hold a key.
        why: String,
    },
    /// No such profile.
    #[error("no profile is called `{asked}` in {place}")]
    NoSuchProfile {
        /// What was asked for.
        asked: String,
        /// The file.
        place: String,
        /// The profiles that are there.
        known: Vec<String>,
    },
    /// The profile has no key in the file.
    #[error("the profile `{profile}` in {path} holds no key of a service account and no API key")]
    ProfileWithoutKey {
        /// The profile.
        profile: String,
        /// The file.
        path: PathBuf,
        /// The way it signs in, as the file says.
        auth_type: Option<String>,
    },
    /// The base URL will not do.
    #[error("the base URL{} will not do: {why}", at.as_ref().map(|at| format!(" {at}")).unwrap_or_default())]
    BaseUrl {
        /// Scheme and host, as far as they are known. Never the whole: it may hold a password.
        at: Option<String>,
        /// What is wrong with it.
        why: String,
    },
    /// HTTP cannot be set up.
    #[error("cannot set up HTTPS: {why}")]
    Http {
        /// The cause.
        why: String,
    },
    /// The credential is not accepted.
    #[error("{host} does not accept {credential}")]
    WrongKey {
        /// Whom we asked.
        host: String,
        /// Which credential, by its public part.
        credential: String,
    },
    /// The credential may not be used from here.
    #[error("{host} does not let {credential} in from {}", address.as_deref().unwrap_or("this address"))]
    NotOnAccessList {
        /// Whom we asked.
        host: String,
        /// Which credential, by its public part.
        credential: String,
        /// Our own address, as Atlas sees it.
        address: Option<String>,
    },
    /// Nobody answers.
    #[error("cannot reach {host}: {why}")]
    Unreachable {
        /// Whom we asked.
        host: String,
        /// The cause.
        why: String,
    },
    /// Somebody answers who cannot show to be the host.
    #[error("no trusted TLS connection to {host}: {why}")]
    Tls {
        /// Whom we asked.
        host: String,
        /// The cause.
        why: String,
    },
    /// Somebody answers who does not know the API.
    #[error("{host} sends us elsewhere: {to}")]
    Redirected {
        /// Whom we asked.
        host: String,
        /// Where we should go; redirects are not followed.
        to: String,
    },
    /// The very first call got no usable answer.
    #[error("{host} gives no list of organizations: {why}")]
    NoOrganizations {
        /// Whom we asked.
        host: String,
        /// Why not.
        why: Unavailable,
    },
}

const SET_THESE: &str = "set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET (a service account), or \
     MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY (an API key)";

impl Error {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoCredentials { file } => match file {
                Some(file) => format!("{SET_THESE}, or make a profile in {} with `atlas config init`", file.display()),
                None => SET_THESE.to_owned(),
            },
            Self::HalfCredentials { missing, place, .. } if place.starts_with("the environment") => {
                format!("set {missing} too, or unset the other half to use another credential")
            }
            Self::HalfCredentials { .. } => format!(
                "newer versions of the Atlas CLI keep keys in the system's keyring, which atlas-audit does not open: \
                 {SET_THESE}"
            ),
            Self::EmptyCredentials { .. } => {
                "check that the secret exists where this runs: CI systems hand an empty value to jobs that may not \
                 have it"
                    .to_owned()
            }
            Self::UnusableCredential { .. } => "copy the value again, without quotes or line breaks".to_owned(),
            Self::ProfileFile { .. } => format!("mend the file, or do without it: {SET_THESE}"),
            Self::NoSuchProfile { known, .. } if known.is_empty() => {
                format!("make one with `atlas config init`, or {SET_THESE}")
            }
            Self::NoSuchProfile { known, .. } => format!("there is {}", known.join(", ")),
            Self::ProfileWithoutKey { auth_type, .. } if auth_type.as_deref() == Some("user_account") => format!(
                "it signs in as a person, which atlas-audit does not: {SET_THESE}, or give a profile of a service \
                 account"
            ),
            Self::ProfileWithoutKey { .. } => format!(
                "newer versions of the Atlas CLI keep keys in the system's keyring, which atlas-audit does not open: \
                 {SET_THESE}"
            ),
            Self::BaseUrl { .. } => {
                "give scheme and host, such as https://cloud.mongodb.com; plain HTTP is for 127.0.0.1, ::1 and \
                 localhost only"
                    .to_owned()
            }
            Self::Http { .. } => "check that the system's CA certificates are installed".to_owned(),
            Self::WrongKey { .. } => {
                "check both halves of the credential, that it has not been deleted or has not expired, and that the \
                 base URL is that of its own cloud (--gov for Atlas for Government)"
                    .to_owned()
            }
            Self::NotOnAccessList { address, .. } => {
                let entry = address.as_deref().unwrap_or("the address that this machine has on the internet");
                format!("add {entry} to the API access list of the credential, or run where it is allowed")
            }
            Self::Unreachable { .. } => {
                "check the name, the network and HTTPS_PROXY; Atlas's API is on the public internet only".to_owned()
            }
            Self::Tls { .. } => {
                "check the base URL, the clock of this machine and whether a proxy on the way replaces certificates: \
                 its CA must be among those that the system trusts"
                    .to_owned()
            }
            Self::Redirected { .. } => {
                "redirects are not followed, because the credential would travel with them: give the final address \
                 with --base-url"
                    .to_owned()
            }
            Self::NoOrganizations { .. } => {
                "check that the base URL is that of the Atlas Admin API, and try again later if Atlas itself has \
                 trouble"
                    .to_owned()
            }
        })
    }
}
