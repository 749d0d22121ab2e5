//! A Manager made of bytes, with sessions that end in each style, and a gateway that signs in at it.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dialects::Method;
use dialects::client_half::Rates;
use identity::model::pace::Rate;
use jiff::SignedDuration;

use super::rig::{Rig, config, service};
use super::scratch::Scratch;
use super::upstream::{Reply, Seen, Upstream};
use crate::config::{Account, IdentityProof, PublicPath, SecretSource, Service};

/// How a request without a living session is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Unauthorized,
    LoginPage,
    Welcome,
    ExpiringCookie,
}

impl Style {
    pub const ALL: [Self; 4] = [Self::Unauthorized, Self::LoginPage, Self::Welcome, Self::ExpiringCookie];

    fn reply(self) -> Reply {
        match self {
            Self::Unauthorized => plain(401, "content-type: application/json\r\n", r#"{"upstream":"who"}"#),
            Self::LoginPage => {
                plain(200, "content-type: text/html\r\nset-cookie: JSESSIONID=fresh\r\n", PAGE)
            }
            Self::Welcome => plain(302, "location: https://manager.example/welcome.html\r\n", ""),
            Self::ExpiringCookie => {
                plain(403, "set-cookie: JSESSIONID=x; Max-Age=0\r\ncontent-type: application/json\r\n", "{}")
            }
        }
    }
}

/// The login page, longer than what is looked at of a body.
pub const PAGE: &str = "<html><form action=\"j_security_check\">upstream-login-page</form></html>";

#[derive(Default)]
pub struct State {
    /// The tokens of the sessions that live, by their cookies.
    pub sessions: HashMap<String, String>,
    /// How many logins there were, refused ones among them.
    pub logins: usize,
    /// How often a request of each key ran.
    pub ran: HashMap<String, usize>,
    pub style: Option<Style>,
    /// Whether it has tenants.
    pub is_multi: bool,
    /// Whether it packs what tells who somebody is, though nobody asked for that.
    pub is_packed: bool,
    count: usize,
}

impl State {
    /// Ends all sessions.
    pub fn expire(&mut self) {
        self.sessions.clear();
    }
}

pub struct Manager {
    pub upstream: Upstream,
    pub state: Arc<Mutex<State>>,
}

pub fn plain(status: u16, lines: &str, body: &str) -> Reply {
    Reply::Bytes(
        format!("HTTP/1.1 {status} X\r\n{lines}content-length: {}\r\n\r\n{body}", body.len()).into_bytes(),
    )
}

impl Manager {
    /// One that lets everybody in who says `right`, and answers the rest as the script says.
    pub async fn start(script: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let own = Arc::clone(&state);
        let upstream = Upstream::start(move |seen, _| answer(&own, seen, &script)).await;
        Self { upstream, state }
    }

    pub fn logins(&self) -> usize {
        self.state.lock().unwrap().logins
    }

    pub fn expire(&self, style: Style) {
        let mut state = self.state.lock().unwrap();
        state.style = Some(style);
        state.expire();
    }

