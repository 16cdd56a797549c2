//! Questions with an answer of one page: `access`, `audit-coverage`, `exposure`, `guardrails`, `who-can`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::analysis::guardrails::{Guard, is_region};
use crate::analysis::privileges::Namespace;

use super::access::SourceArgs;
use super::selection::{ConfigArgs, SelectionArgs};

/// How a question is answered.
#[derive(Debug, Clone, Args)]
pub struct PageArgs {
    /// How to report
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value = "table", help_heading = "Reports")]
    pub format: PageFormat,

    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE", help_heading = "Reports")]
    pub output: Option<PathBuf>,
}

/// Formats of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PageFormat {
    /// For people at a terminal
    Table,
    /// For programs; versioned
    Json,
}

/// `access`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  atlas-audit access                                the credential that a scan would use
  atlas-audit access --category network             only what these rules need
  atlas-audit access --format json | jq -r '.enough[].role'

Exit codes: 0 all that the rules need can be read, 2 the command is wrong, 3 something cannot.")]
pub struct AccessCommandArgs {
    #[command(flatten)]
    pub page: PageArgs,

    #[command(flatten)]
    pub source: SourceArgs,

    #[command(flatten)]
    pub selection: SelectionArgs,
}

/// `audit-coverage`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  atlas-audit audit-coverage --demo                       the bundled organization
  atlas-audit audit-coverage --snapshot 2026-11.jsonl --project payments
  atlas-audit audit-coverage --format json | jq '.projects[] | {name, lacks}'

Exit codes: 0, 2 for errors, 3 if an audit log or where it goes could not be read.")]
pub struct AuditCoverageArgs {
    #[command(flatten)]
    pub page: PageArgs,

    #[command(flatten)]
    pub source: SourceArgs,

    #[command(flatten)]
    pub config: ConfigArgs,
}

/// `exposure`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Exit codes: 0 all was read and understood, 2 the command is wrong, 3 something could not be read or understood.

Examples:
  atlas-audit exposure --demo
  atlas-audit exposure --project 'pay*'
  atlas-audit exposure --snapshot 2026-11.jsonl --format json")]
pub struct ExposureArgs {
    #[command(flatten)]
    pub page: PageArgs,

    /// Exit with 0 where it would be 3
    #[arg(long)]
    pub allow_unknown: bool,

    #[command(flatten)]
    pub source: SourceArgs,

    #[command(flatten)]
    pub config: ConfigArgs,
}

/// `guardrails`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  atlas-audit guardrails                                      every guard, and each policy by itself
  atlas-audit guardrails --guard wildcard-ipv4 --guard tls-1.0
  atlas-audit guardrails --allow-region aws:eu-west-1         what lies outside these regions
  atlas-audit guardrails --suggest                            policies for what nothing refuses yet")]
pub struct GuardrailsArgs {
    /// Only these guards, by id
    #[arg(long, value_name = "GUARD", value_parser = guard)]
    pub guard: Vec<Guard>,

    /// Clusters may be in these regions: `aws:eu-west-1`, `azure:westeurope`, `gcp:europe-west3`
    #[arg(long, value_name = "REGION", value_delimiter = ',', value_parser = region)]
    pub allow_region: Vec<String>,

    /// Print Cedar policies for what nothing refuses yet, each tried before; as JSON, ready for the Atlas CLI
    #[arg(long)]
    pub suggest: bool,

    /// Prove each answer, or find a counterexample, with the solver cvc5, which has to be on the path
    #[arg(long, conflicts_with = "suggest", hide = !cfg!(feature = "prove"))]
    pub prove: bool,

    /// How to report
    #[arg(short, long, value_enum, default_value = "table", help_heading = "Reports")]
    pub format: PageFormat,

    #[command(flatten)]
    pub source: SourceArgs,
}

fn guard(text: &str) -> Result<Guard, String> {
    let all = Guard::all();
    let known = || all.iter().map(Guard::id).collect::<Vec<_>>().join(", ");
    all.iter()
        .find(|guard| guard.id() == text)
        .cloned()
        .ok_or_else(|| format!("there is no such guard; there are {}", known()))
}

fn region(text: &str) -> Result<String, String> {
    if is_region(text) {
        Ok(text.to_owned())
    } else {
        Err("a region is provider:name, such as aws:eu-west-1".to_owned())
    }
}

/// `who-can`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  atlas-audit who-can write shop.orders                     on any cluster, in every project
  atlas-audit who-can destroy shop --cluster shop-main      the whole database
  atlas-audit who-can administer --cluster shop-main        the cluster itself
  atlas-audit who-can --user shop_app                       everything that this user can do

Exit codes: 0 answered, 2 the command is wrong, 3 something could not be read or decided.")]
pub struct WhoCanArgs {
    /// What
    #[arg(value_enum, required_unless_present = "user")]
    pub verb: Option<WhoCanVerb>,

    /// To which database, or which collection of it: `shop`, `shop.orders`. Without it, `administer` is about clusters
    #[arg(value_name = "DATABASE[.COLLECTION]", value_parser = namespace)]
    pub namespace: Option<Namespace>,

    /// On this cluster or federated database only
    #[arg(long, value_name = "CLUSTER")]
    pub cluster: Option<String>,

    /// Only this database user; without a database, everything that it can do
    #[arg(long, value_name = "USER")]
    pub user: Option<String>,

    #[command(flatten)]
    pub page: PageArgs,

    #[command(flatten)]
    pub source: SourceArgs,
}

/// What somebody might do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WhoCanVerb {
    /// See documents
    Read,
    /// Insert, change or remove documents
    Write,
    /// Drop, or have documents expire
    Destroy,
    /// Change schema, indexes, layout or settings; of a cluster: stop it, freeze it, get round its protections
    Administer,
}

fn namespace(text: &str) -> Result<Namespace, String> {
    text.parse().map_err(|error: crate::analysis::privileges::NamespaceError| error.to_string())
}
