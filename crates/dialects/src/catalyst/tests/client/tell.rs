//! Recognising a Manager, its limits, and what other tools want to know.

use std::time::Duration;

use http::{Method, Request};
use identity::model::pace::Load;
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use serde_json::json;

use super::{answer, half, login, made_up, shown};
use crate::bed::{Bed, PASSWORD};
use crate::catalyst::Catalyst;
use crate::client_half::{Holding, Method as Way};
use crate::dialect::{Doorway, ExpiredSession};

#[tokio::test]
async fn our_own_server_is_recognised_at_each_probe() {
    let bed = Bed::new().await;
    assert!(half().probes().len() <= 3);
    let found = |answer, path| half().recognise(path, &answer).map(|it| it.certainty);
    let ask = |path: &str| Request::get(path).body(bytes::Bytes::new()).unwrap();
    let ready = bed.send(&Catalyst, ask("/dataservice/client/server/ready")).await;
    assert_eq!(found(ready, "/dataservice/client/server/ready"), Some(90));
    for expired_session in [ExpiredSession::Unauthorized, ExpiredSession::LoginPage, ExpiredSession::Redirect]
    {
        let doorway = Doorway { is_secure: true, expired_session, ..Doorway::default() };
        let answer = bed.send_through(&Catalyst, ask("/dataservice/client/server"), doorway).await;
        assert_eq!(found(answer, "/dataservice/client/server"), Some(70), "{expired_session:?}");
    }
}

#[test]
fn another_server_is_not() {
    for (status, body) in [
        (200, "{}"),
        (200, "[]"),
        (200, "<html>shop</html>"),
        (404, "<html>j_security_check</html>"),
        (401, "{\"detail\":\"no\"}"),
        (302, ""),
        (200, "{\"isServerReady\":\"x\"}"),
    ] {
        for path in half().probes() {
            assert_eq!(half().recognise(path, &answer(status, &[], body)), None, "{path} {status} {body}");
        }
    }
    let ready = answer(200, &[], "{\"isServerReady\":false}");
    let found = half().recognise("/dataservice/client/server/ready", &ready).unwrap();
    assert_eq!(found.product, "Cisco Catalyst SD-WAN Manager");
    assert_eq!(half().recognise("/elsewhere", &ready), None);
}

#[test]
fn limits_are_those_of_the_contract() {
    let rates = half().rates();
    assert_eq!((rates.ordinary.requests, rates.ordinary.period.as_secs()), (100, 1));
    assert_eq!((rates.bulk.requests, rates.bulk.period.as_secs()), (48, 60));
    assert_eq!(half().upkeep().every, Duration::from_secs(600));
    assert_eq!(half().load(&Method::GET, "/dataservice/data/device/state/Interface"), Load::Bulk);
    assert_eq!(half().load(&Method::GET, "/dataservice/device"), Load::Ordinary);
    assert_eq!(half().load(&Method::GET, "/logout"), Load::Uncounted);
    assert_eq!(half().methods(), [Way::Session, Way::Token]);
}

#[test]
fn rows_stand_behind_data() {
    assert_eq!(half().rows(&json!({"header": {}, "data": [1, 2]})).map(Vec::len), Some(2));
    assert_eq!(half().rows(&json!([1])).map(Vec::len), Some(1));
    assert_eq!(half().rows(&json!({"data": {"a": 1}})), None);
    assert_eq!(half().rows(&json!({"isAdmin": true})), None);
}

#[test]
fn other_tools_find_what_they_look_for() {
    let mut session = made_up();
    session.base = "https://manager.example:8443".to_owned();
    let told = |holding: &Holding| -> Vec<(&str, String)> {
        half().environment(holding).iter().map(|(name, value)| (*name, value.expose().to_owned())).collect()
    };
    let text = |name, value: &str| (name, value.to_owned());
    let wanted = [
        text("SDWAN_URL", "https://manager.example:8443"),
        text("VMANAGE_IP", "manager.example"),
        text("VMANAGE_HOST", "manager.example"),
        text("VMANAGE_PORT", "8443"),
        text("VMANAGE_USER", "svc"),
        text("VMANAGE_USERNAME", "svc"),
        text("SDWAN_USERNAME", "svc"),
    ];
    assert_eq!(told(&session), wanted);
    let mut token = Holding::new(&login("", PASSWORD), Proof::Bearer(Secret::new("a.b.c")));
    token.base = "https://manager.example".to_owned();
    let told = told(&token);
    for wanted in [text("VMANAGE_APIKEY", "a.b.c"), text("SDWAN_API_TOKEN", "a.b.c")] {
        assert!(told.contains(&wanted), "{told:?}");
    }
    assert!(!told.iter().any(|(name, _)| *name == "VMANAGE_PORT" || *name == "VMANAGE_USER"), "{told:?}");
}

#[test]
fn a_token_is_written_with_all_that_goes_with_it() {
    let mut token = Holding::new(&login("svc", PASSWORD), Proof::Bearer(Secret::new("a.b.c")));
    token.csrf = Some(Secret::new("ABCD"));
    token.tenant = Some(("One".to_owned(), Secret::new("MWYyZA==")));
    let request = shown(&token, "POST", "/dataservice/device");
    let headers = request.headers();
    assert_eq!(headers["authorization"], "Bearer a.b.c");
    assert_eq!(
        (&headers["x-xsrf-token"], &headers["vsessionid"]),
        (&"ABCD".parse().unwrap(), &"MWYyZA==".parse().unwrap())
    );
    assert!(!headers.contains_key("cookie") && headers.values().all(http::HeaderValue::is_sensitive));
    assert_eq!(half().session_headers(), ["x-xsrf-token", "vsessionid"]);
}
