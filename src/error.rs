//! What can go wrong with the command, and what to do about it.
//!
//! Not here: what could not be read of an organization. That is a reading (`snapshot::reading`) and ends as a
//! verdict, not as an error.

use std::path::PathBuf;

use crate::config::ConfigError;
use crate::engine::catalogue::NoSuch;
use crate::engine::custom::BadRule;
use crate::history::HistoryError;
use crate::report::RenderError;
use crate::review::Problem;
use crate::simulator;
use crate::snapshot::Unavailable;
use crate::snapshot::store::SnapshotError;

/// Why the command cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing that could be a credential was found.
    #[error("no Atlas credentials were found")]
    NoCredentials {
        /// Where the Atlas CLI would keep its profiles.
        file: Option<PathBuf>,
    },
    /// One half of a pair.
    #[error("{place} gives {found}, but {missing} is {state}")]
    HalfCredentials {
        /// The environment, or a profile.
        place: String,
        /// What is there.
        found: String,
        /// What is not.
        missing: String,
        /// Missing, or empty.
        state: &'static str,
    },
    /// A pair of empty values: a secret that a CI system did not hand over.
    #[error("{names} are set in the environment, but empty")]
    EmptyCredentials {
        /// The variables.
        names: String,
    },
    /// A value that cannot be sent.
    #[error("{name} from {place} {why}")]
    UnusableCredential {
        /// The variable or key.
        name: String,
        /// Where it was found.
        place: String,
        /// What is wrong with it; never the value.
        why: &'static str,
    },
    /// The Atlas CLI's configuration file cannot be read.
    #[error("cannot read the Atlas CLI's configuration {path}: {why}")]
    ProfileFile {
        /// The file.
        path: PathBuf,
        /// Without the line itself: it may hold a key.
        why: String,
    },
    /// No such profile.
    #[error("no profile is called `{asked}` in {place}")]
    NoSuchProfile {
        /// What was asked for.
        asked: String,
        /// The file.
        place: String,
        /// The profiles that are there.
        known: Vec<String>,
    },
    /// The profile has no key in the file.
    #[error("the profile `{profile}` in {path} holds no key of a service account and no API key")]
    ProfileWithoutKey {
        /// The profile.
        profile: String,
        /// The file.
        path: PathBuf,
        /// The way it signs in, as the file says.
        auth_type: Option<String>,
    },
    /// The base URL will not do.
    #[error("the base URL{} will not do: {why}", at.as_ref().map(|at| format!(" {at}")).unwrap_or_default())]
    BaseUrl {
        /// Scheme and host, as far as they are known. Never the whole: it may hold a password.
        at: Option<String>,
        /// What is wrong with it.
        why: String,
    },
    /// HTTP cannot be set up.
    #[error("cannot set up HTTPS: {why}")]
    Http {
        /// The cause.
        why: String,
    },
    /// The credential is not accepted.
    #[error("{host} does not accept {credential}")]
    WrongKey {
        /// Whom we asked.
        host: String,
        /// Which credential, by its public part.
        credential: String,
    },
    /// The credential may not be used from here.
    #[error("{host} does not let {credential} in from {}", address.as_deref().unwrap_or("this address"))]
    NotOnAccessList {
        /// Whom we asked.
        host: String,
        /// Which credential, by its public part.
        credential: String,
        /// Our own address, as Atlas sees it.
        address: Option<String>,
    },
    /// Nobody answers.
    #[error("cannot reach {host}: {why}")]
    Unreachable {
        /// Whom we asked.
        host: String,
        /// The cause.
        why: String,
    },
    /// Somebody answers who cannot show to be the host.
    #[error("no trusted TLS connection to {host}: {why}")]
    Tls {
        /// Whom we asked.
        host: String,
        /// The cause.
        why: String,
    },
    /// Somebody answers who does not know the API.
    #[error("{host} sends us elsewhere: {to}")]
    Redirected {
        /// Whom we asked.
        host: String,
        /// Where we should go; redirects are not followed.
        to: String,
    },
    /// A snapshot that cannot be used.
    #[error("cannot read the snapshot {path}")]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: SnapshotError,
    },
    /// No finding has that fingerprint, or several have.
    #[error("{}", no_such_finding(asked, *count))]
    NoSuchFinding {
        /// What was asked for.
        asked: String,
        /// How many there are.
        count: usize,
    },
    /// What is unknown cannot be accepted.
    #[error("`{asked}` is no finding: nobody knows whether anything is wrong there")]
    NothingToWaive {
        /// The fingerprint.
        asked: String,
    },
    /// It is accepted already.
    #[error("it is waived already, by {owner} until {until}")]
    AlreadyWaived {
        /// By whom.
        owner: String,
        /// Until when.
        until: String,
    },
    /// A file that no waiver can be added to.
    #[error("cannot add a waiver to {path}: {why}")]
    NoTomlToEdit {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A baseline that is neither a report nor a snapshot.
    #[error("{path} is no baseline: {why}")]
    NotABaseline {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A baseline of something else.
    #[error("the baseline {path} is of the organization {theirs}, and this is {ours}")]
    BaselineOfOther {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        theirs: String,
        /// What was scanned.
        ours: String,
    },
    /// A history that cannot be used.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A history of scans that leave something out tells of fixes that nobody made.
    #[error("a history is of whole scans, and {option} leaves something out")]
    HistoryOfAPart {
        /// The option.
        option: &'static str,
    },
    /// Two files that have nothing to do with each other.
    #[error("{old} is of the organization {old_organization}, and {new} of {new_organization}")]
    OtherOrganization {
        /// The file that was given first.
        old: PathBuf,
        /// Its organization.
        old_organization: String,
        /// The file that was given second.
        new: PathBuf,
        /// Its organization.
        new_organization: String,
    },
    /// Two snapshots in the wrong order.
    #[error("{old} was taken at {old_taken}, which is after {new} ({new_taken})")]
    Swapped {
        /// The file that was given first.
        old: PathBuf,
        /// When it was taken.
        old_taken: jiff::Timestamp,
        /// The file that was given second.
        new: PathBuf,
        /// When it was taken.
        new_taken: jiff::Timestamp,
        /// The command the right way round.
        instead: String,
    },
    /// A rule or category that does not exist.
    #[error(transparent)]
    NoSuch(#[from] NoSuch),
    /// A rule of the organization's own cannot be used.
    #[error(transparent)]
    BadRule(#[from] BadRule),
    /// A project that was asked for and is not there.
    #[error("no project is called `{asked}`, and none matches it")]
    NoSuchProject {
        /// As typed.
        asked: String,
        /// The closest name.
        nearest: Option<String>,
    },
    /// A question about data that names none.
    #[error("who can {verb} what?")]
    NoNamespace {
        /// The verb.
        verb: &'static str,
    },
    /// A cluster that was asked for and is not there.
    #[error("no cluster or federated database is called `{asked}`")]
    NoSuchCluster {
        /// As typed.
        asked: String,
        /// The closest name.
        nearest: Option<String>,
    },
    /// A database user that was asked for and is not there.
    #[error("no database user is called `{asked}`")]
    NoSuchUser {
        /// As typed.
        asked: String,
        /// The closest name.
        nearest: Option<String>,
    },
    /// A pattern for projects that is none.
    #[error("the pattern `{pattern}` is none: {why}")]
    BadPattern {
        /// As typed.
        pattern: String,
        /// The cause.
        why: String,
    },
    /// Which of several organizations.
    #[error("{}", match asked {
        Some(asked) => format!("the credential sees no organization called `{asked}`"),
        None if known.is_empty() => "the credential sees no organization".to_owned(),
        None => format!("the credential sees {} organizations", known.len()),
    })]
    WhichOrganization {
        /// As typed.
        asked: Option<String>,
        /// Those that it sees.
        known: Vec<String>,
    },
    /// A file or stream that cannot be written.
    #[error("cannot write {path}")]
    Output {
        /// Where to.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// An `--output` with no `--format` of its own.
    #[error("--output {path} has no --format of its own")]
    OutputWithoutFormat {
        /// The file.
        path: PathBuf,
    },
    /// Only one report can go to stdout.
    #[error("two reports want to go to stdout")]
    TwoReportsOnStdout,
    /// What is read would be lost.
    #[error("{path} would be written over what is read")]
    WrittenOverInput {
        /// The file.
        path: PathBuf,
    },
    /// A snapshot of something else than was asked for.
    #[error("the snapshot {path} is of the organization {organization}, not of `{asked}`")]
    SnapshotOfOther {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        asked: String,
        /// Whose it is.
        organization: String,
    },
    /// Somebody stopped a run that is worth nothing unless it is whole, or before it had anything.
    #[error("interrupted before there was anything to keep")]
    Interrupted,
    /// A day that is over.
    #[error("a waiver until {until} would count for nothing: that day is over")]
    WaiverOver {
        /// The day.
        until: String,
    },
    /// The second would replace the first.
    #[error("two reports want to go to {path}")]
    TwoReportsInOneFile {
        /// The file.
        path: PathBuf,
    },
    /// Results are to point into a snapshot that nobody keeps.
    #[error("SARIF results are to point into a snapshot file, and none is kept")]
    NoSnapshot,
    /// A configuration that cannot be used.
    #[error(transparent)]
    Configuration(#[from] ConfigError),
    /// A file that is not to be lost.
    #[error("{path} is there already")]
    AlreadyThere {
        /// The file.
        path: PathBuf,
    },
    /// A file that cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A file that is neither pack nor record of a review.
    #[error("cannot use {path}: {why}")]
    NotAPack {
        /// The file.
        path: PathBuf,
        /// The cause.
        why: String,
    },
    /// A file that is no sheet of a review.
    #[error("cannot use the sheet {path}: {why}")]
    NotASheet {
        /// The file.
        path: PathBuf,
        /// The cause.
        why: String,
    },
    /// A sheet that was not filled in well.
    #[error("{}", bad_sheet(path, problems))]
    Sheet {
        /// The file.
        path: PathBuf,
        /// All that is wrong with it.
        problems: Vec<Problem>,
    },
    /// A sheet that somebody worked on.
    #[error("{path} is filled in")]
    FilledIn {
        /// The file.
        path: PathBuf,
    },
    /// A pack that somebody may be working on.
    #[error("{path} is another pack")]
    OtherPack {
        /// The file.
        path: PathBuf,
    },
    /// A pack of another snapshot.
    #[error("{pack} was not made from {path}")]
    OtherSnapshot {
        /// The snapshot.
        path: PathBuf,
        /// The pack.
        pack: PathBuf,
    },
    /// The stand-in Atlas.
    #[error(transparent)]
    Simulator(#[from] simulator::Error),
    /// The machine gives no threads or no signals.
    #[error("cannot start the run")]
    Runtime {
        /// The cause.
        source: std::io::Error,
    },
    /// Proofs are asked for, and this build has none.
    #[error("this build of atlas-audit proves nothing: it was made without the feature `prove`")]
    NoProver,
    /// The solver is not there, or does not work.
    #[error("guards cannot be proved without the solver cvc5: {why}")]
    NoSolver {
        /// The cause.
        why: String,
    },
    /// The very first call got no usable answer.
    #[error("{host} gives no list of organizations: {why}")]
    NoOrganizations {
        /// Whom we asked.
        host: String,
        /// Why not.
        why: Box<Unavailable>,
    },
}

fn bad_sheet(path: &std::path::Path, problems: &[Problem]) -> String {
    let number = problems.len();
    let things = if number == 1 { "problem" } else { "problems" };
    let mut text = format!("{} cannot be recorded: {number} {things}", path.display());
    for problem in problems {
        text.push_str("\n  ");
        text.push_str(&crate::report::text::visible(&problem.to_string()));
    }
    text
}

impl Error {
    /// A report that could not be written there.
    pub(crate) fn rendering(error: RenderError, path: PathBuf) -> Self {
        match error {
            RenderError::Io(source) => Self::Output { path, source },
            RenderError::Snapshot { path, source } => Self::Snapshot { path, source },
            RenderError::NoSnapshot => Self::NoSnapshot,
        }
    }
}

const SET_THESE: &str = "set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET (a service account), or \
     MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY (an API key)";

impl Error {
    /// What to do next.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a list, one entry per error")]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Snapshot { source, .. } => match source {
                SnapshotError::NewerFormat { .. } => {
                    "it was written by a newer atlas-audit: update this one, or fetch again with it".to_owned()
                }
                SnapshotError::CutOff { .. } | SnapshotError::Empty => {
                    "the file was not written or copied to its end: fetch it again".to_owned()
                }
                SnapshotError::AfterTrailer { .. } | SnapshotError::SecondHeader { .. } => {
                    "it is several files put together: give each by itself".to_owned()
                }
                SnapshotError::Io(_) => return None,
                _ => "a snapshot is what `atlas-audit fetch` writes; fetch it again if it was edited".to_owned(),
            },
            Self::NoProver => {
                "build it with `cargo install atlas-audit --features prove`, or leave --prove out".to_owned()
            }
            Self::NoSolver { .. } => {
                "install cvc5 (https://cvc5.github.io) so that `cvc5 --version` answers, or leave --prove out"
                    .to_owned()
            }
            Self::NoSuchFinding { count: 0, .. } => {
                "`scan --format json` tells fingerprints: sixteen hexadecimal digits, of which the first six may do"
                    .to_owned()
            }
            Self::NoSuchFinding { .. } => "give more of its digits".to_owned(),
            Self::NothingToWaive { .. } => {
                "let it be read (`atlas-audit explain` says what lacks), or allow it with --allow-unknown".to_owned()
            }
            Self::WrittenOverInput { .. } => "give the output a file of its own".to_owned(),
            Self::SnapshotOfOther { .. } => "name a snapshot of that organization, or leave --org out".to_owned(),
            Self::Interrupted => "start it again: nothing was written".to_owned(),
            Self::WaiverOver { .. } => "give --until a day that is still to come, or today".to_owned(),
            Self::AlreadyWaived { .. } => "change `until` in the file that waives it".to_owned(),
            Self::NoTomlToEdit { .. } => "correct the file, or name another with --to".to_owned(),
            Self::NotABaseline { .. } => {
                "name a report that `scan --format json` wrote to its end, or a snapshot; --no-baseline does without"
                    .to_owned()
            }
            Self::BaselineOfOther { .. } => {
                "name a baseline of this organization, or do without (--no-baseline)".to_owned()
            }
            Self::History(error) => return error.help(),
            Self::HistoryOfAPart { option } => format!("leave {option} out, or --history"),
            Self::OtherOrganization { .. } => "give files of one organization".to_owned(),
            Self::Swapped { instead, .. } => format!("the earlier one comes first: {instead}"),
            Self::BadRule(BadRule::Expression { .. }) => {
                "`atlas-audit schema snapshot` tells the fields; a field that may be missing is asked for with has()"
                    .to_owned()
            }
            Self::BadRule(BadRule::Empty { .. } | BadRule::NotARule { .. }) => {
                "`atlas-audit rules new ACME-001 some-name` writes one to start from".to_owned()
            }
            Self::BadRule(BadRule::Unreadable { .. }) => "name a folder of rule files".to_owned(),
            Self::NoSuch(NoSuch::Rule { nearest: Some(nearest), .. }) => {
                format!("did you mean `{nearest}`? `atlas-audit rules list` shows all")
            }
            Self::NoSuch(NoSuch::Rule { nearest: None, .. }) => "`atlas-audit rules list` shows all".to_owned(),
            Self::NoSuch(NoSuch::Category { known, .. }) => format!("there is {}", known.join(", ")),
            Self::NoSuch(NoSuch::Nothing) => {
                "loosen --rule, --skip-rule, --category or --min-severity, or enable a rule in the configuration"
                    .to_owned()
            }
            Self::NoSuchProject { nearest: Some(nearest), .. }
            | Self::NoSuchCluster { nearest: Some(nearest), .. }
            | Self::NoSuchUser { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
            Self::NoNamespace { verb } => {
                format!("name a database or a collection: `atlas-audit who-can {verb} shop.orders`")
            }
            Self::NoSuchCluster { nearest: None, .. } => {
                "give the name as Atlas shows it; capitals count, and --project may leave it out".to_owned()
            }
            Self::NoSuchUser { nearest: None, .. } => {
                "give the name as Atlas shows it, or `$external/name` for one that does not log in by password"
                    .to_owned()
            }
            Self::NoSuchProject { nearest: None, .. } => {
                "give an id, a name or a pattern such as 'pay*'; the credential sees only the projects that it may \
                 read"
                    .to_owned()
            }
            Self::BadPattern { .. } => "`*` stands for anything, `?` for one character, `[ab]` for either".to_owned(),
            Self::WhichOrganization { known, .. } if known.is_empty() => {
                "give the credential a role in the organization, such as Organization Read Only".to_owned()
            }
            Self::WhichOrganization { known, .. } => format!("name one with --org: {}", known.join(", ")),
            Self::Output { .. } => "check that the folder is there and that you may write to it".to_owned(),
            Self::OutputWithoutFormat { .. } => {
                "write a --format before each --output: --format sarif --output audit.sarif".to_owned()
            }
            Self::TwoReportsOnStdout => "give all but one of them a file: --format json --output audit.json".to_owned(),
            Self::NoSnapshot => "give the report an --output, or keep the snapshot with --save-snapshot".to_owned(),
            Self::Configuration(error) => return error.help().map(str::to_owned),
            Self::AlreadyThere { .. } => "name another file with --output, or replace it with --force".to_owned(),
            Self::Unreadable { .. } => "check the path, and that you may read it".to_owned(),
            Self::NotAPack { .. } => {
                "a pack is the review.json that `atlas-audit review` writes, a record what `review record` does: take \
                 the file as it was written"
                    .to_owned()
            }
            Self::NotASheet { .. } => {
                "save the filled-in review.csv as CSV in UTF-8 (in Excel: CSV UTF-8), with its first line".to_owned()
            }
            Self::Sheet { .. } => {
                "mend the sheet and record it again; nothing was written. Columns other than owner to verified_on are \
                 not to be edited: take them from review.csv anew"
                    .to_owned()
            }
            Self::FilledIn { .. } => {
                "record it first, name another folder with --output, or set it aside with --force: it is kept as \
                 review.1.csv"
                    .to_owned()
            }
            Self::OtherPack { .. } => {
                "name another folder with --output, or set the old pack aside with --force: it is kept as review.1.json"
                    .to_owned()
            }
            Self::OtherSnapshot { .. } => "name the snapshot that `atlas-audit review` was given".to_owned(),
            Self::TwoReportsInOneFile { .. } => "give each a file of its own".to_owned(),
            Self::Simulator(error) => return error.help().map(str::to_owned),
            Self::Runtime { .. } => return None,
            Self::NoCredentials { file } => match file {
                Some(file) => format!("{SET_THESE}, or make a profile in {} with `atlas config init`", file.display()),
                None => SET_THESE.to_owned(),
            },
            Self::HalfCredentials { missing, place, .. } if place.starts_with("the environment") => {
                format!("set {missing} too, or unset the other half to use another credential")
            }
            Self::EmptyCredentials { .. } => {
                "check that the secret exists where this runs: CI systems hand an empty value to jobs that may not \
                 have it"
                    .to_owned()
            }
            Self::UnusableCredential { .. } => "copy the value again, without quotes or line breaks".to_owned(),
            Self::ProfileFile { .. } => format!("mend the file, or do without it: {SET_THESE}"),
            Self::NoSuchProfile { known, .. } if known.is_empty() => {
                format!("make one with `atlas config init`, or {SET_THESE}")
            }
            Self::NoSuchProfile { known, .. } => format!("there is {}", known.join(", ")),
            Self::ProfileWithoutKey { auth_type, .. } if auth_type.as_deref() == Some("user_account") => format!(
                "it signs in as a person, which atlas-audit does not: {SET_THESE}, or give a profile of a service \
                 account"
            ),
            Self::HalfCredentials { .. } | Self::ProfileWithoutKey { .. } => format!(
                "newer versions of the Atlas CLI keep keys in the system's keyring, which atlas-audit does not open: \
                 {SET_THESE}"
            ),
            Self::BaseUrl { .. } => {
                "give scheme and host, such as https://cloud.mongodb.com; plain HTTP is for 127.0.0.1, ::1 and \
                 localhost only"
                    .to_owned()
            }
            Self::Http { .. } => "check that the system's CA certificates are installed".to_owned(),
            Self::WrongKey { .. } => {
                "check both halves of the credential, that it has not been deleted or has not expired, and that the \
                 base URL is that of its own cloud (--gov for Atlas for Government)"
                    .to_owned()
            }
            Self::NotOnAccessList { address, .. } => {
                let entry = address.as_deref().unwrap_or("the address that this machine has on the internet");
                format!("add {entry} to the API access list of the credential, or run where it is allowed")
            }
            Self::Unreachable { .. } => {
                "check the name, the network and HTTPS_PROXY; Atlas's API is on the public internet only".to_owned()
            }
            Self::Tls { .. } => {
                "check the base URL, the clock of this machine and whether a proxy on the way replaces certificates: \
                 its CA must be among those that the system trusts"
                    .to_owned()
            }
            Self::Redirected { .. } => {
                "redirects are not followed, because the credential would travel with them: give the final address \
                 with --base-url"
                    .to_owned()
            }
            Self::NoOrganizations { .. } => {
                "check that the base URL is that of the Atlas Admin API, and try again later if Atlas itself has \
                 trouble"
                    .to_owned()
            }
        })
    }
}

fn no_such_finding(asked: &str, count: usize) -> String {
    match count {
        0 => format!("there is no finding `{asked}`"),
        many => format!("{many} findings begin with `{asked}`"),
    }
}
