//! Where Atlas processes data that is in no cluster: stream workspaces and federated databases name cities where
//! clusters name regions.

use crate::snapshot::values::CloudProvider;

/// Atlas's names for the regions of AWS in which it processes data.
///
/// <https://www.mongodb.com/docs/atlas/atlas-stream-processing/overview/>,
/// <https://www.mongodb.com/docs/atlas/data-federation/supported-unsupported/supported-regions/>
const AWS: &[(&str, &str)] = &[
    ("VIRGINIA_USA", "US_EAST_1"),
    ("OHIO_USA", "US_EAST_2"),
    ("OREGON_USA", "US_WEST_2"),
    ("MONTREAL_CAN", "CA_CENTRAL_1"),
    ("SAOPAULO_BRA", "SA_EAST_1"),
    ("DUBLIN_IRL", "EU_WEST_1"),
    ("LONDON_GBR", "EU_WEST_2"),
    ("PARIS_FRA", "EU_WEST_3"),
    ("FRANKFURT_DEU", "EU_CENTRAL_1"),
    ("TOKYO_JPN", "AP_NORTHEAST_1"),
    ("SEOUL_KOR", "AP_NORTHEAST_2"),
    ("SINGAPORE_SGP", "AP_SOUTHEAST_1"),
    ("SYDNEY_AUS", "AP_SOUTHEAST_2"),
    ("MUMBAI_IND", "AP_SOUTH_1"),
];

/// The region of the provider that such a name means; nothing if it is a place that this version does not know.
/// Names that are not those of a city are the provider's own.
#[must_use]
pub fn region_of_data<'a>(provider: &CloudProvider, name: &'a str) -> Option<&'a str> {
    match AWS.iter().find(|(city, _)| city.eq_ignore_ascii_case(name)) {
        Some((_, region)) => (*provider == CloudProvider::Aws).then_some(*region),
        None => (!is_city(name)).then_some(name),
    }
}

/// Cities end in a country of three letters. No region of any provider does.
fn is_city(name: &str) -> bool {
    let country = name.rsplit_once('_').map(|(_, country)| country);
    country.is_some_and(|country| country.len() == 3 && country.chars().all(|c| c.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cities_are_regions_of_aws() {
        assert_eq!(region_of_data(&CloudProvider::Aws, "DUBLIN_IRL"), Some("EU_WEST_1"));
        assert_eq!(region_of_data(&CloudProvider::Azure, "DUBLIN_IRL"), None);
        assert_eq!(region_of_data(&CloudProvider::Aws, "ATLANTIS_OCN"), None);
    }

    #[test]
    fn other_names_are_the_providers_own() {
        for (provider, name) in [
            (CloudProvider::Azure, "westeurope"),
            (CloudProvider::Gcp, "US_CENTRAL1"),
            (CloudProvider::Aws, "EU_WEST_1"),
            (CloudProvider::Azure, "EUROPE_WEST"),
            (CloudProvider::Gcp, "us_abc"),
        ] {
            assert_eq!(region_of_data(&provider, name), Some(name));
        }
    }
}
