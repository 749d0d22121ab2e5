//! Transcripts: one exchange as text. What stands in angle brackets varies.
//!
//! In the request a placeholder is filled in: `<anonymous>` a CSRF token from before sign-in, `<session>`
//! and `<csrf>` a living session and its token, `<masked>` the same token under a mask, `<other csrf>` the
//! token of another session, `<dead>` a session that nobody knows, `<token>` and `<read token>` tokens,
//! `<basic>` a right name and password, `<admin token>` a token of an administrator at the doors that have those.
//! At Catalyst Manager's door also `<admin session>` and `<admin csrf>`, and `<jwt>`, `<jwt csrf>` and `<refresh>`
//! of a JWT login; the administrator has made a group there, `north`, with two tasks.
//!
//! In the answer it stands for anything of its form: `<30>`, `<32>`, `<40>`, `<64>`, `<98>`, `<100>` and `<128>` so
//! many letters and digits, `<key>` the secret of a Manager's session, `<jwt>` one, `<uuid>`, `<time>`, `<date>`,
//! `<hash>` and `<n>` what they say, `<…>` whatever there is.
//!
//! With `TRANSCRIPTS=write` in the environment the answers are written anew, to be read and committed.

use std::collections::HashMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use identity::model::csrf;
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use identity::model::session::SessionKind;
use jiff::Timestamp;

use super::{Bed, HOST, PASSWORD};
use crate::catalyst;
use crate::client_half::{Holding, Login, Next, Rejection};
use crate::dialect::Dialect;
use crate::drf::form::Form;

/// The group that there is at Catalyst Manager's door beside the fixed ones.
const GROUP: &str = r#"{"groupName":"north","groupDesc":"The north","tasks":[
    {"feature":"Alarms","enabled":true,"read":true,"write":false},
    {"feature":"Audit Log","enabled":false,"read":false,"write":false}]}"#;

/// One exchange.
pub struct Transcript {
    path: PathBuf,
    request: String,
    answer: String,
}

/// The transcripts of a dialect, by name.
pub fn all(dialect: &dyn Dialect) -> Vec<(String, Transcript)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let folder = root.join(dialect.name()).join("transcripts");
    let mut found: Vec<(String, Transcript)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, Transcript::read(path))
        })
        .collect();
    found.sort_by(|left, right| left.0.cmp(&right.0));
    assert!(!found.is_empty(), "a dialect without transcripts");
    found
}

impl Transcript {
    fn read(path: PathBuf) -> Self {
        let text = std::fs::read_to_string(&path).unwrap();
        let at = text.find("\nHTTP/1.1 ").unwrap_or_else(|| panic!("no answer in {}", path.display()));
        let (request, answer) = (text[..at].to_owned(), text[at + 1..].trim_end().to_owned());
        Self { path, request, answer }
    }

    /// The request with its placeholders filled in.
    pub fn request(&self, values: &HashMap<&str, String>) -> Request<Bytes> {
        let text = values
            .iter()
            .fold(self.request.clone(), |text, (name, value)| text.replace(&format!("<{name}>"), value));
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let mut words = lines.next().unwrap().split(' ');
        let mut request = Request::builder().method(words.next().unwrap()).uri(words.next().unwrap());
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            request = request.header(name, value);
        }
        request.body(Bytes::copy_from_slice(body.trim_end().as_bytes())).unwrap()
    }

    /// The answer as a client would get it, with something in place of each placeholder.
    pub fn answer(&self) -> Response<Bytes> {
        let text = self
            .answer
            .replace("<32>", &"a".repeat(32))
            .replace("<64>", &"b".repeat(64))
            .replace("<98>", &"c".repeat(98));
        let text = text.replace("<key>", &"k".repeat(40)).replace("<100>", &"A".repeat(100));
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let status: u16 = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let mut response = Response::builder().status(status);
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
            response = response.header(name, value);
        }
        response.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
    }
}

/// Plays a transcript against the server half.
pub async fn play(bed: &Bed, dialect: &'static dyn Dialect, name: &str, transcript: &Transcript) {
    play_with(bed, dialect, name, transcript, &values(bed, dialect).await).await;
}

/// Plays a transcript with these values for its request's placeholders.
pub async fn play_with(
    bed: &Bed,
    dialect: &'static dyn Dialect,
    name: &str,
    transcript: &Transcript,
    values: &HashMap<&str, String>,
) {
    let response = bed.send(dialect, transcript.request(values)).await;
    let text = spell(&response);
    if std::env::var_os("TRANSCRIPTS").is_some_and(|it| it == "write") {
        let answer = text.lines().map(blot).collect::<Vec<_>>().join("\n");
        std::fs::write(&transcript.path, format!("{}\n{answer}\n", transcript.request)).unwrap();
        return;
    }
    let (wanted, given): (Vec<&str>, Vec<&str>) =
        (transcript.answer.lines().collect(), text.lines().collect());
    for (wanted, given) in wanted.iter().zip(&given) {
        assert!(fits(wanted, given), "{name}:\n wanted {wanted}\n given  {given}\n in\n{text}");
    }
    assert_eq!(wanted.len(), given.len(), "{name}: other lines\n{text}");
}

