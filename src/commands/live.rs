//! Reading a live organization: credentials, connection, organization, then project by project.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::atlas::base_url::BaseUrl;
use crate::atlas::client::{Atlas, ListedOrganization};
use crate::atlas::credentials::{self, Credential};
use crate::atlas::fetch::{self, Cancel};
use crate::atlas::options::Options;
use crate::atlas::plan::Plan;
use crate::cli::{AccessArgs, ScopeArgs};
use crate::config::Config;
use crate::error::Error;
use crate::progress::Bar;
use crate::report::{About, SnapshotPath};
use crate::snapshot::digest::Digesting;
use crate::snapshot::store::{FORMAT, Header, SnapshotWriter};
use crate::snapshot::tree::Node;
use crate::snapshot::{Listing, Organization, Project, Reading, Reason, Section, Unavailable};

use super::output::{Interruption, Pending, Readers};
use super::selection::ProjectSelection;
use super::signals;

/// What a run tells whoever judges or keeps it.
#[derive(Clone, Copy)]
pub(super) enum Event<'a> {
    /// First, once.
    Organization { organization: &'a Organization, taken: Timestamp, projects: Listing<'a> },
    /// Then each project, in the order of their ids.
    Project { organization: &'a Organization, project: &'a Arc<Project> },
}

/// What has been read.
pub(super) struct Read {
    pub(super) header: Header,
    pub(super) organization: Organization,
    pub(super) projects: usize,
    pub(super) complete: bool,
    /// SHA-256 of the snapshot that was kept while it was read.
    pub(super) digest: Option<String>,
    /// If somebody stopped this very run: where the snapshot lies.
    pub(super) interrupted: Option<Interruption>,
    /// Where the snapshot was kept, if one was.
    pub(super) kept: Option<PathBuf>,
}

impl Read {
    /// Whether it is the whole organization: nobody stopped it, and nobody asked for some projects.
    pub(super) fn is_whole(&self) -> bool {
        self.complete && self.header.projects.is_none()
    }

    /// What a report says of it.
    pub(super) fn about(self, snapshot: Option<SnapshotPath>, config: &Config) -> About {
        About {
            organization: self.organization.id,
            organization_name: self.organization.name,
            taken: self.header.taken,
            source: self.header.source,
            credential: self.header.credential,
            projects: self.projects,
            snapshot,
            configuration: config.file.clone(),
            complete: self.complete,
        }
    }
}

/// A snapshot that is being kept while it is read.
pub(super) struct Kept {
    path: PathBuf,
    /// Nowhere, if only its digest is asked for.
    file: Option<Pending>,
}

