//! What a run came to, in a sentence that counts everything.

use std::fmt::Write;

use super::{About, Counts, Report};

impl Counts {
    /// `14 findings (1 critical, 5 high, 8 medium), 3 unknown, 118 passed, 40 not applicable`
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut sentence = match self.open_findings() {
            0 => "no findings".to_owned(),
            1 => "1 finding".to_owned(),
            count => format!("{count} findings"),
        };
        if !self.findings.is_empty() {
            let by_severity = self.findings.iter().filter(|(_, count)| **count > 0);
            let by_severity: Vec<_> = by_severity.map(|(severity, count)| format!("{count} {}", severity.0)).collect();
            _ = write!(sentence, " ({})", by_severity.join(", "));
        }
        let others = [
            (self.waived, "waived"),
            (self.unknown, "unknown"),
            (self.passed, "passed"),
            (self.attested, "attested"),
            (self.not_applicable, "not applicable"),
        ];
        for (count, what) in others {
            if count > 0 {
                _ = write!(sentence, ", {count} {what}");
            }
        }
        sentence
    }
}

impl About {
    /// `Northwind (5f1b…), 8 projects, as of 2026-11-22 10:00 UTC, from https://cloud.mongodb.com (service account)`
    #[must_use]
    pub fn sentence(&self) -> String {
        let organization = match &self.organization_name {
            Some(name) => format!("{name} ({})", self.organization),
            None => self.organization.clone(),
        };
        let projects = match self.projects {
            0 => "no projects".to_owned(),
            1 => "1 project".to_owned(),
            count => format!("{count} projects"),
        };
        let taken = self.taken.strftime("%Y-%m-%d %H:%M UTC");
        let mut sentence =
            format!("{organization}, {projects}, as of {taken}, from {} ({})", self.source, self.credential);
        if let Some(snapshot) = &self.snapshot {
            _ = write!(sentence, ", snapshot {}", snapshot.shown);
        }
        if let Some(configuration) = &self.configuration {
            _ = write!(sentence, ", by {configuration}");
        }
        sentence
    }
}

impl Report {
    /// What to say when there is no finding; nothing if there is one.
    #[must_use]
    pub fn all_clear(&self) -> Option<&'static str> {
        if self.counts.open_findings() > 0 {
            None
        } else if self.counts.waived > 0 {
            Some("Nothing is wrong that nobody waives.")
        } else if self.counts.unknown > 0 || !self.about.complete {
            Some("Nothing wrong in what could be read. What could not be read may still be.")
        } else if self.counts.passed + self.counts.attested == 0 {
            Some("There is nothing here that these rules could judge.")
        } else {
            Some("All clear: every rule that applies here passes.")
        }
    }
}
