//! What a release does not have yet, or no more: the gateway speaks one release of each contract, and the door
//! takes away what others lack.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_LENGTH};
use http::{HeaderValue, Method, Response, StatusCode};

use super::door::{Asked, ask_for};
use super::platform::release_numbers;
use super::{Lab, Platform, outcome, wire};

/// The first release of Catalyst Manager with XSRF tokens.
const WITH_TOKEN: (u32, u32) = (19, 2);
/// The first that ends sessions with POST, and the last that ends them with GET before it.
const WITH_POST_LOGOUT: (u32, u32) = (20, 12);
/// The first with the JWT login and API keys.
const WITH_JWT: (u32, u32) = (20, 18);

/// The answer of a release that does not know what is asked for.
pub fn refuse(lab: &Lab, asked: &Asked) -> Option<Response<Bytes>> {
    let (method, path) = (&asked.parts.method, asked.parts.uri.path());
    match lab.platform {
        Platform::Catalyst => refuse_manager(lab, method, path),
        Platform::AwxWithoutTokens if is_token_path(path) => Some(absent(lab)),
        _ if is_foreign(path) => Some(absent(lab)),
        _ => None,
    }
}

fn refuse_manager(lab: &Lab, method: &Method, path: &str) -> Option<Response<Bytes>> {
    let release = release_numbers(&lab.release);
    if path == wire::MANAGER_TOKEN && release < WITH_TOKEN {
        return Some(absent(lab));
    }
    if path.starts_with(wire::JWT) && release < WITH_JWT {
        return Some(absent(lab));
    }
    if path == wire::MANAGER_LOGOUT {
        let allowed = if release < WITH_POST_LOGOUT { Method::GET } else { Method::POST };
        if *method != allowed {
            return Some(not_allowed(lab, &allowed));
        }
    }
    is_foreign(path).then(|| absent(lab))
}

/// Gives a request what its release does without and the gateway wants: releases before XSRF tokens take changes
/// with the cookie alone.
pub async fn help(lab: &Lab, asked: &mut Asked) {
    let is_without = lab.platform == Platform::Catalyst && release_numbers(&lab.release) < WITH_TOKEN;
    if !is_without
        || asked.parts.method.is_safe()
        || super::rotation::session(lab, &asked.parts.headers).is_none()
    {
        return;
    }
    let told = ask_for(lab, asked, Method::GET, wire::MANAGER_TOKEN).await;
    if told.status() == StatusCode::OK
        && let Ok(value) = HeaderValue::from_bytes(told.body())
    {
        asked.parts.headers.insert(wire::XSRF_HEADER, value);
    }
}

/// Takes out of a list of addresses what the release does not have.
pub fn prune(lab: &Lab, asked: &Asked, response: &mut Response<Bytes>) {
    let path = asked.parts.uri.path();
    let is_list = path == dialects::awx::wire::V2 || path == dialects::awx::wire::API;
    if lab.platform != Platform::AwxWithoutTokens || !is_list {
        return;
    }
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(response.body()) else { return };
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|name, _| !wire::AWX_TOKEN_KEYS.contains(&name.as_str()));
    }
    let body = Bytes::from(value.to_string());
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    *response.body_mut() = body;
}

fn is_token_path(path: &str) -> bool {
    let is_below =
        |top: &&str| path.strip_prefix(*top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    wire::AWX_TOKEN_PATHS.iter().any(is_below)
        || path.trim_end_matches('/').rsplit('/').next().is_some_and(|it| wire::AWX_TOKEN_WORDS.contains(&it))
}

/// Whether a path is the gateway's own and none of the platform.
fn is_foreign(path: &str) -> bool {
    path.starts_with(wire::OWN)
}

fn absent(lab: &Lab) -> Response<Bytes> {
    let status = StatusCode::NOT_FOUND;
    let sentence = match lab.platform {
        Platform::Awx | Platform::AwxWithoutTokens => dialects::awx::wire::NOT_FOUND,
        _ => "Not found.",
    };
    outcome::with_type(status, "application/json", lab.platform.failure(status, sentence))
}

fn not_allowed(lab: &Lab, allowed: &Method) -> Response<Bytes> {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let body = lab.platform.failure(status, "Method Not Allowed");
    let mut response = outcome::with_type(status, "application/json", body);
    if let Ok(value) = HeaderValue::from_str(allowed.as_str()) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}
