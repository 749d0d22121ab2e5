//! A service of a few lines on a loopback port, and the contract that it speaks.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use dialects::client_half::{
    ClientHalf, Conversation, Credential, Death, Holding, Login, Method, Next, Recognised, Rejection, Style,
    Upkeep, Verdict, Who,
};
use http::{Method as Verb, Request, Response, request, response};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// What the service knows and has counted.
pub struct Fake {
    pub base: String,
    pub password: Mutex<String>,
    pub sessions: Mutex<BTreeSet<String>>,
    pub sessions_most: AtomicUsize,
    pub logins: AtomicUsize,
    pub attempts: AtomicUsize,
    pub logouts: AtomicUsize,
    pub upkeeps: AtomicUsize,
    pub cleanings: AtomicUsize,
    pub is_odd: AtomicBool,
    /// Whether it has no time to say whether a session lives.
    pub is_busy: AtomicBool,
    /// How many logins may go on; the others hang.
    pub gate: Semaphore,
    task: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Fake {
    pub async fn start() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let fake = Arc::new(Self {
            base: format!("http://{}", listener.local_addr().unwrap()),
            password: Mutex::new("right".to_owned()),
            sessions: Mutex::default(),
            sessions_most: AtomicUsize::new(0),
            logins: AtomicUsize::new(0),
            attempts: AtomicUsize::new(0),
            logouts: AtomicUsize::new(0),
            upkeeps: AtomicUsize::new(0),
            cleanings: AtomicUsize::new(0),
            is_odd: AtomicBool::new(false),
            is_busy: AtomicBool::new(false),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
            task: Mutex::default(),
        });
        let serving = Arc::clone(&fake);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(Arc::clone(&serving).serve(stream));
            }
        });
        *fake.task.lock().unwrap() = Some(task);
        fake
    }

    /// Takes the port away.
    pub fn stop(&self) {
        self.task.lock().unwrap().take().unwrap().abort();
    }

    /// Forgets all sessions.
    pub fn expire(&self) {
        self.sessions.lock().unwrap().clear();
    }

    pub fn held(&self) -> usize {
        self.sessions.lock().unwrap().len()
    }

    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let mut text = String::new();
        while !text.contains("\r\n\r\n") {
            let mut buffer = [0; 2048];
            let count = stream.read(&mut buffer).await.unwrap_or(0);
            if count == 0 {
                return;
            }
            text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        }
        let header = |name: &str| {
            text.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or("").to_owned()
        };
        let path = text.split(' ').nth(1).unwrap().to_owned();
        let session = header("x-session");
        let is_known = self.sessions.lock().unwrap().contains(&session);
        let (status, body) = match path.as_str() {
            "/login" => self.login(&header("x-password"), &header("x-tenant")).await,
            "/logout" => {
                self.logouts.fetch_add(1, Ordering::SeqCst);
                self.sessions.lock().unwrap().remove(&session);
                (200, String::new())
            }
            "/clean" => {
                self.cleanings.fetch_add(1, Ordering::SeqCst);
                let mut sessions = self.sessions.lock().unwrap();
                let before = sessions.len();
                sessions.retain(|it| *it == session);
                (200, (before - sessions.len()).to_string())
            }
            "/light" => {
                self.upkeeps.fetch_add(1, Ordering::SeqCst);
                let is_busy = self.is_busy.load(Ordering::SeqCst);
                (
                    if is_busy {
                        503
                    } else if is_known {
                        200
                    } else {
                        401
                    },
                    String::new(),
                )
            }
            _ => (if is_known { 200 } else { 401 }, String::new()),
        };
        let answer = format!(
            "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let _ = stream.write_all(answer.as_bytes()).await;
    }

    async fn login(&self, password: &str, tenant: &str) -> (u16, String) {
        self.attempts.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        if self.is_odd.load(Ordering::SeqCst) {
            return (500, String::new());
        }
        if tenant == "none" {
            return (404, String::new());
        }
        if password != *self.password.lock().unwrap() {
            return (401, String::new());
        }
        let number = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
        let name = format!("{tenant}-{number}");
        let mut sessions = self.sessions.lock().unwrap();
        sessions.insert(name.clone());
        self.sessions_most.fetch_max(sessions.len(), Ordering::SeqCst);
        (200, name)
    }
}

/// The contract; `life` is how long its sessions live, in seconds, and `renews` whether they can be lengthened.
pub struct FakeHalf {
    pub life: Option<i64>,
    pub renews: bool,
}

pub static ENDLESS: FakeHalf = FakeHalf { life: None, renews: false };
pub static MORTAL: FakeHalf = FakeHalf { life: Some(3600), renews: false };
pub static RENEWED: FakeHalf = FakeHalf { life: Some(3600), renews: true };

