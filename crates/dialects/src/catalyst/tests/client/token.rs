//! The JWT login, its renewal, and API keys.

use http::StatusCode;
use identity::model::proof::Proof;
use jiff::{SignedDuration, Timestamp};

use super::{
    NOW, answer, call, carry, carry_counting, half, held, key_login, login, may_change, play, secret_of,
    server_ok, token_login, token_ok,
};
use crate::bed::{Bed, PASSWORD};
use crate::client_half::{Holding, Next, Rejection, Style, Verdict};

fn verdict(holding: &Holding, answer: http::Response<bytes::Bytes>) -> Verdict {
    let (parts, body) = answer.into_parts();
    half().judge(holding, &parts, Some(&body))
}

#[tokio::test]
async fn a_password_becomes_a_token_that_renews_itself() {
    let bed = Bed::new().await;
    let (asked, end) = carry_counting(&bed, half().sign_in(token_login("alice", PASSWORD))).await;
    let Next::Done(first) = end else { panic!("{end:?}") };
    assert_eq!(asked, ["POST /jwt/login", "GET /dataservice/client/server"]);
    assert_eq!(first.expires_at, NOW.checked_add(SignedDuration::from_mins(30)).ok());
    assert!(matches!(first.proof, Proof::Bearer(_)));
    assert_eq!(first.csrf.as_ref().unwrap().expose().len(), 100);
    assert!(may_change(&bed, &first).await, "the XSRF token goes with it");
    let bare = Holding { csrf: None, ..first.clone() };
    assert!(!may_change(&bed, &bare).await);
    // After its end it is dead, and its refresh token is not.
    bed.clock.pass(SignedDuration::from_mins(31));
    let answer = call(&bed, &first, "GET", "/dataservice/client/server").await;
    assert!(
        matches!(verdict(&first, answer), Verdict::Dead(it) if it.style == Style::Unauthorized && it.is_unrun)
    );
    let now = NOW.checked_add(SignedDuration::from_mins(31)).unwrap();
    let end = carry(&bed, half().renew(&first, now).unwrap()).await;
    let Next::Done(second) = end else { panic!("{end:?}") };
    assert_ne!(secret_of(&first), secret_of(&second));
    assert_eq!(second.expires_at, now.checked_add(SignedDuration::from_mins(30)).ok());
    assert!(may_change(&bed, &second).await);
    // Signing out asks nothing: the contract has no end for tokens.
    let (asked, end) = carry_counting(&bed, half().sign_out(&second)).await;
    assert!(asked.is_empty() && matches!(end, Next::Done(())));
    assert!(
        half().renew(&held(&bed, login("alice", PASSWORD)).await, now).is_none(),
        "a session has no renewal"
    );
}

#[tokio::test]
async fn a_renewal_ends_with_its_user() {
    let bed = Bed::new().await;
    let admin = held(&bed, login("admin", PASSWORD)).await;
    let alice = held(&bed, token_login("alice", PASSWORD)).await;
    let removed = call(&bed, &admin, "DELETE", "/dataservice/admin/user/alice").await;
    assert_eq!(removed.status(), StatusCode::OK);
    let answer = call(&bed, &alice, "GET", "/dataservice/client/server").await;
    assert!(matches!(verdict(&alice, answer), Verdict::Dead(it) if it.style == Style::Unauthorized));
    let end = carry(&bed, half().renew(&alice, NOW).unwrap()).await;
    assert!(matches!(end, Next::Refused(Rejection::Over)), "{end:?}");
}

#[tokio::test]
async fn a_wrong_password_makes_no_token() {
    let bed = Bed::new().await;
    for name in ["alice", "bob", "nobody"] {
        let password = if name == "bob" { PASSWORD } else { "wrong" };
        let (asked, end) = carry_counting(&bed, half().sign_in(token_login(name, password))).await;
        assert!(matches!(end, Next::Refused(Rejection::Password)), "{name}: {end:?}");
        assert_eq!(asked.len(), 1);
    }
}

