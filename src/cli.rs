//! What can be typed. No behaviour.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::analysis::guardrails::{Guard, is_region};
use crate::analysis::privileges::Namespace;
use crate::commands::simulate;
use crate::engine::Severity;
use crate::engine::day::Day;
use crate::engine::framework::Framework;

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

/// How to get at Atlas.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Access to Atlas")]
pub struct AccessArgs {
    /// Profile of the Atlas CLI's configuration to take credentials from
    ///
    /// Without it, `MONGODB_ATLAS_CLIENT_ID` and `_CLIENT_SECRET` (service account) or `MONGODB_ATLAS_PUBLIC_API_KEY` and
    /// `_PRIVATE_API_KEY` (API key) are used, else the Atlas CLI's default profile.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Atlas for Government
    #[arg(long, conflicts_with = "base_url")]
    pub gov: bool,

    /// Another Atlas, or a stand-in for it; also `MONGODB_ATLAS_BASE_URL`. Plain HTTP only to this machine
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,

    /// Organization to read, if the credential sees several: its id or name
    #[arg(long, value_name = "ORG")]
    pub org: Option<String>,

    /// Most calls under way at once; fewer are made when Atlas slows down
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: u16,

    /// Longest wait for one answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: u64,
}

/// What is looked at: a snapshot, the bundled demo, or (without either) Atlas itself.
#[derive(Debug, Clone, Default, Args)]
pub struct SourceArgs {
    /// Look at this snapshot instead of reading Atlas
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,

    /// Look at the bundled demo organization; no credentials needed
    #[arg(long, conflicts_with = "snapshot")]
    pub demo: bool,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub scope: ScopeArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub access: AccessArgs,
}

/// Which configuration is in force.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Configuration")]
pub struct ConfigArgs {
    /// Configuration; without it, the nearest `atlas-audit.toml` from the working directory upward
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// No configuration, even if there is one
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
}

/// What part of the organization.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What to read")]
pub struct ScopeArgs {
    /// Only these projects: id, name, or a pattern such as `pay*`
    #[arg(long, value_name = "PROJECT")]
    pub project: Vec<String>,

    /// Not these projects
    #[arg(long, value_name = "PROJECT")]
    pub exclude_project: Vec<String>,
}

/// Which rules.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Which rules")]
pub struct SelectionArgs {
    /// Also judge by the rules in this folder; see `rules new`
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,

    /// Only these rules, by id or name
    #[arg(long, value_name = "RULE")]
    pub rule: Vec<String>,

    /// Not these rules
    #[arg(long, value_name = "RULE")]
    pub skip_rule: Vec<String>,

    /// Only rules of these categories: network, authentication, encryption, …
    #[arg(long, value_name = "CATEGORY")]
    pub category: Vec<String>,

    /// Only rules that support this framework, with the verdicts by its requirements
    ///
    /// One of pci-dss-4.0.1, hipaa, gdpr, soc-2, iso-27001, nist-800-53r5, cis-v8.
    #[arg(long, value_name = "FRAMEWORK", value_parser = framework)]
    pub framework: Option<Framework>,

    /// Only rules at least that severe
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub min_severity: Option<Severity>,
}

fn severity(text: &str) -> Result<Severity, String> {
    text.parse().map_err(|error: crate::engine::severity::NoSuchSeverity| error.to_string())
}

fn framework(text: &str) -> Result<Framework, String> {
    text.parse().map_err(|error: crate::engine::framework::NoSuchFramework| error.to_string())
}

/// What a gate fails on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// Findings at this severity or above.
    Severity(Severity),
    /// No finding at all.
    Nothing,
}

fn fail_on(text: &str) -> Result<FailOn, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(FailOn::Nothing);
    }
    text.parse()
        .map(FailOn::Severity)
        .map_err(|_| format!("`{text}` is not a severity: critical, high, medium, low, info, or none"))
}

/// `scan`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  atlas-audit scan                                    everything that the credentials can see
  atlas-audit scan --project 'pay*' --fail-on high    a gate for some projects
  atlas-audit scan --format table --format sarif --output audit.sarif
  atlas-audit scan --snapshot 2026-11.jsonl           judge what `fetch` kept, offline")]
