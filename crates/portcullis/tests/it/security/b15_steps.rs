//! Upgrades, unread bodies, expectations and mutations: a connection is never out of step (cases 133-135,
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
