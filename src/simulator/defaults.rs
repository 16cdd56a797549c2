//! The defaults by which Atlas hides rows of a list, and the parameters that bring them back.

use serde_json::Value;

/// One parameter of a list.
#[derive(Debug)]
pub(super) struct Filter {
    /// The query parameter.
    pub(super) parameter: &'static str,
    /// The field of a row that it looks at.
    field: &'static str,
    effect: Effect,
}

#[derive(Debug)]
enum Effect {
    /// Only rows with one of the asked values; without the parameter one of these (or any, when there are none).
    Among { unasked: &'static [&'static str], without_field: &'static str },
    /// Rows with this value come only when the parameter is `true`.
    Hides(&'static str),
    /// Rows at or after the asked time.
    From,
    /// Rows up to the asked time.
    Until,
}

const fn among(
    parameter: &'static str,
    field: &'static str,
    unasked: &'static [&'static str],
    without_field: &'static str,
) -> Filter {
    Filter { parameter, field, effect: Effect::Among { unasked, without_field } }
}

static USERS: &[Filter] = &[
    among("orgMembershipStatuses", "orgMembershipStatus", &["ACTIVE", "PENDING"], "ACTIVE"),
    among("username", "username", &[], ""),
];
static SERVICE_ACCOUNTS: &[Filter] =
    &[Filter { parameter: "includeSystemManaged", field: "isSystemManaged", effect: Effect::Hides("true") }];
static CLUSTERS: &[Filter] =
    &[Filter { parameter: "includeDeletedWithRetainedBackups", field: "stateName", effect: Effect::Hides("DELETED") }];
static IDENTITY_PROVIDERS: &[Filter] =
    &[among("protocol", "protocol", &["SAML"], "SAML"), among("idpType", "idpType", &["WORKFORCE"], "WORKFORCE")];
static BY_PROVIDER: &[Filter] = &[among("providerName", "providerName", &["AWS"], "AWS")];
static ALERTS: &[Filter] = &[among("status", "status", &[], "")];
static FEDERATED: &[Filter] = &[among("type", "type", &["USER"], "USER")];
static EVENTS: &[Filter] = &[
    among("eventType", "eventTypeName", &[], ""),
    Filter { parameter: "minDate", field: "created", effect: Effect::From },
    Filter { parameter: "maxDate", field: "created", effect: Effect::Until },
];

/// The filters of an endpoint.
pub(super) fn filters(template: &str) -> &'static [Filter] {
    match template {
        "/orgs/{orgId}/users" | "/orgs/{orgId}/teams/{teamId}/users" | "/groups/{groupId}/users" => USERS,
        "/orgs/{orgId}/serviceAccounts" | "/groups/{groupId}/serviceAccounts" => SERVICE_ACCOUNTS,
        "/groups/{groupId}/clusters" => CLUSTERS,
        "/federationSettings/{federationSettingsId}/identityProviders" => IDENTITY_PROVIDERS,
        "/groups/{groupId}/peers" | "/groups/{groupId}/containers" => BY_PROVIDER,
        "/groups/{groupId}/alerts" => ALERTS,
        "/groups/{groupId}/dataFederation" => FEDERATED,
        "/groups/{groupId}/events" | "/orgs/{orgId}/events" => EVENTS,
        _ => &[],
    }
}

impl Filter {
    /// What this filter needs to know of a row.
    pub(super) fn facet(&self, row: &Value) -> Option<String> {
        match row.get(self.field)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    /// Whether a row with that facet is shown.
    pub(super) fn shows(&self, facet: Option<&str>, query: &[(String, String)]) -> bool {
        let mut asked =
            query.iter().filter(|(key, _)| key == self.parameter).map(|(_, value)| value.as_str()).peekable();
        match self.effect {
            Effect::Among { unasked, without_field } => {
                let value = facet.unwrap_or(without_field);
                if asked.peek().is_some() {
                    asked.any(|asked| asked.eq_ignore_ascii_case(value))
                } else {
                    unasked.is_empty() || unasked.contains(&value)
                }
            }
            Effect::Hides(hidden) => facet != Some(hidden) || asked.any(|asked| asked == "true"),
            // ISO 8601 in UTC sorts as text; a bare date sorts before every time of that day, as it should.
            Effect::From => asked.all(|asked| facet.is_none_or(|time| time >= asked)),
            Effect::Until => asked.all(|asked| facet.is_none_or(|time| time <= asked)),
        }
    }

    /// The value that stands for the parameter when it is not sent, where there is exactly one: a variant of that
    /// value answers such a request.
    pub(super) fn implied(&self) -> Option<(&'static str, &'static str)> {
        match self.effect {
            Effect::Among { unasked: [only], .. } => Some((self.parameter, only)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn expired_invitations_come_only_when_asked_for() {
        let status = &USERS[0];
        assert!(status.shows(Some("PENDING"), &[]));
        assert!(!status.shows(Some("INVITATION_EXPIRED"), &[]));
        let asked = query(&[("orgMembershipStatuses", "ACTIVE"), ("orgMembershipStatuses", "INVITATION_EXPIRED")]);
        assert!(status.shows(Some("INVITATION_EXPIRED"), &asked));
        assert!(!status.shows(Some("PENDING"), &asked));
    }

    #[test]
    fn system_managed_accounts_hide_unless_included() {
        let managed = &SERVICE_ACCOUNTS[0];
        assert!(managed.shows(None, &[]));
        assert!(!managed.shows(Some("true"), &[]));
        assert!(managed.shows(Some("true"), &query(&[("includeSystemManaged", "true")])));
    }

    #[test]
    fn events_are_cut_to_the_asked_window() {
        let from = &EVENTS[1];
        assert!(from.shows(Some("2026-05-01T00:00:00Z"), &query(&[("minDate", "2026-05-01")])));
        assert!(!from.shows(Some("2026-04-30T23:59:59Z"), &query(&[("minDate", "2026-05-01")])));
    }
}
