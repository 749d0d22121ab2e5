//! Path normalisation: the path that is judged is the path that is sent, and no spelling opens another
//! path (cases 111-121).

use std::sync::OnceLock;

use super::shared::Shared;
use super::stage::{OPEN, Stage, admin_line, shared};
use crate::support::raw::{Dice, Talk, all_at_once, talk};
use crate::support::{Request, Server, Upstream};

static SERVER: Shared = Shared::new();
static UPSTREAM: OnceLock<Upstream> = OnceLock::new();

fn stage() -> Stage {
    shared(&SERVER, &UPSTREAM)
}

/// One request with this target, byte for byte.
fn send(stage: &Stage, method: &str, target: &[u8], more: &str) -> Talk {
    let mut bytes = method.as_bytes().to_vec();
    bytes.push(b' ');
    bytes.extend(target);
    bytes.extend(format!(" HTTP/1.1\r\nHost: gateway\r\n{more}Connection: close\r\n\r\n").bytes());
    talk(stage.server.http, &bytes)
}

fn path_of(target: &str) -> &str {
    target.split('?').next().unwrap()
}

fn is_open(path: &str) -> bool {
    path == OPEN[0] || path.starts_with(OPEN[1])
}

/// Whether no server could read this path as another one.
fn is_canonical(path: &str) -> bool {
    let lower = path.to_lowercase();
    let is_plain = path.bytes().all(|it| it.is_ascii_graphic() && !b"\\#".contains(&it));
    let is_single = !path.contains("//");
    let has_no_dots = lower.replace("%2e", ".").split('/').all(|segment| {
        let name = segment.replace("%3b", ";");
        !matches!(name.split(';').next(), Some("." | ".."))
    });
    let has_no_tricks = ["%2f", "%5c", "%00", "%0a", "%0d", "%23", "%252e", "%252f", "%255c"]
        .iter()
        .all(|trick| !lower.contains(trick));
    is_plain && is_single && has_no_dots && has_no_tricks
}

/// Spellings that have opened somebody's door.
const TRICKS: &[&[u8]] = &[
    b"/api/controller/static/..%2fhosts/",
    b"/api/controller/static/..%2Fhosts/",
    b"/api/controller/static/%2e%2e/hosts/",
    b"/api/controller/static/%2E%2E/hosts/",
    b"/api/controller/static/.%2e/hosts/",
    b"/api/controller/static/%2e%2e%2fhosts/",
    b"/api/controller/static/../hosts/",
    b"/api/controller/static/..;/hosts/",
    b"/api/controller/static/..;x=1/hosts/",
    b"/api/controller/static/..%3b/hosts/",
    b"/api/controller/static/%2e%2e;/hosts/",
    b"/api/controller/static/.;/../hosts/",
    b"/api/controller/static/..\\hosts/",
    b"/api/controller/static\\..\\hosts/",
    b"/api/controller/static/..%5chosts/",
    b"/api/controller/static/..%5Chosts/",
    b"/api/controller/static/%252e%252e/hosts/",
    b"/api/controller/static/..%252fhosts/",
    b"/api/controller/static/%25%32%65%25%32%65/hosts/",
    b"/api/controller/static/%%32%65%%32%65/hosts/",
    b"/api/controller/static/..%25%32%66hosts/",
    b"/api/controller/static/%c0%ae%c0%ae/hosts/",
    b"/api/controller/static/..%c0%afhosts/",
    b"/api/controller/static/%e0%80%ae%e0%80%ae/hosts/",
    b"/api/controller/static/\xc0\xae\xc0\xae/hosts/",
    b"/api/controller/static/%u002e%u002e/hosts/",
    b"/api/controller/static/..%00/hosts/",
    b"/api/controller/v2/ping/%00/../hosts/",
    b"/api/controller/v2/hosts/%00/api/controller/v2/ping/",
    b"/api/controller/v2/hosts/\x00/api/controller/v2/ping/",
    b"/api/controller/static/..//hosts/",
    b"/api/controller/static//..//hosts/",
    b"/api/controller/static/./../hosts/",
    b"/api/controller/./static/../hosts/",
    b"/api/controller/v2/hosts/%0d%0ax/",
    b"/api/controller/v2/hosts/%09/",
    b"/api/controller/static/../../vault/",
    b"/api/controller/..;/vault/",
    b"/static/../api/vault/",
    b"//api/vault/",
    b"///api//vault//",
    b"/./api/vault/",
    b"/api/vault/.",
    b"/api/vault/..",
    b"/api/controller/static/..",
    b"/api/controller/static/%2e%2e",
    b"http://gateway/api/controller/static/../hosts/",
    b"http://gateway/api/vault/",
    b"api/vault/",
    b"\\api\\vault\\",
    b"/%2fapi/vault/",
    b"/api%2fvault/",
    b"/api/controller%2fstatic/../hosts/",
];

