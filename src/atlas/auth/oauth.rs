//! Service accounts: OAuth 2.0 client credentials.
//!
//! <https://www.mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token/>. One token per run, good for an
//! hour, renewed a little before it ends; however many callers find it wanting, one renewal serves them all.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Request;
use reqwest::header::HeaderValue;
use secrecy::SecretString;
use serde::Deserialize;

use super::{Generation, Means, Next, NoPass, Pass};
use crate::atlas::answer::{Meaning, meaning, shortened};
use crate::atlas::exchange::{Answer, Trouble};
use crate::atlas::retry::Tries;
use crate::snapshot::{Reason, Unavailable};

/// Renewed so long before its end, or at nine tenths of a short life.
const MARGIN: Duration = Duration::from_mins(1);
/// If Atlas does not say: what its documentation says.
const USUAL_LIFE: u64 = 3600;
/// A token that is refused again and again is not the trouble: new ones are not fetched for ever.
const MOST_REFUSALS: u32 = 20;
/// Until the caller says what it was after.
const ENDPOINT: &str = "/api/oauth/token";

pub(crate) struct OAuth {
    client_id: String,
    secret: SecretString,
    state: Mutex<State>,
    /// Held while a token is on its way.
    renewal: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    generation: Generation,
    /// How the last renewal went wrong, for those who waited for it.
    failed: Option<NoPass>,
    failures: u64,
    /// Tokens that were refused before their time.
    refusals: u32,
}

struct Token {
    header: HeaderValue,
    renew_at: Duration,
}

impl fmt::Debug for OAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// What the token endpoint says. Its errors have a shape of their own.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NotGranted {
    error: Option<String>,
    error_description: Option<String>,
}

