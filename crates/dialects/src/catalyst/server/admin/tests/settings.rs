//! Settings: read as lists of one, written within the contract's ranges.

use super::{Bed, Hand, PASSWORD, error, gets_in, json};

const BASE: &str = "settings/configuration";

#[tokio::test]
async fn the_defaults_are_the_contracts() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    for (name, wanted) in [
        ("sessionLifeTime", json!([{ "sessionLifeTime": 1440 }])),
        ("serverSessionTimeout", json!([{ "serverSessionTimeout": 30 }])),
        ("clientSessionTimeout", json!([{ "isEnabled": false }])),
        ("maxSessionsPerUser", json!([])),
        ("passwordPolicy", json!([{ "passwordPolicy": "disabled" }])),
    ] {
        let (status, body) = admin.get(&format!("{BASE}/{name}")).await;
        assert_eq!((status, &body["data"]), (200, &wanted), "{name}");
    }
}

#[tokio::test]
async fn what_is_written_within_the_ranges_comes_back() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    for (name, value) in [
        ("sessionLifeTime", json!({ "sessionLifeTime": 30 })),
        ("sessionLifeTime", json!({ "sessionLifeTime": 10_080 })),
        ("serverSessionTimeout", json!({ "serverSessionTimeout": 10 })),
        ("clientSessionTimeout", json!({ "isEnabled": true, "timeout": 20 })),
        ("clientSessionTimeout", json!({ "isEnabled": false })),
        ("maxSessionsPerUser", json!({ "maxSessionsPerUser": 8 })),
        ("passwordPolicy", json!({ "passwordPolicy": "highSecurity", "passwordExpirationTime": 90 })),
        ("passwordPolicy", json!({ "passwordPolicy": true })),
        ("passwordPolicy", json!({ "passwordPolicy": "disabled" })),
    ] {
        let path = format!("{BASE}/{name}");
        let (status, body) = admin.put(&path, value.clone()).await;
        assert_eq!((status, &body["data"]), (200, &json!([value])), "{name}");
        assert_eq!(admin.get(&path).await.1["data"], json!([value]), "{name}");
    }
    let off = json!({ "passwordPolicy": false, "passwordExpirationTime": false });
    let (_, body) = admin.put(&format!("{BASE}/passwordPolicy"), off).await;
    assert_eq!(body["data"], json!([{ "passwordPolicy": "disabled" }]));
}

#[tokio::test]
async fn what_is_outside_of_them_is_refused_and_changes_nothing() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    for (name, value) in [
        ("sessionLifeTime", json!({ "sessionLifeTime": 29 })),
        ("sessionLifeTime", json!({ "sessionLifeTime": 10_081 })),
        ("sessionLifeTime", json!({ "sessionLifeTime": "60" })),
        ("sessionLifeTime", json!({ "sessionLifeTime": 60.5 })),
        ("sessionLifeTime", json!({})),
        ("serverSessionTimeout", json!({ "serverSessionTimeout": 9 })),
        ("serverSessionTimeout", json!({ "serverSessionTimeout": 31 })),
        ("clientSessionTimeout", json!({ "isEnabled": true, "timeout": 9 })),
        ("clientSessionTimeout", json!({ "isEnabled": true })),
        ("clientSessionTimeout", json!({ "isEnabled": "yes", "timeout": 20 })),
        ("maxSessionsPerUser", json!({ "maxSessionsPerUser": 0 })),
        ("maxSessionsPerUser", json!({ "maxSessionsPerUser": 9 })),
        ("passwordPolicy", json!({ "passwordPolicy": "none" })),
        ("passwordPolicy", json!({ "passwordPolicy": "disabled", "passwordExpirationTime": 91 })),
        ("passwordPolicy", json!({ "passwordPolicy": "disabled", "passwordExpirationTime": true })),
        ("passwordPolicy", json!({})),
    ] {
        let path = format!("{BASE}/{name}");
        let before = admin.get(&path).await.1["data"].clone();
        error(&admin.put(&path, value.clone()).await, 400);
        assert_eq!(admin.get(&path).await.1["data"], before, "{value}");
    }
}

#[tokio::test]
async fn a_session_too_many_ends_the_one_that_rested_longest() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    let path = format!("{BASE}/maxSessionsPerUser");
    assert_eq!(admin.put(&path, json!({ "maxSessionsPerUser": 2 })).await.0, 200);
    let first = Hand::of(&bed, "alice").await;
    bed.clock.pass(jiff::SignedDuration::from_secs(1));
    let second = Hand::of(&bed, "alice").await;
    bed.clock.pass(jiff::SignedDuration::from_secs(1));
    assert_eq!(first.get("admin/user/role").await.0, 200);
    assert!(gets_in(&bed, "alice", PASSWORD).await);
    assert_eq!(first.get("admin/user/role").await.0, 200);
    error(&second.get("admin/user/role").await, 401);
    assert_eq!(admin.get("admin/user/role").await.0, 200, "others are left alone");
}
