//! Sources: what reading the tables gives, and what can be wrong with them.

use std::fmt;
use std::io;

use super::schema::Table;

/// Is told the name of a table and how many rows of it were read so far.
pub type Progress<'a> = &'a mut (dyn FnMut(&str, u64) + Send);

/// Takes what a source has. A table begins at most once.
pub(crate) trait Sink {
    /// A table begins.
    fn begin(&mut self, table: &'static Table) -> Result<(), AwxError>;
    /// One row of it.
    fn row(&mut self, row: Row) -> Result<(), AwxError>;
    /// One row of it that cannot be read.
    fn broken(&mut self, table: &'static Table) -> Result<(), AwxError>;
    /// The table is over.
    fn end(&mut self, table: &'static Table) -> Result<(), AwxError>;
}

/// One row: a text or nothing for each column of its table.
pub(crate) struct Row {
    pub(crate) table: &'static Table,
    pub(crate) cells: Vec<Option<String>>,
}

impl Row {
    /// The text of a column; none if it is null or the table has no such column.
    pub(crate) fn text(&self, column: &str) -> Option<&str> {
        self.cells.get(self.table.place(column)?)?.as_deref()
    }

    /// The text of a column, or nothing.
    pub(crate) fn text_or_empty(&self, column: &str) -> String {
        self.text(column).unwrap_or_default().to_owned()
    }

    /// The number in a column.
    pub(crate) fn number(&self, column: &str) -> Option<i64> {
        self.text(column)?.parse().ok()
    }

    /// The flag in a column: as `COPY` writes it, or as a cast to text does.
    pub(crate) fn flag(&self, column: &str) -> Option<bool> {
        match self.text(column)? {
            "t" | "true" => Some(true),
            "f" | "false" => Some(false),
            _ => None,
        }
    }

    /// Puts another text into a column.
    pub(crate) fn replace(&mut self, column: &str, text: String) {
        if let Some(cell) = self.table.place(column).and_then(|place| self.cells.get_mut(place)) {
            *cell = Some(text);
        }
    }
}

/// What stands in the way of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The source is not what it should be, or the key is wrong: the operator can mend it.
    Source,
    /// The database does not answer.
    Unreachable,
    /// Reading or writing failed.
    Broken,
}

/// Why an extract cannot be made or read. Its message says what to do and has no secret in it.
#[derive(Debug)]
pub struct AwxError {
    /// What kind of trouble.
    pub trouble: Trouble,
    message: String,
}

impl AwxError {
    /// Something that the operator can mend.
    pub(crate) fn source(message: impl Into<String>) -> Self {
        Self { trouble: Trouble::Source, message: message.into() }
    }

    /// A database that does not answer.
    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Self { trouble: Trouble::Unreachable, message: message.into() }
    }
}

impl From<io::Error> for AwxError {
    fn from(error: io::Error) -> Self {
        Self { trouble: Trouble::Broken, message: format!("reading or writing failed: {error}") }
    }
}

impl fmt::Display for AwxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for AwxError {}

/// Refuses a source in which required tables are missing.
pub(crate) fn check_tables(found: impl Fn(&'static Table) -> bool) -> Result<(), AwxError> {
    let missing: Vec<&str> = super::schema::TABLES
        .iter()
        .filter(|table| table.is_required && !found(table))
        .map(|table| table.names[0])
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(AwxError::source(format!(
        "this is not a database of AWX: it has no table {}; name the database that AWX itself uses",
        missing.join(", ")
    )))
}

/// The error of a table that lacks columns.
pub(crate) fn missing_columns(table: &str, missing: &[&str]) -> AwxError {
    AwxError::source(format!(
        "the table {table} has no column {}: this is not the schema of AWX 24.6.1; upgrade that AWX to 24.6.1 \
         first",
        missing.join(", ")
    ))
}

/// The error of a table with too many rows.
pub(crate) fn too_many_rows(table: &Table) -> AwxError {
    AwxError::source(format!(
        "the table {} has more than {} rows, which is more than an import takes; remove expired rows there \
         first (awx-manage cleanup_tokens)",
        table.names[0],
        identity::model::import::ROWS_MAX
    ))
}
