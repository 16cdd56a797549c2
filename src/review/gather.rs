//! Rows, as a snapshot streams by: what belongs to a project at once, what belongs to the organization at the end, when
//! it is known which project is called what and which team has which roles where.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::pack::{Change, ChangeState, Extractor, Kind, NotRead, Party, Privileged, ReadSection, Row};
use super::words::{clean, not_known};
use super::{access, compare, console, credentials, database};
use crate::analysis::peering::PeerRanges;
use crate::engine::declared::Declared;
use crate::engine::declared::review::Identity;
use crate::snapshot::people::{ProjectTeam, ProjectUser};
use crate::snapshot::tree::Node;
use crate::snapshot::{Organization, Project, Reading, Reason, Ref, Section};

/// Sections without which rows are missing.
const LISTS: &[Section] = &[
    Section::Projects,
    Section::OrganizationUsers,
    Section::Teams,
    Section::TeamUsers,
    Section::ApiKeys,
    Section::ServiceAccounts,
    Section::ProjectServiceAccounts,
    Section::RoleMappings,
    Section::AccessList,
    Section::DatabaseUsers,
    Section::Certificates,
    Section::CustomRoles,
];

/// Sections that say something about rows.
const ABOUT: &[Section] = &[
    Section::Credential,
    Section::OrganizationSettings,
    Section::FederationSettings,
    Section::ApiKeyAccessList,
    Section::ServiceAccountAccessList,
    Section::ServiceAccountProjects,
    Section::ProjectServiceAccountAccessList,
    Section::ProjectUsers,
    Section::ProjectTeams,
    Section::Clusters,
    Section::FlexClusters,
    Section::FederatedDatabases,
    Section::StreamWorkspaces,
    Section::StreamConnections,
    Section::AccessHistory,
];

/// What a snapshot came to.
#[derive(Debug)]
pub struct Gathered {
    /// Everything that has access, sorted.
    pub rows: Vec<Row>,
    /// The projects that were looked at.
    pub projects: Vec<Identity>,
    /// What was read.
    pub read: Vec<ReadSection>,
    /// What was not.
    pub not_read: Vec<NotRead>,
    /// With what credential.
    pub credential: Extractor,
    /// Lists that could not be read: nobody knows what is in them.
    pub dark: BTreeSet<String>,
}

impl Gathered {
    /// Whether the list that a resource would stand in could be read.
    #[must_use]
    pub fn sees(&self, id: &str) -> bool {
        let above = std::iter::successors(Some(id), |at| at.rsplit_once('/').map(|(above, _)| above));
        !above.skip(1).any(|at| self.dark.contains(at))
    }
}

/// Makes rows of what comes by.
pub struct Gatherer<'a> {
    pub(super) declared: &'a Declared,
    peer_ranges: &'a PeerRanges,
    pub(super) now: Timestamp,
    rows: Vec<Row>,
    projects: Vec<Identity>,
    pub(super) teams: BTreeMap<String, Vec<(Identity, Vec<String>)>>,
    /// Service accounts as projects see them; those that are the organization's have a row there.
    accounts: Vec<(String, Row)>,
    people: Vec<(Identity, Ref, ProjectUser)>,
    read: BTreeMap<Section, (usize, Option<usize>)>,
    not_read: Vec<NotRead>,
    dark: BTreeSet<String>,
}

impl<'a> Gatherer<'a> {
    /// Of what was the case at `now`. `peer_ranges` names what lies behind peerings where Atlas does not tell.
    #[must_use]
    pub fn new(declared: &'a Declared, peer_ranges: &'a PeerRanges, now: Timestamp) -> Self {
        Self {
            declared,
            peer_ranges,
            now,
            rows: Vec::new(),
            projects: Vec::new(),
            teams: BTreeMap::new(),
            accounts: Vec::new(),
            people: Vec::new(),
            read: BTreeMap::new(),
            not_read: Vec::new(),
            dark: BTreeSet::new(),
        }
    }

