//! How a snapshot lies in a file: JSON Lines, one resource a line, sorted by reference.
//!
//! ```text
//! {"ref":"","format":1,"tool":"atlas-audit 0.1.0","taken":"…",…}            the header
//! {"ref":"org/<id>","name":"Northwind"}                                    the organization
//! {"ref":"org/<id>/apiKeys","count":2}                                     a list that was read: how many follow
//! {"ref":"org/<id>/apiKeys/<id>","desc":"deploy",…}
//! {"ref":"org/<id>/project/<id>/auditLog","unavailable":{"reason":"forbidden",…}}
//! {"ref":"~","lines":4711,"complete":true}                                 the trailer
//! ```
//!
//! A section without a line was not fetched. Same state, same bytes, but for the header. The lines of a project stand together, so a
//! file is read project by project and memory does not grow with the organization.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::organization::Organization;
use super::project::{ListedProject, Listing, Project};
use super::reading::Reading;
use super::reference::{Ref, decoded};
use super::section::Section;
use super::tree::{self, Hole, Lines, ListHeading, Misplaced, Node, erased};

/// The version of the format that this program writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// The first line: when and with what access the snapshot was taken.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Version of the format.
    pub format: u32,
    /// Who wrote it: `atlas-audit 0.1.0`.
    pub tool: String,
    /// When, by Atlas's own clock. The *now* of every rule.
    #[schemars(with = "String")]
    pub taken: Timestamp,
    /// Where from, without a path: `https://cloud.mongodb.com`.
    pub source: String,
    /// What kind of credential: `service account` or `API key`.
    pub credential: String,
    /// The sections that were asked for.
    pub sections: Vec<Section>,
    /// The projects that were asked for, if not all.
    pub projects: Option<Vec<String>>,
}

/// The last line.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Trailer {
    /// How many lines stand before it.
    pub(crate) lines: u64,
    /// False if the run was interrupted.
    pub(crate) complete: bool,
}

pub(super) const TRAILER_REF: &str = "~";

/// What is wrong with a snapshot file.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file system says no.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file is empty.
    #[error("the file is empty")]
    Empty,
    /// The first line is no JSON object at all.
    #[error("line 1 is not JSON: {0}")]
    NotJson(serde_json::Error),
    /// JSON, but something else.
    #[error("line 1 is not the header of a snapshot: {0}")]
    NotASnapshot(serde_json::Error),
    /// Written by a newer program.
    #[error("it is of format {found}; this version reads up to {FORMAT}")]
    NewerFormat {
        /// What the header says.
        found: u32,
    },
    /// The trailer is missing or counts more lines than there are.
    #[error("it is cut off after line {line}")]
    CutOff {
        /// The last line that is there.
        line: u64,
    },
    /// There is more after the last line.
    #[error("line {line} follows the trailer, which is the last line of a snapshot")]
    AfterTrailer {
        /// Counted from one.
        line: u64,
    },
    /// A snapshot begins within another.
    #[error("line {line} is the header of another snapshot")]
    SecondHeader {
        /// Counted from one.
        line: u64,
    },
    /// A line that does not fit.
    #[error("line {line}: {why}")]
    Line {
        /// Counted from one.
        line: u64,
        /// Why. Not `source`: the message says it already.
        why: Misplaced,
    },
    /// A line without a reference.
    #[error("line {line}: no `ref`: {why}")]
    NoRef {
        /// Counted from one.
        line: u64,
        /// Why.
        why: serde_json::Error,
    },
    /// A line that is no text at all.
    #[error("line {line} is not UTF-8")]
    NotText {
        /// Counted from one.
        line: u64,
    },
    /// A line that stands after one that it sorts before.
    #[error("line {line}: `{at}` is out of order")]
    Unsorted {
        /// Counted from one.
        line: u64,
        /// Its reference.
        at: String,
    },
    /// A line of another organization.
    #[error("line {line}: `{at}` does not belong to the snapshot's organization")]
    Foreign {
        /// Counted from one.
        line: u64,
        /// Its reference.
        at: String,
    },
}

/// Writes a snapshot: organization first, then its projects in the order of their ids, then `finish`.
pub struct SnapshotWriter<W> {
    out: W,
    lines: u64,
    organization: Ref,
    after_projects: Buffer,
}

#[derive(Default)]
struct Buffer {
    lines: Vec<(Ref, Vec<u8>)>,
}

impl Lines for Buffer {
    fn line(&mut self, at: &Ref, record: &dyn erased::Record) -> io::Result<()> {
        self.lines.push((at.clone(), render(at, record)?));
        Ok(())
    }
}

/// `{"ref":"…",` and the record's own fields.
pub(super) fn render(at: &Ref, record: &dyn erased::Record) -> io::Result<Vec<u8>> {
    let mut line = Vec::with_capacity(256);
    line.extend_from_slice(b"{\"ref\":");
    serde_json::to_writer(&mut line, at)?;
    let fields = line.len();
    record.append_json(&mut line)?;
    // The record is an object: its opening brace becomes a comma, unless nothing is in it.
    if line[fields..] == *b"{}" {
        line.remove(fields);
    } else {
        line[fields] = b',';
    }
    line.push(b'\n');
    Ok(line)
}