impl OAuth {
    pub(super) fn new(client_id: String, secret: SecretString) -> Self {
        Self { client_id, secret, state: Mutex::default(), renewal: tokio::sync::Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn pass(&self, means: &Means<'_>) -> Result<Pass, NoPass> {
        let now = means.clock.now();
        let failures = {
            let state = self.state();
            if let Some(pass) = state.pass(now) {
                return Ok(pass);
            }
            if let Some(wrong @ NoPass::Wrong(_)) = &state.failed {
                // Wrong once, wrong for good: Atlas need not be asked by every call.
                return Err(wrong.clone());
            }
            state.failures
        };
        let _renewal = self.renewal.lock().await;
        {
            let state = self.state();
            if let Some(pass) = state.pass(means.clock.now()) {
                return Ok(pass);
            }
            if let Some(failed) = state.failed.clone().filter(|_| state.failures != failures) {
                return Err(failed);
            }
        }
        let renewed = self.renew(means).await;
        let mut state = self.state();
        match renewed {
            Ok(token) => {
                state.failed = None;
                state.generation += 1;
                let pass = Pass::Header(token.header.clone(), state.generation);
                state.token = Some(token);
                Ok(pass)
            }
            Err(no_pass) => {
                state.failed = Some(no_pass.clone());
                state.failures += 1;
                Err(no_pass)
            }
        }
    }

    /// A token that is refused is dropped, once per request, and the next caller brings a new one.
    pub(super) fn refused(&self, generation: Generation, rounds: u32) -> Next {
        let mut state = self.state();
        if rounds > 0 || state.refusals >= MOST_REFUSALS {
            return Next::GiveUp;
        }
        if state.generation == generation && state.token.is_some() {
            state.token = None;
            state.refusals += 1;
        }
        Next::Again
    }

    async fn renew(&self, means: &Means<'_>) -> Result<Token, NoPass> {
        let mut tries = Tries::new(means.patience, means.clock);
        loop {
            tries.begin();
            (means.sent)(tries.again());
            let (why, asked, trouble) = match means.wire.exchange(self.request(means)?).await {
                Ok(answer) => match granted(&answer, means.clock.now()) {
                    Ok(token) => return Ok(token),
                    Err(Refused::Later(why, wait)) => (*why, wait, None),
                    Err(Refused::ForGood(no_pass)) => return Err(no_pass),
                },
                Err(trouble) => {
                    let (reason, detail) = match &trouble {
                        Trouble::TimedOut => (Reason::TimedOut, None),
                        Trouble::TooLarge(_) => (Reason::TooLarge, None),
                        Trouble::Connect(why) | Trouble::Tls { why, .. } | Trouble::CutOff(why) => {
                            (Reason::Transport, Some(why.clone()))
                        }
                    };
                    let mut why = Unavailable::new(reason, ENDPOINT);
                    why.detail = detail;
                    (why, None, Some(trouble))
                }
            };
            let most = match &trouble {
                Some(Trouble::Tls { certain: true, .. } | Trouble::TooLarge(_)) => Some(1),
                // A host that was never there will not come.
                Some(Trouble::Connect(_) | Trouble::Tls { .. }) if self.state().generation == 0 => {
                    Some(crate::atlas::client::FIRST_TRIES)
                }
                _ => None,
            };
            let Some(pause) = tries.pause(asked, most) else {
                let detail = why.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
                let detail = Some(format!("no token, {}{detail}", tries.told()));
                return Err(NoPass::Unavailable(Box::new(Unavailable { detail, ..why }), trouble));
            };
            means.clock.sleep(pause).await;
        }
    }

    fn request(&self, means: &Means<'_>) -> Result<Request, NoPass> {
        let url = means.base.token().map_err(NoPass::Wrong)?;
        means.wire.token_request(url, &self.client_id, &self.secret).map_err(NoPass::Wrong)
    }
}

/// The token, or why there is none.
fn granted(answer: &Answer, now: Duration) -> Result<Token, Refused> {
    let refused = |reason: Reason, detail: String| {
        let mut why = Unavailable::new(reason, ENDPOINT);
        why.status = Some(answer.status.as_u16());
        why.detail = Some(detail);
        why
    };
    let for_good = |reason, detail| Refused::ForGood(NoPass::Unavailable(Box::new(refused(reason, detail)), None));
    let told = || {
        let error: NotGranted = serde_json::from_slice(&answer.body).unwrap_or_default();
        let description = error.error_description.map(|text| shortened(&text));
        (error.error.map(|error| shortened(&error)), description)
    };
    match meaning(answer) {
        Meaning::Good => {
            let granted: Granted = serde_json::from_slice(&answer.body).map_err(|error| {
                // Not the error itself: it may repeat what it stumbled over.
                for_good(Reason::Malformed, format!("no token in line {} of the answer", error.line()))
            })?;
            let mut header = HeaderValue::from_str(&format!("Bearer {}", granted.access_token))
                .map_err(|_| for_good(Reason::Malformed, "the token cannot be put into a header".to_owned()))?;
            header.set_sensitive(true);
            let life = Duration::from_secs(granted.expires_in.unwrap_or(USUAL_LIFE));
            Ok(Token { header, renew_at: now + life.saturating_sub(MARGIN.min(life / 10)) })
        }
        Meaning::Later { reason, wait, refusal, .. } => {
            let (error, description) = told();
            let detail = description.or(error).or(refusal.detail).unwrap_or_else(|| answer.status.to_string());
            Err(Refused::Later(Box::new(refused(reason, detail)), wait))
        }
        Meaning::Redirected(to) => Err(for_good(Reason::Malformed, format!("no token, redirected to {to}"))),
        Meaning::WrongAddress(..) | Meaning::Unauthorized(_) | Meaning::Refused(..) => {
            let (error, description) = told();
            match error.as_deref() {
                Some("invalid_client" | "unauthorized_client" | "access_denied" | "invalid_grant") => {
                    Err(Refused::ForGood(NoPass::Wrong(description.or(error).unwrap_or_default())))
                }
                // 401 to Basic authentication needs no further word.
                _ if answer.status == reqwest::StatusCode::UNAUTHORIZED => {
                    Err(Refused::ForGood(NoPass::Wrong(description.or(error).unwrap_or_default())))
                }
                _ => {
                    let reason = if answer.status.as_u16() == 404 { Reason::NotFound } else { Reason::Unsupported };
                    let detail = description.or(error).unwrap_or_else(|| answer.status.to_string());
                    Err(for_good(reason, format!("no token: {detail}")))
                }
            }
        }
    }
}

enum Refused {
    Later(Box<Unavailable>, Option<Duration>),
    ForGood(NoPass),
}

impl State {
    fn pass(&self, now: Duration) -> Option<Pass> {
        let token = self.token.as_ref().filter(|token| now < token.renew_at)?;
        Some(Pass::Header(token.header.clone(), self.generation))
    }
}
