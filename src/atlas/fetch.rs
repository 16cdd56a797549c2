//! Fills a snapshot: walks the tree of resources and asks for every section that the plan wants.
//!
//! What could not be read is noted in its place and never stops the run: the only errors here are those of whoever
//! takes the projects. Projects are handed over one by one and in order, so that memory does not grow with the
//! organization.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, FuturesUnordered, StreamExt};
use serde::Deserialize;
use tokio::sync::{OnceCell, watch};

use super::client::Atlas;
use super::endpoints::{Endpoint, Paging};
use super::pages;
use super::plan::Plan;
use crate::snapshot::tree::{Misplaced, Node, Resource, Shape, Slot};
use crate::snapshot::{Reading, Reason, Section, Unavailable};

/// What the paths of a node's sections are filled in with.
type Parameters = Vec<(&'static str, String)>;

/// Tells a run to stop. What has not been read then becomes `Interrupted`.
#[derive(Debug, Clone)]
pub struct Cancel(watch::Receiver<bool>);

impl Cancel {
    /// A switch, and who listens to it. Send `true` to stop.
    #[must_use]
    pub fn switch() -> (watch::Sender<bool>, Self) {
        let (switch, listener) = watch::channel(false);
        (switch, Self(listener))
    }

    /// Nobody will ever stop it.
    #[must_use]
    pub fn never() -> Self {
        Self::switch().1
    }

    /// Whether it has been told to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is told to stop.
    pub async fn cancelled(&self) {
        // An error means that the switch is gone: nobody can stop us any more.
        if self.0.clone().wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// An organization that has been read, and the projects that are still to be.
#[derive(Debug)]
pub struct Found<O, P> {
    /// The organization, filled.
    pub organization: O,
    /// Its projects, sorted by id and without their sections, or why there is no list. Not asked for is
    /// `NotFetched`.
    pub projects: Reading<Vec<P>>,
}

/// Reads an organization, whose id is known, and lists its projects.
pub async fn organization<O: Node, P: Resource>(
    atlas: &Atlas,
    plan: &Plan,
    cancel: &Cancel,
    mut organization: O,
) -> Found<O, P> {
    let run = Run { atlas, plan, cancel, federation: OnceCell::new() };
    let parameters = organization.parameters();
    let (projects, ()) = tokio::join!(run.projects(&parameters), run.node(&mut organization, Vec::new()));
    let projects = match projects {
        Ok(projects) => Reading::Known(projects),
        Err(why) => Reading::Unavailable(why),
    };
    Found { organization, projects }
}

/// Reads projects and hands them over one by one, in the order in which they came; an error of `sink` ends the run.
///
/// Once the run is cancelled the rest is handed over too, with `Interrupted` for all that was not read.
pub async fn projects<P: Resource, E>(
    atlas: &Atlas,
    plan: &Plan,
    cancel: &Cancel,
    listed: Vec<P>,
    mut sink: impl FnMut(P) -> Result<(), E>,
) -> Result<(), E> {
    let run = Run { atlas, plan, cancel, federation: OnceCell::new() };
    atlas.progress().projects_found(listed.len());
    let mut done = stream::iter(listed)
        .map(|mut project| {
            let run = &run;
            async move {
                run.node(&mut project, Vec::new()).await;
                project
            }
        })
        .buffered(atlas.concurrency());
    while let Some(project) = done.next().await {
        atlas.progress().project_done(&project.key());
        sink(project)?;
    }
    Ok(())
}

/// How a section is to be read.
enum Order {
    /// By its own call.
    Read,
    /// By one call for each entry.
    Singles(Parameters),
    /// Not at all: this resource has none.
    Unsupported(&'static str),
}

struct Run<'a> {
    atlas: &'a Atlas,
    plan: &'a Plan,
    cancel: &'a Cancel,
    /// Three sections need the id in it, and one is it.
    federation: OnceCell<Result<Vec<Bytes>, Unavailable>>,
}

impl Run<'_> {
    /// The projects of the organization, sorted.
    async fn projects<P: Resource>(&self, parameters: &Parameters) -> Result<Vec<P>, Unavailable> {
        if !self.plan.wants_projects() {
            return Err(Unavailable::not_fetched());
        }
        let mut list = Reading::<Vec<P>>::default();
        self.slot(Section::Projects, &mut list, Order::Read, parameters).await;
        match list {
            Reading::Known(mut projects) => {
                // An entry may stand on two pages if the list changed between them.
                projects.sort_by_cached_key(Node::key);
                projects.dedup_by_key(|project| project.key());
                Ok(projects)
            }
            Reading::Unavailable(why) => Err(why),
        }
    }

    /// All wanted sections of a node, side by side, and those below them.
    fn node<'b>(&'b self, node: &'b mut dyn Node, mut parameters: Parameters) -> BoxFuture<'b, ()> {
        Box::pin(async move {
            parameters.extend(node.parameters());
            let orders: Vec<(Section, Order)> = node
                .slots()
                .into_iter()
                .map(|(section, _)| section)
                .filter(|section| self.wants(*section))
                .map(|section| (section, order(node, section)))
                .collect();
            let parameters = &parameters;
            let mut slots = node.slots_mut();
            slots.retain(|(section, _)| self.wants(*section));
            let mut all: FuturesUnordered<_> = orders
                .into_iter()
                .zip(slots)
                .map(|((section, order), (_, slot))| self.slot_and_below(section, slot, order, parameters))
                .collect();
            while all.next().await.is_some() {}
        })
    }

    fn wants(&self, section: Section) -> bool {
        // The list of projects is read apart: it may be long.
        section != Section::Projects && self.plan.wants(section)
    }

    async fn slot_and_below(&self, section: Section, slot: &mut dyn Slot, order: Order, parameters: &Parameters) {
        self.slot(section, slot, order, parameters).await;
        let mut below: FuturesUnordered<_> = slot
            .children_mut()
            .into_iter()
            .filter(|child| child.slots().iter().any(|(section, _)| self.wants(*section)))
            .map(|child| self.node(child, parameters.clone()))
            .collect();
        while below.next().await.is_some() {}
    }

    async fn slot(&self, section: Section, slot: &mut dyn Slot, order: Order, parameters: &Parameters) {
        let row = Endpoint::of(section);
        let endpoint = || asked(row, parameters);
        let answer = match order {
            Order::Unsupported(detail) => {
                let mut why = Unavailable::new(Reason::Unsupported, endpoint());
                why.detail = Some(detail.to_owned());
                Err(why)
            }
            Order::Singles(singles) => self.singles(row, singles, parameters).await,
            Order::Read => self.section(section, row, parameters).await,
        };
        let filled = match answer {
            Ok((shape, pages)) => {
                let pages: Vec<&[u8]> = pages.iter().map(AsRef::as_ref).collect();
                slot.fill(shape, &pages).map_err(|error| malformed(&endpoint(), &error))
            }
            Err(why) => Err(why),
        };
        if let Err(why) = filled {
            slot.refuse(why);
        }
    }

    async fn section(
        &self,
        section: Section,
        row: &Endpoint,
        parameters: &Parameters,
    ) -> Result<(Shape, Vec<Bytes>), Unavailable> {
        let shape = shape_of(row.paging);
        match section {
            Section::FederationSettings => {
                let pages = self.federation(parameters).await.as_ref().map_err(Clone::clone)?;
                Ok((shape, pages.clone()))
            }
            Section::ConnectedOrganization | Section::RoleMappings | Section::IdentityProviders => {
                let pages = self.federation(parameters).await.as_ref().map_err(Clone::clone)?;
                let id = federation_id(pages, &asked(Endpoint::of(Section::FederationSettings), parameters))?;
                let parameters = parameters.iter().cloned().chain([("federationSettingsId", id)]).collect();
                Ok((shape, self.read(row, &parameters).await?))
            }
            Section::ServerlessInstances => match self.read(row, parameters).await {
                // The kind as a whole is retired: there can be none.
                Err(Unavailable { status: Some(410), .. }) => Ok((Shape::Array, vec![Bytes::from_static(b"[]")])),
                read => Ok((shape, read?)),
            },
            _ => Ok((shape, self.read(row, parameters).await?)),
        }
    }

    async fn federation(&self, parameters: &Parameters) -> &Result<Vec<Bytes>, Unavailable> {
        self.federation.get_or_init(|| self.read(Endpoint::of(Section::FederationSettings), parameters)).await
    }

    /// A list that Atlas gives only entry by entry. With one of them missing, it is not the list.
    async fn singles(
        &self,
        row: &Endpoint,
        singles: Parameters,
        parameters: &Parameters,
    ) -> Result<(Shape, Vec<Bytes>), Unavailable> {
        let mut reads: stream::FuturesOrdered<_> = singles
            .into_iter()
            .map(|single| {
                let parameters: Parameters = parameters.iter().cloned().chain([single]).collect();
                async move { self.read(row, &parameters).await }
            })
            .collect();
        let mut list = vec![b'['];
        while let Some(pages) = reads.next().await {
            for page in pages? {
                if list.len() > 1 {
                    list.push(b',');
                }
                list.extend_from_slice(&page);
            }
        }
        list.push(b']');
        Ok((Shape::Array, vec![list.into()]))
    }

    /// Asks Atlas, unless told to stop.
    async fn read(&self, row: &Endpoint, parameters: &Parameters) -> Result<Vec<Bytes>, Unavailable> {
        let interrupted = || Err(Unavailable::new(Reason::Interrupted, asked(row, parameters)));
        if self.cancel.is_cancelled() {
            return interrupted();
        }
        tokio::select! {
            pages = self.atlas.read(row, parameters) => pages,
            () = self.cancel.cancelled() => interrupted(),
        }
    }
}

fn order(node: &dyn Node, section: Section) -> Order {
    match (node.offers(section), node.singles(section)) {
        (Err(detail), _) => Order::Unsupported(detail),
        (Ok(()), Some(singles)) => Order::Singles(singles),
        (Ok(()), None) => Order::Read,
    }
}

/// The path for people: filled in as far as can be.
fn asked(row: &Endpoint, parameters: &Parameters) -> String {
    pages::path(row.path, parameters).unwrap_or_else(|_| row.path.to_owned())
}

fn federation_id(pages: &[Bytes], asked: &str) -> Result<String, Unavailable> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Settings {
        id: Option<String>,
    }
    let settings: Option<Settings> = pages.first().and_then(|page| serde_json::from_slice(page).ok());
    settings.and_then(|settings| settings.id).filter(|id| !id.is_empty()).ok_or_else(|| {
        let mut why = Unavailable::new(Reason::NotFound, asked);
        why.detail = Some("the organization has no federation".to_owned());
        why
    })
}

fn shape_of(paging: Paging) -> Shape {
    match paging {
        Paging::Pages | Paging::Envelope => Shape::Results,
        Paging::Array => Shape::Array,
        Paging::Object => Shape::Object,
    }
}

fn malformed(endpoint: &str, error: &Misplaced) -> Unavailable {
    let mut why = Unavailable::new(Reason::Malformed, endpoint);
    why.detail = Some(pages::parse_error(error));
    why
}
