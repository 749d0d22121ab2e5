//! The client half: against our own server half, and against what servers answer that are not ours.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::Timestamp;

use crate::bed::{Bed, HOST, PASSWORD};
use crate::catalyst::Catalyst;
use crate::client_half::{ClientHalf, Conversation, Credential, Holding, Login, Method, Next};
use crate::dialect::{Dialect as _, Doorway};

mod account;
mod death;
mod entry;
mod form;
mod guard;
mod judge;
mod tell;
mod token;

/// Most requests of one conversation.
const STEPS_MAX: usize = 12;
/// The instant at which the bed's clock stands.
const NOW: Timestamp = Timestamp::constant(1_795_300_000, 193_728_000);

fn half() -> &'static dyn ClientHalf {
    Catalyst.client()
}

fn login(username: &str, password: &str) -> Login {
    Login::new(format!("https://{HOST}"), username, Secret::new(password), NOW)
}

/// A login by name and password for a token.
fn token_login(username: &str, password: &str) -> Login {
    Login { method: Method::Token, ..login(username, password) }
}

fn key_login(key: &str) -> Login {
    Login { credential: Credential::Token(Secret::new(key)), ..token_login("", "") }
}

/// Carries a conversation out at our server half.
async fn carry<T>(bed: &Bed, conversation: Box<dyn Conversation<T>>) -> Next<T> {
    carry_counting(bed, conversation).await.1
}

/// The same; what was asked, too.
async fn carry_counting<T>(bed: &Bed, mut conversation: Box<dyn Conversation<T>>) -> (Vec<String>, Next<T>) {
    let (mut asked, mut last) = (Vec::new(), None);
    for _ in 0..STEPS_MAX {
        match conversation.next(last.as_ref()) {
            Next::Send(request) => {
                assert_eq!(request.uri().host(), Some(HOST));
                asked.push(format!("{} {}", request.method(), request.uri().path()));
                last = Some(bed.send(&Catalyst, request).await);
            }
            end => return (asked, end),
        }
    }
    panic!("the conversation has no end: {asked:?}");
}

/// Plays answers to a conversation: what it asked, and what it made of them.
fn play<T>(
    mut conversation: Box<dyn Conversation<T>>,
    answers: &[Response<Bytes>],
) -> (Vec<Request<Bytes>>, Next<T>) {
    let (mut asked, mut answers, mut last) = (Vec::new(), answers.iter(), None);
    loop {
        match conversation.next(last) {
            Next::Send(request) => asked.push(request),
            end => return (asked, end),
        }
        last = Some(answers.next().unwrap_or_else(|| panic!("no answer is left for {:?}", asked.last())));
    }
}

/// An answer of a server.
fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

/// The answer to a right form.
fn form_ok() -> Response<Bytes> {
    answer(200, &[("set-cookie", "JSESSIONID=abc.def; path=/; secure; HttpOnly")], "")
}

/// The answer with a token.
fn token_ok() -> Response<Bytes> {
    answer(200, &[("content-type", "text/html;charset=UTF-8")], &"AB".repeat(50))
}

/// What a Manager of such a release tells.
fn server_ok(version: &str) -> Response<Bytes> {
    let body = format!(
        "{{\"header\":{{}},\"data\":{{\"user\":\"svc\",\"platformVersion\":\"{version}\",\"CSRFToken\":\"{}\"}}}}",
        "AB".repeat(50)
    );
    answer(200, &[("content-type", "application/json")], &body)
}

async fn held(bed: &Bed, login: Login) -> Holding {
    match carry(bed, half().sign_in(login)).await {
        Next::Done(holding) => holding,
        other => panic!("{other:?}"),
    }
}

/// What a request shows that carries what is held.
fn shown(holding: &Holding, method: &str, path: &str) -> Request<Bytes> {
    let request = Request::builder().method(method).uri(path);
    let (mut parts, body) = request.body(Bytes::new()).unwrap().into_parts();
    half().write_proof(holding, &mut parts);
    Request::from_parts(parts, body)
}

/// The answer to such a request.
async fn call(bed: &Bed, holding: &Holding, method: &str, path: &str) -> Response<Bytes> {
    bed.send(&Catalyst, shown(holding, method, path)).await
}

/// The same at a door that answers dead sessions so.
async fn call_through(bed: &Bed, holding: &Holding, path: &str, doorway: &Doorway) -> Response<Bytes> {
    bed.send_through(&Catalyst, shown(holding, "GET", path), doorway.clone()).await
}

/// Whether something that changes nothing else is let through: there is nothing at that address.
async fn may_change(bed: &Bed, holding: &Holding) -> bool {
    call(bed, holding, "POST", "/dataservice/client/server/x").await.status() == StatusCode::NOT_FOUND
}

fn secret_of(holding: &Holding) -> &str {
    match &holding.proof {
        Proof::Session { secret, .. } | Proof::Bearer(secret) => secret.expose(),
        Proof::Password { .. } => panic!("no such proof is won here"),
    }
}

/// A session that nobody gave.
fn made_up() -> Holding {
    let proof = Proof::Session { secret: Secret::new("abc.def"), csrf: Some(Secret::new("AB".repeat(50))) };
    Holding::new(&login("svc", PASSWORD), proof)
}
