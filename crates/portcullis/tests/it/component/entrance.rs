//! Proof with an entrance that no one here wrote: our client signs in to the framework of the real platforms, with its
//! own login page, sessions and checks, and works with what that won.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ::client::{Caller, Transport, Unkept, Unwatched};
use bytes::Bytes;
use dialects::client_half::{Conversation, Next, Rejection, Style};
use dialects::{ClientHalf, Holding, Login, Verdict};
use http::header::{ACCEPT, CONTENT_TYPE, REFERER};
use http::{Method, Request, Response};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use identity::port::Clock;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::client::{PASSWORD, Wanderer, said};
use crate::support::server::{new_folder, write_secret};
use crate::support::tools::component_python;

/// A platform in a process of its own.
struct Entrance {
    child: Child,
    folder: PathBuf,
    base: String,
    token: String,
    half: &'static dyn ClientHalf,
}

impl Entrance {
    /// One that has this contract's addresses, gives its session a cookie of this name, and is reached by this scheme.
    fn start(test: &str, platform: &str, cookie: &str, scheme: &str) -> Option<Self> {
        let python = component_python(test)?;
        let folder = new_folder("entrance");
        let mut command = Command::new(python);
        if scheme == "https" {
            command.env("ENTRANCE_TLS", "yes");
        }
        let mut child = command
            .args(["-B", "entrance_serve.py"])
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/component/project"))
            .env("COMPONENT_FOLDER", &folder)
            .envs([("ENTRANCE", platform), ("ENTRANCE_COOKIE", cookie), ("ENTRANCE_PASSWORD", PASSWORD)])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (token, port) = line.trim().split_once(' ').expect("the platform says its token and its port");
        let (base, token) = (format!("{scheme}://127.0.0.1:{port}"), token.to_owned());
        let half = dialects::named(platform).unwrap().client();
        Some(Self { child, folder, base, token, half })
    }

    fn ca(&self) -> String {
        self.folder.join("certificate.pem").to_str().unwrap().to_owned()
    }

    fn transport(&self) -> Transport {
        let ca = std::fs::read(self.ca()).ok();
        Transport::new(ca.as_deref(), true, Duration::from_secs(60)).unwrap()
    }

    /// Asks what only tests ask.
    fn control(&self, path: &str) -> Value {
        let request = Request::get(format!("{}/control/{path}/", self.base)).body(Bytes::new()).unwrap();
        let answer = wait(self.transport().send(request)).unwrap();
        serde_json::from_slice(answer.body()).unwrap_or_default()
    }

    /// Carries a conversation out, with a hand in what it sends.
    fn talk<T>(
        &self,
        mut conversation: Box<dyn Conversation<T>>,
        meddle: impl Fn(&mut Request<Bytes>),
    ) -> Next<T> {
        let transport = self.transport();
        wait(async {
            let mut answer: Option<Response<Bytes>> = None;
            loop {
                match conversation.next(answer.as_ref()) {
                    Next::Send(mut request) => {
                        meddle(&mut request);
                        answer = Some(transport.send(request).await.unwrap());
                    }
                    end => return end,
                }
            }
        })
    }

    fn login(&self, password: &str) -> Login {
        Login::new(&*self.base, "alice", Secret::new(password), Now.now())
    }

    #[track_caller]
    fn signed_in(&self) -> Holding {
        match self.talk(self.half.sign_in(self.login(PASSWORD)), |_| {}) {
            Next::Done(holding) => holding,
            other => panic!("a session was expected, not {other:?}"),
        }
    }
}

impl Drop for Entrance {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The clock of this machine, which the platform has too.
struct Now;

impl Clock for Now {
    #[expect(
        clippy::disallowed_methods,
        reason = "the platform is a process that goes by the clock of the machine"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

const USERS: &str = "/api/gateway/v1/users/";

/// The commands, from the recognition of the platform to the logout, over https, where the framework looks at the
/// `Referer` too.
#[test]
fn the_commands_work_at_a_platform_of_the_framework() {
    let name = "the_commands_work_at_a_platform_of_the_framework";
    let Some(platform) = Entrance::start(name, "aap", "gateway_sessionid", "https") else { return };
    let wanderer = Wanderer::new();
    let (url, ca) = (&*platform.base, platform.ca());
    let run = |further: &[&str], input: &str| {
        let output = wanderer.run(&[&["login", url, "--ca", &*ca, "-o", "json"], further].concat(), input);
        (output.status.code(), said(&output))
    };
    let session = ["--user", "alice", "--password-file", "password"];
    let (code, text) = run(&session, "");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("\"aap\""), "{text}");
    assert_eq!(wanderer.json(&["whoami"])["username"], "alice");
    assert_eq!(
        wanderer.json(&["api", "GET", USERS, "--paginate"]).as_array().unwrap().len(),
        5,
        "of three pages"
    );
    let made = wanderer.json(&["api", "POST", USERS, "-F", "username=mallory"]);
    assert_eq!(made["username"], "mallory", "{made}");
    assert_eq!(platform.control("rows"), json!({"users": 6, "sessions": 1}));

