//! People: how they sign in, how many of them own things, and who of them is still there.

use serde::Deserialize;

use super::{is_active, section, span};
use crate::engine::day::Day;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{OrganizationView, ProjectView};
use crate::rules::exemption::Standing;
use crate::rules::hours_until_needed;
use crate::snapshot::Section;
use crate::snapshot::federation::ProviderStatus;
use crate::snapshot::people::{MembershipStatus, OrganizationUser};
use crate::snapshot::tree::Node;

const ORGANIZATION_OWNER: &str = "ORG_OWNER";
const PROJECT_OWNER: &str = "GROUP_OWNER";
const STREAM_OWNER: &str = "GROUP_STREAM_PROCESSING_OWNER";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SsoNotConfigured {
    min_users: usize,
}

/// ATL-ORG-002
pub(crate) fn sso_not_configured(organization: &OrganizationView<'_>, limits: &SsoNotConfigured) -> Judgement {
    let lack = lack_of_provider(organization);
    if matches!(lack, Ok(None)) {
        return Ok(Verdict::Pass);
    }
    let size = organization.users.known().map(|users| {
        let status = |user: &OrganizationUser| is_active(user.org_membership_status.as_ref());
        let active = users.iter().filter(|user| status(user) == Some(true)).count();
        (active, active + users.iter().filter(|user| status(user).is_none()).count())
    });
    // An organization that is too small is let be, whatever could be read of its federation.
    if let Ok((active, at_most)) = size
        && at_most < limits.min_users
    {
        return Ok(Verdict::not_applicable(format!("the organization has {active} active users")));
    }
    let Some((what, field)) = lack? else { return Ok(Verdict::Pass) };
    let (active, _) = size?;
    if active < limits.min_users {
        return Err(Unknown::absent("orgMembershipStatus"));
    }
    let at = section(organization, Section::FederationSettings);
    Ok(Verdict::of([Evidence::at(&at, format!("{what}, for {active} active users")).field(field)]))
}

/// What is missing for people to sign in by an identity provider, and the field that says so; nothing if nothing is.
fn lack_of_provider(organization: &OrganizationView<'_>) -> Result<Option<(String, &'static str)>, Unknown> {
    // What Atlas answers to an organization without federation is not known: 404 tells nothing.
    let federation = organization.federation_settings.known()?;
    let Some(id) = federation.identity_provider_id.as_deref().filter(|id| !id.is_empty()) else {
        return Ok(Some(("no identity provider is connected".to_owned(), "/identityProviderId")));
    };
    match federation.identity_provider_status.required("identityProviderStatus")? {
        ProviderStatus::Active => Ok(None),
        ProviderStatus::Inactive => {
            Ok(Some((format!("identity provider {id} is INACTIVE"), "/identityProviderStatus")))
        }
        ProviderStatus::Other(text) => Err(Unknown::not_understood("identityProviderStatus", text)),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnerCount {
    org_owner_min: usize,
    org_owner_max: usize,
    project_owner_max: usize,
    stream_owner_max: usize,
}

/// Somebody, as owners are counted.
struct Person<'a> {
    name: &'a str,
    status: Option<&'a MembershipStatus>,
    roles: Option<&'a [String]>,
}

/// Who holds a role, and who might.
struct Holders<'a> {
    sure: Vec<&'a str>,
    doubts: Vec<Unknown>,
}

impl<'a> Holders<'a> {
    fn of(role: &str, people: impl IntoIterator<Item = Person<'a>>) -> Self {
        let mut holders = Self { sure: Vec::new(), doubts: Vec::new() };
        for person in people {
            let active = is_active(person.status);
            match person.roles {
                _ if active == Some(false) => {}
                None => holders.doubts.push(Unknown::absent("roles")),
                Some(roles) if !roles.iter().any(|held| held == role) => {}
                Some(_) if active == Some(true) => holders.sure.push(person.name),
                Some(_) => holders.doubts.push(match person.status {
                    None => Unknown::absent("orgMembershipStatus"),
                    Some(status) => Unknown::not_understood("orgMembershipStatus", status.as_str()),
                }),
            }
        }
        holders
    }

    /// `4 people hold ORG_OWNER (a, b, c, d)`
    fn phrase(&self, role: &str) -> String {
        match self.sure.as_slice() {
            [] => format!("nobody holds {role}"),
            [one] => format!("1 person holds {role} ({one})"),
            several => format!("{} people hold {role} ({})", several.len(), several.join(", ")),
        }
    }
}

/// ATL-ORG-006, the organization
pub(crate) fn organization_owner_count(organization: &OrganizationView<'_>, limits: &OwnerCount) -> Judgement {
    let users = organization.users.known()?;
    let holders = Holders::of(
        ORGANIZATION_OWNER,
        users.iter().map(|user| Person {
            name: user.username.as_deref().or(user.id.as_deref()).unwrap_or_default(),
            status: user.org_membership_status.as_ref(),
            roles: user.roles.as_ref().and_then(|roles| roles.org_roles.as_deref()),
        }),
    );
    let at = section(organization, Section::OrganizationUsers);
    let phrase = holders.phrase(ORGANIZATION_OWNER);
    let mut seen = Gathered::new();
    seen.fine();
    if holders.sure.len() > limits.org_owner_max {
        let message = format!("{phrase}, at most {} should", limits.org_owner_max);
        seen.offence(Evidence::at(&at, message).fact("crowded-org", &organization.organization.id));
    } else if holders.sure.len() + holders.doubts.len() < limits.org_owner_min {
        let message = format!("{phrase}, at least {} should", limits.org_owner_min);
        seen.offence(Evidence::at(&at, message).fact("lonely-org", &organization.organization.id));
    }
    holders.doubts.into_iter().for_each(|doubt| seen.unseen(doubt));
    seen.verdict("")
}

