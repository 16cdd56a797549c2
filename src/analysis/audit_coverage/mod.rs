//! What the audit log of a project records, of which events, and where the record goes.
//!
//! `audit_filter` answers for one filter and one event; here are the answers for a whole project (`AuditCoverage`), where
//! its logs go (`sinks`), and what the filter would have to be (`suggestion`).

mod sinks;
mod suggestion;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::audit_filter::{AuditFilter, Coverage, Event};
use crate::snapshot::logging::AuditLog;
use crate::snapshot::project::Project;

pub use sinks::{Health, Sink, Sinks};
pub use suggestion::{Suggestion, suggestion};

/// Commands that are asked after together. `authCheck` is one event type for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommandClass {
    /// Of documents.
    Reads,
    /// Of documents.
    Writes,
    /// Of users, roles, structure and servers.
    Administration,
}

impl CommandClass {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reads, Self::Writes, Self::Administration];

    /// In lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::Administration => "administration",
        }
    }

    /// The commands that stand for it.
    #[must_use]
    pub const fn commands(self) -> &'static [&'static str] {
        match self {
            Self::Reads => &["find", "aggregate", "count", "distinct"],
            Self::Writes => &["insert", "update", "delete", "findAndModify"],
            Self::Administration => &[
                "createUser",
                "updateUser",
                "grantRolesToUser",
                "createRole",
                "drop",
                "dropDatabase",
                "createIndexes",
                "setParameter",
                "replSetReconfig",
                "shutdown",
            ],
        }
    }
}

/// How much of each event a filter records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Every event that an audit log can hold.
    pub events: Vec<(Event, Coverage)>,
    /// `authCheck`, refused and allowed, by the commands that it is about.
    pub commands: Vec<(Event, CommandClass, Coverage)>,
    /// Keys that stand twice in one document of the filter.
    pub duplicate_keys: Vec<String>,
}

impl Answers {
    /// The answers for a filter. Nothing is recorded of successful `authCheck` unless `authorization_success` says so;
    /// where Atlas does not say, only what is lost either way is known.
    #[must_use]
    pub fn of(text: &str, authorization_success: Option<bool>) -> Self {
        let filter = match AuditFilter::parse(text) {
            Ok(filter) => filter,
            Err(why) => return Self::undecided(&why.to_string()),
        };
        let with = authorization_success.unwrap_or(true);
        let sure = |event: Event, coverage: Coverage| {
            let unsaid = event.needs_authorization_success() && authorization_success.is_none();
            match coverage {
                Coverage::All | Coverage::Some { .. } if unsaid => {
                    Coverage::Undecided("Atlas does not say `auditAuthorizationSuccess`".to_owned())
                }
                coverage => coverage,
            }
        };
        let class = |event: Event, class: CommandClass| {
            (event, class, sure(event, filter.coverage_of_commands(event, class.commands(), with)))
        };
        Self {
            events: Event::ALL.iter().map(|event| (*event, sure(*event, filter.coverage(*event, with)))).collect(),
            commands: [Event::AuthCheckRefused, Event::AuthCheckAllowed]
                .into_iter()
                .flat_map(|event| CommandClass::ALL.map(|one| class(event, one)))
                .collect(),
            duplicate_keys: filter.duplicate_keys().to_vec(),
        }
    }

    fn undecided(why: &str) -> Self {
        Self {
            events: Event::ALL.iter().map(|event| (*event, Coverage::Undecided(why.to_owned()))).collect(),
            commands: Vec::new(),
            duplicate_keys: Vec::new(),
        }
    }

    /// Those of the events that are not recorded for everyone, as far as one can tell.
    #[must_use]
    pub fn lacking(&self, required: &BTreeSet<Event>) -> Vec<Event> {
        let lacks = |(event, coverage): &&(Event, Coverage)| required.contains(event) && !coverage.is_all();
        self.events.iter().filter(lacks).map(|(event, _)| *event).collect()
    }
}

/// Whether a project records anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auditing {
    /// It has nothing that could: no dedicated cluster.
    Impossible,
    /// It does not.
    Off,
    /// It does.
    On(Arc<Answers>),
    /// The setting could not be read, and why.
    Unread(String),
}

/// The audit log of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCoverage {
    /// Its id.
    pub project: String,
    /// Its name.
    pub name: Option<String>,
    /// What is recorded.
    pub auditing: Auditing,
    /// The filter as Atlas returns it.
    pub filter: Option<String>,
    /// Whether successful `authCheck` is recorded.
    pub authorization_success: Option<bool>,
    /// Where the record goes.
    pub sinks: Sinks,
    /// What lacks, and what to do about it.
    pub advice: Arc<Advice>,
}

