//! Where an answer, or a wait, gives reason for doubt: nothing runs twice, nothing leaks, and nobody borrows the
//! account whose right has ended meanwhile.

use std::sync::Arc;
use std::time::Duration;

use dialects::client_half::Rates;
use identity::model::pace::Rate;
use jiff::SignedDuration;

use super::rig::{Rig, config, status};
use super::scratch::Scratch;
use super::session_manager::{Manager, Style, account, front, plain, sdwan};
use super::upstream::Reply;
use crate::config::Target;

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_answer_only_looks_like_a_dead_session_runs_once() {
    for reply in [
        plain(401, "content-type: application/json\r\n", "{}"),
        plain(200, "content-type: text/html\r\n", "<html><form action=\"j_security_check\"></form></html>"),
        plain(302, "location: /welcome.html\r\n", ""),
    ] {
        let manager = Manager::start(move |_| Some(reply.clone())).await;
        let (rig, lines, _scratch) = front(&manager, |_| {}).await;
        let lines = format!("{lines}X-Key: once\r\n");
        let answer = rig.post("/dataservice/template", &lines, "{}").await;
        assert_eq!(manager.state.lock().unwrap().ran["once"], 1, "{answer}");
        assert_eq!(status(&answer), 502, "{answer}");
        assert!(answer.contains("as if nobody had signed in"), "{answer}");
        assert_eq!(manager.logins(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_083_nobody_borrows_the_account_whose_right_ended_while_they_waited() {
    let manager = Manager::start(|_| None).await;
    let (rig, lines, _scratch) = front(&manager, |account| {
        let none = Rate { requests: 0, period: SignedDuration::ZERO };
        let slow = Rate { requests: 1, period: SignedDuration::from_secs(1) };
        account.rates = Some(Rates { ordinary: slow, bulk: none });
    })
    .await;
    assert_eq!(status(&rig.get("/dataservice/device", &lines).await), 200);
    let rig = Arc::new(rig);
    let waiting = {
        let (rig, lines) = (Arc::clone(&rig), format!("{lines}X-Key: late\r\n"));
        tokio::spawn(async move { rig.post("/dataservice/template", &lines, "{}").await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    let operator = rig.authority.operator().await.unwrap();
    rig.authority.revoke_tokens(&rig.context(), &operator, None, true).await.unwrap();
    let answer = waiting.await.unwrap();
    assert_eq!(status(&answer), 401, "{answer}");
    assert!(!manager.state.lock().unwrap().ran.contains_key("late"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_should_be_masked_and_cannot_be_read_does_not_go_on() {
    let manager = Manager::start(|_| None).await;
    let scratch = Scratch::new("session-mask");
    let mut service = sdwan(&manager, account(&scratch, "right"), "aap");
    service.path = "/manager/".into();
    if let Target::Upstream { path, .. } = &mut service.target {
        *path = Some("/".into());
    }
    let rig = Rig::start_with(config(vec![service]), &[&dialects::aap::Aap]).await;
    let ann = rig.user("ann", false).await;
    let lines = format!("Authorization: Bearer {}\r\n", rig.token(&ann, "write").await);
    let answer = rig.get("/manager/dataservice/client/server", &lines).await;
    assert!(status(&answer) == 200 && !answer.contains("UPSTREAMTOKEN"), "{answer}");
    manager.state.lock().unwrap().is_packed = true;
    let answer = rig.get("/manager/dataservice/client/server", &lines).await;
    assert!(status(&answer) == 502 && !answer.contains("packed"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_the_middle_of_a_change_does_not_run_it_twice() {
    // The service takes the change, and then the connection is gone.
    let manager = Manager::start(|_| Some(Reply::Close)).await;
    let (rig, lines, _scratch) = front(&manager, |_| {}).await;
    let lines = format!("{lines}X-Key: once\r\n");
    let answer = rig.post("/dataservice/template", &lines, "{}").await;
    assert_eq!(status(&answer), 502, "{answer}");
    manager.expire(Style::Unauthorized);
    assert_eq!(manager.state.lock().unwrap().ran["once"], 1);
}
