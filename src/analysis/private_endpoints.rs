//! Private endpoints: which of them work, and which regions they serve.

use crate::snapshot::Reading;
use crate::snapshot::private_endpoint::{EndpointStatus, PrivateEndpointService};
use crate::snapshot::project::Project;
use crate::snapshot::topology::RegionUse;
use crate::snapshot::values::CloudProvider;

use super::doubt::{Doubt, any, first};
use super::regions::same_region;

/// The providers that have private endpoints and peerings.
pub const PROVIDERS: [CloudProvider; 3] = [CloudProvider::Aws, CloudProvider::Azure, CloudProvider::Gcp];

/// A project's endpoint services with one provider; nothing for what is no provider.
#[must_use]
pub fn reading<'a>(project: &'a Project, provider: &CloudProvider) -> Option<&'a Reading<Vec<PrivateEndpointService>>> {
    match provider {
        CloudProvider::Aws => Some(&project.aws_private_endpoint_services),
        CloudProvider::Azure => Some(&project.azure_private_endpoint_services),
        CloudProvider::Gcp => Some(&project.gcp_private_endpoint_services),
        CloudProvider::Tenant | CloudProvider::Other(_) => None,
    }
}

/// Only the list of the provider in question: whether another can be read must not matter.
pub fn services<'a>(project: &'a Project, provider: &CloudProvider) -> Result<&'a [PrivateEndpointService], Doubt> {
    let reading = reading(project, provider).ok_or_else(|| strange(provider))?;
    Ok(reading.known()?)
}

pub(crate) fn strange(provider: &CloudProvider) -> Doubt {
    Doubt::not_understood("providerName", provider.as_str())
}

/// Whether a side is up.
pub fn is_available(status: Option<&EndpointStatus>) -> Result<bool, Doubt> {
    match status {
        Some(EndpointStatus::Available) => Ok(true),
        Some(EndpointStatus::Other(text)) => Err(Doubt::not_understood("status", text.clone())),
        Some(_) => Ok(false),
        None => Err(Doubt::Absent("status")),
    }
}

/// Whether both sides are up: Atlas's service, and at least one endpoint of the customer's.
pub fn works(service: &PrivateEndpointService) -> Result<bool, Doubt> {
    if !is_available(service.status.as_ref())? {
        return Ok(false);
    }
    any(service.endpoints.known()?, |endpoint| is_available(endpoint.status.as_ref()))
}

/// Whether any private endpoint of a project works, with whatever provider.
pub fn any_works(project: &Project) -> Result<bool, Doubt> {
    any(&PROVIDERS, |provider| any(services(project, provider)?, works))
}

/// Whether a service is where the nodes are, or lets clients there in from another region.
fn reaches(service: &PrivateEndpointService, region: &RegionUse, remotely: bool) -> Result<bool, Doubt> {
    let same = |name: &String| same_region(&region.provider, name, &region.region);
    let remote = service.supported_remote_regions.iter().flatten();
    if remotely && region.provider == CloudProvider::Aws && remote.into_iter().any(same) {
        return Ok(true);
    }
    Ok(same(service.region_name.as_ref().ok_or(Doubt::Absent("regionName"))?))
}

/// The working service that serves a region; nothing if there certainly is none.
pub fn serving<'a>(
    project: &'a Project,
    region: &RegionUse,
    remotely: bool,
) -> Result<Option<&'a PrivateEndpointService>, Doubt> {
    first(services(project, &region.provider)?, |service| {
        // A service that is down, or elsewhere for certain, raises no doubt.
        match (reaches(service, region, remotely), works(service)) {
            (Ok(false), _) | (_, Ok(false)) => Ok(None),
            (Ok(true), Ok(true)) => Ok(Some(service)),
            (Err(why), _) | (_, Err(why)) => Err(why),
        }
    })
}
