//! The client's address: what the socket says, unless a trusted proxy says otherwise (cases 176-180).

use std::sync::OnceLock;

use super::shared::Shared;
use super::stage::{services, shared};
use crate::support::raw::{Dice, talk};
use crate::support::{ADMIN_PASSWORD, Options, Server, Upstream};

static SERVER: Shared = Shared::new();
static UPSTREAM: OnceLock<Upstream> = OnceLock::new();

const CLAIMS: &[&str] = &[
    "X-Forwarded-For",
    "X-Real-IP",
    "X-Client-IP",
    "True-Client-IP",
    "X-Cluster-Client-IP",
    "CF-Connecting-IP",
    "Forwarded",
    "X-Envoy-External-Address",
    "X-Originating-IP",
    "X_Forwarded_For",
    "Remote-Addr",
    "Client-IP",
];

fn audit(server: &Server) -> String {
    // The log's own thread writes it a moment later.
    std::thread::sleep(std::time::Duration::from_millis(200));
    std::fs::read_to_string(server.data_dir().join("audit.jsonl")).unwrap_or_default()
}

#[test]
fn case_176_without_trusted_proxies_only_the_socket_counts() {
    let stage = shared(&SERVER, &UPSTREAM);
    for (index, name) in CLAIMS.iter().enumerate() {
        let target = format!("/api/controller/v2/a176-{index}/");
        let request = stage.known("GET", &target).header(name, "203.0.113.9").header(name, "203.0.113.10");
        request
            .header("X-Forwarded-Proto", "https")
            .header("X-Forwarded-Host", "evil.example")
            .send()
            .expect(200);
        let received = &stage.seen(&target)[0];
        assert_eq!(received.header_all("x-forwarded-for"), ["127.0.0.1"], "{name}");
        assert_eq!(received.header_all("x-envoy-external-address"), ["127.0.0.1"], "{name}");
        assert_eq!(received.header_all("x-forwarded-proto"), ["http"], "{name}");
        assert!(!format!("{received:?}").contains("evil.example"), "{received:?}");
        if !matches!(*name, "CF-Connecting-IP" | "X-Originating-IP" | "Client-IP") {
            assert!(!format!("{received:?}").contains("203.0.113"), "{received:?}");
        }
        stage
            .server
            .get("/api/gateway/v1/me/")
            .basic("nobody176", "x")
            .header(name, "203.0.113.9")
            .send()
            .expect(401);
    }
    let log = audit(&stage.server);
    assert!(log.contains("127.0.0.1") && !log.contains("203.0.113"), "{log}");
    // Nor is a connection encrypted because somebody says so.
    let page = stage.server.get("/api/gateway/v1/login/").header("X-Forwarded-Proto", "https").send();
    assert!(!page.set_cookie("csrftoken").unwrap().contains("Secure"));
}

/// A gateway that believes its own machine and 10.0.0.0/8.
fn trusting() -> (Server, Upstream) {
    let upstream = Upstream::start();
    let config = format!(
        "[trusted_proxies]\nnetworks = [\"127.0.0.1\", \"10.0.0.0/8\", \"fd00::/8\"]\n{}",
        services(&upstream, "none", "")
    );
    (Server::start(Options { config, ..Options::default() }), upstream)
}

/// Whom the service is told of when these fields come in.
fn told(server: &Server, upstream: &Upstream, fields: &[&str]) -> Vec<String> {
    let mut request = server.get("/api/controller/v2/ping/");
    for field in fields {
        request = request.header("X-Forwarded-For", *field);
    }
    request.send().expect(200);
    upstream.last().header_all("x-forwarded-for").iter().map(|it| (*it).to_owned()).collect()
}

