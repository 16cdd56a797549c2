//! How a credential proves itself: one module per scheme, one interface.

mod digest;
mod oauth;

use reqwest::Url;
use reqwest::header::HeaderValue;

use super::base_url::BaseUrl;
use super::clock::Clock;
use super::credentials::Credential;
use super::exchange::{Answer, Trouble, Wire};
use super::retry::Patience;
use crate::snapshot::Unavailable;
use digest::Digest;
use oauth::OAuth;

/// Either scheme.
#[derive(Debug)]
pub(crate) enum Auth {
    OAuth(OAuth),
    Digest(Digest),
}

/// What a request goes out with.
#[derive(Debug)]
pub(crate) enum Pass {
    /// This header, made from that token or challenge.
    Header(HeaderValue, Generation),
    /// Nothing any more: the request had to be sent to learn the challenge, and this came instead of one.
    Answered(Answer),
}

/// Tokens and challenges are numbered, so that many who are refused at once renew it only once.
pub(crate) type Generation = u64;

/// Why there is no pass.
#[derive(Debug, Clone)]
pub(crate) enum NoPass {
    /// The credential is wrong.
    Wrong(String),
    /// Trouble on the way, for the caller to try again.
    Trouble(Trouble),
    /// Trouble that has been tried often enough already.
    Unavailable(Box<Unavailable>, Option<Trouble>),
}

/// What a refused request may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Ask for a pass again.
    Again,
    /// Nothing: the credential does not do.
    GiveUp,
}

/// What both schemes need to do their own asking.
pub(crate) struct Means<'a> {
    pub(crate) wire: &'a Wire,
    pub(crate) base: &'a BaseUrl,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) patience: &'a Patience,
    /// Told of every request sent.
    pub(crate) sent: &'a (dyn Fn(bool) + Sync),
}

impl Auth {
    pub(crate) fn new(credential: Credential) -> Self {
        match credential {
            Credential::ServiceAccount { client_id, secret } => Self::OAuth(OAuth::new(client_id, secret)),
            Credential::ApiKey { public_key, private_key } => Self::Digest(Digest::new(public_key, private_key)),
        }
    }

    /// The pass for a GET of `url`.
    pub(crate) async fn pass(&self, means: &Means<'_>, url: &Url, accept: &HeaderValue) -> Result<Pass, NoPass> {
        match self {
            Self::OAuth(oauth) => oauth.pass(means).await,
            Self::Digest(digest) => digest.pass(means, url, accept).await,
        }
    }

    /// After any answer but a 401: the credential does.
    pub(crate) fn accepted(&self) {
        if let Self::Digest(digest) = self {
            digest.accepted();
        }
    }

    /// After a 401 that is not about a role. `rounds` is how often this very request has been through here before.
    pub(crate) fn refused(&self, generation: Generation, answer: &Answer, rounds: u32) -> Next {
        match self {
            Self::OAuth(oauth) => oauth.refused(generation, rounds),
            Self::Digest(digest) => digest.refused(generation, answer, rounds),
        }
    }
}