    /// Takes in a project.
    pub fn project(&mut self, organization: &Organization, project: &Project) {
        let at = organization.at().project(&project.id);
        let identity = Identity { id: project.id.clone(), name: project.name.as_deref().map(clean) };
        self.note(project, &at);
        self.count(Section::AccessList, &project.access_list);
        self.count(Section::DatabaseUsers, &project.database_users);
        self.count(Section::CustomRoles, &project.custom_roles);
        self.count(Section::ProjectUsers, &project.users);
        self.count(Section::ProjectTeams, &project.teams);
        self.count(Section::ProjectServiceAccounts, &project.service_accounts);
        self.count(Section::Clusters, &project.clusters);
        for user in project.database_users.known().into_iter().flatten() {
            self.count(Section::Certificates, &user.certificates);
        }
        for account in project.service_accounts.known().into_iter().flatten() {
            self.count(Section::ProjectServiceAccountAccessList, &account.access_list);
        }
        let mut rows = access::rows(self, self.peer_ranges, organization, project);
        rows.extend(database::rows(self, organization, project));
        for row in &mut rows {
            row.project = Some(identity.clone());
        }
        self.rows.extend(rows);
        for account in project.service_accounts.known().into_iter().flatten() {
            let mut row = credentials::project_account(self, &at, &identity, account);
            row.project = Some(identity.clone());
            self.accounts.push((account.client_id.clone().unwrap_or_default(), row));
        }
        for ProjectTeam { team_id, role_names } in project.teams.known().into_iter().flatten() {
            let roles = role_names.clone().unwrap_or_default();
            let team = self.teams.entry(team_id.clone().unwrap_or_default()).or_default();
            team.push((identity.clone(), roles));
        }
        let section = at.child(Section::ProjectUsers.slot());
        let people = project.users.known().into_iter().flatten();
        self.people.extend(people.map(|user| (identity.clone(), section.child(&user.key()), user.clone())));
        self.projects.push(identity);
    }

    /// Takes in the organization, and hands everything over. `path` tells where a section is read from.
    #[must_use]
    pub fn finish(
        mut self,
        organization: &Organization,
        projects: &Reading<usize>,
        credential: &str,
        path: impl Fn(Section) -> String,
    ) -> Gathered {
        let at = organization.at();
        match projects {
            Reading::Known(count) => {
                self.read.insert(Section::Projects, (1, Some(*count)));
            }
            Reading::Unavailable(why) => self.hole(Section::Projects, &at.child("project"), &why.to_string()),
        }
        self.note(organization, &at);
        self.count(Section::OrganizationUsers, &organization.users);
        self.count(Section::Teams, &organization.teams);
        self.count(Section::ApiKeys, &organization.api_keys);
        self.count(Section::ServiceAccounts, &organization.service_accounts);
        self.count(Section::RoleMappings, &organization.role_mappings);
        for team in organization.teams.known().into_iter().flatten() {
            self.count(Section::TeamUsers, &team.users);
        }
        for key in organization.api_keys.known().into_iter().flatten() {
            self.count(Section::ApiKeyAccessList, &key.access_list);
        }
        for account in organization.service_accounts.known().into_iter().flatten() {
            self.count(Section::ServiceAccountAccessList, &account.access_list);
            self.count(Section::ServiceAccountProjects, &account.projects);
        }
        let mut rows = std::mem::take(&mut self.rows);
        rows.extend(console::rows(&self, organization));
        rows.extend(credentials::rows(&self, organization));
        let known = organization.service_accounts.known().into_iter().flatten();
        let known: BTreeSet<&str> = known.filter_map(|account| account.client_id.as_deref()).collect();
        let accounts = std::mem::take(&mut self.accounts);
        rows.extend(accounts.into_iter().filter(|(id, _)| !known.contains(id.as_str())).map(|(_, row)| row));
        // Whoever reaches a project belongs to the organization, whose list says more, if it could be read.
        if organization.users.known().is_err() {
            for (project, at, user) in std::mem::take(&mut self.people) {
                rows.push(console::project_user(&self, organization, &project, &at, &user));
            }
        }
        let order = |row: &Row| {
            let project = row.project.as_ref().map(|project| (project.name.clone(), project.id.clone()));
            (project, row.kind, row.id.clone())
        };
        rows.sort_by_cached_key(order);
        unique(&mut rows);
        for row in &mut rows {
            row.state = compare::state(row);
        }
        let read = self.read.iter().map(|(section, (answers, entries))| ReadSection {
            section: section.name().to_owned(),
            endpoint: path(*section),
            answers: *answers,
            entries: *entries,
        });
        Gathered {
            rows,
            read: read.collect(),
            credential: credentials::extractor(organization, credential),
            projects: self.projects,
            not_read: self.not_read,
            dark: self.dark,
        }
    }

