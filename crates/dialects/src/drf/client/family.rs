//! The client half itself: all that its members say alike, told by a table in what they differ.

use std::time::Duration;

use bytes::Bytes;
use http::{Method as Verb, Response, Uri, request, response};
use identity::model::secret::Secret;
use jiff::Timestamp;
use serde_json::Value;

use super::token::SiteTokens;
use super::{Site, enter, guard, judge, page, stay};
use crate::client_half::{
    ClientHalf, Conversation, Holding, Login, Method, Recognised, Standing, Tokens, Upkeep, Verdict, Who,
};
use crate::drf::proof;
use crate::drf::wire::{COOKIE_NAME_HEADER, TIMEOUT_HEADER};

/// How long a session may be left without a request. The shortest life that a controller may be set to is a minute;
/// the usual one is thirty.
const UPKEEP: Duration = Duration::from_secs(600);

/// A member of the family, as a client speaks to it.
pub struct Member {
    /// Its places and habits.
    pub site: &'static Site,
    /// Its tokens.
    pub tokens: &'static SiteTokens,
    /// The public paths that tell it from others.
    pub probes: &'static [&'static str],
    /// What the answer to one of them says.
    pub recognise: fn(&str, &Response<Bytes>) -> Option<Recognised>,
    /// Where the paths of its own API begin.
    pub root: &'static str,
    /// A light request that puts the end of a session off; none where a session ends at its time whatever is asked,
    /// and only [`ClientHalf::renew`] puts that off.
    pub upkeep: Option<&'static str>,
    /// What other tools want to find in their environment.
    pub environment: fn(&Holding) -> Vec<(&'static str, Secret)>,
}

impl ClientHalf for Member {
    fn methods(&self) -> &'static [Method] {
        &Method::ALL
    }

    fn probes(&self) -> &'static [&'static str] {
        self.probes
    }

    fn recognise(&self, path: &str, answer: &Response<Bytes>) -> Option<Recognised> {
        (self.recognise)(path, answer)
    }

    fn sign_in(&self, login: Login) -> Box<dyn Conversation<Holding>> {
        enter::sign_in(self.site, login)
    }

    fn renew(&self, holding: &Holding, now: Timestamp) -> Option<Box<dyn Conversation<Holding>>> {
        stay::renew(self.site, holding, now)
    }

    fn sign_out(&self, holding: &Holding) -> Box<dyn Conversation<()>> {
        stay::sign_out(self.site, holding)
    }

    fn who(&self, holding: &Holding) -> Box<dyn Conversation<Who>> {
        stay::who(self.site, holding)
    }

    fn standing(&self, holding: &Holding, now: Timestamp) -> Option<Box<dyn Conversation<Standing>>> {
        stay::standing(self.site, holding, now)
    }

    fn write_proof(&self, holding: &Holding, request: &mut request::Parts) {
        proof::write_request(self.site.habits, holding, request);
    }

    fn judge(&self, holding: &Holding, answer: &response::Parts, body: Option<&[u8]>) -> Verdict {
        judge::judge(self.site, holding, answer, body)
    }

    fn root(&self, _: &Holding) -> &'static str {
        self.root
    }

    fn next_page(&self, asked: &Uri, answer: &Value) -> Option<String> {
        page::next(asked, answer)
    }

    fn rows<'a>(&self, answer: &'a Value) -> Option<&'a Vec<Value>> {
        page::rows(answer)
    }

    fn tokens(&self) -> Option<&'static dyn Tokens> {
        Some(self.tokens)
    }

    fn upkeep(&self) -> Upkeep {
        Upkeep { path: self.upkeep, every: UPKEEP }
    }

    fn is_guarded(&self, verb: &Verb, path: &str) -> bool {
        guard::is_guarded(verb, path)
    }

    /// Controllers have them; the platform gateway passes on those of the controllers behind it.
    fn session_headers(&self) -> &'static [&'static str] {
        &[TIMEOUT_HEADER, COOKIE_NAME_HEADER]
    }

    fn environment(&self, holding: &Holding) -> Vec<(&'static str, Secret)> {
        (self.environment)(holding)
    }
}