#[tokio::test]
async fn a_key_is_taken_as_it_is() {
    let bed = Bed::new().await;
    let key = bed.token("alice", "write").await;
    let (asked, end) = carry_counting(&bed, half().sign_in(key_login(&key))).await;
    let Next::Done(holding) = end else { panic!("{end:?}") };
    assert_eq!(asked, ["GET /dataservice/client/token", "GET /dataservice/client/server"]);
    assert_eq!((&*holding.username, secret_of(&holding)), ("alice", &*key));
    assert!(holding.csrf.is_some() && may_change(&bed, &holding).await);
    assert!(half().renew(&holding, NOW).is_none());
    assert!(matches!(carry(&bed, half().sign_out(&holding)).await, Next::Done(())));
    assert!(may_change(&bed, &holding).await, "it is not ours to end");
    for wrong in ["no-such-key", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"] {
        let end = carry(&bed, half().sign_in(key_login(wrong))).await;
        assert!(matches!(end, Next::Refused(Rejection::Token)), "{wrong}: {end:?}");
    }
}

#[test]
fn a_release_without_tokens_is_told_from_a_wrong_password() {
    let page = answer(200, &[("content-type", "text/html")], "<html><form action=\"j_security_check\">");
    let moved = answer(302, &[("location", "/welcome.html")], "");
    let filter = answer(403, &[], "SessionTokenFilter: Token provided via HTTP Header does not match");
    for old in [answer(404, &[], ""), answer(405, &[], ""), page.clone(), moved.clone(), filter] {
        let (_, end) = play(half().sign_in(token_login("a", "b")), std::slice::from_ref(&old));
        assert!(matches!(end, Next::Refused(Rejection::NoTokens)), "{old:?}: {end:?}");
    }
    for old in [answer(404, &[], ""), page, moved] {
        let (_, end) = play(half().sign_in(key_login("key")), std::slice::from_ref(&old));
        assert!(matches!(end, Next::Refused(Rejection::NoTokens)), "{old:?}: {end:?}");
    }
    let (_, end) = play(half().sign_in(token_login("a", "b")), &[answer(429, &[("retry-after", "3")], "")]);
    assert!(matches!(end, Next::Refused(Rejection::TooMany(Some(_)))));
    for strange in [answer(200, &[], "{}"), answer(200, &[], "[]"), answer(500, &[], "")] {
        let (_, end) = play(half().sign_in(token_login("a", "b")), std::slice::from_ref(&strange));
        assert!(matches!(end, Next::Lost(_)), "{strange:?}: {end:?}");
    }
}

#[test]
fn the_end_is_told_by_the_duration_or_the_instant_or_the_key() {
    for (body, wanted) in [
        (
            "{\"token\":\"a.b.c\",\"duration\":60,\"exp\":5}",
            NOW.checked_add(SignedDuration::from_secs(60)).unwrap(),
        ),
        ("{\"token\":\"a.b.c\",\"exp\":1795300777}", Timestamp::constant(1_795_300_777, 0)),
        ("{\"token\":\"a.b.c\"}", NOW.checked_add(SignedDuration::from_mins(30)).unwrap()),
        ("{\"token\":\"a.b.c\",\"duration\":-1}", NOW.checked_add(SignedDuration::from_mins(30)).unwrap()),
    ] {
        let (_, end) =
            play(half().sign_in(token_login("a", "b")), &[answer(200, &[], body), server_ok("20.18.1")]);
        let Next::Done(holding) = end else { panic!("{end:?}") };
        assert_eq!(holding.expires_at, Some(wanted), "{body}");
        assert_eq!(
            holding.csrf.as_ref().unwrap().expose(),
            "AB".repeat(50),
            "told by the server if not by the login"
        );
        assert_eq!(holding.version.as_deref(), Some("20.18.1"));
    }
    // {"exp":2110660000,"duration":1}: how long it lived when it was made says nothing now.
    let key = "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjIxMTA2NjAwMDAsImR1cmF0aW9uIjoxfQ.c2ln";
    let (asked, end) = play(half().sign_in(key_login(key)), &[token_ok(), server_ok("20.18.1")]);
    let Next::Done(holding) = end else { panic!("{end:?}") };
    assert_eq!(holding.expires_at, Some(Timestamp::constant(2_110_660_000, 0)));
    assert_eq!(holding.username, "svc");
    assert_eq!(asked[0].headers()["content-type"], "application/json");
    assert_eq!(asked[0].headers()["authorization"], format!("Bearer {key}"));
}
