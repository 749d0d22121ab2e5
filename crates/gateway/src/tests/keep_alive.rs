//! What a client is told about its session on the way back from a service, and what a service is not told.

use super::controller::{Controller, DIALECTS};
use super::rig::{Rig, config, service, status};
use super::upstream::Upstream;
use crate::config::Service;

const PATH: &str = "/api/controller/v2/jobs/";
/// An answer of a service that would like to speak for us.
const GREEDY: &str = "HTTP/1.1 200 OK\r\nSet-Cookie: awx_sessionid=evil\r\nSet-Cookie: gateway_sessionid=evil\r\nSet-Cookie: own=1\r\nSession-Timeout: 7\r\nContent-Length: 2\r\n\r\nok";

fn controller(upstream: &Upstream) -> Service {
    Service { dialect: &Controller, ..service(&[upstream.address]) }
}

fn all<'a>(answer: &'a str, name: &str) -> Vec<&'a str> {
    let lines = answer.split("\r\n\r\n").next().unwrap().lines().filter_map(|line| line.split_once(": "));
    lines.filter(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_session_is_kept_alive_on_the_way_back() {
    let upstream = Upstream::fixed(GREEDY).await;
    let rig = Rig::start_with(config(vec![controller(&upstream)]), &DIALECTS).await;
    rig.user("ann", false).await;
    let session = rig.session("ann").await;
    let secret = session.secret.expose();
    let lines = format!("Cookie: awx_sessionid={secret}; gateway_sessionid=other; mine=1\r\n");
    let answer = rig.get(PATH, &lines).await;
    let renewed = format!("awx_sessionid={secret}; HttpOnly");
    assert_eq!(all(&answer, "set-cookie"), ["own=1", &renewed], "{answer}");
    assert_eq!(all(&answer, "session-timeout"), ["1800"]);
    // No session of any door reaches the service.
    assert_eq!(upstream.only().one("cookie"), "mine=1");

    let quiet = rig.get(PATH, &format!("{lines}X-WS-Session-Quiet: 1\r\n")).await;
    assert_eq!((status(&quiet), all(&quiet, "set-cookie")), (200, vec!["own=1"]));
    assert!(upstream.seen()[1].all("x-ws-session-quiet").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_told_of_a_session() {
    let upstream = Upstream::fixed(GREEDY).await;
    let rig = Rig::start_with(config(vec![controller(&upstream)]), &DIALECTS).await;
    rig.user("ann", false).await;
    let refused = rig.get(PATH, "Cookie: awx_sessionid=dead\r\n").await;
    assert_eq!((status(&refused), all(&refused, "set-cookie").len()), (401, 0));
    let public = rig.get("/api/controller/v2/ping/", "Cookie: awx_sessionid=dead\r\n").await;
    assert_eq!((status(&public), all(&public, "set-cookie")), (200, vec!["own=1"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_kept_alive_also_where_the_service_fails_or_is_closed() {
    let upstream = Upstream::start(|_, _| super::upstream::Reply::Close).await;
    let mut closed = controller(&upstream);
    closed.name = "closed".into();
    closed.path = "/api/closed/".into();
    closed.allow.everybody = false;
    let rig = Rig::start_with(config(vec![controller(&upstream), closed]), &DIALECTS).await;
    rig.user("ann", false).await;
    let session = rig.session("ann").await;
    let lines = format!("Cookie: awx_sessionid={}\r\n", session.secret.expose());
    for (path, wanted) in [(PATH, 502), ("/api/closed/v2/", 401)] {
        let answer = rig.get(path, &lines).await;
        assert_eq!((status(&answer), all(&answer, "set-cookie").len()), (wanted, 1), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_of_the_controller_gets_a_signed_identity_for_every_method() {
    let upstream = Upstream::ok().await;
    let rig = Rig::start_with(config(vec![controller(&upstream)]), &DIALECTS).await;
    rig.user("ann", true).await;
    let session = rig.session("ann").await;
    let (secret, token) = (session.secret.expose(), &session.csrf_token);
    let cookies = format!("Cookie: awx_sessionid={secret}; csrftoken={token}\r\n");
    let lines = format!("{cookies}X-CSRFToken: {token}\r\nX-DAB-JW-TOKEN: evil\r\n");
    assert_eq!(status(&rig.get(PATH, &lines).await), 200);
    assert_eq!(status(&rig.post(PATH, &cookies, "{}").await), 401, "a forgery, perhaps");
    assert_eq!(status(&rig.post(PATH, &lines, "{}").await), 200);
    for seen in upstream.seen() {
        assert_eq!(seen.one("x-dab-jw-token").split('.').count(), 3);
        assert!(seen.one("x-trusted-proxy").contains('-'));
        assert!(seen.all("cookie").is_empty());
    }
}
