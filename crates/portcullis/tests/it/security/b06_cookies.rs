//! Cookies: the attributes that we set, the strict rule by which we read, and those of services behind us.

use std::sync::Arc;

use super::shared::Shared;
use crate::support::http::exchange;
use crate::support::upstream::Answer;
use crate::support::visitor::LOGIN;
use crate::support::{ADMIN_PASSWORD, Options, Request, Server, Upstream};

const ME: &str = "/api/gateway/v1/me/";
const HOSTS: &str = "/api/controller/v2/hosts/";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(|| {
        Server::start(Options {
            demo: true,
            config: "[trusted_proxies]\nnetworks = [\"127.0.0.1\"]\n".to_owned(),
            ..Options::default()
        })
    })
}

/// The statuses of our own API and of a service for a request with this `Cookie` field.
fn both(server: &Server, cookie: &str) -> (u16, u16) {
    let ask = |path: &str| server.get(path).header("Cookie", cookie).send().status;
    (ask(ME), ask(HOSTS))
}

/// The attributes of a `Set-Cookie` line, sorted, without `expires`.
fn attributes(line: &str) -> Vec<String> {
    let mut attributes: Vec<_> = line
        .split("; ")
        .skip(1)
        .filter(|it| !it.to_lowercase().starts_with("expires="))
        .map(str::to_owned)
        .collect();
    attributes.sort();
    attributes
}

#[test]
fn case_059_cookies_are_set_once_with_the_contracts_attributes() {
    let server = gateway();
    let csrf = server.form_token();
    let sign_in = |is_https: bool| {
        let request = server
            .post(LOGIN)
            .header("Cookie", format!("csrftoken={csrf}"))
            .header("X-CSRFToken", &*csrf)
            .form(&[("username", "admin"), ("password", ADMIN_PASSWORD)]);
        let host = server.http;
        let secure = request.clone().header("X-Forwarded-Proto", "https");
        let secure = secure.header("Referer", format!("https://{host}{LOGIN}"));
        if is_https { secure.send().expect(302) } else { request.send().expect(302) }
    };
    let answer = sign_in(true);
    assert_eq!(answer.header_all("set-cookie").len(), 2, "{:?}", answer.headers);
    let session = answer.set_cookie("gateway_sessionid").unwrap();
    assert_eq!(attributes(session), ["HttpOnly", "Max-Age=900", "Path=/", "SameSite=Lax", "Secure"]);
    let token = answer.set_cookie("csrftoken").unwrap();
    assert_eq!(attributes(token), ["Max-Age=31449600", "Path=/", "SameSite=Lax", "Secure"]);
    // Over plain http a Secure cookie would be thrown away by the browser: there it is left out.
    let plain = sign_in(false);
    let session = plain.set_cookie("gateway_sessionid").unwrap();
    assert_eq!(attributes(session), ["HttpOnly", "Max-Age=900", "Path=/", "SameSite=Lax"]);
    // Other answers set no session, so none is extended by reading.
    let cookie = format!("gateway_sessionid={}", plain.cookie("gateway_sessionid").unwrap());
    for path in [ME, HOSTS, "/api/", "/api/gateway/v1/ping/"] {
        let answer = server.get(path).header("Cookie", &*cookie).send();
        // The root hands out the token of forms, as AWX's contract has it (section A1).
        let set = answer.header_all("set-cookie").into_iter();
        let others: Vec<_> = set.filter(|it| path != "/api/" || !it.starts_with("csrftoken=")).collect();
        assert!(others.is_empty(), "{path}: {others:?}");
    }
}

#[test]
fn case_059_an_untrusted_peer_cannot_say_that_it_came_by_https() {
    let server = Server::demo();
    let answer = server.get(LOGIN).header("X-Forwarded-Proto", "https").send().expect(200);
    assert!(!answer.set_cookie("csrftoken").unwrap().contains("Secure"));
    let answer = server.get(LOGIN).header("Forwarded", "proto=https").send().expect(200);
    assert!(!answer.set_cookie("csrftoken").unwrap().contains("Secure"));
}

