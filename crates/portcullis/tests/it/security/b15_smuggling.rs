//! Request smuggling: what one reader takes for one request is one request for every reader (cases 131, 132).

use std::sync::OnceLock;
use std::time::Duration;

use super::shared::Shared;
use super::stage::{Stage, admin_line, shared};
use crate::support::Upstream;
use crate::support::raw::{all_at_once, talk, talk_within};

static SERVER: Shared = Shared::new();
static UPSTREAM: OnceLock<Upstream> = OnceLock::new();

fn stage() -> Stage {
    shared(&SERVER, &UPSTREAM)
}

/// How long the first answer to a request without an end may take.
const ENDLESS: Duration = Duration::from_secs(3);

/// Head lines and body of requests whose length two readers could see differently. `SMUGGLED` is a whole
/// request that must never be one.
const AMBIGUOUS: &[(&str, &str)] = &[
    ("Content-Length: 6\r\nTransfer-Encoding: chunked", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked\r\nContent-Length: 6", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked\r\nContent-Length: 500", "0\r\n\r\nSMUGGLED"),
    ("Content-Length: 4\r\nTransfer-Encoding: chunked", "5c\r\nSMUGGLED\r\n0\r\n\r\n"),
    ("Transfer-Encoding: xchunked", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked, identity", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: identity, chunked", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: identity", "SMUGGLED"),
    ("Transfer-Encoding: gzip, chunked", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: x", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: x\r\nTransfer-Encoding: chunked", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked, chunked", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked;x=1", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: \"chunked\"", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked,", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: ,chunked", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding:\x0bchunked", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding : chunked", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding\t: chunked", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding:\r\n chunked", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chun\r\n ked", "0\r\n\r\nSMUGGLED"),
    ("X: y\rTransfer-Encoding: chunked", "0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: \u{212a}chunked", "0\r\n\r\nSMUGGLED"),
    ("Content-Length: +4", "bodySMUGGLED"),
    ("Content-Length: -4", "bodySMUGGLED"),
    ("Content-Length: 0x4", "bodySMUGGLED"),
    ("Content-Length: 4, 4", "bodySMUGGLED"),
    ("Content-Length: 4,0", "bodySMUGGLED"),
    ("Content-Length: 4 4", "bodySMUGGLED"),
    ("Content-Length: 4;", "bodySMUGGLED"),
    ("Content-Length:", "bodySMUGGLED"),
    ("Content-Length: 4\r\nContent-Length: 0", "bodySMUGGLED"),
    ("Content-Length: 0\r\nContent-Length: 4", "bodySMUGGLED"),
    ("Content-Length: 4\r\ncontent-length: 92", "bodySMUGGLED"),
    ("Content-Length: 18446744073709551620", "bodySMUGGLED"),
    ("Content-Length: 36893488147419103236", "bodySMUGGLED"),
    ("Content-Length: \u{664}", "bodySMUGGLED"),
    ("Content-Length : 4", "bodySMUGGLED"),
    ("Content-Length: 4\r\n Content-Length: 0", "bodySMUGGLED"),
    ("Transfer-Encoding: chunked", "0x0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked", "+0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked", "-1\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked", " 0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked", "\r\n0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked", "10000000000000000\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked", "FFFFFFFFFFFFFFFF\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked", "4\r\nbodyX\r\n0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked", "4\nbody\n0\n\nSMUGGLED"),
    ("Transfer-Encoding: chunked", "4;a\nb\r\nbody\r\n0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked", "4\rbody\r0\r\rSMUGGLED"),
    ("Transfer-Encoding: chunked", "4\r\rbody\r\n0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked", "4;\nx\r\nbody\r\n0\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked", "0 x\r\n\r\nSMUGGLED"),
    ("Transfer-Encoding: chunked", "4\r\nbody0\r\n\r\nSMUGGLED"),
];

#[test]
fn case_131_no_second_request_comes_out_of_a_first() {
    let stage = stage();
    let talks = all_at_once(AMBIGUOUS, |index, (head, body)| {
        let smuggled = format!(
            "GET /api/controller/v2/smuggled131-{index}/ HTTP/1.1\r\nHost: g\r\n{}\r\n",
            admin_line()
        );
        let body = body.replace("SMUGGLED", &smuggled);
        let request = format!(
            "POST /api/controller/v2/outer131-{index}-/ HTTP/1.1\r\nHost: gateway\r\n{}{head}\r\n\r\n{body}",
            admin_line()
        );
        talk_within(stage.server.http, request.as_bytes(), ENDLESS)
    });
    for (index, ((head, body), talk)) in AMBIGUOUS.iter().zip(talks).enumerate() {
        let shown = format!("{head:?} {body:?}: {:?}", talk.statuses());
        assert!(stage.seen(&format!("smuggled131-{index}/")).is_empty(), "{shown}");
        let outer = stage.seen(&format!("outer131-{index}-"));
        assert!(outer.len() <= 1 && talk.answers.len() <= 1 && !talk.is_garbled, "{shown} {outer:?}");
        if outer.is_empty() && !talk.answers.is_empty() {
            assert!((400..600).contains(&talk.status()), "{shown}");
            assert!(talk.is_closed, "the rest of the connection is worth nothing: {shown}");
        }
        for it in outer {
            // What was framed was framed by one rule, and is framed anew by one rule.
            let count = it.header_all("content-length").len() + it.header_all("transfer-encoding").len();
            assert!(count <= 1, "{shown} {it:?}");
        }
    }
}

/// Heads that are no heads.
const BROKEN_HEADS: &[&str] = &[
    "GET /T HTTP/1.1\r\nHost: g\r\nX : y\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: g\r\n X: y\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: g\r\nX: a\r\n folded\r\n\r\n",
    "GET /T HTTP/1.1\r\n X: y\r\nHost: g\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: g\r\nX\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: g\r\n: x\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: g\r\nX: a\rb\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: g\r\nX: a\0b\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: g\r\nX\0: ab\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: g\r\nX(y): ab\r\n\r\n",
    "GET /T HTTP/1.1\rHost: g\r\r",
    "GET /T\r\n\r\n",
    "GET  /T HTTP/1.1\r\nHost: g\r\n\r\n",
    "GET /T  HTTP/1.1\r\nHost: g\r\n\r\n",
    "GET /T /x HTTP/1.1\r\nHost: g\r\n\r\n",
    "GET\t/T HTTP/1.1\r\nHost: g\r\n\r\n",
    "GET /T HTTP/1.2\r\nHost: g\r\n\r\n",
    "GET /T HTTP/2.0\r\nHost: g\r\n\r\n",
    "GET /T HTTP/0.9\r\nHost: g\r\n\r\n",
    "GET /T http/1.1\r\nHost: g\r\n\r\n",
    "GET /T HTTP/1.1x\r\nHost: g\r\n\r\n",
    "GET /T HTTP/1.10\r\nHost: g\r\n\r\n",
    "GET /T HTTP/11\r\nHost: g\r\n\r\n",
    "GET /T HTTP/1.1\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: g\r\nHost: g\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: g\r\nHost: h\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: g h\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: a@g\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: g/x\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: g,h\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: \r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: g:port\r\n\r\n",
    "\0GET /T HTTP/1.1\r\nHost: g\r\n\r\n",
    "GET /T HTTP/1.1\r\nHost: g\r\n\u{b}\r\n\r\n",
];

#[test]
fn case_131_a_broken_head_is_refused_and_the_connection_closed() {
    let stage = stage();
    let talks = all_at_once(BROKEN_HEADS, |index, head| {
        let target = format!("/api/controller/v2/ping/?broken131-{index}.");
        let next = format!("GET {target}next HTTP/1.1\r\nHost: g\r\n\r\n");
        let request = head.replace("/T", &target) + &next;
        talk_within(stage.server.http, request.as_bytes(), ENDLESS)
    });
    for (index, (head, talk)) in BROKEN_HEADS.iter().zip(talks).enumerate() {
        assert!(matches!(talk.status(), 0 | 400 | 505), "{head:?}: {:?}", talk.statuses());
        assert!(talk.is_closed && talk.answers.len() <= 1, "{head:?}: {:?}", talk.statuses());
        assert!(stage.seen(&format!("broken131-{index}.")).is_empty(), "{head:?}");
    }
}

#[test]
fn case_131_requests_that_are_right_pass_one_by_one() {
    let stage = stage();
    let line = admin_line();
    let requests = format!(
        "POST /api/controller/v2/right131-a/ HTTP/1.1\r\nHost: g\r\n{line}Content-Length: 4\r\n\r\nbody\
         POST /api/controller/v2/right131-b/ HTTP/1.1\r\nHost: g\r\n{line}Transfer-Encoding: chunked\r\n\r\n\
         4;ext=1\r\nbody\r\n0\r\nTrailer: x\r\n\r\n\
         GET /api/controller/v2/right131-c/ HTTP/1.1\r\nHost: g\r\n{line}\r\n\
         DELETE /api/controller/v2/right131-d/ HTTP/1.1\r\nHost: g\r\n{line}Content-Length: 004\r\nConnection: close\r\n\r\nbody"
    );
    let talk = talk(stage.server.http, requests.as_bytes());
    assert_eq!(talk.statuses(), [200, 200, 200, 200]);
    let received = stage.seen("right131");
    let bodies: Vec<&[u8]> = received.iter().map(|it| &*it.body).collect();
    assert_eq!(bodies, [&b"body"[..], b"body", b"", b"body"]);
}

#[test]
fn case_131_odd_spellings_of_framing_are_not_sent_on() {
    let stage = stage();
    for (index, name) in
        ["Transfer_Encoding", "Transfer.Encoding", "Content_Length", "Content.Length"].iter().enumerate()
    {
        let target = format!("/api/controller/v2/odd131-{index}/");
        let request = stage.known("POST", &target).header(name, "chunked").header(name, "2");
        assert!(matches!(request.body("text/plain", "body").send().status, 200 | 400), "{name}");
        for it in stage.seen(&target) {
            assert!(it.header(name).is_none(), "{it:?}");
            assert_eq!(it.body, b"body");
        }
    }
}

#[test]
fn case_132_what_http_1_0_cannot_say_is_refused() {
    let stage = stage();
    for head in [
        "POST /api/controller/v2/old132/ HTTP/1.0\r\nHost: g\r\nTransfer-Encoding: chunked\r\n",
        "POST /api/controller/v2/old132/ HTTP/1.0\r\nHost: g\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "POST /api/controller/v2/old132/ HTTP/1.0\r\nHost: g\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n",
    ] {
        let request = format!(
            "{head}{}\r\n0\r\n\r\nGET /api/controller/v2/old132/ HTTP/1.1\r\nHost: g\r\n\r\n",
            admin_line()
        );
        let talk = talk(stage.server.http, request.as_bytes());
        assert_eq!(talk.statuses(), [400], "{head}");
        assert!(talk.is_closed, "{head}");
    }
    assert!(!stage.has_seen("old132"));
    // A body without a length is no body: what follows is a request of its own, and no proof goes with it.
    let request = format!(
        "POST /api/controller/v2/first132/ HTTP/1.1\r\nHost: g\r\n{}\r\n\
         GET /api/controller/v2/second132/ HTTP/1.1\r\nHost: g\r\n\r\n",
        admin_line()
    );
    assert_eq!(talk(stage.server.http, request.as_bytes()).statuses(), [200, 401]);
    assert_eq!(stage.seen("first132")[0].body, b"");
    assert!(!stage.has_seen("second132"));
    // With HTTP/1.0 the connection ends with the answer.
    let request = format!("GET /api/controller/v2/one132/ HTTP/1.0\r\nHost: g\r\n{}\r\n", admin_line());
    let talk = talk(stage.server.http, (request.clone() + &request).as_bytes());
    assert_eq!(talk.statuses(), [200]);
    assert!(talk.is_closed);
}
