//! openid-client: the library by which programs for Node get tokens. It takes nothing on trust that a standard
//! says otherwise about.

use super::{DOORS, REDIRECT, application, given, node, node_modules, server};

#[test]
fn openid_client_gets_and_uses_tokens_by_a_code() {
    let Some(modules) = node_modules("openid_client_gets_and_uses_tokens_by_a_code", "openid-client") else {
        return;
    };
    let server = server();
    let portal = application(&server, "portal", &["--redirect-uri", REDIRECT]);
    let cli = application(&server, "cli", &["--type", "public", "--redirect-uri", REDIRECT]);
    for door in DOORS {
        node(&server, &modules, &given(&server, door, "code", &portal));
        node(&server, &modules, &given(&server, door, "code", &cli));
    }
}

#[test]
fn openid_client_lets_a_device_in() {
    let Some(modules) = node_modules("openid_client_lets_a_device_in", "openid-client") else { return };
    let server = server();
    let tv = application(&server, "tv", &["--type", "public", "--allow", "device"]);
    for door in DOORS {
        node(&server, &modules, &given(&server, door, "device", &tv));
    }
}
