//! What the proofs with Catalyst Manager's clients share: a gateway with a service below `/dataservice/`, which
//! keeps what it was asked, and scripts that are told about both.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{PASSWORD, USERNAME, base, expect_ok, folder, program};
use crate::support::upstream::{Answer, Received};
use crate::support::{ADMIN_PASSWORD, Server, Upstream};

/// The number of the tenant that the configuration names.
pub const TENANT: &str = "6b1ff8ab-4be0-4b4c-8b2b-3f4a8ee8f1a1";
/// The release that clients are told.
pub const VERSION: &str = "20.12.1";

/// Paths that are the gateway's own: no service is ever asked for one.
const OWN: &[&str] =
    &["/dataservice/client/", "/dataservice/admin/user", "/dataservice/tenant", "/logout", "/welcome.html"];

/// Headers that open something, or that speak of who asks: they stay at the gateway.
const KEPT: &[&str] = &["cookie", "x-xsrf-token", "authorization", "vsessionid"];

/// A gateway, the service behind it, and the Python with the clients.
pub struct Manager {
    /// The gateway.
    pub server: Server,
    /// The service.
    pub upstream: Upstream,
    /// The interpreter.
    pub python: PathBuf,
    /// Whether its service shows a dead session the login page.
    is_older_style: bool,
}

impl Manager {
    /// An installation without tenants.
    pub fn new(python: PathBuf) -> Self {
        Self::with(python, "", "")
    }

    /// One behind which there is nothing: its service has a path that no client names.
    pub fn alone(python: PathBuf) -> Self {
        Self::with(python, "", "path = \"/elsewhere/\"\n")
    }

    /// One with a tenant.
    pub fn with_tenants(python: PathBuf) -> Self {
        let tenant = format!(
            "[[catalyst.tenant]]\nid = \"{TENANT}\"\nname = \"North\"\nsubdomain = \"north.example\"\n\
             organization = \"North Inc.\"\ndescription = \"Branches in the north\"\n"
        );
        Self::with(python, &tenant, "")
    }

    /// One whose service shows a dead session the login page.
    pub fn with_older_style(python: PathBuf) -> Self {
        Self::with(python, "", "expired_session = \"login-page\"\n")
    }

    fn with(python: PathBuf, tenants: &str, keys: &str) -> Self {
        let upstream = Upstream::scripted(serve);
        let path = if keys.contains("path =") { "" } else { "path = \"/dataservice/\"\n" };
        let config = format!(
            "[catalyst]\nversion = \"{VERSION}\"\n{tenants}\n[[service]]\nname = \"manager\"\n{path}{keys}\
             upstream = [\"{}\"]\ndialect = \"catalyst\"\nidentity = \"headers\"\n",
            upstream.url()
        );
        let server = Server::with_config(&config);
        server.make_user(USERNAME, PASSWORD);
        let is_older_style = keys.contains("login-page");
        Self { server, upstream, python, is_older_style }
    }

    /// The gateway's two addresses.
    pub fn addresses(&self) -> [String; 2] {
        [base(&self.server), format!("http://{}", self.server.http)]
    }

    /// Runs what a script does against one of them, and looks at what reached the service.
    ///
    /// # Panics
    /// If the script fails, or if the service was told what it must not know.
    #[track_caller]
    pub fn run(&self, script: &str, what: &str, address: &str) {
        let given = self.given(what, address);
        let mut command = program(&self.python);
        command.args(["-B", script]).arg(given.to_string()).current_dir(folder("python"));
        command.env("HOME", self.server.folder());
        expect_ok(&mut command, &given);
        self.expect_clean();
    }

    fn given(&self, what: &str, address: &str) -> Value {
        let data = self.server.data_dir();
        let config = self.server.folder().join("portcullis.toml");
        json!({
            "what": what,
            "base": address,
            "username": USERNAME,
            "password": PASSWORD,
            "admin": "admin",
            "admin_password": ADMIN_PASSWORD,
            "version": VERSION,
            "tenant": TENANT,
            "dead": format!("GET /dataservice/device {}", if self.is_older_style { 200 } else { 401 }),
            "portcullis": [env!("CARGO_BIN_EXE_portcullis"), "--data-dir", data, "--config", config],
        })
    }

    /// Looks at all that reached the service.
    ///
    /// # Panics
    /// If a request was the gateway's own, or showed what opens something.
    #[track_caller]
    pub fn expect_clean(&self) {
        for request in self.upstream.received() {
            let is_own = OWN.iter().any(|path| request.target.starts_with(path));
            assert!(!is_own && !request.target.contains("j_security_check"), "{request:?}");
            for name in KEPT {
                assert!(request.header(name).is_none(), "{name}: {request:?}");
            }
            assert!(request.header("x-forwarded-user").is_some(), "{request:?}");
        }
    }
}

/// What a Manager would say, with a cookie of its own that nobody must see.
fn serve(request: &Received) -> Answer {
    let path = request.target.split('?').next().unwrap_or_default();
    if path == "/dataservice/restarting" {
        return Answer::status(503, "restarting");
    }
    let body = match (&*request.method, path) {
        ("GET", "/dataservice/device") => json!({"header": {}, "data": [device(1), device(2)]}),
        ("GET", "/dataservice/system/device/controllers") => {
            json!({"header": {}, "data": [{"version": VERSION, "deviceType": "vmanage"}]})
        }
        ("GET", "/dataservice/settings/configuration/organization") => {
            json!({"data": [{"org": "Portcullis Test"}]})
        }
        ("POST", "/dataservice/settings/configuration/organization") => json!({"data": [{"org": "Other"}]}),
        ("GET", _) => json!({"header": {}, "data": []}),
        (method, _) => json!({"received": method, "bytes": request.body.len()}),
    };
    let body = body.to_string();
    Answer::raw(format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: JSESSIONID=of-the-service; Path=/\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    ))
}

fn device(number: u8) -> Value {
    json!({
        "uuid": format!("device-{number}"),
        "deviceId": format!("10.0.0.{number}"),
        "system-ip": format!("10.0.0.{number}"),
        "host-name": format!("edge-{number}"),
        "site-id": "100",
        "reachability": "reachable",
        "device-type": "vedge",
        "device-model": "vedge-C8000V",
    })
}