/// What a project should record besides, and how.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Advice {
    /// The required events that are not recorded for everyone.
    pub lacks: Vec<Event>,
    /// A filter that records them, if any lacks and the evaluator agrees.
    pub suggestion: Option<Suggestion>,
}

/// Works out the coverage of projects, each setting once.
#[derive(Debug)]
pub struct Analysis {
    required: BTreeSet<Event>,
    answers: HashMap<(String, Option<bool>), Arc<Answers>>,
    advice: HashMap<(bool, Option<String>, Option<bool>), Arc<Advice>>,
}

impl Analysis {
    /// An analysis that asks whether these events are recorded for everyone.
    #[must_use]
    pub fn new(required: BTreeSet<Event>) -> Self {
        Self { required, answers: HashMap::new(), advice: HashMap::new() }
    }

    /// What is asked for.
    #[must_use]
    pub fn required(&self) -> &BTreeSet<Event> {
        &self.required
    }

    /// The audit log of a project.
    pub fn of(&mut self, project: &Project) -> AuditCoverage {
        let audit = project.audit_log.known();
        let auditing = match (can_audit(project), audit) {
            (Ok(false), _) => Auditing::Impossible,
            (_, Err(why)) => Auditing::Unread(why.to_string()),
            (Err(why), Ok(_)) => Auditing::Unread(why),
            (Ok(true), Ok(audit)) => self.setting(audit),
        };
        let filter = audit.ok().and_then(|audit| audit.audit_filter.clone());
        let authorization_success = audit.ok().and_then(|audit| audit.audit_authorization_success);
        AuditCoverage {
            project: project.id.clone(),
            name: project.name.clone(),
            advice: self.advice(&auditing, filter.as_ref(), authorization_success),
            auditing,
            filter,
            authorization_success,
            sinks: Sinks::of(project),
        }
    }

    fn advice(&mut self, auditing: &Auditing, filter: Option<&String>, success: Option<bool>) -> Arc<Advice> {
        let required = &self.required;
        let key = (matches!(auditing, Auditing::On(_)), filter.cloned(), success);
        let advise = |lacks: Vec<Event>| {
            let wanted = || suggestion(filter.map(String::as_str), required);
            Arc::new(Advice { suggestion: if lacks.is_empty() { None } else { wanted() }, lacks })
        };
        match auditing {
            Auditing::Impossible | Auditing::Unread(_) => Arc::default(),
            Auditing::Off => {
                Arc::clone(self.advice.entry(key).or_insert_with(|| advise(required.iter().copied().collect())))
            }
            Auditing::On(answers) => {
                Arc::clone(self.advice.entry(key).or_insert_with(|| advise(answers.lacking(required))))
            }
        }
    }

    fn setting(&mut self, audit: &AuditLog) -> Auditing {
        match (audit.enabled, &audit.audit_filter) {
            (None, _) => Auditing::Unread("the answer lacks `enabled`".to_owned()),
            (Some(false), _) => Auditing::Off,
            (Some(true), None) => Auditing::Unread("the answer lacks `auditFilter`".to_owned()),
            (Some(true), Some(text)) => {
                let key = (text.clone(), audit.audit_authorization_success);
                let work_out = || Arc::new(Answers::of(text, audit.audit_authorization_success));
                Auditing::On(Arc::clone(self.answers.entry(key).or_insert_with(work_out)))
            }
        }
    }
}

