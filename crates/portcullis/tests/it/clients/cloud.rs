//! Apprenda's clients. No registry has any of them any more, so their words are sent again: by scripts of our own that
//! say, header by header, what each client said, and read the answers as it did.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{PASSWORD, USERNAME, base, expect_ok, folder, program, python_with};
use crate::support::upstream::{Answer, Received};
use crate::support::{ADMIN_PASSWORD, Server, Upstream, need};

/// The tenant that the user belongs to.
const TENANT: &str = "Operations";

struct Cloud {
    server: Server,
    upstream: Upstream,
}

impl Cloud {
    fn new() -> Self {
        let upstream = Upstream::scripted(serve);
        let services: Vec<_> = ["soc", "developer", "account"]
            .iter()
            .map(|name| {
                format!(
                    "[[service]]\nname = \"{name}\"\npath = \"/{name}/\"\nupstream = [\"{}\"]\n\
                     dialect = \"apprenda\"\nidentity = \"headers\"\n",
                    upstream.url()
                )
            })
            .collect();
        let server = Server::with_config(&services.join("\n"));
        let user = server.make_user(USERNAME, PASSWORD);
        let tenant = server.make("organizations", &json!({"name": TENANT}));
        server
            .as_admin("POST", &format!("/api/gateway/v1/organizations/{tenant}/users/associate/"))
            .json(&json!({"instances": [user]}))
            .send()
            .expect(204);
        Self { server, upstream }
    }

    fn given(&self, what: &str) -> Value {
        json!({
            "what": what,
            "base": base(&self.server),
            "plain": format!("http://localhost:{}", self.server.http.port()),
            "username": USERNAME,
            "password": PASSWORD,
            "admin": "admin",
            "admin_password": ADMIN_PASSWORD,
            "tenant": TENANT,
        })
    }

    /// Nothing that reached the services shows a token.
    #[track_caller]
    fn expect_clean(&self) {
        for request in self.upstream.received() {
            for name in ["apprendasessiontoken", "authorization", "cookie"] {
                assert!(request.header(name).is_none(), "{name}: {request:?}");
            }
            assert!(request.header("x-forwarded-user").is_some(), "{request:?}");
            assert!(!request.target.contains("/authentication/"), "{request:?}");
        }
    }
}

/// What a platform would say.
fn serve(request: &Received) -> Answer {
    let (status, body) = match &*request.method {
        "GET" => ("200 OK", json!({"items": [], "totalCount": 0}).to_string()),
        "POST" => ("201 Created", json!({"bytes": request.body.len()}).to_string()),
        _ => ("204 No Content", String::new()),
    };
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    Answer::raw(format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{length}\r\n{body}"))
}

fn python(test: &str) -> Option<PathBuf> {
    python_with(test, "requests", "requests")
}

#[track_caller]
fn replay(test: &str, what: &str) {
    let Some(python) = python(test) else { return };
    let cloud = Cloud::new();
    let given = cloud.given(what);
    let mut command = program(&python);
    command.args(["-B", "cloud_replay.py"]).arg(given.to_string()).current_dir(folder("python"));
    expect_ok(&mut command, &given);
    cloud.expect_clean();
}

#[track_caller]
fn replay_node(test: &str, what: &str) {
    if !need(test, &["node"]) {
        return;
    }
    let cloud = Cloud::new();
    let given = cloud.given(what);
    let mut command = program("node");
    command.arg("cloud.mjs").arg(given.to_string()).current_dir(folder("node"));
    expect_ok(&mut command, &given);
    cloud.expect_clean();
}

#[test]
fn the_library_for_python() {
    replay("the_library_for_python", "pyacp");
}

#[test]
fn its_later_form() {
    replay("its_later_form", "later_pyacp");
}

#[test]
fn the_module_for_applications() {
    replay("the_module_for_applications", "ansible_application");
}

#[test]
fn the_modules_for_hosts_and_the_registry() {
    replay("the_modules_for_hosts_and_the_registry", "ansible_hosts");
}

#[test]
fn the_plug_ins_for_build_servers() {
    replay("the_plug_ins_for_build_servers", "build_servers");
}

#[test]
fn tasks_and_samples_in_powershell() {
    replay("tasks_and_samples_in_powershell", "powershell");
}

#[test]
fn the_library_for_dotnet() {
    replay("the_library_for_dotnet", "dotnet");
}

#[test]
fn who_is_no_operator() {
    replay("who_is_no_operator", "visitor");
}

#[test]
fn the_exporter() {
    replay_node("the_exporter", "exporter");
}

#[test]
fn the_helper_for_tokens() {
    replay_node("the_helper_for_tokens", "helper");
}

#[test]
fn scripts_with_curl_and_jq() {
    let test = "scripts_with_curl_and_jq";
    if !need(test, &["bash", "curl", "jq"]) {
        return;
    }
    let cloud = Cloud::new();
    let mut command = program("bash");
    command.args([
        "-euo",
        "pipefail",
        "-c",
        r#"TOKEN=$(curl -sS -k -X POST -H 'Content-Type: application/json' \
            -d "{\"username\":\"admin\",\"password\":\"$PASSWORD\"}" \
            "$CLOUD/authentication/api/v1/sessions/soc" | jq '.apprendaSessionToken' | tr -d '"')
        curl -sS -k -f -X PUT -H "ApprendaSessionToken: $TOKEN" -H 'Content-Type: application/json' \
            -d '{"state":"Enabled"}' "$CLOUD/soc/api/v1/nodes/Linux/roleState?nodeName=n1"
        curl -sS -k -f -X POST -H "ApprendaSessionToken: $TOKEN" -H 'Content-Type: application/json' \
            -d '{"name":"c1"}' "$CLOUD/soc/api/v1/clusters" >/dev/null"#,
    ]);
    command.env("CLOUD", base(&cloud.server)).env("PASSWORD", ADMIN_PASSWORD);
    expect_ok(&mut command, &json!(test));
    let received: Vec<_> = cloud.upstream.received().into_iter().map(|it| (it.method, it.target)).collect();
    assert_eq!(
        received,
        [
            ("PUT".to_owned(), "/soc/api/v1/nodes/Linux/roleState?nodeName=n1".to_owned()),
            ("POST".to_owned(), "/soc/api/v1/clusters".to_owned()),
        ]
    );
    cloud.expect_clean();
}
