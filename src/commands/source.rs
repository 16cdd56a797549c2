//! What a command looks at: a snapshot, the bundled demo, or Atlas itself. All come by as the same events.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;

use crate::atlas::base_url::BaseUrl;
use crate::atlas::credentials::Credential;
use crate::atlas::options::Options;
use crate::cli::{ScopeArgs, SourceArgs};
use crate::error::Error;
use crate::simulator::{self, CLIENT_ID, CLIENT_SECRET, Simulator, embedded_demo};
use crate::snapshot::Section;
use crate::snapshot::store::{SnapshotError, SnapshotFile};

use super::live::{self, Event, Read};
use super::selection::ProjectSelection;

/// Reads what the arguments name; `sections` are those that the command looks at.
pub(super) fn read(
    args: &SourceArgs,
    sections: &BTreeSet<Section>,
    quiet: bool,
    on: &mut dyn FnMut(Event<'_>),
) -> Result<Read, Error> {
    match &args.snapshot {
        Some(path) => snapshot(path, args.access.org.as_deref(), &args.scope, on),
        None if args.demo => demo(&args.scope, sections, on),
        None => live::read(&args.access, &args.scope, sections, None, quiet, on),
    }
}

/// A snapshot file, as if it were read from Atlas; of the organization that is wanted, by id or name.
pub(super) fn snapshot(
    path: &Path,
    wanted: Option<&str>,
    scope: &ScopeArgs,
    on: &mut dyn FnMut(Event<'_>),
) -> Result<Read, Error> {
    let unreadable = |source| Error::Snapshot { path: path.to_owned(), source };
    let file = SnapshotFile::open(path).map_err(unreadable)?;
    let (id, name) = (&file.organization.id, file.organization.name.as_deref());
    if let Some(wanted) = wanted.filter(|wanted| *wanted != id.as_str() && Some(*wanted) != name) {
        let organization = name.map_or_else(|| id.clone(), |name| format!("{name} ({id})"));
        return Err(Error::SnapshotOfOther { path: path.to_owned(), asked: wanted.to_owned(), organization });
    }
    let selection = ProjectSelection::of(scope)?;
    selection.check(&file.listed)?;
    let mut listed = file.listed.clone();
    listed.retain(|project| selection.keeps(&project.id, project.name.as_deref()));
    let projects = file.listing().map(|_| listed.as_slice());
    on(Event::Organization { organization: &file.organization, taken: file.header.taken, projects });
    let each = file.each_project(|project| {
        if selection.keeps(&project.id, project.name.as_deref()) {
            on(Event::Project { organization: &file.organization, project: &Arc::new(project) });
        }
        Ok::<(), SnapshotError>(())
    });
    each.map_err(unreadable)?;
    Ok(Read {
        header: file.header,
        organization: file.organization,
        projects: listed.len(),
        complete: file.complete,
        digest: None,
        interrupted: None,
        kept: None,
    })
}

/// The bundled organization, over real HTTP, through the real client.
pub(super) fn demo(
    scope: &ScopeArgs,
    sections: &BTreeSet<Section>,
    on: &mut dyn FnMut(Event<'_>),
) -> Result<Read, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|source| Error::Runtime { source })?;
    runtime.block_on(async {
        let simulator = Simulator::start(embedded_demo(), simulator::Options::default())?;
        let credential =
            Credential::ServiceAccount { client_id: CLIENT_ID.to_owned(), secret: SecretString::from(CLIENT_SECRET) };
        let base = BaseUrl::parse(&simulator.base_url())?;
        let read = live::read_from(credential, base, Options::default(), None, scope, sections, None, on).await;
        simulator.stop();
        let mut read = read?;
        "the bundled demo".clone_into(&mut read.header.source);
        Ok(read)
    })
}
