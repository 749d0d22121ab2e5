//! Signing in by each of the ways that this family has.

use bytes::Bytes;
use http::{Method as Verb, Response, StatusCode};
use identity::model::proof::Proof;
use serde_json::Value;

use super::{Site, ask, device, form_login, grant, stay, token};
use crate::client_half::{Conversation, Credential, Holding, Login, Method, Rejection};
use crate::drf::wire;
use crate::steps::{Step, Steps};

/// Begins a login.
pub fn sign_in(site: &'static Site, login: Login) -> Box<dyn Conversation<Holding>> {
    Steps::from(match (login.method, &login.credential) {
        (Method::Session, Credential::Password { .. }) => form_login::sign_in(site, login, Step::done),
        (Method::Basic, Credential::Password { .. }) => basic(site, &login),
        (Method::Token, Credential::Password { .. }) if login.application.is_some() => {
            grant::password(site, login)
        }
        (Method::Token, Credential::Password { .. }) => make_token(site, login),
        (Method::Token, Credential::Token(_)) => given_token(site, &login),
        (Method::Device, _) => device::begin(site, login),
        (Method::Session | Method::Basic, _) => unfit("this way to sign in takes a name and a password"),
        (Method::Token, Credential::None) => unfit("this takes a token, or a name and a password"),
    })
}

fn unfit(why: &str) -> Step<Holding> {
    Step::refused(Rejection::Invalid(why.to_owned()))
}

/// What Basic shows; why it cannot (RFC 7617 section 2).
fn basic_holding(login: &Login) -> Result<Holding, Rejection> {
    let Credential::Password { username, password } = &login.credential else {
        return Err(Rejection::Invalid("basic authentication takes a name and a password".to_owned()));
    };
    if username.contains(':') || username.chars().chain(password.expose().chars()).any(char::is_control) {
        return Err(Rejection::Invalid(
            "basic authentication cannot carry a name with a colon, or control characters".to_owned(),
        ));
    }
    let proof = Proof::Password { username: username.clone(), password: password.clone() };
    Ok(Holding::new(login, proof))
}

/// What a 401 means to a name and a password.
fn refused(site: &Site, answer: &Response<Bytes>) -> Rejection {
    match site.basic_off {
        Some(sentence) if ask::words(answer) == sentence => Rejection::BasicOff,
        _ => Rejection::Password,
    }
}

/// Shows the name and the password once.
fn basic(site: &'static Site, login: &Login) -> Step<Holding> {
    match basic_holding(login) {
        Ok(holding) => verify(site, holding, move |answer| refused(site, answer)),
        Err(rejection) => Step::refused(rejection),
    }
}

/// Shows a token once that was made elsewhere.
fn given_token(site: &'static Site, login: &Login) -> Step<Holding> {
    let Credential::Token(value) = &login.credential else {
        return unfit("this takes a token");
    };
    // It was made elsewhere, and so is not ours to renew or to revoke.
    let holding = Holding { application: None, ..Holding::new(login, Proof::Bearer(value.clone())) };
    verify(site, holding, |_| Rejection::Token)
}

/// Asks with what is held who that is: it is held if the server says so.
pub fn verify(
    site: &'static Site,
    holding: Holding,
    refused: impl FnOnce(&Response<Bytes>) -> Rejection + Send + 'static,
) -> Step<Holding> {
    let request = ask::request(site, &holding, Verb::GET, site.me, None);
    Step::ask(request, move |answer| match answer.status() {
        StatusCode::OK => match ask::json(answer).as_ref().and_then(stay::read_who) {
            Some(who) => {
                let version = version(answer);
                Step::done(Holding { username: who.username, version, ..holding })
            }
            None => Step::lost(format!("{} names no user", site.me)),
        },
        StatusCode::UNAUTHORIZED => Step::refused(refused(answer)),
        StatusCode::FORBIDDEN => Step::refused(Rejection::NotPermitted(ask::words(answer))),
        _ => ask::common(answer, &holding.base, site.me),
    })
}

/// The release of the server, if it says so.
fn version(answer: &Response<Bytes>) -> Option<String> {
    ask::header(answer.headers(), wire::VERSION_HEADER).map(ask::said)
}

/// Makes a token with the name and the password. Where these are not taken with a request, a session makes it.
fn make_token(site: &'static Site, login: Login) -> Step<Holding> {
    let Ok(holding) = basic_holding(&login) else { return make_token_by_session(site, login) };
    let request = ask::request(site, &holding, Verb::POST, site.tokens, Some(&wanted(&login)));
    Step::ask(request, move |answer| match answer.status() {
        StatusCode::UNAUTHORIZED => match refused(site, answer) {
            // Nobody has looked at the password yet: this is no second try.
            Rejection::BasicOff => make_token_by_session(site, login),
            rejection => Step::refused(rejection),
        },
        _ => made(site, &login, answer),
    })
}

/// The same with a session, which ends when the token is made, or is not.
fn make_token_by_session(site: &'static Site, login: Login) -> Step<Holding> {
    let session = Login { method: Method::Session, ..login.clone() };
    form_login::sign_in(site, session, move |session| {
        let request = ask::request(site, &session, Verb::POST, site.tokens, Some(&wanted(&login)));
        Step::ask(request, move |answer| {
            let end = made(site, &login, answer);
            let logout = ask::request(site, &session, Verb::GET, site.logout, None);
            // How that went changes nothing of what was won: a session that stays ends by itself.
            Step::ask(logout, move |_| end)
        })
    })
}

/// The body that asks for a token.
fn wanted(login: &Login) -> Value {
    token::body(login.scope.as_deref(), login.description.as_deref())
}

/// What an answer to that says.
fn made(site: &Site, login: &Login, answer: &Response<Bytes>) -> Step<Holding> {
    token::made(site, &login.base, answer, |made| {
        Step::done(Holding {
            expires_at: made.listed.expires.parse().ok(),
            version: version(answer),
            token_id: Some(made.listed.id),
            application: None,
            ..Holding::new(login, Proof::Bearer(made.value))
        })
    })
}
