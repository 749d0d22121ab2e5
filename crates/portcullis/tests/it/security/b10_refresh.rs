//! Refresh tokens: each is used once, by the application it was made for, and no longer than its grant lives.

use std::sync::{Arc, Barrier};

use serde_json::json;

use super::clock::Clock;
use super::grants::{AWX, App, PLATFORM, Pair, SITES, Site, error, told};
use super::shared::Shared;
use crate::support::{ADMIN_PASSWORD, Options, Server};

const PASSWORD: &str = "a wall of old stones 5";
const DAY: i64 = 24 * 60 * 60;

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(|| Server::start(Options::default()))
}

fn pair(server: &Server, site: &Site, app: &App) -> Pair {
    site.by_password(server, app, "admin", ADMIN_PASSWORD)
}

#[test]
fn case_089_of_twenty_parallel_uses_one_wins_and_the_rest_end_the_family() {
    let server = gateway();
    for (number, site) in SITES.iter().enumerate() {
        let app = App::new(&server, &format!("c89-{number}"), "confidential", "password");
        for _ in 0..3 {
            let first = pair(&server, site, &app);
            let barrier = Barrier::new(20);
            let answers: Vec<_> = std::thread::scope(|scope| {
                let ask = || {
                    barrier.wait();
                    site.refresh(&server, &app, &first.refresh)
                };
                let threads: Vec<_> = (0..20).map(|_| scope.spawn(ask)).collect();
                threads.into_iter().map(|it| it.join().unwrap()).collect()
            });
            let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|it| it.status == site.granted);
            assert_eq!(won.len(), 1, "{}", site.root);
            for answer in &lost {
                assert_eq!((answer.status, &*error(answer)), (400, "invalid_grant"));
            }
            // Nobody knows who of them is the thief: what the winner holds is dead too.
            let second = Pair::of(&won[0]);
            for token in [&first.access, &second.access] {
                assert_eq!(site.known(&server, token), 401, "{}", site.root);
            }
            for token in [&first.refresh, &second.refresh] {
                assert_eq!(error(&site.refresh(&server, &app, token)), "invalid_grant", "{}", site.root);
            }
        }
    }
}

#[test]
fn case_090_a_used_refresh_token_kills_its_family_at_both_doors() {
    let server = gateway();
    for (site, other) in [(PLATFORM, AWX), (AWX, PLATFORM)] {
        let app = App::new(&server, &format!("c90{}", site.granted), "confidential", "password");
        let bystander = pair(&server, &site, &app);
        let first = pair(&server, &site, &app);
        let second = Pair::of(&site.refresh(&server, &app, &first.refresh).expect(site.granted));
        assert_eq!(site.known(&server, &first.access), 401, "rotation ends the access token before");
        let third = Pair::of(&other.refresh(&server, &app, &second.refresh).expect(other.granted));
        assert_eq!((site.known(&server, &third.access), other.known(&server, &third.access)), (200, 200));
        // The oldest of them, by the other contract.
        assert_eq!(error(&other.refresh(&server, &app, &first.refresh).expect(400)), "invalid_grant");
        assert_eq!((site.known(&server, &third.access), other.known(&server, &third.access)), (401, 401));
        assert_eq!(error(&site.refresh(&server, &app, &third.refresh).expect(400)), "invalid_grant");
        assert_eq!(site.known(&server, &bystander.access), 200, "other grants go on");
        let events = told(&server, "replay");
        let named = format!("application {} ", app.id);
        let of_this = events.iter().filter(|it| it["detail"].as_str().unwrap().contains(&named));
        assert!(of_this.count() >= 1, "{events:?}");
        let log = std::fs::read_to_string(server.data_dir().join("audit.jsonl")).unwrap();
        assert!([&first, &second, &third].iter().all(|it| !log.contains(&it.refresh)));
    }
}

#[test]
fn case_091_without_a_grace_period_a_repeated_request_is_a_replay() {
    let server = gateway();
    let app = App::new(&server, "c91", "public", "password");
    let first = pair(&server, &AWX, &app);
    let second = Pair::of(&AWX.refresh(&server, &app, &first.refresh).expect(200));
    // The client that lost the answer asks again at once: it gets no second family, and signs in anew.
    AWX.refresh(&server, &app, &first.refresh).expect(400);
    assert_eq!(AWX.known(&server, &second.access), 401);
    assert_eq!(AWX.known(&server, &pair(&server, &AWX, &app).access), 200);
}

