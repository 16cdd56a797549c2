//! What the formats for people say alike: counts, fields, gaps. Nothing is escaped here; who shows it does that.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::analysis::drift::{Change, Field, Gap, Kind, Missing, Risk, Side, Skip};
use crate::report::causes::general;

use super::{Became, DiffReport, Taken, VerdictChange, Word};

/// `1 project`, `3 projects`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// `2 new (1 critical, 1 high), 1 fixed`; what is nil is left out.
fn listed(parts: impl IntoIterator<Item = (usize, String)>) -> Option<String> {
    let parts: Vec<_> = parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

impl Became {
    /// For a heading.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::CameToLight => "came to light",
            Self::Worse => "worse",
            Self::OutOfSight => "out of sight",
            Self::NowUnknown => "now unknown",
            Self::Changed => "changed",
            Self::NowKnown => "no longer unknown",
            Self::Fixed => "fixed",
        }
    }

    /// What that means.
    pub(super) const fn meaning(self) -> &'static str {
        match self {
            Self::New => "found now, and not before",
            Self::CameToLight => "found where nothing could be judged before: nobody knows how old they are",
            Self::Worse => "found before too, at a lower severity",
            Self::OutOfSight => "found before, and may still be there: what would tell could not be read",
            Self::NowUnknown => "could be judged before, or is new, and cannot be judged now",
            Self::Changed => "found before too, and not quite the same",
            Self::NowKnown => "could not be judged before",
            Self::Fixed => "found before, and no longer",
        }
    }
}

