//! The activity stream: written in the transaction of the change it tells of.

use identity::model::catalog::{content_type, noun_of};
use identity::model::entry::{Entry, FieldChange, Operation};
use identity::model::object::{EntryId, UserId};
use identity::port::Trail;
use serde_json::Value;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::engine::{Done, Outcome};
use crate::rows::{Read, at, micros, spoiled};
use crate::sql;

/// Most entries that are kept; beyond it the oldest go.
const ENTRIES_MAX: i64 = 1_000_000;

/// The columns that [`read`] reads, of a table called `o`.
pub(crate) const COLUMNS: &str = "o.id, o.operation, o.changes, o.noun, o.object_id, o.related_noun, \
    o.related_id, o.created_at, o.created_by";

const OPERATIONS: [(Operation, &str); 5] = [
    (Operation::Create, "create"),
    (Operation::Update, "update"),
    (Operation::Delete, "delete"),
    (Operation::Associate, "associate"),
    (Operation::Disassociate, "disassociate"),
];

/// The entry of a row.
pub(crate) fn read(row: &SqliteRow) -> Read<Entry> {
    let word: &str = row.try_get("operation")?;
    let operation = OPERATIONS.iter().find(|(_, it)| *it == word).map(|(it, _)| *it);
    let related_noun = row.try_get::<Option<i64>, _>("related_noun")?;
    Ok(Entry {
        id: EntryId(row.try_get("id")?),
        operation: operation.ok_or_else(|| spoiled("an unknown operation"))?,
        changes: decode(row.try_get("changes")?)?,
        noun: noun_of(row.try_get("noun")?).ok_or_else(|| spoiled("an unknown kind"))?,
        object_id: row.try_get("object_id")?,
        related_noun: related_noun.and_then(noun_of),
        related_id: row.try_get("related_id")?,
        created_at: at(row, "created_at")?,
        created_by: row.try_get::<Option<i64>, _>("created_by")?.map(UserId),
    })
}

/// Writes the entries of a change. `id` stands where an entry names no object.
pub(crate) async fn write(connection: &mut SqliteConnection, trail: &Trail, id: &str) -> Read<()> {
    for entry in &trail.entries {
        let word = OPERATIONS.iter().find(|(it, _)| *it == entry.operation).map_or("update", |(_, it)| it);
        let object_id = if entry.object_id.is_empty() { id } else { &entry.object_id };
        sqlx::query(sql::ENTRY_INSERT)
            .bind(word)
            .bind(encode(&entry.changes))
            .bind(content_type(entry.noun))
            .bind(object_id)
            .bind(entry.related_noun.map(content_type))
            .bind(entry.related_id.as_deref())
            .bind(micros(trail.at))
            .bind(trail.by.map(|it| it.0))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Removes some of the entries beyond the newest; whether there may be more.
pub(crate) async fn sweep(connection: &mut SqliteConnection) -> Outcome<u64> {
    let gone = sqlx::query(sql::ENTRIES_SURPLUS).bind(ENTRIES_MAX).execute(connection).await?;
    Ok(Done::quiet(gone.rows_affected()))
}

fn encode(changes: &[FieldChange]) -> String {
    let triple = |it: &FieldChange| {
        Value::from(vec![
            Value::from(it.field.as_str()),
            Value::from(it.before.as_deref()),
            Value::from(it.after.as_deref()),
        ])
    };
    Value::from(changes.iter().map(triple).collect::<Vec<_>>()).to_string()
}

fn decode(json: &str) -> Read<Vec<FieldChange>> {
    let value: Value = serde_json::from_str(json).map_err(|_| spoiled("changes that are no JSON"))?;
    let text = |it: Option<&Value>| it.and_then(Value::as_str).map(str::to_owned);
    let change = |it: &Value| FieldChange {
        field: text(it.get(0)).unwrap_or_default(),
        before: text(it.get(1)),
        after: text(it.get(2)),
    };
    Ok(value.as_array().map(|all| all.iter().map(change).collect()).unwrap_or_default())
}
