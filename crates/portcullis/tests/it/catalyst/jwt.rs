//! The JWT login: tokens that are told by their digest, never by what stands in them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{DEVICES, Manager, PASSWORD, SERVER, error};
use crate::support::ADMIN_PASSWORD;

fn login(manager: &Manager, body: &Value) -> Value {
    manager.server.post("/jwt/login").json(body).send().expect(200).json()
}

fn admin() -> Value {
    json!({"username": "admin", "password": ADMIN_PASSWORD})
}

/// A part of a token: 0 is its header, 1 its claims.
fn part(token: &Value, number: usize) -> Value {
    let text = token.as_str().unwrap();
    let part = text.split('.').nth(number).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn a_login_tells_all_that_the_contract_says() {
    let manager = Manager::new();
    let told = login(&manager, &admin());
    for key in ["token", "refresh", "iss", "csrf", "tenantId"] {
        assert!(told[key].is_string(), "{key}: {told}");
    }
    assert_eq!((&told["sub"], &told["aud"]), (&json!("admin"), &json!("vmanage")));
    assert_eq!(told["userGroup"], "[netadmin]");
    assert_eq!((&told["duration"], &told["isAPIKey"]), (&json!(1800), &json!(false)));
    assert_eq!(told["csrf"].as_str().unwrap().len(), 100);
    let (head, claims) = (part(&told["token"], 0), part(&told["token"], 1));
    assert_eq!((&head["alg"], &head["typ"]), (&json!("RS256"), &json!("jwt")));
    for key in ["sub", "aud", "iss", "userGroup", "duration", "exp", "csrf", "isAPIKey", "tenantId"] {
        assert_eq!(claims[key], told[key], "{key}: {claims}");
    }
    let refresh = part(&told["refresh"], 1);
    for key in ["sub", "csrf", "exp", "tenantId"] {
        assert!(!refresh[key].is_null(), "{key}: {refresh}");
    }
    assert_eq!(manager.seen().len(), 0);
}

#[test]
fn a_token_works_with_the_csrf_value_of_its_login() {
    let manager = Manager::new();
    let told = login(&manager, &admin());
    let (token, csrf) = (told["token"].as_str().unwrap(), told["csrf"].as_str().unwrap());
    let other = login(&manager, &admin());
    for target in [DEVICES, SERVER, "/dataservice/admin/user"] {
        manager.server.get(target).bearer(token).send().expect(200);
    }
    let change = |value: &str| {
        let request = manager.server.post(DEVICES).bearer(token).json(&json!({}));
        request.header("X-XSRF-TOKEN", value).send().status
    };
    assert_eq!(change(csrf), 200);
    let before = manager.seen().len();
    assert_eq!(change(""), 403);
    assert_eq!(change(other["csrf"].as_str().unwrap()), 403);
    assert_eq!(manager.server.post(DEVICES).bearer(token).json(&json!({})).send().status, 403);
    assert_eq!(manager.seen().len(), before);
    // A changed letter anywhere makes it another token.
    for at in [3, token.len() / 2, token.len() - 3] {
        let letter = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
        let mut bent = token.to_owned();
        bent.replace_range(at..=at, letter);
        error(&manager.server.get(DEVICES).bearer(&bent).send().expect(401));
    }
    // The refresh token is no access token, neither is a cookie, and the other way round.
    let refresh = told["refresh"].as_str().unwrap();
    manager.server.get(DEVICES).bearer(refresh).send().expect(401);
    let cookie = manager.server.get(DEVICES).header("Cookie", format!("JSESSIONID={token}"));
    super::assert_dead(&cookie.send());
    let session = manager.admin();
    manager.server.get(DEVICES).bearer(&session.cookie).send().expect(401);
}

#[test]
fn a_refresh_token_gives_new_access_tokens_and_stays() {
    let manager = Manager::new();
    let told = login(&manager, &admin());
    let refresh = told["refresh"].clone();
    for duration in [None, Some(60)] {
        let mut body = json!({ "refresh": refresh });
        if let Some(duration) = duration {
            body["duration"] = json!(duration);
        }
        let again = manager.server.post("/jwt/refresh").json(&body).send().expect(200).json();
        assert_eq!(again["refresh"], refresh);
        assert_ne!(again["token"], told["token"]);
        manager.server.get(DEVICES).bearer(again["token"].as_str().unwrap()).send().expect(200);
    }
    for wrong in
        [json!({}), json!({"refresh": "x"}), json!({"refresh": told["token"]}), json!({"refresh": 5})]
    {
        let answer = manager.server.post("/jwt/refresh").json(&wrong).send();
        assert!(matches!(answer.status, 400 | 401), "{wrong}: {}", answer.status);
        error(&answer);
    }
}

#[test]
fn a_refused_login_is_401_whoever_asked() {
    let manager = Manager::new();
    let session = manager.admin();
    manager.make_user(&session, "rose", &["basic"]);
    for (name, password) in [("admin", "wrong"), ("nobody", "wrong"), ("rose", "wrong"), ("_system", "x")] {
        let answer =
            manager.server.post("/jwt/login").json(&json!({"username": name, "password": password})).send();
        error(&answer.expect(401));
    }
    for duration in [json!(0), json!(-1), json!(604_801), json!("long"), json!(1.5), json!([])] {
        let body = json!({"username": "rose", "password": PASSWORD, "duration": duration});
        let answer = manager.server.post("/jwt/login").json(&body).send();
        assert_eq!(answer.status, 400, "{duration}: {}", answer.text());
        error(&answer);
    }
}

#[test]
fn tokens_end_with_their_user() {
    let manager = Manager::new();
    let session = manager.admin();
    manager.make_user(&session, "rose", &["basic"]);
    let told = login(&manager, &json!({"username": "rose", "password": PASSWORD}));
    let token = told["token"].as_str().unwrap();
    manager.server.get(DEVICES).bearer(token).send().expect(200);
    session.on(manager.server.request("DELETE", "/dataservice/admin/user/rose")).send().expect(200);
    manager.server.get(DEVICES).bearer(token).send().expect(401);
    manager.server.post("/jwt/refresh").json(&json!({"refresh": told["refresh"]})).send().expect(401);
    // Made again, the name inherits nothing.
    manager.make_user(&session, "rose", &["basic"]);
    manager.server.get(DEVICES).bearer(token).send().expect(401);
}

#[test]
fn tokens_end_by_the_clock_each_at_its_time() {
    let upstream = crate::support::Upstream::scripted(|_| super::answer(200, "{}"));
    let config = super::service(&upstream, "");
    let options = crate::support::Options { config, ..Default::default() };
    let Some((server, clock)) = crate::security::clock::Clock::start("tokens_end_by_the_clock", options)
    else {
        return;
    };
    let manager = Manager { server, upstream };
    let mut body = admin();
    body["duration"] = json!(60);
    let told = login(&manager, &body);
    let standard = login(&manager, &admin());
    assert_eq!((&told["duration"], &standard["duration"]), (&json!(60), &json!(1800)));
    let is_alive = |token: &Value| {
        let status = manager.server.get(DEVICES).bearer(token.as_str().unwrap()).send().status;
        assert!(matches!(status, 200 | 401), "{status}");
        status == 200
    };
    for (seconds, short, long) in
        [(50, true, true), (61, false, true), (1790, false, true), (1801, false, false)]
    {
        clock.set(seconds);
        assert_eq!((is_alive(&told["token"]), is_alive(&standard["token"])), (short, long), "{seconds}");
    }
    // However it is used; and the refresh token lives a day for each second.
    let refresh =
        |told: &Value| manager.server.post("/jwt/refresh").json(&json!({"refresh": told["refresh"]})).send();
    clock.set(59 * 86_400);
    let again = refresh(&told).expect(200).json();
    assert!(is_alive(&again["token"]));
    clock.set(60 * 86_400 + 1);
    refresh(&told).expect(401);
    refresh(&standard).expect(200);
}
