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
