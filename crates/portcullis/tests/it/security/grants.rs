//! The second door and the two authorization servers, as browsers and applications see them.

use serde_json::{Value, json};

use crate::support::http::encode;
use crate::support::{Request, Response, Server};

/// AWX's login page.
pub const AWX_LOGIN: &str = "/api/login/";
/// Who asks, at AWX's door.
pub const AWX_ME: &str = "/api/v2/me/";
/// Where answers of applications go.
pub const CALLBACK: &str = "https://app.example/callback";
/// What the application knows, and what it shows of it (RFC 7636 appendix B).
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The challenge that belongs to the verifier.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What a browser holds after it signed in at one of the doors.
#[derive(Clone, Debug)]
pub struct Browser {
    /// The name of the session's cookie.
    pub cookie: &'static str,
    /// Its value.
    pub secret: String,
    /// The value of the CSRF cookie.
    pub csrf: String,
}

impl Browser {
    /// Puts both cookies and the CSRF header on a request.
    pub fn on(&self, request: Request) -> Request {
        self.without_token(request).header("X-CSRFToken", &*self.csrf)
    }

    /// Puts only the cookies on a request.
    pub fn without_token(&self, request: Request) -> Request {
        request.header("Cookie", format!("csrftoken={}; {}={}", self.csrf, self.cookie, self.secret))
    }
}

/// Fills in AWX's form and sends it.
pub fn awx_login(server: &Server, username: &str, password: &str) -> Response {
    let csrf = server.get(AWX_LOGIN).send().expect(200).cookie("csrftoken").unwrap().to_owned();
    server
        .post(AWX_LOGIN)
        .header("Cookie", format!("csrftoken={csrf}"))
        .header("X-CSRFToken", csrf)
        .form(&[("username", username), ("password", password)])
        .send()
}

/// Signs in at AWX's door.
#[track_caller]
pub fn awx_sign_in(server: &Server, username: &str, password: &str) -> Browser {
    let answer = awx_login(server, username, password).expect(302);
    Browser {
        cookie: "awx_sessionid",
        secret: answer.cookie("awx_sessionid").unwrap().to_owned(),
        csrf: answer.cookie("csrftoken").unwrap().to_owned(),
    }
}

/// Signs in at the platform's door.
#[track_caller]
pub fn platform_sign_in(server: &Server, username: &str, password: &str) -> Browser {
    let session = server.sign_in(username, password);
    Browser { cookie: "gateway_sessionid", secret: session.secret, csrf: session.csrf }
}

/// An application, as its developer knows it.
#[derive(Clone, Debug)]
pub struct App {
    /// Its number.
    pub id: i64,
    /// Its public name.
    pub client_id: String,
    /// Its secret, if it keeps one.
    pub secret: Option<String>,
}

impl App {
    /// Makes one through the platform's API, in an organization of its own.
    #[track_caller]
    pub fn new(server: &Server, name: &str, client_type: &str, grant_type: &str) -> Self {
        Self::with(server, name, client_type, grant_type, &json!({}))
    }

    /// The same, with further fields.
    #[track_caller]
    pub fn with(server: &Server, name: &str, client_type: &str, grant_type: &str, more: &Value) -> Self {
        let mut fields = json!({
            "name": name, "client_type": client_type, "authorization_grant_type": grant_type,
            "redirect_uris": if grant_type == "password" { "" } else { CALLBACK },
        });
        for (name, value) in more.as_object().unwrap() {
            fields[name] = value.clone();
        }
        if fields["organization"].is_null() {
            fields["organization"] = json!(server.make("organizations", &json!({"name": name})));
        }
        let made = server.as_admin("POST", "/api/gateway/v1/applications/").json(&fields).send();
        Self::of(&made.expect(201).json())
    }

    /// Makes one at the shell, in the first organization, with these arguments.
    #[track_caller]
    pub fn by_shell(server: &Server, name: &str, arguments: &[&str]) -> Self {
        let all = [&["application", "create", name, "--organization", "Default"], arguments].concat();
        Self::of(&server.shell_json(&all))
    }

    fn of(made: &Value) -> Self {
        Self {
            id: made["id"].as_i64().unwrap(),
            client_id: made["client_id"].as_str().unwrap().to_owned(),
            secret: made["client_secret"].as_str().map(str::to_owned),
        }
    }

    /// Shows itself on a request with a form.
    pub fn ask(&self, request: Request, fields: &[(&str, &str)]) -> Request {
        match &self.secret {
            Some(secret) => request.basic(&self.client_id, secret).form(fields),
            None => request.form(&[&[("client_id", &*self.client_id)], fields].concat()),
        }
    }
}

