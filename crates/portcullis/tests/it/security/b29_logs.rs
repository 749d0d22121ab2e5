//! Logs: everything that matters is in them, no secret is, and nobody writes lines of his own (cases
//! 198-202).

use std::collections::HashSet;
use std::io::Read;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::support::raw::talk;
use crate::support::{ADMIN_PASSWORD, Options, Request, Server, Session, need};

const PASSWORD: &str = "Sesame-98-öffne dich!";

/// The most talkative gateway there is.
fn talkative() -> Server {
    let config = "[log]\nformat = \"json\"\nlevel = \"trace\"\naccess = true\n".to_owned();
    Server::start(Options { demo: true, config, ..Options::default() })
}

fn audit(server: &Server) -> String {
    std::thread::sleep(std::time::Duration::from_millis(300));
    std::fs::read_to_string(server.data_dir().join("audit.jsonl")).unwrap()
}

fn events(server: &Server) -> Vec<Value> {
    let read = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    audit(server).lines().map(read).collect()
}

/// Everything that the gateway has printed or written that is no database.
fn all_logs(server: &Server) -> Vec<u8> {
    let mut logs = (server.output() + &audit(server)).into_bytes();
    for entry in std::fs::read_dir(server.data_dir()).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.contains("log") || name.contains("jsonl") {
            logs.extend(std::fs::read(entry.path()).unwrap_or_default());
        }
    }
    logs
}

/// The spellings in which a secret could stand in a log.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let hex = secret.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let mut all = vec![secret.to_owned(), hex.to_uppercase(), hex, crate::support::http::encode(secret)];
    all.push(secret.replace(' ', "+"));
    all.push(secret.escape_debug().to_string());
    all.push(secret.chars().rev().collect());
    // Base64 looks different at each of three places; the inner part is the same each time.
    for skipped in 0..3 {
        let padded = format!("{}{secret}", "x".repeat(skipped));
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let text = engine.encode(&padded);
            all.push(text[4..text.len() - 3].to_owned());
        }
    }
    all.into_iter().map(String::into_bytes).filter(|it| it.len() > 6).collect()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

const WRONG: &str = "Wrong-pass-word-4711-zebra";
const UNKNOWN: &str = "Unknown-bearer-token-4711";
const QUERIED: &str = "Queried-token-value-4711";
const TYPED: &str = "Typed-into-the-name-4711";
const CHANGED: &str = "Changed-land-77-quite-new";

/// Shows right and wrong proofs, and secrets in wrong places, at every kind of path.
fn show_everywhere(server: &Server, session: &Session, token: &str) {
    for path in
        ["/api/gateway/v1/me/", "/api/controller/v2/hosts/", "/api/gateway/v1/none/", "/api/../x", "/nowhere"]
    {
        let proofs: [&dyn Fn(Request) -> Request; 9] = [
            &|it| session.on(it),
            &|it| it.bearer(token),
            &|it| it.basic("eve", PASSWORD),
            &|it| it.basic("eve", WRONG),
            &|it| it.bearer(UNKNOWN),
            &|it| it.basic(TYPED, "x"),
            &|it| it.header("Cookie", format!("gateway_sessionid={UNKNOWN}")),
            &|it| it.header("Authorization", UNKNOWN),
            &|it| it.header("X-CSRFToken", UNKNOWN).header("X-DAB-JW-TOKEN", UNKNOWN),
        ];
        for proof in proofs {
            proof(server.get(path)).send();
            proof(server.post(path)).json(&json!({"password": CHANGED})).send();
            proof(server.get(&format!("{path}?access_token={QUERIED}&password={QUERIED}"))).send();
        }
    }
    server.send_form("eve", WRONG);
    server.send_form(TYPED, "x");
    server
        .as_admin("POST", "/api/gateway/v1/users/")
        .body("application/json", format!("{{\"password\":\"{CHANGED}\",,"))
        .send();
    server
        .as_admin("POST", "/api/gateway/v1/users/")
        .json(&json!({"username": "a b", "password": CHANGED}))
        .send();
    let me = format!("/api/gateway/v1/users/?username={QUERIED}&password={QUERIED}");
    server.as_admin("GET", &me).send();
    server.as_admin("GET", &format!("/api/gateway/v1/tokens/?token={QUERIED}")).send();
    server.as_admin("PUT", "/api/gateway/v1/settings/all/").json(&json!({"REDHAT_PASSWORD": CHANGED})).send();
    talk(
        server.http,
        format!("GET /?{QUERIED} HTTP/1.1\r\nHost: g\r\nCookie: {UNKNOWN}\r\n bad\r\n\r\n").as_bytes(),
    );
}

