//! Users, the sources that vouch for them, and their credentials.

use std::collections::HashMap;

use identity::SessionEnd;
use identity::model::object::{AuthenticatorId, SessionId, StableId, UserId};
use identity::model::user::{Source, User};
use identity::port::{Conflict, Credential, NewSession, PasswordHash};
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cache::Effect;
use crate::engine::Failure;
use crate::rows::{Read, digest_of, flag, instant, json_numbers, later_than, micros, stamp};
use crate::sessions::{self, Ending};
use crate::sql;

/// The columns that [`read`] reads, of a table called `o`.
pub(crate) const COLUMNS: &str = "o.id, o.stable_id, o.username, o.email, o.first_name, o.last_name, \
    o.is_superuser, o.is_enabled, o.is_managed, o.last_login_at, o.last_login_from, o.credential_version, \
    o.created_at, o.created_by, o.modified_at, o.modified_by";

/// The user of a row, without its sources.
pub(crate) fn read(row: &SqliteRow) -> Read<User> {
    Ok(User {
        id: UserId(row.try_get("id")?),
        stable_id: StableId(row.try_get("stable_id")?),
        username: row.try_get("username")?,
        email: row.try_get("email")?,
        first_name: row.try_get("first_name")?,
        last_name: row.try_get("last_name")?,
        is_superuser: flag(row, "is_superuser")?,
        is_enabled: flag(row, "is_enabled")?,
        is_managed: flag(row, "is_managed")?,
        last_login_at: row.try_get::<Option<i64>, _>("last_login_at")?.map(instant),
        last_login_from: row.try_get::<Option<i64>, _>("last_login_from")?.map(AuthenticatorId),
        credential_version: row.try_get("credential_version")?,
        sources: Vec::new(),
        stamp: stamp(row)?,
    })
}

/// The sources of several users.
pub(crate) async fn sources(
    connection: &mut SqliteConnection,
    users: impl IntoIterator<Item = UserId>,
) -> Read<HashMap<UserId, Vec<Source>>> {
    let numbers = json_numbers(users.into_iter().map(|it| it.0));
    let mut found: HashMap<UserId, Vec<Source>> = HashMap::new();
    for row in sqlx::query(sql::SOURCES).bind(numbers).fetch_all(connection).await? {
        found.entry(UserId(row.try_get("user_id")?)).or_default().push(Source {
            authenticator: AuthenticatorId(row.try_get("authenticator_id")?),
            name: row.try_get("name")?,
            uid: row.try_get("uid")?,
            email: row.try_get("email")?,
        });
    }
    Ok(found)
}

/// Adds a user; its number.
pub(crate) async fn create(
    connection: &mut SqliteConnection,
    user: &User,
    password: Option<&PasswordHash>,
) -> Result<i64, Failure> {
    // The database is made with `_system`, which has the second number: the first is the first administrator's,
    // and scripts know it by that. That it is still free is kept where SQLite keeps the last number given.
    let number: Option<i64> =
        sqlx::query(sql::USER_NUMBER).fetch_one(&mut *connection).await?.try_get("id")?;
    let inserted = sqlx::query(sql::USER_INSERT)
        .bind(&user.stable_id.0)
        .bind(&user.username)
        .bind(&user.email)
        .bind(&user.first_name)
        .bind(&user.last_name)
        .bind(i64::from(user.is_superuser))
        .bind(i64::from(user.is_enabled))
        .bind(i64::from(user.is_managed))
        .bind(password.map(|it| it.0.as_str()))
        .bind(micros(user.stamp.created_at))
        .bind(user.stamp.created_by.map(|it| it.0))
        .bind(micros(user.stamp.modified_at))
        .bind(user.stamp.modified_by.map(|it| it.0))
        .bind(number)
        .execute(&mut *connection)
        .await?;
    if let Some(number) = number {
        sqlx::query(sql::USER_NUMBERED).bind(number).execute(&mut *connection).await?;
    }
    let id = inserted.last_insert_rowid();
    write_sources(connection, UserId(id), user, None).await?;
    Ok(id)
}

/// A change of a user.
pub(crate) struct Update<'a> {
    pub(crate) before: &'a User,
    pub(crate) after: &'a User,
    pub(crate) password: Option<&'a PasswordHash>,
    pub(crate) keep_session: Option<SessionId>,
    pub(crate) at: Timestamp,
}