pub struct ScanArgs {
    /// Judge this snapshot instead of reading Atlas
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,

    /// How to report; may be given several times, each with an --output of its own
    #[arg(short, long, value_name = "FORMAT", value_enum, help_heading = "Reports")]
    pub format: Vec<Format>,

    /// Write the format named before it to this file instead of stdout
    #[arg(short, long, value_name = "FILE", help_heading = "Reports")]
    pub output: Vec<PathBuf>,

    /// Where SARIF results point: lines of the snapshot file, or one virtual path per resource
    ///
    /// The default is `snapshot` where --snapshot is given, else `resource`. With `snapshot` and no --snapshot, the
    /// snapshot is written beside the report as `atlas-audit.snapshot.jsonl`.
    #[arg(long, value_name = "WHERE", value_enum, help_heading = "Reports")]
    pub sarif_locations: Option<SarifLocations>,

    /// Also keep what was read as a snapshot
    #[arg(long, value_name = "FILE", conflicts_with = "snapshot", help_heading = "Reports")]
    pub save_snapshot: Option<PathBuf>,

    /// Keep waived findings, and what is fixed since the baseline, in SARIF: by `suppressions` and `baselineState`
    ///
    /// GitHub knows neither and would show both as open alerts; so they are left out unless this is given.
    #[arg(long, help_heading = "Reports")]
    pub sarif_suppressed: bool,

    /// List so many findings at most, the worst first; all are counted
    #[arg(long, value_name = "N", help_heading = "Reports")]
    pub max_findings: Option<usize>,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub gate: GateArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub config: ConfigArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub selection: SelectionArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub scope: ScopeArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub access: AccessArgs,
}

/// What a run fails on.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Exit code")]
#[expect(clippy::struct_excessive_bools, reason = "flags of the command line, each by itself")]
pub struct GateArgs {
    /// Exit with 1 on findings this severe or worse; `none` for never. Default: low
    #[arg(long, value_name = "SEVERITY", value_parser = fail_on)]
    pub fail_on: Option<FailOn>,

    /// Exit with 1, not 3, where something is unknown and nothing failed
    #[arg(long, conflicts_with = "allow_unknown")]
    pub fail_on_unknown: bool,

    /// Exit with 0, not 3, where something is unknown and nothing failed
    #[arg(long)]
    pub allow_unknown: bool,

    /// Only what is new or worse since this counts: an earlier JSON report, or a snapshot
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Count everything, even if the configuration names a baseline
    #[arg(long, conflicts_with = "baseline")]
    pub no_baseline: bool,

    /// More waivers, beside those of the configuration
    #[arg(long, value_name = "FILE")]
    pub waivers: Vec<PathBuf>,

    /// Exit with 0 whatever was found; errors are still 2
    #[arg(long)]
    pub exit_zero: bool,
}

/// `explain`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  atlas-audit explain 3f1c9a --snapshot 2026-11.jsonl
  atlas-audit scan --format json | jq -r '.findings[0].fingerprint'     where fingerprints come from")]
pub struct ExplainArgs {
    /// Fingerprint of the finding, or of an unknown verdict; its first six digits may do
    pub fingerprint: String,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub source: SourceArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub config: ConfigArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub selection: SelectionArgs,
}

/// `waive`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  atlas-audit waive 3f1c9a --snapshot 2026-11.jsonl --reason 'load test' --owner ada@shop.example --until 2026-12-31

A waived finding stays in every report, marked, and fails no run until its day is over.")]
pub struct WaiveArgs {
    /// Fingerprint of the finding; its first six digits may do
    pub fingerprint: String,

    /// Why it is accepted
    #[arg(long, value_name = "TEXT")]
    pub reason: String,

    /// Who answers for it
    #[arg(long, value_name = "WHO")]
    pub owner: String,

    /// The last day on which it counts, such as 2026-12-31
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub until: Day,

