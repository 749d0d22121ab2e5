//! What administrators and auditors see of the sessions at services, and nobody else.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::Duration;

use identity::port::Health;

use super::rig::{Rig, service, status};
use super::scratch::Scratch;
use super::upstream::Upstream;
use crate::config::{Account, IdentityProof, SecretSource, Service};

/// A controller that lets nobody in.
async fn refusing(scratch: &Scratch) -> Service {
    let upstream = Upstream::fixed("HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\n{}").await;
    let secret = scratch.path().join("secret");
    std::fs::write(&secret, "hunter2\n").unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut service = service(&[upstream.address]);
    service.identity = IdentityProof::Session(Arc::new(Account {
        platform: dialects::named("awx").unwrap(),
        method: dialects::Method::Token,
        portal: None,
        username: "svc".to_owned(),
        secret: SecretSource::File(secret),
        is_token: false,
        tenant: None,
        sessions_max: 1,
        queue_max: 10,
        queue_timeout: Duration::from_secs(10),
        rates: None,
        is_exclusive: false,
    }));
    service
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_account_is_shown_in_the_status_in_our_own_api_and_in_the_metrics() {
    let scratch = Scratch::new("session-report");
    let rig = Rig::before(refusing(&scratch).await).await;
    let root = rig.user("root", true).await;
    let bearer = format!("Authorization: Bearer {}\r\n", rig.token(&root, "write").await);
    let before = rig.get("/portcullis/v1/upstreams", &bearer).await;
    assert!(before.contains("\"state\":\"none\"") && before.contains("\"account\":\"svc\""), "{before}");

    let refused = rig.get("/api/controller/v2/jobs/", &bearer).await;
    assert_eq!(status(&refused), 503, "{refused}");
    assert!(refused.to_ascii_lowercase().contains("\r\nretry-after: "), "{refused}");

    let told = rig.get("/portcullis/v1/upstreams", &bearer).await;
    assert!(told.contains("\"state\":\"refused\"") && told.contains("\"refusals\":1"), "{told}");
    assert!(told.contains("does not accept this name and password"), "{told}");
    let metrics = rig.get("/portcullis/v1/metrics", &bearer).await;
    assert!(metrics.contains("content-type: text/plain; version=0.0.4"), "{metrics}");
    let state =
        "portcullis_upstream_session_state{service=\"controller\",account=\"svc\",state=\"refused\"} 1\n";
    assert!(metrics.contains(state), "{metrics}");
    assert!(metrics.contains("portcullis_upstream_session_refusals_total{service=\"controller\"} 1\n"));
    assert!(metrics.contains("portcullis_requests_in_flight{service=\"controller\"} 0\n"));

    let services =
        rig.authority.world.platform.service_status(jiff::SignedDuration::from_secs(2), true).await;
    assert_eq!(services[0].health, Health::Failed);
    let exception = services[0].nodes[0].exception.clone().unwrap();
    assert!(exception.starts_with("no session of the gateway there: "), "{exception}");
    for text in [before, refused, told, metrics, exception] {
        assert!(!text.contains("hunter2"));
    }
    rig.gateway.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_everything_sees_none_of_it() {
    let scratch = Scratch::new("session-report-closed");
    let rig = Rig::before(refusing(&scratch).await).await;
    let user = rig.user("ann", false).await;
    let bearer = format!("Authorization: Bearer {}\r\n", rig.token(&user, "write").await);
    for path in ["/portcullis/v1/upstreams", "/portcullis/v1/metrics"] {
        for (lines, expected) in [("", 401), (bearer.as_str(), 403)] {
            let answer = rig.get(path, lines).await;
            assert_eq!(status(&answer), expected, "{answer}");
            assert!(!answer.contains("svc"), "{answer}");
        }
    }
}
