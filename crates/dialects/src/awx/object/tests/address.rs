//! Addresses by name.

use bytes::Bytes;
use http::{Method, Request};
use identity::model::object::Noun;
use serde_json::json;

use super::{Hand, World, awx, body_of};
use crate::awx::object::address::{Place, Target, target};
use crate::bed::{Bed, HOST};
use crate::dialect::Doorway;

#[test]
fn names_in_paths_are_read() {
    let name = |text: &str| Target::Name(text.to_owned(), None);
    let pair = |text: &str, organization: &str| Target::Name(text.to_owned(), Some(organization.to_owned()));
    for (noun, path, found) in [
        (Noun::User, "/api/v2/users/12/tokens/", Target::Id(12)),
        (Noun::User, "/api/v2/users/99999999999999999999/", Target::Id(0)),
        (Noun::User, "/api/v2/users/ada@example.com/", name("ada@example.com")),
        (Noun::User, "/api/v2/users/a%20b/", name("a b")),
        (Noun::User, "/api/v2/users/a[+]b/", name("a+b")),
        (Noun::User, "/api/v2/users/a%5B+%5Db/", name("a+b")),
        (Noun::Organization, "/api/v2/organizations/Exam%20Org/", name("Exam Org")),
        (Noun::Team, "/api/v2/teams/t++o/", pair("t", "o")),
        (Noun::Team, "/api/v2/teams/t[+]++o/users/", pair("t+", "o")),
        (Noun::Team, "/api/v2/teams/t/", Target::Nothing),
        (Noun::Token, "/api/v2/tokens/abc/", Target::Nothing),
        (Noun::User, "/api/v2/users/a%ff/", Target::Nothing),
    ] {
        assert_eq!(target(noun, path), found, "{path}");
    }
}

#[test]
fn names_are_written_so_that_they_can_be_read() {
    let place = Place::under("/api/controller");
    let team = |name: &str, organization: &str| place.named(Noun::Team, name, Some(organization));
    assert_eq!(team("Exam Team", "a+b;c").unwrap(), "/api/controller/v2/teams/Exam%20Team++a[+]b%3Bc/");
    assert_eq!(team("é++", "[x]").unwrap(), "/api/controller/v2/teams/%C3%A9[+][+]++%5Bx%5D/");
    for name in ["ada@example.com", "100%", "a b", "a?b", "..a", "1a"] {
        let address = place.named(Noun::User, name, None).unwrap();
        let path = address.replace("/api/controller", "/api");
        assert_eq!(target(Noun::User, &path), Target::Name(name.to_owned(), None), "{path}");
    }
    // By these nobody would come to the object.
    for name in ["a/b", "a\\b", "a#b", ".", "..", "..;a", "12", "a\tb", "a%2Fb", "a[+]b"] {
        assert_eq!(place.named(Noun::User, name, None), None, "{name}");
    }
    assert_eq!(team("a", "b/c"), None);
    assert_eq!(place.path("/api/v2/users/"), "/api/controller/v2/users/");
}

#[tokio::test]
async fn row_095_objects_tell_their_addresses_by_name() {
    let world = World::new().await;
    let admin = world.hand("admin");
    let body = format!(r#"{{"name": "Team A", "organization": {}}}"#, world.organization);
    let team = admin.made("teams/", &body).await;
    let application = world.application("admin", "app").await;
    for (path, named) in [
        (format!("users/{}/", world.alice), "/api/v2/users/alice/".to_owned()),
        (format!("organizations/{}/", world.organization), "/api/v2/organizations/Ops/".to_owned()),
        (format!("teams/{team}/"), "/api/v2/teams/Team%20A++Ops/".to_owned()),
        (format!("applications/{application}/"), "/api/v2/applications/app++Ops/".to_owned()),
    ] {
        let (status, object) = admin.get(&path).await;
        assert_eq!((status, &object["related"]["named_url"]), (200, &json!(named)));
        let by_name = named.strip_prefix("/api/v2/").unwrap();
        assert_eq!(admin.get(by_name).await, (200, object));
    }
    let (_, page) = admin.get("users/?username=alice").await;
    assert!(page["results"][0]["related"].get("named_url").is_none());
}

#[tokio::test]
async fn a_name_tells_nobody_whether_it_is_there() {
    let world = World::new().await;
    let (admin, alice) = (world.hand("admin"), world.hand("alice"));
    let absent = |model: &str| (404, json!({ "detail": format!("No {model} matches the given query.") }));
    assert_eq!(admin.get("users/ghost/").await, absent("User"));
    assert_eq!(admin.get("teams/ghost++Ops/").await, absent("Team"));
    for path in ["", "users/", "teams/", "object_roles/"] {
        for name in ["Ops", "ghost"] {
            let found = alice.get(&format!("organizations/{name}/{path}")).await;
            assert_eq!(found, absent("Organization"), "{name} {path}");
        }
    }
    let nobody = Hand { bed: &world.bed, authorization: "Basic Og==".to_owned() };
    for name in ["alice", "ghost"] {
        assert_eq!(nobody.get(&format!("users/{name}/")).await.0, 401);
    }
}

#[tokio::test]
async fn the_last_slash_of_an_object_may_be_missing() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let id = admin.made("organizations/", r#"{"name": "Ops"}"#).await;
    let (status, object) = admin.get(&format!("organizations/{id}")).await;
    assert_eq!((status, &object["name"]), (200, &json!("Ops")));
    assert_eq!(admin.send(Method::GET, "tokens", "").await.status(), 301);
}

#[tokio::test]
async fn addresses_begin_with_what_stood_before_the_path() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin");
    let request = Request::builder().uri("/api/v2/users/?page_size=1").header("host", HOST);
    let request = request.header("authorization", &admin.authorization).body(Bytes::new()).unwrap();
    let doorway =
        Doorway { is_secure: true, host: HOST.to_owned(), prefix: "/api/controller", ..Doorway::default() };
    let page = body_of(&bed.send_through(awx(), request, doorway).await);
    assert_eq!(page["next"], "/api/controller/v2/users/?page=2&page_size=1");
    let user = &page["results"][0];
    assert!(user["url"].as_str().unwrap().starts_with("/api/controller/v2/users/"));
    assert!(!page.to_string().contains("/api/v2/"));
}

#[tokio::test]
async fn the_command_line_logs_in_by_name() {
    let bed = Bed::new().await;
    let alice = Hand::of(&bed, "alice");
    let body = r#"{"description": "AWX CLI", "application": null, "scope": "write"}"#;
    let (status, token) = alice.post("users/alice/personal_tokens/", body).await;
    assert_eq!((status, &token["description"]), (201, &json!("AWX CLI")));
    let (status, me) = Hand::with(&bed, token["token"].as_str().unwrap()).get("me/").await;
    assert_eq!((status, &me["results"][0]["username"]), (200, &json!("alice")));
}
