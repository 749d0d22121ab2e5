//! Slow clients and sizes: everything has an end, and whoever waits holds nobody up (cases 151-155).

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::stage::{Stage, admin_line, services};
use crate::support::http::connect;
use crate::support::raw::{talk, talk_within};
use crate::support::tls::{Frames, connect_tls};
use crate::support::upstream::Answer;
use crate::support::{Options, Response, Server, Upstream};

/// Limits that a test can wait for.
const SHORT: &str = "[limits]\nhead_timeout = 1\nbody_timeout = 1\nhandshake_timeout = 1\nwrite_timeout = 1\nkeep_alive_timeout = 1\n";

/// Reads until the server closes the connection; what it said.
fn rest(mut stream: &TcpStream) -> String {
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "the server does not hang up");
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn case_151_who_sends_drop_by_drop_is_cut_while_others_are_served() {
    let server = Server::with_config(SHORT);
    let mut slow = Vec::new();
    for index in 0..200 {
        let mut stream = connect(server.http).unwrap();
        let begun = match index % 4 {
            0 => "G",
            1 => "GET / HTTP/1.1\r\nHost: g\r\nX-A: ",
            2 => "POST /api/gateway/v1/login/ HTTP/1.1\r\nHost: g\r\nContent-Length: 1000\r\n\r\nu",
            _ => {
                "POST /api/gateway/v1/login/ HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"
            }
        };
        stream.write_all(begun.as_bytes()).unwrap();
        slow.push(stream);
    }
    // Every thread of the gateway holds some of them, and all still answer others.
    for _ in 0..20 {
        assert_eq!(server.get("/api/gateway/v1/ping/").send().status, 200);
        assert_eq!(server.as_admin("GET", "/api/gateway/v1/me/").send().status, 200);
    }
    // A drop now and then does not help: the whole has a limit, not each part.
    for stream in slow.iter_mut().take(8) {
        let _ = stream.write_all(b"x");
    }
    for stream in &slow {
        let answer = rest(stream);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    assert_eq!(server.get("/api/gateway/v1/ping/").send().status, 200);
}

#[test]
fn case_151_a_connection_that_says_nothing_is_closed() {
    let server = Server::with_config(SHORT);
    let silent = connect(server.http).unwrap();
    assert_eq!(rest(&silent), "");
    // Also behind an answer.
    let mut used = connect(server.http).unwrap();
    used.write_all(b"GET /api/gateway/v1/ping/ HTTP/1.1\r\nHost: g\r\n\r\n").unwrap();
    let mut reader = BufReader::new(&used);
    assert_eq!(Response::read(&mut reader, "GET").unwrap().status, 200);
    assert_eq!(reader.read(&mut [0; 16]).unwrap_or(0), 0);
}

#[test]
fn case_151_a_forwarded_body_that_rests_is_cut() {
    let upstream = Upstream::start();
    let config = format!("{SHORT}{}", services(&upstream, "none", "idle_timeout = 1"));
    let server = Server::start(Options { config, ..Options::default() });
    let mut stream = connect(server.http).unwrap();
    let head = format!(
        "POST /api/controller/v2/rest151/ HTTP/1.1\r\nHost: g\r\n{}Content-Length: 1000\r\n\r\nsome",
        admin_line()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let answer = rest(&stream);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 5"),
        "{answer}"
    );
    assert!(!upstream.received().iter().any(|it| it.target.contains("rest151")), "half a body is no body");
}

#[test]
fn case_152_a_client_that_does_not_read_fills_no_memory() {
    const SIZE: usize = 96 * 1024 * 1024;
    let body: &'static str = "x".repeat(1024 * 1024).leak();
    let stage = Stage::with("[limits]\nwrite_timeout = 2\n", move |received| {
        if received.target.contains("big") {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n");
            return Answer::raw(head + &body.repeat(SIZE / body.len()));
        }
        Answer::status(200, "small")
    });
    let memory = |server: &Server| -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.process_id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    stage.known("GET", "/api/controller/v2/small/").send().expect(200);
    let before = memory(&stage.server);
    let streams: Vec<TcpStream> = (0..4)
        .map(|_| {
            let mut stream = connect(stage.server.http).unwrap();
            let request = format!("GET /api/controller/v2/big/ HTTP/1.1\r\nHost: g\r\n{}\r\n", admin_line());
            stream.write_all(request.as_bytes()).unwrap();
            stream.read_exact(&mut [0; 64]).unwrap();
            stream
        })
        .collect();
    let mut most = before;
    for _ in 0..30 {
        std::thread::sleep(Duration::from_millis(50));
        most = most.max(memory(&stage.server));
    }
    assert!(most < before + 48 * 1024, "{before} KiB grew to {most} KiB for answers that nobody reads");
    assert_eq!(stage.known("GET", "/api/controller/v2/small/").send().status, 200);
    // They are cut, so that they hold neither memory nor the service.
    std::thread::sleep(Duration::from_secs(4));
    for mut stream in &streams {
        let mut count = 64;
        let mut buffer = vec![0; 1 << 20];
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            count += read;
        }
        assert!(count < SIZE, "the answer was still whole");
    }
}

