//! Manners of all endpoints: order of checks, headers, forms, languages.

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::json;

use super::{Hand, aap, header, json as body_of};
use crate::bed::{Bed, HOST};
use crate::platform::object::{ENDPOINTS, endpoint_names};

async fn anonymous(bed: &Bed, method: Method, path: &str) -> Response<Bytes> {
    let request = Request::builder().method(method).uri(path).header("host", HOST);
    bed.send(aap(), request.body(Bytes::new()).unwrap()).await
}

#[tokio::test]
async fn every_endpoint_wants_a_proof_and_is_there() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    for endpoint in ENDPOINTS {
        let path = endpoint.path.replace("{id}", "1");
        for method in endpoint.methods.split(", ") {
            let method: Method = method.parse().unwrap();
            let response = anonymous(&bed, method.clone(), &path).await;
            let is_refused = response.status() == 401;
            assert_eq!(is_refused, !endpoint.is_public(), "{method} {path}: {}", response.status());
        }
        // With a proof it is served: whatever it says, it does not say that there is nothing.
        let path = path.trim_start_matches("/api/gateway/v1/");
        let response = admin.send(Method::OPTIONS, path, &[], "").await;
        let is_there = body_of(&response) != json!({"detail": "Not found."});
        assert!(is_there || endpoint.is_public(), "{path}");
    }
    for (name, path) in endpoint_names() {
        assert!(ENDPOINTS.iter().any(|endpoint| endpoint.path == *path), "{name}");
    }
}

#[tokio::test]
async fn headers_stand_in_the_contracts_order() {
    let bed = Bed::new().await;
    let response = Hand::of(&bed, "admin").send(Method::POST, "tokens/", &[], "").await;
    let names: Vec<&str> = response.headers().keys().map(http::HeaderName::as_str).collect();
    assert_eq!(
        names[..12],
        [
            "content-type",
            "location",
            "vary",
            "allow",
            "x-api-product-version",
            "x-api-product-name",
            "x-api-node",
            "x-api-time",
            "x-frame-options",
            "x-content-type-options",
            "referrer-policy",
            "cross-origin-opener-policy",
        ]
    );
    assert_eq!(header(&response, "cache-control"), Some("no-store"));
    assert_eq!(header(&response, "x-api-time"), Some("0.000s"));
    assert_eq!(header(&response, "vary"), Some("Accept, Cookie"));
    let response = anonymous(&bed, Method::GET, "/api/gateway/v1/tokens/").await;
    assert_eq!(header(&response, "x-api-product-version"), None);
    assert_eq!(header(&response, "www-authenticate"), Some("Bearer realm=\"api\""));
}

#[tokio::test]
async fn unknown_methods_are_named() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let response = admin.send(Method::PUT, "tokens/", &[], "{}").await;
    assert_eq!(
        (response.status().as_u16(), header(&response, "allow")),
        (405, Some("GET, POST, HEAD, OPTIONS"))
    );
    assert_eq!(body_of(&response), json!({"detail": "Method \"PUT\" not allowed."}));
    assert_eq!(anonymous(&bed, Method::PUT, "/api/gateway/v1/tokens/").await.status(), 401);
    for path in ["authenticators/", "authenticators/1/", "role_definitions/1/", "activitystream/"] {
        for method in [Method::POST, Method::PATCH, Method::DELETE] {
            let response = admin.send(method, path, &[], "{}").await;
            let allowed = (response.status().as_u16(), header(&response, "allow"));
            assert_eq!(allowed, (405, Some("GET, HEAD, OPTIONS")), "{path}");
        }
    }
}

