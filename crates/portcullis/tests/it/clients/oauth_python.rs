//! Authlib and requests-oauthlib: two libraries by which Python programs get tokens.

use std::path::PathBuf;

use super::{DOORS, REDIRECT, USERNAME, application, given, python, python_with, server};

fn tools(test: &str) -> Option<PathBuf> {
    python_with(test, "authlib, requests_oauthlib", "authlib and requests-oauthlib")
}

#[test]
fn authlib_gets_and_uses_tokens_by_a_code() {
    let Some(tool) = tools("authlib_gets_and_uses_tokens_by_a_code") else { return };
    let server = server();
    let portal = application(&server, "portal", &["--redirect-uri", REDIRECT]);
    let cli = application(&server, "cli", &["--type", "public", "--redirect-uri", REDIRECT]);
    for door in DOORS {
        python(&tool, "oauth_authlib.py", &given(&server, door, "code", &portal));
        python(&tool, "oauth_authlib.py", &given(&server, door, "code", &cli));
        python(&tool, "oauth_authlib.py", &given(&server, door, "wrong_verifier", &portal));
    }
}

#[test]
fn authlib_lets_a_device_in() {
    let Some(tool) = tools("authlib_lets_a_device_in") else { return };
    let server = server();
    let tv = application(&server, "tv", &["--type", "public", "--allow", "device"]);
    let printer = application(&server, "printer", &["--allow", "device"]);
    for door in DOORS {
        python(&tool, "oauth_authlib.py", &given(&server, door, "device", &tv));
        python(&tool, "oauth_authlib.py", &given(&server, door, "device", &printer));
    }
}

#[test]
fn requests_oauthlib_gets_tokens_by_every_grant() {
    let Some(tool) = tools("requests_oauthlib_gets_tokens_by_every_grant") else { return };
    let server = server();
    let portal = application(&server, "portal", &["--redirect-uri", REDIRECT]);
    let cli = application(&server, "cli", &["--type", "public", "--redirect-uri", REDIRECT]);
    let script = application(&server, "script", &["--grant", "password"]);
    let robot = application(&server, "robot", &["--allow", "client-credentials", "--user", USERNAME]);
    for door in DOORS {
        for (what, application) in [("code", &portal), ("code", &cli), ("password", &script), ("own", &robot)]
        {
            python(&tool, "oauth_requests.py", &given(&server, door, what, application));
        }
    }
}
