//! `portcullis token` at platforms: made, listed, revoked, and refused where there are none.

use super::bench::Home;
use crate::support::lab::Lab;

#[test]
fn a_token_is_made_listed_and_revoked() {
    for (platform, me) in [("aap", "/api/gateway/v1/me/"), ("awx", "/api/v2/me/")] {
        let (lab, home) = (Lab::start(platform), Home::new());
        home.enter(&lab, platform);
        let output =
            home.run(&["token", "create", "--description", "of a test", "--scope", "read", "-o", "json"]);
        assert!(output.status.success(), "{}", super::said(&output));
        assert!(String::from_utf8_lossy(&output.stderr).contains(&lab.base()), "it says where it acts");
        let made: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&made["description"], &made["scope"]), (&"of a test".into(), &"read".into()), "{made}");
        let value = made["token"].as_str().unwrap();
        lab.request("GET", me).bearer(value).send_encrypted().expect(200);
        let listed = home.json(&["token", "list"]);
        assert_eq!(listed[0]["id"], made["id"], "{listed}");
        assert!(!listed.to_string().contains(value), "a list shows no value");
        let id = made["id"].to_string();
        home.done(&["token", "revoke", &id]);
        lab.request("GET", me).bearer(value).send_encrypted().expect(401);
        assert_eq!(home.json(&["token", "list"]), serde_json::json!([]));
        home.ends(&["token", "revoke", &id], 3);
        assert_eq!(lab.count("/tokens/made"), 1, "{platform}");
    }
}

#[test]
fn a_platform_without_tokens_says_so() {
    for (stand_in, platform) in
        [("awx-without-tokens", "awx"), ("catalyst", "catalyst"), ("apprenda", "apprenda")]
    {
        let (lab, home) = (Lab::start(stand_in), Home::new());
        home.enter(&lab, platform);
        for command in [&["token", "create"][..], &["token", "list"], &["token", "revoke", "1"]] {
            let told = home.ends(command, 3);
            let is_clear = told.contains("has no tokens") || told.contains("no such thing");
            assert!(is_clear, "{stand_in} {command:?}: {told}");
        }
        let told = home.ends(&["token", "create"], 3);
        assert!(told.contains("has no tokens"), "{stand_in}: {told}");
    }
}

#[test]
fn the_side_is_guessed_only_where_that_is_harmless() {
    let (lab, home) = (Lab::start("awx"), Home::new());
    let told = home.ends(&["token", "create"], 5);
    assert!(told.contains("portcullis login"), "{told}");
    home.ends(&["token", "list"], 3);
    home.enter(&lab, "awx");
    std::fs::create_dir(home.folder.join("portcullis-data")).unwrap();
    let made = home.json(&["token", "create"])["id"].to_string();
    let told = home.ends(&["token", "revoke", &made], 2);
    assert!(told.contains("--profile") && told.contains("--data-dir"), "{told}");
    assert_eq!(home.json(&["token", "list"]).as_array().unwrap().len(), 1, "nothing was revoked");
    home.ends(&["token", "create", "--data-dir", "portcullis-data"], 2);
    home.ends(&["token", "revoke", "--user", "alice"], 3);
    let profile = home.json(&["profile", "show"])["profile"].as_str().unwrap().to_owned();
    home.done(&["token", "revoke", &made, "--profile", &profile]);
    assert_eq!(home.json(&["token", "list"]), serde_json::json!([]));
}

#[test]
fn a_profile_of_the_environment_is_a_default_and_no_wish() {
    let (lab, home) = (Lab::start("awx"), Home::new());
    home.enter(&lab, "awx");
    let profile = home.json(&["profile", "show"])["profile"].as_str().unwrap().to_owned();
    let with = |arguments: &[&str]| {
        let output = home.command(arguments).env("PORTCULLIS_PROFILE", &profile).output().unwrap();
        (output.status.code(), super::said(&output))
    };
    // There is no data directory: it was looked for, and so the data here are meant.
    let (code, told) = with(&["token", "list", "--user", "alice"]);
    assert!(code == Some(3) && told.contains("in portcullis-data"), "{told}");
    let (code, told) = with(&["token", "list", "--user", "alice", "--profile", &profile]);
    assert!(code == Some(2) && told.contains("give one of them"), "{told}");
    std::fs::create_dir(home.folder.join("portcullis-data")).unwrap();
    let (code, told) = with(&["token", "list", "--data-dir", "portcullis-data"]);
    assert!(code == Some(3) && told.contains("in portcullis-data"), "{told}");
    // Where nothing else is said, it says which side.
    let (code, told) = with(&["token", "revoke", "4711"]);
    assert!(code == Some(3) && told.contains(&lab.base()), "{told}");
    let (code, told) = with(&["token", "list"]);
    assert!(code == Some(0) && told.contains(&lab.base()), "{told}");
}