#[tokio::test]
async fn a_slash_is_put_behind_a_path_that_is_known_then() {
    let bed = Bed::new().await;
    let response = anonymous(&bed, Method::GET, "/api/gateway/v1/users?a=b").await;
    assert_eq!(response.status(), 301);
    assert_eq!(header(&response, "location"), Some("/api/gateway/v1/users/?a=b"));
    for (method, path) in [
        (Method::POST, "/api/gateway/v1/users"),
        (Method::GET, "/api/gateway/v1/nowhere"),
        (Method::GET, "/api/gateway/v1/users//"),
        (Method::GET, "/api/gateway/v1/users/1/x.css"),
    ] {
        assert_eq!(anonymous(&bed, method, path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn browsers_get_a_page_without_scripts() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    admin.made("organizations/", r#"{"name": "<script>alert(1)</script>"}"#).await;
    let response = admin.send(Method::GET, "organizations/", &[("accept", "text/html")], "").await;
    assert_eq!(header(&response, "content-type"), Some("text/html; charset=utf-8"));
    assert!(header(&response, "content-security-policy").unwrap().starts_with("default-src 'none'"));
    let page = std::str::from_utf8(response.body()).unwrap();
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script"));
    let response = admin.send(Method::GET, "tokens/999/", &[("accept", "text/html")], "").await;
    assert_eq!(response.status(), 404);
    let response = admin.send(Method::GET, "users/", &[("accept", "application/xml")], "").await;
    assert_eq!(response.status(), 406);
    assert!(header(&response, "x-api-product-version").is_some());
    assert_eq!(admin.get("users/?format=zzz").await, (404, json!({"detail": "Not found."})));
}

#[tokio::test]
async fn options_describe_what_may_be_written() {
    let bed = Bed::new().await;
    let describe = async |name: &str, path: &str| {
        let (status, described) = Hand::of(&bed, name).ask(Method::OPTIONS, path, "").await;
        assert_eq!(status, 200);
        described
    };
    let tokens = describe("alice", "tokens/").await;
    assert_eq!(tokens["name"], "O Auth2 Token List");
    let fields = tokens["actions"]["POST"].as_object().unwrap();
    let names: Vec<&String> = fields.keys().collect();
    assert_eq!(names[..4], ["id", "url", "related", "summary_fields"]);
    let scope = &fields["scope"];
    assert_eq!((&scope["type"], &scope["max_length"]), (&json!("string"), &json!(128)));
    assert_eq!(fields["user"]["read_only"], true);
    assert!(describe("alice", "organizations/").await.get("actions").is_none());
    let applications = describe("admin", "applications/").await;
    assert_eq!(
        applications["actions"]["POST"]["client_type"]["choices"][0],
        json!({"value": "confidential", "display_name": "Confidential"})
    );
    assert!(describe("admin", "organizations/1/").await["actions"]["PUT"].is_object());
    assert!(describe("admin", "authenticators/1/").await.get("actions").is_none());
}

#[tokio::test]
async fn errors_are_said_in_the_language_of_the_request() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let russian = [("accept-language", "ru"), ("content-type", "application/json")];
    let response = admin.send(Method::POST, "organizations/", &russian, "{}").await;
    assert_eq!(body_of(&response), json!({"name": ["Обязательное поле."]}));
    assert_eq!(header(&response, "content-language"), Some("ru"));
    assert_eq!(header(&response, "vary"), Some("Accept, Cookie, Accept-Language"));
}

#[tokio::test]
async fn a_form_may_carry_its_token_in_a_field() {
    let bed = Bed::new().await;
    let session = bed.sign_in("admin").await;
    let cookies = format!("csrftoken={}; gateway_sessionid={}", session.csrf_token, session.secret.expose());
    let post = async |body: String| {
        let request = Request::post("/api/gateway/v1/organizations/")
            .header("cookie", &cookies)
            .header("referer", format!("https://{HOST}/"))
            .header("content-type", "application/x-www-form-urlencoded");
        let response = bed.send(aap(), request.body(Bytes::from(body)).unwrap()).await;
        (response.status().as_u16(), body_of(&response))
    };
    let refused = post("name=o".to_owned()).await;
    assert_eq!(refused, (403, json!({"detail": "CSRF Failed: CSRF token missing."})));
    let token = &session.csrf_token;
    assert_eq!(post(format!("name=o&csrfmiddlewaretoken={token}")).await.0, 201);
}