#[test]
fn case_111_no_spelling_of_an_open_path_reaches_a_closed_one() {
    let stage = stage();
    let answers = all_at_once(TRICKS, |_, target| send(&stage, "GET", target, ""));
    for (target, talk) in TRICKS.iter().zip(answers) {
        let shown = String::from_utf8_lossy(target);
        assert!(matches!(talk.status(), 400 | 401 | 404), "{shown}: {:?}", talk.statuses());
    }
    for received in stage.upstream.received() {
        assert!(
            is_open(path_of(&received.target)) || received.header("x-dab-jw-token").is_some(),
            "{received:?}"
        );
    }
}

#[test]
fn case_111_with_a_proof_only_the_canonical_path_is_sent() {
    let stage = stage();
    let admin = admin_line();
    let answers = all_at_once(TRICKS, |_, target| send(&stage, "GET", target, &admin));
    for (target, talk) in TRICKS.iter().zip(answers) {
        let shown = String::from_utf8_lossy(target);
        assert!(matches!(talk.status(), 200 | 400 | 404), "{shown}: {:?}", talk.statuses());
    }
    for received in stage.upstream.received() {
        assert!(is_canonical(path_of(&received.target)), "{}", received.target);
    }
}

const PIECES: &[&str] = &[
    "api",
    "controller",
    "vault",
    "static",
    "v2",
    "ping",
    "hosts",
    "/",
    "/",
    "/",
    "/",
    "//",
    "/.",
    "/..",
    "..",
    ".",
    ";",
    "..;",
    ";a=b",
    "%2e",
    "%2E",
    "%2f",
    "%5c",
    "\\",
    "%00",
    "%23",
    "%25",
    "%252e",
    "%3b",
    "%61",
    "%70",
    "%20",
    "%c3%a9",
    "%c0%af",
    "é",
    "?",
    "?/api/controller/v2/ping/",
    "%3f",
    "*",
    "@",
    ":",
    "~",
    "+",
    "%2",
];

/// Paths made of dangerous pieces, most of them near the two services.
fn some_paths(seed: u64, count: usize) -> Vec<String> {
    let mut dice = Dice::new(seed);
    (0..count)
        .map(|_| {
            let starts = [
                "/api/controller/",
                "/api/controller/static/",
                "/api/controller/v2/ping/",
                "/api/vault/",
                "/",
            ];
            let mut path = (*dice.pick(&starts)).to_owned();
            for _ in 0..dice.below(7) {
                path.push_str(dice.pick::<&str>(PIECES));
            }
            path
        })
        .collect()
}

#[test]
fn case_111_whatever_is_sent_on_was_judged_as_it_was_sent() {
    let stage = Stage::new();
    let paths = some_paths(111, 700);
    let chunks: Vec<&[String]> = paths.chunks(100).collect();
    all_at_once(&chunks, |_, chunk| {
        for path in *chunk {
            send(&stage, "GET", path.as_bytes(), "");
        }
    });
    for received in stage.upstream.received() {
        // Nobody has shown a proof: what came through was open in the very spelling that was sent.
        let path = path_of(&received.target);
        assert!(is_open(path) && is_canonical(path), "{}", received.target);
        assert!(received.header("x-dab-jw-token").is_none(), "{received:?}");
    }
    assert!(!stage.upstream.received().is_empty(), "no path was open; the test shows nothing");
}

#[test]
fn case_111_a_canonical_path_stays_as_it_is() {
    let stage = Stage::new();
    let admin = admin_line();
    let paths = some_paths(1111, 300);
    let chunks: Vec<&[String]> = paths.chunks(75).collect();
    all_at_once(&chunks, |_, chunk| {
        for path in *chunk {
            let talk = send(&stage, "GET", path.as_bytes(), &admin);
            assert!(matches!(talk.status(), 200 | 400 | 404), "{path}: {:?}", talk.statuses());
        }
    });
    let received = stage.upstream.received();
    let first: Vec<&str> = received.iter().map(|it| &*it.target).collect();
    assert!(first.len() > 30, "{first:?}");
    for target in first {
        let path = path_of(target);
        assert!(is_canonical(path), "{target}");
        assert!(path.starts_with("/api/controller/") || path.starts_with("/api/vault/"), "{target}");
        send(&stage, "GET", target.as_bytes(), &admin);
        assert_eq!(stage.upstream.last().target, target);
    }
}

#[test]
fn case_112_a_fragment_is_refused() {
    let stage = stage();
    for target in [
        "/api/controller/v2/hosts112/#/api/controller/v2/ping/",
        "/api/controller/v2/ping/#/../hosts112/",
        "/api/controller/v2/ping/%23/hosts112/",
        "/api/controller/v2/hosts112/%23",
        "/api/controller/static/%2523/hosts112/",
        "/api/controller/v2/hosts112/?x=1#/api/controller/v2/ping/",
        "/api/gateway/v1/me/#/api/gateway/v1/ping/",
        "/api/gateway/v1/ping/#/../me/",
    ] {
        let talk = send(&stage, "GET", target.as_bytes(), &admin_line());
        assert_eq!(talk.status(), 400, "{target}");
    }
    assert!(!stage.has_seen("hosts112"));
}

