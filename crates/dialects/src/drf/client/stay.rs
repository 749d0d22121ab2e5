//! What is asked with what is held: who that is, how it stands, that it lasts longer, that it ends.

use bytes::Bytes;
use http::{HeaderMap, Method as Verb, Response, StatusCode};
use identity::model::proof::Proof;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Site, ask, form_login, grant, page, token};
use crate::client_half::{Conversation, Holding, Rejection, Standing, Who};
use crate::drf::proof::session_cookie;
use crate::drf::wire;
use crate::steps::{Step, Steps};

/// What an answer means that is not the one hoped for, where something was held that should have been good.
pub fn refused<T>(base: &str, path: &str, answer: &Response<Bytes>) -> Step<T> {
    match answer.status() {
        StatusCode::UNAUTHORIZED => Step::refused(Rejection::Over),
        StatusCode::FORBIDDEN => Step::refused(match form_login::forgery(answer) {
            Some(check) => Rejection::Forgery(check),
            None => Rejection::NotPermitted(ask::words(answer)),
        }),
        _ => ask::common(answer, base, path),
    }
}

/// Begins to ask who that is.
pub fn who(site: &'static Site, holding: &Holding) -> Box<dyn Conversation<Who>> {
    let request = ask::request(site, holding, Verb::GET, site.me, None);
    let base = holding.base.clone();
    Steps::from(Step::ask(request, move |answer| match answer.status() {
        StatusCode::OK => match ask::json(answer).as_ref().and_then(read_who) {
            Some(who) => Step::done(who),
            None => Step::lost(format!("{} names no user", site.me)),
        },
        _ => refused(&base, site.me, answer),
    }))
}

/// The user of an answer: the only row of a list, or the object itself.
pub fn read_who(body: &Value) -> Option<Who> {
    let user = match page::rows(body) {
        Some(rows) => rows.first()?,
        None => body,
    };
    let is = |key: &str| user.get(key).and_then(Value::as_bool);
    let roles = wire::AUDITORS.iter().filter(|(key, _)| is(key) == Some(true));
    Some(Who {
        username: ask::text(user, wire::USERNAME)?,
        id: ask::text(user, wire::ID),
        email: ask::text(user, wire::EMAIL).filter(|it| !it.is_empty()),
        is_superuser: is(wire::IS_SUPERUSER),
        roles: roles.map(|(_, name)| (*name).to_owned()).collect(),
        tenant: None,
    })
}

/// Begins to ask how a session stands. Of other proofs a server says nothing.
pub fn standing(
    site: &'static Site,
    holding: &Holding,
    now: Timestamp,
) -> Option<Box<dyn Conversation<Standing>>> {
    if !is_session(holding) {
        return None;
    }
    let (path, held) = (site.session.unwrap_or(site.me), holding.clone());
    let request = ask::request(site, holding, Verb::GET, path, None);
    Some(Steps::from(Step::ask(request, move |answer| match answer.status() {
        StatusCode::OK => {
            let expires_at = end(site, session_cookie(site.habits, &held), answer, now);
            Step::done(Standing { expires_at, ..Standing::default() })
        }
        StatusCode::NOT_FOUND if site.session.is_some() => Step::done(Standing::default()),
        _ => refused(&held.base, path, answer),
    })))
}

/// When a session ends, as an answer has it: in words, in a cookie, in a header.
fn end(site: &Site, cookie: &str, answer: &Response<Bytes>, now: Timestamp) -> Option<Timestamp> {
    let said = ask::json(answer).filter(|_| site.session.is_some());
    let said = said.and_then(|it| {
        let seconds = it.get(wire::EXPIRES_IN_SECONDS).and_then(Value::as_i64);
        seconds
            .map(|it| ask::after(now, SignedDuration::from_secs(it)))
            .or_else(|| it.get(wire::EXPIRES_ON)?.as_str()?.parse().ok())
    });
    said.or_else(|| cookie_end(cookie, answer.headers(), now))
}

fn cookie_end(cookie: &str, headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    ask::cookie_end(headers, cookie, now).or_else(|| {
        let seconds = ask::header(headers, wire::TIMEOUT_HEADER)?.parse().ok()?;
        Some(ask::after(now, SignedDuration::from_secs(seconds)))
    })
}

fn is_session(holding: &Holding) -> bool {
    matches!(holding.proof, Proof::Session { .. })
}

/// Begins to lengthen what is held: a refresh token gets a new pair, a session is extended. A session that any
/// request extends is asked who it is.
pub fn renew(
    site: &'static Site,
    holding: &Holding,
    now: Timestamp,
) -> Option<Box<dyn Conversation<Holding>>> {
    if holding.renewal.is_some() && holding.application.is_some() {
        return Some(Steps::from(grant::refresh(site, holding.clone(), now)));
    }
    is_session(holding).then(|| Steps::from(extend(site, holding.clone(), now)))
}

