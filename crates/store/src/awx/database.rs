//! Databases: the same tables over a connection, in one transaction that sees one state and writes nothing.

use std::str::FromStr as _;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use identity::model::import::ROWS_MAX;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};
use tokio::time::timeout;

use super::schema::{TABLES, Table};
use super::source::{AwxError, Row, Sink, check_tables, missing_columns, too_many_rows};

/// How long connecting may take.
const CONNECT_WAIT: Duration = Duration::from_secs(15);
/// How long the next row may be waited for.
const ROW_WAIT: Duration = Duration::from_secs(120);
/// Longest cell that is looked at, in bytes; a longer one stands as one that cannot be read.
const CELL_MAX: usize = 1024 * 1024;

/// What every reading begins with: one state, no writing, and instants in the form that is understood.
const BEGIN: [&str; 3] = [
    "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL TIME ZONE 'UTC'",
    "SET LOCAL datestyle = 'ISO, YMD'",
];
const COLUMNS: &str = "SELECT column_name::text FROM information_schema.columns \
    WHERE table_schema = ANY (current_schemas(false)) AND table_name = $1";

/// A table as this database has it.
struct Found {
    table: &'static Table,
    name: &'static str,
    columns: Vec<String>,
}

/// Reads a database.
pub(crate) async fn read(url: &str, sink: &mut (dyn Sink + Send)) -> Result<(), AwxError> {
    let mut connection = connect(url).await?;
    for statement in BEGIN {
        sqlx::query(statement).execute(&mut connection).await.map_err(|error| failed(&error))?;
    }
    let mut found = Vec::new();
    for table in TABLES {
        found.extend(find(&mut connection, table).await?);
    }
    check_tables(|table| found.iter().any(|it| it.table.id == table.id))?;
    for it in found {
        rows(&mut connection, &it, sink).await?;
    }
    // Nothing was written, so how the connection ends does not matter.
    let _ = connection.close().await;
    Ok(())
}

async fn connect(url: &str) -> Result<PgConnection, AwxError> {
    let is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
    // The parser's own words could repeat the password.
    let options = PgConnectOptions::from_str(url).ok().filter(|_| is_url).ok_or_else(|| {
        AwxError::source("the database must be named as postgres://USER:PASSWORD@HOST:PORT/NAME")
    })?;
    let options = options.application_name("portcullis import").disable_statement_logging();
    let place = format!("{}:{}", options.get_host(), options.get_port());
    match timeout(CONNECT_WAIT, options.connect()).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(sqlx::Error::Database(error))) => {
            Err(AwxError::source(format!("the database at {place} refuses: {}", error.message())))
        }
        Ok(Err(error)) => Err(AwxError::unreachable(format!(
            "the database at {place} cannot be reached: {error}; check host, port and network, or use --dump"
        ))),
        Err(_) => Err(AwxError::unreachable(format!(
            "the database at {place} does not answer within {} s; check host, port and network, or use --dump",
            CONNECT_WAIT.as_secs()
        ))),
    }
}

async fn find(connection: &mut PgConnection, table: &'static Table) -> Result<Option<Found>, AwxError> {
    for &name in table.names {
        let rows = sqlx::query(COLUMNS).bind(name).fetch_all(&mut *connection).await;
        let rows = rows.map_err(|error| failed(&error))?;
        let columns: Vec<String> = rows.iter().filter_map(|row| row.try_get(0).ok()).collect();
        if columns.is_empty() {
            continue;
        }
        let missing: Vec<&str> =
            table.columns.iter().copied().filter(|name| !columns.iter().any(|it| it == name)).collect();
        if !missing.is_empty() {
            return Err(missing_columns(name, &missing));
        }
        return Ok(Some(Found { table, name, columns }));
    }
    Ok(None)
}

async fn rows(
    connection: &mut PgConnection,
    found: &Found,
    sink: &mut (dyn Sink + Send),
) -> Result<(), AwxError> {
    let table = found.table;
    // All names here are our own literals; only those that the table has are asked for.
    let cells: Vec<String> = table
        .all_columns()
        .map(|name| {
            if found.columns.iter().any(|it| it == name) {
                format!("\"{name}\"::text")
            } else {
                "NULL".to_owned()
            }
        })
        .collect();
    let text = format!("SELECT {} FROM \"{}\" ORDER BY 1", cells.join(", "), found.name);
    sink.begin(table)?;
    let mut stream = sqlx::query(AssertSqlSafe(text)).fetch(&mut *connection);
    let mut count = 0;
    loop {
        let next = timeout(ROW_WAIT, stream.try_next()).await.map_err(|_| {
            AwxError::unreachable(format!("the database has stopped sending rows of {}", found.name))
        })?;
        let Some(row) = next.map_err(|error| failed(&error))? else { break };
        count += 1;
        if count > ROWS_MAX {
            return Err(too_many_rows(table));
        }
        match cells_of(&row) {
            Some(cells) => sink.row(Row { table, cells })?,
            None => sink.broken(table)?,
        }
    }
    drop(stream);
    sink.end(table)
}

fn cells_of(row: &PgRow) -> Option<Vec<Option<String>>> {
    (0..row.len())
        .map(|place| {
            let cell = row.try_get::<Option<String>, _>(place).ok()?;
            (cell.as_ref().is_none_or(|text| text.len() <= CELL_MAX)).then_some(cell)
        })
        .collect()
}

fn failed(error: &sqlx::Error) -> AwxError {
    match error {
        sqlx::Error::Database(error) => {
            AwxError::source(format!("the database refuses to be read: {}", error.message()))
        }
        other => AwxError::unreachable(format!("the connection to the database broke: {other}")),
    }
}
