//! Where a history lies: a folder, or a bucket that speaks S3, Google Cloud Storage or Azure Blob Storage.

use std::ffi::OsString;
use std::fs;
use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, ObjectStoreScheme, RetryConfig};
use regex::Regex;
use reqwest::Url;
use tokio::runtime::Runtime;

use super::HistoryError;

/// Files that are asked for at once: a bucket takes tens of milliseconds for each.
const AT_ONCE: usize = 16;

/// A folder or a bucket. Never shows a credential: those come from the environment.
#[derive(Debug)]
pub struct Place {
    store: Arc<dyn ObjectStore>,
    root: Path,
    shown: String,
    runtime: Runtime,
    /// Held for its end.
    _made: Made,
}

/// A folder that was made for a history, and goes again if nothing is put into it.
#[derive(Debug, Default)]
struct Made(Option<PathBuf>);

impl Drop for Made {
    fn drop(&mut self) {
        // Fails if there is something in it, which is as it should be.
        _ = self.0.as_ref().map(fs::remove_dir);
    }
}

impl Place {
    /// A place to write to. A folder is made if need be, for its owner alone: names and addresses are in it.
    pub fn to_write(place: &str) -> Result<Self, HistoryError> {
        let folder = folder(place).filter(|folder| !place.is_empty() && !folder.exists());
        if let Some(folder) = folder {
            make(folder).map_err(|source| HistoryError::Folder { place: place.to_owned(), source })?;
        }
        Ok(Self { _made: Made(folder.map(FilePath::to_owned)), ..Self::to_read(place)? })
    }

