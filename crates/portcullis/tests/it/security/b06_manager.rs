//! Catalyst's cookie: its attributes, and what reads like it (cases 59 to 64).

use crate::catalyst::{DEVICES, LOGIN, Login, Manager, SERVER, assert_dead, is_in};
use crate::support::ADMIN_PASSWORD;
use crate::support::raw::talk;

#[test]
fn case_059_catalyst_s_cookie_is_set_once_with_the_contract_s_attributes() {
    let manager = Manager::new();
    let form = [("j_username", "admin"), ("j_password", ADMIN_PASSWORD)];
    for is_encrypted in [false, true] {
        let answer = if is_encrypted {
            manager.server.encrypted("POST", LOGIN).form(&form).send_encrypted()
        } else {
            // Who is no proxy of ours cannot say that it came encrypted.
            let request = manager.server.post(LOGIN).header("X-Forwarded-Proto", "https");
            request.header("Forwarded", "proto=https").form(&form).send()
        };
        assert!(is_in(&answer));
        let lines = answer.header_all("set-cookie");
        let [line] = lines[..] else { panic!("{lines:?}") };
        assert!(line.starts_with("JSESSIONID="), "{line}");
        let attributes: Vec<_> = line.split(';').skip(1).map(|it| it.trim().to_lowercase()).collect();
        assert!(attributes.contains(&"path=/".to_owned()), "{line}");
        assert!(attributes.contains(&"httponly".to_owned()), "{line}");
        assert_eq!(attributes.contains(&"secure".to_owned()), is_encrypted, "{line}");
        for absent in ["max-age", "expires", "domain"] {
            assert!(!attributes.iter().any(|it| it.starts_with(absent)), "{line}");
        }
        let gone = manager.server.get(SERVER).header("Cookie", "JSESSIONID=x").send();
        assert_dead(&gone);
    }
}

#[test]
fn case_060_062_what_reads_like_catalyst_s_cookie_is_none() {
    let manager = Manager::new();
    let cookie = manager.admin().cookie;
    for header in [
        format!("$Version=1; JSESSIONID=\"{cookie}\""),
        format!("JSESSIONID=\"{cookie}\""),
        format!("jsessionid={cookie}"),
        format!("\u{2000}JSESSIONID={cookie}"),
        format!("JSESSION%49D={cookie}"),
        format!("x=\"a; JSESSIONID={cookie}.b\""),
        format!("XJSESSIONID={cookie}"),
        format!("JSESSIONID={cookie}\u{e9}"),
        format!("JSESSIONID2={cookie}"),
    ] {
        let answer = manager.server.get(DEVICES).header("Cookie", &*header).send();
        assert_dead(&answer);
    }
    let target = format!("{DEVICES};jsessionid={cookie}");
    assert!(matches!(manager.server.get(&target).send().status, 400 | 401 | 404));
    assert_eq!(manager.seen().len(), 0);
}

#[test]
fn case_061_of_two_catalyst_cookies_the_first_counts_here_and_behind() {
    let manager = Manager::new();
    let session = manager.admin();
    for target in [SERVER, DEVICES] {
        let good_first = format!("JSESSIONID={}; JSESSIONID=bad", session.cookie);
        manager.server.get(target).header("Cookie", good_first).send().expect(200);
        for bad in ["bad", "", "\"\""] {
            let bad_first = format!("JSESSIONID={bad}; JSESSIONID={}", session.cookie);
            assert_dead(&manager.server.get(target).header("Cookie", bad_first).send());
        }
    }
}

#[test]
fn case_063_floods_of_catalyst_cookies_end_in_an_ordinary_answer() {
    let manager = Manager::new();
    let session = manager.admin();
    for flood in [
        "JSESSIONID=x; ".repeat(2000),
        ";".repeat(20_000),
        format!("JSESSIONID={}", "a".repeat(20_000)),
        format!("JSESSIONID={}", "a".repeat(100_000)),
    ] {
        let status = manager.server.get(DEVICES).header("Cookie", flood).try_send().map(|it| it.status);
        assert!(matches!(status, Ok(400 | 401 | 431)), "{status:?}");
    }
    manager.get(&session, DEVICES).expect(200);
}

#[test]
fn case_064_control_characters_make_no_catalyst_session() {
    let manager = Manager::new();
    let Login { cookie, .. } = manager.admin();
    for bytes in [&b"\x00"[..], b"\x01", b"\x7f", b"\xff\xfe", b"\xc0\xae", b"\t", b"\x0b"] {
        let mut request =
            b"GET /dataservice/device HTTP/1.1\r\nHost: gateway\r\nCookie: JSESSIONID=".to_vec();
        request.extend(&cookie.as_bytes()[..20]);
        request.extend(bytes);
        request.extend(&cookie.as_bytes()[20..]);
        request.extend(b"\r\nConnection: close\r\n\r\n");
        let talk = talk(manager.server.http, &request);
        assert!(matches!(talk.status(), 0 | 400 | 401), "{bytes:?}: {:?}", talk.statuses());
    }
    assert_eq!(manager.seen().len(), 0);
    let log = manager.server.output();
    assert!(!log.contains(&cookie) && !log.contains('\u{b}'), "{log}");
}
