//! One session for many callers, with the program on both sides: a gateway that signs in at laboratories, and
//! callers of every contract in front of it. The counters of the laboratory say what really happened there.

use std::path::PathBuf;

use crate::support::lab::{Lab, PASSWORD};
use crate::support::server::write_secret;
use crate::support::{ADMIN_PASSWORD, Request, Response, Server};

mod callers;
mod clients;
mod deaths;
mod limits;
mod matrix;
mod refused;
mod restarts;
mod secrets;

/// The contracts in which callers ask.
pub const FRONTS: [&str; 4] = ["aap", "awx", "catalyst", "apprenda"];

/// A service behind the gateway, and the account with which it is signed in at.
pub struct Entry<'a> {
    /// Its name.
    pub name: String,
    /// Its path at the gateway.
    pub path: String,
    /// The contract of its callers.
    pub dialect: &'a str,
    /// What it speaks itself.
    pub platform: &'a str,
    /// Where it is.
    pub upstream: String,
    /// The path there.
    pub upstream_path: &'a str,
    /// Further keys of the service.
    pub keys: String,
    /// The account's name there; none with a token.
    pub user: &'a str,
    /// Where the secret is, and further keys of the account.
    pub account: String,
}

impl<'a> Entry<'a> {
    /// A laboratory of this platform behind this path, for callers of this contract.
    pub fn new(lab: &Lab, platform: &'a str, dialect: &'a str, path: &str) -> Self {
        let root = root_of(platform);
        Self {
            name: path.trim_matches('/').replace('/', "-"),
            path: path.to_owned(),
            dialect,
            platform,
            upstream: lab.base(),
            upstream_path: root,
            keys: format!("upstream_ca = \"{}\"\n", lab.certificate().display()),
            user: "operator",
            account: format!("password_file = \"{}\"\n", password_file(lab).display()),
        }
    }

    /// The same with further keys of the account.
    pub fn with(mut self, more: &str) -> Self {
        self.account.push_str(more);
        self
    }

    /// As it stands in the configuration.
    pub fn text(&self) -> String {
        let Self { name, path, dialect, platform, upstream, upstream_path, keys, user, account } = self;
        let user = if user.is_empty() { String::new() } else { format!("user = \"{user}\"\n") };
        let platform = platform.trim_end_matches("-without-tokens");
        format!(
            "[[service]]\nname = \"{name}\"\npath = \"{path}\"\nupstream = [\"{upstream}\"]\nupstream_path = \
             \"{upstream_path}\"\ndialect = \"{dialect}\"\nidentity = \"session\"\n{keys}\n[service.session]\n\
             platform = \"{platform}\"\n{user}{account}\n"
        )
    }
}

/// Below which path a platform's resources are.
pub fn root_of(platform: &str) -> &'static str {
    match platform {
        "aap" | "astra" => "/api/controller/",
        "awx" | "awx-without-tokens" => "/api/v2/",
        "catalyst" => "/dataservice/",
        "apprenda" => "/soc/",
        other => panic!("no such platform: {other}"),
    }
}

/// One of its lists, below that.
pub fn list_of(platform: &str) -> &'static str {
    match platform {
        "aap" | "astra" => "v2/jobs/",
        "awx" | "awx-without-tokens" => "jobs/",
        "catalyst" => "template/device",
        "apprenda" => "api/v1/clouds",
        other => panic!("no such platform: {other}"),
    }
}

/// The file with the password of the laboratory's people.
pub fn password_file(lab: &Lab) -> PathBuf {
    let file = lab.folder().join("account.secret");
    if !file.exists() {
        write_secret(&file, PASSWORD);
    }
    file
}

