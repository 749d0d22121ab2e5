//! The client half (contract section G): what a client says to a Manager, and how it reads the answers.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Method, Response, StatusCode, Uri, request, response};
use identity::model::pace::{Load, Rate};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::proof;
use super::wire::told::environment as name;
use super::wire::{self, told};
use crate::client_half::{
    ClientHalf, Conversation, Holding, Login, Method as Way, Rates, Recognised, Standing, Upkeep, Verdict,
    Who,
};
use crate::steps;

mod account;
mod guard;
mod judge;
mod jwt;
mod page;
pub mod read;
mod sign_in;
pub mod sign_out;

/// How often a session must be used at least: well within the shortest timeout that there may be (section B).
const UPKEEP: Duration = Duration::from_secs(600);

/// See the module.
pub struct Client;

impl ClientHalf for Client {
    fn methods(&self) -> &'static [Way] {
        &[Way::Session, Way::Token]
    }

    fn probes(&self) -> &'static [&'static str] {
        &[wire::READY, wire::SERVER, wire::WELCOME]
    }

    fn recognise(&self, path: &str, answer: &Response<Bytes>) -> Option<Recognised> {
        let certainty = match path {
            wire::READY if is_ready(answer) => 90,
            // Without a session that is the login page, a redirect to the welcome page, or a cookie that ends.
            wire::SERVER if is_entrance(answer) => 70,
            wire::WELCOME if names_form(answer) => 50,
            _ => return None,
        };
        Some(Recognised { product: told::PRODUCT.to_owned(), version: None, certainty })
    }

    fn sign_in(&self, login: Login) -> Box<dyn Conversation<Holding>> {
        sign_in::begin(&login)
    }

    fn renew(&self, holding: &Holding, now: Timestamp) -> Option<Box<dyn Conversation<Holding>>> {
        jwt::renew(holding, now)
    }

    fn sign_out(&self, holding: &Holding) -> Box<dyn Conversation<()>> {
        sign_out::begin(holding)
    }

    fn who(&self, holding: &Holding) -> Box<dyn Conversation<Who>> {
        account::who(holding)
    }

    fn standing(&self, holding: &Holding, _: Timestamp) -> Option<Box<dyn Conversation<Standing>>> {
        Some(account::standing(holding))
    }

    fn write_proof(&self, holding: &Holding, request: &mut request::Parts) {
        proof::write(&holding.proof, &mut request.headers);
        if let Some(csrf) = &holding.csrf {
            proof::set(&mut request.headers, HeaderName::from_static(wire::XSRF_HEADER), csrf);
        }
        if let Some((_, shown)) = &holding.tenant {
            proof::set(&mut request.headers, HeaderName::from_static(wire::TENANT_HEADER), shown);
        }
    }

    fn judge(&self, holding: &Holding, answer: &response::Parts, body: Option<&[u8]>) -> Verdict {
        judge::judge(holding, answer, body)
    }

    fn root(&self, _: &Holding) -> &'static str {
        told::ROOT
    }

    /// The lists that scroll say in `pageInfo` whether there is more, and after which entry.
    fn next_page(&self, asked: &Uri, answer: &Value) -> Option<String> {
        page::next(asked, answer)
    }

    fn rows<'a>(&self, answer: &'a Value) -> Option<&'a Vec<Value>> {
        answer.get(told::DATA).unwrap_or(answer).as_array()
    }

    fn upkeep(&self) -> Upkeep {
        Upkeep { path: Some(wire::SERVER), every: UPKEEP }
    }

    fn rates(&self) -> Rates {
        Rates {
            ordinary: Rate { requests: 100, period: SignedDuration::from_secs(1) },
            bulk: Rate { requests: 48, period: SignedDuration::from_mins(1) },
        }
    }

    fn load(&self, _: &Method, path: &str) -> Load {
        proof::load(path)
    }

    fn is_guarded(&self, verb: &Method, path: &str) -> bool {
        guard::is_guarded(verb, path)
    }

    fn is_masked(&self, path: &str) -> bool {
        guard::is_masked(path)
    }

    fn mask(&self, body: &[u8], csrf: Option<&str>) -> Option<Bytes> {
        Some(guard::mask(body, csrf))
    }

    fn session_headers(&self) -> &'static [&'static str] {
        &[wire::XSRF_HEADER, wire::TENANT_HEADER]
    }

    fn clean(&self, holding: &Holding) -> Option<Box<dyn Conversation<usize>>> {
        Some(account::clean(holding))
    }

    /// Nothing for a session's cookie: none of those clients takes one.
    fn environment(&self, holding: &Holding) -> Vec<(&'static str, Secret)> {
        let mut found = vec![(name::SDWAN_URL, Secret::new(&*holding.base))];
        if let Ok(address) = holding.base.parse::<Uri>()
            && let Some(host) = address.host()
        {
            found.extend([(name::IP, Secret::new(host)), (name::HOST, Secret::new(host))]);
            found.extend(address.port().map(|it| (name::PORT, Secret::new(it.as_str()))));
        }
        if !holding.username.is_empty() {
            for name in [name::USER, name::USERNAME, name::SDWAN_USERNAME] {
                found.push((name, Secret::new(&*holding.username)));
            }
        }
        if let Proof::Bearer(token) = &holding.proof {
            found.extend([name::KEY, name::SDWAN_TOKEN].map(|it| (it, token.clone())));
        }
        found
    }
}

fn is_ready(answer: &Response<Bytes>) -> bool {
    answer.status() == StatusCode::OK
        && steps::object(answer.body())
            .is_some_and(|it| it.get(told::IS_READY).is_some_and(Value::is_boolean))
}

fn is_entrance(answer: &Response<Bytes>) -> bool {
    let leads_there =
        steps::location(answer).is_some_and(|it| it.to_ascii_lowercase().contains(told::WELCOME));
    let ends_cookie =
        answer.status() == StatusCode::UNAUTHORIZED && read::cookie(answer.headers()) == read::Cookie::Ended;
    leads_there || ends_cookie || names_form(answer)
}

fn names_form(answer: &Response<Bytes>) -> bool {
    answer.status() == StatusCode::OK
        && read::is_page(answer.body())
        && read::contains(answer.body(), told::FORM)
}
