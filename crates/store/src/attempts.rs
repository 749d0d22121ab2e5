//! Attempts: how often accounts and addresses have failed of late. Counted on the disk, so that neither a
//! restart nor a crash gives a guesser a new start.

use identity::model::attempt::{AttemptPolicy, Standing, Tally};
use identity::model::secret::Digest;
use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use crate::engine::{Done, Outcome};
use crate::rows::{Read, at, micros};
use crate::sql;

/// Most tallies that are kept; beyond it the oldest go.
pub(crate) const TALLIES_MAX: i64 = 100_000;
/// How many go at once, so that counting is rare.
const SURPLUS: i64 = 1_000;
/// The longest window of a tally.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Whose failures.
#[derive(Clone, Copy)]
pub(crate) enum Of {
    /// An account's.
    Account = 1,
    /// An address's.
    Address = 2,
}

async fn tally(connection: &mut SqliteConnection, of: Of, digest: &Digest) -> Read<Option<Tally>> {
    let row =
        sqlx::query(sql::TALLY).bind(of as i64).bind(digest.0.to_vec()).fetch_optional(connection).await?;
    row.map(|row| {
        Ok(Tally {
            failures: u32::try_from(row.try_get::<i64, _>("failures")?).unwrap_or(u32::MAX),
            began_at: at(&row, "began_at")?,
            failed_at: at(&row, "failed_at")?,
        })
    })
    .transpose()
}

async fn put(connection: &mut SqliteConnection, of: Of, digest: &Digest, tally: &Tally) -> Read<()> {
    sqlx::query(sql::TALLY_PUT)
        .bind(of as i64)
        .bind(digest.0.to_vec())
        .bind(i64::from(tally.failures))
        .bind(micros(tally.began_at))
        .bind(micros(tally.failed_at))
        .execute(connection)
        .await?;
    Ok(())
}

/// How an account and an address stand.
pub(crate) async fn standing(
    connection: &mut SqliteConnection,
    (account, address): (Digest, Digest),
    policy: &AttemptPolicy,
    now: Timestamp,
) -> Read<(Standing, Standing)> {
    let account = tally(connection, Of::Account, &account).await?;
    let address = tally(connection, Of::Address, &address).await?;
    Ok((policy.account(account.as_ref(), now), policy.address(address.as_ref(), now)))
}

/// Counts one failure of both.
pub(crate) async fn failed(
    connection: &mut SqliteConnection,
    (account, address): (Digest, Digest),
    policy: &AttemptPolicy,
    now: Timestamp,
) -> Outcome<Standing> {
    let of_account = tally(connection, Of::Account, &account).await?;
    let of_account = AttemptPolicy::account_failed(of_account, now);
    put(connection, Of::Account, &account, &of_account).await?;
    let of_address = tally(connection, Of::Address, &address).await?;
    let of_address = AttemptPolicy::address_failed(of_address, now);
    put(connection, Of::Address, &address, &of_address).await?;
    if of_account.failures == 1 || of_address.failures == 1 {
        bound(connection, TALLIES_MAX).await?;
    }
    Ok(Done::quiet(policy.account(Some(&of_account), now)))
}

/// Drops the oldest tallies when there are more than that.
pub(crate) async fn bound(connection: &mut SqliteConnection, most: i64) -> Read<()> {
    let count: i64 = sqlx::query(sql::TALLIES_COUNT).fetch_one(&mut *connection).await?.try_get(0)?;
    if count > most {
        let surplus = count - most + SURPLUS.min(most / 2);
        sqlx::query(sql::TALLIES_OLDEST).bind(surplus).execute(connection).await?;
    }
    Ok(())
}

/// Whether an account has failures.
pub(crate) async fn has_failed(connection: &mut SqliteConnection, account: Digest) -> Read<bool> {
    Ok(tally(connection, Of::Account, &account).await?.is_some())
}

/// Forgets an account's failures.
pub(crate) async fn succeeded(connection: &mut SqliteConnection, account: Digest) -> Outcome<()> {
    let query = sqlx::query(sql::TALLY_DELETE).bind(Of::Account as i64).bind(account.0.to_vec());
    query.execute(connection).await?;
    Ok(Done::quiet(()))
}

/// Removes the tallies whose window is over.
pub(crate) async fn sweep(connection: &mut SqliteConnection, now: Timestamp) -> Outcome<()> {
    let bound = now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
    sqlx::query(sql::TALLIES_OLD).bind(micros(bound)).execute(connection).await?;
    Ok(Done::quiet(()))
}
