//! What the system itself owns, made with the database.

use identity::model::authenticator::Authenticator;
use identity::model::object::{AuthenticatorId, OrganizationId, StableId, Stamp, UserId};
use identity::model::organization::Organization;
use identity::model::role::ManagedRole;
use identity::model::user::{SYSTEM_USERNAME, User};
use identity::port::Random;
use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use crate::engine::Failure;
use crate::rows::{Read, json_texts, micros, spoiled, target_word};
use crate::{authenticators, organizations, sql, users};

/// The number of the user `_system`.
const SYSTEM: UserId = UserId(2);

/// Writes the user `_system`, the local authenticator, the managed roles and the organization `Default`.
pub(crate) async fn write(
    connection: &mut SqliteConnection,
    now: Timestamp,
    random: &dyn Random,
) -> Read<()> {
    let system = User {
        id: SYSTEM,
        stable_id: stable_id(random),
        username: SYSTEM_USERNAME.to_owned(),
        email: String::new(),
        first_name: String::new(),
        last_name: String::new(),
        is_superuser: false,
        is_enabled: true,
        is_managed: true,
        last_login_at: None,
        last_login_from: None,
        credential_version: 1,
        sources: Vec::new(),
        stamp: Stamp::new(now, None),
    };
    users::create(connection, &system, None).await.map_err(as_sql)?;
    let stamp = Stamp::new(now, Some(SYSTEM));
    let local = Authenticator {
        id: AuthenticatorId::LOCAL,
        name: "Local Database Authenticator".to_owned(),
        is_enabled: true,
        plugin: "ansible_base.authentication.authenticator_plugins.local".to_owned(),
        order: 1,
        slug: "local".to_owned(),
        stamp: stamp.clone(),
    };
    authenticators::create(connection, &local).await.map_err(as_sql)?;
    for role in ManagedRole::ALL {
        let (description, permissions) = role_texts(role);
        let permissions: Vec<String> = permissions.iter().map(|it| format!("shared.{it}")).collect();
        sqlx::query(sql::ROLE_INSERT)
            .bind(role.id().0)
            .bind(role.name())
            .bind(description)
            .bind(json_texts(&permissions))
            .bind(target_word(role.target()))
            .bind(micros(now))
            .bind(SYSTEM.0)
            .execute(&mut *connection)
            .await?;
    }
    let default = Organization {
        id: OrganizationId::NEW,
        stable_id: stable_id(random),
        name: "Default".to_owned(),
        description: "The default organization".to_owned(),
        is_managed: false,
        stamp,
    };
    organizations::create(connection, &default).await.map_err(as_sql)?;
    Ok(())
}

fn stable_id(random: &dyn Random) -> StableId {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    StableId::from_random(bytes)
}

fn as_sql(failure: Failure) -> sqlx::Error {
    match failure {
        Failure::Sql(error) => error,
        Failure::Conflict(_) => spoiled("a contradiction in a new database"),
    }
}

/// What a managed role is for, and what it permits.
fn role_texts(role: ManagedRole) -> (&'static str, &'static [&'static str]) {
    match role {
        ManagedRole::PlatformAuditor => {
            ("Reads everything, changes nothing", &["view_organization", "view_team", "view_user"])
        }
        ManagedRole::TeamMember => ("Belongs to the team", &["view_team", "member_team"]),
        ManagedRole::TeamAdmin => {
            ("Administers the team", &["view_team", "change_team", "delete_team", "member_team"])
        }
        ManagedRole::OrganizationAdmin => (
            "Administers the organization and its teams",
            &[
                "view_organization",
                "change_organization",
                "delete_organization",
                "member_organization",
                "view_team",
                "add_team",
                "change_team",
                "delete_team",
                "member_team",
            ],
        ),
        ManagedRole::OrganizationMember => {
            ("Belongs to the organization", &["view_organization", "member_organization"])
        }
    }
}
