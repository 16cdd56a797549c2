//! One request, one answer: the only place where bytes leave and arrive.
//!
//! Knows nothing of what an answer means (`answer`), of waiting (`limits`) or of trying again (`retry`).

use std::error::Error as StdError;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{ACCEPT, HeaderMap};
use reqwest::{Request, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};

use super::base_url::BaseUrl;
use crate::error::Error;

/// An error's body says little; one that is longer is not Atlas's.
const LONGEST_REFUSAL: usize = 64 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The connections to Atlas.
#[derive(Debug)]
pub(crate) struct Wire {
    http: reqwest::Client,
    /// Largest answer that is taken, in bytes, unpacked.
    largest: usize,
}

/// What came back, whatever it means.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// A header, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No complete answer in time.
    TimedOut,
    /// No connection.
    Connect(String),
    /// A connection, but not to be trusted. It is certain when it will not be otherwise the next time.
    Tls { why: String, certain: bool },
    /// The connection broke.
    CutOff(String),
    /// More than we take.
    TooLarge(usize),
}

impl Wire {
    /// Sets up the connections, once per run.
    pub(crate) fn new(base: &BaseUrl, connections: usize, timeout: Duration, largest: usize) -> Result<Self, Error> {
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("atlas-audit/", env!("CARGO_PKG_VERSION")))
            // The Authorization header must not travel.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .timeout(timeout)
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .pool_max_idle_per_host(connections)
            .http2_adaptive_window(true)
            .https_only(!base.is_plain());
        if base.is_loopback() {
            // No proxy has business between us and this machine, plain HTTP least of all.
            http = http.no_proxy();
        }
        if base.is_plain() {
            // Nor need there be CA certificates for it: the demo runs in an empty container, too.
            http = http.tls_certs_only(std::iter::empty());
        }
        let http = http.build().map_err(|error| Error::Http { why: root(&error) })?;
        Ok(Self { http, largest })
    }

    /// The request for a token: the one thing that is not a GET.
    pub(crate) fn token_request(&self, url: Url, client_id: &str, secret: &SecretString) -> Result<Request, String> {
        let request = self.http.post(url).basic_auth(client_id, Some(secret.expose_secret()));
        let request = request.header(ACCEPT, "application/json").form(&[("grant_type", "client_credentials")]);
        request.build().map_err(|error| root(&error))
    }

    /// Sends a request and takes the whole answer.
    pub(crate) async fn exchange(&self, request: Request) -> Result<Answer, Trouble> {
        let mut response = self.http.execute(request).await.map_err(|error| trouble(&error))?;
        let (status, good) = (response.status(), response.status().is_success());
        let largest = if good { self.largest } else { LONGEST_REFUSAL };
        let headers = std::mem::take(response.headers_mut());
        let mut pieces = Pieces::default();
        while let Some(piece) = response.chunk().await.map_err(|error| trouble(&error))? {
            if pieces.len() + piece.len() > largest {
                if good {
                    return Err(Trouble::TooLarge(largest));
                }
                break;
            }
            pieces.push(piece);
        }
        let body = pieces.whole();
        Ok(Answer { status, headers, body })
    }
}

/// An answer while it arrives. Most are one piece: those are not copied.
#[derive(Debug, Default)]
struct Pieces {
    /// The only one so far.
    first: Bytes,
    /// All of them, once there are several.
    all: BytesMut,
}

impl Pieces {
    fn len(&self) -> usize {
        self.first.len() + self.all.len()
    }

    fn push(&mut self, piece: Bytes) {
        if self.len() == 0 {
            self.first = piece;
            return;
        }
        if self.all.is_empty() {
            self.all.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.all.extend_from_slice(&piece);
    }

    fn whole(self) -> Bytes {
        if self.all.is_empty() { self.first } else { self.all.freeze() }
    }
}

fn trouble(error: &reqwest::Error) -> Trouble {
    if let Some(tls) = tls_cause(error) {
        return Trouble::Tls { why: tls, certain: true };
    }
    if error.is_connect() && is_cut_handshake(error) {
        return Trouble::Tls { why: "the connection was closed during the handshake".to_owned(), certain: false };
    }
    if error.is_timeout() {
        // To connect in time is another matter than to answer in time.
        return if error.is_connect() {
            Trouble::Connect("no connection in time".to_owned())
        } else {
            Trouble::TimedOut
        };
    }
    if error.is_connect() { Trouble::Connect(root(error)) } else { Trouble::CutOff(root(error)) }
}

/// What rustls said, if it was rustls.
fn tls_cause(error: &(dyn StdError + 'static)) -> Option<String> {
    causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()).map(ToString::to_string)
}

/// Whether the other side hung up before the connection stood: TCP itself does not end that way.
fn is_cut_handshake(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>();
        io.is_some_and(|io| io.kind() == std::io::ErrorKind::UnexpectedEof)
    })
}

/// The innermost cause. The outer ones repeat the address.
fn root(error: &(dyn StdError + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        // An `io::Error` names as its source the source of what it wraps, and so hides that itself.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped as &(dyn StdError + 'static)),
            None => error.source(),
        };
        Some(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_all_of_its_pieces_in_their_order() {
        for size in 1..=9 {
            let mut pieces = Pieces::default();
            for piece in b"12345678".chunks(size) {
                pieces.push(Bytes::from_static(b""));
                pieces.push(Bytes::copy_from_slice(piece));
            }
            assert_eq!(pieces.len(), 8);
            assert_eq!(pieces.whole(), "12345678", "in pieces of {size}");
        }
    }
}
