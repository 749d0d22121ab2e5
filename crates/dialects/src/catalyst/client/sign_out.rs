//! Signing out (contract section A.4): by POST from release 20.12, by GET before.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use identity::model::proof::Proof;

use super::Client;
use crate::catalyst::wire;
use crate::client_half::{Conversation, Holding, Next};
use crate::steps::{self, Step, Steps};

/// The first release that signs out by POST.
const POSTED: (u32, u32) = (20, 12);

/// Begins to end a session. Tokens of the JWT login and keys have no end at the server.
pub fn begin(holding: &Holding) -> Box<dyn Conversation<()>> {
    Steps::from(match holding.proof {
        Proof::Session { .. } => leave(holding, Step::End),
        Proof::Bearer(_) | Proof::Password { .. } => Step::done(()),
    })
}

/// Ends a session, and goes on with what came of it.
pub fn leave<T: 'static>(
    holding: &Holding,
    then: impl FnOnce(Next<()>) -> Step<T> + Send + 'static,
) -> Step<T> {
    let is_posted = holding.version.as_deref().and_then(release).is_none_or(|it| it >= POSTED);
    let (first, second) = if is_posted { (Method::POST, Method::GET) } else { (Method::GET, Method::POST) };
    let again = request(holding, &second);
    Step::ask(request(holding, &first), move |answer| {
        if answer.status() == StatusCode::METHOD_NOT_ALLOWED {
            return Step::ask(again, move |answer| then(outcome(answer)));
        }
        then(outcome(answer))
    })
}

fn request(holding: &Holding, method: &Method) -> Result<http::Request<Bytes>, &'static str> {
    steps::shown(&Client, holding, steps::request(method, &holding.base, wire::LOGOUT, &[]))
}

/// A redirect to the welcome page is the usual answer; whoever is told to sign in has been signed out before.
fn outcome(answer: &Response<Bytes>) -> Next<()> {
    match answer.status() {
        StatusCode::UNAUTHORIZED => Next::Done(()),
        status if status.is_success() || status.is_redirection() => Next::Done(()),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Next::Refused(steps::too_many(answer.headers()))
        }
        status => Next::Lost(format!("the logout answers {}", status.as_u16())),
    }
}

/// The first two numbers of a release, wherever they stand in its name.
pub fn release(version: &str) -> Option<(u32, u32)> {
    version.split(|it: char| !it.is_ascii_digit() && it != '.').find_map(|part| {
        let (major, rest) = part.split_once('.')?;
        let minor = rest.split('.').next()?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    })
}
