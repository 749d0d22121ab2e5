//! Plays every transcript against the server half, and the recorded logins against the client half.

use super::Awx;
use crate::bed::transcript;

#[tokio::test]
async fn the_server_half_answers_as_recorded() {
    transcript::play_all(&Awx).await;
}

#[test]
fn the_client_half_asks_as_recorded() {
    transcript::sign_in(&Awx);
}