impl Kept {
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        Ok(Self { path: path.to_owned(), file: Some(Pending::create(path, Readers::OwnerOnly)?) })
    }

    /// Takes its digest, and forgets it.
    pub(super) fn nowhere() -> Self {
        Self { path: PathBuf::new(), file: None }
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Ok(bytes.len()), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// How many sections could not be read, of those that were asked for and that the resource has.
pub(super) fn holes(event: &Event<'_>) -> usize {
    let (node, at): (&dyn Node, _) = match event {
        Event::Organization { organization, .. } => (*organization, organization.at()),
        Event::Project { organization, project } => (&***project, organization.at().project(&project.id)),
    };
    let mut holes = 0;
    for (section, slot) in node.slots() {
        slot.visit(section, &|| at.clone(), &mut |_, _, unavailable| {
            let real = |why: &Unavailable| !matches!(why.reason, Reason::NotFetched | Reason::Unsupported);
            holes += usize::from(unavailable.is_some_and(real));
        });
    }
    holes
}

/// Reads the organization that the credential sees.
pub(super) fn read(
    access: &AccessArgs,
    scope: &ScopeArgs,
    sections: &BTreeSet<Section>,
    kept: Option<Kept>,
    quiet: bool,
    on: &mut dyn FnMut(Event<'_>),
) -> Result<Read, Error> {
    let environment = |name: &str| std::env::var(name).ok();
    let found = credentials::find(access.profile.as_deref(), &environment)?;
    tracing::info!("using {} from {}", found.credential, found.place);
    let base = BaseUrl::choose(access.base_url.as_deref(), access.gov, &environment, found.profile.as_ref())?;
    let organization =
        access.org.clone().or_else(|| found.profile.as_ref().and_then(|profile| profile.organization.clone()));
    let options = Options {
        concurrency: usize::from(access.concurrency),
        timeout: Duration::from_secs(access.timeout),
        progress: Arc::from(Bar::on_stderr(quiet)),
        ..Options::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|source| Error::Runtime { source })?;
    runtime.block_on(read_from(found.credential, base, options, organization, scope, sections, kept, on))
}

/// The same, where credential and address are known.
#[expect(clippy::too_many_arguments, reason = "the seam between the command line and the demo")]
pub(super) async fn read_from(
    credential: Credential,
    base: BaseUrl,
    options: Options,
    wanted: Option<String>,
    scope: &ScopeArgs,
    sections: &BTreeSet<Section>,
    kept: Option<Kept>,
    on: &mut dyn FnMut(Event<'_>),
) -> Result<Read, Error> {
    let selection = ProjectSelection::of(scope)?;
    let plan = Plan::new(sections.iter().copied());
    let (kind, client_id) = match &credential {
        Credential::ServiceAccount { client_id, .. } => ("service account", Some(client_id.clone())),
        Credential::ApiKey { .. } => ("API key", None),
    };
    let source = base.as_str().to_owned();
    let atlas = Atlas::new(credential, base, options)?;
    let (switch, cancel) = Cancel::switch();
    tokio::spawn(async move {
        if signals::interrupted().await.is_ok() {
            let _ = switch.send(true);
        }
    });
    let organizations = tokio::select! {
        organizations = atlas.organizations() => organizations?,
        () = cancel.cancelled() => return Err(Error::Interrupted),
    };
    let listed = one_of(organizations, wanted)?;
    let mut organization = Organization { id: listed.id, ..Organization::default() };
    organization.name = Some(listed.name);
    let found = fetch::organization::<_, Project>(&atlas, &plan, &cancel, organization).await;
    let header = Header {
        format: FORMAT,
        tool: format!("atlas-audit {}", env!("CARGO_PKG_VERSION")),
        taken: atlas.observed_at().unwrap_or_else(Timestamp::now),
        source,
        credential: kind.to_owned(),
        sections: plan.sections().collect(),
        projects: selection.as_typed(),
    };
    let mut organization = found.organization;
    // An answer to the root tells of an API key what it may do; a service account has to be looked up by its id.
    if let Some(own) = organization.credential.known_mut() {
        own.client_id = client_id;
    }
    let (listed, listing) = match found.projects {
        Reading::Known(mut projects) => {
            selection.check(&projects.iter().map(Project::listed).collect::<Vec<_>>())?;
            projects.retain(|project| selection.keeps(&project.id, project.name.as_deref()));
            let listing = projects.iter().map(Project::listed).collect::<Vec<_>>();
            (projects, Reading::Known(listing))
        }
        Reading::Unavailable(why) => (Vec::new(), Reading::Unavailable(why)),
    };
    let projects = listing.known().map(Vec::as_slice);
    on(Event::Organization { organization: &organization, taken: header.taken, projects });
    let count = listing.map(|listing| listing.len());
    let path = kept.as_ref().map(|kept| kept.path.clone()).unwrap_or_default();
    let unwritable = |source: io::Error| Error::Output { path: path.clone(), source };
    let mut writer = kept
        .map(|kept| SnapshotWriter::start(Digesting::new(kept), &header, &organization, &count))
        .transpose()
        .map_err(unwritable)?;
    let projects = listed.len();
    fetch::projects(&atlas, &plan, &cancel, listed, |project| {
        if let Some(writer) = &mut writer {
            writer.project(&project).map_err(unwritable)?;
        }
        on(Event::Project { organization: &organization, project: &Arc::new(project) });
        Ok::<(), Error>(())
    })
    .await?;
    let complete = !cancel.is_cancelled();
    let mut interrupted = (!complete).then(Interruption::default);
    let (mut digest, mut at) = (None, None);
    if let Some(writer) = writer {
        let (kept, found) = writer.finish(complete).map_err(unwritable)?.finish();
        digest = Some(found);
        if let Some(file) = kept.file {
            at = Some(match &mut interrupted {
                None => file.finish()?,
                Some(interrupted) => interrupted.keep(file)?,
            });
        }
    }
    let calls = atlas.calls();
    tracing::info!(
        "{} calls, {} of them repeated, {:.1} s of waiting",
        calls.sent,
        calls.retried,
        calls.waited.as_secs_f64()
    );
    Ok(Read { header, organization, projects, complete, digest, interrupted, kept: at })
}

fn one_of(listed: Vec<ListedOrganization>, wanted: Option<String>) -> Result<ListedOrganization, Error> {
    let known: Vec<String> = listed.iter().map(|one| format!("{} ({})", one.name, one.id)).collect();
    let mut fitting: Vec<_> = match &wanted {
        Some(wanted) => listed.into_iter().filter(|one| one.id == *wanted || one.name == *wanted).collect(),
        None => listed,
    };
    match fitting.pop() {
        Some(one) if fitting.is_empty() => Ok(one),
        _ => Err(Error::WhichOrganization { asked: wanted, known }),
    }
}
