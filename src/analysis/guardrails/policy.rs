//! What the organization's policies are worth before anything is asked: in force, undecided, or never in force.

use std::fmt;

use cedar_policy::pst::{Effect, EntityUID, PrincipalConstraint, Template};
use cedar_policy::{Authorizer, Decision, Entities, PolicySet, Request, ValidationError};

use crate::snapshot::policy::ResourcePolicy;

use super::reads::{Reads, scope};
use super::request::allow_by_default;
use super::vocabulary::{ATTRIBUTE_NAMES, Action, LEGACY_CLUSTER, LEGACY_PROJECT, validate};

/// One statement of one resource policy.
#[derive(Debug)]
pub struct Statement {
    /// The policy's id; empty if Atlas did not say.
    pub policy_id: String,
    /// As people call the policy, with the statement's number where it has several.
    pub name: String,
    /// What it says.
    pub body: String,
    pub(super) standing: Standing,
}

/// What a statement is worth.
#[derive(Debug)]
pub(super) enum Standing {
    InForce(Box<Forbid>),
    /// It may or may not refuse something. For which actions; nothing for any.
    Undecided {
        why: String,
        actions: Option<Vec<Action>>,
        defect: Option<Defect>,
    },
    NeverInForce(Defect),
}

/// Why a policy does not do what its author hoped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Defect {
    /// It has `?resource` or `?principal` in it.
    Template,
    /// It permits.
    Permit,
    /// It is for some principals only.
    Principal,
    /// More than one policy in one body.
    Several(usize),
    /// No such action.
    UnknownAction(String),
    /// No such entity: a provider or region that does not exist.
    UnknownEntity(String),
    /// A known attribute, misspelt.
    Misspelt {
        /// As the policy spells it.
        attribute: String,
        /// As Atlas does.
        known: &'static str,
    },
    /// No request could ever match it.
    NeverMatches(String),
    /// It says what another one says.
    DuplicateOf(String),
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template => f.write_str("is a template, and a template is never in force"),
            Self::Permit => f.write_str("permits, where Atlas takes `forbid` only"),
            Self::Principal => f.write_str("constrains the principal, which Atlas refuses"),
            Self::Several(count) => write!(f, "holds {count} policies in one body, where Atlas takes one"),
            Self::UnknownAction(id) => write!(f, "names the action `{id}`, which does not exist"),
            Self::UnknownEntity(id) => write!(f, "names `{id}`, which does not exist"),
            Self::Misspelt { attribute, known } => {
                write!(f, "reads `{attribute}`, which does not exist; `{known}` does")
            }
            Self::NeverMatches(why) => write!(f, "never matches: {why}"),
            Self::DuplicateOf(other) => write!(f, "says what `{other}` says"),
        }
    }
}

/// A policy that is in force.
#[derive(Debug)]
pub(super) struct Forbid {
    pub(super) actions: Vec<Action>,
    /// Actions for which it is not known what it says.
    pub(super) maybe: Vec<Action>,
    pub(super) reads: Reads,
    /// The text without what does not matter, to find duplicates by.
    pub(super) gist: String,
    set: PolicySet,
}

impl Forbid {
    /// Asks Cedar. An error means that the policy would have been skipped.
    pub(super) fn matches(&self, request: &Request, entities: &Entities) -> Result<bool, String> {
        matches(&self.set, request, entities)
    }
}

/// Whether some policy of the set forbids a request.
pub(super) fn matches(set: &PolicySet, request: &Request, entities: &Entities) -> Result<bool, String> {
    let response = Authorizer::new().is_authorized(request, set, entities);
    match response.diagnostics().errors().next() {
        Some(error) => Err(error.to_string()),
        None => Ok(response.decision() == Decision::Deny),
    }
}

/// Longer bodies than this are not looked at: Atlas takes none that is nearly as long.
const LONGEST_BODY: usize = 128 * 1024;
/// Nor those with more brackets within brackets, or more dots in one term.
const DEEPEST: usize = 64;
/// Nor those with more operators (`||` counts twice): each may be one step deeper into recursion, here and in Cedar.
const MOST_OPERATORS: usize = 600;
/// A conditional costs as much stack as so many other operators.
const CONDITIONAL: usize = 30;

