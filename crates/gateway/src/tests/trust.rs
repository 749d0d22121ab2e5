//! Cases 108, 110 and 176 to 177: hosts and proxies that are believed.

use super::rig::{Rig, config, service, status};
use super::upstream::Upstream;
use crate::config::Network;

const PATH: &str = "/api/controller/open/x";
const FORWARDED: &str =
    "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: outer.example\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn case_176_forwarded_fields_of_anybody_are_replaced() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    rig.get(PATH, FORWARDED).await;
    let seen = upstream.only();
    assert_eq!((seen.one("x-forwarded-for"), seen.one("x-forwarded-proto")), ("127.0.0.1", "http"));
    assert_eq!((seen.one("x-forwarded-host"), seen.one("host")), ("gw", "gw"));
}

#[tokio::test(flavor = "multi_thread")]
async fn case_177_a_trusted_proxy_is_believed() {
    let upstream = Upstream::ok().await;
    let mut config = config(vec![service(&[upstream.address])]);
    config.trusted_proxies = vec![Network { address: "127.0.0.1".parse().unwrap(), bits: 32 }];
    let rig = Rig::start(config).await;
    rig.get(PATH, FORWARDED).await;
    let seen = upstream.only();
    assert_eq!((seen.one("x-forwarded-for"), seen.one("x-forwarded-proto")), ("1.2.3.4", "https"));
    assert_eq!((seen.one("x-forwarded-host"), seen.one("host")), ("outer.example", "outer.example"));
    assert_eq!(seen.one("x-envoy-external-address"), "1.2.3.4");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_110_an_unknown_host_is_misdirected() {
    let upstream = Upstream::ok().await;
    let mut config = config(vec![service(&[upstream.address])]);
    config.hosts = vec!["GW".into()];
    let rig = Rig::start(config).await;
    assert_eq!(status(&rig.get(PATH, "").await), 200);
    let other = format!("GET {PATH} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&rig.raw(other.as_bytes()).await), 421);
    let own = "GET /api/gateway/v1/ping/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert_eq!(status(&rig.raw(own.as_bytes()).await), 421);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_page_asks_the_nodes() {
    use identity::port::Health;
    let good = Upstream::fixed("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"a\":\"b\"}  ").await;
    let bad = Upstream::fixed("HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\nno").await;
    let rig = Rig::before(service(&[good.address, bad.address])).await;
    let platform = &rig.authority.world.platform;
    assert_eq!(platform.services(), [("controller".to_owned(), "/api/controller/".to_owned())]);
    let status = platform.service_status(jiff::SignedDuration::from_secs(2), true).await;
    assert_eq!((status.len(), status[0].health), (1, Health::Degraded));
    let nodes = &status[0].nodes;
    assert_eq!((nodes[0].health, nodes[0].response_code), (Health::Good, Some(200)));
    assert_eq!(nodes[0].response.as_deref(), Some("{\"a\":\"b\"}  "));
    assert_eq!(
        (nodes[1].health, nodes[1].response_code, &nodes[1].response),
        (Health::Failed, Some(500), &None)
    );
    assert_eq!((platform.version(), platform.node()), ("1.2.3", "node"));
    assert!(platform.verify_service_token("x").is_none());
}
