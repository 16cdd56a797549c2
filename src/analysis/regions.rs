//! One region, several spellings: Atlas writes `EUROPE_WEST` where Azure writes `westeurope`.
//!
//! Clusters name regions in Atlas's spelling. Private endpoints, peerings and buckets mostly do, and sometimes use the
//! provider's own.

use crate::snapshot::values::CloudProvider;

/// Where Azure's own name, without separators, is not Atlas's.
///
/// <https://www.mongodb.com/docs/atlas/reference/microsoft-azure/>
const AZURE: &[(&str, &str)] = &[
    ("centralus", "uscentral"),
    ("eastus", "useast"),
    ("eastus2", "useast2"),
    ("northcentralus", "usnorthcentral"),
    ("southcentralus", "ussouthcentral"),
    ("westcentralus", "uswestcentral"),
    ("westus", "uswest"),
    ("westus2", "uswest2"),
    ("westus3", "uswest3"),
    ("northeurope", "europenorth"),
    ("westeurope", "europewest"),
    ("eastasia", "asiaeast"),
    ("southeastasia", "asiasoutheast"),
    ("centralindia", "indiacentral"),
    ("southindia", "indiasouth"),
    ("westindia", "indiawest"),
];

/// Where Google's own name, without separators, is not Atlas's.
///
/// <https://www.mongodb.com/docs/atlas/reference/google-gcp/>
const GCP: &[(&str, &str)] = &[
    ("uscentral1", "centralus"),
    ("useast1", "easternus"),
    ("uswest1", "westernus"),
    ("europewest1", "westerneurope"),
    ("asiaeast1", "easternasiapacific"),
    ("asianortheast1", "northeasternasiapacific"),
    ("asiasoutheast1", "southeasternasiapacific"),
    ("mewest1", "middleeastwest1"),
    ("mecentral1", "middleeastcentral1"),
    ("mecentral2", "middleeastcentral2"),
];

fn normalised(provider: &CloudProvider, name: &str) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let spellings = match provider {
        CloudProvider::Azure => AZURE,
        CloudProvider::Gcp => GCP,
        // AWS's names differ in their separators alone.
        CloudProvider::Aws | CloudProvider::Tenant | CloudProvider::Other(_) => &[],
    };
    spellings.iter().find(|(own, _)| *own == plain).map_or(plain, |(_, atlas)| (*atlas).to_owned())
}

/// Whether two names mean one region of that provider.
#[must_use]
pub fn same_region(provider: &CloudProvider, one: &str, other: &str) -> bool {
    normalised(provider, one) == normalised(provider, other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use CloudProvider::{Aws, Azure, Gcp};

    #[test]
    fn atlas_and_the_provider_mean_the_same() {
        for (provider, atlas, own) in [
            (Aws, "EU_WEST_1", "eu-west-1"),
            (Azure, "EUROPE_WEST", "westeurope"),
            (Azure, "US_EAST_2", "eastus2"),
            (Azure, "UK_SOUTH", "uksouth"),
            (Azure, "ASIA_SOUTH_EAST", "southeastasia"),
            (Gcp, "WESTERN_EUROPE", "europe-west1"),
            (Gcp, "EUROPE_CENTRAL_2", "europe-central2"),
            (Gcp, "NORTH_AMERICA_NORTHEAST_1", "northamerica-northeast1"),
            (Gcp, "MIDDLE_EAST_WEST_1", "me-west1"),
        ] {
            assert!(same_region(&provider, atlas, own), "{atlas} {own}");
            assert!(same_region(&provider, atlas, atlas), "{atlas}");
        }
    }

    #[test]
    fn neighbours_differ() {
        assert!(!same_region(&Aws, "EU_WEST_1", "EU_WEST_2"));
        assert!(!same_region(&Azure, "US_EAST", "eastus2"));
        assert!(!same_region(&Gcp, "CENTRAL_US", "us-central2"));
        // One provider's name is another's word order.
        assert!(!same_region(&Gcp, "US_EAST_4", "eastus4"));
    }
}
