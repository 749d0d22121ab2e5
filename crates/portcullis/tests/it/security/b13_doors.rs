//! Paths at Catalyst's and Apprenda's doors: no spelling gets past a rule (cases 109, 111 to 119, 121).

use serde_json::json;

use crate::apprenda::{Platform, SESSIONS};
use crate::catalyst::{DEVICES, LOGIN, Manager, SERVER, TOKEN, answer, is_in, is_out};
use crate::support::http::encode;
use crate::support::raw::talk;
use crate::support::{ADMIN_PASSWORD, Options, Server, Upstream};

/// Both contracts in front of one upstream.
fn both() -> (Server, Upstream) {
    let upstream = Upstream::scripted(|_| answer(200, "{}"));
    let config = crate::catalyst::service(&upstream, "") + &crate::apprenda::services(&upstream);
    (Server::start(Options { config, ..Options::default() }), upstream)
}

/// One request with this target, byte for byte; the status, 0 for none.
fn status(server: &Server, target: &[u8], more: &str) -> u16 {
    let mut bytes = b"GET ".to_vec();
    bytes.extend(target);
    bytes.extend(format!(" HTTP/1.1\r\nHost: gateway\r\n{more}Connection: close\r\n\r\n").bytes());
    talk(server.http, &bytes).status()
}

#[test]
fn case_109_the_number_of_a_sign_out_is_a_number() {
    let manager = Manager::new();
    for number in
        ["%0d%0aSet-Cookie:%20x=1", "1%0d%0a", "%00", "//evil.example", "javascript:1", "<script>", "é", ""]
    {
        for method in ["GET", "POST"] {
            let answer = manager
                .server
                .request(method, &format!("/logout?nocache={}", number.replace('é', "%C3%A9")))
                .send();
            assert_eq!(answer.header("set-cookie").filter(|it| !it.starts_with("JSESSIONID=")), None);
            if answer.status == 302 {
                let place = answer.header("location").unwrap();
                let rest = place.strip_prefix("/welcome.html?nocache=").unwrap_or_else(|| panic!("{place}"));
                assert!(rest.bytes().all(|it| it.is_ascii_digit()), "{place}");
            } else {
                assert_eq!(answer.status, 400, "{number}");
            }
        }
    }
}

#[test]
fn case_111_no_spelling_of_an_open_path_reaches_a_closed_one_of_the_two_doors() {
    let (server, upstream) = both();
    for target in [
        &b"/welcome.html/../dataservice/device"[..],
        b"/welcome.html/..;/dataservice/device",
        b"/welcome.html%2f..%2fdataservice/device",
        b"/dataservice/client/server/ready/../../../device",
        b"/dataservice/client/server/ready/..;/..;/..;/device",
        b"/dataservice/client/server/ready/%2e%2e/%2e%2e/%2e%2e/device",
        b"/dataservice/client/server/ready%2f..%2f..%2f..%2fdevice",
        b"/dataservice/client/server/ready/..%5c..%5cdevice",
        b"/dataservice/client/server/ready%00/../../device",
        b"/dataservice/device/%252e%252e/client/server/ready",
        b"/dataservice/device/..%c0%afclient/server/ready",
        b"/dataservice/device;/client/server/ready",
        b"/dataservice/device%3b/client/server/ready",
        b"/dataservice//device",
        b"//dataservice/device",
        b"/./dataservice/device",
        b"/dataservice/device/.",
        b"/dataservice/device%23/j_security_check",
        b"/dataservice/device?/j_security_check",
        b"/dataservice/device#/j_security_check",
        b"/authentication/api/v1/sessions/soc/../../../../../soc/api/v1/clouds",
        b"/authentication/api/v1/sessions/soc/..;/..;/..;/..;/..;/soc/api/v1/clouds",
        b"/soc/..%2f..%2fauthentication/api/v1/sessions/soc",
        b"/soc/api/v1/clouds?x=/authentication/api/v1/sessions/soc",
    ] {
        let status = status(&server, target, "");
        let shown = String::from_utf8_lossy(target);
        assert!(matches!(status, 307 | 400 | 401 | 404), "{shown}: {status}");
    }
    assert_eq!(upstream.received().len(), 0);
}

