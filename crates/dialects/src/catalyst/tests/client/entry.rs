//! Signing in at our own server half, and out again.

use std::sync::Arc;

use http::StatusCode;
use identity::model::proof::Proof;
use identity::model::setting::SettingValue;
use identity::model::tenant::Tenant;
use jiff::SignedDuration;

use super::{
    NOW, answer, call, carry, carry_counting, half, held, login, made_up, may_change, play, secret_of,
};
use crate::bed::{Bed, PASSWORD};
use crate::client_half::{Login, Next, Rejection, Who};

async fn bed_with_tenant() -> Bed {
    let mut bed = Bed::new().await;
    let text = |it: &str| it.to_owned();
    Arc::get_mut(&mut bed.authority).unwrap().tenants = vec![Tenant {
        id: text("1f2d"),
        name: text("One"),
        description: text("The first"),
        organization: text("one-org"),
        subdomain: text("one.example.com"),
    }];
    bed
}

#[tokio::test]
async fn what_a_session_wins_is_good() {
    let bed = Bed::new().await;
    let (asked, end) = carry_counting(&bed, half().sign_in(login("alice", PASSWORD))).await;
    let Next::Done(holding) = end else { panic!("{end:?}") };
    assert_eq!(
        asked,
        ["POST /j_security_check", "GET /dataservice/client/token", "GET /dataservice/client/server"]
    );
    assert!(may_change(&bed, &holding).await);
    assert_eq!(holding.expires_at, NOW.checked_add(SignedDuration::from_hours(24)).ok());
    assert_eq!(holding.version.as_deref(), Some("20.12.1"));
    assert!(!format!("{holding:?}").contains(secret_of(&holding)));
}

#[tokio::test]
async fn who_may_read_the_settings_knows_when_it_ends() {
    let bed = Bed::new().await;
    bed.set("catalyst.sessionLifeTime", SettingValue::Integer(60)).await;
    let admin = held(&bed, login("admin", PASSWORD)).await;
    assert_eq!(admin.expires_at, NOW.checked_add(SignedDuration::from_hours(1)).ok());
}

#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    let bed = Bed::new().await;
    for (name, password) in [("alice", "wrong"), ("nobody", PASSWORD), ("bob", PASSWORD), ("alice", "")] {
        let (asked, end) = carry_counting(&bed, half().sign_in(login(name, password))).await;
        assert!(matches!(end, Next::Refused(Rejection::Password)), "{name}: {end:?}");
        assert_eq!(asked.len(), 1);
    }
}

#[tokio::test]
async fn a_provider_acts_for_a_tenant() {
    let bed = bed_with_tenant().await;
    for wanted in ["one.example.com", "One", "1f2d", "ONE"] {
        let login = Login { tenant: Some(wanted.to_owned()), ..login("admin", PASSWORD) };
        let holding = held(&bed, login).await;
        let (name, shown) = holding.tenant.clone().unwrap();
        assert_eq!((&*name, shown.expose()), (wanted, "MWYyZA=="));
        assert!(may_change(&bed, &holding).await);
        let end = carry(&bed, half().who(&holding)).await;
        assert!(matches!(&end, Next::Done(Who { tenant: Some(it), .. }) if it == wanted), "{end:?}");
        assert!(matches!(carry(&bed, half().sign_out(&holding)).await, Next::Done(())));
        assert_eq!(
            call(&bed, &holding, "GET", "/dataservice/client/server").await.status(),
            StatusCode::UNAUTHORIZED
        );
    }
}

#[tokio::test]
async fn a_tenant_that_is_not_there_costs_no_session() {
    let bed = bed_with_tenant().await;
    let admin = held(&bed, login("admin", PASSWORD)).await;
    for (name, wanted) in [("admin", "Two"), ("alice", "One")] {
        let login = Login { tenant: Some(wanted.to_owned()), ..login(name, PASSWORD) };
        let (asked, end) = carry_counting(&bed, half().sign_in(login)).await;
        assert!(matches!(&end, Next::Refused(Rejection::Tenant(it)) if it == wanted), "{end:?}");
        assert_eq!(asked.last().unwrap(), "POST /logout");
    }
    let standing = carry(&bed, half().standing(&admin, NOW).unwrap()).await;
    let Next::Done(standing) = standing else { panic!("{standing:?}") };
    assert_eq!(standing.sessions, Some(1), "only our own is left");
    // Where there are no tenants nobody acts for one.
    let bed = Bed::new().await;
    let login = Login { tenant: Some("One".to_owned()), ..login("admin", PASSWORD) };
    assert!(matches!(carry(&bed, half().sign_in(login)).await, Next::Refused(Rejection::Tenant(_))));
}

