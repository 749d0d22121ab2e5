//! Settings on the wire (contract section D).

use axum::body::Body as Stream;
use axum::extract::{Path, State as Extracted};
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use identity::Refusal;
use identity::model::setting::{self, Definition, Section, SettingValue, validate};
use identity::port::SettingWrite;
use serde_json::{Map, Value, json};

use super::super::wire::{self, ENCRYPTED};
use crate::drf::body::{self, Body};
use crate::drf::caller::{Caller, refuse};
use crate::drf::form::Form;
use crate::drf::{State, respond, setting_value};

/// The section that stands for all of them.
const ALL: &str = "all";

/// An answer, or a refusal that the dialect spells.
type Answer = Result<Response, Refusal>;

/// What is asked for: a section, or all.
#[derive(Clone, Copy)]
struct Scope(Option<Section>);

impl Scope {
    fn named(name: &str) -> Option<Self> {
        if name == ALL {
            return Some(Self(None));
        }
        Section::ALL.into_iter().find(|section| section.as_str() == name).map(|section| Self(Some(section)))
    }

    fn holds(self, definition: &Definition) -> bool {
        match self.0 {
            Some(section) => definition.section == section,
            None => Section::ALL.contains(&definition.section),
        }
    }
}

/// The sections.
pub async fn list(Extracted(state): Extracted<State>, caller: Caller, parts: Parts) -> Response {
    let read = || -> Answer {
        state.authority.read_settings(caller.known()?, None)?;
        let results: Vec<Value> = std::iter::once(ALL)
            .chain(Section::ALL.into_iter().map(Section::as_str))
            .map(|name| json!({ "url": format!("{}settings/{name}/", wire::V1), "name": name }))
            .collect();
        let body = json!({ "count": results.len(), "next": null, "previous": null, "results": results });
        Ok(respond::json(StatusCode::OK, &body))
    };
    finish(&state, &parts, read())
}

/// The settings of a section.
pub async fn show(
    Extracted(state): Extracted<State>,
    Path(section): Path<String>,
    caller: Caller,
    parts: Parts,
) -> Response {
    let Some(scope) = Scope::named(&section) else { return absent() };
    finish(&state, &parts, shown(&state, &caller, scope))
}

/// One setting.
pub async fn show_one(
    Extracted(state): Extracted<State>,
    Path((section, name)): Path<(String, String)>,
    caller: Caller,
    parts: Parts,
) -> Response {
    let read = || -> Answer {
        let settings = state.authority.read_settings(caller.known()?, None)?;
        let scope = Scope::named(&section);
        let found = settings.iter().find(|(definition, _)| definition.name == name);
        Ok(match (scope, found) {
            (Some(scope), Some((definition, value))) if scope.holds(definition) => {
                let value = setting_value::show(&state, definition, value);
                let section = definition.section.as_str();
                respond::json(StatusCode::OK, &json!({ "section": section, "name": name, "value": value }))
            }
            _ => absent(),
        })
    };
    finish(&state, &parts, read())
}

/// Sets some settings of a section; the others stay. The answer is the whole section.
pub async fn write(
    Extracted(state): Extracted<State>,
    Path(section): Path<String>,
    caller: Caller,
    parts: Parts,
    stream: Stream,
) -> Response {
    let Some(scope) = Scope::named(&section) else { return absent() };
    if let Err(refusal) = may_write(&state, &caller).await {
        return refuse(&state, &refusal, &parts);
    }
    let body = match body::read(&parts, stream).await {
        Ok(body) => body,
        Err(error) => return error.response(),
    };
    let writes = match wanted(&state, scope, &body) {
        Ok(writes) => writes,
        Err(errors) => return respond::json(StatusCode::BAD_REQUEST, &errors),
    };
    let is_dry_run = is_dry_run(&parts);
    let written = async {
        state.authority.write_settings(&caller.context, caller.known()?, writes, is_dry_run).await?;
        if is_dry_run {
            return Ok(respond::detail(StatusCode::ACCEPTED, "Request would have been accepted"));
        }
        shown(&state, &caller, scope)
    };
    finish(&state, &parts, written.await)
}

/// Gives all settings of a section their defaults.
pub async fn reset(
    Extracted(state): Extracted<State>,
    Path(section): Path<String>,
    caller: Caller,
    parts: Parts,
) -> Response {
    let Some(scope) = Scope::named(&section) else { return absent() };
    let names: Vec<&'static str> = setting::definitions()
        .filter(|definition| scope.holds(definition) && !definition.is_read_only)
        .map(|definition| definition.name)
        .collect();
    finish(&state, &parts, defaulted(&state, &caller, &names).await)
}

