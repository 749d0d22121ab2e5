//! Identity headers: only the gateway speaks for a user, and what the user showed the gateway stays with it
//! (cases 122-127).

use std::sync::OnceLock;
use std::time::Duration;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::shared::Shared;
use super::stage::{Stage, admin_line, now, shared};
use crate::support::raw::talk;
use crate::support::upstream::Received;
use crate::support::{ADMIN_PASSWORD, Server, Upstream};

static SERVER: Shared = Shared::new();
static UPSTREAM: OnceLock<Upstream> = OnceLock::new();

const TOKEN: &str = "x-dab-jw-token";

fn stage() -> Stage {
    shared(&SERVER, &UPSTREAM)
}

/// The claims of the one identity token on a request, its signature verified by the published key.
pub fn claims(server: &Server, received: &Received) -> Value {
    let tokens = received.header_all(TOKEN);
    assert_eq!(tokens.len(), 1, "{received:?}");
    let parts: Vec<&str> = tokens[0].split('.').collect();
    assert_eq!(parts.len(), 3);
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let header: Value = serde_json::from_slice(&decode(parts[0])).unwrap();
    assert_eq!(header["alg"], "RS256");
    let pem = server.get("/api/gateway/v1/jwt_key/").send().expect(200).text();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, STANDARD.decode(body).unwrap());
    let signed = tokens[0].rsplit_once('.').unwrap().0;
    key.verify(signed.as_bytes(), &decode(parts[2])).expect("the published key verifies the token");
    serde_json::from_slice(&decode(parts[1])).unwrap()
}

fn seconds_now() -> i64 {
    i64::try_from(now().as_secs()).unwrap()
}

/// Names under which components believe what stands there, in spellings that some server reads alike.
const SPEAKERS: &[&str] = &[
    "X-DAB-JW-TOKEN",
    "x-dab-jw-token",
    "X_DAB_JW_TOKEN",
    "X.DAB.JW.TOKEN",
    "X-DAB_JW-TOKEN",
    "X-DAB-JW.TOKEN",
    "X-Trusted-Proxy",
    "X_Trusted_Proxy",
    "X.Trusted.Proxy",
    "Remote-User",
    "REMOTE_USER",
    "Remote.User",
    "Remote-Groups",
    "Remote-Email",
    "X-Remote-User",
    "X_Remote_User",
    "X-Forwarded-User",
    "X_Forwarded_User",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Preferred-Username",
    "X-Forwarded-Access-Token",
    "X-Auth-Request-User",
    "X-Auth-Request-Email",
    "X-Real-IP",
    "X_Real_IP",
    "X-Envoy-External-Address",
    "X-Envoy-Internal",
    "X-Envoy-Peer-Metadata",
    "X-Client-IP",
    "True-Client-IP",
    "X-Cluster-Client-IP",
    "X-User",
    "Forwarded",
    "Proxy",
    "Proxy-Authorization",
    "X-Forwarded-Client-Cert",
    "X-Forwarded-Tls-Client-Cert",
    "X-ANSIBLE-SERVICE-AUTH",
    "X_ANSIBLE_SERVICE_AUTH",
];

#[test]
fn case_122_no_client_speaks_for_the_gateway() {
    let stage = stage();
    for (index, name) in SPEAKERS.iter().enumerate() {
        let target = format!("/api/controller/v2/s122-{index}/");
        // Once, and twice in one request: neither arrives, in whatever spelling.
        for more in [format!("{name}: planted\r\n"), format!("{name}: planted\r\n{name}: planted\r\n")] {
            let request = format!(
                "GET {target} HTTP/1.1\r\nHost: g\r\n{}{more}Connection: close\r\n\r\n",
                admin_line()
            );
            let status = talk(stage.server.http, request.as_bytes()).status();
            assert!(matches!(status, 200 | 400), "{name}: {status}");
        }
        for received in stage.seen(&target) {
            assert!(!format!("{received:?}").contains("planted"), "{name}: {received:?}");
            assert_eq!(received.header_all(TOKEN).len(), 1, "{name}");
            assert_eq!(received.header_all("x-trusted-proxy").len(), 1, "{name}");
        }
    }
    assert!(!stage.seen("s122-").is_empty());
}

