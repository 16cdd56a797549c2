//! The earlier run that a scan is held against: a JSON report, or a snapshot that is judged now by the same rules.

use std::io::Read as _;
use std::path::Path;

use crate::cli::ScopeArgs;
use crate::config::Config;
use crate::engine::Catalogue;
use crate::engine::catalogue::SelectedRule;
use crate::error::Error;
use crate::report::json::saved;
use crate::report::{Baseline, Report};

use super::judging::Judging;
use super::source;

/// Reads it, and judges it if it is a snapshot. What is waived now was known then.
pub(super) fn read(
    path: &Path,
    scope: &ScopeArgs,
    rules: &[SelectedRule],
    config: &Config,
    catalogue: &'static Catalogue,
) -> Result<Baseline, Error> {
    let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
    let shown = path.display().to_string();
    let mut start = Vec::new();
    std::fs::File::open(path).map_err(unreadable)?.take(1 << 10).read_to_end(&mut start).map_err(unreadable)?;
    // A snapshot's first line is its header.
    if start.starts_with(b"{\"ref\":") {
        return std::thread::scope(|threads| {
            let mut judging = Judging::by(rules, &config.declared).on_threads(threads);
            let read = source::snapshot(path, None, scope, &mut |event| judging.on(event))?;
            let outcomes = judging.outcomes(&read, true);
            Ok(Baseline::of(&Report::new(read.about(None, config), rules, outcomes), shown))
        });
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let wrong = |why: saved::NotAReport| Error::NotABaseline { path: path.to_owned(), why: why.to_string() };
    let text =
        String::from_utf8(bytes).map_err(|_| wrong(saved::NotAReport::Json("it is no text in UTF-8".to_owned())))?;
    let scope_of = |rule: &str| catalogue.find(rule).ok().map(|entry| entry.rule.scope);
    saved::baseline(&text, shown, scope_of).map_err(wrong)
}