async fn values(bed: &Bed, dialect: &'static dyn Dialect) -> HashMap<&'static str, String> {
    let is_manager = dialect.name() == "catalyst";
    let is_controller = dialect.wire().cookies.contains(&"awx_sessionid");
    let kind = match (is_controller, is_manager) {
        (true, _) => SessionKind::Controller,
        (_, true) => SessionKind::Manager,
        _ => SessionKind::Gateway,
    };
    let session = bed.sign_in_as("alice", kind).await;
    let other = bed.sign_in_as("alice", kind).await;
    let random = &*bed.authority.world.random;
    let mut values = HashMap::from([
        ("anonymous", bed.authority.csrf_key.anonymous_token(random)),
        ("masked", csrf::Key::mask(&session.csrf_token, random)),
        ("csrf", session.csrf_token),
        ("session", session.secret.expose().to_owned()),
        ("other csrf", other.csrf_token),
        ("dead", "0".repeat(32)),
        ("token", bed.token("alice", "write").await),
        ("read token", bed.token("alice", "read").await),
        ("basic", STANDARD.encode(format!("alice:{PASSWORD}"))),
    ]);
    if is_controller || is_manager {
        values.insert("admin token", bed.token("admin", "write").await);
    }
    if is_manager {
        values.extend(manager_values(bed, dialect).await);
    }
    values
}

/// What further there is to be shown at Catalyst Manager's door.
async fn manager_values(bed: &Bed, dialect: &'static dyn Dialect) -> [(&'static str, String); 5] {
    let admin = bed.sign_in_as("admin", SessionKind::Manager).await;
    // What shows an access token needs no other.
    let request = Request::post(catalyst::wire::admin::GROUPS)
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", bed.token("admin", "write").await));
    let answer = bed.send(dialect, request.body(Bytes::from_static(GROUP.as_bytes())).unwrap()).await;
    assert_eq!(answer.status(), 200);
    let login = format!("{{\"username\":\"alice\",\"password\":\"{PASSWORD}\"}}");
    let request = Request::post("/jwt/login").header("content-type", "application/json");
    let answer = bed.send(dialect, request.body(Bytes::from(login)).unwrap()).await;
    let answer: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    [
        ("admin session", admin.secret.expose().to_owned()),
        ("admin csrf", admin.csrf_token),
        ("jwt", text("token")),
        ("jwt csrf", text("csrf")),
        ("refresh", text("refresh")),
    ]
}

/// Holds a request of the client half against a recorded one: the same method and path, every recorded
/// header (but for the host, which the connection adds), the same fields.
pub fn assert_asked(recorded: &Transcript, request: &Request<Bytes>) {
    let wanted = recorded.request(&HashMap::new());
    assert_eq!((wanted.method(), wanted.uri().path()), (request.method(), request.uri().path()));
    assert_eq!(request.uri().host(), Some(HOST));
    for (name, wanted) in wanted.headers().iter().filter(|(name, _)| *name != "host") {
        let wanted = wanted.to_str().unwrap().replace("<anonymous>", "<secret>");
        let given = request.headers()[name].to_str().unwrap();
        assert!(fits(&wanted, given), "{name}: wanted {wanted}, given {given}");
    }
    let fields = |body: &[u8]| Form::urlencoded(body).unwrap().pairs().to_vec();
    assert_eq!(fields(wanted.body()), fields(request.body()));
}

/// An answer as text. `Content-Length` is left out, which depends on what varies, and the page's style.
fn spell(response: &Response<Bytes>) -> String {
    let status = response.status();
    let mut text = format!("HTTP/1.1 {} {}\n", status.as_u16(), status.canonical_reason().unwrap());
    for (name, value) in response.headers() {
        if name != "content-length" {
            text.extend([name.as_str(), ": ", value.to_str().unwrap(), "\n"]);
        }
    }
    text.push('\n');
    let body = std::str::from_utf8(response.body()).unwrap();
    match (body.split_once("<style>"), body.split_once("</style>")) {
        (Some((before, _)), Some((_, after))) => text.extend([before, "<style></style>", after]),
        _ => text.push_str(body),
    }
    text.trim_end().to_owned()
}

/// Whether a line fits a line with placeholders.
fn fits(wanted: &str, given: &str) -> bool {
    let Some((before, rest)) = wanted.split_once('<') else { return wanted == given };
    let Some((name, after)) = rest.split_once('>') else { return wanted == given };
    let Some(given) = given.strip_prefix(before) else { return false };
    match length(name, given) {
        // It may also be what it looks like: a tag.
        None => given.strip_prefix('<').is_some_and(|given| fits(rest, given)),
        Some(length) => given.get(length..).is_some_and(|given| fits(after, given)),
    }
}