    /// What a project is called.
    pub(super) fn project_name(&self, id: &str) -> String {
        let known = self.projects.iter().find(|project| project.id == id);
        known.and_then(|project| project.name.clone()).unwrap_or_else(|| format!("project {id}"))
    }

    fn note(&mut self, node: &dyn Node, at: &Ref) {
        let mut seen: Vec<(Section, Option<(Ref, String)>)> = Vec::new();
        for (section, slot) in node.slots() {
            slot.visit(section, &|| at.child(section.slot()), &mut |section, at, unavailable| {
                if !LISTS.contains(&section) && !ABOUT.contains(&section) {
                    return;
                }
                match unavailable {
                    None => seen.push((section, None)),
                    // What Atlas does not offer there is not missing.
                    Some(why) if why.reason == Reason::Unsupported => {}
                    Some(why) => seen.push((section, Some((at(), why.to_string())))),
                }
            });
        }
        for (section, hole) in seen {
            match hole {
                None => self.read.entry(section).or_default().0 += 1,
                Some((at, why)) => self.hole(section, &at, &why),
            }
        }
    }

    fn hole(&mut self, section: Section, at: &Ref, why: &str) {
        let rows_missing = LISTS.contains(&section);
        if rows_missing {
            self.dark.insert(at.as_str().to_owned());
        }
        let (section, at) = (section.name().to_owned(), at.as_str().to_owned());
        self.not_read.push(NotRead { section, at, reason: clean(why), rows_missing });
    }

    fn count<T>(&mut self, section: Section, reading: &Reading<Vec<T>>) {
        if let Ok(list) = reading.known() {
            *self.read.entry(section).or_default().1.get_or_insert_default() += list.len();
        }
    }
}

/// Atlas's identities are unique; what is not, because a field was missing, is counted.
fn unique(rows: &mut [Row]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let before = seen.entry(row.id.clone()).or_default();
        *before += 1;
        if *before > 1 {
            row.id = format!("{}#{before}", row.id);
        }
    }
}

impl Row {
    /// Of which nothing is known yet.
    pub(super) fn new(kind: Kind, at: &Ref, subject: &str) -> Self {
        Self {
            id: at.as_str().to_owned(),
            kind,
            digest: String::new(),
            state: String::new(),
            line: None,
            project: None,
            subject: clean(subject),
            contact: String::new(),
            persons: Vec::new(),
            party: Party::DoesNotApply,
            scope: String::new(),
            grants: Vec::new(),
            reach: Vec::new(),
            privileged: Privileged::DoesNotApply,
            source: String::new(),
            sign_in: String::new(),
            since: not_known("Atlas does not tell"),
            ends: String::new(),
            last_use: not_known("Atlas does not tell"),
            secrets: Vec::new(),
            access_list: String::new(),
            comment: String::new(),
            known_owner: String::new(),
            findings: Vec::new(),
            change: Change { state: ChangeState::NotCompared, fields: Vec::new() },
            previous: None,
        }
    }
}
