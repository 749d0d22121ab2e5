//! The client half (contract sections B and C).

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
use crate::drf::wire::{COOKIE_NAME_HEADER, PRODUCT_HEADER, TIMEOUT_HEADER};

/// The contract's places.
static SITE: Site = Site {
    habits: &HABITS,
    login: wire::LOGIN,
    logout: wire::LOGOUT,
    logs_out_by_post: true,
    me: wire::ME,
    session: Some(wire::SESSION),
    users: wire::USERS,
    tokens: wire::TOKENS,
    oauth: wire::OAUTH,
    basic_off: Some(wire::NO_CREDENTIALS),
    elsewhere: None,
};

static TOKENS: SiteTokens = SiteTokens(&SITE);

/// How sure a ping makes.
const PING_CERTAINTY: u8 = 90;
/// How sure the list of components makes: a controller behind the gateway has none.
const API_CERTAINTY: u8 = 80;
/// How much surer the server's own name makes.
const NAME_CERTAINTY: u8 = 5;

/// The client half under the name aap.
pub static AAP: Client = Client { is_astra: false };
/// The client half under the name astra. What it asks is the same; only the published page has the slip.
pub static ASTRA: Client = Client { is_astra: true };

/// See [`AAP`] and [`ASTRA`].
#[derive(Debug)]
pub struct Client {
    is_astra: bool,
}

impl ClientHalf for Client {
    fn methods(&self) -> &'static [Method] {
        &Method::ALL
    }

    fn probes(&self) -> &'static [&'static str] {
        &[wire::PING, wire::API]
    }

    fn recognise(&self, path: &str, answer: &Response<Bytes>) -> Option<Recognised> {
        let body = ask::json(answer).filter(|_| answer.status() == StatusCode::OK)?;
        let (certainty, version) = match path {
            wire::PING if body.get(wire::PONG).is_some() && body.get(wire::STATUS).is_some() => {
                (PING_CERTAINTY, ask::text(&body, wire::VERSION))
            }
            wire::API if body.get(wire::APIS)?.get(wire::GATEWAY).is_some() => (API_CERTAINTY, None),
            _ => return None,
        };
        let named = ask::header(answer.headers(), PRODUCT_HEADER).map(str::to_owned);
        let named = named.or_else(|| ask::text(&body, wire::API_DESCRIPTION)).unwrap_or_default();
        let is_astra = named.to_ascii_lowercase().contains(wire::ASTRA_WORD);
        let (product, certainty) = match (self.is_astra, is_astra) {
            (true, true) => (wire::ASTRA_PRODUCT, certainty + NAME_CERTAINTY),
            (false, _) => (wire::AAP_PRODUCT, certainty),
            // Nothing else tells the two apart, and it makes no difference to what is asked.
            (true, false) => return None,
        };
        let version = version.map(|it| ask::said(&it));
        Some(Recognised { product: product.to_owned(), version, certainty })
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
        wire::V1
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

    /// A session ends at its time whatever is asked (contract section B4); only [`ClientHalf::renew`] puts that off.
    fn upkeep(&self) -> Upkeep {
        Upkeep { path: None, every: Duration::from_secs(600) }
    }

    fn is_guarded(&self, verb: &Verb, path: &str) -> bool {
        guard::is_guarded(verb, path)
    }

    /// The gateway has none; the controllers behind it do.
    fn session_headers(&self) -> &'static [&'static str] {
        &[TIMEOUT_HEADER, COOKIE_NAME_HEADER]
    }

    fn environment(&self, holding: &Holding) -> Vec<(&'static str, Secret)> {
        let mut found = environment::environment(holding, &wire::ENVIRONMENT);
        found.extend(environment::environment(holding, &wire::CONTROLLER_ENVIRONMENT));
        if !found.is_empty() {
            found.extend(wire::CONTROLLER_PREFIX.map(|name| (name, Secret::new(wire::CONTROLLER_ROOT))));
        }
        found
    }
}
