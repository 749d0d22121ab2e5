//! The client half (contract sections B, C and D).

use std::time::Duration;

use bytes::Bytes;
use http::{Method as Verb, Response, StatusCode, Uri, request, response};
use identity::model::secret::Secret;
use jiff::Timestamp;
use serde_json::Value;

use super::proof::HABITS;
use super::wire;
use crate::client_half::{
    ClientHalf, Conversation, Holding, Login, Method, Recognised, Standing, Tokens, Upkeep, Verdict, Who,
};
use crate::drf::client::token::SiteTokens;
use crate::drf::client::{Site, ask, enter, environment, guard, judge, page, stay};
use crate::drf::proof;
use crate::drf::wire::PRODUCT_HEADER;

/// The contract's places.
static SITE: Site = Site {
    habits: &HABITS,
    login: wire::LOGIN,
    logout: wire::LOGOUT,
    logs_out_by_post: false,
    me: wire::ME,
    session: None,
    users: wire::USERS,
    tokens: wire::TOKENS,
    oauth: wire::OAUTH,
    basic_off: None,
    elsewhere: Some(wire::ELSEWHERE),
};

static TOKENS: SiteTokens = SiteTokens(&SITE);

/// How sure a ping makes. A platform gateway with a controller behind it is surer of itself.
const PING_CERTAINTY: u8 = 70;
/// How sure the list of versions makes.
const API_CERTAINTY: u8 = 60;

/// See the module.
pub struct Client;

impl ClientHalf for Client {
    fn methods(&self) -> &'static [Method] {
        &Method::ALL
    }

    fn probes(&self) -> &'static [&'static str] {
        &[wire::PING, wire::API]
    }

    fn recognise(&self, path: &str, answer: &Response<Bytes>) -> Option<Recognised> {
        let body = ask::json(answer).filter(|_| answer.status() == StatusCode::OK)?;
        let (list, version) = wire::VERSIONS;
        let (certainty, release) = match path {
            wire::PING if wire::PING_KEYS.iter().any(|key| body.get(key).is_some()) => {
                (PING_CERTAINTY, ask::text(&body, wire::RELEASE))
            }
            wire::API if body.get(list)?.get(version).is_some() => (API_CERTAINTY, None),
            _ => return None,
        };
        let product = ask::header(answer.headers(), PRODUCT_HEADER).map(ask::said);
        let product = product.filter(|it| !it.is_empty()).unwrap_or_else(|| wire::PRODUCT.to_owned());
        Some(Recognised { product, version: release.map(|it| ask::said(&it)), certainty })
    }

    fn sign_in(&self, login: Login) -> Box<dyn Conversation<Holding>> {
        enter::sign_in(&SITE, login)
    }

    fn renew(&self, holding: &Holding, now: Timestamp) -> Option<Box<dyn Conversation<Holding>>> {
        stay::renew(&SITE, holding, now)
    }

    fn sign_out(&self, holding: &Holding) -> Box<dyn Conversation<()>> {
        stay::sign_out(&SITE, holding)
    }

    fn who(&self, holding: &Holding) -> Box<dyn Conversation<Who>> {
        stay::who(&SITE, holding)
    }

    fn standing(&self, holding: &Holding, now: Timestamp) -> Option<Box<dyn Conversation<Standing>>> {
        stay::standing(&SITE, holding, now)
    }

    fn write_proof(&self, holding: &Holding, request: &mut request::Parts) {
        proof::write_request(&HABITS, holding, request);
    }

    fn judge(&self, holding: &Holding, answer: &response::Parts, body: Option<&[u8]>) -> Verdict {
        judge::judge(&SITE, holding, answer, body)
    }

    fn root(&self, _: &Holding) -> &'static str {
        wire::V2
    }

    fn next_page(&self, asked: &Uri, answer: &Value) -> Option<String> {
        page::next(asked, answer)
    }

    fn rows<'a>(&self, answer: &'a Value) -> Option<&'a Vec<Value>> {
        page::rows(answer)
    }

    fn tokens(&self) -> Option<&'static dyn Tokens> {
        Some(&TOKENS)
    }

    /// Every request puts the end of a session off (contract section B4). The shortest life that a server may be
    /// set to is a minute; the usual one is thirty.
    fn upkeep(&self) -> Upkeep {
        Upkeep { path: Some(wire::ME), every: Duration::from_secs(600) }
    }

    fn is_guarded(&self, verb: &Verb, path: &str) -> bool {
        guard::is_guarded(verb, path)
    }

    fn session_headers(&self) -> &'static [&'static str] {
        &[wire::TIMEOUT_HEADER, wire::COOKIE_NAME_HEADER]
    }

    fn environment(&self, holding: &Holding) -> Vec<(&'static str, Secret)> {
        let mut found = environment::environment(holding, &wire::ENVIRONMENT);
        found.extend(environment::environment(holding, &wire::OLD_ENVIRONMENT));
        found
    }
}
