//! Guessing: failures are counted once for all doors, slow down whoever guesses, and nobody else.

use std::io::{BufReader, Write};

use crate::security::doors::{DOORS, all_doors, is_open, open_doors, open_to_everybody};
use crate::security::grants::{App, SITES, Site};
use crate::support::http::{connect, encode};
use crate::support::{ADMIN_PASSWORD, Options, Response, Server};

const PASSWORD: &str = "wonder land 42 x";

fn demo(limits: &str) -> Server {
    let config = if limits.is_empty() { String::new() } else { format!("[limits]\n{limits}\n") };
    let server = open_to_everybody(Server::start(Options { demo: true, config, ..Options::default() }));
    for name in ["alice", "bob"] {
        server.make_user(name, PASSWORD);
    }
    server
}

/// How many passwords were really looked at and found wrong: the audit log has a line for each.
fn evaluated(server: &Server) -> usize {
    // The log is written beside the answers.
    std::thread::sleep(std::time::Duration::from_millis(300));
    let log = std::fs::read_to_string(server.data_dir().join("audit.jsonl")).unwrap();
    log.lines().filter(|line| line.contains("\"sign_in_failure\"")).count()
}

fn fail(server: &Server, name: &str, times: usize) {
    for _ in 0..times {
        server.get("/api/gateway/v1/me/").basic(name, "wrong").send().expect(401);
    }
}

#[test]
fn case_023_one_account_and_every_door() {
    let server = demo("failures_free = 10\nfailure_waits = [600]");
    std::thread::scope(|scope| {
        for thread in 0..10 {
            let server = &server;
            scope.spawn(move || {
                for turn in 0..11 {
                    let (_, knock) = DOORS[(thread + turn) % DOORS.len()];
                    assert!(!is_open(&knock(server, "alice", &format!("guess {thread} {turn}"))));
                }
            });
        }
    });
    let looked_at = evaluated(&server);
    assert!((10..=20).contains(&looked_at), "{looked_at} of 110 guesses were looked at");
    assert_eq!(
        open_doors(&server, "alice", PASSWORD),
        [""; 0],
        "every door is closed, also to the right one"
    );
}

#[test]
fn case_024_an_address_of_ones_own_choice() {
    let server = demo("failures_per_address_minute = 5");
    for number in 0..12 {
        server
            .get("/api/gateway/v1/me/")
            .basic(&format!("somebody{number}"), "wrong")
            .header("X-Forwarded-For", format!("192.0.2.{number}"))
            .header("X-Real-IP", format!("192.0.2.{number}"))
            .header("Forwarded", format!("for=192.0.2.{number}"))
            .header("X-Envoy-External-Address", format!("192.0.2.{number}"))
            .send()
            .expect(401);
    }
    assert_eq!(evaluated(&server), 5, "what a client writes about itself does not count");
    // And the budget is the address's, for every account.
    assert_eq!(open_doors(&server, "alice", PASSWORD), [""; 0]);
}

#[test]
fn case_025_a_closed_account_does_not_open_to_the_right_password() {
    let server = demo("failures_free = 3\nfailure_waits = [600]");
    fail(&server, "alice", 4);
    let wrong = server.get("/api/gateway/v1/me/").basic("alice", "wrong").send();
    let right = server.get("/api/gateway/v1/me/").basic("alice", PASSWORD).send();
    assert_eq!((wrong.status, &wrong.body), (right.status, &right.body));
    assert_eq!(wrong.status, 401);
    assert_eq!(open_doors(&server, "alice", PASSWORD), [""; 0]);
    let before = evaluated(&server);
    fail(&server, "alice", 5);
    assert_eq!(evaluated(&server), before, "a closed account's passwords are not looked at");
}

#[test]
fn case_025_it_opens_when_the_wait_is_over() {
    let server = demo("failures_free = 1\nfailure_waits = [1]");
    fail(&server, "alice", 1);
    assert_eq!(server.me(|request| request.basic("alice", PASSWORD)), 401);
    let opened = (0..50).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        server.me(|request| request.basic("alice", PASSWORD)) == 200
    });
    assert!(opened);
}

#[test]
fn case_026_everybody_else_signs_in() {
    let server = demo("failures_free = 3\nfailure_waits = [600]");
    let token = server.make_token("alice", PASSWORD, "write").1;
    let session = server.sign_in("alice", PASSWORD);
    fail(&server, "alice", 20);
    assert_eq!(open_doors(&server, "bob", PASSWORD), all_doors());
    assert_eq!(open_doors(&server, "admin", ADMIN_PASSWORD), all_doors());
    // Nor does anybody lose what he has by being attacked.
    assert_eq!(server.me(|request| request.bearer(&token)), 200);
    assert_eq!(server.me(|request| session.on(request)), 200);
}

