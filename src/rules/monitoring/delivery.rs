//! Whether an alert reaches anybody: a person who is there, or a service that is set up.

use std::borrow::Cow;

use crate::engine::verdict::{Required, Unknown};
use crate::engine::view::ProjectView;
use crate::snapshot::alert::{AlertConfig, Notification, NotificationType};
use crate::snapshot::logging::IntegrationType;
use crate::snapshot::people::{MembershipStatus, OrganizationUser, ProjectUser};
use crate::snapshot::tree::Node;

/// Whom a notification, or a whole alert, reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    Somebody,
    /// And why.
    Nobody(Cow<'static, str>),
    Unclear(Unknown),
}

fn nobody(why: impl Into<Cow<'static, str>>) -> Reach {
    Reach::Nobody(why.into())
}

/// Those who can be told of something in a project.
pub(super) struct Audience<'a> {
    pub(super) project: &'a ProjectView<'a>,
    /// Addresses that people read though nobody has an account under them.
    pub(super) mailboxes: &'a [String],
}

/// A person, as far as alerts go.
trait Person {
    fn status(&self) -> Option<&MembershipStatus>;
    fn name(&self) -> Option<&str>;
    fn roles(&self) -> Option<&[String]>;
}

impl Person for ProjectUser {
    fn status(&self) -> Option<&MembershipStatus> {
        self.org_membership_status.as_ref()
    }

    fn name(&self) -> Option<&str> {
        self.username.as_deref()
    }

    fn roles(&self) -> Option<&[String]> {
        self.roles.as_deref()
    }
}

impl Person for OrganizationUser {
    fn status(&self) -> Option<&MembershipStatus> {
        self.org_membership_status.as_ref()
    }

    fn name(&self) -> Option<&str> {
        self.username.as_deref()
    }

    fn roles(&self) -> Option<&[String]> {
        self.roles.as_ref()?.org_roles.as_deref()
    }
}

/// Whether some active person fits; `fits` answers nothing where the person's answer lacks what it looks at.
fn any_active<'p, P: Person + 'p>(
    people: impl IntoIterator<Item = &'p P>,
    fits: impl Fn(&P) -> Result<bool, Unknown>,
) -> Result<bool, Unknown> {
    let mut unclear = None;
    for person in people {
        let active = match person.status() {
            Some(MembershipStatus::Active) => Ok(true),
            Some(MembershipStatus::Other(text)) => Err(Unknown::not_understood("orgMembershipStatus", text.clone())),
            Some(_) => Ok(false),
            None => Err(Unknown::absent("orgMembershipStatus")),
        };
        match (active, fits(person)) {
            (Ok(true), Ok(true)) => return Ok(true),
            (Ok(false), _) | (_, Ok(false)) => {}
            (Err(why), _) | (_, Err(why)) => unclear = Some(why),
        }
    }
    unclear.map_or(Ok(false), Err)
}

fn is_called(person: &impl Person, name: &str) -> Result<bool, Unknown> {
    let theirs = person.name().ok_or_else(|| Unknown::absent("username"))?;
    Ok(theirs.eq_ignore_ascii_case(name))
}

fn holds_any(person: &impl Person, roles: &[String]) -> Result<bool, Unknown> {
    if roles.is_empty() {
        return Ok(true);
    }
    let theirs = person.roles().ok_or_else(|| Unknown::absent("roles"))?;
    Ok(theirs.iter().any(|role| roles.contains(role)))
}

