//! Where the account's secret may lie, and the ways to sign in with it.

use super::{Caller, Entry, PASSWORD, gateway, list_of};
use crate::support::lab::Lab;
use crate::support::server::{new_folder, write_secret};
use crate::support::{Options, Server};

fn entry<'a>(lab: &Lab, platform: &'a str, account: &str) -> Entry<'a> {
    Entry { account: account.to_owned(), ..Entry::new(lab, platform, "aap", "/it/") }
}

/// One read and one change go through.
#[track_caller]
fn expect_works(server: &Server, lab: &Lab, platform: &str) {
    let caller = Caller::admin(server, "aap");
    let list = format!("/it/{}", list_of(platform));
    caller.get(server, &list).expect(200);
    let made = caller.make(server, &list, "once");
    assert!(matches!(made.status, 200 | 201), "{platform} {made:#?}");
    assert_eq!((lab.ran_key("once"), lab.count("/failed_logins")), (1, 0), "{platform}");
    for text in [server.output(), super::upstreams(server).to_string()] {
        assert!(!text.contains(PASSWORD), "{text}");
    }
}

#[test]
fn the_password_lies_in_the_environment() {
    let lab = Lab::start("catalyst");
    let config = entry(&lab, "catalyst", "password_env = \"MANAGER_PASSWORD\"\n").text();
    let environment = vec![("MANAGER_PASSWORD", PASSWORD.to_owned())];
    let server = Server::start(Options { config, environment, ..Options::default() });
    expect_works(&server, &lab, "catalyst");
}

#[test]
fn the_password_is_handed_over_by_the_service_manager() {
    let lab = Lab::start("catalyst");
    let folder = new_folder("credentials");
    write_secret(&folder.join("manager"), PASSWORD);
    let config = entry(&lab, "catalyst", "password_credential = \"manager\"\n").text();
    let environment = vec![("CREDENTIALS_DIRECTORY", folder.display().to_string())];
    let server = Server::start(Options { config, environment, ..Options::default() });
    expect_works(&server, &lab, "catalyst");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_password_is_stored_sealed() {
    let lab = Lab::start("catalyst");
    let mut server = gateway(&[entry(&lab, "catalyst", "password_stored = \"manager\"\n")]);
    let caller = Caller::admin(&server, "aap");
    // Until it is there, nobody tries anything.
    let answer = caller.get(&server, "/it/device").expect(503);
    assert!(answer.header("retry-after").is_some(), "{answer:#?}");
    assert_eq!((lab.count("/logins"), lab.count("/failed_logins")), (0, 0));
    let set = server.try_shell(&["secret", "set", "manager", "--stdin"], PASSWORD);
    assert!(set.status.success(), "{set:?}");
    super::restarts::eventually(|| {
        let answer = caller.get(&server, "/it/device");
        if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
    });
    expect_works(&server, &lab, "catalyst");
    assert!(server.stop().success());
    assert_eq!(lab.count("/sessions/alive"), 0);
    server.start_again();
    caller.get(&server, "/it/device").expect(200);
    assert_eq!((lab.count("/logins"), lab.count("/failed_logins")), (2, 0));
}

#[test]
fn a_secret_that_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let lab = Lab::start("catalyst");
    let server = gateway(&[Entry::new(&lab, "catalyst", "aap", "/it/")]);
    let caller = Caller::admin(&server, "aap");
    let file = super::password_file(&lab);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    caller.get(&server, "/it/device").expect(503);
    assert_eq!(lab.count("/requests/total"), 0);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    super::restarts::eventually(|| {
        let answer = caller.get(&server, "/it/device");
        if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
    });
    assert_eq!((lab.count("/logins"), lab.count("/failed_logins")), (1, 0));
}

#[test]
fn a_token_is_made_with_the_password_and_revoked_at_the_end() {
    for platform in ["aap", "awx"] {
        let lab = Lab::start(platform);
        let mut server = gateway(&[Entry::new(&lab, platform, "aap", "/it/").with("method = \"token\"\n")]);
        expect_works(&server, &lab, platform);
        let state = lab.state();
        assert_eq!(
            (&state["tokens"]["made"], &state["sessions"]["alive"]),
            (&1.into(), &0.into()),
            "{state}"
        );
        assert!(server.stop().success());
        assert_eq!(lab.state()["tokens"]["revoked"], 1, "{platform} {}", lab.state());
    }
}

#[test]
fn a_token_that_was_made_elsewhere_is_used_and_stays() {
    for (platform, path) in [("aap", "/api/gateway/v1/tokens/"), ("awx", "/api/v2/tokens/")] {
        let lab = Lab::start(platform);
        let asked = lab.request("POST", path).basic("operator", PASSWORD);
        let made = asked.json(&serde_json::json!({ "scope": "write" })).send_encrypted().expect(201).json();
        let file = lab.folder().join("token.secret");
        write_secret(&file, made["token"].as_str().unwrap());
        let mut entry = entry(&lab, platform, &format!("token_file = \"{}\"\n", file.display()));
        entry.user = "";
        let mut server = gateway(&[entry]);
        expect_works(&server, &lab, platform);
        assert!(!server.output().contains(made["token"].as_str().unwrap()));
        assert!(server.stop().success());
        let state = lab.state();
        assert_eq!(
            (&state["tokens"]["made"], &state["tokens"]["revoked"]),
            (&1.into(), &0.into()),
            "{state}"
        );
    }
}

#[test]
fn the_password_goes_with_every_request_where_the_account_says_so() {
    for platform in ["aap", "awx", "awx-without-tokens"] {
        let lab = Lab::start(platform);
        let server = gateway(&[Entry::new(&lab, platform, "aap", "/it/").with("method = \"basic\"\n")]);
        expect_works(&server, &lab, platform);
        assert_eq!(lab.count("/sessions/alive"), 0, "{platform}");
    }
}
