//! Users of one project whose stream processors act on the clusters of another: told with the other, where nobody would
//! look for them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::analysis::privileges::{Overview, User};
use crate::snapshot::Project;

use super::access::said;
use super::shown;

/// Ways into one project.
const MOST_WAYS: usize = 60;
/// Ways that are kept, of all projects together.
const MOST_OF_ALL: usize = 20_000;

/// Ways into projects, by their ids.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    into: BTreeMap<String, Ways>,
    kept: usize,
}

/// Ways into one project from others.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Ways {
    /// How many there are.
    all: usize,
    kept: Vec<String>,
}

impl Elsewhere {
    /// Takes down where a user's stream processors lead.
    pub(super) fn note(&mut self, project: &Project, user: &User<'_>, overview: &Overview<'_>) {
        for way in &overview.indirect {
            let Some(target) = way.via.as_ref().and_then(|via| via.project) else { continue };
            let ways = self.into.entry(target.to_owned()).or_default();
            ways.all += 1;
            if ways.kept.len() < MOST_WAYS && self.kept < MOST_OF_ALL {
                let from = project.name.as_deref().unwrap_or(&project.id);
                ways.kept.push(shown(&format!("{} of {from}: {}", user.key(), said(way))).into_owned());
                self.kept += 1;
            }
        }
    }

    /// The ways into a project; only once.
    pub(super) fn take(&mut self, project: &str) -> Ways {
        self.into.remove(project).unwrap_or_default()
    }
}
