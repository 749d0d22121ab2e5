//! Passwords: set by showing one, counted by the one counter, unlocked by administrators.

use identity::model::setting::SettingValue;

use super::{Bed, Hand, PASSWORD, Value, error, gets_in, json};

/// Another password.
const NEW: &str = "another horse";

fn request(name: &str, current: &str, new: &str) -> Value {
    json!({
        "userName": name, "currentPassword": false, "showPassword": false, "showConfirmPassword": false,
        "currentUserPassword": current, "password": new,
    })
}

#[tokio::test]
async fn an_administrator_sets_passwords_by_showing_its_own() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    let alice = Hand::of(&bed, "alice").await;
    let path = "admin/user/password/alice";
    error(&admin.put(path, json!({ "userName": "alice", "password": NEW })).await, 400);
    assert_eq!(error(&admin.put(path, request("alice", "wrong", NEW)).await, 403), "USER0010");
    error(&admin.put(path, request("bob", PASSWORD, NEW)).await, 400);
    assert!(gets_in(&bed, "alice", PASSWORD).await);
    assert_eq!(admin.put(path, request("alice", PASSWORD, NEW)).await, (200, json!({})));
    assert!(gets_in(&bed, "alice", NEW).await && !gets_in(&bed, "alice", PASSWORD).await);
    // Sessions that began with the old one are over; the administrator's is not.
    assert_eq!(error(&alice.get("admin/user/role").await, 401), "AUTH0001");
    assert_eq!(admin.get("admin/user/role").await.0, 200);
    assert_eq!(
        error(&admin.put("admin/user/password/zoe", request("zoe", PASSWORD, NEW)).await, 404),
        "USER0006"
    );
}

#[tokio::test]
async fn everybody_sets_its_own_and_nobody_elses() {
    let bed = Bed::new().await;
    let alice = Hand::of(&bed, "alice").await;
    let other = Hand::of(&bed, "alice").await;
    assert_eq!(
        error(&alice.put("admin/user/password/admin", request("admin", PASSWORD, NEW)).await, 403),
        "AUTH0002"
    );
    // Whether a user is there is nothing that it learns by asking.
    assert_eq!(
        error(&alice.put("admin/user/password/zoe", request("zoe", PASSWORD, NEW)).await, 403),
        "AUTH0002"
    );
    assert_eq!(alice.put("admin/user/password/alice", request("alice", PASSWORD, NEW)).await.0, 200);
    assert_eq!(alice.get("admin/user/role").await.0, 200, "the session that changed it lives on");
    error(&other.get("admin/user/role").await, 401);
    let own = "admin/user/profile/password";
    assert_eq!(
        error(&alice.put(own, json!({ "oldpassword": PASSWORD, "newpassword": "x" })).await, 403),
        "USER0010"
    );
    error(&alice.put(own, json!({ "oldpassword": NEW, "newpassword": NEW })).await, 400);
    error(&alice.put(own, json!({ "oldpassword": NEW })).await, 400);
    let back = json!({ "oldpassword": NEW, "newpassword": PASSWORD });
    assert_eq!(alice.put(own, back).await, (200, json!({})));
    assert!(gets_in(&bed, "alice", PASSWORD).await);
}

#[tokio::test]
async fn the_default_administrator_alone_changes_its_password_there() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    let body = json!({ "oldPassword": PASSWORD, "newPassword": NEW });
    let alice = Hand::of(&bed, "alice").await;
    assert_eq!(error(&alice.post("admin/user/admin/password", body.clone()).await, 403), "AUTH0002");
    assert_eq!(admin.post("admin/user/admin/password", body).await, (200, json!({})));
    assert!(gets_in(&bed, "admin", NEW).await);
}

#[tokio::test]
async fn one_cannot_get_round_showing_the_old_password() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    error(&admin.put("admin/user/admin", json!({ "password": NEW })).await, 400);
    let wrong = json!({ "password": NEW, "currentUserPassword": "wrong" });
    assert_eq!(error(&admin.put("admin/user/admin", wrong.clone()).await, 403), "USER0010");
    assert_eq!(error(&admin.put("admin/user/alice", wrong).await, 403), "USER0010");
    assert!(gets_in(&bed, "admin", PASSWORD).await && gets_in(&bed, "alice", PASSWORD).await);
    let right = json!({ "password": NEW, "currentUserPassword": PASSWORD });
    assert_eq!(admin.put("admin/user/admin", right).await.0, 200);
    assert!(gets_in(&bed, "admin", NEW).await);
}

#[tokio::test]
async fn wrong_current_passwords_close_the_account_and_an_administrator_opens_it() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    let alice = Hand::of(&bed, "alice").await;
    let body = json!({ "oldpassword": "wrong", "newpassword": NEW });
    for _ in 0..10 {
        assert_eq!(error(&alice.put("admin/user/profile/password", body.clone()).await, 403), "USER0010");
    }
    let right = json!({ "oldpassword": PASSWORD, "newpassword": NEW });
    assert_eq!(
        error(&alice.put("admin/user/profile/password", right.clone()).await, 403),
        "USER0010",
        "a closed account looks at no password"
    );
    assert!(!gets_in(&bed, "alice", PASSWORD).await, "at no door");
    let reset = json!({ "userName": "alice" });
    error(&alice.post("admin/user/reset", reset.clone()).await, 403);
    assert_eq!(admin.post("admin/user/reset", reset).await, (200, json!({})));
    assert!(gets_in(&bed, "alice", PASSWORD).await);
    assert_eq!(alice.put("admin/user/profile/password", right).await.0, 200);
    error(&admin.post("admin/user/reset", json!({})).await, 400);
    assert_eq!(error(&admin.post("admin/user/reset", json!({ "userName": "zoe" })).await, 404), "USER0006");
}

#[tokio::test]
async fn the_password_rules_are_told_in_words() {
    let bed = Bed::new().await;
    bed.set("password_min_length", SettingValue::Integer(10)).await;
    bed.set("password_min_digits", SettingValue::Integer(2)).await;
    let alice = Hand::of(&bed, "alice").await;
    let mut told = Vec::new();
    for new in ["short12", "no digits at all"] {
        let body = json!({ "oldpassword": PASSWORD, "newpassword": new });
        let answer = alice.put("admin/user/profile/password", body).await;
        error(&answer, 400);
        told.push(answer.1["error"]["details"].as_str().unwrap().to_owned());
    }
    let wanted = ["password must be at least 10 characters long", "password must contain at least 2 digits"];
    assert_eq!(told, wanted);
    // Who was refused for the new one has not failed with the old one.
    assert!(gets_in(&bed, "alice", PASSWORD).await);
}
