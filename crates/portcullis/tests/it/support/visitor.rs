//! What a visitor of the gateway does again and again: signs in through the form, makes a user, makes a token.

use serde_json::{Value, json};

use super::http::{Request, Response};
use super::server::Server;

/// Where the form is.
pub const LOGIN: &str = "/api/gateway/v1/login/";

/// What a browser holds after it signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// The value of the session's cookie.
    pub secret: String,
    /// The value of the CSRF cookie.
    pub csrf: String,
}

impl Session {
    /// Puts both cookies and the CSRF header on a request.
    pub fn on(&self, request: Request) -> Request {
        self.without_token(request).header("X-CSRFToken", &*self.csrf)
    }

    /// Puts only the cookies on a request, as a foreign page could make a browser do.
    pub fn without_token(&self, request: Request) -> Request {
        request.header("Cookie", format!("csrftoken={}; gateway_sessionid={}", self.csrf, self.secret))
    }
}

impl Server {
    /// Fetches the form and returns its CSRF cookie.
    pub fn form_token(&self) -> String {
        self.get(LOGIN).send().expect(200).cookie("csrftoken").expect("the form sets csrftoken").to_owned()
    }

    /// Fills in the form and sends it.
    pub fn send_form(&self, username: &str, password: &str) -> Response {
        let csrf = self.form_token();
        self.post(LOGIN)
            .header("Cookie", format!("csrftoken={csrf}"))
            .header("X-CSRFToken", csrf)
            .form(&[("username", username), ("password", password)])
            .send()
    }

    /// Signs in through the form.
    ///
    /// # Panics
    /// If that is refused.
    #[track_caller]
    pub fn sign_in(&self, username: &str, password: &str) -> Session {
        let answer = self.send_form(username, password).expect(302);
        Session {
            secret: answer.cookie("gateway_sessionid").unwrap().to_owned(),
            csrf: answer.cookie("csrftoken").unwrap().to_owned(),
        }
    }

    /// Makes a user through the API and returns its number.
    ///
    /// # Panics
    /// If that is refused.
    #[track_caller]
    pub fn make_user(&self, username: &str, password: &str) -> i64 {
        self.make("users", &json!({"username": username, "password": password}))
    }

    /// Makes any object through the API, as the administrator, and returns its number.
    ///
    /// # Panics
    /// If that is refused.
    #[track_caller]
    pub fn make(&self, list: &str, object: &Value) -> i64 {
        let answer = self.as_admin("POST", &format!("/api/gateway/v1/{list}/")).json(object).send();
        answer.expect(201).json()["id"].as_i64().unwrap()
    }

    /// Makes a token of this scope with a password; returns its number and its value.
    ///
    /// # Panics
    /// If that is refused.
    #[track_caller]
    pub fn make_token(&self, username: &str, password: &str, scope: &str) -> (i64, String) {
        let request = self.post("/api/gateway/v1/tokens/").basic(username, password);
        let token = request.json(&json!({"scope": scope})).send().expect(201).json();
        (token["id"].as_i64().unwrap(), token["token"].as_str().unwrap().to_owned())
    }

    /// Changes settings through the API.
    ///
    /// # Panics
    /// If that is refused.
    #[track_caller]
    pub fn set(&self, settings: &Value) {
        self.as_admin("PUT", "/api/gateway/v1/settings/all/").json(settings).send().expect(200);
    }

    /// The status of `me/` for whoever this request shows.
    pub fn me(&self, proof: impl FnOnce(Request) -> Request) -> u16 {
        proof(self.get("/api/gateway/v1/me/")).send().status
    }
}
