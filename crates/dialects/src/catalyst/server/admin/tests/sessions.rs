//! Active sessions: listed without secrets, ended one by one.

use http::Method;
use identity::model::session::SessionKind;

use super::{Bed, Hand, Value, error, json};

#[tokio::test]
async fn all_sessions_but_ones_own_are_listed_and_hold_no_secret() {
    let bed = Bed::new().await;
    let alice = Hand::of(&bed, "alice").await;
    let admin = Hand::of(&bed, "admin").await;
    bed.sign_in_as("alice", SessionKind::Gateway).await;
    let (status, body) = admin.get("admin/user/activeSessions").await;
    assert_eq!(status, 200);
    let list = body["data"].as_array().unwrap();
    assert_eq!(list.len(), 1, "neither one's own nor another door's: {body}");
    let session = &list[0];
    assert_eq!((&session["rawUserName"], &session["userGroup"]), (&json!("alice"), &json!("[\"basic\"]")));
    assert_eq!((&session["sourceIp"], &session["tenantId"]), (&json!("192.0.2.1"), &json!("default")));
    assert_eq!(session["createDateTime"], 1_795_300_000_193_i64);
    assert_eq!(session["uuid"].as_str().unwrap().len(), 36);
    let text = body.to_string();
    assert!(!text.contains(&alice.secret) && !text.contains(&admin.secret) && !text.contains(&alice.csrf));
}

#[tokio::test]
async fn sessions_are_ended_by_both_shapes_of_the_body() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    let shapes: [fn(Value) -> Value; 2] = [|it| json!([it]), |it| json!({ "data": [it] })];
    for shape in shapes {
        let alice = Hand::of(&bed, "alice").await;
        let (_, body) = admin.get("admin/user/activeSessions").await;
        let session = &body["data"][0];
        let named = json!({
            "uuid": session["uuid"], "tenantId": session["tenantId"], "rawId": session["rawId"],
        });
        let body = shape(named);
        let (status, told) = admin.ask(Method::DELETE, "admin/user/removeSessions", &body).await;
        assert_eq!((status, &told["data"]["message"]), (200, &json!("1 session was removed")));
        error(&alice.get("admin/user/role").await, 401);
        // Once more is no error, and ends nothing.
        let (status, told) = admin.ask(Method::DELETE, "admin/user/removeSessions", &body).await;
        assert_eq!((status, &told["data"]["message"]), (200, &json!("0 sessions were removed")));
    }
}

#[tokio::test]
async fn this_door_ends_no_other_doors_sessions() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    let other = bed.sign_in_as("alice", SessionKind::Gateway).await;
    for named in [
        json!({ "uuid": format!("00000000-0000-8000-8000-{:012x}", other.session.id.0) }),
        json!({ "rawId": other.session.id.to_string() }),
        json!({ "uuid": "nonsense" }),
        json!({ "uuid": format!("00000000-0000-8000-8000-{:x}", i64::MAX) }),
    ] {
        let body = json!({ "data": [named] });
        let (status, told) = admin.ask(Method::DELETE, "admin/user/removeSessions", &body).await;
        assert_eq!((status, &told["data"]["message"]), (200, &json!("0 sessions were removed")));
    }
    assert!(bed.authority.store.find_session(&other.session.digest).await.unwrap().is_some());
    for body in [Value::Null, json!({}), json!("x"), json!([7]), json!([{}]), json!(vec![json!({}); 1001])] {
        error(&admin.ask(Method::DELETE, "admin/user/removeSessions", &body).await, 400);
    }
}
