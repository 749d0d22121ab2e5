//! Questions of devices, by the digests of their two codes.

use identity::model::grant::{Decision, DeviceGrant};
use identity::model::object::{ApplicationId, UserId};
use identity::model::scope::Scope;
use identity::model::secret::Digest;
use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::engine::{Done, Outcome};
use crate::rows::{Read, at, digest, duration_micros, instant, micros, spoiled};
use crate::sql;

/// Most questions that are kept, with those that are over and not swept yet. Anybody may ask on behalf of a
/// public application, so each application has its own end too.
pub(crate) const LIMITS: Limits = Limits { all: 100_000, open: 1000 };
/// What is added to the interval of a device that asks too often (RFC 8628 section 3.5).
const SLOWER: SignedDuration = SignedDuration::from_secs(5);
/// The longest interval that a device can be slowed down to.
const INTERVAL_MAX: SignedDuration = SignedDuration::from_mins(5);

/// How many questions there may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Of all applications, also those that are answered or over.
    pub(crate) all: i64,
    /// Of one application, as long as they live and nobody has answered.
    pub(crate) open: i64,
}

fn read(row: &SqliteRow) -> Read<DeviceGrant> {
    let decision = match row.try_get::<&str, _>("decision")? {
        "open" => Decision::Open,
        "denied" => Decision::Denied,
        "allowed" => Decision::Allowed(UserId(row.try_get("user_id")?)),
        "used" => Decision::Used,
        _ => return Err(spoiled("an unknown decision")),
    };
    Ok(DeviceGrant {
        device_digest: digest(row, "device_digest")?,
        user_digest: digest(row, "user_digest")?,
        application: ApplicationId(row.try_get("application_id")?),
        scope: Scope::parse(row.try_get("scope")?).map_err(|_| spoiled("a scope that is none"))?,
        address: row.try_get("address")?,
        created_at: at(row, "created_at")?,
        expires_at: at(row, "expires_at")?,
        interval: SignedDuration::from_micros(row.try_get("poll_interval")?),
        polled_at: row.try_get::<Option<i64>, _>("polled_at")?.map(instant),
        decision,
    })
}

fn words(decision: Decision) -> (&'static str, Option<i64>) {
    match decision {
        Decision::Open => ("open", None),
        Decision::Denied => ("denied", None),
        Decision::Allowed(user) => ("allowed", Some(user.0)),
        Decision::Used => ("used", None),
    }
}

/// Keeps a question; false if another that lives has the same user code, or there are as many already as may be.
pub(crate) async fn create(
    connection: &mut SqliteConnection,
    it: DeviceGrant,
    limits: Limits,
) -> Outcome<bool> {
    let counts = sqlx::query(sql::DEVICES_COUNTS).bind(it.application.0).bind(micros(it.created_at));
    let counts = counts.fetch_one(&mut *connection).await?;
    if counts.try_get::<i64, _>("kept")? >= limits.all || counts.try_get::<i64, _>("open")? >= limits.open {
        return Ok(Done::quiet(false));
    }
    let (word, user) = words(it.decision);
    let inserted = sqlx::query(sql::DEVICE_INSERT)
        .bind(&it.device_digest.0[..])
        .bind(&it.user_digest.0[..])
        .bind(it.application.0)
        .bind(it.scope.as_str())
        .bind(&it.address)
        .bind(micros(it.created_at))
        .bind(micros(it.expires_at))
        .bind(duration_micros(it.interval))
        .bind(it.polled_at.map(micros))
        .bind(word)
        .bind(user)
        .execute(connection)
        .await?;
    Ok(Done::quiet(inserted.rows_affected() == 1))
}

async fn by_device_code(connection: &mut SqliteConnection, digest: Digest) -> Read<Option<DeviceGrant>> {
    let row = sqlx::query(sql::DEVICE).bind(&digest.0[..]).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// The question of this user code: the one that lives, if there is one.
pub(crate) async fn by_user_code(
    connection: &mut SqliteConnection,
    digest: Digest,
) -> Read<Option<DeviceGrant>> {
    let row = sqlx::query(sql::DEVICE_BY_USER_CODE).bind(&digest.0[..]).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// A device of this application asks: its question as it was before this. Whoever else shows the code slows
/// nobody down.
pub(crate) async fn poll(
    connection: &mut SqliteConnection,
    digest: Digest,
    application: ApplicationId,
    now: Timestamp,
) -> Outcome<Option<DeviceGrant>> {
    let found = by_device_code(connection, digest).await?;
    let Some(before) = found.filter(|it| it.application == application) else {
        return Ok(Done::quiet(None));
    };
    let is_hasty = before.polled_at.is_some_and(|last| now.duration_since(last) < before.interval);
    let interval = if is_hasty {
        // An interval that was longer from the beginning stays as it is.
        before.interval.saturating_add(SLOWER).min(INTERVAL_MAX).max(before.interval)
    } else {
        before.interval
    };
    sqlx::query(sql::DEVICE_POLLED)
        .bind(&digest.0[..])
        .bind(micros(now))
        .bind(duration_micros(interval))
        .execute(connection)
        .await?;
    Ok(Done::quiet(Some(before)))
}

/// Writes down what a user says to a question that is open and lives; whether it was.
pub(crate) async fn decide(
    connection: &mut SqliteConnection,
    digest: Digest,
    decision: Decision,
    now: Timestamp,
) -> Outcome<bool> {
    let (word, user) = words(decision);
    let updated = sqlx::query(sql::DEVICE_DECIDE)
        .bind(&digest.0[..])
        .bind(word)
        .bind(user)
        .bind(micros(now))
        .execute(connection)
        .await?;
    Ok(Done::quiet(updated.rows_affected() > 0))
}

/// Removes some of the questions whose life was over at that instant; how many.
pub(crate) async fn sweep(connection: &mut SqliteConnection, over_at: Timestamp) -> Outcome<u64> {
    let gone = sqlx::query(sql::DEVICES_OVER).bind(micros(over_at)).execute(connection).await?;
    Ok(Done::quiet(gone.rows_affected()))
}
