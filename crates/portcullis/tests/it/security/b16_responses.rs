//! What a service answers: broken framing ends that answer and nobody else's (cases 138-140).

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use super::stage::{Stage, admin_line, services};
use crate::support::raw::{talk, talk_within};
use crate::support::upstream::Answer;
use crate::support::{Options, Request, Server};

/// A gateway before a service that answers `/api/controller/v2/N/` with the N-th of these, and anything else
/// properly.
fn stage(answers: &'static [&'static str]) -> Stage {
    Stage::with("", move |received| {
        let number = received.target.split('/').nth(4).and_then(|it| it.parse::<usize>().ok());
        match number.and_then(|it| answers.get(it)) {
            Some(answer) => Answer::raw(*answer),
            None => Answer::status(200, "for the next one"),
        }
    })
}

fn ask(stage: &Stage, number: usize) -> Vec<(u16, String)> {
    let request = format!("GET /api/controller/v2/{number}/ HTTP/1.1\r\nHost: g\r\n{}\r\n", admin_line());
    let talk = talk_within(stage.server.http, request.as_bytes(), std::time::Duration::from_secs(8));
    talk.answers.iter().map(|it| (it.status, it.text())).collect()
}

/// The next request, on another connection to the gateway and perhaps the same to the service.
#[track_caller]
fn the_next_is_untouched(stage: &Stage, shown: &str) {
    for _ in 0..3 {
        let answer = stage.known("GET", "/api/controller/v2/next/").send();
        assert_eq!((answer.status, &*answer.text()), (200, "for the next one"), "{shown}");
    }
}

/// Answers with something left over behind their end.
const SURPLUS: &[&str] = &[
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
    "HTTP/1.1 204 None\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
    "HTTP/1.1 304 Same\r\nContent-Length: 30\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
    "HTTP/1.1 204 None\r\nContent-Length: 6\r\n\r\npoison",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\npoison",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
    "HTTP/1.1 302 Go\r\nLocation: /x\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
    "HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
];

#[test]
fn case_138_what_is_left_over_reaches_nobody() {
    let stage = stage(SURPLUS);
    for (number, answer) in SURPLUS.iter().enumerate() {
        let answers = ask(&stage, number);
        assert!(answers.len() <= 1, "{answer:?}: {answers:?}");
        assert!(answers.iter().all(|(_, text)| !text.contains("poison")), "{answer:?}: {answers:?}");
        the_next_is_untouched(&stage, answer);
    }
}

/// Answers that cannot be read in one way only.
const BROKEN: &[&str] = &[
    "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\npoison",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\npoison",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\npoison",
    "HTTP/1.1 200 OK\r\nContent-Length: +6\r\n\r\npoison",
    "HTTP/1.1 200 OK\r\nContent-Length: 6, 7\r\n\r\npoison",
    "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Length: 7\r\n\r\npoison",
    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\npoison",
    "HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 6\r\n\r\npoison",
    "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 6\r\n\r\npoison",
    "HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 6\r\n\r\npoison",
    "HTTP/1.1 200 OK\r\nX y: a\r\nContent-Length: 6\r\n\r\npoison",
    "HTTP/1.1 200 OK\r\n: a\r\nContent-Length: 6\r\n\r\npoison",
    "HTTP/1.1 2000 OK\r\nContent-Length: 6\r\n\r\npoison",
    "HTTP/1.1 99 OK\r\nContent-Length: 6\r\n\r\npoison",
    "HTTP/1.1 -200 OK\r\nContent-Length: 6\r\n\r\npoison",
    "HTTP/3.7 200 OK\r\nContent-Length: 6\r\n\r\npoison",
    "HTTPS/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
    "garbage\r\n\r\npoison",
    "\0\0\0\0\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\npoison",
    "HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
];

