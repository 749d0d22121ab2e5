//! How faults are written, and which requests they meet.

use super::*;

fn target<'a>(method: &'a Method, path: &'a str) -> Target<'a> {
    Target { method, path, is_resource: path.starts_with("/r/"), is_login: path == "/login" }
}

#[test]
fn a_fault_is_read_as_it_is_written() {
    let rows = [
        ("expire", Kind::Expire, None, None, Some(1)),
        ("slow:2x3", Kind::Slow(Duration::from_secs(2)), None, None, Some(3)),
        ("status:503@/a/bx2", Kind::Status(503), None, Some("/a/b"), Some(2)),
        ("cut@POST:/a/x*", Kind::Cut, Some(Method::POST), Some("/a/"), None),
        ("drop@/a/box", Kind::DropAfter, None, Some("/a/box"), Some(1)),
        ("drop:before@/a:b", Kind::DropBefore, None, Some("/a:b"), Some(1)),
    ];
    for (text, kind, method, path, times) in rows {
        let wanted = Fault { kind, path: path.map(str::to_owned), method, times };
        assert_eq!(parse_fault(text), Ok(wanted), "{text}");
    }
}

#[test]
fn what_is_no_fault_is_refused() {
    for text in ["", "flood", "slow", "slow:x", "status:200", "cutx0", "cut@api", "cut@post:/a", "expire:1"] {
        assert!(parse_fault(text).is_err(), "{text}");
    }
}

#[test]
fn every_kind_is_read_back_from_its_name() {
    for name in KINDS.split(", ") {
        let name = name.replace("SECONDS", "7").replace("CODE", "503");
        assert_eq!(Kind::parse(&name).unwrap().name(), name);
    }
}

#[test]
fn a_request_meets_the_fault_that_was_armed_first() {
    let mut arsenal = Arsenal::new(vec![
        parse_fault("refuse-login").unwrap(),
        parse_fault("rotate").unwrap(),
        parse_fault("cutx2").unwrap(),
    ]);
    assert_eq!(arsenal.take(&target(&Method::GET, "/other")), None);
    assert_eq!(arsenal.take(&target(&Method::GET, "/r/1")), Some(Kind::Cut));
    assert_eq!(arsenal.take(&target(&Method::POST, "/r/1")), Some(Kind::Rotate));
    assert_eq!(arsenal.take(&target(&Method::POST, "/login")), Some(Kind::RefuseLogin));
    assert_eq!(arsenal.take(&target(&Method::POST, "/login")), None);
    assert_eq!(arsenal.take(&target(&Method::POST, "/r/1")), Some(Kind::Cut));
    assert_eq!(arsenal.take(&target(&Method::POST, "/r/1")), None);
}