#[test]
fn case_198_no_secret_is_in_any_log() {
    let server = talkative();
    server.make_user("eve", PASSWORD);
    let session = server.sign_in("eve", PASSWORD);
    let (number, token) = server.make_token("eve", PASSWORD, "write");
    let organization = server.make("organizations", &json!({"name": "o198"}));
    let application = server
        .as_admin("POST", "/api/gateway/v1/applications/")
        .json(&json!({"name": "a198", "organization": organization, "client_type": "confidential",
                      "authorization_grant_type": "password"}))
        .send()
        .expect(201)
        .json();
    let client_secret = application["client_secret"].as_str().unwrap().to_owned();
    let mut secrets: Vec<String> =
        [PASSWORD, ADMIN_PASSWORD, &token, &session.secret, &session.csrf, &client_secret]
            .map(str::to_owned)
            .to_vec();
    secrets.extend([WRONG, UNKNOWN, QUERIED, TYPED, CHANGED].map(str::to_owned));
    show_everywhere(&server, &session, &token);
    let id = server.as_admin("GET", "/api/gateway/v1/users/?username=eve").send().json()["results"][0]["id"]
        .clone();
    let user = format!("/api/gateway/v1/users/{id}/");
    server.as_admin("PATCH", &user).json(&json!({"password": CHANGED})).send().expect(200);
    server.as_admin("DELETE", &format!("/api/gateway/v1/tokens/{number}/")).send().expect(204);
    session.on(server.post("/api/gateway/v1/logout/")).send();

    let seen = server.as_admin("GET", "/api/controller/v2/x/").send().expect(200).text();
    let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    let jwt = seen.split(|it| !is_part(it)).find(|it| it.starts_with("eyJ") && it.matches('.').count() == 2);
    secrets.push(jwt.unwrap().rsplit('.').next().unwrap()[..60].to_owned());

    let logs = all_logs(&server);
    assert!(logs.len() > 10_000, "a talkative gateway should have said more");
    for secret in &secrets {
        for spelling in spellings(secret) {
            let shown = String::from_utf8_lossy(&spelling).into_owned();
            assert!(!contains(&logs, &spelling), "{secret:?} is logged as {shown:?}");
        }
    }
    // Nor does the activity stream, which other users read, tell any of them.
    let stream =
        server.as_admin("GET", "/api/gateway/v1/activitystream/?page_size=200").send().expect(200).text();
    for secret in secrets.iter().filter(|it| *it != QUERIED) {
        assert!(!stream.contains(secret.as_str()), "{secret:?} is in the activity stream");
    }
}

