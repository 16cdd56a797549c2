//! Which endpoints there are: those of `atlas::endpoints`, and those that only other clients ask for.

use std::cmp::Reverse;
use std::sync::LazyLock;

use axum::http::HeaderValue;

use super::defaults::{self, Filter};
use crate::atlas::endpoints::{Bucket, Endpoint, Paging, Scope, TABLE};
use crate::snapshot::Section;

use Paging::{Array, Envelope, Object, Pages};

/// Endpoints that the program itself does not read. A single resource stands here without a bucket of its own:
/// it shares that of its list.
const OTHERS: &[(&str, &str, Paging)] = &[
    ("/clusters", "2023-01-01", Pages),
    ("/eventTypes", "2023-01-01", Pages),
    ("/orgs", "2023-01-01", Pages),
    ("/orgs/{orgId}", "2023-01-01", Object),
    ("/groups", "2023-01-01", Pages),
    ("/groups/byName/{groupName}", "2023-01-01", Object),
    ("/groups/{groupId}", "2023-01-01", Object),
    ("/rateLimits", "2025-03-12", Pages),
    ("/rateLimits/{endpointSetId}", "2025-03-12", Object),
    ("/federationSettings/{federationSettingsId}/connectedOrgConfigs", "2023-01-01", Pages),
    ("/federationSettings/{federationSettingsId}/connectedOrgConfigs/{orgId}/roleMappings/{id}", "2023-01-01", Object),
    ("/federationSettings/{federationSettingsId}/identityProviders/{identityProviderId}", "2023-11-15", Object),
    ("/orgs/{orgId}/activityFeed", "2025-03-12", Object),
    ("/orgs/{orgId}/aiModelApiKeys/{apiKeyId}", "2025-03-12", Object),
    ("/orgs/{orgId}/aiModelApiRateLimits", "2025-03-12", Pages),
    ("/orgs/{orgId}/apiKeys/{apiUserId}", "2023-01-01", Object),
    ("/orgs/{orgId}/events/{eventId}", "2023-01-01", Object),
    ("/orgs/{orgId}/invites", "2023-01-01", Array),
    ("/orgs/{orgId}/mcpConfigs/{mcpConfigId}", "2025-03-12", Object),
    ("/orgs/{orgId}/resourcePolicies/{resourcePolicyId}", "2024-08-05", Object),
    ("/orgs/{orgId}/serviceAccounts/{clientId}", "2024-08-05", Object),
    ("/orgs/{orgId}/teams/{teamId}", "2023-01-01", Object),
    ("/orgs/{orgId}/users/{userId}", "2025-02-19", Object),
    ("/groups/{groupId}/accessList/{entryValue}", "2023-01-01", Object),
    ("/groups/{groupId}/accessList/{entryValue}/status", "2023-01-01", Object),
    ("/groups/{groupId}/activityFeed", "2025-03-12", Object),
    ("/groups/{groupId}/aiModelApiKeys", "2025-03-12", Pages),
    ("/groups/{groupId}/aiModelApiKeys/{apiKeyId}", "2025-03-12", Object),
    ("/groups/{groupId}/aiModelApiRateLimits", "2025-03-12", Pages),
    ("/groups/{groupId}/alertConfigs/{alertConfigId}", "2023-01-01", Object),
    ("/groups/{groupId}/alerts/{alertId}", "2023-01-01", Object),
    ("/groups/{groupId}/apiKeys", "2023-01-01", Pages),
    ("/groups/{groupId}/awsCustomDNS", "2023-01-01", Object),
    ("/groups/{groupId}/backup/exportBuckets/{exportBucketId}", "2024-05-30", Object),
    ("/groups/{groupId}/backup/{cloudProvider}/privateEndpoints", "2024-11-13", Pages),
    ("/groups/{groupId}/cloudProviderAccess/{roleId}", "2023-01-01", Object),
    ("/groups/{groupId}/clusters/{clusterName}", "2024-08-05", Object),
    ("/groups/{groupId}/containers", "2023-01-01", Pages),
    ("/groups/{groupId}/customDBRoles/roles/{roleName}", "2023-01-01", Object),
    ("/groups/{groupId}/dataFederation/{tenantName}", "2023-01-01", Object),
    ("/groups/{groupId}/databaseUsers/{databaseName}/{username}", "2023-01-01", Object),
    ("/groups/{groupId}/dbAccessHistory/processes/{hostname}", "2023-01-01", Object),
    ("/groups/{groupId}/encryptionAtRest/{cloudProvider}/privateEndpoints", "2023-01-01", Pages),
    ("/groups/{groupId}/events/{eventId}", "2023-01-01", Object),
    ("/groups/{groupId}/flexClusters/{name}", "2024-11-13", Object),
    ("/groups/{groupId}/flexClusters/{name}/backup/restoreJobs", "2024-11-13", Pages),
    ("/groups/{groupId}/integrations/{integrationType}", "2023-01-01", Object),
    ("/groups/{groupId}/invites", "2023-01-01", Array),
    ("/groups/{groupId}/limits", "2023-01-01", Array),
    ("/groups/{groupId}/logIntegrations/{id}", "2025-03-12", Object),
    ("/groups/{groupId}/mcpConfigs/{mcpConfigId}", "2025-03-12", Object),
    ("/groups/{groupId}/mongoDBVersions", "2023-01-01", Pages),
    ("/groups/{groupId}/peers/{peerId}", "2023-01-01", Object),
    ("/groups/{groupId}/privateEndpoint/{cloudProvider}/endpointService", "2023-01-01", Array),
    ("/groups/{groupId}/privateEndpoint/{cloudProvider}/endpointService/{endpointServiceId}", "2023-01-01", Object),
    ("/groups/{groupId}/privateIpMode", "2023-01-01", Object),
    ("/groups/{groupId}/processes", "2023-01-01", Pages),
    ("/groups/{groupId}/serverless/{name}", "2023-01-01", Object),
    ("/groups/{groupId}/serviceAccounts/{clientId}", "2024-08-05", Object),
    ("/groups/{groupId}/streams/accountDetails", "2024-11-13", Object),
    ("/groups/{groupId}/streams/privateLinkConnections/{connectionId}", "2023-02-01", Object),
    ("/groups/{groupId}/streams/vpcPeeringConnections", "2023-02-01", Pages),
    ("/groups/{groupId}/streams/{tenantName}", "2023-02-01", Object),
    ("/groups/{groupId}/streams/{tenantName}/connections/{connectionName}", "2023-02-01", Object),
    ("/groups/{groupId}/streams/{tenantName}/connections/{connectionName}/failoverConnections", "2025-03-12", Envelope),
    ("/groups/{groupId}/streams/{tenantName}/processor/{processorName}", "2024-05-30", Object),
    ("/groups/{groupId}/teams/{teamId}", "2023-01-01", Object),
    ("/groups/{groupId}/userSecurity/ldap/verify/{requestId}", "2023-01-01", Object),
    ("/groups/{groupId}/users/{userId}", "2025-02-19", Object),
];

