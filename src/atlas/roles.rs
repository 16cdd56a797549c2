//! Roles of Atlas beside each other: which includes which, how much each can do, and the least of them that is enough.

use super::endpoints::Role;

/// All but "any credential".
const ALL: &[Role] = &[
    Role::OrganizationMember,
    Role::ProjectReadOnly,
    Role::OrganizationReadOnly,
    Role::ProjectClusterLogViewer,
    Role::ProjectDataAccessReadOnly,
    Role::ProjectStreamProcessingOwner,
    Role::ProjectBackupManager,
    Role::ProjectDatabaseAccessAdmin,
    Role::OrganizationStreamProcessingAdmin,
    Role::ProjectOwner,
    Role::OrganizationOwner,
];

impl Role {
    /// How much somebody can do who has it, beside the others: one that only looks at settings counts less than one that
    /// sees data, one that changes a part less than one that changes all. Everything below an owner together counts less
    /// than an owner.
    const fn power(self) -> u32 {
        match self {
            Self::Any => 0,
            Self::OrganizationMember | Self::ProjectReadOnly => 1,
            Self::OrganizationReadOnly => 2,
            Self::ProjectClusterLogViewer => 5,
            Self::ProjectDataAccessReadOnly => 20,
            Self::ProjectStreamProcessingOwner => 30,
            Self::ProjectBackupManager => 40,
            Self::ProjectDatabaseAccessAdmin => 50,
            Self::OrganizationStreamProcessingAdmin => 60,
            Self::ProjectOwner => 1000,
            Self::OrganizationOwner => 10_000,
        }
    }

    /// Whether it can change everything there is.
    #[must_use]
    pub const fn is_owner(self) -> bool {
        matches!(self, Self::ProjectOwner | Self::OrganizationOwner)
    }

    /// Whether it is held in a project, not in the organization.
    #[must_use]
    pub const fn is_of_project(self) -> bool {
        matches!(
            self,
            Self::ProjectReadOnly
                | Self::ProjectOwner
                | Self::ProjectBackupManager
                | Self::ProjectClusterLogViewer
                | Self::ProjectDatabaseAccessAdmin
                | Self::ProjectStreamProcessingOwner
                | Self::ProjectDataAccessReadOnly
        )
    }

    /// Whether who has it may do what the other one may.
    ///
    /// <https://www.mongodb.com/docs/atlas/reference/user-roles/>: an owner of the organization owns its projects.
    #[must_use]
    pub fn includes(self, other: Self) -> bool {
        self == other
            || other == Self::Any
            || match self {
                Self::OrganizationOwner => true,
                Self::OrganizationReadOnly => matches!(other, Self::OrganizationMember | Self::ProjectReadOnly),
                Self::ProjectOwner => other.is_of_project(),
                _ => false,
            }
    }

    /// Whether it is enough where any of these is.
    #[must_use]
    pub fn is_enough(self, any_of: &[Self]) -> bool {
        any_of.iter().any(|role| self.includes(*role))
    }
}

/// Whether one of the `allowed` roles is enough where any of these is.
pub fn can(any_of: &[Role], allowed: impl Fn(Role) -> bool) -> bool {
    ALL.iter().any(|role| allowed(*role) && role.is_enough(any_of))
}

/// The roles with the least power that meet all demands, each of which names alternatives; among equals the fewest. Those
/// with the least power come first. Nothing if no such roles are among the `allowed`.
#[must_use]
pub fn least(demands: &[&[Role]], allowed: impl Fn(Role) -> bool) -> Option<Vec<Role>> {
    let candidates: Vec<Role> = ALL.iter().copied().filter(|role| allowed(*role)).collect();
    let sets = (0_u32..1 << candidates.len()).map(|bits| {
        let chosen = candidates.iter().enumerate().filter(|(index, _)| bits & (1 << index) != 0);
        chosen.map(|(_, role)| *role).collect::<Vec<_>>()
    });
    sets.filter(|set| demands.iter().all(|any_of| set.iter().any(|role| role.is_enough(any_of))))
        .min_by_key(|set| (set.iter().map(|role| role.power()).sum::<u32>(), set.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas::endpoints::TABLE;

    const ORO: &[Role] = &[Role::OrganizationReadOnly];
    const OM: &[Role] = &[Role::OrganizationMember];
    const PRO: &[Role] = &[Role::ProjectReadOnly];
    const PO: &[Role] = &[Role::ProjectOwner];
    const OO: &[Role] = &[Role::OrganizationOwner];
    const LOGINS: &[Role] = &[Role::ProjectClusterLogViewer, Role::ProjectDatabaseAccessAdmin];
    const BACKUP: &[Role] = &[Role::ProjectBackupManager];

    fn of(demands: &[&[Role]]) -> Vec<Role> {
        least(demands, |_| true).unwrap()
    }

    #[test]
    fn looking_is_preferred_to_owning_and_one_role_to_two() {
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[PRO]), PRO);
        assert_eq!(of(&[PRO, OM]), ORO, "one role that only looks does for both");
        assert_eq!(of(&[LOGINS]), [Role::ProjectClusterLogViewer]);
        assert_eq!(of(&[PRO, LOGINS, BACKUP]).len(), 3);
        assert!(!of(&[PRO, LOGINS, BACKUP]).iter().any(|role| role.is_owner()));
    }

    #[test]
    fn who_has_to_own_needs_nothing_besides() {
        assert_eq!(of(&[PRO, LOGINS, BACKUP, PO]), PO);
        assert_eq!(of(&[PRO, ORO, PO, OO]), OO);
        assert_eq!(of(&[ORO, PO]), [Role::OrganizationReadOnly, Role::ProjectOwner]);
        assert_eq!(least(&[PRO, PO], |role| !role.is_owner()), None);
    }

    #[test]
    fn every_role_of_the_table_is_known_and_an_owner_can_read_all() {
        for row in TABLE {
            let known = row.roles.iter().all(|role| *role == Role::Any || ALL.contains(role));
            assert!(known && Role::OrganizationOwner.is_enough(row.roles), "{}", row.section);
        }
    }
}
