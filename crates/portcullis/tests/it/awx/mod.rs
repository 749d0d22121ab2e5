//! The behaviours that AWX's own test-suite asserts, row by row: `docs/decisions/awx-rows.md` says which.
//!
//! Each test is named `row_NNN_…` after its row. Four users stand around one organization, as in that suite:
//! `oa` administers it, `om` belongs to it, `sa` is an auditor of the platform, `alice` has nothing to do with
//! it.

use serde_json::{Value, json};

use crate::support::{ADMIN_PASSWORD, Options, Request, Response, Server};

mod r001_token_endpoint;
mod r002_external;
mod r006_tokens;
mod r018_grants;
mod r025_applications;
mod r034_token_rights;
mod r041_sessions;
mod r048_commands;
mod r060_users;
mod r067_organization_rights;
mod r073_proxies;
mod r080_manners;
mod r085_settings;
mod r095_organizations;
mod r101_stream;
mod r108_collection;
mod r114_kit;

/// The password of everybody but the administrator.
const PASSWORD: &str = "wonder land 42 x";
/// What a secret is shown as once it was shown.
const MASK: &str = "************";

/// A gateway, an organization called `Ops`, and the users around it.
struct World {
    server: Server,
    organization: i64,
    oa: i64,
    om: i64,
    sa: i64,
    alice: i64,
}

impl World {
    fn new() -> Self {
        Self::with("")
    }

    /// The same in front of something.
    fn with(config: &str) -> Self {
        let server = Server::start(Options { config: config.to_owned(), ..Options::default() });
        let mut world = Self { server, organization: 0, oa: 0, om: 0, sa: 0, alice: 0 };
        world.organization = world.made("admin", "organizations/", &json!({"name": "Ops"}));
        let user = |name: &str, is_auditor: bool| {
            let user = json!({"username": name, "password": PASSWORD, "is_system_auditor": is_auditor});
            world.made("admin", "users/", &user)
        };
        let [oa, om, alice] = ["oa", "om", "alice"].map(|name| user(name, false));
        let sa = user("sa", true);
        (world.oa, world.om, world.sa, world.alice) = (oa, om, sa, alice);
        for (list, id) in [("admins", oa), ("users", oa), ("users", om)] {
            let path = format!("organizations/{}/{list}/", world.organization);
            world.post("admin", &path, &json!({"id": id})).expect(204);
        }
        world
    }

    /// A request below `/api/v2/` by somebody; the empty name is nobody.
    fn request(&self, name: &str, method: &str, path: &str) -> Request {
        let request = self.server.request(method, &format!("/api/v2/{path}"));
        match name {
            "" => request,
            "admin" => request.basic(name, ADMIN_PASSWORD),
            _ => request.basic(name, PASSWORD),
        }
    }

    fn get(&self, name: &str, path: &str) -> Response {
        self.request(name, "GET", path).send()
    }

    fn post(&self, name: &str, path: &str, body: &Value) -> Response {
        self.request(name, "POST", path).json(body).send()
    }

    fn patch(&self, name: &str, path: &str, body: &Value) -> Response {
        self.request(name, "PATCH", path).json(body).send()
    }

    fn delete(&self, name: &str, path: &str) -> Response {
        self.request(name, "DELETE", path).send()
    }

    /// What is there.
    #[track_caller]
    fn seen(&self, name: &str, path: &str) -> Value {
        self.get(name, path).expect(200).json()
    }

    /// How many a list has.
    #[track_caller]
    fn count(&self, name: &str, path: &str) -> u64 {
        self.seen(name, path)["count"].as_u64().unwrap()
    }

    /// The number of a new object.
    #[track_caller]
    fn made(&self, name: &str, list: &str, body: &Value) -> i64 {
        number(&self.post(name, list, body).expect(201).json())
    }

    /// What is needed to make an application of the organization.
    fn wanted(&self, name: &str, client_type: &str) -> Value {
        json!({
            "name": name,
            "client_type": client_type,
            "authorization_grant_type": "password",
            "organization": self.organization,
        })
    }

    /// A new confidential application of the organization, with its secret.
    #[track_caller]
    fn application(&self, by: &str, name: &str) -> Value {
        self.post(by, "applications/", &self.wanted(name, "confidential")).expect(201).json()
    }

    /// Asks the token endpoint as this application.
    fn exchange(&self, application: &Value, fields: &[(&str, &str)]) -> Response {
        let request = self.server.post("/api/o/token/");
        request
            .basic(text(&application["client_id"]), text(&application["client_secret"]))
            .form(fields)
            .send()
    }

    /// What an application gets for a user's password.
    fn by_password(&self, application: &Value, name: &str, scope: &str) -> Response {
        let password = if name == "admin" { ADMIN_PASSWORD } else { PASSWORD };
        let user = [("username", name), ("password", password)];
        self.exchange(application, &[&[("grant_type", "password"), ("scope", scope)], &user[..]].concat())
    }

    /// What an application gets for a refresh token.
    fn refresh(&self, application: &Value, token: &Value) -> Response {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", text(token))];
        self.exchange(application, &fields)
    }

    /// The answer to `me/` with this token.
    fn me(&self, token: &Value) -> Response {
        self.server.get("/api/v2/me/").bearer(text(token)).send()
    }

    /// Changes settings.
    #[track_caller]
    fn set(&self, settings: &Value) {
        self.patch("admin", "settings/all/", settings).expect(200);
    }
}

/// A value that is a text.
#[track_caller]
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// An object's number.
#[track_caller]
fn number(object: &Value) -> i64 {
    object["id"].as_i64().unwrap_or_else(|| panic!("{object} has no number"))
}

/// A field of every object of a list.
#[track_caller]
fn all(list: &Value, field: &str) -> Vec<String> {
    let results = list["results"].as_array().unwrap_or_else(|| panic!("{list}"));
    results.iter().map(|it| text(&it[field]).to_owned()).collect()
}