#[test]
fn case_152_a_client_that_opens_no_window_holds_no_place() {
    let body: &'static str = "x".repeat(1024 * 1024).leak();
    let stage = Stage::with("[limits]\nwrite_timeout = 2\n", move |_| {
        Answer::raw(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
    });
    let mut frames = Frames::connect_without_window(stage.server.https);
    let proof = crate::support::http::basic("admin", crate::support::ADMIN_PASSWORD);
    for _ in 0..20 {
        frames.begin(
            &[
                (b":method", b"GET"),
                (b":scheme", b"https"),
                (b":authority", b"gateway"),
                (b":path", b"/api/controller/v2/stall152/"),
                (b"authorization", proof.as_bytes()),
            ],
            b"",
        );
    }
    assert!(frames.is_given_up(20), "twenty requests to the service are held for nothing");
}

#[test]
fn case_153_long_targets_and_heads_are_refused() {
    let stage = Stage::new();
    let known = admin_line();
    let long = |length: usize| "a".repeat(length);
    let send = |target: &str, more: &str| {
        let request = format!("GET {target} HTTP/1.1\r\nHost: g\r\n{known}{more}Connection: close\r\n\r\n");
        talk(stage.server.http, request.as_bytes()).status()
    };
    for target in [
        format!("/api/controller/{}", long(1 << 20)),
        format!("/api/controller/{}", long(70_000)),
        format!("/api/controller/?{}", long(1 << 20)),
        format!("/{}", long(20_000)),
    ] {
        let status = send(&target, "");
        assert!(matches!(status, 0 | 414 | 431 | 400), "{} bytes: {status}", target.len());
    }
    assert_eq!(send(&format!("/api/controller/{}", long(9000)), ""), 414);
    for more in [
        format!("X-Long: {}\r\n", long(1 << 20)),
        format!("X-{}: x\r\n", long(1 << 20)),
        format!("Cookie: a={}\r\n", long(100_000)),
        "X-Many: x\r\n".repeat(20_000),
        "X-Many: x\r\n".repeat(101),
        "A:\r\n".repeat(20_000),
    ] {
        let status = send("/api/controller/v2/head153/", &more);
        assert!(matches!(status, 0 | 431), "{} bytes: {status}", more.len());
    }
    assert!(!stage.has_seen("head153"));
    let status = talk(stage.server.http, long(1 << 20).as_bytes()).status();
    assert!(matches!(status, 0 | 400 | 414 | 431), "{status}");
    // What is large and within the limits passes whole.
    let more = format!("X-Large: {}\r\n", long(30_000)) + &"X-Many: x\r\n".repeat(80);
    assert_eq!(send(&format!("/api/controller/v2/fits153/?{}", long(7000)), &more), 200);
    let received = &stage.seen("fits153")[0];
    assert_eq!(received.header("x-large").map(str::len), Some(30_000));
    assert_eq!(received.header_all("x-many").len(), 80);
}

#[test]
fn case_154_a_body_beyond_the_limit_is_refused_unread() {
    let upstream = Upstream::start();
    let config = services(&upstream, "none", "body_max = 100000");
    let server = Server::start(Options { config, ..Options::default() });
    let known = admin_line();
    for (path, status) in [
        ("/api/gateway/v1/users/", 413),
        ("/api/gateway/v1/tokens/", 413),
        ("/api/gateway/v1/login/", 413),
        ("/api/controller/v2/hosts154/", 413),
    ] {
        // Ten gibibytes are announced, and none of them is waited for.
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: g\r\n{known}Content-Type: application/json\r\nContent-Length: 10737418240\r\n\r\n{{"
        );
        let talk = talk_within(server.http, request.as_bytes(), Duration::from_secs(10));
        // A form without its token may be refused for that first.
        assert!(
            talk.status() == status || (path.contains("login") && matches!(talk.status(), 400 | 403)),
            "{path}: {:?}",
            talk.statuses()
        );
        assert!(talk.is_closed, "{path}");
    }
    // The same without an announcement: cut when it is too much.
    for path in ["/api/gateway/v1/users/", "/api/controller/v2/hosts154/"] {
        let mut stream = connect(server.http).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: g\r\n{known}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
        let mut sent = 0;
        while sent < 4096 && stream.write_all(chunk.as_bytes()).is_ok() {
            sent += 1;
        }
        assert!(sent < 4096, "{path}: 256 MiB were taken");
        let answer = rest(&stream);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 413") || answer.starts_with("HTTP/1.1 400"),
            "{path}: {answer}"
        );
    }
    assert!(!upstream.received().iter().any(|it| it.target.contains("hosts154")));
    // At the limit it passes, one byte beyond it does not.
    for (size, status) in [(100_000, 200), (100_001, 413)] {
        let request =
            server.as_admin("POST", "/api/controller/v2/size154/").body("text/plain", vec![b'a'; size]);
        assert_eq!(request.send().status, status, "{size}");
    }
    assert_eq!(upstream.received().iter().filter(|it| it.target.contains("size154")).count(), 1);
}

#[test]
fn case_154_a_large_body_streams_through() {
    let stage = Stage::new();
    let size = 32 * 1024 * 1024;
    let answer = stage
        .known("POST", "/api/controller/v2/upload154/")
        .body("application/octet-stream", vec![7; size])
        .send();
    assert_eq!(answer.status, 200);
    assert_eq!(stage.seen("upload154")[0].body.len(), size);
}

#[test]
fn case_155_a_handshake_that_is_never_finished_is_cut_and_holds_nobody_up() {
    let server = Server::with_config(SHORT);
    let mut half_open = Vec::new();
    for index in 0..200 {
        let mut stream = connect(server.https).unwrap();
        let begun: &[u8] = match index % 3 {
            0 => b"",
            1 => b"\x16\x03\x01",
            // A record that announces 512 bytes and brings few of them.
            _ => b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        };
        stream.write_all(begun).unwrap();
        half_open.push(stream);
    }
    for _ in 0..5 {
        let mut stream = connect_tls(server.https, "http/1.1").unwrap();
        stream
            .write_all(b"GET /api/gateway/v1/ping/ HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n")
            .unwrap();
        assert_eq!(Response::read(&mut BufReader::new(&mut stream), "GET").unwrap().status, 200);
    }
    for stream in &half_open {
        rest(stream);
    }
    assert_eq!(server.get("/api/gateway/v1/ping/").send().status, 200);
}

#[test]
fn case_155_too_many_connections_of_one_address_are_turned_away() {
    let server = Server::with_config("[limits]\nconnections_max = 40\nconnections_per_address_max = 20\n");
    let held: Vec<TcpStream> = (0..60).filter_map(|_| connect(server.http).ok()).collect();
    std::thread::sleep(Duration::from_millis(300));
    let mut open = 0;
    for stream in &held {
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let mut byte = [0];
        match (&mut { stream }).read(&mut byte) {
            Err(error)
                if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) =>
            {
                open += 1;
            }
            _ => {}
        }
    }
    assert!(open <= 20, "{open} connections of one address are held");
    drop(held);
    for _ in 0..100 {
        if server.get("/api/gateway/v1/ping/").try_send().is_ok_and(|it| it.status == 200) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the places are not given back");
}
