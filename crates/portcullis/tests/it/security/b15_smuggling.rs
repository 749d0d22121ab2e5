//! Request smuggling: what one reader takes for one request is one request for every reader (cases 131-135,
//! 137).

use std::io::{BufReader, Read, Write};
use std::sync::OnceLock;
use std::time::Duration;

use super::shared::Shared;
use super::stage::{Stage, admin_line, shared};
use crate::support::http::connect;
use crate::support::raw::{Dice, all_at_once, talk, talk_within};
use crate::support::upstream::Answer;
use crate::support::{Response, Upstream};

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

#[test]
fn case_133_bytes_behind_an_upgrade_that_is_refused_are_no_tunnel() {
    let stage = stage();
    let upgrade = |mark: &str| {
        format!(
            "GET /api/controller/v2/{mark}/ HTTP/1.1\r\nHost: g\r\n{}Connection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            admin_line()
        )
    };
    // The upstream says 200 and no 101: what follows is judged like any request, or not read at all.
    let request = upgrade("up133") + "GET /api/controller/v2/behind133/ HTTP/1.1\r\nHost: g\r\n\r\n";
    let talk = talk(stage.server.http, request.as_bytes());
    assert!(matches!(*talk.statuses(), [200] | [200, 401]), "{:?}", talk.statuses());
    assert!(!stage.has_seen("behind133"));

    // An upgrade that nobody asked for is none.
    let forward = Stage::with("", |_| {
        Answer::raw("HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello")
    });
    let request = format!("GET /api/controller/v2/x/ HTTP/1.1\r\nHost: g\r\n{}\r\n", admin_line());
    let answer = crate::support::raw::talk(forward.server.http, request.as_bytes());
    assert_eq!(answer.status(), 502);

    // A granted one carries what came early, in its order and once.
    let mut stream = connect(forward.server.http).unwrap();
    stream.write_all((upgrade("ws133") + "early").as_bytes()).unwrap();
    let mut reader = BufReader::new(&stream);
    assert_eq!(Response::read(&mut reader, "GET").unwrap().status, 101);
    let mut hello = [0; 5];
    reader.read_exact(&mut hello).unwrap();
    assert_eq!(&hello, b"hello");
}

#[test]
fn case_134_a_body_that_nobody_reads_is_never_the_next_request() {
    let stage = stage();
    let inner = format!("GET /api/controller/v2/inner134/ HTTP/1.1\r\nHost: g\r\n{}\r\n", admin_line());
    for (mark, head) in [
        ("401", "GET /api/controller/v2/a134/ HTTP/1.1\r\n".to_owned()),
        ("401 own", "POST /api/gateway/v1/users/ HTTP/1.1\r\n".to_owned()),
        ("405", format!("POST /api/gateway/v1/me/ HTTP/1.1\r\n{}", admin_line())),
        ("404", format!("GET /api/gateway/v1/none/ HTTP/1.1\r\n{}", admin_line())),
        ("301", format!("GET /api/gateway/v1/me HTTP/1.1\r\n{}", admin_line())),
        ("200", format!("GET /api/gateway/v1/me/ HTTP/1.1\r\n{}", admin_line())),
        (
            "415",
            format!("POST /api/gateway/v1/users/ HTTP/1.1\r\nContent-Type: text/plain\r\n{}", admin_line()),
        ),
        ("login", "GET /api/gateway/v1/login/ HTTP/1.1\r\n".to_owned()),
        ("ping", "GET /api/gateway/v1/ping/ HTTP/1.1\r\n".to_owned()),
        ("400", "GET /api/controller/../x HTTP/1.1\r\n".to_owned()),
        ("404 nowhere", "POST /nowhere/ HTTP/1.1\r\n".to_owned()),
        ("upstream", format!("GET /api/controller/v2/ping/ HTTP/1.1\r\n{}", admin_line())),
    ] {
        let framings = [
            (format!("Content-Length: {}", inner.len()), inner.clone()),
            ("Transfer-Encoding: chunked".to_owned(), format!("{:x}\r\n{inner}\r\n0\r\n\r\n", inner.len())),
        ];
        for (framing, body) in framings {
            let request = format!("{head}Host: g\r\n{framing}\r\n\r\n{body}");
            let talk = talk(stage.server.http, request.as_bytes());
            assert_eq!(talk.answers.len(), 1, "{mark}, {framing}: {:?}", talk.statuses());
            assert!(!stage.has_seen("inner134"), "{mark}, {framing}");
        }
    }
}

