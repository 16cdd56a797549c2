//! The client: one function sends a request, and authentication, media type, waiting and trying again live there.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use reqwest::{Method, Request, Url};
use serde::Deserialize;

use super::answer::{self, Meaning, Refusal, meaning};
use super::auth::{Auth, Generation, Means, Next, NoPass, Pass};
use super::base_url::BaseUrl;
use super::clock::Clock;
use super::credentials::Credential;
use super::endpoints::{Bucket, Endpoint, ORGANIZATIONS, Paging, Role, Scope};
use super::exchange::{Answer, Trouble, Wire};
use super::limits::{Gate, Limits, Ticket};
use super::options::{Counts, Options, Tally};
use super::pages;
use super::retry::{Patience, Tries};
use crate::error::Error;
use crate::progress::Progress;
use crate::snapshot::{Reason, Unavailable};

/// Tries to reach a host that has never answered.
pub(crate) const FIRST_TRIES: u32 = 3;

/// An organization that the credential sees.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedOrganization {
    /// 24 hexadecimal digits.
    pub id: String,
    /// As people call it.
    pub name: String,
}

/// A connection to the Admin API on behalf of one credential.
pub struct Atlas {
    wire: Wire,
    base: BaseUrl,
    auth: Auth,
    /// Its public part, for error messages.
    credential: String,
    limits: Limits,
    patience: Patience,
    clock: Arc<dyn Clock>,
    progress: Arc<dyn Progress>,
    concurrency: usize,
    observed_at: OnceLock<jiff::Timestamp>,
    tally: Tally,
}

impl std::fmt::Debug for Atlas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Atlas").field("base", &self.base).field("credential", &self.credential).finish_non_exhaustive()
    }
}

/// One question.
pub(crate) struct Ask {
    /// Below the API's root, encoded.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) version: &'static str,
    pub(crate) paging: Paging,
    pub(crate) roles: &'static [Role],
    pub(crate) gate: Arc<Gate>,
}

/// Why a question has no answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) why: Box<Unavailable>,
    pub(crate) kind: Kind,
}

impl Failure {
    pub(crate) fn new(why: Unavailable, kind: Kind) -> Self {
        Self { why: Box::new(why), kind }
    }
}

/// What it means if it happens to the very first question.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Nothing more than what the reading says.
    Plain,
    WrongKey,
    WrongAddress(Option<String>),
    Unreachable(String),
    Tls(String),
    Redirected(String),
}

/// How one try ended.
enum Step {
    /// With an answer that holds so many entries.
    Good(Bytes, usize),
    /// With one that will not change.
    Failed(Failure),
    /// With a refusal that a new token or challenge may lift.
    Unauthorized,
    /// With trouble that may pass.
    Later { failure: Failure, asked: Option<Duration>, most: Option<u32> },
}

impl Atlas {
    /// Sets up the connection. Nothing is sent yet.
    pub fn new(credential: Credential, base: BaseUrl, options: Options) -> Result<Self, Error> {
        let concurrency = options.concurrency.clamp(1, Options::MOST_CONCURRENCY);
        Ok(Self {
            wire: Wire::new(&base, concurrency, options.timeout, options.largest_answer)?,
            base,
            credential: credential.to_string(),
            auth: Auth::new(credential),
            limits: Limits::new(concurrency),
            patience: Patience { attempts: options.attempts.max(1), ..Patience::default() },
            clock: options.clock,
            progress: options.progress,
            concurrency,
            observed_at: OnceLock::new(),
            tally: Tally::default(),
        })
    }