/// One of the two authorization servers.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// Where it answers.
    pub root: &'static str,
    /// The status of an answer that carries a token.
    pub granted: u16,
    /// Where its browsers sign in.
    pub sign_in: fn(&Server, &str, &str) -> Browser,
    /// Who asks, at the API of the same contract.
    pub me: &'static str,
}

/// The platform's.
pub const PLATFORM: Site =
    Site { root: "/o", granted: 201, sign_in: platform_sign_in, me: "/api/gateway/v1/me/" };
/// AWX's.
pub const AWX: Site = Site { root: "/api/o", granted: 200, sign_in: awx_sign_in, me: AWX_ME };
/// Both.
pub const SITES: [Site; 2] = [PLATFORM, AWX];

impl Site {
    /// A path below it.
    pub fn at(&self, path: &str) -> String {
        format!("{}/{path}/", self.root)
    }

    /// An application asks for a token.
    pub fn token(&self, server: &Server, app: &App, fields: &[(&str, &str)]) -> Response {
        app.ask(server.post(&self.at("token")), fields).send()
    }

    /// An application shows a refresh token.
    pub fn refresh(&self, server: &Server, app: &App, token: &str) -> Response {
        self.token(server, app, &[("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    /// An application shows a user's password; what it is given.
    #[track_caller]
    pub fn by_password(&self, server: &Server, app: &App, username: &str, password: &str) -> Pair {
        let fields = [("grant_type", "password"), ("username", username), ("password", password)];
        Pair::of(&self.token(server, app, &fields).expect(self.granted))
    }

    /// An application revokes a token.
    pub fn revoke(&self, server: &Server, app: &App, fields: &[(&str, &str)]) -> Response {
        app.ask(server.post(&self.at("revoke_token")), fields).send()
    }

    /// The target of an authorization request; further parameters replace those of the same name.
    pub fn question(&self, app: &App, more: &[(&str, &str)]) -> String {
        let pairs: Vec<_> = parameters(app, more)
            .into_iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        format!("{}?{}", self.at("authorize"), pairs.join("&"))
    }

    /// A browser brings an authorization request.
    pub fn see(&self, server: &Server, browser: &Browser, app: &App, more: &[(&str, &str)]) -> Response {
        browser.on(server.get(&self.question(app, more))).send()
    }

    /// A user consents.
    pub fn consent(&self, server: &Server, browser: &Browser, app: &App, more: &[(&str, &str)]) -> Response {
        let mut fields = parameters(app, more);
        fields.push(("allow", "Authorize"));
        browser.on(server.post(&self.at("authorize"))).form(&fields).send()
    }

    /// The code that a user's consent gives.
    #[track_caller]
    pub fn code(&self, server: &Server, browser: &Browser, app: &App, more: &[(&str, &str)]) -> String {
        let answer = self.consent(server, browser, app, more).expect(302);
        parameter(answer.header("location").unwrap(), "code").expect("a code")
    }

    /// An application shows a code; further fields replace those of the same name.
    pub fn exchange(&self, server: &Server, app: &App, code: &str, more: &[(&str, &str)]) -> Response {
        let mut fields = vec![("grant_type", "authorization_code"), ("code", code)];
        fields.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
        fields.extend(more);
        self.token(server, app, &fields)
    }

    /// The status of who asks with this token.
    pub fn known(&self, server: &Server, token: &str) -> u16 {
        server.get(self.me).bearer(token).send().status
    }
}

fn parameters<'a>(app: &'a App, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut pairs =
        vec![("response_type", "code"), ("client_id", &*app.client_id), ("redirect_uri", CALLBACK)];
    pairs.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    pairs.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    pairs
}

/// What an application is given.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
}

impl Pair {
    /// Reads an answer.
    #[track_caller]
    pub fn of(answer: &Response) -> Self {
        let body = answer.json();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token") }
    }
}

/// The value of a parameter of an address.
pub fn parameter(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(value.to_owned())
}

/// What an answer calls its error.
pub fn error(answer: &Response) -> String {
    answer.json()["error"].as_str().unwrap_or_default().to_owned()
}

/// What the audit log says about a kind of event; it is written beside the answers.
pub fn told(server: &Server, kind: &str) -> Vec<Value> {
    let read = || {
        let log = std::fs::read_to_string(server.data_dir().join("audit.jsonl")).unwrap_or_default();
        let events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        events.filter(|it| it["event"] == kind).collect::<Vec<_>>()
    };
    for _ in 0..100 {
        let events = read();
        if !events.is_empty() {
            return events;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    read()
}
