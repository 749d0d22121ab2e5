//! What somebody tries who knows a password and wants more than it gives.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use identity::model::object::Noun;
use identity::model::pace::Load;
use identity::model::setting::SettingValue;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{get, json as body_of, signed_in};
use crate::bed::{Bed, PASSWORD};
use crate::catalyst::Catalyst;
use crate::dialect::{Dialect as _, Doorway};

const TOKEN: &str = "/dataservice/client/token";

async fn post(bed: &Bed, path: &str, body: &Value) -> Response<Bytes> {
    let request = Request::post(path).header(CONTENT_TYPE, "application/json");
    bed.send(&Catalyst, request.body(Bytes::from(body.to_string())).unwrap()).await
}

async fn login(bed: &Bed, name: &str, duration: i64) -> Value {
    let body = json!({ "username": name, "password": PASSWORD, "duration": duration });
    body_of(&post(bed, "/jwt/login", &body).await)
}

async fn refresh(bed: &Bed, token: &Value) -> Response<Bytes> {
    post(bed, "/jwt/refresh", &json!({ "refresh": token, "duration": 60 })).await
}

async fn status(bed: &Bed, token: &Value) -> StatusCode {
    let request = Request::get(TOKEN);
    let request = request.header(AUTHORIZATION, format!("Bearer {}", token.as_str().unwrap()));
    bed.send(&Catalyst, request.body(Bytes::new()).unwrap()).await.status()
}

#[tokio::test]
async fn neither_a_login_nor_a_refresh_gives_more_requests() {
    let bed = Bed::new().await;
    bed.set("catalyst.requestsPerSecond", SettingValue::Integer(1)).await;
    let tokens = login(&bed, "alice", 60).await;
    let secret = signed_in(&bed, "alice").await;
    assert_eq!(get(&bed, TOKEN, &secret).await.status(), StatusCode::OK);
    let again = signed_in(&bed, "alice").await;
    assert_eq!(get(&bed, TOKEN, &again).await.status(), StatusCode::TOO_MANY_REQUESTS);
    let fresh = body_of(&refresh(&bed, &tokens["refresh"]).await);
    assert_eq!(status(&bed, &fresh["token"]).await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_refreshed_token_is_not_taken_for_one_that_nobody_has_used_for_long() {
    let bed = Bed::new().await;
    bed.set("portcullis.sessions_max", SettingValue::Integer(3)).await;
    let tokens = login(&bed, "alice", 60).await;
    bed.clock.pass(SignedDuration::from_hours(20));
    let other = signed_in(&bed, "admin").await;
    bed.clock.pass(SignedDuration::from_secs(60));
    let fresh = body_of(&refresh(&bed, &tokens["refresh"]).await);
    bed.clock.pass(SignedDuration::from_secs(1));
    signed_in(&bed, "admin").await;
    assert_eq!(status(&bed, &fresh["token"]).await, StatusCode::OK);
    assert_eq!(get(&bed, TOKEN, &other).await.status(), StatusCode::UNAUTHORIZED, "it rested longest");
}

#[tokio::test]
async fn a_refresh_is_no_login_of_long_ago() {
    let bed = Bed::new().await;
    let tokens = login(&bed, "alice", 60).await;
    bed.clock.pass(SignedDuration::from_hours(2));
    signed_in(&bed, "alice").await;
    let last_login = async || {
        let id = bed.authority.find_named(Noun::User, "alice", None).await.unwrap().unwrap();
        let found = bed.authority.store.find_subject(identity::model::object::UserId(id)).await.unwrap();
        found.unwrap().user.last_login_at
    };
    let before = last_login().await;
    assert_eq!(refresh(&bed, &tokens["refresh"]).await.status(), StatusCode::OK);
    assert_eq!(last_login().await, before);
}

#[test]
fn no_spelling_makes_a_heavy_request_a_light_one() {
    let load = |path: &str| {
        let (parts, ()) = Request::get(path).body(()).unwrap().into_parts();
        Catalyst.read_proof(&parts, &Doorway::default()).load
    };
    for path in ["state/x", "statistics", "state;a=b/x", "STATE/x", "/state/x", ";a/state/x", "state%3Ba/x"] {
        assert_eq!(load(&format!("/dataservice/data/device/{path}")), Load::Bulk, "{path}");
    }
    for path in ["/dataservice/device", "/dataservice;x/device", "/dataservice/data/device/stateful"] {
        assert_eq!(load(path), Load::Ordinary, "{path}");
    }
    for path in ["/", "/logout", "/jwt/login", "/dataservices/device"] {
        assert_eq!(load(path), Load::Uncounted, "{path}");
    }
}
