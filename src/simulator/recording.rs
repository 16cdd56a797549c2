//! A recording in memory: every answer parsed once, lists as rows ready to be sent.
//!
//! How a recording is spelled on disk is told in the parent module; which answer a request gets, in `answers`.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use axum::body::Bytes;
use include_dir::Dir;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;

use super::defaults::Filter;
use super::error::Error;
use super::faults::Fault;
use super::refusal::Refusal;
use super::routes;

/// What stays as it is in a segment of a path.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What stands beside the answers and is none.
const SETTINGS: &str = "recording.toml";

/// Recorded answers of an organization.
#[derive(Debug)]
pub struct Recording {
    settings: Settings,
    answers: HashMap<String, Vec<Answer>>,
    /// Every path that has something below it.
    folders: HashSet<String>,
    /// The projects of all organizations, in the order of their lists.
    projects: Vec<Project>,
}

/// `recording.toml`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    description: Option<String>,
    now: Option<Timestamp>,
    #[serde(default)]
    fault: Vec<Fault>,
}

/// One file.
#[derive(Debug)]
pub(super) struct Answer {
    /// The parameters that the request must have.
    pub(super) variant: Vec<(String, String)>,
    pub(super) body: Recorded,
}

/// What a file holds.
#[derive(Debug)]
pub(super) enum Recorded {
    Object(Bytes),
    List(Vec<Row>),
    Error(Refusal),
}

/// One element of a list.
#[derive(Debug)]
pub(super) struct Row {
    /// Compact JSON.
    pub(super) json: String,
    /// For each filter of the endpoint, what it looks at.
    facets: Vec<Option<String>>,
}

/// A project, as its organization lists it.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) organization: String,
    pub(super) row: Value,
}

impl Recording {
    /// Reads the folder `root`.
    pub fn load(root: &Path) -> Result<Self, Error> {
        let mut files = Vec::new();
        list_folder(root, &mut files)?;
        Self::of(root, files.iter().map(|path| (path.strip_prefix(root).unwrap_or(path), path)), |path| {
            fs::read(path).map(Cow::Owned).map_err(|source| Error::Read { path: path.clone(), source })
        })
    }

    /// Reads a folder that was built into the program.
    pub fn embedded(root: &'static Dir<'static>) -> Result<Self, Error> {
        let mut files = Vec::new();
        list_embedded(root, &mut files);
        Self::of(root.path(), files.iter().map(|file| (file.path(), file)), |file| Ok(Cow::Borrowed(file.contents())))
    }

