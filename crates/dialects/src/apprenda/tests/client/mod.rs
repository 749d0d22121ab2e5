//! The client half: against our own server half, and against what servers answer that are not ours.

mod life;
mod login;
mod tell;

use bytes::Bytes;
use http::{Request, Response};
use identity::model::portal::Portal;
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::Timestamp;

use super::super::Apprenda;
use crate::bed::{Bed, HOST, PASSWORD};
use crate::client_half::{ClientHalf, Conversation, Holding, Login, Next};
use crate::dialect::Dialect as _;

/// A token as the published page has it.
const TOKEN: &str =
    "MWM1ZDQ5ZDAtODk1My00OTQ1LWJhYjctYTEzN2JmZGZjOGZhfDAwM2Q1MTc5LWM4ZDktNGYwYy1hOWRlLThhZTM3N2JjODQ1ZQ==";
/// Most requests of one conversation.
const STEPS_MAX: usize = 5;

fn half() -> &'static dyn ClientHalf {
    Apprenda.client()
}

fn login(base: &str, username: &str, password: &str) -> Login {
    Login::new(base, username, Secret::new(password), Timestamp::UNIX_EPOCH)
}

/// A login through a portal, in a tenant.
fn through(portal: Portal, username: &str, tenant: Option<&str>) -> Login {
    let login = login(&format!("https://{HOST}"), username, PASSWORD);
    Login { portal: Some(portal), tenant: tenant.map(str::to_owned), ..login }
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

/// Carries a conversation out at our server half; the last request, too.
async fn carry<T>(bed: &Bed, mut conversation: Box<dyn Conversation<T>>) -> (Option<String>, Next<T>) {
    let (mut asked, mut last) = (None, None);
    for _ in 0..STEPS_MAX {
        match conversation.next(last.as_ref()) {
            Next::Send(mut request) => {
                asked = Some(format!("{} {}", request.method(), request.uri().path()));
                request.headers_mut().insert("host", HOST.parse().unwrap());
                last = Some(bed.send(&Apprenda, request).await);
            }
            end => return (asked, end),
        }
    }
    panic!("the conversation has no end");
}

async fn held(bed: &Bed, login: Login) -> Holding {
    match carry(bed, half().sign_in(login)).await.1 {
        Next::Done(holding) => holding,
        other => panic!("{other:?}"),
    }
}

/// What is held with such a token.
fn holding(portal: Option<Portal>, token: &str) -> Holding {
    let login = Login { portal, ..login("https://apps.example", "svc", PASSWORD) };
    Holding::new(&login, Proof::Session { secret: Secret::new(token), csrf: None })
}

/// The only request of a conversation, and what it makes of an answer.
fn asked<T>(
    mut conversation: Box<dyn Conversation<T>>,
    answer: &Response<Bytes>,
) -> (Request<Bytes>, Next<T>) {
    let Next::Send(request) = conversation.next(None) else { panic!("a request was expected") };
    let end = conversation.next(Some(answer));
    (request, end)
}
