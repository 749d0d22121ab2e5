//! The server half: sign in, tenants, sign out.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_LENGTH, USER_AGENT};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use identity::action::{Claim, Entry};
use identity::model::portal::Portal;
use identity::model::secret::Secret;
use identity::model::session::SessionKind;
use identity::{Denial, Malformed, Refusal};
use serde_json::{Value, json};

use super::{denial, proof, token, wire};
use crate::dialect::Owned;
use crate::door::{Arrival, Door};
use crate::drf::form::Form;
use crate::drf::strict;

/// Whether a path is the contract's own: all below the sessions, and what the published page's slip names.
pub fn owns(path: &str) -> Owned {
    match place(path) {
        Some(_) => Owned::Public,
        None if path.starts_with(wire::SESSIONS) || path == wire::SESSIONS.trim_end_matches('/') => {
            Owned::Public
        }
        None => Owned::No,
    }
}

/// The endpoints. What a path means depends on the kind of its last part, so there is one handler.
pub fn routes(door: Door) -> Router {
    Router::new().fallback(serve).with_state(door)
}

/// One of the contract's endpoints.
enum Place<'a> {
    /// Where a session of a portal begins.
    SignIn(Portal),
    /// A portal's tenants.
    Tenants,
    /// Where the session of this token ends.
    Session(&'a str),
}

/// The endpoint of a path.
fn place(path: &str) -> Option<Place<'_>> {
    let (rest, is_slip) = match path.strip_prefix(wire::SESSIONS) {
        Some(rest) => (rest, false),
        None => (path.strip_prefix(wire::SESSIONS_SLIP)?, true),
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (word, last) = match rest.split_once('/') {
        Some((word, last)) => (word, Some(last)),
        None => (rest, None),
    };
    let portal = wire::portal(word)?;
    match last {
        None if !is_slip => Some(Place::SignIn(portal)),
        Some(wire::TENANTS) if !is_slip => Some(Place::Tenants),
        Some(last) if !last.is_empty() && !last.contains('/') => Some(Place::Session(last)),
        None | Some(_) => None,
    }
}

async fn serve(State(door): State<Door>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut response =
        answer(&door, &parts, body).await.unwrap_or_else(|refusal| door.refuse(&refusal, &parts, None));
    // Some clients take an answer without a length for an empty one (contract section 0.6).
    if let Some(length) = axum::body::HttpBody::size_hint(response.body()).exact().filter(|it| *it > 0) {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

async fn answer(door: &Door, parts: &Parts, body: Body) -> Result<Response, Refusal> {
    let arrival = door.arrival(parts)?;
    if !arrival.doorway.is_secure {
        // Before anything is looked at: no name and no password counts that came in clear.
        return Err(Denial::MalformedProof(Malformed::Unencrypted).into());
    }
    let Some(place) = place(parts.uri.path()) else {
        return Ok(denial::answer(StatusCode::NOT_FOUND, wire::NOT_FOUND).map(Body::from));
    };
    match (place, &parts.method) {
        (Place::SignIn(portal), &Method::POST) => sign_in(door, parts, &arrival, portal, body).await,
        (Place::Tenants, &Method::GET | &Method::HEAD) => tenants(door, parts, &arrival).await,
        (Place::Session(sent), &Method::DELETE) => sign_out(door, &arrival, sent).await,
        (Place::SignIn(_), _) => Ok(not_allowed("POST")),
        (Place::Tenants, _) => Ok(not_allowed("GET, HEAD")),
        (Place::Session(_), _) => Ok(not_allowed("DELETE")),
    }
}

/// Begins a session (contract section 1).
async fn sign_in(
    door: &Door,
    parts: &Parts,
    arrival: &Arrival,
    portal: Portal,
    body: Body,
) -> Result<Response, Refusal> {
    if !proof::is_json(&parts.headers) {
        return Ok(plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, wire::NOT_JSON));
    }
    let Ok(body) = to_bytes(body, wire::LOGIN_MAX).await else {
        return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE, wire::LOGIN_TOO_LONG));
    };
    let fields = match Fields::read(&body) {
        Ok(fields) => fields,
        Err(why) => return Ok(plain(StatusCode::BAD_REQUEST, &why)),
    };
    let random = std::sync::Arc::clone(&door.authority.world.random);
    let spelling = move |_: &identity::action::Draft<'_>| Ok(token::new(&*random));
    let mut claim = Claim::new(&fields.username, &fields.password, SessionKind::Cloud);
    claim.spelling = Some(&spelling);
    claim.entry = Some(Entry { portal, tenant: fields.tenant.as_deref() });
    match door.authority.sign_in(&arrival.context, claim).await {
        Ok(signed_in) => {
            let agent = parts.headers.get(USER_AGENT).and_then(|it| it.to_str().ok()).unwrap_or_default();
            let is_powershell = agent.contains(wire::POWERSHELL);
            let host = &arrival.doorway.host;
            let body = wire::signed_in(host, portal, signed_in.secret.expose(), is_powershell);
            Ok(denial::json(StatusCode::CREATED, body).map(Body::from))
        }
        Err(refusal) => Ok(refused(door, parts, &refusal)),
    }
}