    // The session is gone at the server: without a password nothing can be done, with it all goes on, and once.
    platform.control("flush");
    let told = wanderer.fails(&["api", "POST", USERS, "-F", "username=trent"], 5);
    assert!(told.contains("sign in") || told.contains("portcullis login"), "{told}");
    let again = ["api", "POST", USERS, "-F", "username=trent", "--password-file", "password"];
    assert_eq!(wanderer.json(&again)["username"], "trent");
    assert_eq!(platform.control("rows"), json!({"users": 7, "sessions": 1}));
    wanderer.done(&["logout"]);
    assert_eq!(platform.control("rows")["sessions"], 0, "logout ends the session at the server");

    write_secret(&wanderer.home.join("wrong"), "swordfish 42 x");
    let (code, text) = run(&["--user", "alice", "--password-file", "wrong"], "");
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("does not accept this name and password") && !text.contains("swordfish"), "{text}");
    for method in ["basic", "token"] {
        let (code, _) = run(&["--user", "alice", "--password-file", "wrong", "--method", method], "");
        assert!(code.is_some_and(|it| it != 0), "{method}");
    }
    let (code, text) = run(&["--token-stdin"], &platform.token);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(wanderer.json(&["whoami"])["username"], "alice");
    wanderer.done(&["logout"]);
    assert_eq!(run(&["--token-stdin"], "nonsense").0, Some(3));
    let (code, text) = run(&[&session[..], &["--method", "basic", "--store-password"]].concat(), "");
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(wanderer.json(&["api", "POST", USERS, "-F", "username=oscar"])["username"], "oscar");
    // This one has no tokens of its own.
    let (code, text) = run(&[&session[..], &["--method", "token"]].concat(), "");
    assert!(code.is_some_and(|it| it != 0) && text.contains("no tokens"), "{text}");
    assert_eq!(platform.control("rows")["sessions"], 0, "none of these left a session");
}

/// What the framework says of each failed check, and what it shows to browsers, is understood.
#[test]
fn the_checks_of_the_framework_are_understood() {
    let test = "the_checks_of_the_framework_are_understood";
    let Some(platform) = Entrance::start(test, "aap", "gateway_sessionid", "https") else { return };
    let half = platform.half;
    // Of a token that is missing the page says nothing, unless the framework is being debugged.
    for (name, part) in [(REFERER.as_str(), "Referer"), ("cookie", "cookie"), ("x-csrftoken", "does not say")]
    {
        let end =
            platform.talk(half.sign_in(platform.login(PASSWORD)), |it| drop(it.headers_mut().remove(name)));
        let Next::Refused(Rejection::Forgery(said)) = end else { panic!("{name}: {end:?}") };
        assert!(said.contains(part), "{name}: {said}");
    }
    let end = platform.talk(half.sign_in(platform.login("wrong")), |_| {});
    assert!(matches!(end, Next::Refused(Rejection::Password)), "{end:?}");

    let held = platform.signed_in();
    let end = held.expires_at.unwrap().duration_since(Now.now()).as_secs();
    assert!((600..=900).contains(&end), "{end}");
    let Next::Done(renewed) = platform.talk(half.renew(&held, Now.now()).unwrap(), |_| {}) else {
        panic!("a session is renewed while it lives")
    };
    assert!(renewed.expires_at >= held.expires_at);
    let standing = platform.talk(half.standing(&renewed, Now.now()).unwrap(), |_| {});
    assert!(matches!(standing, Next::Done(it) if it.expires_at.is_some()));

    // Pages for browsers have fields for a name and a password, and are no login page.
    let judged =
        |held: &Holding, verb: Method, path: &str, body: &str, meddle: &dyn Fn(&mut Request<Bytes>)| {
            let request = Request::builder()
                .method(verb)
                .uri(format!("{}{path}", platform.base))
                .header(ACCEPT, "text/html")
                .header(CONTENT_TYPE, "application/json")
                .body(Bytes::copy_from_slice(body.as_bytes()));
            let (mut parts, body) = request.unwrap().into_parts();
            half.write_proof(held, &mut parts);
            let mut request = Request::from_parts(parts, body);
            meddle(&mut request);
            let (parts, body) = wait(platform.transport().send(request)).unwrap().into_parts();
            let first = half.judge(held, &parts, None);
            let verdict =
                if first == Verdict::Unsure { half.judge(held, &parts, Some(&body)) } else { first };
            (parts.status.as_u16(), verdict)
        };
    let one = format!("{USERS}1/");
    let email = r#"{"username": "alice", "email": "a@example.com"}"#;
    assert_eq!(judged(&held, Method::GET, &one, "", &|_| {}), (200, Verdict::Alive));
    assert_eq!(judged(&held, Method::PUT, &one, email, &|_| {}), (200, Verdict::Alive));
    for name in [REFERER.as_str(), "x-csrftoken"] {
        let without = |it: &mut Request<Bytes>| drop(it.headers_mut().remove(name));
        let as_data = |it: &mut Request<Bytes>| {
            without(it);
            it.headers_mut().insert(ACCEPT, "application/json".parse().unwrap());
        };
        assert_eq!(judged(&held, Method::PUT, &one, email, &as_data), (403, Verdict::Stale), "{name}");
        assert_eq!(judged(&held, Method::PUT, &one, email, &without), (403, Verdict::Stale), "{name}");
    }
    platform.control("flush");
    let (status, verdict) = judged(&held, Method::GET, &one, "", &|_| {});
    assert_eq!(status, 401);
    assert!(
        matches!(verdict, Verdict::Dead(it) if it.style == Style::Unauthorized && it.is_unrun),
        "{verdict:?}"
    );
    let end = platform.talk(half.renew(&held, Now.now()).unwrap(), |_| {});
    assert!(matches!(end, Next::Refused(Rejection::Over)), "{end:?}");
    assert!(matches!(platform.talk(half.sign_out(&held), |_| {}), Next::Done(())));
}

