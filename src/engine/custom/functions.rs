//! What expressions may call: the functions of CEL, and some of our own over addresses.

use cel::Context;
use ipnet::IpNet;

use crate::analysis::address_space;

/// Of CEL itself, and its macros.
const STANDARD: &[&str] = &[
    "all",
    "bool",
    "bytes",
    "contains",
    "double",
    "duration",
    "dyn",
    "endsWith",
    "exists",
    "exists_one",
    "filter",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getFullYear",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getSeconds",
    "has",
    "int",
    "map",
    "matches",
    "max",
    "min",
    "size",
    "startsWith",
    "string",
    "timestamp",
    "type",
    "uint",
];

/// Of our own.
const OWN: &[&str] = &["cidrContains", "isPrivate", "prefixLength"];

/// Whether there is such a function, or such an operator, which CEL names like `_+_`.
pub(super) fn is_known(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_alphabetic()) || STANDARD.contains(&name) || OWN.contains(&name)
}

/// All of them.
pub(super) fn names() -> Vec<String> {
    STANDARD.iter().chain(OWN).map(|name| (*name).to_owned()).collect()
}

/// Makes our own known: `cidrContains("10.0.0.0/8", item.cidrBlock)`, `isPrivate(item.cidrBlock)`,
/// `prefixLength(item.cidrBlock)`. Addresses count as the narrowest ranges.
pub(super) fn add_to(context: &mut Context<'_, '_>) {
    let added = [
        context.add_function("cidrContains", |outer: std::sync::Arc<String>, inner: std::sync::Arc<String>| {
            Ok::<bool, cel::ExecutionError>(range("cidrContains", &outer)?.contains(&range("cidrContains", &inner)?))
        }),
        context.add_function("isPrivate", |text: std::sync::Arc<String>| {
            Ok::<bool, cel::ExecutionError>(!address_space::is_public(&range("isPrivate", &text)?))
        }),
        context.add_function("prefixLength", |text: std::sync::Arc<String>| {
            Ok::<i64, cel::ExecutionError>(i64::from(range("prefixLength", &text)?.prefix_len()))
        }),
    ];
    debug_assert!(added.iter().all(Result::is_ok), "no function of CEL is called so");
}

fn range(function: &str, text: &str) -> Result<IpNet, cel::ExecutionError> {
    let address = || text.parse().ok().map(|address: std::net::IpAddr| IpNet::from(address));
    let range = text.parse::<IpNet>().ok().or_else(address);
    range.ok_or_else(|| cel::ExecutionError::function_error(function, format!("`{text}` is no range of addresses")))
}
