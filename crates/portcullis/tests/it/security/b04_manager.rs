//! Sessions of Catalyst's door: planted, replayed, used elsewhere, ended, timed, too many (cases 33-39, 41-48).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::clock::Clock;
use super::grants::awx_sign_in;
use crate::catalyst::{DEVICES, LOGIN, Login, Manager, PASSWORD, SERVER, TOKEN, answer, assert_dead};
use crate::catalyst::{enter, is_in, is_out, send_form, service, sign_in};
use crate::support::{ADMIN_PASSWORD, Options, Response, Upstream};

const HOUR: i64 = 3600;

fn with_clock(test: &str) -> Option<(Manager, Clock)> {
    let upstream = Upstream::scripted(|_| answer(200, "{\"data\":[]}"));
    let options = Options { config: service(&upstream, ""), ..Options::default() };
    let (server, clock) = Clock::start(test, options)?;
    Some((Manager { server, upstream }, clock))
}

/// Fills in the form as a client does that holds these cookies.
fn enter_holding(manager: &Manager, held: &str, username: &str, password: &str) -> Response {
    let form = [("j_username", username), ("j_password", password)];
    manager.server.post(LOGIN).header("Cookie", held).form(&form).send()
}

#[track_caller]
fn is_alive(manager: &Manager, login: &Login) -> bool {
    let (own, behind) = (manager.get(login, SERVER), manager.get(login, DEVICES));
    assert_eq!(own.status, behind.status, "both doors agree");
    if own.status != 200 {
        assert_dead(&own);
        assert_dead(&behind);
    }
    own.status == 200
}

#[test]
fn case_033_a_planted_catalyst_session_is_never_taken_over() {
    let manager = Manager::new();
    let admin = manager.admin();
    manager.make_user(&admin, "victim", &["basic"]);
    manager.make_user(&admin, "attacker", &["basic"]);
    let live = manager.sign_in("attacker", PASSWORD);
    let made_up = format!("{}.{}", "a".repeat(40), &live.cookie[41..]);
    for planted in [&made_up, &live.cookie, &"x".to_owned()] {
        let held = format!("JSESSIONID={planted}");
        let given = enter_holding(&manager, &held, "victim", PASSWORD);
        assert!(is_in(&given), "{given:#?}");
        let given = Login { cookie: given.cookie("JSESSIONID").unwrap().to_owned(), xsrf: String::new() };
        assert_ne!(given.cookie, *planted);
        assert_eq!(manager.data(&given, SERVER)["user"], "victim");
        let planted = Login { cookie: planted.clone(), xsrf: live.xsrf.clone() };
        assert!(!is_alive(&manager, &planted), "{planted:?}");
        // The token that the attacker knows is not the token of the victim's session.
        let mixed = Login { cookie: given.cookie, xsrf: live.xsrf.clone() };
        manager.change(&mixed, "POST", DEVICES, &json!({})).expect(403);
    }
}

#[test]
fn case_034_signing_in_again_at_catalyst_s_door_begins_another_session() {
    let manager = Manager::new();
    let first = manager.admin();
    let elsewhere = manager.admin();
    let held = format!("JSESSIONID={}", first.cookie);
    assert!(is_out(&enter_holding(&manager, &held, "admin", "wrong")));
    assert!(is_alive(&manager, &first), "a failure leaves it alone");
    let again = enter_holding(&manager, &held, "admin", ADMIN_PASSWORD);
    let second = Login { cookie: again.cookie("JSESSIONID").unwrap().to_owned(), xsrf: String::new() };
    assert_ne!(second.cookie, first.cookie);
    assert_eq!([&first, &second, &elsewhere].map(|it| is_alive(&manager, it)), [false, true, true]);
    assert_ne!(manager.get(&second, TOKEN).text(), first.xsrf);
}