    /// A place to read from.
    pub fn to_read(place: &str) -> Result<Self, HistoryError> {
        if place.is_empty() {
            let why = "its name is empty".to_owned();
            return Err(HistoryError::NotAPlace { place: "\"\"".to_owned(), why });
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(|source| HistoryError::Folder { place: place.to_owned(), source })?;
        let (store, root) = match folder(place) {
            Some(folder) => (local(place, folder)?, Path::default()),
            None => bucket(place)?,
        };
        Ok(Self { store, root, shown: place.to_owned(), runtime, _made: Made::default() })
    }

    /// As it was named.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// All files below a folder of the place, in the order of their names.
    pub(super) fn list(&self, below: &str) -> Result<Vec<String>, HistoryError> {
        let prefix = self.path(below);
        let listed = self.runtime.block_on(self.store.list(Some(&prefix)).try_collect::<Vec<_>>());
        let listed = listed.map_err(|error| self.unreadable(&error))?;
        let inside = |path: &Path| {
            let parts = path.prefix_match(&self.root)?;
            Some(parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/"))
        };
        let mut names: Vec<_> = listed.iter().filter_map(|object| inside(&object.location)).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Files whole, in the order in which they are named.
    pub(super) fn read(&self, names: &[String]) -> Result<Vec<Bytes>, HistoryError> {
        let read = |name: &String| {
            let (store, path, name) = (Arc::clone(&self.store), self.path(name), name.clone());
            async move {
                let read = async { store.get(&path).await?.bytes().await };
                read.await.map_err(|error| match error {
                    object_store::Error::NotFound { .. } => HistoryError::NotATable {
                        place: self.shown.clone(),
                        file: name,
                        why: "it is missing, and the scan that it belongs to is there".to_owned(),
                    },
                    error => self.unreadable(&error),
                })
            }
        };
        let all = stream::iter(names.iter().map(read)).buffered(AT_ONCE).try_collect();
        self.runtime.block_on(all)
    }

    /// Writes a file: whole, or not at all.
    pub(super) fn write(&self, name: &str, content: Vec<u8>) -> Result<(), HistoryError> {
        let written = self.runtime.block_on(self.store.put(&self.path(name), content.into()));
        let why = |error: object_store::Error| told(&error);
        written.map(drop).map_err(|error| HistoryError::Unwritable { place: self.shown.clone(), why: why(error) })
    }

    fn path(&self, name: &str) -> Path {
        name.split('/').filter(|part| !part.is_empty()).fold(self.root.clone(), Path::join)
    }

    fn unreadable(&self, error: &object_store::Error) -> HistoryError {
        HistoryError::Unreadable { place: self.shown.clone(), why: told(error) }
    }
}

/// The folder, if that is what is meant.
fn folder(place: &str) -> Option<&FilePath> {
    (!place.contains("://")).then(|| FilePath::new(place))
}

fn local(place: &str, folder: &FilePath) -> Result<Arc<dyn ObjectStore>, HistoryError> {
    let missing = |source| HistoryError::Folder { place: place.to_owned(), source };
    if !fs::metadata(folder).map_err(missing)?.is_dir() {
        return Err(missing(std::io::ErrorKind::NotADirectory.into()));
    }
    let store = LocalFileSystem::new_with_prefix(folder);
    let store = store.map_err(|error| HistoryError::NotAPlace { place: place.to_owned(), why: told(&error) })?;
    Ok(Arc::new(store))
}

fn bucket(place: &str) -> Result<(Arc<dyn ObjectStore>, Path), HistoryError> {
    let wrong = |why: String| HistoryError::NotAPlace { place: shown(place), why };
    let url = Url::parse(place).map_err(|error| wrong(error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        return Err(wrong("credentials and options belong in the environment, not in the URL".to_owned()));
    }
    let (scheme, root) = ObjectStoreScheme::parse(&url).map_err(|error| wrong(error.to_string()))?;
    if let Some(why) = wrong_variable(std::env::vars_os()) {
        return Err(wrong(why));
    }
    let retry = RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(30), ..RetryConfig::default() };
    let store: Result<Arc<dyn ObjectStore>, object_store::Error> = match scheme {
        ObjectStoreScheme::AmazonS3 => {
            AmazonS3Builder::from_env().with_url(place).with_retry(retry).build().map(|store| Arc::new(store) as _)
        }
        ObjectStoreScheme::GoogleCloudStorage => GoogleCloudStorageBuilder::from_env()
            .with_url(place)
            .with_retry(retry)
            .build()
            .map(|store| Arc::new(store) as _),
        ObjectStoreScheme::MicrosoftAzure => MicrosoftAzureBuilder::from_env()
            .with_url(place)
            .with_retry(retry)
            .build()
            .map(|store| Arc::new(store) as _),
        _ => return Err(wrong("neither a folder nor a bucket (s3://, gs://, az://)".to_owned())),
    };
    Ok((store.map_err(|error| wrong(told(&error)))?, root))
}

/// What is wrong with a variable by which a vendor's bucket is reached. `object_store` panics at some of it. Never shows
/// the value.
fn wrong_variable(variables: impl Iterator<Item = (OsString, OsString)>) -> Option<String> {
    let variables: Vec<_> = variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect();
    let allowed = |value: &OsString| value.to_str().is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let http = ["AWS_ALLOW_HTTP", "AZURE_ALLOW_HTTP", "GOOGLE_ALLOW_HTTP"];
    let http = variables.iter().any(|(name, value)| http.contains(&name.as_str()) && allowed(value));
    variables.iter().find_map(|(name, value)| {
        if !["AWS_", "AZURE_", "GOOGLE_"].iter().any(|vendor| name.starts_with(vendor)) {
            return None;
        }
        let Some(value) = value.to_str() else { return Some(format!("{name} is not UTF-8")) };
        if name.contains("ENDPOINT") && !name.starts_with("AZURE_MSI_") {
            let url = Url::parse(value).ok().filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"));
            return match url {
                None => Some(format!("{name} is no URL such as https://minio.example:9000")),
                Some(url) if !url.username().is_empty() || url.password().is_some() => {
                    Some(format!("{name} holds a credential; those have variables of their own"))
                }
                Some(url) if url.scheme() == "http" && !http => {
                    Some(format!("{name} speaks plain HTTP, which AWS_ALLOW_HTTP=true would allow"))
                }
                Some(_) => None,
            };
        }
        // Keys of Google are JSON, over several lines.
        let is_header = !name.starts_with("GOOGLE_") && value.contains(char::is_control);
        is_header.then(|| format!("{name} holds a line break or another control character"))
    })
}

/// A URL without what may be secret in it.
fn shown(place: &str) -> String {
    let Ok(mut url) = Url::parse(place) else { return place.to_owned() };
    _ = url.set_username("");
    _ = url.set_password(None);
    url.set_query(None);
    url.to_string()
}

/// What went wrong, to the last cause, without the query of a URL: it may hold a signature.
fn told(error: &dyn std::error::Error) -> String {
    static QUERY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(://[^\s?"']+)\?[^\s"')]*"#).ok());
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    // Which store of the library it is, nobody asks.
    let text = match text.strip_prefix("Generic ").and_then(|rest| rest.split_once(" error: ")) {
        Some((_, rest)) => rest,
        None => &text,
    };
    match &*QUERY {
        Some(query) => query.replace_all(text, "$1").into_owned(),
        None => text.to_owned(),
    }
}

fn make(folder: &FilePath) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_in_a_url_is_neither_taken_nor_shown() {
        for url in ["s3://key:hunter2@bucket/audit", "az://box/audit?sig=hunter2", "s3://hunter2@bucket"] {
            let error = Place::to_read(url).unwrap_err();
            assert!(matches!(error, HistoryError::NotAPlace { .. }), "{error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
            assert!(error.to_string().contains("environment"), "{error}");
        }
    }

    #[test]
    fn what_is_no_place_is_said_to_be_none() {
        for url in ["ftp://host/audit", "https://example.org/audit", "memory:///audit", "s3://"] {
            let error = Place::to_read(url).unwrap_err();
            assert!(matches!(error, HistoryError::NotAPlace { .. }), "{url}: {error}");
        }
        let missing = Place::to_read("no/such/folder").unwrap_err();
        assert!(matches!(missing, HistoryError::Folder { .. }), "{missing}");
    }

    #[test]
    fn a_file_is_written_whole_and_found_again_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("new/history");
        let place = Place::to_write(inner.to_str().unwrap()).unwrap();
        place.write("scans/organization=o/month=2026-11/b", b"two".to_vec()).unwrap();
        place.write("scans/organization=o/month=2026-11/b", b"new".to_vec()).unwrap();
        place.write("scans/organization=o/month=2026-11/a", b"one".to_vec()).unwrap();
        place.write("other/c", b"three".to_vec()).unwrap();
        let names = place.list("scans").unwrap();
        assert_eq!(names, ["scans/organization=o/month=2026-11/a", "scans/organization=o/month=2026-11/b"]);
        assert_eq!(place.read(&names).unwrap(), ["one", "new"]);
        assert_eq!(place.list("none").unwrap(), [""; 0]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&inner).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn a_folder_that_was_made_for_nothing_goes_again() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("history");
        drop(Place::to_write(inner.to_str().unwrap()).unwrap());
        assert!(!inner.exists());
        Place::to_write(inner.to_str().unwrap()).unwrap().write("a", Vec::new()).unwrap();
        assert!(inner.join("a").exists());
    }

    #[test]
    fn a_variable_that_is_wrong_is_named_and_not_shown() {
        let wrong = |name: &str, value: &str| wrong_variable([(name.into(), value.into())].into_iter());
        for (name, value) in [
            ("AWS_ENDPOINT", "localhost:9000"),
            ("AWS_ENDPOINT", ""),
            ("AWS_ENDPOINT_URL_S3", "https://"),
            ("AWS_ENDPOINT", "https://u:hunter2@host"),
            ("AWS_ENDPOINT", "http://host"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2\n"),
            ("AZURE_STORAGE_ENDPOINT", "banana"),
        ] {
            let why = wrong(name, value).unwrap_or_default();
            assert!(why.starts_with(name) && !why.contains("hunter2"), "{name}={value}: {why}");
        }
        for (name, value) in [
            ("AWS_ENDPOINT", "https://minio.example:9000"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2/+="),
            ("GOOGLE_SERVICE_ACCOUNT_KEY", "{\n}"),
            ("OTHER_ENDPOINT", "banana"),
        ] {
            assert_eq!(wrong(name, value), None, "{name}");
        }
        let both = [("AWS_ENDPOINT".into(), "http://host".into()), ("AWS_ALLOW_HTTP".into(), "true".into())];
        assert_eq!(wrong_variable(both.into_iter()), None);
    }

    #[test]
    fn the_signature_in_a_url_of_an_error_is_left_out() {
        let error = std::io::Error::other("GET https://box.example/a?sig=hunter2&x=1 (403)");
        assert_eq!(told(&error), "GET https://box.example/a (403)");
    }
}