    /// The organizations that the credential sees, by id: the first call of every run.
    ///
    /// What goes wrong here is wrong with the command: a bad credential, a host that does not answer, a
    /// certificate, an access list.
    pub async fn organizations(&self) -> Result<Vec<ListedOrganization>, Error> {
        #[derive(Deserialize)]
        struct Page {
            results: Vec<Listed>,
        }
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        struct Listed {
            id: Option<String>,
            name: Option<String>,
            is_deleted: Option<bool>,
        }
        let (path, version) = ORGANIZATIONS;
        let bucket = Bucket { set: "user", scope: Scope::User, capacity: 300, refill: 100 };
        let ask = Ask {
            path: path.to_owned(),
            query: String::new(),
            version,
            paging: Paging::Pages,
            roles: &[Role::Any],
            gate: self.limits.gate(&bucket, ""),
        };
        let host = || self.base.host().to_owned();
        let pages = pages::all(self, ask, &[]).await.map_err(|Failure { why, kind }| match kind {
            Kind::WrongKey => Error::WrongKey { host: host(), credential: self.credential.clone() },
            Kind::WrongAddress(address) => {
                Error::NotOnAccessList { host: host(), credential: self.credential.clone(), address }
            }
            Kind::Unreachable(why) => Error::Unreachable { host: host(), why },
            Kind::Tls(why) => Error::Tls { host: host(), why },
            Kind::Redirected(to) => Error::Redirected { host: host(), to },
            Kind::Plain => Error::NoOrganizations { host: host(), why },
        })?;
        let mut all = Vec::new();
        for page in pages {
            let page: Page = serde_json::from_slice(&page).map_err(|error| {
                let mut why = Unavailable::new(Reason::Malformed, path);
                why.detail = Some(format!("line {}, column {}", error.line(), error.column()));
                Error::NoOrganizations { host: host(), why: Box::new(why) }
            })?;
            let live = page.results.into_iter().filter(|listed| listed.is_deleted != Some(true));
            all.extend(live.filter_map(|listed| {
                let id = listed.id?;
                Some(ListedOrganization { name: listed.name.unwrap_or_else(|| id.clone()), id })
            }));
        }
        all.sort();
        all.dedup();
        Ok(all)
    }

    /// The raw pages of a section, or why there are none.
    pub async fn read(&self, row: &Endpoint, parameters: &[(&str, String)]) -> Result<Vec<Bytes>, Unavailable> {
        let path = pages::path(row.path, parameters).map_err(|detail| {
            let mut why = Unavailable::new(Reason::Unsupported, row.path);
            why.detail = Some(detail);
            why
        })?;
        let counts_for = match row.bucket.scope {
            Scope::Project => "groupId",
            Scope::Organization => "orgId",
            Scope::User | Scope::Address => "",
        };
        let of = parameters.iter().find(|(name, _)| *name == counts_for).map_or("", |(_, id)| id);
        let gate = self.limits.gate(&row.bucket, of);
        let (version, paging, roles) = (row.version, row.paging, row.roles);
        let ask = Ask { path, query: String::new(), version, paging, roles, gate };
        pages::all(self, ask, row.query).await.map_err(|failure| *failure.why)
    }

    /// Atlas's own clock, at the first good answer.
    #[must_use]
    pub fn observed_at(&self) -> Option<jiff::Timestamp> {
        self.observed_at.get().copied()
    }

    /// What it has cost so far.
    #[must_use]
    pub fn calls(&self) -> Counts {
        self.tally.counts()
    }

    /// Requests at a time, at most.
    #[must_use]
    pub fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Who is told what happens.
    #[must_use]
    pub fn progress(&self) -> &dyn Progress {
        self.progress.as_ref()
    }

    #[cfg(test)]
    pub(crate) fn window(&self) -> usize {
        self.limits.window()
    }

    /// Sends a question until it is answered, refused, or tried often enough. Gives the body and the number of
    /// entries in it.
    pub(crate) async fn send(&self, ask: &Ask) -> Result<(Bytes, usize), Failure> {
        let fail = |reason, detail: &str| Failure::new(about(ask, reason, None, detail), Kind::Plain);
        let url = self.base.api(&ask.path, &ask.query).map_err(|error| fail(Reason::Unsupported, &error))?;
        let accept = HeaderValue::from_str(&format!("application/vnd.atlas.{}+json", ask.version))
            .map_err(|error| fail(Reason::Unsupported, &error.to_string()))?;
        let mut tries = Tries::new(&self.patience, self.clock.as_ref());
        let mut refused = 0;
        let result = loop {
            let (ticket, waited) = self.limits.enter(&ask.gate, self.clock.as_ref(), self.progress.as_ref()).await;
            if !waited.is_zero() {
                self.tally.waited(waited);
            }
            if refused == 0 {
                tries.begin();
            }
            match self.attempt(ask, &url, &accept, ticket, &tries, refused).await {
                Step::Good(body, count) => break Ok((body, count)),
                Step::Failed(failure) => break Err(failure),
                Step::Unauthorized => refused += 1,
                Step::Later { mut failure, asked, most } => {
                    refused = 0;
                    let Some(pause) = tries.pause(asked, most) else {
                        let cause = failure.why.detail.take();
                        let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
                        let too_long = asked.filter(|asked| *asked > self.patience.longest);
                        let too_long = too_long.map(|asked| format!(", asked to wait {} s", asked.as_secs()));
                        let told = tries.told();
                        failure.why.detail = Some(format!("{told}{}{cause}", too_long.unwrap_or_default()));
                        break Err(failure);
                    };
                    if failure.why.reason == Reason::RateLimited {
                        // The whole bucket waits, and we with it, at the gate.
                        ask.gate.pause(self.clock.now() + pause);
                    } else {
                        self.tally.waited(pause);
                        self.clock.sleep(pause).await;
                    }
                }
            }
        };
        self.progress.call_done();
        result
    }

