//! Rows 41 to 47: the login page, and how many sessions somebody has.

use std::io::{BufReader, Write as _};

use serde_json::json;

use super::{PASSWORD, World};
use crate::support::http::connect;
use crate::support::upstream::Answer;
use crate::support::{ADMIN_PASSWORD, Request, Response, Server, Upstream};

const LOGIN: &str = "/api/login/";

/// Sends the form with these fields.
fn form(server: &Server, fields: &[(&str, &str)]) -> Response {
    let page = server.get(LOGIN).send().expect(200);
    let csrf = page.cookie("csrftoken").unwrap();
    let request = server.post(LOGIN).header("Cookie", format!("csrftoken={csrf}"));
    request.header("X-CSRFToken", csrf).form(fields).send()
}

/// The cookies of a new session.
#[track_caller]
fn signed_in(server: &Server, name: &str) -> String {
    let password = if name == "admin" { ADMIN_PASSWORD } else { PASSWORD };
    let answer = form(server, &[("username", name), ("password", password), ("next", "/api/")]).expect(302);
    format!("awx_sessionid={}", answer.cookie("awx_sessionid").unwrap())
}

fn with(request: Request, cookies: &str) -> Request {
    request.header("Cookie", cookies)
}

/// The status of `me/` in each of these sessions.
fn statuses(server: &Server, sessions: &[String]) -> Vec<u16> {
    sessions.iter().map(|it| with(server.get("/api/v2/me/"), it).send().status).collect()
}

#[test]
fn row_041_the_login_page_is_html() {
    let server = Server::with_config("");
    for accept in ["*/*", "text/html"] {
        let page = server.get(LOGIN).header("Accept", accept).send().expect(200);
        assert!(page.header("content-type").unwrap().starts_with("text/html"), "{accept}");
        assert!(page.text().contains("csrfmiddlewaretoken"), "{accept}");
    }
}

#[test]
fn row_042_the_login_page_is_nothing_else() {
    let server = Server::with_config("");
    server.get(LOGIN).header("Accept", "application/json").send().expect(406);
}

#[test]
fn row_043_sessions_are_not_counted_by_default() {
    let server = Server::with_config("");
    let sessions: Vec<_> = (0..5).map(|_| signed_in(&server, "admin")).collect();
    assert_eq!(statuses(&server, &sessions), [200; 5]);
}

#[test]
fn row_044_only_the_newest_sessions_live() {
    let world = World::new();
    world.set(&json!({"SESSIONS_PER_USER": 3}));
    let sessions: Vec<_> = (0..5).map(|_| signed_in(&world.server, "admin")).collect();
    assert_eq!(statuses(&world.server, &sessions), [401, 401, 200, 200, 200]);
}

#[test]
fn row_045_everybody_is_counted_apart() {
    let world = World::new();
    world.set(&json!({"SESSIONS_PER_USER": 3}));
    let mut sessions: Vec<_> = (0..3).map(|_| signed_in(&world.server, "admin")).collect();
    sessions.push(signed_in(&world.server, "alice"));
    assert_eq!(statuses(&world.server, &sessions), [200; 4]);
}

#[test]
fn row_046_a_form_without_a_name_signs_nobody_in() {
    let server = Server::with_config("");
    let answer = form(&server, &[("user", "admin"), ("password", ADMIN_PASSWORD)]).expect(401);
    assert!(answer.cookie("awx_sessionid").is_none());
}

#[test]
fn row_047_a_session_opens_a_socket_of_the_service_behind() {
    let upstream = Upstream::scripted(|request| match request.header("upgrade") {
        Some(_) => Answer::raw(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        ),
        None => Answer::status(200, "upstream"),
    });
    let service = format!(
        "[[service]]\nname = \"awx\"\npath = \"/websocket/\"\nupstream = [\"{}\"]\ndialect = \"awx\"\n",
        upstream.url()
    );
    let server = Server::with_config(&service);
    let session = signed_in(&server, "admin");
    for (cookies, status) in [(&*session, 101), ("awx_sessionid=nonsense", 401)] {
        let request = with(server.get("/websocket/"), cookies)
            .header("Origin", format!("http://{}", server.http))
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("Sec-WebSocket-Version", "13");
        let bytes =
            String::from_utf8(request.bytes()).unwrap().replace("Connection: close", "Connection: Upgrade");
        let mut reader = BufReader::new(connect(server.http).unwrap());
        reader.get_mut().write_all(bytes.as_bytes()).unwrap();
        assert_eq!(Response::read(&mut reader, "HEAD").unwrap().status, status, "{cookies}");
    }
}
