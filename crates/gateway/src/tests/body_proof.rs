//! Requests of Apprenda's contract: the token in a header or a body is judged, and no trace of it reaches a service.

use std::time::Duration;

use identity::action::{Claim, Draft};
use identity::model::policy::Policy;
use identity::model::secret::Secret;
use identity::model::session::SessionKind;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::rig::{PASSWORD, Rig, config, raw, read_all, service, status};
use super::upstream::{Seen, Upstream};
use crate::config::{Network, PublicPath, Service};

const JSON: &str = "Content-Type: application/json\r\n";
const PATH: &str = "/developer/api/v1/apps";
const OPEN: &str = "/developer/open/x";

/// A gateway before a service of the contract, and one of another; clients come through a proxy that speaks https.
struct Site {
    rig: Rig,
    upstream: Upstream,
    token: String,
}

impl Site {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut crate::config::Config)) -> Self {
        let upstream = Upstream::ok().await;
        let cloud = |name: &str, path: &str| Service {
            name: name.into(),
            path: path.into(),
            dialect: dialects::named("apprenda").unwrap(),
            public: vec![PublicPath::Below("/developer/open/".into())],
            allow: Policy { everybody: true, ..Policy::default() },
            body_max: 4 * 1024 * 1024,
            ..service(&[upstream.address])
        };
        let mut config = config(vec![
            cloud("developer", "/developer/"),
            cloud("soc", "/soc/"),
            service(&[upstream.address]),
        ]);
        config.trusted_proxies = vec![Network { address: "127.0.0.1".parse().unwrap(), bits: 32 }];
        change(&mut config);
        let rig = Rig::start(config).await;
        rig.user("ann", true).await;
        let token = session(&rig, "ann").await;
        Self { rig, upstream, token }
    }

    /// The answer to a request with these header lines and this body.
    async fn send(&self, method: &str, path: &str, lines: &str, body: &str) -> String {
        let length = body.len();
        let lines = format!("{lines}Content-Length: {length}\r\n");
        raw(self.rig.address(), format!("{}{body}", head(method, path, &lines)).as_bytes()).await
    }

    /// What reached the service, of which no part is the token.
    fn seen(&self) -> Seen {
        let seen = self.upstream.only();
        let text = format!("{}{}", seen.head, String::from_utf8_lossy(&seen.body));
        let secret = &self.token[..96];
        assert!(!text.contains(secret) && !text.to_lowercase().contains("apprendasession"), "{text}");
        assert!(seen.all("authorization").is_empty());
        assert!(!seen.all("x-dab-jw-token").is_empty(), "for somebody");
        seen
    }

    fn body(&self) -> String {
        format!("{{\"a\": 1.50, \"ApprendaSessionToken\": \"{}\", \"b\": [\"é\"]}}", self.token)
    }
}

/// What is left of that body.
const LEFT: &str = "{\"a\": 1.50,  \"b\": [\"é\"]}";

/// The beginning of a request that came encrypted.
fn head(method: &str, path: &str, lines: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\nX-Forwarded-Proto: https\r\n{lines}\r\n"
    )
}

