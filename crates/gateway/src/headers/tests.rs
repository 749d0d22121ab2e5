//! What comes off and what goes on: cases 65, 124, 127 and 140.

use dialects::Wire;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Reserved, Said, set_request, strip_request, strip_response};

static WIRE: Wire = Wire {
    cookies: &["gateway_sessionid", "csrftoken"],
    headers: &["x-own-proof"],
    keeps_cookies: false,
    secret_paths: &[],
};
static OTHER: Wire = Wire {
    cookies: &["other_sessionid", "csrftoken"],
    headers: &["x-other-quiet"],
    keeps_cookies: false,
    secret_paths: &[],
};

fn reserved() -> Reserved {
    Reserved::of([&WIRE, &OTHER].into_iter())
}

fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers
}

fn names(headers: &HeaderMap) -> Vec<&str> {
    headers.keys().map(HeaderName::as_str).collect()
}

#[test]
fn case_127_proofs_come_off_a_request() {
    let mut request = headers(&[
        ("authorization", "x"),
        ("proxy-authorization", "x"),
        ("x-ansible-service-auth", "x"),
        ("x-own-proof", "x"),
        ("x-other-quiet", "x"),
        ("expect", "100-continue"),
        ("accept", "x"),
    ]);
    strip_request(&mut request, &reserved(), &WIRE);
    assert_eq!(names(&request), ["accept"]);
}

#[test]
fn case_127_only_our_cookies_come_off() {
    let left = |cookie: &'static str| {
        let mut request = headers(&[("cookie", cookie)]);
        strip_request(&mut request, &reserved(), &WIRE);
        request.get("cookie").map(|it| it.to_str().unwrap().to_owned())
    };
    assert_eq!(left("a=1; b=2").as_deref(), Some("a=1; b=2"));
    assert_eq!(left("a=1; gateway_sessionid=s; b=2").as_deref(), Some("a=1; b=2"));
    assert_eq!(left("gateway_sessionid=s;csrftoken=t"), None);
    assert_eq!(left(" GATEWAY_SESSIONID = s ; x").as_deref(), Some("x"));
    assert_eq!(left("\"gateway_sessionid\"=s; gateway_sessionid"), None);
    // A browser sends the cookies of every door to every service.
    assert_eq!(left("a=1; other_sessionid=s; csrftoken=t").as_deref(), Some("a=1"));
    assert_eq!(left("my_gateway_sessionid=s").as_deref(), Some("my_gateway_sessionid=s"));
}

#[test]
fn case_124_what_connection_names_comes_off_before_ours_goes_on() {
    let mut request =
        headers(&[("connection", "x-forwarded-for, Host,,x-a"), ("x-a", "1"), ("host", "gw"), ("x-b", "1")]);
    strip_request(&mut request, &reserved(), &WIRE);
    let host = HeaderValue::from_static("gw");
    set_request(&mut request, &Said { address: "1.2.3.4", is_secure: true, host: &host, request_id: "id" });
    assert!(!request.contains_key("x-a") && !request.contains_key("connection"));
    assert_eq!(
        (&request["host"], &request["x-forwarded-for"], &request["x-b"]),
        (&host, &"1.2.3.4".parse().unwrap(), &"1".parse().unwrap())
    );
    assert_eq!(request["x-forwarded-proto"], "https");
}

#[test]
fn case_65_and_140_an_answer_keeps_what_is_its_own() {
    let mut answer = headers(&[
        ("connection", "close, x-hop"),
        ("x-hop", "1"),
        ("transfer-encoding", "chunked"),
        ("x-trusted-proxy", "1"),
        ("x-my-token", "1"),
        ("x-dab-jw-token", "1"),
        ("set-cookie", "gateway_sessionid=x; Domain=example.com"),
        ("set-cookie", "own=1"),
        ("set-cookie", "csrftoken"),
        ("location", "http://elsewhere/"),
    ]);
    strip_response(&mut answer, &reserved(), &WIRE, &HeaderName::from_static("x-my-token"));
    assert_eq!(names(&answer), ["location", "set-cookie"]);
    assert_eq!(answer["set-cookie"], "own=1");
}
