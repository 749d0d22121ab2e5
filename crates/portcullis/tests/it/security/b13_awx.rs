//! Odd addresses at AWX's door: names of objects in every spelling, prefixes, endpoints that stand in for a
//! service.

use std::sync::Arc;

use serde_json::json;

use super::grants::{AWX_ME, App, PLATFORM, awx_login, awx_sign_in, platform_sign_in};
use super::shared::Shared;
use crate::support::upstream::Answer;
use crate::support::{ADMIN_PASSWORD, Options, Server, Upstream};

const PASSWORD: &str = "a wall of old stones 5";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(|| Server::start(Options::default()))
}

/// Spellings of names that mean something else to somebody on the way.
fn odd(name: &str) -> Vec<String> {
    [
        "++",
        "+++",
        "++++",
        "[+]",
        "[+][+]",
        "%2B%2B",
        "%5B+%5D",
        "..",
        ".",
        "%2e%2e",
        "%2E",
        "%2F",
        "%2f..%2f",
        "..%2F..%2Fme",
        "%5c",
        "%00",
        "%0d%0aSet-Cookie:%20x=y",
        "%c0%ae",
        "%ff",
        "%u002e",
        "%",
        "%zz",
        "%25",
        "%252e%252e",
        ";",
        ";x=1",
        "*",
        "'",
        "%27%20OR%201=1--",
        "%22",
        "<script>",
        "0",
        "-1",
        "1.0",
        "0x1",
        "1e3",
        "%31",
        "٣",
        "9223372036854775808",
        "99999999999999999999999999",
        "null",
        "true",
        "id",
        "_system",
    ]
    .into_iter()
    .flat_map(|odd| {
        [odd.to_owned(), format!("{name}{odd}"), format!("{odd}{name}"), format!("{name}++{odd}")]
    })
    .chain(["a".repeat(4000), "++".repeat(1000), "[+]".repeat(1000), "%2F".repeat(1000)])
    .collect()
}

#[test]
fn case_111_an_odd_name_in_an_address_is_nobody_s() {
    let server = gateway();
    let browser = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    let numbers = ["users", "organizations", "teams", "applications"];
    for collection in numbers {
        for name in odd("admin") {
            for tail in ["/", "/tokens/", ""] {
                let path = format!("/api/v2/{collection}/{name}{tail}");
                let Ok(answer) = browser.on(server.get(&path)).try_send() else { continue };
                assert!(answer.status < 500, "{path}: {}", answer.status);
                assert!(answer.header_all("set-cookie").iter().all(|it| !it.starts_with("x=y")), "{path}");
                if answer.status == 301 {
                    let location = answer.header("location").unwrap();
                    assert!(location.starts_with("/api/v2/"), "{path}: {location}");
                }
                let stranger = server.get(&path).send();
                assert!(stranger.status >= 300, "{path}: {}", stranger.status);
                // Only an exact number or name is somebody.
                let is_admin = answer.status == 200 && collection == "users" && tail != "/tokens/";
                let found = if is_admin { answer.json()["username"].clone() } else { json!(null) };
                let may_be = ["admin", "admin/", "%31", "_system"].iter().any(|it| name == *it);
                assert!(found.is_null() || may_be || !answer.json()["id"].is_i64(), "{path}: {found}");
            }
        }
    }
}

#[test]
fn case_111_a_name_with_signs_is_found_by_its_own_spelling_only() {
    let server = gateway();
    let named = ["a+b", "a/b", "a++b", "a%2Fb", "[+]", "..", "x?y#z", "q&a=1", "42", "über"];
    for name in named {
        let id = server.make("organizations", &json!({"name": name}));
        let shown = server.as_admin("GET", &format!("/api/v2/organizations/{id}/")).send().expect(200).json();
        // A slash is a separator, also an encoded one, dots alone are a path and digits alone a number, whatever
        // they are to their owner: no address leads to these, and so none is told.
        let Some(address) = shown["related"]["named_url"].as_str() else {
            assert!(["a/b", "a%2Fb", "[+]", "..", "x?y#z", "42"].contains(&name), "{name}");
            continue;
        };
        let answer = server.as_admin("GET", address).send().expect(200);
        assert_eq!(answer.json()["id"], id, "{name} {address}");
    }
    for (spelling, name) in [("a+b", "a+b"), ("a[+]b", "a+b"), ("a%2Bb", "a+b"), ("a++b", ""), ("a%20b", "")]
    {
        let answer = server.as_admin("GET", &format!("/api/v2/organizations/{spelling}/")).send();
        let found = if answer.status == 200 { answer.json()["name"].clone() } else { json!("") };
        assert!(found == name || found == "", "{spelling}: {found}");
    }
}