#[tokio::test]
async fn signing_out_follows_the_release() {
    for (version, method) in [("20.12.1", "POST"), ("20.9.5", "GET"), ("no release", "POST")] {
        let mut bed = Bed::new().await;
        Arc::get_mut(&mut bed.authority).unwrap().manager_version = version.to_owned();
        let holding = held(&bed, login("alice", PASSWORD)).await;
        let (asked, end) = carry_counting(&bed, half().sign_out(&holding)).await;
        assert!(matches!(end, Next::Done(())), "{version}: {end:?}");
        assert_eq!(asked, [format!("{method} /logout")]);
        let dead = call(&bed, &holding, "GET", "/dataservice/client/server").await;
        assert_eq!(dead.status(), StatusCode::UNAUTHORIZED);
        // Twice is no error.
        assert!(matches!(carry(&bed, half().sign_out(&holding)).await, Next::Done(())));
    }
}

#[test]
fn a_method_that_is_not_allowed_is_not_the_end() {
    let not_allowed = answer(405, &[("allow", "GET")], "");
    let gone = answer(302, &[("location", "/welcome.html?nocache=1")], "");
    let (asked, end) = play(half().sign_out(&made_up()), &[not_allowed.clone(), gone.clone()]);
    assert!(matches!(end, Next::Done(())));
    assert_eq!((asked[0].method().as_str(), asked[1].method().as_str()), ("POST", "GET"));
    assert_eq!(asked[0].headers()["content-length"], "0");
    assert_eq!(asked[0].headers()["cookie"], "JSESSIONID=abc.def");
    let (_, end) = play(half().sign_out(&made_up()), &[not_allowed.clone(), not_allowed.clone()]);
    assert!(matches!(end, Next::Lost(_)));
    for (answer, is_over) in [
        (answer(200, &[], "<html>"), true),
        (answer(401, &[], "{}"), true),
        (answer(404, &[], ""), false),
        (answer(500, &[], ""), false),
    ] {
        let (_, end) = play(half().sign_out(&made_up()), std::slice::from_ref(&answer));
        assert_eq!(matches!(end, Next::Done(())), is_over, "{answer:?}");
    }
    let mut old = made_up();
    old.version = Some("20.11.1".to_owned());
    let (asked, _) = play(half().sign_out(&old), &[not_allowed, gone]);
    assert_eq!((asked[0].method().as_str(), asked[1].method().as_str()), ("GET", "POST"));
}

#[test]
fn releases_are_read_out_of_any_name() {
    let release = crate::catalyst::client::sign_out::release;
    for (name, wanted) in [
        ("20.12.1", Some((20, 12))),
        ("20.12.0-144-li", Some((20, 12))),
        ("smart-li-20.13.999-3077", Some((20, 13))),
        ("19.2.4", Some((19, 2))),
        ("26.1", Some((26, 1))),
        ("none", None),
        ("", None),
        ("20", None),
    ] {
        assert_eq!(release(name), wanted, "{name}");
    }
}

#[tokio::test]
async fn a_proof_is_written_whole() {
    let bed = Bed::new().await;
    let holding = held(&bed, login("alice", PASSWORD)).await;
    let request = super::shown(&holding, "GET", "/dataservice/device");
    let Proof::Session { secret, csrf } = &holding.proof else { panic!("{holding:?}") };
    assert_eq!(request.headers()["cookie"], format!("JSESSIONID={}", secret.expose()));
    assert_eq!(request.headers()["x-xsrf-token"], csrf.as_ref().unwrap().expose());
    assert!(request.headers()["cookie"].is_sensitive() && request.headers()["x-xsrf-token"].is_sensitive());
    assert!(
        !request.headers().contains_key("vsessionid") && !request.headers().contains_key("authorization")
    );
}