impl Kind {
    /// As a sign before a name.
    pub(super) const fn sign(self) -> char {
        match self {
            Self::Added => '+',
            Self::Removed => '-',
            Self::Changed => '~',
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

impl DiffReport {
    /// `Northwind (5f1b…), 8 projects: 2026-10-01 10:00 UTC (october.jsonl) to 2026-11-01 10:00 UTC (november.jsonl)`
    pub(super) fn about_sentence(&self) -> String {
        let organization = match &self.about.organization_name {
            Some(name) => format!("{name} ({})", self.about.organization),
            None => self.about.organization.clone(),
        };
        let taken = |taken: &Taken| format!("{} ({})", taken.taken.strftime("%Y-%m-%d %H:%M UTC"), taken.shown);
        let projects = counted(self.projects, "project", "projects");
        format!("{organization}, {projects}, from {} to {}", taken(&self.old), taken(&self.new))
    }

    /// `5 changes (1 grave, 2 riskier, 1 neutral, 1 safer)`
    pub(super) fn configuration_sentence(&self) -> String {
        let telling: usize = self.drift.changes.iter().filter(|change| change.risk != Risk::Activity).count();
        let by_risk = Risk::ALL.into_iter().filter(|risk| *risk != Risk::Activity);
        let by_risk = listed(by_risk.map(|risk| {
            let count = self.drift.count(risk);
            (count, format!("{count} {}", risk.as_str()))
        }));
        match by_risk {
            None if self.drift.gaps.iter().any(|gap| gap.matters) || !self.skipped.is_empty() => {
                "no change in what could be compared".to_owned()
            }
            None => "no change".to_owned(),
            Some(by_risk) => format!("{} ({by_risk})", counted(telling, "change", "changes")),
        }
    }

    /// What happened by itself: `34 things happened by themselves in project.users (31), …`
    pub(super) fn activity_sentence(&self) -> Option<String> {
        let sum = |activity: &crate::analysis::drift::Activity| activity.added + activity.removed + activity.changed;
        let total: u64 = self.drift.activity.values().map(sum).sum();
        let mut sections: Vec<_> =
            self.drift.activity.iter().map(|(section, activity)| (sum(activity), section.name())).collect();
        sections.sort_by_key(|(count, name)| (std::cmp::Reverse(*count), *name));
        let shown: Vec<_> = sections.iter().take(4).map(|(count, name)| format!("{name} {count}")).collect();
        let more = if sections.len() > shown.len() { ", …" } else { "" };
        let times = if total == 1 { "difference".to_owned() } else { "differences".to_owned() };
        (total > 0).then(|| format!("{total} {times} of use, state and history: {}{more}", shown.join(", ")))
    }

    /// `2 new (1 critical, 1 high), 1 fixed, 80 unchanged`
    pub(super) fn verdicts_sentence(&self) -> String {
        let parts = Became::ALL.into_iter().map(|became| {
            let of: Vec<_> = self.verdicts.changes.iter().filter(|change| change.became == became).collect();
            let mut by_severity: BTreeMap<_, usize> = BTreeMap::new();
            for severity in of.iter().filter_map(|change| change.severity) {
                *by_severity.entry(std::cmp::Reverse(severity)).or_default() += 1;
            }
            let severities: Vec<_> =
                by_severity.iter().map(|(severity, count)| format!("{count} {}", severity.0)).collect();
            let severities =
                if severities.is_empty() { String::new() } else { format!(" ({})", severities.join(", ")) };
            (of.len(), format!("{} {}{severities}", of.len(), became.title()))
        });
        let rest = [(self.verdicts.unchanged, "unchanged"), (self.verdicts.still_unknown, "still unknown")];
        let rest = listed(rest.map(|(count, what)| (count, format!("{count} {what}"))));
        match (listed(parts), rest) {
            (Some(changed), Some(rest)) => format!("{changed}; {rest}"),
            (Some(changed), None) => changed,
            (None, Some(rest)) => format!("nothing new and nothing fixed; {rest}"),
            (None, None) => "nothing found, then or now".to_owned(),
        }
    }

    /// What a reader must know before the rest.
    pub(super) fn caveats(&self) -> Vec<String> {
        let mut told = Vec::new();
        for (side, taken) in [("old", &self.old), ("new", &self.new)] {
            if !taken.complete {
                told.push(format!("the reading of the {side} snapshot did not come to its end"));
            }
            if let Some(narrowed) = &taken.narrowed {
                told.push(format!("the {side} snapshot was narrowed to {}", narrowed.join(", ")));
            }
        }
        if self.old.tool != self.new.tool {
            told.push(format!(
                "written by {} and {}: a field that only one of them knows shows as a change",
                self.old.tool, self.new.tool
            ));
        }
        if self.old.credential != self.new.credential {
            told.push(format!(
                "read with {} and with {}",
                article(&self.old.credential),
                article(&self.new.credential)
            ));
        }
        told
    }

    /// Why something could not be compared, and where: each cause once.
    pub(super) fn gaps(&self) -> Vec<Cause> {
        let mut causes: BTreeMap<(u8, String), Vec<String>> = BTreeMap::new();
        for gap in self.drift.gaps.iter().filter(|gap| gap.matters || self.with_activity) {
            let resource = self.resource_at(&gap.at);
            let order = match gap.missing {
                Missing::Lost(_) => 0,
                Missing::Came(_) => 2,
                Missing::Still(_) => 3,
                Missing::Gained(_) => 4,
            };
            let place = crate::report::causes::of_section(&resource);
            causes.entry((order, gap_sentence(gap, resource.kind))).or_default().push(place);
        }
        for skipped in &self.skipped {
            let (here, there) = match skipped.missing {
                Side::Old => ("old", "new"),
                Side::New => ("new", "old"),
            };
            let why = match &skipped.why {
                Skip::Narrowed => format!("the {here} snapshot was narrowed to others, or to another name"),
                Skip::Interrupted => format!("the reading of the {here} snapshot did not come to its end"),
                Skip::Unlisted(why) => format!("the list of projects in the {here} snapshot: {why}"),
            };
            let name = skipped.project.name.clone().unwrap_or_else(|| skipped.project.id.clone());
            let sentence = format!("whole projects, in the {there} snapshot only: {why}");
            causes.entry((1, sentence)).or_default().push(name);
        }
        causes.into_iter().map(|((order, sentence), places)| Cause { lost: order <= 1, sentence, places }).collect()
    }
}

/// Why something could not be compared.
pub(super) struct Cause {
    /// Whether it was known before.
    pub(super) lost: bool,
    pub(super) sentence: String,
    /// Where: names of projects and the like.
    pub(super) places: Vec<String>,
}

impl Cause {
    /// `3 places: payments, shop, web`
    pub(super) fn places(&self, most: usize) -> String {
        let shown: Vec<_> = self.places.iter().take(most).map(String::as_str).collect();
        let shown = shown.join(", ");
        match (self.places.len(), self.places.len().saturating_sub(most)) {
            (1, _) => shown,
            (count, 0) => format!("{count} places: {shown}"),
            (count, more) => format!("{count} places: {shown}, and {more} more"),
        }
    }
}

/// `30 more differ by figures alone, such as an age`
pub(super) fn older(count: usize) -> Option<String> {
    let differ = if count == 1 { "differs" } else { "differ" };
    (count > 0).then(|| format!("{count} more {differ} by figures alone, such as an age"))
}

fn article(kind: &str) -> String {
    if kind.starts_with(['A', 'a']) { format!("an {kind}") } else { format!("a {kind}") }
}

fn gap_sentence(gap: &Gap, kind: &str) -> String {
    let why = general(&gap.missing.why().to_string(), &gap.at);
    match gap.missing {
        Missing::Lost(_) => format!("{kind}: known before, not now; {why}"),
        Missing::Gained(_) => format!("{kind}: known now, not before; {why}"),
        Missing::Still(_) => format!("{kind}: known neither before nor now; {why}"),
        Missing::Came(_) => format!("{kind}: new, and not known; {why}"),
    }
}

/// `roles: +ORG_OWNER, -ORG_MEMBER` or `enabled: true → false`
pub(super) fn field(field: &Field) -> String {
    let name = path(&field.pointer);
    match (&field.old, &field.new) {
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            let came = new.iter().filter(|entry| !old.contains(entry)).map(|entry| format!("+{}", value(entry)));
            let went = old.iter().filter(|entry| !new.contains(entry)).map(|entry| format!("-{}", value(entry)));
            let all: Vec<_> = came.chain(went).collect();
            if all.is_empty() {
                format!("{name}: another number of the same")
            } else {
                format!("{name}: {}", all.join(", "))
            }
        }
        (old, new) => {
            let side = |side: &Option<Value>| side.as_ref().map_or_else(|| "nothing".to_owned(), value);
            format!("{name}: {} → {}", side(old), side(new))
        }
    }
}

/// What a resource that came or went says of itself, but for what its place says already.
pub(super) fn fields_of_one(change: &Change, shown: &str) -> String {
    let name = change.at.name();
    let said = |text: &str| text == shown || text == name;
    let telling = change.fields.iter().filter_map(|(field, _)| {
        let its = field.new.as_ref().or(field.old.as_ref())?;
        let empty = match its {
            Value::Array(list) => list.is_empty(),
            Value::Object(object) => object.is_empty(),
            Value::String(text) => text.is_empty() || said(text),
            _ => false,
        };
        (!empty).then(|| format!("{}: {}", path(&field.pointer), value(its)))
    });
    telling.collect::<Vec<_>>().join(", ")
}

/// `/a/0/b` as `a[0].b`
pub(super) fn path(pointer: &str) -> String {
    let mut path = String::new();
    for segment in pointer.split('/').skip(1) {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        if !path.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit()) {
            _ = write!(path, "[{segment}]");
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&segment);
        }
    }
    path
}

