//! Tokens for applications: by a password, by a refresh token, and their end (RFC 6749 sections 4.3 and 6, RFC 7009).

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE};
use http::{Method as Verb, Request, Response, StatusCode};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Site;
use super::ask::{self, Built, address, whole};
use crate::client_half::{Application, Holding, Login, Rejection};
use crate::drf::wire;
use crate::oauth::wire as oauth;
use crate::steps::Step;

/// A question to the authorization server. The application shows itself in the form: that is read everywhere, and
/// exactly as it is written.
pub fn request(base: &str, path: &str, application: &Application, fields: &[(&str, &str)]) -> Built {
    let mut fields = fields.to_vec();
    fields.push((oauth::CLIENT_ID, &application.id));
    if let Some(secret) = &application.secret {
        fields.push((oauth::CLIENT_SECRET, secret.expose()));
    }
    let request = Request::builder()
        .method(Verb::POST)
        .uri(address(base, path))
        .header(CONTENT_TYPE, wire::FORM)
        .header(ACCEPT, wire::JSON)
        .header(ACCEPT_LANGUAGE, wire::ENGLISH)
        .body(ask::form(&fields));
    whole(request)
}

/// The endpoint that gives tokens.
pub fn token_path(site: &Site) -> String {
    format!("{}{}", site.oauth, oauth::TOKEN_PATH)
}

/// Asks for a token with the name and the password.
pub fn password(site: &'static Site, login: Login) -> Step<Holding> {
    let (Some((username, password)), Some(application)) = (login.credential.pair(), &login.application)
    else {
        return Step::refused(Rejection::Invalid(
            "this takes a name, a password and an application".to_owned(),
        ));
    };
    let mut fields = vec![
        (oauth::GRANT_TYPE, oauth::GRANT_PASSWORD),
        (oauth::USERNAME, username),
        (oauth::PASSWORD, password),
    ];
    if let Some(scope) = &login.scope {
        fields.push((oauth::SCOPE, scope));
    }
    let request = request(&login.base, &token_path(site), application, &fields);
    Step::ask(request, move |answer| {
        given(site, Holding::new(&login, none()), login.now, answer, Rejection::Password)
    })
}

/// Asks for a new pair with the refresh token. The old one is over then.
pub fn refresh(site: &'static Site, held: Holding, now: Timestamp) -> Step<Holding> {
    let (Some(renewal), Some(application)) = (&held.renewal, &held.application) else {
        return Step::refused(Rejection::Over);
    };
    let fields = [(oauth::GRANT_TYPE, oauth::GRANT_REFRESH), (oauth::REFRESH_TOKEN, renewal.expose())];
    let request = request(&held.base, &token_path(site), application, &fields);
    Step::ask(request, move |answer| given(site, held, now, answer, Rejection::Over))
}

/// A proof that nothing was won with yet.
pub fn none() -> Proof {
    Proof::Bearer(Secret::new(""))
}

/// What is held after an answer that gives a token; what it means if it gives none.
pub fn given(
    site: &Site,
    held: Holding,
    now: Timestamp,
    answer: &Response<Bytes>,
    not_valid: Rejection,
) -> Step<Holding> {
    let body = ask::json(answer).unwrap_or_default();
    if answer.status().is_success() {
        let Some(value) = ask::token(&body, oauth::ACCESS_TOKEN) else {
            return Step::lost("the authorization server shows no token");
        };
        // A server that gives no new refresh token goes on with the old one (RFC 6749 section 6).
        let renewal = ask::token(&body, oauth::REFRESH_TOKEN).or(held.renewal);
        let life = body.get(oauth::EXPIRES_IN).and_then(Value::as_i64);
        return Step::done(Holding {
            proof: Proof::Bearer(value),
            expires_at: life.map(|it| ask::after(now, SignedDuration::from_secs(it))),
            renewal,
            ..held
        });
    }
    refused(site, &held.base, &body, answer, not_valid)
}

/// What it means that the authorization server gave none.
pub fn refused<T>(
    site: &Site,
    base: &str,
    body: &Value,
    answer: &Response<Bytes>,
    not_valid: Rejection,
) -> Step<T> {
    let words = ask::words(answer);
    Step::refused(match (answer.status().as_u16(), ask::text(body, oauth::ERROR).as_deref()) {
        (_, Some(oauth::INVALID_GRANT)) => not_valid,
        (_, Some(oauth::INVALID_SCOPE | oauth::INVALID_REQUEST)) => Rejection::Invalid(words),
        (_, Some(oauth::ACCESS_DENIED)) => Rejection::TokensNotAllowed(words),
        (_, Some(oauth::INVALID_CLIENT | oauth::UNAUTHORIZED_CLIENT | oauth::UNSUPPORTED_GRANT_TYPE)) => {
            Rejection::Application(words)
        }
        // A refresh token beyond its life, and users who may have no token, are refused in plain text.
        (403, _) if not_valid == Rejection::Over => Rejection::Over,
        (403, _) => Rejection::TokensNotAllowed(words),
        (401, _) => Rejection::Application(words),
        (404, _) => Rejection::NoTokens,
        _ => return ask::common(answer, base, &token_path(site)),
    })
}

/// Revokes the refresh token, with which the access token goes, and then that itself: some servers leave one of
/// them, and some say yes and leave both (AAP contract section C4), so that the access token is tried at the end.
pub fn revoke(site: &'static Site, holding: Holding) -> Step<()> {
    let Some(first) = holding.renewal.clone() else { return revoke_access(site, holding) };
    ask_to_revoke(site, holding, &first, revoke_access)
}

fn revoke_access(site: &'static Site, holding: Holding) -> Step<()> {
    let Proof::Bearer(value) = holding.proof.clone() else { return Step::done(()) };
    ask_to_revoke(site, holding, &value, |site, holding| {
        let request = ask::request(site, &holding, Verb::GET, site.me, None);
        Step::ask(request, |answer| {
            match answer.status() {
            StatusCode::OK => Step::refused(Rejection::Invalid(
                "it says that it revoked the token, and still accepts it; delete it in the platform's own pages"
                    .to_owned(),
            )),
            _ => Step::done(()),
        }
        })
    })
}

fn ask_to_revoke(
    site: &'static Site,
    holding: Holding,
    value: &Secret,
    then: impl FnOnce(&'static Site, Holding) -> Step<()> + Send + 'static,
) -> Step<()> {
    let Some(application) = &holding.application else { return Step::done(()) };
    let path = format!("{}{}", site.oauth, oauth::REVOKE_PATH);
    let request = request(&holding.base, &path, application, &[(oauth::TOKEN, value.expose())]);
    Step::ask(request, move |answer| {
        if answer.status() == StatusCode::OK {
            return then(site, holding);
        }
        let body = ask::json(answer).unwrap_or_default();
        refused(site, &holding.base, &body, answer, Rejection::Over)
    })
}