#[test]
fn case_138_an_answer_that_cannot_be_read_is_a_502() {
    let stage = stage(BROKEN);
    for (number, answer) in BROKEN.iter().enumerate() {
        let answers = ask(&stage, number);
        assert!(answers.len() <= 1, "{answer:?}: {answers:?}");
        for (status, text) in &answers {
            let is_framed = *status == 200 && !text.contains("poison");
            assert!(*status == 502 || is_framed, "{answer:?}: {answers:?}");
        }
        the_next_is_untouched(&stage, answer);
    }
}

#[test]
fn case_138_a_broken_body_is_not_ended_cleanly() {
    const CUT: &[&str] = &[
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nbefore\r\nzz\r\nafter",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nbefore\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nbeforeX\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbefore",
    ];
    let stage = Stage::with("", |received| {
        let number = received.target.split('/').nth(4).and_then(|it| it.parse::<usize>().ok());
        match number {
            Some(number) => Answer::raw(CUT[number]).then_close(),
            None => Answer::status(200, "for the next one"),
        }
    });
    for (number, answer) in CUT.iter().enumerate() {
        let request = stage.known("GET", &format!("/api/controller/v2/{number}/"));
        match request.try_send() {
            // It could be known before anything was passed on.
            Ok(received) => assert_eq!(received.status, 502, "{answer:?}: {}", received.text()),
            Err(error) => assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock, "{answer:?}"),
        }
        the_next_is_untouched(&stage, answer);
    }
}

