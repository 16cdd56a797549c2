//! Numbers of addresses, as people read them.

use crate::analysis::address_space::Union;

/// `48 IPv4 addresses (0.00000112 %) and 2^72 IPv6 addresses (under 0.0000001 %)`; nothing if there are none.
pub(in crate::report) fn addresses(union: &Union) -> Option<String> {
    let counted = |count: String, family: &str, share: f64| {
        let plural = if count == "1" { "" } else { "es" };
        format!("{count} {family} address{plural} ({})", percent(share))
    };
    let (v4, v6) = (union.ipv4_addresses(), union.ipv6_addresses());
    let v4 = (v4 > 0).then(|| counted(grouped(v4), "IPv4", union.ipv4_share()));
    let v6 = (v6 > 0).then(|| counted(power(v6), "IPv6", union.ipv6_share()));
    let both: Vec<String> = v4.into_iter().chain(v6).collect();
    (!both.is_empty()).then(|| both.join(" and "))
}

/// `4,294,967,296`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Small numbers as they are, others as the nearest power of two below.
fn power(number: u128) -> String {
    match u64::try_from(number) {
        Ok(small) if small < 1 << 20 => grouped(small),
        // All of them are one more than can be counted.
        _ if number == u128::MAX => "2^128".to_owned(),
        _ if number.is_power_of_two() => format!("2^{}", number.ilog2()),
        _ => format!("more than 2^{}", number.ilog2()),
    }
}

/// A share with three digits that say something.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent <= 0.0 {
        return "0 %".to_owned();
    }
    if percent < 0.000_000_1 {
        return "under 0.0000001 %".to_owned();
    }
    let mut bound = 100.0;
    let mut decimals = 0_usize;
    while percent < bound && decimals < 8 {
        bound /= 10.0;
        decimals += 1;
    }
    let text = format!("{percent:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} %")
}

#[cfg(test)]
mod tests {
    use ipnet::IpNet;

    use super::*;

    #[test]
    fn three_digits_say_enough() {
        for (share, expected) in [
            (1.0, "100 %"),
            (0.5, "50 %"),
            (0.1254, "12.5 %"),
            (0.9999, "100 %"),
            (65_536.0 / 4_294_967_296.0, "0.00153 %"),
            (16.0 / 4_294_967_296.0, "0.00000037 %"),
            (1e-12, "under 0.0000001 %"),
            (0.0, "0 %"),
        ] {
            assert_eq!(percent(share), expected, "{share}");
        }
    }

    #[test]
    fn both_families_are_counted() {
        let of = |texts: &[&str]| addresses(&texts.iter().map(|text| text.parse::<IpNet>().unwrap()).collect());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["0.0.0.0/0"]).unwrap(), "4,294,967,296 IPv4 addresses (100 %)");
        assert_eq!(
            of(&["203.0.113.7/32", "2001:db8::/56", "2001:db8:1::/64"]).unwrap(),
            "1 IPv4 address (under 0.0000001 %) and more than 2^72 IPv6 addresses (under 0.0000001 %)"
        );
        assert_eq!(of(&["::/0"]).unwrap(), "2^128 IPv6 addresses (100 %)");
        assert_eq!(of(&["2001:db8::7/128"]).unwrap(), "1 IPv6 address (under 0.0000001 %)");
    }
}