/// A text as it is, anything else as JSON.
fn value(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What there is to say of a verdict beside its message.
pub(super) fn remark(change: &VerdictChange) -> Option<String> {
    let waived = change.waived.as_ref().map(|(owner, until)| format!("waived by {owner} until {until}"));
    let told: Vec<_> = waived.into_iter().chain(became(change)).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// What it was, or is instead.
fn became(change: &VerdictChange) -> Option<String> {
    if let Some((severity, message)) = &change.before {
        let milder = change.severity.filter(|now| now != severity).map(|_| format!("was {severity}"));
        let said = (*message != change.message).then(|| format!("before: {message}"));
        let both: Vec<_> = milder.into_iter().chain(said).collect();
        return (!both.is_empty()).then(|| both.join("; "));
    }
    let word = change.otherwise?;
    Some(match (change.became, word) {
        (Became::NowUnknown, Word::Fail) => "it failed before".to_owned(),
        (Became::NowUnknown, Word::Pass) => "it passed before".to_owned(),
        (Became::NowUnknown, Word::Attested) => "it was attested before".to_owned(),
        (Became::NowUnknown, Word::NotApplicable) => "it was not applicable before".to_owned(),
        (Became::NowUnknown, Word::None) => "it was not there before".to_owned(),
        (_, Word::Fail) if change.became == Became::Fixed => "the rule still finds something else there".to_owned(),
        (_, Word::Fail) => "it fails: see what came to light".to_owned(),
        (_, Word::Pass) => "it passes".to_owned(),
        (_, Word::Attested) => "somebody attests it".to_owned(),
        (_, Word::NotApplicable) => "there is nothing to judge any more".to_owned(),
        (_, Word::None) => "it is gone".to_owned(),
    })
}