#[test]
fn case_113_an_encoded_letter_of_the_login_is_the_letter() {
    let (server, upstream) = both();
    let right = format!("j_username=admin&j_password={}", encode(ADMIN_PASSWORD));
    let wrong = "j_username=admin&j_password=wrong";
    let form =
        |target: &str, body: &str| server.post(target).body("application/x-www-form-urlencoded", body).send();
    // Every path that ends so is the login, whoever has what is before it; no spelling of it is anything else.
    for target in [
        "/j_security_check",
        "/%6a_security_check",
        "/%6A_security_check",
        "/j%5fsecurity_check",
        "/j%5Fsecurity%5Fcheck",
        "/dataservice/%6a_security_check",
        "/dataservice/device/j_security_check",
        "/dataservice/x/y/%6a_security_chec%6b",
        "/soc/j_security_check",
    ] {
        let answer = form(target, &right);
        assert!(is_in(&answer), "{target}: {} {}", answer.status, answer.text());
        assert!(is_out(&form(target, wrong)), "{target}");
        assert!(server.get(target).send().cookie("JSESSIONID").is_none(), "{target}");
    }
    // What only looks like it is either the login too, or nothing at all.
    for target in [
        "/j_security_check%2f..%2fx",
        "/%256a_security_check",
        "/j_security_check%00",
        "/j_security_check%20",
        "/J_SECURITY_CHECK",
        "/dataservice/J_Security_Check",
        "/j_security_check;x=y",
        "/xj_security_check",
        "/j_security_checkx",
        "/j_security_check%23",
    ] {
        let (answer, refused) = (form(target, &right), form(target, wrong));
        let is_login = is_in(&answer) && is_out(&refused);
        let is_nothing = [&answer, &refused].iter().all(|it| matches!(it.status, 400 | 401 | 404));
        assert!(is_login || is_nothing, "{target}: {} {}", answer.status, refused.status);
    }
    assert_eq!(upstream.received().len(), 0, "no name and no password reaches a service");
    for target in ["/%6awt/login", "/jwt/%6cogin"] {
        let body = json!({"username": "admin", "password": ADMIN_PASSWORD});
        server.post(target).json(&body).send().expect(200);
    }
    let target = SESSIONS.replacen("/api/", "/%61pi/", 1);
    let request = server.encrypted("POST", &format!("{target}/s%6fc"));
    request.json(&json!({"username": "admin", "password": ADMIN_PASSWORD})).send_encrypted().expect(201);
}

#[test]
fn case_114_115_capitals_parameters_and_queries_open_nothing_at_the_two_doors() {
    let (server, upstream) = both();
    for target in [
        "/dataservice/Client/Server/Ready",
        "/DATASERVICE/device",
        "/dataservice/device;a.css",
        "/dataservice/device.css",
        "/dataservice/device%20",
        "/dataservice/device?x=/welcome.html",
        "/dataservice/device?/dataservice/client/server/ready",
        "/dataservice/welcome.html",
        "/dataservice/welcome.html/device",
        "/dataservice/logout",
        "/dataservice/jwt/login",
        "/dataservice/client/token/j_security_check/x",
        "/dataservice/client/server/readyx",
        "/dataservice/client/server/ready.css",
    ] {
        let answer = server.get(target).send();
        assert!(matches!(answer.status, 400 | 401 | 404), "{target}: {}", answer.status);
    }
    for target in
        ["/SOC/api/v1/clouds", "/soc/api/v1/clouds;a.css", "/Soc;x=1/api/v1/clouds", "/soc/service.asmx"]
    {
        let answer = server.encrypted("GET", target).send_encrypted();
        assert!(matches!(answer.status, 400 | 401 | 404), "{target}: {}", answer.status);
    }
    assert_eq!(upstream.received().len(), 0);
}