impl Audience<'_> {
    /// Whom an alert reaches by any of its notifications.
    pub(super) fn of(&self, config: &AlertConfig) -> Reach {
        self.of_those(config, |_| Ok(true))
    }

    /// The same, by those notifications alone that are `wanted`. That none is wanted is for the caller to say.
    pub(super) fn of_those(
        &self,
        config: &AlertConfig,
        wanted: impl Fn(&Notification) -> Result<bool, Unknown>,
    ) -> Reach {
        let notifications = match config.notifications.required("notifications") {
            Ok(notifications) => notifications,
            Err(why) => return Reach::Unclear(why),
        };
        let mut unclear = None;
        let mut reasons: Vec<Cow<'static, str>> = Vec::new();
        for notification in notifications {
            let reach = match wanted(notification) {
                Ok(false) => continue,
                Ok(true) => self.by(notification),
                // Worth asking only of one that reaches somebody.
                Err(why) => match self.by(notification) {
                    Reach::Somebody => Reach::Unclear(why),
                    other => other,
                },
            };
            match reach {
                Reach::Somebody => return Reach::Somebody,
                Reach::Unclear(why) => unclear = Some(why),
                Reach::Nobody(why) if !reasons.contains(&why) => reasons.push(why),
                Reach::Nobody(_) => {}
            }
        }
        match unclear {
            Some(why) => Reach::Unclear(why),
            None if reasons.is_empty() => nobody("it has no notification"),
            None => nobody(reasons.join(", ")),
        }
    }

    /// Whom one notification reaches.
    fn by(&self, one: &Notification) -> Reach {
        self.resolve(one).unwrap_or_else(Reach::Unclear)
    }

    fn resolve(&self, one: &Notification) -> Result<Reach, Unknown> {
        use NotificationType as Kind;
        let kind = one.type_name.required("typeName")?;
        Ok(match kind {
            Kind::Organization | Kind::Project | Kind::Team | Kind::User if !is_sent(one)? => {
                nobody(format!("{kind} has both e-mail and text messages off"))
            }
            Kind::Project => {
                let roles = one.roles.as_deref().unwrap_or_default();
                let users = self.project.users.known()?;
                holder(any_active(users, |user| holds_any(user, roles))?, "the project", roles)
            }
            Kind::Organization => {
                let roles = one.roles.as_deref().unwrap_or_default();
                let users = self.project.organization.users.known()?;
                holder(any_active(users, |user| holds_any(user, roles))?, "the organization", roles)
            }
            Kind::Team => self.team(one)?,
            Kind::User => {
                let name = one.username.required("username")?;
                if self.is_member(name)? { Reach::Somebody } else { nobody(format!("{name} is no active user")) }
            }
            Kind::Email => {
                let address = one.email_address.required("emailAddress")?;
                if self.is_read(address) || self.is_member(address)? {
                    Reach::Somebody
                } else {
                    nobody(format!("{address} is the address of no active user"))
                }
            }
            Kind::Sms => {
                if *one.has_mobile_number.required("mobileNumber")? {
                    Reach::Somebody
                } else {
                    nobody("SMS has no number")
                }
            }
            Kind::HipChat => nobody("HipChat was shut down in 2019"),
            Kind::Webhook if one.has_webhook_url == Some(true) => Reach::Somebody,
            Kind::MicrosoftTeams if one.has_microsoft_teams_webhook_url == Some(true) => Reach::Somebody,
            Kind::Webhook => self.integration(one, &IntegrationType::Webhook)?,
            Kind::Slack => self.integration(one, &IntegrationType::Slack)?,
            Kind::MicrosoftTeams => self.integration(one, &IntegrationType::MicrosoftTeams)?,
            Kind::PagerDuty => self.integration(one, &IntegrationType::PagerDuty)?,
            Kind::OpsGenie => self.integration(one, &IntegrationType::OpsGenie)?,
            Kind::VictorOps => self.integration(one, &IntegrationType::VictorOps)?,
            Kind::Datadog => self.integration(one, &IntegrationType::Datadog)?,
            Kind::Other(text) => return Err(Unknown::not_understood("typeName", text.clone())),
        })
    }

    /// Whether people say that somebody reads an address, account or not.
    fn is_read(&self, address: &str) -> bool {
        let people = self.project.declared.people.iter().map(|person| person.email.as_str());
        self.mailboxes.iter().map(String::as_str).chain(people).any(|known| known.eq_ignore_ascii_case(address))
    }

    /// Whether that is the name of an active person of the project or the organization.
    fn is_member(&self, name: &str) -> Result<bool, Unknown> {
        let in_project = match self.project.users.known() {
            Ok(users) => any_active(users, |user| is_called(user, name)),
            Err(why) => Err(why.into()),
        };
        if in_project == Ok(true) {
            return Ok(true);
        }
        let everybody = self.project.organization.users.known()?;
        if any_active(everybody, |user| is_called(user, name))? { Ok(true) } else { in_project }
    }

    fn team(&self, one: &Notification) -> Result<Reach, Unknown> {
        let id = one.team_id.required("teamId")?;
        let called = |name: Option<&str>| name.map_or_else(|| format!("team {id}"), |name| format!("team {name}"));
        let teams = self.project.organization.teams.known()?;
        let Some(team) = teams.iter().find(|team| team.id.as_ref() == Some(id)) else {
            return Ok(nobody(format!("{} is gone", called(one.team_name.as_deref()))));
        };
        let members = team.users.known()?;
        Ok(if any_active(members, |_| Ok(true))? {
            Reach::Somebody
        } else {
            nobody(format!("{} has no active member", called(team.name.as_deref())))
        })
    }

    /// By its id; without one, any service of the kind will do.
    fn integration(&self, one: &Notification, kind: &IntegrationType) -> Result<Reach, Unknown> {
        let integrations = self.project.integrations.known()?;
        if let Some(id) = one.integration_id.as_ref().filter(|id| !id.is_empty()) {
            let there = integrations.iter().any(|integration| integration.key() == *id);
            return Ok(if there { Reach::Somebody } else { nobody(format!("the {kind} integration {id} is gone")) });
        }
        if integrations.iter().any(|integration| integration.kind.as_ref() == Some(kind)) {
            return Ok(Reach::Somebody);
        }
        // Notifications of old carry a key of their own, which no snapshot keeps.
        Err(Unknown::undecidable(format!("whether the {kind} notification has a key of its own is not kept")))
    }
}

/// Whether an e-mail or a text message is sent at all.
fn is_sent(one: &Notification) -> Result<bool, Unknown> {
    match (one.email_enabled, one.sms_enabled) {
        (Some(true), _) | (_, Some(true)) => Ok(true),
        (Some(false), _) => Ok(false),
        (None, _) => Err(Unknown::absent("emailEnabled")),
    }
}

fn holder(found: bool, place: &str, roles: &[String]) -> Reach {
    match (found, roles) {
        (true, _) => Reach::Somebody,
        (false, []) => nobody(format!("{place} has no active user")),
        (false, roles) => nobody(format!("no active user of {place} is {}", roles.join(" or "))),
    }
}
