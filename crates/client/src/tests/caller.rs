//! Deaths and what follows them: renewals, repeats, redirects, pages.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use dialects::{Holding, Login, Rejection};
use http::Request;
use identity::Fault;
use identity::model::secret::Secret;
use jiff::ToSpan as _;

use super::stub::Stub;
use super::{Noon, Server, answer, holding, now, transport};
use crate::{CallError, Caller, Keeper, Kept, Payload, Turn, Unkept};

/// A server where only `new` lives, and where a renewal wins it. The dead get this answer.
async fn server(dead: &'static str, headers: &'static str, body: &'static str) -> Server {
    Server::start(move |asked| {
        if asked.starts_with("POST /renew") {
            return answer("200 OK", "", "new");
        }
        if asked.contains("authorization: Bearer new") {
            return answer("200 OK", "", "lives");
        }
        answer(dead, headers, body)
    })
    .await
}

async fn call(server: &Server, method: &str, body: Payload) -> Result<String, CallError> {
    let transport = transport();
    let held = holding(&server.base, "old", Some("r"));
    let mut caller = Caller::new(&Stub, &transport, held, &Unkept, &Noon)?;
    let request = Request::builder().method(method).uri("/data?x=1").body(body).unwrap();
    let whole = caller.call(request).await?.whole(1_000_000).await?;
    Ok(format!("{} {}", whole.status().as_u16(), String::from_utf8_lossy(whole.body())))
}

