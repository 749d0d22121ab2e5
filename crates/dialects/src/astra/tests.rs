//! Plays every transcript against the server half, and the recorded login against the client half.

use std::collections::HashMap;

use identity::model::proof::Proof;
use identity::model::secret::Secret;

use super::Astra;
use crate::bed::transcript::{self, Transcript};
use crate::bed::{HOST, PASSWORD};
use crate::dialect::{Dialect as _, Login, Next};

#[tokio::test]
async fn the_server_half_answers_as_recorded() {
    transcript::play_all(&Astra).await;
}

/// The client half asks under the right path; only the published page has the slip.
#[test]
fn the_client_half_understands_the_recorded_answers() {
    let transcripts: HashMap<String, Transcript> = transcript::all(&Astra).into_iter().collect();
    let login = Login {
        base: format!("https://{HOST}"),
        username: "alice".to_owned(),
        password: Secret::new(PASSWORD),
    };
    let mut conversation = Astra.converse(login);
    let Next::Send(request) = conversation.next(None) else { panic!("a request was expected") };
    assert_eq!(request.uri().path(), "/api/gateway/v1/login/");
    assert!(matches!(conversation.next(Some(&transcripts["login-page"].answer())), Next::Send(_)));
    let end = conversation.next(Some(&transcripts["login-ok"].answer()));
    assert!(matches!(end, Next::Done(Proof::Session { .. })), "{end:?}");
}
