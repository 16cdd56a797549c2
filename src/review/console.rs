//! People in the console: users, invitations, teams and their members, and what an identity provider's groups get.

use super::console_roles;
use super::gather::Gatherer;
use super::pack::{Kind, Party, Privileged, Row};
use super::party;
use super::words::{clean, count, moment, not_known, optional};
use crate::engine::declared::review::Identity;
use crate::snapshot::federation::RoleMapping;
use crate::snapshot::people::{MembershipStatus, OrganizationUser, ProjectUser, Team};
use crate::snapshot::tree::Node;
use crate::snapshot::{Organization, Ref, Section};

/// A role, and the project in which it is granted; none in the organization.
pub(super) type Granted = (String, Option<String>);

/// A row for each person, team, member and mapping.
pub(super) fn rows(gatherer: &Gatherer<'_>, organization: &Organization) -> Vec<Row> {
    let at = organization.at();
    let mut rows = Vec::new();
    let section = at.child(Section::OrganizationUsers.slot());
    for user in organization.users.known().into_iter().flatten() {
        rows.push(of_user(gatherer, organization, &section.child(&user.key()), user));
    }
    let section = at.child(Section::Teams.slot());
    for team in organization.teams.known().into_iter().flatten() {
        let at = section.child(&team.key());
        rows.push(of_team(gatherer, &at, team));
        let below = at.child(Section::TeamUsers.slot());
        for user in team.users.known().into_iter().flatten() {
            rows.push(of_member(gatherer, organization, &below.child(&user.key()), team, user));
        }
    }
    let section = at.child(Section::RoleMappings.slot());
    for mapping in organization.role_mappings.known().into_iter().flatten() {
        rows.push(of_mapping(gatherer, &section.child(&mapping.key()), mapping));
    }
    rows
}

/// What roles come to: as texts, what they reach, and whether that is privileged.
pub(super) fn describe(row: &mut Row, roles: &[Granted]) {
    let mut unknown = false;
    let mut privileged = false;
    for (role, project) in roles {
        let place = project.as_deref().map(|project| format!(" in {project}")).unwrap_or_default();
        row.grants.push(clean(&format!("{role}{place}")));
        let reach = if let Some((is, reach)) = console_roles::find(role) {
            privileged |= is;
            format!("{reach}{}", project.as_deref().map(|project| format!(" ({project})")).unwrap_or_default())
        } else {
            unknown = true;
            format!("not known (this version does not know the role {role}){place}")
        };
        row.reach.push(clean(&reach));
    }
    row.reach.dedup();
    row.privileged = match (privileged, unknown) {
        (true, _) => Privileged::Yes,
        (false, true) => Privileged::NotKnown,
        (false, false) => Privileged::No,
    };
    if roles.is_empty() {
        row.reach.push("nothing by itself".to_owned());
    }
}

fn of_team_in_projects(gatherer: &Gatherer<'_>, team: &str) -> Vec<Granted> {
    let projects = gatherer.teams.get(team).into_iter().flatten();
    projects
        .flat_map(|(project, roles)| {
            let name = project.name.clone().unwrap_or_else(|| project.id.clone());
            roles.iter().map(move |role| (role.clone(), Some(name.clone())))
        })
        .collect()
}

fn of_user(gatherer: &Gatherer<'_>, organization: &Organization, at: &Ref, user: &OrganizationUser) -> Row {
    let joined = user.org_membership_status.as_ref();
    let kind = match joined {
        Some(MembershipStatus::Pending | MembershipStatus::Expired | MembershipStatus::Rejected) => Kind::Invitation,
        _ => Kind::ConsoleUser,
    };
    let address = user.username.clone().unwrap_or_default();
    let mut row =
        Row::new(kind, at, if address.is_empty() { user.id.as_deref().unwrap_or_default() } else { &address });
    who(&mut row, gatherer, &address);
    let mut direct: Vec<Granted> = Vec::new();
    if let Some(roles) = &user.roles {
        direct.extend(roles.org_roles.iter().flatten().map(|role| (role.clone(), None)));
        for project in roles.group_role_assignments.iter().flatten() {
            let name = gatherer.project_name(project.group_id.as_deref().unwrap_or_default());
            direct.extend(project.group_roles.iter().flatten().map(|role| (role.clone(), Some(name.clone()))));
        }
    }
    let mut all = direct.clone();
    let mut teams = Vec::new();
    for id in user.team_ids.iter().flatten() {
        let team = organization.teams.known().ok().and_then(|teams| teams.iter().find(|team| team.key() == *id));
        teams.push(team.and_then(|team| team.name.clone()).unwrap_or_else(|| id.clone()));
        all.extend(of_team_in_projects(gatherer, id));
    }
    describe(&mut row, &all);
    if user.roles.is_none() {
        row.privileged = if row.privileged == Privileged::Yes { Privileged::Yes } else { Privileged::NotKnown };
        row.grants.push(not_known("the answer lacks the roles"));
    }
    let mut source = Vec::new();
    if !direct.is_empty() {
        source.push(format!("direct: {}", count(direct.len(), "role", "roles")));
    }
    source.extend(teams.iter().map(|team| format!("team {team}")));
    row.source = clean(&source.join("; "));
    row.scope = "the organization".into();
    row.sign_in = sign_in(organization, &address);
    row.ends = "when somebody removes it".into();
    if kind == Kind::Invitation {
        let status = joined.map(MembershipStatus::as_str).unwrap_or_default();
        let inviter = optional(user.inviter_username.as_deref());
        row.comment = clean(&format!("{status}, invited by {}", if inviter.is_empty() { "?" } else { &inviter }));
        row.since = user.invitation_created_at.as_ref().map_or_else(|| not_known("Atlas does not tell"), moment);
        row.ends = user.invitation_expires_at.as_ref().map_or_else(|| not_known("Atlas does not tell"), moment);
        row.last_use = not_known("has not joined");
    } else {
        row.since = account_made(user.created_at.as_ref());
        row.last_use = last_sign_in(user.last_auth.as_ref());
    }
    row
}

