//! What an answer of Atlas means.
//!
//! The status alone does not say: 401 is a challenge, a bad credential or a missing role
//! (<https://www.mongodb.com/docs/atlas/api/api-authentication/>). A refusal is an answer and is kept; only what
//! may go better another time is tried again.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::exchange::Answer;
use crate::snapshot::Reason;

/// What a 401 says that no new token would change. The second is what lists of API keys answer to most roles.
const REFUSALS: &[&str] = &["USER_UNAUTHORIZED", "API_KEY_ACCESS_LIST_ACCESS_DENIED"];

/// Texts of others go into snapshots and reports: so much of them.
const LONGEST_DETAIL: usize = 300;

/// Atlas's error body, as far as it is one.
#[derive(Debug, Default, Clone)]
pub(crate) struct Refusal {
    pub(crate) code: Option<String>,
    pub(crate) detail: Option<String>,
    parameters: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ApiError {
    error_code: Option<String>,
    detail: Option<String>,
    // Said to be objects, sent as scalars.
    parameters: Option<Vec<Value>>,
}

impl Refusal {
    pub(crate) fn of(answer: &Answer) -> Self {
        let error: ApiError = serde_json::from_slice(&answer.body).unwrap_or_default();
        let code = error.error_code.or_else(|| answer.header("x-error-code").map(str::to_owned));
        let detail = error.detail.filter(|detail| !detail.is_empty()).map(|detail| shortened(&detail));
        Self { code, detail, parameters: error.parameters.unwrap_or_default() }
    }