fn extend(site: &'static Site, holding: Holding, now: Timestamp) -> Step<Holding> {
    let (verb, path) = site.session.map_or((Verb::GET, site.me), |path| (Verb::POST, path));
    let request = ask::request(site, &holding, verb, path, None);
    Step::ask(request, move |answer| match answer.status() {
        StatusCode::OK => match renewed(site, &holding, answer, now) {
            Some(renewed) => Step::done(renewed),
            None => look(site, holding, path, now),
        },
        StatusCode::NOT_FOUND => Step::refused(Rejection::Over),
        _ => refused(&holding.base, path, answer),
    })
}

/// What is held after an answer that sent the session's cookie again.
fn renewed(site: &Site, held: &Holding, answer: &Response<Bytes>, now: Timestamp) -> Option<Holding> {
    let cookie = session_cookie(site.habits, held);
    let expires_at = Some(cookie_end(cookie, answer.headers(), now)?);
    let Proof::Session { secret, csrf } = &held.proof else { return None };
    let sent = |name| ask::cookie(answer.headers(), name).map(identity::model::secret::Secret::new);
    let secret = sent(cookie).unwrap_or_else(|| secret.clone());
    let csrf = sent(wire::CSRF_COOKIE).or_else(|| csrf.clone());
    Some(Holding { expires_at, proof: Proof::Session { secret, csrf }, ..held.clone() })
}

/// Asks for the end that the answer did not tell.
fn look(site: &'static Site, holding: Holding, path: &'static str, now: Timestamp) -> Step<Holding> {
    let request = ask::request(site, &holding, Verb::GET, path, None);
    Step::ask(request, move |answer| {
        match (answer.status(), end(site, session_cookie(site.habits, &holding), answer, now)) {
            (StatusCode::OK, Some(end)) => Step::done(Holding { expires_at: Some(end), ..holding }),
            (StatusCode::OK, None) => Step::lost(format!("{path} tells no end of the session")),
            _ => refused(&holding.base, path, answer),
        }
    })
}

/// Begins to end what is held: the session, or the token if it was made for this. What somebody made elsewhere
/// stays. A token that may only read cannot revoke itself: the server says so.
pub fn sign_out(site: &'static Site, holding: &Holding) -> Box<dyn Conversation<()>> {
    Steps::from(match (&holding.proof, &holding.token_id, &holding.application) {
        // The CSRF token may not be the right one any more, or the server may know the other method alone.
        (Proof::Session { .. }, _, _) if site.logs_out_by_post => {
            log_out(site, holding, Verb::POST, |status| matches!(status, 403..=405))
        }
        (Proof::Session { .. }, _, _) => log_out(site, holding, Verb::GET, |status| status == 405),
        (Proof::Bearer(_), _, Some(_)) => grant::revoke(site, holding.clone()),
        (Proof::Bearer(_), Some(id), None) if token::is_number(id) => end_token(site, holding, id),
        (Proof::Bearer(_) | Proof::Password { .. }, _, _) => Step::done(()),
    })
}

/// Asks for the end of a session, and with the other method where that one does not serve.
fn log_out(site: &'static Site, holding: &Holding, verb: Verb, fails: fn(u16) -> bool) -> Step<()> {
    let other = if verb == Verb::POST { Verb::GET } else { Verb::POST };
    let request = ask::request(site, holding, verb, site.logout, None);
    let holding = holding.clone();
    Step::ask(request, move |answer| {
        if !fails(answer.status().as_u16()) {
            return logged_out(site, &holding, answer);
        }
        let request = ask::request(site, &holding, other, site.logout, None);
        Step::ask(request, move |answer| logged_out(site, &holding, answer))
    })
}

fn logged_out(site: &Site, holding: &Holding, answer: &Response<Bytes>) -> Step<()> {
    match answer.status().as_u16() {
        // A redirect to https did nothing yet.
        300..=399 if ask::lead(answer).is_some_and(|it| ask::is_upgrade(&holding.base, &it)) => {
            Step::refused(Rejection::Unencrypted)
        }
        // A session that is dead already is what was wanted.
        200..=399 | 401 => Step::done(()),
        _ => refused(&holding.base, site.logout, answer),
    }
}

fn end_token(site: &'static Site, holding: &Holding, id: &str) -> Step<()> {
    let request = ask::request(site, holding, Verb::DELETE, &format!("{}{id}/", site.tokens), None);
    let base = holding.base.clone();
    Step::ask(request, move |answer| match answer.status().as_u16() {
        // A token that is not taken any more, or not there, is what was wanted.
        200..=299 | 401 | 404 => Step::done(()),
        _ => refused(&base, site.tokens, answer),
    })
}
