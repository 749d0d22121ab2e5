//! Authorization codes, by digest.

use identity::model::grant::Code;
use identity::model::object::{ApplicationId, UserId};
use identity::model::pkce::Challenge;
use identity::model::scope::Scope;
use identity::model::secret::Digest;
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::engine::{Done, Outcome};
use crate::rows::{Read, at, digest, micros, spoiled};
use crate::sql;

/// Most codes of one user that are kept; beyond it the oldest go. Far more than a person consents to in the
/// time that codes are kept.
const CODES_MAX: i64 = 100;

fn read(row: &SqliteRow) -> Read<Code> {
    let challenge = row.try_get::<Option<&str>, _>("challenge")?;
    let challenge = challenge
        .map(|it| Challenge::parse(it).ok_or_else(|| spoiled("a code challenge that is none")))
        .transpose()?;
    Ok(Code {
        digest: digest(row, "digest")?,
        application: ApplicationId(row.try_get("application_id")?),
        user: UserId(row.try_get("user_id")?),
        redirect_uri: row.try_get("redirect_uri")?,
        scope: Scope::parse(row.try_get("scope")?).map_err(|_| spoiled("a scope that is none"))?,
        challenge,
        created_at: at(row, "created_at")?,
        expires_at: at(row, "expires_at")?,
        is_used: row.try_get::<Option<i64>, _>("used_at")?.is_some(),
    })
}

/// Keeps a new code.
pub(crate) async fn create(connection: &mut SqliteConnection, code: Code) -> Outcome<()> {
    sqlx::query(sql::CODE_INSERT)
        .bind(&code.digest.0[..])
        .bind(code.application.0)
        .bind(code.user.0)
        .bind(&code.redirect_uri)
        .bind(code.scope.as_str())
        .bind(code.challenge.as_ref().map(Challenge::as_str))
        .bind(micros(code.created_at))
        .bind(micros(code.expires_at))
        .execute(&mut *connection)
        .await?;
    sqlx::query(sql::CODES_SURPLUS).bind(code.user.0).bind(CODES_MAX).execute(connection).await?;
    Ok(Done::quiet(()))
}

/// The code of this digest, used or not.
pub(crate) async fn by_digest(connection: &mut SqliteConnection, digest: Digest) -> Read<Option<Code>> {
    let row = sqlx::query(sql::CODE).bind(&digest.0[..]).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// Removes some of the codes whose life was over at that instant; how many.
pub(crate) async fn sweep(connection: &mut SqliteConnection, over_at: Timestamp) -> Outcome<u64> {
    let gone = sqlx::query(sql::CODES_OVER).bind(micros(over_at)).execute(connection).await?;
    Ok(Done::quiet(gone.rows_affected()))
}
