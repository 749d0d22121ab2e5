//! The JWT login (contract section A.10): a password becomes an access token and a refresh token, and a refresh
//! token a new access token. Both are sessions; what they say of themselves is for the client alone.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State as Extracted;
use axum::response::Response;
use http::StatusCode;
use http::header::SET_COOKIE;
use http::request::Parts;
use identity::action::{Draft, JwtLogin, LIFE_MAX};
use identity::model::principal::Subject;
use identity::model::secret::{LOWERCASE, Secret, generate};
use identity::port::{Platform, Random};
use identity::{Fault, Origin, Refusal};
use jiff::SignedDuration;
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::denial::{self, Code};
use super::super::wire;
use super::super::wire::admin::BASIC;
use super::group::groups_of;
use super::{answer, body};
use crate::door::Door;

/// Life of an access token, in seconds, unless the client asks for another.
const LIFE_USUAL: i64 = 1800;
/// Characters by which two tokens of one login differ.
const NONCE_LENGTH: usize = 32;
/// Bytes of the groups that a token names.
const GROUPS_MAX: usize = 2048;

/// Signs in for two tokens.
pub async fn login(Extracted(door): Extracted<Door>, parts: Parts, body: Body) -> Response {
    let fields = match fields(&parts, body).await {
        Ok(fields) => fields,
        Err(response) => return *response,
    };
    let read = || {
        let duration = duration(&fields)?;
        Ok((text(&fields, wire::JWT_USERNAME)?, text(&fields, wire::JWT_PASSWORD)?, duration))
    };
    let (username, password, duration) = match read() {
        Ok((username, password, duration)) => (username, Secret::new(password), duration),
        Err(details) => return invalid(details),
    };
    let answered = sign_in(&door, &parts, username, &password, duration).await;
    answered.unwrap_or_else(|refusal| door.refuse(&refusal, &parts, None))
}

async fn sign_in(
    door: &Door,
    parts: &Parts,
    username: &str,
    password: &Secret,
    duration: i64,
) -> Result<Response, Refusal> {
    let arrival = door.arrival(parts)?;
    let (signer, other) = (Signer::new(door), Signer::new(door));
    let access = move |draft: &Draft<'_>| signer.access(draft, duration);
    let refresh = move |draft: &Draft<'_>| other.refresh(draft);
    let length = SignedDuration::from_secs(duration);
    let login = JwtLogin { username, password, length, access: &access, refresh: &refresh };
    let (access, refresh) = door.authority.sign_in_for_tokens(&arrival.context, login).await?;
    let made = Draft {
        subject: &access.subject,
        created_at: access.session.created_at,
        expires_at: access.session.expires_at,
        csrf_token: &access.csrf_token,
    };
    Ok(answer::plain(&wire::Tokens {
        token: access.secret.expose(),
        refresh: refresh.secret.expose(),
        about: Some(about(&made, door.authority.world.platform.service_id(), duration)),
    }))
}

/// A new access token. The refresh token stays as it is.
pub async fn refresh(Extracted(door): Extracted<Door>, parts: Parts, body: Body) -> Response {
    let fields = match fields(&parts, body).await {
        Ok(fields) => fields,
        Err(response) => return *response,
    };
    let read = || Ok((text(&fields, wire::JWT_REFRESH_TOKEN)?, duration(&fields)?));
    let (token, duration) = match read() {
        Ok((token, duration)) => (Secret::new(token), duration),
        Err(details) => return invalid(details),
    };
    renew(&door, &parts, &token, duration).await.unwrap_or_else(|refusal| {
        let mut response = door.refuse(&refusal, &parts, None);
        // It was no cookie that died.
        response.headers_mut().remove(SET_COOKIE);
        response
    })
}

