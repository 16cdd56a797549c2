//! What people need to know of a rule: the file `rules/<category>/<ID>-<name>.toml`, typed.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::declared::logins::Watch;
use super::declared::{Declared, Record};
use super::framework::Framework;
use super::severity::Severity;
use crate::snapshot::Section;
use crate::snapshot::project::ListedProject;

/// A rule's text. What decides it is registered beside it in the catalogue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `ATL-NET-001`.
    pub id: String,
    /// `access-list-open-to-internet`.
    pub name: String,
    /// Names that it had before.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The fact that a finding states.
    pub title: String,
    /// Unless a finding's own evidence says otherwise.
    pub severity: Severity,
    /// What is judged, one verdict each.
    pub scope: Scope,
    /// The sections that it reads. Those of an expression are found in it.
    #[serde(default)]
    pub needs: Vec<Section>,
    /// An organization's own rule: what must hold, in CEL. Built-in rules have a function instead.
    #[serde(default)]
    pub expression: Option<String>,
    /// The list whose entries the expression judges one by one, as `item`.
    #[serde(default)]
    pub each: Option<Section>,
    /// What a finding says, in CEL; the title if not given.
    #[serde(default)]
    pub message: Option<String>,
    /// Rules whose verdicts it combines, by id.
    #[serde(default)]
    pub builds_on: Vec<String>,
    /// Controls about which it reads what people attest.
    #[serde(default)]
    pub attestations: Vec<String>,
    /// The version that brought it.
    #[serde(default)]
    pub since: String,
    /// Why it matters.
    pub why: String,
    /// What passes.
    #[serde(default)]
    pub passes: String,
    /// What fails.
    #[serde(default)]
    pub fails: String,
    /// What it does not judge.
    #[serde(default)]
    pub not_applicable: Option<String>,
    /// MongoDB's own pages.
    #[serde(default)]
    pub references: Vec<String>,
    /// What to do about it.
    #[serde(default)]
    pub remediation: Remediation,
    /// Its parameters and their defaults.
    #[serde(default)]
    pub parameters: toml::Table,
    /// Framework to requirements that it supports.
    #[serde(default)]
    pub controls: BTreeMap<Framework, Vec<Control>>,
    /// Whether a failure is one of Atlas, or only says that the scan is incomplete.
    #[serde(default)]
    pub failure_means: FailureMeans,
    /// Documentation and tests at once.
    #[serde(default, rename = "example")]
    pub examples: Vec<Example>,
}

impl Rule {
    /// Whether that is its id, its name, or a former name, whatever the case.
    #[must_use]
    pub fn is_called(&self, asked: &str) -> bool {
        let asked_for = |candidate: &str| candidate.eq_ignore_ascii_case(asked);
        asked_for(&self.id)
            || asked_for(&self.name)
            || self.aliases.iter().any(|alias| asked_for(alias))
            // People write `NET-001`.
            || self.id.strip_prefix("ATL-").is_some_and(asked_for)
    }
}

/// What a failure says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureMeans {
    /// Something is wrong in Atlas.
    #[default]
    Finding,
    /// The scan did not see enough: the exit code says incomplete, not failed.
    IncompleteScan,
}

/// What gets a verdict of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The run itself.
    Scan,
    /// The organization.
    Organization,
    /// Each project.
    Project,
    /// Each cluster.
    Cluster,
    /// Each database user.
    DatabaseUser,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Scan => "scan",
            Self::Organization => "organization",
            Self::Project => "project",
            Self::Cluster => "cluster",
            Self::DatabaseUser => "database user",
        })
    }
}

/// Ways out. `<project>`, `<cluster>` and the like are filled in for each finding.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remediation {
    /// A command of the Atlas CLI; paragraphs are alternatives, of which a finding shows those that its facts fill. One of
    /// remarks (`# …`) alone stands for the cases without a command.
    pub cli: Option<String>,
    /// The attribute of the Terraform provider.
    pub terraform: Option<String>,
    /// Where to go in the console, or what else to do.
    pub console: Option<String>,
}

/// A requirement of a framework that a rule supports. A pass supports it, and does not satisfy it alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Control {
    /// `1.3.1`, `164.312(a)(1)`.
    pub id: String,
    /// Whether an assessor may see it otherwise.
    pub confidence: Confidence,
}

/// How sure a mapping is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Plain.
    Firm,
    /// An assessor may dispute it.
    Disputed,
}

/// A string, or a table with a confidence: a hand-written `Deserialize`, since people write these.
impl<'de> Deserialize<'de> for Control {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Control;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a requirement such as \"1.3.1\", or { id = \"1.3.1\", confidence = \"disputed\" }")
            }

            fn visit_str<E: de::Error>(self, id: &str) -> Result<Control, E> {
                Ok(Control { id: id.to_owned(), confidence: Confidence::Firm })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Control, A::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Full {
                    id: String,
                    confidence: Confidence,
                }
                let full = Full::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Control { id: full.id, confidence: full.confidence })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A worked example: a small piece of an organization, and what the rule says of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The expected verdict.
    pub is: Expected,
    /// Must occur in the evidence (for `fail`) or in the reason (for `unknown` and `not-applicable`).
    pub finds: Option<String>,
    /// The severity of the first finding, where it differs from the rule's.
    pub severity: Option<Severity>,
    /// How many findings, where that is the point.
    pub findings: Option<usize>,
    /// The point of it.
    pub because: Option<String>,
    /// Over the rule's own.
    #[serde(default)]
    pub parameters: toml::Table,
    /// What the organization declares.
    #[serde(default)]
    pub declared: Declared,
    /// Reviews that took place, as if the configuration named their files.
    #[serde(default)]
    pub reviews: Vec<Record>,
    /// What earlier scans saw of the project's logins, as if a history had kept it.
    #[serde(default)]
    pub watched: Vec<Watch>,
    /// When the snapshot was taken.
    pub now: Option<jiff::Timestamp>,
    /// The organization: its fields and its sections.
    #[serde(default)]
    pub organization: Map<String, Value>,
    /// The project: its fields and its sections.
    pub project: Option<Map<String, Value>>,
    /// Projects that stand beside it in the organization's list, for rules that look across.
    #[serde(default)]
    pub neighbours: Vec<ListedProject>,
    /// Why the list of projects could not be read, if it could not.
    pub listing: Option<crate::snapshot::Reason>,
    /// For rules about the run itself: what the run did.
    pub scan: Option<ExampleScan>,
}

/// The run of an example of scope `scan`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleScan {
    /// Verdicts that were reached.
    #[serde(default)]
    pub judged: usize,
    /// Verdicts that were not.
    #[serde(default)]
    pub unknown: usize,
    /// Sections that could not be read.
    #[serde(default)]
    pub unread: Vec<Section>,
    /// Sections that the selected rules need.
    #[serde(default)]
    pub needs: Vec<Section>,
    /// Whether a snapshot file was judged, and not Atlas itself.
    #[serde(default)]
    pub offline: bool,
}

/// A verdict, for examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the four verdicts")]
pub enum Expected {
    Pass,
    Attested,
    Fail,
    NotApplicable,
    Unknown,
}

impl Rule {
    /// The group in its id: `NET` of `ATL-NET-001`.
    #[must_use]
    pub fn group(&self) -> &str {
        self.id.split('-').nth(1).unwrap_or_default()
    }

    /// Its page in the rule index.
    #[must_use]
    pub fn help_uri(&self) -> Option<&str> {
        self.references.first().map(String::as_str)
    }
}
