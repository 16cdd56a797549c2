//! The identity of a resource: `org/<id>/project/<id>/accessList/203.0.113.0%2F28`.
//!
//! It stands at the start of a resource's line in a snapshot, orders the lines, and is what findings, waivers
//! and fingerprints refer to. Segments are percent-encoded, so that a name may hold anything.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything but what RFC 3986 calls unreserved, and `@`, which many user names hold.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// Path of a resource within its organization. Cheap to clone: every verdict on a resource holds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Ref(Arc<str>);

impl Ref {
    /// The organization itself.
    #[must_use]
    pub fn organization(id: &str) -> Self {
        Self("org".into()).child(id)
    }

    /// A project of the organization that `self` is.
    #[must_use]
    pub fn project(&self, id: &str) -> Self {
        self.child("project").child(id)
    }

    /// One segment further down; `name` is encoded here.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        let name = encoded(name);
        let mut path = String::with_capacity(self.0.len() + 1 + name.len());
        path.push_str(&self.0);
        path.push('/');
        path.push_str(&name);
        Self(path.into())
    }

    /// Taken from a snapshot, where it stands encoded.
    #[must_use]
    pub fn parsed(text: &str) -> Self {
        Self(text.into())
    }

    /// As it stands in a snapshot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The decoded last segment: the resource's own name or id.
    #[must_use]
    pub fn name(&self) -> String {
        decoded(self.0.rsplit('/').next().unwrap_or_default()).into_owned()
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) fn encoded(segment: &str) -> Cow<'_, str> {
    utf8_percent_encode(segment, ENCODED).into()
}

pub(crate) fn decoded(segment: &str) -> Cow<'_, str> {
    percent_decode_str(segment).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_name_survives_its_reference(name in "\\PC*") {
            let at = Ref::organization("1").child("clusters").child(&name);
            prop_assert_eq!(at.name(), name);
            prop_assert_eq!(at.as_str().matches('/').count(), 3);
            prop_assert!(!at.as_str().contains(['"', '\\']));
        }
    }
}