type Read<T> = Box<dyn FnOnce(&Response<Bytes>) -> Next<T> + Send>;

/// One question, one answer.
struct Ask<T>(Option<Request<Bytes>>, Option<Read<T>>);

impl<T> Conversation<T> for Ask<T> {
    fn next(&mut self, response: Option<&Response<Bytes>>) -> Next<T> {
        match response {
            None => Next::Send(self.0.take().unwrap()),
            Some(response) => (self.1.take().unwrap())(response),
        }
    }
}

fn ask<T: 'static>(request: Request<Bytes>, read: Read<T>) -> Box<dyn Conversation<T>> {
    Box::new(Ask(Some(request), Some(read)))
}

fn secret(holding: &Holding) -> &str {
    let Proof::Session { secret, .. } = &holding.proof else { panic!("a session was expected") };
    secret.expose()
}

fn with(holding: &Holding, path: &str) -> Request<Bytes> {
    let request = Request::post(format!("{}{path}", holding.base)).header("x-session", secret(holding));
    request.body(Bytes::new()).unwrap()
}

impl FakeHalf {
    fn end(&self, now: Timestamp) -> Option<Timestamp> {
        self.life.map(|it| now + SignedDuration::from_secs(it))
    }
}

impl ClientHalf for FakeHalf {
    fn methods(&self) -> &'static [Method] {
        &[Method::Session]
    }

    fn probes(&self) -> &'static [&'static str] {
        &[]
    }

    fn recognise(&self, _: &str, _: &Response<Bytes>) -> Option<Recognised> {
        None
    }

    fn sign_in(&self, login: Login) -> Box<dyn Conversation<Holding>> {
        let Credential::Password { password, .. } = &login.credential else { panic!("no password") };
        let request = Request::post(format!("{}/login", login.base))
            .header("x-password", password.expose())
            .header("x-tenant", login.tenant.clone().unwrap_or_default())
            .body(Bytes::new())
            .unwrap();
        let end = self.end(login.now);
        ask(
            request,
            Box::new(move |answer| match answer.status().as_u16() {
                200 => {
                    let secret = Secret::new(std::str::from_utf8(answer.body()).unwrap());
                    let mut holding = Holding::new(&login, Proof::Session { secret, csrf: None });
                    holding.expires_at = end;
                    Next::Done(holding)
                }
                401 => Next::Refused(Rejection::Password),
                404 => Next::Refused(Rejection::Tenant("none".to_owned())),
                _ => Next::Lost("an odd answer".to_owned()),
            }),
        )
    }

    fn renew(&self, holding: &Holding, now: Timestamp) -> Option<Box<dyn Conversation<Holding>>> {
        let (mut longer, end) = (holding.clone(), self.end(now));
        self.renews.then(|| {
            ask(
                with(holding, "/renew"),
                Box::new(move |answer: &Response<Bytes>| {
                    longer.expires_at = end;
                    if answer.status().is_success() {
                        Next::Done(longer)
                    } else {
                        Next::Refused(Rejection::Over)
                    }
                }) as Read<Holding>,
            )
        })
    }

    fn sign_out(&self, holding: &Holding) -> Box<dyn Conversation<()>> {
        ask(with(holding, "/logout"), Box::new(|_| Next::Done(())))
    }

    fn who(&self, _: &Holding) -> Box<dyn Conversation<Who>> {
        Box::new(dialects::client_half::Unspoken)
    }

    fn write_proof(&self, holding: &Holding, request: &mut request::Parts) {
        request.headers.insert("x-session", secret(holding).parse().unwrap());
    }

    fn judge(&self, _: &Holding, answer: &response::Parts, _: Option<&[u8]>) -> Verdict {
        if answer.status == 401 { dead() } else { Verdict::Alive }
    }

    fn upkeep(&self) -> Upkeep {
        Upkeep { path: Some("/light"), every: Duration::from_secs(600) }
    }

    fn is_guarded(&self, _: &Verb, _: &str) -> bool {
        false
    }

    fn clean(&self, holding: &Holding) -> Option<Box<dyn Conversation<usize>>> {
        let read = |answer: &Response<Bytes>| {
            Next::Done(std::str::from_utf8(answer.body()).unwrap().parse().unwrap())
        };
        Some(ask(with(holding, "/clean"), Box::new(read)))
    }

    fn environment(&self, _: &Holding) -> Vec<(&'static str, Secret)> {
        Vec::new()
    }
}

pub fn dead() -> Verdict {
    Verdict::Dead(Death { style: Style::Unauthorized, is_unrun: true })
}