/// The first words of all requests.
fn lines(server: &Server) -> Vec<String> {
    let asked = server.asked();
    asked.iter().map(|it| it.split(" HTTP").next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_style_of_death_is_renewed_once_and_a_get_repeated() {
    let styles = [
        ("401 Unauthorized", "", ""),
        ("200 OK", "Content-Type: text/html\r\n", "<login>"),
        ("302 Found", "Location: /welcome\r\n", ""),
        ("419 Stale", "", ""),
    ];
    for (status, headers, body) in styles {
        let server = server(status, headers, body).await;
        assert_eq!(call(&server, "GET", Payload::empty()).await.unwrap(), "200 lives", "{status}");
        assert_eq!(lines(&server), ["GET /data?x=1", "POST /renew", "GET /data?x=1"], "{status}");
    }
}

#[tokio::test]
async fn a_post_is_repeated_only_where_the_answer_proves_that_it_did_not_run() {
    let body = || Payload::from(Bytes::from_static(b"do it"));
    let unrun = server("401 Unauthorized", "", "").await;
    assert_eq!(call(&unrun, "POST", body()).await.unwrap(), "200 lives");
    assert!(unrun.asked()[2].ends_with("do it"));
    let unknown = server("200 OK", "Content-Type: text/html\r\n", "<login>").await;
    assert!(matches!(call(&unknown, "POST", body()).await, Err(CallError::Uncertain)));
    assert_eq!(lines(&unknown), ["POST /data?x=1", "POST /renew"]);
}

#[tokio::test]
async fn a_pipe_is_never_sent_twice() {
    let server = server("401 Unauthorized", "", "").await;
    let pipe = Payload::Reader(Box::new(std::io::Cursor::new(b"once".to_vec())));
    assert!(matches!(call(&server, "POST", pipe).await, Err(CallError::Uncertain)));
    assert_eq!(lines(&server), ["POST /data?x=1", "POST /renew"]);
}

#[tokio::test]
async fn a_broken_connection_is_never_repeated() {
    let server = Server::start(|_| String::new()).await;
    for method in ["GET", "POST"] {
        assert!(matches!(call(&server, method, Payload::empty()).await, Err(CallError::Fault(_))));
    }
    assert_eq!(lines(&server), ["GET /data?x=1", "POST /data?x=1"]);
}

#[tokio::test]
async fn a_second_death_in_a_row_is_the_end() {
    let server = Server::start(|asked| {
        if asked.starts_with("POST /renew") { answer("200 OK", "", "x") } else { answer("401 No", "", "") }
    })
    .await;
    let error = call(&server, "GET", Payload::empty()).await.unwrap_err();
    assert!(matches!(error, CallError::Refused(Rejection::Over)));
    assert_eq!(lines(&server).len(), 3);
}

#[tokio::test]
async fn a_password_that_must_be_changed_is_no_death_to_renew() {
    let server = server("418 Change", "", "").await;
    let error = call(&server, "GET", Payload::empty()).await.unwrap_err();
    assert!(matches!(error, CallError::Refused(Rejection::PasswordChange)));
    assert_eq!(lines(&server).len(), 1);
}

#[tokio::test]
async fn a_page_that_is_data_is_not_lost_by_looking_at_it() {
    let page = format!("<html>{}", "z".repeat(100_000));
    let whole = page.clone();
    let server = Server::start(move |_| answer("200 OK", "Content-Type: text/html\r\n", &page)).await;
    assert_eq!(call(&server, "GET", Payload::empty()).await.unwrap(), format!("200 {whole}"));
}

#[tokio::test]
async fn redirects_are_followed_within_the_base_and_carry_no_proof_elsewhere() {
    let there = Server::start(|_| answer("200 OK", "", "")).await;
    let elsewhere = there.base.clone();
    let server = Server::start(move |asked| {
        if asked.starts_with("GET /data") {
            answer("302 Found", "Location: next?secret=hunter2\r\n", "")
        } else if asked.starts_with("GET /next") {
            answer("307 Temporary Redirect", &format!("Location: {elsewhere}/take\r\n"), "kept")
        } else {
            answer("302 Found", "Location: /next\r\n", "")
        }
    })
    .await;
    assert_eq!(call(&server, "GET", Payload::empty()).await.unwrap(), "307 kept");
    assert_eq!(lines(&server), ["GET /data?x=1", "GET /next?secret=hunter2"]);
    assert_eq!(call(&server, "POST", Payload::empty()).await.unwrap(), "302 ");
    assert_eq!(lines(&server).len(), 3);
    assert!(there.asked().is_empty());
}

#[tokio::test]
async fn only_what_is_the_same_place_in_every_reading_is_gone_to() {
    let there = Server::start(|_| answer("200 OK", "", "")).await;
    let port = there.base.rsplit(':').next().unwrap().to_owned();
    let server = Server::start(move |asked| {
        let own = asked.lines().find_map(|it| it.strip_prefix("host: 127.0.0.1:")).unwrap_or_default();
        let place = match asked.split("x=").nth(1).and_then(|it| it.split(' ').next()).unwrap_or_default() {
            "1" => return answer("302 Found", &format!("Location: HTTP://127.0.0.1:{own}/new\r\n"), ""),
            "2" => return answer("302 Found", &format!("Location: //127.0.0.1:{own}/new\r\n"), ""),
            "3" => format!("http://user@127.0.0.1:{own}/"),
            "4" => format!("https://127.0.0.1:{own}/"),
            "5" => format!("http://localhost:{own}/"),
            "6" => format!("http://127.0.0.1:{port}/"),
            "7" => format!("http:\\\\127.0.0.1:{port}/"),
            "8" => format!("/\\127.0.0.1:{port}/"),
            "9" => format!("http://127.0.0.1:{own}@127.0.0.1:{port}/"),
            _ => return answer("200 OK", "", "arrived"),
        };
        answer("302 Found", &format!("Location: {place}\r\n"), "")
    })
    .await;
    let transport = transport();
    for (way, status) in
        [(1, 200), (2, 200), (3, 302), (4, 302), (5, 302), (6, 302), (7, 302), (8, 302), (9, 302)]
    {
        let held = holding(&server.base, "new", None);
        let mut caller = Caller::new(&Stub, &transport, held, &Unkept, &Noon).unwrap();
        let request = Request::get(format!("/data?x={way}")).body(Bytes::new()).unwrap();
        assert_eq!(caller.fetch(request).await.unwrap().status(), status, "{way}");
    }
    assert!(there.asked().is_empty());
}

#[tokio::test]
async fn a_circle_of_redirects_ends() {
    let server = Server::start(|_| answer("302 Found", "Location: /data\r\n", "")).await;
    assert!(call(&server, "GET", Payload::empty()).await.unwrap().starts_with("302"));
    assert_eq!(lines(&server).len(), 6);
}

#[tokio::test]
async fn an_address_elsewhere_is_refused_before_anything_is_sent() {
    let (server, there) = (server("401 No", "", "").await, Server::start(|_| answer("200 OK", "", "")).await);
    let transport = transport();
    let held = holding(&server.base, "new", None);
    let mut caller = Caller::new(&Stub, &transport, held, &Unkept, &Noon).unwrap();
    let request = Request::get(format!("{}/x", there.base)).body(Bytes::new()).unwrap();
    assert!(matches!(caller.fetch(request).await, Err(CallError::Elsewhere)));
    let encrypted = server.base.replace("http:", "https:");
    let request = Request::get(format!("{encrypted}/x")).body(Bytes::new()).unwrap();
    assert!(matches!(caller.fetch(request).await, Err(CallError::Elsewhere)));
    assert!(there.asked().is_empty() && server.asked().is_empty());
}

#[tokio::test]
async fn what_is_near_its_end_is_renewed_before() {
    let server = server("401 No", "", "").await;
    let transport = transport();
    let mut held = holding(&server.base, "old", Some("r"));
    held.expires_at = Some(now() + 30.seconds());
    let mut caller = Caller::new(&Stub, &transport, held, &Unkept, &Noon).unwrap();
    let request = Request::post("/data").body(Bytes::new()).unwrap();
    assert_eq!(caller.fetch(request).await.unwrap().body(), "lives");
    assert_eq!(lines(&server), ["POST /renew", "POST /data"]);
}

#[tokio::test]
async fn what_cannot_be_renewed_early_is_used_to_its_end() {
    let server = server("401 No", "", "").await;
    let transport = transport();
    let mut held = holding(&server.base, "new", None);
    held.expires_at = Some(now() - 30.seconds());
    let mut caller = Caller::new(&Stub, &transport, held, &Unkept, &Noon).unwrap();
    let request = Request::get("/data").body(Bytes::new()).unwrap();
    assert_eq!(caller.fetch(request).await.unwrap().body(), "lives");
    assert_eq!(lines(&server), ["GET /data"]);
}

/// Keeps in memory, and has a password.
struct Memory {
    kept: Arc<Mutex<Kept>>,
    asked: AtomicUsize,
    password: Option<&'static str>,
}

struct MemoryTurn(Arc<Mutex<Kept>>);

#[async_trait]
impl Keeper for Memory {
    async fn turn(&self) -> Result<Box<dyn Turn>, Fault> {
        Ok(Box::new(MemoryTurn(Arc::clone(&self.kept))))
    }

    async fn login(&self, died: &Holding) -> Result<Option<Login>, Fault> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok(self.password.map(|it| Login::new(died.base.clone(), "ann", Secret::new(it), now())))
    }
}

#[async_trait]
impl Turn for MemoryTurn {
    async fn kept(&self) -> Result<Kept, Fault> {
        Ok(self.0.lock().unwrap().clone())
    }

    async fn keep(&self, holding: &Holding) -> Result<(), Fault> {
        *self.0.lock().unwrap() = Kept::Held(Box::new(holding.clone()));
        Ok(())
    }
}

async fn kept_call(
    server: &Server,
    kept: Kept,
    password: Option<&'static str>,
) -> (Memory, Result<(), CallError>) {
    let held = holding(&server.base, "old", None);
    call_holding(held, kept, password).await
}

async fn call_holding(
    held: Holding,
    kept: Kept,
    password: Option<&'static str>,
) -> (Memory, Result<(), CallError>) {
    let memory = Memory { kept: Arc::new(Mutex::new(kept)), asked: AtomicUsize::new(0), password };
    let transport = transport();
    let mut caller = Caller::new(&Stub, &transport, held, &memory, &Noon).unwrap();
    let outcome = caller.fetch(Request::get("/data").body(Bytes::new()).unwrap()).await.map(|_| ());
    drop(caller);
    (memory, outcome)
}

#[tokio::test]
async fn what_somebody_else_has_renewed_is_taken() {
    let server = server("401 No", "", "").await;
    let kept = Kept::Held(Box::new(holding(&server.base, "new", None)));
    let (memory, outcome) = kept_call(&server, kept, Some("p")).await;
    assert!(outcome.is_ok());
    assert_eq!(memory.asked.load(Ordering::Relaxed), 0);
    assert_eq!(lines(&server), ["GET /data", "GET /data"]);
}

#[tokio::test]
async fn whoever_has_signed_out_meanwhile_stays_signed_out() {
    let server = server("401 No", "", "").await;
    let (_, outcome) = kept_call(&server, Kept::Ended, Some("p")).await;
    assert!(matches!(outcome, Err(CallError::Refused(Rejection::Over))));
    assert_eq!(lines(&server), ["GET /data"]);
}

#[tokio::test]
async fn a_token_that_nobody_can_renew_is_named() {
    let server = server("401 No", "", "").await;
    let (memory, outcome) = kept_call(&server, Kept::Nowhere, None).await;
    assert!(matches!(outcome, Err(CallError::Refused(Rejection::Token))));
    assert_eq!(memory.asked.load(Ordering::Relaxed), 1);
    assert_eq!(lines(&server), ["GET /data"]);
}

#[tokio::test]
async fn a_refused_password_is_tried_once_and_the_new_login_is_kept() {
    let refusing = Server::start(|_| answer("401 No", "", "")).await;
    let (memory, outcome) = kept_call(&refusing, Kept::Nowhere, Some("wrong")).await;
    assert!(matches!(outcome, Err(CallError::Refused(Rejection::Password))));
    assert_eq!(memory.asked.load(Ordering::Relaxed), 1);
    assert_eq!(lines(&refusing), ["GET /data", "POST /sign-in"]);
    let taking = Server::start(|asked| match asked {
        it if it.starts_with("POST /sign-in") => answer("200 OK", "", "new"),
        it if it.contains("Bearer new") => answer("200 OK", "", ""),
        _ => answer("401 No", "", ""),
    })
    .await;
    let (memory, outcome) = kept_call(&taking, Kept::Nowhere, Some("right")).await;
    assert!(outcome.is_ok());
    assert!(matches!(&*memory.kept.lock().unwrap(), Kept::Held(_)));
}

#[tokio::test]
async fn after_a_refused_renewal_a_password_is_used_but_not_after_too_many() {
    for (status, lines_after) in [("401 No", 3), ("404 Not Found", 3), ("429 Too Many", 2)] {
        let server = Server::start(move |asked| match asked {
            it if it.starts_with("POST /renew") => answer(status, "", ""),
            it if it.starts_with("POST /sign-in") => answer("403 No", "", ""),
            _ => answer("401 No", "", ""),
        })
        .await;
        let held = holding(&server.base, "old", Some("r"));
        let (_, outcome) = call_holding(held, Kept::Nowhere, Some("p")).await;
        assert!(outcome.is_err());
        assert_eq!(lines(&server).len(), lines_after, "{status}");
    }
}

#[tokio::test]
async fn pages_are_followed_to_their_end_or_to_the_limit() {
    let server = Server::start(|asked| match asked {
        it if it.starts_with("GET /list?page=3 ") => answer("200 OK", "", r#"{"rows":[3]}"#),
        it if it.starts_with("GET /list?page=2 ") => answer("200 OK", "", r#"{"next":"/list?page=3"}"#),
        it if it.starts_with("GET /circle ") => answer("200 OK", "", r#"{"next":"/circle"}"#),
        it if it.starts_with("GET /wide ") => answer("200 OK", "", r#"{"next":"/circle?2"}"#),
        it if it.starts_with("GET /circle?2 ") => answer("200 OK", "", r#"{"next":"/wide"}"#),
        _ => answer("200 OK", "", r#"{"next":"/list?page=2"}"#),
    })
    .await;
    let transport = transport();
    let held = holding(&server.base, "new", None);
    let mut caller = Caller::new(&Stub, &transport, held, &Unkept, &Noon).unwrap();
    let first = Request::get("/list").header("x-mine", "yes").body(()).unwrap().into_parts().0;
    let mut pages = caller.pages(&first, 100);
    let mut count = 0;
    while let Some(page) = pages.next().await.unwrap() {
        count += 1;
        assert!(!page.is_cut);
    }
    assert_eq!(count, 3);
    assert!(server.asked().iter().all(|it| it.contains("x-mine: yes") && it.contains("Bearer new")));
    let mut pages = caller.pages(&first, 2);
    assert!(!pages.next().await.unwrap().unwrap().is_cut);
    assert!(pages.next().await.unwrap().unwrap().is_cut);
    assert!(pages.next().await.unwrap().is_none());
    let circle = Request::get("/circle").body(()).unwrap().into_parts().0;
    assert!(matches!(caller.pages(&circle, 9).next().await, Err(CallError::Lost(_))));
    let wide = Request::get("/wide").body(()).unwrap().into_parts().0;
    let mut pages = caller.pages(&wide, 9);
    assert!(pages.next().await.unwrap().is_some(), "the second page is new");
    assert!(matches!(pages.next().await, Err(CallError::Lost(_))), "the third would be the first");
}
