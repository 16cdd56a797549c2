//! What can keep a simulator from starting.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why there is no simulator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder of the recording.
    #[error("cannot read {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of the recording is not JSON.
    #[error("{path} is not JSON")]
    NotJson {
        /// Which.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// `recording.toml`.
    #[error("{path} does not describe a recording")]
    Description {
        /// Which.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// There is nothing to serve.
    #[error("{path} holds no recorded answer")]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// A fault that cannot be understood.
    #[error("`{spec}` is not a fault: {reason}")]
    Fault {
        /// As written.
        spec: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A recording without projects cannot have more of them.
    #[error("the recording lists no project that could serve as a template")]
    NoTemplate,
    /// An address that others can reach.
    #[error("{address} is not a loopback address")]
    NotLoopback {
        /// As asked.
        address: SocketAddr,
    },
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// As asked.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The journal.
    #[error("cannot write the journal {path}")]
    Journal {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The standard output or the thread of the server.
    #[error("cannot run the simulator")]
    Run {
        /// Why.
        source: std::io::Error,
    },
}

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Empty { .. } => {
                Some("a recording holds one JSON file per API path, such as orgs.json and orgs/<id>/groups.json")
            }
            Self::Fault { .. } => {
                Some("for example refuse@project.auditLog, or throttle:3,1@/groups/{groupId}/clusters")
            }
            Self::NoTemplate => Some("leave --projects out, or add orgs/<id>/groups.json"),
            Self::NotLoopback { .. } => Some("its credentials are public: listen on 127.0.0.1 or [::1]"),
            Self::Listen { .. } => Some("port 0 takes any free one"),
            Self::Description { .. } => Some("it knows `description`, `now` and `[[fault]]`"),
            Self::Read { .. } | Self::NotJson { .. } | Self::Journal { .. } | Self::Run { .. } => None,
        }
    }
}