    fn is(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }
}

/// What to make of an answer.
#[derive(Debug)]
pub(crate) enum Meaning {
    /// 200: here it is.
    Good,
    /// 401 that is not about a role: a challenge, or a credential that is not accepted.
    Unauthorized(Refusal),
    /// No, for this reason.
    Refused(Reason, Refusal),
    /// The credential may not be used from this address.
    WrongAddress(Option<String>, Refusal),
    /// Perhaps later.
    Later { reason: Reason, refusal: Refusal, wait: Option<Duration>, congested: bool },
    /// Elsewhere.
    Redirected(String),
}

/// Reads status and body.
pub(crate) fn meaning(answer: &Answer) -> Meaning {
    let status = answer.status;
    if status == StatusCode::OK {
        return Meaning::Good;
    }
    if status.is_redirection() {
        let to = answer.header("location").unwrap_or("an unnamed place");
        // What follows the path may hold anything.
        let to = to.split(['?', '#']).next().unwrap_or_default();
        return Meaning::Redirected(shortened(to));
    }
    let refusal = Refusal::of(answer);
    match status.as_u16() {
        // Atlas answers 401, not 403, to a credential without the role: a new token would not help.
        401 if refusal.is(REFUSALS) => Meaning::Refused(Reason::Forbidden, refusal),
        401 => Meaning::Unauthorized(refusal),
        403 if refusal.is(&["IP_ADDRESS_NOT_ON_ACCESS_LIST", "RESOURCE_REQUIRES_ACCESS_LIST"]) => {
            let address = refusal.parameters.first().and_then(Value::as_str).map(str::to_owned);
            Meaning::WrongAddress(address, refusal)
        }
        403 => Meaning::Refused(Reason::Forbidden, refusal),
        404 => Meaning::Refused(Reason::NotFound, refusal),
        429 => {
            let wait = retry_after(answer).or_else(|| told_to_wait(&refusal));
            Meaning::Later { reason: Reason::RateLimited, refusal, wait, congested: true }
        }
        408 => Meaning::Later { reason: Reason::TimedOut, refusal, wait: retry_after(answer), congested: true },
        // 409 is declared on a few GETs: something is in motion.
        409 | 500..=599 => Meaning::Later {
            reason: Reason::ServerError,
            refusal,
            wait: retry_after(answer),
            congested: status == StatusCode::SERVICE_UNAVAILABLE,
        },
        400..=499 => Meaning::Refused(Reason::Unsupported, refusal),
        // Another success than 200 carries nothing that a reading could be made of.
        _ => Meaning::Refused(Reason::Malformed, refusal),
    }
}

fn retry_after(answer: &Answer) -> Option<Duration> {
    answer.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

/// The second parameter of `RATE_LIMITED_TOKEN_BUCKET`: seconds to wait.
fn told_to_wait(refusal: &Refusal) -> Option<Duration> {
    if !refusal.is(&["RATE_LIMITED_TOKEN_BUCKET", "RATE_LIMITED"]) {
        return None;
    }
    let seconds = match refusal.parameters.get(1)? {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    Some(Duration::from_secs(seconds))
}

/// Tokens left in the bucket, as the answer says.
pub(crate) fn remaining(answer: &Answer) -> Option<u32> {
    answer.header("ratelimit-remaining")?.trim().parse().ok()
}

/// What is wrong with the declared type, or nothing. `asked` is a date such as `2023-01-01`.
pub(crate) fn content_type(answer: &Answer, asked: &str) -> Result<(), String> {
    let declared = answer.header("content-type").unwrap_or_default();
    let essence = declared.split(';').next().unwrap_or_default().trim();
    if !(essence.ends_with("+json") || essence == "application/json") {
        return Err(format!("expected JSON, got `{}`", shortened(essence)));
    }
    let served = essence.strip_prefix("application/vnd.atlas.").and_then(|rest| rest.strip_suffix("+json"));
    // Dates as text, in ISO order.
    if let Some(served) = served.filter(|served| *served > asked) {
        tracing::warn!(asked, served, "Atlas serves a newer version than the one asked for");
    }
    Ok(())
}

/// Notes when a version is to go.
pub(crate) fn note_sunset(answer: &Answer, path: &str) {
    // Atlas writes these dates with a one-digit day, which strict parsers refuse: they are passed on as they are.
    let (deprecation, sunset) = (answer.header("deprecation"), answer.header("sunset"));
    if deprecation.is_some() || sunset.is_some() {
        tracing::debug!(path, deprecation, sunset, "a newer version of this endpoint is out");
    }
}

/// When Atlas answered, by its own clock.
pub(crate) fn date(answer: &Answer) -> Option<jiff::Timestamp> {
    let parsed = jiff::fmt::rfc2822::parse(answer.header("date")?).ok()?;
    Some(parsed.timestamp())
}

/// So much of a text of others as a report bears.
pub(crate) fn shortened(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_DETAIL).collect();
    if clean.len() < text.len() { format!("{clean}…") } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| {
            (reqwest::header::HeaderName::from_static(name), reqwest::header::HeaderValue::from_str(value).unwrap())
        });
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: headers.collect(),
            body: body.to_owned().into(),
        }
    }

    #[test]
    fn a_missing_role_is_told_from_a_bad_credential() {
        let role = answer(401, &[], r#"{"error":401,"errorCode":"USER_UNAUTHORIZED"}"#);
        assert!(matches!(meaning(&role), Meaning::Refused(Reason::Forbidden, _)));
        let challenge = answer(401, &[], r#"{"error":401,"errorCode":"UNEXPECTED_ERROR"}"#);
        assert!(matches!(meaning(&challenge), Meaning::Unauthorized(_)));
        // A body that is no ApiError: the header still names the code.
        let bare = answer(401, &[("x-error-code", "USER_UNAUTHORIZED")], "<html>");
        assert!(matches!(meaning(&bare), Meaning::Refused(Reason::Forbidden, _)));
    }

    #[test]
    fn the_wait_is_in_the_header_or_in_the_parameters() {
        let body = r#"{"error":429,"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/x",7,10,5,60]}"#;
        let wait = |answer: &Answer| match meaning(answer) {
            Meaning::Later { wait, congested: true, .. } => wait,
            other => panic!("{other:?}"),
        };
        assert_eq!(wait(&answer(429, &[("retry-after", "12")], body)), Some(Duration::from_secs(12)));
        assert_eq!(wait(&answer(429, &[], body)), Some(Duration::from_secs(7)));
        assert_eq!(wait(&answer(429, &[], "")), None);
    }

    #[test]
    fn the_address_is_in_the_parameters() {
        let body = r#"{"error":403,"errorCode":"IP_ADDRESS_NOT_ON_ACCESS_LIST","parameters":["203.0.113.7"]}"#;
        let Meaning::WrongAddress(Some(address), _) = meaning(&answer(403, &[], body)) else { panic!() };
        assert_eq!(address, "203.0.113.7");
    }

    #[test]
    fn dates_with_a_one_digit_day_are_read() {
        let time = date(&answer(200, &[("date", "Mon, 5 Aug 2024 00:00:00 GMT")], "")).unwrap();
        assert_eq!(time.to_string(), "2024-08-05T00:00:00Z");
    }

    #[test]
    fn only_json_will_do() {
        let of = |kind: &str| content_type(&answer(200, &[("content-type", kind)], ""), "2023-01-01");
        assert!(of("application/vnd.atlas.2023-01-01+json;charset=utf-8").is_ok());
        assert!(of("application/json").is_ok());
        assert!(of("text/html").is_err());
        assert!(of("").is_err());
    }
}