/// Whether a project has a cluster with an audit log, as far as Atlas says.
fn can_audit(project: &Project) -> Result<bool, String> {
    let clusters = project.clusters.known().map_err(ToString::to_string)?;
    let mut unclear = false;
    for cluster in clusters {
        if cluster.is_internal() == Some(true) || cluster.is_deleted() == Some(true) {
            continue;
        }
        match cluster.is_dedicated() {
            Some(true) => return Ok(true),
            Some(false) => {}
            None => unclear = true,
        }
    }
    if unclear { Err("Atlas does not say whether a cluster is dedicated".to_owned()) } else { Ok(false) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::snapshot::tree;

    fn project(value: serde_json::Value) -> Project {
        let serde_json::Value::Object(fields) = value else { panic!("an object") };
        tree::nested(fields).unwrap()
    }

    fn dedicated() -> serde_json::Value {
        json!([{ "name": "main", "replicationSpecs": [{ "regionConfigs": [{ "providerName": "AWS" }] }] }])
    }

    fn word(coverage: &Coverage) -> &'static str {
        match coverage {
            Coverage::All => "all",
            Coverage::Some { .. } => "some",
            Coverage::None { .. } => "none",
            Coverage::Undecided(_) => "undecided",
        }
    }

    #[test]
    fn every_event_has_an_answer_and_commands_have_theirs() {
        let answers = Answers::of(r#"{"atype":"authCheck","param.command":{"$in":["find","insert"]}}"#, Some(true));
        assert_eq!(answers.events.len(), Event::ALL.len());
        let commands: Vec<_> =
            answers.commands.iter().map(|(event, class, coverage)| (*event, class.as_str(), word(coverage))).collect();
        let expected = |event| [(event, "reads", "some"), (event, "writes", "some"), (event, "administration", "none")];
        assert_eq!(commands, [expected(Event::AuthCheckRefused), expected(Event::AuthCheckAllowed)].concat());
        let Coverage::Some { recorded, missed } = &answers.commands[0].2 else { panic!("some") };
        assert_eq!(
            (recorded.as_str(), missed.as_str()),
            ("any authCheck (refused) of find", "any authCheck (refused) of aggregate")
        );
    }

    #[test]
    fn successful_commands_need_the_flag_and_a_flag_that_is_not_said_is_not_guessed() {
        let of = |flag| {
            let answers = Answers::of(r#"{"atype":{"$ne":"logout"}}"#, flag);
            let at = |event| word(&answers.events.iter().find(|(known, _)| *known == event).unwrap().1);
            (at(Event::AuthCheckAllowed), at(Event::AuthCheckRefused), word(&answers.commands[3].2))
        };
        assert_eq!(of(Some(true)), ("all", "all", "all"));
        assert_eq!(of(Some(false)), ("none", "all", "none"));
        assert_eq!(of(None), ("undecided", "all", "undecided"));
        let never = Answers::of(r#"{"atype":"logout"}"#, None);
        assert!(never.commands.iter().all(|(_, _, coverage)| word(coverage) == "none"));
    }

    #[test]
    fn what_is_no_json_is_undecided() {
        let answers = Answers::of("{'atype':'authenticate'}", Some(true));
        assert!(answers.events.iter().all(|(_, coverage)| word(coverage) == "undecided"));
        assert_eq!(answers.lacking(&[Event::Login].into()).len(), 1);
    }

    #[test]
    fn a_project_audits_or_not_or_nobody_knows() {
        let mut analysis = Analysis::new([Event::Logout].into());
        let mut auditing = |audit: serde_json::Value, clusters: serde_json::Value| {
            analysis.of(&project(json!({ "id": "p", "auditLog": audit, "clusters": clusters }))).auditing
        };
        let refused = json!({ "unavailable": "forbidden" });
        assert_eq!(auditing(refused.clone(), json!([])), Auditing::Impossible);
        assert!(matches!(auditing(refused.clone(), dedicated()), Auditing::Unread(why) if why.contains("refused")));
        assert!(matches!(auditing(json!({ "enabled": false }), refused), Auditing::Unread(_)));
        assert!(matches!(auditing(json!({ "enabled": false }), json!([{ "name": "x" }])), Auditing::Unread(_)));
        assert_eq!(auditing(json!({ "enabled": false, "auditFilter": "{}" }), dedicated()), Auditing::Off);
        assert!(matches!(auditing(json!({}), dedicated()), Auditing::Unread(why) if why.contains("`enabled`")));
        let no_filter = auditing(json!({ "enabled": true }), dedicated());
        assert!(matches!(no_filter, Auditing::Unread(why) if why.contains("`auditFilter`")));
        let off = analysis.of(&project(json!({ "auditLog": { "enabled": false }, "clusters": dedicated() })));
        assert_eq!(off.advice.lacks, [Event::Logout]);
        assert_eq!(off.advice.suggestion.as_ref().unwrap().filter, r#"{"atype":"logout"}"#);
        let on = json!({ "enabled": true, "auditFilter": "{}" });
        let mut auditing = |audit: serde_json::Value, clusters: serde_json::Value| {
            let found = analysis.of(&project(json!({ "id": "p", "auditLog": audit, "clusters": clusters })));
            assert_eq!(*found.advice, Advice::default());
            found.auditing
        };
        let (Auditing::On(one), Auditing::On(two)) = (auditing(on.clone(), dedicated()), auditing(on, dedicated()))
        else {
            panic!("on")
        };
        assert!(Arc::ptr_eq(&one, &two), "a filter is worked out once");
    }

    #[test]
    fn a_cluster_that_is_gone_or_atlass_own_has_no_audit_log() {
        let mut analysis = Analysis::new([Event::Logout].into());
        assert_eq!(analysis.required(), &BTreeSet::from([Event::Logout]));
        for (field, value) in [("stateName", "DELETED"), ("internalClusterRole", "SYSTEM_CLUSTER")] {
            let mut cluster = dedicated();
            cluster[0][field] = value.into();
            let found = analysis.of(&project(json!({ "auditLog": { "enabled": false }, "clusters": cluster })));
            assert_eq!(found.auditing, Auditing::Impossible, "{field}");
        }
    }
}
