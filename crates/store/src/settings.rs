//! Settings: names and JSON values. What is not stored has its default.

use std::collections::HashMap;
use std::sync::Arc;

use identity::model::setting::{SettingValue, Settings, definition};
use identity::port::{SettingWrite, Trail};
use serde_json::Value;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use crate::cache::Effect;
use crate::engine::{Done, Outcome};
use crate::rows::Read;
use crate::{entries, sql};

/// All settings as they are stored.
pub(crate) async fn load(connection: &mut SqliteConnection) -> Read<Settings> {
    let mut stored = HashMap::new();
    for row in sqlx::query(sql::SETTINGS).fetch_all(connection).await? {
        let name: String = row.try_get("name")?;
        if let Some(value) = decode(&name, row.try_get("value")?) {
            stored.insert(name, value);
        }
    }
    Ok(Settings::with(|name| stored.get(name).cloned()))
}

/// Sets and resets settings; they are swapped in when the commit is on the disk.
pub(crate) async fn write(
    connection: &mut SqliteConnection,
    writes: Vec<SettingWrite>,
    trail: Trail,
) -> Outcome<()> {
    for write in &writes {
        match &write.value {
            Some(value) => {
                let query = sqlx::query(sql::SETTING_PUT).bind(write.name).bind(encode(value));
                query.execute(&mut *connection).await?;
            }
            None => {
                sqlx::query(sql::SETTING_DELETE).bind(write.name).execute(&mut *connection).await?;
            }
        }
    }
    entries::write(connection, &trail, "").await?;
    let settings = load(connection).await?;
    Ok(Done { value: (), effects: vec![Effect::SwapSettings(Arc::new(settings))] })
}

fn encode(value: &SettingValue) -> String {
    match value {
        SettingValue::Text(text) => Value::from(text.as_str()),
        SettingValue::Integer(number) => Value::from(*number),
        SettingValue::Float(number) => Value::from(*number),
        SettingValue::Boolean(flag) => Value::from(*flag),
        SettingValue::List(texts) => Value::from(texts.clone()),
    }
    .to_string()
}

/// A stored value as its setting's kind; none if it is of another kind or of no setting we know.
fn decode(name: &str, json: &str) -> Option<SettingValue> {
    let value: Value = serde_json::from_str(json).ok()?;
    match definition(name)?.default_value() {
        SettingValue::Text(_) => value.as_str().map(|it| SettingValue::Text(it.to_owned())),
        SettingValue::Integer(_) => value.as_i64().map(SettingValue::Integer),
        SettingValue::Float(_) => value.as_f64().map(SettingValue::Float),
        SettingValue::Boolean(_) => value.as_bool().map(SettingValue::Boolean),
        SettingValue::List(_) => {
            let texts = value.as_array()?.iter().map(|it| it.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>().map(SettingValue::List)
        }
    }
}
