//! One spelling: cases 110 to 121, 131, 132 and 150, and the property that what is judged is what is sent.

use http::{HeaderName, Method, Request, Version};
use proptest::prelude::*;

use super::{Canonical, canonical_path};

const TOKEN: HeaderName = HeaderName::from_static("x-dab-jw-token");

fn check(path: &str) -> Result<String, u16> {
    canonical_path(path)
        .map(|changed| changed.unwrap_or_else(|| path.to_owned()))
        .map_err(|unfit| unfit.status.as_u16())
}

fn request(build: impl FnOnce(http::request::Builder) -> http::request::Builder) -> Result<Canonical, u16> {
    build_with(build, &[])
}

fn build_with(
    build: impl FnOnce(http::request::Builder) -> http::request::Builder,
    hosts: &[String],
) -> Result<Canonical, u16> {
    let (parts, ()) = build(Request::builder()).body(()).unwrap().into_parts();
    Canonical::new(parts, hosts, &TOKEN).map_err(|unfit| unfit.status.as_u16())
}

#[test]
fn case_111_every_spelling_of_a_dot_segment_is_refused() {
    for path in [
        "/public/../secret",
        "/public/..%2fsecret",
        "/public/%2e%2e/secret",
        "/public/%2E./secret",
        "/..",
        "/public/..;/secret",
        "/public/..;x=1/secret",
        "/public/..%3b/secret",
        "/public/..%3Bx/secret",
        "/./a",
        "/a/.",
        "/a/%2e",
        "/a/.;",
        "/public/%252e%252e/secret",
        "/public/%252e./secret",
        "/a%252fb",
        "/a%255cb",
        "/a%25252e",
        "/a%25%32%65",
        "/public/..%5csecret",
        "/a\\b",
        "/a%5cb",
        "/a%2fb",
        "/a%2Fb",
        "/a%00b",
        "/a%0ab",
        "/a%0db",
        "/a%7f",
        "/%c0%ae%c0%ae/",
        "/%c0%af",
        "/%e0%80%af",
        "/%ff",
        "/%ed%a0%80",
        "/a%",
        "/a%2",
        "/a%zz",
        "/a%2x",
        "a",
        "",
        "*",
        "/a b",
        "/é",
    ] {
        assert_eq!(check(path), Err(400), "{path}");
    }
}

#[test]
fn names_in_the_place_of_numbers_pass_as_they_are() {
    for path in [
        "/api/v2/users/ann@example.com/",
        "/api/v2/teams/Night%20shift++Operations/",
        "/api/v2/teams/a[+]b++c/",
        "/api/v2/teams/a%5B+%5Db++c%3Ad/",
        "/api/v2/organizations/100%25/",
        "/api/v2/organizations/%D0%9E%D1%82%D0%B4%D0%B5%D0%BB/",
        "/api/v2/applications/a%3Bb%3Fc%26d%3De++Default/",
    ] {
        assert_eq!(check(path), Ok(path.to_owned()), "{path}");
    }
    assert_eq!(check("/api/v2/users/%61nn%7e/"), Ok("/api/v2/users/ann~/".into()));
    // A slash, a backslash or a dot alone in a name would be another path to somebody: such an object is
    // reached by its number.
    for path in ["/api/v2/users/a%2Fb/", "/api/v2/users/a%5Cb/", "/api/v2/users/%2E%2E/", "/api/v2/users/./"]
    {
        assert_eq!(check(path), Err(400), "{path}");
    }
}

#[test]
fn case_111_runs_of_slashes_are_one() {
    assert_eq!(check("//api///x//"), Ok("/api/x/".into()));
    assert_eq!(check("/"), Ok("/".into()));
    assert_eq!(check("/%2fa"), Err(400));
}

#[test]
fn case_112_a_fragment_is_refused() {
    assert_eq!(check("/public%23/../secret"), Err(400));
    assert_eq!(check("/a%23b"), Err(400));
    assert_eq!(check("/a#b"), Err(400));
    assert_eq!(check("/a%2523b"), Err(400));
}

#[test]
fn case_113_encoded_letters_stand_for_themselves() {
    assert_eq!(check("/%61pi/%67ateway/"), Ok("/api/gateway/".into()));
    assert_eq!(check("/%6a_security_check"), Ok("/j_security_check".into()));
    assert_eq!(check("/a%7Eb%2D%5f%2ejs"), Ok("/a~b-_.js".into()));
}

