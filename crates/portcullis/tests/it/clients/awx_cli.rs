//! The awx command as a person types it: judged by what it prints and how it ends.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{PASSWORD, USERNAME, base, program, python_with, server};
use crate::support::{ADMIN_PASSWORD, Server};

/// The command, and what it knows of a gateway.
struct Awx {
    python: PathBuf,
    host: String,
    username: String,
    password: String,
    token: Option<String>,
}

/// What it said.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    /// What it printed, if it ended well.
    #[track_caller]
    fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Whether it ended well, whatever it printed.
    #[track_caller]
    fn ok(&self) {
        assert_eq!(self.code, Some(0), "{self:?}");
    }
}

impl Awx {
    fn new(test: &str, server: &Server) -> Option<Self> {
        let python = python_with(test, "awxkit.cli", "awxkit")?;
        Some(Self {
            python,
            host: base(server),
            username: "admin".to_owned(),
            password: ADMIN_PASSWORD.to_owned(),
            token: None,
        })
    }

    /// The same for a gateway without TLS.
    fn plain(mut self, server: &Server) -> Self {
        self.host = format!("http://{}", server.http);
        self
    }

    fn called(mut self, username: &str, password: &str) -> Self {
        (self.username, self.password) = (username.to_owned(), password.to_owned());
        self
    }

    fn say(&self, arguments: &[&str]) -> Said {
        let mut command = program(&self.python);
        command.args(["-B", "-W", "ignore", "-c", "from awxkit.cli import run; run()"]).args(arguments);
        command.env("CONTROLLER_HOST", &self.host).env("CONTROLLER_VERIFY_SSL", "false");
        command.env("CONTROLLER_COLOR", "false");
        command.env("CONTROLLER_USERNAME", &self.username).env("CONTROLLER_PASSWORD", &self.password);
        if let Some(token) = &self.token {
            command.env("CONTROLLER_OAUTH_TOKEN", token);
        }
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        self.say(arguments).json()
    }

    /// The command with a token that it got for itself, so that it need not sign in each time.
    fn with_token(mut self) -> Self {
        self.token = Some(self.json(&["login"])["token"].as_str().unwrap().to_owned());
        self
    }
}

