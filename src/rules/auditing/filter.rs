//! Which of the events that matter an audit filter loses.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::analysis::audit_filter::{AuditFilter, Coverage, Event, Unreadable, Witness};
use crate::engine::environment::Environment;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::ProjectView;
use crate::snapshot::Section;

use super::memo::Memo;
use super::{Writers, writers};

/// Events by the names that findings show. A type alone means all its outcomes: `authenticate` is both
/// `authenticate (failed)` and `authenticate (successful)`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub(crate) struct RequiredEvents(BTreeSet<Event>);

impl TryFrom<Vec<String>> for RequiredEvents {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Self, String> {
        let mut events = BTreeSet::new();
        for name in &names {
            let mut found = Event::from_name(name).into_iter().chain(Event::of_type(name)).peekable();
            if found.peek().is_none() {
                return Err(unknown_event(name));
            }
            events.extend(found);
        }
        // Nothing required would be a pass that proves nothing.
        if events.is_empty() { Err("`required_events` names no event".to_owned()) } else { Ok(Self(events)) }
    }
}

/// The events that ATL-AUD-002 requires by its parameters; none if these do not fit.
pub(crate) fn required_events(parameters: &toml::Table) -> BTreeSet<Event> {
    let named = parameters.get("required_events").cloned();
    named.and_then(|names| names.try_into::<RequiredEvents>().ok()).map(|events| events.0).unwrap_or_default()
}

fn unknown_event(asked: &str) -> String {
    let nearest = Event::ALL
        .iter()
        .flat_map(|event| [event.name(), event.atype()])
        .map(|name| (strsim::jaro_winkler(&asked.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, name)) => format!("no audit event is called `{asked}`; the closest is `{name}`"),
        None => format!("no audit event is called `{asked}`"),
    }
}