#[test]
fn case_122_the_configured_name_of_the_token_counts() {
    let stage = Stage::new();
    stage.server.set(&json!({"gateway_token_name": "X-House-Identity"}));
    for name in ["X-House-Identity", "x_house_identity", "X.House.Identity", "X-DAB-JW-TOKEN"] {
        let request = stage.known("GET", "/api/controller/v2/hosts/").header(name, "planted");
        request.send().expect(200);
        let received = stage.upstream.last();
        assert!(!format!("{received:?}").contains("planted"), "{name}: {received:?}");
        assert_eq!(received.header_all("x-house-identity").len(), 1, "{name}: {received:?}");
        assert_eq!(received.header_all(TOKEN).len(), 0, "{name}: {received:?}");
    }
}

#[test]
fn case_123_open_paths_are_no_hole_either() {
    let stage = stage();
    for (index, name) in SPEAKERS.iter().enumerate() {
        let target = format!("/api/controller/v2/ping/?o123-{index}.");
        stage.server.get(&target).header(name, "planted").send();
        for received in stage.seen(&format!("o123-{index}.")) {
            assert!(!format!("{received:?}").contains("planted"), "{name}: {received:?}");
            assert!(received.header(TOKEN).is_none(), "{name}: nobody is known");
        }
    }
    assert_eq!(stage.seen("o123-").len(), SPEAKERS.len());
    // A wrong proof is no proof: nothing of it reaches the component, and no identity does.
    let target = "/api/controller/v2/ping/?w123";
    stage.server.get(target).basic("admin", "wrong-w123-password").send();
    stage.server.get(target).bearer("wrongw123token").send();
    stage.server.get(target).header("Cookie", "gateway_sessionid=wrongw123session").send();
    for received in stage.seen("w123") {
        let shown = format!("{:?}", received.headers);
        assert!(received.header(TOKEN).is_none() && received.header("authorization").is_none(), "{shown}");
        assert!(!shown.contains("w123session") && !shown.contains("w123token"), "{shown}");
    }
}

#[test]
fn case_124_a_connection_header_cannot_take_our_headers_off() {
    let stage = stage();
    for (index, names) in [
        "close, X-DAB-JW-TOKEN",
        "close, x-dab-jw-token, X-Trusted-Proxy, X-Forwarded-For, X-Forwarded-Proto, X-Request-Id",
        "X-DAB-JW-TOKEN, close",
        "close, Host, Authorization, Cookie, Content-Length, Transfer-Encoding",
        "close, X-Forwarded-Proto, X-Envoy-Internal",
    ]
    .iter()
    .enumerate()
    {
        let target = format!("/api/controller/v2/c124-{index}/");
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: gateway\r\n{}Connection: {names}\r\nContent-Length: 5\r\n\r\nhello",
            admin_line()
        );
        let status = talk(stage.server.http, request.as_bytes()).status();
        assert!(matches!(status, 200 | 400), "{names}: {status}");
        for received in stage.seen(&target) {
            claims(&stage.server, &received);
            for name in ["x-trusted-proxy", "x-forwarded-for", "x-forwarded-proto", "x-request-id", "host"] {
                assert_eq!(received.header_all(name).len(), 1, "{names}: {name} in {received:?}");
            }
            assert_eq!(received.body, b"hello", "{names}");
        }
    }
    // What the client names of its own is for us alone, and stays here.
    let request = stage.known("GET", "/api/controller/v2/own124/").header("X-Mine", "planted");
    request.header("Connection", "X-Mine").send();
    assert!(stage.seen("own124").iter().all(|it| it.header("x-mine").is_none()));
}

#[test]
fn case_125_the_proof_of_the_proxy_is_not_sent_again() {
    let stage = stage();
    let instant = |mark: &str| -> u128 {
        stage.known("GET", &format!("/api/controller/v2/{mark}/")).send().expect(200);
        let received = &stage.seen(mark)[0];
        received.header("x-trusted-proxy").unwrap().split('-').next().unwrap().parse().unwrap()
    };
    let before = now().as_nanos();
    instant("first125");
    // Its age may be a second at most (setting trusted_header_timeout), so a later one is another one.
    std::thread::sleep(Duration::from_millis(1100));
    let later = now().as_nanos();
    assert!(instant("second125") > before);
    assert!(instant("third125") + 1_000_000_000 > later);
    // A captured one opens nothing here.
    let captured = stage.seen("second125")[0].clone();
    let mut request = stage.server.get("/api/controller/v2/replay125/");
    for name in [TOKEN, "x-trusted-proxy"] {
        request = request.header(name, captured.header(name).unwrap());
    }
    assert_eq!(request.send().status, 401);
    let mut request = stage.server.get("/api/gateway/v1/me/").header(TOKEN, captured.header(TOKEN).unwrap());
    assert_eq!(request.send().status, 401);
    request = stage.server.get("/api/gateway/v1/me/").bearer(captured.header(TOKEN).unwrap());
    assert_eq!(request.send().status, 401);
}