#[test]
fn case_035_catalyst_session_ids_are_long_distinct_and_even() {
    const COUNT: usize = 300;
    let manager = Manager::new();
    let mut secrets = BTreeSet::new();
    let mut counts = BTreeMap::new();
    for _ in 0..COUNT {
        let login = enter(&manager.server, "admin", ADMIN_PASSWORD);
        let (secret, node) = login.cookie.split_once('.').unwrap();
        assert_eq!((secret.len(), node.len()), (40, 36), "{}", login.cookie);
        for letter in secret.chars() {
            *counts.entry(letter).or_insert(0_usize) += 1;
        }
        secrets.insert(secret.to_owned());
    }
    assert_eq!(secrets.len(), COUNT);
    // 12,000 letters over 64 kinds: 188 of each, give or take seven times the deviation of 14.
    assert_eq!(counts.len(), 64, "{counts:?}");
    assert!(counts.values().all(|count| (92..=284).contains(count)), "{counts:?}");
}

#[test]
fn case_036_a_catalyst_cookie_is_dead_after_signing_out() {
    let manager = Manager::new();
    for (method, with_token) in [("POST", true), ("POST", false), ("GET", false)] {
        let (session, other) = (manager.admin(), manager.admin());
        let request = manager.server.request(method, "/logout");
        let request = if with_token { session.on(request) } else { session.without_token(request) };
        request.send().expect(302);
        assert!(!is_alive(&manager, &session), "{method}");
        let changed = manager.change(&session, "POST", DEVICES, &json!({}));
        assert_eq!(changed.status, 401, "{method}");
        assert!(is_alive(&manager, &other), "{method}");
        // Signing out twice, or without any session, is the same answer.
        for request in [
            session.on(manager.server.request(method, "/logout")),
            manager.server.request(method, "/logout"),
            manager.server.request(method, "/logout").header("Cookie", "JSESSIONID=x"),
        ] {
            let again = request.send().expect(302);
            assert!(again.header("location").unwrap().starts_with("/welcome.html?nocache="));
        }
        assert!(is_alive(&manager, &other), "{method}");
    }
}

#[test]
fn case_038_a_catalyst_session_rests_for_29_minutes_59_and_not_for_30_01() {
    let Some((manager, clock)) = with_clock("case_038_rest") else { return };
    let (used, idle) = (manager.admin(), manager.admin());
    // Some seconds short, since the clock goes on while the test runs.
    clock.set(1790);
    assert!(is_alive(&manager, &used));
    clock.set(1801);
    assert!(!is_alive(&manager, &idle));
    assert!(is_alive(&manager, &used), "its rest began anew");
    clock.set(1801 + 1790);
    assert!(is_alive(&manager, &used));
    clock.set(1801 + 1790 + 1801);
    assert!(!is_alive(&manager, &used));
    // What is dead is not revived by a clock that goes back (case 48).
    clock.set(0);
    assert!(!is_alive(&manager, &used) && !is_alive(&manager, &idle));
}

#[test]
fn case_038_a_catalyst_session_ends_after_24_hours_however_busy() {
    let Some((manager, clock)) = with_clock("case_038_overall") else { return };
    let session = manager.admin();
    for step in 1..58 {
        clock.set(step * 1500);
        manager.get(&session, [DEVICES, SERVER][usize::try_from(step % 2).unwrap()]).expect(200);
    }
    clock.set(24 * HOUR - 10);
    assert!(is_alive(&manager, &session));
    clock.set(24 * HOUR + 1);
    assert!(!is_alive(&manager, &session));
    // Another lifetime is for later sign-ins, as the contract's own setting says.
    let admin = manager.admin();
    let wanted = json!({"sessionLifeTime": 30});
    let setting = "/dataservice/settings/configuration/sessionLifeTime";
    manager.change(&admin, "PUT", setting, &wanted).expect(200);
    let short = manager.admin();
    for step in 1..3 {
        clock.set(24 * HOUR + step * 890);
        assert!(is_alive(&manager, &short) && is_alive(&manager, &admin), "{step}");
    }
    clock.set(25 * HOUR);
    assert!(!is_alive(&manager, &short));
}