    async fn attempt(
        &self,
        ask: &Ask,
        url: &Url,
        accept: &HeaderValue,
        ticket: Ticket<'_>,
        tries: &Tries<'_>,
        refused: u32,
    ) -> Step {
        let (answer, generation) = match self.exchange(ask, url, accept, tries.again() || refused > 0).await {
            Ok(answered) => answered,
            Err(NoPass::Trouble(trouble)) => return self.troubled(ask, trouble, ticket),
            Err(NoPass::Wrong(detail)) => return Step::Failed(wrong_key(ask, None, &detail)),
            Err(NoPass::Unavailable(why, trouble)) => {
                // What the caller was after, not what it took on the way.
                let why = Unavailable { endpoint: ask.path.clone(), ..*why };
                let kind = match trouble {
                    Some(Trouble::Tls { why, .. }) => Kind::Tls(why),
                    Some(Trouble::Connect(why)) => Kind::Unreachable(why),
                    _ => Kind::Plain,
                };
                return Step::Failed(Failure::new(why, kind));
            }
        };
        tracing::debug!(path = ask.path, query = ask.query, status = answer.status.as_u16(), "GET");
        answer::note_sunset(&answer, &ask.path);
        match meaning(&answer) {
            Meaning::Good => {
                self.auth.accepted();
                ticket.answered(answer::remaining(&answer), self.clock.as_ref());
                self.good(ask, answer)
            }
            Meaning::Unauthorized(refusal) => match generation {
                Some(generation) if self.auth.refused(generation, &answer, refused) == Next::Again => {
                    Step::Unauthorized
                }
                _ => Step::Failed(wrong_key(ask, Some((&answer, &refusal)), "")),
            },
            Meaning::Later { reason, refusal, wait, congested } => {
                if congested {
                    ticket.congested(wait.filter(|wait| *wait <= self.patience.longest), self.clock.as_ref());
                } else {
                    ticket.answered(answer::remaining(&answer), self.clock.as_ref());
                }
                if reason == Reason::RateLimited {
                    self.tally.rate_limited();
                }
                let failure = Failure::new(refused_with(ask, reason, &answer, &refusal), Kind::Plain);
                Step::Later { failure, asked: wait, most: None }
            }
            Meaning::Refused(reason, refusal) => {
                self.auth.accepted();
                ticket.answered(answer::remaining(&answer), self.clock.as_ref());
                let mut why = refused_with(ask, reason, &answer, &refusal);
                if reason == Reason::Forbidden {
                    why.roles = titles(ask.roles);
                }
                Step::Failed(Failure::new(why, Kind::Plain))
            }
            Meaning::WrongAddress(address, refusal) => {
                ticket.answered(answer::remaining(&answer), self.clock.as_ref());
                let why = refused_with(ask, Reason::Forbidden, &answer, &refusal);
                Step::Failed(Failure::new(why, Kind::WrongAddress(address)))
            }
            Meaning::Redirected(to) => {
                let detail = format!("redirected to {to}, which is not followed");
                let why = about(ask, Reason::Malformed, Some(&answer), &detail);
                Step::Failed(Failure::new(why, Kind::Redirected(to)))
            }
        }
    }

    /// Sends one request with whatever it takes to be let in.
    async fn exchange(
        &self,
        ask: &Ask,
        url: &Url,
        accept: &HeaderValue,
        again: bool,
    ) -> Result<(Answer, Option<Generation>), NoPass> {
        let mut request = Request::new(Method::GET, url.clone());
        let headers = request.headers_mut();
        headers.insert(ACCEPT, accept.clone());
        let mut generation = None;
        if !ask.path.starts_with("/unauth/") {
            let sent = |again| self.tally.sent(again);
            let means = Means {
                wire: &self.wire,
                base: &self.base,
                clock: self.clock.as_ref(),
                patience: &self.patience,
                sent: &sent,
            };
            match self.auth.pass(&means, url, accept).await? {
                Pass::Header(header, number) => {
                    headers.insert(AUTHORIZATION, header);
                    generation = Some(number);
                }
                Pass::Answered(answer) => return Ok((answer, None)),
            }
        }
        self.tally.sent(again);
        let answer = self.wire.exchange(request).await.map_err(NoPass::Trouble)?;
        Ok((answer, generation))
    }

