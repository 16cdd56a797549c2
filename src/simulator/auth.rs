//! Who may ask: HTTP digest for API keys, OAuth 2.0 client credentials for service accounts.
//!
//! Both as Atlas does them: MD5 and `qop="auth"`, nonces that go stale; access tokens that expire, with OAuth's
//! own error bodies at the token endpoint and Atlas's everywhere else.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt::Write;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use digest_auth::{AuthContext, AuthorizationHeader, HttpMethod};
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::{PRIVATE_API_KEY, PUBLIC_API_KEY};

/// `Basic` of the accepted client id and secret. A test compares it with what an HTTP client makes of them.
const BASIC: &str = "Basic bWRiX3NhX2lkXzAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTptZGJfc2Ffc2tfZmFrZV9zZWNyZXQ=";

const REALM: &str = "MMS Public API";

/// Counts of a nonce above this are refused: they would only cost memory.
const LARGEST_COUNT: u32 = 10_000_000;

/// Challenges that are remembered. A client that ignores them must not fill the memory.
const MOST_NONCES: usize = 10_000;

/// Whether credentials are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Authentication {
    /// As Atlas does: only the simulator's own credentials are accepted.
    #[default]
    Required,
    /// Any `Authorization`, or none, will do.
    None,
}

/// The doorkeeper.
#[derive(Debug)]
pub(super) struct Gate {
    mode: Authentication,
    token_life: Duration,
    nonce_life: Duration,
    nonces: Mutex<HashMap<String, Nonce>>,
    tokens: Mutex<HashMap<String, Instant>>,
}

#[derive(Debug)]
struct Nonce {
    made: Instant,
    /// One bit for each count that was used.
    used: Vec<u64>,
}

impl Nonce {
    /// Whether this count is new. A client with several calls under way may send them out of order.
    fn first_use(&mut self, count: u32) -> bool {
        let (word, bit) = (count as usize / 64, 1 << (count % 64));
        if self.used.len() <= word {
            self.used.resize(word + 1, 0);
        }
        let new = self.used[word] & bit == 0;
        self.used[word] |= bit;
        new
    }
}

impl Gate {
    pub(super) fn new(mode: Authentication, token_life: Duration, nonce_life: Duration) -> Self {
        Self { mode, token_life, nonce_life, nonces: Mutex::default(), tokens: Mutex::default() }
    }

    /// Lets a request in, or says why not. `target` is the path and query as they stand in the request line.
    pub(super) fn admit(&self, headers: &HeaderMap, method: &Method, target: &str) -> Result<(), Refusal> {
        if self.mode == Authentication::None {
            return Ok(());
        }
        let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match sent.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => self.bearer(token.trim()),
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("digest") => self.digest(sent, method, target),
            _ => Err(self.challenge(false)),
        }
    }

    fn bearer(&self, token: &str) -> Result<(), Refusal> {
        match lock(&self.tokens).get(token) {
            Some(made) if made.elapsed() < self.token_life => Ok(()),
            // Not USER_UNAUTHORIZED: that is what a good token without the role gets.
            _ => Err(Refusal::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", NOT_AUTHORIZED, &[])),
        }
    }

    fn digest(&self, sent: &str, method: &Method, target: &str) -> Result<(), Refusal> {
        let Ok(sent) = AuthorizationHeader::parse(sent) else { return Err(self.challenge(false)) };
        let mut own = sent.clone();
        let method = HttpMethod::from(method.as_str());
        own.digest(&AuthContext::new_with_method(PUBLIC_API_KEY, PRIVATE_API_KEY, target, None::<&[u8]>, method));
        let right = sent.response == own.response
            && sent.username == PUBLIC_API_KEY
            && sent.realm == REALM
            && sent.uri == target
            && sent.qop.is_some_and(|qop| qop == digest_auth::Qop::AUTH);
        if !right {
            return Err(self.challenge(false));
        }
        let fresh = lock(&self.nonces).get_mut(&sent.nonce).is_some_and(|nonce| {
            nonce.made.elapsed() < self.nonce_life && sent.nc <= LARGEST_COUNT && nonce.first_use(sent.nc)
        });
        // The answer was right and only the nonce is not: the client may try again without asking anybody.
        if fresh { Ok(()) } else { Err(self.challenge(true)) }
    }

    fn challenge(&self, stale: bool) -> Refusal {
        let nonce = random();
        let mut nonces = lock(&self.nonces);
        if nonces.len() >= MOST_NONCES {
            nonces.retain(|_, nonce| nonce.made.elapsed() < self.nonce_life);
            if nonces.len() >= MOST_NONCES {
                nonces.clear();
            }
        }
        nonces.insert(nonce.clone(), Nonce { made: Instant::now(), used: Vec::new() });
        let value = format!(
            "Digest realm=\"{REALM}\", domain=\"\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\", stale={stale}"
        );
        Refusal::new(StatusCode::UNAUTHORIZED, "UNEXPECTED_ERROR", NOT_AUTHORIZED, &[])
            .without_code_header()
            .with(header::WWW_AUTHENTICATE, &value)
    }

    /// `POST /api/oauth/token`
    pub(super) fn token(&self, headers: &HeaderMap, form: &str) -> Response<Body> {
        if let Some(refusal) = self.client(headers) {
            return refusal;
        }
        match field(form, "grant_type") {
            Some("client_credentials") => {}
            Some(_) => return oauth_error(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            None => return oauth_error(StatusCode::BAD_REQUEST, "invalid_request"),
        }
        let token = random();
        let mut tokens = lock(&self.tokens);
        tokens.retain(|_, made| made.elapsed() < self.token_life);
        tokens.insert(token.clone(), Instant::now());
        let body = json!({"access_token": token, "expires_in": self.token_life.as_secs(), "token_type": "Bearer"});
        json_response(StatusCode::OK, &body)
    }

    /// `POST /api/oauth/revoke`
    pub(super) fn revoke(&self, headers: &HeaderMap, form: &str) -> Response<Body> {
        if let Some(refusal) = self.client(headers) {
            return refusal;
        }
        if let Some(token) = field(form, "token") {
            lock(&self.tokens).remove(token);
        }
        json_response(StatusCode::OK, &json!({}))
    }

    fn client(&self, headers: &HeaderMap) -> Option<Response<Body>> {
        let known = headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes() == BASIC.as_bytes());
        if known || self.mode == Authentication::None {
            return None;
        }
        Some(oauth_error(StatusCode::UNAUTHORIZED, "invalid_client"))
    }
}

