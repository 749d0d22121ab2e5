//! Who gets in where, and for how long.

use http::Method;
use identity::model::attempt::AttemptPolicy;
use identity::model::setting::SettingValue;
use jiff::SignedDuration;
use serde_json::json;

use super::super::{Apprenda, wire};
use super::{ask, cloud, login, read, sign_in};
use crate::bed::{HOST, PASSWORD};
use crate::dialect::{Dialect, Doorway, Owned, Reason};

const TENANTS: &str = "/authentication/api/v1/sessions/account/tenants";

#[tokio::test]
async fn operators_are_whom_the_list_names() {
    let bed = cloud().await;
    let alice = json!({ "username": "alice", "password": PASSWORD });
    let refused = bed.send(&Apprenda, login("soc", &alice)).await;
    assert_eq!(refused.status(), 403);
    assert_eq!(refused.extensions().get::<Reason>().unwrap().0, wire::NOT_AUTHORIZED);
    let rules = |rules: &[&str]| SettingValue::List(rules.iter().map(|it| (*it).to_owned()).collect());
    bed.set("apprenda.platform_operators", rules(&["user:alice"])).await;
    sign_in(&bed, "soc", "alice").await;
    let admin = json!({ "username": "admin", "password": PASSWORD });
    assert_eq!(bed.send(&Apprenda, login("soc", &admin)).await.status(), 403, "not on the list");
    bed.set("apprenda.soc_authentication", SettingValue::Boolean(false)).await;
    sign_in(&bed, "soc", "admin").await;
    sign_in(&bed, "soc", "dave").await;
    let bob = json!({ "username": "bob", "password": PASSWORD });
    assert_eq!(bed.send(&Apprenda, login("soc", &bob)).await.status(), 400, "any active user");
}

#[tokio::test]
async fn the_status_of_a_wrong_password_is_a_setting() {
    let bed = cloud().await;
    let wrong = json!({ "username": "!", "password": "!" });
    assert_eq!(bed.send(&Apprenda, login("developer/", &wrong)).await.status(), 400);
    bed.set("apprenda.refused_login_status", SettingValue::Integer(401)).await;
    let answer = bed.send(&Apprenda, login("developer/", &wrong)).await;
    assert_eq!((answer.status().as_u16(), read(&answer)), (401, json!({ "message": wire::WRONG_PASSWORD })));
}

#[tokio::test]
async fn one_counter_counts_logins_and_questions_for_tenants() {
    let bed = cloud().await;
    let most = AttemptPolicy::default().free_max;
    let question = format!("{TENANTS}?username=carol&password=wrong");
    for count in 0..most {
        if count % 2 == 0 {
            assert_eq!(ask(&bed, "GET", &question, None).await.status(), 401);
        } else {
            let wrong = json!({ "username": "carol", "password": "wrong" });
            assert_eq!(bed.send(&Apprenda, login("developer", &wrong)).await.status(), 400);
        }
    }
    // Now the right one counts for nothing, and reads like a wrong one.
    let right = json!({ "username": "carol", "password": PASSWORD, "tenantAlias": "Acme" });
    let answer = bed.send(&Apprenda, login("developer", &right)).await;
    assert_eq!((answer.status().as_u16(), read(&answer)), (400, json!({ "message": wire::WRONG_PASSWORD })));
    let question = format!("{TENANTS}?username=carol&password={}", PASSWORD.replace(' ', "+"));
    assert_eq!(ask(&bed, "GET", &question, None).await.status(), 401);
}

#[tokio::test]
async fn a_session_has_the_length_that_is_set_and_slides_if_that_is_set() {
    let bed = cloud().await;
    bed.set("apprenda.session_minutes", SettingValue::Integer(10)).await;
    let token = sign_in(&bed, "developer", "alice").await;
    bed.clock.pass(SignedDuration::from_mins(9));
    assert_eq!(ask(&bed, "GET", TENANTS, Some(&token)).await.status(), 200);
    bed.clock.pass(SignedDuration::from_mins(1));
    assert_eq!(ask(&bed, "GET", TENANTS, Some(&token)).await.status(), 401, "fixed");

    bed.set("apprenda.session_is_sliding", SettingValue::Boolean(true)).await;
    let token = sign_in(&bed, "developer", "alice").await;
    for _ in 0..5 {
        bed.clock.pass(SignedDuration::from_mins(9));
        assert_eq!(ask(&bed, "GET", TENANTS, Some(&token)).await.status(), 200, "each use counts");
    }
    bed.clock.pass(SignedDuration::from_mins(10));
    assert_eq!(ask(&bed, "GET", TENANTS, Some(&token)).await.status(), 401);
}

