//! Refresh tokens that are good once: none is shown twice, and none is spent where the next one cannot be kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use dialects::{Holding, Rejection};
use http::Request;
use identity::{Fault, Origin};
use jiff::ToSpan as _;

use super::stub::Stub;
use super::{Noon, Server, answer, holding, now, transport};
use crate::{CallError, Caller, Keeper, Kept, Turn};

/// What is kept each time that somebody looks, as other processes have left it; and whether there is room for more.
struct Others {
    found: Arc<Mutex<VecDeque<Holding>>>,
    has_room: bool,
}

struct OthersTurn {
    found: Arc<Mutex<VecDeque<Holding>>>,
    has_room: bool,
}

#[async_trait]
impl Keeper for Others {
    async fn turn(&self) -> Result<Box<dyn Turn>, Fault> {
        Ok(Box::new(OthersTurn { found: Arc::clone(&self.found), has_room: self.has_room }))
    }
}

#[async_trait]
impl Turn for OthersTurn {
    async fn kept(&self) -> Result<Kept, Fault> {
        let found = self.found.lock().unwrap().pop_front();
        Ok(found.map_or(Kept::Ended, |it| Kept::Held(Box::new(it))))
    }

    async fn rehearse(&self) -> Result<(), Fault> {
        if self.has_room { Ok(()) } else { Err(Fault::new(Origin::Internal, "no space left")) }
    }

    async fn keep(&self, _: &Holding) -> Result<(), Fault> {
        Ok(())
    }
}

fn others(found: impl IntoIterator<Item = Holding>, has_room: bool) -> Others {
    Others { found: Arc::new(Mutex::new(found.into_iter().collect())), has_room }
}

/// A server that renews whatever it is shown, and lets in only what came of that.
async fn server() -> Server {
    Server::start(|asked| match asked {
        it if it.starts_with("POST /renew") => answer("200 OK", "", "new"),
        it if it.contains("Bearer new") => answer("200 OK", "", "lives"),
        _ => answer("401 No", "", ""),
    })
    .await
}

async fn fetch(held: Holding, keeper: &Others) -> Result<(), CallError> {
    let transport = transport();
    let mut caller = Caller::new(&Stub, &transport, held, keeper, &Noon)?;
    caller.fetch(Request::get("/data").body(Bytes::new()).unwrap()).await.map(drop)
}

#[tokio::test]
async fn what_another_process_has_spent_is_not_shown_again() {
    let server = server().await;
    let kept = |token: &str| holding(&server.base, token, Some(&format!("renews-{token}")));
    // The first that was renewed elsewhere is taken, and is dead as well; meanwhile somebody has renewed that one.
    let keeper = others([kept("second"), kept("third")], true);
    fetch(kept("first"), &keeper).await.unwrap();
    let asked = server.asked();
    let shown: Vec<_> = asked.iter().filter(|it| it.starts_with("POST /renew")).collect();
    assert_eq!(shown.len(), 1);
    assert!(shown[0].ends_with("renews-third"), "{}", shown[0]);
}

#[tokio::test]
async fn nothing_is_renewed_that_could_not_be_kept() {
    let server = server().await;
    let dead = holding(&server.base, "old", Some("r"));
    let error = fetch(dead.clone(), &others([dead], false)).await.unwrap_err();
    assert!(matches!(error, CallError::Fault(_)), "{error}");
    assert!(!server.asked().iter().any(|it| it.starts_with("POST /renew")));
    // As long as it lives it is used.
    let mut living = holding(&server.base, "new", Some("r"));
    living.expires_at = Some(now() + 30.seconds());
    fetch(living.clone(), &others([living], false)).await.unwrap();
    let mut over = holding(&server.base, "old", Some("r"));
    over.expires_at = Some(now() - 30.seconds());
    let error = fetch(over.clone(), &others([over.clone(), over], false)).await.unwrap_err();
    assert!(!matches!(error, CallError::Refused(Rejection::TooMany(_))), "{error}");
    assert!(!server.asked().iter().any(|it| it.starts_with("POST /renew")));
}
