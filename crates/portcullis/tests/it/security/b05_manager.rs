//! Forged requests at Catalyst's door: its XSRF token, foreign pages, signing out (cases 49, 50, 52 to 58).

use serde_json::json;

use crate::catalyst::{DEVICES, FILTER, LOGIN, Manager, PASSWORD, SERVER, TOKEN, is_in};
use crate::support::ADMIN_PASSWORD;

const CHANGES: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

#[test]
fn case_055_a_change_at_catalyst_s_door_needs_the_token_of_its_session() {
    let manager = Manager::new();
    let (session, other) = (manager.admin(), manager.admin());
    manager.make_user(&session, "rose", &["basic"]);
    let rose = manager.sign_in("rose", PASSWORD);
    let before = manager.seen().len();
    let lower = session.xsrf.to_lowercase();
    let longer = format!("{}A", session.xsrf);
    let wrong =
        ["", " ", "A", &*other.xsrf, &*rose.xsrf, &*lower, &session.xsrf[..99], &*longer, &*session.cookie];
    for target in [DEVICES, "/dataservice/admin/user/rose", "/dataservice/no/such/thing"] {
        for method in CHANGES {
            let request = || session.without_token(manager.server.request(method, target)).json(&json!({}));
            let refused = request().send().expect(403);
            assert!(refused.text().contains(FILTER), "{method} {target}: {}", refused.text());
            for token in wrong {
                let refused = request().header("X-XSRF-TOKEN", token).send().expect(403);
                assert!(refused.text().contains(FILTER), "{method} {target}: {}", refused.text());
            }
            // Two of them are none; neither is one in another place.
            let two = request().header("X-XSRF-TOKEN", &*session.xsrf).header("X-XSRF-TOKEN", "x");
            assert!(matches!(two.send().status, 400 | 403), "{method} {target}");
            for name in ["X-CSRFToken", "X-CSRF-TOKEN", "XSRF-TOKEN", "X_XSRF_TOKEN", "X-XSRF-TOKEN2"] {
                let answer = request().header(name, &*session.xsrf).send();
                assert!(matches!(answer.status, 400 | 403), "{name}: {}", answer.status);
            }
            let query = session.without_token(
                manager.server.request(method, &format!("{target}?X-XSRF-TOKEN={}", session.xsrf)),
            );
            assert_eq!(query.json(&json!({})).send().status, 403);
        }
    }
    assert_eq!(manager.seen().len(), before, "nothing of that reached the Manager");
    for method in CHANGES {
        for name in ["X-XSRF-TOKEN", "x-xsrf-token"] {
            let request = session.without_token(manager.server.request(method, DEVICES)).json(&json!({}));
            request.header(name, &*session.xsrf).send().expect(200);
        }
    }
    assert!(manager.get(&rose, SERVER).status == 200, "and rose was not changed");
}

#[test]
fn case_050_a_planted_pair_is_worth_nothing_at_catalyst_s_door() {
    let manager = Manager::new();
    let session = manager.admin();
    let pair = "A".repeat(100);
    for name in ["XSRF-TOKEN", "X-XSRF-TOKEN", "CSRFToken", "csrftoken"] {
        let request = manager.server.post(DEVICES).json(&json!({}));
        let request = request.header("Cookie", format!("{name}={pair}; JSESSIONID={}", session.cookie));
        request.header("X-XSRF-TOKEN", &*pair).send().expect(403);
    }
    assert_eq!(manager.seen().len(), 0);
}

#[test]
fn case_052_a_browser_that_says_cross_site_is_believed_at_catalyst_s_door() {
    let manager = Manager::new();
    let session = manager.admin();
    for kind in ["application/json", "text/plain", "application/x-www-form-urlencoded"] {
        let request = session.on(manager.server.post(DEVICES)).body(kind, "{}");
        request.header("Sec-Fetch-Site", "cross-site").send().expect(403);
    }
    assert_eq!(manager.seen().len(), 0);
    for site in ["same-origin", "none"] {
        let request = session.on(manager.server.post(DEVICES)).json(&json!({}));
        request.header("Sec-Fetch-Site", site).send().expect(200);
    }
}

#[test]
fn case_053_reading_changes_nothing_at_catalyst_s_door() {
    let manager = Manager::new();
    let session = manager.admin();
    manager.make_user(&session, "rose", &["basic"]);
    for name in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
        let target = "/dataservice/admin/user/rose";
        for request in [
            session.on(manager.server.get(&format!("{target}?_method=DELETE"))).header(name, "DELETE"),
            session.without_token(manager.server.post(target)).header(name, "GET"),
            session.on(manager.server.post(target)).header(name, "DELETE").form(&[("_method", "DELETE")]),
        ] {
            assert!(request.send().status >= 400, "{name}");
        }
        let users = manager.data(&session, "/dataservice/admin/user").to_string();
        assert!(users.contains("rose"), "{users}");
        session.without_token(manager.server.get(DEVICES)).header(name, "DELETE").send().expect(200);
        assert_eq!(manager.upstream.last().method, "GET");
    }
}