/// An audit filter that a strict JSON reader refuses is not understood, and no more.
///
/// Atlas takes nothing but JSON, so such a text has passed a more lenient reader than ours: the server's own takes
/// single quotes and bare keys. It may well record everything.
pub(super) fn parsed(text: &str) -> Result<AuditFilter, Unknown> {
    AuditFilter::parse(text).map_err(|why: Unreadable| {
        Unknown::undecidable(format!("{why}; Atlas's own reader may take it: written as plain JSON it can be judged"))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MissesEvents {
    required_events: RequiredEvents,
    exempt_environments: Vec<Environment>,
    #[serde(skip)]
    known: Memo<Result<Recorded, Unknown>>,
}

/// What a filter makes of the required events.
#[derive(Debug)]
pub(crate) struct Recorded {
    /// A key that stands twice in one document.
    duplicate: Option<String>,
    /// With `auditAuthorizationSuccess`.
    answers: Vec<(Event, Coverage)>,
}

impl Recorded {
    /// Works it out.
    pub(crate) fn of(text: &str, events: &BTreeSet<Event>) -> Result<Self, Unknown> {
        let filter = parsed(text)?;
        Ok(Self {
            duplicate: filter.duplicate_keys().first().cloned(),
            answers: events.iter().map(|event| (*event, filter.coverage(*event, true))).collect(),
        })
    }

    /// Whether an event is recorded, if it is one of those that were asked for.
    pub(crate) fn answer(&self, event: Event) -> Option<&Coverage> {
        self.answers.iter().find(|(known, _)| *known == event).map(|(_, coverage)| coverage)
    }
}

/// ATL-AUD-002
pub(crate) fn misses_events(project: &ProjectView<'_>, limits: &MissesEvents) -> Judgement {
    let audit = project.audit_log.known();
    if audit.is_ok_and(|audit| audit.enabled == Some(false)) {
        return Ok(Verdict::not_applicable("auditing is off, which ATL-AUD-001 speaks of"));
    }
    if let Writers::Nothing(why) = writers(project, &limits.exempt_environments)? {
        return Ok(Verdict::not_applicable(why));
    }
    let audit = audit?;
    audit.enabled.required("enabled")?;
    let text = audit.audit_filter.required("auditFilter")?;
    let required = &limits.required_events.0;
    let known = limits.known.of(text, || Recorded::of(text, required));
    let known = known.as_ref().as_ref().map_err(Clone::clone)?;
    let mut seen = Gathered::new();
    seen.fine();
    let at = project.section(Section::AuditLog);
    // Whether the command of the remediation has to keep it on.
    let success = if audit.audit_authorization_success == Some(true) { "true" } else { "false" };
    let offence = |message: String| Evidence::at(&at, message).field("/auditFilter").fact("success", success);
    // Seen in the text, whatever it records: the one who wrote it meant both, and readers differ in what they keep.
    if let Some(key) = &known.duplicate {
        seen.offence(offence(format!(
            "the key `{key}` stands twice in one document of the filter: JSON readers keep the last, the server wants both"
        )));
    }
    let mut missed = BTreeSet::new();
    let mut partly: BTreeMap<Event, &Witness> = BTreeMap::new();
    let mut undecided: BTreeMap<&str, BTreeSet<Event>> = BTreeMap::new();
    for (event, coverage) in &known.answers {
        // Successful authCheck needs the flag. What is lost even with it is lost for certain.
        let flagged = event.needs_authorization_success();
        match coverage {
            _ if flagged && audit.audit_authorization_success == Some(false) => {
                missed.insert(*event);
            }
            Coverage::All if flagged => {
                seen.see(audit.audit_authorization_success.required("auditAuthorizationSuccess"));
            }
            Coverage::All => {}
            Coverage::None { .. } => {
                missed.insert(*event);
            }
            Coverage::Some { missed, .. } => {
                partly.insert(*event, missed);
            }
            Coverage::Undecided(why) => {
                undecided.entry(why).or_default().insert(*event);
            }
        }
    }
    for (why, events) in &undecided {
        let what = if events == required { "what the filter records".to_owned() } else { shown(events) };
        seen.unseen(Unknown::undecidable(format!("{what}: cannot be told, since {why}")));
    }
    let mut message = Vec::new();
    if missed == *required {
        message.push("none of the required events is recorded".to_owned());
    } else if !missed.is_empty() {
        message.push(format!("not recorded: {}", shown(&missed)));
    }
    if let Some(witness) = partly.values().next() {
        let events: BTreeSet<_> = partly.keys().copied().collect();
        message.push(format!("recorded only in part: {}, for example not {witness}", shown(&events)));
    }
    if !message.is_empty() {
        seen.offence(offence(message.join("; ")));
    }
    seen.verdict("")
}

/// Names of events; a type of which all outcomes are there, by its type alone.
fn shown(events: &BTreeSet<Event>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for event in events {
        let whole = Event::of_type(event.atype()).all(|outcome| events.contains(&outcome));
        let name = if whole { event.atype() } else { event.name() };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn required(names: &[&str]) -> Result<RequiredEvents, String> {
        RequiredEvents::try_from(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_type_means_all_its_outcomes() {
        let events = required(&["authenticate", "authCheck (refused)"]).unwrap().0;
        assert_eq!(events, [Event::LoginFailed, Event::Login, Event::AuthCheckRefused].into());
        assert_eq!(shown(&events), "authenticate, authCheck (refused)");
    }

    #[test]
    fn an_event_that_does_not_exist_is_an_error() {
        assert_eq!(
            required(&["dropdatabase"]).unwrap_err(),
            "no audit event is called `dropdatabase`; the closest is `dropDatabase`"
        );
        assert_eq!(required(&["insert"]).unwrap_err(), "no audit event is called `insert`");
        assert!(required(&[]).is_err());
    }

    #[test]
    fn parameters_with_an_unknown_event_do_not_bind() {
        let catalogue = crate::engine::catalogue::Catalogue::built_in();
        let rule = catalogue.find("ATL-AUD-002").unwrap();
        let over: toml::Table = toml::from_str("required_events = ['dropDatabases']").unwrap();
        let Err(error) = rule.bind(&over) else { panic!("it binds") };
        assert!(error.to_string().contains("no audit event is called `dropDatabases`"), "{error}");
    }
}
