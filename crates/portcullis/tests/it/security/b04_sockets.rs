//! Sockets: one that was opened with a proof ends with that proof.

use std::io::{BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use serde_json::json;

use super::shared::Shared;
use crate::support::http::connect;
use crate::support::upstream::Answer;
use crate::support::{Options, Request, Response, Server, Upstream};

const PASSWORD: &str = "a wall of old stones 5";

static SHARED: Shared = Shared::new();

/// A service that opens every socket it is asked for, and says hello.
fn greeter() -> Upstream {
    Upstream::scripted(|request| {
        if request.header("upgrade").is_none() {
            return Answer::status(200, "upstream");
        }
        let lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
        // The second cookie is ours to set, nobody else's.
        let cookies = ["Set-Cookie: own=1", "Set-Cookie: gateway_sessionid=stolen"];
        Answer::raw([&lines[..], &cookies[..], &["", "hello"][..]].concat().join("\r\n"))
    })
}

fn service(upstream: &Upstream, name: &str, allow: &str) -> String {
    let upstream = upstream.url();
    format!(
        "[[service]]\nname = \"{name}\"\npath = \"/{name}/\"\nupstream = [\"{upstream}\"]\nallow = [{allow}]\n"
    )
}

fn gateway() -> Arc<Server> {
    SHARED.get(|| {
        let upstream = greeter();
        let services = [("plain", "\"everybody\""), ("few", "\"administrators\"")];
        let config = services.map(|(name, allow)| service(&upstream, name, allow)).concat();
        Server::start(Options { config, ..Options::default() })
    })
}

/// An open socket.
struct Socket(BufReader<TcpStream>);

impl Socket {
    /// Opens one, reads what the service says first, and checks that it is open.
    fn open(server: &Server, path: &str, proof: impl FnOnce(Request) -> Request) -> Self {
        let request = proof(server.get(path))
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("Sec-WebSocket-Version", "13");
        let text =
            String::from_utf8(request.bytes()).unwrap().replace("Connection: close", "Connection: Upgrade");
        let mut reader = BufReader::new(connect(server.http).unwrap());
        reader.get_mut().write_all(text.as_bytes()).unwrap();
        let answer = Response::read(&mut reader, "HEAD").unwrap();
        assert_eq!(answer.status, 101, "{:?}", answer.headers);
        assert_eq!(answer.header_all("set-cookie"), ["own=1"]);
        let mut hello = [0; 5];
        reader.read_exact(&mut hello).unwrap();
        assert_eq!(&hello, b"hello");
        Self(reader)
    }

    /// Waits until the gateway closes it; the wait of the connection is the limit.
    #[track_caller]
    fn assert_ends(&mut self) {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("the socket lives on: {error}"),
        }
    }
}

fn change(server: &Server, id: i64, fields: &serde_json::Value) {
    server.as_admin("PATCH", &format!("/api/gateway/v1/users/{id}/")).json(fields).send().expect(200);
}

#[test]
fn case_041_a_socket_ends_with_the_password_that_opened_it() {
    let server = gateway();
    let id = server.make_user("s41-password", PASSWORD);
    let mut by_password = Socket::open(&server, "/plain/x/", |it| it.basic("s41-password", PASSWORD));
    let session = server.sign_in("s41-password", PASSWORD);
    let mut by_session = Socket::open(&server, "/plain/x/", |it| session.on(it));
    change(&server, id, &json!({"password": "a gate of new iron 8"}));
    by_password.assert_ends();
    by_session.assert_ends();
}

#[test]
fn case_041_a_socket_ends_with_its_user() {
    let server = gateway();
    server.make_user("s41-disabled", PASSWORD);
    let (_, token) = server.make_token("s41-disabled", PASSWORD, "read");
    let mut by_password = Socket::open(&server, "/plain/x/", |it| it.basic("s41-disabled", PASSWORD));
    let mut by_token = Socket::open(&server, "/plain/x/", |it| it.bearer(&token));
    server.shell(&["user", "disable", "s41-disabled"]);
    by_password.assert_ends();
    by_token.assert_ends();
}

#[test]
fn case_042_a_socket_ends_with_the_name_that_opened_it() {
    let server = gateway();
    let id = server.make_user("s42", PASSWORD);
    let mut socket = Socket::open(&server, "/plain/x/", |it| it.basic("s42", PASSWORD));
    change(&server, id, &json!({"username": "s42-renamed"}));
    socket.assert_ends();
}

#[test]
fn case_043_a_socket_ends_with_the_right_to_its_service() {
    let server = gateway();
    let fields = json!({"username": "s43", "password": PASSWORD, "is_superuser": true});
    let id = server.make("users", &fields);
    let (_, token) = server.make_token("s43", PASSWORD, "read");
    let mut by_password = Socket::open(&server, "/few/x/", |it| it.basic("s43", PASSWORD));
    let mut by_token = Socket::open(&server, "/few/x/", |it| it.bearer(&token));
    change(&server, id, &json!({"is_superuser": false}));
    by_password.assert_ends();
    by_token.assert_ends();
}

#[test]
fn case_083_a_socket_ends_with_its_token_or_its_scope() {
    let server = gateway();
    server.make_user("s83", PASSWORD);
    let [(revoked, first), (narrowed, second)] = [(); 2].map(|()| server.make_token("s83", PASSWORD, "read"));
    let mut first = Socket::open(&server, "/plain/x/", |it| it.bearer(&first));
    let mut second = Socket::open(&server, "/plain/x/", |it| it.bearer(&second));
    server.as_admin("DELETE", &format!("/api/gateway/v1/tokens/{revoked}/")).send().expect(204);
    let request = server.as_admin("PATCH", &format!("/api/gateway/v1/tokens/{narrowed}/"));
    request.json(&json!({"scope": "openid"})).send().expect(200);
    first.assert_ends();
    second.assert_ends();
}

#[test]
fn case_043_a_socket_ends_with_the_rule_that_let_it_in() {
    let upstream = greeter();
    let mut server = Server::with_config(&service(&upstream, "plain", "\"user:s43-rule\""));
    server.make_user("s43-rule", PASSWORD);
    let (_, token) = server.make_token("s43-rule", PASSWORD, "read");
    let mut by_password = Socket::open(&server, "/plain/x/", |it| it.basic("s43-rule", PASSWORD));
    let mut by_token = Socket::open(&server, "/plain/x/", |it| it.bearer(&token));
    server.configure(&service(&upstream, "plain", "\"administrators\""));
    server.signal("HUP");
    let is_read = (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        server.get("/plain/x/").bearer(&token).send().status == 403
    });
    assert!(is_read, "the new configuration is never read");
    by_password.assert_ends();
    by_token.assert_ends();
}