/// How much of a text a placeholder stands for; none if it is no placeholder.
fn length(name: &str, given: &str) -> Option<usize> {
    let run = |allowed: fn(char) -> bool| given.find(|it| !allowed(it)).unwrap_or(given.len());
    Some(match name {
        "30" | "32" | "40" | "64" | "98" | "100" | "128" => {
            let wanted = name.parse().ok()?;
            if run(|it| it.is_ascii_alphanumeric()) == wanted { wanted } else { usize::MAX }
        }
        "uuid" => run(|it| it.is_ascii_hexdigit() || it == '-'),
        "time" => run(|it| it.is_ascii_digit() || "-:.TZ+".contains(it)),
        "date" => run(|it| it.is_ascii_alphanumeric() || ",: ".contains(it)),
        "n" => run(|it| it.is_ascii_digit()),
        "key" => {
            let end = run(|it| it.is_ascii_alphanumeric() || "-_".contains(it));
            if end == 40 { 40 } else { usize::MAX }
        }
        "jwt" => run(|it| it.is_ascii_alphanumeric() || "-_.".contains(it)),
        "hash" => run(|it| it.is_ascii_alphanumeric() || "+/=".contains(it)),
        "secret" => run(|it| it.is_ascii_alphanumeric()).max(1),
        "…" => given.len(),
        _ => return None,
    })
}

/// A line with what varies blotted out.
fn blot(line: &str) -> String {
    if let Some((before, after)) = line.split_once("'sha256-") {
        let after = after.split_once('\'').map_or("", |(_, after)| after);
        return format!("{before}'sha256-<hash>'{after}");
    }
    let manager_cookie = format!("{}=", catalyst::wire::SESSION_COOKIE);
    if let Some((before, after)) = line.split_once(&manager_cookie)
        && after.as_bytes().get(40) == Some(&b'.')
    {
        return format!("{before}{manager_cookie}<key>{}", blot(&after[40..]));
    }
    if let Some((before, after)) = line.split_once("\"eyJ") {
        let after = after.split_once('"').map_or("", |(_, after)| after);
        return format!("{}\"<jwt>\"{}", blot(before), blot(after));
    }
    let mut blotted = String::new();
    let mut word = String::new();
    for character in line.chars().chain(['\n']) {
        if character.is_ascii_alphanumeric() || (character == '-' && !word.is_empty()) {
            word.push(character);
            continue;
        }
        let is_uuid = word.len() == 36 && word.bytes().filter(|byte| *byte == b'-').count() == 4;
        let is_secret = matches!(word.len(), 30 | 32 | 40 | 64 | 98 | 100 | 128)
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && word.bytes().any(|byte| byte.is_ascii_digit());
        if is_uuid {
            blotted.push_str("<uuid>");
        } else if is_secret {
            blotted.extend(["<", &word.len().to_string(), ">"]);
        } else {
            blotted.push_str(&word);
        }
        word.clear();
        if character != '\n' {
            blotted.push(character);
        }
    }
    blotted
}

/// Plays every transcript of a dialect against its server half, each over a store of its own.
pub async fn play_all(dialect: &'static dyn Dialect) {
    for (name, transcript) in all(dialect) {
        let bed = Bed::new().await;
        play(&bed, dialect, &name, &transcript).await;
    }
}

/// Plays the recorded logins against a dialect's client half, which must ask as was recorded.
pub fn sign_in(dialect: &dyn Dialect) {
    let transcripts: HashMap<String, Transcript> = all(dialect).into_iter().collect();
    match converse(dialect, &transcripts, PASSWORD, "login-ok") {
        Next::Done(Holding { proof: Proof::Session { secret, csrf }, username, expires_at, .. }) => {
            assert_eq!((secret.expose().len(), csrf.unwrap().expose().len()), (32, 32));
            assert_eq!(username, "alice");
            assert!(expires_at.is_some_and(|it| it > Timestamp::UNIX_EPOCH));
        }
        other => panic!("a session was expected, not {other:?}"),
    }
    let refused = converse(dialect, &transcripts, "wrong", "login-wrong-password");
    assert!(matches!(refused, Next::Refused(Rejection::Password)), "{refused:?}");
}

/// Plays the login page and one answer against the client half; what it makes of them.
fn converse(
    dialect: &dyn Dialect,
    transcripts: &HashMap<String, Transcript>,
    password: &str,
    answer: &str,
) -> Next<Holding> {
    let base = format!("https://{HOST}");
    let login = Login::new(base, "alice", Secret::new(password), Timestamp::UNIX_EPOCH);
    let mut conversation = dialect.client().sign_in(login);
    let page = &transcripts["login-page"];
    let Next::Send(request) = conversation.next(None) else { panic!("a request was expected") };
    assert_asked(page, &request);
    let Next::Send(request) = conversation.next(Some(&page.answer())) else { panic!("a form was expected") };
    assert_asked(&transcripts[answer], &request);
    conversation.next(Some(&transcripts[answer].answer()))
}