#[test]
fn case_199_nobody_writes_lines_of_his_own() {
    let server = talkative();
    let fake = "{\"event\":\"sign_in\",\"user\":\"admin\"}";
    for text in [
        format!("x\r\n{fake}"),
        format!("x\n{fake}\n"),
        "\u{1b}[2J\u{1b}[31mred".to_owned(),
        "a\u{2028}b\u{2029}c\u{85}d".to_owned(),
        "\u{202e}gnp.exe".to_owned(),
        "\0\u{7f}\u{9b}31m".to_owned(),
        "\"},\"event\":\"sign_in".to_owned(),
        "x".repeat(3000),
    ] {
        server.send_form(&text, "x");
        server.get("/api/gateway/v1/me/").basic(&text.replace(':', ""), "x").send();
        server
            .as_admin("POST", "/api/gateway/v1/organizations/")
            .json(&json!({"name": format!("n199{text}")}))
            .send();
        server
            .as_admin("POST", "/api/gateway/v1/users/")
            .json(&json!({"username": text, "password": PASSWORD}))
            .send();
        let path = crate::support::http::encode(&text);
        server.as_admin("GET", &format!("/api/controller/v2/{path}/")).send();
        for name in ["User-Agent", "X-Request-Id", "X-Forwarded-For", "Referer", "Origin", "Accept-Language"]
        {
            let request = format!(
                "GET /api/gateway/v1/me/ HTTP/1.1\r\nHost: g\r\n{name}: {text}\r\nConnection: close\r\n\r\n"
            );
            talk(server.http, request.as_bytes());
        }
    }
    let log = audit(&server);
    for line in log.lines().chain(server.output().lines().filter(|it| !it.starts_with("listening on"))) {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        assert!(value.is_object(), "{line:?}");
        let is_odd = |it: char| {
            it.is_control()
                || matches!(it, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        assert!(!line.contains(is_odd), "{line:?}");
        assert!(line.len() < 20_000, "{} bytes", line.len());
    }
    // The administrator came by password only.
    assert!(!log.lines().any(|line| line.contains("\"event\":\"sign_in\"")), "{log}");
}

#[test]
fn case_199_the_text_log_has_whole_lines_too() {
    let config = "[log]\nlevel = \"trace\"\naccess = true\n".to_owned();
    let server = Server::start(Options { demo: true, config, ..Options::default() });
    for text in ["x%0aERROR fake", "x%1b[2J", "%e2%80%a8ERROR", "%c2%9b31m", "%e2%80%aex"] {
        server.as_admin("GET", &format!("/api/controller/v2/{}/", text.replace(' ', "%20"))).send();
        server.as_admin("GET", &format!("/api/gateway/v1/{}/", text.replace(' ', "%20"))).send();
    }
    let agent =
        "GET /\u{2028}ERROR\u{9b}31m HTTP/1.1\r\nHost: g\u{1b}[2J\r\nUser-Agent: a\u{2028}b\u{1b}c\r\n\r\n";
    talk(server.http, agent.as_bytes());
    let output = server.output();
    assert!(output.contains("access"), "{output}");
    assert!(!output.contains(['\u{1b}', '\u{2028}', '\u{9b}', '\u{202e}']), "{output:?}");
    assert!(!output.lines().any(|line| line.starts_with("ERROR")), "{output}");
}

#[test]
fn case_200_a_password_in_the_place_of_the_name_is_not_logged() {
    let server = talkative();
    for _ in 0..12 {
        server.send_form(PASSWORD, "").expect(401);
        server.send_form(PASSWORD, "x").expect(401);
        server.get("/api/gateway/v1/me/").basic(PASSWORD, "x").send().expect(401);
        server.get("/api/controller/v2/hosts/").basic(PASSWORD, "x").send().expect(401);
    }
    let logs = all_logs(&server);
    for spelling in spellings(PASSWORD) {
        assert!(!contains(&logs, &spelling), "{}", String::from_utf8_lossy(&spelling));
    }
    // Still, tries on one name can be told from tries on another.
    let marks: HashSet<String> = events(&server)
        .iter()
        .filter(|it| it["event"] == "sign_in_failure")
        .map(|it| it["detail"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(marks.len(), 1, "{marks:?}");
}

#[test]
fn case_201_what_matters_is_told_with_who_what_where_and_when() {
    let server = Server::demo();
    let id = server.make_user("frank", PASSWORD);
    let user = format!("/api/gateway/v1/users/{id}/");
    let session = server.sign_in("frank", PASSWORD);
    let (number, token) = server.make_token("frank", PASSWORD, "write");
    server.get("/api/gateway/v1/me/").bearer(&token).send().expect(200);
    let target = format!("/api/gateway/v1/tokens/{number}/");
    server.as_admin("PATCH", &target).json(&json!({"description": "x"})).send().expect(200);
    server.as_admin("DELETE", &target).send().expect(204);
    server.get("/api/gateway/v1/me/").bearer(&token).send().expect(401);
    server.get("/api/controller/v2/hosts/").send().expect(401);
    server.get("/api/gateway/v1/settings/all/").basic("frank", PASSWORD).send().expect(403);
    session.without_token(server.post("/api/gateway/v1/organizations/")).send().expect(403);
    session.on(server.post("/api/gateway/v1/logout/")).send().expect(302);
    server.sign_in("frank", PASSWORD);
    server.shell(&["session", "expire", "--user", "frank"]);
    server.set(&json!({"custom_login_info": "hello"}));
    server.as_admin("PATCH", &user).json(&json!({"password": "another land 43 y"})).send().expect(200);
    for _ in 0..12 {
        server.send_form("frank", "wrong");
    }
    let events = events(&server);
    let kinds: HashSet<&str> = events.iter().map(|it| it["event"].as_str().unwrap()).collect();
    for kind in [
        "sign_in",
        "sign_out",
        "sign_in_failure",
        "lock",
        "token_create",
        "token_use",
        "token_update",
        "token_revoke",
        "session_expire",
        "password_change",
        "setting_change",
        "object_change",
        "refusal",
    ] {
        assert!(kinds.contains(kind), "{kind} is missing in {kinds:?}");
    }
    for event in &events {
        let text =
            |name: &str| event[name].as_str().unwrap_or_else(|| panic!("{name} is missing in {event}"));
        assert!(text("ts").ends_with('Z') && text("ts").starts_with("20"), "{event}");
        assert!(!text("door").is_empty() && !text("detail").is_empty(), "{event}");
        if text("door") != "shell" {
            assert_eq!(text("address"), "127.0.0.1", "{event}");
            assert_eq!(text("request_id").len(), 36, "{event}");
        }
    }
    let last = |kind: &str| events.iter().rev().find(|it| it["event"] == kind).unwrap();
    assert_eq!(last("sign_in")["user"], "frank");
    assert_eq!(last("token_use")["token_id"], number);
    assert_eq!(last("setting_change")["user"], "admin");
    assert!(last("setting_change")["detail"].as_str().unwrap().contains("custom_login_info"));
    assert_eq!(last("session_expire")["door"], "shell");
    // The id in the answer is the one in the log.
    let answer = server.get("/api/controller/v2/hosts/").send().expect(401);
    assert!(audit(&server).contains(answer.header("x-request-id").unwrap()), "{:?}", answer.headers);
    // A request's own id is taken over only if it is a UUID.
    let answer = server.get("/api/gateway/v1/ping/").header("X-Request-Id", "x\" or 1=1").send();
    assert_eq!(answer.header("x-request-id").unwrap().len(), 36);
}

#[test]
fn case_201_every_refusal_is_told_whoever_refuses() {
    let server = Server::demo();
    server.make_user("gina", PASSWORD);
    let session = server.sign_in("gina", PASSWORD);
    let (_, read) = server.make_token("gina", PASSWORD, "read");
    let own = "/api/gateway/v1/organizations/";
    let requests = [
        (
            server.get("/api/gateway/v1/settings/all/").basic("gina", PASSWORD),
            403,
            "NotPermitted",
            Some("gina"),
        ),
        (
            server.post(own).basic("gina", PASSWORD).json(&json!({"name": "x"})),
            403,
            "NotPermitted",
            Some("gina"),
        ),
        (session.without_token(server.post(own)).json(&json!({"name": "x"})), 403, "Forged", None),
        (server.post(own).bearer(&read).json(&json!({"name": "x"})), 403, "MissingScope", None),
        (server.get(own).bearer("nobodystoken"), 401, "TokenRevoked", None),
        (server.post("/api/controller/v2/hosts/").bearer(&read), 403, "MissingScope", Some("gina")),
        (server.get(own), 401, "NoProof", None),
        (server.get(own).header("Authorization", "Basic *"), 401, "MalformedProof", None),
    ];
    for (request, status, reason, user) in requests {
        let answer = request.send().expect(status);
        let id = answer.header("x-request-id").unwrap().to_owned();
        let told: Vec<Value> = events(&server).into_iter().filter(|it| it["request_id"] == *id).collect();
        let refusals: Vec<&Value> = told.iter().filter(|it| it["event"] == "refusal").collect();
        assert_eq!(refusals.len(), 1, "{reason}: {told:?}");
        assert!(refusals[0]["detail"].as_str().unwrap().contains(reason), "{reason}: {told:?}");
        assert_eq!(refusals[0]["user"].as_str(), user, "{reason}");
    }
}

#[test]
fn case_202_a_full_disk_for_the_log_stops_no_request() {
    let config = "[log]\naudit = \"/dev/full\"\n".to_owned();
    let server = Server::start(Options { demo: true, config, ..Options::default() });
    for _ in 0..50 {
        server.as_admin("GET", "/api/gateway/v1/me/").send().expect(200);
        server.get("/api/controller/v2/hosts/").send().expect(401);
    }
    server.sign_in("admin", ADMIN_PASSWORD);
    std::thread::sleep(std::time::Duration::from_millis(300));
    let output = server.output();
    assert!(output.contains("audit log"), "{output}");
    // It is said, and not said again for every line.
    assert!(output.lines().count() < 20, "{output}");
}

#[test]
fn case_202_a_reader_that_stopped_stops_no_request() {
    if !need("case_202_a_reader_that_stopped_stops_no_request", &["mkfifo"]) {
        return;
    }
    let folder = crate::support::server::new_folder("fifo");
    let path = folder.join("audit");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let (reader_path, config) = (path.clone(), format!("[log]\naudit = \"{}\"\n", path.display()));
    // A reader that is there and never reads.
    let reader = std::thread::spawn(move || std::fs::File::open(Path::new(&reader_path)).unwrap());
    let server = Server::start(Options { demo: true, config, ..Options::default() });
    let mut reader = reader.join().unwrap();
    for _ in 0..1200 {
        server.get("/api/controller/v2/hosts/").send().expect(401);
    }
    server.sign_in("admin", ADMIN_PASSWORD);
    server.as_admin("GET", "/api/gateway/v1/me/").send().expect(200);
    // When it reads again, the lines are whole.
    let mut bytes = vec![0; 40_000];
    reader.read_exact(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    for line in &lines[..lines.len() - 1] {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
    std::fs::remove_dir_all(folder).unwrap();
}