impl<W: Write> SnapshotWriter<W> {
    /// Starts a snapshot of an organization with that many projects, or says why they are not known.
    pub fn start(out: W, header: &Header, organization: &Organization, projects: &Reading<usize>) -> io::Result<Self> {
        let at = organization.at();
        let mut writer = Self { out, lines: 0, organization: at.clone(), after_projects: Buffer::default() };
        writer.write(&render(&Ref::parsed(""), header)?)?;
        let mut buffer = Buffer::default();
        buffer.line(&at, organization)?;
        let heading = at.child("project");
        match projects {
            Reading::Known(count) => buffer.line(&heading, &ListHeading { count: *count })?,
            Reading::Unavailable(why) => buffer.line(&heading, &Hole { unavailable: why.clone() })?,
        }
        for (section, slot) in organization.slots() {
            slot.write(&at.child(section.slot()), &mut buffer)?;
        }
        buffer.lines.sort_by(|a, b| a.0.cmp(&b.0));
        for (line_ref, line) in buffer.lines {
            if line_ref <= heading {
                writer.write(&line)?;
            } else {
                writer.after_projects.lines.push((line_ref, line));
            }
        }
        Ok(writer)
    }

    /// The next project. Projects come in the order of their ids.
    pub fn project(&mut self, project: &Project) -> io::Result<()> {
        let at = self.organization.project(&project.id);
        let mut buffer = Buffer::default();
        buffer.line(&at, project)?;
        for (section, slot) in project.slots() {
            slot.write(&at.child(section.slot()), &mut buffer)?;
        }
        buffer.lines.sort_by(|a, b| a.0.cmp(&b.0));
        buffer.lines.iter().try_for_each(|(_, line)| self.write(line))
    }

    /// What sorts after the projects, and the trailer.
    pub fn finish(mut self, complete: bool) -> io::Result<W> {
        for (_, line) in std::mem::take(&mut self.after_projects).lines {
            self.write(&line)?;
        }
        let trailer = Trailer { lines: self.lines, complete };
        self.write(&render(&Ref::parsed(TRAILER_REF), &trailer)?)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        self.lines += 1;
        self.out.write_all(line)
    }
}

/// A snapshot file that has been looked through once: all but its projects is in memory.
#[derive(Debug)]
pub struct SnapshotFile {
    path: PathBuf,
    /// Its first line.
    pub header: Header,
    /// The organization.
    pub organization: Organization,
    /// How many projects it holds, or why it holds none.
    pub projects: Reading<usize>,
    /// Its projects without their sections.
    pub listed: Vec<ListedProject>,
    /// Whether the run that wrote it came to its end.
    pub complete: bool,
    project_prefix: String,
}

impl SnapshotFile {
    /// Reads the header, the organization and the trailer, and checks that nothing is cut off.
    pub fn open(path: &Path) -> Result<Self, SnapshotError> {
        let mut lines = NumberedLines::open(path)?;
        let first = lines.next()?.ok_or(SnapshotError::Empty)?.to_owned();
        let header = header(&first)?;
        let mut file = Self {
            path: path.to_owned(),
            header,
            organization: Organization::default(),
            projects: Reading::default(),
            listed: Vec::new(),
            complete: false,
            project_prefix: String::new(),
        };
        let mut trailer: Option<Trailer> = None;
        while let Some(line) = lines.next()? {
            if !file.project_prefix.is_empty()
                && let Some(rest) = line.strip_prefix(&file.project_prefix)
                && let Some((path, _)) = rest.split_once('"')
                && path.contains('/')
            {
                continue;
            }
            let line = line.to_owned();
            let number = lines.number;
            let at = reference_of(&line, number)?;
            if at == TRAILER_REF {
                trailer = Some(tree::parse(&line).map_err(|why| SnapshotError::Line { line: number, why })?);
                break;
            }
            if at.is_empty() {
                return Err(SnapshotError::SecondHeader { line: number });
            }
            file.organization_line(&at, &line, number)?;
        }
        let trailer = trailer.ok_or(SnapshotError::CutOff { line: lines.number })?;
        if trailer.lines + 1 != lines.number {
            return Err(SnapshotError::CutOff { line: lines.number });
        }
        if lines.next()?.is_some() {
            return Err(SnapshotError::AfterTrailer { line: lines.number });
        }
        file.complete = trailer.complete;
        Ok(file)
    }

