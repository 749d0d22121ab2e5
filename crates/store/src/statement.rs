//! A statement under construction: its text, and the values that are bound to it. Values never become
//! part of the text.

use std::fmt::Write as _;

use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};

use crate::rows::Read;

/// One bound value.
#[derive(Clone, Debug)]
pub(crate) enum Bound {
    /// A number, a flag or an instant.
    Integer(i64),
    /// A text, or a list as JSON.
    Text(String),
}

/// A statement under construction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statement {
    text: String,
    bound: Vec<Bound>,
    aliases: usize,
}

impl Statement {
    /// Adds a text that is ours.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a placeholder and binds a number to it.
    pub(crate) fn integer(&mut self, value: i64) -> &mut Self {
        self.bind(Bound::Integer(value))
    }

    /// Adds a placeholder and binds a text to it.
    pub(crate) fn text(&mut self, value: impl Into<String>) -> &mut Self {
        self.bind(Bound::Text(value.into()))
    }

    fn bind(&mut self, value: Bound) -> &mut Self {
        self.bound.push(value);
        let _ = write!(self.text, "${}", self.bound.len());
        self
    }

    /// A fresh name for a table.
    pub(crate) fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("j{}", self.aliases)
    }

    /// Runs it and gives its rows.
    pub(crate) async fn fetch(self, connection: &mut SqliteConnection) -> Read<Vec<SqliteRow>> {
        let mut query = sqlx::query::<sqlx::Sqlite>(AssertSqlSafe(self.text));
        for value in self.bound {
            query = match value {
                Bound::Integer(number) => query.bind(number),
                Bound::Text(text) => query.bind(text),
            };
        }
        let query: sqlx::query::Query<'_, sqlx::Sqlite, SqliteArguments> = query;
        query.fetch_all(connection).await
    }
}
