//! Which projects: ids, names and patterns, as typed.

use globset::{GlobBuilder, GlobMatcher};

use crate::cli::ScopeArgs;
use crate::error::Error;
use crate::snapshot::ListedProject;

/// What `--project` and `--exclude-project` leave.
pub(crate) struct ProjectSelection {
    wanted: Vec<Pattern>,
    unwanted: Vec<Pattern>,
}

struct Pattern {
    text: String,
    glob: GlobMatcher,
}

impl Pattern {
    fn matches(&self, id: &str, name: Option<&str>) -> bool {
        let name = name.unwrap_or_default();
        id == self.text || name == self.text || self.glob.is_match(name)
    }
}

fn patterns(texts: &[String]) -> Result<Vec<Pattern>, Error> {
    let compile = |text: &String| {
        let glob = GlobBuilder::new(text)
            .literal_separator(false)
            .build()
            .map_err(|error| Error::BadPattern { pattern: text.clone(), why: error.kind().to_string() })?;
        Ok(Pattern { text: text.clone(), glob: glob.compile_matcher() })
    };
    texts.iter().map(compile).collect()
}

impl ProjectSelection {
    pub(crate) fn of(scope: &ScopeArgs) -> Result<Self, Error> {
        Ok(Self { wanted: patterns(&scope.project)?, unwanted: patterns(&scope.exclude_project)? })
    }

    /// Whether everything is wanted.
    pub(crate) fn is_all(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty()
    }

    /// As typed, for the header of a snapshot.
    pub(crate) fn as_typed(&self) -> Option<Vec<String>> {
        (!self.is_all()).then(|| {
            let without = self.unwanted.iter().map(|pattern| format!("!{}", pattern.text));
            self.wanted.iter().map(|pattern| pattern.text.clone()).chain(without).collect()
        })
    }

    pub(crate) fn keeps(&self, id: &str, name: Option<&str>) -> bool {
        (self.wanted.is_empty() || self.wanted.iter().any(|pattern| pattern.matches(id, name)))
            && !self.unwanted.iter().any(|pattern| pattern.matches(id, name))
    }

    /// A project that was asked for and is not there is an error, not an empty report.
    pub(crate) fn check(&self, projects: &[ListedProject]) -> Result<(), Error> {
        for pattern in &self.wanted {
            if projects.iter().any(|project| pattern.matches(&project.id, project.name.as_deref())) {
                continue;
            }
            let names = projects.iter().filter_map(|project| project.name.clone());
            let nearest = names
                .map(|name| (strsim::jaro_winkler(&pattern.text.to_lowercase(), &name.to_lowercase()), name))
                .filter(|(likeness, _)| *likeness > 0.7)
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, name)| name);
            return Err(Error::NoSuchProject { asked: pattern.text.clone(), nearest });
        }
        Ok(())
    }
}
