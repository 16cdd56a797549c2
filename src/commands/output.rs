//! Where reports and snapshots go. A file is written beside its place and renamed, so that what is already there
//! is lost only to something whole.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Error;
use crate::report::{RenderError, Style};

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// As the user's umask says.
    Usual,
    /// The user alone: mode 0600.
    OwnerOnly,
}

/// A file that is being written and does not exist yet.
pub(crate) struct Pending {
    path: PathBuf,
    readers: Readers,
    file: BufWriter<NamedTempFile>,
}

impl Pending {
    /// Starts a file. Fails at once where it could not be written, before any work is done for it.
    pub(crate) fn create(path: &Path, readers: Readers) -> Result<Self, Error> {
        let unwritable = |source: io::Error| Error::Output { path: path.to_owned(), source };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if path.is_dir() {
            return Err(unwritable(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")));
        }
        std::fs::metadata(folder).map_err(unwritable)?;
        // A temporary file has mode 0600 from its first byte on.
        let file = tempfile::Builder::new().prefix(".atlas-audit-").tempfile_in(folder);
        // Only the kind of the error: the name of a temporary file tells nobody anything.
        let file = file.map_err(|error| unwritable(error.kind().into()))?;
        Ok(Self { path: path.to_owned(), readers, file: BufWriter::with_capacity(1 << 16, file) })
    }

    /// Puts the whole file in its place.
    pub(crate) fn finish(self) -> Result<PathBuf, Error> {
        let path = self.path;
        let unwritable = |source: io::Error| Error::Output { path: path.clone(), source };
        let file = self.file.into_inner().map_err(|error| unwritable(error.into_error()))?;
        if self.readers == Readers::Usual {
            usual_mode(file.as_file()).map_err(unwritable)?;
        }
        file.persist(&path).map_err(|error| unwritable(error.error))?;
        Ok(path)
    }
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// What a file created in the ordinary way would have: 0666 less the umask.
#[cfg(unix)]
fn usual_mode(file: &File) -> io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    // The umask can only be read by setting it, which is not safe among threads: let the system apply it.
    let probe = tempfile::tempdir()?;
    let probe = probe.path().join("mode");
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o666).open(&probe)?;
    let mode = std::fs::metadata(&probe)?.permissions().mode();
    file.set_permissions(std::fs::Permissions::from_mode(mode & 0o777))
}

#[cfg(not(unix))]
fn usual_mode(_: &File) -> io::Result<()> {
    Ok(())
}

/// Where one page of a command goes: a file that is started before any work is done, else stdout.
pub(crate) struct Page(Option<Pending>);

impl Page {
    pub(crate) fn to(path: Option<&Path>) -> Result<Self, Error> {
        path.map(|path| Pending::create(path, Readers::Usual)).transpose().map(Self)
    }

    /// Writes it: plain into a file, with colours and the width of the terminal to stdout.
    pub(crate) fn write(self, write: impl FnOnce(&mut dyn Write, &Style) -> io::Result<()>) -> Result<(), Error> {
        let Some(mut file) = self.0 else {
            return to_stdout(|out| Ok(write(out, &Style::of_stdout())?));
        };
        write(&mut file, &Style::plain()).map_err(|source| Error::Output { path: file.path.clone(), source })?;
        file.finish().map(drop)
    }
}

/// Writes to stdout. A closed pipe (`| head`) is how readers say that they have seen enough.
pub(crate) fn to_stdout(write: impl FnOnce(&mut dyn Write) -> Result<(), RenderError>) -> Result<(), Error> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match write(&mut out).and_then(|()| Ok(out.flush()?)) {
        Err(RenderError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| Error::rendering(error, PathBuf::from("stdout"))),
    }
}