    /// A file of waivers to add it to, instead of the configuration
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub source: SourceArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub config: ConfigArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub selection: SelectionArgs,
}

fn day(text: &str) -> Result<Day, String> {
    text.parse().map(Day).map_err(|_| format!("`{text}` is no day such as 2026-12-31"))
}

/// `completions`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  atlas-audit completions bash > /etc/bash_completion.d/atlas-audit
  atlas-audit completions zsh > \"${fpath[1]}/_atlas-audit\"")]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `man`
#[derive(Debug, Clone, Args)]
pub struct ManArgs {
    /// Folder for the pages
    #[arg(short, long, value_name = "DIR", default_value = "man")]
    pub output: PathBuf,
}

/// Formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people at a terminal
    Table,
    /// For programs; versioned, with a published schema
    Json,
    /// For code scanning: GitHub, GitLab, Azure
    Sarif,
    /// For people with a browser: one file that needs no network
    Html,
    /// For pull requests and step summaries: Markdown, within GitHub's limits
    Markdown,
    /// For test reporters such as Jenkins and GitLab: a case per rule and resource
    Junit,
    /// For spreadsheets: a row per verdict
    Csv,
    /// For data lakes and SIEMs: OCSF Compliance Findings, a JSON event per line
    Ocsf,
    /// For a run of GitHub Actions: annotations
    Github,
}

/// Where SARIF results point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SarifLocations {
    /// The line of the snapshot file that holds the offending entry
    Snapshot,
    /// A virtual path per resource, line 1
    Resource,
}

/// `fetch`
#[derive(Debug, Clone, Args)]
pub struct FetchArgs {
    /// Where to keep the snapshot. It holds names and addresses, no secrets; only you can read the file
    #[arg(short, long, value_name = "FILE", default_value = "atlas-audit.snapshot.jsonl")]
    pub output: PathBuf,

    /// Read only what these rules need (the default is everything)
    #[command(flatten)]
    pub selection: SelectionArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub scope: ScopeArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub access: AccessArgs,
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
    /// How to report
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value = "table", help_heading = "Reports")]
    pub format: PageFormat,

    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE", help_heading = "Reports")]
    pub output: Option<PathBuf>,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub source: SourceArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub selection: SelectionArgs,
}

/// `diff`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Exit codes: 0 nothing new at or above --fail-on, 1 something new or worse at or above it, 2 the command or a file is wrong, \
3 something that OLD tells of can no longer be seen in NEW, and nothing failed.

Examples:
  atlas-audit diff october.jsonl november.jsonl
  atlas-audit diff october.jsonl november.jsonl --fail-on high    a gate on what is new alone
  atlas-audit diff old.jsonl new.jsonl --format markdown          for a pull request")]
pub struct DiffArgs {
    /// The earlier snapshot
    #[arg(value_name = "OLD")]
    pub old: PathBuf,

    /// The later snapshot, of the same organization
    #[arg(value_name = "NEW")]
    pub new: PathBuf,

    /// How to report
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value = "table", help_heading = "Reports")]
    pub format: DiffFormat,

    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE", help_heading = "Reports")]
    pub output: Option<PathBuf>,

    /// Also what happens by itself, one by one: last uses, states, events, backups taken, ages in messages
    #[arg(long, help_heading = "Reports")]
    pub all: bool,

    /// Exit with 1 on findings this severe or worse that are new, worse, or came to light; `none` for never
    #[arg(long, value_name = "SEVERITY", default_value = "none", value_parser = fail_on, help_heading = "Exit code")]
    pub fail_on: FailOn,

    /// Exit with 0 where it would be 3: something can no longer be seen, and nothing failed
    #[arg(long, help_heading = "Exit code")]
    pub allow_unknown: bool,

    /// Exit with 0 whatever changed; errors are still 2
    #[arg(long, help_heading = "Exit code")]
    pub exit_zero: bool,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub config: ConfigArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub selection: SelectionArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub scope: ScopeArgs,
}

