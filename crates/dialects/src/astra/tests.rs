//! Plays every transcript against the server half, and the recorded login against the client half.

use std::collections::HashMap;

use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::Timestamp;

use super::Astra;
use crate::bed::talk::{base, play};
use crate::bed::transcript::{self, Transcript};
use crate::bed::{HOST, PASSWORD};
use crate::client_half::{Login, Next};
use crate::dialect::Dialect as _;

#[tokio::test]
async fn the_server_half_answers_as_recorded() {
    transcript::play_all(&Astra).await;
}

/// The client half asks under the right path; only the published page has the slip.
#[test]
fn the_client_half_understands_the_recorded_answers() {
    let transcripts: HashMap<String, Transcript> = transcript::all(&Astra).into_iter().collect();
    let login = Login::new(base(), "alice", Secret::new(PASSWORD), Timestamp::UNIX_EPOCH);
    let answers = ["login-page", "login-ok"].map(|name| transcripts[name].answer());
    let talk = play(Astra.client().sign_in(login), answers.into());
    assert_eq!(talk.asked(), ["GET /api/gateway/v1/login/", "POST /api/gateway/v1/login/"]);
    assert_eq!(talk.sent[1].headers()["referer"], format!("https://{HOST}/api/gateway/v1/login/"));
    assert!(matches!(talk.done().proof, Proof::Session { .. }));
    let login = Login::new(base(), "alice", Secret::new("wrong"), Timestamp::UNIX_EPOCH);
    let answers = ["login-page", "login-wrong-password-in-russian"].map(|name| transcripts[name].answer());
    let end = play(Astra.client().sign_in(login), answers.into()).end;
    assert!(matches!(end, Next::Refused(crate::Rejection::Password)), "{end:?}");
}
