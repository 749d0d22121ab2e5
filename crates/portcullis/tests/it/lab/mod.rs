//! The laboratory: every fault on every platform, proven by its counters; its clock, its pages, its transcripts;
//! and the published pages' own commands against it.

use serde_json::Value;

use crate::support::lab::{Lab, PASSWORD};
use crate::support::{Request, Response};

mod command;
mod control;
mod documented;
mod faults;
mod pages;
mod published;
mod releases;
mod transcripts;

/// The platforms, each with a resource of its own.
pub const PLATFORMS: [(&str, &str); 6] = [
    ("aap", "/api/controller/v2/jobs/"),
    ("astra", "/api/controller/v2/jobs/"),
    ("awx", "/api/v2/jobs/"),
    ("awx-without-tokens", "/api/v2/jobs/"),
    ("catalyst", "/dataservice/template/device"),
    ("apprenda", "/soc/api/v1/clouds"),
];

/// Somebody with a session.
pub struct Visitor<'a> {
    lab: &'a Lab,
    /// What goes with every request.
    headers: Vec<(&'static str, String)>,
    /// What goes with a change beside it.
    change: Vec<(&'static str, String)>,
}

impl<'a> Visitor<'a> {
    /// Signs in as the platform wants it.
    #[track_caller]
    pub fn sign_in(lab: &'a Lab, platform: &str, username: &str) -> Self {
        Self::try_sign_in(lab, platform, username, PASSWORD).expect("the login was refused")
    }

    /// Signs in; none if that is refused.
    #[track_caller]
    pub fn try_sign_in(lab: &'a Lab, platform: &str, username: &str, password: &str) -> Option<Self> {
        let (headers, change) = match platform {
            "aap" | "astra" => form(lab, "/api/gateway/v1/login/", username, password)?,
            "awx" | "awx-without-tokens" => form(lab, "/api/login/", username, password)?,
            "catalyst" => manager(lab, username, password)?,
            "apprenda" => cloud(lab, username, password)?,
            other => panic!("no such platform: {other}"),
        };
        Some(Self { lab, headers, change })
    }

    /// Begins a request with the session.
    pub fn request(&self, method: &str, target: &str) -> Request {
        let mut request = self.lab.request(method, target);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if method != "GET" {
            for (name, value) in &self.change {
                request = request.header(name, value);
            }
        }
        request
    }

    /// Asks for something.
    pub fn get(&self, target: &str) -> Response {
        self.request("GET", target).send_encrypted()
    }

    /// Makes something, under a key by which it is counted.
    pub fn make(&self, target: &str, key: &str, body: &Value) -> Response {
        self.request("POST", target).header("X-Lab-Key", key).json(body).send_encrypted()
    }
}

/// What goes with requests, and with changes.
type Held = (Vec<(&'static str, String)>, Vec<(&'static str, String)>);

fn form(lab: &Lab, login: &str, username: &str, password: &str) -> Option<Held> {
    let page = lab.request("GET", login).send_encrypted().expect(200);
    let csrf = page.cookie("csrftoken").unwrap();
    let referer = format!("{}{login}", lab.base());
    let answer = lab
        .request("POST", login)
        .header("Cookie", format!("csrftoken={csrf}"))
        .header("X-CSRFToken", csrf)
        .header("Referer", &*referer)
        .form(&[("username", username), ("password", password)])
        .send_encrypted();
    let session = ["gateway_sessionid", "awx_sessionid"]
        .iter()
        .find_map(|name| Some(format!("{name}={}", answer.cookie(name)?)))?;
    let csrf = answer.cookie("csrftoken").unwrap();
    let headers = vec![("Cookie", format!("{session}; csrftoken={csrf}"))];
    Some((headers, vec![("X-CSRFToken", csrf.to_owned()), ("Referer", referer)]))
}

fn manager(lab: &Lab, username: &str, password: &str) -> Option<Held> {
    let fields = [("j_username", username), ("j_password", password)];
    let answer = lab.request("POST", "/j_security_check").form(&fields).send_encrypted();
    let cookie = format!("JSESSIONID={}", answer.cookie("JSESSIONID").filter(|_| answer.body.is_empty())?);
    let told = lab.request("GET", "/dataservice/client/token").header("Cookie", &*cookie).send_encrypted();
    let change = if told.status == 200 { vec![("X-XSRF-TOKEN", told.text())] } else { Vec::new() };
    Some((vec![("Cookie", cookie)], change))
}

fn cloud(lab: &Lab, username: &str, password: &str) -> Option<Held> {
    let body = serde_json::json!({ "username": username, "password": password });
    let answer = lab.request("POST", "/authentication/api/v1/sessions/soc").json(&body).send_encrypted();
    let token = answer.json()["apprendaSessionToken"].as_str()?.to_owned();
    Some((vec![("ApprendaSessionToken", token)], Vec::new()))
}
