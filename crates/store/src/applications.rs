//! Applications.

use identity::model::application::{Allowances, Application, ClientType, GrantType};
use identity::model::object::{ApplicationId, Noun, Object, OrganizationId, UserId};
use identity::port::Conflict;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::cache::Effect;
use crate::engine::{Done, Failure, Outcome};
use crate::rows::{Read, digest_of, flag, later_than, micros, spoiled, stamp};
use crate::{objects, sql};

/// The columns that [`read`] reads, of a table called `o`.
pub(crate) const COLUMNS: &str = "o.id, o.name, o.description, o.client_id, o.client_secret_hash, \
    o.client_type, o.grant_type, o.redirect_uris, o.post_logout_redirect_uris, o.algorithm, \
    o.skip_authorization, o.allowances, o.requires_pkce, o.app_url, o.organization_id, o.user_id, \
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
        allowances: allowances_of(row.try_get("allowances")?)?,
        requires_pkce: flag(row, "requires_pkce")?,
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

/// What an application may do beside its grant type, each by its word.
fn allowance_words(it: Allowances) -> String {
    let words = [
        ("client_credentials", it.client_credentials),
        ("device", it.device),
        ("introspection", it.introspection),
    ];
    words
        .into_iter()
        .filter(|(_, is_allowed)| *is_allowed)
        .map(|(word, _)| word)
        .collect::<Vec<_>>()
        .join(" ")
}

fn allowances_of(words: &str) -> Read<Allowances> {
    let mut allowances = Allowances::default();
    for word in words.split_whitespace() {
        match word {
            "client_credentials" => allowances.client_credentials = true,
            "device" => allowances.device = true,
            "introspection" => allowances.introspection = true,
            _ => return Err(spoiled("an unknown allowance")),
        }
    }
    Ok(allowances)
}

/// The application of this public name.
pub(crate) async fn by_client_id(
    connection: &mut SqliteConnection,
    client_id: String,
) -> Read<Option<Application>> {
    let query = sqlx::query(sql::APPLICATION_BY_CLIENT_ID).bind(client_id);
    query.fetch_optional(connection).await?.as_ref().map(read).transpose()
}

/// The application of this number.
pub(crate) async fn by_id(connection: &mut SqliteConnection, id: ApplicationId) -> Read<Option<Application>> {
    Ok(match objects::by_id(connection, Noun::Application, id.0).await? {
        Some(Object::Application(application)) => Some(application),
        _ => None,
    })
}

/// Keeps a secret in another form, if it is still kept as `old`.
pub(crate) async fn upgrade(
    connection: &mut SqliteConnection,
    id: ApplicationId,
    old: String,
    new: String,
) -> Outcome<()> {
    let query = sqlx::query(sql::APPLICATION_UPGRADE).bind(id.0).bind(old).bind(new);
    let row = query.fetch_optional(connection).await?;
    let client_id = row.map(|row| row.try_get("client_id")).transpose()?;
    let effect = client_id.map(|client_id| Effect::DropApplication(id, client_id));
    Ok(Done { value: (), effects: effect.into_iter().collect() })
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
        .bind(allowance_words(it.allowances))
        .bind(i64::from(it.requires_pkce))
        .execute(connection)
        .await?;
    Ok(inserted.last_insert_rowid())
}

/// Changes an application.
pub(crate) async fn update(
    connection: &mut SqliteConnection,
    before: &Application,
    after: &Application,
    effects: &mut Vec<Effect>,
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
        .bind(allowance_words(after.allowances))
        .bind(i64::from(after.requires_pkce))
        .execute(connection)
        .await?;
    if updated.rows_affected() == 0 {
        return Err(Failure::Conflict(Conflict::Stale));
    }
    effects.push(Effect::DropApplication(before.id, before.client_id.clone()));
    Ok(())
}

/// Removes an application with its tokens, and all that could become one.
pub(crate) async fn delete(
    connection: &mut SqliteConnection,
    id: ApplicationId,
    effects: &mut Vec<Effect>,
) -> Result<(), Failure> {
    for row in sqlx::query(sql::TOKENS_DELETE_FOR).bind(id.0).fetch_all(&mut *connection).await? {
        effects.push(Effect::DropToken(digest_of(row.try_get("digest")?)?));
    }
    let gone = sqlx::query(sql::APPLICATION_DELETE).bind(id.0).fetch_optional(connection).await?;
    let gone = gone.ok_or(Failure::Conflict(Conflict::Stale))?;
    effects.push(Effect::DropApplication(id, gone.try_get("client_id")?));
    Ok(())
}
