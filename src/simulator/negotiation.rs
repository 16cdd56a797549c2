//! Versioned media types: `Accept: application/vnd.atlas.<date>+json`.

use axum::http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use super::refusal::Refusal;

/// Whether a client that accepts this may have `version` of an endpoint.
///
/// Atlas serves the newest version that is not newer than the one asked for. The simulator knows one version of
/// each endpoint, so it must not be newer than any date that the client names.
pub(super) fn acceptable(headers: &HeaderMap, version: &str) -> Result<(), Refusal> {
    let accepted = || headers.get_all(header::ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    if accepted().flat_map(|value| value.split(',')).filter_map(date).any(|asked| asked >= version) {
        return Ok(());
    }
    let sent = accepted().collect::<Vec<_>>().join(", ");
    let detail = format!("Invalid accepted media type or version date: {sent}.");
    Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, "INVALID_VERSION_DATE", &detail, &[Value::from(sent)]))
}

/// The date in a media type. Dates of one form sort as text.
fn date(media_type: &str) -> Option<&str> {
    let bare = media_type.split(';').next()?.trim();
    let date = bare.strip_prefix("application/vnd.atlas.")?.strip_suffix("+json")?;
    let form = |(index, byte): (usize, u8)| if matches!(index, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    (date.len() == 10 && date.bytes().enumerate().all(form)).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(value: &str, version: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, value.parse().unwrap());
        acceptable(&headers, version).is_ok()
    }

    #[test]
    fn a_later_date_is_served_what_there_is() {
        assert!(accepts("application/vnd.atlas.2024-08-05+json", "2024-08-05"));
        assert!(accepts("application/vnd.atlas.2099-01-01+json", "2024-08-05"));
        assert!(accepts("text/html, application/vnd.atlas.2025-03-12+json;q=0.9", "2024-08-05"));
    }

    #[test]
    fn an_older_date_or_anything_else_is_not_acceptable() {
        for value in [
            "application/vnd.atlas.2023-01-01+json",
            "application/vnd.atlas.preview+json",
            "application/vnd.atlas.2024-8-5+json",
            "application/vnd.atlas.2025-03-12+csv",
            "application/json",
            "*/*",
        ] {
            assert!(!accepts(value, "2024-08-05"), "{value}");
        }
    }
}
