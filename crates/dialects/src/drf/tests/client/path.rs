//! Paths: those that nobody gets at through a shared session, and those of further pages.

use http::{Method as Verb, Uri};
use serde_json::json;

use super::both;

#[test]
fn paths_about_proofs_are_guarded_in_every_spelling() {
    for dialect in both() {
        let is = |verb: Verb, path: &str| dialect.client().is_guarded(&verb, path);
        for path in [
            "/api/login/",
            "/api/login",
            "/API/Login/",
            "/api/logout/",
            "/api/controller/login/",
            "/api/controller/logout/",
            "/api/o/token/",
            "/api/controller/o/token/",
            "/o/token/",
            "/o",
            "/sso/login/saml/",
            "/login",
            "/api/gateway/v1/login/",
            "/api/gateway/v1/logout/?next=/",
            "/api/gateway/v1/session/",
            "/api/gateway/v1/session",
            "/api/geteway/v1/login/",
            "/api/gateway/v1/tokens/",
            "/api/gateway/v1/tokens/12/",
            "/api/gateway/v1/%74okens/",
            "/api/gateway/v1/users/3/tokens/",
            "/api/gateway/v1/users/3/personal_tokens",
            "/api/gateway/v1/users/3/authorized_tokens/",
            "/api/gateway/v1/applications/3/tokens/",
            "/api/gateway/v1/legacy_auth/authenticate_sso/",
            "/api/gateway/v1/jwt_claims/5a3c1d7e-0000-4000-8000-000000000001/",
            "/api/gateway/social/login/x/",
            "/api/v2/tokens/",
            "/api/v2/tokens/3/activity_stream/",
            "/api/v2/users/alice/personal_tokens/",
            "/api/v2/applications/app++org/tokens/",
            "/api/controller/v2/tokens/",
            "/api/controller/v2/users/1/authorized_tokens",
            "/api/controller/v2/../v2/tokens/",
            "/api/galaxy/v3/auth/token/",
            "/api/galaxy/_ui/v1/auth/login/",
            "/api/eda/v1/auth/session/login/",
            "/api/eda/v1/users/me/awx-tokens/",
        ] {
            assert!(is(Verb::GET, path) && is(Verb::POST, path), "{} {path}", dialect.name());
        }
    }
}

#[test]
fn what_may_change_a_password_is_guarded_and_the_rest_is_open() {
    for dialect in both() {
        let is = |verb: Verb, path: &str| dialect.client().is_guarded(&verb, path);
        for path in [
            "/api/v2/users/3/",
            "/api/controller/v2/users/alice",
            "/api/gateway/v1/users/3/",
            "/api/gateway/v1/applications/",
            "/api/v2/applications/3/",
        ] {
            assert!(is(Verb::PATCH, path) && is(Verb::DELETE, path) && !is(Verb::GET, path), "{path}");
        }
        for path in [
            "/",
            "/api/",
            "/api/v2/",
            "/api/v2/me/",
            "/api/v2/users/",
            "/api/v2/users/3/roles/",
            "/api/v2/job_templates/login/launch/",
            "/api/v2/job_templates/tokens/",
            "/api/v2/jobs/7/stdout/",
            "/api/controller/v2/jobs/",
            "/api/gateway/v1/organizations/",
            "/api/gateway/v1/me/",
            "/api/gateway/v1/ping/",
            "/api/galaxy/v3/collections/",
            "/api/eda/v1/activations/",
        ] {
            assert!(!is(Verb::GET, path) && !is(Verb::POST, path), "{path}");
        }
    }
}

#[test]
fn the_next_page_is_a_path_of_the_same_server() {
    for dialect in both() {
        let asked: Uri = "https://gateway.example.com/api/v2/users/?page_size=2".parse().unwrap();
        let bare: Uri = "/api/v2/users/?page_size=2".parse().unwrap();
        let next =
            |asked: &Uri, next| dialect.client().next_page(asked, &json!({ "next": next, "results": [] }));
        let path = Some("/api/v2/users/?page=2&page_size=2".to_owned());
        for asked in [&asked, &bare] {
            assert_eq!(next(asked, json!("/api/v2/users/?page=2&page_size=2")), path);
            assert_eq!(
                next(asked, json!("https://gateway.example.com/api/v2/users/?page=2&page_size=2")),
                path
            );
            assert_eq!(next(asked, json!("http://inner:8052/api/v2/users/?page=2&page_size=2")), path);
            for none in
                [json!(null), json!(7), json!(""), json!("//evil.example/x"), json!("http://evil.example/x")]
            {
                assert_eq!(next(asked, none.clone()), None, "{none}");
            }
        }
        assert_eq!(next(&asked, json!("https://GATEWAY.example.com/other/")).as_deref(), Some("/other/"));
        assert_eq!(next(&bare, json!("https://gateway.example.com/other/")), None);
        assert_eq!(dialect.client().next_page(&asked, &json!([1])), None);
        assert_eq!(dialect.client().rows(&json!({ "results": [1, 2] })).map(Vec::len), Some(2));
        assert_eq!(dialect.client().rows(&json!([1])).map(Vec::len), Some(1));
        assert!(dialect.client().rows(&json!({ "id": 1 })).is_none());
    }
}