#[tokio::test]
async fn a_session_ends_in_every_spelling_and_harmlessly_twice() {
    let bed = cloud().await;
    for (prefix, sign) in [
        ("/authentication/api/v1/sessions/soc/", "="),
        ("/authentication/api/v1/sessions/developer/", "%3D"),
        ("/authentication/api/v1/sessions/account/", "%253D"),
        ("/api/v1/sessions/soc/", "%3d"),
        ("/api/v1/sessions/developer/", "%253d"),
    ] {
        let (token, other) = (sign_in(&bed, "soc", "admin").await, sign_in(&bed, "soc", "admin").await);
        let path = format!("{prefix}{}", token.replace('=', sign));
        assert_eq!(ask(&bed, "GET", TENANTS, Some(&token)).await.status(), 200);
        assert_eq!(ask(&bed, "DELETE", &path, None).await.status(), 204);
        assert_eq!(ask(&bed, "GET", TENANTS, Some(&token)).await.status(), 401);
        assert_eq!(ask(&bed, "DELETE", &path, Some(&token)).await.status(), 204, "the second time");
        assert_eq!(ask(&bed, "GET", TENANTS, Some(&other)).await.status(), 200, "others live on");
    }
}

#[tokio::test]
async fn nothing_is_decided_on_what_came_in_clear() {
    let bed = cloud().await;
    let token = sign_in(&bed, "developer", "alice").await;
    let doorway = |https_port| Doorway { host: HOST.to_owned(), https_port, ..Doorway::default() };
    let body = json!({ "username": "admin", "password": PASSWORD });
    let answer = bed.send_through(&Apprenda, login("soc", &body), doorway(Some(443))).await;
    assert_eq!(answer.status(), 307);
    assert_eq!(answer.headers()["location"], format!("https://{HOST}/authentication/api/v1/sessions/soc"));
    let answer = bed.send_through(&Apprenda, login("soc", &body), doorway(None)).await;
    assert_eq!((answer.status().as_u16(), read(&answer)), (403, json!({ "message": wire::UNENCRYPTED })));
    let delete = http::Request::builder().method(Method::DELETE);
    let delete = delete.uri(format!("{}soc/{token}", wire::SESSIONS)).body(bytes::Bytes::new()).unwrap();
    assert_eq!(bed.send_through(&Apprenda, delete, doorway(Some(443))).await.status(), 307);
    assert_eq!(ask(&bed, "GET", TENANTS, Some(&token)).await.status(), 200, "still alive");
}

#[tokio::test]
async fn a_login_that_is_too_long_is_told_so() {
    let bed = cloud().await;
    let long = json!({ "username": "admin", "password": PASSWORD, "padding": "x".repeat(wire::LOGIN_MAX) });
    let answer = bed.send(&Apprenda, login("soc", &long)).await;
    assert_eq!((answer.status().as_u16(), read(&answer)), (413, json!({ "message": wire::LOGIN_TOO_LONG })));
    let deep = format!("{{\"username\":{}", "[".repeat(1000));
    let mut request = login("soc", &json!({}));
    *request.body_mut() = bytes::Bytes::from(deep);
    assert_eq!(bed.send(&Apprenda, request).await.status(), 400);
}

#[tokio::test]
async fn every_answer_tells_its_length() {
    let bed = cloud().await;
    let body = json!({ "username": "admin", "password": PASSWORD });
    let answer = bed.send(&Apprenda, login("soc", &body)).await;
    assert_eq!(answer.headers()["content-length"], answer.body().len().to_string().as_str());
    let answer = ask(&bed, "GET", TENANTS, None).await;
    assert_eq!(answer.headers()["content-length"], answer.body().len().to_string().as_str());
}

#[test]
fn the_contract_owns_its_sessions_and_nothing_else() {
    for path in [
        "/authentication/api/v1/sessions",
        "/authentication/api/v1/sessions/",
        "/authentication/api/v1/sessions/soc",
        "/authentication/api/v1/sessions/soc/x/y",
        "/authentication/api/v1/sessions/sales",
        "/api/v1/sessions/soc/x",
    ] {
        assert_eq!(Apprenda.owns(path), Owned::Public, "{path}");
    }
    for path in
        ["/", "/authentication", "/soc/api/v1/nodes", "/api/v1/sessions", "/api/v1/sessions/soc", "/api/v1/x"]
    {
        assert_eq!(Apprenda.owns(path), Owned::No, "{path}");
    }
}
