//! Users: listed, made, changed and removed.

use super::{Bed, Hand, PASSWORD, Value, error, gets_in, json};

fn carol() -> Value {
    json!({
        "userName": "carol", "password": PASSWORD, "group": ["operator"], "description": "Night shift",
        "locale": "en_US", "resGroupName": "global", "somethingElse": [1, 2],
    })
}

#[tokio::test]
async fn a_user_is_made_shown_changed_and_removed() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    assert_eq!(admin.post("admin/user", carol()).await, (200, json!({})));
    let wanted = json!({
        "userName": "carol", "group": ["operator"], "description": "Night shift", "locale": "en_US",
        "resGroupName": "global",
    });
    assert_eq!(admin.user("carol").await, Some(wanted));
    assert!(gets_in(&bed, "carol", PASSWORD).await);
    let change = json!({
        "userName": "carol", "currentPassword": false, "showPassword": false, "showConfirmPassword": false,
        "group": ["netadmin"], "description": "Day shift", "resourceDomainName": "all",
    });
    assert_eq!(admin.put("admin/user/carol", change).await, (200, json!({})));
    let shown = admin.user("carol").await.unwrap();
    assert_eq!(shown["group"], json!(["netadmin"]));
    assert_eq!(shown["description"], "Day shift");
    assert_eq!((&shown["resGroupName"], &shown["resourceDomainName"]), (&json!("global"), &json!("all")));
    assert_eq!(Hand::of(&bed, "carol").await.get("admin/user/role").await.1, json!({ "isAdmin": true }));
    assert_eq!(admin.delete("admin/user/carol").await, (200, json!({})));
    assert_eq!(admin.user("carol").await, None);
    assert!(!gets_in(&bed, "carol", PASSWORD).await);
    assert_eq!(error(&admin.delete("admin/user/carol").await, 404), "USER0006");
    assert_eq!(error(&admin.put("admin/user/carol", json!({})).await, 404), "USER0006");
}

#[tokio::test]
async fn who_was_made_elsewhere_has_the_defaults_and_the_system_is_hidden() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    let wanted = json!({
        "userName": "alice", "group": ["basic"], "description": "", "locale": "en_US", "resGroupName": "global",
    });
    assert_eq!(admin.user("alice").await, Some(wanted));
    assert_eq!(admin.user("_system").await, None);
    assert_eq!(error(&admin.delete("admin/user/_system").await, 404), "USER0006");
    let taken = json!({ "userName": "_system", "password": PASSWORD, "group": ["netadmin"] });
    assert_eq!(error(&admin.post("admin/user", taken).await, 400), "USER0009");
    assert_eq!(error(&admin.put("admin/user/_system", json!({ "group": ["basic"] })).await, 404), "USER0006");
    assert_eq!(
        error(&admin.post("admin/user/reset", json!({ "userName": "_system" })).await, 404),
        "USER0006"
    );
}

#[tokio::test]
async fn senseless_users_are_not_made() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    for body in [
        json!({ "password": PASSWORD, "group": [] }),
        json!({ "userName": "", "password": PASSWORD }),
        json!({ "userName": "carol" }),
        json!({ "userName": "carol", "password": "" }),
        json!({ "userName": "carol", "password": 7 }),
        json!({ "userName": "a/b", "password": PASSWORD }),
        json!({ "userName": "a%2Fb", "password": PASSWORD }),
        json!({ "userName": "a b", "password": PASSWORD }),
        json!({ "userName": "a\u{0}b", "password": PASSWORD }),
        json!({ "userName": "x".repeat(151), "password": PASSWORD }),
        json!({ "userName": "carol", "password": PASSWORD, "group": "netadmin" }),
        json!({ "userName": "carol", "password": PASSWORD, "group": [7] }),
        json!({ "userName": "carol", "password": PASSWORD, "group": ["nobody knows"] }),
        json!({ "userName": "carol", "password": PASSWORD, "group": vec!["basic"; 201] }),
        json!({ "userName": "carol", "password": PASSWORD, "description": "x".repeat(1025) }),
        json!({ "userName": "carol", "password": "x".repeat(5000) }),
    ] {
        error(&admin.post("admin/user", body).await, 400);
    }
    assert_eq!(admin.user("carol").await, None);
    let twin = json!({ "userName": "alice", "password": PASSWORD });
    assert_eq!(error(&admin.post("admin/user", twin).await, 400), "USER0009");
}

#[tokio::test]
async fn names_in_paths_are_decoded_once_and_name_only_themselves() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    for name in ["a%2Flice", "%61lice%2F", "alice%00", "%FF", "%2e%2e", "ALICE", "alice%2540"] {
        assert_eq!(error(&admin.delete(&format!("admin/user/{name}")).await, 404), "USER0006", "{name}");
    }
    assert!(gets_in(&bed, "alice", PASSWORD).await);
    let mail = json!({ "userName": "dora@example.com", "password": PASSWORD });
    assert_eq!(admin.post("admin/user", mail).await.0, 200);
    assert_eq!(admin.delete("admin/user/dora%40example.com").await.0, 200);
    error(&admin.put("admin/user/alice", json!({ "userName": "bob", "group": ["netadmin"] })).await, 400);
    assert_eq!(admin.user("bob").await.unwrap()["group"], json!(["basic"]));
}

#[tokio::test]
async fn the_last_administrator_can_neither_be_removed_nor_demoted() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    for group in [json!([]), json!(["basic"]), json!(["operator"])] {
        error(&admin.put("admin/user/admin", json!({ "group": group })).await, 400);
    }
    error(&admin.delete("admin/user/admin").await, 400);
    assert_eq!(admin.user("admin").await.unwrap()["group"], json!(["netadmin"]));
    assert_eq!(admin.put("admin/user/alice", json!({ "group": ["netadmin", "operator"] })).await.0, 200);
    assert_eq!(admin.user("alice").await.unwrap()["group"], json!(["netadmin", "operator"]));
    // Now there is another one.
    assert_eq!(admin.put("admin/user/admin", json!({ "group": ["basic"] })).await.0, 200);
    error(&admin.get("admin/user").await, 403);
}

#[tokio::test]
async fn a_change_that_says_nothing_of_groups_leaves_them() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    assert_eq!(admin.post("admin/user", carol()).await.0, 200);
    assert_eq!(admin.put("admin/user/carol", json!({ "locale": "de_DE" })).await.0, 200);
    let shown = admin.user("carol").await.unwrap();
    assert_eq!((&shown["group"], &shown["locale"]), (&json!(["operator"]), &json!("de_DE")));
    assert_eq!(shown["description"], "Night shift");
    // A group that is not there changes nothing at all.
    let half = json!({ "group": ["netadmin", "nobody knows"], "description": "no" });
    assert_eq!(error(&admin.put("admin/user/carol", half).await, 400), "USER0007");
    assert_eq!(admin.user("carol").await.unwrap()["group"], json!(["operator"]));
}

#[tokio::test]
async fn a_deprecated_lock_locks_nobody_and_says_so() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    assert_eq!(error(&admin.put("admin/user/lockUser/alice", json!({})).await, 400), "USER0011");
    assert_eq!(error(&admin.put("admin/user/lockUser/zoe", json!({})).await, 404), "USER0006");
    assert!(gets_in(&bed, "alice", PASSWORD).await);
}
