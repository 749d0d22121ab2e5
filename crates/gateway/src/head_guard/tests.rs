//! Cases 112, 131 and 133: what goes on and what is spoiled, however the bytes are cut.

use proptest::prelude::*;

use super::HeadGuard;

fn filter(guard: &mut HeadGuard, text: &[u8]) -> Vec<u8> {
    let mut bytes = text.to_vec();
    guard.filter(&mut bytes);
    bytes
}

/// Whether all of it goes on; asked with the bytes in one piece, one by one, and in two pieces.
fn passes(text: &str) -> bool {
    let bytes = text.as_bytes();
    let whole = filter(&mut HeadGuard::default(), bytes) == bytes;
    let mut guard = HeadGuard::default();
    assert_eq!(bytes.iter().all(|it| filter(&mut guard, &[*it]) == [*it]), whole, "{text:?}");
    for at in 0..bytes.len() {
        let mut guard = HeadGuard::default();
        let (first, second) = bytes.split_at(at);
        let is_fine = filter(&mut guard, first) == first && filter(&mut guard, second) == second;
        assert_eq!(is_fine, whole, "{text:?} at {at}");
    }
    whole
}

#[test]
fn what_came_before_a_spoiled_request_stays_and_nothing_comes_after() {
    let mut guard = HeadGuard::default();
    let fine = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
    let bad = "GET /#x HTTP/1.1\r\n";
    let spoiled = filter(&mut guard, format!("{fine}{bad}").as_bytes());
    assert_eq!(spoiled, [fine.as_bytes(), &vec![0; bad.len()]].concat());
    assert_eq!(filter(&mut guard, b"GET / HTTP/1.1\r\n\r\n"), [0; 18]);
}

fn with(lines: &str) -> bool {
    passes(&format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n"))
}

#[test]
fn requests_as_they_should_be_go_on() {
    assert!(passes("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.0\r\n\r\n"));
    assert!(passes("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nEmpty:\r\nX:  y \r\n\r\n"));
    assert!(passes("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n\n\n\nGET / HTTP/1.1\r\n\r\n"));
    assert!(passes(
        "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\na;x=y\r\n0123\n5678\n\r\n0\r\nT: 1\r\n\r\nGET / HTTP/1.1\r\n\r\n"
    ));
    assert!(passes("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\u{1}\u{2}\n\n anything"));
}

#[test]
fn case_131_what_frames_in_two_ways_is_spoiled() {
    assert!(!with("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"));
    assert!(!with("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"));
    assert!(!with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"));
    assert!(!with("Content-Length: 4\r\nContent-Length: 4\r\n"));
    for length in ["+4", "-4", "0x4", "4,4", "4 4", "", "99999999999999999999", "4\u{b}"] {
        assert!(!with(&format!("Content-Length: {length}\r\n")), "{length}");
    }
    for encoding in
        ["xchunked", "chunked, identity", "gzip, chunked", "identity", "", "\"chunked\"", "chunked;"]
    {
        assert!(!with(&format!("Transfer-Encoding: {encoding}\r\n")), "{encoding}");
    }
}

#[test]
fn case_131_odd_lines_are_spoiled() {
    assert!(!with("X: y\n"));
    assert!(!with("X: y\r\r\n"));
    assert!(!with("X: y\rz: 1\r\n"));
    assert!(!with("X: y\r\n folded\r\n"));
    assert!(!with("X: y\r\n\tfolded\r\n"));
    assert!(!with("X : y\r\n"));
    assert!(!with("Content-Length : 4\r\n"));
    assert!(!with("no colon\r\n"));
    assert!(!with(": no name\r\n"));
    assert!(!passes("GET / HTTP/1.1\nHost: a\n\n"));
}

#[test]
fn case_131_odd_chunks_are_spoiled() {
    let chunked =
        |body: &str| passes(&format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{body}"));
    for body in
        ["\r\n", "x\r\n", "-1\r\n", "0x1\r\n", "1 \r\n", " 1\r\n", "1\na", "fffffffffffffffff\r\n", ";x\r\n"]
    {
        assert!(!chunked(body), "{body:?}");
    }
    assert!(!chunked(&format!("1;{}\r\n", "x".repeat(300))));
}

#[test]
fn case_112_a_target_with_a_fragment_is_spoiled() {
    assert!(!passes("GET /a#b HTTP/1.1\r\n\r\n"));
    assert!(!passes("GET /a b HTTP/1.1\r\n\r\n"));
    assert!(!passes("GET  /a HTTP/1.1\r\n\r\n"));
    assert!(!passes("GET /a HTTP/2.0\r\n\r\n"));
    assert!(!passes("GET /a\r\n\r\n"));
    assert!(!passes("GET /a\tHTTP/1.1\r\n\r\n"));
}

proptest! {
    #[test]
    fn case_131_the_answer_does_not_depend_on_where_the_bytes_are_cut(
        text in "(GET|POST) /[a#]? HTTP/1\\.1\r\n(Content-Length: [0-3]\r\n|Transfer-Encoding: chunked\r\n|[ -~]{0,8}\r?\n){0,3}\r\n[0-3\r\na]{0,12}"
    ) {
        passes(&text);
    }
}