/// All statements of all policies, in Atlas's order.
pub(super) fn statements(policies: &[ResourcePolicy]) -> Vec<Statement> {
    let mut statements = Vec::new();
    for policy in policies {
        let policy_id = policy.id.clone().unwrap_or_default();
        let called = policy.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| policy_id.clone());
        let undecided = |why: &str| Standing::Undecided { why: why.to_owned(), actions: None, defect: None };
        let bodies = policy.policies.as_deref().unwrap_or_default();
        if policy.policies.is_none() {
            let standing = undecided("the answer lacks `policies`");
            statements.push(Statement { policy_id, name: called, body: String::new(), standing });
            continue;
        }
        for (index, body) in bodies.iter().enumerate() {
            let name = if bodies.len() > 1 { format!("{called} ({})", index + 1) } else { called.clone() };
            let body = body.body.clone();
            let standing = body.as_deref().map_or_else(|| undecided("the answer lacks its `body`"), standing);
            statements.push(Statement { policy_id: policy_id.clone(), name, body: body.unwrap_or_default(), standing });
        }
    }
    statements
}

/// What a body is worth.
pub(super) fn standing(body: &str) -> Standing {
    let undecided = |why: String| Standing::Undecided { why, actions: None, defect: None };
    if body.len() > LONGEST_BODY || is_too_deep(body) {
        return undecided("is longer or nests deeper than this version looks".to_owned());
    }
    let parsed: PolicySet = match body.parse() {
        Ok(parsed) => parsed,
        Err(error) => return undecided(format!("does not parse: {}", one_line(&error))),
    };
    let (policies, templates) = (parsed.policies().count(), parsed.templates().count());
    if policies + templates > 1 {
        return Standing::NeverInForce(Defect::Several(policies + templates));
    }
    if templates == 1 {
        return Standing::NeverInForce(Defect::Template);
    }
    let Some(policy) = parsed.policies().next() else { return undecided("holds no policy".to_owned()) };
    let template = match policy.to_pst() {
        Ok(tree) => tree.body().clone(),
        Err(error) => return undecided(format!("is not understood: {}", one_line(&error))),
    };
    if template.effect == Effect::Permit {
        return Standing::NeverInForce(Defect::Permit);
    }
    if template.principal != PrincipalConstraint::Any {
        return Standing::NeverInForce(Defect::Principal);
    }
    judge(parsed.clone(), &template)
}

fn judge(parsed: PolicySet, template: &Template) -> Standing {
    let named = scope(template);
    let (actions, unknown) = match &named {
        None => (Action::ALL.to_vec(), None),
        Some(named) => actions(named),
    };
    if actions.is_empty() {
        // Whatever else is wrong with it, it is about nothing that we ask.
        let defect = Defect::UnknownAction(unknown.unwrap_or_default());
        return Standing::NeverInForce(defect);
    }
    let undecided = |why: String, defect| Standing::Undecided { why, actions: Some(actions.clone()), defect };
    let by_defect = |defect: Defect| undecided(defect.to_string(), Some(defect));
    if let Some(id) = unknown {
        return by_defect(Defect::UnknownAction(id));
    }
    let reads = Reads::of(template);
    if let Some(id) = reads.strangers.first() {
        return by_defect(Defect::UnknownEntity(id.clone()));
    }
    if let Some(why) = &reads.unmodelled {
        return undecided(why.clone(), misspelt(why));
    }
    let result = validate(&parsed);
    if let Some(error) = result.validation_errors().next() {
        let defect = match error {
            ValidationError::UnrecognizedActionId(_) => Some(Defect::UnknownAction(quoted(&error.to_string()))),
            ValidationError::InvalidEnumEntity(_) => Some(Defect::UnknownEntity(quoted(&error.to_string()))),
            _ => None,
        };
        return match defect {
            Some(defect) => by_defect(defect),
            None => undecided(format!("does not validate: {}", without_id(&one_line(error))), None),
        };
    }
    let mut set = parsed;
    if let Err(error) = set.add(allow_by_default().clone()) {
        return undecided(one_line(&error), None);
    }
    // Of the first name space's action for projects only the access list is known.
    let legacy = named.is_some_and(|named| named.iter().any(|action| &*action.eid == LEGACY_PROJECT));
    let is_other = |action: &Action| !action.is_of_cluster() && !actions.contains(action);
    let maybe = if legacy { Action::ALL.into_iter().filter(is_other).collect() } else { Vec::new() };
    let gist = template.clone().with_annotations(std::collections::BTreeMap::default()).with_id("".into()).to_string();
    Standing::InForce(Box::new(Forbid { actions, maybe, reads, gist, set }))
}