#[test]
fn case_135_an_expectation_leaves_no_doubt() {
    // The upstream answers before it has read the body.
    let stage = Stage::with("", |received| match received.header("expect") {
        Some(_) => Answer::status(200, "seen"),
        None => Answer::status(200, "plain"),
    });
    let inner = format!("GET /api/controller/v2/inner135/ HTTP/1.1\r\nHost: g\r\n{}\r\n", admin_line());
    for expect in [
        "100-continue",
        "100-Continue",
        "x 100-continue",
        "100-continue, x",
        "y",
        "100-continue\r\nExpect: y",
    ] {
        let request = format!(
            "POST /api/controller/v2/e135/ HTTP/1.1\r\nHost: g\r\n{}Expect: {expect}\r\nContent-Length: {}\r\n\r\n{inner}",
            admin_line(),
            inner.len()
        );
        let talk = talk(stage.server.http, request.as_bytes());
        assert_eq!(talk.answers.len(), 1, "{expect}: {:?}", talk.statuses());
        assert!(matches!(talk.status(), 200 | 400 | 417), "{expect}: {:?}", talk.statuses());
        assert!(!stage.has_seen("inner135"), "{expect}");
    }
    // Refused before the body was sent: the client is not asked for it, and what it sends next on this
    // connection is not taken for a request unless it is told apart.
    let request = format!(
        "POST /api/vault/secret135/ HTTP/1.1\r\nHost: g\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        inner.len()
    );
    let mut stream = connect(stage.server.http).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut reader = BufReader::new(&stream);
    let mut first = [0; 12];
    reader.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 401");
    let _ = (&stream).write_all(inner.as_bytes());
    std::thread::sleep(Duration::from_millis(200));
    assert!(!stage.has_seen("inner135") && !stage.has_seen("secret135"));
}

#[test]
fn case_137_mutated_requests_come_out_as_they_were_judged() {
    let stage = Stage::new();
    let line = admin_line();
    let base = format!(
        "POST /api/controller/v2/m137/ HTTP/1.1\r\nHost: gateway\r\n{line}Content-Length: 4\r\n\
         Transfer-Encoding: chunked\r\nX-Thing: value\r\n\r\n4\r\nbody\r\n0\r\n\r\n"
    );
    let nasty: &[&[u8]] = &[
        b"\r",
        b"\n",
        b"\r\n",
        b" ",
        b"\t",
        b"\0",
        b":",
        b",",
        b";",
        b"\x0b",
        b"\x0c",
        b"\x85",
        b"\xa0",
        b"\xff",
        b"0",
        b"chunked",
        b"Content-Length: 0\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Host: x\r\n",
        b"GET /api/vault/ HTTP/1.1\r\n\r\n",
    ];
    let mut dice = Dice::new(137);
    let inputs: Vec<Vec<u8>> = (0..240)
        .map(|_| {
            let mut bytes = base.clone().into_bytes();
            for _ in 0..=dice.below(3) {
                let at = dice.below(bytes.len());
                let end = (at + dice.below(4)).min(bytes.len());
                bytes.splice(at..end, dice.pick(nasty).iter().copied());
            }
            bytes
        })
        .collect();
    let chunks: Vec<&[Vec<u8>]> = inputs.chunks(8).collect();
    let answered: usize = all_at_once(&chunks, |_, chunk| {
        let talks = chunk.iter().map(|input| talk_within(stage.server.http, input, Duration::from_secs(1)));
        talks.map(|talk| talk.statuses().iter().filter(|status| **status == 200).count()).sum::<usize>()
    })
    .into_iter()
    .sum();
    let received = stage.upstream.received();
    assert!(received.len() >= answered, "more answers than requests went out");
    for it in received {
        assert!(it.target.starts_with("/api/controller/"), "{it:?}");
        assert!(it.target.bytes().all(|byte| byte.is_ascii_graphic()), "{it:?}");
        let count = it.header_all("content-length").len() + it.header_all("transfer-encoding").len();
        assert!(count <= 1 && it.header_all("host").len() == 1, "{it:?}");
        for (name, value) in &it.headers {
            let is_token =
                name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
            assert!(is_token && !name.is_empty(), "{it:?}");
            assert!(!value.contains(['\r', '\n', '\0']), "{it:?}");
        }
    }
}
