//! What is owned, what is open, and what addresses look like behind a prefix.

use http::Method;
use serde_json::{Value, json};

use super::{ask, request, text};
use crate::awx::server::{TABLES, is_spare};
use crate::awx::{Awx, wire};
use crate::bed::Bed;
use crate::dialect::{Dialect as _, Doorway, Owned};

#[test]
fn what_is_owned_as_public_is_what_answers_without_a_proof() {
    for endpoint in TABLES.iter().flat_map(|table| table.iter()) {
        let wanted = if is_spare(endpoint) {
            Owned::Spare
        } else if endpoint.is_public() {
            Owned::Public
        } else {
            Owned::Yes
        };
        assert_eq!(Awx.owns(endpoint.path), wanted, "{}", endpoint.path);
        assert_eq!(Awx.owns(endpoint.path.trim_end_matches('/')), wanted, "{}", endpoint.path);
    }
}

#[test]
fn what_nobody_serves_is_left_to_a_service() {
    for (path, wanted) in [
        ("/api/v2/jobs/", Owned::Spare),
        ("/api/v2/jobs/7/relaunch/", Owned::Spare),
        ("/api/v2/projects/7/", Owned::Spare),
        ("/api/v20/", Owned::No),
        ("/api/gateway/v1/me/", Owned::No),
        ("/apiary", Owned::No),
        ("/", Owned::No),
        ("/loginx/", Owned::No),
        ("/api/o/token/", Owned::Public),
        ("/api/office/", Owned::No),
    ] {
        assert_eq!(Awx.owns(path), wanted, "{path}");
    }
}

#[tokio::test]
async fn no_endpoint_answers_more_without_a_proof_than_it_should() {
    let bed = Bed::new().await;
    for endpoint in TABLES.iter().flat_map(|table| table.iter()) {
        if !endpoint.path.starts_with(wire::V2) {
            continue;
        }
        let path: Vec<&str> =
            endpoint.path.split('/').map(|word| if word.starts_with('{') { "1" } else { word }).collect();
        let path = path.join("/");
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS]
        {
            for headers in [&[][..], &[("authorization", "Bearer nope")], &[("authorization", "Basic YTpi")]]
            {
                let answer = ask(&bed, method.clone(), &path, headers, "").await;
                assert_eq!(answer.status() == 401, !endpoint.is_public(), "{method} {path}");
                assert!(!answer.status().is_server_error(), "{method} {path}");
                let challenge = answer.headers().get("www-authenticate").map(|it| it.to_str().unwrap());
                let wanted = (!endpoint.is_public()).then_some(wire::CHALLENGE);
                assert_eq!(challenge, wanted, "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn addresses_begin_with_the_prefix() {
    let bed = Bed::new().await;
    let doorway = Doorway {
        prefix: "/api/controller",
        is_secure: true,
        host: "gateway.example.com".to_owned(),
        ..Doorway::default()
    };
    let at = async |path: &str| {
        let request = request(Method::GET, path, &[], "");
        bed.send_through(&Awx, request, doorway.clone()).await
    };
    let root: Value = serde_json::from_str(text(&at("/api/").await)).unwrap();
    assert_eq!(root["current_version"], "/api/controller/v2/");
    assert_eq!(root["available_versions"], json!({ "v2": "/api/controller/v2/" }));
    assert_eq!(root.get("oauth2"), None);
    let version: Value = serde_json::from_str(text(&at("/api/v2/").await)).unwrap();
    assert_eq!(version["me"], "/api/controller/v2/me/");
    assert_eq!(at("/api/v2/me").await.headers()["location"], "/api/controller/v2/me/");
    assert_eq!(at("/api/logout/").await.headers()["location"], "/api/controller/");
    assert!(text(&at("/api/login/").await).contains("action=\"/api/controller/login/\""));
}
