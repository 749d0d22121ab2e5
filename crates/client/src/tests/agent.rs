//! Conversations: wins, refusals, foreign servers, and nowhere else.

use bytes::Bytes;
use dialects::{Conversation, Next};
use dialects::{Login, Rejection};
use http::{Request, Response};
use identity::model::proof::Proof;
use identity::model::secret::Secret;

use super::stub::Stub;
use super::{Server, answer, holding, now, transport};
use crate::{Agent, Recognition, TalkError, Unwatched, base, recognise};

#[tokio::test]
async fn a_login_is_carried_to_its_end_and_what_it_won_is_used() {
    let server =
        Server::start(|it| answer("200 OK", "", if it.contains("/sign-in") { "won" } else { "{}" })).await;
    let transport = transport();
    let agent = Agent::new(&Stub, &transport);
    let login = Login::new(server.base.clone(), "ann", Secret::new("p&ss"), now());
    let held = agent.login(login).await.unwrap();
    assert!(matches!(&held.proof, Proof::Bearer(it) if it.expose() == "won"));
    let request = Request::get(format!("{}/x", server.base)).body(Bytes::new()).unwrap();
    assert_eq!(agent.call(&held, request).await.unwrap().status(), 200);
    let asked = server.asked();
    assert!(asked[0].ends_with("\r\n\r\np&ss"));
    assert!(asked[1].contains("authorization: Bearer won\r\n"));
}

#[tokio::test]
async fn a_refused_password_a_foreign_server_and_no_server_are_three_errors() {
    let transport = transport();
    let agent = Agent::new(&Stub, &transport);
    let login = |base: String| Login::new(base, "ann", Secret::new("hunter2"), now());
    let refusing = Server::start(|_| answer("401 Unauthorized", "", "")).await;
    let refused = agent.login(login(refusing.base.clone())).await.unwrap_err();
    assert!(matches!(refused, TalkError::Refused(Rejection::Password)));
    assert_eq!(refusing.asked().len(), 1);
    let foreign = Server::start(|_| answer("404 Not Found", "", "")).await;
    let lost = agent.login(login(foreign.base.clone())).await.unwrap_err();
    assert!(matches!(lost, TalkError::Lost(_)));
    let broken = agent.login(login("http://127.0.0.1:1".to_owned())).await.unwrap_err();
    assert!(matches!(broken, TalkError::Fault(_)));
    for error in [refused, lost, broken] {
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn a_proof_is_shown_to_no_other_server() {
    let (here, there) = (
        Server::start(|_| answer("200 OK", "", "")).await,
        Server::start(|_| answer("200 OK", "", "")).await,
    );
    let transport = transport();
    let agent = Agent::new(&Stub, &transport);
    let held = holding(&here.base, "token", None);
    for address in [format!("{}/", there.base), format!("{}@evil.example/", here.base)] {
        let request = Request::get(address).body(Bytes::new()).unwrap();
        assert!(agent.call(&held, request).await.is_err());
    }
    assert!(there.asked().is_empty());
    assert!(here.asked().is_empty());
}

/// Asks one server and then the other.
struct Stray(Vec<String>);

impl Conversation<()> for Stray {
    fn next(&mut self, _: Option<&Response<Bytes>>) -> Next<()> {
        match self.0.pop() {
            Some(address) => Next::Send(Request::get(address).body(Bytes::new()).unwrap()),
            None => Next::Done(()),
        }
    }
}

#[tokio::test]
async fn a_conversation_stays_at_the_server_that_it_began_at() {
    let (here, there) = (
        Server::start(|_| answer("200 OK", "", "")).await,
        Server::start(|_| answer("200 OK", "", "")).await,
    );
    let transport = transport();
    let agent = Agent::new(&Stub, &transport);
    let stray = Box::new(Stray(vec![format!("{}/b", there.base), format!("{}/a", here.base)]));
    assert!(matches!(agent.talk(stray, &mut Unwatched).await, Err(TalkError::Fault(_))));
    assert_eq!((here.asked().len(), there.asked().len()), (1, 0));
}

#[tokio::test]
async fn a_foreign_server_says_what_it_is_and_each_path_is_asked_once() {
    let server = Server::start(|_| {
        let page = "<html><TITLE>Printer\n 7</TITLE></html>";
        answer("404 Not Found", "Server: lamp\r\nContent-Type: text/html\r\n", page)
    })
    .await;
    let (base, _) = base(&server.base).unwrap();
    let Recognition::Foreign(foreign) = recognise(&transport(), &base, None).await.unwrap() else {
        panic!("nothing should be recognised")
    };
    let text = foreign.to_string();
    assert!(text.contains("404") && text.contains("lamp") && text.contains("Printer 7"), "{text}");
    let mut paths: Vec<_> = server.asked().iter().map(|it| it.lines().next().unwrap().to_owned()).collect();
    let count = paths.len();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), count);
    let (nobody, _) = crate::base("http://127.0.0.1:1").unwrap();
    assert!(recognise(&transport(), &nobody, None).await.is_err());
}

/// What a server is, that answers one path with this and all others with 404.
async fn recognised(path: &'static str, body: &'static str, typed: Option<&str>) -> (String, Option<String>) {
    let server = Server::start(move |asked| {
        let json = "Content-Type: application/json\r\n";
        let is_it = asked.split(' ').nth(1) == Some(path);
        if is_it { answer("200 OK", json, body) } else { answer("404 Not Found", json, "{}") }
    })
    .await;
    let (base, _) = base(&server.base).unwrap();
    match recognise(&transport(), &base, typed).await.unwrap() {
        Recognition::Found(found) => (found.dialect.name().to_owned(), found.version),
        Recognition::Foreign(foreign) => panic!("{foreign}"),
    }
}

#[tokio::test]
async fn platforms_are_recognised_with_their_releases() {
    let controller = r#"{"ha":false,"version":"24.6.1","active_node":"a","instances":[]}"#;
    let found = recognised("/api/v2/ping/", controller, None).await;
    assert_eq!(found, ("awx".to_owned(), Some("24.6.1".to_owned())));
    let gateway = r#"{"version":"2.5","pong":"2026-11-22","status":"good","db_connected":true}"#;
    let found = recognised("/api/gateway/v1/ping/", gateway, None).await;
    assert_eq!(found, ("aap".to_owned(), Some("2.5".to_owned())));
    let found = recognised("/dataservice/client/server/ready", r#"{"isServerReady":true}"#, None).await;
    assert_eq!(found.0, "catalyst");
}
