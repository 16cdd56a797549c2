//! Where reports and snapshots go. A file is written beside its place and renamed, so that what is already there
//! is lost only to something whole. Devices and pipes are written into.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Error;
use crate::report::{RenderError, Style};

use super::clash;

/// Links that lead to links: as many as Linux follows.
const MOST_LINKS: usize = 40;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// As the user's umask says.
    Usual,
    /// The user alone: mode 0600.
    OwnerOnly,
}

/// How a path is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// By a file that is renamed to this one, which no link hides.
    Over(PathBuf),
    /// Straight: a device, a pipe, what is open already. Replaced, it would be gone.
    Into(PathBuf),
}

impl Way {
    pub(super) fn to(path: &Path) -> io::Result<Self> {
        match std::fs::metadata(path) {
            Ok(there) if there.is_dir() => return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")),
            Ok(there) if !there.is_file() => return Ok(Self::Into(path.to_owned())),
            Ok(_) => {}
            // Nothing yet, or a link to nothing yet.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut at = path.to_owned();
        for _ in 0..MOST_LINKS {
            if is_open_already(&at) {
                return Ok(Self::Into(path.to_owned()));
            }
            let Ok(to) = std::fs::read_link(&at) else { break };
            at = folder_of(&at).join(to);
        }
        Ok(Self::Over(at))
    }
}

/// Whether it is `/dev/stdout` or the like, which may be a file.
fn is_open_already(path: &Path) -> bool {
    let folder = std::fs::canonicalize(folder_of(path)).unwrap_or_default();
    folder.starts_with("/proc") || folder == Path::new("/dev/fd")
}

/// The folder that a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A file that is being written and does not exist yet.
pub(crate) struct Pending {
    path: PathBuf,
    file: BufWriter<Target>,
}

enum Target {
    Straight(File),
    Beside { file: NamedTempFile, to: PathBuf },
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Straight(file) => file.write(bytes),
            Self::Beside { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Straight(file) => file.flush(),
            Self::Beside { file, .. } => file.flush(),
        }
    }
}

impl Pending {
    /// Starts a file. Fails at once where it could not be written, before any work is done for it.
    pub(crate) fn create(path: &Path, readers: Readers) -> Result<Self, Error> {
        let unwritable = |source: io::Error| Error::Output { path: path.to_owned(), source };
        let target = match Way::to(path).map_err(unwritable)? {
            // What is open already may have been written to before.
            Way::Into(path) => Target::Straight(OpenOptions::new().append(true).open(path).map_err(unwritable)?),
            Way::Over(to) => {
                let folder = folder_of(&to);
                std::fs::metadata(folder).map_err(unwritable)?;
                let mut builder = tempfile::Builder::new();
                usual_mode(builder.prefix(".atlas-audit-"), readers);
                // Only the kind of the error: the name of a temporary file tells nobody anything.
                let file = builder.tempfile_in(folder).map_err(|error| unwritable(error.kind().into()))?;
                Target::Beside { file, to }
            }
        };
        Ok(Self { path: path.to_owned(), file: BufWriter::with_capacity(1 << 16, target) })
    }

    /// Puts the whole file in its place.
    pub(crate) fn finish(self) -> Result<PathBuf, Error> {
        self.put(Path::to_path_buf).map(|(asked, _)| asked)
    }

    /// Puts a file that ends early in its place, or beside what is there already: where, if that is elsewhere.
    fn finish_part(self) -> Result<(PathBuf, Option<PathBuf>), Error> {
        let aside = |to: &Path| {
            if !to.exists() {
                return to.to_owned();
            }
            let mut name = OsString::from(to);
            name.push(".partial");
            PathBuf::from(name)
        };
        self.put(aside)
    }

    fn put(self, place: impl FnOnce(&Path) -> PathBuf) -> Result<(PathBuf, Option<PathBuf>), Error> {
        let path = self.path;
        let unwritable = |source: io::Error| Error::Output { path: path.clone(), source };
        match self.file.into_inner().map_err(|error| unwritable(error.into_error()))? {
            Target::Straight(mut file) => file.flush().map_err(unwritable).map(|()| (path, None)),
            Target::Beside { file, to } => {
                let place = place(&to);
                file.persist(&place).map_err(|error| unwritable(error.error))?;
                let elsewhere = (place != to).then_some(place);
                Ok((path, elsewhere))
            }
        }
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

/// A temporary file has mode 0600, unless it is to be what a file created in the ordinary way would be: 0666 less the
/// umask, which the system takes off by itself.
#[cfg(unix)]
fn usual_mode(builder: &mut tempfile::Builder<'_, '_>, readers: Readers) {
    use std::os::unix::fs::PermissionsExt;
    if readers == Readers::Usual {
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
}

#[cfg(not(unix))]
fn usual_mode(_: &mut tempfile::Builder<'_, '_>, _: Readers) {}

/// A run that somebody stopped, and where what it has lies.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interruption {
    files: Vec<(PathBuf, Option<PathBuf>)>,
}

impl Interruption {
    /// Keeps what a file holds so far, never in the place of one that was there before. Tells where.
    pub(super) fn keep(&mut self, file: Pending) -> Result<PathBuf, Error> {
        let (asked, elsewhere) = file.finish_part()?;
        let at = elsewhere.clone().unwrap_or_else(|| asked.clone());
        self.files.push((asked, elsewhere));
        Ok(at)
    }

    /// The line that says so.
    pub(super) fn tell(&self) {
        let mut line = "interrupted: what was not read by then is unknown".to_owned();
        for (asked, elsewhere) in &self.files {
            let told = match elsewhere {
                Some(at) => format!("; {} is as it was, and {} holds what there is", asked.display(), at.display()),
                None => format!("; {} holds what there is", asked.display()),
            };
            line.push_str(&told);
        }
        anstream::eprintln!("{line}");
    }
}

/// Where one page of a command goes: a file that is started before any work is done, else stdout.
pub(crate) struct Page(Option<Pending>);

impl Page {
    pub(crate) fn to(path: Option<&Path>) -> Result<Self, Error> {
        path.map(|path| Pending::create(path, Readers::Usual)).transpose().map(Self)
    }

    /// The same, for a command that reads files itself: none of them may be the one that is written.
    pub(super) fn apart<'p>(path: Option<&Path>, read: impl IntoIterator<Item = &'p Path>) -> Result<Self, Error> {
        clash::refuse(path, read)?;
        Self::to(path)
    }

    /// Writes it: plain into a file, with colours and the width of the terminal to stdout.
    pub(crate) fn write(self, write: impl FnOnce(&mut dyn Write, &Style) -> io::Result<()>) -> Result<(), Error> {
        self.write_unless(None, write)
    }

    /// The same, or as far as a run came that was interrupted, which is told.
    pub(super) fn write_unless(
        self,
        interrupted: Option<Interruption>,
        write: impl FnOnce(&mut dyn Write, &Style) -> io::Result<()>,
    ) -> Result<(), Error> {
        let file = match self.0 {
            None => {
                to_stdout(|out| Ok(write(out, &Style::of_stdout())?))?;
                None
            }
            Some(mut file) => {
                write(&mut file, &Style::plain())
                    .map_err(|source| Error::Output { path: file.path.clone(), source })?;
                Some(file)
            }
        };
        match (interrupted, file) {
            (None, None) => {}
            (None, Some(file)) => drop(file.finish()?),
            (Some(mut interrupted), file) => {
                if let Some(file) = file {
                    interrupted.keep(file)?;
                }
                interrupted.tell();
            }
        }
        Ok(())
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
