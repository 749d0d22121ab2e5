//! Devices: their questions, the answers, and how often they may ask.

use std::sync::Arc;

use identity::model::application::Application;
use identity::model::grant::{Decision, DeviceGrant};
use identity::model::object::{Object, UserId};
use identity::model::scope::Scope;
use identity::model::secret::Digest;
use identity::port::{Issued, Store as _, Taken};
use jiff::SignedDuration;

use super::grants::{client, issue, token_of};
use super::{at, bench};

fn digest(value: &str) -> Digest {
    Digest::of(value.as_bytes())
}

pub(super) fn device(value: &str, user_code: &str, application: &Application) -> DeviceGrant {
    DeviceGrant {
        device_digest: digest(value),
        user_digest: digest(user_code),
        application: application.id,
        scope: Scope::write(),
        address: "192.0.2.9".to_owned(),
        created_at: at(0),
        expires_at: at(600),
        interval: SignedDuration::from_secs(5),
        polled_at: None,
        decision: Decision::Open,
    }
}

#[tokio::test]
async fn a_question_is_asked_answered_and_used_once() {
    let bench = Arc::new(bench().await);
    let (anna, app) = client(&bench).await;
    let asked = device("device", "BCDFGHJK", &app);
    assert!(bench.store.create_device(asked.clone()).await.unwrap());
    assert_eq!(bench.store.find_device(&digest("BCDFGHJK")).await.unwrap(), Some(asked.clone()));
    assert_eq!(bench.store.find_device(&digest("other")).await.unwrap(), None);
    let taken = Taken::Device(digest("device"));
    let early = bench.store.issue(issue(taken, "early", anna.id, &app)).await.unwrap();
    assert!(matches!(early, Issued::Gone), "nobody has allowed it");

    let decide =
        async |decision, now| bench.store.decide_device(&digest("BCDFGHJK"), decision, now).await.unwrap();
    assert!(!decide(Decision::Allowed(UserId(99)), at(10)).await, "a user that is gone says nothing");
    assert!(!decide(Decision::Allowed(anna.id), at(600)).await, "its life is over");
    assert!(decide(Decision::Allowed(anna.id), at(10)).await);
    assert!(!decide(Decision::Denied, at(11)).await, "said is said");
    let found = bench.store.find_device(&digest("BCDFGHJK")).await.unwrap().unwrap();
    assert_eq!(found.decision, Decision::Allowed(anna.id));

    let bert = bench.user("bert").await;
    let foreign = bench.store.issue(issue(taken, "foreign", bert.id, &app)).await.unwrap();
    assert!(matches!(foreign, Issued::Gone), "another user has allowed it");
    let made = token_of(bench.store.issue(issue(taken, "one", anna.id, &app)).await.unwrap());
    assert!(made.grant.is_some());
    assert!(bench.store.find_token(&digest("one"), at(30)).await.unwrap().is_some());
    let found = bench.store.find_device(&digest("BCDFGHJK")).await.unwrap().unwrap();
    assert_eq!(found.decision, Decision::Used);
    let again = bench.store.issue(issue(taken, "two", anna.id, &app)).await.unwrap();
    assert!(matches!(again, Issued::Replayed));
    assert!(bench.store.recall_token(&digest("one"), at(30)).is_none());
    assert!(bench.store.find_token(&digest("one"), at(30)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_hasty_device_waits_longer_each_time() {
    let bench = bench().await;
    let (_, app) = client(&bench).await;
    bench.store.create_device(device("device", "BCDFGHJK", &app)).await.unwrap();
    let poll = async |now| {
        let found = bench.store.poll_device(&digest("device"), app.id, now).await.unwrap().unwrap();
        (found.polled_at, found.interval.as_secs())
    };
    // Each answer is as it was before the asking.
    assert_eq!(poll(at(1)).await, (None, 5));
    assert_eq!(poll(at(6)).await, (Some(at(1)), 5));
    assert_eq!(poll(at(10)).await, (Some(at(6)), 5));
    assert_eq!(poll(at(19)).await, (Some(at(10)), 10));
    assert_eq!(poll(at(40)).await, (Some(at(19)), 15));
    assert_eq!(poll(at(41)).await, (Some(at(40)), 15));
    for second in 42..200 {
        poll(at(second)).await;
    }
    assert_eq!(poll(at(201)).await.1, 300, "there is an end to it");
    assert_eq!(bench.store.poll_device(&digest("other"), app.id, at(1)).await.unwrap(), None);
}

#[tokio::test]
async fn another_application_slows_no_device_down() {
    let bench = bench().await;
    let (_, app) = client(&bench).await;
    let other = bench.application("other", app.organization).await;
    bench.store.create_device(device("device", "BCDFGHJK", &app)).await.unwrap();
    for second in 1..4 {
        let foreign = bench.store.poll_device(&digest("device"), other.id, at(second)).await.unwrap();
        assert_eq!(foreign, None);
    }
    let own = bench.store.poll_device(&digest("device"), app.id, at(4)).await.unwrap().unwrap();
    assert_eq!((own.polled_at, own.interval.as_secs()), (None, 5));
}

#[tokio::test]
async fn a_user_code_is_unique_among_those_that_live() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    assert!(bench.store.create_device(device("one", "BCDFGHJK", &app)).await.unwrap());
    assert!(!bench.store.create_device(device("two", "BCDFGHJK", &app)).await.unwrap());
    let later = DeviceGrant { created_at: at(600), expires_at: at(1200), ..device("two", "BCDFGHJK", &app) };
    assert!(bench.store.create_device(later.clone()).await.unwrap());
    assert_eq!(bench.store.find_device(&digest("BCDFGHJK")).await.unwrap(), Some(later));
    assert!(
        bench.store.decide_device(&digest("BCDFGHJK"), Decision::Allowed(anna.id), at(700)).await.unwrap()
    );
    let old = bench.store.poll_device(&digest("one"), app.id, at(700)).await.unwrap().unwrap();
    assert_eq!(old.decision, Decision::Open, "the answer is not for the one that is over");
    bench.store.sweep(at(600 + 3600)).await.unwrap();
    assert!(bench.store.poll_device(&digest("one"), app.id, at(700)).await.unwrap().is_none());
    assert!(bench.store.poll_device(&digest("two"), app.id, at(700)).await.unwrap().is_some());
    bench.delete(Object::Application(app)).await;
    assert!(bench.store.find_device(&digest("BCDFGHJK")).await.unwrap().is_none());
}

#[tokio::test]
async fn there_is_an_end_to_questions() {
    let bench = bench().await;
    let (_, app) = client(&bench).await;
    let other = bench.application("other", app.organization).await;
    let create = async |device: DeviceGrant| {
        let limits = crate::devices::Limits { all: 5, open: 2 };
        let job = bench.store.engine.write(move |it| Box::pin(crate::devices::create(it, device, limits)));
        job.await.unwrap()
    };
    let of = |value: &str, app: &Application| device(value, value, app);
    assert!(create(of("one", &app)).await);
    assert!(create(of("two", &app)).await);
    assert!(!create(of("three", &app)).await);
    assert!(bench.store.find_device(&digest("three")).await.unwrap().is_none());
    assert!(bench.store.find_device(&digest("one")).await.unwrap().is_some());
    assert!(create(of("four", &other)).await, "one application fills nothing for another");
    assert!(bench.store.decide_device(&digest("one"), Decision::Denied, at(10)).await.unwrap());
    assert!(create(of("five", &app)).await, "what is answered is not open");
    let late = |value: &str| DeviceGrant { created_at: at(600), expires_at: at(1200), ..of(value, &app) };
    assert!(create(late("six")).await, "what is over is not open");
    assert!(!create(late("seven")).await, "all of them are too many");
}

#[tokio::test]
async fn a_denied_question_gives_nothing() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    bench.store.create_device(device("device", "BCDFGHJK", &app)).await.unwrap();
    assert!(bench.store.decide_device(&digest("BCDFGHJK"), Decision::Denied, at(10)).await.unwrap());
    bench.store.close().await.unwrap();
    let again = bench.directory.open().await.unwrap();
    let found = again.find_device(&digest("BCDFGHJK")).await.unwrap().unwrap();
    assert_eq!(found.decision, Decision::Denied);
    let issued = again.issue(issue(Taken::Device(digest("device")), "one", anna.id, &app)).await.unwrap();
    assert!(matches!(issued, Issued::Gone));
}
