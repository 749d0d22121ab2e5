//! Catalyst Manager's door: what its clients' own tests assert, row by row (`docs/decisions/catalyst-rows.md`
//! says which), and its sessions, its borders and its limits.
//!
//! Each test of a row is named `row_NN_…` after it. Many rows tell how a client reads an answer: there the test
//! shows that our answer is such that the row holds, or that our own client half reads it so.

use serde_json::{Value, json};

use crate::support::upstream::{Answer, Received};
use crate::support::{ADMIN_PASSWORD, Options, Request, Response, Server, Upstream};

mod r01_login;
mod r07_bases;
mod r13_errors;
mod r14_lists;
mod r23_versions;
mod r28_users;
mod r31_go;

mod borders;
mod jwt;
mod paces;
mod roles;
mod sessions;

/// Where clients sign in.
pub const LOGIN: &str = "/j_security_check";
/// Where the XSRF token is.
pub const TOKEN: &str = "/dataservice/client/token";
/// What tells a client of its session.
pub const SERVER: &str = "/dataservice/client/server";
/// Something that only a service behind has.
pub const DEVICES: &str = "/dataservice/device";
/// The password of everybody but the administrator.
pub const PASSWORD: &str = "wonder land 42 x";
/// The answer to a change without the right token.
pub const FILTER: &str = "SessionTokenFilter: Token provided via HTTP Header does not match the token generated \
                          by the server.";

/// A gateway with a Manager behind it.
pub struct Manager {
    /// The gateway.
    pub server: Server,
    /// What is behind it.
    pub upstream: Upstream,
}

/// What a client holds after it signed in.
#[derive(Clone, Debug)]
pub struct Login {
    /// The value of the session's cookie.
    pub cookie: String,
    /// The XSRF token; empty if it was not asked for.
    pub xsrf: String,
}

impl Login {
    /// Puts the cookie and the token on a request.
    pub fn on(&self, request: Request) -> Request {
        self.without_token(request).header("X-XSRF-TOKEN", &*self.xsrf)
    }

    /// Puts only the cookie on a request.
    pub fn without_token(&self, request: Request) -> Request {
        request.header("Cookie", format!("JSESSIONID={}", self.cookie))
    }
}

/// The entry of a Manager in a configuration.
pub fn service(upstream: &Upstream, more: &str) -> String {
    format!(
        "[[service]]\nname = \"manager\"\npath = \"/dataservice/\"\nupstream = [\"{}\"]\ndialect = \
         \"catalyst\"\nidentity = \"headers\"\n{more}\n",
        upstream.url()
    )
}

/// What a Manager behind us answers to everything that it has.
pub fn answer(status: u16, body: &str) -> Answer {
    Answer::raw(format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ))
}

impl Manager {
    /// One whose Manager answers with an empty list.
    pub fn new() -> Self {
        Self::with("", "", |_| answer(200, r#"{"header":{},"data":[]}"#))
    }

    /// One with more configuration, more keys of its service, and a scripted Manager.
    pub fn with(
        config: &str,
        keys: &str,
        script: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let upstream = Upstream::scripted(script);
        let config = format!("{config}\n{}", service(&upstream, keys));
        let server = Server::start(Options { config, ..Options::default() });
        Self { server, upstream }
    }

    /// Signs in and fetches the token.
    #[track_caller]
    pub fn sign_in(&self, username: &str, password: &str) -> Login {
        sign_in(&self.server, username, password)
    }

    /// The administrator's session.
    #[track_caller]
    pub fn admin(&self) -> Login {
        self.sign_in("admin", ADMIN_PASSWORD)
    }

    /// Asks for something with a session.
    pub fn get(&self, login: &Login, target: &str) -> Response {
        login.without_token(self.server.get(target)).send()
    }

    /// Changes something with a session and its token.
    pub fn change(&self, login: &Login, method: &str, target: &str, body: &Value) -> Response {
        login.on(self.server.request(method, target)).json(body).send()
    }

    /// The `data` of an answer.
    #[track_caller]
    pub fn data(&self, login: &Login, target: &str) -> Value {
        let mut answer = self.get(login, target).expect(200).json();
        answer["data"].take()
    }

    /// Makes a user.
    #[track_caller]
    pub fn make_user(&self, login: &Login, name: &str, groups: &[&str]) {
        let user = json!({
            "userName": name, "password": PASSWORD, "group": groups, "description": "", "locale": "en_US",
            "resGroupName": "global",
        });
        self.change(login, "POST", "/dataservice/admin/user", &user).expect(200);
    }

    /// Changes a setting from the shell.
    #[track_caller]
    pub fn set(&self, name: &str, value: &str) {
        self.server.shell(&["setting", "set", name, value]);
    }

    /// What the Manager was sent.
    pub fn seen(&self) -> Vec<Received> {
        self.upstream.received()
    }
}

/// Fills in the form, as it stands.
pub fn send_form(server: &Server, username: &str, password: &str) -> Response {
    server.post(LOGIN).form(&[("j_username", username), ("j_password", password)]).send()
}

/// Whether an answer to the form lets somebody in.
pub fn is_in(answer: &Response) -> bool {
    answer.status == 200 && answer.body.is_empty() && answer.cookie("JSESSIONID").is_some()
}

/// Whether an answer to the form is the one that every client takes for a no.
pub fn is_out(answer: &Response) -> bool {
    answer.status == 200 && answer.body.starts_with(b"<html>") && answer.header("set-cookie").is_none()
}

/// Signs in without asking for the token.
#[track_caller]
pub fn enter(server: &Server, username: &str, password: &str) -> Login {
    let answer = send_form(server, username, password);
    assert!(is_in(&answer), "{answer:#?} {}", answer.text());
    Login { cookie: answer.cookie("JSESSIONID").unwrap().to_owned(), xsrf: String::new() }
}

/// Signs in and fetches the token.
#[track_caller]
pub fn sign_in(server: &Server, username: &str, password: &str) -> Login {
    let mut login = enter(server, username, password);
    login.xsrf = login.without_token(server.get(TOKEN)).send().expect(200).text();
    login
}

/// The error object of an answer, which has its three texts.
#[track_caller]
pub fn error(answer: &Response) -> Value {
    let body = answer.json();
    for key in ["message", "details", "code"] {
        assert!(body["error"][key].is_string(), "{key} is missing: {} {body}", answer.status);
    }
    body["error"].clone()
}

/// Whether an answer says that the session is dead as every client understands it: 401, an error object, a cookie
/// that ends the session at the client, and the time.
#[track_caller]
pub fn assert_dead(answer: &Response) {
    assert_eq!(answer.status, 401, "{answer:#?} {}", answer.text());
    error(answer);
    let cookies = answer.header_all("set-cookie");
    let [cookie] = cookies[..] else { panic!("{cookies:?}") };
    let (pair, attributes) = cookie.split_once(';').unwrap();
    let (name, value) = pair.split_once('=').unwrap();
    assert_eq!(name, "JSESSIONID");
    assert!(!value.is_empty(), "an empty value is not seen by the clients: {cookie}");
    let attributes: Vec<_> = attributes.split(';').map(str::trim).collect();
    assert!(attributes.contains(&"Expires=Thu, 01 Jan 1970 00:00:00 GMT"), "{cookie}");
    assert!(attributes.contains(&"Max-Age=0"), "{cookie}");
    assert!(attributes.contains(&"Path=/"), "{cookie}");
    assert!(answer.header("date").is_some());
}
