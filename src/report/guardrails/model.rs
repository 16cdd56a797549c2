//! What is told, as programs read it.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

pub use super::super::who_can::Named;

/// What the resource policies of an organization of MongoDB Atlas refuse. Fields may be added within a version.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "atlas-audit guardrails, version 1")]
pub struct Guardrails {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    pub version: u32,
    /// Whose.
    pub organization: Named,
    /// When Atlas was read, by its own clock.
    #[schemars(extend("format" = "date-time"))]
    pub taken: String,
    /// Where it was read.
    pub source: String,
    /// False if reading was interrupted.
    pub complete: bool,
    /// Why the policies are not known, if they are not. Then nothing else is told.
    pub policies_unread: Option<String>,
    /// Why the projects are not known, if they are not.
    pub projects_unread: Option<String>,
    /// What may be refused, and where it is.
    pub guards: Vec<Guarded>,
    /// The statements of all policies, and what each is worth.
    pub policies: Vec<Policy>,
    /// Whom policies leave out.
    pub exemptions: Vec<LeftOut>,
    /// Policies that together leave nothing to be done.
    pub contradictions: Vec<Contradiction>,
    /// What no resource policy can refuse.
    pub unguardable: Vec<&'static str>,
}

/// One thing that may be refused.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Guarded {
    /// `wildcard-ipv4`.
    pub guard: &'static str,
    /// In words.
    pub title: String,
    /// What Atlas asks its policies.
    pub action: &'static str,
    /// By place: places with one answer stand together.
    pub answers: Vec<Answered>,
}

/// One answer, and where it holds.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Answered {
    /// Which.
    pub answer: Kind,
    /// The projects for which it holds.
    pub projects: Vec<Named>,
    /// Whether it holds for every project that no policy names, those to come included.
    pub other_projects: bool,
    /// Whether it holds everywhere.
    pub everywhere: bool,
    /// Clusters that policies treat apart.
    pub clusters: Vec<String>,
    /// Policies that refuse: each alone, unless `together`.
    pub by: Vec<String>,
    /// Whether it takes all of them.
    pub together: bool,
    /// A request that passes in one of these places.
    pub example: Option<String>,
    /// Why it is undecided.
    pub why: Option<String>,
    /// What a solver says to it, if it was asked.
    pub proof: Option<Proof>,
}

/// What a solver says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum Proof {
    /// Nothing of the kind passes.
    Proved,
    /// This passes.
    Counterexample {
        /// In words.
        example: String,
    },
    /// It cannot tell.
    NoProof {
        /// Why not.
        why: String,
    },
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proved => f.write_str("proved"),
            Self::Counterexample { example } => write!(f, "counterexample: {example}"),
            Self::NoProof { why } => write!(f, "no proof: {why}"),
        }
    }
}

/// Kinds of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Something of the kind passes.
    Open,
    /// It is not to be told.
    Undecided,
    /// Nothing of the kind passes, and harmless requests do.
    Denied,
    /// Nothing of the action passes at all.
    Frozen,
}

/// One statement of one policy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// The policy's id.
    pub id: String,
    /// As people call it, with the statement's number where it has several.
    pub name: String,
    /// What it says.
    pub body: String,
    /// Whether it refuses anything.
    pub worth: Worth,
    /// A request that it refuses, or what is wrong with it, or why nobody can tell.
    pub because: String,
}

/// Whether a policy refuses anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Worth {
    /// It does.
    Guards,
    /// It does not do what a policy should.
    Defective,
    /// It is not to be told.
    Undecided,
}

/// Somebody whom a policy leaves out.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeftOut {
    /// Which policy.
    pub policy: String,
    /// Projects.
    pub projects: Vec<Named>,
    /// A cluster.
    pub cluster: Option<String>,
    /// What passes there.
    pub example: String,
}

/// Policies of which each leaves something, and which together leave nothing.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Contradiction {
    /// What cannot be done any more.
    pub action: &'static str,
    /// Which policies.
    pub policies: Vec<String>,
    /// In how many of the listed projects.
    pub projects: usize,
}

/// Policies for what nothing refuses.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestions {
    /// Of this shape.
    pub version: u32,
    /// In the order in which they were asked for.
    pub suggestions: Vec<Suggested>,
    /// Guards that are open, and for which there is no policy to offer.
    pub without: Vec<&'static str>,
    /// Guards that cannot be decided, and why.
    pub undecided: Vec<String>,
}

/// One policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggested {
    /// What it refuses: ids of guards.
    pub guards: Vec<&'static str>,
    /// The same in words.
    #[serde(skip)]
    pub titles: Vec<String>,
    /// What it is for.
    #[serde(skip)]
    pub description: &'static str,
    /// Cedar.
    #[serde(skip)]
    pub body: String,
    /// What `atlas api resourcePolicies createOrgResourcePolicy` takes.
    pub request: serde_json::Value,
}
