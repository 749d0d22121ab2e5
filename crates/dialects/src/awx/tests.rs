//! Plays every transcript against the server half, and the recorded logins against the client half.

use http::Request;
use identity::Denial;
use jiff::SignedDuration;

use super::{Awx, denial};
use crate::bed::transcript;

#[tokio::test]
async fn the_server_half_answers_as_recorded() {
    transcript::play_all(&Awx).await;
}

#[test]
fn the_client_half_asks_as_recorded() {
    transcript::sign_in(&Awx);
}

#[test]
fn who_asks_too_often_is_told_when_to_come_again() {
    let (request, ()) = Request::get("/").body(()).unwrap().into_parts();
    let refusal = Denial::TooManyRequests(SignedDuration::from_millis(9001)).into();
    let response = denial::refuse(&refusal, &request);
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (429, &"10".parse().unwrap())
    );
    let text = r#"{"detail":"Request was throttled. Expected available in 10 seconds."}"#;
    assert_eq!(response.body(), text);
}
