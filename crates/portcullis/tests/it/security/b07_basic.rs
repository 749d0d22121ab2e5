//! Names and passwords in the `Authorization` header: how they are read, and when they are not looked at.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::json;

use super::shared::Shared;
use crate::support::http::{basic, exchange};
use crate::support::{ADMIN_PASSWORD, Options, Request, Server};

const ME: &str = "/api/gateway/v1/me/";
const HOSTS: &str = "/api/controller/v2/hosts/";
const PASSWORD: &str = "a wall of old stones 5";

static SHARED: Shared = Shared::new();

/// A gateway that does not mind how many passwords are wrong: this file is about reading them.
fn gateway() -> Arc<Server> {
    SHARED.get(|| {
        Server::start(Options {
            demo: true,
            config: "[limits]\nfailures_per_address_minute = 100000\nfailures_free = 100000\nfailures_per_day = 100000\n".to_owned(),
            ..Options::default()
        })
    })
}

/// The status that our own API and a service behind us give; they must agree.
#[track_caller]
fn status(server: &Server, value: &str) -> u16 {
    let ask = |path: &str| server.get(path).header("Authorization", value).send();
    let (own, forwarded) = (ask(ME), ask(HOSTS));
    assert_eq!(own.status, forwarded.status, "{value}");
    if own.status == 401 {
        for answer in [own, forwarded] {
            let challenge = answer.header("www-authenticate").expect("a 401 carries a challenge");
            assert!(challenge.starts_with("Bearer "), "a browser must not ask: {challenge}");
        }
        return 401;
    }
    own.status
}

fn encoded(pair: &[u8]) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

/// Sends an `Authorization` field byte by byte; the status, or none if the connection was closed.
fn raw(server: &Server, value: &[u8]) -> Option<u16> {
    let head = format!("GET {ME} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: ", server.http);
    let bytes = [head.as_bytes(), value, b"\r\n\r\n"].concat();
    let answer = String::from_utf8_lossy(&exchange(server.http, &bytes)).into_owned();
    answer.split(' ').nth(1)?.parse().ok()
}

#[test]
fn case_066_what_is_no_pair_is_refused() {
    let server = gateway();
    let right = basic("admin", ADMIN_PASSWORD);
    assert_eq!(status(&server, &right), 200);
    let value = right.trim_start_matches("Basic ");
    for wrong in [
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic !!!".to_owned(),
        format!("Basic {value} x"),
        format!("Basic {value} {value}"),
        format!("Basic {value},"),
        format!("Basic {value}, Bearer x"),
        format!("Basic {value}="),
        format!("Basic \"{value}\""),
        format!("Basic\t{value}"),
        format!("Basic={value}"),
        format!("Basic:{value}"),
        format!("Basic{value}"),
        format!("BasicAuth {value}"),
        format!("Digest {value}"),
        format!("Negotiate {value}"),
        value.to_owned(),
        encoded(b"admin"),
        encoded(b""),
        encoded(b":"),
        encoded(format!(":{ADMIN_PASSWORD}").as_bytes()),
        encoded(b"admin:"),
        encoded(format!("admin{ADMIN_PASSWORD}").as_bytes()),
        format!("Basic username=admin, password={ADMIN_PASSWORD}"),
    ] {
        assert_eq!(status(&server, &wrong), 401, "{wrong}");
    }
    let answer = server.get(ME).header("Authorization", "Basic !!!").send().expect(401).json();
    assert_eq!(answer["detail"], "Invalid basic header. Credentials not correctly base64 encoded.");
    let long = encoded(format!("admin:{}", "a".repeat(40_000)).as_bytes());
    assert!(matches!(status(&server, &long), 401 | 431));
    let longer = encoded(&vec![b'a'; 90_000]);
    let answer = server.get(ME).header("Authorization", longer).try_send();
    assert!(answer.is_ok_and(|it| matches!(it.status, 400 | 401 | 431)));
}

#[test]
fn case_066_another_alphabet_or_padding_is_another_value() {
    let server = gateway();
    // A password whose encoding differs between the two alphabets.
    let password = "¿ÿ~~~???>>> stones 5";
    server.make_user("c66", password);
    let pair = format!("c66:{password}");
    let standard = STANDARD.encode(&pair);
    let url_safe = URL_SAFE.encode(&pair);
    assert_ne!(standard, url_safe);
    assert_eq!(status(&server, &format!("Basic {standard}")), 200);
    assert_eq!(status(&server, &format!("Basic {url_safe}")), 401);
}