#[test]
fn case_116_117_what_a_client_says_of_its_path_and_itself_opens_nothing() {
    let (server, upstream) = both();
    let login = crate::catalyst::sign_in(&server, "admin", ADMIN_PASSWORD);
    let names =
        ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "X-Forwarded-Prefix", "X-Original-URI"];
    for name in names {
        for value in ["/welcome.html", "/dataservice/client/server/ready", LOGIN] {
            server.get(DEVICES).header(name, value).send().expect(401);
        }
        login.without_token(server.get(DEVICES)).header(name, "/dataservice/admin").send().expect(200);
        let seen = upstream.received().pop().unwrap();
        assert_eq!((&*seen.target, seen.header(name)), (DEVICES, None));
    }
    for agent in ["kube-probe/1.30", "ELB-HealthChecker/2.0", "GoogleHC/1.0", "catalystwan/0.41.6"] {
        server.get(DEVICES).header("User-Agent", agent).send().expect(401);
    }
}

#[test]
fn case_118_a_service_s_prefix_ends_at_a_segment_at_the_two_doors() {
    let (server, upstream) = both();
    let login = crate::catalyst::sign_in(&server, "admin", ADMIN_PASSWORD);
    for target in ["/dataservicex/device", "/dataservicex", "/data", "/socx/api", "/socket/"] {
        let status = login.without_token(server.get(target)).send().status;
        assert!(matches!(status, 400 | 404), "{target}: {status}");
    }
    // The prefix without its slash is the service's, and asks for a proof.
    server.get("/dataservice").send().expect(401);
    server.encrypted("GET", "/soc").send_encrypted().expect(401);
    assert_eq!(upstream.received().len(), 0);
}

#[test]
fn case_119_what_cannot_be_read_is_refused_at_the_two_doors() {
    let (server, upstream) = both();
    for header in [
        "Cookie: JSESSIONID=%\r\n",
        "Cookie: JSESSIONID\r\n",
        "Cookie: =\r\n",
        "Authorization: Bearer eyJ..\r\n",
        "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.\r\n",
        "Authorization: \r\n",
        "VSessionId: !!!\r\n",
        "X-XSRF-TOKEN: \r\n",
    ] {
        let refused = status(&server, DEVICES.as_bytes(), header);
        assert!(matches!(refused, 400 | 401), "{header}: {refused}");
        let refused = status(&server, SERVER.as_bytes(), header);
        assert!(matches!(refused, 400 | 401), "{header}: {refused}");
        let refused = status(&server, TOKEN.as_bytes(), header);
        assert!(matches!(refused, 400 | 401), "{header}: {refused}");
    }
    let platform = Platform { server, upstream: upstream.clone() };
    for token in ["", " ", "%", "%zz", "%00", "====", "\u{e9}", &"A".repeat(8000)] {
        let answer = platform.get(token, crate::apprenda::CLOUDS);
        assert!(matches!(answer.status, 400 | 401), "{token}: {}", answer.status);
    }
    assert_eq!(upstream.received().len(), 0);
}

#[test]
fn case_121_methods_are_what_they_are_at_the_two_doors() {
    let (server, upstream) = both();
    for method in ["get", "Get", "post", "FOO", "TRACE", "TRACK", "CONNECT", "PROPFIND"] {
        for target in [DEVICES, SERVER, LOGIN, "/jwt/login"] {
            let answer = server.request(method, target).try_send();
            let status = answer.map_or(0, |it| it.status);
            assert!(
                status == 0 || (400..=501).contains(&status) || target == LOGIN,
                "{method} {target}: {status}"
            );
        }
    }
    // A read by `HEAD` needs what a read by `GET` needs.
    for target in [DEVICES, SERVER, TOKEN] {
        server.request("HEAD", target).send().expect(401);
    }
    let login = crate::catalyst::sign_in(&server, "admin", ADMIN_PASSWORD);
    let head = login.without_token(server.request("HEAD", SERVER)).send().expect(200);
    assert!(head.body.is_empty());
    assert_eq!(upstream.received().len(), 0);
}
