//! Every way in which a session of our own server half dies, in each of the styles in which it can say so.

use http::StatusCode;
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use identity::model::session::SessionKind;
use identity::model::setting::SettingValue;
use jiff::SignedDuration;

use super::{call, call_through, carry, half, held, login};
use crate::bed::{Bed, HOST, PASSWORD};
use crate::client_half::{Death, Holding, Next, Style, Verdict};
use crate::dialect::{Doorway, ExpiredSession};

const PATH: &str = "/dataservice/client/about";

/// What the client half makes of an answer, as one that streams it asks: first without its body.
fn verdict(holding: &Holding, answer: http::Response<bytes::Bytes>) -> (Verdict, Verdict) {
    let (parts, body) = answer.into_parts();
    let first = half().judge(holding, &parts, None);
    let last = if first == Verdict::Unsure { half().judge(holding, &parts, Some(&body)) } else { first };
    (first, last)
}

/// Lets a session die so, and looks at all styles in which that is said.
async fn dies(bed: &Bed, dead: &Holding) {
    for (style, wanted, is_sure) in [
        (ExpiredSession::Unauthorized, Style::Unauthorized, true),
        (ExpiredSession::LoginPage, Style::LoginPage, false),
        (ExpiredSession::Redirect, Style::Redirect, true),
    ] {
        let doorway =
            Doorway { is_secure: true, host: HOST.to_owned(), expired_session: style, ..Doorway::default() };
        let (first, last) = verdict(dead, call_through(bed, dead, PATH, &doorway).await);
        assert_eq!(last, Verdict::Dead(Death { style: wanted, is_unrun: true }));
        assert_eq!(first != Verdict::Unsure, is_sure, "{wanted:?}");
    }
}

#[tokio::test]
async fn a_session_that_lives_is_alive() {
    let bed = Bed::new().await;
    let alice = held(&bed, login("alice", PASSWORD)).await;
    for path in [PATH, "/dataservice/client/server", "/dataservice/admin/user/role", "/dataservice/none"] {
        assert_eq!(verdict(&alice, call(&bed, &alice, "GET", path).await).1, Verdict::Alive, "{path}");
    }
    // What it may not do is no death, and neither is the plain text of its token.
    let denied = call(&bed, &alice, "GET", "/dataservice/admin/user/activeSessions").await;
    assert_eq!(denied.status(), StatusCode::FORBIDDEN);
    assert_eq!(verdict(&alice, denied).1, Verdict::Alive);
    let token = call(&bed, &alice, "GET", "/dataservice/client/token").await;
    assert_eq!(verdict(&alice, token), (Verdict::Unsure, Verdict::Alive));
}

#[tokio::test]
async fn by_inactivity() {
    let bed = Bed::new().await;
    let alice = held(&bed, login("alice", PASSWORD)).await;
    bed.clock.pass(SignedDuration::from_mins(31));
    dies(&bed, &alice).await;
}

#[tokio::test]
async fn by_its_overall_timeout() {
    let bed = Bed::new().await;
    let alice = held(&bed, login("alice", PASSWORD)).await;
    let path = half().upkeep().path.unwrap();
    for _ in 0..24 * 6 - 1 {
        bed.clock.pass(SignedDuration::try_from(half().upkeep().every).unwrap());
        let kept = call(&bed, &alice, "GET", path).await;
        assert_eq!(verdict(&alice, kept).1, Verdict::Alive, "the upkeep keeps it alive");
    }
    bed.clock.pass(SignedDuration::try_from(half().upkeep().every).unwrap());
    dies(&bed, &alice).await;
}

#[tokio::test]
async fn by_signing_out() {
    let bed = Bed::new().await;
    let alice = held(&bed, login("alice", PASSWORD)).await;
    assert!(matches!(carry(&bed, half().sign_out(&alice)).await, Next::Done(())));
    dies(&bed, &alice).await;
}

#[tokio::test]
async fn by_eviction() {
    let bed = Bed::new().await;
    let (old, new) = (held(&bed, login("admin", PASSWORD)).await, held(&bed, login("admin", PASSWORD)).await);
    assert!(matches!(carry(&bed, half().clean(&new).unwrap()).await, Next::Done(1)));
    dies(&bed, &old).await;
    let lives = call(&bed, &new, "GET", PATH).await;
    assert_eq!(verdict(&new, lives).1, Verdict::Alive);
}

#[tokio::test]
async fn by_one_session_too_many() {
    let bed = Bed::new().await;
    bed.set("catalyst.maxSessionsPerUser", SettingValue::Integer(1)).await;
    let old = held(&bed, login("alice", PASSWORD)).await;
    bed.clock.pass(SignedDuration::from_secs(1));
    let new = held(&bed, login("alice", PASSWORD)).await;
    dies(&bed, &old).await;
    let lives = call(&bed, &new, "GET", PATH).await;
    assert_eq!(verdict(&new, lives).1, Verdict::Alive);
}

#[tokio::test]
async fn with_its_user() {
    let bed = Bed::new().await;
    let (alice, admin) =
        (held(&bed, login("alice", PASSWORD)).await, held(&bed, login("admin", PASSWORD)).await);
    assert_eq!(call(&bed, &admin, "DELETE", "/dataservice/admin/user/alice").await.status(), StatusCode::OK);
    dies(&bed, &alice).await;
}

#[tokio::test]
async fn as_one_that_never_was() {
    let bed = Bed::new().await;
    dies(&bed, &super::made_up()).await;
    let other = bed.sign_in_as("alice", SessionKind::Gateway).await;
    let mut holding = super::made_up();
    holding.proof = Proof::Session { secret: other.secret.clone(), csrf: None };
    dies(&bed, &holding).await;
}

#[tokio::test]
async fn a_wrong_xsrf_token_is_stale_and_no_death() {
    let bed = Bed::new().await;
    let mut alice = held(&bed, login("alice", PASSWORD)).await;
    for wrong in [None, Some(Secret::new("CD".repeat(50)))] {
        let Proof::Session { csrf, .. } = &mut alice.proof else { panic!("a session was won") };
        *csrf = wrong;
        let refused = call(&bed, &alice, "POST", "/dataservice/template/device").await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        assert_eq!(verdict(&alice, refused), (Verdict::Unsure, Verdict::Stale));
    }
    let read = call(&bed, &alice, "GET", PATH).await;
    assert_eq!(verdict(&alice, read).1, Verdict::Alive, "reading needs no token");
}

#[tokio::test]
async fn a_logout_ends_it_by_a_cookie() {
    let bed = Bed::new().await;
    let alice = held(&bed, login("alice", PASSWORD)).await;
    let left = call(&bed, &alice, "POST", "/logout").await;
    // It leads to the welcome page, as an expired session does at some releases.
    assert!(matches!(verdict(&alice, left).1, Verdict::Dead(_)));
}