#[test]
fn case_045_another_address_may_use_a_session_and_is_told_once() {
    let (server, _upstream) = trusting();
    server.make_user("c45-abroad", "Right horse 99");
    let session = server.sign_in("c45-abroad", "Right horse 99");
    let told = || audit(&server).matches("\"session_elsewhere\"").count();
    session.on(server.get("/api/gateway/v1/me/")).send().expect(200);
    assert_eq!(told(), 0, "it is used where it began");
    for _ in 0..3 {
        let request = session.on(server.get("/api/gateway/v1/me/"));
        request.header("X-Forwarded-For", "203.0.113.45").send().expect(200);
    }
    assert_eq!(told(), 1);
    let log = audit(&server);
    let line = log.lines().find(|it| it.contains("session_elsewhere")).unwrap();
    assert!(line.contains("203.0.113.45") && line.contains("c45-abroad"), "{line}");
    assert!(!log.contains(&session.secret));
}

#[test]
fn case_177_the_right_most_address_that_is_no_proxy_counts() {
    let (server, upstream) = trusting();
    for (fields, address) in [
        (&["203.0.113.9"][..], "203.0.113.9"),
        (&["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        (&["198.51.100.1,203.0.113.9,10.1.2.3"], "203.0.113.9"),
        (&["198.51.100.1", "203.0.113.9", "10.1.2.3"], "203.0.113.9"),
        (&["10.1.2.3, 203.0.113.9, 10.255.0.1, 127.0.0.1"], "203.0.113.9"),
        (&["203.0.113.9, 11.0.0.1"], "11.0.0.1"),
        (&["2001:db8::1, fd00::7"], "2001:db8::1"),
        (&["::ffff:203.0.113.9"], "203.0.113.9"),
        (&["203.0.113.9, ::ffff:10.1.2.3"], "203.0.113.9"),
        (&["203.0.113.9:4711"], "203.0.113.9"),
        (&["[2001:db8::1]:4711"], "2001:db8::1"),
    ] {
        assert_eq!(told(&server, &upstream, fields), [address], "{fields:?}");
    }
    // What cannot be read is worth nothing, and neither is what stands left of it.
    for fields in [
        &["203.0.113.9, unknown"][..],
        &["203.0.113.9, _hidden"],
        &["203.0.113.9, "],
        &["203.0.113.9,,"],
        &[""],
        &["unknown"],
        &["203.0.113.9, 256.1.1.1"],
        &["203.0.113.9, 0x7f.1"],
        &["203.0.113.9 198.51.100.1"],
        &["203.0.113.9, 127.1"],
    ] {
        assert_eq!(told(&server, &upstream, fields), ["127.0.0.1"], "{fields:?}");
    }
    // The scheme is believed too, so cookies are marked for encrypted connections.
    let page = server.get("/api/gateway/v1/login/").header("X-Forwarded-Proto", "https").send();
    assert!(page.set_cookie("csrftoken").unwrap().contains("Secure"));
    // A failure is counted against the client, and the log names the client.
    server
        .get("/api/gateway/v1/me/")
        .basic("nobody177", "x")
        .header("X-Forwarded-For", "203.0.113.77")
        .send();
    assert!(audit(&server).contains("203.0.113.77"));
}

#[test]
fn case_178_odd_lists_are_read_or_ignored_and_break_nothing() {
    let (server, upstream) = trusting();
    let thousand = vec!["203.0.113.9"; 1000].join(", ");
    let proxies = vec!["10.0.0.1"; 1000].join(", ");
    let commas = ",".repeat(5000);
    for field in [
        &*thousand,
        &proxies,
        &commas,
        "fe80::1%eth0",
        "[::1",
        "::1]",
        "[]",
        "[::ffff:1.2.3.4]:99999",
        "1.2.3.4:",
        ":80",
        "::",
        "0.0.0.0",
        "1.2.3.4;5.6.7.8",
        "\"1.2.3.4\"",
        "for=1.2.3.4",
        "1.2.3.4\t",
        "%31.2.3.4",
        "1.2.3.4/8",
        "localhost",
        "0177.0.0.1",
        "2130706433",
        "1.2.3.4,\t5.6.7.8",
        "\u{e9}",
    ] {
        let told = told(&server, &upstream, &[field]);
        let shown: String = field.chars().take(40).collect();
        assert_eq!(told.len(), 1, "{shown}");
        told[0].parse::<std::net::IpAddr>().unwrap_or_else(|_| panic!("{shown}: {told:?}"));
    }
    let pieces =
        ["1.2.3.4", "10.0.0.1", ",", ":", "[", "]", "::", "ffff", " ", "unknown", "%", "9", ".", "/"];
    let mut dice = Dice::new(178);
    for _ in 0..300 {
        let field: String = (0..dice.below(12)).map(|_| *dice.pick(&pieces)).collect();
        let told = told(&server, &upstream, &[&field]);
        assert!(told.len() == 1 && told[0].parse::<std::net::IpAddr>().is_ok(), "{field}: {told:?}");
    }
    assert!(!server.output().contains("panic"), "{}", server.output());
}

#[test]
fn case_179_the_headers_of_others_are_gone_before_anything_reads_them() {
    // Trusted is another machine: this one is a stranger, whatever it says.
    let upstream = Upstream::start();
    let config =
        format!("[trusted_proxies]\nnetworks = [\"192.0.2.1\"]\n{}", services(&upstream, "none", ""));
    let server = Server::start(Options { config, ..Options::default() });
    assert_eq!(told(&server, &upstream, &["192.0.2.1"]), ["127.0.0.1"]);
    assert_eq!(told(&server, &upstream, &["127.0.0.1, 192.0.2.1"]), ["127.0.0.1"]);
    // Guesses are counted against the one address that makes them, however it calls itself.
    let config = "[limits]\nfailures_per_address_minute = 5\n";
    let server = Server::with_config(config);
    for index in 0..8 {
        let request = server.get("/api/gateway/v1/me/").basic(&format!("nobody{index}"), "x");
        request.header("X-Forwarded-For", format!("203.0.113.{index}")).send().expect(401);
    }
    let request = server.as_admin("GET", "/api/gateway/v1/me/").header("X-Forwarded-For", "198.51.100.7");
    assert_eq!(request.send().status, 401, "the budget of the address is used up");
    assert_eq!(server.send_form("admin", ADMIN_PASSWORD).status, 401);
}

#[test]
fn case_179_to_trust_everybody_is_refused() {
    for networks in ["0.0.0.0/0", "::/0", "0.0.0.0", "*", "127.0.0.1/33", "10.0.0.0/-1", "any", ""] {
        let folder = crate::support::server::new_folder("trust");
        let file = folder.join("portcullis.toml");
        std::fs::write(&file, format!("[trusted_proxies]\nnetworks = [\"{networks}\"]\n")).unwrap();
        let output =
            crate::support::server::program().arg("check").arg("--config").arg(&file).output().unwrap();
        // One address that nobody has trusts nobody.
        assert_eq!(output.status.success(), networks == "0.0.0.0", "{networks}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn case_180_the_proxy_protocol_is_not_spoken() {
    let stage = shared(&SERVER, &UPSTREAM);
    let request = "GET /api/controller/v2/ping/?pp180 HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n";
    for line in
        ["PROXY TCP4 203.0.113.9 127.0.0.1 4711 80\r\n", "PROXY UNKNOWN\r\n", "PROXY TCP6 ::1 ::1 1 2\r\n"]
    {
        let talk = talk(stage.server.http, (line.to_owned() + request).as_bytes());
        assert!(matches!(talk.status(), 0 | 400), "{line}: {:?}", talk.statuses());
        assert!(talk.is_closed, "{line}");
    }
    // Version 2: its signature, local command, no address.
    let mut bytes = b"\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00".to_vec();
    bytes.extend(request.bytes());
    let talk = talk(stage.server.http, &bytes);
    assert!(matches!(talk.status(), 0 | 400) && talk.is_closed, "{:?}", talk.statuses());
    assert!(!stage.has_seen("pp180"));
}
