//! Until when MongoDB mends each release of its server, as far as it has said so.

use jiff::civil::Date;

/// A release series: `8.0`. Compared as numbers: 10.0 comes after 9.0.
pub type Series = (u32, u32);

const fn day(year: i16, month: i8, day: i8) -> Date {
    jiff::civil::date(year, month, day)
}

/// The last day on which a series is mended. A series without an announced end is not here.
///
/// <https://www.mongodb.com/legal/support-policy/lifecycles>
const ENDS: &[(Series, Date)] = &[
    ((3, 6), day(2021, 4, 30)),
    ((4, 0), day(2022, 4, 30)),
    ((4, 2), day(2023, 4, 30)),
    ((4, 4), day(2024, 2, 29)),
    ((5, 0), day(2024, 10, 31)),
    ((5, 1), day(2022, 1, 18)),
    ((5, 2), day(2022, 3, 23)),
    ((5, 3), day(2022, 7, 19)),
    ((6, 0), day(2025, 7, 31)),
    ((6, 1), day(2023, 2, 9)),
    ((6, 2), day(2023, 4, 24)),
    ((6, 3), day(2023, 8, 31)),
    ((7, 0), day(2027, 8, 31)),
    ((7, 1), day(2024, 1, 23)),
    ((7, 2), day(2024, 3, 27)),
    ((7, 3), day(2024, 10, 2)),
    ((8, 0), day(2029, 10, 31)),
    ((8, 1), day(2025, 9, 30)),
    ((8, 2), day(2026, 7, 31)),
];

/// The series of a version: of `8.0`, of `8.0.29`, of `8.2.1-rc0`. Nothing if it is no version.
#[must_use]
pub fn series(version: &str) -> Option<Series> {
    let mut parts = version.trim().split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?.parse().ok()?;
    Some((major, minor))
}

/// The last day on which a series is mended, if MongoDB has told.
#[must_use]
pub fn end_of_life(series: Series) -> Option<Date> {
    ENDS.iter().find(|(known, _)| *known == series).map(|(_, end)| *end)
}

/// The next major series above one that is known: 6.0 after 5.0, and after 5.3. Nothing above the newest.
#[must_use]
pub fn major_after(series: Series) -> Option<Series> {
    ENDS.iter().map(|(known, _)| *known).find(|known| known.0 > series.0 && known.1 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers() {
        assert_eq!(series("8.0.29"), Some((8, 0)));
        assert_eq!(series("10.2"), Some((10, 2)));
        assert!(series("10.0") > series("9.0"));
        assert_eq!((series("8"), series("eight.0"), series("")), (None, None, None));
    }

    #[test]
    fn the_table_is_in_order_and_has_nothing_twice() {
        assert!(ENDS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(end_of_life((7, 0)), Some(day(2027, 8, 31)));
        assert_eq!(end_of_life((99, 0)), None);
    }

    #[test]
    fn upgrades_pass_through_each_major_version() {
        assert_eq!(major_after((5, 0)), Some((6, 0)));
        assert_eq!(major_after((7, 3)), Some((8, 0)));
        assert_eq!(major_after((8, 0)), None);
        assert_eq!(major_after((8, 2)), None);
    }
}
