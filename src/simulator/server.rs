//! The server: takes requests through authentication, limits, faults and negotiation to their answer.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Request as HttpRequest, Response, StatusCode, header};
use axum::serve::ListenerExt;
use futures_util::stream;
use tokio::sync::watch;

use super::BASE_PATH;
use super::answers::{Found, Library};
use super::auth::{Authentication, Gate};
use super::error::Error;
use super::faults::{Fault, Kind};
use super::journal::{Journal, Request};
use super::limits::{Buckets, RateLimit, Taken, too_many};
use super::negotiation;
use super::paging::{self, Page};
use super::recording::{Recording, canonical};
use super::refusal::Refusal;
use super::routes::Route;
use crate::atlas::endpoints::{Paging, Scope};

/// How long connections may take to end once the simulator is to stop.
const PATIENCE: Duration = Duration::from_millis(500);

/// How a simulator behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it listens; loopback only.
    pub listen: SocketAddr,
    /// How long every answer takes.
    pub latency: Duration,
    /// Whether it limits rates.
    pub rate_limit: RateLimit,
    /// Faults, before those of the recording.
    pub faults: Vec<Fault>,
    /// How many projects there are, if not those of the recording.
    pub projects: Option<usize>,
    /// Whether it wants credentials.
    pub authentication: Authentication,
    /// How long an access token is good.
    pub token_life: Duration,
    /// How long the nonce of a digest challenge is good.
    pub nonce_life: Duration,
    /// A file for one line per request.
    pub journal: Option<PathBuf>,
    /// Whether [`Simulator::requests`] remembers anything.
    pub remember: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            latency: Duration::ZERO,
            rate_limit: RateLimit::Off,
            faults: Vec::new(),
            projects: None,
            authentication: Authentication::Required,
            token_life: Duration::from_hours(1),
            nonce_life: Duration::from_mins(1),
            journal: None,
            remember: true,
        }
    }
}

