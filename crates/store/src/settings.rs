//! Settings: names and JSON values. What is not stored has its default.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use identity::model::setting::{SettingKind, SettingValue, Settings, definition};
use identity::port::{SettingWrite, Trail};
use serde_json::{Value, json};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use crate::cache::Effect;
use crate::engine::{Done, Outcome};
use crate::rows::Read;
use crate::sealer::{Purpose, Sealer};
use crate::vault::carried;
use crate::{entries, sql};

/// All settings as they are stored.
pub(crate) async fn load(connection: &mut SqliteConnection, sealer: &Sealer) -> Read<Settings> {
    let mut stored = HashMap::new();
    for row in sqlx::query(sql::SETTINGS).fetch_all(connection).await? {
        let name: String = row.try_get("name")?;
        if let Some(value) = decode(sealer, &name, row.try_get("value")?) {
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
    sealer: Arc<Sealer>,
) -> Outcome<()> {
    for write in &writes {
        match &write.value {
            Some(value) => {
                let text = match value {
                    SettingValue::Text(text) if is_secret(write.name) && !text.is_empty() => {
                        let blob = sealer.seal(Purpose::Setting, write.name, text.as_bytes());
                        wrapped(&blob.map_err(carried)?)
                    }
                    value => encode(value),
                };
                let query = sqlx::query(sql::SETTING_PUT).bind(write.name).bind(text);
                query.execute(&mut *connection).await?;
            }
            None => {
                sqlx::query(sql::SETTING_DELETE).bind(write.name).execute(&mut *connection).await?;
            }
        }
    }
    entries::write(connection, &trail, "").await?;
    let settings = load(connection, &sealer).await?;
    Ok(Done { value: (), effects: vec![Effect::SwapSettings(Arc::new(settings))] })
}

fn is_secret(name: &str) -> bool {
    definition(name).is_some_and(|it| it.kind == SettingKind::Secret)
}

/// The JSON of a sealed value.
pub(crate) fn wrapped(sealed: &[u8]) -> String {
    json!({ "sealed": STANDARD.encode(sealed) }).to_string()
}

/// What is sealed in a stored value; none if nothing is.
pub(crate) fn sealed(json: &str) -> Option<Vec<u8>> {
    let value: Value = serde_json::from_str(json).ok()?;
    STANDARD.decode(value.get("sealed")?.as_str()?).ok()
}

/// A secret setting. One that does not open is as if it were not set, so that all others still have their values.
fn unseal(sealer: &Sealer, name: &str, blob: &[u8]) -> Option<SettingValue> {
    let opened = sealer.open(Purpose::Setting, name, blob);
    match opened.map(String::from_utf8) {
        Ok(text) => text.ok().map(SettingValue::Text),
        Err(fault) => {
            tracing::error!("the setting {name} has its default: {}", fault.chain());
            None
        }
    }
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
fn decode(sealer: &Sealer, name: &str, json: &str) -> Option<SettingValue> {
    if let Some(sealed) = sealed(json).filter(|_| is_secret(name)) {
        return unseal(sealer, name, &sealed);
    }
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
