//! The doors at which a name and a password are looked at. What holds for one must hold for all.

use super::grants::awx_login;
use crate::support::{Response, Server};

/// A door: its name, and how to knock.
pub type Door = (&'static str, fn(&Server, &str, &str) -> Response);

/// All of them. The gateway must have the echo component behind it.
pub const DOORS: [Door; 6] = [
    ("form", Server::send_form),
    ("multipart form", multipart),
    ("basic", |server, name, password| server.get("/api/gateway/v1/me/").basic(name, password).send()),
    ("basic, forwarded", |server, name, password| {
        server.get("/api/controller/v2/hosts/").basic(name, password).send()
    }),
    ("AWX's form", awx_login),
    ("AWX's basic", |server, name, password| server.get("/api/v2/me/").basic(name, password).send()),
];

/// Whether a door let somebody in.
pub fn is_open(answer: &Response) -> bool {
    matches!(answer.status, 200 | 302)
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