#[test]
fn case_060_the_old_syntax_has_no_meaning() {
    let server = gateway();
    let secret = server.sign_in("admin", ADMIN_PASSWORD).secret;
    assert_eq!(both(&server, &format!("gateway_sessionid={secret}")), (200, 200));
    for cookie in [
        format!("gateway_sessionid=\"{secret}\""),
        format!("$Version=1; gateway_sessionid=\"{secret}\""),
        format!("$Version=1,gateway_sessionid={secret}"),
        format!("x=\"a; gateway_sessionid\"={secret}"),
        format!("x=1, gateway_sessionid={secret}"),
        format!("gateway_sessionid={secret},x=1"),
        format!("gateway_sessionid={secret} x"),
        format!("gateway_sessionid ={secret}"),
        format!("gateway_sessionid= {secret}"),
        format!("gateway_sessionid:{secret}"),
        format!("gateway_sessionid=={secret}"),
        format!("gateway_sessionid={}%{:02x}", &secret[..31], secret.as_bytes()[31]),
    ] {
        assert_eq!(both(&server, &cookie), (401, 401), "{cookie}");
    }
    // A sandwich of quotes does not swallow the cookie between them, nor hand it on as somebody's value.
    let sandwich = format!("a=\"x; gateway_sessionid={secret}; b=y\"");
    assert_eq!(both(&server, &sandwich), (200, 200));
    let seen = server.get(HOSTS).header("Cookie", &*sandwich).send().expect(200).text();
    assert!(!seen.contains(&secret), "the session reached the service: {seen}");
}

#[test]
fn case_061_of_two_cookies_of_one_name_the_first_counts_everywhere() {
    let server = gateway();
    let secret = server.sign_in("admin", ADMIN_PASSWORD).secret;
    let wrong = "0".repeat(32);
    let two = |first: &str, second: &str| format!("gateway_sessionid={first}; gateway_sessionid={second}");
    assert_eq!(both(&server, &two(&secret, &wrong)), (200, 200));
    assert_eq!(both(&server, &two(&wrong, &secret)), (401, 401));
    assert_eq!(both(&server, &two("", &secret)), (401, 401));
    // Also over several header fields, and whichever of them is in a cache already.
    let lines = |first: &str, second: &str| {
        server
            .get(ME)
            .header("Cookie", format!("gateway_sessionid={first}"))
            .header("Cookie", format!("gateway_sessionid={second}"))
            .send()
            .status
    };
    assert!(matches!(lines(&secret, &wrong), 200 | 400));
    assert!(matches!(lines(&wrong, &secret), 401 | 400));
    // Neither of them reaches a service.
    let seen = server.get(HOSTS).header("Cookie", two(&secret, &secret)).send().expect(200).text();
    assert!(!seen.contains(&secret), "{seen}");
}

#[test]
fn case_062_names_are_compared_byte_by_byte() {
    let server = gateway();
    let secret = server.sign_in("admin", ADMIN_PASSWORD).secret;
    for name in [
        "\u{2000}gateway_sessionid",
        "\u{a0}gateway_sessionid",
        "\u{feff}gateway_sessionid",
        "gateway_sessionid\u{2000}",
        "\u{85}gateway_sessionid",
        "Gateway_sessionid",
        "GATEWAY_SESSIONID",
        "gateway%5fsessionid",
        "gateway_sessionid%3d",
        "gateway-sessionid",
        "gateway.sessionid",
        "gateway_sessionıd",
        "__Secure-gateway_sessionid",
    ] {
        let (own, service) = both(&server, &format!("{name}={secret}"));
        assert!(matches!(own, 400 | 401) && matches!(service, 400 | 401), "{name:?}: {own} {service}");
    }
    let tab = format!("x=1;\tgateway_sessionid={secret}\t");
    assert_eq!(both(&server, &tab), (200, 200), "spaces and tabs between pairs do not count");
}