/// A path template, taken apart.
#[derive(Debug)]
enum Segment {
    Literal(&'static str),
    Parameter(&'static str),
}

/// One endpoint.
#[derive(Debug)]
pub(super) struct Route {
    /// With `{parameters}`; empty for the base path.
    pub(super) template: &'static str,
    segments: Vec<Segment>,
    /// The one version that is served.
    pub(super) version: &'static str,
    /// `application/vnd.atlas.<version>+json;charset=utf-8`
    pub(super) content_type: HeaderValue,
    pub(super) paging: Paging,
    pub(super) bucket: Bucket,
    /// The program's own rows with this path. Three of them read `peers`, one per provider.
    pub(super) rows: Vec<&'static Endpoint>,
    /// By which Atlas hides rows.
    pub(super) filters: &'static [Filter],
}

impl Route {
    fn new(template: &'static str, version: &'static str, paging: Paging, bucket: Bucket) -> Self {
        let segments = template
            .split('/')
            .skip(1)
            .map(|segment| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(parameter) => Segment::Parameter(parameter),
                None => Segment::Literal(segment),
            })
            .collect();
        let content_type = HeaderValue::try_from(format!("application/vnd.atlas.{version}+json;charset=utf-8"))
            .expect("a date is visible ASCII");
        let filters = defaults::filters(template);
        Self { template, segments, version, content_type, paging, bucket, rows: Vec::new(), filters }
    }

    fn takes(&self, path: &str) -> bool {
        let mut asked = path.split('/').skip(1);
        self.segments.iter().all(|segment| match (segment, asked.next()) {
            (Segment::Literal(literal), Some(text)) => *literal == text,
            (Segment::Parameter(_), Some(text)) => !text.is_empty(),
            (_, None) => false,
        }) && asked.next().is_none()
    }

    /// The parameters with their values in `path`, which this route takes, and what stands before each.
    pub(super) fn parameters<'p>(&self, path: &'p str) -> Vec<Parameter<'p>> {
        let mut end = 0;
        let mut found = Vec::new();
        for (segment, text) in self.segments.iter().zip(path.split('/').skip(1)) {
            let collection = &path[..end];
            end += 1 + text.len();
            if let Segment::Parameter(name) = segment {
                found.push(Parameter { name, value: text, collection, path: &path[..end] });
            }
        }
        found
    }

    /// The program's row that such a request belongs to.
    pub(super) fn row(&self, query: &[(String, String)]) -> Option<&'static Endpoint> {
        let named =
            |row: &&&Endpoint| row.query.iter().all(|(key, value)| query.iter().any(|(k, v)| k == key && v == value));
        self.rows.iter().find(named).or(self.rows.first()).copied()
    }
}

