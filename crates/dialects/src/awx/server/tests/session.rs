//! How a session lives on: by being used, and not by being looked at quietly (contract section B4).

use http::Method;
use identity::model::session::SessionKind;
use identity::model::setting::SettingValue;
use jiff::SignedDuration;

use super::{ask, cookie};
use crate::bed::Bed;

async fn status(bed: &Bed, secret: &str, is_quiet: bool) -> u16 {
    let cookies = format!("awx_sessionid={secret}");
    let mut headers = vec![("cookie", cookies.as_str())];
    if is_quiet {
        headers.push(("x-ws-session-quiet", "1"));
    }
    let answer = ask(bed, Method::GET, "/api/v2/me/", &headers, "").await;
    let is_kept = answer.headers().contains_key("session-timeout");
    assert_eq!(is_kept, answer.status() == 200 && !is_quiet);
    assert_eq!(cookie(&answer, "awx_sessionid").as_deref() == Some(secret), is_kept);
    answer.status().as_u16()
}

#[tokio::test]
async fn use_keeps_a_session_alive() {
    let bed = Bed::new().await;
    bed.set("awx.SESSION_COOKIE_AGE", SettingValue::Integer(60)).await;
    let session = bed.sign_in_as("alice", SessionKind::Controller).await;
    let secret = session.secret.expose();
    for _ in 0..5 {
        bed.clock.pass(SignedDuration::from_secs(40));
        assert_eq!(status(&bed, secret, false).await, 200);
    }
    bed.clock.pass(SignedDuration::from_secs(61));
    assert_eq!(status(&bed, secret, false).await, 401);
}

#[tokio::test]
async fn a_quiet_look_is_no_use() {
    let bed = Bed::new().await;
    bed.set("awx.SESSION_COOKIE_AGE", SettingValue::Integer(60)).await;
    let session = bed.sign_in_as("alice", SessionKind::Controller).await;
    let secret = session.secret.expose();
    bed.clock.pass(SignedDuration::from_secs(40));
    assert_eq!(status(&bed, secret, true).await, 200);
    bed.clock.pass(SignedDuration::from_secs(30));
    assert_eq!(status(&bed, secret, true).await, 401);
}

#[tokio::test]
async fn only_the_newest_sessions_live_where_they_are_counted() {
    let bed = Bed::new().await;
    bed.set("awx.SESSIONS_PER_USER", SettingValue::Integer(2)).await;
    let mut secrets = Vec::new();
    for _ in 0..4 {
        bed.clock.pass(SignedDuration::from_secs(1));
        let session = bed.sign_in_as("alice", SessionKind::Controller).await;
        secrets.push(session.secret.expose().to_owned());
    }
    let other = bed.sign_in_as("admin", SessionKind::Controller).await;
    let mut found = Vec::new();
    for secret in &secrets {
        found.push(status(&bed, secret, false).await);
    }
    assert_eq!(found, [401, 401, 200, 200]);
    assert_eq!(status(&bed, other.secret.expose(), false).await, 200);
}

#[tokio::test]
async fn a_session_of_the_platform_is_none_here() {
    let bed = Bed::new().await;
    let session = bed.sign_in_as("alice", SessionKind::Gateway).await;
    assert_eq!(status(&bed, session.secret.expose(), false).await, 401);
}
