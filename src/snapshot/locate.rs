//! Where a resource stands in a snapshot file: line and length, for reports that point there.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use super::reference::Ref;
use super::store::{NumberedLines, SnapshotError, reference_of};

/// A line of a snapshot file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Counted from one.
    pub number: u64,
    /// Its length in UTF-16 code units, which is how SARIF counts columns.
    pub units: usize,
}

/// Looks the resources up in one pass over the file.
///
/// A resource without a line of its own stands at its nearest ancestor's, at the header's if need be.
pub fn lines(path: &Path, wanted: impl IntoIterator<Item = Ref>) -> Result<BTreeMap<Ref, Line>, SnapshotError> {
    let wanted: BTreeSet<Ref> = wanted.into_iter().collect();
    let mut places: HashMap<&str, Option<Line>> =
        wanted.iter().flat_map(|at| ancestry(at.as_str())).map(|at| (at, None)).collect();
    let mut file = NumberedLines::open(path)?;
    let mut header = None;
    while file.next()?.is_some() {
        let line = || Line { number: file.number, units: file.current().encode_utf16().count() };
        header.get_or_insert_with(line);
        let at = reference_of(file.current(), file.number)?;
        if let Some(place) = places.get_mut(at.as_str()) {
            place.get_or_insert_with(line);
        }
    }
    let header = header.ok_or(SnapshotError::Empty)?;
    let place = |at: &Ref| ancestry(at.as_str()).find_map(|at| places[at]).unwrap_or(header);
    Ok(wanted.iter().map(|at| (at.clone(), place(at))).collect())
}

/// The reference itself, then what it stands below, upwards.
fn ancestry(at: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(at), |at| at.rsplit_once('/').map(|(above, _)| above))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_resource_stands_at_its_line_or_at_its_nearest_ancestors() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let lines_of_file = [
            r#"{"ref":"","format":1}"#,
            r#"{"ref":"org/o","name":"😀"}"#,
            r#"{"ref":"org/o/project/p","name":"payments"}"#,
            r#"{"ref":"org/o/project/p/accessList","count":1}"#,
            r#"{ "ref": "org/o/project/p/accessList/0.0.0.0%2F0", "comment": "oddly spaced" }"#,
            r#"{"ref":"org/o/project/p-q","name":"no child of p"}"#,
        ];
        write!(file, "{}\r\n", lines_of_file.join("\n")).unwrap();
        let expected = [
            ("org/o", 2),
            ("org/o/project/p/accessList", 4),
            ("org/o/project/p/accessList/0.0.0.0%2F0", 5),
            ("org/o/project/p/accessList/gone", 4),
            ("org/o/project/p/clusters/c/processArgs", 3),
            ("org/o/project/none", 2),
            ("org/other", 1),
        ];
        let refs: Vec<Ref> = expected.iter().map(|(at, _)| Ref::parsed(at)).collect();
        let found = lines(file.path(), refs.clone()).unwrap();
        for (at, (_, number)) in refs.iter().zip(expected) {
            let units = lines_of_file[usize::try_from(number).unwrap() - 1].encode_utf16().count();
            assert_eq!(found[at], Line { number, units }, "{at}");
        }
        // The emoji is one character, four bytes, and two of SARIF's columns.
        assert_eq!(found[&refs[0]].units, lines_of_file[1].chars().count() + 1);
    }
}