    /// The requests that callers made.
    pub fn asked(&self) -> Vec<Seen> {
        let is_own = |it: &Seen| {
            let line = it.line();
            ["/j_security_check", "/client/", "/logout", "/dataservice/tenant"]
                .iter()
                .any(|it| line.contains(it))
        };
        self.upstream.seen().into_iter().filter(|it| !is_own(it)).collect()
    }
}

fn answer(state: &Mutex<State>, seen: &Seen, script: &impl Fn(&Seen) -> Option<Reply>) -> Reply {
    let mut state = state.lock().unwrap();
    let line = seen.line().to_owned();
    if line.contains("/j_security_check") {
        return login(&mut state, seen);
    }
    if line.contains("/dataservice/open") {
        return plain(200, "set-cookie: open=upstream\r\n", "open");
    }
    let cookie = seen.all("cookie").join("; ").replace("JSESSIONID=", "");
    let Some(token) = state.sessions.get(&cookie).cloned() else {
        return state.style.unwrap_or(Style::Unauthorized).reply();
    };
    if line.contains("/dataservice/client/token") {
        return plain(200, "content-type: text/html;charset=UTF-8\r\n", &token);
    }
    if line.contains("/dataservice/client/server") && state.is_packed {
        return plain(200, "content-type: application/json\r\ncontent-encoding: gzip\r\n", "packed");
    }
    if line.contains("/dataservice/client/server") {
        let mode = if state.is_multi { "MultiTenant" } else { "SingleTenant" };
        let text = format!(
            r#"{{"data":{{"user":"svc","platformVersion":"20.12.1","CSRFToken":"{token}","tenancyMode":"{mode}","userMode":"provider"}}}}"#
        );
        return plain(200, "content-type: application/json\r\netag: 1\r\n", &text);
    }
    if line.contains("/vsessionid") {
        return plain(200, "content-type: application/json\r\n", r#"{"VSessionId":"upstream-tenant"}"#);
    }
    if line.contains("/dataservice/tenant") {
        let text = r#"{"data":[{"tenantId":"77","name":"Acme","subDomain":"acme.example.com"}]}"#;
        return plain(200, "content-type: application/json\r\n", text);
    }
    if !line.starts_with("GET") && !line.starts_with("HEAD") && seen.all("x-xsrf-token") != [token.as_str()] {
        return plain(403, "content-type: text/plain\r\n", "SessionTokenFilter: Token provided is invalid");
    }
    if let Some(key) = seen.all("x-key").first() {
        *state.ran.entry((*key).to_owned()).or_default() += 1;
    }
    drop(state);
    script(seen).unwrap_or_else(|| {
        let lines = format!(
            "content-type: application/json\r\nset-cookie: JSESSIONID={cookie}\r\nset-cookie: other=upstream\r\n\
             x-xsrf-token: {token}\r\nwww-authenticate: Basic realm=\"upstream\"\r\n"
        );
        plain(200, &lines, r#"{"ran":true}"#)
    })
}

fn login(state: &mut State, seen: &Seen) -> Reply {
    state.logins += 1;
    if !String::from_utf8_lossy(&seen.body).contains("j_password=right") {
        return plain(200, "content-type: text/html\r\n", PAGE);
    }
    state.count += 1;
    let number = state.count;
    state.sessions.insert(format!("upstream-cookie-{number}"), format!("UPSTREAMTOKEN{number:020}"));
    plain(200, &format!("set-cookie: JSESSIONID=upstream-cookie-{number}; Path=/; HttpOnly\r\n"), "")
}

/// An account of a Manager whose password lies in this folder.
pub fn account(scratch: &Scratch, password: &str) -> Account {
    let file = scratch.path().join("manager.secret");
    fs::write(&file, password).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let none = Rate { requests: 0, period: SignedDuration::ZERO };
    Account {
        platform: dialects::named("catalyst").unwrap(),
        method: Method::Session,
        portal: None,
        username: "svc-portcullis".into(),
        secret: SecretSource::File(file),
        is_token: false,
        tenant: None,
        sessions_max: 4,
        queue_max: 1000,
        queue_timeout: Duration::from_secs(20),
        rates: Some(Rates { ordinary: none, bulk: none }),
        is_exclusive: false,
    }
}

/// A service of a front contract with this account.
pub fn sdwan(manager: &Manager, account: Account, dialect: &str) -> Service {
    Service {
        name: "sdwan".into(),
        path: "/dataservice/".into(),
        dialect: dialects::named(dialect).unwrap(),
        public: vec![PublicPath::Below("/dataservice/open/".into())],
        identity: IdentityProof::Session(Arc::new(account)),
        concurrency_max: 1000,
        body_max: 8 * 1024 * 1024,
        ..service(&[manager.upstream.address])
    }
}

/// A gateway in front of it, and a token of somebody.
pub async fn front(manager: &Manager, change: impl FnOnce(&mut Account)) -> (Rig, String, Scratch) {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let scratch = Scratch::new(&format!("session-{number}"));
    let mut account = account(&scratch, "right");
    change(&mut account);
    let rig = Rig::start(config(vec![sdwan(manager, account, "aap")])).await;
    let ann = rig.user("ann", false).await;
    let token = rig.token(&ann, "write").await;
    (rig, format!("Authorization: Bearer {token}\r\n"), scratch)
}
