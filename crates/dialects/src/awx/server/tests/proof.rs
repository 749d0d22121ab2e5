//! Proofs: which counts when there are several, and how they are read (contract sections 1.6 and C).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use identity::model::session::SessionKind;

use super::{ask, request};
use crate::awx::Awx;
use crate::awx::proof::HABITS;
use crate::bed::{Bed, PASSWORD};
use crate::dialect::{Dialect as _, Doorway};
use crate::drf;

#[test]
fn a_password_that_is_no_utf8_is_latin1() {
    let value = format!("Basic {}", STANDARD.encode(b"zo\xeb:p\xe4ss"));
    let parts = request(Method::GET, "/api/v2/me/", &[("authorization", &value)], "").into_parts().0;
    let (username, password) = Awx.read_proof(&parts, &Doorway::default()).basic.unwrap();
    assert_eq!((username.as_str(), password.expose()), ("zoë", "päss"));
}

#[test]
fn what_is_written_is_what_is_read() {
    let proof = Proof::Session {
        secret: Secret::new("abcdefghijklmnopqrstuvwxyz012345"),
        csrf: Some(Secret::new("t".repeat(32))),
    };
    let mut headers = HeaderMap::new();
    drf::proof::write(&HABITS, &proof, &mut headers);
    assert_eq!(
        headers["cookie"],
        format!("csrftoken={}; awx_sessionid=abcdefghijklmnopqrstuvwxyz012345", "t".repeat(32))
    );
    let mut parts = request(Method::GET, "/api/v2/me/", &[], "").into_parts().0;
    parts.headers = headers;
    let presented = Awx.read_proof(&parts, &Doorway::default());
    let (kind, secret) = presented.session.unwrap();
    assert_eq!((kind, secret.expose()), (SessionKind::Controller, "abcdefghijklmnopqrstuvwxyz012345"));
    assert_eq!(presented.evidence.header, presented.evidence.cookie);
}

#[tokio::test]
async fn an_explicit_proof_goes_before_a_session_and_never_falls_back_to_it() {
    let bed = Bed::new().await;
    let session = bed.sign_in_as("alice", SessionKind::Controller).await;
    let cookies = format!("awx_sessionid={}", session.secret.expose());
    let admin = format!("Basic {}", STANDARD.encode(format!("admin:{PASSWORD}")));
    let wrong = format!("Basic {}", STANDARD.encode("admin:wrong"));
    for (authorization, wanted) in
        [(admin.as_str(), 200), (wrong.as_str(), 401), ("Bearer nope", 401), ("Basic ####", 401)]
    {
        let headers = [("cookie", cookies.as_str()), ("authorization", authorization)];
        let answer = ask(&bed, Method::GET, "/api/v2/config/", &headers, "").await;
        assert_eq!(answer.status(), wanted, "{authorization}");
        // Whoever is served is the administrator, who is told of directories.
        let is_admin = std::str::from_utf8(answer.body()).unwrap().contains("project_base_dir");
        assert_eq!(is_admin, wanted == 200);
    }
}

#[tokio::test]
async fn a_token_of_one_door_works_at_the_other() {
    let bed = Bed::new().await;
    let bearer = format!("Bearer {}", bed.token("alice", "read").await);
    for (dialect, path) in [("awx", "/api/v2/me/"), ("aap", "/api/gateway/v1/me/")] {
        let request = request(Method::GET, path, &[("authorization", &bearer)], "");
        assert_eq!(bed.send(crate::named(dialect).unwrap(), request).await.status(), 200, "{dialect}");
    }
}
