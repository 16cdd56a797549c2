//! Atlas's error body, and the errors that it makes.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use serde_json::Value;

/// An answer that is an error.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    code: String,
    body: Bytes,
    extra: Vec<(header::HeaderName, HeaderValue)>,
}

/// The body, its keys in Atlas's order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiError<'a> {
    detail: &'a str,
    error: u16,
    error_code: &'a str,
    parameters: &'a [Value],
    reason: &'a str,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &str, detail: &str, parameters: &[Value]) -> Self {
        let body = ApiError {
            detail,
            error: status.as_u16(),
            error_code: code,
            parameters,
            reason: status.canonical_reason().unwrap_or("Error"),
        };
        let body = serde_json::to_vec(&body).expect("strings and numbers serialize").into();
        Self { status, code: code.to_owned(), body, extra: Vec::new() }
    }

    /// A body that was recorded.
    pub(super) fn recorded(status: u16, code: &str, body: Bytes) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, code: code.to_owned(), body, extra: Vec::new() }
    }

    #[must_use]
    pub(super) fn with(mut self, name: header::HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.extra.push((name, value));
        }
        self
    }

    pub(super) fn not_found(code: &str, detail: &str, parameters: &[&str]) -> Self {
        let parameters: Vec<Value> = parameters.iter().map(|text| Value::from(*text)).collect();
        Self::new(StatusCode::NOT_FOUND, code, detail, &parameters)
    }

    pub(super) fn no_resource(what: &str) -> Self {
        Self::not_found("RESOURCE_NOT_FOUND", &format!("Cannot find resource {what}."), &[what])
    }

    pub(super) fn no_group(id: &str) -> Self {
        Self::not_found("GROUP_NOT_FOUND", &format!("No group with ID {id} exists."), &[id])
    }

    pub(super) fn no_cluster(name: &str, group: &str) -> Self {
        let detail = format!("No cluster named {name} exists in group {group}.");
        Self::not_found("CLUSTER_NOT_FOUND", &detail, &[name, group])
    }

    pub(super) fn bad_request(code: &str, detail: &str, parameter: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail, &[Value::from(parameter)])
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // The digest challenge is the one error that comes without this header: `auth` leaves it empty.
        if !self.code.is_empty()
            && let Ok(code) = HeaderValue::from_str(&self.code)
        {
            headers.insert("x-error-code", code);
        }
        headers.extend(self.extra);
        response
    }

    /// Leaves `X-Error-Code` out.
    #[must_use]
    pub(super) fn without_code_header(mut self) -> Self {
        self.code.clear();
        self
    }
}
