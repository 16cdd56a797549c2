//! Paths and pages: how a row of the table becomes requests, and when a list is at its end.

use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::client::{Ask, Atlas, Failure, Kind};
use super::endpoints::Paging;
use crate::snapshot::reference::encoded;
use crate::snapshot::{Reason, Unavailable};

/// What Atlas gives at most.
const PAGE_SIZE: usize = 500;
const MOST_PAGES: usize = 2000;
/// All pages of one section together, in bytes.
const LARGEST_SECTION: usize = 512 * 1024 * 1024;

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    results: Vec<&'a RawValue>,
}

/// Fills in the parameters of a path.
pub(crate) fn path(template: &str, parameters: &[(&str, String)]) -> Result<String, String> {
    let mut path = String::with_capacity(template.len() + 48);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or("the template is not closed")?;
        let value = parameters.iter().rev().find(|(parameter, _)| *parameter == name).map(|(_, value)| value.as_str());
        path.push_str(before);
        match value {
            // These would be taken for steps up and down the path.
            None | Some("" | "." | "..") => return Err(format!("nothing that could stand for {{{name}}}")),
            Some(value) => path.push_str(&encoded(value)),
        }
        rest = after;
    }
    path.push_str(rest);
    Ok(path)
}

/// Reads everything that a question asks for.
///
/// Pages are asked for by number, never by following a link, and a short page is the last: `totalCount` is an
/// estimate, and 0 where it was not asked for.
pub(crate) async fn all(atlas: &Atlas, mut ask: Ask, query: &[(&str, &str)]) -> Result<Vec<Bytes>, Failure> {
    let fixed: Vec<String> =
        query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    let fixed = fixed.join("&");
    if ask.paging != Paging::Pages {
        ask.query = fixed;
        return Ok(vec![atlas.send(&ask).await?.0]);
    }
    let joint = if fixed.is_empty() { "" } else { "&" };
    let mut pages: Vec<Bytes> = Vec::new();
    let mut size = 0;
    loop {
        let number = pages.len() + 1;
        ask.query = format!("itemsPerPage={PAGE_SIZE}&pageNum={number}{joint}{fixed}");
        let (page, count) = atlas.send(&ask).await?;
        size += page.len();
        let broken = |reason, detail: String| {
            let mut why = Unavailable::new(reason, ask.path.clone());
            why.detail = Some(detail);
            Failure::new(why, Kind::Plain)
        };
        if count > 0 && pages.last() == Some(&page) {
            return Err(broken(Reason::Malformed, format!("page {number} is the same as the one before")));
        }
        pages.push(page);
        if count < PAGE_SIZE {
            return Ok(pages);
        }
        if number >= MOST_PAGES || size > LARGEST_SECTION {
            return Err(broken(Reason::TooLarge, format!("more than {number} pages of {PAGE_SIZE}")));
        }
    }
}

/// Whether an answer is whole, and how many entries it holds.
pub(crate) fn count(paging: Paging, body: &[u8]) -> Result<usize, serde_json::Error> {
    match paging {
        Paging::Pages | Paging::Envelope => Ok(serde_json::from_slice::<Page<'_>>(body)?.results.len()),
        Paging::Array => Ok(serde_json::from_slice::<Vec<IgnoredAny>>(body)?.len()),
        Paging::Object => serde_json::from_slice::<IgnoredAny>(body).map(|_| 1),
    }
}

/// An error of parsing, without the values that it may quote: they could be secrets.
pub(crate) fn parse_error(error: &impl ToString) -> String {
    let text = error.to_string();
    match (text.find('"'), text.rfind('"')) {
        (Some(first), Some(last)) if first < last => format!("{}…{}", &text[..=first], &text[last..]),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_encoded_and_none_may_climb() {
        let of = |name: &str| {
            path(
                "/groups/{groupId}/clusters/{clusterName}/x",
                &[("groupId", "5f1f".to_owned()), ("clusterName", name.to_owned())],
            )
        };
        assert_eq!(of("a b/ü?#%").unwrap(), "/groups/5f1f/clusters/a%20b%2F%C3%BC%3F%23%25/x");
        for bad in ["", ".", ".."] {
            assert!(of(bad).is_err(), "{bad}");
        }
        assert!(path("/groups/{groupId}", &[]).is_err());
        assert_eq!(path("", &[]).unwrap(), "");
    }

    #[test]
    fn errors_of_parsing_keep_values_to_themselves() {
        let error = serde_json::from_str::<u8>(r#""hunter2""#).unwrap_err();
        assert_eq!(parse_error(&error), r#"invalid type: string "…", expected u8 at line 1 column 9"#);
    }
}
