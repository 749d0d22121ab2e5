//! Conversations of client halves: with a server half of ours, and with answers that were written down.

use std::collections::VecDeque;

use bytes::Bytes;
use http::{Request, Response};
use jiff::SignedDuration;

use super::{Bed, HOST};
use crate::client_half::{Conversation, Next, Prompt};
use crate::dialect::Dialect;

/// Most steps of a conversation here.
const STEPS_MAX: usize = 400;

/// What a conversation came to, and on the way.
pub struct Talk<T> {
    /// Its end.
    pub end: Next<T>,
    /// What was sent.
    pub sent: Vec<Request<Bytes>>,
    /// What the user was told.
    pub prompts: Vec<Prompt>,
}

impl<T: std::fmt::Debug> Talk<T> {
    /// What it was for.
    #[track_caller]
    pub fn done(self) -> T {
        match self.end {
            Next::Done(won) => won,
            other => panic!("an end was expected, not {other:?}"),
        }
    }

    /// The methods and paths that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.sent.iter().map(|it| format!("{} {}", it.method(), it.uri().path())).collect()
    }
}

/// The base of the bed's server.
pub fn base() -> String {
    format!("https://{HOST}")
}

/// Carries a conversation out with a dialect's server half. While it waits the clock goes on, and `meanwhile`
/// happens.
pub async fn talk_while<T>(
    bed: &Bed,
    dialect: &'static dyn Dialect,
    mut conversation: Box<dyn Conversation<T>>,
    mut meanwhile: impl AsyncFnMut(&Prompt),
) -> Talk<T> {
    let (mut sent, mut prompts) = (Vec::new(), Vec::new());
    let mut answer: Option<Response<Bytes>> = None;
    for _ in 0..STEPS_MAX {
        match conversation.next(answer.as_ref()) {
            Next::Send(request) => {
                assert_eq!(request.uri().host(), Some(HOST));
                sent.push(request.clone());
                answer = Some(bed.send(dialect, request).await);
            }
            Next::Wait(wait) => {
                bed.clock.pass(SignedDuration::try_from(wait.time).unwrap());
                if let Some(prompt) = wait.prompt {
                    meanwhile(&prompt).await;
                    prompts.push(prompt);
                }
                answer = None;
            }
            end => return Talk { end, sent, prompts },
        }
    }
    panic!("the conversation does not end");
}

/// The same where nothing else happens.
pub async fn talk<T>(
    bed: &Bed,
    dialect: &'static dyn Dialect,
    conversation: Box<dyn Conversation<T>>,
) -> Talk<T> {
    talk_while(bed, dialect, conversation, async |_: &Prompt| {}).await
}

/// Carries a conversation out with these answers. It must not ask for more.
#[track_caller]
pub fn play<T>(mut conversation: Box<dyn Conversation<T>>, answers: Vec<Response<Bytes>>) -> Talk<T> {
    let mut answers = VecDeque::from(answers);
    let (mut sent, mut prompts) = (Vec::new(), Vec::new());
    let mut answer: Option<Response<Bytes>> = None;
    loop {
        match conversation.next(answer.as_ref()) {
            Next::Send(request) => {
                sent.push(request);
                answer = Some(answers.pop_front().expect("an answer to what it asks"));
            }
            Next::Wait(wait) => {
                prompts.extend(wait.prompt);
                answer = None;
            }
            end => {
                assert!(answers.is_empty(), "{} answers were not asked for", answers.len());
                return Talk { end, sent, prompts };
            }
        }
    }
}

/// An answer.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
    let headers = headers.iter();
    let builder =
        headers.fold(Response::builder().status(status), |it, (name, value)| it.header(*name, *value));
    builder.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

/// An answer with data.
pub fn data(status: u16, body: &str) -> Response<Bytes> {
    answer(status, &[("content-type", "application/json")], body)
}
