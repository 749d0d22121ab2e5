//! Our own client half, carrying a login out at a gateway: what it wins must be good for the server half.

use bytes::Bytes;
use dialects::{Conversation, Holding, Login, Next};
use identity::model::secret::Secret;
use jiff::Timestamp;

use super::http::Request;
use super::server::Server;

/// Most requests of one conversation.
const STEPS_MAX: usize = 20;

impl Server {
    /// Signs in over the encrypted listener as our client half of this dialect does; what it wins, none if it was
    /// refused.
    ///
    /// # Panics
    /// If it takes the gateway for a server of another contract.
    pub fn converse(&self, dialect: &str, username: &str, password: &str) -> Option<Holding> {
        let base = format!("https://{}", self.https);
        let login = Login::new(base, username, Secret::new(password), now());
        match self.carry(dialects::named(dialect).unwrap().client().sign_in(login)) {
            Next::Done(holding) => Some(holding),
            Next::Refused(_) => None,
            Next::Lost(why) => panic!("{dialect}: {why}"),
            other => panic!("{dialect}: {other:?}"),
        }
    }

    /// Carries any conversation out over the encrypted listener, to its end.
    ///
    /// # Panics
    /// If it has none.
    pub fn carry<T>(&self, mut conversation: Box<dyn Conversation<T>>) -> Next<T> {
        let mut answer = None;
        for _ in 0..STEPS_MAX {
            match conversation.next(answer.as_ref()) {
                Next::Send(wanted) => answer = Some(self.send_for_client(&wanted)),
                end => return end,
            }
        }
        panic!("the conversation has no end");
    }

    fn send_for_client(&self, wanted: &http::Request<Bytes>) -> http::Response<Bytes> {
        let target = wanted.uri().path_and_query().unwrap().as_str();
        let mut request = Request::new(self.https, wanted.method().as_str(), target);
        let is_written_anyway = |name: &str| matches!(name, "content-type" | "content-length");
        for (name, value) in wanted.headers().iter().filter(|(name, _)| !is_written_anyway(name.as_str())) {
            request = request.header(name.as_str(), value.to_str().unwrap());
        }
        if let Some(kind) = wanted.headers().get("content-type") {
            request = request.body(kind.to_str().unwrap(), wanted.body().to_vec());
        }
        let got = request.send_encrypted();
        let mut response = http::Response::builder().status(got.status);
        for (name, value) in &got.headers {
            response = response.header(name, value);
        }
        response.body(got.body.into()).unwrap()
    }
}

/// Writes what is held onto a request as our client half of this dialect does.
pub fn show(dialect: &str, holding: &Holding, request: Request) -> Request {
    let (mut parts, ()) = http::Request::new(()).into_parts();
    dialects::named(dialect).unwrap().client().write_proof(holding, &mut parts);
    let add = |request: Request, (name, value): (&http::HeaderName, &http::HeaderValue)| {
        request.header(name.as_str(), value.to_str().unwrap())
    };
    parts.headers.iter().fold(request, add)
}

/// The machine's time, by which the gateway under test goes.
#[expect(
    clippy::disallowed_methods,
    reason = "the gateway is a process that goes by the clock of the machine"
)]
fn now() -> Timestamp {
    Timestamp::now()
}
