//! Faults on request: what Atlas, or what lies between, does to a client on a bad day.
//!
//! A fault is written `<kind>[:<arguments>]@<where>[#first=<n>]`.
//!
//! | kind | what the client gets |
//! |---|---|
//! | `refuse` | 401 `USER_UNAUTHORIZED`: the credential lacks the role |
//! | `forbid[:code]` | 403, by default `FORBIDDEN` |
//! | `missing[:code]` | 404, by default `RESOURCE_NOT_FOUND` |
//! | `error[:status]` | 500, or another status |
//! | `unavailable[:seconds]` | 503, with `Retry-After` if seconds are given |
//! | `throttle[:times,seconds]` | 429 so many times (without a number always), `Retry-After` 1 |
//! | `timeout[:seconds]` | nothing, ever; or the answer after so many seconds |
//! | `slow:<milliseconds>` | the answer, late |
//! | `cut` | half of the announced bytes, then the connection closes |
//! | `malformed` | half of the JSON, announced as if it were all |
//! | `html` | 200 and a web page |
//! | `redirect[:url]` | 302, by default to a path that does not exist |
//! | `huge[:mebibytes]` | the answer with 64 (or so many) MiB of padding |
//!
//! *Where* is a path template (`/groups/{groupId}/auditLog`), a section (`project.auditLog`), or a glob over the
//! path below `/api/atlas/v2` (`/groups/*/clusters/**`; `*` stays within a segment). The token endpoint is
//! `/api/oauth/token`; `cut`, `malformed` and `huge` spoil only what the Admin API answers with 200. With `#first=2`
//! only the first two calls that the fault concerns are hit.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Deserializer};

use super::error::Error;
use super::routes::{self, Route};
use crate::snapshot::Section;

/// One fault. Clones count their calls together.
#[derive(Clone)]
pub struct Fault {
    text: String,
    pub(super) kind: Kind,
    target: Target,
    first: Option<u64>,
    calls: Arc<AtomicU64>,
}

/// What happens.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Refuse,
    Forbid { code: String },
    Missing { code: String },
    Error { status: u16 },
    Unavailable { retry_after: Option<u64> },
    Throttle { retry_after: u64 },
    Silence,
    Late(Duration),
    Cut,
    Malformed,
    Html,
    Redirect { to: String },
    Huge { mebibytes: usize },
}

/// Where it happens.
#[derive(Debug, Clone)]
enum Target {
    Template(String),
    Section(Section),
    Glob(GlobMatcher),
}

impl Fault {
    /// Whether it hits this call. Counts it, if it might.
    pub(super) fn hits(&self, path: &str, route: Option<&Route>, query: &[(String, String)]) -> bool {
        let concerned = match &self.target {
            Target::Template(template) => route.is_some_and(|route| route.template == template),
            Target::Section(section) => {
                route.and_then(|route| route.row(query)).is_some_and(|row| row.section == *section)
            }
            Target::Glob(glob) => glob.is_match(path),
        };
        concerned && self.first.is_none_or(|first| self.calls.fetch_add(1, Ordering::Relaxed) < first)
    }
}

impl FromStr for Fault {
    type Err = Error;

    fn from_str(spec: &str) -> Result<Self, Error> {
        Self::parsed(spec).map_err(|reason| Error::Fault { spec: spec.to_owned(), reason })
    }
}

impl Fault {
    fn parsed(spec: &str) -> Result<Self, String> {
        let (what, place) = spec.split_once('@').ok_or("expected <kind>@<where>")?;
        let (place, first) = match place.split_once('#') {
            None => (place, None),
            Some((place, limit)) => {
                let number = limit.strip_prefix("first=").and_then(|number| number.parse().ok());
                (place, Some(number.ok_or_else(|| format!("expected first=<number>, found `{limit}`"))?))
            }
        };
        let (name, argument) = match what.split_once(':') {
            Some((name, argument)) => (name, Some(argument)),
            None => (what, None),
        };
        let (kind, times) = kind(name, argument)?;
        Ok(Self { text: spec.to_owned(), kind, target: place.parse()?, first: first.or(times), calls: Arc::default() })
    }
}

/// The kind, and how often it happens where its own arguments say so.
fn kind(name: &str, argument: Option<&str>) -> Result<(Kind, Option<u64>), String> {
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| format!("expected a number, found `{text}`"));
    let optional = argument.map(number).transpose();
    let code = |default: &str| argument.unwrap_or(default).to_owned();
    let kind = match name {
        "refuse" => Kind::Refuse,
        "forbid" => Kind::Forbid { code: code("FORBIDDEN") },
        "missing" => Kind::Missing { code: code("RESOURCE_NOT_FOUND") },
        "error" => {
            let status = optional?.unwrap_or(500);
            let status = u16::try_from(status).ok().filter(|status| (400..600).contains(status));
            Kind::Error { status: status.ok_or("expected a status from 400 to 599")? }
        }
        "unavailable" => Kind::Unavailable { retry_after: optional? },
        "throttle" => {
            let (times, seconds) = match argument.and_then(|text| text.split_once(',')) {
                Some((times, seconds)) => (Some(number(times)?), number(seconds)?),
                None => (optional?, 1),
            };
            return Ok((Kind::Throttle { retry_after: seconds }, times));
        }
        "timeout" => optional?.map_or(Kind::Silence, |seconds| Kind::Late(Duration::from_secs(seconds))),
        "slow" => Kind::Late(Duration::from_millis(optional?.ok_or("expected slow:<milliseconds>")?)),
        "cut" => Kind::Cut,
        "malformed" => Kind::Malformed,
        "html" => Kind::Html,
        "redirect" => Kind::Redirect { to: code("/user/login") },
        "huge" => {
            let mebibytes = optional?.unwrap_or(64);
            Kind::Huge { mebibytes: usize::try_from(mebibytes).map_err(|_| "expected fewer mebibytes")? }
        }
        other => return Err(format!("there is no kind `{other}`")),
    };
    Ok((kind, None))
}

