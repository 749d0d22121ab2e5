//! Rows 18 and 23, where a grant of ours ends as a whole (decision 12).

use super::{World, number, text};

#[test]
fn row_018_a_deleted_token_ends_its_grant() {
    let world = World::new();
    let application = world.application("admin", "kit");
    let pair = world.by_password(&application, "admin", "read").expect(200).json();
    let token = number(&world.seen("admin", "tokens/")["results"][0]);
    world.delete("admin", &format!("tokens/{token}/")).expect(204);
    world.me(&pair["access_token"]).expect(401);
    let path = format!("applications/{}/", number(&application));
    assert_eq!(world.count("admin", &format!("{path}tokens/")), 0);
    assert_eq!(world.seen("admin", &path)["summary_fields"]["tokens"]["count"], 0);
    // AWX leaves the refresh token at work: whoever stole the pair keeps the better half.
    let dead = world.refresh(&application, &pair["refresh_token"]).expect(400).json();
    assert_eq!(dead["error"], "invalid_grant");
}

#[test]
fn row_023_revoking_either_token_ends_the_grant() {
    let world = World::new();
    let application = world.application("admin", "kit");
    let revoke = |token: &serde_json::Value| {
        let request = world.server.post("/api/o/revoke_token/");
        let request = request.basic(text(&application["client_id"]), text(&application["client_secret"]));
        request.form(&[("token", text(token))]).send()
    };
    let pair = world.by_password(&application, "admin", "read").expect(200).json();
    let other = world.by_password(&application, "admin", "read").expect(200).json();
    assert_eq!(revoke(&pair["access_token"]).expect(200).text(), "");
    world.me(&pair["access_token"]).expect(401);
    // AWX keeps the refresh token until the second step.
    let dead = world.refresh(&application, &pair["refresh_token"]).expect(400).json();
    assert_eq!(dead["error"], "invalid_grant");
    revoke(&pair["refresh_token"]).expect(200);
    world.refresh(&application, &pair["refresh_token"]).expect(400);
    world.me(&other["access_token"]).expect(200);
}