    fn organization_line(&mut self, at: &str, line: &str, number: u64) -> Result<(), SnapshotError> {
        let fits = |result: Result<(), Misplaced>| result.map_err(|why| SnapshotError::Line { line: number, why });
        let foreign = || SnapshotError::Foreign { line: number, at: at.to_owned() };
        let mut path = at.split('/');
        if path.next() != Some("org") {
            return Err(foreign());
        }
        let id = path.next().ok_or_else(foreign)?;
        let rest: Vec<&str> = path.collect();
        if rest.is_empty() {
            if !self.organization.id.is_empty() {
                return Err(foreign());
            }
            self.organization = tree::parse(line).map_err(|why| SnapshotError::Line { line: number, why })?;
            self.organization.id = decoded(id).into_owned();
            self.project_prefix = format!("{{\"ref\":\"org/{id}/project/");
            return Ok(());
        }
        if decoded(id) != self.organization.id.as_str() {
            return Err(foreign());
        }
        match rest.as_slice() {
            ["project"] => fits(tree::heading(line).map(|projects| self.projects = projects)),
            ["project", id] => {
                let mut project: Project =
                    tree::parse(line).map_err(|why| SnapshotError::Line { line: number, why })?;
                project.id = decoded(id).into_owned();
                self.listed.push(project.listed());
                Ok(())
            }
            // What is below a project is read when the projects are streamed.
            ["project", ..] | [] => Ok(()),
            [segment, below @ ..] => {
                let slot = self.organization.slot_mut(segment);
                let slot = slot.ok_or_else(|| SnapshotError::Line {
                    line: number,
                    why: Misplaced::NoSuchPlace((*segment).to_owned()),
                })?;
                fits(slot.place(below, line))
            }
        }
    }

    /// Streams the projects, in the order of their ids.
    pub fn each_project<E: From<SnapshotError>>(
        &self,
        mut visit: impl FnMut(Project) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut lines = NumberedLines::open(&self.path).map_err(SnapshotError::from)?;
        let base = self.organization.at().child("project").to_string() + "/";
        let mut current: Option<Project> = None;
        lines.next()?;
        while lines.next()?.is_some() {
            let number = lines.number;
            let at = reference_of(lines.current(), number)?;
            let Some(path) = at.strip_prefix(&base) else { continue };
            let mut path = path.split('/');
            let id = decoded(path.next().unwrap_or_default()).into_owned();
            let rest: Vec<&str> = path.collect();
            let misplaced = |why| SnapshotError::Line { line: number, why };
            match rest.split_first() {
                None => {
                    let mut project: Project = tree::parse(lines.current()).map_err(misplaced)?;
                    project.id = id;
                    if let Some(done) = current.replace(project) {
                        visit(done)?;
                    }
                }
                Some((segment, below)) => {
                    let nowhere = || misplaced(Misplaced::NoSuchPlace((*segment).to_owned()));
                    let project = current.as_mut().filter(|project| project.id == id).ok_or_else(nowhere)?;
                    let slot = project.slot_mut(segment).ok_or_else(nowhere)?;
                    slot.place(below, lines.current()).map_err(misplaced)?;
                }
            }
        }
        current.map_or(Ok(()), visit)
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its projects, or why it holds none.
    pub fn listing(&self) -> Listing<'_> {
        self.projects.known().map(|_| self.listed.as_slice())
    }
}

fn header(line: &str) -> Result<Header, SnapshotError> {
    #[derive(Deserialize)]
    struct Version {
        format: u32,
    }
    // The version first: the header of a newer format may look otherwise.
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(line) {
        return Err(SnapshotError::NotJson(error));
    }
    let version: Version = serde_json::from_str(line).map_err(SnapshotError::NotASnapshot)?;
    if version.format > FORMAT {
        return Err(SnapshotError::NewerFormat { found: version.format });
    }
    serde_json::from_str(line).map_err(SnapshotError::NotASnapshot)
}

/// The reference of a line, without parsing the rest where the line is as this program writes it.
pub(super) fn reference_of(line: &str, number: u64) -> Result<String, SnapshotError> {
    #[derive(Deserialize)]
    struct Identity {
        r#ref: String,
    }
    if let Some(rest) = line.strip_prefix("{\"ref\":\"")
        && let Some((at, _)) = rest.split_once('"')
        && !at.contains('\\')
    {
        return Ok(at.to_owned());
    }
    serde_json::from_str::<Identity>(line)
        .map(|identity| identity.r#ref)
        .map_err(|why| SnapshotError::NoRef { line: number, why })
}

pub(super) struct NumberedLines {
    input: BufReader<File>,
    line: String,
    pub(super) number: u64,
}

impl NumberedLines {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self { input: BufReader::with_capacity(1 << 16, file), line: String::new(), number: 0 })
    }

    pub(super) fn next(&mut self) -> Result<Option<&str>, SnapshotError> {
        self.line.clear();
        match self.input.read_line(&mut self.line) {
            Ok(0) => Ok(None),
            Ok(_) => {
                self.number += 1;
                Ok(Some(self.line.trim_end()))
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(SnapshotError::NotText { line: self.number + 1 })
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn current(&self) -> &str {
        self.line.trim_end()
    }
}
