//! OPTIONS of settings: which there are, what they hold, and whether the caller may write them (contract
//! section G5). Command lines make their arguments from it.

use axum::extract::{Path, State as Extracted};
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use identity::model::setting::SettingKind;
use serde_json::{Map, Value, json};

use super::setting;
use super::setting_table::{Holds, Key, LIVES, SECTIONS};
use crate::drf::caller::{Caller, refuse};
use crate::drf::endpoint::Endpoint;
use crate::drf::{State, options, respond, setting_value};

/// The kinds of bodies that are read.
const PARSES: [&str; 1] = ["application/json"];

/// What there is to know about the list of sections.
pub async fn list(parts: Parts) -> Response {
    let text = |label: &str, help: &str| json!({ "type": "string", "hidden": false, "label": label, "help_text": help, "filterable": false });
    let fields = json!({
        "url": text("Url", "Address of the section."),
        "slug": text("Slug", "Word of the section in addresses."),
        "name": text("Name", "Name of the section."),
    });
    answer(&parts, Some(json!({ "GET": fields })))
}

/// What there is to know about a section.
pub async fn section(
    Extracted(state): Extracted<State>,
    Path(slug): Path<String>,
    caller: Caller,
    parts: Parts,
) -> Response {
    let principal = match caller.known() {
        Ok(principal) => principal,
        Err(refusal) => return refuse(&state, &refusal, &parts),
    };
    let keys = setting::keys(&state, &slug).filter(|_| state.authority.may_read_settings(principal));
    let Some(keys) = keys else { return answer(&parts, None) };
    let mut actions = Map::new();
    // A token that only reads is not told what it could write (contract section D2).
    let may_write = principal.scope.allows_write() && setting::may_write(&state, &caller).await.is_ok();
    if may_write {
        let fields: Map<String, Value> = keys
            .iter()
            .filter(|key| !key.is_read_only())
            .map(|key| (key.name.to_owned(), described(&state, &caller, key, true)))
            .collect();
        actions.insert("PUT".to_owned(), Value::Object(fields));
    }
    let fields: Map<String, Value> =
        keys.iter().map(|key| (key.name.to_owned(), described(&state, &caller, key, false))).collect();
    actions.insert("GET".to_owned(), Value::Object(fields));
    answer(&parts, Some(Value::Object(actions)))
}

fn answer(parts: &Parts, actions: Option<Value>) -> Response {
    let Some(endpoint) = parts.extensions.get::<&'static Endpoint>() else {
        return respond::json(StatusCode::OK, &json!({}));
    };
    let mut body = options::head(endpoint, &PARSES);
    if let (Some(actions), Value::Object(body)) = (actions, &mut body) {
        body.insert("actions".to_owned(), actions);
    }
    respond::json(StatusCode::OK, &body)
}

fn described(state: &State, caller: &Caller, key: &Key, is_written: bool) -> Value {
    let mut text = Map::new();
    let mut put = |name: &str, value: Value| {
        text.insert(name.to_owned(), value);
    };
    let definition = key.definition();
    let kind = definition.map(|it| it.kind);
    put("type", json!(type_name(key, kind)));
    if is_written {
        put("required", json!(key.is_required));
    }
    put("hidden", json!(false));
    put("label", json!(label(key.name)));
    put("help_text", json!(definition.map_or_else(|| help(key), |it| it.help)));
    if let Some(SettingKind::Integer(least, most)) = kind {
        put("min_value", json!(least));
        put("max_value", json!(most));
    }
    let category = SECTIONS.iter().find(|(slug, _)| *slug == key.slug).map_or(key.slug, |(_, name)| name);
    put("category", json!(category));
    put("category_slug", json!(key.slug));
    put("filterable", json!(false));
    if is_written {
        put("default", default_value(state, caller, key));
    }
    if is_seconds(key) {
        put("unit", json!("seconds"));
    }
    if matches!(key.holds, Holds::Lives) {
        put("child", json!({ "type": "integer", "required": true, "hidden": false, "min_value": 1 }));
    } else if type_name(key, kind) == "list" {
        put("child", json!({ "type": "string", "required": true, "hidden": false }));
    }
    Value::Object(text)
}

fn type_name(key: &Key, kind: Option<SettingKind>) -> &'static str {
    match (key.holds, kind) {
        (Holds::Lives, _) => "nested object",
        (_, Some(SettingKind::Integer(..))) => "integer",
        (_, Some(SettingKind::Float(_))) => "float",
        (_, Some(SettingKind::Boolean)) => "boolean",
        (
            _,
            Some(SettingKind::Origins | SettingKind::AddressKeys | SettingKind::Peers | SettingKind::Rules),
        ) => "list",
        (
            _,
            Some(
                SettingKind::Text
                | SettingKind::Secret
                | SettingKind::Url
                | SettingKind::UrlOrPath
                | SettingKind::Image
                | SettingKind::HeaderName,
            ),
        ) => "string",
        (Holds::Shown(value), None) if value().is_array() => "list",
        (_, None) => "nested object",
    }
}

fn default_value(state: &State, caller: &Caller, key: &Key) -> Value {
    match (key.holds, key.definition()) {
        (Holds::Base(_), _) => json!(setting::base(caller)),
        (Holds::Lives, _) => {
            let default = |name: &str| {
                let definition = identity::model::setting::definition(name)?;
                Some(setting_value::show(state, definition, &definition.default_value()))
            };
            let configured = json!(state.authority.token_life.as_secs());
            LIVES
                .iter()
                .map(|(shown, name)| {
                    let value = default(name).filter(|it| *it != json!(0));
                    ((*shown).to_owned(), value.unwrap_or_else(|| configured.clone()))
                })
                .collect::<Map<String, Value>>()
                .into()
        }
        (_, Some(definition)) => setting_value::show(state, definition, &definition.default_value()),
        (_, None) => Value::Null,
    }
}

fn help(key: &Key) -> &'static str {
    match key.holds {
        Holds::Lives => "Lives of access tokens, refresh tokens and authorization codes in seconds.",
        Holds::Nothing => "Has no effect in this gateway.",
        Holds::Shown(_) | Holds::Stored(_) | Holds::Base(_) => "Shown for clients.",
    }
}

fn is_seconds(key: &Key) -> bool {
    matches!(key.name, "SESSION_COOKIE_AGE" | "AUTOMATION_ANALYTICS_GATHER_INTERVAL")
}

/// A name for people: the first letter large, spaces for underscores.
fn label(name: &str) -> String {
    let mut label = name.to_ascii_lowercase().replace('_', " ");
    if let Some(first) = label.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    label
}
