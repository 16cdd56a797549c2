//! Where a result points: into the snapshot file, or at a virtual path of the resource.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ipnet::IpNet;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::model::Region;
use crate::report::{Finding, RenderError, Report};
use crate::snapshot::Ref;
use crate::snapshot::locate::{self, Line};

/// Where SARIF results point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locations {
    /// The line of the snapshot file that holds the offending entry.
    Snapshot,
    /// A virtual path per resource, line 1. Identities survive where a shifted line would be a new finding (GitLab).
    #[default]
    Resource,
}

/// Where the results of one report point.
pub(super) enum Places {
    Lines { uri: String, lines: BTreeMap<Ref, Line> },
    Resources,
}

impl Places {
    /// Finds the lines, if lines are asked for.
    pub(super) fn of(
        report: &Report,
        locations: Locations,
        results: impl Iterator<Item = Finding>,
    ) -> Result<Self, RenderError> {
        if locations == Locations::Resource {
            return Ok(Self::Resources);
        }
        let snapshot = report.about.snapshot.as_ref().ok_or(RenderError::NoSnapshot)?;
        let wanted = results.map(|finding| finding.resource.at);
        let lines = locate::lines(&snapshot.path, wanted)
            .map_err(|source| RenderError::Snapshot { path: snapshot.path.clone(), source })?;
        Ok(Self::Lines { uri: relative_uri(&snapshot.shown), lines })
    }

    pub(super) fn place(&self, at: &Ref) -> (Cow<'_, str>, Region) {
        match self {
            Self::Lines { uri, lines } => {
                let Line { number, units } = lines[at];
                (uri.into(), Region { start_line: number, start_column: 1, end_line: number, end_column: units + 1 })
            }
            Self::Resources => {
                (virtual_path(at).into(), Region { start_line: 1, start_column: 1, end_line: 1, end_column: 1 })
            }
        }
    }
}

const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// GitHub refuses what is not relative to the repository: of anything else, the file's name is left.
fn relative_uri(shown: &str) -> String {
    let outside = shown.starts_with(['/', '\\'])
        || shown.split(['/', '\\']).any(|segment| segment == "..")
        || shown.as_bytes().get(1) == Some(&b':');
    let path = if outside { shown.rsplit(['/', '\\']).next().unwrap_or_default() } else { shown };
    utf8_percent_encode(path.trim_start_matches("./"), IN_PATH).to_string()
}

/// `atlas/<org>/<project>/accessList/0.0.0.0_0`: the reference as a path of plain characters, unique to it.
fn virtual_path(at: &Ref) -> String {
    let segments: Vec<&str> = at.as_str().split('/').collect();
    let named: Vec<&str> = match segments.as_slice() {
        ["org", organization, "project", rest @ ..] if !rest.is_empty() => {
            std::iter::once(*organization).chain(rest.iter().copied()).collect()
        }
        ["org", rest @ ..] => rest.to_vec(),
        other => other.to_vec(),
    };
    let mut path = "atlas".to_owned();
    let mut section = "";
    for segment in named {
        path.push('/');
        path.push_str(&plain(segment, section));
        section = segment;
    }
    path
}

/// A segment without anything that a path, a URI or a person could take amiss. Where that changes it, a hash of what
/// it was keeps it apart from others.
fn plain(segment: &str, section: &str) -> String {
    const LONGEST: usize = 80;
    let name = Ref::parsed(segment).name();
    // Ranges are frequent, and with these replacements no two become the same.
    if section == "accessList" && name.parse::<IpNet>().is_ok() {
        return name.replace(':', "-").replace('/', "_");
    }
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.len() <= LONGEST && name.chars().all(safe) && !name.trim_matches('.').is_empty() {
        return name;
    }
    let kept: String = name.chars().take(LONGEST).map(|c| if safe(c) { c } else { '_' }).collect();
    let digest = Sha256::digest(segment);
    format!("{}-{:02x}{:02x}{:02x}{:02x}", kept.trim_matches('.'), digest[0], digest[1], digest[2], digest[3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_paths_are_plain_and_apart() {
        let project = Ref::organization("o").project("p");
        let path = |section: &str, name: &str| virtual_path(&project.child(section).child(name));
        assert_eq!(virtual_path(&Ref::organization("o")), "atlas/o");
        assert_eq!(virtual_path(&Ref::organization("o").child("settings")), "atlas/o/settings");
        assert_eq!(path("accessList", "0.0.0.0/0"), "atlas/o/p/accessList/0.0.0.0_0");
        assert_eq!(path("accessList", "2001:db8::/32"), "atlas/o/p/accessList/2001-db8--_32");
        assert_eq!(path("clusters", "db0"), "atlas/o/p/clusters/db0");
        let hostile =
            ["..", ".", "", "a/b", "a_b", "a b", "a:b", "%2e%2e", "日本", "日木", "a\n", "0.0.0.0/0", "x\u{202e}"];
        let mut paths: Vec<_> = hostile.iter().map(|name| path("databaseUsers", name)).collect();
        for path in &paths {
            let fine = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
            assert!(path.chars().all(fine) && !path.contains("/.") && !path.contains("//"), "{path}");
        }
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), hostile.len(), "{paths:#?}");
    }

    #[test]
    fn uris_are_relative_and_encoded() {
        assert_eq!(relative_uri("audit/2026 11%.jsonl"), "audit/2026%2011%25.jsonl");
        assert_eq!(relative_uri("./a.jsonl"), "a.jsonl");
        for outside in ["/tmp/a.jsonl", "../a.jsonl", "C:/x/a.jsonl", "x/../../a.jsonl"] {
            assert_eq!(relative_uri(outside), "a.jsonl");
        }
    }
}