/// A gateway with these services, which writes a line about each request.
pub fn gateway(entries: &[Entry<'_>]) -> Server {
    let services: String = entries.iter().map(Entry::text).collect();
    Server::with_config(&format!("[log]\naccess = true\n{services}"))
}

/// Slower than a Manager allows. It counts requests when they arrive, and on a busy machine those of one second can
/// arrive in the next.
pub const PACE: &str = "requests_per_second = 40\n";

/// A Manager behind `/sdwan/`, for callers with tokens.
pub fn manager(more: &str) -> (Lab, Server) {
    let lab = Lab::start("catalyst");
    let server = gateway(&[Entry::new(&lab, "catalyst", "aap", "/sdwan/").with(more)]);
    (lab, server)
}

/// Somebody who shows the same with every request.
#[derive(Clone)]
pub struct Caller {
    /// Whether it asks over https.
    is_encrypted: bool,
    headers: Vec<(&'static str, String)>,
    /// What goes with a change beside it.
    change: Vec<(&'static str, String)>,
}

impl Caller {
    /// Somebody with an access token.
    pub fn token(server: &Server, username: &str, password: &str) -> Self {
        let (_, token) = server.make_token(username, password, "write");
        Self::plain(vec![("Authorization", format!("Bearer {token}"))])
    }

    /// The administrator, as clients of this contract show themselves: AAP by a token, AWX by a password, Catalyst
    /// Manager and Apprenda by sessions.
    pub fn admin(server: &Server, dialect: &str) -> Self {
        match dialect {
            "aap" => Self::token(server, "admin", ADMIN_PASSWORD),
            "awx" => {
                Self::plain(vec![("Authorization", crate::support::http::basic("admin", ADMIN_PASSWORD))])
            }
            "catalyst" => {
                let login = crate::catalyst::sign_in(server, "admin", ADMIN_PASSWORD);
                let cookie = vec![("Cookie", format!("JSESSIONID={}", login.cookie))];
                Self { change: vec![("X-XSRF-TOKEN", login.xsrf)], ..Self::plain(cookie) }
            }
            "apprenda" => {
                let fields = crate::apprenda::fields("admin", ADMIN_PASSWORD);
                let login = format!("{}/soc", crate::apprenda::SESSIONS);
                let answer = server.encrypted("POST", &login).json(&fields).send_encrypted().expect(201);
                let token = crate::apprenda::token_in(&answer);
                Self { is_encrypted: true, ..Self::plain(vec![("ApprendaSessionToken", token)]) }
            }
            other => panic!("no such contract: {other}"),
        }
    }

    fn plain(headers: Vec<(&'static str, String)>) -> Self {
        Self { is_encrypted: false, headers, change: Vec::new() }
    }

    /// What it shows: values that nobody else may see.
    pub fn secrets(&self) -> Vec<String> {
        let all = self.headers.iter().chain(&self.change).map(|(_, value)| value.as_str());
        all.map(|it| it.rsplit([' ', '=']).find(|it| !it.is_empty()).unwrap_or(it).to_owned()).collect()
    }

    /// Sends a request after it was added to.
    pub fn send(
        &self,
        server: &Server,
        method: &str,
        target: &str,
        more: impl FnOnce(Request) -> Request,
    ) -> std::io::Result<Response> {
        let mut request =
            if self.is_encrypted { server.encrypted(method, target) } else { server.request(method, target) };
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if method != "GET" {
            for (name, value) in &self.change {
                request = request.header(name, value);
            }
        }
        let request = more(request);
        if self.is_encrypted { request.try_send_encrypted() } else { request.try_send() }
    }

    /// Asks for something.
    #[track_caller]
    pub fn get(&self, server: &Server, target: &str) -> Response {
        self.send(server, "GET", target, |it| it).unwrap()
    }

    /// Makes something, under a key by which the laboratory counts it.
    #[track_caller]
    pub fn make(&self, server: &Server, target: &str, key: &str) -> Response {
        let body = serde_json::json!({ "name": key });
        self.send(server, "POST", target, |it| it.header("X-Lab-Key", key).json(&body)).unwrap()
    }
}

/// So many callers, each with a token of its own, of a few users.
pub fn callers(server: &Server, count: usize) -> Vec<Caller> {
    const USERS: usize = 10;
    for number in 0..USERS.min(count) {
        server.make_user(&format!("caller{number}"), USER_PASSWORD);
    }
    (0..count).map(|it| Caller::token(server, &format!("caller{}", it % USERS), USER_PASSWORD)).collect()
}

/// The password of those callers.
pub const USER_PASSWORD: &str = "wonder land 42 x";

/// All of them at once, each with its number; what each was told, in their order.
pub fn all_at_once<T: Send>(callers: &[Caller], call: impl Fn(usize, &Caller) -> T + Sync) -> Vec<T> {
    let call = &call;
    std::thread::scope(|scope| {
        let threads: Vec<_> = callers
            .iter()
            .enumerate()
            .map(|(number, caller)| {
                let thread = std::thread::Builder::new().stack_size(256 * 1024);
                thread.spawn_scoped(scope, move || call(number, caller)).unwrap()
            })
            .collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    })
}

/// How the sessions stand that the gateway keeps, as it says itself.
#[track_caller]
pub fn upstreams(server: &Server) -> serde_json::Value {
    server.as_admin("GET", "/portcullis/v1/upstreams").send().expect(200).json()["upstreams"].take()
}
