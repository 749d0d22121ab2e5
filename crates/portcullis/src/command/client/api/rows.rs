//! Lists of a platform as tables: which members of its rows become columns.

use serde_json::{Map, Value, json};

use crate::output::Report;

/// Rows that are looked at for columns.
const LOOKED_AT: usize = 100;
/// Most columns of a table; JSON has everything.
const COLUMNS_MAX: usize = 10;

/// Rows as a table: its columns are the plain members of the first rows, in their order.
pub fn table(rows: Vec<Value>) -> Report {
    let rows: Vec<Map<String, Value>> = rows.into_iter().map(row).collect();
    let mut columns: Vec<String> = Vec::new();
    for row in rows.iter().take(LOOKED_AT) {
        for (key, value) in row {
            let is_plain = !matches!(value, Value::Object(_) | Value::Array(_));
            if is_plain && columns.len() < COLUMNS_MAX && !columns.contains(key) {
                columns.push(key.clone());
            }
        }
    }
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    Report::list(&columns, rows)
}

/// One answer as a table: its rows if it is a list, else its members.
pub fn report(value: &Value, rows: Option<&Vec<Value>>) -> Report {
    match (rows, value) {
        (Some(rows), _) => table(rows.clone()),
        (None, Value::Object(members)) => Report::one(members.clone()),
        (None, value) => Report::one(row(value.clone())),
    }
}

fn row(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(row) => row,
        other => Map::from_iter([("value".to_owned(), json!(other))]),
    }
}