impl FromStr for Target {
    type Err = String;

    fn from_str(place: &str) -> Result<Self, String> {
        if let Ok(section) = place.parse() {
            return Ok(Self::Section(section));
        }
        if !place.starts_with(['/', '*']) && !place.is_empty() {
            return Err(format!("no section is called `{place}`, and a path begins with a slash"));
        }
        if routes::is_template(place) {
            return Ok(Self::Template(place.to_owned()));
        }
        if place.contains("Id}") || place.contains("Name}") {
            return Err(format!("no endpoint has the path {place}"));
        }
        let glob = GlobBuilder::new(place).literal_separator(true).build();
        glob.map(|glob| Self::Glob(glob.compile_matcher())).map_err(|error| error.to_string())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({})", self.text)
    }
}

/// As `recording.toml` spells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    kind: String,
    endpoint: String,
    args: Option<String>,
    first: Option<u64>,
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = Table::deserialize(deserializer)?;
        let args = table.args.map(|args| format!(":{args}")).unwrap_or_default();
        let first = table.first.map(|first| format!("#first={first}")).unwrap_or_default();
        let spec = format!("{}{args}@{}{first}", table.kind, table.endpoint);
        Self::parsed(&spec).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(spec: &str) -> Fault {
        spec.parse().unwrap()
    }

    fn hits(spec: &str, path: &str, query: &[(&str, &str)]) -> bool {
        let query: Vec<_> = query.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        fault(spec).hits(path, routes::find(path), &query)
    }

    #[test]
    fn a_place_is_a_template_a_section_or_a_glob() {
        assert!(hits("refuse@/groups/{groupId}/auditLog", "/groups/1/auditLog", &[]));
        assert!(!hits("refuse@/groups/{groupId}/auditLog", "/groups/1/users", &[]));
        assert!(hits("refuse@project.auditLog", "/groups/1/auditLog", &[]));
        assert!(hits("refuse@/groups/*/auditLog", "/groups/1/auditLog", &[]));
        assert!(!hits("refuse@/groups/*", "/groups/1/auditLog", &[]));
        assert!(hits("refuse@/groups/1/**", "/groups/1/auditLog", &[]));
        assert!(hits("refuse@**", "/orgs", &[]));
    }

    #[test]
    fn a_section_may_depend_on_the_query() {
        assert!(hits("refuse@project.gcpPeers", "/groups/1/peers", &[("providerName", "GCP")]));
        assert!(!hits("refuse@project.gcpPeers", "/groups/1/peers", &[("providerName", "AWS")]));
    }

    #[test]
    fn a_limited_fault_stops() {
        let twice = fault("throttle:2,7@**");
        assert_eq!(twice.kind, Kind::Throttle { retry_after: 7 });
        assert_eq!([(); 4].map(|()| twice.hits("/orgs", None, &[])), [true, true, false, false]);
        let once = fault("error:502@/orgs#first=1");
        assert_eq!(once.kind, Kind::Error { status: 502 });
        assert_eq!([(); 2].map(|()| once.hits("/orgs", routes::find("/orgs"), &[])), [true, false]);
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (spec, reason) in [
            ("refuse", "expected <kind>@<where>"),
            ("explode@/orgs", "there is no kind `explode`"),
            ("slow@/orgs", "expected slow:<milliseconds>"),
            ("refuse@project.auditLogs", "no section is called `project.auditLogs`"),
            ("refuse@/groups/{groupId}/auditLogs", "no endpoint has the path"),
            ("refuse@/orgs#last=1", "expected first=<number>"),
        ] {
            let error = spec.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn a_recording_spells_faults_as_tables() {
        #[derive(Deserialize)]
        struct File {
            fault: Vec<Fault>,
        }
        let file: File = toml::from_str(
            "[[fault]]\nkind = \"throttle\"\nargs = \"3,1\"\nendpoint = \"project.clusters\"\n\
             [[fault]]\nkind = \"refuse\"\nendpoint = \"/groups/{groupId}/auditLog\"\nfirst = 2\n",
        )
        .unwrap();
        assert_eq!(file.fault[0].to_string(), "throttle:3,1@project.clusters");
        assert_eq!(file.fault[1].to_string(), "refuse@/groups/{groupId}/auditLog#first=2");
    }
}
