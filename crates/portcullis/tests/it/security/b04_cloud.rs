//! Sessions of Apprenda's door: ended twice, timed, of users that go (cases 34, 36, 40-44, 46, 48).

use serde_json::json;

use super::clock::Clock;
use crate::apprenda::{CLOUDS, PASSWORD, Platform, SESSIONS, answer, fields, plain, services};
use crate::support::{ADMIN_PASSWORD, Options, Upstream};

const APPS: &str = "/developer/api/v1/apps";

fn is_alive(platform: &Platform, token: &str) -> bool {
    let status = platform.get(token, APPS).status;
    assert!(matches!(status, 200 | 401), "{status}");
    status == 200
}

#[test]
fn case_034_each_cloud_login_is_a_session_of_its_own() {
    let platform = Platform::new();
    let first = platform.admin();
    let request =
        platform.request("POST", &format!("{SESSIONS}/soc")).header("ApprendaSessionToken", &*first);
    let second = request.json(&fields("admin", ADMIN_PASSWORD)).send_encrypted().expect(201);
    let second = crate::apprenda::token_in(&second);
    assert_ne!(first, second);
    assert!(is_alive(&platform, &second));
    // A token that somebody planted in a login is not made good by it.
    let planted = plain(&first).replace('M', "N");
    let request =
        platform.request("POST", &format!("{SESSIONS}/soc")).header("ApprendaSessionToken", &*planted);
    let given = request.json(&fields("admin", ADMIN_PASSWORD)).send_encrypted().expect(201);
    assert_ne!(plain(&crate::apprenda::token_in(&given)), planted);
    assert!(!is_alive(&platform, &planted));
}

#[test]
fn case_036_a_cloud_token_is_dead_after_signing_out_and_others_are_not() {
    let platform = Platform::new();
    for portal in ["soc", "developer", "account"] {
        let (token, other) = (platform.admin(), platform.admin());
        platform.log_out(portal, &token).expect(204);
        assert!(!is_alive(&platform, &token), "{portal}");
        let body = json!({"ApprendaSessionToken": plain(&token)});
        platform.request("POST", APPS).json(&body).send_encrypted().expect(401);
        assert!(is_alive(&platform, &other), "{portal}");
    }
}

#[test]
fn case_040_a_cloud_session_ends_after_its_length_and_is_ended_twice() {
    let upstream = Upstream::scripted(|_| answer(200, "{}"));
    let options = Options { config: services(&upstream), ..Options::default() };
    let Some((server, clock)) = Clock::start("case_040", options) else { return };
    let platform = Platform { server, upstream };
    let (kept, ended) = (platform.admin(), platform.admin());
    for _ in 0..2 {
        let answer = platform.log_out("soc", &ended);
        assert!(matches!(answer.status, 204 | 404), "{}", answer.status);
    }
    assert!(!is_alive(&platform, &ended));
    // Eight hours, unless the setting says otherwise.
    clock.set(8 * 3600 - 10);
    assert!(is_alive(&platform, &kept));
    clock.set(8 * 3600 + 1);
    assert!(!is_alive(&platform, &kept));
    let answer = platform.log_out("soc", &kept);
    assert!(matches!(answer.status, 204 | 404), "{}", answer.status);
    // What was seen dead stays dead when the clock goes back (case 48).
    clock.set(-3600);
    assert!(!is_alive(&platform, &kept));
}

#[test]
fn case_041_every_cloud_token_dies_with_its_user_or_password() {
    let platform = Platform::new();
    for way in ["disabled", "removed", "password"] {
        platform.make_user(way, &["Default"]);
        let token = platform.token("developer", way, PASSWORD);
        assert!(is_alive(&platform, &token));
        match way {
            "disabled" => drop(platform.server.shell(&["user", "disable", way])),
            "removed" => {
                let list = platform.server.as_admin("GET", "/api/gateway/v1/users/?username=removed").send();
                let id = list.expect(200).json()["results"][0]["id"].clone();
                let target = format!("/api/gateway/v1/users/{id}/");
                platform.server.as_admin("DELETE", &target).send().expect(204);
            }
            _ => {
                let list = platform.server.as_admin("GET", "/api/gateway/v1/users/?username=password").send();
                let id = list.expect(200).json()["results"][0]["id"].clone();
                let request = platform.server.as_admin("PATCH", &format!("/api/gateway/v1/users/{id}/"));
                request.json(&json!({"password": "another one 1234"})).send().expect(200);
            }
        }
        assert!(!is_alive(&platform, &token), "{way}");
        platform.log_in("developer", &fields(way, PASSWORD)).expect(400);
    }
    // The name, given again, inherits nothing (case 42).
    platform.make_user("removed", &["Default"]);
    assert!(is_alive(&platform, &platform.token("developer", "removed", PASSWORD)));
}

