//! Changes to objects, each with its entries of the activity stream, in one job of the writer.

use identity::model::object::{Noun, Object};
use identity::port::{Change, Conflict, PasswordHash, References, Trail};
use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use crate::cache::Effect;
use crate::engine::{Done, Failure, Outcome};
use crate::rows::spoiled;
use crate::{applications, authenticators, entries, objects, organizations, references, roles};
use crate::{teams, tokens, users};

/// Carries out a change.
pub(crate) async fn apply(
    connection: &mut SqliteConnection,
    change: Change,
    trail: Trail,
) -> Outcome<Option<(Object, References)>> {
    let mut effects = Vec::new();
    let (noun, id, is_there) = match &change {
        Change::Create(object, password) => {
            let id = create(connection, object, password.as_ref(), &mut effects).await?;
            (object.noun(), id, true)
        }
        Change::Update { before, after, password, keep_session } => {
            if before.id() != after.id() || before.noun() != after.noun() {
                return Err(Failure::Conflict(Conflict::Stale));
            }
            if let (Object::User(before), Object::User(after)) = (before, after) {
                let (password, keep_session) = (password.as_ref(), *keep_session);
                let update = users::Update { before, after, password, keep_session, at: trail.at };
                users::update(connection, &update, &mut effects).await?;
            } else {
                update(connection, before, after, &mut effects).await?;
            }
            (before.noun(), before.id(), true)
        }
        Change::Delete(object) => {
            delete(connection, object, trail.at, &mut effects).await?;
            (object.noun(), object.id(), false)
        }
    };
    entries::write(connection, &trail, &id.to_string()).await?;
    let value = if is_there { Some(reread(connection, noun, id).await?) } else { None };
    Ok(Done { value, effects })
}

/// An object as it is now, with the names of what it refers to.
pub(crate) async fn reread(
    connection: &mut SqliteConnection,
    noun: Noun,
    id: i64,
) -> Result<(Object, References), Failure> {
    let object = objects::by_id(connection, noun, id).await?;
    let object = object.ok_or(Failure::Conflict(Conflict::Stale))?;
    let references = references::of(connection, std::slice::from_ref(&object)).await?;
    Ok((object, references))
}

async fn create(
    connection: &mut SqliteConnection,
    object: &Object,
    password: Option<&PasswordHash>,
    effects: &mut Vec<Effect>,
) -> Result<i64, Failure> {
    match object {
        Object::User(it) => users::create(connection, it, password).await,
        Object::Organization(it) => organizations::create(connection, it).await,
        Object::Team(it) => teams::create(connection, it).await,
        Object::Token(it) => tokens::create(connection, it).await,
        Object::Application(it) => applications::create(connection, it).await,
        Object::Authenticator(it) => authenticators::create(connection, it).await,
        Object::UserAssignment(it) => roles::create_user(connection, it, effects).await,
        Object::TeamAssignment(it) => roles::create_team(connection, it, effects).await,
        Object::RoleDefinition(_) | Object::Entry(_) => Err(unchangeable()),
    }
}

async fn update(
    connection: &mut SqliteConnection,
    before: &Object,
    after: &Object,
    effects: &mut Vec<Effect>,
) -> Result<(), Failure> {
    match (before, after) {
        (Object::Organization(before), Object::Organization(after)) => {
            organizations::update(connection, before, after, effects).await
        }
        (Object::Team(before), Object::Team(after)) => {
            teams::update(connection, before, after, effects).await
        }
        (Object::Token(before), Object::Token(after)) => {
            tokens::update(connection, before, after, effects).await
        }
        (Object::Application(before), Object::Application(after)) => {
            applications::update(connection, before, after, effects).await
        }
        (Object::Authenticator(before), Object::Authenticator(after)) => {
            authenticators::update(connection, before, after, effects).await
        }
        _ => Err(unchangeable()),
    }
}

async fn delete(
    connection: &mut SqliteConnection,
    object: &Object,
    at: Timestamp,
    effects: &mut Vec<Effect>,
) -> Result<(), Failure> {
    match object {
        Object::User(it) => users::delete(connection, it.id, at, effects).await,
        Object::Organization(it) => organizations::delete(connection, it.id, effects).await,
        Object::Team(it) => teams::delete(connection, it.id, effects).await,
        Object::Token(it) => tokens::delete(connection, it.id, effects).await,
        Object::Application(it) => applications::delete(connection, it.id, effects).await,
        Object::UserAssignment(it) => roles::delete_user(connection, it, effects).await,
        Object::TeamAssignment(it) => roles::delete_team(connection, it, effects).await,
        Object::Authenticator(_) | Object::RoleDefinition(_) | Object::Entry(_) => Err(unchangeable()),
    }
}

fn unchangeable() -> Failure {
    Failure::Sql(spoiled("this kind of object is not changed this way"))
}
