//! A conversation as a chain: each turn says what to send, and what reads the answer.

use bytes::Bytes;
use http::{Request, Response};

use crate::client_half::{Conversation, Next, Rejection, Wait};

/// What reads an answer, and says what comes then.
pub type Read<T> = Box<dyn FnOnce(&Response<Bytes>) -> Turn<T> + Send>;

/// One turn of a conversation.
pub enum Turn<T> {
    /// Sends this, and reads the answer so.
    Ask(Box<Request<Bytes>>, Read<T>),
    /// Waits first.
    Pause(Wait, Box<Request<Bytes>>, Read<T>),
    /// Done.
    Done(T),
    /// The server says no.
    Refused(Rejection),
    /// This is no server of this contract.
    Lost(String),
}

impl<T> Turn<T> {
    /// Sends this, if it could be built.
    pub fn ask(
        request: Result<Request<Bytes>, http::Error>,
        read: impl FnOnce(&Response<Bytes>) -> Self + Send + 'static,
    ) -> Self {
        match complete(request) {
            Some(request) => Self::Ask(request, Box::new(read)),
            None => Self::Lost(UNSPEAKABLE.to_owned()),
        }
    }

    /// Waits, and sends this, if it could be built.
    pub fn pause(
        wait: Wait,
        request: Result<Request<Bytes>, http::Error>,
        read: impl FnOnce(&Response<Bytes>) -> Self + Send + 'static,
    ) -> Self {
        match complete(request) {
            Some(request) => Self::Pause(wait, request, Box::new(read)),
            None => Self::Lost(UNSPEAKABLE.to_owned()),
        }
    }

    /// This is no server of this contract; why.
    pub fn lost(why: impl Into<String>) -> Self {
        Self::Lost(why.into())
    }
}

/// An address, a name or a token that no request can carry.
const UNSPEAKABLE: &str = "the address or what was won cannot stand in a request";

/// A request with a whole address.
fn complete(request: Result<Request<Bytes>, http::Error>) -> Option<Box<Request<Bytes>>> {
    let request = request.ok()?;
    let is_whole = request.uri().scheme().is_some() && request.uri().host().is_some();
    is_whole.then(|| Box::new(request))
}

/// A conversation that goes from turn to turn.
pub struct Course<T> {
    place: Place<T>,
}

/// Where a conversation stands.
enum Place<T> {
    /// This comes next.
    At(Box<Turn<T>>),
    /// Something was sent; this reads the answer.
    Asked(Read<T>),
    /// It is over.
    Over,
}

impl<T> Course<T> {
    /// A conversation that begins so.
    pub fn new(first: Turn<T>) -> Self {
        Self { place: Place::At(Box::new(first)) }
    }
}

impl<T: Send + 'static> Course<T> {
    /// The same, for who wants it boxed.
    pub fn begin(first: Turn<T>) -> Box<dyn Conversation<T>> {
        Box::new(Self::new(first))
    }
}

impl<T: Send> Conversation<T> for Course<T> {
    fn next(&mut self, response: Option<&Response<Bytes>>) -> Next<T> {
        let turn = match (std::mem::replace(&mut self.place, Place::Over), response) {
            (Place::At(turn), _) => *turn,
            (Place::Asked(read), Some(answer)) => read(answer),
            (Place::Asked(_), None) => Turn::lost("the server did not answer"),
            (Place::Over, _) => Turn::lost("the conversation is over"),
        };
        match turn {
            Turn::Ask(request, read) => {
                self.place = Place::Asked(read);
                Next::Send(*request)
            }
            Turn::Pause(wait, request, read) => {
                self.place = Place::At(Box::new(Turn::Ask(request, read)));
                Next::Wait(wait)
            }
            Turn::Done(won) => Next::Done(won),
            Turn::Refused(rejection) => Next::Refused(rejection),
            Turn::Lost(why) => Next::Lost(why),
        }
    }
}
