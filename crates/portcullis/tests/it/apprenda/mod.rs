//! Apprenda's door: what its clients assert, row by row (`docs/decisions/apprenda-rows.md` says which), and where
//! its tokens go and do not go.
//!
//! Each test of a row is named `row_NN_…` after it. Many rows tell how a client reads an answer: there the test
//! shows that our answer is such that the row holds, or that our own client half reads it so.

use serde_json::{Value, json};

use crate::support::upstream::{Answer, Received};
use crate::support::{ADMIN_PASSWORD, Options, Request, Response, Server, Upstream};

mod r01_login;
mod r05_calls;
mod r16_dotnet;

mod borders;
mod sessions;

/// Where the sessions of all portals are.
pub const SESSIONS: &str = "/authentication/api/v1/sessions";
/// Something that only a service behind has.
pub const CLOUDS: &str = "/soc/api/v1/clouds";
/// The password of everybody but the administrator.
pub const PASSWORD: &str = "wonder land 42 x";
/// What somebody is told who may not enter.
pub const NOT_AUTHORIZED: &str = "You are not authorized to access this application";

/// A gateway with a platform behind it.
pub struct Platform {
    /// The gateway.
    pub server: Server,
    /// What is behind it.
    pub upstream: Upstream,
}

/// The entries of a platform's three portals in a configuration.
pub fn services(upstream: &Upstream) -> String {
    let entry = |name: &str| {
        format!(
            "[[service]]\nname = \"{name}\"\npath = \"/{name}/\"\nupstream = [\"{}\"]\ndialect = \
             \"apprenda\"\nidentity = \"headers\"\n",
            upstream.url()
        )
    };
    ["soc", "developer", "account"].map(entry).concat()
}

/// What a platform behind us answers.
pub fn answer(status: u16, body: &str) -> Answer {
    Answer::raw(format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ))
}

impl Platform {
    /// One that answers with a list of one.
    pub fn new() -> Self {
        Self::with("", |_| answer(200, r#"{"items":[{"name":"Cloud One"}]}"#))
    }

    /// One with more configuration and a scripted platform.
    pub fn with(config: &str, script: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        let upstream = Upstream::scripted(script);
        let config = format!("{config}\n{}", services(&upstream));
        Self { server: Server::start(Options { config, ..Options::default() }), upstream }
    }

    /// Begins an encrypted request.
    pub fn request(&self, method: &str, target: &str) -> Request {
        self.server.encrypted(method, target)
    }

    /// Asks for a session of a portal.
    pub fn log_in(&self, portal: &str, body: &Value) -> Response {
        self.request("POST", &format!("{SESSIONS}/{portal}")).json(body).send_encrypted()
    }

    /// The administrator's token.
    #[track_caller]
    pub fn admin(&self) -> String {
        self.token("soc", "admin", ADMIN_PASSWORD)
    }

    /// A token.
    #[track_caller]
    pub fn token(&self, portal: &str, username: &str, password: &str) -> String {
        token_in(&self.log_in(portal, &fields(username, password)).expect(201))
    }

    /// Asks for something with a token.
    pub fn get(&self, token: &str, target: &str) -> Response {
        self.request("GET", target).header("ApprendaSessionToken", token).send_encrypted()
    }

    /// Ends a session, with this text in the path.
    pub fn log_out(&self, portal: &str, token: &str) -> Response {
        self.request("DELETE", &format!("{SESSIONS}/{portal}/{token}")).send_encrypted()
    }

    /// Whether a token is good.
    pub fn is_alive(&self, token: &str) -> bool {
        let answer = self.get(token, CLOUDS);
        assert!(matches!(answer.status, 200 | 401), "{answer:#?}");
        answer.status == 200
    }

    /// Makes a user of these organizations.
    #[track_caller]
    pub fn make_user(&self, name: &str, organizations: &[&str]) {
        let server = &self.server;
        let user = server.make_user(name, PASSWORD);
        for organization in organizations {
            let list = "/api/gateway/v1/organizations/";
            let found =
                server.as_admin("GET", &format!("{list}?name={organization}")).send().expect(200).json();
            let id = match found["results"][0]["id"].as_i64() {
                Some(id) => id,
                None => server.make("organizations", &json!({ "name": organization })),
            };
            let target = format!("{list}{id}/users/associate/");
            let answer = server.as_admin("POST", &target).json(&json!({"instances": [user]})).send();
            assert!(answer.status < 300, "{answer:#?} {}", answer.text());
        }
    }

    /// Changes a setting from the shell.
    #[track_caller]
    pub fn set(&self, name: &str, value: &str) {
        self.server.shell(&["setting", "set", name, value]);
    }

    /// What the platform was sent.
    pub fn seen(&self) -> Vec<Received> {
        self.upstream.received()
    }
}

/// The members of a login.
pub fn fields(username: &str, password: &str) -> Value {
    json!({"username": username, "password": password})
}

/// The token that a login told.
#[track_caller]
pub fn token_in(answer: &Response) -> String {
    answer.json()["apprendaSessionToken"].as_str().unwrap().to_owned()
}

/// The sentence of a refusal, which is JSON of a known length.
#[track_caller]
pub fn message(answer: &Response) -> String {
    assert!(
        answer.header("content-type").is_some_and(|it| it.starts_with("application/json")),
        "{answer:#?}"
    );
    assert_eq!(answer.header("content-length"), Some(&*answer.body.len().to_string()), "{answer:#?}");
    answer.json()["message"].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}

/// How a token is spelled in its plain form: two numbers and a line, in base64.
pub fn plain(token: &str) -> String {
    token.replace("%3D", "=").replace("%3d", "=")
}
