//! What can be typed. No behaviour. Here is the command as a whole; what a subcommand takes stands in a file by subject.

mod access;
mod comparing;
mod configuration;
mod finding;
mod gate;
mod history;
mod question;
mod reference;
mod review;
mod rules;
mod scan;
mod selection;

use clap::{Parser, Subcommand};

use crate::commands::simulate;

pub use access::{AccessArgs, ScopeArgs, SourceArgs};
pub use comparing::{DiffArgs, DiffFormat};
pub use configuration::{ConfigCommand, ConfigurationArgs, InitArgs};
pub use finding::{AmongArgs, ExplainArgs, WaiveArgs};
pub use gate::{FailOn, GateArgs};
pub use history::TrendArgs;
pub use question::{
    AccessCommandArgs, AuditCoverageArgs, ExposureArgs, GuardrailsArgs, PageArgs, PageFormat, WhoCanArgs, WhoCanVerb,
};
pub use reference::{CompletionsArgs, ManArgs, SchemaArgs, SchemaOf};
pub use review::{RecordArgs, ReviewArgs, ReviewCommand};
pub use rules::{NewScope, RulesArgs, RulesCommand, RulesFormat};
pub use scan::{DemoArgs, FetchArgs, Format, SarifLocations, ScanArgs};
pub use selection::{ConfigArgs, SelectionArgs};

/// The version, and the commit where that is known.
const VERSION: &str = env!("ATLAS_AUDIT_VERSION");

/// Judges the security posture of a MongoDB Atlas organization, and says what it could not read.
#[derive(Debug, Parser)]
#[command(name = "atlas-audit", version, long_version = VERSION, about, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "\
Try it without credentials: atlas-audit demo

Exit codes: 0 nothing at or above --fail-on, 1 findings at or above it, 2 the command or its configuration is \
wrong, 3 something that the rules need could not be read and nothing failed.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// More of the log on stderr: once for what is done, twice for every call. Never changes what is found
    #[arg(short, long, action = clap::ArgAction::Count, global = true, display_order = 900)]
    pub verbose: u8,

    /// No progress and no hints on stderr
    #[arg(short, long, global = true, display_order = 901)]
    pub quiet: bool,

    /// Colours
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true, display_order = 902)]
    pub color: clap::ColorChoice,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read an organization, or a snapshot of one, and judge it
    Scan(ScanArgs),
    /// Read an organization and keep it as a snapshot, to be judged later
    Fetch(FetchArgs),
    /// What the credential can read and what not, the rules that this leaves unknown, and the roles that would do
    Access(AccessCommandArgs),
    /// What changed between two snapshots: in the configuration, by risk, and in the verdicts
    Diff(DiffArgs),
    /// What the audit logs record: for all, for some, for none, and a filter for what lacks
    AuditCoverage(AuditCoverageArgs),
    /// What many scans tell together: counts over time, time to fix, what is oldest and what comes back
    Trend(TrendArgs),
    /// The checklist: list the rules, or show one in full
    Rules(RulesArgs),
    /// One finding in full, by its fingerprint
    Explain(ExplainArgs),
    /// Accept one finding until a day: adds a waiver to the configuration
    Waive(WaiveArgs),
    /// Who can reach the clusters of each project: what access lists really admit, and the private ways in
    Exposure(ExposureArgs),
    /// Who can read, write, destroy or administer what, by which roles; or what one user can do
    WhoCan(WhoCanArgs),
    /// The monthly review of who has access: a pack to decide on, and what was decided
    Review(ReviewArgs),
    /// Write a commented configuration to start from, from what is there
    Init(InitArgs),
    /// The configuration: check it, and see what follows from it
    Config(ConfigurationArgs),
    /// Scan the bundled demo organization over HTTP; no credentials needed
    Demo(DemoArgs),
    /// What resource policies really refuse, in which projects, and what they do not
    Guardrails(GuardrailsArgs),
    /// Print what completes this program's command line in a shell
    Completions(CompletionsArgs),
    /// Write the manual pages
    Man(ManArgs),
    /// Serve a recording as a stand-in for Atlas
    Simulate(simulate::Args),
    /// Print a JSON Schema of what this program reads and writes
    Schema(SchemaArgs),
}
