//! Pass, fail, not applicable, or unknown; and the evidence.

use std::borrow::Cow;
use std::fmt;

use crate::analysis::doubt::Doubt;
use crate::snapshot::{Ref, Unavailable};

use super::day::Day;
use super::declared::Attestation;
use super::severity::Severity;

/// What a predicate returns. `?` on an unavailable reading is the verdict *unknown*.
pub type Judgement = Result<Verdict, Unknown>;

/// A verdict on something that could be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All that the rule needs was read, and the condition holds.
    Pass,
    /// The condition holds because somebody says so, and answers for it until a day.
    Attested(Box<Attested>),
    /// An offending object was seen.
    Fail(Failure),
    /// There is nothing here that the rule could judge; why.
    NotApplicable(Cow<'static, str>),
}

impl Verdict {
    /// Nothing to judge, and why.
    pub fn not_applicable(why: impl Into<Cow<'static, str>>) -> Self {
        Self::NotApplicable(why.into())
    }

    /// Fails if there is any evidence, and passes otherwise. For predicates that saw everything they need.
    pub fn of(evidence: impl IntoIterator<Item = Evidence>) -> Self {
        let evidence: Vec<_> = evidence.into_iter().collect();
        if evidence.is_empty() { Self::Pass } else { Self::Fail(Failure { evidence, unseen: Vec::new() }) }
    }
}

/// Who answers for a pass that nobody can measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    /// What is stated.
    pub statement: String,
    /// Where the proof lies.
    pub evidence: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// When it was stated.
    pub date: Day,
    /// The last day on which it counts.
    pub expires: Day,
}

impl From<&Attestation> for Attested {
    fn from(stated: &Attestation) -> Self {
        Self {
            statement: stated.statement.clone(),
            evidence: stated.evidence.clone(),
            owner: stated.owner.clone(),
            date: stated.date,
            expires: stated.expires,
        }
    }
}

impl From<&Attestation> for Verdict {
    fn from(stated: &Attestation) -> Self {
        Self::Attested(Box::new(stated.into()))
    }
}

/// A failure: one piece of evidence per offending resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was seen.
    pub evidence: Vec<Evidence>,
    /// What could not be looked at, and might hold more.
    pub unseen: Vec<Hole>,
}

/// One offending resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Which resource: the line of the snapshot that proves it.
    pub at: Ref,
    /// JSON pointer into that line, where one field is to blame.
    pub pointer: Option<Cow<'static, str>>,
    /// What is wrong, with the value; one line, no full stop.
    pub message: String,
    /// Where this case is worse or milder than the rule's own severity.
    pub severity: Option<Severity>,
    /// Values for the placeholders of the rule's remediation, such as `cluster`.
    pub facts: Vec<(&'static str, String)>,
}

impl Evidence {
    /// Something wrong with this resource.
    pub fn at(at: &Ref, message: impl Into<String>) -> Self {
        Self { at: at.clone(), pointer: None, message: message.into(), severity: None, facts: Vec::new() }
    }

    /// The field that is to blame, as a JSON pointer into the resource's line.
    #[must_use]
    pub fn field(mut self, pointer: impl Into<Cow<'static, str>>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// This case is of another severity than the rule says.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// A value for a placeholder of the remediation: `<cluster>` in its text becomes this one, shell-quoted.
    #[must_use]
    pub fn fact(mut self, placeholder: &'static str, value: impl Into<String>) -> Self {
        self.facts.push((placeholder, value.into()));
        self
    }
}

/// The verdict *unknown*: what was missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Never empty.
    pub holes: Vec<Hole>,
}

/// Something that a predicate needed and did not get.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Hole {
    /// A section could not be read.
    Unread(Unavailable),
    /// An answer that is otherwise good lacks the field.
    Absent {
        /// Its name, as Atlas spells it.
        field: Cow<'static, str>,
    },
    /// A value that this version does not understand.
    NotUnderstood {
        /// The field's name.
        field: Cow<'static, str>,
        /// Its value.
        value: String,
    },
    /// The fact is not to be had from the API; what would tell.
    Undecidable(Cow<'static, str>),
    /// The predicate itself broke.
    Bug(String),
}

impl fmt::Display for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread(why) => write!(f, "{why}"),
            Self::Absent { field } => write!(f, "the answer lacks `{field}`"),
            Self::NotUnderstood { field, value } => {
                write!(f, "`{field}` is `{value}`, which this version does not know")
            }
            Self::Undecidable(what) => f.write_str(what),
            Self::Bug(what) => write!(f, "the rule broke, which is a bug of atlas-audit: {what}"),
        }
    }
}

