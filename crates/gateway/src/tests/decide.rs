//! Who gets through.

use std::time::Duration;

use identity::model::audit::EventKind;
use identity::model::policy::Policy;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::rig::{PASSWORD, Rig, answers, read_all, service, status};
use super::upstream::Upstream;

fn basic(username: &str, password: &str) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(format!("{username}:{password}"));
    format!("Authorization: Basic {text}\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_proof_a_service_is_closed() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    for path in
        ["/api/controller/v2/jobs/", "/api/controller/", "/api/controller/v2/ping", "/api/controller/open/"]
    {
        let answer = rig.get(path, "").await;
        assert_eq!(status(&answer), 401, "{path}: {answer}");
    }
    assert!(upstream.seen().is_empty());
    assert!(rig.audited().iter().any(|it| it.kind == EventKind::Refusal && it.detail.contains("/v2/jobs/")));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_proofs_open_it_and_bad_ones_do_not() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let ann = rig.user("ann", false).await;
    let token = rig.token(&ann, "write").await;
    let session = rig.session("ann").await;
    let path = "/api/controller/v2/jobs/";
    let good = [
        basic("ann", PASSWORD),
        format!("Authorization: Bearer {token}\r\n"),
        format!("Cookie: gateway_sessionid={}\r\n", session.secret.expose()),
    ];
    for lines in &good {
        // Once through the control runtime, once from memory.
        assert_eq!(status(&rig.get(path, lines).await), 200, "{lines}");
        assert_eq!(status(&rig.get(path, lines).await), 200, "{lines}");
    }
    let count = upstream.seen().len();
    let bad = [
        basic("ann", "wrong"),
        "Authorization: Bearer nonsense\r\n".to_owned(),
        "Authorization: Basic !!!\r\n".to_owned(),
        format!("Cookie: gateway_sessionid={}\r\n", "x".repeat(32)),
        format!(
            "Authorization: Bearer nonsense\r\nCookie: gateway_sessionid={}\r\n",
            session.secret.expose()
        ),
    ];
    for lines in &bad {
        assert_eq!(status(&rig.get(path, lines).await), 401, "{lines}");
    }
    assert_eq!(upstream.seen().len(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_public_path_a_bad_token_is_refused_and_a_dead_session_is_nobody() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let path = "/api/controller/v2/ping/";
    assert_eq!(status(&rig.get(path, "Authorization: Bearer nonsense\r\n").await), 401);
    assert_eq!(status(&rig.get(path, "Cookie: gateway_sessionid=dead\r\n").await), 200);
    assert!(upstream.only().all("x-dab-jw-token").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_needs_its_csrf_token_to_change_something_behind_us() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    rig.user("ann", false).await;
    let session = rig.session("ann").await;
    let secret = session.secret.expose();
    let path = "/api/controller/v2/jobs/";
    let without = format!("Cookie: gateway_sessionid={secret}\r\n");
    assert_eq!(status(&rig.post(path, &without, "{}").await), 403);
    let token = &session.csrf_token;
    let with = format!("Cookie: gateway_sessionid={secret}; csrftoken={token}\r\nX-CSRFToken: {token}\r\n");
    assert_eq!(status(&rig.post(path, &with, "{}").await), 200);
    let foreign = format!("{with}Origin: https://evil.example\r\n");
    assert_eq!(status(&rig.post(path, &foreign, "{}").await), 403);
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_read_does_not_write_behind_us() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let ann = rig.user("ann", false).await;
    let lines = format!("Authorization: Bearer {}\r\n", rig.token(&ann, "read").await);
    assert_eq!(status(&rig.get("/api/controller/v2/jobs/", &lines).await), 200);
    assert_eq!(status(&rig.post("/api/controller/v2/jobs/", &lines, "{}").await), 403);
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_a_service_counts() {
    let upstream = Upstream::ok().await;
    let mut closed = service(&[upstream.address]);
    closed.allow = Policy { administrators: true, users: vec!["bob".into()], ..Policy::default() };
    let rig = Rig::before(closed).await;
    for (username, is_superuser, wanted) in [("ann", false, 403), ("bob", false, 200), ("root", true, 200)] {
        rig.user(username, is_superuser).await;
        let answer = rig.get("/api/controller/v2/jobs/", &basic(username, PASSWORD)).await;
        assert_eq!(status(&answer), wanted, "{username}");
    }
    // What everybody may see is seen without identity by those who may not use the service.
    assert_eq!(status(&rig.get("/api/controller/v2/ping/", &basic("ann", PASSWORD)).await), 200);
    assert!(upstream.seen().last().unwrap().all("x-dab-jw-token").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_closes_the_service_at_once() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    rig.user("ann", false).await;
    let session = rig.session("ann").await;
    let lines = format!("Cookie: gateway_sessionid={}\r\n", session.secret.expose());
    assert_eq!(status(&rig.get("/api/controller/v2/jobs/", &lines).await), 200);
    rig.authority
        .store
        .end_session(session.session.id, identity::SessionEnd::Removed, session.session.created_at)
        .await
        .unwrap();
    assert_eq!(status(&rig.get("/api/controller/v2/jobs/", &lines).await), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_is_not_found_and_own_paths_are_answered_here() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let answer = rig.get("/nowhere", "").await;
    assert_eq!(status(&answer), 404);
    assert!(answer.ends_with(r#"{"detail":"Not found."}"#), "{answer}");
    assert_eq!(status(&rig.get("/api/controllerX/", "").await), 404);
    assert_eq!(status(&rig.get("/api/gateway/v1/ping/", "").await), 200);
    assert_eq!(status(&rig.get("//api//gateway/v1/%70ing/", "").await), 200);
    assert_eq!(status(&rig.get("/api/gateway/v1/me/", "").await), 401);
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn case_118_no_path_leads_from_one_prefix_to_another() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    for path in [
        "/api/controller/open/../v2/jobs/",
        "/api/controller/open/%2e%2e/v2/",
        "/api/controller/open/..%2fv2/",
    ] {
        let answer = rig.get(path, "").await;
        assert_eq!(status(&answer), 400, "{path}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_body_that_is_on_its_way_arrives_and_the_connection_goes_on() {
    let rig = Rig::before(service(&[Upstream::ok().await.address])).await;
    for (path, refused) in [("/api/controller/v2/jobs/", "401"), ("/nowhere", "404")] {
        let mut stream = TcpStream::connect(rig.address()).await.unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nHost: gw\r\nContent-Length: 6\r\n\r\n{{\"a\"");
        stream.write_all(head.as_bytes()).await.unwrap();
        let early = read_all(&mut stream, Duration::from_millis(100)).await;
        assert_eq!(early, "", "nothing is said in the middle of it");
        stream.write_all(b":1}GET /nowhere HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n").await.unwrap();
        let text = read_all(&mut stream, Duration::from_secs(3)).await;
        assert_eq!((answers(&text), status(&text).to_string().as_str()), (2, refused), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_body_that_is_long_or_never_comes_is_not_waited_for() {
    let rig = Rig::before(service(&[Upstream::ok().await.address])).await;
    for length in ["6", "70000"] {
        let head =
            format!("POST /api/controller/v2/jobs/ HTTP/1.1\r\nHost: gw\r\nContent-Length: {length}\r\n\r\n");
        assert_eq!(status(&rig.raw(head.as_bytes()).await), 401, "{length}");
    }
}
