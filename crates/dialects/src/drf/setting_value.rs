//! Settings' values in JSON: shown, and read with the framework's messages.

use identity::model::setting::{Definition, SettingKind, SettingValue};
use serde_json::{Number, Value, json};

use super::State;

/// What stands for a secret that is set.
pub const ENCRYPTED: &str = "$encrypted$";

/// A value as it is shown. Secrets that are set are masked.
pub fn show(state: &State, definition: &Definition, value: &SettingValue) -> Value {
    // The two keys live in the data directory; here they are only shown.
    match definition.name {
        "jwt_public_key" => return json!(state.authority.world.platform.public_key_pem()),
        "jwt_private_key" => return json!(ENCRYPTED),
        _ => {}
    }
    match value {
        SettingValue::Text(text) if definition.kind == SettingKind::Secret && !text.is_empty() => {
            json!(ENCRYPTED)
        }
        SettingValue::Text(text) => json!(text),
        SettingValue::Integer(number) => json!(number),
        SettingValue::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        SettingValue::Boolean(flag) => json!(flag),
        SettingValue::List(texts) => json!(texts),
    }
}

/// The value that a request gives to a setting, of the right type; what is wrong if it is not.
pub fn read(definition: &Definition, value: &Value) -> Result<SettingValue, String> {
    if value.is_null() {
        return Err("This field may not be null.".to_owned());
    }
    match definition.kind {
        SettingKind::Text
        | SettingKind::Secret
        | SettingKind::Url
        | SettingKind::UrlOrPath
        | SettingKind::Image
        | SettingKind::HeaderName => text(value).map(SettingValue::Text),
        SettingKind::Integer(..) => integer(value).map(SettingValue::Integer),
        SettingKind::Float(_) => float(value).map(SettingValue::Float),
        SettingKind::Boolean => boolean(value).map(SettingValue::Boolean),
        SettingKind::Origins | SettingKind::AddressKeys | SettingKind::Peers | SettingKind::Rules => {
            list(value).map(SettingValue::List)
        }
    }
}

fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) if text.contains('\0') => Err("Null characters are not allowed.".to_owned()),
        Value::String(text) => Ok(text.trim().to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err("Not a valid string.".to_owned()),
    }
}

fn integer(value: &Value) -> Result<i64, String> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| "A valid integer is required.".to_owned())
}

fn float(value: &Value) -> Result<f64, String> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|it: &f64| it.is_finite()).ok_or_else(|| "A valid number is required.".to_owned())
}

fn boolean(value: &Value) -> Result<bool, String> {
    let word = match value {
        Value::Bool(flag) => return Ok(*flag),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_ascii_lowercase(),
        _ => String::new(),
    };
    match word.as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Ok(false),
        _ => Err("Must be a valid boolean.".to_owned()),
    }
}

/// Most origins in the list.
const LIST_MAX: usize = 100;

fn list(value: &Value) -> Result<Vec<String>, String> {
    let Value::Array(values) = value else {
        let kind = super::body::python_type(value);
        return Err(format!("Expected a list of items but got type \"{kind}\"."));
    };
    if values.len() > LIST_MAX {
        return Err(format!("Ensure this field has no more than {LIST_MAX} elements."));
    }
    values
        .iter()
        .map(|value| match value {
            Value::String(text) => Ok(text.trim().trim_end_matches('/').to_owned()),
            _ => Err("Not a valid string.".to_owned()),
        })
        .collect()
}
