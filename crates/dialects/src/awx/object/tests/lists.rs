//! Lists: filters, orders, pages (contract section 1.5).

use serde_json::{Value, json};

use super::{Hand, World, keys};
use crate::bed::Bed;

async fn names(hand: &Hand<'_>, path: &str, field: &str) -> Vec<String> {
    let (status, page) = hand.get(path).await;
    assert_eq!(status, 200, "{path}: {page}");
    page["results"].as_array().unwrap().iter().map(|it| it[field].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn filters_find_users() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let alice = super::number(&bed, "alice").await;
    let numeric = format!("or__id={alice}&or__username=bob");
    for (query, found) in [
        ("", vec!["admin", "alice", "bob"]),
        ("username=alice", vec!["alice"]),
        ("username__icontains=B", vec!["bob"]),
        ("username__in=bob,alice", vec!["alice", "bob"]),
        ("not__username=alice", vec!["admin", "bob"]),
        ("search=ali", vec!["alice"]),
        ("search=ali%20zzz", vec![]),
        ("type=user", vec!["admin", "alice", "bob"]),
        ("type=team", vec![]),
        ("order_by=-username", vec!["bob", "alice", "admin"]),
        ("order=-username", vec!["bob", "alice", "admin"]),
        ("is_superuser=1", vec!["admin"]),
        ("last_login__isnull=true", vec!["admin", "alice", "bob"]),
        (&numeric, vec!["alice", "bob"]),
    ] {
        assert_eq!(names(&admin, &format!("users/?{query}"), "username").await, found, "{query}");
    }
}

#[tokio::test]
async fn row_064_the_join_date_is_a_filter() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    for (query, count) in [("created__gt=2020-01-01", 3), ("created__lt=2020-01-01", 0)] {
        assert_eq!(admin.get(&format!("users/?{query}")).await.1["count"], count, "{query}");
    }
}

#[tokio::test]
async fn row_083_secrets_are_no_filters() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    for (path, name) in [
        ("users/?password__gt=a", "password"),
        ("tokens/?token=x", "token"),
        ("tokens/?refresh_token=x", "refresh_token"),
        ("tokens/?order_by=token", "token"),
        ("applications/?client_secret__startswith=x", "client_secret"),
        ("tokens/?application__client_secret=x", "client_secret"),
        ("tokens/?user__password=x", "password"),
        ("activity_stream/?actor__password=x", "password"),
    ] {
        let said = json!({ "detail": format!("Filtering on {name} is not allowed.") });
        assert_eq!(admin.get(path).await, (403, said), "{path}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_said() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    for (path, status, said) in [
        ("users/?bar=1", 400, "User has no field named 'bar'"),
        ("users/?order_by=foo", 400, "User has no field named 'foo'"),
        ("activity_stream/?bar=1", 400, "ActivityStream has no field named 'bar'"),
        ("tokens/?bar=1", 400, "OAuth2AccessToken has no field named 'bar'"),
        ("users/?id=abc", 400, "[\"“abc” value must be an integer.\"]"),
        ("users/?id__in=", 400, "cannot provide empty value for __in"),
        ("users/?page=99", 404, "Invalid page."),
        ("users/?page=0", 404, "Invalid page."),
        ("roles/?page=99", 404, "Invalid page."),
    ] {
        assert_eq!(admin.get(path).await, (status, json!({ "detail": said })), "{path}");
    }
}

#[tokio::test]
async fn row_107_links_carry_the_size_that_is_served() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let (_, page) = admin.get("users/?page=2&page_size=1&order_by=username").await;
    assert_eq!(keys(&page), ["count", "next", "previous", "results"]);
    assert_eq!(page["next"], "/api/v2/users/?order_by=username&page=3&page_size=1");
    assert_eq!(page["previous"], "/api/v2/users/?order_by=username&page_size=1");
    let (_, page) = admin.get("users/?count_disabled=1").await;
    assert_eq!(keys(&page), ["results"]);
    for size in ["x", "0", "-1"] {
        assert_eq!(admin.get(&format!("users/?page_size={size}")).await.1["count"], 3);
    }
    for number in 0..201 {
        let body = format!(r#"{{"name": "o{number:03}"}}"#);
        admin.made("organizations/", &body).await;
    }
    let (_, page) = admin.get("organizations/?page_size=1000").await;
    assert_eq!(page["results"].as_array().unwrap().len(), 200);
    assert_eq!(page["next"], "/api/v2/organizations/?page=2&page_size=200");
    let (_, page) = admin.get("organizations/").await;
    assert_eq!(page["results"].as_array().unwrap().len(), 25);
    assert_eq!(
        (&page["results"][0]["name"], &page["results"][24]["name"]),
        (&json!("Default"), &json!("o023"))
    );
    assert_eq!((&page["next"], &page["previous"]), (&json!("/api/v2/organizations/?page=2"), &Value::Null));
}

#[tokio::test]
async fn objects_are_found_by_the_callers_role() {
    let world = World::new().await;
    world.hand("admin").made("organizations/", r#"{"name": "Dev"}"#).await;
    for (name, level, found) in [
        ("oa", "admin_role", vec!["Ops"]),
        ("om", "admin_role", vec![]),
        ("om", "member_role", vec!["Ops"]),
        ("om", "read_role", vec!["Ops"]),
        ("admin", "admin_role", vec!["Default", "Dev", "Ops"]),
    ] {
        let path = format!("organizations/?role_level={level}");
        assert_eq!(names(&world.hand(name), &path, "name").await, found, "{name} {level}");
    }
}

#[tokio::test]
async fn the_callers_own_list_is_a_list_like_others() {
    let bed = Bed::new().await;
    let alice = Hand::of(&bed, "alice");
    for query in ["", "?page_size=1", "?username=alice", "?order_by=-id", "?format=json"] {
        assert_eq!(names(&alice, &format!("me/{query}"), "username").await, ["alice"], "{query}");
    }
    assert_eq!(alice.get("me/?username=admin").await.1["count"], 0);
    assert_eq!(keys(&alice.get("me/?count_disabled=1").await.1), ["results"]);
    assert_eq!(alice.get("me/?page=2").await, (404, json!({ "detail": "Invalid page." })));
    let unknown = json!({ "detail": "User has no field named 'bar'" });
    assert_eq!(alice.get("me/?bar=1").await, (400, unknown));
    let secret = json!({ "detail": "Filtering on password is not allowed." });
    assert_eq!(alice.get("me/?password=x").await, (403, secret));
}

#[tokio::test]
async fn sections_of_settings_come_in_pages() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let (_, all) = admin.get("settings/").await;
    let (_, page) = admin.get("settings/?page_size=2&page=2").await;
    assert_eq!(page["count"], all["count"]);
    assert_eq!(page["results"].as_array().unwrap()[..], all["results"].as_array().unwrap()[2..4]);
    assert_eq!(page["previous"], "/api/v2/settings/?page_size=2");
    assert_eq!(page["next"], "/api/v2/settings/?page=3&page_size=2");
    assert_eq!(admin.get("settings/?page=9").await, (404, json!({ "detail": "Invalid page." })));
}

#[tokio::test]
async fn lists_below_objects_that_only_a_controller_fills_are_empty_without_one() {
    let world = World::new().await;
    for path in [
        format!("users/{}/projects/", world.alice),
        format!("organizations/{}/inventories/", world.organization),
        "teams/1/credentials/".to_owned(),
    ] {
        let (status, page) = world.hand("alice").get(&path).await;
        assert_eq!((status, &page["count"], &page["results"]), (200, &json!(0), &json!([])), "{path}");
    }
}
