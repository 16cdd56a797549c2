//! What a privilege is granted on, and what that covers: the server's own search order, from the other end.
//!
//! An ordinary collection is covered by its database, by its name in every database, and, outside `config` and `local`,
//! by all ordinary collections together. A system collection is covered only by those that name it.

use std::fmt;

use crate::snapshot::database_access::RoleResource;

use super::action::Level;

/// A resource as a privilege names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern<'a> {
    /// Everything. Built-in roles only.
    Anything,
    /// Every ordinary collection of every database but `config` and `local`.
    AllOrdinary,
    /// A database: its ordinary collections, and the database as a whole.
    Database(&'a str),
    /// One collection, of whatever kind.
    Collection(&'a str, &'a str),
    /// The collection of that name in every database, `config` and `local` included.
    Everywhere(&'a str),
    /// The collections behind time series, of every database. Built-in roles only.
    Buckets,
    /// The cluster resource. No database belongs to it.
    Cluster,
    /// Stream workspaces. Built-in roles only.
    Workspaces,
}

/// What a privilege has to cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target<'a> {
    /// One collection.
    Collection(&'a str, &'a str),
    /// The ordinary collections of a database; some of them is an answer too.
    CollectionsOf(&'a str),
    /// A database as a whole.
    Database(&'a str),
    /// The cluster resource.
    Cluster,
    /// A federated database or a stream workspace.
    Service,
}

/// How much of a target a pattern covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cover<'a> {
    /// None.
    No,
    /// One collection of many.
    Part(&'a str),
    /// All.
    Whole,
}

/// Whether collections are the server's own. Patterns over many collections leave them out.
#[must_use]
pub fn is_system_collection(database: &str, collection: &str) -> bool {
    collection.starts_with("system.") || (database == "local" && collection.starts_with("replset."))
}

/// Whether a database is left out by patterns over every database.
#[must_use]
pub fn is_internal_database(database: &str) -> bool {
    matches!(database, "config" | "local")
}

impl<'a> Pattern<'a> {
    /// What a resource of a custom role names. None if a member is missing without which nobody can tell.
    #[must_use]
    pub fn of(resource: &'a RoleResource) -> Option<Self> {
        if resource.cluster == Some(true) {
            return Some(Self::Cluster);
        }
        let collection = resource.collection.as_deref().unwrap_or_default();
        Some(match (resource.db.as_deref()?, collection) {
            ("", "") => Self::AllOrdinary,
            ("", collection) => Self::Everywhere(collection),
            (database, "") => Self::Database(database),
            (database, collection) => Self::Collection(database, collection),
        })
    }

    /// How much of the target it covers.
    #[must_use]
    pub fn covers(self, target: Target<'_>) -> Cover<'a> {
        let whole = |yes: bool| if yes { Cover::Whole } else { Cover::No };
        match (self, target) {
            (Self::AllOrdinary, Target::Collection(database, collection)) => {
                whole(!is_internal_database(database) && !is_system_collection(database, collection))
            }
            (Self::AllOrdinary, Target::CollectionsOf(database) | Target::Database(database)) => {
                whole(!is_internal_database(database))
            }
            (Self::Database(own), Target::Collection(database, collection)) => {
                whole(own == database && !is_system_collection(database, collection))
            }
            (Self::Database(own), Target::CollectionsOf(database) | Target::Database(database)) => {
                whole(own == database)
            }
            (Self::Collection(own, name), Target::Collection(database, collection)) => {
                whole(own == database && name == collection)
            }
            (Self::Collection(own, name), Target::CollectionsOf(database)) if own == database => Cover::Part(name),
            (Self::Everywhere(name), Target::Collection(_, collection)) => whole(name == collection),
            (Self::Everywhere(name), Target::CollectionsOf(_)) => Cover::Part(name),
            (Self::Buckets, Target::Collection(_, collection)) => whole(collection.starts_with("system.buckets.")),
            // Atlas does not say on what actions of its services are to be granted: whatever it is counts.
            (Self::Anything, _) | (Self::Cluster, Target::Cluster) | (_, Target::Service) => Cover::Whole,
            _ => Cover::No,
        }
    }

    /// Whether it covers anything of a database, however little.
    #[must_use]
    pub fn touches(self, database: &str) -> bool {
        match self {
            Self::Anything | Self::Everywhere(_) | Self::Buckets => true,
            Self::AllOrdinary => !is_internal_database(database),
            Self::Database(own) | Self::Collection(own, _) => own == database,
            Self::Cluster | Self::Workspaces => false,
        }
    }

    /// Whether an action of that level does anything when granted on this.
    #[must_use]
    pub fn suits(self, level: Level) -> bool {
        match level {
            Level::Collection => !matches!(self, Self::Cluster | Self::Workspaces),
            Level::Database => matches!(self, Self::Anything | Self::AllOrdinary | Self::Database(_)),
            Level::Cluster => matches!(self, Self::Anything | Self::Cluster),
            Level::CollectionOrCluster => self != Self::Workspaces,
            Level::FederatedDatabase | Level::Workspace => true,
        }
    }
}

impl fmt::Display for Pattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anything => f.write_str("everything"),
            Self::AllOrdinary => f.write_str("every ordinary collection"),
            Self::Database(database) => write!(f, "{database}"),
            Self::Collection(database, collection) => write!(f, "{database}.{collection}"),
            Self::Everywhere(collection) => write!(f, "{collection} in every database"),
            Self::Buckets => f.write_str("every time series' buckets"),
            Self::Cluster => f.write_str("the cluster"),
            Self::Workspaces => f.write_str("stream workspaces"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Pattern<'_>] = &[
        Pattern::Anything,
        Pattern::AllOrdinary,
        Pattern::Database("shop"),
        Pattern::Collection("shop", "orders"),
        Pattern::Everywhere("orders"),
        Pattern::Everywhere("system.js"),
        Pattern::Buckets,
        Pattern::Cluster,
    ];

    fn covering(database: &'static str, collection: &'static str) -> Vec<String> {
        let target = Target::Collection(database, collection);
        ALL.iter().filter(|one| one.covers(target) == Cover::Whole).map(ToString::to_string).collect()
    }

    #[test]
    fn an_ordinary_collection_is_covered_in_five_ways() {
        let ways = ["everything", "every ordinary collection", "shop", "shop.orders", "orders in every database"];
        assert_eq!(covering("shop", "orders"), ways);
    }

    #[test]
    fn system_collections_and_internal_databases_are_left_out() {
        assert_eq!(covering("shop", "system.js"), ["everything", "system.js in every database"]);
        assert_eq!(covering("config", "orders"), ["everything", "orders in every database"]);
        assert_eq!(covering("shop", "system.buckets.x"), ["everything", "every time series' buckets"]);
        assert!(is_system_collection("local", "replset.minvalid") && !is_system_collection("shop", "replset.minvalid"));
        assert!(!is_system_collection("local", "oplog.rs") && !is_system_collection("shop", "systematic"));
        assert_eq!(Pattern::Database("local").covers(Target::Collection("local", "replset.minvalid")), Cover::No);
    }

    #[test]
    fn names_are_exact() {
        assert!(covering("Shop", "orders").iter().all(|way| !way.starts_with("shop")));
        assert_eq!(Pattern::Database("shop").covers(Target::Database("SHOP")), Cover::No);
    }

    #[test]
    fn what_a_resource_lacks_is_told_apart() {
        let of = |json: &str| {
            let resource: RoleResource = serde_json::from_str(json).unwrap();
            Pattern::of(&resource).map(|pattern| pattern.to_string())
        };
        assert_eq!(of(r#"{"db":"shop"}"#).as_deref(), Some("shop"));
        assert_eq!(of(r#"{"cluster":true,"db":"shop","collection":"x"}"#).as_deref(), Some("the cluster"));
        assert_eq!(of(r#"{"cluster":false,"db":"","collection":""}"#).as_deref(), Some("every ordinary collection"));
        assert_eq!(of(r#"{"db":"","collection":"x"}"#).as_deref(), Some("x in every database"));
        assert_eq!(of("{}"), None);
        assert_eq!(of(r#"{"collection":"x"}"#), None);
    }
}
