//! The client half (contract sections B and C).

use bytes::Bytes;
use http::{Response, StatusCode};
use identity::model::secret::Secret;

use super::proof::HABITS;
use super::wire;
use crate::client_half::{Holding, Recognised};
use crate::drf::client::family::Member;
use crate::drf::client::token::SiteTokens;
use crate::drf::client::{Site, ask, environment};
use crate::drf::wire::PRODUCT_HEADER;

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
pub static AAP: Member = member(|path, answer| recognise(path, answer, false));
/// The client half under the name astra. What it asks is the same; only the published page has the slip.
pub static ASTRA: Member = member(|path, answer| recognise(path, answer, true));

const fn member(recognise: fn(&str, &Response<Bytes>) -> Option<Recognised>) -> Member {
    Member {
        site: &SITE,
        tokens: &TOKENS,
        probes: &[wire::PING, wire::API],
        recognise,
        root: wire::V1,
        upkeep: None,
        environment,
    }
}

fn recognise(path: &str, answer: &Response<Bytes>, asks_astra: bool) -> Option<Recognised> {
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
    let (product, certainty) = match (asks_astra, is_astra) {
        (true, true) => (wire::ASTRA_PRODUCT, certainty + NAME_CERTAINTY),
        (false, _) => (wire::AAP_PRODUCT, certainty),
        // Nothing else tells the two apart, and it makes no difference to what is asked.
        (true, false) => return None,
    };
    let version = version.map(|it| ask::said(&it));
    Some(Recognised { product: product.to_owned(), version, certainty })
}

fn environment(holding: &Holding) -> Vec<(&'static str, Secret)> {
    let mut found = environment::environment(holding, &wire::ENVIRONMENT);
    found.extend(environment::environment(holding, &wire::CONTROLLER_ENVIRONMENT));
    if !found.is_empty() {
        found.extend(wire::CONTROLLER_PREFIX.map(|name| (name, Secret::new(wire::CONTROLLER_ROOT))));
    }
    found
}