/// The answer to somebody who was not let in: a wrong password has the status that is set (contract section 0.3).
fn refused(door: &Door, parts: &Parts, refusal: &Refusal) -> Response {
    let mut response = door.refuse(refusal, parts, None);
    if response.status() == StatusCode::UNAUTHORIZED {
        let wanted = door.authority.settings().integer("apprenda.refused_login_status");
        let wanted = u16::try_from(wanted).ok().and_then(|it| StatusCode::from_u16(it).ok());
        *response.status_mut() = wanted.unwrap_or(StatusCode::BAD_REQUEST);
    }
    response
}

/// The tenants of who asks: by name and password, or by the session that is shown. A name alone is told nothing.
async fn tenants(door: &Door, parts: &Parts, arrival: &Arrival) -> Result<Response, Refusal> {
    let Ok(query) = Form::urlencoded(parts.uri.query().unwrap_or_default().as_bytes()) else {
        return Ok(plain(StatusCode::BAD_REQUEST, wire::QUERY_BROKEN));
    };
    let one = |key: &str| {
        let mut found = query.pairs().iter().filter(|(it, _)| it.eq_ignore_ascii_case(key));
        (found.next().map(|(_, value)| value.as_str()), found.next().is_some())
    };
    let ((username, is_repeated), (password, is_password_repeated)) =
        (one(wire::USERNAME_KEY), one(wire::PASSWORD_KEY));
    if is_repeated || is_password_repeated {
        return Ok(plain(StatusCode::BAD_REQUEST, wire::QUERY_REPEATED));
    }
    let names = match (username, password) {
        (Some(username), Some(password)) => {
            let password = Secret::new(password);
            door.authority.tenants_by_password(&arrival.context, username, &password).await?
        }
        (username, _) if !arrival.presented.is_empty() => {
            let principal = door.known(arrival).await?;
            let is_own = username.is_none_or(|it| it == principal.user().username);
            if is_own { door.authority.tenants_of(&principal) } else { Vec::new() }
        }
        (_, _) => Vec::new(),
    };
    let body = json!({ "tenants": names }).to_string();
    Ok(denial::json(StatusCode::OK, body).map(Body::from))
}

/// Ends the session of a token, which is proof enough. Whether there was one is told to nobody.
async fn sign_out(door: &Door, arrival: &Arrival, sent: &str) -> Result<Response, Refusal> {
    let Some(secret) = token::canonical(sent) else {
        return Ok(plain(StatusCode::NOT_FOUND, wire::NO_SESSION));
    };
    door.authority.sign_out(&arrival.context, SessionKind::Cloud, &secret).await?;
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    denial::dress(&mut response);
    Ok(response.map(Body::from))
}

/// What a login says.
struct Fields {
    username: String,
    password: Secret,
    tenant: Option<String>,
}

impl Fields {
    /// Reads a login's body: its keys in any case, each once, others ignored (contract section 0.5).
    fn read(body: &[u8]) -> Result<Self, String> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let Ok(Value::Object(object)) = strict::parse(body) else {
            // What the parser has to say could show a part of the password.
            return Err(wire::NOT_AN_OBJECT.to_owned());
        };
        let mut keys = BTreeSet::new();
        let (mut username, mut password, mut tenant) = (None, None, None::<String>);
        for (key, value) in object {
            let key = key.to_ascii_lowercase();
            match (key.as_str(), value) {
                (wire::USERNAME_KEY, Value::String(text)) => username = Some(text),
                (wire::PASSWORD_KEY, Value::String(text)) => password = Some(Secret::new(text)),
                (it, Value::String(text)) if wire::TENANT_KEYS.contains(&it) => {
                    let text = text.trim();
                    if tenant.as_ref().is_some_and(|it| it != text) && !text.is_empty() {
                        return Err(wire::TWO_TENANTS.to_owned());
                    }
                    tenant = Some(text.to_owned()).filter(|it| !it.is_empty()).or(tenant);
                }
                (it, Value::Null) if wire::TENANT_KEYS.contains(&it) => {}
                (it, _) if wire::TENANT_KEYS.contains(&it) => {
                    return Err(wire::TENANT_NO_TEXT.to_owned());
                }
                _ => {}
            }
            if !keys.insert(key) {
                return Err(wire::FIELD_REPEATED.to_owned());
            }
        }
        match (username, password) {
            (Some(username), Some(password)) => Ok(Self { username, password, tenant }),
            _ => Err(wire::FIELDS_MISSING.to_owned()),
        }
    }
}

fn plain(status: StatusCode, text: &str) -> Response {
    denial::answer(status, text).map(Body::from)
}

fn not_allowed(methods: &'static str) -> Response {
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, wire::NOT_ALLOWED);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    response
}
