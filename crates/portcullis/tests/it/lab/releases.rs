//! What releases lack: AWX after 24.6.1, and Catalyst Manager before 19.2, 20.12 and 20.18.

use serde_json::json;

use super::Visitor;
use crate::support::lab::{Lab, PASSWORD};

const DEVICES: &str = "/dataservice/device";

#[test]
fn awx_without_tokens_has_none() {
    let lab = Lab::start("awx-without-tokens");
    for path in
        ["/api/v2/tokens/", "/api/v2/applications/", "/api/o/", "/api/o/token/", "/api/v2/users/1/tokens/"]
    {
        for method in ["GET", "POST"] {
            let asked = lab.request(method, path).basic("admin", PASSWORD);
            asked.send_encrypted().expect(404);
        }
    }
    let root = lab.request("GET", "/api/v2/").send_encrypted().expect(200).json();
    assert!(
        root["users"].is_string() && root["tokens"].is_null() && root["applications"].is_null(),
        "{root}"
    );
    let top = lab.request("GET", "/api/").send_encrypted().expect(200).json();
    assert!(top["current_version"].is_string() && top["oauth2"].is_null(), "{top}");
    lab.request("GET", "/api/v2/me/").basic("admin", PASSWORD).send_encrypted().expect(200);
    let with = Lab::start("awx");
    let made = with.request("POST", "/api/v2/tokens/").basic("admin", PASSWORD).json(&json!({}));
    made.send_encrypted().expect(201);
    assert_eq!(with.count("/tokens/made"), 1);
}

#[test]
fn a_manager_before_19_2_has_no_token_and_wants_none() {
    let lab = Lab::with("catalyst", &["--release", "19.1"]);
    let visitor = Visitor::sign_in(&lab, "catalyst", "admin");
    visitor.get("/dataservice/client/token").expect(404);
    visitor.make(DEVICES, "bare", &json!({})).expect(200);
    assert_eq!(lab.ran_key("bare"), 1);
    // It is not open to everybody for that.
    lab.request("POST", DEVICES).json(&json!({})).send_encrypted().expect(401);
}

#[test]
fn a_manager_says_its_release_and_lacks_what_came_later() {
    let rows =
        [("19.3", false, false), ("20.11", false, false), ("20.12.2", true, false), ("20.18", true, true)];
    for (release, has_post_logout, has_jwt) in rows {
        let lab = Lab::with("catalyst", &["--release", release]);
        let visitor = Visitor::sign_in(&lab, "catalyst", "admin");
        let server = visitor.get("/dataservice/client/server").expect(200).json();
        let told = server["data"]["platformVersion"].as_str().unwrap();
        assert!(told.starts_with(release), "{told}");
        visitor.get("/dataservice/client/token").expect(200);
        let body = json!({"username": "admin", "password": PASSWORD});
        let jwt = lab.request("POST", "/jwt/login").json(&body).send_encrypted();
        assert_eq!(jwt.status, if has_jwt { 200 } else { 404 }, "{release}");
        let (good, bad) = if has_post_logout { ("POST", "GET") } else { ("GET", "POST") };
        let refused = visitor.request(bad, "/logout").send_encrypted().expect(405);
        assert_eq!(refused.header("allow"), Some(good));
        visitor.get(DEVICES).expect(200);
        visitor.request(good, "/logout").send_encrypted().expect(302);
        assert_ne!(visitor.get(DEVICES).status, 200, "{release}");
    }
}

#[test]
fn a_platform_answers_nothing_of_another() {
    let foreign = [
        ("aap", "/api/login/"),
        ("aap", "/dataservice/client/server"),
        ("awx", "/api/gateway/v1/ping/"),
        ("awx", "/j_security_check"),
        ("catalyst", "/api/v2/ping/"),
        ("apprenda", "/api/"),
        ("apprenda", "/portcullis/v1/refusals/x"),
    ];
    for (platform, path) in foreign {
        let lab = Lab::start(platform);
        lab.request("GET", path).send_encrypted().expect(404);
    }
}
