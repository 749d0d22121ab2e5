//! Who we are at a Manager, how our session stands, and the end of its other sessions (contract sections A.6 and A.8).

use bytes::Bytes;
use http::header::ACCEPT;
use http::{Method, Request, Response, StatusCode};
use identity::model::proof::Proof;
use serde_json::{Value, json};

use super::Client;
use super::read::{self, Server};
use super::sign_in::{JSON, body};
use crate::catalyst::wire::admin::{self, field};
use crate::catalyst::wire::{self, told};
use crate::client_half::{
    ClientHalf as _, Conversation, Holding, Next, Rejection, Standing, Style, Verdict, Who,
};
use crate::steps::{self, Step, Steps};

/// Most sessions that are ended at once.
const REMOVED_MAX: usize = 1000;

fn request(holding: &Holding, method: &Method, path: &str) -> Result<Request<Bytes>, &'static str> {
    steps::shown(&Client, holding, steps::request(method, &holding.base, path, &[(ACCEPT, JSON)]))
}

/// Why an answer is the end of a conversation; none if it is an answer.
fn end<T>(holding: &Holding, answer: &Response<Bytes>) -> Option<Next<T>> {
    let (parts, body) = answer.clone().into_parts();
    match Client.judge(holding, &parts, Some(&body)) {
        Verdict::Dead(death) if death.style == Style::PasswordChange => {
            Some(Next::Refused(Rejection::PasswordChange))
        }
        // It was the answer that ended the session, and an answer it is.
        Verdict::Dead(death) if death.style == Style::ExpiringCookie && parts.status.is_success() => None,
        Verdict::Dead(_) | Verdict::Stale => Some(Next::Refused(Rejection::Over)),
        Verdict::Alive | Verdict::Unsure => match parts.status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Some(Next::Refused(steps::too_many(&parts.headers)))
            }
            _ => None,
        },
    }
}

/// Begins to ask whom the server takes us for.
pub fn who(holding: &Holding) -> Box<dyn Conversation<Who>> {
    let held = holding.clone();
    Steps::from(Step::ask(request(holding, &Method::GET, wire::SERVER), move |answer| {
        if let Some(end) = end(&held, answer) {
            return Step::End(end);
        }
        match Server::read(answer) {
            Some(server) => Step::done(Who {
                username: if server.user.is_empty() { held.username } else { server.user },
                is_superuser: Some(server.roles.iter().any(|it| it == admin::NETADMIN)),
                tenant: held.tenant.map(|(name, _)| name).or(server.tenant),
                roles: server.roles,
                ..Who::default()
            }),
            None => Step::lost(format!("the server does not say who we are: {}", answer.status().as_u16())),
        }
    }))
}

/// Begins to ask how many sessions there are. The list leaves out the one that asks; and the one that asks was used
/// last, so that all others would go before it. Whoever may not read the list knows nothing of that.
pub fn standing(holding: &Holding) -> Box<dyn Conversation<Standing>> {
    let held = holding.clone();
    Steps::from(Step::ask(request(holding, &Method::GET, admin::ACTIVE_SESSIONS), move |answer| {
        if let Some(end) = end(&held, answer) {
            return Step::End(end);
        }
        let own = usize::from(matches!(held.proof, Proof::Session { .. }));
        let others = read::rows(answer).map(|it| it.len());
        Step::done(Standing {
            expires_at: held.expires_at,
            sessions: others.map(|it| it + own),
            sessions_max: others.map(|_| told::SESSIONS_MAX),
            before_ours: others.filter(|_| own > 0),
        })
    }))
}

/// Begins to end the other sessions of our account.
pub fn clean(holding: &Holding) -> Box<dyn Conversation<usize>> {
    let held = holding.clone();
    if !held.username.is_empty() {
        return Steps::from(list(held));
    }
    Steps::from(Step::ask(request(holding, &Method::GET, wire::SERVER), move |answer| {
        let mut held = held;
        match (end(&held, answer), Server::read(answer).map(|it| it.user)) {
            (Some(end), _) => Step::End(end),
            (None, Some(user)) if !user.is_empty() => {
                held.username = user;
                list(held)
            }
            (None, _) => Step::lost("the server does not say who we are"),
        }
    }))
}

fn list(held: Holding) -> Step<usize> {
    Step::ask(request(&held, &Method::GET, admin::ACTIVE_SESSIONS), move |answer| {
        if let Some(end) = end(&held, answer) {
            return Step::End(end);
        }
        match (answer.status(), read::rows(answer)) {
            (_, Some(rows)) => remove(held, &rows),
            (StatusCode::FORBIDDEN, None) => Step::refused(Rejection::NotPermitted(read::message(answer))),
            (status, None) => Step::lost(format!("the list of sessions answers {}", status.as_u16())),
        }
    })
}

/// Sends the sessions as clients do: three keys of each, behind `data`.
fn remove(held: Holding, rows: &[Value]) -> Step<usize> {
    let is_ours = |it: &&Value| it.get(told::SESSION_USER).and_then(Value::as_str) == Some(&*held.username);
    let ours: Vec<Value> = rows
        .iter()
        .filter(is_ours)
        .take(REMOVED_MAX)
        .map(|it| json!({ field::UUID: it[field::UUID], told::TENANT_ID: it[told::TENANT_ID], field::RAW_ID: it[field::RAW_ID] }))
        .collect();
    let count = ours.len();
    if count == 0 {
        return Step::done(0);
    }
    let request = request(&held, &Method::DELETE, admin::REMOVE_SESSIONS);
    let request = steps::with_body(request, JSON, &body(&json!({ field::DATA: ours })));
    Step::ask(request, move |answer| {
        if let Some(end) = end(&held, answer) {
            return Step::End(end);
        }
        match answer.status() {
            status if status.is_success() => Step::done(count),
            StatusCode::FORBIDDEN => Step::refused(Rejection::NotPermitted(read::message(answer))),
            status => Step::lost(format!("the end of sessions answers {}", status.as_u16())),
        }
    })
}
