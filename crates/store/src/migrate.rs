//! Opening the file: is it ours, is it whole, and is it of today's version? What is not is left untouched.

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use identity::port::Random;
use identity::{Fault, Origin};
use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

use crate::rows::{Read, fault};
use crate::{engine, seed, sql};

/// The migrations in their order; the version of a database is how many of them it has seen.
const MIGRATIONS: &[&str] = &[include_str!("../migrations/sqlite/0001_objects.sql")];

/// What marks a database as ours: `PCLS`.
const APPLICATION_ID: i64 = 0x5043_4c53;

const HEADER_LENGTH: usize = 100;

/// Opens the database for writing and brings it to today's version.
pub(crate) async fn open(
    file: &Path,
    now: Timestamp,
    random: &dyn Random,
) -> Result<SqliteConnection, Fault> {
    prepare(file)?;
    let mut connection = SqliteConnection::connect_with(&engine::plain_options(file))
        .await
        .map_err(fault("the database cannot be opened"))?;
    let version = version(&mut connection).await.map_err(fault("the database cannot be read"))?;
    check(version)?;
    // Only now is anything written: the write-ahead log is a property of the file.
    connection.close().await.map_err(fault("the database cannot be closed"))?;
    let mut connection = SqliteConnection::connect_with(&engine::options(file))
        .await
        .map_err(fault("the database cannot be opened for writing"))?;
    migrate(&mut connection, now, random).await.map_err(fault("the database cannot be migrated"))?;
    Ok(connection)
}

/// Makes the file, readable by its owner alone, or looks whether what is there can be ours.
fn prepare(file: &Path) -> Result<(), Fault> {
    let io = |message: &'static str| move |cause| Fault::caused(Origin::Store, message, cause);
    if !file.exists() {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(file).map_err(io("the database file cannot be made"))?;
    }
    let mut opened = File::open(file).map_err(io("the database file cannot be read"))?;
    let length = opened.metadata().map_err(io("the database file cannot be read"))?.len();
    let has_log = log_of(file).metadata().is_ok_and(|it| it.len() > 0);
    if length == 0 {
        return if has_log {
            Err(refused("is empty but has a write-ahead log: it was truncated"))
        } else {
            Ok(())
        };
    }
    let mut header = [0; HEADER_LENGTH];
    opened.read_exact(&mut header).map_err(io("the database file is too short"))?;
    check_header(&header, length, has_log)
}

fn log_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn check_header(header: &[u8; HEADER_LENGTH], length: u64, has_log: bool) -> Result<(), Fault> {
    let number = |at: usize| {
        i64::from(u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]))
    };
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(refused("is no SQLite database"));
    }
    let (pages, version, application) = (number(28), number(60), number(68));
    if application != APPLICATION_ID && (application != 0 || version != 0) {
        return Err(refused("belongs to another program"));
    }
    check((application, version, 0))?;
    let page_size = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    // With a log, pages may still be on their way; without one, the header knows how many there are.
    if !has_log && length < page_size * pages.unsigned_abs() {
        return Err(refused("is shorter than it should be: it was truncated"));
    }
    Ok(())
}

async fn version(connection: &mut SqliteConnection) -> Read<(i64, i64, i64)> {
    let application = sqlx::query(sql::APPLICATION_ID).fetch_one(&mut *connection).await?.try_get(0)?;
    let version = sqlx::query(sql::USER_VERSION).fetch_one(&mut *connection).await?.try_get(0)?;
    let tables = sqlx::query(sql::TABLE_COUNT).fetch_one(&mut *connection).await?.try_get(0)?;
    Ok((application, version, tables))
}

fn check((application, version, tables): (i64, i64, i64)) -> Result<(), Fault> {
    if application == 0 && version == 0 && tables == 0 {
        return Ok(());
    }
    if application != APPLICATION_ID {
        return Err(refused("belongs to another program"));
    }
    if usize::try_from(version).is_ok_and(|version| version <= MIGRATIONS.len()) {
        return Ok(());
    }
    Err(refused("was written by a newer version of this program"))
}

fn refused(why: &str) -> Fault {
    Fault::new(Origin::Store, format!("the database file {why}; it was left as it is"))
}

/// Runs what is missing in one transaction: either all of it is there afterwards, or nothing.
async fn migrate(connection: &mut SqliteConnection, now: Timestamp, random: &dyn Random) -> Read<()> {
    sqlx::query(sql::BEGIN).execute(&mut *connection).await?;
    let (_, version, _) = version(connection).await?;
    let seen = usize::try_from(version).unwrap_or(0);
    if seen < MIGRATIONS.len() {
        for migration in MIGRATIONS.iter().skip(seen) {
            sqlx::raw_sql(*migration).execute(&mut *connection).await?;
        }
        if seen == 0 {
            seed::write(connection, now, random).await?;
        }
        let marks =
            format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {}", MIGRATIONS.len());
        sqlx::raw_sql(AssertSqlSafe(marks)).execute(&mut *connection).await?;
    }
    sqlx::query(sql::COMMIT).execute(connection).await?;
    Ok(())
}
