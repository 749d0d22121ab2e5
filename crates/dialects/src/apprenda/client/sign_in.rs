//! Signing in and out (contract sections 1 to 3 and 8).

use bytes::Bytes;
use http::header::ACCEPT;
use http::{Method, Response, StatusCode, Uri};
use identity::model::portal::Portal;
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use super::Client;
use super::read::{self, is_unauthorized};
use crate::apprenda::wire::{self, told};
use crate::client_half::{Conversation, Credential, Holding, Login, Method as Way, Rejection};
use crate::steps::{self, Step, Steps};

const JSON: &str = "application/json";
/// Longest token that a server is believed to issue, in bytes.
const TOKEN_MAX: usize = 4096;
/// What a token keeps as it is in a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// How often a token may have been encoded.
const ENCODINGS_MAX: usize = 2;

/// Begins a login. Whatever the address of the platform says, it goes encrypted (section 1).
pub fn begin(mut login: Login) -> Box<dyn Conversation<Holding>> {
    let Credential::Password { username, password } = &login.credential else {
        return Steps::from(Step::lost("a login at this platform needs a name and a password"));
    };
    if login.method != Way::Session {
        return Steps::from(Step::lost("this platform has only the method session"));
    }
    let mut fields = serde_json::Map::new();
    fields.insert(wire::USERNAME_KEY.to_owned(), Value::from(username.as_str()));
    fields.insert(wire::PASSWORD_KEY.to_owned(), Value::from(password.expose()));
    if let Some(tenant) = &login.tenant {
        fields.insert(told::TENANT_ALIAS.to_owned(), Value::from(tenant.as_str()));
    }
    let body = Secret::new(Value::Object(fields).to_string());
    let portal = *login.portal.get_or_insert(Portal::Operations);
    login.base = encrypted(&login.base);
    let address = format!("{}{}{}", login.base, wire::SESSIONS, wire::portal_word(portal));
    Steps::from(ask(login, address, body, false))
}

/// The base without a slash at its end, over https.
fn encrypted(base: &str) -> String {
    let base = base.trim_end_matches('/');
    match base.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => format!("https://{rest}"),
        _ => base.to_owned(),
    }
}

fn ask(mut login: Login, address: String, body: Secret, is_moved: bool) -> Step<Holding> {
    let request = steps::request(&Method::POST, &address, "", &[(ACCEPT, JSON)]);
    let request = steps::with_body(request, JSON, &body);
    if let Credential::Password { password, .. } = &mut login.credential {
        *password = Secret::new("");
    }
    Step::ask(request, move |answer| hear(login, &address, body, is_moved, answer))
}

fn hear(
    login: Login,
    address: &str,
    body: Secret,
    is_moved: bool,
    answer: &Response<Bytes>,
) -> Step<Holding> {
    match answer.status() {
        StatusCode::CREATED | StatusCode::OK => won(&login, answer),
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => Step::refused(Rejection::Password),
        StatusCode::FORBIDDEN => Step::refused(refused(&login, answer)),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Step::refused(steps::too_many(answer.headers()))
        }
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT if !is_moved => {
            match next_address(answer, address) {
                Some((base, next)) => ask(Login { base, ..login }, next, body, true),
                None => Step::lost("the sign-in is sent to another host, or away from https"),
            }
        }
        status => Step::lost(format!("the sign-in answers {}", status.as_u16())),
    }
}

/// The token, kept as it was issued. It is good where the login went at last.
fn won(login: &Login, answer: &Response<Bytes>) -> Step<Holding> {
    match read_token(answer.body()) {
        Some(secret) => Step::done(Holding::new(login, Proof::Session { secret, csrf: None })),
        None => Step::lost("the sign-in's answer holds no ApprendaSessionToken"),
    }
}

/// The password is right, and the portal not open: to this account, or in this tenant.
fn refused(login: &Login, answer: &Response<Bytes>) -> Rejection {
    let said =
        read::message(answer.body()).map_or_else(|| "it answers 403".to_owned(), |it| steps::said(&it));
    let portal = wire::portal_word(login.portal.unwrap_or(Portal::Operations));
    let is_plain = is_unauthorized(answer.extensions(), Some(answer.body())) == Some(true);
    match &login.tenant {
        _ if !is_plain => Rejection::NotPermitted(said),
        Some(tenant) => Rejection::NotPermitted(format!("{said} (portal {portal}, tenant {tenant})")),
        None => Rejection::NotPermitted(format!("{said} (portal {portal})")),
    }
}

/// Where a redirect leads, if that is encrypted and the same host: its base, and the whole.
fn next_address(answer: &Response<Bytes>, address: &str) -> Option<(String, String)> {
    let next = steps::location(answer)?;
    let (from, to): (Uri, Uri) = (address.parse().ok()?, next.parse().ok()?);
    let is_fit = to.scheme_str() == Some("https")
        && to.host().is_some_and(|it| from.host().is_some_and(|from| it.eq_ignore_ascii_case(from)))
        && to.authority().is_some_and(|it| !it.as_str().contains('@'));
    is_fit.then(|| (format!("https://{}", to.authority().map_or("", |it| it.as_str())), next.to_owned()))
}

/// The token of an answer, under either spelling of its key.
fn read_token(body: &[u8]) -> Option<Secret> {
    let object = steps::object(body)?;
    let (_, value) = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(wire::TOKEN_KEY))?;
    let token = value.as_str().filter(|it| !it.is_empty() && it.len() <= TOKEN_MAX)?;
    token.bytes().all(|it| it.is_ascii_graphic()).then(|| Secret::new(token))
}

/// Begins to end a session: its token stands in the path, encoded once from its canonical form (section 3). One that
/// is over already is no error.
pub fn leave(holding: &Holding) -> Box<dyn Conversation<()>> {
    let Proof::Session { secret, .. } = &holding.proof else { return Steps::from(Step::done(())) };
    let portal = wire::portal_word(holding.portal.unwrap_or(Portal::Operations));
    let path = Secret::new(format!("{}{portal}/{}", wire::SESSIONS, in_path(secret).expose()));
    let request = steps::request(&Method::DELETE, &holding.base, path.expose(), &[(ACCEPT, JSON)]);
    Steps::from(Step::ask(steps::shown(&Client, holding, request), |answer| match answer.status() {
        StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED => Step::done(()),
        status if status.is_success() => Step::done(()),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Step::refused(steps::too_many(answer.headers()))
        }
        status => Step::lost(format!("the end of the session answers {}", status.as_u16())),
    }))
}

/// A token for a path, whatever spelling it was issued in.
fn in_path(token: &Secret) -> Secret {
    let mut text = token.clone();
    for _ in 0..ENCODINGS_MAX {
        if !text.expose().contains('%') {
            break;
        }
        text = Secret::new(percent_decode_str(text.expose()).decode_utf8_lossy().into_owned());
    }
    Secret::new(utf8_percent_encode(text.expose(), SEGMENT).to_string())
}