    /// What `recording.toml` says about it.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.settings.description.as_deref()
    }

    /// The time at which the recording lives.
    #[must_use]
    pub fn now(&self) -> Option<Timestamp> {
        self.settings.now
    }

    /// The faults that belong to it.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.settings.fault
    }

    /// Answers by path (relative to the root), each read by `read`.
    fn of<'p, T: 'p>(
        root: &Path,
        files: impl Iterator<Item = (&'p Path, &'p T)>,
        read: impl Fn(&'p T) -> Result<Cow<'p, [u8]>, Error>,
    ) -> Result<Self, Error> {
        let mut recording = Self {
            settings: Settings::default(),
            answers: HashMap::new(),
            folders: HashSet::new(),
            projects: Vec::new(),
        };
        let mut described = false;
        for (relative, file) in files {
            let path = root.join(relative);
            if relative == Path::new(SETTINGS) {
                described = true;
                let text = read(file)?;
                recording.settings = toml::from_str(&String::from_utf8_lossy(&text))
                    .map_err(|source| Error::Description { path, source: Box::new(source) })?;
            } else if let Some((request, variant)) = spelled(relative) {
                let body = serde_json::from_slice(&read(file)?).map_err(|source| Error::NotJson { path, source })?;
                recording.add(request, variant, body);
            }
        }
        // Most likely the wrong folder, unless its description says that it is meant.
        if recording.answers.is_empty() && !described {
            return Err(Error::Empty { path: root.to_owned() });
        }
        recording.find_projects();
        Ok(recording)
    }

    fn add(&mut self, path: String, variant: Vec<(String, String)>, body: Value) {
        let filters = routes::find(&path).map_or(&[][..], |route| route.filters);
        let mut above = path.as_str();
        while let Some((parent, _)) = above.rsplit_once('/') {
            if !self.folders.insert(parent.to_owned()) {
                break;
            }
            above = parent;
        }
        let answers = self.answers.entry(path).or_default();
        answers.push(Answer { variant, body: Recorded::of(body, filters) });
        answers.sort_by_key(|answer| std::cmp::Reverse(answer.variant.len()));
    }

    fn find_projects(&mut self) {
        let organization = |path: &'_ str| {
            path.strip_prefix("/orgs/")?.strip_suffix("/groups").filter(|id| !id.contains('/')).map(str::to_owned)
        };
        let mut organizations: Vec<String> = self.answers.keys().filter_map(|path| organization(path)).collect();
        organizations.sort_unstable();
        let mut projects = Vec::new();
        // A variant of the list may repeat a project.
        let mut known = HashSet::new();
        for organization in organizations {
            for row in self.lists(&format!("/orgs/{organization}/groups")).flatten() {
                let Ok(row) = serde_json::from_str::<Value>(&row.json) else { continue };
                let text = |field: &str| row.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
                let (id, name) = (text("id"), text("name"));
                if known.insert(id.clone()) {
                    projects.push(Project { id, name, organization: organization.clone(), row });
                }
            }
        }
        self.projects = projects;
    }

    pub(super) fn projects(&self) -> &[Project] {
        &self.projects
    }

    /// The files for one path, the most particular variant first.
    pub(super) fn answers(&self, path: &str) -> &[Answer] {
        self.answers.get(path).map_or(&[], Vec::as_slice)
    }

    /// Every list that is recorded for one path.
    pub(super) fn lists(&self, path: &str) -> impl Iterator<Item = &[Row]> {
        self.answers(path).iter().filter_map(|answer| match &answer.body {
            Recorded::List(rows) => Some(rows.as_slice()),
            Recorded::Object(_) | Recorded::Error(_) => None,
        })
    }

    /// The row of a recorded list in which one of `fields` is `value`.
    pub(super) fn row(&self, path: &str, fields: &[&str], value: &str) -> Option<&Row> {
        self.lists(path).find_map(|rows| rows.iter().find(|row| row.has(fields, value)))
    }

    /// Whether anything is recorded at or below a path.
    pub(super) fn mentions(&self, path: &str) -> bool {
        self.folders.contains(path) || self.answers.contains_key(path)
    }

    /// The recorded objects whose path `is` like that.
    pub(super) fn objects(&self, is: impl Fn(&str) -> bool) -> impl Iterator<Item = &Bytes> {
        self.answers.iter().filter(move |(path, _)| is(path)).flat_map(|(_, answers)| answers).filter_map(|answer| {
            match &answer.body {
                Recorded::Object(json) => Some(json),
                Recorded::List(_) | Recorded::Error(_) => None,
            }
        })
    }
}

impl Recorded {
    fn of(body: Value, filters: &[Filter]) -> Self {
        match body {
            Value::Array(rows) => Self::List(rows.into_iter().map(|row| Row::of(&row, filters)).collect()),
            Value::Object(mut fields) => {
                if let Some(Value::Array(rows)) = fields.get_mut("results") {
                    return Self::List(rows.iter().map(|row| Row::of(row, filters)).collect());
                }
                let status = fields.get("error").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
                let code = fields.get("errorCode").and_then(Value::as_str).map(str::to_owned);
                let json: Bytes = Value::Object(fields).to_string().into();
                match (status, code) {
                    (Some(status), Some(code)) => Self::Error(Refusal::recorded(status, &code, json)),
                    _ => Self::Object(json),
                }
            }
            other => Self::Object(other.to_string().into()),
        }
    }
}

impl Row {
    fn of(row: &Value, filters: &[Filter]) -> Self {
        Self { json: row.to_string(), facets: filters.iter().map(|filter| filter.facet(row)).collect() }
    }

    /// Whether `filters` let it through. `settled` are the parameters that the file itself stands for.
    pub(super) fn shown(&self, filters: &[Filter], query: &[(String, String)], settled: &[(String, String)]) -> bool {
        filters.iter().zip(&self.facets).all(|(filter, facet)| {
            settled.iter().any(|(key, _)| key == filter.parameter) || filter.shows(facet.as_deref(), query)
        })
    }

