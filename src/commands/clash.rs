//! Files that a run reads and files that it writes: none may be both, and no two outputs may be one file.

use std::path::{Path, PathBuf};

use crate::cli::SourceArgs;
use crate::config::Config;
use crate::error::Error;

use super::output::{Way, folder_of};

/// Refuses an output that would replace what is read.
pub(super) fn refuse<'o, 'i>(
    outputs: impl IntoIterator<Item = &'o Path>,
    inputs: impl IntoIterator<Item = &'i Path>,
) -> Result<(), Error> {
    let inputs: Vec<PathBuf> = inputs.into_iter().filter_map(replaced).collect();
    let hit = outputs.into_iter().find(|output| replaced(output).is_some_and(|output| inputs.contains(&output)));
    hit.map_or(Ok(()), |output| Err(Error::WrittenOverInput { path: output.to_owned() }))
}

/// Refuses two outputs that are one file.
pub(super) fn twice<'p>(outputs: impl IntoIterator<Item = &'p Path>) -> Result<(), Error> {
    let mut seen = Vec::new();
    for output in outputs {
        let Some(file) = replaced(output) else { continue };
        if seen.contains(&file) {
            return Err(Error::TwoReportsInOneFile { path: output.to_owned() });
        }
        seen.push(file);
    }
    Ok(())
}

/// The files that a command reads that looks at something by a configuration.
pub(super) fn read_by<'p>(source: &'p SourceArgs, config: &'p Config) -> impl Iterator<Item = &'p Path> {
    source.snapshot.as_deref().into_iter().chain(config.file.as_deref().map(Path::new))
}

/// The file that would be replaced, however it is spelled; none where nothing is.
fn replaced(path: &Path) -> Option<PathBuf> {
    let Ok(Way::Over(path)) = Way::to(path) else { return None };
    if let Ok(whole) = std::fs::canonicalize(&path) {
        return Some(whole);
    }
    Some(std::fs::canonicalize(folder_of(&path)).ok()?.join(path.file_name()?))
}
