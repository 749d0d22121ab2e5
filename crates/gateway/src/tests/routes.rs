//! Who answers which path: a contract itself, a service, or a contract in a service's place.

use super::controller::{Controller, DIALECTS};
use super::rig::{Rig, config, service, status};
use super::upstream::Upstream;
use crate::config::{PublicPath, Service};

/// A service of AWX's contract, open to everybody.
fn open(path: &str, upstream: &Upstream) -> Service {
    Service {
        name: "awx".into(),
        path: path.into(),
        dialect: &Controller,
        public: vec![PublicPath::Below(path.into())],
        ..service(&[upstream.address])
    }
}

fn body(answer: &str) -> &str {
    answer.split("\r\n\r\n").nth(1).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_gets_what_a_contract_only_has_to_spare() {
    let upstream = Upstream::ok().await;
    let with = Rig::start_with(config(vec![open("/api/v2/", &upstream)]), &DIALECTS).await;
    let without = Rig::start_with(config(Vec::new()), &DIALECTS).await;
    for (path, wanted_with, wanted_without) in [
        ("/api/v2/", "own <> /api/v2/", "own <> /api/v2/"),
        ("/api/v2/users/1/?a=b", "own <> /api/v2/users/1/?a=b", "own <> /api/v2/users/1/?a=b"),
        ("/api/v2/inventories/", "ok", "own <> /api/v2/inventories/"),
        ("/api/v2/inventories/1/", "ok", r#"{"detail":"Not found."}"#),
        ("/api/v2/jobs/", "ok", r#"{"detail":"Not found."}"#),
    ] {
        assert_eq!(body(&with.get(path, "").await), wanted_with, "{path}");
        assert_eq!(body(&without.get(path, "").await), wanted_without, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_is_answered_behind_its_prefix() {
    let mut config = config(Vec::new());
    config.awx_prefix = Some("controller".into());
    let rig = Rig::start_with(config.clone(), &DIALECTS).await;
    for (path, wanted) in [
        ("/api/controller/v2/users/1/?a=b", "own </api/controller> /api/v2/users/1/?a=b"),
        ("//api//controller/v2/%70ing/", "own </api/controller> /api/v2/ping/"),
        ("/api/controller/v2/inventories/", "own </api/controller> /api/v2/inventories/"),
        ("/api/v2/users/1/", "own <> /api/v2/users/1/"),
        ("/api/controller/v2/jobs/", r#"{"detail":"Not found."}"#),
        ("/api/controllers/v2/users/1/", r#"{"detail":"Not found."}"#),
        // The platform's own endpoints have no second address.
        ("/api/controller/gateway/v1/ping/", r#"{"detail":"Not found."}"#),
    ] {
        assert_eq!(body(&rig.get(path, "").await), wanted, "{path}");
    }
    // It goes with the addresses of a start, and nothing else is taken over with it.
    config.awx_prefix = None;
    assert!(rig.gateway.reload(&config).is_err());
    config.awx_prefix = Some("controller".into());
    rig.gateway.reload(&config).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_prefix_there_is_none_and_a_service_goes_before_it() {
    let upstream = Upstream::ok().await;
    let none = Rig::start_with(config(Vec::new()), &DIALECTS).await;
    assert_eq!(status(&none.get("/api/controller/v2/ping/", "").await), 404);
    let mut config = config(vec![open("/api/controller/", &upstream)]);
    config.awx_prefix = Some("controller".into());
    let rig = Rig::start_with(config, &DIALECTS).await;
    assert_eq!(body(&rig.get("/api/controller/v2/ping/", "").await), "ok");
}

/// A gateway with the contracts as they are, before one service that has everything else and is open to everybody.
async fn in_front_of_all(upstream: &Upstream) -> Rig {
    let all = Service {
        name: "all".into(),
        path: "/".into(),
        dialect: dialects::named("catalyst").unwrap(),
        public: vec![PublicPath::Below("/".into())],
        ..service(&[upstream.address])
    };
    Rig::start(config(vec![all])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_servlet_container_would_take_for_a_login_never_reaches_one() {
    let upstream = Upstream::ok().await;
    let rig = in_front_of_all(&upstream).await;
    let form = "j_username=ann&j_password=x";
    let lines = "Content-Type: application/x-www-form-urlencoded\r\n";
    for path in [
        "/j_security_check",
        "/%6a_security_check",
        "/%6A_security%5Fcheck",
        "//j_security_check",
        "/j_security_check;x=1",
        "/J_SECURITY_CHECK",
        "/j_security_check%3Bx=1",
        "/dataservice/j_security_check",
        "/dataservice//%6a_security_check?a=b",
        "/anything/below/j_security_check",
    ] {
        let answer = rig.post(path, lines, form).await;
        assert_eq!(status(&answer), 200, "{path}: {answer}");
        assert!(body(&answer).starts_with("<html>") && !answer.contains("JSESSIONID="), "{path}: {answer}");
    }
    for path in [
        "/./j_security_check",
        "/a/..;/j_security_check",
        "/a%2fj_security_check",
        "/%256a_security_check%00",
    ] {
        assert_eq!(status(&rig.post(path, lines, form).await), 400, "{path}");
    }
    assert!(upstream.seen().is_empty(), "{:?}", upstream.seen());
    // What only ends alike is somebody else's.
    let answer = rig.post("/xj_security_check", lines, form).await;
    assert_eq!((status(&answer), body(&answer)), (200, "ok"));
    assert_eq!(upstream.only().line(), "POST /xj_security_check HTTP/1.1");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_tells_of_sessions_never_reaches_a_manager_in_any_spelling() {
    let upstream = Upstream::ok().await;
    let rig = in_front_of_all(&upstream).await;
    for path in [
        "/dataservice/client/token",
        "/dataservice/%63lient/token",
        "/%64ataservice//client/token/",
        "/dataservice/client/token;jsessionid=x",
        "/DataService/CLIENT/token",
        "/dataservice;v=1/client;w/token?json=true",
        "/dataservice/client/server",
        "/dataservice/admin/user/",
        "/dataservice/admin/user/activeSessions",
        "/dataservice/admin/%75ser;x/userAuthType",
        "/dataservice/admin/usergroup",
    ] {
        let answer = rig.get(path, "").await;
        assert_eq!(status(&answer), 401, "{path}: {answer}");
    }
    for path in ["/dataservice/client%2Ftoken", "/dataservice/./client/token", "/dataservice/client%5ctoken"]
    {
        assert_eq!(status(&rig.get(path, "").await), 400, "{path}");
    }
    assert!(upstream.seen().is_empty(), "{:?}", upstream.seen());
    for path in ["/dataservice/device", "/dataservice/clients/token", "/dataservice/admin/users"] {
        assert_eq!(body(&rig.get(path, "").await), "ok", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_begins_and_ends_sessions_of_the_platform_never_reaches_one_in_any_spelling() {
    let upstream = Upstream::ok().await;
    let rig = in_front_of_all(&upstream).await;
    for path in [
        "/authentication/api/v1/sessions/soc",
        "/authentication/api/v1/sessions/soc/",
        "/authentication//api/%761/sessions/%73oc",
        "/authentication/api/v1/sessions/developer",
        "/authentication/api/v1/sessions/account",
        "/authentication/api/v1/sessions/soc/abc%3D%3D",
    ] {
        rig.post(path, "Content-Type: application/json\r\n", "{}").await;
        rig.raw(format!("DELETE {path} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n").as_bytes()).await;
    }
    assert!(upstream.seen().is_empty(), "{:?}", upstream.seen());
}
