//! Row 1, and what an application does with its tokens afterwards: rows 21, 22, 24.

use super::{World, text};

#[test]
fn row_001_a_password_becomes_a_token() {
    let world = World::new();
    let application = world.application("admin", "kit");
    let answer = world.by_password(&application, "alice", "read").expect(200).json();
    assert_eq!(answer["scope"], "read");
    assert_eq!(answer["token_type"], "Bearer");
    assert!(!text(&answer["refresh_token"]).is_empty());
    let me = world.me(&answer["access_token"]).expect(200).json();
    assert_eq!(me["results"][0]["username"], "alice");
}

#[test]
fn row_021_a_refreshed_token_is_a_new_pair() {
    let world = World::new();
    let application = world.application("admin", "kit");
    let first = world.by_password(&application, "admin", "read").expect(200).json();
    let second = world.refresh(&application, &first["refresh_token"]).expect(200).json();
    assert_ne!(second["access_token"], first["access_token"]);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    world.me(&first["access_token"]).expect(401);
    world.me(&second["access_token"]).expect(200);
    assert_eq!(world.count("admin", "tokens/"), 1, "the new one is in the place of the old one");
    let again = world.refresh(&application, &first["refresh_token"]).expect(400).json();
    assert_eq!(again["error"], "invalid_grant", "the old one was used");
}

#[test]
fn row_022_a_refresh_token_grows_old() {
    let world = World::new();
    let lives = serde_json::json!({"REFRESH_TOKEN_EXPIRE_SECONDS": 1});
    world.set(&serde_json::json!({"OAUTH2_PROVIDER": lives}));
    let application = world.application("admin", "kit");
    let first = world.by_password(&application, "admin", "read").expect(200).json();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let late = world.refresh(&application, &first["refresh_token"]).expect(403);
    assert_eq!(late.text(), "The refresh token has expired.");
    world.me(&first["access_token"]).expect(200);
    assert_eq!(world.count("admin", "tokens/"), 1, "nothing was changed");
}

#[test]
fn row_024_a_revoked_refresh_token_takes_its_token_along() {
    let world = World::new();
    let application = world.application("admin", "kit");
    let pair = world.by_password(&application, "admin", "read").expect(200).json();
    let request = world.server.post("/api/o/revoke_token/");
    let request = request.basic(text(&application["client_id"]), text(&application["client_secret"]));
    request.form(&[("token", text(&pair["refresh_token"]))]).send().expect(200);
    world.me(&pair["access_token"]).expect(401);
    assert_eq!(world.count("admin", "tokens/"), 0);
    let dead = world.refresh(&application, &pair["refresh_token"]).expect(400).json();
    assert_eq!(dead["error"], "invalid_grant");
}
