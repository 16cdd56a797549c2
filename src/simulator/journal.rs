//! What was asked: for tests, in memory; for people, a file with one JSON line per request.

use std::fs::File;
use std::io::{LineWriter, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::error::Error;

/// One request. Neither headers with credentials nor bodies are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Request {
    /// Milliseconds since the simulator started.
    pub at: u64,
    /// `GET`, mostly.
    pub method: String,
    /// As sent, with `/api/atlas/v2`.
    pub path: String,
    /// As sent, without the question mark.
    pub query: String,
    /// The `Accept` header.
    pub accept: Option<String>,
    /// The scheme of the `Authorization` header.
    pub scheme: Option<String>,
    /// What was answered; `None` if nothing ever was.
    pub status: Option<u16>,
}

/// Where requests are noted.
#[derive(Debug)]
pub(super) struct Journal {
    kept: Option<Mutex<Vec<Request>>>,
    file: Option<Mutex<LineWriter<File>>>,
}

impl Journal {
    pub(super) fn new(keep: bool, path: Option<&Path>) -> Result<Self, Error> {
        let file = path
            .map(|path| File::create(path).map_err(|source| Error::Journal { path: path.to_owned(), source }))
            .transpose()?;
        Ok(Self { kept: keep.then(Mutex::default), file: file.map(|file| Mutex::new(LineWriter::new(file))) })
    }

    pub(super) fn is_on(&self) -> bool {
        self.kept.is_some() || self.file.is_some()
    }

    pub(super) fn note(&self, request: Request) {
        if let Some(file) = &self.file {
            let line = serde_json::to_string(&request).expect("strings and numbers serialize");
            // A full disk must not change what the simulator answers.
            let _ = writeln!(file.lock().unwrap_or_else(PoisonError::into_inner), "{line}");
        }
        if let Some(kept) = &self.kept {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        }
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.kept.as_ref().map(|kept| kept.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap_or_default()
    }
}
