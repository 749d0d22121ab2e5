//! Conversations written as steps: each asks one thing and says what to make of the answer.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use identity::model::secret::Secret;
use serde_json::Value;

use crate::client_half::{Conversation, Holding, Next, Rejection, Wait};
use crate::shown::Shown;

/// Longest wait that a server is believed to ask for.
const WAIT_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// Longest text of a server that a message shows, in characters.
const SAID_MAX: usize = 200;

/// What a step makes of the answer.
pub type Then<T> = Box<dyn FnOnce(&Response<Bytes>) -> Step<T> + Send>;

/// One step.
pub enum Step<T> {
    /// Ask this; the answer goes there.
    Ask(Request<Bytes>, Then<T>),
    /// Wait, and go on with this.
    Wait(Wait, Box<Step<T>>),
    /// It is over.
    End(Next<T>),
}

impl<T> Step<T> {
    /// Asks, if the request could be made.
    pub fn ask(
        request: Result<Request<Bytes>, &'static str>,
        then: impl FnOnce(&Response<Bytes>) -> Self + Send + 'static,
    ) -> Self {
        match request {
            Ok(request) => Self::Ask(request, Box::new(then)),
            Err(why) => Self::lost(why),
        }
    }

    /// Waits, and goes on with this.
    pub fn wait(wait: Wait, then: Self) -> Self {
        Self::Wait(wait, Box::new(then))
    }

    /// The end that was wanted.
    pub fn done(won: T) -> Self {
        Self::End(Next::Done(won))
    }

    /// The server says no.
    pub fn refused(rejection: Rejection) -> Self {
        Self::End(Next::Refused(rejection))
    }

    /// The server is not as it should be; why, in lower case.
    pub fn lost(why: impl Into<String>) -> Self {
        Self::End(Next::Lost(why.into()))
    }
}

/// Steps under way.
pub struct Steps<T> {
    state: State<T>,
    shown: Shown,
}

enum State<T> {
    Begin(Box<Step<T>>),
    Asked(Then<T>),
    Over,
}

impl<T: 'static> Steps<T> {
    /// A conversation that begins so.
    pub fn from(first: Step<T>) -> Box<dyn Conversation<T>>
    where
        T: Send,
    {
        Box::new(Self { state: State::Begin(Box::new(first)), shown: Shown::default() })
    }

    fn take(&mut self, step: Step<T>) -> Next<T> {
        match step {
            Step::Ask(request, then) => {
                self.state = State::Asked(then);
                self.shown.note(&request);
                Next::Send(request)
            }
            Step::Wait(wait, then) => {
                self.state = State::Begin(then);
                Next::Wait(wait)
            }
            Step::End(end) => self.shown.hide_in(end),
        }
    }
}

impl<T: Send + 'static> Conversation<T> for Steps<T> {
    fn next(&mut self, response: Option<&Response<Bytes>>) -> Next<T> {
        match (std::mem::replace(&mut self.state, State::Over), response) {
            (State::Begin(first), _) => self.take(*first),
            (State::Asked(then), Some(answer)) => {
                let step = then(answer);
                self.take(step)
            }
            (State::Asked(_), None) => Next::Lost("the server did not answer".to_owned()),
            (State::Over, _) => Next::Lost("the conversation is over".to_owned()),
        }
    }
}

/// A request without a body.
pub fn request(
    method: &Method,
    base: &str,
    path: &str,
    headers: &[(HeaderName, &str)],
) -> Result<Request<Bytes>, &'static str> {
    let address = format!("{}{path}", base.trim_end_matches('/'));
    let mut request = Request::builder()
        .method(method)
        .uri(address)
        .body(Bytes::new())
        .map_err(|_| "the server's address is no URL")?;
    if request.uri().scheme().is_none() || request.uri().host().is_none() {
        return Err("the server's address is no URL");
    }
    if *method == Method::POST {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).map_err(|_| "a value cannot stand in a header")?;
        request.headers_mut().insert(name, value);
    }
    Ok(request)
}

/// The same with a body that may hold a secret.
pub fn with_body(
    request: Result<Request<Bytes>, &'static str>,
    kind: &'static str,
    body: &Secret,
) -> Result<Request<Bytes>, &'static str> {
    let mut request = request?;
    request.headers_mut().remove(CONTENT_LENGTH);
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    *request.body_mut() = Bytes::copy_from_slice(body.expose().as_bytes());
    Ok(request)
}

/// A request that shows what is held.
pub fn shown(
    half: &dyn crate::client_half::ClientHalf,
    holding: &Holding,
    request: Result<Request<Bytes>, &'static str>,
) -> Result<Request<Bytes>, &'static str> {
    let (mut parts, body) = request?.into_parts();
    half.write_proof(holding, &mut parts);
    Ok(Request::from_parts(parts, body))
}

/// The rejection of a server that has too much to do; after how long to come again, if it says so in seconds.
pub fn too_many(headers: &HeaderMap) -> Rejection {
    let seconds = headers.get(RETRY_AFTER).and_then(|it| it.to_str().ok()?.trim().parse().ok());
    Rejection::TooMany(seconds.map(|it| Duration::from_secs(it).min(WAIT_MAX)))
}

/// Where a redirect leads, as it was written.
pub fn location(answer: &Response<Bytes>) -> Option<&str> {
    answer.status().is_redirection().then(|| answer.headers().get(LOCATION))?.and_then(|it| it.to_str().ok())
}

/// The body as an object of JSON.
pub fn object(body: &[u8]) -> Option<serde_json::Map<String, Value>> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Some(object),
        Ok(_) | Err(_) => None,
    }
}

/// A text of a server in one line that is not too long, for a message.
pub fn said(text: &str) -> String {
    let clean = text.chars().map(|it| if it.is_control() { ' ' } else { it });
    clean.take(SAID_MAX).collect::<String>().trim().to_owned()
}
