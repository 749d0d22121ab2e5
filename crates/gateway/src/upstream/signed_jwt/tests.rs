//! Tokens: made once, used again, made anew when the subject is another.

use std::sync::Arc;

use identity::model::object::{StableId, Stamp, UserId};
use identity::model::principal::Subject;
use identity::model::user::User;
use jiff::{SignedDuration, Timestamp};

use super::{Life, SignedJwt, body};

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn subject(id: i64) -> Arc<Subject> {
    Arc::new(Subject {
        paces: Arc::default(),
        user: User {
            id: UserId(id),
            stable_id: StableId(format!("5cfe1f44-27a6-4b4a-8d8e-1a3d5d1b{id:04}")),
            username: format!("user{id}"),
            email: String::new(),
            first_name: "é\"".into(),
            last_name: String::new(),
            is_superuser: false,
            is_enabled: true,
            is_managed: false,
            last_login_at: None,
            last_login_from: None,
            credential_version: 0,
            sources: Vec::new(),
            stamp: Stamp::new(now(), None),
        },
        is_auditor: true,
        organizations: Vec::new(),
        teams: Vec::new(),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_serves_one_subject_until_half_its_life() {
    let tokens = SignedJwt::new(crate::tests::rig::keys(), tokio::runtime::Handle::current());
    let life = Life { seconds: 600, buffer: 15 };
    let (one, two) = (subject(1), subject(2));
    let at = |seconds| now() + SignedDuration::from_secs(seconds);
    let first = tokens.value(&one, at(0), life).await.unwrap();
    assert_eq!(tokens.value(&one, at(299), life).await.unwrap(), first);
    assert_ne!(tokens.value(&two, at(0), life).await.unwrap(), first);
    assert_ne!(tokens.value(&one, at(300), life).await.unwrap(), first);
    let changed = Arc::new(Subject { is_auditor: false, ..Subject::clone(&one) });
    assert_ne!(tokens.value(&changed, at(300), life).await.unwrap(), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_never_used_in_its_last_seconds() {
    let tokens = SignedJwt::new(crate::tests::rig::keys(), tokio::runtime::Handle::current());
    let life = Life { seconds: 20, buffer: 15 };
    let one = subject(1);
    let at = |seconds| now() + SignedDuration::from_secs(seconds);
    let first = tokens.value(&one, at(0), life).await.unwrap();
    assert_eq!(tokens.value(&one, at(4), life).await.unwrap(), first);
    assert_ne!(tokens.value(&one, at(5), life).await.unwrap(), first);
}

#[test]
fn both_sets_of_claims_are_there() {
    let claims = body(&subject(1), "service", 1);
    let names: Vec<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "iss",
            "aud",
            "exp",
            "sub",
            "version",
            "service_id",
            "user_data",
            "claims_hash",
            "objects",
            "object_roles",
            "global_roles"
        ]
    );
    assert_eq!(claims["global_roles"][0], "Platform Auditor");
    assert_eq!(claims["user_data"]["first_name"], "é\"");
}
