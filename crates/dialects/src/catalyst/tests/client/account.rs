//! Who we are, how our session stands, and the end of its other sessions.

use http::StatusCode;
use serde_json::{Value, json};

use super::{NOW, answer, call, carry, half, held, key_login, login, made_up, play, server_ok, token_login};
use crate::bed::{Bed, PASSWORD};
use crate::client_half::{Holding, Next, Rejection, Standing};

async fn standing(bed: &Bed, holding: &Holding) -> Standing {
    match carry(bed, half().standing(holding, NOW).unwrap()).await {
        Next::Done(standing) => standing,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_server_says_who_we_are() {
    let bed = Bed::new().await;
    let key = bed.token("alice", "read").await;
    for (login, name, is_superuser) in [
        (login("admin", PASSWORD), "admin", true),
        (login("alice", PASSWORD), "alice", false),
        (token_login("alice", PASSWORD), "alice", false),
        (key_login(&key), "alice", false),
    ] {
        let holding = held(&bed, login).await;
        let end = carry(&bed, half().who(&holding)).await;
        let Next::Done(who) = end else { panic!("{end:?}") };
        assert_eq!((&*who.username, who.is_superuser, who.tenant), (name, Some(is_superuser), None));
        assert_eq!(who.roles, [if is_superuser { "netadmin" } else { "basic" }]);
    }
    let end = carry(&bed, half().who(&made_up())).await;
    assert!(matches!(end, Next::Refused(Rejection::Over)), "{end:?}");
}

#[tokio::test]
async fn the_list_of_sessions_leaves_out_ours() {
    let bed = Bed::new().await;
    let admin = held(&bed, login("admin", PASSWORD)).await;
    for _ in 0..3 {
        held(&bed, login("alice", PASSWORD)).await;
    }
    let wanted = Standing {
        expires_at: admin.expires_at,
        sessions: Some(4),
        sessions_max: Some(100),
        before_ours: Some(3),
    };
    assert_eq!(standing(&bed, &admin).await, wanted);
    // Who may not read the list knows only the end.
    let alice = held(&bed, login("alice", PASSWORD)).await;
    let wanted = Standing { expires_at: alice.expires_at, ..Standing::default() };
    assert_eq!(standing(&bed, &alice).await, wanted);
    // A token is in no list.
    let token = held(&bed, token_login("admin", PASSWORD)).await;
    let told = standing(&bed, &token).await;
    assert_eq!((told.sessions, told.before_ours), (Some(5), None));
    let end = carry(&bed, half().standing(&made_up(), NOW).unwrap()).await;
    assert!(matches!(end, Next::Refused(Rejection::Over)), "{end:?}");
}

#[tokio::test]
async fn leftovers_of_our_account_end_and_nobody_elses() {
    let bed = Bed::new().await;
    let old = [held(&bed, login("admin", PASSWORD)).await, held(&bed, login("admin", PASSWORD)).await];
    let alice = held(&bed, login("alice", PASSWORD)).await;
    let own = held(&bed, login("admin", PASSWORD)).await;
    assert!(matches!(carry(&bed, half().clean(&own).unwrap()).await, Next::Done(2)));
    for dead in &old {
        let status = call(&bed, dead, "GET", "/dataservice/client/server").await.status();
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    for live in [&own, &alice] {
        assert_eq!(call(&bed, live, "GET", "/dataservice/client/server").await.status(), StatusCode::OK);
    }
    assert!(matches!(carry(&bed, half().clean(&own).unwrap()).await, Next::Done(0)));
    let end = carry(&bed, half().clean(&alice).unwrap()).await;
    assert!(matches!(end, Next::Refused(Rejection::NotPermitted(_))), "{end:?}");
}

#[test]
fn sessions_are_ended_as_clients_do_it() {
    let row = |user: &str, number: &str| json!({"uuid": format!("u{number}"), "rawId": number, "tenantId": "default", "rawUserName": user, "sourceIp": "192.0.2.1"});
    let list =
        json!({"data": [row("svc", "1"), row("other", "2"), row("svc", "3"), {"uuid": "x"}]}).to_string();
    let mut holding = made_up();
    holding.username = String::new();
    let answers = [
        server_ok("20.12.1"),
        answer(200, &[], &list),
        answer(200, &[], "{\"data\":{\"message\":\"done\"}}"),
    ];
    let (asked, end) = play(half().clean(&holding).unwrap(), &answers);
    assert!(matches!(end, Next::Done(2)), "{end:?}");
    let sent = &asked[2];
    assert_eq!(
        (sent.method().as_str(), sent.uri().path()),
        ("DELETE", "/dataservice/admin/user/removeSessions")
    );
    assert_eq!(sent.headers()["x-xsrf-token"], "AB".repeat(50));
    assert_eq!(sent.headers()["content-type"], "application/json");
    let body: Value = serde_json::from_slice(sent.body()).unwrap();
    let wanted = json!({"data": [
        {"uuid": "u1", "tenantId": "default", "rawId": "1"},
        {"uuid": "u3", "tenantId": "default", "rawId": "3"},
    ]});
    assert_eq!(body, wanted);
    let (_, end) = play(half().clean(&made_up()).unwrap(), &[answer(404, &[], "{}")]);
    assert!(matches!(end, Next::Lost(_)), "{end:?}");
}

#[test]
fn too_much_is_told_from_no() {
    let busy = answer(503, &[("retry-after", "2")], "");
    let end = play(half().who(&made_up()), std::slice::from_ref(&busy)).1;
    assert!(matches!(end, Next::Refused(Rejection::TooMany(Some(_)))));
    let change = answer(302, &[("location", "/passwordReset.html")], "");
    let end = play(half().who(&made_up()), std::slice::from_ref(&change)).1;
    assert!(matches!(end, Next::Refused(Rejection::PasswordChange)));
    let page = answer(200, &[], "<html>");
    assert!(matches!(play(half().who(&made_up()), &[page]).1, Next::Refused(Rejection::Over)));
    assert!(matches!(play(half().who(&made_up()), &[answer(500, &[], "")]).1, Next::Lost(_)));
}
