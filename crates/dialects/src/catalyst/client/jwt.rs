//! The JWT login and its renewal (contract section A.10).

use bytes::Bytes;
use http::header::ACCEPT;
use http::{Method, Response, StatusCode};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::read;
use super::sign_in::{Entrant, JSON, body};
use crate::catalyst::wire::{self, told};
use crate::client_half::{Conversation, Credential, Holding, Login, Rejection};
use crate::steps::{self, Step, Steps};

/// How long an access token lives that does not say it.
const LIFE: SignedDuration = SignedDuration::from_mins(30);

/// Asks for two tokens.
pub fn login(login: &Login, username: &str, password: &Secret) -> Step<Holding> {
    let fields = json!({ wire::JWT_USERNAME: username, wire::JWT_PASSWORD: password.expose() });
    let request = steps::request(&Method::POST, &login.base, wire::JWT_LOGIN, &[(ACCEPT, JSON)]);
    let mut login = login.clone();
    login.credential = Credential::Password { username: username.to_owned(), password: Secret::new("") };
    Step::ask(steps::with_body(request, JSON, &body(&fields)), move |answer| answered(&login, answer))
}

/// Releases before 20.18 know no such address; theirs is the login page, or nothing.
fn answered(login: &Login, answer: &Response<Bytes>) -> Step<Holding> {
    match answer.status() {
        _ if read::wants_password_change(answer) => Step::refused(Rejection::PasswordChange),
        StatusCode::OK if read::is_page(answer.body()) => Step::refused(Rejection::NoTokens),
        StatusCode::OK => match won(login, answer) {
            Some(holding) => Entrant::new(login, holding).ask_server(),
            None => Step::lost("the JWT login answers without a token"),
        },
        StatusCode::UNAUTHORIZED => Step::refused(Rejection::Password),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Step::refused(Rejection::NoTokens),
        StatusCode::FORBIDDEN if read::contains(answer.body(), told::FILTER) => {
            Step::refused(Rejection::NoTokens)
        }
        StatusCode::FORBIDDEN => Step::refused(Rejection::NotPermitted(read::message(answer))),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Step::refused(steps::too_many(answer.headers()))
        }
        status if status.is_redirection() => Step::refused(Rejection::NoTokens),
        status => Step::lost(format!("the JWT login answers {}", status.as_u16())),
    }
}

fn won(login: &Login, answer: &Response<Bytes>) -> Option<Holding> {
    let told = steps::object(answer.body())?;
    let token = read::secret(&told, told::TOKEN)?;
    let mut holding = Holding::new(login, Proof::Bearer(token));
    holding.csrf = read::secret(&told, told::JWT_CSRF).filter(|it| read::is_token(it.expose()));
    holding.renewal = read::secret(&told, wire::JWT_REFRESH_TOKEN);
    holding.expires_at = read::end(&told, login.now).or_else(|| login.now.checked_add(LIFE).ok());
    if let Some(subject) = told.get(told::SUBJECT).and_then(serde_json::Value::as_str) {
        subject.clone_into(&mut holding.username);
    }
    Some(holding)
}

/// Begins to ask for a new access token; none without a refresh token.
pub fn renew(holding: &Holding, now: Timestamp) -> Option<Box<dyn Conversation<Holding>>> {
    let refresh = holding.renewal.clone()?;
    let fields = json!({ wire::JWT_REFRESH_TOKEN: refresh.expose() });
    let request = steps::request(&Method::POST, &holding.base, wire::JWT_REFRESH, &[(ACCEPT, JSON)]);
    let mut holding = holding.clone();
    Some(Steps::from(Step::ask(steps::with_body(request, JSON, &body(&fields)), move |answer| {
        let told = steps::object(answer.body()).filter(|_| answer.status() == StatusCode::OK);
        let token = told.as_ref().and_then(|it| read::secret(it, told::TOKEN));
        match (answer.status(), told, token) {
            (_, Some(told), Some(token)) => {
                let claims = read::claims(&token);
                let csrf = read::secret(&claims, told::JWT_CSRF).filter(|it| read::is_token(it.expose()));
                holding.csrf = csrf.or(holding.csrf);
                holding.renewal = read::secret(&told, wire::JWT_REFRESH_TOKEN).or(holding.renewal);
                let end = read::end(&told, now).or_else(|| read::end(&claims, now));
                holding.expires_at = end.or_else(|| now.checked_add(LIFE).ok());
                holding.proof = Proof::Bearer(token);
                Step::done(holding)
            }
            (StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE, ..) => {
                Step::refused(steps::too_many(answer.headers()))
            }
            (StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, ..) => {
                Step::refused(Rejection::Over)
            }
            (status, ..) => Step::lost(format!("the renewal of the token answers {}", status.as_u16())),
        }
    })))
}
