//! What the server says of itself.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::dialect::Owned;
use crate::oauth::bed::{FLAVOURS, Office, text};
use crate::oauth::{Flavour, owns};

async fn get(office: &Office, flavour: &'static Flavour, path: &str) -> Response<Bytes> {
    office.send(flavour, Request::get(path).body(Bytes::new()).unwrap()).await
}

async fn document(office: &Office, flavour: &'static Flavour, path: &str) -> Value {
    let response = get(office, flavour, path).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    assert_eq!(response.headers()["content-type"], "application/json");
    // It names the host that the request named: nobody may keep it for others.
    assert_eq!(response.headers()["vary"], "Host");
    assert_eq!(response.headers()["cache-control"], "no-store");
    serde_json::from_slice(response.body()).unwrap()
}

#[tokio::test]
async fn the_roots_list_what_their_contracts_list() {
    let office = Office::new().await;
    let aap = get(&office, &Flavour::AAP, "/o/").await;
    assert_eq!(
        text(&aap),
        "{\"authorize\":\"/o/authorize/\",\"revoke_token\":\"/o/revoke_token/\",\"token\":\"/o/token/\",\
         \"oidc-connect-discovery-info\":\"/o/.well-known/openid-configuration/\",\
         \"jwks-info\":\"/o/.well-known/jwks.json\"}"
    );
    let awx = get(&office, &Flavour::AWX, "/api/o/").await;
    assert_eq!(
        text(&awx),
        "{\"authorize\":\"/api/o/authorize/\",\"token\":\"/api/o/token/\",\
         \"revoke_token\":\"/api/o/revoke_token/\"}"
    );
    assert_eq!(awx.headers()["allow"], "GET, HEAD, OPTIONS");
    // Behind a prefix the addresses have it too, and so has the one with the missing slash.
    let behind = async |path: &str| {
        let request = Request::get(path).body(Bytes::new()).unwrap();
        office.send_behind(&Flavour::AWX, "/api/controller", request).await
    };
    let links = behind("/api/o/").await;
    assert!(text(&links).starts_with("{\"authorize\":\"/api/controller/o/authorize/\","), "{}", text(&links));
    assert_eq!(behind("/api/o/token?a=b").await.headers()["location"], "/api/controller/o/token/?a=b");
    let changed = Request::post("/o/").body(Bytes::new()).unwrap();
    let refused = office.send(&Flavour::AAP, changed).await;
    assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(refused.headers()["allow"], "GET, HEAD, OPTIONS");
}

#[tokio::test]
async fn the_issuer_is_the_same_everywhere() {
    let office = Office::new().await;
    for flavour in FLAVOURS {
        let issuer = format!("https://gateway.example.com{}", flavour.root);
        for path in [
            "/.well-known/oauth-authorization-server".to_owned(),
            "/.well-known/oauth-authorization-server/".to_owned(),
            format!("/.well-known/oauth-authorization-server{}", flavour.root),
            format!("/.well-known/openid-configuration{}", flavour.root),
            format!("{}/.well-known/openid-configuration", flavour.root),
            format!("{}/.well-known/openid-configuration/", flavour.root),
        ] {
            let body = document(&office, flavour, &path).await;
            assert_eq!(body["issuer"], issuer, "{path}");
            for (name, at) in [
                ("authorization_endpoint", "authorize/"),
                ("token_endpoint", "token/"),
                ("revocation_endpoint", "revoke_token/"),
                ("introspection_endpoint", "introspect/"),
                ("device_authorization_endpoint", "device_authorization/"),
                ("jwks_uri", ".well-known/jwks.json"),
            ] {
                assert_eq!(body[name], format!("{issuer}/{at}"), "{path}");
            }
            assert_eq!(body["code_challenge_methods_supported"], json!(["S256"]));
            assert_eq!(body["response_types_supported"], json!(["code"]));
            assert_eq!(body["authorization_response_iss_parameter_supported"], true);
        }
        let resource = document(&office, flavour, "/.well-known/oauth-protected-resource").await;
        assert_eq!(resource["resource"], "https://gateway.example.com");
        assert_eq!(resource["authorization_servers"], json!([issuer]));
    }
}

#[tokio::test]
async fn no_identity_tokens_are_promised() {
    let office = Office::new().await;
    let body = document(&office, &Flavour::AAP, "/o/.well-known/openid-configuration").await;
    assert_eq!(body["id_token_signing_alg_values_supported"], json!([]));
    assert_eq!(body["subject_types_supported"], json!(["public"]));
    assert_eq!(document(&office, &Flavour::AAP, "/o/.well-known/jwks.json").await, json!({ "keys": [] }));
}

#[tokio::test]
async fn the_issuer_follows_the_connection() {
    let mut office = Office::new().await;
    office.bed.is_secure = false;
    let body = document(&office, &Flavour::AAP, "/.well-known/oauth-authorization-server/o").await;
    assert_eq!(body["issuer"], "http://gateway.example.com/o");
}

#[tokio::test]
async fn the_configured_address_beats_what_clients_say() {
    let mut office = Office::new().await;
    let authority = std::sync::Arc::get_mut(&mut office.bed.authority).unwrap();
    authority.grant_policy.public_url = Some("https://gate.example/".to_owned());
    for flavour in FLAVOURS {
        let path = format!("/.well-known/oauth-authorization-server{}", flavour.root);
        let body = document(&office, flavour, &path).await;
        assert_eq!(body["issuer"], format!("https://gate.example{}", flavour.root));
        let resource = document(&office, flavour, "/.well-known/oauth-protected-resource").await;
        assert_eq!(resource["resource"], "https://gate.example");
    }
}

#[tokio::test]
async fn a_grant_that_is_switched_off_is_not_announced() {
    let mut office = Office::new().await;
    let grants = |body: &Value| body["grant_types_supported"].as_array().unwrap().clone();
    let path = "/o/.well-known/openid-configuration";
    let all = grants(&document(&office, &Flavour::AAP, path).await);
    assert!(all.contains(&json!("password")) && all.contains(&json!("refresh_token")));
    let authority = std::sync::Arc::get_mut(&mut office.bed.authority).unwrap();
    authority.grant_policy.allows_password = false;
    assert!(!grants(&document(&office, &Flavour::AAP, path).await).contains(&json!("password")));
    let by = office.password_application().await;
    let form = "grant_type=password&username=alice&password=correct+horse";
    let answer = office.json(&Flavour::AAP, "/token/", &by, form).await;
    assert_eq!(answer, (StatusCode::BAD_REQUEST, json!({ "error": "unsupported_grant_type" })));
}

#[test]
fn the_paths_are_the_contract_s_own() {
    for path in [
        "/o",
        "/o/",
        "/o/token/",
        "/o/anything",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/o",
        "/.well-known/openid-configuration/o",
        "/.well-known/oauth-protected-resource",
    ] {
        assert_eq!(owns(path, &Flavour::AAP), Owned::Public, "{path}");
    }
    for path in ["/oo/", "/api/o/", "/", "/.well-known/", "/.well-known/oauth-authorization-server/api/o"] {
        assert_eq!(owns(path, &Flavour::AAP), Owned::No, "{path}");
    }
    assert_eq!(owns("/api/o/token/", &Flavour::AWX), Owned::Public);
    assert_eq!(owns("/.well-known/oauth-authorization-server/api/o", &Flavour::AWX), Owned::Public);
    assert_eq!(owns("/o/token/", &Flavour::AWX), Owned::No);
    assert_eq!(owns("/api/oauth/", &Flavour::AWX), Owned::No);
}