/// A path parameter in a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameter<'p> {
    pub(super) name: &'static str,
    /// Still encoded.
    pub(super) value: &'p str,
    /// The path before it.
    pub(super) collection: &'p str,
    /// The path up to and with it.
    pub(super) path: &'p str,
}

/// All routes, by number of segments; the more literal ones first.
static ROUTES: LazyLock<Vec<Vec<Route>>> = LazyLock::new(|| {
    let mut routes: Vec<Route> = Vec::new();
    for row in TABLE {
        if let Some(route) = routes.iter_mut().find(|route| route.template == row.path) {
            route.rows.push(row);
            continue;
        }
        let mut route = Route::new(row.path, row.version, row.paging, row.bucket);
        route.rows.push(row);
        routes.push(route);
    }
    for (template, version, paging) in OTHERS {
        let bucket = shared_bucket(template);
        routes.push(Route::new(template, version, *paging, bucket));
    }
    let mut by_length: Vec<Vec<Route>> = Vec::new();
    for route in routes {
        let length = route.segments.len();
        if by_length.len() <= length {
            by_length.resize_with(length + 1, Vec::new);
        }
        by_length[length].push(route);
    }
    for routes in &mut by_length {
        routes.sort_by_key(|route| {
            route.segments.iter().map(|segment| matches!(segment, Segment::Parameter(_))).collect::<Vec<_>>()
        });
    }
    by_length
});

/// For paths that a recording has although no table knows them.
static UNLISTED: LazyLock<Route> = LazyLock::new(|| {
    let bucket = Bucket { set: "unlisted", scope: Scope::User, capacity: 300, refill: 100 };
    Route::new("(recorded path)", "2023-01-01", Pages, bucket)
});

