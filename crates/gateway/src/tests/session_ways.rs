//! Other ways through a session of the gateway's own: sockets, nodes, tenants, a service that starts anew.

use std::sync::Arc;
use std::time::Duration;

use identity::model::tenant::Tenant;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::manager::DIALECTS;
use super::rig::{Rig, config, read_all, status};
use super::scratch::Scratch;
use super::session_manager::{Manager, Style, account, front, plain, sdwan};
use super::upstream::Reply;
use crate::config::{IdentityProof, Target};

const ACCEPTED: &str = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nset-cookie: JSESSIONID=upstream\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_opens_through_the_session_and_renews_a_dead_one_before() {
    let manager = Manager::start(|_| Some(Reply::Loop(ACCEPTED.as_bytes().to_vec()))).await;
    let (rig, lines, _scratch) = front(&manager, |_| {}).await;
    for logins in 1..=2 {
        let mut stream = TcpStream::connect(rig.address()).await.unwrap();
        let head = format!(
            "GET /dataservice/ws HTTP/1.1\r\nHost: gw\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: \
             https://gw\r\nSec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n{lines}\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = read_all(&mut stream, Duration::from_millis(700)).await;
        assert_eq!(status(&answer), 101, "{answer}");
        assert!(!answer.contains("upstream"), "{answer}");
        stream.write_all(b"hello").await.unwrap();
        assert_eq!(read_all(&mut stream, Duration::from_millis(500)).await, "hello");
        assert_eq!(manager.logins(), logins);
        let seen = manager.asked().pop().unwrap();
        assert_eq!(seen.one("upgrade"), "websocket");
        assert!(seen.all("origin").is_empty() && seen.all("authorization").is_empty(), "{}", seen.head);
        manager.expire(Style::Unauthorized);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_stay_at_the_node_of_their_session() {
    let (first, second) = (Manager::start(|_| None).await, Manager::start(|_| None).await);
    let scratch = Scratch::new("session-nodes");
    let mut service = sdwan(&first, account(&scratch, "right"), "aap");
    if let Target::Upstream { nodes, .. } = &mut service.target {
        nodes.push(format!("http://{}", second.upstream.address).parse().unwrap());
    }
    let rig = Rig::start(config(vec![service])).await;
    let ann = rig.user("ann", false).await;
    let lines = format!("Authorization: Bearer {}\r\n", rig.token(&ann, "write").await);
    for _ in 0..10 {
        assert_eq!(status(&rig.get("/dataservice/device", &lines).await), 200);
    }
    assert_eq!(first.logins() + second.logins(), 1);
    let (used, other) = if first.logins() == 1 { (&first, &second) } else { (&second, &first) };
    assert_eq!((used.asked().len(), other.asked().len()), (10, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_be_reached_at_one_node_is_served_at_another() {
    let manager = Manager::start(|_| None).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let scratch = Scratch::new("session-node-gone");
    let mut service = sdwan(&manager, account(&scratch, "right"), "aap");
    if let Target::Upstream { nodes, .. } = &mut service.target {
        nodes.insert(0, format!("http://{closed}").parse().unwrap());
    }
    let rig = Rig::start(config(vec![service])).await;
    let ann = rig.user("ann", false).await;
    let lines = format!("Authorization: Bearer {}\r\n", rig.token(&ann, "write").await);
    assert_eq!(status(&rig.get("/dataservice/device", &lines).await), 200);
    assert_eq!(manager.asked()[0].one("host"), manager.upstream.address.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_starts_anew_in_the_middle_loses_no_reading() {
    // It closes each connection after an answer, as one does that goes, and knows no session afterwards.
    let manager =
        Manager::start(|_| Some(Reply::Last(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec())))
            .await;
    let (rig, lines, _scratch) = front(&manager, |_| {}).await;
    assert_eq!(status(&rig.get("/dataservice/device", &lines).await), 200);
    let rig = Arc::new(rig);
    manager.expire(Style::LoginPage);
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let (rig, lines) = (Arc::clone(&rig), lines.clone());
            tokio::spawn(async move { rig.get("/dataservice/device", &lines).await })
        })
        .collect();
    for caller in callers {
        let answer = caller.await.unwrap();
        assert!(status(&answer) == 200 && answer.ends_with("ok"), "{answer}");
    }
    assert_eq!(manager.logins(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_acts_for_a_tenant_gets_the_session_of_that_tenant() {
    let manager = Manager::start(|_| None).await;
    manager.state.lock().unwrap().is_multi = true;
    let scratch = Scratch::new("session-tenants");
    let service = sdwan(&manager, account(&scratch, "right"), "catalyst");
    let mut bound = service.clone();
    (bound.name, bound.path) = ("bound".into(), "/bound/".into());
    let mut other = account(&scratch, "right");
    other.tenant = Some("Umbrella".into());
    bound.identity = IdentityProof::Session(Arc::new(other));
    // The contract made for tests stands in the place of Catalyst's at the front.
    let mut services = vec![service, bound];
    for it in &mut services {
        it.dialect = DIALECTS[1];
    }
    let number = "6f1c9b52-8f0e-4a53-9d57-2f1f0c7f3c11";
    let tenant = Tenant {
        id: number.into(),
        name: "Acme".into(),
        description: String::new(),
        organization: "Acme".into(),
        subdomain: "acme.example.com".into(),
    };
    let rig = Rig::start_of(config(services), &DIALECTS, vec![tenant]).await;
    rig.user("root", true).await;
    let own = format!("Cookie: JSESSIONID={}\r\n", rig.session("root").await.secret.expose());
    let acting = format!("{own}VSessionId: {number}\r\n");
    assert_eq!(status(&rig.get("/dataservice/device", &own).await), 200);
    assert_eq!(status(&rig.get("/dataservice/device", &acting).await), 200);
    assert_eq!(status(&rig.get("/bound/device", &acting).await), 403);
    let asked = manager.asked();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[0].all("vsessionid").is_empty());
    assert_eq!(asked[1].one("vsessionid"), "upstream-tenant");
    assert_ne!(asked[0].one("cookie"), asked[1].one("cookie"));
    assert_eq!(manager.logins(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_read_and_might_be_a_page_does_not_go_on() {
    let manager =
        Manager::start(|_| Some(plain(200, "content-type: text/html\r\ncontent-encoding: gzip\r\n", "zzz")))
            .await;
    let (rig, lines, _scratch) = front(&manager, |_| {}).await;
    let answer = rig.get("/dataservice/device", &lines).await;
    assert!(status(&answer) == 502 && !answer.contains("zzz"), "{answer}");
}