#[test]
fn case_018_a_name_tells_a_stranger_nothing() {
    let server = gateway();
    server.make_user("c18-hidden", PASSWORD);
    server.make_user("c18-asker", PASSWORD);
    let organization = server.make("organizations", &json!({"name": "c18"}));
    App::with(&server, "c18", "confidential", "password", &json!({"organization": organization}));
    for (there, absent) in [
        ("users/c18-hidden", "users/c18-absent"),
        ("users/c18-hidden/tokens", "users/c18-absent/tokens"),
        ("users/c18-hidden/personal_tokens", "users/c18-absent/personal_tokens"),
        ("organizations/c18", "organizations/c18-absent"),
        ("applications/c18++c18", "applications/c18++c18-absent"),
    ] {
        for method in ["GET", "POST", "PATCH", "DELETE"] {
            let ask = |path: &str, is_known: bool| {
                let request = server.request(method, &format!("/api/v2/{path}/")).json(&json!({"name": "x"}));
                let request = if is_known { request.basic("c18-asker", PASSWORD) } else { request };
                let answer = request.send();
                (answer.status, answer.text())
            };
            assert_eq!(ask(there, false), ask(absent, false), "{method} {there}");
            assert_eq!(ask(there, false).0, 401, "{method} {there}");
            let (known, nobody) = (ask(there, true), ask(absent, true));
            assert_eq!(known, nobody, "{method} {there}");
            assert!(known.0 >= 400, "{method} {there}: {known:?}");
        }
    }
}

#[test]
fn case_118_the_prefix_is_guarded_like_what_it_stands_for() {
    let server = Server::with_config("[awx]\nprefix = \"controller\"\n");
    let browser = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    let platform = platform_sign_in(&server, "admin", ADMIN_PASSWORD);
    let (_, reader) = server.make_token("admin", ADMIN_PASSWORD, "read");
    let at = |path: &str| format!("/api/controller/{path}");
    for path in ["v2/me/", "v2/users/", "v2/tokens/", "v2/settings/all/", "v2/config/", "v2/inventories/"] {
        assert_eq!(server.get(&at(path)).send().status, 401, "{path}");
        assert_eq!(platform.on(server.get(&at(path))).send().status, 401, "{path}");
        assert_eq!(browser.on(server.get(&at(path))).send().status, 200, "{path}");
    }
    for path in ["v2/organizations/", "v2/tokens/", "v2/users/admin/personal_tokens/"] {
        let body = json!({"name": "c118", "scope": "write"});
        assert_eq!(browser.without_token(server.post(&at(path))).json(&body).send().status, 403, "{path}");
        assert_eq!(server.post(&at(path)).bearer(&reader).json(&body).send().status, 403, "{path}");
    }
    let form = [("username", "admin"), ("password", ADMIN_PASSWORD)];
    let login = server.post(&at("login/")).form(&form).send();
    assert_eq!((login.status, login.set_cookie("awx_sessionid")), (403, None));
    assert_eq!(browser.without_token(server.post(&at("logout/"))).form(&[]).send().status, 403);
    let app = App::new(&server, "c118", "confidential", "authorization-code");
    let question =
        format!("/api/controller{}", super::grants::AWX.question(&app, &[]).strip_prefix("/api").unwrap());
    let away = server.get(&question).send().expect(302);
    assert!(away.header("location").unwrap().starts_with("/api/controller/login/?next=/api/controller/o/"));
    let fields = [("client_id", &*app.client_id), ("response_type", "code"), ("allow", "1")];
    let forged = browser.without_token(server.post(&at("o/authorize/"))).form(&fields).send();
    assert_eq!((forged.status, forged.header("location")), (403, None));
    // Nothing but whole segments, taken off once, and no way to the platform's own paths.
    for path in [
        "/api/controllers/v2/me/",
        "/api/controllerv2/me/",
        "/api/Controller/v2/me/",
        "/api/controller/controller/v2/me/",
        "/api/controller/../../v2/me/",
        "/api/controller/..%2fv2/me/",
        "/api/controller/;/v2/me/",
        "/api/controller/gateway/v1/me/",
        "/api/controller/geteway/v1/me/",
        "/controller/v2/me/",
        "/api/controller/v3/me/",
    ] {
        let answer = server.as_admin("GET", path).send();
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
    }
    for path in ["/api/controller//v2/me/", "/api//controller/v2/me/", "/api/%63ontroller/v2/me/"] {
        assert!(matches!(server.get(path).send().status, 400 | 401 | 404), "{path}");
    }
}