#[test]
fn case_067_colons_other_scripts_and_any_case_of_the_scheme() {
    let server = gateway();
    // The vector of RFC 7617, with more to it than the shortest allowed password.
    server.make_user("test", "123£");
    assert_eq!(status(&server, "Basic dGVzdDoxMjPCow=="), 200);
    server.make_user("c67", "a:b::c: stones 5");
    assert_eq!(status(&server, &basic("c67", "a:b::c: stones 5")), 200);
    assert_eq!(status(&server, &basic("c67", "b::c: stones 5")), 401);
    server.make_user("c67-utf8", "пароль из старых камней 5 🏰");
    assert_eq!(status(&server, &basic("c67-utf8", "пароль из старых камней 5 🏰")), 200);
    for scheme in ["basic", "BASIC", "bAsIc"] {
        assert_eq!(
            status(&server, &basic("c67", "a:b::c: stones 5").replace("Basic", scheme)),
            200,
            "{scheme}"
        );
    }
    assert_eq!(status(&server, &basic("c67", "a:b::c: stones 5").replace("Basic ", "Basic   ")), 200);
}

#[test]
fn case_068_control_characters_and_broken_utf8_are_refused() {
    let server = gateway();
    let password = ADMIN_PASSWORD.as_bytes();
    for bad in [
        &b"\0"[..],
        b"\r",
        b"\n",
        b"\r\nX-Admin: 1",
        b"\x7f",
        b"\x1b",
        b"\xff",
        b"\xc0\x80",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf8\x88\x80\x80\x80",
    ] {
        for pair in [
            [b"admin", bad, b":", password].concat(),
            [bad, b"admin:", password].concat(),
            [b"admin:", password, bad].concat(),
            [b"admin:", bad, password].concat(),
        ] {
            assert_eq!(status(&server, &encoded(&pair)), 401, "{pair:?}");
        }
    }
    for bad in [&b"Basic \xff"[..], b"Basic \x01", b"\xc2\xa0Basic YTpi", b"Basic\xc2\xa0YTpi", b"Basic \x00"]
    {
        assert!(matches!(raw(&server, bad), Some(400 | 401) | None), "{bad:?}");
    }
}

#[test]
fn case_068_a_name_is_not_trimmed_folded_or_merged() {
    let server = gateway();
    for name in [
        " admin",
        "admin ",
        "ADMIN",
        "Admin",
        "admin\u{200b}",
        "\u{feff}admin",
        "аdmin",
        "ａｄｍｉｎ",
        "admi\u{301}n",
        "_system",
    ] {
        assert_eq!(status(&server, &basic(name, ADMIN_PASSWORD)), 401, "{name:?}");
    }
    for password in
        [format!("{ADMIN_PASSWORD} "), format!(" {ADMIN_PASSWORD}"), ADMIN_PASSWORD.to_uppercase()]
    {
        assert_eq!(status(&server, &basic("admin", &password)), 401, "{password:?}");
    }
}

#[test]
fn case_069_two_authorization_fields_are_refused_in_either_order() {
    let server = gateway();
    let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
    let right = basic("admin", ADMIN_PASSWORD);
    let wrong = basic("admin", "wrong");
    let bearer = format!("Bearer {token}");
    for (first, second) in [
        (&right, &wrong),
        (&wrong, &right),
        (&right, &right),
        (&right, &bearer),
        (&bearer, &right),
        (&bearer, &bearer),
        (&String::new(), &bearer),
    ] {
        for path in [ME, HOSTS] {
            let request = server.get(path).header("Authorization", first).header("authorization", second);
            let status = request.send().status;
            assert!(matches!(status, 400 | 401), "{first} {second}: {status}");
        }
    }
    // Nor does a live session rescue it.
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    let request = session.on(server.get(ME)).header("Authorization", &right).header("Authorization", &right);
    assert!(matches!(request.send().status, 400 | 401));
    let folded = format!("{right}, {bearer}");
    assert_eq!(status(&server, &folded), 401);
}

