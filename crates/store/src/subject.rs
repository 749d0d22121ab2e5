//! Subjects: users with all their roles, read from one snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use identity::model::object::{OrganizationId, RoleId, StableId, TeamId, UserId};
use identity::model::principal::{Membership, Subject, TeamMembership};
use identity::model::role::ManagedRole;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use crate::rows::{Read, json_numbers};
use crate::{objects, sql};

/// The roles of a user, its own and those of its teams.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    pub(crate) is_auditor: bool,
    pub(crate) organizations: BTreeMap<i64, BTreeSet<ManagedRole>>,
    pub(crate) teams: BTreeMap<i64, BTreeSet<ManagedRole>>,
}

impl Roles {
    /// The numbers of the organizations on which the user has this role.
    pub(crate) fn organizations_as(&self, role: ManagedRole) -> impl Iterator<Item = i64> {
        self.organizations.iter().filter(move |(_, roles)| roles.contains(&role)).map(|(id, _)| *id)
    }

    /// The numbers of the teams on which the user has this role.
    pub(crate) fn teams_as(&self, role: ManagedRole) -> impl Iterator<Item = i64> {
        self.teams.iter().filter(move |(_, roles)| roles.contains(&role)).map(|(id, _)| *id)
    }
}

/// Reads the roles of a user.
pub(crate) async fn roles(connection: &mut SqliteConnection, user: UserId) -> Read<Roles> {
    let mut found = Roles::default();
    for row in sqlx::query(sql::ROLES).bind(user.0).fetch_all(connection).await? {
        let Some(role) = ManagedRole::from_id(RoleId(row.try_get("role_id")?)) else { continue };
        let organization: Option<i64> = row.try_get("organization_id")?;
        let team: Option<i64> = row.try_get("team_id")?;
        match (organization, team) {
            (Some(id), _) => drop(found.organizations.entry(id).or_default().insert(role)),
            (None, Some(id)) => drop(found.teams.entry(id).or_default().insert(role)),
            (None, None) => found.is_auditor |= role == ManagedRole::PlatformAuditor,
        }
    }
    Ok(found)
}

/// Reads a user with its roles; its paces are put to it where it is kept.
pub(crate) async fn load(connection: &mut SqliteConnection, id: UserId) -> Read<Option<Subject>> {
    let Some(user) = objects::user(connection, id).await? else { return Ok(None) };
    let roles = roles(connection, id).await?;
    let mut organizations = Vec::with_capacity(roles.organizations.len());
    let numbers = json_numbers(roles.organizations.keys().copied());
    for row in sqlx::query(sql::SUBJECT_ORGANIZATIONS).bind(numbers).fetch_all(&mut *connection).await? {
        let number: i64 = row.try_get("id")?;
        let held = roles.organizations.get(&number);
        organizations.push(Membership {
            id: OrganizationId(number),
            stable_id: StableId(row.try_get("stable_id")?),
            name: row.try_get("name")?,
            is_member: held.is_some_and(|it| it.contains(&ManagedRole::OrganizationMember)),
            is_admin: held.is_some_and(|it| it.contains(&ManagedRole::OrganizationAdmin)),
        });
    }
    let mut teams = Vec::with_capacity(roles.teams.len());
    let numbers = json_numbers(roles.teams.keys().copied());
    for row in sqlx::query(sql::SUBJECT_TEAMS).bind(numbers).fetch_all(&mut *connection).await? {
        let number: i64 = row.try_get("id")?;
        let held = roles.teams.get(&number);
        teams.push(TeamMembership {
            team: Membership {
                id: TeamId(number),
                stable_id: StableId(row.try_get("stable_id")?),
                name: row.try_get("name")?,
                is_member: held.is_some_and(|it| it.contains(&ManagedRole::TeamMember)),
                is_admin: held.is_some_and(|it| it.contains(&ManagedRole::TeamAdmin)),
            },
            organization: OrganizationId(row.try_get("organization_id")?),
            organization_stable_id: StableId(row.try_get("organization_stable_id")?),
            organization_name: row.try_get("organization_name")?,
        });
    }
    Ok(Some(Subject { user, is_auditor: roles.is_auditor, organizations, teams, paces: Arc::default() }))
}