#[test]
fn case_118_without_the_setting_there_is_no_prefix_and_a_service_there_wins() {
    let server = gateway();
    for path in ["v2/me/", "v2/ping/", "login/", "o/", "o/token/", ""] {
        assert_eq!(server.get(&format!("/api/controller/{path}")).send().status, 404, "{path}");
    }
    let upstream = Upstream::start();
    let server = Server::with_config(&format!(
        "[awx]\nprefix = \"controller\"\n[[service]]\nname = \"controller\"\npath = \"/api/controller/\"\n\
         upstream = [\"{}\"]\n",
        upstream.url()
    ));
    for path in ["v2/me/", "v2/tokens/", "login/", "o/token/"] {
        let path = format!("/api/controller/{path}");
        assert_eq!(server.get(&path).send().status, 401, "{path}");
        server.as_admin("GET", &path).send().expect(200);
        assert_eq!(upstream.last().target, path);
        assert_eq!(upstream.last().header("authorization"), None);
    }
}

#[test]
fn case_120_what_is_ours_at_awx_s_door_is_never_forwarded() {
    let upstream = Upstream::scripted(|_| Answer::status(200, "upstream"));
    let service = |name: &str, path: &str, more: &str| {
        format!(
            "[[service]]\nname = \"{name}\"\npath = \"{path}\"\nupstream = [\"{}\"]\n{more}\n",
            upstream.url()
        )
    };
    let config =
        service("root", "/", "public = [\"/**\"]") + &service("awx", "/api/v2/", "dialect = \"awx\"");
    let server = Server::with_config(&config);
    for path in [
        "/api/v2/",
        "/api/v2/me/",
        "/api/v2/me",
        "/api/v2/users/",
        "/api/v2/users",
        "/api/v2/users/1/",
        "/api/v2/users/admin/personal_tokens/",
        "/api/v2/tokens/",
        "/api/v2/applications/1/tokens/",
        "/api/v2/ping/",
        "/api/v2//me/",
        "/api/v2/%6de/",
        "/api/login/",
        "/api/login",
        "/api/logout/",
        "/login/",
        "/api/o/",
        "/api/o/token/",
        "/api/o/nothing/",
        "/o/",
        "/o/token",
        "/o/authorize/",
        "/o/nothing/else/",
        "/.well-known/oauth-authorization-server",
        "/api/gateway/v1/me/",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let answer = server.request(method, path).send();
            assert_ne!(answer.text(), "upstream", "{method} {path}");
        }
    }
    assert_eq!(upstream.received().len(), 0, "{:?}", upstream.received());
    // What stands in for a service gives way to it, and is asked for a proof all the same.
    for path in ["/api/v2/inventories/", "/api/v2/projects/1/", "/api/v2/whatever/"] {
        assert_eq!(server.get(path).send().status, 401, "{path}");
        assert_eq!(server.post(path).send().status, 401, "{path}");
        server.as_admin("GET", path).send().expect(200);
        assert_eq!(upstream.last().target, path);
    }
    // Without one it is still no open door, and keeps nothing.
    let alone = gateway();
    for path in
        ["/api/v2/inventories/", "/api/v2/projects/", "/api/v2/job_templates/", "/api/v2/credentials/"]
    {
        assert_eq!(alone.get(path).send().status, 401, "{path}");
        assert_eq!(alone.as_admin("GET", path).send().expect(200).json()["count"], 0, "{path}");
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let answer = alone.as_admin(method, path).json(&json!({"name": "x"})).send();
            assert!(answer.status >= 400, "{method} {path}: {}", answer.status);
        }
    }
}

#[test]
fn case_016_the_system_s_own_user_signs_in_nowhere() {
    let server = gateway();
    let app = App::new(&server, "c16", "confidential", "password");
    for password in ["", "!", "_system", "$encrypted$", ADMIN_PASSWORD] {
        assert_ne!(awx_login(&server, "_system", password).status, 302);
        assert_eq!(server.get(AWX_ME).basic("_system", password).send().status, 401);
        let fields = [("grant_type", "password"), ("username", "_system"), ("password", password)];
        assert_eq!(PLATFORM.token(&server, &app, &fields).status, 400);
    }
    let list = server.as_admin("GET", "/api/v2/users/?username=_system").send().expect(200).json();
    for row in list["results"].as_array().unwrap() {
        let path = format!("/api/v2/users/{}/", row["id"]);
        assert_ne!(server.as_admin("DELETE", &path).send().status, 204);
    }
    for name in ["_system", " _system", "_SYSTEM"] {
        let fields = json!({"username": name, "password": PASSWORD});
        let made = server.as_admin("POST", "/api/v2/users/").json(&fields).send();
        assert!(made.status == 400 || made.json()["username"] != "_system", "{name}: {}", made.text());
    }
}