#[test]
fn case_113_an_encoded_letter_means_the_letter() {
    let stage = stage();
    // An own endpoint keeps its own rule, and is not forwarded as somebody else's path.
    for target in ["/%61pi/gateway/v1/me/", "/api/gateway/v1/%6d%65/", "/%61%70%69/%67ateway/v1/users/"] {
        assert_eq!(send(&stage, "GET", target.as_bytes(), "").status(), 401, "{target}");
        assert_eq!(send(&stage, "GET", target.as_bytes(), &admin_line()).status(), 200, "{target}");
    }
    let target = "/%61pi/%63ontroller/v2/%68osts113/";
    assert_eq!(send(&stage, "GET", target.as_bytes(), "").status(), 401);
    assert!(!stage.has_seen("osts113"));
    assert_eq!(send(&stage, "GET", target.as_bytes(), &admin_line()).status(), 200);
    assert_eq!(stage.seen("osts113")[0].target, "/api/controller/v2/hosts113/");
    // A sign-in through another spelling is the same sign-in, with the same check for forgery.
    let answer = Request::new(stage.server.http, "POST", "/api/gateway/v1/%6cogin/")
        .form(&[("username", "admin"), ("password", crate::support::ADMIN_PASSWORD)])
        .send();
    assert_eq!(answer.status, 403);
    assert!(answer.set_cookie("gateway_sessionid").is_none());
}

#[test]
fn case_114_case_and_suffix_do_not_open_a_path() {
    let stage = stage();
    for target in [
        "/API/CONTROLLER/V2/PING/",
        "/api/controller/v2/PING/",
        "/api/Controller/v2/ping/",
        "/api/controller/v2/hosts114;/api/controller/v2/ping/",
        "/api/controller/v2/hosts114;a.css",
        "/api/controller/v2/ping;a.css",
        "/api/controller/v2/ping/;a.css",
        "/api/controller/v2/ping/%20",
        "/api/controller/v2/ping%20/",
        "/api/controller/v2/ping/%09",
        "/api/controller/v2/ping",
        "/api/controller/v2/ping/x.css",
        "/api/controller/static",
        "/api/controller/staticx/",
        "/api/controller/Static/a.css",
        "/api/gateway/v1/ME/",
        "/api/gateway/v1/me/a.css",
        "/api/gateway/v1/me;a.css/",
        "/api/gateway/v1/PING/../me/",
    ] {
        let talk = send(&stage, "GET", target.as_bytes(), "");
        assert!(matches!(talk.status(), 400 | 401 | 404), "{target}: {:?}", talk.statuses());
    }
    assert!(!stage.has_seen("114"));
}

#[test]
fn case_115_only_whole_segments_are_open_and_the_query_never_counts() {
    let stage = stage();
    for target in [
        "/api/controller/v2/hosts115/?/api/controller/v2/ping/",
        "/api/controller/v2/hosts115/?next=/api/controller/static/",
        "/api/controller/v2/hosts115/api/controller/v2/ping/",
        "/api/controller/v2/hosts115/%3f/api/controller/v2/ping/",
        "/api/controller/v2/ping/hosts115/",
        "/api/controller/v2/pinghosts115/",
        "/api/controller/v2/ping/%3fhosts115/",
        "/x/api/controller/v2/ping/hosts115",
        "/api/gateway/v1/users/?hosts115=/api/gateway/v1/ping/",
        "/api/gateway/v1/ping/users/?hosts115",
    ] {
        let talk = send(&stage, "GET", target.as_bytes(), "");
        assert!(matches!(talk.status(), 400 | 401 | 404), "{target}: {:?}", talk.statuses());
    }
    assert!(!stage.has_seen("hosts115"));
    // The same rule lets the open path pass with any query.
    assert_eq!(send(&stage, "GET", b"/api/controller/v2/ping/?q115=/api/vault/", "").status(), 200);
    assert_eq!(stage.seen("q115")[0].target, "/api/controller/v2/ping/?q115=/api/vault/");
}

#[test]
fn case_115_patterns_in_the_configuration_are_refused() {
    let server = Server::demo();
    for path in [
        "/api/controller/.*",
        "^/api/controller/",
        "/api/controller/v2/*/ping/",
        "/api/controller/v2**",
        "/api/controller/v2/?x",
        "/api/controller/../vault/",
        "/api/controller/%2e%2e/",
        "/api/vault/",
        "/",
    ] {
        let file = server.folder().join("bad.toml");
        std::fs::write(
            &file,
            format!(
                "[[service]]\nname = \"c\"\npath = \"/api/controller/\"\nupstream = [\"http://127.0.0.1:9\"]\n\
                 public = ['{path}']\n"
            ),
        )
        .unwrap();
        let output =
            crate::support::server::program().arg("check").arg("--config").arg(&file).output().unwrap();
        assert!(!output.status.success(), "{path}");
        let text = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("public"), "{path}: {text}");
    }
}
