//! What is open, to whom, and whether the tables agree about it.

use http::Method;

use super::{ask, text};
use crate::bed::{Bed, SERVICE_TOKEN};
use crate::dialect::Owned;
use crate::drf::endpoint::Access;
use crate::platform::server::TABLES;
use crate::platform::{Flavour, owns, wire};

#[test]
fn what_is_owned_as_public_is_what_answers_without_a_proof() {
    for endpoint in TABLES.iter().flat_map(|table| table.iter()) {
        // Claims are asked for by components, which show themselves in their own way.
        let is_open = endpoint.is_public() && !endpoint.path.contains("/jwt_claims/");
        let wanted = if is_open { Owned::Public } else { Owned::Yes };
        assert_eq!(owns(endpoint.path, &Flavour::AAP), wanted, "{}", endpoint.path);
    }
}

#[tokio::test]
async fn no_endpoint_answers_more_without_a_proof_than_it_should() {
    let bed = Bed::new().await;
    for endpoint in TABLES.iter().flat_map(|table| table.iter()) {
        let Some(path) = endpoint.path.strip_prefix(wire::V1) else { continue };
        let path = path.replace("{id}", "1").replace("{section}", "all").replace("{name}", "request_timeout");
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let answer = ask(&bed, method.clone(), &path, &[], "").await;
            // Claims know one method; others are refused before anybody is asked for.
            let asks_itself = path.starts_with("jwt_claims/") && method == Method::GET;
            let is_closed = endpoint.access == Access::Known || asks_itself;
            assert_eq!(answer.status() == 401, is_closed, "{method} {path}");
            assert!(!answer.status().is_server_error(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn components_and_readers_of_everything_get_claims() {
    let bed = Bed::new().await;
    let alice = bed.authority.user_named("alice").await.unwrap().unwrap();
    let path = format!("jwt_claims/{}/", alice.user.stable_id);
    let claims = r#"{"objects":{"organization":[],"team":[]},"object_roles":{},"global_roles":[]}"#;
    let component = [("x-ansible-service-auth", SERVICE_TOKEN)];
    let answer = ask(&bed, Method::GET, &path, &component, "").await;
    assert_eq!((answer.status().as_u16(), text(&answer)), (200, claims));
    let bearer = format!("Bearer {}", bed.token("admin", "read").await);
    let answer = ask(&bed, Method::GET, &path, &[("authorization", &bearer)], "").await;
    assert_eq!((answer.status().as_u16(), text(&answer)), (200, claims));
    for path in ["jwt_claims/not-a-uuid/", "jwt_claims/%00/"] {
        assert_eq!(ask(&bed, Method::GET, path, &component, "").await.status(), 404, "{path}");
    }
    let forged = [("x-ansible-service-auth", "another.token")];
    assert_eq!(ask(&bed, Method::GET, &path, &forged, "").await.status(), 401);
}

#[tokio::test]
async fn options_are_told_to_those_who_may_come() {
    let bed = Bed::new().await;
    assert_eq!(ask(&bed, Method::OPTIONS, "ping/", &[], "").await.status(), 200);
    assert_eq!(ask(&bed, Method::OPTIONS, "status/", &[], "").await.status(), 401);
    let bearer = format!("Bearer {}", bed.token("admin", "write").await);
    for path in ["me/", "session/", "status/", "settings/", "settings/all/", "settings/all/request_timeout/"]
    {
        let answer = ask(&bed, Method::OPTIONS, path, &[("authorization", &bearer)], "").await;
        assert_eq!(answer.status(), 200, "{path}");
        assert!(text(&answer).starts_with("{\"name\":"), "{path}: {}", text(&answer));
    }
}