#[test]
fn case_092_a_crash_between_rotation_and_answer_leaves_one_lineage() {
    let mut server = Server::start(Options::default());
    let app = App::new(&server, "c92", "confidential", "password");
    for round in 0..6_u64 {
        let first = pair(&server, &PLATFORM, &app);
        let answer = std::thread::scope(|scope| {
            let request = app.ask(
                server.post("/o/token/"),
                &[("grant_type", "refresh_token"), ("refresh_token", &first.refresh)],
            );
            let thread = scope.spawn(move || request.try_send().ok());
            std::thread::sleep(std::time::Duration::from_micros(round * 700));
            server.signal("KILL");
            thread.join().unwrap()
        });
        server.kill();
        server.start_again();
        let second = answer.filter(|it| it.status == 201).map(|it| Pair::of(&it));
        if let Some(second) = &second {
            assert_eq!(PLATFORM.known(&server, &second.access), 200, "what was acknowledged stays");
            assert_eq!(PLATFORM.known(&server, &first.access), 401, "and what it ended stays dead");
        }
        let late = PLATFORM.refresh(&server, &app, &first.refresh);
        match (&second, late.status) {
            // The rotation was lost with the answer: the old one is the only one, and goes on.
            (None, 201) => assert_eq!(PLATFORM.known(&server, &Pair::of(&late).access), 200),
            (_, 400) => {
                assert_eq!(error(&late), "invalid_grant");
                assert_eq!(PLATFORM.known(&server, &first.access), 401);
                if let Some(pair) = &second {
                    assert_eq!(PLATFORM.known(&server, &pair.access), 401, "a replay, also after a restart");
                    PLATFORM.refresh(&server, &app, &pair.refresh).expect(400);
                }
            }
            (_, status) => panic!("round {round}: {status}"),
        }
    }
}

#[test]
fn case_093_only_its_own_application_refreshes_and_only_as_far() {
    let server = gateway();
    let own = App::new(&server, "c93-own", "confidential", "password");
    let other = App::new(&server, "c93-other", "confidential", "password");
    let public = App::new(&server, "c93-public", "public", "password");
    for site in SITES {
        let fields = [
            ("grant_type", "password"),
            ("username", "admin"),
            ("password", ADMIN_PASSWORD),
            ("scope", "read"),
        ];
        let first = Pair::of(&site.token(&server, &own, &fields).expect(site.granted));
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &*first.refresh)];
        for foreign in [&other, &public] {
            let answer = site.token(&server, foreign, &fields).expect(400);
            assert_eq!(error(&answer), "invalid_grant");
        }
        let nameless = server.post(&site.at("token")).form(&fields).send().expect(401);
        assert_eq!(error(&nameless), "invalid_client");
        for secret in ["", "x", &own.secret.as_ref().unwrap()[1..], "$encrypted$", "************"] {
            let wrong = App { secret: Some(secret.to_owned()), ..own.clone() };
            assert_eq!(error(&site.token(&server, &wrong, &fields).expect(401)), "invalid_client");
        }
        // Without its secret a confidential one is nobody, however it writes its name.
        let bare = App { secret: None, ..own.clone() };
        assert_eq!(error(&site.token(&server, &bare, &fields).expect(401)), "invalid_client");
        for wider in ["write", "read write", "write read", "openid", "read read", "admin"] {
            let answer = site.token(&server, &own, &[&fields[..], &[("scope", wider)]].concat());
            assert_eq!((answer.status, &*error(&answer)), (400, "invalid_scope"), "{wider}");
        }
        // None of that used it up or was taken for a replay.
        assert_eq!(site.known(&server, &first.access), 200);
        let second = site.token(&server, &own, &fields).expect(site.granted);
        assert_eq!(second.json()["scope"], "read", "a wish that is left out widens nothing");
        let second = Pair::of(&second);
        let made = json!({"name": "c93"});
        let write = server.post("/api/gateway/v1/organizations/").bearer(&second.access).json(&made).send();
        assert_eq!(write.status, 403);
    }
}

