//! The table: cases 114, 115 and 118.

use std::time::Duration;

use identity::model::policy::Policy;

use super::Table;
use crate::config::{IdentityProof, PublicPath, Service, Target};

fn service(name: &str, path: &str, host: Option<&str>, upstream_path: Option<&str>) -> Service {
    Service {
        name: name.into(),
        path: path.into(),
        host: host.map(Into::into),
        target: Target::Upstream {
            nodes: vec!["http://127.0.0.1:1".parse().unwrap(), "http://127.0.0.1:2".parse().unwrap()],
            path: upstream_path.map(Into::into),
            ca: None,
            ping: None,
        },
        dialect: dialects::named("aap").unwrap(),
        public: vec![PublicPath::Exact("/a/ping/".into()), PublicPath::Below("/a/static/".into())],
        allow: Policy::default(),
        identity: IdentityProof::None,
        connect_timeout: Duration::from_secs(1),
        request_timeout: None,
        idle_timeout: None,
        body_max: 1,
        concurrency_max: 2,
        expired_session: dialects::ExpiredSession::default(),
    }
}

fn table() -> Table {
    Table::new(
        &[
            service("a", "/a/", None, Some("/x/")),
            service("deep", "/a/b/", None, None),
            service("hosted", "/a/", Some("h.example"), None),
        ],
        1,
        |_| None,
    )
    .unwrap()
}

fn found(host: &str, path: &str) -> Option<String> {
    table().find(host, path).map(|it| it.service.name.clone())
}

#[test]
fn case_118_a_prefix_ends_at_a_segment_and_the_longest_counts() {
    assert_eq!(found("gw", "/a/x").as_deref(), Some("a"));
    assert_eq!(found("gw", "/a").as_deref(), Some("a"));
    assert_eq!(found("gw", "/a/b/x").as_deref(), Some("deep"));
    assert_eq!(found("gw", "/a/bx").as_deref(), Some("a"));
    assert_eq!(found("gw", "/ab"), None);
    assert_eq!(found("gw", "/"), None);
    assert_eq!(found("H.example", "/a/b/x").as_deref(), Some("hosted"));
    assert_eq!(found("gw", "/A/x"), None);
}

#[test]
fn case_115_public_paths_are_literal() {
    let table = table();
    let entry = table.find("gw", "/a/x").unwrap();
    for path in ["/a/ping/", "/a/static/x", "/a/static/x/y"] {
        assert!(entry.is_public(path), "{path}");
    }
    for path in [
        "/a/ping",
        "/a/ping/x",
        "/a/ping/;a.css",
        "/a/ping/%20",
        "/a/PING/",
        "/a/static/",
        "/a/staticx",
        "/a/x/a/ping/",
    ] {
        assert!(!entry.is_public(path), "{path}");
    }
}

#[test]
fn the_service_s_path_takes_the_place_of_the_prefix() {
    let table = table();
    let entry = table.find("gw", "/a/x").unwrap();
    assert_eq!(entry.upstream_path("/a/y/z").as_deref(), Some("/x/y/z"));
    assert_eq!(entry.upstream_path("/a/").as_deref(), Some("/x/"));
    assert_eq!(entry.upstream_path("/a").as_deref(), Some("/x/"));
    assert_eq!(table.find("gw", "/a/b/").unwrap().upstream_path("/a/b/"), None);
}

#[test]
fn nodes_are_tried_in_turn_without_those_that_are_down() {
    let table = table();
    let entry = table.find("gw", "/a/x").unwrap();
    let first = |it: &super::Entry| it.order().next().map(|it| it.address.port_u16().unwrap());
    assert_eq!((first(entry), first(entry), first(entry)), (Some(1), Some(2), Some(1)));
    entry.nodes[0].health.failed();
    assert_eq!((first(entry), first(entry)), (Some(2), Some(2)));
    entry.nodes[1].health.failed();
    assert_eq!(first(entry), None);
}

#[test]
fn a_service_has_so_many_requests_at_once() {
    let table = table();
    let entry = table.find("gw", "/a/x").unwrap();
    let (first, second) = (entry.enter(), entry.enter());
    assert!(first.is_some() && second.is_some() && entry.enter().is_none());
    drop(first);
    assert!(entry.enter().is_some());
}