fn account_made(at: Option<&crate::snapshot::values::Moment>) -> String {
    at.map_or_else(
        || not_known("Atlas does not tell"),
        |at| format!("{} (the account was made; Atlas does not tell when it joined)", moment(at)),
    )
}

fn last_sign_in(at: Option<&crate::snapshot::values::Moment>) -> String {
    at.map_or_else(
        || not_known("Atlas shows no sign-in to the console"),
        |at| format!("{} (last sign-in to Atlas, to whichever organization)", moment(at)),
    )
}

/// What a project tells of somebody, where the organization's list could not be read.
pub(super) fn project_user(
    gatherer: &Gatherer<'_>,
    organization: &Organization,
    project: &Identity,
    at: &Ref,
    user: &ProjectUser,
) -> Row {
    let address = user.username.clone().unwrap_or_default();
    let kind = match user.org_membership_status {
        Some(MembershipStatus::Pending | MembershipStatus::Expired | MembershipStatus::Rejected) => Kind::Invitation,
        _ => Kind::ConsoleUser,
    };
    let mut row = Row::new(kind, at, &address);
    who(&mut row, gatherer, &address);
    let name = project.name.clone().unwrap_or_else(|| project.id.clone());
    let roles: Vec<Granted> = user.roles.iter().flatten().map(|role| (role.clone(), Some(name.clone()))).collect();
    describe(&mut row, &roles);
    row.project = Some(project.clone());
    row.scope = format!("project {name}");
    row.source = not_known("Atlas does not tell whether directly, by a team or as an owner of the organization");
    row.sign_in = sign_in(organization, &address);
    row.ends = "when somebody removes it".into();
    row.since = account_made(user.created_at.as_ref());
    row.last_use = last_sign_in(user.last_auth.as_ref());
    row
}

fn who(row: &mut Row, gatherer: &Gatherer<'_>, address: &str) {
    let known = party::person(gatherer.declared, address);
    row.contact = clean(address);
    row.party = known.party.unwrap_or(Party::NotKnown);
    row.known_owner = known.owner;
    row.persons = known.persons;
}

/// What is known of how somebody signs in.
fn sign_in(organization: &Organization, address: &str) -> String {
    let domain = address.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
    let federated = match organization.federation_settings.known() {
        Ok(settings) => {
            let mut domains = settings.federated_domains.iter().flatten();
            if domains.any(|one| one.eq_ignore_ascii_case(domain)) {
                "by the identity provider of its domain".to_owned()
            } else {
                "by Atlas itself: its domain is not federated".to_owned()
            }
        }
        Err(_) => format!("whether federated is {}", not_known("the federation could not be read")),
    };
    let factor = organization.settings.known().ok().and_then(|settings| settings.multi_factor_auth_required);
    let factor = match factor {
        Some(true) => "a second factor is required of everyone".to_owned(),
        Some(false) => "a second factor is not required; whether there is one, Atlas does not tell".to_owned(),
        None => format!("second factor {}", not_known("the settings of the organization do not tell")),
    };
    clean(&format!("{federated}; {factor}"))
}

fn of_team(gatherer: &Gatherer<'_>, at: &Ref, team: &Team) -> Row {
    let id = team.key();
    let mut row = Row::new(Kind::Team, at, team.name.as_deref().unwrap_or(&id));
    describe(&mut row, &of_team_in_projects(gatherer, &id));
    row.source = match team.users.known() {
        Ok(users) => count(users.len(), "member", "members"),
        Err(why) => format!("members {}", not_known(&clean(&why.to_string()))),
    };
    row.scope = "the projects that let it in".into();
    row.ends = "when somebody deletes it".into();
    row.last_use = not_known("a team is used by its members");
    row
}

fn of_member(
    gatherer: &Gatherer<'_>,
    organization: &Organization,
    at: &Ref,
    team: &Team,
    user: &OrganizationUser,
) -> Row {
    let address = user.username.clone().unwrap_or_default();
    let name = team.name.clone().unwrap_or_else(|| team.key());
    let mut row = Row::new(Kind::TeamMember, at, &format!("{address} in {name}"));
    who(&mut row, gatherer, &address);
    describe(&mut row, &of_team_in_projects(gatherer, &team.key()));
    row.source = clean(&format!("team {name}"));
    row.scope = "the projects that let the team in".into();
    row.sign_in = sign_in(organization, &address);
    row.ends = "when somebody takes them out".into();
    row.last_use = last_sign_in(user.last_auth.as_ref());
    row
}

fn of_mapping(gatherer: &Gatherer<'_>, at: &Ref, mapping: &RoleMapping) -> Row {
    let id = mapping.key();
    let mut row = Row::new(Kind::FederatedRoleMapping, at, mapping.external_group_name.as_deref().unwrap_or(&id));
    let roles: Vec<Granted> = mapping
        .role_assignments
        .iter()
        .flatten()
        .map(|one| {
            let project = one.group_id.as_deref().map(|id| gatherer.project_name(id));
            (one.role.clone().unwrap_or_default(), project)
        })
        .collect();
    describe(&mut row, &roles);
    row.party = Party::NotKnown;
    row.scope = "whoever the identity provider puts into the group".into();
    row.source = "mapping of a group of the identity provider".into();
    row.sign_in = "by the identity provider".into();
    row.ends = "when somebody deletes it".into();
    row
}
