//! API keys: HTTP Digest (RFC 7616) with MD5 and `qop=auth`, which is what Atlas offers.
//!
//! A challenge is used for as long as Atlas takes it, with a rising count: N calls cost N + 1 requests. The first
//! caller fetches the challenge with its own request; all others wait for it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use digest_auth::{AuthContext, WwwAuthenticateHeader};
use reqwest::header::{ACCEPT, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{Method, Request, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};

use super::{Generation, Means, Next, NoPass, Pass};
use crate::atlas::answer::Refusal;
use crate::atlas::exchange::Answer;

/// Challenges that one request may be refused with, before we stop believing that the next will do.
const MOST_ROUNDS: u32 = 3;

pub(crate) struct Digest {
    public_key: String,
    private_key: SecretString,
    challenge: Mutex<Challenge>,
    /// Held while the first challenge is on its way.
    scouting: tokio::sync::Mutex<()>,
    /// Whether an answer of ours was ever taken.
    proven: AtomicBool,
}

#[derive(Default)]
struct Challenge {
    prompt: Option<WwwAuthenticateHeader>,
    generation: Generation,
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Digest").field("public_key", &self.public_key).finish_non_exhaustive()
    }
}

impl Digest {
    pub(super) fn new(public_key: String, private_key: SecretString) -> Self {
        Self {
            public_key,
            private_key,
            challenge: Mutex::default(),
            scouting: tokio::sync::Mutex::default(),
            proven: AtomicBool::new(false),
        }
    }

    pub(super) fn accepted(&self) {
        self.proven.store(true, Ordering::Relaxed);
    }

    fn challenge(&self) -> MutexGuard<'_, Challenge> {
        self.challenge.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn pass(&self, means: &Means<'_>, url: &Url, accept: &HeaderValue) -> Result<Pass, NoPass> {
        if let Some(pass) = self.answer_challenge(url)? {
            return Ok(pass);
        }
        let _scouting = self.scouting.lock().await;
        if let Some(pass) = self.answer_challenge(url)? {
            return Ok(pass);
        }
        let mut request = Request::new(Method::GET, url.clone());
        request.headers_mut().insert(ACCEPT, accept.clone());
        (means.sent)(false);
        let answer = means.wire.exchange(request).await.map_err(NoPass::Trouble)?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(Pass::Answered(answer));
        }
        let Some(prompt) = challenge_in(&answer) else { return Ok(Pass::Answered(answer)) };
        {
            let mut challenge = self.challenge();
            challenge.prompt = Some(prompt);
            challenge.generation += 1;
        }
        self.answer_challenge(url)?.ok_or_else(|| NoPass::Wrong("there is no challenge".to_owned()))
    }

    fn answer_challenge(&self, url: &Url) -> Result<Option<Pass>, NoPass> {
        let mut challenge = self.challenge();
        let generation = challenge.generation;
        let Some(prompt) = &mut challenge.prompt else { return Ok(None) };
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let context = AuthContext::new(&self.public_key, self.private_key.expose_secret(), target);
        let unusable = |error: String| NoPass::Wrong(format!("its challenge cannot be answered: {error}"));
        let response = prompt.respond(&context).map_err(|error| unusable(error.to_string()))?;
        let mut header = HeaderValue::from_str(&response.to_header_string()).map_err(|e| unusable(e.to_string()))?;
        header.set_sensitive(true);
        Ok(Some(Pass::Header(header, generation)))
    }

    pub(super) fn refused(&self, generation: Generation, answer: &Answer, rounds: u32) -> Next {
        let mut challenge = self.challenge();
        if rounds >= MOST_ROUNDS {
            return Next::GiveUp;
        }
        if challenge.generation != generation {
            // Somebody else has brought a new one since.
            return Next::Again;
        }
        match challenge_in(answer) {
            // Stale means that all was right but the age of the challenge. Anything else is about the key.
            // Unless the key has done before: not every server says stale when it forgets a challenge.
            Some(prompt) if prompt.stale || (rounds == 0 && self.proven.load(Ordering::Relaxed)) => {
                challenge.prompt = Some(prompt);
                challenge.generation += 1;
                Next::Again
            }
            _ => {
                tracing::debug!(code = Refusal::of(answer).code, "the answer to the challenge was refused");
                Next::GiveUp
            }
        }
    }
}

fn challenge_in(answer: &Answer) -> Option<WwwAuthenticateHeader> {
    let offers = answer.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let mut digests = offers.filter(|offer| offer.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("digest")));
    digests.find_map(|offer| digest_auth::parse(offer).ok())
}
