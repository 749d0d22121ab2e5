//! Every refusal of every endpoint of our own can be asked about: its id leads to the rule that refused.

use dialects::drf::endpoint::Endpoint;
use serde_json::json;

use super::{filled, methods, patient};
use crate::support::{ADMIN_PASSWORD, Request, Response, Server};

const PASSWORD: &str = "a lantern on the stairs 4";

/// Somebody who asks, and under which name.
type Caller<'a> = (&'a str, Box<dyn Fn(Request) -> Request + 'a>);

/// What a sweep has seen, and what is wrong with it.
struct Sweep<'a> {
    server: &'a Server,
    /// The administrator's token, by which explanations are asked for.
    token: String,
    refused: usize,
    complaints: Vec<String>,
}

impl<'a> Sweep<'a> {
    fn new(server: &'a Server) -> Self {
        let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "read");
        Self { server, token, refused: 0, complaints: Vec::new() }
    }

    fn look(&mut self, what: &str, answer: &Response) {
        if !matches!(answer.status, 401 | 403 | 429) {
            return;
        }
        self.refused += 1;
        let Some(id) = answer.header("x-request-id") else {
            return self.complaints.push(format!("{what}: {} without an id", answer.status));
        };
        let path = format!("/portcullis/v1/refusals/{id}");
        let told = self.server.get(&path).bearer(&self.token).send();
        if told.status != 200 {
            return self.complaints.push(format!("{what}: {} is not explained", answer.status));
        }
        let told = told.json();
        if told["rule"] == "endpoint.said-so" || told["status"].as_u64() != Some(answer.status.into()) {
            self.complaints.push(format!("{what}: {} {told}", answer.status));
        }
    }

    #[track_caller]
    fn settle(&self, least: usize) {
        assert!(self.refused > least, "only {} refusals", self.refused);
        assert!(self.complaints.is_empty(), "{}", self.complaints.join("\n"));
    }
}

/// Who asks at a door of the Ansible family.
fn callers(server: &Server) -> Vec<Caller<'_>> {
    server.make_user("plain", PASSWORD);
    let (_, token) = server.make_token("plain", PASSWORD, "read");
    let session = server.sign_in("plain", PASSWORD);
    vec![
        ("nothing", Box::new(|it| it)),
        ("wrong password", Box::new(|it: Request| it.basic("plain", "wrong"))),
        ("no base64", Box::new(|it: Request| it.header("Authorization", "Basic %%%"))),
        ("dead session", Box::new(|it: Request| it.header("Cookie", "awx_sessionid=a; gateway_sessionid=b"))),
        ("plain user", Box::new(|it: Request| it.basic("plain", PASSWORD))),
        ("read token", Box::new(move |it: Request| it.bearer(&token))),
        ("session alone", Box::new(move |it: Request| session.without_token(it))),
    ]
}

fn sweep_tables(tables: &[&'static [Endpoint]], least: usize) {
    let server = patient();
    let callers = callers(&server);
    let mut sweep = Sweep::new(&server);
    for endpoint in tables.iter().flat_map(|table| table.iter()) {
        let path = filled(endpoint);
        // Signing out would end the session that others ask with.
        if path.contains("logout") {
            continue;
        }
        for method in methods(endpoint) {
            for (name, caller) in &callers {
                let answer = caller(server.request(method, &path)).json(&json!({})).send();
                sweep.look(&format!("{method} {path}, {name}"), &answer);
            }
        }
    }
    sweep.settle(least);
}

#[test]
fn of_the_platform() {
    sweep_tables(dialects::platform::TABLES, 500);
}

#[test]
fn of_awx() {
    sweep_tables(dialects::awx::TABLES, 1000);
}

#[test]
fn of_the_authorization_servers() {
    let server = patient();
    let callers = callers(&server);
    let mut sweep = Sweep::new(&server);
    for root in ["/o/", "/api/o/"] {
        for (path, body) in super::grants::FORMS {
            for (name, caller) in &callers {
                let request = caller(server.post(&format!("{root}{path}")));
                let answer = request.body("application/x-www-form-urlencoded", body).send();
                sweep.look(&format!("{root}{path} {body}, {name}"), &answer);
            }
        }
    }
    sweep.settle(50);
}

#[test]
fn of_catalyst_manager() {
    let server = patient();
    server.make_user("plain", PASSWORD);
    let (_, token) = server.make_token("plain", PASSWORD, "read");
    let form = [("j_username", "plain"), ("j_password", PASSWORD)];
    let answer = server.post("/j_security_check").form(&form).send().expect(200);
    let session = format!("JSESSIONID={}", answer.cookie("JSESSIONID").unwrap());
    let xsrf = server.get("/dataservice/client/token").header("Cookie", &*session).send().expect(200).text();
    let callers: [Caller<'_>; 5] = [
        ("nothing", Box::new(|it| it)),
        ("dead session", Box::new(|it: Request| it.header("Cookie", "JSESSIONID=nobodys"))),
        ("read token", Box::new(|it: Request| it.bearer(&token))),
        ("session alone", Box::new(|it: Request| it.header("Cookie", &*session))),
        ("plain user", Box::new(|it: Request| it.header("Cookie", &*session).header("X-XSRF-TOKEN", &*xsrf))),
    ];
    let mut sweep = Sweep::new(&server);
    let others = ["/dataservice/client/token", "/dataservice/client/server", "/dataservice/client/about"];
    for path in dialects::catalyst::server::admin::PATHS.iter().chain(&others) {
        let path: String = path
            .split('/')
            .map(|it| if it.starts_with('{') { "x" } else { it })
            .collect::<Vec<_>>()
            .join("/");
        for method in ["GET", "POST", "PUT", "DELETE"] {
            for (name, caller) in &callers {
                let answer = caller(server.request(method, &path)).json(&json!({})).send();
                sweep.look(&format!("{method} {path}, {name}"), &answer);
            }
        }
    }
    sweep.settle(100);
}

#[test]
fn of_apprenda() {
    let server = patient();
    // Of the two statuses that the contract has had for it, the one that says what it is.
    server.shell(&["setting", "set", "apprenda.refused_login_status", "401"]);
    let mut sweep = Sweep::new(&server);
    for portal in ["soc", "developer", "account"] {
        for root in ["/authentication/api/v1/sessions", "/api/v1/sessions"] {
            let path = format!("{root}/{portal}");
            let wrong = json!({"username": "admin", "password": "wrong"});
            for body in [wrong, json!({"username": "nobody", "password": "wrong"}), json!({}), json!([])] {
                let answer = server.encrypted("POST", &path).json(&body).send_encrypted();
                sweep.look(&format!("POST {path} {body}"), &answer);
            }
            for method in ["GET", "PUT", "DELETE"] {
                let request = server.encrypted(method, &path).header("ApprendaSessionToken", "nobodys");
                sweep.look(&format!("{method} {path}"), &request.send_encrypted());
                let answer = server.encrypted(method, &format!("{path}/nobodys")).send_encrypted();
                sweep.look(&format!("{method} {path}/…"), &answer);
            }
        }
    }
    sweep.settle(5);
}
