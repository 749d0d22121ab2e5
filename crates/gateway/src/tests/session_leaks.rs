//! Nothing of the service's session reaches a caller, and nothing that proves who a caller is reaches the service.

use identity::action::Claim;
use identity::model::secret::Secret;
use identity::model::session::SessionKind;

use super::rig::{PASSWORD, Rig, config, status};
use super::scratch::Scratch;
use super::session_manager::{Manager, PAGE, account, front, plain, sdwan};

/// What a client says about itself.
const CLIENTS: &str = "X-Key: k\r\nCookie: JSESSIONID=client-secret; other=client-secret\r\nOrigin: \
                       https://client-secret\r\nReferer: https://client-secret/\r\nSec-Fetch-Site: \
                       client-secret\r\nVia: 1.1 client-secret\r\nForwarded: for=client-secret\r\nX-Forwarded-For: \
                       10.9.9.9\r\nX-Real-IP: 10.9.9.9\r\nProxy-Authorization: client-secret\r\nX-Api-Key: \
                       client-secret\r\nApprendaSessionToken: client-secret\r\nVSessionId: client-secret\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn case_127_neither_side_sees_the_proofs_of_the_other_whatever_contract_the_caller_speaks() {
    for dialect in ["aap", "astra", "awx"] {
        let manager = Manager::start(|_| None).await;
        let scratch = Scratch::new(&format!("session-leak-{dialect}"));
        let rig = Rig::start(config(vec![sdwan(&manager, account(&scratch, "right"), dialect)])).await;
        let ann = rig.user("ann", false).await;
        let token = rig.token(&ann, "write").await;
        let id = "5cfe1f44-27a6-4b4a-8d8e-1a3d5d1b0009";
        let lines = format!("Authorization: Bearer {token}\r\nX-Request-ID: {id}\r\n{CLIENTS}");
        for answer in [
            rig.get("/dataservice/device?a=1", &lines).await,
            rig.post("/dataservice/template", &lines, "{}").await,
        ] {
            assert_eq!(status(&answer), 200, "{dialect} {answer}");
            let low = answer.to_ascii_lowercase();
            for word in ["upstream", "www-authenticate", "x-xsrf-token", "other="] {
                assert!(!low.contains(word), "{dialect} {word} in {answer}");
            }
        }
        let asked = manager.asked();
        assert_eq!(asked.len(), 2, "{asked:?}");
        for seen in asked {
            let low = seen.head.to_ascii_lowercase();
            for word in ["client-secret", "10.9.9.9", &token.to_ascii_lowercase(), "authorization:", "gw\r\n"]
            {
                assert!(!low.contains(word), "{dialect} {word} in {}", seen.head);
            }
            assert_eq!(seen.one("host"), manager.upstream.address.to_string());
            assert_eq!(seen.one("cookie"), "JSESSIONID=upstream-cookie-1");
            assert_eq!(seen.one("x-request-id"), id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managers_caller_keeps_its_own_session_and_sees_its_own_token() {
    let manager = Manager::start(|_| None).await;
    let scratch = Scratch::new("session-leak-manager");
    let service = sdwan(&manager, account(&scratch, "right"), "catalyst");
    // The masked path is one of the front contract's own where it is spoken: another path leads there.
    let mut moved = service.clone();
    moved.name = "moved".into();
    moved.path = "/other/".into();
    if let crate::config::Target::Upstream { path, .. } = &mut moved.target {
        *path = Some("/dataservice/".into());
    }
    let rig = Rig::start(config(vec![service, moved])).await;
    rig.user("ann", false).await;
    let password = Secret::new(PASSWORD);
    let claim = Claim::new("ann", &password, SessionKind::Manager);
    let ann = rig.authority.sign_in(&rig.context(), claim).await.unwrap();
    let lines = format!("Cookie: JSESSIONID={}\r\nX-XSRF-TOKEN: {}\r\n", ann.secret.expose(), ann.csrf_token);
    let answer = rig.post("/dataservice/template", &lines, "{}").await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(!answer.contains("upstream-cookie") && !answer.contains("UPSTREAMTOKEN"), "{answer}");
    let answer = rig.get("/other/client/server", &lines).await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(answer.contains(&format!(r#""CSRFToken":"{}""#, ann.csrf_token)), "{answer}");
    assert!(!answer.contains("UPSTREAMTOKEN") && !answer.contains("etag"), "{answer}");
    for seen in manager.asked() {
        assert!(!seen.head.contains(ann.secret.expose()) && !seen.head.contains(&ann.csrf_token));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_services_addresses_become_ours() {
    let manager = Manager::start(|seen| {
        let host = seen.one("host").to_owned();
        let lines = format!(
            "location: https://{host}/dataservice/next?a=1\r\ncontent-location: /dataservice/it\r\nlink: \
             <http://{host}/dataservice/2>; rel=next, <https://elsewhere.example/x>; rel=help\r\nalt-svc: h3\r\n"
        );
        Some(plain(302, &lines, ""))
    })
    .await;
    let (rig, lines, _scratch) = front(&manager, |_| {}).await;
    let answer = rig.get("/dataservice/first", &lines).await;
    assert!(answer.contains("\r\nlocation: /dataservice/next?a=1\r\n"), "{answer}");
    assert!(answer.contains("\r\ncontent-location: /dataservice/it\r\n"), "{answer}");
    assert!(
        answer.contains("link: </dataservice/2>; rel=next, <https://elsewhere.example/x>; rel=help"),
        "{answer}"
    );
    assert!(
        !answer.contains(&manager.upstream.address.to_string()) && !answer.contains("alt-svc"),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn case_123_a_public_path_is_open_to_nobody_without_the_session() {
    let manager = Manager::start(|_| None).await;
    let (rig, lines, _scratch) = front(&manager, |_| {}).await;
    let answer = rig.get("/dataservice/open/x", "Cookie: JSESSIONID=client-secret\r\n").await;
    assert!(status(&answer) == 200 && answer.ends_with("open"), "{answer}");
    assert!(!answer.to_ascii_lowercase().contains("set-cookie"), "{answer}");
    assert_eq!(manager.logins(), 0);
    assert_eq!(status(&rig.get("/dataservice/device", "").await), 401);
    assert!(manager.asked().iter().all(|it| it.all("cookie").is_empty()));
    assert_eq!(status(&rig.get("/dataservice/device", &lines).await), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_111_nobody_reaches_what_hands_out_or_ends_the_session() {
    let manager = Manager::start(|_| None).await;
    let scratch = Scratch::new("session-guard");
    let mut service = sdwan(&manager, account(&scratch, "right"), "aap");
    service.path = "/manager/".into();
    if let crate::config::Target::Upstream { path, .. } = &mut service.target {
        *path = Some("/".into());
    }
    // With no contract of ours in the way that has such paths itself.
    let rig = Rig::start_with(config(vec![service]), &[&dialects::aap::Aap]).await;
    let ann = rig.user("ann", false).await;
    let lines = format!("Authorization: Bearer {}\r\n", rig.token(&ann, "write").await);
    for path in [
        "logout",
        "logout/",
        "logout;a=b",
        "logout%3Ba=b",
        "%6cogout",
        "/logout",
        "x/j_security_check",
        "j_security_check;x",
        "dataservice/client/token",
        "dataservice//client/token",
        "dataservice/client/token;jsessionid=1",
        "dataservice/client;a/token",
        "dataservice/admin/user/activeSessions",
        "jwt/login",
    ] {
        let answer = rig.get(&format!("/manager/{path}"), &lines).await;
        assert_eq!(status(&answer), 403, "{path} {answer}");
    }
    assert_eq!(manager.logins(), 0);
    assert!(manager.upstream.seen().is_empty());
    assert_eq!(status(&rig.get("/manager/dataservice/device", &lines).await), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_the_place_of_an_answer_is_said_in_the_callers_words() {
    let page = format!("<html>upstream-busy {PAGE}</html>");
    let manager =
        Manager::start(move |_| Some(plain(503, "content-type: text/html\r\nretry-after: 7\r\n", &page)))
            .await;
    let (rig, lines, _scratch) = front(&manager, |_| {}).await;
    let answer = rig.get("/dataservice/device", &lines).await;
    assert!(status(&answer) == 503 && answer.contains("retry-after: 7"), "{answer}");
    assert!(answer.contains("{\"detail\":") && !answer.contains("upstream"), "{answer}");
}
