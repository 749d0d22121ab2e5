//! Rows 6 to 20: applications and tokens through the API.

use serde_json::{Value, json};

use super::{MASK, World, number, text};

#[test]
fn row_006_a_token_has_the_scope_that_was_asked_for() {
    let world = World::new();
    let application = number(&world.application("admin", "kit"));
    let token = world.post("admin", "tokens/", &json!({"scope": "read", "application": application}));
    assert_eq!(token.expect(201).json()["scope"], "read");
}

#[test]
fn row_007_a_token_may_write_unless_one_says_otherwise() {
    let world = World::new();
    let application = number(&world.application("admin", "kit"));
    let token = world.post("admin", "tokens/", &json!({"application": application}));
    assert_eq!(token.expect(201).json()["scope"], "write");
}

#[test]
fn row_008_an_application_is_made() {
    let world = World::new();
    let made = world.application("admin", "kit");
    assert!(made["modified"].is_string() && made.get("updated").is_none(), "{made}");
    assert_eq!((&made["skip_authorization"], &made["redirect_uris"]), (&json!(false), &json!("")));
    let shown = world.seen("admin", &format!("applications/{}/", number(&made)));
    for (field, value) in world.wanted("kit", "confidential").as_object().unwrap() {
        assert_eq!(&shown[field], value, "{field}");
    }
}

#[test]
fn row_009_an_application_of_junk_is_refused() {
    let world = World::new();
    let junk = json!({
        "name": "kit",
        "organization": world.organization,
        "authorization_grant_type": "password",
        "scope": "Write",
    });
    let said = world.post("admin", "applications/", &junk).expect(400).json();
    assert_eq!(said, json!({"client_type": ["This field is required."]}));
}

#[test]
fn row_010_all_but_the_grant_type_changes() {
    let world = World::new();
    let path = format!("applications/{}/", number(&world.application("admin", "kit")));
    let other = world.made("admin", "organizations/", &json!({"name": "Dev"}));
    let wanted = json!({
        "name": "kit2",
        "organization": other,
        "redirect_uris": "http://localhost/api/",
        "skip_authorization": true,
    });
    let mut asked = wanted.clone();
    asked["authorization_grant_type"] = json!("authorization-code");
    world.patch("admin", &path, &asked).expect(200);
    let shown = world.seen("admin", &path);
    for (field, value) in wanted.as_object().unwrap() {
        assert_eq!(&shown[field], value, "{field}");
    }
    assert_eq!(shown["authorization_grant_type"], "password");
}

#[test]
fn row_011_the_stored_secret_is_a_digest_and_still_the_one_that_was_shown() {
    let world = World::new();
    let made = world.application("admin", "kit");
    let secret = text(&made["client_secret"]);
    for file in std::fs::read_dir(world.server.data_dir()).unwrap().flatten() {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        let is_there = bytes.windows(secret.len()).any(|it| it == secret.as_bytes());
        assert!(!is_there, "{:?} has the secret", file.path());
    }
    assert_eq!(world.seen("admin", &format!("applications/{}/", number(&made)))["client_secret"], MASK);
    world.by_password(&made, "alice", "read").expect(200);
    let mut wrong = made.clone();
    wrong["client_secret"] = json!(secret.to_uppercase());
    world.by_password(&wrong, "alice", "read").expect(401);
}

#[test]
fn row_012_a_token_is_made_below_its_application() {
    let world = World::new();
    let application = number(&world.application("admin", "kit"));
    let list = format!("applications/{application}/tokens/");
    let made = world.post("admin", &list, &json!({"scope": "read"})).expect(201).json();
    assert!(made["modified"].is_string(), "{made}");
    let token = world.seen("admin", &format!("tokens/{}/", number(&made)));
    assert_eq!((&token["application"], &token["scope"]), (&json!(application), &json!("read")));
    assert_eq!(token["summary_fields"]["user"]["username"], "admin");
    assert_eq!((&token["token"], &token["refresh_token"]), (&json!(MASK), &json!(MASK)));
}

#[test]
fn row_013_an_application_lists_its_tokens() {
    let world = World::new();
    let list = format!("applications/{}/tokens/", number(&world.application("admin", "kit")));
    assert_eq!(world.count("admin", &list), 0);
    world.made("admin", &list, &json!({"scope": "read"}));
    world.made("admin", "tokens/", &json!({}));
    assert_eq!(world.count("admin", &list), 1);
}

#[test]
fn row_014_an_application_tells_of_its_tokens_without_their_values() {
    let world = World::new();
    let path = format!("applications/{}/", number(&world.application("admin", "kit")));
    let token = world.made("admin", &format!("{path}tokens/"), &json!({"scope": "read"}));
    let tokens = &world.seen("admin", &path)["summary_fields"]["tokens"];
    let entry = json!({"id": token, "scope": "read", "token": MASK});
    assert_eq!(tokens, &json!({"count": 1, "results": [entry]}));
}

#[test]
fn row_015_a_token_of_an_application_can_be_refreshed() {
    let world = World::new();
    let application = world.application("admin", "kit");
    let token = world.post("admin", "tokens/", &json!({"application": number(&application)}));
    let token = token.expect(201).json();
    let pair = world.refresh(&application, &token["refresh_token"]).expect(200).json();
    world.me(&pair["access_token"]).expect(200);
    world.me(&token["token"]).expect(401);
}

#[test]
fn row_016_an_authorized_token_can_be_refreshed() {
    let world = World::new();
    let application = number(&world.application("admin", "kit"));
    let list = "users/admin/authorized_tokens/";
    let token = world.post("admin", list, &json!({"application": application})).expect(201).json();
    assert!(token["refresh_token"].as_str().is_some_and(|it| it.len() == 30 && it != MASK), "{token}");
}

#[test]
fn row_017_a_scope_may_grow() {
    let world = World::new();
    let token = world.post("admin", "tokens/", &json!({"scope": "read"})).expect(201).json();
    let refused = world.server.post("/api/v2/tokens/").bearer(text(&token["token"])).json(&json!({})).send();
    refused.expect(403);
    let path = format!("tokens/{}/", number(&token));
    world.patch("admin", &path, &json!({"scope": "write"})).expect(200);
    assert_eq!(world.seen("admin", &path)["scope"], "write");
    world.server.post("/api/v2/tokens/").bearer(text(&token["token"])).json(&json!({})).send().expect(201);
}

#[test]
fn row_019_an_application_takes_its_tokens_along() {
    let world = World::new();
    let application = world.application("admin", "kit");
    let pair = world.by_password(&application, "alice", "read").expect(200).json();
    let path = format!("applications/{}/", number(&application));
    world.delete("admin", &path).expect(204);
    world.get("admin", &path).expect(404);
    world.me(&pair["access_token"]).expect(401);
    assert_eq!(world.count("alice", "tokens/"), 0);
    let refused = world.refresh(&application, &pair["refresh_token"]).expect(401).json();
    assert_eq!(refused["error"], "invalid_client", "nobody refreshes for it either");
}

#[test]
fn row_020_everybodys_tokens_are_counted_apart() {
    let world = World::new();
    world.made("admin", "users/admin/tokens/", &json!({}));
    world.made("alice", &format!("users/{}/tokens/", world.alice), &json!({}));
    for name in ["admin", "alice"] {
        let page: Value = world.seen("admin", &format!("users/{name}/tokens/"));
        assert_eq!(page["count"], 1, "{name}");
        assert_eq!(page["results"][0]["summary_fields"]["user"]["username"], name);
    }
}