    pub(super) fn has(&self, fields: &[&str], value: &str) -> bool {
        // Most rows are told apart without parsing them.
        let quoted = Value::from(value).to_string();
        self.json.contains(&quoted)
            && serde_json::from_str::<Value>(&self.json)
                .is_ok_and(|row| fields.iter().any(|field| row.get(field).and_then(Value::as_str) == Some(value)))
    }
}

/// A path with every segment encoded as files are.
pub(super) fn canonical(path: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~');
    if path.bytes().all(plain) {
        return Cow::Borrowed(path);
    }
    Cow::Owned(path.split('/').map(encoded).collect::<Vec<_>>().join("/"))
}

fn encoded(segment: &str) -> String {
    utf8_percent_encode(&decoded(segment), ENCODED).to_string()
}

pub(super) fn decoded(segment: &str) -> Cow<'_, str> {
    percent_decode_str(segment).decode_utf8_lossy()
}

/// The request path and parameters that a file answers; `None` if it is no answer.
fn spelled(relative: &Path) -> Option<(String, Vec<(String, String)>)> {
    let mut segments: Vec<String> =
        relative.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    let file = segments.pop()?;
    let stem = file.strip_suffix(".json")?;
    let (last, variant) = stem.split_once('@').unwrap_or((stem, ""));
    let variant = variant
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (decoded(key).into_owned(), decoded(value).into_owned()))
        .collect();
    if segments.is_empty() && last == "_root" {
        return Some((String::new(), variant));
    }
    segments.push(last.to_owned());
    let path = segments.iter().flat_map(|segment| ["/".to_owned(), encoded(segment)]).collect();
    Some((path, variant))
}

fn list_folder(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let unreadable = |source| Error::Read { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            list_folder(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn list_embedded(folder: &'static Dir<'static>, files: &mut Vec<&'static include_dir::File<'static>>) {
    files.extend(folder.files());
    for folder in folder.dirs() {
        list_embedded(folder, files);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelling(path: &str) -> Option<(String, Vec<(String, String)>)> {
        spelled(Path::new(path))
    }

    #[test]
    fn a_files_name_tells_what_it_answers() {
        assert_eq!(spelling("_root.json"), Some((String::new(), vec![])));
        assert_eq!(spelling("orgs/1/groups.json"), Some(("/orgs/1/groups".to_owned(), vec![])));
        let (path, variant) = spelling("groups/1/peers@providerName=AZURE.json").unwrap();
        assert_eq!((path.as_str(), variant[0].1.as_str()), ("/groups/1/peers", "AZURE"));
        assert_eq!(
            spelling("groups/1/databaseUsers/%24external/a%40b.json").unwrap().0,
            "/groups/1/databaseUsers/%24external/a%40b"
        );
        assert_eq!(spelling("README.md"), None);
    }

    #[test]
    fn a_requests_path_is_compared_in_one_spelling() {
        assert_eq!(canonical("/groups/1/accessList/10.0.0.0%2f8"), "/groups/1/accessList/10.0.0.0%2F8");
        assert_eq!(canonical("/x/$external/a@b"), "/x/%24external/a%40b");
        assert_eq!(canonical("/x/%61"), "/x/a");
    }

    #[test]
    fn a_body_is_a_list_an_object_or_an_error() {
        let of = |text: &str| Recorded::of(serde_json::from_str(text).unwrap(), &[]);
        assert!(
            matches!(of(r#"{"results": [{"id": "1"}], "totalCount": 9}"#), Recorded::List(rows) if rows.len() == 1)
        );
        assert!(matches!(of("[]"), Recorded::List(rows) if rows.is_empty()));
        assert!(matches!(of(r#"{"error": 403, "errorCode": "X"}"#), Recorded::Error(_)));
        assert!(matches!(of(r#"{"error": "text", "errorCode": "X"}"#), Recorded::Object(_)));
    }

    #[test]
    fn the_built_in_demo_is_a_recording() {
        assert!(super::super::embedded_demo().description().is_some());
    }
}
