//! Manners: which headers a dialect of this family puts on its answers, in which order, and what it says where
//! nobody is at home.

use http::{HeaderMap, HeaderName, HeaderValue};
use identity::Context;
use jiff::Timestamp;

use super::State;
use super::endpoint::Endpoint;
use super::headers::GIVEN_ID;

/// How a dialect dresses its answers.
#[derive(Debug)]
pub struct Manner {
    /// The headers of an answer of an endpoint, in their order; what else an answer has comes last.
    pub api: &'static [Slot],
    /// The headers of an answer where there is no endpoint.
    pub nowhere: &'static [Slot],
    /// What is added to a page, which writes its own headers first.
    pub page: &'static [Slot],
    /// What is said where there is no endpoint.
    pub not_found: &'static str,
    /// Whether every method is redirected to the path with its last slash, or only those that read.
    pub redirects_all: bool,
    /// Whether an endpoint that is open to everybody takes no notice of a proof that is no good.
    pub overlooks_bad_proofs: bool,
    /// The kinds of bodies that endpoints read, as OPTIONS tells them.
    pub parses: &'static [&'static str],
    /// Whether answers that say no are translated.
    pub translates: bool,
}

/// One header: its name in lower case, and its value unless the answer has one itself.
pub type Slot = (&'static str, Said);

/// What a header says.
#[derive(Clone, Copy, Debug)]
pub enum Said {
    /// What the answer says itself, or nothing.
    Own,
    /// Always this.
    Words(&'static str),
    /// The methods that the endpoint knows.
    Methods,
    /// The gateway's version, to those who are known.
    Version,
    /// The version that the contract has, to those who are known.
    KnownWords(&'static str),
    /// The product.
    Product,
    /// The node.
    Node,
    /// How long the request has taken.
    Elapsed,
    /// The request's id: a UUID.
    RequestId,
    /// The id that the client gave under this very name if it is a UUID, else the request's id; without
    /// hyphens.
    PlainRequestId,
}

/// What keeps browsers from doing with an answer what it is not meant for.
pub const GUARDS: [Slot; 5] = [
    ("x-frame-options", Said::Words("DENY")),
    ("x-content-type-options", Said::Words("nosniff")),
    ("referrer-policy", Said::Words("same-origin")),
    ("cross-origin-opener-policy", Said::Words("same-origin")),
    // An answer to somebody must never be kept for somebody else.
    ("cache-control", Said::Words("no-store")),
];

/// How an answer is completed that is made outside the layer around the own endpoints.
#[derive(Clone, Debug)]
pub struct Completion {
    context: Option<Context>,
    given_id: Option<String>,
}

impl Completion {
    /// Keeps of a request what its answer will say again.
    pub fn of(headers: &HeaderMap, extensions: &http::Extensions) -> Self {
        Self {
            context: extensions.get::<Context>().cloned(),
            given_id: headers.get(GIVEN_ID).and_then(|id| id.to_str().ok()).map(str::to_owned),
        }
    }

    /// Adds to an answer's headers what they lack of what every answer has, endpoint or not.
    pub fn complete(&self, state: &State, headers: &mut HeaderMap) {
        self.occasion(state).complete(state.brand.manner.nowhere, headers);
    }

    /// Adds to an answer's headers what they lack of what an answer of the API to somebody unknown has. The
    /// methods it has itself.
    pub fn complete_api(&self, state: &State, headers: &mut HeaderMap) {
        self.occasion(state).complete(state.brand.manner.api, headers);
    }

    fn occasion<'a>(&'a self, state: &'a State) -> Occasion<'a> {
        Occasion {
            state,
            context: self.context.as_ref(),
            endpoint: None,
            is_known: false,
            given_id: self.given_id.as_deref(),
        }
    }
}

/// What is known of a request when its answer is dressed.
pub(super) struct Occasion<'a> {
    pub state: &'a State,
    pub context: Option<&'a Context>,
    pub endpoint: Option<&'a Endpoint>,
    pub is_known: bool,
    /// The id that the client gave.
    pub given_id: Option<&'a str>,
}

impl Occasion<'_> {
    /// The headers of these slots, each taken from the given ones if they have it; what else is given comes
    /// last.
    pub(super) fn dress(&self, slots: &[Slot], mut given: HeaderMap) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(slots.len() + given.len());
        for (name, said) in slots {
            let name = HeaderName::from_static(name);
            if let Some(value) = given.remove(&name).or_else(|| self.say(*said)) {
                headers.insert(name, value);
            }
        }
        let mut name = None;
        for (next, value) in given {
            name = next.or(name);
            if let Some(name) = &name {
                headers.append(name.clone(), value);
            }
        }
        headers
    }

    /// Adds to a page's headers what they lack of these slots.
    pub(super) fn complete(&self, slots: &[Slot], headers: &mut HeaderMap) {
        for (name, said) in slots {
            if let Some(value) = self.say(*said) {
                headers.entry(HeaderName::from_static(name)).or_insert(value);
            }
        }
    }

    fn say(&self, said: Said) -> Option<HeaderValue> {
        let platform = &self.state.authority.world.platform;
        let text = |text: &str| HeaderValue::from_str(text).ok();
        match said {
            Said::Own => None,
            Said::Words(words) => Some(HeaderValue::from_static(words)),
            Said::Methods => self.endpoint.map(|endpoint| HeaderValue::from_static(endpoint.methods)),
            Said::Version => self.is_known.then(|| text(platform.version())).flatten(),
            Said::KnownWords(words) => self.is_known.then(|| HeaderValue::from_static(words)),
            Said::Product => text(platform.product()),
            Said::Node => text(platform.node()),
            Said::Elapsed => text(&elapsed(self.context, self.state.authority.world.clock.now())),
            Said::RequestId => text(&self.context?.request_id),
            Said::PlainRequestId => match self.given_id.filter(|id| is_uuid(id)) {
                Some(id) => text(id),
                None => text(&self.context?.request_id.replace('-', "")),
            },
        }
    }
}

/// Whether a text is a UUID, with hyphens or without.
fn is_uuid(text: &str) -> bool {
    let is_hyphen = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    match text.len() {
        32 => text.bytes().all(|it| it.is_ascii_hexdigit()),
        36 => text.bytes().enumerate().all(
            |(at, it)| {
                if is_hyphen(at) { it == b'-' } else { it.is_ascii_hexdigit() }
            },
        ),
        _ => false,
    }
}

/// How long a request has taken, in seconds with three decimals.
fn elapsed(context: Option<&Context>, now: Timestamp) -> String {
    let millis = context.map_or(0, |context| now.duration_since(context.now).as_millis()).max(0);
    format!("{}.{:03}s", millis / 1000, millis % 1000)
}