/// A running simulator, on a thread of its own. It stops when it is dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    service: Arc<Service>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts serving `recording`. It takes requests when this returns.
    pub fn start(recording: Recording, options: Options) -> Result<Self, Error> {
        let asked = options.listen;
        if !asked.ip().is_loopback() {
            return Err(Error::NotLoopback { address: asked });
        }
        let listening = |source| Error::Listen { address: asked, source };
        let listener = TcpListener::bind(asked).map_err(listening)?;
        listener.set_nonblocking(true).map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;

        let (stop, stopped) = watch::channel(false);
        let service = Arc::new(Service::new(recording, options, address, stopped.clone())?);
        let app = Router::new().fallback(serve).with_state(Arc::clone(&service));

        let running = |source| Error::Run { source };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(running)?;
        let thread = std::thread::Builder::new().name("simulator".to_owned()).spawn(move || {
            runtime.block_on(async {
                let listener = match tokio::net::TcpListener::from_std(listener) {
                    Ok(listener) => listener.tap_io(|stream| drop(stream.set_nodelay(true))),
                    Err(error) => return tracing::error!(%error, "the simulator cannot use its socket"),
                };
                let told = stopped.clone();
                let serving = axum::serve(listener, app).with_graceful_shutdown(until_stopped(told));
                tokio::select! {
                    _ = serving.into_future() => {}
                    () = async { until_stopped(stopped).await; tokio::time::sleep(PATIENCE).await } => {}
                }
            });
        });
        Ok(Self { address, service, stop, thread: Some(thread.map_err(running)?) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What stands in the place of `https://cloud.mongodb.com`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far, in the order in which they were answered.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.service.journal.requests()
    }

    /// Puts these faults in the place of the present ones, those of the recording included.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        *self.service.faults.write().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// Ends it: what is being answered may end, what hangs is cut off.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // Nobody listens when the thread has ended by itself; then there is nothing to stop.
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn until_stopped(mut stopped: watch::Receiver<bool>) {
    // An error means that the handle is gone, which is as good.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Everything that a request needs.
#[derive(Debug)]
struct Service {
    library: Library,
    gate: Gate,
    buckets: Buckets,
    faults: RwLock<Vec<Fault>>,
    latency: Duration,
    date: Option<HeaderValue>,
    journal: Journal,
    address: SocketAddr,
    started: Instant,
    stopped: watch::Receiver<bool>,
}

/// What follows from the request alone.
struct Asked<'r> {
    method: &'r Method,
    /// As sent.
    path: &'r str,
    query: Vec<(String, String)>,
    parts: &'r Parts,
}

impl Service {
    fn new(
        recording: Recording,
        options: Options,
        address: SocketAddr,
        stopped: watch::Receiver<bool>,
    ) -> Result<Self, Error> {
        let date = recording.now().map(|now| now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
        let mut faults = options.faults;
        faults.extend(recording.faults().iter().cloned());
        Ok(Self {
            library: Library::new(recording, options.projects)?,
            gate: Gate::new(options.authentication, options.token_life, options.nonce_life),
            buckets: Buckets::new(options.rate_limit),
            faults: RwLock::new(faults),
            latency: options.latency,
            date: date.and_then(|date| HeaderValue::try_from(date).ok()),
            journal: Journal::new(options.remember, options.journal.as_deref())?,
            address,
            started: Instant::now(),
            stopped,
        })
    }

    /// Latency, the answer, the clock.
    async fn answer(&self, parts: &Parts, body: Body) -> Response<Body> {
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let query = Query::try_from_uri(&parts.uri).map(|Query(pairs)| pairs).unwrap_or_default();
        let asked = Asked { method: &parts.method, path: parts.uri.path(), query, parts };
        let mut response =
            if asked.path.starts_with("/api/oauth/") { self.oauth(&asked, body).await } else { self.api(&asked).await };
        if let Some(date) = &self.date {
            response.headers_mut().insert(header::DATE, date.clone());
        }
        response
    }

    async fn oauth(&self, asked: &Asked<'_>, body: Body) -> Response<Body> {
        let fault = self.fault(asked.path, None, asked).await;
        if let Some(response) = self.instead(fault.as_ref(), asked).await {
            return response;
        }
        if asked.method != Method::POST {
            return not_allowed(asked, "POST").into_response();
        }
        let form = to_bytes(body, 64 * 1024).await.unwrap_or_default();
        let form = String::from_utf8_lossy(&form);
        match asked.path {
            "/api/oauth/token" => self.gate.token(&asked.parts.headers, &form),
            "/api/oauth/revoke" => self.gate.revoke(&asked.parts.headers, &form),
            path => Refusal::no_resource(path).into_response(),
        }
    }

    async fn api(&self, asked: &Asked<'_>) -> Response<Body> {
        if asked.method != Method::GET {
            return not_allowed(asked, "GET").into_response();
        }
        let below = match asked.path.strip_prefix(BASE_PATH) {
            Some("" | "/") => "",
            Some(below) if below.starts_with('/') => below,
            // MongoDB's own clients ask here for their address before they add it to an access list.
            None if asked.path == "/api/private/ipinfo" => {
                return reply(HeaderValue::from_static("application/json"), r#"{"currentIpv4Address":"127.0.0.1"}"#);
            }
            _ => return Refusal::no_resource(asked.path).into_response(),
        };
        if !below.starts_with("/unauth/") {
            let target = asked.parts.uri.path_and_query().map_or(asked.path, |target| target.as_str());
            if let Err(refusal) = self.gate.admit(&asked.parts.headers, asked.method, target) {
                return refusal.into_response();
            }
        }
        let path = canonical(below);
        let made_up = self.library.template(&path);
        let recorded = made_up.as_ref().map_or(&*path, |(recorded, _, _)| recorded.as_str());
        let Some(route) = self.library.route(recorded) else {
            return Refusal::no_resource(&path).into_response();
        };
        let taken = self.buckets.take(&route.bucket, whom(route, &path), Instant::now());
        let mut response = self.limited(asked, route, &path, recorded, &taken).await;
        if let Some((_, template, own)) = made_up {
            response = renamed(response, template, own).await;
        }
        let headers = response.headers_mut();
        headers.insert("ratelimit-limit", taken.limit.into());
        headers.insert("ratelimit-remaining", taken.remaining.into());
        response
    }

    /// The answer, unless a limit or a fault stands in its way.
    async fn limited(
        &self,
        asked: &Asked<'_>,
        route: &'static Route,
        path: &str,
        recorded: &str,
        taken: &Taken,
    ) -> Response<Body> {
        if let Some(refusal) = taken.refusal(asked.path) {
            return refusal.into_response();
        }
        let fault = self.fault(path, Some(route), asked).await;
        if let Some(response) = self.instead(fault.as_ref(), asked).await {
            return response;
        }
        let body = negotiation::acceptable(&asked.parts.headers, route.version)
            .and_then(|()| self.body(route, asked, recorded));
        match body {
            Err(refusal) => refusal.into_response(),
            Ok(body) => damaged(fault.as_ref(), route.content_type.clone(), body),
        }
    }

    fn body(&self, route: &'static Route, asked: &Asked<'_>, recorded: &str) -> Result<Bytes, Refusal> {
        let rows = match self.library.find(route, recorded, &asked.query)? {
            Found::Object(json) => return Ok(json),
            Found::List(rows) => rows,
        };
        let host = asked.parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let url = || match host {
            Some(host) => format!("http://{host}{}", asked.path),
            None => format!("http://{}{}", self.address, asked.path),
        };
        Ok(match route.paging {
            Paging::Array => paging::array(&rows).into(),
            Paging::Envelope => paging::whole(&rows, &url()).into(),
            Paging::Pages | Paging::Object => Page::asked(&asked.query)?.body(&rows, &url(), &asked.query).into(),
        })
    }

    /// The fault that hits this call; a delay has been waited for.
    async fn fault(&self, path: &str, route: Option<&Route>, asked: &Asked<'_>) -> Option<Kind> {
        let mut delay = Duration::ZERO;
        let mut hit = None;
        for fault in &*self.faults.read().unwrap_or_else(PoisonError::into_inner) {
            if hit.is_none() && fault.hits(path, route, &asked.query) {
                match &fault.kind {
                    Kind::Late(late) => delay += *late,
                    other => hit = Some(other.clone()),
                }
            }
        }
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        hit
    }

    /// What a fault answers in the place of the answer. Those that damage the answer come later.
    async fn instead(&self, fault: Option<&Kind>, asked: &Asked<'_>) -> Option<Response<Body>> {
        let refusal = |status, code: &str, detail: &str| Refusal::new(status, code, detail, &[]);
        let refused = match fault? {
            Kind::Refuse => refusal(
                StatusCode::UNAUTHORIZED,
                "USER_UNAUTHORIZED",
                "The current user is not authorized to perform this action.",
            ),
            Kind::Forbid { code } => refusal(StatusCode::FORBIDDEN, code, "This action is forbidden."),
            Kind::Missing { code } => refusal(StatusCode::NOT_FOUND, code, "There is no such resource."),
            Kind::Error { status } => {
                let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                refusal(status, "UNEXPECTED_ERROR", "Unexpected error.")
            }
            Kind::Unavailable { retry_after } => {
                let refused = refusal(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", "Try again later.");
                match retry_after {
                    Some(seconds) => refused.with(header::RETRY_AFTER, &seconds.to_string()),
                    None => refused,
                }
            }
            Kind::Throttle { retry_after } => too_many(asked.path, *retry_after, 1, 1),
            Kind::Silence => {
                self.note(asked.parts, None);
                until_stopped(self.stopped.clone()).await;
                refusal(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", "The simulator stops.")
            }
            Kind::Html => {
                let page = "<!doctype html><title>Maintenance</title><p>We will be back soon.</p>";
                return Some(reply(HeaderValue::from_static("text/html; charset=utf-8"), page));
            }
            Kind::Redirect { to } => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::FOUND;
                response.headers_mut().insert(header::LOCATION, HeaderValue::try_from(to.as_str()).ok()?);
                return Some(response);
            }
            Kind::Late(_) | Kind::Cut | Kind::Malformed | Kind::Huge { .. } => return None,
        };
        Some(refused.into_response())
    }

    fn note(&self, parts: &Parts, status: Option<u16>) {
        if !self.journal.is_on() {
            return;
        }
        let text = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let scheme = text(header::AUTHORIZATION).and_then(|value| value.split(' ').next());
        self.journal.note(Request {
            at: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            accept: text(header::ACCEPT).map(str::to_owned),
            scheme: scheme.map(str::to_owned),
            status,
        });
    }
}

async fn serve(State(service): State<Arc<Service>>, request: HttpRequest<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let response = service.answer(&parts, body).await;
    service.note(&parts, Some(response.status().as_u16()));
    response
}

/// Whom a call counts for. There is one credential and one address, so these need no name.
fn whom<'p>(route: &Route, path: &'p str) -> &'p str {
    let parameter = match route.bucket.scope {
        Scope::Project => "groupId",
        Scope::Organization => "orgId",
        Scope::User | Scope::Address => return "",
    };
    route.parameters(path).into_iter().find(|found| found.name == parameter).map_or("", |found| found.value)
}

fn not_allowed(asked: &Asked<'_>, allowed: &str) -> Refusal {
    let detail = format!("Method {} is not allowed.", asked.method);
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", &detail, &[]).with(header::ALLOW, allowed)
}

fn reply(content_type: HeaderValue, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}

/// The answer of a template as that of the project that is made after it.
async fn renamed(response: Response<Body>, template: &str, own: &str) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    // A damaged answer announces a length or has no end; its text does not matter then.
    if parts.headers.contains_key(header::CONTENT_LENGTH) || body_is_stream(&body) {
        return Response::from_parts(parts, body);
    }
    let text = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(String::from_utf8_lossy(&text).replace(template, own)))
}

fn body_is_stream(body: &Body) -> bool {
    use axum::body::HttpBody;
    body.size_hint().exact().is_none()
}

/// The answer after a fault has had its way with it.
fn damaged(fault: Option<&Kind>, content_type: HeaderValue, body: Bytes) -> Response<Body> {
    match fault {
        Some(Kind::Malformed) => reply(content_type, body.slice(..body.len() / 2)),
        Some(Kind::Cut) => {
            let length = body.len();
            let half = body.slice(..length / 2);
            // The first half must have left before the connection breaks, or it would be lost with it.
            let pieces = stream::unfold(Some(half), |half| async move {
                if let Some(half) = half {
                    return Some((Ok(half), None));
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), None))
            });
            let mut response = reply(content_type, Body::from_stream(pieces));
            response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
            response
        }
        Some(Kind::Huge { mebibytes }) => {
            // White space, which JSON allows: the answer stays right, it only does not fit.
            let padding = Bytes::from(vec![b' '; 1024 * 1024]);
            let pieces = std::iter::repeat_n(padding, *mebibytes).chain([body]).map(Ok::<_, io::Error>);
            reply(content_type, Body::from_stream(stream::iter(pieces)))
        }
        _ => reply(content_type, body),
    }
}
