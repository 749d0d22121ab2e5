//! Sight and rights: what others have is absent, what may not be done is refused before it is read.

use http::Method;
use serde_json::json;

use super::{Hand, number};
use crate::bed::Bed;

const NO: &str = "You do not have permission to perform this action.";

#[tokio::test]
async fn other_peoples_tokens_do_not_exist() {
    let bed = Bed::new().await;
    let (admin, alice) = (Hand::of(&bed, "admin"), Hand::of(&bed, "alice"));
    let foreign = admin.made("tokens/", "{}").await;
    let own = alice.made("tokens/", "{}").await;
    let absent = json!({"detail": "No OAuth2AccessToken matches the given query."});
    for method in [Method::GET, Method::PATCH, Method::PUT, Method::DELETE] {
        assert_eq!(alice.ask(method, &format!("tokens/{foreign}/"), "{}").await, (404, absent.clone()));
    }
    let (_, page) = alice.get("tokens/").await;
    assert_eq!((&page["count"], &page["results"][0]["id"]), (&json!(1), &json!(own)));
    // Administrators are visible to everybody; their tokens are not.
    let admin_number = number(&bed, "admin").await;
    for list in ["tokens", "personal_tokens", "authorized_tokens"] {
        let (status, page) = alice.get(&format!("users/{admin_number}/{list}/")).await;
        assert_eq!((status, &page["count"]), (200, &json!(0)), "{list}");
    }
    // A user that one cannot see has no lists.
    let bob = number(&bed, "bob").await;
    assert_eq!(
        alice.get(&format!("users/{bob}/tokens/")).await,
        (404, json!({"detail": "No User matches the given query."}))
    );
}

#[tokio::test]
async fn unreadable_organizations_do_not_exist() {
    let bed = Bed::new().await;
    let (admin, alice) = (Hand::of(&bed, "admin"), Hand::of(&bed, "alice"));
    let organization = admin.made("organizations/", r#"{"name": "o"}"#).await;
    let absent = (404, json!({"detail": "No Organization matches the given query."}));
    let path = format!("organizations/{organization}/");
    assert_eq!(alice.get(&path).await, absent);
    assert_eq!(alice.get(&format!("{path}users/")).await, absent);
    assert_eq!(alice.post(&format!("{path}users/associate/"), r#"{"instances": []}"#).await, absent);
    let body = format!(r#"{{"instances": [{}]}}"#, number(&bed, "alice").await);
    assert_eq!(admin.post(&format!("{path}users/associate/"), &body).await.0, 204);
    // Readable but not writable.
    assert_eq!(alice.get(&path).await.0, 200);
    for (method, body) in [(Method::PATCH, "[]"), (Method::PUT, "{bad"), (Method::DELETE, "")] {
        assert_eq!(alice.ask(method, &path, body).await, (403, json!({ "detail": NO })));
    }
}

#[tokio::test]
async fn who_may_not_make_learns_nothing_about_the_body() {
    let bed = Bed::new().await;
    let alice = Hand::of(&bed, "alice");
    for path in ["organizations/", "users/", "teams/", "applications/"] {
        assert_eq!(alice.post(path, "[]").await, (403, json!({ "detail": NO })), "{path}");
    }
    assert_eq!(alice.get("applications/").await, (403, json!({ "detail": NO })));
    assert_eq!(alice.get("authenticators/").await, (403, json!({ "detail": NO })));
}

#[tokio::test]
async fn a_token_that_reads_does_not_write() {
    let bed = Bed::new().await;
    let reader = bed.token("admin", "read").await;
    let reader = Hand::with(&bed, &reader);
    assert_eq!(reader.get("organizations/").await.0, 200);
    assert_eq!(reader.post("organizations/", r#"{"name": "x"}"#).await, (403, json!({ "detail": NO })));
}

#[tokio::test]
async fn own_addresses_are_changed_by_administrators_only() {
    let bed = Bed::new().await;
    let path = format!("users/{}/", number(&bed, "alice").await);
    let (alice, admin) = (Hand::of(&bed, "alice"), Hand::of(&bed, "admin"));
    assert_eq!(
        alice.ask(Method::PATCH, &path, r#"{"email": "x@example.com"}"#).await,
        (403, json!({"detail": "Email updates are restricted to administrators."}))
    );
    assert_eq!(
        alice.ask(Method::PATCH, &path, r#"{"is_superuser": true}"#).await,
        (403, json!({ "detail": NO }))
    );
    let (status, user) = admin.ask(Method::PATCH, &path, r#"{"email": "x@example.com"}"#).await;
    assert_eq!((status, &user["email"]), (200, &json!("x@example.com")));
}

#[tokio::test]
async fn applications_are_found_by_everybody_but_not_searched() {
    let bed = Bed::new().await;
    let (admin, alice) = (Hand::of(&bed, "admin"), Hand::of(&bed, "alice"));
    let organization = admin.made("organizations/", r#"{"name": "o"}"#).await;
    for (name, url) in [("with", r#""https://x.example/""#), ("without", "null")] {
        let body = format!(
            r#"{{"name": "{name}", "client_type": "public", "authorization_grant_type": "password",
                "organization": {organization}, "app_url": {url}}}"#
        );
        admin.made("applications/", &body).await;
    }
    let (_, page) = alice.get("app_urls/").await;
    assert_eq!((&page["count"], &page["results"][0]["name"]), (&json!(1), &json!("with")));
    assert_eq!(page["results"][0]["summary_fields"], json!({}));
    for query in ["client_id__startswith=a", "user__username=admin", "order_by=client_id", "client_secret=x"]
    {
        let (status, _) = alice.get(&format!("app_urls/?{query}")).await;
        assert!(status == 400 || status == 403, "{query}");
    }
}

#[tokio::test]
async fn the_system_user_is_hidden() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    assert_eq!(admin.get("users/2/").await.0, 404);
    let (_, page) = admin.get("users/?username=_system").await;
    assert_eq!(page["count"], 0);
}