#[test]
fn case_054_a_foreign_page_cannot_sign_a_browser_in_at_catalyst_s_door() {
    let manager = Manager::new();
    let form = [("j_username", "admin"), ("j_password", ADMIN_PASSWORD)];
    let answer = manager.server.post(LOGIN).header("Sec-Fetch-Site", "cross-site").form(&form).send();
    // The contract's login has no token of a page; what a browser says of itself is what is left.
    assert!(!is_in(&answer) && answer.cookie("JSESSIONID").is_none(), "{answer:#?}");
    for site in ["same-origin", "same-site", "none"] {
        let request = manager.server.post(LOGIN).header("Sec-Fetch-Site", site);
        assert!(is_in(&request.form(&form).send()), "{site}");
    }
    // A page can send text, but no form of ours in it, and no JSON with its type.
    for kind in ["text/plain", "multipart/form-data; boundary=x", "application/json", ""] {
        let body = format!("j_username=admin&j_password={}", crate::support::http::encode(ADMIN_PASSWORD));
        let answer = manager.server.post(LOGIN).body(kind, body).send();
        assert!(answer.cookie("JSESSIONID").is_none(), "{kind}");
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let body = json!({"username": "admin", "password": ADMIN_PASSWORD}).to_string();
        let answer = manager.server.post("/jwt/login").body(kind, body).send();
        assert!(answer.status >= 400, "{kind}: {}", answer.status);
    }
}

#[test]
fn case_056_catalyst_s_sign_out_by_get_is_the_contract_s_and_harms_nobody_else() {
    let manager = Manager::new();
    let (session, other) = (manager.admin(), manager.admin());
    // Without the cookie, as a page elsewhere makes a browser ask, nothing ends.
    manager.server.get("/logout").send().expect(302);
    manager.get(&session, SERVER).expect(200);
    // An image of another site signs nobody out where the browser says what it is.
    let image = session.without_token(manager.server.get("/logout"));
    let image = image.header("Sec-Fetch-Site", "cross-site").header("Sec-Fetch-Dest", "image");
    image.send();
    manager.get(&session, SERVER).expect(200);
    session.without_token(manager.server.get("/logout")).send().expect(302);
    manager.get(&session, SERVER).expect(401);
    manager.get(&other, SERVER).expect(200);
}

#[test]
fn case_057_keys_need_no_token_at_catalyst_s_door() {
    let manager = Manager::new();
    let (_, key) = manager.server.make_token("admin", ADMIN_PASSWORD, "write");
    let (_, reader) = manager.server.make_token("admin", ADMIN_PASSWORD, "read");
    for method in CHANGES {
        let request = || manager.server.request(method, DEVICES).json(&json!({}));
        request().bearer(&key).send().expect(200);
        request().bearer(&key).header("X-XSRF-TOKEN", "whatever").send().expect(200);
        // A key that may only read changes nothing (case 78), also beside a session.
        request().bearer(&reader).send().expect(403);
        let session = manager.admin();
        session.on(request()).bearer(&reader).send().expect(403);
    }
    manager.server.get(DEVICES).bearer(&reader).send().expect(200);
    manager.server.get(TOKEN).bearer(&reader).send().expect(200);
}

#[test]
fn case_058_no_foreign_origin_reads_an_answer_of_catalyst_s_door() {
    let manager = Manager::new();
    let session = manager.admin();
    for target in [LOGIN, TOKEN, SERVER, DEVICES, "/welcome.html", "/jwt/login"] {
        for method in ["GET", "OPTIONS"] {
            let request = session.without_token(manager.server.request(method, target));
            let request = request.header("Origin", "https://evil.example");
            let answer = request.header("Access-Control-Request-Method", "POST").send();
            assert_eq!(answer.header("access-control-allow-origin"), None, "{method} {target}");
            assert_eq!(answer.header("access-control-allow-credentials"), None, "{method} {target}");
        }
    }
}

#[test]
fn case_141_a_foreign_page_opens_no_socket_at_catalyst_s_door() {
    let manager = Manager::new();
    let session = manager.admin();
    let open = |name: &str, value: &str| {
        let request = session.without_token(manager.server.get("/dataservice/events"));
        let request = request.header("Upgrade", "websocket").header("Sec-WebSocket-Version", "13");
        let request = request.header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        // The last of two such lines would be the client's own.
        let text = String::from_utf8(request.header(name, value).bytes()).unwrap();
        let text = text.replace("Connection: close", "Connection: Upgrade");
        crate::support::raw::talk(manager.server.http, text.as_bytes()).status()
    };
    assert_eq!(open("Origin", "https://evil.example"), 403);
    assert_eq!(open("Origin", "null"), 403);
    assert_eq!(open("Sec-Fetch-Site", "cross-site"), 403);
    assert_eq!(manager.seen().len(), 0);
    assert_eq!(open("Origin", &format!("http://{}", manager.server.http)), 200, "as the Manager says");
    assert_eq!(manager.seen().len(), 1);
}