#[test]
fn case_093_a_grant_ends_however_often_it_is_refreshed() {
    let config = "[oauth]\ngrant_life_days = 2\n".to_owned();
    let Some((server, clock)) = Clock::start("case_093", Options { config, ..Options::default() }) else {
        return;
    };
    let app = App::new(&server, "c93-life", "confidential", "password");
    let resting = pair(&server, &AWX, &app);
    let mut last = pair(&server, &AWX, &app);
    for hours in [12, 24, 36, 47] {
        clock.set(hours * 3600);
        last = Pair::of(&AWX.refresh(&server, &app, &last.refresh).expect(200));
    }
    clock.set(2 * DAY + 1);
    assert_eq!(AWX.refresh(&server, &app, &last.refresh).status, 403, "the grant is two days old");
    clock.set(-DAY);
    let back = AWX.refresh(&server, &app, &resting.refresh).status;
    assert!(matches!(back, 200 | 400 | 403), "{back}");
    clock.set(3 * DAY);
    assert_ne!(AWX.refresh(&server, &app, &resting.refresh).status, 200);
}

#[test]
fn case_093_a_refresh_token_of_a_disabled_or_removed_user_is_worth_nothing() {
    let server = gateway();
    let id = server.make_user("c93-user", PASSWORD);
    let app = App::new(&server, "c93-user", "confidential", "password");
    let first = PLATFORM.by_password(&server, &app, "c93-user", PASSWORD);
    server.shell(&["user", "disable", "c93-user"]);
    for site in SITES {
        assert_eq!(error(&site.refresh(&server, &app, &first.refresh).expect(400)), "invalid_grant");
        assert_eq!(site.known(&server, &first.access), 401);
        let fields = [("grant_type", "password"), ("username", "c93-user"), ("password", PASSWORD)];
        assert_eq!(error(&site.token(&server, &app, &fields).expect(400)), "invalid_grant");
    }
    server.shell(&["user", "enable", "c93-user"]);
    let second = Pair::of(&AWX.refresh(&server, &app, &first.refresh).expect(200));
    server.as_admin("DELETE", &format!("/api/gateway/v1/users/{id}/")).send().expect(204);
    // The name made again inherits nothing.
    server.make_user("c93-user", PASSWORD);
    for site in SITES {
        assert_eq!(error(&site.refresh(&server, &app, &second.refresh).expect(400)), "invalid_grant");
        assert_eq!(site.known(&server, &second.access), 401);
    }
}

#[test]
fn case_094_only_a_refresh_token_in_a_posted_form_refreshes() {
    let server = gateway();
    let app = App::new(&server, "c94", "confidential", "password");
    for site in SITES {
        let first = pair(&server, &site, &app);
        let path = site.at("token");
        let query = format!("{path}?grant_type=refresh_token&refresh_token={}", first.refresh);
        let show = |method: &str, target: &str| {
            let secret = app.secret.as_ref().unwrap();
            server.request(method, target).basic(&app.client_id, secret)
        };
        for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE"] {
            assert_eq!(show(method, &query).send().status, 405, "{method}");
        }
        assert_eq!(error(&show("POST", &query).send().expect(400)), "invalid_request");
        let fields = json!({"grant_type": "refresh_token", "refresh_token": first.refresh});
        assert_eq!(show("POST", &path).json(&fields).send().status, 400);
        // Another kind of secret in its place, and the other way round.
        let (_, personal) = server.make_token("admin", ADMIN_PASSWORD, "write");
        for wrong in [&first.access, &personal, app.secret.as_ref().unwrap(), &"a".repeat(30)] {
            assert_eq!(error(&site.refresh(&server, &app, wrong).expect(400)), "invalid_grant");
        }
        assert_eq!(site.known(&server, &first.refresh), 401, "it is no access token");
        let twice = format!("grant_type=refresh_token&refresh_token={}&refresh_token=x", first.refresh);
        let twice = show("POST", &path).body("application/x-www-form-urlencoded", twice).send();
        assert_eq!(error(&twice.expect(400)), "invalid_request");
        site.refresh(&server, &app, &first.refresh).expect(site.granted);
    }
}