const NOT_AUTHORIZED: &str = "You are not authorized for this resource.";

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 32 hexadecimal digits. Nobody gains anything by guessing them, so the seeds of hash maps will do.
fn random() -> String {
    let mut text = String::with_capacity(32);
    for _ in 0..2 {
        // Writing to a string cannot go wrong.
        let _ = write!(text, "{:016x}", RandomState::new().hash_one(text.len()));
    }
    text
}

/// A field of a form; none of those read here holds characters that are encoded.
fn field<'f>(form: &'f str, name: &str) -> Option<&'f str> {
    form.trim().split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// RFC 6749, section 5.2: not Atlas's error body.
fn oauth_error(status: StatusCode, error: &str) -> Response<Body> {
    let description = match error {
        "invalid_client" => "Client authentication failed.",
        "unsupported_grant_type" => "The only grant type is client_credentials.",
        _ => "The request lacks grant_type.",
    };
    json_response(status, &json!({"error": error, "error_description": description}))
}

fn json_response(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(nonce_life: Duration) -> Gate {
        Gate::new(Authentication::Required, Duration::from_hours(1), nonce_life)
    }

    /// What a client answers to a challenge, at the `count`-th time.
    fn answer(challenge: &Refusal, count: u32, private: &str, target: &str) -> HeaderMap {
        let response = challenge.clone().into_response();
        let mut prompt = digest_auth::parse(response.headers()[header::WWW_AUTHENTICATE].to_str().unwrap()).unwrap();
        prompt.nc = count - 1;
        let answer = prompt.respond(&AuthContext::new(PUBLIC_API_KEY, private, target)).unwrap();
        HeaderMap::from_iter([(header::AUTHORIZATION, answer.to_string().parse().unwrap())])
    }

    fn stale(refusal: Refusal) -> bool {
        let response = refusal.into_response();
        response.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().ends_with("stale=true")
    }

    #[test]
    fn a_nonce_serves_each_count_once() {
        let gate = gate(Duration::from_mins(1));
        let ask = |headers: &HeaderMap| gate.admit(headers, &Method::GET, "/p?a=1");
        let challenge = ask(&HeaderMap::new()).unwrap_err();
        for count in [1, 3, 2] {
            ask(&answer(&challenge, count, PRIVATE_API_KEY, "/p?a=1")).unwrap();
        }
        assert!(stale(ask(&answer(&challenge, 2, PRIVATE_API_KEY, "/p?a=1")).unwrap_err()));
    }

    #[test]
    fn a_wrong_key_or_another_path_is_challenged_again() {
        let gate = gate(Duration::from_mins(1));
        let ask = |headers: &HeaderMap| gate.admit(headers, &Method::GET, "/p");
        let challenge = ask(&HeaderMap::new()).unwrap_err();
        assert!(!stale(ask(&answer(&challenge, 1, "wrong", "/p")).unwrap_err()));
        assert!(!stale(ask(&answer(&challenge, 2, PRIVATE_API_KEY, "/q")).unwrap_err()));
    }

    #[test]
    fn an_old_nonce_is_stale() {
        let gate = gate(Duration::ZERO);
        let challenge = gate.admit(&HeaderMap::new(), &Method::GET, "/p").unwrap_err();
        let answer = answer(&challenge, 1, PRIVATE_API_KEY, "/p");
        assert!(stale(gate.admit(&answer, &Method::GET, "/p").unwrap_err()));
    }
}
