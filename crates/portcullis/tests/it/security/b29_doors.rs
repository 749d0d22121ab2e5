//! Secrets of Catalyst's and Apprenda's doors: told to no stranger, no service, no log and no file (cases 22, 65, 122,
//! 123, 127, 177, 198, 203).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use super::stage::Stage;
use crate::apprenda::{CLOUDS, SESSIONS, fields, plain, token_in};
use crate::catalyst::{DEVICES, SERVER, sign_in};
use crate::support::upstream::Answer;
use crate::support::{ADMIN_PASSWORD, Options, Request, Server, Upstream};

/// A gateway of the chattiest kind with both contracts in front of one upstream.
fn both(more: &str) -> (Server, Upstream) {
    let upstream = Upstream::scripted(|_| crate::catalyst::answer(200, "{}"));
    let config = format!(
        "{more}\n{}{}",
        crate::catalyst::service(&upstream, ""),
        crate::apprenda::services(&upstream)
    );
    (Server::start(Options { config, ..Options::default() }), upstream)
}

fn cloud_token(server: &Server) -> String {
    let request = server.encrypted("POST", &format!("{SESSIONS}/soc"));
    token_in(&request.json(&fields("admin", ADMIN_PASSWORD)).send_encrypted().expect(201))
}

/// Every secret that the two doors hand out, by name.
fn secrets(server: &Server) -> Vec<(&'static str, String)> {
    let session = sign_in(server, "admin", ADMIN_PASSWORD);
    let jwt = server.post("/jwt/login").json(&fields("admin", ADMIN_PASSWORD)).send().expect(200).json();
    let text = |key: &str| jwt[key].as_str().unwrap().to_owned();
    vec![
        ("JSESSIONID", session.cookie),
        ("the XSRF token", session.xsrf),
        ("the access token", text("token")),
        ("the refresh token", text("refresh")),
        ("the token of the JWT login", text("csrf")),
        ("ApprendaSessionToken", plain(&cloud_token(server))),
    ]
}

/// The spellings in which a secret might be written down.
fn spellings(secret: &str) -> Vec<String> {
    let hex = secret.bytes().map(|it| format!("{it:02x}")).collect::<Vec<_>>().concat();
    let mut all = vec![
        secret.to_owned(),
        secret.to_lowercase(),
        secret.to_uppercase(),
        hex.to_uppercase(),
        hex,
        STANDARD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        crate::support::http::encode(secret),
    ];
    all.extend(STANDARD.decode(secret).ok().and_then(|it| String::from_utf8(it).ok()));
    // The claims of a JWT and the numbers in a token are no secret; its signature and its text are.
    all.extend(secret.rsplit('.').next().filter(|it| it.len() > 40).map(str::to_owned));
    all
}

#[test]
fn case_198_no_secret_of_the_two_doors_is_in_any_log() {
    let (server, _upstream) = both("[log]\nlevel = \"trace\"\naccess = true\n");
    let found = secrets(&server);
    let get = |name: &str| &found.iter().find(|it| it.0 == name).unwrap().1;
    let (cookie, xsrf, token) = (get("JSESSIONID"), get("the XSRF token"), get("ApprendaSessionToken"));
    // Used in every way: right, refused, ended, misplaced.
    for target in [DEVICES, SERVER, "/dataservice/admin/user", "/logout"] {
        for method in ["GET", "POST"] {
            let request = || server.request(method, target).header("Cookie", format!("JSESSIONID={cookie}"));
            request().header("X-XSRF-TOKEN", &**xsrf).json(&json!({})).send();
            request().header("X-XSRF-TOKEN", format!("{xsrf}x")).send();
            for bearer in ["the access token", "the refresh token"] {
                server.request(method, target).bearer(get(bearer)).send();
            }
        }
    }
    server.post("/jwt/refresh").json(&json!({"refresh": get("the refresh token")})).send().expect(200);
    server.post("/jwt/refresh").json(&json!({"refresh": format!("{}x", get("the refresh token"))})).send();
    for target in [CLOUDS, "/developer/api/v1/apps", "/soc/x%00"] {
        server.encrypted("GET", target).header("ApprendaSessionToken", &**token).send_encrypted();
        let body = json!({"ApprendaSessionToken": token});
        server.encrypted("POST", target).json(&body).send_encrypted();
        server.get(target).header("ApprendaSessionToken", &**token).send();
    }
    for target in
        ["/soc/api/v1/x", &*format!("{SESSIONS}/soc/{token}"), &*format!("/api/v1/sessions/soc/{token}")]
    {
        for method in ["GET", "DELETE"] {
            server.encrypted(method, target).send_encrypted();
            server.request(method, target).send();
        }
    }
    let audit = std::fs::read_to_string(server.data_dir().join("audit.jsonl")).unwrap();
    for log in [server.output(), audit] {
        for (name, secret) in &found {
            for spelling in spellings(secret) {
                assert!(!log.contains(&spelling), "{name} is in a log:\n{log}");
            }
        }
        assert!(!log.contains(ADMIN_PASSWORD));
    }
}

