//! What was acknowledged stays, whatever ends the process: it is killed at random moments while clients make
//! and revoke tokens and sign in and out, and started again on what it left behind.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::support::{ADMIN_PASSWORD, Options, Request, Server, Session};

const ROUNDS: u64 = 20;
const CLIENTS: usize = 4;

/// What a client knows of one proof it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Given, and never asked to end.
    Given,
    /// Asked to end, but the answer never came: either is right.
    Unknown,
    /// Its end was acknowledged.
    Ended,
}

#[derive(Clone, Debug)]
enum Proof {
    Token(i64, String),
    Session(Session),
}

impl Proof {
    fn on(&self, request: Request) -> Request {
        match self {
            Self::Token(_, value) => request.bearer(value),
            Self::Session(session) => session.on(request),
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost() {
    let mut server = Server::start(Options::default());
    let (_, operator) = server.make_token("admin", ADMIN_PASSWORD, "write");
    let mut all: Vec<(Proof, Fate)> = Vec::new();
    let mut dice = Dice(u64::from(std::process::id()));
    for round in 0..ROUNDS {
        let book = Mutex::new(Vec::new());
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| work(&server, &operator, &book, &is_over));
            }
            std::thread::sleep(Duration::from_millis(20 + dice.roll(180)));
            kill_from_outside(&server);
            is_over.store(true, Ordering::Relaxed);
        });
        server.kill();
        server.start_again();
        let news = book.into_inner().unwrap();
        check(&server, &news, round);
        all.extend(news);
    }
    // What survived its own round must have survived all later ones.
    check(&server, &all, ROUNDS);
    let given = all.iter().filter(|(_, fate)| *fate == Fate::Given).count();
    let ended = all.iter().filter(|(_, fate)| *fate == Fate::Ended).count();
    assert!(
        given >= 20 && ended >= 10,
        "too little happened to prove anything: {given} given, {ended} ended"
    );
}

/// Makes proofs and ends every third, until the gateway is gone.
fn work(server: &Server, operator: &str, book: &Mutex<Vec<(Proof, Fate)>>, is_over: &AtomicBool) {
    for turn in 0_u64.. {
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        let proof = if turn % 4 == 3 { sign_in(server) } else { make_token(server, operator) };
        let Some(proof) = proof else { return };
        let place = {
            let mut book = book.lock().unwrap();
            book.push((proof.clone(), Fate::Given));
            book.len() - 1
        };
        if turn % 3 == 0 || turn % 8 == 7 {
            book.lock().unwrap()[place].1 = Fate::Unknown;
            let request = match &proof {
                Proof::Token(id, _) => {
                    server.request("DELETE", &format!("/api/gateway/v1/tokens/{id}/")).bearer(operator)
                }
                Proof::Session(session) => session.on(server.post("/api/gateway/v1/logout/")),
            };
            match request.try_send() {
                Ok(answer) => {
                    assert!(matches!(answer.status, 204 | 302), "{}: {}", answer.status, answer.text());
                    book.lock().unwrap()[place].1 = Fate::Ended;
                }
                Err(_) => return,
            }
        }
    }
}

fn make_token(server: &Server, operator: &str) -> Option<Proof> {
    let request = server.post("/api/gateway/v1/tokens/").bearer(operator).json(&json!({"scope": "read"}));
    let answer = request.try_send().ok()?.expect(201).json();
    Some(Proof::Token(answer["id"].as_i64()?, answer["token"].as_str()?.to_owned()))
}

fn sign_in(server: &Server) -> Option<Proof> {
    let form = "/api/gateway/v1/login/";
    let csrf = server.get(form).try_send().ok()?.expect(200).cookie("csrftoken")?.to_owned();
    let answer = server
        .post(form)
        .header("Cookie", format!("csrftoken={csrf}"))
        .header("X-CSRFToken", csrf)
        .form(&[("username", "admin"), ("password", ADMIN_PASSWORD)])
        .try_send()
        .ok()?
        .expect(302);
    Some(Proof::Session(Session {
        secret: answer.cookie("gateway_sessionid")?.to_owned(),
        csrf: answer.cookie("csrftoken")?.to_owned(),
    }))
}

fn check(server: &Server, book: &[(Proof, Fate)], round: u64) {
    for (proof, fate) in book {
        let status = server.me(|request| proof.on(request));
        let wanted = match fate {
            Fate::Given => status == 200,
            Fate::Ended => status == 401,
            Fate::Unknown => matches!(status, 200 | 401),
        };
        assert!(wanted, "after round {round}: {proof:?} is {fate:?} but me/ says {status}");
    }
}

/// Kills without the handle, which the clients' borrow holds.
fn kill_from_outside(server: &Server) {
    server.signal("KILL");
}

#[test]
fn a_first_start_that_was_interrupted_heals() {
    let mut server = Server::start(Options { is_fresh: true, ..Options::default() });
    // The first answer proves that the machine can start one at all; then everything is taken away again.
    server.stop();
    for pause in [1, 5, 10, 20, 40, 80, 160, 320, 640] {
        std::fs::remove_dir_all(server.data_dir()).unwrap();
        server.launch();
        std::thread::sleep(Duration::from_millis(pause));
        server.kill();
        server.start_again();
        assert_eq!(server.me(|request| request.basic("admin", ADMIN_PASSWORD)), 200, "cut after {pause} ms");
        server.stop();
    }
}

#[test]
fn an_orderly_end_and_a_new_start_keep_everything() {
    let mut server = Server::start(Options::default());
    let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
    let session = server.sign_in("admin", ADMIN_PASSWORD);
    assert!(server.stop().success(), "{}", server.output());
    server.start_again();
    assert_eq!(server.me(|request| request.bearer(&token)), 200);
    assert_eq!(server.me(|request| session.on(request)), 200);
}

/// Numbers that differ from run to run. (Steele and Vigna's splitmix64.)
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}
