//! Reads what an AWX 24.6.1 knew about users, from its PostgreSQL database or from a plain dump of it.
//!
//! It goes in two steps, so that no clear secret reaches the disk or another process. The *extract* is a small
//! dump with only the tables and columns that matter; tokens and client secrets stand in it as the digests
//! that are kept. [`extract_dump`] and [`extract_database`] write one; [`read`] makes a snapshot of it.
//!
//! * `schema` has the tables and columns, `source` what reading them gives.
//! * `dump` and `database` are the two sources; `copy` is the text form of rows that both speak.
//! * `seal` takes the secrets out on the way, with `fernet` for those that AWX has encrypted.
//! * `collect` puts the rows of all tables together, with `people` and `grants` for what they say.

mod collect;
mod copy;
mod database;
mod dump;
mod fernet;
mod grants;
mod people;
mod schema;
mod seal;
mod source;

#[cfg(test)]
pub(crate) mod tests;

use std::io::{BufRead, Read, Write};

use identity::model::import::Snapshot;

pub use fernet::SecretKey;
pub use source::{AwxError, Progress, Trouble};

/// Writes the extract of a plain dump, as `pg_dump` makes it. Waits for the disk.
///
/// # Errors
/// A text that is no such dump, or not one of an AWX database; a wrong key; what reading and writing gives.
pub fn extract_dump(
    input: &mut dyn BufRead,
    key: Option<&SecretKey>,
    out: &mut dyn Write,
    progress: Progress<'_>,
) -> Result<(), AwxError> {
    let mut sealer = seal::Sealer::new(key, out, progress);
    dump::read(input, &mut sealer)?;
    sealer.finish()
}

/// Writes the extract of a database at a `postgres://` URL, read in one transaction that writes nothing.
///
/// # Errors
/// A database that cannot be reached or is not one of AWX; a wrong key; what reading and writing gives.
pub async fn extract_database(
    url: &str,
    key: Option<&SecretKey>,
    out: &mut (dyn Write + Send),
    progress: Progress<'_>,
) -> Result<(), AwxError> {
    let mut sealer = seal::Sealer::new(key, out, progress);
    database::read(url, &mut sealer).await?;
    sealer.finish()
}

/// Puts an extract together. Waits for the disk.
///
/// # Errors
/// A text that is no extract, not a whole one, or a larger one than is ever written.
pub fn read(extract: &mut dyn BufRead) -> Result<Snapshot, AwxError> {
    let mut collector = collect::Collector::default();
    dump::read(&mut Read::take(extract, seal::EXTRACT_MAX), &mut collector)?;
    Ok(collector.finish())
}