async fn renew(door: &Door, parts: &Parts, token: &Secret, duration: i64) -> Result<Response, Refusal> {
    let arrival = door.arrival(parts)?;
    let signer = Signer::new(door);
    let spelling = move |draft: &Draft<'_>| signer.access(draft, duration);
    let length = SignedDuration::from_secs(duration);
    let renewed = door.authority.refresh_manager_token(&arrival.context, token, length, &spelling).await?;
    Ok(answer::plain(&wire::Tokens { token: renewed.secret.expose(), refresh: token.expose(), about: None }))
}

/// The fields of a body.
async fn fields(parts: &Parts, body: Body) -> Result<Map<String, Value>, Box<Response>> {
    match body::json(parts, body).await? {
        Value::Object(fields) => Ok(fields),
        _ => Err(Box::new(invalid("The body must be a JSON object"))),
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, &'static str> {
    fields.get(name).and_then(Value::as_str).ok_or("A field is missing, or is no text")
}

/// How long an access token is to live, in seconds.
fn duration(fields: &Map<String, Value>) -> Result<i64, &'static str> {
    match fields.get(wire::JWT_DURATION) {
        None | Some(Value::Null) => Ok(LIFE_USUAL),
        Some(value) => value
            .as_i64()
            .filter(|it| (1..=LIFE_MAX).contains(it))
            .ok_or("duration must be a number of seconds from 1 to 604800"),
    }
}

fn invalid(details: &str) -> Response {
    denial::error(StatusCode::BAD_REQUEST, "Invalid request", details, Code::Invalid.as_str())
}

/// The groups in one text. A team whose name reads as several is not in it; nor are those for which there is no more
/// room, or the token would be longer than a header may be.
fn groups(subject: &Subject) -> String {
    let mut names = groups_of(subject);
    names.retain(|name| !name.contains([',', '[', ']']));
    let mut room = GROUPS_MAX;
    names.retain(|name| {
        let left = room.checked_sub(name.len() + 2);
        room = left.unwrap_or(room);
        left.is_some()
    });
    if names.is_empty() {
        names.push(BASIC.to_owned());
    }
    format!("[{}]", names.join(", "))
}

/// What an access token says of itself; the answer to a login says the same.
fn about<'a>(draft: &Draft<'a>, issuer: &'a str, duration: i64) -> wire::TokenAbout<'a> {
    wire::TokenAbout {
        subject: &draft.subject.user.username,
        issuer,
        audience: wire::AUDIENCE,
        groups: groups(draft.subject),
        tenant_name: wire::TENANT_DEFAULT,
        duration,
        expires_at: draft.expires_at.as_second(),
        csrf_token: draft.csrf_token,
        is_key: false,
        tenant: wire::TENANT_DEFAULT,
    }
}

/// Spells tokens.
struct Signer {
    platform: Arc<dyn Platform>,
    random: Arc<dyn Random>,
}

impl Signer {
    fn new(door: &Door) -> Self {
        let world = &door.authority.world;
        Self { platform: Arc::clone(&world.platform), random: Arc::clone(&world.random) }
    }

    fn access(&self, draft: &Draft<'_>, duration: i64) -> Result<Secret, Refusal> {
        let about = about(draft, self.platform.service_id(), duration);
        self.sign(&wire::AccessClaims { about, nonce: self.nonce().expose() })
    }

    fn refresh(&self, draft: &Draft<'_>) -> Result<Secret, Refusal> {
        self.sign(&wire::RefreshClaims {
            subject: &draft.subject.user.username,
            csrf_token: draft.csrf_token,
            expires_at: draft.expires_at.as_second(),
            tenant: wire::TENANT_DEFAULT,
            nonce: self.nonce().expose(),
        })
    }

    /// Two tokens of one user in one second would be the same text without it.
    fn nonce(&self) -> Secret {
        generate(&*self.random, LOWERCASE, NONCE_LENGTH)
    }

    fn sign(&self, claims: &impl Serialize) -> Result<Secret, Refusal> {
        let claims = serde_json::to_string(claims)
            .map_err(|cause| Fault::caused(Origin::Internal, "claims cannot be written", cause))?;
        Ok(Secret::new(self.platform.sign_jwt(wire::JWT_KIND, &claims)?))
    }
}
