//! Imports: everything that a snapshot has, in one job of the writer.
//!
//! A thing is found again by its name: a user by its username, an organization by its name, a team by its name
//! in its organization, an application by its `client_id`, a token by its digest. So a second import changes
//! nothing.

mod grants;
mod people;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use identity::model::import::summary::Summary;
use identity::model::object::{
    ApplicationId, AuthenticatorId, Noun, OrganizationId, Stamp, TeamId, TokenId, UserId,
};
use identity::port::Import;
use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use crate::cache::Effect;
use crate::engine::{Done, Failure, Outcome};
use crate::sql;

/// What is said of a thing whose names are taken.
const TAKEN: &str = "another one here has its name or its stable name";

/// What is known while an import runs: the numbers here of what has a number there.
struct Importer<'c> {
    connection: &'c mut SqliteConnection,
    overwrites: bool,
    at: Timestamp,
    by: UserId,
    summary: Summary,
    effects: Vec<Effect>,
    users: HashMap<i64, UserId>,
    /// Users, organizations and teams that were made by this import.
    made: HashSet<(Noun, i64)>,
    /// Users who administer everything here, but not there.
    raised: HashSet<UserId>,
    organizations: HashMap<i64, OrganizationId>,
    teams: HashMap<i64, TeamId>,
    applications: HashMap<i64, ApplicationId>,
    tokens: HashMap<i64, TokenId>,
    authenticators: HashMap<&'static str, AuthenticatorId>,
}

impl Importer<'_> {
    /// The stamp of something that was made there at that instant, and here now.
    fn stamp(&self, created_at: Timestamp) -> Stamp {
        Stamp {
            created_at: created_at.min(self.at),
            created_by: None,
            modified_at: self.at,
            modified_by: Some(self.by),
        }
    }
}

/// Carries out an import. A dry run is undone before anybody else can see it.
pub(crate) async fn import(connection: &mut SqliteConnection, import: Import) -> Outcome<Summary> {
    let Import { mut snapshot, overwrites, is_dry_run, at, by } = import;
    sqlx::query(sql::IMPORT_SAVEPOINT).execute(&mut *connection).await?;
    let mut importer = Importer {
        connection,
        overwrites,
        at,
        by,
        summary: std::mem::take(&mut snapshot.summary),
        effects: Vec::new(),
        users: HashMap::new(),
        made: HashSet::new(),
        raised: HashSet::new(),
        organizations: HashMap::new(),
        teams: HashMap::new(),
        applications: HashMap::new(),
        tokens: HashMap::new(),
        authenticators: HashMap::new(),
    };
    importer.authenticators(&snapshot.users).await?;
    for it in snapshot.users {
        importer.user(it).await?;
    }
    for it in snapshot.organizations {
        importer.organization(it).await?;
    }
    for it in snapshot.teams {
        importer.team(it).await?;
    }
    for it in snapshot.memberships {
        importer.membership(it).await?;
    }
    for it in snapshot.applications {
        importer.application(it).await?;
    }
    let ended = importer.ended(&snapshot.refresh_tokens).await?;
    let carried: HashSet<i64> = snapshot.refresh_tokens.iter().map(|it| it.token).collect();
    for it in snapshot.tokens {
        importer.token(it, &ended, &carried).await?;
    }
    for it in snapshot.refresh_tokens {
        importer.refresh_token(it).await?;
    }
    let Importer { connection, summary, mut effects, .. } = importer;
    if is_dry_run {
        sqlx::query(sql::IMPORT_ROLLBACK).execute(&mut *connection).await?;
        effects.clear();
    } else if summary.has_changes() {
        // Single effects of many things would be as many as the things.
        effects.retain(|it| matches!(it, Effect::DropSession(_) | Effect::DropVerdicts(..)));
        effects.extend([Effect::DropSubjects, Effect::DropApplications, Effect::DropTokens]);
    }
    sqlx::query(sql::IMPORT_RELEASE).execute(connection).await?;
    Ok(Done { value: summary, effects })
}

/// None if a unique name was taken; any other failure is one of the import.
fn unless_taken<T>(result: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Failure::Sql(error))
            if error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation) =>
        {
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}
