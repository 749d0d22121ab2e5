//! The client half (contract section 8): what a client says to a platform, and how it reads the answers.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ALLOW};
use http::{Method, Response, StatusCode, Uri, request, response};
use identity::model::portal::Portal;
use identity::model::secret::Secret;
use serde_json::Value;

use super::wire::told::environment as name;
use super::wire::{self, told};
use crate::bare_path::bare_path;
use crate::client_half::{
    ClientHalf, Conversation, Holding, Login, Method as Way, Recognised, Rejection, Upkeep, Verdict, Who,
};
use crate::steps::{self, Step, Steps};

mod read;
mod sign_in;

/// How often a session is used at least; whether that helps is not known (contract section 4).
const UPKEEP: Duration = Duration::from_secs(600);

/// See the module.
pub struct Client;

impl ClientHalf for Client {
    fn methods(&self) -> &'static [Way] {
        &[Way::Session]
    }

    /// Neither names a user: no login fails by them.
    fn probes(&self) -> &'static [&'static str] {
        &[told::TENANTS_PROBE, told::SESSIONS_PROBE]
    }

    fn recognise(&self, path: &str, answer: &Response<Bytes>) -> Option<Recognised> {
        let is_message = read::is_message(answer.body());
        let certainty = match (path, answer.status()) {
            (told::TENANTS_PROBE, StatusCode::OK) if read::is_tenants(answer.body()) => 80,
            (told::TENANTS_PROBE, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED) if is_message => 50,
            (told::SESSIONS_PROBE, StatusCode::METHOD_NOT_ALLOWED) if is_message || is_posted(answer) => 60,
            (told::SESSIONS_PROBE, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED) if is_message => 40,
            _ => return None,
        };
        Some(Recognised { product: told::PRODUCT.to_owned(), version: None, certainty })
    }

    fn sign_in(&self, login: Login) -> Box<dyn Conversation<Holding>> {
        sign_in::begin(login)
    }

    fn sign_out(&self, holding: &Holding) -> Box<dyn Conversation<()>> {
        sign_in::leave(holding)
    }

    /// The contract has no answer to that: it is the name that we signed in with, if the session lives. That is asked
    /// at a list of the portal, if one is known.
    fn who(&self, holding: &Holding) -> Box<dyn Conversation<Who>> {
        let own = Who { username: holding.username.clone(), ..Who::default() };
        let list = match holding.portal.unwrap_or(Portal::Operations) {
            Portal::Operations => told::CLOUDS,
            Portal::Developer => told::APPLICATIONS,
            Portal::Account => return Steps::from(Step::done(own)),
        };
        let request = steps::request(&Method::GET, &holding.base, list, &[(ACCEPT, "application/json")]);
        Steps::from(Step::ask(steps::shown(&Self, holding, request), move |answer| {
            let (parts, body) = answer.clone().into_parts();
            match (read::judge(&parts, Some(&body)), parts.status) {
                (Verdict::Dead(_), _) => Step::refused(Rejection::Over),
                (_, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) => {
                    Step::refused(steps::too_many(&parts.headers))
                }
                (_, status) if status.is_server_error() || status.is_redirection() => {
                    Step::lost(format!("{list} answers {}", status.as_u16()))
                }
                _ => Step::done(own),
            }
        }))
    }

    fn write_proof(&self, holding: &Holding, request: &mut request::Parts) {
        super::proof::write(&holding.proof, &mut request.headers);
    }

    fn judge(&self, _: &Holding, answer: &response::Parts, body: Option<&[u8]>) -> Verdict {
        read::judge(answer, body)
    }

    fn root(&self, holding: &Holding) -> &'static str {
        match holding.portal.unwrap_or(Portal::Operations) {
            Portal::Operations => told::OPERATIONS_ROOT,
            Portal::Developer => told::DEVELOPER_ROOT,
            Portal::Account => told::ACCOUNT_ROOT,
        }
    }

    /// The path of the next page's address: it is asked where the first one was.
    fn next_page(&self, asked: &Uri, answer: &Value) -> Option<String> {
        let href = answer.get(told::NEXT_PAGE)?.get(told::HREF)?.as_str()?.trim();
        let next: Uri = href.parse().ok()?;
        let next = next.path_and_query()?.as_str();
        let is_new = next.starts_with('/') && asked.path_and_query().is_none_or(|it| it.as_str() != next);
        is_new.then(|| next.to_owned())
    }

    fn rows<'a>(&self, answer: &'a Value) -> Option<&'a Vec<Value>> {
        answer.get(told::ITEMS).unwrap_or(answer).as_array()
    }

    fn upkeep(&self) -> Upkeep {
        Upkeep { path: None, every: UPKEEP }
    }

    fn is_guarded(&self, _: &Method, path: &str) -> bool {
        let path = bare_path(path);
        let is_below = |top: &str| {
            let top = top.trim_end_matches('/');
            path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        is_below(told::AUTHENTICATION) || is_below(wire::SESSIONS_SLIP)
    }

    fn session_headers(&self) -> &'static [&'static str] {
        &[wire::TOKEN_HEADER]
    }

    /// What the exporter wants beside the password, which is not held.
    fn environment(&self, holding: &Holding) -> Vec<(&'static str, Secret)> {
        let host = holding.base.split_once("://").map_or(&*holding.base, |(_, host)| host);
        let mut found = vec![(name::ROOT_URL, Secret::new(host))];
        if !holding.username.is_empty() {
            found.push((name::USER, Secret::new(&*holding.username)));
        }
        found
    }
}

/// Whether an answer names POST as the only method.
fn is_posted(answer: &Response<Bytes>) -> bool {
    answer.headers().get(ALLOW).is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"POST"))
}
