//! Settings on the wire (contract section A8).

use axum::Router;
use axum::body::Body as Stream;
use axum::extract::{Path, State as Extracted};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use http::request::Parts;
use identity::Refusal;
use identity::model::setting::validate;
use identity::port::SettingWrite;
use serde_json::{Map, Value, json};

use super::super::{body, object, wire};
use super::setting_table::{ALL, CHANGED, Holds, KEYS, Key, LIVES, SECTIONS};
use super::{READ, endpoint, setting_life, setting_options};
use crate::drf::body::Body;
use crate::drf::caller::{Caller, refuse};
use crate::drf::endpoint::{Access, Endpoint};
use crate::drf::setting_value::{self, ENCRYPTED};
use crate::drf::{State, respond};

/// What a refused value that nobody would act on is told.
const NOT_HERE: &str = "This gateway does not sign users in through other services.";
/// The answer to a section that does not exist.
const ABSENT: &str = "Not found.";

const WRITE: &str = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS";

/// The endpoints of settings.
pub static ENDPOINTS: &[Endpoint] = &[
    endpoint("/api/v2/settings/", READ, Access::Known, "Setting Categories"),
    endpoint("/api/v2/settings/all/", WRITE, Access::Known, "Setting Detail"),
    endpoint("/api/v2/settings/authentication/", WRITE, Access::Known, "Setting Detail"),
    endpoint("/api/v2/settings/changed/", WRITE, Access::Known, "Setting Detail"),
    endpoint("/api/v2/settings/named-url/", WRITE, Access::Known, "Setting Detail"),
    endpoint("/api/v2/settings/system/", WRITE, Access::Known, "Setting Detail"),
    endpoint("/api/v2/settings/ui/", WRITE, Access::Known, "Setting Detail"),
    endpoint(OTHER, WRITE, Access::Known, "Setting Detail"),
];

/// Sections that are a controller's, if one is behind the gateway.
const OTHER: &str = "/api/v2/settings/{slug}/";

/// Whether an endpoint is answered here only where no service has it.
pub fn is_spare(endpoint: &Endpoint) -> bool {
    endpoint.path == OTHER
}

/// The routes of settings.
pub fn routes() -> Router<State> {
    let section = get(show).put(change).patch(change).delete(reset).options(setting_options::section);
    Router::new().route("/api/v2/settings/", get(list).options(setting_options::list)).route(OTHER, section)
}

/// An answer, or a refusal that the dialect spells.
type Answer = Result<Response, Refusal>;

/// The settings of a section as they are now; none if there is no such section.
pub fn keys(state: &State, slug: &str) -> Option<Vec<&'static Key>> {
    if !SECTIONS.iter().any(|(it, _)| *it == slug) {
        return None;
    }
    let holds = |key: &&Key| match slug {
        ALL => true,
        CHANGED => is_changed(state, key),
        _ => key.slug == slug,
    };
    Some(KEYS.iter().filter(holds).collect())
}

fn is_changed(state: &State, key: &Key) -> bool {
    let settings = state.authority.settings();
    match key.holds {
        Holds::Lives => setting_life::is_changed(&settings),
        _ => key.definition().is_some_and(|it| settings.get(it.name) != Some(&it.default_value())),
    }
}

/// A setting's value as the contract shows it.
pub fn shown(state: &State, caller: &Caller, key: &Key) -> Value {
    let settings = state.authority.settings();
    match (key.holds, key.definition()) {
        (Holds::Lives, _) => setting_life::show(state),
        (Holds::Shown(value), _) => value(),
        (Holds::Base(name), _) if settings.text(name).is_empty() => json!(base(caller)),
        (_, Some(definition)) => match settings.get(definition.name) {
            Some(value) => setting_value::show(state, definition, value),
            None => Value::Null,
        },
        (_, None) => Value::Null,
    }
}

/// What the client calls this installation.
pub fn base(caller: &Caller) -> String {
    let scheme = if caller.doorway.is_secure { "https" } else { "http" };
    format!("{scheme}://{}", caller.doorway.host)
}

/// The sections, for those who may read them.
async fn list(Extracted(state): Extracted<State>, caller: Caller, parts: Parts) -> Response {
    let may_read = match caller.known() {
        Ok(principal) => state.authority.may_read_settings(principal),
        Err(refusal) => return refuse(&state, &refusal, &parts),
    };
    let sections = SECTIONS.iter().filter(|_| may_read).map(|(slug, name)| {
        let path = format!("{}settings/{slug}/", wire::V2);
        json!({ "url": caller.doorway.address(&path), "slug": slug, "name": name })
    });
    object::page_of(&state, &caller, &parts, sections.collect())
}