#[test]
fn case_126_the_token_says_who_for_whom_and_until_when() {
    let stage = stage();
    stage.server.make_user("carol", "wonder land 42 x");
    let before = seconds_now();
    for name in ["admin", "carol", "admin"] {
        let password = if name == "admin" { ADMIN_PASSWORD } else { "wonder land 42 x" };
        let target = format!("/api/controller/v2/j126-{name}/");
        stage.server.get(&target).basic(name, password).send().expect(200);
        let claims = claims(&stage.server, stage.seen(&target).last().unwrap());
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!("ansible-issuer"), &json!("ansible-services")));
        assert_eq!(claims["user_data"]["username"], name);
        assert_eq!(claims["user_data"]["is_superuser"], name == "admin");
        // Ten minutes (setting gateway_access_token_expiration), never more.
        let end = claims["exp"].as_i64().unwrap();
        assert!(end > before && end <= seconds_now() + 600, "{claims}");
        let subject = claims["sub"].as_str().unwrap();
        assert_eq!(subject.len(), 36, "{claims}");
        for needed in ["claims_hash", "version", "objects", "object_roles", "global_roles"] {
            assert!(!claims[needed].is_null(), "{needed}");
        }
        assert!(!claims.to_string().contains(password));
    }
}

#[test]
fn case_126_a_change_of_rights_shows_at_the_next_request() {
    let stage = stage();
    let id = stage.server.make_user("dora", "wonder land 42 x");
    let (_, token) = stage.server.make_token("dora", "wonder land 42 x", "write");
    let ask = |mark: &str| {
        let target = format!("/api/controller/v2/{mark}/");
        let status = stage.server.get(&target).bearer(&token).send().status;
        (status, stage.seen(mark).last().map(|it| claims(&stage.server, it)))
    };
    assert_eq!(ask("r126a").1.unwrap()["user_data"]["is_superuser"], false);
    let change = |body: Value| {
        stage.server.as_admin("PATCH", &format!("/api/gateway/v1/users/{id}/")).json(&body).send().expect(200)
    };
    change(json!({"is_superuser": true, "email": "dora@example.com"}));
    let claims = ask("r126b").1.unwrap();
    assert_eq!(claims["user_data"]["is_superuser"], true);
    assert_eq!(claims["user_data"]["email"], "dora@example.com");
    change(json!({"is_superuser": false}));
    assert_eq!(ask("r126c").1.unwrap()["user_data"]["is_superuser"], false);
    stage.server.shell(&["user", "disable", "dora"]);
    assert_eq!(ask("r126d").0, 401);
    assert!(!stage.has_seen("r126d"));
}

#[test]
fn case_127_what_the_user_showed_stays_here() {
    let stage = stage();
    let session = stage.server.sign_in("admin", ADMIN_PASSWORD);
    let (_, token) = stage.server.make_token("admin", ADMIN_PASSWORD, "write");
    let target = "/api/controller/v2/k127/";
    let cookies =
        format!("theme=dark; csrftoken={}; gateway_sessionid={}; lang=en", session.csrf, session.secret);
    let with_cookies = |method: &str| stage.server.request(method, target).header("Cookie", &*cookies);
    with_cookies("GET").send().expect(200);
    with_cookies("POST").header("X-CSRFToken", &*session.csrf).send().expect(200);
    stage.server.get(target).bearer(&token).send().expect(200);
    stage.server.get(target).header("Authorization", format!("token {token}")).send().expect(200);
    stage.known("GET", target).send().expect(200);
    stage.known("GET", target).header("Proxy-Authorization", "Basic planted").send().expect(200);
    let received = stage.seen(target);
    assert_eq!(received.len(), 6);
    let pair = STANDARD.encode(format!("admin:{ADMIN_PASSWORD}"));
    for it in &received {
        let shown = format!("{it:?}");
        for secret in [&session.secret, &session.csrf, &token, &pair, "planted"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(it.header("authorization").is_none(), "{shown}");
        assert_eq!(it.header_all(TOKEN).len(), 1, "{shown}");
    }
    // Cookies that are not ours belong to the component.
    assert_eq!(received[0].header("cookie"), Some("theme=dark; lang=en"));
}
