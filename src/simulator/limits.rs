//! Rate limits: a token bucket for every endpoint set and whom it counts for.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Mutex;
use std::time::Instant;

use axum::http::{StatusCode, header};
use serde_json::Value;

use super::refusal::Refusal;
use crate::atlas::endpoints::Bucket;

/// How strict the simulator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RateLimit {
    /// Headers tell of full buckets, and nobody is refused.
    #[default]
    Off,
    /// As MongoDB publishes.
    Published,
    /// Every bucket holds so many tokens, and gets as many back in a minute.
    Tokens(u32),
}

impl FromStr for RateLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            "published" => Ok(Self::Published),
            _ => text
                .parse()
                .ok()
                .filter(|tokens| *tokens > 0)
                .map(Self::Tokens)
                .ok_or_else(|| "expected `off`, `published` or a number of tokens".to_owned()),
        }
    }
}

/// What arithmetic may lose: whoever waits exactly as long as told finds a token.
const ALMOST: f64 = 1e-6;

/// All buckets.
#[derive(Debug)]
pub(super) struct Buckets {
    mode: RateLimit,
    levels: Mutex<HashMap<(&'static str, String), Level>>,
}

#[derive(Debug)]
struct Level {
    tokens: f64,
    at: Instant,
}

/// What is left in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    refill: u32,
    /// Whole seconds until there is a token, if there was none.
    wait: Option<u64>,
}

impl Buckets {
    pub(super) fn new(mode: RateLimit) -> Self {
        Self { mode, levels: Mutex::default() }
    }

    /// Takes a token of `bucket`, as far as `whom` is concerned.
    pub(super) fn take(&self, bucket: &Bucket, whom: &str, now: Instant) -> Taken {
        let (limit, refill) = match self.mode {
            RateLimit::Off => {
                let remaining = bucket.capacity.saturating_sub(1);
                return Taken { limit: bucket.capacity, remaining, refill: bucket.refill, wait: None };
            }
            RateLimit::Published => (bucket.capacity, bucket.refill),
            RateLimit::Tokens(tokens) => (tokens, tokens),
        };
        let per_second = f64::from(refill) / 60.0;
        let mut levels = self.levels.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let level = levels.entry((bucket.set, whom.to_owned())).or_insert(Level { tokens: f64::from(limit), at: now });
        let gained = now.saturating_duration_since(level.at).as_secs_f64() * per_second;
        level.tokens = (level.tokens + gained).min(f64::from(limit));
        level.at = now;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
        if level.tokens < 1.0 - ALMOST {
            let wait = ((1.0 - level.tokens) / per_second - ALMOST).ceil() as u64;
            return Taken { limit, remaining: 0, refill, wait: Some(wait.max(1)) };
        }
        level.tokens = (level.tokens - 1.0).max(0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a u32")]
        let remaining = level.tokens as u32;
        Taken { limit, remaining, refill, wait: None }
    }
}

impl Taken {
    /// The error, if there was no token.
    pub(super) fn refusal(&self, path: &str) -> Option<Refusal> {
        self.wait.map(|wait| too_many(path, wait, self.limit, self.refill))
    }
}

/// 429
pub(super) fn too_many(path: &str, wait: u64, limit: u32, refill: u32) -> Refusal {
    let detail = format!("Rate limit exceeded for {path}. Retry after {wait} seconds.");
    let parameters = [Value::from(path), wait.into(), limit.into(), refill.into(), 60.into()];
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED_TOKEN_BUCKET", &detail, &parameters)
        .with(header::RETRY_AFTER, &wait.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::atlas::endpoints::Scope;

    const SMALL: Bucket = Bucket { set: "small", scope: Scope::Organization, capacity: 10, refill: 5 };

    #[test]
    fn a_bucket_empties_and_refills() {
        let buckets = Buckets::new(RateLimit::Published);
        let start = Instant::now();
        let left: Vec<u32> = (0..10).map(|_| buckets.take(&SMALL, "a", start).remaining).collect();
        assert_eq!(left, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
        let refused = buckets.take(&SMALL, "a", start);
        assert_eq!(refused.wait, Some(12));
        assert_eq!(buckets.take(&SMALL, "b", start).wait, None);
        assert_eq!(buckets.take(&SMALL, "a", start + Duration::from_secs(12)).wait, None);
    }

    #[test]
    fn without_a_limit_the_headers_still_tell_the_capacity() {
        let buckets = Buckets::new(RateLimit::Off);
        for _ in 0..100 {
            let taken = buckets.take(&SMALL, "a", Instant::now());
            assert_eq!((taken.limit, taken.remaining, taken.wait), (10, 9, None));
        }
    }

    #[test]
    fn a_limit_is_spelled_off_published_or_a_number() {
        assert_eq!("off".parse(), Ok(RateLimit::Off));
        assert_eq!("25".parse(), Ok(RateLimit::Tokens(25)));
        assert!("0".parse::<RateLimit>().is_err());
    }
}
