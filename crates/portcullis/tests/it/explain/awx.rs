//! AWX's door.

use serde_json::json;

use super::{GUESS, NAME, PASSWORD, expect_rule, expect_rules, fact};
use crate::security::clock::Clock;
use crate::support::{ADMIN_PASSWORD, Options, Request, Response, Server};

const AWX_ME: &str = "/api/v2/me/";

fn awx_login(server: &Server, username: &str, password: &str) -> Response {
    let csrf = server.get("/api/login/").send().expect(200).cookie("csrftoken").unwrap().to_owned();
    let form = server.post("/api/login/").header("Cookie", format!("csrftoken={csrf}"));
    form.header("X-CSRFToken", csrf).form(&[("username", username), ("password", password)]).send()
}

/// What a browser holds.
struct Browser {
    secret: String,
    csrf: String,
}

#[track_caller]
fn awx_sign_in(server: &Server, username: &str, password: &str) -> Browser {
    let answer = awx_login(server, username, password).expect(302);
    let value = |name: &str| answer.cookie(name).unwrap().to_owned();
    Browser { secret: value("awx_sessionid"), csrf: value("csrftoken") }
}

impl Browser {
    fn without_token(&self, request: Request) -> Request {
        request.header("Cookie", format!("csrftoken={}; awx_sessionid={}", self.csrf, self.secret))
    }

    fn on(&self, request: Request) -> Request {
        self.without_token(request).header("X-CSRFToken", &*self.csrf)
    }
}

#[test]
fn what_fails_at_awxs_door_is_explained_in_its_words() {
    let server = Server::demo();
    for (page, rule) in [
        (awx_login(&server, "admin", GUESS), "password.wrong"),
        (awx_login(&server, NAME, GUESS), "password.no-such-user"),
        (awx_login(&server, "", GUESS), "password.empty"),
    ] {
        assert_eq!(expect_rule(&server, &page.expect(401), rule)["dialect"], "awx");
    }
    let form = server.post("/api/login/").form(&[("username", "admin"), ("password", GUESS)]);
    let browser = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    let make = server.post("/api/v2/organizations/").json(&json!({"name": "x"}));
    let told = expect_rule(&server, &browser.without_token(make).send().expect(403), "csrf.header-missing");
    assert!(told["advice"].as_str().unwrap().contains("csrftoken"), "{told}");
    expect_rules(
        &server,
        &[
            (form, 403, "csrf.cookie-missing"),
            (server.get(AWX_ME), 401, "proof.missing"),
            (server.get(AWX_ME).basic("admin", GUESS), 401, "password.wrong"),
            (server.get("/api/v2/users/?password=x").basic("admin", ADMIN_PASSWORD), 403, "right.missing"),
            (server.as_admin("DELETE", "/api/v2/users/1/"), 403, "right.missing"),
        ],
    );
    // AWX's own header has the id without hyphens.
    let answer = server.get(AWX_ME).send().expect(401);
    let plain = answer.header("x-api-request-id").unwrap();
    assert_eq!(server.shell_json(&["explain", plain])["rule"], "proof.missing");
}

#[test]
fn a_session_that_rested_tells_when_it_was_used_last() {
    let Some((server, clock)) = Clock::start("explain_rest", Options::default()) else { return };
    server.shell(&["setting", "set", "awx.SESSION_COOKIE_AGE", "60"]);
    server.make_user("plain", PASSWORD);
    let browser = awx_sign_in(&server, "plain", PASSWORD);
    clock.set(30);
    browser.on(server.get(AWX_ME)).send().expect(200);
    clock.set(200);
    let told = expect_rule(&server, &browser.on(server.get(AWX_ME)).send().expect(401), "session.inactive");
    assert_eq!(fact(&told, "inactivity_timeout"), "60 s");
    assert!(fact(&told, "last_used_at") < fact(&told, "ended_at"), "{told}");
    assert!(!told.to_string().contains(&browser.secret));
    // One that somebody signs in anew with is replaced.
    let held = awx_sign_in(&server, "plain", PASSWORD);
    let anew =
        held.on(server.post("/api/login/")).form(&[("username", "plain"), ("password", PASSWORD)]).send();
    anew.expect(302);
    expect_rule(&server, &held.on(server.get(AWX_ME)).send().expect(401), "session.replaced");
}