async fn show(
    Extracted(state): Extracted<State>,
    Path(slug): Path<String>,
    caller: Caller,
    parts: Parts,
) -> Response {
    finish(&state, &parts, section(&state, &caller, &slug))
}

fn section(state: &State, caller: &Caller, slug: &str) -> Answer {
    // Who may read settings is decided before anybody learns which sections there are.
    state.authority.read_settings(caller.known()?, None)?;
    let Some(keys) = keys(state, slug) else { return Ok(absent()) };
    let section: Map<String, Value> =
        keys.into_iter().map(|key| (key.name.to_owned(), shown(state, caller, key))).collect();
    Ok(respond::json(StatusCode::OK, &section))
}

async fn change(
    Extracted(state): Extracted<State>,
    Path(slug): Path<String>,
    caller: Caller,
    parts: Parts,
    stream: Stream,
) -> Response {
    let written = write(&state, &caller, &slug, &parts, stream).await;
    finish(&state, &parts, written)
}

/// Gives all settings of a section their defaults.
async fn reset(
    Extracted(state): Extracted<State>,
    Path(slug): Path<String>,
    caller: Caller,
    parts: Parts,
) -> Response {
    let reset = async {
        may_write(&state, &caller).await?;
        let Some(keys) = keys(&state, &slug) else { return Ok(absent()) };
        let writes = keys.into_iter().filter(|key| !key.is_read_only()).flat_map(defaulted).collect();
        state.authority.write_settings(&caller.context, caller.known()?, writes, false).await?;
        Ok(respond::no_content())
    };
    finish(&state, &parts, reset.await)
}

fn defaulted(key: &Key) -> Vec<SettingWrite> {
    match key.holds {
        Holds::Lives => LIVES.iter().map(|(_, name)| SettingWrite { name, value: None }).collect(),
        Holds::Stored(name) | Holds::Base(name) => vec![SettingWrite { name, value: None }],
        Holds::Shown(_) | Holds::Nothing => Vec::new(),
    }
}

async fn write(state: &State, caller: &Caller, slug: &str, parts: &Parts, stream: Stream) -> Answer {
    may_write(state, caller).await?;
    let Some(keys) = keys(state, slug) else { return Ok(absent()) };
    let body = match body::read(parts, stream).await {
        Ok(body) => body,
        Err(response) => return Ok(*response),
    };
    let mut writes = Vec::new();
    let mut errors = Map::new();
    // Names that are no setting of the section are overlooked, as the contract does.
    for key in keys.into_iter().filter(|key| !key.is_read_only()) {
        match wanted(state, caller, key, &body) {
            Ok(Some(mut wanted)) => writes.append(&mut wanted),
            Ok(None) if key.is_required && parts.method == http::Method::PUT => {
                errors.insert(key.name.to_owned(), json!(["This field is required."]));
            }
            Ok(None) => {}
            Err(error) => {
                errors.insert(key.name.to_owned(), error);
            }
        }
    }
    if !errors.is_empty() {
        return Ok(respond::json(StatusCode::BAD_REQUEST, &errors));
    }
    state.authority.write_settings(&caller.context, caller.known()?, writes, false).await?;
    section(state, caller, slug)
}

/// What a body asks of a setting; none if it does not name it.
fn wanted(
    state: &State,
    caller: &Caller,
    key: &Key,
    body: &Body,
) -> Result<Option<Vec<SettingWrite>>, Value> {
    let Some(value) = body.get(key.name) else { return Ok(None) };
    // A client may send back what it was shown.
    if value == shown(state, caller, key) || value == json!(ENCRYPTED) {
        return Ok(Some(Vec::new()));
    }
    match key.holds {
        Holds::Lives => setting_life::read(state, &value).map(Some),
        Holds::Nothing => Err(json!([NOT_HERE])),
        Holds::Shown(_) => Ok(Some(Vec::new())),
        Holds::Stored(name) | Holds::Base(name) => {
            let Some(definition) = key.definition() else { return Ok(None) };
            let read = setting_value::read(definition, &value)
                .and_then(|value| validate(definition, &value).map(|()| value));
            match read {
                Ok(value) => Ok(Some(vec![SettingWrite { name, value: Some(value) }])),
                Err(text) => Err(json!([text])),
            }
        }
    }
}

/// Refuses who may not write settings, before anything is said about what was to be written.
pub async fn may_write(state: &State, caller: &Caller) -> Result<(), Refusal> {
    state.authority.write_settings(&caller.context, caller.known()?, Vec::new(), true).await
}

fn absent() -> Response {
    respond::detail(StatusCode::NOT_FOUND, ABSENT)
}

fn finish(state: &State, parts: &Parts, answer: Answer) -> Response {
    answer.unwrap_or_else(|refusal| refuse(state, &refusal, parts))
}
