//! The types of sections against the table of endpoints that fill them.

use atlas_audit::atlas::endpoints::Endpoint;
use atlas_audit::snapshot::section::Section;
use atlas_audit::snapshot::shelf::with_slot;
use atlas_audit::snapshot::tree::Shape;

#[test]
fn every_section_has_a_place_of_the_kind_that_its_endpoint_fills() {
    for section in Section::ALL {
        // One endpoint is read by a call of its own, yet its service has a list of them.
        let list = Endpoint::of(*section).paging.is_list() || *section == Section::PrivateEndpoints;
        let filled = with_slot(*section, |slot| {
            assert!(slot.unavailable().is_some(), "{section} is read before anybody asked");
            if list { slot.fill(Shape::Array, &[b"[{}]"]) } else { slot.fill(Shape::Object, &[b"{}"]) }
        });
        assert_eq!(filled.map_err(|error| error.to_string()), Ok(1), "{section} does not take an empty object");
    }
}