/// ATL-ORG-006, each project
///
/// Atlas lists members of teams and owners of the organization among a project's users, and does not tell by which
/// way somebody came. Whoever the project lists with the role counts: an owner of the organization who was not given
/// it has none there, and counts in the organization only.
pub(crate) fn project_owner_count(project: &ProjectView<'_>, limits: &OwnerCount) -> Judgement {
    let users = project.users.known()?;
    let at = project.section(Section::ProjectUsers);
    let mut seen = Gathered::new();
    seen.fine();
    for (role, most, fact) in [
        (PROJECT_OWNER, limits.project_owner_max, "owned-project"),
        (STREAM_OWNER, limits.stream_owner_max, "streaming-project"),
    ] {
        let holders = Holders::of(
            role,
            users.iter().map(|user| Person {
                name: user.username.as_deref().or(user.id.as_deref()).unwrap_or_default(),
                status: user.org_membership_status.as_ref(),
                roles: user.roles.as_deref(),
            }),
        );
        if holders.sure.len() > most {
            let message = format!("{}, at most {most} should", holders.phrase(role));
            seen.offence(Evidence::at(&at, message).fact(fact, &project.project.id));
        }
        holders.doubts.into_iter().for_each(|doubt| seen.unseen(doubt));
    }
    seen.verdict("")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaleUser {
    unused_days: u32,
    invite_max_days: u32,
    break_glass_accounts: Vec<BreakGlass>,
}

/// An account for emergencies, which nobody uses otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BreakGlass {
    user: String,
    owner: String,
    until: Day,
}

/// ATL-ORG-007
pub(crate) fn stale_console_user(organization: &OrganizationView<'_>, limits: &StaleUser) -> Judgement {
    let list = section(organization, Section::OrganizationUsers);
    let mut seen = Gathered::new();
    for user in organization.users.known()? {
        let name = user.username.as_deref().or(user.id.as_deref()).unwrap_or_default();
        let at = list.child(&user.key());
        let offence = |message: String, field: &str| {
            Evidence::at(&at, message)
                .field(field.to_owned())
                .fact("user", user.id.clone().unwrap_or_default())
                .fact("name", user.username.clone().unwrap_or_default())
        };
        match &user.org_membership_status {
            None => seen.unseen(Unknown::absent("orgMembershipStatus")),
            Some(MembershipStatus::Other(text)) => seen.unseen(Unknown::not_understood("orgMembershipStatus", text)),
            // Nothing is left of it.
            Some(MembershipStatus::Rejected) => {}
            Some(MembershipStatus::Active) => {
                let listed = limits.break_glass_accounts.iter().filter(|entry| entry.user.eq_ignore_ascii_case(name));
                let standing = Standing::of(listed.map(|entry| (entry.owner.as_str(), entry.until)), organization.now);
                if standing == Standing::Exempt {
                    continue;
                }
                let window = f64::from(limits.unused_days) * 24.0;
                let never = user.last_auth.is_none();
                let (since, field) =
                    if never { (&user.created_at, "createdAt") } else { (&user.last_auth, "lastAuth") };
                let idle = match hours_until_needed(field, since.as_ref(), organization.now) {
                    Ok(hours) => -hours,
                    Err(hole) => {
                        seen.unseen(hole);
                        continue;
                    }
                };
                if idle > window {
                    let what = if never { "has never signed in, with an account made" } else { "signed in last" };
                    let message = format!("{name} {what} {} ago{}", span(idle), standing.note());
                    seen.offence(offence(message, &format!("/{field}")));
                } else if !never {
                    seen.fine();
                }
            }
            Some(status @ (MembershipStatus::Pending | MembershipStatus::Expired)) => {
                let invited = user.invitation_created_at.as_ref();
                let open = match hours_until_needed("invitationCreatedAt", invited, organization.now) {
                    Ok(hours) => -hours,
                    Err(hole) => {
                        seen.unseen(hole);
                        continue;
                    }
                };
                if open <= f64::from(limits.invite_max_days) * 24.0 {
                    seen.fine();
                    continue;
                }
                let owned = owner_role(user);
                let role = owned.map(|role| format!(" as {role}")).unwrap_or_default();
                let ended = if *status == MembershipStatus::Expired { "; the invitation has expired" } else { "" };
                let message = format!("{name} was invited {} ago{role} and has not joined{ended}", span(open));
                let evidence = offence(message, "/invitationCreatedAt");
                seen.offence(if owned.is_some() { evidence.severity(Severity::High) } else { evidence });
            }
        }
    }
    seen.verdict("nobody has belonged to the organization for longer than the window")
}

/// An owner's role that somebody was given in person.
fn owner_role(user: &OrganizationUser) -> Option<&'static str> {
    let roles = user.roles.as_ref()?;
    if roles.org_roles.iter().flatten().any(|role| role == ORGANIZATION_OWNER) {
        return Some(ORGANIZATION_OWNER);
    }
    let mut projects =
        roles.group_role_assignments.iter().flatten().flat_map(|project| project.group_roles.iter().flatten());
    projects.any(|role| role == PROJECT_OWNER).then_some(PROJECT_OWNER)
}
