//! Pages of a list: `pageNum`, `itemsPerPage`, `includeCount`, and the links between them.

use axum::http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::answers::Rows;
use super::refusal::Refusal;

const DEFAULT_SIZE: usize = 100;
const LARGEST: usize = 500;

/// The page that a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    number: usize,
    size: usize,
    count: bool,
}

impl Page {
    pub(super) fn asked(query: &[(String, String)]) -> Result<Self, Refusal> {
        let within = |name: &str, default: usize, largest: usize| match value(query, name) {
            None => Ok(default),
            Some(text) => text.parse().ok().filter(|number| (1..=largest).contains(number)).ok_or_else(|| {
                let detail = format!("Query parameter {name} must be a number from 1 to {largest}.");
                let parameters = [Value::from(name), Value::from(text)];
                Refusal::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", &detail, &parameters)
            }),
        };
        Ok(Self {
            number: within("pageNum", 1, i32::MAX as usize)?,
            size: within("itemsPerPage", DEFAULT_SIZE, LARGEST)?,
            count: value(query, "includeCount") != Some("false"),
        })
    }

    /// `{links, results, totalCount}` with the rows of this page. `url` is the request's without its query.
    pub(super) fn body(&self, rows: &Rows<'_>, url: &str, query: &[(String, String)]) -> String {
        let first = (self.number - 1).saturating_mul(self.size).min(rows.len());
        let end = first.saturating_add(self.size).min(rows.len());
        let link = |relation, number| Link { relation, url: self.url(url, query, number) };
        let mut links = vec![link("self", self.number)];
        if self.number > 1 {
            links.push(link("previous", self.number - 1));
        }
        if end < rows.len() {
            links.push(link("next", self.number + 1));
        }
        // Atlas sends 0, not nothing, when the count was declined.
        let total = if self.count { rows.len() } else { 0 };
        envelope(&links, rows, first..end, total)
    }

    fn url(&self, url: &str, query: &[(String, String)], number: usize) -> String {
        let mut target = format!("{url}?");
        for (key, value) in query.iter().filter(|(key, _)| key != "pageNum" && key != "itemsPerPage") {
            for (text, after) in [(key, '='), (value, '&')] {
                target.extend(utf8_percent_encode(text, NON_ALPHANUMERIC));
                target.push(after);
            }
        }
        target + &format!("pageNum={number}&itemsPerPage={}", self.size)
    }
}

struct Link {
    relation: &'static str,
    url: String,
}

/// The whole list in one envelope.
pub(super) fn whole(rows: &Rows<'_>, url: &str) -> String {
    envelope(&[Link { relation: "self", url: url.to_owned() }], rows, 0..rows.len(), rows.len())
}

/// The whole list as a bare array.
pub(super) fn array(rows: &Rows<'_>) -> String {
    let mut body = String::from("[");
    elements(rows, 0..rows.len(), &mut body);
    body.push(']');
    body
}

fn envelope(links: &[Link], rows: &Rows<'_>, range: std::ops::Range<usize>, total: usize) -> String {
    let mut body = String::from(r#"{"links":["#);
    for (index, link) in links.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let href = Value::from(link.url.as_str()).to_string();
        body.extend([comma, r#"{"href":"#, &href, r#","rel":""#, link.relation, r#""}"#]);
    }
    body.push_str(r#"],"results":["#);
    elements(rows, range, &mut body);
    body + &format!(r#"],"totalCount":{total}}}"#)
}

fn elements(rows: &Rows<'_>, range: std::ops::Range<usize>, body: &mut String) {
    let start = range.start;
    for index in range {
        if index > start {
            body.push(',');
        }
        rows.write(index, body);
    }
}

fn value<'q>(query: &'q [(String, String)], name: &str) -> Option<&'q str> {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn page(pairs: &[(&str, &str)], rows: usize) -> Value {
        let query = query(pairs);
        let rows = Rows::Made((0..rows).map(|row| row.to_string()).collect());
        serde_json::from_str(&Page::asked(&query).unwrap().body(&rows, "http://h/p", &query)).unwrap()
    }

    #[test]
    fn a_page_knows_its_neighbours() {
        let body = page(&[("itemsPerPage", "2"), ("pageNum", "2"), ("name", "a b")], 5);
        assert_eq!(body["results"], serde_json::json!([2, 3]));
        assert_eq!(body["totalCount"], 5);
        let relations: Vec<_> = body["links"].as_array().unwrap().iter().map(|link| link["rel"].clone()).collect();
        assert_eq!(relations, ["self", "previous", "next"]);
        assert_eq!(body["links"][2]["href"], "http://h/p?name=a%20b&pageNum=3&itemsPerPage=2");
    }

    #[test]
    fn the_last_page_has_no_next_and_pages_beyond_are_empty() {
        assert_eq!(page(&[("itemsPerPage", "2"), ("pageNum", "3")], 5)["links"].as_array().unwrap().len(), 2);
        assert_eq!(page(&[("pageNum", "9")], 5)["results"], serde_json::json!([]));
        assert_eq!(page(&[("includeCount", "false")], 5)["totalCount"], 0);
    }

    #[test]
    fn sizes_out_of_range_are_refused() {
        for pair in [("itemsPerPage", "501"), ("itemsPerPage", "0"), ("pageNum", "0"), ("pageNum", "x")] {
            assert_eq!(Page::asked(&query(&[pair])).unwrap_err().status, StatusCode::BAD_REQUEST, "{pair:?}");
        }
    }
}