#[test]
fn case_203_no_secret_of_the_two_doors_is_in_the_data_directory() {
    let (mut server, _upstream) = both("");
    let found = secrets(&server);
    server.stop();
    let mut files = 0;
    for entry in std::fs::read_dir(server.data_dir()).unwrap().flatten() {
        let Ok(bytes) = std::fs::read(entry.path()) else { continue };
        files += 1;
        let text = String::from_utf8_lossy(&bytes);
        for (name, secret) in &found {
            for spelling in spellings(secret) {
                assert!(!text.contains(&spelling), "{name} is in {:?}", entry.path());
            }
        }
    }
    assert!(files > 2);
    server.start_again();
    let cookie = format!("JSESSIONID={}", found[0].1);
    server.get(SERVER).header("Cookie", cookie).send().expect(200);
}

#[test]
fn case_122_127_proofs_of_the_two_doors_reach_no_service_of_another() {
    let stage = Stage::new();
    let found = secrets(&stage.server);
    let request = |target: &str| {
        let mut request = stage.server.get(target);
        for name in ["ApprendaSessionToken", "apprendasessiontoken", "X-XSRF-TOKEN", "VSessionId"] {
            request = request.header(name, &*found[5].1);
        }
        let cookies = format!("a=1; JSESSIONID={}; awx_sessionid=x; gateway_sessionid=y; b=2", found[0].1);
        request.header("Cookie", cookies)
    };
    request("/api/controller/v2/hosts/").basic("admin", ADMIN_PASSWORD).send().expect(200);
    // Also where nobody asked for a proof (case 123).
    request("/api/controller/v2/ping/").send();
    let seen = stage.upstream.received();
    assert!(!seen.is_empty());
    for received in seen {
        let text = format!("{received:?}");
        assert_eq!(received.header("apprendasessiontoken"), None, "{text}");
        assert!(!text.contains("JSESSIONID") && !text.contains(&found[5].1), "{text}");
        assert!(received.header("cookie").is_none_or(|it| it == "a=1; b=2"), "{text}");
    }
}

#[test]
fn case_065_a_service_of_another_contract_cannot_set_catalyst_s_cookie() {
    let lines =
        "Set-Cookie: JSESSIONID=theirs; Path=/\r\nSet-Cookie: own=1\r\nset-cookie:  JSESSIONID = x\r\n";
    let stage =
        Stage::with("", move |_| Answer::raw(format!("HTTP/1.1 200 OK\r\n{lines}Content-Length: 0\r\n\r\n")));
    let answer = stage.known("GET", "/api/controller/v2/hosts/").send().expect(200);
    assert_eq!(answer.header_all("set-cookie"), ["own=1"]);
}

#[test]
fn case_022_what_a_stranger_is_told_at_the_two_doors() {
    let (server, _upstream) = both("[catalyst]\nversion = \"20.13.7\"\n");
    for target in [
        "/welcome.html",
        "/login.html",
        "/dataservice/client/server/ready",
        "/dataservice/client/about",
        SERVER,
        DEVICES,
        "/dataservice/system/device/controllers",
        "/j_security_check",
    ] {
        let answer = server.get(target).send();
        let text = answer.text();
        assert!(!text.contains("20.13") && !text.contains("admin\""), "{target}: {text}");
        assert_eq!(answer.header("server"), None, "{target}");
    }
    let ready = server.get("/dataservice/client/server/ready").send().expect(200);
    assert_eq!(ready.json(), json!({"isServerReady": true}));
    let tenants = format!("{SESSIONS}/developer/tenants?username=admin");
    let answer = server.encrypted("GET", &tenants).send_encrypted().expect(200);
    assert_eq!(answer.json(), json!({"tenants": []}));
}

#[test]
fn case_177_a_trusted_proxy_says_that_a_client_came_encrypted() {
    let target = format!("{SESSIONS}/soc");
    let ask = |server: &Server, more: fn(Request) -> Request| {
        more(server.post(&target)).json(&fields("admin", ADMIN_PASSWORD)).send().status
    };
    let (trusting, _upstream) = both("[trusted_proxies]\nnetworks = [\"127.0.0.1\"]\n");
    let (other, _upstream) = both("");
    assert_eq!(ask(&trusting, |it| it.header("X-Forwarded-Proto", "https")), 201);
    assert_eq!(ask(&trusting, |it| it.header("X-Forwarded-Proto", "http")), 307);
    for more in [
        (|it| it.header("X-Forwarded-Proto", "https")) as fn(Request) -> Request,
        |it| it.header("Forwarded", "proto=https;for=192.0.2.1"),
        |it| it.header("X-Forwarded-Ssl", "on"),
        |it| it.header("Front-End-Https", "on"),
        |it| it,
    ] {
        assert_eq!(ask(&other, more), 307, "anybody can say so");
    }
}
