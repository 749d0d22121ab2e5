//! Our own client half, carrying a login out at a gateway: what it wins must be good for the server half.

use dialects::{Login, Next};
use identity::model::proof::Proof;
use identity::model::secret::Secret;

use super::http::Request;
use super::server::Server;

/// Most requests of one login.
const STEPS_MAX: usize = 10;

impl Server {
    /// Signs in over the encrypted listener as our client half of this dialect does; the proof that it wins, none if
    /// it was refused.
    ///
    /// # Panics
    /// If it takes the gateway for a server of another contract.
    pub fn converse(&self, dialect: &str, username: &str, password: &str) -> Option<Proof> {
        let base = format!("https://{}", self.https);
        let (username, password) = (username.to_owned(), Secret::new(password));
        let mut conversation = dialects::named(dialect).unwrap().converse(Login { base, username, password });
        let mut answer = None;
        for _ in 0..STEPS_MAX {
            let wanted = match conversation.next(answer.as_ref()) {
                Next::Send(wanted) => wanted,
                Next::Done(proof) => return Some(proof),
                Next::Refused => return None,
                Next::Lost(why) => panic!("{dialect}: {why}"),
            };
            let target = wanted.uri().path_and_query().unwrap().as_str();
            let mut request = Request::new(self.https, wanted.method().as_str(), target);
            for (name, value) in wanted.headers().iter().filter(|(name, _)| *name != "content-type") {
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
            answer = Some(response.body(got.body.into()).unwrap());
        }
        panic!("{dialect}: the login has no end");
    }
}

/// Writes a proof onto a request as our client half of this dialect does.
pub fn show(dialect: &str, proof: &Proof, request: Request) -> Request {
    let mut headers = http::HeaderMap::new();
    dialects::named(dialect).unwrap().write_proof(proof, &mut headers);
    let add = |request: Request, (name, value): (&http::HeaderName, &http::HeaderValue)| {
        request.header(name.as_str(), value.to_str().unwrap())
    };
    headers.iter().fold(request, add)
}
