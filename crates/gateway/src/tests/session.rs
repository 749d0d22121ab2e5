//! Requests through a session of the gateway's own: shared by many, renewed when it dies, and never run twice.

use std::sync::Arc;
use std::time::Duration;

use identity::model::audit::EventKind;

use super::rig::{Rig, config, status};
use super::scratch::Scratch;
use super::session_manager::{Manager, Style, account, front, plain, sdwan};
use super::upstream::Reply;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_callers_with_tokens_of_their_own_share_one_login() {
    let manager = Manager::start(|_| None).await;
    let (rig, _, _scratch) = front(&manager, |_| {}).await;
    let bob = rig.user("bob", false).await;
    let rig = Arc::new(rig);
    let mut callers = Vec::new();
    for number in 0..200 {
        let token = rig.token(&bob, "write").await;
        let rig = Arc::clone(&rig);
        callers.push(tokio::spawn(async move {
            let lines = format!("Authorization: Bearer {token}\r\nX-Key: {number}\r\n");
            if number % 2 == 0 {
                rig.get("/dataservice/device", &lines).await
            } else {
                rig.post("/dataservice/template", &lines, "{}").await
            }
        }));
    }
    for caller in callers {
        let answer = caller.await.unwrap();
        assert_eq!(status(&answer), 200, "{answer}");
    }
    assert_eq!(manager.logins(), 1);
    let ran = manager.state.lock().unwrap().ran.clone();
    assert!(ran.len() == 200 && ran.values().all(|it| *it == 1), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_dies_in_any_style_loses_and_repeats_nothing() {
    for style in Style::ALL {
        let manager = Manager::start(|_| None).await;
        let (rig, lines, _scratch) = front(&manager, |_| {}).await;
        assert_eq!(status(&rig.get("/dataservice/device", &lines).await), 200);
        let rig = Arc::new(rig);
        manager.expire(style);
        let mut callers = Vec::new();
        for number in 0..40 {
            let (rig, lines) = (Arc::clone(&rig), format!("{lines}X-Key: {number}\r\n"));
            callers.push(tokio::spawn(async move {
                if number % 2 == 0 {
                    (number, rig.get("/dataservice/device", &lines).await)
                } else {
                    (number, rig.post("/dataservice/template", &lines, "{\"a\":1}").await)
                }
            }));
        }
        for caller in callers {
            let (number, answer) = caller.await.unwrap();
            // A cookie that ends does not prove that nothing was done: a change is not sent again, and its caller is
            // told so.
            if style == Style::ExpiringCookie && number % 2 == 1 && status(&answer) == 503 {
                assert!(answer.contains("not known") && answer.contains("retry-after"), "{answer}");
                continue;
            }
            assert_eq!(status(&answer), 200, "{style:?} {answer}");
            assert!(!answer.contains("upstream"), "{answer}");
        }
        assert_eq!(manager.logins(), 2, "{style:?}");
        let ran = manager.state.lock().unwrap().ran.clone();
        assert!(ran.values().all(|it| *it == 1), "{style:?} {ran:?}");
        if style != Style::ExpiringCookie {
            assert_eq!(ran.len(), 40, "{style:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_token_is_renewed_and_the_change_runs_once() {
    let manager = Manager::start(|_| None).await;
    let (rig, lines, _scratch) = front(&manager, |_| {}).await;
    assert_eq!(status(&rig.get("/dataservice/device", &lines).await), 200);
    for token in manager.state.lock().unwrap().sessions.values_mut() {
        *token = "ROTATEDTOKEN000000000000000".to_owned();
    }
    let lines = format!("{lines}X-Key: once\r\n");
    let answer = rig.post("/dataservice/template", &lines, "{}").await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert_eq!(manager.state.lock().unwrap().ran["once"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_body_streams_and_is_not_sent_again() {
    let manager = Manager::start(|_| None).await;
    let (rig, lines, _scratch) = front(&manager, |_| {}).await;
    let body = "x".repeat(3 * 1024 * 1024);
    let keyed = format!("{lines}X-Key: long\r\n");
    assert_eq!(status(&rig.post("/dataservice/upload", &keyed, &body).await), 200);
    manager.expire(Style::Unauthorized);
    let answer = rig.post("/dataservice/upload", &keyed, &body).await;
    assert_eq!(status(&answer), 503, "{answer}");
    assert!(answer.contains("Nothing was done") && answer.contains("retry-after: 1"), "{answer}");
    assert_eq!(manager.state.lock().unwrap().ran["long"], 1);
    // The session was renewed for the next one.
    assert_eq!(status(&rig.post("/dataservice/upload", &keyed, &body).await), 200);
    assert_eq!(manager.logins(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_timed_out_or_broke_is_never_sent_again() {
    for reply in [Reply::Hang, Reply::Close] {
        let manager = Manager::start(move |_| Some(reply.clone())).await;
        let scratch = Scratch::new(&format!("session-cut-{}", manager.upstream.address.port()));
        let mut service = sdwan(&manager, account(&scratch, "right"), "aap");
        service.request_timeout = Some(Duration::from_millis(300));
        let rig = Rig::start(config(vec![service])).await;
        let ann = rig.user("ann", false).await;
        let token = rig.token(&ann, "write").await;
        let lines = format!("Authorization: Bearer {token}\r\nX-Key: once\r\n");
        let answer = rig.post("/dataservice/template", &lines, "{}").await;
        assert!(matches!(status(&answer), 502 | 504), "{answer}");
        assert_eq!(manager.state.lock().unwrap().ran["once"], 1);
        assert_eq!(manager.logins(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_tried_once_and_said_in_the_callers_words() {
    let manager = Manager::start(|_| None).await;
    let (rig, lines, scratch) = front(&manager, |_| {}).await;
    account(&scratch, "wrong");
    for _ in 0..5 {
        let answer = rig.get("/dataservice/device", &lines).await;
        assert_eq!(status(&answer), 503, "{answer}");
        assert!(answer.contains("retry-after: ") && answer.contains("{\"detail\":"), "{answer}");
        assert!(!answer.contains("upstream-login-page"), "{answer}");
    }
    assert_eq!(manager.logins(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_death_in_a_row_is_the_gateways_own_failure() {
    let manager = Manager::start(|_| None).await;
    let (rig, lines, _scratch) = front(&manager, |_| {}).await;
    assert_eq!(status(&rig.get("/dataservice/device", &lines).await), 200);
    let script_dead = Manager::start(|_| Some(plain(401, "www-authenticate: Basic\r\n", "no"))).await;
    let (other, lines, _other) = front(&script_dead, |_| {}).await;
    let answer = other.get("/dataservice/device", &lines).await;
    assert_eq!(status(&answer), 502, "{answer}");
    assert!(answer.contains("as if nobody had signed in"), "{answer}");
    assert!(!answer.to_ascii_lowercase().contains("www-authenticate"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_audited_with_who_made_them() {
    let manager = Manager::start(|_| None).await;
    let (rig, lines, _scratch) = front(&manager, |_| {}).await;
    rig.get("/dataservice/device", &lines).await;
    rig.post("/dataservice/template", &lines, "{\"secret\":1}").await;
    let audited = rig.audited();
    let changes: Vec<_> = audited.iter().filter(|it| it.kind == EventKind::UpstreamChange).collect();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0].detail, "POST /dataservice/template of sdwan as svc-portcullis: 200");
    assert_eq!(changes[0].user.as_ref().unwrap().1, "ann");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_paced_and_the_excess_is_told_to_come_back() {
    let manager = Manager::start(|_| None).await;
    let (rig, lines, _scratch) = front(&manager, |account| {
        account.rates = None;
        account.queue_timeout = Duration::from_millis(50);
    })
    .await;
    let mut refused = None;
    for _ in 0..60 {
        let answer = rig.get("/dataservice/data/device/statistics/x", &lines).await;
        if status(&answer) == 429 {
            refused = Some(answer);
            break;
        }
        assert_eq!(status(&answer), 200, "{answer}");
    }
    let refused = refused.unwrap();
    assert!(refused.contains("retry-after: ") && refused.contains("{\"detail\":"), "{refused}");
}
