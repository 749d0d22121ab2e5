//! Rows 73 to 79: whose word about the client's address counts. AWX believes everybody while the list of proxies
//! is empty; we believe nobody then (AWX contract section J).

use serde_json::{Value, json};

use super::World;
use crate::support::{Server, Upstream};

/// The header that the tests list.
const HEADER: &str = "X-Real-Address";
const PATH: &str = "/api/controller/v2/ping/";

struct Stage {
    world: World,
    upstream: Upstream,
}

impl Stage {
    /// A gateway that looks for the address in our header, with these proxies.
    fn new(allowed: &Value) -> Self {
        let upstream = Upstream::start();
        let world = World::with(&service(&upstream.url(), "none"));
        world.set(&json!({
            "REMOTE_HOST_HEADERS": ["HTTP_X_REAL_ADDRESS", "REMOTE_ADDR", "REMOTE_HOST"],
            "PROXY_IP_ALLOWED_LIST": allowed,
        }));
        Self { world, upstream }
    }

    /// What the service behind is told: the client's address, and whether our header is still there.
    fn told(&self, proof: Option<&str>) -> (String, bool) {
        let mut request = self.world.server.get(PATH).header(HEADER, "203.0.113.7");
        if let Some(proof) = proof {
            request = request.header("X-Trusted-Proxy", proof);
        }
        request.send().expect(200);
        self.seen()
    }

    fn seen(&self) -> (String, bool) {
        let seen = self.upstream.last();
        (seen.header("x-forwarded-for").unwrap().to_owned(), seen.header(HEADER).is_some())
    }
}

/// A service with one open path.
fn service(upstream: &str, identity: &str) -> String {
    format!(
        "[[service]]\nname = \"controller\"\npath = \"/api/controller/\"\nupstream = [\"{upstream}\"]\n\
         dialect = \"aap\"\npublic = [\"{PATH}\"]\nidentity = \"{identity}\"\n"
    )
}

fn kept() -> (String, bool) {
    ("203.0.113.7".to_owned(), true)
}

fn removed() -> (String, bool) {
    ("127.0.0.1".to_owned(), false)
}

#[test]
fn row_073_without_a_list_nobody_is_believed() {
    assert_eq!(Stage::new(&json!([])).told(None), removed());
}

#[test]
fn row_074_another_peer_is_not_believed() {
    assert_eq!(Stage::new(&json!(["10.0.1.100"])).told(None), removed());
}

#[test]
fn row_075_a_peer_of_the_list_is_believed() {
    assert_eq!(Stage::new(&json!(["10.0.1.100", "127.0.0.1"])).told(None), kept());
}

#[test]
fn row_076_a_peers_name_is_not_looked_up() {
    // Whoever answers for the name would be believed.
    assert_eq!(Stage::new(&json!(["localhost"])).told(None), removed());
}

#[test]
fn row_077_a_signature_of_a_known_proxy_is_believed() {
    let stage = Stage::new(&json!([]));
    // Signatures live for a second, which a busy machine may need for itself.
    stage.world.server.set(&json!({"trusted_header_timeout": 10_000}));
    // Another gateway in front, with the same key: it signs what it sends.
    let front = Server::with_config(&service(&format!("http://{}", stage.world.server.http), "signed-jwt"));
    front.get(PATH).header(HEADER, "203.0.113.7").send().expect(200);
    assert_eq!(stage.seen(), kept());
}

#[test]
fn row_078_a_wrong_signature_is_worth_nothing() {
    assert_eq!(Stage::new(&json!([])).told(Some("DEAD-BEEF")), removed());
}

#[test]
fn row_079_a_wrong_signature_takes_nothing_away() {
    assert_eq!(Stage::new(&json!(["127.0.0.1"])).told(Some("DEAD-BEEF")), kept());
}
