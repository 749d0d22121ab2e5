//! Proof with a part that no one here wrote: the library of the real components, in a component of its own
//! process, believes the identity that the gateway signs, and nothing else.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::support::server::new_folder;
use crate::support::tools::component_python;
use crate::support::{ADMIN_PASSWORD, Request, Server};

mod entrance;

const ME: &str = "/api/controller/v2/me/";

/// The component, in a process of its own.
struct Component {
    child: Child,
    folder: PathBuf,
    address: SocketAddr,
}

impl Component {
    fn start(python: &Path, gateway: SocketAddr) -> Self {
        let folder = new_folder("component");
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/component/project");
        let mut child = Command::new(python)
            .args(["-B", "serve.py"])
            .current_dir(project)
            .env("COMPONENT_FOLDER", &folder)
            .env("COMPONENT_JWT_KEY", format!("http://{gateway}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().rsplit(' ').next().unwrap().parse().expect("the component says its port");
        Self { child, folder, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }
}

impl Drop for Component {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A gateway and the component behind it.
fn pair(test: &str) -> Option<(Server, Component)> {
    let python = component_python(test)?;
    let mut server = Server::with_config("");
    let component = Component::start(&python, server.http);
    // Each must know the other's address; the gateway can be told later.
    server.configure(&format!(
        "[[service]]\nname = \"controller\"\npath = \"/api/controller/\"\nupstream = [\"http://{}\"]\n\
         dialect = \"aap\"\nidentity = \"signed-jwt\"\npublic = [\"/api/controller/v2/ping/\"]\n",
        component.address
    ));
    server.signal("HUP");
    for _ in 0..100 {
        if server.get("/api/controller/v2/ping/").send().status == 200 {
            return Some((server, component));
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the reloaded service does not answer");
}

#[track_caller]
fn seen(request: &Request) -> Value {
    let seen = request.send().expect(200).json();
    assert_eq!(seen["proxy_is_trusted"], true, "{seen}");
    assert_eq!(seen["hash_agrees"], true, "{seen}");
    assert_eq!(seen["authorization"], Value::Null, "the component must not see the user's proof");
    seen
}

#[test]
fn the_component_believes_our_identity_for_every_proof() {
    let Some((server, component)) = pair("the_component_believes_our_identity_for_every_proof") else {
        return;
    };
    server.make_user("alice", "wonder land 42 x");
    let session = server.sign_in("alice", "wonder land 42 x");
    let (_, token) = server.make_token("alice", "wonder land 42 x", "write");

    let proofs: [(&str, &dyn Fn(Request) -> Request); 3] = [
        ("session", &|request| session.on(request)),
        ("basic", &|request| request.basic("alice", "wonder land 42 x")),
        ("bearer", &|request| request.bearer(&token)),
    ];
    let mut stable_id = None;
    for (name, proof) in proofs {
        let get = seen(&proof(server.get(ME)));
        assert_eq!(
            (&get["username"], &get["is_superuser"], &get["method"]),
            (&json!("alice"), &json!(false), &json!("GET")),
            "{name}"
        );
        let post = seen(&proof(server.post(ME)).json(&json!({"launch": [1, 2]})));
        assert_eq!(
            (&post["username"], &post["method"], &post["body"]),
            (&json!("alice"), &json!("POST"), &json!({"launch": [1, 2]})),
            "{name}"
        );
        // One user, with one stable name, whatever it shows.
        let stable_id = stable_id.get_or_insert_with(|| get["ansible_id"].clone());
        assert_eq!((&get["ansible_id"], &post["users"]), (&*stable_id, &json!(1)), "{name}");
        assert!(!get["cookie"].as_str().unwrap_or_default().contains(&session.secret), "{name}");
    }

    let admin = seen(&server.as_admin("GET", ME));
    assert_eq!((&admin["username"], &admin["is_superuser"]), (&json!("admin"), &json!(true)));

    // Past the gateway nobody is believed.
    for request in [
        Request::new(component.address, "GET", ME),
        Request::new(component.address, "GET", ME).bearer(&token),
        Request::new(component.address, "GET", ME).basic("admin", ADMIN_PASSWORD),
        Request::new(component.address, "GET", ME).header("X-DAB-JW-TOKEN", "e30.e30.e30"),
        Request::new(component.address, "GET", ME).header("X-Trusted-Proxy", "1-00"),
    ] {
        assert!(matches!(request.send().status, 401 | 403), "{request:?}");
    }
}

#[test]
fn a_forged_identity_does_not_pass_the_gateway() {
    let Some((server, _component)) = pair("a_forged_identity_does_not_pass_the_gateway") else { return };
    server.make_user("mallory", "wonder land 42 x");
    for name in ["X-DAB-JW-TOKEN", "x-dab-jw-token", "X-Dab-Jw-Token"] {
        let request = server.get(ME).basic("mallory", "wonder land 42 x").header(name, "e30.e30.e30");
        assert_eq!(seen(&request)["username"], "mallory");
        server.get(ME).header(name, "e30.e30.e30").send().expect(401);
    }
}

#[test]
fn roles_and_rights_reach_the_component() {
    let Some((server, _component)) = pair("roles_and_rights_reach_the_component") else { return };
    let user = server.make_user("bob", "wonder land 42 x");
    let organization = server.make("organizations", &json!({"name": "Operations"}));
    let team = server.make("teams", &json!({"name": "Night shift", "organization": organization}));
    let ask = || seen(&server.get(ME).basic("bob", "wonder land 42 x"));
    assert_eq!(ask()["roles"], json!({"global_roles": [], "object_roles": {}}));

    let associate = |path: String| {
        let body = json!({"instances": [user]});
        server.as_admin("POST", &format!("/api/gateway/v1/{path}")).json(&body).send().expect(204);
    };
    associate(format!("organizations/{organization}/users/associate/"));
    associate(format!("teams/{team}/users/associate/"));
    let roles = ask()["roles"].clone();
    assert_eq!(roles["object_roles"]["Organization Member"].as_array().unwrap().len(), 1, "{roles}");
    assert_eq!(roles["object_roles"]["Team Member"].as_array().unwrap().len(), 1, "{roles}");

    associate(format!("organizations/{organization}/admins/associate/"));
    assert_eq!(ask()["roles"]["object_roles"]["Organization Admin"].as_array().unwrap().len(), 1);

    // What a role gave it also takes, on the next request.
    associate(format!("teams/{team}/users/disassociate/"));
    assert_eq!(ask()["roles"]["object_roles"]["Team Member"], Value::Null);

    server
        .as_admin("PATCH", &format!("/api/gateway/v1/users/{user}/"))
        .json(&json!({"is_superuser": true, "email": "bob@example.com"}))
        .send()
        .expect(200);
    let promoted = ask();
    assert_eq!((&promoted["is_superuser"], &promoted["email"]), (&json!(true), &json!("bob@example.com")));
}