#[test]
fn case_043_a_live_cloud_token_sees_rights_come_and_go() {
    let platform = Platform::new();
    platform.make_user("rose", &["Default"]);
    let rose = platform.token("developer", "rose", PASSWORD);
    for (operators, wanted) in [("administrators", 403), ("user:rose", 200), ("administrators", 403)] {
        platform.set("apprenda.platform_operators", operators);
        assert_eq!(platform.get(&rose, CLOUDS).status, wanted, "{operators}");
    }
    assert!(is_alive(&platform, &rose));
    let list = platform.server.as_admin("GET", "/api/gateway/v1/organizations/?name=Default").send();
    let id = list.expect(200).json()["results"][0]["id"].clone();
    let users = platform.server.as_admin("GET", "/api/gateway/v1/users/?username=rose").send();
    let rose_id = users.expect(200).json()["results"][0]["id"].clone();
    let target = format!("/api/gateway/v1/organizations/{id}/users/disassociate/");
    let answer = platform.server.as_admin("POST", &target).json(&json!({"instances": [rose_id]})).send();
    assert!(answer.status < 300, "{answer:#?}");
    assert_eq!(platform.get(&rose, APPS).status, 403, "who belongs to no tenant has no business there");
}

#[test]
fn case_044_a_cloud_token_is_nothing_at_other_doors_and_the_other_way_round() {
    let platform = Platform::new();
    let server = &platform.server;
    let token = plain(&platform.admin());
    let browser = server.sign_in("admin", ADMIN_PASSWORD);
    let (_, key) = server.make_token("admin", ADMIN_PASSWORD, "write");
    let manager = crate::catalyst::sign_in(server, "admin", ADMIN_PASSWORD);
    for foreign in [&browser.secret, &browser.csrf, &key, &manager.cookie, &manager.xsrf] {
        assert!(!is_alive(&platform, foreign), "{foreign}");
    }
    for name in ["gateway_sessionid", "awx_sessionid", "JSESSIONID"] {
        let cookie = format!("{name}={token}");
        assert_eq!(server.me(|it| it.header("Cookie", &*cookie)), 401, "{name}");
        let request = server.get(crate::catalyst::SERVER).header("Cookie", &*cookie);
        assert_eq!(request.send().status, 401, "{name}");
    }
    assert_eq!(server.me(|it| it.bearer(&token)), 401);
    server.get(crate::catalyst::SERVER).bearer(&token).send().expect(401);
    server.get(crate::catalyst::SERVER).header("ApprendaSessionToken", &*token).send().expect(401);
    // What ends sessions here ends none of another kind.
    for foreign in [&browser.secret, &manager.cookie, &key] {
        platform.log_out("soc", foreign);
    }
    assert_eq!(server.me(|it| browser.on(it)), 200);
    assert_eq!(server.me(|it| it.bearer(&key)), 200);
    manager.without_token(server.get(crate::catalyst::SERVER)).send().expect(200);
}

#[test]
fn case_046_an_operator_ends_cloud_sessions() {
    let platform = Platform::new();
    platform.make_user("rose", &["Default"]);
    let tokens: Vec<_> = (0..2).map(|_| platform.token("developer", "rose", PASSWORD)).collect();
    let admin = platform.admin();
    let listed = platform.server.shell_json(&["session", "list", "--user", "rose"]);
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");
    for token in &tokens {
        assert!(!listed.to_string().contains(&plain(token)), "{listed}");
    }
    platform.server.shell(&["session", "expire", "--user", "rose"]);
    assert!(tokens.iter().all(|it| !is_alive(&platform, it)));
    assert!(is_alive(&platform, &admin));
}