/// A service that answers every connection with these bytes for as long as they are taken.
fn endless(head: &'static str, piece: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(head.as_bytes());
                let block = piece.repeat(64 * 1024 / piece.len());
                // Enough to be noticed, and an end for the case that nobody does.
                for _ in 0..4096 {
                    if stream.write_all(block.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

#[test]
fn case_138_heads_without_end_are_cut() {
    for (head, piece) in [
        ("HTTP/1.1 200 OK\r\n", "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaa\r\n"),
        ("HTTP/1.1 200 OK\r\nX: ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("HTTP/1.1 200 ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ] {
        let address = endless(head, piece);
        let config = format!(
            "[[service]]\nname = \"c\"\npath = \"/api/controller/\"\nupstream = [\"http://{address}\"]\nrequest_timeout = 20\n"
        );
        let server = Server::with_config(&config);
        let answer = server.as_admin("GET", "/api/controller/v2/x/").send();
        assert!(matches!(answer.status, 502 | 504), "{head:?} {piece:?}: {}", answer.status);
        assert!(!answer.text().contains("aaaa"));
        assert_eq!(server.get("/api/gateway/v1/ping/").send().status, 200);
    }
}

#[test]
fn case_139_a_flood_of_interim_answers_is_cut() {
    for piece in ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"] {
        let address = endless("", piece);
        let config = format!(
            "[listen]\nthreads = 1\n[[service]]\nname = \"c\"\npath = \"/api/controller/\"\n\
             upstream = [\"http://{address}\"]\nrequest_timeout = 600\n"
        );
        let server = Server::with_config(&config);
        let request = server.as_admin("GET", "/api/controller/v2/x/");
        let flooded = std::thread::spawn(move || request.send().status);
        // The only thread of this gateway has others to answer, too.
        for _ in 0..10 {
            assert_eq!(server.get("/api/gateway/v1/ping/").send().status, 200);
        }
        assert_eq!(flooded.join().unwrap(), 502, "{piece:?}");
    }
}

#[test]
fn case_139_answers_without_a_body_have_none() {
    let stage = Stage::with("", |received| match &*received.method {
        // A body where none may be (RFC 9110 section 9.3.2).
        "HEAD" => Answer::raw("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nX-Kind: head\r\n\r\npoison"),
        _ => Answer::status(200, "for the next one"),
    });
    let request = format!(
        "HEAD /api/controller/v2/h/ HTTP/1.1\r\nHost: g\r\n{}Connection: close\r\n\r\n",
        admin_line()
    );
    let text =
        String::from_utf8(crate::support::http::exchange(stage.server.http, request.as_bytes())).unwrap();
    assert!(text.starts_with("HTTP/1.1 200") && text.ends_with("\r\n\r\n"), "{text}");
    the_next_is_untouched(&stage, "HEAD with a body");
}

#[test]
fn case_139_interim_answers_do_not_shift_the_final_ones() {
    let stage = Stage::with("", |received| {
        let mark = received.target.clone();
        Answer::raw(format!(
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n\
             HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{mark}",
            mark.len()
        ))
    });
    let line = admin_line();
    let requests = [0, 1, 2, 3, 4]
        .map(|index| format!("GET /api/controller/v2/{index}/ HTTP/1.1\r\nHost: g\r\n{line}\r\n"))
        .concat();
    let answers = talk(stage.server.http, requests.as_bytes()).answers;
    let texts: Vec<String> = answers.iter().map(crate::support::Response::text).collect();
    let wanted: Vec<String> = (0..5).map(|index| format!("/api/controller/v2/{index}/")).collect();
    assert_eq!(texts, wanted);
}

#[test]
fn case_140_hop_by_hop_fields_stay_on_their_hop() {
    let stage = Stage::with("", |_| {
        Answer::raw(
            "HTTP/1.1 200 OK\r\nConnection: Set-Cookie, X-Hop, X-Frame-Options, Content-Length\r\n\
             Keep-Alive: timeout=5\r\nProxy-Authenticate: Basic realm=x\r\nProxy-Connection: keep-alive\r\n\
             TE: trailers\r\nTrailer: X-Trail\r\nUpgrade: h2c\r\nX-Hop: 1\r\nX-End: 1\r\n\
             Set-Cookie: own=1; Path=/\r\nSet-Cookie: second=2\r\nSet-Cookie: gateway_sessionid=stolen; Path=/\r\n\
             Set-Cookie: GATEWAY_SESSIONID=x\r\nETag: \"e\"\r\nContent-Length: 2\r\n\r\nok",
        )
    });
    let answer = stage.known("GET", "/api/controller/v2/x/").send().expect(200);
    assert_eq!(answer.text(), "ok");
    for name in ["keep-alive", "proxy-authenticate", "proxy-connection", "te", "upgrade", "x-hop"] {
        assert!(answer.header(name).is_none(), "{name}: {:?}", answer.headers);
    }
    assert_eq!((answer.header("x-end"), answer.header("etag")), (Some("1"), Some("\"e\"")));
    assert_eq!(answer.header_all("content-length"), ["2"]);
    // A service sets its own cookies, and never ours.
    assert!(
        !answer.header_all("set-cookie").iter().any(|it| it.starts_with("gateway_sessionid")),
        "{:?}",
        answer.headers
    );
    assert!(!answer.text().contains("stolen"));
    let kept = answer.header_all("set-cookie");
    assert!(kept.is_empty() || kept.iter().any(|it| it.starts_with("own=1")), "{kept:?}");
}

#[test]
fn case_140_a_service_cannot_take_the_session_away() {
    let upstream = crate::support::Upstream::scripted(|_| {
        Answer::raw(
            "HTTP/1.1 200 OK\r\nSet-Cookie: gateway_sessionid=\"\"; Max-Age=0; Path=/\r\n\
             Set-Cookie: csrftoken=planted; Path=/\r\nSet-Cookie:  gateway_sessionid = x\r\n\
             Set-Cookie: gateway_sessionid\r\nSet-Cookie: kept=1\r\nContent-Length: 0\r\n\r\n",
        )
    });
    let config = services(&upstream, "none", "");
    let server = Server::start(Options { config, ..Options::default() });
    let answer = Request::new(server.http, "GET", "/api/controller/v2/ping/").send().expect(200);
    let names: Vec<&str> = answer
        .header_all("set-cookie")
        .iter()
        .map(|it| it.split(['=', ';']).next().unwrap().trim())
        .collect();
    assert_eq!(names, ["kept"], "{:?}", answer.headers);
}
