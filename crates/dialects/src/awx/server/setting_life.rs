//! The lives of what applications get: three stored settings that the contract shows as one object (contract
//! section A8).

use identity::model::setting::{Definition, SettingValue, Settings, definition, validate};
use identity::port::SettingWrite;
use serde_json::{Map, Value, json};

use super::setting_table::LIVES;
use crate::drf::State;
use crate::drf::body::python_type;
use crate::drf::setting_value;

/// The object, with the life that tokens really get.
pub fn show(state: &State) -> Value {
    let settings = state.authority.settings();
    let life = |name: &str| match settings.integer(name) {
        // Nobody has set it: the configuration says how long access tokens live.
        0 => state.authority.token_life().as_secs(),
        seconds => seconds,
    };
    let lives: Map<String, Value> =
        LIVES.iter().map(|(shown, name)| ((*shown).to_owned(), json!(life(name)))).collect();
    Value::Object(lives)
}

/// Whether any of the three differs from its default.
pub fn is_changed(settings: &Settings) -> bool {
    LIVES
        .iter()
        .any(|(_, name)| settings.get(name) != definition(name).map(Definition::default_value).as_ref())
}

/// What an object asks for. It replaces the whole: what it does not name gets its default.
pub fn read(state: &State, value: &Value) -> Result<Vec<SettingWrite>, Value> {
    let Value::Object(asked) = value else {
        let kind = python_type(value);
        return Err(json!([format!("Expected a dictionary of items but got type \"{kind}\".")]));
    };
    let mut unknown: Vec<&str> =
        asked.keys().map(String::as_str).filter(|name| LIVES.iter().all(|(it, _)| it != name)).collect();
    if !unknown.is_empty() {
        unknown.sort_unstable();
        return Err(json!([format!("Invalid key names: {}", unknown.join(", "))]));
    }
    let now = show(state);
    let settings = state.authority.settings();
    let mut writes = Vec::new();
    let mut errors = Map::new();
    for (shown, name) in LIVES {
        let Some(value) = asked.get(shown) else {
            writes.push(SettingWrite { name, value: None });
            continue;
        };
        // What the configuration says and nobody has set stays so when it is sent back.
        if Some(value) == now.get(shown) && settings.integer(name) == 0 {
            continue;
        }
        match seconds(name, value) {
            Ok(value) => writes.push(SettingWrite { name, value: Some(value) }),
            Err(text) => {
                errors.insert(shown.to_owned(), json!([text]));
            }
        }
    }
    if errors.is_empty() { Ok(writes) } else { Err(Value::Object(errors)) }
}

fn seconds(name: &str, value: &Value) -> Result<SettingValue, String> {
    let Some(definition) = definition(name) else { return Err("This setting is unknown.".to_owned()) };
    let value = setting_value::read(definition, value)?;
    if matches!(value, SettingValue::Integer(seconds) if seconds < 1) {
        return Err("Ensure this value is greater than or equal to 1.".to_owned());
    }
    validate(definition, &value).map(|()| value)
}