#[test]
fn case_114_what_is_reserved_stays_as_it_is_with_capital_digits() {
    assert_eq!(check("/static/a%20"), Ok("/static/a%20".into()));
    assert_eq!(check("/me/;x.css"), Ok("/me/;x.css".into()));
    assert_eq!(check("/ME/"), Ok("/ME/".into()));
    assert_eq!(check("/a%3ab:%40"), Ok("/a%3Ab:%40".into()));
    assert_eq!(check("/%d0%bf"), Ok("/%D0%BF".into()));
    assert_eq!(check("/a{b}"), Ok("/a%7Bb%7D".into()));
    assert_eq!(check("/a%25b"), Ok("/a%25b".into()), "nothing is encoded twice here");
    assert_eq!(check("/100%25"), Ok("/100%25".into()));
    assert_eq!(check("/...hidden/.well-known/x"), Ok("/...hidden/.well-known/x".into()));
}

#[test]
fn a_path_longer_than_eight_kibibytes_is_too_long() {
    assert_eq!(check(&format!("/{}", "a".repeat(8191))).map(|it| it.len()), Ok(8192));
    assert_eq!(check(&format!("/{}", "a".repeat(8192))), Err(414));
}

proptest! {
    #[test]
    fn case_111_what_is_judged_is_what_is_sent(path in "/[ -~]{0,40}|/([a-z./;]|%(25)?(2e|2F|5c|41|c3|a9|25|00)){0,20}") {
        if let Ok(once) = check(&path) {
            prop_assert_eq!(check(&once), Ok(once.clone()));
            prop_assert!(!once.contains("//") && !once.contains("/../") && !once.contains("/./"));
            prop_assert!(!once.contains('\\') && !once.contains("%2F") && !once.contains("%2E"));
        }
    }

    #[test]
    fn any_bytes_are_judged_without_a_panic(path in ".{0,60}") {
        let _ = check(&path);
    }
}

#[test]
fn case_121_methods_are_exact() {
    let with = |method: &str| {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        request(|it| it.method(method).uri("/").header("host", "gw")).map(|it| it.is_safe())
    };
    assert_eq!(with("GET"), Ok(true));
    assert_eq!(with("HEAD"), Ok(true));
    assert_eq!(with("DELETE"), Ok(false));
    assert_eq!(with("get"), Err(501));
    assert_eq!(with("PROPFIND"), Err(501));
    assert_eq!(with("TRACE"), Err(405));
    assert_eq!(with("CONNECT"), Err(405));
}

#[test]
fn case_110_hosts_are_compared_without_case_port_and_last_dot() {
    let mut hosts: Vec<String> = (0..100).map(|it| format!("host{it}.example")).collect();
    hosts.push("gw.example".into());
    let with = |host: &str| {
        build_with(|it| it.uri("/").header("host", host), &hosts).map(|it| it.host_name().to_owned())
    };
    for host in ["gw.example", "GW.Example", "gw.example.", "gw.example:8443", "gw.example.:8443"] {
        assert_eq!(with(host), Ok("gw.example".into()), "{host}");
    }
    assert_eq!(with("evil.example"), Err(421));
    for host in [
        "",
        "a b",
        "user@gw.example",
        "gw.example/",
        "gw.example:",
        "gw.example:x",
        "a..b",
        "[::1",
        "gw.example:99999",
    ] {
        assert_eq!(with(host), Err(400), "{host}");
    }
    let any = request(|it| it.uri("/").header("host", "[::1]:8443")).unwrap();
    assert_eq!((any.host(), any.host_name()), ("[::1]:8443", "[::1]"));
}

#[test]
fn there_is_exactly_one_host() {
    assert_eq!(request(|it| it.uri("/")).err(), Some(400));
    assert_eq!(request(|it| it.uri("/").header("host", "a").header("host", "a")).err(), Some(400));
    let absolute = request(|it| it.uri("http://gw.example/a//b?c").header("host", "other")).unwrap();
    assert_eq!(absolute.host(), "gw.example");
    assert_eq!(absolute.parts().uri.to_string(), "/a/b?c");
    assert_eq!(absolute.parts().headers["host"], "gw.example");
    assert_eq!(request(|it| it.uri("ftp://gw.example/").header("host", "gw.example")).err(), Some(400));
}