#[test]
fn case_063_floods_of_cookies_end_in_an_ordinary_refusal() {
    let server = gateway();
    let secret = server.sign_in("admin", ADMIN_PASSWORD).secret;
    let ours = format!("gateway_sessionid={secret}");
    let many = (0..2000).map(|number| format!("c{number}=v; ")).collect::<Vec<_>>().concat();
    assert_eq!(both(&server, &format!("{many}{ours}")), (200, 200), "2,000 small cookies fit");
    assert_eq!(both(&server, &format!("{};{ours}", ";".repeat(20_000))), (200, 200));
    for cookie in [format!("x={}; {ours}", "a".repeat(70_000)), ";".repeat(70_000), "=".repeat(70_000)] {
        let (own, service) = both(&server, &cookie);
        assert!([own, service].iter().all(|it| matches!(it, 400 | 401 | 431)), "{own} {service}");
    }
    let mut request = server.get(ME).header("Cookie", &*ours);
    for number in 0..200 {
        request = request.header("Cookie", format!("c{number}=v"));
    }
    let answer = request.try_send();
    assert!(answer.is_ok_and(|it| matches!(it.status, 400 | 431)), "200 fields are too many");
    assert_eq!(both(&server, &ours), (200, 200), "the next is served as ever");
}

#[test]
fn case_064_control_characters_and_foreign_bytes_make_no_session() {
    let server = gateway();
    let secret = server.sign_in("admin", ADMIN_PASSWORD).secret;
    let raw = |cookie: &[u8]| {
        let mut bytes =
            format!("GET {ME} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: ", server.http)
                .into_bytes();
        bytes.extend_from_slice(cookie);
        bytes.extend_from_slice(b"\r\n\r\n");
        let answer = exchange(server.http, &bytes);
        let text = String::from_utf8_lossy(&answer).into_owned();
        text.split(' ').nth(1).and_then(|it| it.parse::<u16>().ok()).unwrap_or(0)
    };
    let ours = format!("gateway_sessionid={secret}").into_bytes();
    assert_eq!(raw(&ours), 200);
    for bad in [
        &b"\0"[..],
        b"\x01",
        b"\x7f",
        b"\x1b[31m",
        b"\xff",
        b"\xc3\xa9",
        b"\r",
        b"\x0b",
        b"\x85",
        b"\xe2\x80\xa8",
    ] {
        for place in [0, 18, ours.len()] {
            let mut cookie = ours.clone();
            cookie.splice(place..place, bad.iter().copied());
            let status = raw(&cookie);
            assert!(matches!(status, 400 | 401), "{bad:?} at {place}: {status}");
        }
    }
    // A newline makes another header of it, never a longer value.
    assert_eq!(raw(b"x=1\r\nX-Other: gateway_sessionid=abc"), 401);
    let output = server.output();
    assert!(!output.contains('\u{1b}'), "nothing raw in the log");
}

#[test]
fn case_065_a_service_cannot_set_our_cookies() {
    let lines = [
        "gateway_sessionid=stolen; Path=/",
        "Gateway_SessionId=kept; Path=/",
        "gateway_sessionid=stolen; Domain=example.com",
        " gateway_sessionid=stolen",
        "csrftoken=stolen",
        "csrftoken=; Max-Age=0",
        "awx_sessionid=mine; Path=/api/controller/",
        "own=fine; HttpOnly",
    ];
    let script = move |_: &_| {
        let set = lines.map(|it| format!("Set-Cookie:{it}\r\n")).concat();
        Answer::raw(format!("HTTP/1.1 200 OK\r\n{set}Content-Length: 2\r\n\r\nok"))
    };
    let upstream = Upstream::scripted(script);
    let service = format!(
        "[[service]]\nname = \"plain\"\npath = \"/plain/\"\nupstream = [\"{}\"]\npublic = [\"/plain/open/\"]\n",
        upstream.url()
    );
    let server = Server::with_config(&service);
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let asks: [&dyn Fn() -> Request; 2] =
        [&|| session.on(server.get("/plain/x/")), &|| server.get("/plain/open/")];
    for ask in asks {
        let answer = ask().send().expect(200);
        let set = answer.header_all("set-cookie").join("\n");
        assert!(!set.contains("stolen") && !set.contains("csrftoken"), "{set}");
        assert!(set.contains("own=fine"), "{set}");
    }
    assert_eq!(session.on(server.get(ME)).send().status, 200);
}
