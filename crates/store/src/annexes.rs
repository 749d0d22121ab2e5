//! Users and teams together with what belongs to them: several changes at once, and the texts that contracts keep.

use std::collections::HashMap;

use async_trait::async_trait;
use identity::Fault;
use identity::model::object::{Noun, Object, UserId};
use identity::port::{AccountStore, Batch, Change, Conflict, References, StoreError, Trail};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use crate::apply;
use crate::engine::{Done, Failure, Outcome};
use crate::rows::{Read, json_numbers, spoiled};
use crate::sql;
use crate::sqlite::SqliteStore;

#[async_trait]
impl AccountStore for SqliteStore {
    async fn apply_all(&self, batch: Batch) -> Result<Option<(Object, References)>, StoreError> {
        self.engine.try_write(move |connection| Box::pin(apply_all(connection, batch))).await
    }

    async fn find_annexes(&self, noun: Noun, ids: Vec<i64>) -> Result<HashMap<i64, String>, Fault> {
        self.engine.read(move |connection| Box::pin(find(connection, noun, ids))).await
    }
}

/// Carries out several changes; the object of the first one.
async fn apply_all(connection: &mut SqliteConnection, batch: Batch) -> Outcome<Option<(Object, References)>> {
    let mut effects = Vec::new();
    let mut first: Option<Option<(Object, References)>> = None;
    for (mut change, mut trail) in batch.changes {
        if let Some(Some((Object::User(user), _))) = &first {
            name_holder(user.id, &mut change, &mut trail);
        }
        let done = apply::apply(connection, change, trail).await?;
        effects.extend(done.effects);
        first.get_or_insert(done.value);
    }
    let mut value = first.flatten();
    if let (Some(text), Some((object, _))) = (&batch.annex, &value) {
        put(connection, object, text).await?;
    }
    // The roles that came later are among what the object is shown with.
    if let Some((object, _)) = value {
        value = Some(apply::reread(connection, object.noun(), object.id()).await?);
    }
    Ok(Done { value, effects })
}

/// Puts the number of the user that was just made where it could not be known before.
fn name_holder(user: UserId, change: &mut Change, trail: &mut Trail) {
    let Change::Create(Object::UserAssignment(it), _) = change else { return };
    if it.user != UserId::NEW {
        return;
    }
    it.user = user;
    for entry in &mut trail.entries {
        if entry.related_noun == Some(Noun::User) {
            entry.related_id = Some(user.to_string());
        }
    }
}

async fn put(connection: &mut SqliteConnection, object: &Object, text: &str) -> Result<(), Failure> {
    let statement = match object {
        Object::User(_) => sql::USER_ANNEX_PUT,
        Object::Team(_) => sql::TEAM_ANNEX_PUT,
        _ => return Err(Failure::Conflict(Conflict::Dangling)),
    };
    sqlx::query(statement).bind(object.id()).bind(text).execute(connection).await?;
    Ok(())
}

async fn find(connection: &mut SqliteConnection, noun: Noun, ids: Vec<i64>) -> Read<HashMap<i64, String>> {
    let statement = match noun {
        Noun::User => sql::USER_ANNEXES,
        Noun::Team => sql::TEAM_ANNEXES,
        _ => return Err(spoiled("a kind that has no annexes")),
    };
    let rows = sqlx::query(statement).bind(json_numbers(ids)).fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, row.try_get("text")?))).collect()
}