    fn good(&self, ask: &Ask, answer: Answer) -> Step {
        if let Err(detail) = answer::content_type(&answer, ask.version) {
            let why = about(ask, Reason::Malformed, Some(&answer), &detail);
            return Step::Failed(Failure::new(why, Kind::Plain));
        }
        match pages::count(ask.paging, &answer.body) {
            Ok(count) => {
                if let Some(date) = answer::date(&answer) {
                    let _ = self.observed_at.set(date);
                }
                Step::Good(answer.body, count)
            }
            // JSON that ends too early: the connection closed, though nothing on the way noticed.
            Err(error) if error.is_eof() => {
                let detail = format!("the answer ends after {} bytes", answer.body.len());
                let failure = Failure::new(about(ask, Reason::Transport, None, &detail), Kind::Plain);
                Step::Later { failure, asked: None, most: None }
            }
            Err(error) => {
                let detail = pages::parse_error(&error);
                let why = about(ask, Reason::Malformed, Some(&answer), &detail);
                Step::Failed(Failure::new(why, Kind::Plain))
            }
        }
    }

    /// A host that has never answered may not exist; one that has will be back.
    fn has_answered(&self) -> bool {
        self.observed_at.get().is_some()
    }

    fn troubled(&self, ask: &Ask, trouble: Trouble, ticket: Ticket<'_>) -> Step {
        let failure = |reason, detail: &str, kind| Failure::new(about(ask, reason, None, detail), kind);
        let later = |failure, most| Step::Later { failure, asked: None, most };
        match trouble {
            Trouble::TimedOut => {
                ticket.congested(None, self.clock.as_ref());
                later(failure(Reason::TimedOut, "", Kind::Plain), None)
            }
            Trouble::CutOff(why) => later(failure(Reason::Transport, &why, Kind::Plain), None),
            Trouble::Connect(why) => {
                let most = (!self.has_answered()).then_some(FIRST_TRIES);
                later(failure(Reason::Transport, &why.clone(), Kind::Unreachable(why)), most)
            }
            Trouble::Tls { why, certain } => {
                let most = if certain { Some(1) } else { (!self.has_answered()).then_some(FIRST_TRIES) };
                let detail = format!("no trusted TLS connection: {why}");
                later(failure(Reason::Transport, &detail, Kind::Tls(why)), most)
            }
            Trouble::TooLarge(largest) => {
                Step::Failed(failure(Reason::TooLarge, &format!("more than {largest} bytes"), Kind::Plain))
            }
        }
    }
}

fn about(ask: &Ask, reason: Reason, answer: Option<&Answer>, detail: &str) -> Unavailable {
    let mut why = Unavailable::new(reason, ask.path.clone());
    why.status = answer.map(|answer| answer.status.as_u16());
    why.detail = Some(detail.to_owned()).filter(|detail| !detail.is_empty());
    why
}

fn refused_with(ask: &Ask, reason: Reason, answer: &Answer, refusal: &Refusal) -> Unavailable {
    let mut why = about(ask, reason, Some(answer), refusal.detail.as_deref().unwrap_or_default());
    why.error_code.clone_from(&refusal.code);
    why
}

/// A credential that is not accepted. No role would help, so that none is named.
fn wrong_key(ask: &Ask, answer: Option<(&Answer, &Refusal)>, detail: &str) -> Failure {
    let mut why = match answer {
        Some((answer, refusal)) => refused_with(ask, Reason::Forbidden, answer, refusal),
        None => about(ask, Reason::Forbidden, None, ""),
    };
    let said = why.detail.take().or_else(|| Some(detail.to_owned()).filter(|detail| !detail.is_empty()));
    let said = said.map(|said| format!(": {said}")).unwrap_or_default();
    why.detail = Some(format!("the credential is not accepted{said}"));
    Failure::new(why, Kind::WrongKey)
}

fn titles(roles: &[Role]) -> Vec<String> {
    roles.iter().filter(|role| **role != Role::Any).map(|role| role.title().to_owned()).collect()
}
