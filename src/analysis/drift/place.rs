//! What a reference names: the section that it belongs to, and what stands above it.

use crate::snapshot::Section;

/// Whether a reference names a section as a whole, and not a resource in one.
pub(super) fn is_section(at: &str) -> bool {
    // `org/<id>`, then slot and key in turn.
    at.matches('/').count().is_multiple_of(2)
}

/// What it stands in: the section of a resource, the owner of a section. Nothing for the organization itself.
pub(super) fn above(at: &str) -> Option<&str> {
    let (above, _) = at.rsplit_once('/')?;
    (above != "org").then_some(above)
}

/// The id of the project that it belongs to, or is; still encoded.
pub(super) fn project(at: &str) -> Option<&str> {
    let mut segments = at.split('/').skip(2);
    (segments.next() == Some("project")).then(|| segments.next()).flatten()
}

/// The section that it names, or that the resource stands in; nothing for the organization itself.
pub(super) fn section(at: &str) -> Option<Section> {
    let mut owner = "organization";
    let mut section = None;
    for (depth, segment) in at.split('/').skip(2).enumerate() {
        if !depth.is_multiple_of(2) {
            owner = section.and_then(Section::lists).unwrap_or_default();
        } else if depth == 0 && segment == "project" {
            section = Some(Section::Projects);
        } else {
            section = Section::below(owner, segment);
        }
    }
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_tells_where_it_belongs() {
        for (at, is, its, owner) in [
            ("org/o", None, false, None),
            ("org/o/project", Some(Section::Projects), true, None),
            ("org/o/project/p", Some(Section::Projects), false, Some("p")),
            ("org/o/project/p/accessList/10.0.0.0%2F8", Some(Section::AccessList), false, Some("p")),
            ("org/o/project/p/clusters/c/processArgs", Some(Section::ProcessArgs), true, Some("p")),
            ("org/o/serviceAccounts/s/accessList/1", Some(Section::ServiceAccountAccessList), false, None),
        ] {
            assert_eq!((section(at), is_section(at), project(at)), (is, its, owner), "{at}");
        }
        assert_eq!(above("org/o"), None);
        assert_eq!(above("org/o/teams"), Some("org/o"));
    }
}