/// Formats of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people at a terminal
    Table,
    /// For programs; versioned, with a published schema
    Json,
    /// For a comment on a pull request; never longer than GitHub takes
    Markdown,
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
    /// How to report
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value = "table", help_heading = "Reports")]
    pub format: AuditCoverageFormat,

    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE", help_heading = "Reports")]
    pub output: Option<PathBuf>,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub source: SourceArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub config: ConfigArgs,
}

/// Formats of `audit-coverage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuditCoverageFormat {
    /// For people at a terminal
    Table,
    /// For programs; versioned
    Json,
}

/// `rules`
#[derive(Debug, Clone, Args)]
pub struct RulesArgs {
    /// What about them
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// `rules …`
#[derive(Debug, Clone, Subcommand)]
pub enum RulesCommand {
    /// All rules, one a line
    List {
        /// How to show them
        #[arg(short, long, value_enum, default_value = "table")]
        format: RulesFormat,

        #[command(flatten)]
        #[expect(missing_docs, reason = "documented at its type")]
        selection: SelectionArgs,
    },
    /// One rule in full
    Show {
        /// Its id or name
        rule: String,

        /// Also know the rules in this folder
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
    },
    /// Judge the examples of your own rules
    Test {
        /// The folder that holds them
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Start a rule of your own: a file with an expression and examples that hold
    New {
        /// Its id, such as ACME-001
        id: String,

        /// Its name, such as entries-have-comments
        name: String,

        /// Where to put the file
        #[arg(long, value_name = "DIR", default_value = "rules")]
        folder: PathBuf,

        /// What gets a verdict of its own
        #[arg(long, value_enum, default_value = "project")]
        scope: NewScope,
    },
}

/// Scopes of `rules new`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum NewScope {
    /// The organization
    Organization,
    /// Each project
    Project,
    /// Each cluster
    Cluster,
    /// Each database user
    DatabaseUser,
}

/// Formats of `rules list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RulesFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// For a page
    Markdown,
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

    /// How to report
    #[arg(short, long, value_enum, default_value = "table", help_heading = "Reports")]
    pub format: PageFormat,

    /// Write the report to this file instead of stdout
    #[arg(short, long, value_name = "FILE", help_heading = "Reports")]
    pub output: Option<PathBuf>,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
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
    #[expect(missing_docs, reason = "documented at its type")]
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

/// Formats of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PageFormat {
    /// For people at a terminal
    Table,
    /// For programs; versioned
    Json,
}

fn namespace(text: &str) -> Result<Namespace, String> {
    text.parse().map_err(|error: crate::analysis::privileges::NamespaceError| error.to_string())
}

/// `init`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  atlas-audit init                               from the organization that the credentials can see
  atlas-audit init --snapshot november.jsonl     from what `fetch` kept
  atlas-audit init --demo --output try.toml      from the bundled demo

What is only guessed stands behind a `#`, and counts for nothing until it is taken away.")]
pub struct InitArgs {
    /// Where to write it
    #[arg(short, long, value_name = "FILE", default_value = crate::config::FILE)]
    pub output: PathBuf,

    /// Replace what is there
    #[arg(long)]
    pub force: bool,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub source: SourceArgs,
}

/// `config`
#[derive(Debug, Clone, Args)]
pub struct ConfigurationArgs {
    /// What about it
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// `config …`
#[derive(Debug, Clone, Subcommand)]
pub enum ConfigCommand {
    /// Whether it can be used; held against an organization, what everything counts as and why
    #[command(after_help = "\
Examples:
  atlas-audit config check                               the nearest atlas-audit.toml by itself
  atlas-audit config check --snapshot november.jsonl     and what it makes of that organization
  atlas-audit config check --live                        the same, of Atlas itself")]
    Check {
        #[command(flatten)]
        #[expect(missing_docs, reason = "documented at its type")]
        config: ConfigArgs,

        /// How to show it
        #[arg(short, long, value_enum, default_value = "table", help_heading = "Reports")]
        format: PageFormat,

        /// Hold it against Atlas itself
        #[arg(long, conflicts_with_all = ["snapshot", "demo"])]
        live: bool,

        #[command(flatten)]
        #[expect(missing_docs, reason = "documented at its type")]
        source: SourceArgs,
    },
}

/// `demo`
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// How to report
    #[arg(short, long, value_enum, default_value = "table")]
    pub format: Format,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub selection: SelectionArgs,
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
    /// How to show it
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value = "table")]
    pub format: PageFormat,

    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Exit with 0 where it would be 3
    #[arg(long)]
    pub allow_unknown: bool,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub source: SourceArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub config: ConfigArgs,
}

