//! Applications.

use identity::model::application::{Allowances, Application, ClientType, GrantType};
use identity::model::object::{ApplicationId, OrganizationId, UserId};
use identity::port::Conflict;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cache::Effect;
use crate::engine::Failure;
use crate::rows::{Read, digest_of, flag, later_than, micros, spoiled, stamp};
use crate::sql;

/// The columns that [`read`] reads, of a table called `o`.
pub(crate) const COLUMNS: &str = "o.id, o.name, o.description, o.client_id, o.client_secret_hash, \
    o.client_type, o.grant_type, o.redirect_uris, o.post_logout_redirect_uris, o.algorithm, \
    o.skip_authorization, o.app_url, o.organization_id, o.user_id, \
    o.created_at, o.created_by, o.modified_at, o.modified_by";

/// The application of a row.
pub(crate) fn read(row: &SqliteRow) -> Read<Application> {
    Ok(Application {
        id: ApplicationId(row.try_get("id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        client_id: row.try_get("client_id")?,
        client_secret_hash: row.try_get("client_secret_hash")?,
        client_type: match row.try_get::<&str, _>("client_type")? {
            "confidential" => ClientType::Confidential,
            "public" => ClientType::Public,
            _ => return Err(spoiled("an unknown client type")),
        },
        grant_type: match row.try_get::<&str, _>("grant_type")? {
            "authorization-code" => GrantType::AuthorizationCode,
            "password" => GrantType::Password,
            _ => return Err(spoiled("an unknown grant type")),
        },
        redirect_uris: row.try_get("redirect_uris")?,
        post_logout_redirect_uris: row.try_get("post_logout_redirect_uris")?,
        algorithm: row.try_get("algorithm")?,
        skip_authorization: flag(row, "skip_authorization")?,
        allowances: Allowances::default(),
        requires_pkce: false,
        app_url: row.try_get("app_url")?,
        organization: OrganizationId(row.try_get("organization_id")?),
        user: row.try_get::<Option<i64>, _>("user_id")?.map(UserId),
        stamp: stamp(row)?,
    })
}

/// The contract's words for the kinds (RFC 6749 section 2.1, RFC 7591 section 2), which filters use too.
fn words(it: &Application) -> (&'static str, &'static str) {
    let client_type = match it.client_type {
        ClientType::Confidential => "confidential",
        ClientType::Public => "public",
    };
    let grant_type = match it.grant_type {
        GrantType::AuthorizationCode => "authorization-code",
        GrantType::Password => "password",
    };
    (client_type, grant_type)
}

/// Adds an application; its number.
pub(crate) async fn create(connection: &mut SqliteConnection, it: &Application) -> Result<i64, Failure> {
    let (client_type, grant_type) = words(it);
    let inserted = sqlx::query(sql::APPLICATION_INSERT)
        .bind(&it.name)
        .bind(&it.description)
        .bind(&it.client_id)
        .bind(it.client_secret_hash.as_deref())
        .bind(client_type)
        .bind(grant_type)
        .bind(&it.redirect_uris)
        .bind(&it.post_logout_redirect_uris)
        .bind(&it.algorithm)
        .bind(i64::from(it.skip_authorization))
        .bind(it.app_url.as_deref())
        .bind(it.organization.0)
        .bind(it.user.map(|it| it.0))
        .bind(micros(it.stamp.created_at))
        .bind(it.stamp.created_by.map(|it| it.0))
        .bind(micros(it.stamp.modified_at))
        .bind(it.stamp.modified_by.map(|it| it.0))
        .execute(connection)
        .await?;
    Ok(inserted.last_insert_rowid())
}

/// Changes an application.
pub(crate) async fn update(
    connection: &mut SqliteConnection,
    before: &Application,
    after: &Application,
) -> Result<(), Failure> {
    let (client_type, grant_type) = words(after);
    let updated = sqlx::query(sql::APPLICATION_UPDATE)
        .bind(before.id.0)
        .bind(micros(before.stamp.modified_at))
        .bind(&after.name)
        .bind(&after.description)
        .bind(&after.client_id)
        .bind(after.client_secret_hash.as_deref())
        .bind(client_type)
        .bind(grant_type)
        .bind(&after.redirect_uris)
        .bind(&after.post_logout_redirect_uris)
        .bind(&after.algorithm)
        .bind(i64::from(after.skip_authorization))
        .bind(after.app_url.as_deref())
        .bind(after.organization.0)
        .bind(after.user.map(|it| it.0))
        .bind(later_than(before.stamp.modified_at, after.stamp.modified_at))
        .bind(after.stamp.modified_by.map(|it| it.0))
        .execute(connection)
        .await?;
    if updated.rows_affected() == 0 {
        return Err(Failure::Conflict(Conflict::Stale));
    }
    Ok(())
}

/// Removes an application with its tokens.
pub(crate) async fn delete(
    connection: &mut SqliteConnection,
    id: ApplicationId,
    effects: &mut Vec<Effect>,
) -> Result<(), Failure> {
    for row in sqlx::query(sql::TOKENS_DELETE_FOR).bind(id.0).fetch_all(&mut *connection).await? {
        effects.push(Effect::DropToken(digest_of(row.try_get("digest")?)?));
    }
    let gone = sqlx::query(sql::APPLICATION_DELETE).bind(id.0).execute(connection).await?;
    if gone.rows_affected() == 0 {
        return Err(Failure::Conflict(Conflict::Stale));
    }
    Ok(())
}