async fn session(rig: &Rig, username: &str) -> String {
    let password = Secret::new(PASSWORD);
    let spelling = |_: &Draft<'_>| Ok(dialects::apprenda::token::new(&super::rig::TestRandom));
    let mut claim = Claim::new(username, &password, SessionKind::Cloud);
    claim.spelling = Some(&spelling);
    rig.authority.sign_in(&rig.context(), claim).await.unwrap().secret.expose().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_the_header_goes_no_further() {
    let site = Site::new().await;
    let encoded = site.token.replace('=', "%3D");
    let lines = format!(
        "apprendasessiontoken: {encoded}\r\nApprenda_Session.Token: {encoded}\r\nAuthorization: Basic eDp5\r\n"
    );
    let answer = site.send("GET", PATH, &lines, "").await;
    assert_eq!(status(&answer), 200, "{answer}");
    site.seen();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_the_body_is_cut_out_and_the_length_is_right() {
    for method in ["POST", "PUT"] {
        let site = Site::new().await;
        let answer = site.send(method, PATH, JSON, &site.body()).await;
        assert_eq!(status(&answer), 200, "{answer}");
        let seen = site.seen();
        assert_eq!(String::from_utf8_lossy(&seen.body), LEFT);
        assert_eq!(seen.one("content-length"), LEFT.len().to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunked_body_with_trailers_is_no_different() {
    let site = Site::new().await;
    let body = site.body();
    let (first, second) = body.as_bytes().split_at(40);
    let mut request =
        head("POST", PATH, &format!("{JSON}Transfer-Encoding: chunked\r\nTrailer: x\r\n")).into_bytes();
    for part in [first, second] {
        request.extend_from_slice(format!("{:x}\r\n", part.len()).as_bytes());
        request.extend_from_slice(part);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(format!("0\r\nApprendaSessionToken: {}\r\n\r\n", site.token).as_bytes());
    let answer = site.rig.raw(&request).await;
    assert_eq!(status(&answer), 200, "{answer}");
    let seen = site.seen();
    assert_eq!(String::from_utf8_lossy(&seen.body), LEFT);
    assert!(seen.all("transfer-encoding").is_empty(), "its length is known");
    assert_eq!(seen.one("content-length"), LEFT.len().to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_both_places_leaves_no_trace_if_it_is_the_same() {
    let site = Site::new().await;
    let lines = format!("{JSON}ApprendaSessionToken: {}\r\n", site.token.replace('=', "%3D"));
    assert_eq!(status(&site.send("POST", PATH, &lines, &site.body()).await), 200);
    assert_eq!(String::from_utf8_lossy(&site.seen().body), LEFT);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tokens_are_none() {
    let site = Site::new().await;
    let other = session(&site.rig, "ann").await;
    let lines = format!("{JSON}ApprendaSessionToken: {other}\r\n");
    assert_eq!(status(&site.send("POST", PATH, &lines, &site.body()).await), 401);
    let token = &site.token;
    let twice =
        format!("{{\"ApprendaSessionToken\":\"{token}\",\"\\u0061pprendasessiontoken\":\"{token}\"}}");
    for path in [PATH, OPEN] {
        let answer = site.send("POST", path, JSON, &twice).await;
        assert_eq!(status(&answer), 401, "{answer}");
    }
    let lines = format!("ApprendaSessionToken: {token}\r\nApprendaSessionToken: {token}\r\n");
    assert_eq!(status(&site.send("GET", PATH, &lines, "").await), 401);
    assert!(site.upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_json_of_post_and_put_is_looked_into() {
    let site = Site::new().await;
    let compressed = format!("{JSON}Content-Encoding: gzip\r\n");
    for (method, lines) in [
        ("POST", "Content-Type: application/octet-stream\r\n"),
        ("POST", ""),
        ("POST", &compressed),
        ("PATCH", JSON),
        ("DELETE", JSON),
        ("GET", JSON),
    ] {
        let answer = site.send(method, PATH, lines, &site.body()).await;
        assert_eq!(status(&answer), 401, "{method} {lines}");
        assert!(answer.contains("{\"message\":\"No session token was provided."), "{answer}");
    }
    assert_eq!(status(&site.send("POST", PATH, JSON, "{\"a\":1}").await), 401);
    assert_eq!(status(&site.send("POST", PATH, JSON, "").await), 401);
    assert!(site.upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_of_another_contract_gets_its_body_as_it_came() {
    let site = Site::new().await;
    let answer = site.send("POST", "/api/controller/open/x", JSON, &site.body()).await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert_eq!(String::from_utf8_lossy(&site.upstream.only().body), site.body());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_open_to_everybody_needs_no_token_and_shows_none() {
    let site = Site::new().await;
    assert_eq!(status(&site.send("POST", OPEN, JSON, &site.body()).await), 200);
    assert_eq!(String::from_utf8_lossy(&site.seen().body), LEFT);
    let long = " ".repeat(1_500_000);
    assert_eq!(status(&site.send("POST", OPEN, JSON, &long).await), 200);
    assert_eq!(site.upstream.seen()[1].body.len(), long.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_long_needs_its_token_in_the_header() {
    let site = Site::new().await;
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(1_500_000));
    // Declared, it is refused unread: nobody is told to go on.
    let lines = format!("{JSON}Expect: 100-continue\r\nContent-Length: {}\r\n", long.len());
    let answer = site.rig.raw(head("POST", PATH, &lines).as_bytes()).await;
    assert_eq!(status(&answer), 413, "{answer}");
    let reason = "{\"message\":\"The request body is too large to look for a token in it. Send the token in the \
                  header.\"}";
    assert!(answer.contains(reason), "{answer}");
    // Undeclared, when it turns out to be.
    let chunks = format!("{:x}\r\n{long}\r\n0\r\n\r\n", long.len());
    let chunked = format!("{JSON}Transfer-Encoding: chunked\r\n");
    let answer = site.rig.raw(format!("{}{chunks}", head("POST", PATH, &chunked)).as_bytes()).await;
    assert!([0, 413].contains(&status(&answer)), "{answer}");
    assert!(site.upstream.seen().is_empty());

    // With the header it goes through as a stream, declared or not.
    let header = format!("{JSON}ApprendaSessionToken: {}\r\n", site.token);
    assert_eq!(status(&site.send("POST", PATH, &header, &long).await), 200);
    let lines = format!("{header}Transfer-Encoding: chunked\r\n");
    let answer = site.rig.raw(format!("{}{chunks}", head("PUT", PATH, &lines)).as_bytes()).await;
    assert_eq!(status(&answer), 200, "{answer}");
    for seen in site.upstream.seen() {
        // With or without the lengths of chunks between them.
        assert_eq!(String::from_utf8_lossy(&seen.body).matches('x').count(), 1_500_000);
        assert!(!seen.head.contains(&site.token[..96]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_first_is_told_to_go_on() {
    let site = Site::new().await;
    let body = site.body();
    let lines = format!("{JSON}Expect: 100-continue\r\nContent-Length: {}\r\n", body.len());
    let mut stream = TcpStream::connect(site.rig.address()).await.unwrap();
    stream.write_all(head("POST", PATH, &lines).as_bytes()).await.unwrap();
    let first = read_all(&mut stream, Duration::from_millis(500)).await;
    assert!(first.starts_with("HTTP/1.1 100 "), "{first}");
    stream.write_all(body.as_bytes()).await.unwrap();
    let answer = read_all(&mut stream, Duration::from_secs(3)).await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(site.seen().all("expect").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_never_comes_is_not_waited_for() {
    let site = Site::with(|config| config.limits.body_timeout = Duration::from_millis(300)).await;
    let lines = format!("{JSON}Content-Length: 100\r\n");
    let request = format!("{}{{\"half\":", head("POST", PATH, &lines));
    let answer = tokio::time::timeout(Duration::from_secs(20), site.rig.raw(request.as_bytes())).await;
    let answer = answer.unwrap();
    assert_eq!(status(&answer), 408, "{answer}");
    assert!(answer.contains("{\"message\":"), "in the contract's words: {answer}");
    assert!(site.upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_token_of_a_body_is_told_so() {
    let site = Site::new().await;
    let secret = Secret::new(site.token.clone());
    let ended = site.rig.authority.sign_out(&site.rig.context(), SessionKind::Cloud, &secret).await;
    assert!(ended.unwrap());
    let answer = site.send("POST", PATH, JSON, &site.body()).await;
    assert_eq!(status(&answer), 401);
    assert!(answer.contains("{\"message\":\"The session token is not valid or has expired.\"}"), "{answer}");
    assert!(site.upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portals_rule_holds_for_a_session_made_anywhere() {
    let site = Site::new().await;
    site.rig.user("dave", false).await;
    let token = session(&site.rig, "dave").await;
    let header = format!("ApprendaSessionToken: {token}\r\n");
    for path in [PATH, "/soc/api/v1/nodes", "/%73oc/api/v1/nodes"] {
        let answer = site.send("GET", path, &header, "").await;
        assert!(
            answer.starts_with("HTTP/1.1 403 You are not authorized to access this application\r\n"),
            "{answer}"
        );
    }
    assert!(site.upstream.seen().is_empty());
    let header = format!("ApprendaSessionToken: {}\r\n", site.token);
    assert_eq!(status(&site.send("GET", "/soc/api/v1/nodes", &header, "").await), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_in_clear_is_sent_to_https_with_its_body() {
    let site = Site::new().await;
    let lines =
        |more: &str| format!("{JSON}ApprendaSessionToken: {}\r\n{more}Content-Length: 2\r\n", site.token);
    let ask = async |path: &str, more: &str| {
        let request =
            format!("POST {path} HTTP/1.1\r\nHost: GW:80\r\nConnection: close\r\n{}\r\n{{}}", lines(more));
        site.rig.raw(request.as_bytes()).await
    };
    for path in [PATH, OPEN, "/authentication/api/v1/sessions/soc"] {
        let answer = ask(path, "X-Forwarded-Proto: http\r\n").await;
        assert_eq!(status(&answer), 307, "{answer}");
        assert!(answer.contains(&format!("location: https://gw{path}\r\n")), "{answer}");
        // A proxy that does not say how the client came could send it here again and again.
        let answer = ask(path, "").await;
        assert_eq!(status(&answer), 403, "{answer}");
        assert!(!answer.contains("location:"), "{answer}");
    }
    assert!(site.upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_answered_with_its_length_and_logged_without_its_token() {
    let site = Site::new().await;
    let body = format!("{{\"username\":\"ann\",\"password\":\"{PASSWORD}\"}}");
    let answer = site.send("POST", "/authentication/api/v1/sessions/soc/", JSON, &body).await;
    assert_eq!(status(&answer), 201, "{answer}");
    let (head, text) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}\r\n", text.len())), "{head}");
    assert!(!head.contains("transfer-encoding"));
    let path = format!("/authentication/api/v1/sessions/soc/{}/more", site.token);
    site.send("DELETE", &path, "", "").await;
    let path = format!("/authentication/api/v1/sessions/soc/{}", site.token);
    assert_eq!(status(&site.send("GET", &path, "", "").await), 405);
    assert_eq!(status(&site.send("DELETE", &path, "", "").await), 204);
    let audited = format!("{:?}", site.rig.audited());
    assert!(!audited.contains(&site.token[..96]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portals_rule_holds_wherever_its_platform_is_mounted() {
    let site = Site::with(|config| {
        let soc = config.services[1].clone();
        let moved = |name: &str, path: &str, behind: &str| {
            let mut service = Service { name: name.into(), path: path.into(), ..soc.clone() };
            if let crate::config::Target::Upstream { path, .. } = &mut service.target {
                *path = Some(behind.into());
            }
            service
        };
        config.services.push(moved("all", "/cloud/", "/"));
        config.services.push(moved("one", "/operations/", "/soc/"));
    })
    .await;
    site.rig.user("dave", false).await;
    let token = session(&site.rig, "dave").await;
    let header = format!("ApprendaSessionToken: {token}\r\n");
    for path in ["/cloud/soc/api/v1/nodes", "/cloud/SOC;a=b/api", "/operations/api/v1/nodes", "/operations"] {
        let answer = site.send("GET", path, &header, "").await;
        assert_eq!(status(&answer), 403, "{path}: {answer}");
    }
    assert!(site.upstream.seen().is_empty());
    assert_eq!(status(&site.send("GET", "/cloud/images/a.png", &header, "").await), 200);
    let header = format!("ApprendaSessionToken: {}\r\n", site.token);
    assert_eq!(status(&site.send("GET", "/cloud/soc/api/v1/nodes", &header, "").await), 200);
}