/// The bucket of an endpoint that the program itself does not read: that of the row beside it.
fn shared_bucket(template: &str) -> Bucket {
    let user = |set, capacity, refill| Bucket { set, scope: Scope::User, capacity, refill };
    let shared = |path: &str| path.split('/').zip(template.split('/')).take_while(|(one, other)| one == other).count();
    match template {
        "/groups" | "/groups/byName/{groupName}" => user("projects", 1200, 500),
        "/groups/{groupId}/processes" => Bucket { set: "processes", scope: Scope::Project, capacity: 300, refill: 100 },
        "/federationSettings/{federationSettingsId}/connectedOrgConfigs" => user("user", 300, 100),
        _ if !template.contains('{') || template.starts_with("/rateLimits") => user("user", 300, 100),
        _ => match TABLE.iter().min_by_key(|row| Reverse(shared(row.path))) {
            Some(row) if shared(row.path) > 3 => row.bucket,
            // No more in common than the project or organization: what most of its endpoints share.
            _ if template.starts_with("/groups/") => Endpoint::of(Section::ProjectSettings).bucket,
            _ => Endpoint::of(Section::OrganizationUsers).bucket,
        },
    }
}

/// The route that takes a path below the base path.
pub(super) fn find(path: &str) -> Option<&'static Route> {
    let length = path.bytes().filter(|byte| *byte == b'/').count();
    ROUTES.get(length)?.iter().find(|route| route.takes(path))
}

/// The route of a recorded path that no table knows.
pub(super) fn unlisted() -> &'static Route {
    &UNLISTED
}

/// Whether there is an endpoint with this template.
pub(super) fn is_template(template: &str) -> bool {
    ROUTES.iter().flatten().any(|route| route.template == template)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(path: &str) -> &'static str {
        find(path).map_or("-", |route| route.template)
    }

    #[test]
    fn a_literal_segment_goes_before_a_parameter() {
        assert_eq!(template(""), "");
        assert_eq!(template("/orgs/1"), "/orgs/{orgId}");
        assert_eq!(template("/groups/1/containers/all"), "/groups/{groupId}/containers/all");
        assert_eq!(template("/groups/1/streams/tenant"), "/groups/{groupId}/streams/{tenantName}");
        assert_eq!(template("/groups/1/streams/accountDetails"), "/groups/{groupId}/streams/accountDetails");
        assert_eq!(
            template("/groups/1/databaseUsers/admin/app"),
            "/groups/{groupId}/databaseUsers/{databaseName}/{username}"
        );
        assert_eq!(template("/groups/1/databaseUsers/app/certs"), "/groups/{groupId}/databaseUsers/{username}/certs");
        assert_eq!(
            template("/groups/1/privateEndpoint/AWS/endpointService"),
            "/groups/{groupId}/privateEndpoint/AWS/endpointService"
        );
        assert_eq!(template("/groups/1/nothing"), "-");
        assert_eq!(template("/groups/1/"), "-");
    }

    #[test]
    fn no_template_stands_twice() {
        let mut templates: Vec<_> = ROUTES.iter().flatten().map(|route| route.template).collect();
        templates.sort_unstable();
        let all = templates.len();
        templates.dedup();
        assert_eq!(templates.len(), all);
    }

    #[test]
    fn a_single_resource_shares_the_bucket_of_its_list() {
        assert_eq!(find("/groups/1/clusters/c").map(|route| route.bucket.capacity), Some(10_000));
        assert_eq!(find("/groups/1/peers/p").map(|route| route.bucket.capacity), Some(2000));
        assert_eq!(find("/orgs/1/teams/t").map(|route| route.bucket.capacity), Some(1200));
        assert_eq!(find("/groups/1").map(|route| route.bucket.capacity), Some(1200));
        assert_eq!(find("/orgs/1").map(|route| route.bucket.capacity), Some(500));
        assert_eq!(find("/groups").map(|route| route.bucket.capacity), Some(1200));
    }

    #[test]
    fn a_row_is_told_by_its_parameters() {
        let route = find("/groups/1/peers").unwrap();
        let query = [("providerName".to_owned(), "AZURE".to_owned())];
        assert_eq!(route.row(&query).unwrap().section.name(), "project.azurePeers");
        assert_eq!(route.row(&[]).unwrap().section.name(), "project.awsPeers");
    }
}
