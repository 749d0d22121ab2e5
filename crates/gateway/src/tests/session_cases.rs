//! Cases of the threat model that sessions of the gateway's own at services bring with them.

use std::sync::Arc;
use std::time::Duration;

use dialects::client_half::Rates;
use identity::model::pace::Rate;
use jiff::SignedDuration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::rig::{Rig, config, status};
use super::scratch::Scratch;
use super::session_manager::{Manager, Style, account, front, plain, sdwan};
use super::upstream::{Reply, Upstream};
use crate::config::{IdentityProof, Service, Target};

/// A Manager with all its paths behind `/manager/`.
fn whole(manager: &Manager, scratch: &Scratch) -> Service {
    let mut service = sdwan(manager, account(scratch, "right"), "aap");
    service.path = "/manager/".into();
    if let Target::Upstream { path, .. } = &mut service.target {
        *path = Some("/".into());
    }
    service
}

#[tokio::test(flavor = "multi_thread")]
async fn case_111_no_spelling_leads_through_a_session_to_what_ends_it() {
    let manager = Manager::start(|_| None).await;
    let scratch = Scratch::new("session-spellings");
    let rig = Rig::start_with(config(vec![whole(&manager, &scratch)]), &[&dialects::aap::Aap]).await;
    let ann = rig.user("ann", false).await;
    let lines = format!("Authorization: Bearer {}\r\n", rig.token(&ann, "write").await);
    let paths = [
        "LOGOUT",
        "Logout",
        "logout%20",
        "logout%09",
        "%4c%4f%47%4f%55%54",
        "%6C%6f%67out",
        "%256cogout",
        "logout%2f",
        "logout%5c",
        "logout%00",
        "logout%3b",
        "logout%3bx=%2f",
        ";a/logout",
        ";/logout",
        "./logout",
        "x/../logout",
        "x/%2e%2e/logout",
        "x/..;/logout",
        "//logout",
        "logout//",
        "logout?nocache=1",
        "logout#x",
        "logout%23",
        "logout%3f",
        "logout.",
        "logout..%20.",
        "dataservice/CLIENT/token",
        "dataservice/client/;a/token",
        "dataservice/client/token%20",
        "dataservice/%63lient/token",
        "J_SECURITY_CHECK",
        "a/J_security_check;b",
        "dataservice/tenant/77/vsessionid",
        "dataservice/tenant/77/VSESSIONID/",
        "JWT/login",
        "apigw/token",
    ];
    for path in paths {
        for line in [
            format!("GET /manager/{path}"),
            format!("HEAD /manager/{path}"),
            format!("OPTIONS /manager/{path}"),
            format!("GET http://gw/manager/{path}"),
        ] {
            let text = format!("{line} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n{lines}\r\n");
            let answer = rig.raw(text.as_bytes()).await;
            assert!(matches!(status(&answer), 400 | 403 | 404), "{line} {answer}");
        }
    }
    assert!(manager.upstream.seen().is_empty(), "{:?}", manager.upstream.seen());
    // What only names such a path elsewhere goes on, as what it is.
    let more = format!(
        "{lines}X-HTTP-Method-Override: DELETE\r\nX-Original-URL: /logout\r\nX-Rewrite-URL: /logout\r\n"
    );
    let answer = rig.get("/manager/dataservice/device?next=/logout", &more).await;
    assert_eq!(status(&answer), 200, "{answer}");
    let seen = manager.upstream.seen().pop().unwrap();
    for name in ["x-http-method-override", "x-original-url", "x-rewrite-url"] {
        assert!(seen.all(name).is_empty(), "{}", seen.head);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_078_whoever_may_only_read_changes_nothing_through_the_account() {
    let manager = Manager::start(|_| None).await;
    let (rig, _, _scratch) = front(&manager, |_| {}).await;
    let bob = rig.user("bob", false).await;
    let lines = format!("Authorization: Bearer {}\r\nX-Key: no\r\n", rig.token(&bob, "read").await);
    assert_eq!(status(&rig.post("/dataservice/template", &lines, "{}").await), 403);
    let session = rig.session("bob").await;
    let lines = format!("Cookie: gateway_sessionid={}\r\nX-Key: no\r\n", session.secret.expose());
    assert_eq!(status(&rig.post("/dataservice/template", &lines, "{}").await), 403);
    assert!(manager.upstream.seen().is_empty());
    assert_eq!(status(&rig.get("/dataservice/device", &lines).await), 200);
    assert!(manager.asked().iter().all(|it| it.line().starts_with("GET")));
}

#[tokio::test(flavor = "multi_thread")]
async fn case_129_a_session_is_shown_to_no_other_service() {
    let (first, second) = (Manager::start(|_| None).await, Manager::start(|_| None).await);
    let scratch = Scratch::new("session-two");
    let mut other = sdwan(&second, account(&scratch, "right"), "aap");
    other.name = "other".into();
    other.path = "/other/".into();
    let rig = Rig::start(config(vec![sdwan(&first, account(&scratch, "right"), "aap"), other])).await;
    let ann = rig.user("ann", false).await;
    let lines = format!("Authorization: Bearer {}\r\n", rig.token(&ann, "write").await);
    assert_eq!(status(&rig.get("/dataservice/device", &lines).await), 200);
    // From now on the two sessions have different names.
    first.expire(Style::Unauthorized);
    let rig = Arc::new(rig);
    let asking = (0..40).map(|number| {
        let (rig, lines) = (Arc::clone(&rig), lines.clone());
        tokio::spawn(async move {
            let path = if number % 2 == 0 { "/dataservice/device" } else { "/other/device" };
            assert_eq!(status(&rig.get(path, &lines).await), 200);
        })
    });
    for one in asking.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    assert!(second.asked().iter().all(|it| it.one("cookie") == "JSESSIONID=upstream-cookie-1"));
    assert!(first.asked().iter().skip(1).any(|it| it.one("cookie") == "JSESSIONID=upstream-cookie-2"));
    assert_eq!((first.logins(), second.logins()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn case_130_a_redirect_leads_neither_a_session_nor_a_password_elsewhere() {
    let elsewhere = Upstream::ok().await;
    let address = elsewhere.address;
    let manager = Manager::start(move |_| {
        Some(plain(307, &format!("location: http://{address}/dataservice/device\r\n"), ""))
    })
    .await;
    let (rig, lines, _scratch) = front(&manager, |_| {}).await;
    assert_eq!(status(&rig.post("/dataservice/template", &lines, "{}").await), 307);
    // The same in the place of the login.
    let strange = Upstream::start(move |_, _| {
        plain(307, &format!("location: http://{address}/j_security_check\r\n"), "")
    })
    .await;
    let scratch = Scratch::new("session-redirect");
    let mut service = sdwan(&manager, account(&scratch, "right"), "aap");
    if let Target::Upstream { nodes, .. } = &mut service.target {
        *nodes = vec![format!("http://{}", strange.address).parse().unwrap()];
    }
    let rig = Rig::start(config(vec![service])).await;
    let ann = rig.user("ann", false).await;
    let lines = format!("Authorization: Bearer {}\r\n", rig.token(&ann, "write").await);
    let answer = rig.get("/dataservice/device", &lines).await;
    assert!(status(&answer) == 503 && !answer.contains(&address.to_string()), "{answer}");
    assert!(!strange.seen().is_empty() && elsewhere.seen().is_empty(), "{:?}", elsewhere.seen());
}

#[tokio::test(flavor = "multi_thread")]
async fn case_139_140_nothing_that_a_service_says_to_the_gateway_alone_goes_on() {
    let text = "HTTP/1.1 103 Early Hints\r\nset-cookie: JSESSIONID=upstream\r\nlink: </upstream>\r\n\r\nHTTP/1.1 200 \
                OK\r\ncontent-type: application/json\r\nX-XSRF-Token: upstream\r\nSET-COOKIE: \
                JSESSIONID=upstream\r\nSet-Cookie2: upstream\r\nClear-Site-Data: \"upstream\"\r\nRefresh: \
                0;upstream\r\nAuthentication-Info: upstream\r\nProxy-Authentication-Info: upstream\r\nAlt-Svc: \
                h2=\"upstream\"\r\nWWW-Authenticate: upstream\r\nProxy-Authenticate: upstream\r\nVSessionId: \
                upstream\r\nConnection: X-Hop\r\nX-Hop: upstream\r\ntrailer: x-xsrf-token, \
                vsessionid\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx-xsrf-token: \
                upstream\r\nvsessionid: upstream\r\n\r\n";
    let manager = Manager::start(move |_| Some(Reply::Bytes(text.as_bytes().to_vec()))).await;
    let (rig, lines, _scratch) = front(&manager, |_| {}).await;
    let answer = rig.get("/dataservice/device", &format!("{lines}TE: trailers\r\n")).await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(answer.contains("{}") && !answer.contains("upstream"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_216_a_login_that_hangs_holds_up_no_other_service_and_nobody_who_left() {
    let manager = Manager::start(|_| None).await;
    let hanging = Upstream::start(|_, _| Reply::Hang).await;
    let scratch = Scratch::new("session-hang");
    let mut other = sdwan(&manager, account(&scratch, "right"), "aap");
    other.name = "hanging".into();
    other.path = "/hanging/".into();
    if let Target::Upstream { nodes, .. } = &mut other.target {
        *nodes = vec![format!("http://{}", hanging.address).parse().unwrap()];
    }
    if let IdentityProof::Session(account) = &mut other.identity {
        Arc::make_mut(account).queue_timeout = Duration::from_secs(2);
    }
    let rig = Rig::start(config(vec![sdwan(&manager, account(&scratch, "right"), "aap"), other])).await;
    let ann = rig.user("ann", false).await;
    let lines = format!("Authorization: Bearer {}\r\n", rig.token(&ann, "write").await);
    let rig = Arc::new(rig);
    let waiting = (0..20).map(|_| {
        let (rig, lines) = (Arc::clone(&rig), lines.clone());
        tokio::spawn(async move { rig.get("/hanging/device", &lines).await })
    });
    let waiting: Vec<_> = waiting.collect();
    for _ in 0..20 {
        assert_eq!(status(&rig.get("/dataservice/device", &lines).await), 200);
    }
    for one in waiting {
        let answer = one.await.unwrap();
        assert!(status(&answer) == 503 && answer.contains("retry-after: "), "{answer}");
    }
    assert_eq!(hanging.seen().len(), 1, "one login is tried");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_do_not_use_up_what_a_service_allows() {
    let manager = Manager::start(|_| None).await;
    let (rig, lines, _scratch) = front(&manager, |account| {
        let none = Rate { requests: 0, period: SignedDuration::ZERO };
        let slow = Rate { requests: 3, period: SignedDuration::from_secs(2) };
        account.rates = Some(Rates { ordinary: slow, bulk: none });
    })
    .await;
    for _ in 0..20 {
        let answer = rig.get("/dataservice/open/x", "").await;
        assert!(matches!(status(&answer), 200 | 429), "{answer}");
    }
    let strangers = manager.upstream.seen().len();
    assert!(strangers <= 3, "{strangers}");
    // Whoever is known waits for the next turn and gets it.
    assert_eq!(status(&rig.get("/dataservice/device", &lines).await), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_away_while_waiting_gives_everything_back() {
    let manager = Manager::start(|_| None).await;
    let scratch = Scratch::new("session-gone");
    let mut account = account(&scratch, "right");
    let none = Rate { requests: 0, period: SignedDuration::ZERO };
    account.rates =
        Some(Rates { ordinary: Rate { requests: 1, period: SignedDuration::from_secs(1) }, bulk: none });
    account.queue_max = 1;
    let mut service = sdwan(&manager, account, "aap");
    service.concurrency_max = 1;
    let rig = Rig::start(config(vec![service])).await;
    let ann = rig.user("ann", false).await;
    let lines = format!("Authorization: Bearer {}\r\n", rig.token(&ann, "write").await);
    assert_eq!(status(&rig.get("/dataservice/device", &lines).await), 200);
    let mut stream = TcpStream::connect(rig.address()).await.unwrap();
    let head = format!(
        "POST /dataservice/template HTTP/1.1\r\nHost: gw\r\n{lines}X-Key: gone\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(stream);
    tokio::time::sleep(Duration::from_millis(100)).await;
    // The one place at the service and the one in the queue are free again.
    let answer = rig.get("/dataservice/device", &lines).await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(!manager.state.lock().unwrap().ran.contains_key("gone"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_answers_everything_with_200_has_not_let_anybody_in() {
    let manager = Manager::start(|_| None).await;
    let page = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>";
    for text in [page, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"] {
        let strange = Upstream::start(move |_, _| Reply::Bytes(text.as_bytes().to_vec())).await;
        let scratch = Scratch::new(&format!("session-always-{}", strange.address.port()));
        let mut service = sdwan(&manager, account(&scratch, "right"), "aap");
        if let Target::Upstream { nodes, .. } = &mut service.target {
            *nodes = vec![format!("http://{}", strange.address).parse().unwrap()];
        }
        let rig = Rig::start(config(vec![service])).await;
        let ann = rig.user("ann", false).await;
        let lines = format!("Authorization: Bearer {}\r\n", rig.token(&ann, "write").await);
        let answer = rig.get("/dataservice/device", &lines).await;
        assert_eq!(status(&answer), 503, "{answer}");
    }
}