/// A CSRF token that is no longer the right one, and a session that is over, are replaced; what was asked for happens
/// once.
#[test]
fn a_request_is_repeated_where_it_did_not_run() {
    let test = "a_request_is_repeated_where_it_did_not_run";
    let Some(platform) = Entrance::start(test, "awx", "awx_sessionid", "http") else { return };
    let keeper = Password(platform.login(PASSWORD));
    let transport = platform.transport();
    let mut held = platform.signed_in();
    let users = platform.control("rows")["users"].as_u64().unwrap();
    let Proof::Session { secret, .. } = held.proof else { panic!("a session was expected") };
    held.proof = Proof::Session { secret, csrf: Some(Secret::new("stale")) };
    wait(async {
        let mut caller = Caller::new(platform.half, &transport, held, &keeper, &Now).unwrap();
        for (name, count) in [("mallory", 1), ("trent", 2)] {
            let request = Request::post("/api/v2/users/")
                .header(CONTENT_TYPE, "application/json")
                .body(Bytes::from(json!({ "username": name }).to_string()));
            let answer = caller.fetch(request.unwrap()).await.unwrap();
            assert_eq!(answer.status(), 201, "{name}");
            let rows = Request::get("/control/rows/").body(Bytes::new()).unwrap();
            let rows: Value = serde_json::from_slice(caller.fetch(rows).await.unwrap().body()).unwrap();
            assert_eq!(rows["users"], users + count, "{name} was made once");
            // For the second one the session is gone.
            caller.fetch(Request::get("/control/flush/").body(Bytes::new()).unwrap()).await.unwrap();
        }
        let who = caller.agent().talk(platform.half.who(caller.holding()), &mut Unwatched).await;
        assert!(who.is_err(), "that session is gone too");
    });
}

/// Whoever has the password.
struct Password(Login);

type Soon<'a, T> = std::pin::Pin<Box<dyn Future<Output = Result<T, identity::Fault>> + Send + 'a>>;

impl ::client::Keeper for Password {
    fn turn<'a, 'b>(&'a self) -> Soon<'b, Box<dyn ::client::Turn>>
    where
        'a: 'b,
    {
        Box::pin(async { Ok(Box::new(Unkept) as Box<dyn ::client::Turn>) })
    }

    fn login<'a, 'b, 'c>(&'a self, _: &'b Holding) -> Soon<'c, Option<Login>>
    where
        'a: 'c,
        'b: 'c,
    {
        let login = self.0.clone();
        Box::pin(async { Ok(Some(login)) })
    }
}

/// A session's cookie may have another name than the usual one.
#[test]
fn the_cookie_may_have_another_name() {
    for cookie in ["my.session-1", "sessionid"] {
        let Some(platform) = Entrance::start("the_cookie_may_have_another_name", "awx", cookie, "http")
        else {
            return;
        };
        let held = platform.signed_in();
        assert_eq!(held.cookie.as_deref(), Some(cookie));
        let Next::Done(renewed) = platform.talk(platform.half.renew(&held, Now.now()).unwrap(), |_| {})
        else {
            panic!("a session is renewed while it lives")
        };
        let Next::Done(who) = platform.talk(platform.half.who(&renewed), |_| {}) else {
            panic!("somebody was expected")
        };
        assert_eq!((&*who.username, who.is_superuser), ("alice", Some(true)));
        assert_eq!(platform.control("rows")["sessions"], 1);
        assert!(matches!(platform.talk(platform.half.sign_out(&renewed), |_| {}), Next::Done(())));
        assert_eq!(platform.control("rows")["sessions"], 0);
    }
}
