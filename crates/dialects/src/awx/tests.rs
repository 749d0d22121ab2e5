//! Plays every transcript against the server half, and the logins against the client half.

use std::collections::HashMap;

use identity::model::proof::Proof;
use identity::model::secret::Secret;

use super::Awx;
use crate::bed::transcript::{self, Transcript, assert_asked};
use crate::bed::{Bed, HOST, PASSWORD};
use crate::dialect::{Conversation, Dialect as _, Login, Next};

#[tokio::test]
async fn the_server_half_answers_as_recorded() {
    for (name, transcript) in transcript::all(&Awx) {
        let bed = Bed::new().await;
        transcript::play(&bed, &Awx, &name, &transcript).await;
    }
}

fn login(password: &str) -> Login {
    Login { base: format!("https://{HOST}"), username: "alice".to_owned(), password: Secret::new(password) }
}

/// Plays the login page and one answer against the client half; what it makes of them.
fn converse(transcripts: &HashMap<String, Transcript>, password: &str, answer: &str) -> Next {
    let mut conversation: Box<dyn Conversation> = Awx.converse(login(password));
    let page = &transcripts["login-page"];
    let Next::Send(request) = conversation.next(None) else { panic!("a request was expected") };
    assert_asked(page, &request);
    let Next::Send(request) = conversation.next(Some(&page.answer())) else { panic!("a form was expected") };
    assert_asked(&transcripts[answer], &request);
    conversation.next(Some(&transcripts[answer].answer()))
}

#[test]
fn the_client_half_asks_as_recorded() {
    let transcripts: HashMap<String, Transcript> = transcript::all(&Awx).into_iter().collect();
    match converse(&transcripts, PASSWORD, "login-ok") {
        Next::Done(Proof::Session { secret, csrf }) => {
            assert_eq!(secret.expose().len(), 32);
            assert_eq!(csrf.unwrap().expose().len(), 32);
        }
        other => panic!("a session was expected, not {other:?}"),
    }
    assert!(matches!(converse(&transcripts, "wrong", "login-wrong-password"), Next::Refused));
}
