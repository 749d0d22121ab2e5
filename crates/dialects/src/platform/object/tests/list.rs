//! Lists: what the filter language finds over a real store.

use serde_json::{Value, json};

use super::{Hand, number};
use crate::bed::Bed;

/// The names on the page that a query asks for.
async fn names(hand: &Hand<'_>, path: &str, field: &str) -> Vec<String> {
    let (status, page) = hand.get(path).await;
    assert_eq!(status, 200, "{path}: {page}");
    let results = page["results"].as_array().unwrap();
    results.iter().map(|it| it[field].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn filters_find_users() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let alice = number(&bed, "alice").await;
    for (query, found) in [
        ("username=alice", vec!["alice"]),
        ("username__iexact=ALICE", vec!["alice"]),
        ("username__contains=b", vec!["bob"]),
        ("username__in=bob,alice&order_by=-username", vec!["bob", "alice"]),
        ("not__username=alice&order_by=username", vec!["admin", "bob"]),
        ("or__username=bob&or__username=alice&order_by=username", vec!["alice", "bob"]),
        ("username__regex=%5Ea", vec!["admin", "alice"]),
        ("username__gt=alice", vec!["bob"]),
        ("is_superuser=true", vec!["admin"]),
        ("is_active=false", vec!["bob"]),
        ("last_login__isnull=false", vec![]),
        ("created__lt=2000-01-01", vec![]),
        ("username=alice&username=bob", vec![]),
        ("type=team", vec![]),
        ("search=zzz&username=bob", vec!["bob"]),
    ] {
        assert_eq!(names(&admin, &format!("users/?{query}"), "username").await, found, "{query}");
    }
    let numeric = format!("users/?or__id={alice}&or__username={alice}");
    assert_eq!(names(&admin, &numeric, "username").await, ["alice"]);
}

#[tokio::test]
async fn filters_go_over_relations() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let organization = admin.made("organizations/", r#"{"name": "Ops"}"#).await;
    admin.made("teams/", &format!(r#"{{"name": "t", "organization": {organization}}}"#)).await;
    let body = format!(r#"{{"instances": [{}]}}"#, number(&bed, "alice").await);
    admin.post(&format!("organizations/{organization}/users/associate/"), &body).await;
    for query in [
        format!("organizations={organization}"),
        "organizations__name=Ops".to_owned(),
        "organizations__search=op".to_owned(),
        "organizations__teams__name=t".to_owned(),
        "organizations__isnull=false".to_owned(),
    ] {
        assert_eq!(names(&admin, &format!("users/?{query}"), "username").await, ["alice"], "{query}");
    }
    for query in [format!("organization={organization}"), "organization__name__startswith=O".to_owned()] {
        assert_eq!(names(&admin, &format!("teams/?{query}"), "name").await, ["t"], "{query}");
    }
}

#[tokio::test]
async fn queries_that_are_refused() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    for (path, status, said) in [
        ("organizations/?page=99", 404, "Invalid page."),
        ("organizations/?page=0", 404, "Invalid page."),
        ("organizations/?nope=1", 400, "Organization has no field named 'nope'"),
        ("organizations/?order_by=nope", 400, "Organization has no field named 'nope'"),
        ("organizations/?id=abc", 400, "[\"“abc” value must be an integer.\"]"),
        ("organizations/?id__in=", 400, "cannot provide empty value for __in"),
        ("users/?is_superuser=maybe", 400, "Unable to convert \"maybe\" to boolean"),
        ("tokens/?token=x", 403, "Filtering on token is not allowed."),
        ("users/?tokens__token__startswith=a", 403, "Filtering on token is not allowed."),
    ] {
        assert_eq!(admin.get(path).await, (status, json!({ "detail": said })), "{path}");
    }
}

#[tokio::test]
async fn pages_are_linked() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let (_, page) = admin.get("users/?page=2&page_size=1&order_by=username").await;
    assert_eq!(page["count"], 3);
    assert_eq!(page["next"], "/api/gateway/v1/users/?order_by=username&page=3&page_size=1");
    assert_eq!(page["previous"], "/api/gateway/v1/users/?order_by=username&page_size=1");
    let (_, page) = admin.get("users/?page=last&page_size=1").await;
    assert_eq!((&page["next"], &page["results"][0]["username"]), (&Value::Null, &json!("bob")));
    let (_, page) = admin.get("users/?count_disabled").await;
    assert_eq!(page.as_object().unwrap().keys().collect::<Vec<_>>(), ["results"]);
}