impl From<Hole> for Unknown {
    fn from(hole: Hole) -> Self {
        Self { holes: vec![hole] }
    }
}

impl From<&Unavailable> for Unknown {
    fn from(why: &Unavailable) -> Self {
        Hole::Unread(why.clone()).into()
    }
}

impl From<Doubt> for Hole {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::Unread(why) => Self::Unread(why),
            Doubt::Absent(field) => Self::Absent { field: field.into() },
            Doubt::NotUnderstood { field, value } => Self::NotUnderstood { field: field.into(), value },
            Doubt::Untold(what) => Self::Undecidable(what.into()),
        }
    }
}

impl From<Doubt> for Unknown {
    fn from(doubt: Doubt) -> Self {
        Hole::from(doubt).into()
    }
}

impl Unknown {
    /// The answer lacks a field.
    pub fn absent(field: impl Into<Cow<'static, str>>) -> Self {
        Hole::Absent { field: field.into() }.into()
    }

    /// The field holds something that this version does not know.
    pub fn not_understood(field: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        Hole::NotUnderstood { field: field.into(), value: value.into() }.into()
    }

    /// The API does not tell.
    pub fn undecidable(what: impl Into<Cow<'static, str>>) -> Self {
        Hole::Undecidable(what.into()).into()
    }
}

/// `settings.multi_factor_auth_required.required("multiFactorAuthRequired")?`
pub trait Required<T> {
    /// The value, or the hole that its absence leaves.
    fn required(&self, field: &'static str) -> Result<&T, Unknown>;
}

impl<T> Required<T> for Option<T> {
    fn required(&self, field: &'static str) -> Result<&T, Unknown> {
        self.as_ref().ok_or_else(|| Unknown::absent(field))
    }
}

/// Collects offences first, and asks only then whether everything was seen.
///
/// What was read can still prove a failure; it never proves a pass.
#[derive(Debug, Default)]
pub struct Gathered {
    evidence: Vec<Evidence>,
    holes: Vec<Hole>,
    judged: bool,
    attested: Option<Box<Attested>>,
}

impl Gathered {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An offending resource.
    pub fn offence(&mut self, evidence: Evidence) {
        self.judged = true;
        self.evidence.push(evidence);
    }

    /// A resource that was judged and holds.
    pub fn fine(&mut self) {
        self.judged = true;
    }

    /// A part that holds because somebody says so: what would be a pass rests on that.
    pub fn attested(&mut self, stated: impl Into<Attested>) {
        let stated = stated.into();
        // Of several the one that ends first is what the verdict rests on.
        if self.attested.as_ref().is_none_or(|known| known.expires > stated.expires) {
            self.attested = Some(Box::new(stated));
        }
    }

    /// Something that could not be looked at.
    pub fn unseen(&mut self, unknown: impl Into<Unknown>) {
        for hole in unknown.into().holes {
            if !self.holes.contains(&hole) {
                self.holes.push(hole);
            }
        }
    }

    /// The value, or a hole noted and nothing.
    pub fn see<'a, T, E: Into<Unknown>>(&mut self, reading: Result<&'a T, E>) -> Option<&'a T> {
        match reading {
            Ok(value) => Some(value),
            Err(why) => {
                self.unseen(why);
                None
            }
        }
    }

    /// Takes in what a part of the rule said.
    pub fn absorb(&mut self, part: Judgement) {
        match part {
            Ok(Verdict::Pass) => self.fine(),
            Ok(Verdict::Attested(stated)) => self.attested(*stated),
            Ok(Verdict::NotApplicable(_)) => {}
            Ok(Verdict::Fail(failure)) => {
                self.judged = true;
                self.evidence.extend(failure.evidence);
                for hole in failure.unseen {
                    self.unseen(hole);
                }
            }
            Err(unknown) => self.unseen(unknown),
        }
    }

    /// Fail if anything offends; else unknown if anything was not seen; else pass, or not applicable if there was
    /// nothing to judge.
    pub fn verdict(self, nothing_to_judge: impl Into<Cow<'static, str>>) -> Judgement {
        if !self.evidence.is_empty() {
            Ok(Verdict::Fail(Failure { evidence: self.evidence, unseen: self.holes }))
        } else if !self.holes.is_empty() {
            Err(Unknown { holes: self.holes })
        } else if let Some(stated) = self.attested {
            Ok(Verdict::Attested(stated))
        } else if self.judged {
            Ok(Verdict::Pass)
        } else {
            Ok(Verdict::not_applicable(nothing_to_judge))
        }
    }
}