/// Gives one setting its default. It must be named by its own section.
pub async fn reset_one(
    Extracted(state): Extracted<State>,
    Path((section, name)): Path<(String, String)>,
    caller: Caller,
    parts: Parts,
) -> Response {
    if let Err(refusal) = may_write(&state, &caller).await {
        return refuse(&state, &refusal, &parts);
    }
    let found = setting::definition(&name);
    let answer = match (Scope::named(&section), found) {
        (Some(scope), Some(definition)) if scope.holds(definition) => {
            if scope.0.is_none() {
                let text = "A setting is reset through its own section.";
                Ok(respond::detail(StatusCode::BAD_REQUEST, text))
            } else {
                defaulted(&state, &caller, &[definition.name]).await
            }
        }
        _ => Ok(absent()),
    };
    finish(&state, &parts, answer)
}

/// Refuses who may not write settings, before anything is said about what was to be written.
async fn may_write(state: &State, caller: &Caller) -> Result<(), Refusal> {
    state.authority.write_settings(&caller.context, caller.known()?, Vec::new(), true).await
}

async fn defaulted(state: &State, caller: &Caller, names: &[&'static str]) -> Answer {
    let writes = names.iter().map(|name| SettingWrite { name, value: None }).collect();
    state.authority.write_settings(&caller.context, caller.known()?, writes, false).await?;
    Ok(respond::no_content())
}

fn shown(state: &State, caller: &Caller, scope: Scope) -> Answer {
    let settings = state.authority.read_settings(caller.known()?, scope.0)?;
    let shown: Map<String, Value> = settings
        .iter()
        .filter(|(definition, _)| scope.holds(definition))
        .map(|(definition, value)| {
            (definition.name.to_owned(), setting_value::show(state, definition, value))
        })
        .collect();
    Ok(respond::json(StatusCode::OK, &shown))
}

/// What a body asks to be written, or everything that is wrong with it.
fn wanted(state: &State, scope: Scope, body: &Body) -> Result<Vec<SettingWrite>, Map<String, Value>> {
    let settings = state.authority.settings();
    let mut writes = Vec::new();
    let mut errors = Map::new();
    for (name, value) in fields(body) {
        let definition = setting::definition(&name).filter(|definition| scope.holds(definition));
        let Some(definition) = definition else {
            errors.insert(name, json!(["There is no such setting in this section."]));
            continue;
        };
        let now = settings.get(definition.name).cloned().unwrap_or_else(|| definition.default_value());
        match change(state, definition, &value, &now) {
            Ok(Some(value)) => writes.push(SettingWrite { name: definition.name, value: Some(value) }),
            Ok(None) => {}
            Err(text) => {
                errors.insert(name, json!([text]));
            }
        }
    }
    if errors.is_empty() { Ok(writes) } else { Err(errors) }
}

/// The new value of a setting; none if it stays. A client may send back what it was shown.
fn change(
    state: &State,
    definition: &Definition,
    value: &Value,
    now: &SettingValue,
) -> Result<Option<SettingValue>, String> {
    if *value == setting_value::show(state, definition, now) || *value == json!(ENCRYPTED) {
        return Ok(None);
    }
    if definition.is_read_only {
        return Err("This setting is read-only.".to_owned());
    }
    let value = setting_value::read(definition, value)?;
    validate(definition, &value)?;
    Ok(Some(value))
}

/// The fields of a body, each once.
fn fields(body: &Body) -> Vec<(String, Value)> {
    match body {
        Body::Json(map) => map.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        Body::Form(pairs) => {
            let mut names: Vec<&String> = Vec::new();
            for (name, _) in pairs {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            let is_list = |name: &str| {
                setting::definition(name)
                    .is_some_and(|it| matches!(it.default_value(), SettingValue::List(_)))
            };
            names
                .into_iter()
                .filter_map(|name| {
                    let value = if is_list(name) { body.list(name) } else { body.get(name) };
                    value.map(|value| (name.clone(), value))
                })
                .collect()
        }
    }
}

fn is_dry_run(parts: &Parts) -> bool {
    let query = Form::urlencoded(parts.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    query.one("validate").ok().flatten().is_some_and(|it| it.eq_ignore_ascii_case("true") || it == "1")
}

fn absent() -> Response {
    respond::detail(StatusCode::NOT_FOUND, wire::NOT_FOUND)
}

fn finish(state: &State, parts: &Parts, answer: Answer) -> Response {
    answer.unwrap_or_else(|refusal| refuse(state, &refusal, parts))
}
