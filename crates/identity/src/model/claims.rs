//! Claims: the roles of a subject as components behind the gateway read them (contract section E3).

use super::object::{OrganizationId, StableId};
use super::principal::Subject;
use super::role::ManagedRole;

/// The objects that a subject has roles on, and the roles by the places of those objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// Organizations: stable name and name.
    pub organizations: Vec<(StableId, String)>,
    /// Teams: stable name, name, and the place of the team's organization in `organizations`.
    pub teams: Vec<(StableId, String, usize)>,
    /// Roles on objects: the role and the places of its objects in the list of its target's kind.
    pub object_roles: Vec<(ManagedRole, Vec<usize>)>,
    /// Roles over everything.
    pub global_roles: Vec<ManagedRole>,
}

impl Claims {
    /// The claims of a subject.
    pub fn of(subject: &Subject) -> Self {
        let mut claims = Self::default();
        let mut numbers: Vec<OrganizationId> = Vec::new();
        for it in &subject.organizations {
            numbers.push(it.id);
            claims.organizations.push((it.stable_id.clone(), it.name.clone()));
        }
        for it in &subject.teams {
            let place = numbers.iter().position(|id| *id == it.organization).unwrap_or_else(|| {
                numbers.push(it.organization);
                claims.organizations.push((it.organization_stable_id.clone(), it.organization_name.clone()));
                numbers.len() - 1
            });
            claims.teams.push((it.team.stable_id.clone(), it.team.name.clone(), place));
        }
        let organizations = &subject.organizations;
        let teams = &subject.teams;
        for (role, places) in [
            (ManagedRole::OrganizationAdmin, places(organizations.iter().map(|it| it.is_admin))),
            (ManagedRole::OrganizationMember, places(organizations.iter().map(|it| it.is_member))),
            (ManagedRole::TeamAdmin, places(teams.iter().map(|it| it.team.is_admin))),
            (ManagedRole::TeamMember, places(teams.iter().map(|it| it.team.is_member))),
        ] {
            if !places.is_empty() {
                claims.object_roles.push((role, places));
            }
        }
        if subject.is_auditor {
            claims.global_roles.push(ManagedRole::PlatformAuditor);
        }
        claims
    }
}

fn places(flags: impl Iterator<Item = bool>) -> Vec<usize> {
    flags.enumerate().filter_map(|(place, flag)| flag.then_some(place)).collect()
}
