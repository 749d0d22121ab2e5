//! How many interim answers pass, however they are cut into pieces.

use super::{Guarded, INTERIM_MAX};

const HINTS: &str = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";

/// Feeds an answer in pieces of this size to a connection on which a request was written.
fn passes(answer: &str, piece: usize) -> bool {
    let mut guarded = Guarded::new(());
    guarded.has_written();
    answer.as_bytes().chunks(piece).all(|bytes| guarded.looks_fine(bytes))
}

#[test]
fn some_interim_answers_pass_and_a_flood_does_not() {
    let most = usize::try_from(INTERIM_MAX).unwrap();
    for piece in [1, 2, 7, 4096, 1 << 20] {
        for interim in [HINTS, "HTTP/1.1 100 Continue\r\n\r\n", "\r\nHTTP/1.0 102 \n\n"] {
            assert!(
                passes(&(interim.repeat(most) + "HTTP/1.1 200 OK\r\n\r\n"), piece),
                "{interim:?} {piece}"
            );
            assert!(!passes(&interim.repeat(most + 1), piece), "{interim:?} {piece}");
        }
    }
}

#[test]
fn what_comes_behind_the_final_head_is_not_looked_at() {
    let body = HINTS.repeat(1000);
    for head in
        ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "garbage that is long"]
    {
        for piece in [1, 13, 4096] {
            assert!(passes(&format!("{HINTS}{head}{body}"), piece), "{head:?} {piece}");
        }
    }
}

#[test]
fn each_request_has_its_own_count() {
    let mut guarded = Guarded::new(());
    for _ in 0..100 {
        guarded.has_written();
        assert!(guarded.looks_fine(HINTS.repeat(20).as_bytes()));
        assert!(guarded.looks_fine(b"HTTP/1.1 200 OK\r\n\r\n"));
    }
}
