//! Profiles of the Atlas CLI: its `config.toml`.
//!
//! Names and places as in the CLI's own code, <https://github.com/mongodb/atlas-cli-core/tree/main/config>: a
//! value at the top of the file goes before the same value in a profile, names are kept in small letters, and
//! where there is a system keyring *both* halves of a key live there and not in the file.

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use toml::{Table, Value};

use crate::error::Error;

/// What the file says of one profile.
#[derive(Default)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// `ops_manager_url`, or `base_url` in older files.
    pub base_url: Option<String>,
    /// `service = "cloudgov"`.
    pub government: bool,
    /// The organization that its commands mean.
    pub organization: Option<String>,
    /// The project that its commands mean.
    pub project: Option<String>,
    pub(crate) auth_type: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) client_secret: Option<SecretString>,
    pub(crate) public_key: Option<String>,
    pub(crate) private_key: Option<SecretString>,
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile").field("name", &self.name).field("path", &self.path).finish_non_exhaustive()
    }
}

/// Where the Atlas CLI keeps its profiles, as far as the environment tells.
pub fn file(environment: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let folder = |name: &str| environment(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    // The environment is passed in, so that the crates which know these places, but read it themselves, are no help.
    let configuration = if cfg!(windows) {
        folder("AppData")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library").join("Application Support"))
    } else {
        folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")))
    };
    configuration.map(|folder| folder.join("atlascli").join("config.toml"))
}

/// Reads a profile. No file is no profile; a file that cannot be understood is an error.
pub(crate) fn read(path: &Path, name: Option<&str>) -> Result<Option<Profile>, Error> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return match name {
                None => Ok(None),
                Some(asked) => Err(no_such(asked, path, Vec::new())),
            };
        }
        Err(error) => return Err(Error::ProfileFile { path: path.to_owned(), why: error.to_string() }),
    };
    let table: Table = toml::from_str(&text).map_err(|error| Error::ProfileFile {
        path: path.to_owned(),
        // The error as a whole shows the line that it is about, and that may be a key.
        why: match error.span() {
            Some(span) => format!("line {}: {}", line_of(&text, span.start), error.message()),
            None => error.message().to_owned(),
        },
    })?;
    let known = || table.iter().filter(|(_, value)| value.is_table()).map(|(name, _)| name.clone()).collect();
    let (name, section) = match name {
        // The CLI writes names in small letters, whatever it was given.
        Some(asked) => match table.get(&asked.to_lowercase()).and_then(Value::as_table) {
            Some(section) => (asked.to_lowercase(), section),
            None => return Err(no_such(asked, path, known())),
        },
        None => match default_profile(&table) {
            Some(found) => found,
            None => return Ok(None),
        },
    };
    let value = |key: &str| {
        [&table, section].into_iter().find_map(|table| {
            table.get(key).and_then(Value::as_str).filter(|value| !value.is_empty()).map(str::to_owned)
        })
    };
    Ok(Some(Profile {
        name,
        path: path.to_owned(),
        base_url: value("ops_manager_url").or_else(|| value("base_url")),
        government: value("service").as_deref() == Some("cloudgov"),
        organization: value("org_id"),
        project: value("project_id"),
        auth_type: value("auth_type"),
        client_id: value("client_id"),
        client_secret: value("client_secret").map(SecretString::from),
        public_key: value("public_api_key"),
        private_key: value("private_api_key").map(SecretString::from),
    }))
}

/// The one called `default`, or the only one, as the CLI has it.
fn default_profile(table: &Table) -> Option<(String, &Table)> {
    let mut profiles = table.iter().filter_map(|(name, value)| Some((name.clone(), value.as_table()?)));
    if let Some(section) = table.get("default").and_then(Value::as_table) {
        return Some(("default".to_owned(), section));
    }
    let only = profiles.next()?;
    profiles.next().is_none().then_some(only)
}

fn no_such(asked: &str, path: &Path, known: Vec<String>) -> Error {
    Error::NoSuchProfile { asked: asked.to_owned(), place: path.display().to_string(), known }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