/// The actions that a scope names, and the first that does not exist.
fn actions(named: &[&EntityUID]) -> (Vec<Action>, Option<String>) {
    let mut known = Vec::new();
    let mut unknown = None;
    for uid in named {
        match (uid.ty.to_string().as_str(), uid.eid.as_str()) {
            ("ResourcePolicy::Action", id) if Action::named(id).is_some() => known.extend(Action::named(id)),
            ("cloud::Action", LEGACY_CLUSTER) => known.push(Action::Cluster),
            ("cloud::Action", LEGACY_PROJECT) => known.push(Action::AccessList),
            _ => {
                unknown.get_or_insert_with(|| uid.to_string());
            }
        }
    }
    known.sort_unstable();
    known.dedup();
    (known, unknown)
}

/// An attribute that looks like one that exists.
fn misspelt(why: &str) -> Option<Defect> {
    let attribute = why.strip_prefix("reads `context.")?.split('`').next()?;
    let last = attribute.rsplit('.').next()?;
    let likeness = |known: &&str| strsim::damerau_levenshtein(&known.to_lowercase(), &last.to_lowercase());
    let known = ATTRIBUTE_NAMES.iter().copied().filter(|known| *known != last).min_by_key(likeness)?;
    (last.len() > 5 && likeness(&known) <= 2)
        .then(|| Defect::Misspelt { attribute: format!("context.{attribute}"), known })
}

/// Whether a body could make a parser run out of stack. Looks at characters, since whatever parses may already do so.
fn is_too_deep(body: &str) -> bool {
    let (mut nesting, mut dots, mut operators) = (0_usize, 0_usize, 0_usize);
    let mut characters = body.chars().peekable();
    let mut word = String::new();
    while let Some(character) = characters.next() {
        if character.is_alphanumeric() || character == '_' {
            word.push(character);
            continue;
        }
        if std::mem::take(&mut word) == "if" {
            operators += CONDITIONAL;
        }
        match character {
            '"' => {
                while let Some(within) = characters.next() {
                    match within {
                        '\\' => drop(characters.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '/' if characters.peek() == Some(&'/') => drop(characters.by_ref().find(|within| *within == '\n')),
            '(' | '[' | '{' => nesting += 1,
            ')' | ']' | '}' => nesting = nesting.saturating_sub(1),
            '.' => dots += 1,
            '|' | '&' | '+' | '-' | '*' | '!' => {
                operators += 1;
                dots = 0;
            }
            ',' | ';' | '=' | '<' | '>' => dots = 0,
            _ => {}
        }
        if nesting > DEEPEST || dots > DEEPEST || operators > MOST_OPERATORS {
            return true;
        }
    }
    false
}

fn one_line(error: &dyn fmt::Display) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Cedar names the policy by an id that it made up itself.
fn without_id(message: &str) -> &str {
    let rest = message.strip_prefix("for policy `").and_then(|rest| rest.split_once('`'));
    rest.map_or(message, |(_, rest)| rest.trim_start_matches([',', ':', ' ']))
}

/// What a message of the validator is about: its last quoted word but the policy's own name.
fn quoted(message: &str) -> String {
    let message = without_id(message);
    message.split('`').nth(1).unwrap_or(message).to_owned()
}