#[test]
fn case_150_authority_and_host_agree_in_http_2() {
    let with = |host: Option<&str>| {
        let host = host.map(str::to_owned);
        request(|it| {
            let it = it.version(Version::HTTP_2).uri("https://gw.example/");
            match host {
                Some(host) => it.header("host", host),
                None => it,
            }
        })
        .map(|it| it.host().to_owned())
    };
    assert_eq!(with(None), Ok("gw.example".into()));
    assert_eq!(with(Some("GW.example")), Ok("gw.example".into()));
    assert_eq!(with(Some("other.example")), Err(400));
}

#[test]
fn case_131_what_could_be_framed_in_two_ways_is_refused() {
    let with = |fields: &[(&str, &str)]| {
        request(|it| {
            fields.iter().fold(it.uri("/").header("host", "gw"), |it, (name, value)| it.header(*name, *value))
        })
        .err()
    };
    assert_eq!(with(&[("transfer-encoding", "chunked")]), None);
    assert_eq!(with(&[("transfer-encoding", "chunked"), ("content-length", "4")]), Some(400));
    assert_eq!(with(&[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")]), Some(400));
    assert_eq!(with(&[("transfer-encoding", "gzip, chunked")]), Some(501));
    assert_eq!(with(&[("content-length", "4"), ("content-length", "4")]), Some(400));
    assert_eq!(with(&[("content-length", "+4")]), Some(400));
}

#[test]
fn case_122_nothing_that_speaks_for_us_survives() {
    let spoofed = [
        "X-DAB-JW-TOKEN",
        "X_DAB_JW_TOKEN",
        "X.DAB-JW_TOKEN",
        "X-Trusted-Proxy",
        "X_Trusted_Proxy",
        "Remote-User",
        "REMOTE_USER",
        "Remote.User",
        "X-Forwarded-User",
        "X-Forwarded_For",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "Forwarded",
        "X-Real-IP",
        "X-Original-URL",
        "X-Original-URI",
        "X-Rewrite-URL",
        "X-Forwarded-Prefix",
        "X-Envoy-External-Address",
        "X_Envoy_Internal",
        "Content_Length",
        "Transfer_Encoding",
        "X_CSRFToken",
        "X-HTTP-Method-Override",
        "Proxy-Authorization",
        "Proxy",
    ];
    let made = request(|it| {
        spoofed
            .iter()
            .fold(it.uri("/").header("host", "gw").header("x-kept", "1").header("a_b", "2"), |it, name| {
                it.header(*name, "evil").header(*name, "twice")
            })
    })
    .unwrap();
    let left: Vec<&str> = made.parts().headers.keys().map(HeaderName::as_str).collect();
    assert_eq!(left, ["host", "x-kept", "a_b"]);
}

#[test]
fn the_token_header_of_the_setting_speaks_for_us_too() {
    let (parts, ()) = Request::builder()
        .uri("/")
        .header("host", "a")
        .header("X_My_Token", "x")
        .header("x-my-token", "y")
        .body(())
        .unwrap()
        .into_parts();
    let made =
        Canonical::new(parts, &[], &HeaderName::from_static("x-my-token")).unwrap_or_else(|_| panic!("fit"));
    assert_eq!(made.parts().headers.len(), 1);
}

#[test]
fn cookies_are_one_field() {
    let two = |version| {
        request(|it| {
            it.version(version)
                .uri("https://gw/")
                .header("host", "gw")
                .header("cookie", "a=1")
                .header("cookie", "b=2")
        })
    };
    assert_eq!(two(Version::HTTP_2).unwrap().parts().headers["cookie"], "a=1; b=2");
    assert_eq!(two(Version::HTTP_11).err(), Some(400));
}

#[test]
fn queries_are_ascii_without_controls() {
    let with =
        |uri: &str| request(|it| it.uri(uri).header("host", "gw")).map(|it| it.parts().uri.to_string());
    assert_eq!(with("/a?b=c/../d%2f"), Ok("/a?b=c/../d%2f".into()));
    assert_eq!(super::path::canonical_query("é").map_err(|it| it.reason), Ok(Some("%C3%A9".into())));
    assert!(super::path::canonical_query("a#b").is_err());
}