#[test]
fn case_027_many_guesses_at_one_instant() {
    let server = demo("failures_free = 10\nfailure_waits = [600]");
    fail(&server, "alice", 9);
    std::thread::scope(|scope| {
        for number in 0..20 {
            let server = &server;
            scope.spawn(move || {
                let guess = format!("guess {number}");
                let status = server.get("/api/gateway/v1/me/").basic("alice", &guess).send().status;
                assert!(matches!(status, 401 | 503), "{status}");
            });
        }
    });
    let looked_at = evaluated(&server);
    assert!(looked_at <= 10, "{looked_at} guesses were looked at where ten were free");
}

/// Requests have the time at which they came: one that came before the lock is judged by it all the same.
#[test]
fn case_027_a_guess_that_was_begun_before_the_lock_does_not_pass_it() {
    let server = demo("failures_free = 3\nfailure_waits = [600]");
    let app = App::new(&server, "c27", "public", "password");
    let body = format!(
        "grant_type=password&client_id={}&username=alice&password={}",
        app.client_id,
        encode(PASSWORD)
    );
    let mut begun: Vec<_> = (0..4)
        .map(|number| {
            let mut stream = connect(server.http).unwrap();
            let path = SITES[number % 2].at("token");
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\n\r\n",
                server.http,
                body.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    std::thread::sleep(std::time::Duration::from_millis(300));
    fail(&server, "alice", 4);
    for stream in &mut begun {
        stream.write_all(body.as_bytes()).unwrap();
        let answer = Response::read(&mut BufReader::new(stream), "POST").unwrap();
        assert_eq!(answer.status, 400, "the account is closed: {}", answer.text());
    }
}

#[test]
fn case_028_one_password_for_many_accounts() {
    let server = demo("failures_per_address_minute = 20");
    let token = server.make_token("alice", PASSWORD, "read").1;
    for number in 0..60 {
        fail(&server, &format!("account{number}"), 1);
    }
    assert_eq!(evaluated(&server), 20);
    // Who showed before who he is goes on: only passwords are not looked at any more.
    assert_eq!(server.me(|request| request.bearer(&token)), 200);
}

#[test]
fn case_031_a_restart_opens_nothing() {
    let mut server = demo("failures_free = 3\nfailure_waits = [600]");
    fail(&server, "alice", 4);
    server.stop();
    server.start_again();
    assert_eq!(open_doors(&server, "alice", PASSWORD), [""; 0]);
    server.kill();
    server.start_again();
    assert_eq!(open_doors(&server, "alice", PASSWORD), [""; 0]);
    assert_eq!(open_doors(&server, "bob", PASSWORD), all_doors());
}

#[test]
fn case_032_ones_own_success_is_no_help_against_others() {
    let server = demo("failures_free = 5\nfailure_waits = [600]");
    for _ in 0..5 {
        assert_eq!(server.me(|request| request.basic("bob", PASSWORD)), 200);
        fail(&server, "alice", 1);
    }
    assert_eq!(open_doors(&server, "alice", PASSWORD), [""; 0], "alice's failures add up");
    // A success does clear the own account's failures.
    fail(&server, "bob", 4);
    assert_eq!(server.me(|request| request.basic("bob", PASSWORD)), 200);
    fail(&server, "bob", 4);
    assert_eq!(server.me(|request| request.basic("bob", PASSWORD)), 200);
}

/// An application's password grant is a door like the others: it counts, it closes, and it tells nobody apart.
#[test]
fn case_023_applications_guess_no_better_than_people() {
    let server = demo("failures_free = 3\nfailure_waits = [600]");
    server.make_user("gone", PASSWORD);
    server.shell(&["user", "disable", "gone"]);
    let app = App::new(&server, "c23", "public", "password");
    let ask = |site: Site, name: &str, password: &str| {
        let fields = [("grant_type", "password"), ("username", name), ("password", password)];
        let answer = site.token(&server, &app, &fields);
        (answer.status, answer.text())
    };
    let wrong = ask(SITES[0], "nobody", "wrong");
    assert_eq!(wrong.0, 400);
    for (name, password) in
        [("gone", PASSWORD), ("gone", "wrong"), ("_system", ""), ("_system", "x"), ("bob", "x")]
    {
        if !password.is_empty() {
            assert_eq!(ask(SITES[1], name, password), wrong, "{name}");
        }
    }
    for turn in 0..4 {
        assert_eq!(ask(SITES[turn % 2], "alice", "wrong"), wrong);
    }
    assert_eq!(ask(SITES[0], "alice", PASSWORD), wrong, "the right one is not told apart");
    assert_eq!(open_doors(&server, "alice", PASSWORD), [""; 0], "and every other door is closed too");
    assert_eq!(open_doors(&server, "bob", PASSWORD), all_doors());
    // And the other way round.
    server.make_user("carol", PASSWORD);
    fail(&server, "carol", 4);
    assert_eq!(ask(SITES[1], "carol", PASSWORD), wrong);
}
