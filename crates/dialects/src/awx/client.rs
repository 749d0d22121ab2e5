//! The client half (contract sections B, C and D).

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

/// The client half.
pub static CLIENT: Member = Member {
    site: &SITE,
    tokens: &TOKENS,
    probes: &[wire::PING, wire::API],
    recognise,
    root: wire::V2,
    upkeep: Some(wire::ME),
    environment,
};

fn recognise(path: &str, answer: &Response<Bytes>) -> Option<Recognised> {
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

fn environment(holding: &Holding) -> Vec<(&'static str, Secret)> {
    let mut found = environment::environment(holding, &wire::ENVIRONMENT);
    found.extend(environment::environment(holding, &wire::OLD_ENVIRONMENT));
    found
}