#[test]
fn case_070_other_fields_and_the_address_itself_carry_no_proof() {
    let server = gateway();
    let right = basic("admin", ADMIN_PASSWORD);
    for name in [
        "Proxy-Authorization",
        "X-Authorization",
        "Authorization_",
        "WWW-Authorization",
        "X-Forwarded-Authorization",
        "Authentication",
    ] {
        for path in [ME, HOSTS] {
            let status = server.get(path).header(name, &*right).send().status;
            assert!(matches!(status, 400 | 401), "{name}: {status}");
        }
    }
    let userinfo = ADMIN_PASSWORD.replace(' ', "%20");
    for target in [
        format!("http://admin:{userinfo}@{}{ME}", server.http),
        format!("http://admin@{}{ME}", server.http),
        format!("//admin:{userinfo}@{}{ME}", server.http),
    ] {
        let answer = server.get(&target).send();
        assert!(matches!(answer.status, 400 | 401 | 404), "{target}: {}", answer.status);
    }
    for query in [
        format!("?username=admin&password={userinfo}"),
        format!("?authorization={}", right.replace(' ', "%20")),
    ] {
        assert_eq!(server.get(&format!("{ME}{query}")).send().status, 401);
    }
}

#[test]
fn case_071_basic_switched_off_is_off_everywhere() {
    let server = Server::demo();
    let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    // In the cache of verdicts when the switch is thrown.
    assert_eq!(server.me(|it| it.basic("admin", ADMIN_PASSWORD)), 200);
    let switch = |is_on: bool| {
        let request = server.request("PUT", "/api/gateway/v1/settings/all/").bearer(&token);
        request.json(&json!({"gateway_basic_auth_enabled": is_on})).send().expect(200);
    };
    switch(false);
    let right = |it: Request| it.basic("admin", ADMIN_PASSWORD);
    for (method, path) in [("GET", ME), ("GET", HOSTS), ("POST", "/api/gateway/v1/tokens/"), ("POST", HOSTS)]
    {
        let answer = right(server.request(method, path)).send();
        assert_eq!(answer.status, 401, "{method} {path}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"api\""), "{method} {path}");
        assert_eq!(answer.json()["detail"], "Authentication credentials were not provided.");
    }
    // Wrong, broken and right ones cannot be told apart any more.
    for value in [basic("admin", "wrong"), basic("nobody", "x"), "Basic !!!".to_owned(), "Basic".to_owned()] {
        let answer = server.get(ME).header("Authorization", value).send().expect(401);
        assert_eq!(answer.json()["detail"], "Authentication credentials were not provided.");
    }
    // The other doors stay open.
    assert_eq!(server.me(|it| it.bearer(&token)), 200);
    assert_eq!(server.me(|it| session.on(it)), 200);
    assert_eq!(server.send_form("admin", ADMIN_PASSWORD).status, 302);
    switch(true);
    assert_eq!(server.me(right), 200);
}

#[test]
fn case_072_a_remembered_password_is_forgotten_with_its_change() {
    let server = gateway();
    let id = server.make_user("c72", PASSWORD);
    for _ in 0..3 {
        assert_eq!(status(&server, &basic("c72", PASSWORD)), 200);
    }
    let target = format!("/api/gateway/v1/users/{id}/");
    // The user itself, by the very password that is remembered.
    let request = server.request("PATCH", &target).basic("c72", PASSWORD);
    request.json(&json!({"password": "a gate of new iron 8"})).send().expect(200);
    assert_eq!(status(&server, &basic("c72", PASSWORD)), 401);
    assert_eq!(status(&server, &basic("c72", "a gate of new iron 8")), 200);
    // And by an operator.
    let output = server.try_shell(&["user", "passwd", "c72", "--password-stdin"], "a third wall 9\n");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(status(&server, &basic("c72", "a gate of new iron 8")), 401);
    assert_eq!(status(&server, &basic("c72", "a third wall 9")), 200);
}

#[test]
fn case_072_a_remembered_password_opens_no_other_account() {
    let server = gateway();
    server.make_user("c72-a", PASSWORD);
    server.make_user("c72-ab", "another wall 6");
    assert_eq!(status(&server, &basic("c72-a", PASSWORD)), 200);
    // Same bytes, cut in another place.
    assert_eq!(status(&server, &basic("c72-ab", PASSWORD)), 401);
    assert_eq!(status(&server, &encoded(format!("c72-:a{PASSWORD}").as_bytes())), 401);
    assert_eq!(status(&server, &encoded(format!("c72-a{PASSWORD}:").as_bytes())), 401);
    assert_eq!(status(&server, &basic("c72-a", &PASSWORD[..PASSWORD.len() - 1])), 401);
}

#[test]
fn case_066_a_user_without_a_password_cannot_be_entered_with_none() {
    let server = gateway();
    server.shell(&["user", "add", "c66-none", "--no-password"]);
    for password in ["", " ", "null", "None", "!", "*", "x"] {
        assert_eq!(status(&server, &basic("c66-none", password)), 401, "{password:?}");
        assert_eq!(server.send_form("c66-none", password).status, 401, "{password:?}");
    }
}