#[test]
fn case_039_the_101st_session_takes_the_place_of_the_least_recently_used() {
    let manager = Manager::new();
    manager.set("catalyst.requestsPerSecond", "0");
    let mut logins: Vec<_> = (0..80).map(|_| enter(&manager.server, "admin", ADMIN_PASSWORD)).collect();
    let more: Vec<Login> = std::thread::scope(|scope| {
        let begin = || enter(&manager.server, "admin", ADMIN_PASSWORD);
        let threads: Vec<_> = (0..20).map(|_| scope.spawn(begin)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    logins.extend(more);
    manager.get(&logins[0], DEVICES).expect(200);
    logins.push(enter(&manager.server, "admin", ADMIN_PASSWORD));
    let dead: Vec<_> = (0..101).filter(|it| manager.get(&logins[*it], DEVICES).status != 200).collect();
    assert_eq!(dead, [1]);
}

#[test]
fn case_041_every_proof_at_catalyst_s_door_dies_with_its_user_or_password() {
    let manager = Manager::new();
    let admin = manager.admin();
    let users = "/dataservice/admin/user";
    for way in ["disabled", "removed", "with another password"] {
        let name = &*way.replace(' ', "-");
        manager.make_user(&admin, name, &["basic"]);
        let session = manager.sign_in(name, PASSWORD);
        let jwt = manager.server.post("/jwt/login").json(&json!({"username": name, "password": PASSWORD}));
        let jwt = jwt.send().expect(200).json();
        let token = jwt["token"].as_str().unwrap();
        assert!(is_alive(&manager, &session));
        manager.server.get(DEVICES).bearer(token).send().expect(200);
        match way {
            "disabled" => drop(manager.server.shell(&["user", "disable", name])),
            "removed" => {
                let target = format!("{users}/{name}");
                admin.on(manager.server.request("DELETE", &target)).send().expect(200);
            }
            _ => {
                let body = json!({
                    "userName": name, "currentUserPassword": ADMIN_PASSWORD, "password": "another one 1234",
                });
                manager.change(&admin, "PUT", &format!("{users}/password/{name}"), &body).expect(200);
            }
        }
        assert!(!is_alive(&manager, &session), "{way}");
        manager.server.get(DEVICES).bearer(token).send().expect(401);
        manager.server.post("/jwt/refresh").json(&json!({"refresh": jwt["refresh"]})).send().expect(401);
        assert!(is_out(&send_form(&manager.server, name, PASSWORD)), "{way}");
        assert!(is_alive(&manager, &admin));
    }
    // The name, given again, inherits nothing (case 42).
    manager.make_user(&admin, "again", &["basic"]);
    let session = manager.sign_in("again", PASSWORD);
    admin.on(manager.server.request("DELETE", &format!("{users}/again"))).send().expect(200);
    manager.make_user(&admin, "again", &["netadmin"]);
    assert!(!is_alive(&manager, &session));
}

#[test]
fn case_043_a_live_catalyst_session_sees_rights_go() {
    let manager = Manager::new();
    let admin = manager.admin();
    manager.make_user(&admin, "rose", &["netadmin"]);
    let rose = manager.sign_in("rose", PASSWORD);
    let told = |login: &Login| manager.data(login, SERVER)["roles"].clone();
    assert_eq!(told(&rose), json!(["netadmin"]));
    manager.get(&rose, "/dataservice/admin/user/activeSessions").expect(200);
    let change = json!({"userName": "rose", "group": ["basic"]});
    manager.change(&admin, "PUT", "/dataservice/admin/user/rose", &change).expect(200);
    assert_eq!(told(&rose), json!(["basic"]));
    manager.get(&rose, "/dataservice/admin/user/activeSessions").expect(403);
    let user = json!({"userName": "x", "password": PASSWORD, "group": ["netadmin"]});
    manager.change(&rose, "POST", "/dataservice/admin/user", &user).expect(403);
}

#[test]
fn case_044_a_session_of_one_door_is_nothing_at_catalyst_s_and_the_other_way_round() {
    let manager = Manager::new();
    let server = &manager.server;
    let session = manager.admin();
    let (platform, awx) =
        (server.sign_in("admin", ADMIN_PASSWORD), awx_sign_in(server, "admin", ADMIN_PASSWORD));
    let (_, key) = server.make_token("admin", ADMIN_PASSWORD, "write");
    for foreign in [&platform.secret, &awx.secret, &key, &session.xsrf, &platform.csrf] {
        let foreign = Login { cookie: foreign.clone(), xsrf: session.xsrf.clone() };
        assert!(!is_alive(&manager, &foreign), "{foreign:?}");
    }
    for name in
        ["gateway_sessionid", "awx_sessionid", "sessionid", "jsessionid", "JSESSIONIDSSO", "JSESSIONID2"]
    {
        let cookie = format!("{name}={}", session.cookie);
        assert_eq!(server.me(|it| it.header("Cookie", &*cookie)), 401, "{name}");
        assert_eq!(server.get("/api/v2/me/").header("Cookie", &*cookie).send().status, 401, "{name}");
        assert_eq!(server.get(SERVER).header("Cookie", &*cookie).send().status, 401, "{name}");
    }
    assert_eq!(server.me(|it| it.header("Cookie", format!("JSESSIONID={}", session.cookie))), 401);
    assert_eq!(server.me(|it| it.bearer(&session.cookie)), 401);
    server.get(SERVER).bearer(&session.cookie).send().expect(401);
    let (secret, node) = session.cookie.split_once('.').unwrap();
    for bent in [
        secret.to_owned(),
        format!("{secret}."),
        format!("{secret}.{}", node.to_uppercase()),
        format!("{}.{node}", secret.to_lowercase()),
        format!("{}a", session.cookie),
        format!("\"{}\"", session.cookie),
        format!("%4a{}", session.cookie),
    ] {
        let bent = Login { cookie: bent, xsrf: String::new() };
        assert!(bent.cookie == session.cookie || !is_alive(&manager, &bent), "{bent:?}");
    }
    assert!(is_alive(&manager, &session));
}

#[test]
fn case_045_a_catalyst_session_may_be_used_by_another_program() {
    let manager = Manager::new();
    let session = manager.admin();
    for agent in ["catalystwan/0.41.6", "curl/8", ""] {
        let request = session.without_token(manager.server.get(DEVICES)).header("User-Agent", agent);
        request.send().expect(200);
    }
    // Over https as well: a robot shares one session among its workers.
    let request = session.without_token(manager.server.encrypted("GET", DEVICES));
    request.send_encrypted().expect(200);
    let audit = std::fs::read_to_string(manager.server.data_dir().join("audit.jsonl")).unwrap();
    assert!(audit.contains("\"sign_in\"") && audit.contains("127.0.0.1"), "{audit}");
}

#[test]
fn case_046_an_operator_ends_catalyst_sessions() {
    let manager = Manager::new();
    let admin = manager.admin();
    manager.make_user(&admin, "rose", &["basic"]);
    let sessions: Vec<_> = (0..3).map(|_| manager.sign_in("rose", PASSWORD)).collect();
    let listed = manager.server.shell_json(&["session", "list", "--user", "rose"]);
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 3, "{listed:?}");
    manager.server.shell(&["session", "expire", &listed[0]["id"].to_string()]);
    let alive: Vec<_> = sessions.iter().map(|it| is_alive(&manager, it)).collect();
    assert_eq!(alive.iter().filter(|it| **it).count(), 2);
    manager.server.shell(&["session", "expire", "--user", "rose"]);
    assert!(sessions.iter().all(|it| !is_alive(&manager, it)));
    assert!(is_alive(&manager, &admin));
    assert!(is_in(&send_form(&manager.server, "rose", PASSWORD)), "the user itself goes on");
}

#[test]
fn case_047_no_catalyst_cookie_lives_longer_than_its_browser() {
    let manager = Manager::new();
    let answer = send_form(&manager.server, "admin", ADMIN_PASSWORD);
    let line = answer.set_cookie("JSESSIONID").unwrap().to_lowercase();
    assert!(!line.contains("max-age") && !line.contains("expires"), "{line}");
    let session = sign_in(&manager.server, "admin", ADMIN_PASSWORD);
    assert!(manager.get(&session, DEVICES).header("set-cookie").is_none());
}