/// `review`
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "\
Examples:
  atlas-audit fetch --output 2026-11.jsonl
  atlas-audit review --since 2026-10.jsonl 2026-11.jsonl --output reviews/2026-11
  (fill in the columns owner to verified_on of reviews/2026-11/review.csv)
  atlas-audit review record --pack reviews/2026-11 --decisions reviews/2026-11/review.csv \\
      --output reviews/2026-11/record.json
  (name it in atlas-audit.toml: reviews = [\"reviews/2026-11/record.json\"])

Exit codes: 0 all was read, 1 something that the review before revoked is still there, 2 the command is wrong, \
3 a list could not be read and nothing revoked is there.")]
pub struct ReviewArgs {
    /// What else
    #[command(subcommand)]
    pub command: Option<ReviewCommand>,

    /// The snapshot to review
    #[arg(value_name = "SNAPSHOT", required = true)]
    pub snapshot: Option<PathBuf>,

    /// The snapshot of the review before: tells what was added, changed and taken away since
    #[arg(long, value_name = "OLD")]
    pub since: Option<PathBuf>,

    /// The record of the review before, or its pack; the last one that the configuration names, if not given
    #[arg(long, value_name = "RECORD")]
    pub previous: Option<PathBuf>,

    /// Folder for review.csv, review.html and review.json. They hold names and addresses; only you can read them
    #[arg(short, long, value_name = "DIR", required = true)]
    pub output: Option<PathBuf>,

    /// Make a new pack where a sheet was filled in; the old files are kept as review.1.csv and so on
    #[arg(long)]
    pub force: bool,

    /// Exit with 0 where it would be 3
    #[arg(long)]
    pub allow_unknown: bool,

    #[command(flatten)]
    #[expect(missing_docs, reason = "documented at its type")]
    pub config: ConfigArgs,
}

/// `review …`
#[derive(Debug, Clone, Subcommand)]
pub enum ReviewCommand {
    /// Read a filled-in sheet back, check it, and keep what was decided
    Record(RecordArgs),
}

/// `review record`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
A sheet is taken only as a whole: each row of the pack once and as the pack has it, with a decision (keep, change or \
revoke), a reviewer other than the subject, and a date from the day of the snapshot until today. Everything that is \
wrong is told at once.")]
pub struct RecordArgs {
    /// The pack: its folder, or its review.json
    #[arg(long, value_name = "DIR")]
    pub pack: PathBuf,

    /// The filled-in sheet, as CSV
    #[arg(long, value_name = "FILE")]
    pub decisions: PathBuf,

    /// Also make sure that the pack was made from this snapshot
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,

    /// Where to keep the record
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,

    /// The last day on which the review counts; the default is six months after its last decision
    ///
    /// How often a review is due, the rules ATL-ATT-001 and ATL-ATT-002 say: `max_days`.
    #[arg(long, value_name = "DAY")]
    pub expires: Option<jiff::civil::Date>,

    /// Replace a record that is there
    #[arg(long)]
    pub force: bool,
}

/// `schema`
#[derive(Debug, Clone, Args)]
pub struct SchemaArgs {
    /// Of what
    #[arg(value_enum)]
    pub of: SchemaOf,
}

/// What there is a schema of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// A line of a snapshot
    Snapshot,
    /// The report of `--format json`
    Report,
    /// What `exposure --format json` prints
    Exposure,
    /// What `diff --format json` prints
    Diff,
    /// The pack of an access review, `review.json`
    Review,
    /// The record of an access review
    ReviewRecord,
    /// The configuration, `atlas-audit.toml`
    Config,
}