/// Changes a user. A new password and a lost permission to sign in end its sessions.
pub(crate) async fn update(
    connection: &mut SqliteConnection,
    update: &Update<'_>,
    effects: &mut Vec<Effect>,
) -> Result<(), Failure> {
    let Update { before, after, .. } = update;
    let modified_at = later_than(before.stamp.modified_at, after.stamp.modified_at);
    let updated = sqlx::query(sql::USER_UPDATE)
        .bind(before.id.0)
        .bind(micros(before.stamp.modified_at))
        .bind(&after.username)
        .bind(&after.email)
        .bind(&after.first_name)
        .bind(&after.last_name)
        .bind(i64::from(after.is_superuser))
        .bind(i64::from(after.is_enabled))
        .bind(i64::from(after.is_managed))
        .bind(update.password.map(|it| it.0.as_str()))
        .bind(modified_at)
        .bind(after.stamp.modified_by.map(|it| it.0))
        .execute(&mut *connection)
        .await?;
    if updated.rows_affected() == 0 {
        return Err(Failure::Conflict(Conflict::Stale));
    }
    if before.sources != after.sources || before.username != after.username {
        sqlx::query(sql::SOURCES_DELETE).bind(before.id.0).execute(&mut *connection).await?;
        write_sources(connection, before.id, after, Some(&before.username)).await?;
    }
    effects.push(Effect::DropSubject(before.id));
    if update.password.is_some() || !after.is_enabled {
        let end = if after.is_enabled { SessionEnd::Removed } else { SessionEnd::UserGone };
        let kept = update.keep_session.filter(|_| after.is_enabled);
        let ending = Ending::new(end, update.at);
        effects.extend(sessions::end_of(connection, before.id, kept, ending).await?);
    }
    // A verdict belongs to a name and a password: it ends when either is another.
    if update.password.is_some() || !after.is_enabled || before.username != after.username {
        effects.push(Effect::DropVerdicts(before.id, update.at));
    }
    if before.is_superuser && before.is_enabled && !(after.is_superuser && after.is_enabled) {
        check_administrators(connection).await?;
    }
    Ok(())
}

/// Refuses the change that takes the last administrator away. Here and not before, because two may leave
/// at the same moment, each counting on the other.
async fn check_administrators(connection: &mut SqliteConnection) -> Result<(), Failure> {
    match sqlx::query(sql::ADMINISTRATOR).fetch_optional(connection).await? {
        Some(_) => Ok(()),
        None => Err(Failure::Conflict(Conflict::LastAdministrator)),
    }
}

/// Removes a user with its tokens, grants, sessions and roles.
pub(crate) async fn delete(
    connection: &mut SqliteConnection,
    user: UserId,
    at: Timestamp,
    effects: &mut Vec<Effect>,
) -> Result<(), Failure> {
    for row in sqlx::query(sql::TOKENS_DELETE_OF).bind(user.0).fetch_all(&mut *connection).await? {
        effects.push(Effect::DropToken(digest_of(row.try_get("digest")?)?));
    }
    let ending = Ending::new(SessionEnd::UserGone, at);
    effects.extend(sessions::end_of(connection, user, None, ending).await?);
    let gone = sqlx::query(sql::USER_DELETE).bind(user.0).fetch_optional(&mut *connection).await?;
    let gone = gone.ok_or(Failure::Conflict(Conflict::Stale))?;
    if flag(&gone, "is_superuser")? && flag(&gone, "is_enabled")? {
        check_administrators(connection).await?;
    }
    effects.push(Effect::DropSubject(user));
    // Those that it owned have no owner now.
    effects.push(Effect::DropApplications);
    Ok(())
}

/// Writes the sources of a user. One that nobody else vouches for is ours, under its own name there.
async fn write_sources(
    connection: &mut SqliteConnection,
    id: UserId,
    user: &User,
    old_name: Option<&str>,
) -> Result<(), Failure> {
    let local = Source {
        authenticator: AuthenticatorId::LOCAL,
        name: String::new(),
        uid: user.username.clone(),
        email: user.email.clone(),
    };
    let mut sources: Vec<&Source> = user.sources.iter().collect();
    if sources.is_empty() && !user.is_managed {
        sources.push(&local);
    }
    for source in sources {
        // Our own list knows a user by its name, also after that has changed.
        let is_renamed =
            source.authenticator == AuthenticatorId::LOCAL && Some(source.uid.as_str()) == old_name;
        sqlx::query(sql::SOURCE_INSERT)
            .bind(id.0)
            .bind(source.authenticator.0)
            .bind(if is_renamed { &user.username } else { &source.uid })
            .bind(&source.email)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// The credential of the user of exactly this name.
pub(crate) async fn credential(
    connection: &mut SqliteConnection,
    username: &str,
) -> Read<Option<Credential>> {
    let row = sqlx::query(sql::CREDENTIAL).bind(username).fetch_optional(connection).await?;
    row.map(|row| {
        let hash = row.try_get::<Option<String>, _>("password_hash")?;
        Ok(Credential {
            user: UserId(row.try_get("id")?),
            version: row.try_get("credential_version")?,
            hash: hash.map(PasswordHash),
        })
    })
    .transpose()
}

/// Keeps the instant of a sign-in. False if the user is gone, may not sign in, or has another password by
/// now than the one that was shown.
pub(crate) async fn signed_in(
    connection: &mut SqliteConnection,
    session: &NewSession,
    began_at: Timestamp,
) -> Read<bool> {
    let updated = sqlx::query(sql::USER_LOGIN)
        .bind(session.user.0)
        .bind(micros(began_at))
        .bind(session.authenticator.0)
        .bind(session.credential_version)
        .execute(connection)
        .await?;
    Ok(updated.rows_affected() == 1)
}
