//! A server for the client's own tests: it does to a connection what no well-behaved server would do.
//!
//! Whatever is about Atlas's behaviour rather than about bytes and time belongs to the simulator.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::atlas::clock::Clock;

/// A request, as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// Counted from 1.
    pub(crate) number: usize,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }
}

/// What to answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    /// Close after so many bytes of the body.
    cut: Option<usize>,
    /// Leave the length out, so that the end of the connection is the end of the body.
    until_close: bool,
    pub(crate) delay: Duration,
}

impl Reply {
    pub(crate) fn json(body: impl Into<String>) -> Self {
        let headers = vec![("Content-Type", "application/vnd.atlas.2023-01-01+json;charset=utf-8".to_owned())];
        let body = body.into();
        Self { status: 200, headers, body, cut: None, until_close: false, delay: Duration::ZERO }
    }

    pub(crate) fn error(status: u16, code: &str) -> Self {
        let body =
            format!(r#"{{"error":{status},"errorCode":"{code}","detail":"said so","parameters":["203.0.113.7"]}}"#);
        Self { status, ..Self::json(body) }
    }

    pub(crate) fn challenge(nonce: &str, stale: bool) -> Self {
        Self::error(401, "UNEXPECTED_ERROR").with(
            "WWW-Authenticate",
            format!(
                r#"Digest realm="MMS Public API", domain="", nonce="{nonce}", algorithm=MD5, qop="auth", stale={stale}"#
            ),
        )
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(header, _)| *header != name);
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn cut_after(mut self, bytes: usize) -> Self {
        self.cut = Some(bytes);
        self
    }

    pub(crate) fn until_close(mut self) -> Self {
        self.until_close = true;
        self
    }

    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

/// The server. It stops when this is dropped.
pub(crate) struct Fake {
    pub(crate) base: String,
    seen: Arc<Mutex<Vec<Request>>>,
    most: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Fake {
    pub(crate) async fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let handler: Arc<Handler> = Arc::new(handler);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (log, peak) = (Arc::clone(&seen), Arc::clone(&most));
        let task = tokio::spawn(async move {
            // Dropped with the server, and all connections with it.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (handler, log) = (Arc::clone(&handler), Arc::clone(&log));
                let (now, peak) = (Arc::clone(&now), Arc::clone(&peak));
                connections.spawn(async move {
                    let _ = serve(stream, &*handler, &log, &now, &peak).await;
                });
            }
        });
        Self { base, seen, most, task }
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// The most requests that were being answered at a time.
    pub(crate) fn most_at_a_time(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

async fn serve(
    stream: TcpStream,
    handler: &Handler,
    log: &Mutex<Vec<Request>>,
    now: &AtomicUsize,
    peak: &AtomicUsize,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let mut words = line.split_whitespace().map(str::to_owned);
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_owned(), value.to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
        stream.read_exact(&mut body).await?;
        let mut request = Request { method, target, headers, body: String::from_utf8(body).unwrap(), number: 0 };
        {
            let mut log = log.lock().unwrap();
            request.number = log.len() + 1;
            log.push(request.clone());
        }
        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let reply = handler(&request);
        if !reply.delay.is_zero() {
            tokio::time::sleep(reply.delay).await;
        }
        now.fetch_sub(1, Ordering::SeqCst);
        let mut text = format!("HTTP/1.1 {} X\r\n", reply.status);
        for (name, value) in &reply.headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        let close = reply.until_close || reply.cut.is_some();
        if reply.until_close {
            text.push_str("Connection: close\r\n");
        } else {
            let _ = write!(text, "Content-Length: {}\r\n", reply.body.len());
        }
        text.push_str("\r\n");
        text.push_str(&reply.body[..reply.cut.unwrap_or(reply.body.len())]);
        stream.write_all(text.as_bytes()).await?;
        if close {
            return stream.shutdown().await;
        }
    }
}

/// A clock on which waiting takes no time but is noted.
#[derive(Debug, Default)]
pub(crate) struct FakeClock {
    state: Mutex<(Duration, Vec<Duration>)>,
}

impl FakeClock {
    pub(crate) fn sleeps(&self) -> Vec<Duration> {
        self.state.lock().unwrap().1.clone()
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.state.lock().unwrap().0 += by;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Duration {
        self.state.lock().unwrap().0
    }

    fn sleep(&self, how_long: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // Others may have something to say first.
            tokio::task::yield_now().await;
            let mut state = self.state.lock().unwrap();
            state.0 += how_long;
            state.1.push(how_long);
        })
    }

    fn jitter(&self) -> f64 {
        0.0
    }
}