fn names(list: &Value, field: &str) -> Vec<String> {
    let results = list["results"].as_array().unwrap_or_else(|| panic!("{list}"));
    results.iter().map(|it| it[field].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn login_gives_a_token_that_works() {
    let server = server();
    let test = "login_gives_a_token_that_works";
    let Some(awx) = Awx::new(test, &server) else { return };
    for awx in [awx, Awx::new(test, &server).unwrap().plain(&server)] {
        let awx = awx.called(USERNAME, PASSWORD);
        let token = awx.json(&["login"])["token"].as_str().unwrap().to_owned();
        let me = awx.json(&["--conf.token", &token, "me"]);
        assert_eq!(names(&me, "username"), [USERNAME]);
        let human = awx.say(&["login", "-f", "human", "--conf.scope", "read", "--description", "by hand"]);
        assert!(human.out.trim().starts_with("export CONTROLLER_OAUTH_TOKEN="), "{human:?}");
        let reads = human.out.trim().split('=').nth(1).unwrap();
        let refused = awx.say(&["--conf.token", reads, "tokens", "create", "--scope", "write"]);
        assert_ne!(refused.code, Some(0), "{refused:?}");
        let tokens = awx.json(&["--conf.token", &token, "tokens", "list"]);
        assert!(names(&tokens, "description").contains(&"by hand".to_owned()), "{tokens}");
    }
}

#[test]
fn a_session_serves_without_a_token() {
    let server = server();
    let test = "a_session_serves_without_a_token";
    let Some(awx) = Awx::new(test, &server) else { return };
    for awx in [awx, Awx::new(test, &server).unwrap().plain(&server)] {
        let me = awx.json(&["me"]);
        assert_eq!(names(&me, "username"), ["admin"]);
        let name = if awx.host.starts_with("https") { "Encrypted" } else { "Plain" };
        let made = awx.json(&["organizations", "create", "--name", name]);
        assert_eq!(made["name"], name, "a session may write: {made}");
    }
}

#[test]
fn a_wrong_password_is_told() {
    let server = server();
    let Some(awx) = Awx::new("a_wrong_password_is_told", &server) else { return };
    let awx = awx.called("admin", "wrong");
    let login = awx.say(&["login"]);
    assert!(login.err.contains("Unauthorized") || login.out.contains("Unauthorized"), "{login:?}");
    assert!(!login.out.contains("\"token\""), "{login:?}");
    let me = awx.say(&["me"]);
    assert_eq!(me.code, Some(1), "{me:?}");
    assert!(me.err.contains("Valid credentials were not provided."), "{me:?}");
    let token = awx.say(&["--conf.token", "nonsense", "me"]);
    assert_eq!(token.code, Some(1), "{token:?}");
    // What is public is public, also for somebody whom nobody knows.
    let ping = awx.json(&["ping"]);
    assert!(ping["version"].is_string() && ping["active_node"].is_string(), "{ping}");
}

#[test]
fn config_asks_nobody() {
    let server = server();
    let Some(mut awx) = Awx::new("config_asks_nobody", &server) else { return };
    awx.host = "https://127.0.0.1:1".to_owned();
    let config = awx.json(&["config"]);
    assert_eq!(config["base_url"], "https://127.0.0.1:1");
    assert_eq!(awx.say(&["ping"]).code, Some(1), "there is no gateway there");
}

#[test]
fn login_goes_through_an_application() {
    let server = server();
    let Some(awx) = Awx::new("login_goes_through_an_application", &server) else { return };
    let awx = awx.with_token();
    let create = |name: &str, client_type: &str| {
        let fixed = ["applications", "create", "--organization", "Operations"];
        let grant = ["--authorization_grant_type", "password", "--name", name, "--client_type", client_type];
        awx.json(&[&fixed[..], &grant].concat())
    };
    let (secretive, open) = (create("kit", "confidential"), create("kit open", "public"));
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let (id, secret) = (text(&secretive["client_id"]), text(&secretive["client_secret"]));
    assert!(secret.len() >= 40, "shown once: {secretive}");
    let listed = awx.json(&["applications", "list"]);
    assert_eq!(listed["count"], 2, "{listed}");
    assert!(!listed.to_string().contains(&secret), "shown once only");

    let user = Awx { token: None, ..awx }.called(USERNAME, PASSWORD);
    let tokens = [
        user.json(&["login", "--conf.client_id", &id, "--conf.client_secret", &secret]),
        user.json(&["login", "--conf.client_id", &text(&open["client_id"])]),
    ];
    for token in tokens {
        let me = user.json(&["--conf.token", token["token"].as_str().unwrap(), "me"]);
        assert_eq!(names(&me, "username"), [USERNAME]);
    }
    let wrong = user.say(&["login", "--conf.client_id", &id, "--conf.client_secret", "wrong"]);
    assert!(!wrong.out.contains("\"token\""), "{wrong:?}");
}

#[test]
fn users_are_managed() {
    let server = server();
    let Some(awx) = Awx::new("users_are_managed", &server) else { return };
    let awx = awx.with_token();
    let kit = ["--first_name", "K", "--email", "k@example.com", "--is_superuser", "false"];
    let made =
        awx.json(&[&["users", "create", "--username", "kit1", "--password", PASSWORD], &kit[..]].concat());
    assert_eq!((&made["username"], &made["is_superuser"]), (&json!("kit1"), &json!(false)));
    let list = awx.json(&["users", "list", "--username", "kit1"]);
    assert_eq!((&list["count"], names(&list, "email")), (&json!(1), vec!["k@example.com".to_owned()]));
    assert_eq!(awx.json(&["users", "list", "--all"])["count"], 3);
    assert_eq!(awx.json(&["users", "get", "kit1"])["id"], made["id"]);
    let changed = awx.json(&["users", "modify", "kit1", "--last_name", "Q"]);
    assert_eq!(changed["last_name"], "Q");

    awx.say(&["users", "grant", "kit1", "--role", "member", "--organization", "Operations"]).ok();
    let member = Awx { token: None, ..Awx::new("", &server).unwrap() }.called("kit1", PASSWORD);
    let seen = member.json(&["organizations", "list"]);
    assert_eq!(names(&seen, "name"), ["Operations"], "a member sees its organization");
    awx.say(&["users", "revoke", "kit1", "--role", "member", "--organization", "Operations"]).ok();
    assert_eq!(member.json(&["organizations", "list"])["count"], 0);
    let refused = member.say(&["users", "create", "--username", "kit2", "--password", PASSWORD]);
    assert_ne!(refused.code, Some(0), "{refused:?}");

    awx.say(&["users", "delete", "kit1"]).ok();
    assert_eq!(awx.json(&["users", "list", "--username", "kit1"])["count"], 0);
    let gone = awx.say(&["users", "get", "kit1"]);
    assert_ne!(gone.code, Some(0), "{gone:?}");
}

#[test]
fn tokens_are_managed() {
    let server = server();
    let Some(awx) = Awx::new("tokens_are_managed", &server) else { return };
    let awx = awx.with_token();
    let made = awx.json(&["tokens", "create", "--description", "hi", "--scope", "read"]);
    let id = made["id"].to_string();
    assert!(made["token"].as_str().is_some_and(|it| it.len() >= 30), "{made}");
    let list = awx.json(&["tokens", "list", "--all"]);
    assert_eq!(list["count"], 2, "{list}");
    assert!(!list.to_string().contains(made["token"].as_str().unwrap()), "shown once only");
    assert_eq!(awx.json(&["tokens", "modify", &id, "--description", "zz"])["description"], "zz");
    awx.say(&["tokens", "delete", &id]).ok();
    let dead = awx.say(&["--conf.token", made["token"].as_str().unwrap(), "me"]);
    assert_eq!(dead.code, Some(1), "{dead:?}");
}

#[test]
fn organizations_and_teams_are_managed() {
    let server = server();
    let Some(awx) = Awx::new("organizations_and_teams_are_managed", &server) else { return };
    let awx = awx.with_token();
    let made = awx.json(&["organizations", "create", "--name", "Research", "--description", "d"]);
    assert_eq!((&made["name"], &made["description"]), (&json!("Research"), &json!("d")));
    let changed = awx.json(&["organizations", "modify", "Research", "--description", "e"]);
    assert_eq!(changed["description"], "e");
    let team = awx.json(&["teams", "create", "--name", "Night shift", "--organization", "Research"]);
    assert_eq!(team["organization"], made["id"]);
    awx.say(&["users", "grant", USERNAME, "--role", "member", "--team", "Night shift"]).ok();
    let member = Awx::new("", &server).unwrap().called(USERNAME, PASSWORD);
    assert_eq!(names(&member.json(&["teams", "list"]), "name"), ["Night shift"]);
    let twice = awx.say(&["teams", "create", "--name", "Night shift", "--organization", "Research"]);
    assert_eq!(twice.code, Some(1), "{twice:?}");
    assert!(twice.out.contains("already exists"), "{twice:?}");
    awx.say(&["teams", "delete", "Night shift"]).ok();
    awx.say(&["organizations", "delete", "Research"]).ok();
    assert!(!names(&awx.json(&["organizations", "list"]), "name").contains(&"Research".to_owned()));
}

#[test]
fn settings_and_the_activity_stream_are_read() {
    let server = server();
    let Some(awx) = Awx::new("settings_and_the_activity_stream_are_read", &server) else { return };
    let awx = awx.with_token();
    let settings = awx.json(&["settings", "list", "--slug", "authentication"]);
    assert_eq!(settings["SESSION_COOKIE_AGE"], 1800, "{settings}");
    let changed = awx.json(&["settings", "modify", "SESSION_COOKIE_AGE", "900"]);
    assert_eq!(changed, json!({"key": "SESSION_COOKIE_AGE", "value": 900}));
    assert_eq!(awx.json(&["settings", "list", "--slug", "authentication"])["SESSION_COOKIE_AGE"], 900);
    let stream = awx.json(&["activity_stream", "list"]);
    assert!(stream["count"].as_u64().is_some_and(|it| it > 0), "{stream}");
}
