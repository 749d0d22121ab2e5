//! Ways around the rules of Apprenda's door, and around what is told of refusals: a platform that is mounted elsewhere,
//! a token on a wrong path, a refusal's id in the hands of somebody else.

use serde_json::json;

use crate::apprenda::{NOT_AUTHORIZED, PASSWORD, Platform, answer, message, plain};
use crate::support::{Options, Server, Upstream};

/// A platform with its three portals below one path of ours.
fn mounted() -> Platform {
    let upstream = Upstream::scripted(|_| answer(200, "{}"));
    let config = format!(
        "[[service]]\nname = \"cloud\"\npath = \"/cloud/\"\nupstream = [\"{}\"]\nupstream_path = \"/\"\ndialect = \
         \"apprenda\"\nidentity = \"headers\"\nallow = [\"everybody\"]\n[log]\nlevel = \"trace\"\n",
        upstream.url()
    );
    Platform { server: Server::start(Options { config, ..Options::default() }), upstream }
}

#[test]
fn the_list_of_operators_guards_a_platform_wherever_it_is_mounted() {
    let platform = mounted();
    platform.make_user("dora", &["Acme"]);
    let token = platform.token("developer", "dora", PASSWORD);
    for path in ["/cloud/soc/api/v1/hosts", "/cloud/SOC/api/v1/hosts", "/cloud//%73oc;a=b/x", "/cloud/soc./x"]
    {
        let refused = platform.get(&token, path).expect(403);
        assert_eq!(message(&refused), NOT_AUTHORIZED, "{path}");
        // In a body, the token proves no more.
        let body = json!({"ApprendaSessionToken": token});
        platform.request("POST", path).json(&body).send_encrypted().expect(403);
    }
    assert_eq!(platform.seen().len(), 0);
    platform.get(&token, "/cloud/developer/api/v1/apps").expect(200);
    platform.get(&platform.admin(), "/cloud/soc/api/v1/hosts").expect(200);
}

#[test]
fn a_token_on_a_wrong_path_is_in_no_log_and_in_no_explanation() {
    let platform = mounted();
    let token = plain(&platform.admin());
    for spelling in [token.clone(), token.replace('=', "%3D")] {
        for path in [
            format!("/cloud/authentication/api/v1/sessions/soc/{spelling}"),
            format!("/cloud/{spelling}/x"),
            format!("/authentication/api/v1/sessions/{spelling}"),
            format!("/authentication/api/v1/sessions/soc;a=b/{spelling}"),
        ] {
            let refused = platform.request("DELETE", &path).send_encrypted();
            assert!(matches!(refused.status, 401 | 404), "{path}: {}", refused.status);
            let id = refused.header("x-request-id").unwrap();
            let told = platform.server.as_admin("GET", &format!("/portcullis/v1/refusals/{id}")).send();
            assert!(!told.text().contains(&token[..60]), "{}", told.text());
        }
    }
    let audit = std::fs::read_to_string(platform.server.data_dir().join("audit.jsonl")).unwrap();
    for log in [platform.server.output(), audit] {
        assert!(!log.contains(&token[..60]), "{log}");
    }
}

#[test]
fn whoever_learns_the_id_of_a_refusal_tells_no_other_story_of_it() {
    let platform = mounted();
    platform.make_user("dora", &["Acme"]);
    let token = platform.token("developer", "dora", PASSWORD);
    let refused = platform.get(&token, "/cloud/soc/x").expect(403);
    let path = format!("/portcullis/v1/refusals/{}", refused.header("x-request-id").unwrap());
    let story = platform.server.as_admin("GET", &path).send().expect(200).json();
    assert_eq!((&story["rule"], &story["username"]), (&json!("portal.not-operator"), &json!("dora")));
    let id = refused.header("x-request-id").unwrap();
    for target in ["/cloud/soc/y", &*path] {
        platform.request("GET", target).header("X-Request-Id", id).send_encrypted().expect(401);
    }
    assert_eq!(platform.server.as_admin("GET", &path).send().expect(200).json(), story);
    // Not even who may ask overwrites it by asking.
    platform.server.as_admin("GET", &path).header("X-Request-Id", id).send().expect(200);
    assert_eq!(platform.server.as_admin("GET", &path).send().expect(200).json(), story);
}
