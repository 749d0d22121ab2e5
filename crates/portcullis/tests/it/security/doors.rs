//! The doors at which a name and a password are looked at. What holds for one must hold for all.

use serde_json::json;

use super::grants::awx_login;
use crate::support::{Request, Response, Server};
use crate::{apprenda, catalyst};

/// A door: its name, and how to knock.
pub type Door = (&'static str, fn(&Server, &str, &str) -> Response);

/// All of them, of all five contracts. The gateway must have the echo component behind it, and let everybody in
/// ([`open_to_everybody`]).
pub const DOORS: [Door; 9] = [
    ("form", Server::send_form),
    ("multipart form", multipart),
    ("basic", |server, name, password| server.get("/api/gateway/v1/me/").basic(name, password).send()),
    ("basic, forwarded", |server, name, password| {
        server.get("/api/controller/v2/hosts/").basic(name, password).send()
    }),
    ("AWX's form", awx_login),
    ("AWX's basic", |server, name, password| server.get("/api/v2/me/").basic(name, password).send()),
    ("Catalyst's form", catalyst::send_form),
    ("Catalyst's JWT", |server, name, password| knock(server.post("/jwt/login"), name, password).send()),
    ("Apprenda's session", |server, name, password| {
        let request = server.encrypted("POST", &format!("{}/soc", apprenda::SESSIONS));
        knock(request, name, password).send_encrypted()
    }),
];

fn knock(request: Request, name: &str, password: &str) -> Request {
    request.json(&json!({"username": name, "password": password}))
}

/// Lets everybody who signs in through Apprenda's door, as the others do by themselves.
pub fn open_to_everybody(server: Server) -> Server {
    server.shell(&["setting", "set", "apprenda.soc_authentication", "false"]);
    server
}

/// Whether a door let somebody in.
pub fn is_open(answer: &Response) -> bool {
    match answer.status {
        // Catalyst's form says no with a page.
        200 => !answer.body.starts_with(b"<html>"),
        201 | 302 => true,
        _ => false,
    }
}

/// Whether a door said no, each in its way.
pub fn is_shut(answer: &Response) -> bool {
    matches!(answer.status, 400 | 401 | 413 | 431) || catalyst::is_out(answer)
}

/// The names of the doors that let somebody in.
pub fn open_doors(server: &Server, name: &str, password: &str) -> Vec<&'static str> {
    let opened = DOORS.iter().filter(|(_, knock)| is_open(&knock(server, name, password)));
    opened.map(|(door, _)| *door).collect()
}

/// All names, for comparison.
pub fn all_doors() -> Vec<&'static str> {
    DOORS.iter().map(|(door, _)| *door).collect()
}

fn multipart(server: &Server, name: &str, password: &str) -> Response {
    let csrf = server.form_token();
    let field = |field: &str, value: &str| {
        format!("--seam\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")
    };
    let body = field("username", name) + &field("password", password) + "--seam--\r\n";
    server
        .post("/api/gateway/v1/login/")
        .header("Cookie", format!("csrftoken={csrf}"))
        .header("X-CSRFToken", csrf)
        .body("multipart/form-data; boundary=seam", body)
        .send()
}
