//! Sessions: a hundred at most, the least recently used goes, and the newest always lives.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{DEVICES, Login, Manager, SERVER, assert_dead, enter};
use crate::support::ADMIN_PASSWORD;
use crate::support::raw::Dice;

/// Most sessions at once (Catalyst contract section B).
const MOST: usize = 100;

fn manager() -> Manager {
    let manager = Manager::new();
    manager.set("catalyst.requestsPerSecond", "0");
    manager
}

/// Signs in so often, one after the other.
fn enter_times(manager: &Manager, times: usize) -> Vec<Login> {
    (0..times).map(|_| enter(&manager.server, "admin", ADMIN_PASSWORD)).collect()
}

fn is_alive(manager: &Manager, login: &Login) -> bool {
    let answer = manager.get(login, DEVICES);
    if answer.status != 200 {
        assert_dead(&answer);
    }
    answer.status == 200
}

/// Which of them live. To look is a use, so a test looks once, at its end.
fn alive(manager: &Manager, logins: &[Login]) -> Vec<usize> {
    (0..logins.len()).filter(|it| is_alive(manager, &logins[*it])).collect()
}

/// How many live, asked with a key, which is no session.
fn count(manager: &Manager, key: &str) -> usize {
    let answer = manager.server.get("/dataservice/admin/user/activeSessions").bearer(key).send();
    answer.expect(200).json()["data"].as_array().unwrap().len()
}

#[test]
fn the_101st_login_takes_the_place_of_the_least_recently_used() {
    let manager = manager();
    let logins = enter_times(&manager, MOST);
    // The first is the oldest, but was used since.
    assert!(is_alive(&manager, &logins[0]));
    let newest = enter(&manager.server, "admin", ADMIN_PASSWORD);
    assert!(is_alive(&manager, &newest));
    let expected: Vec<_> = (0..MOST).filter(|it| *it != 1).collect();
    assert_eq!(alive(&manager, &logins), expected);
}

#[test]
fn the_audit_log_tells_which_session_took_the_place_of_which() {
    let manager = Manager::new();
    manager.set("catalyst.maxSessions", "1");
    let (first, second) = (enter_times(&manager, 1), enter_times(&manager, 1));
    assert!(!is_alive(&manager, &first[0]) && is_alive(&manager, &second[0]));
    let file = manager.server.data_dir().join("audit.jsonl");
    // Events are written behind the answer.
    let told = (0..100).find_map(|_| {
        let audit = std::fs::read_to_string(&file).unwrap();
        let line = audit.lines().find(|it| it.contains("session_evict")).map(str::to_owned);
        if line.is_none() {
            std::thread::sleep(Duration::from_millis(50));
        }
        line
    });
    let told: serde_json::Value = serde_json::from_str(&told.expect("an event")).unwrap();
    assert_eq!(told["user"], "admin");
    let (old, new) = (told["session_id"].as_i64().unwrap() - 1, told["session_id"].as_i64().unwrap());
    assert!(
        told["detail"].as_str().unwrap().contains(&format!("session {new} in the place of {old}")),
        "{told}"
    );
}

#[test]
fn who_goes_is_decided_by_the_last_use_exactly() {
    let manager = manager();
    let logins = enter_times(&manager, MOST);
    let mut order: Vec<usize> = (0..MOST).collect();
    let mut dice = Dice::new(17);
    for at in (1..MOST).rev() {
        order.swap(at, dice.below(at + 1));
    }
    for (number, it) in order.iter().enumerate() {
        // Uses here and at the service behind count alike, and so do refused ones.
        let target = [DEVICES, SERVER, "/dataservice/admin/user"][number % 3];
        manager.get(&logins[*it], target).expect(200);
    }
    let newer = enter_times(&manager, 30);
    let mut expected = order[30..].to_vec();
    expected.sort_unstable();
    assert_eq!(alive(&manager, &logins), expected);
    assert_eq!(alive(&manager, &newer).len(), 30);
}

#[test]
fn a_thousand_logins_in_order_leave_the_last_hundred() {
    let manager = manager();
    let logins = enter_times(&manager, 1000);
    assert_eq!(alive(&manager, &logins), (900..1000).collect::<Vec<_>>());
}

#[test]
fn a_thousand_logins_at_once_never_leave_more_than_a_hundred() {
    let manager = manager();
    let (_, key) = manager.server.make_token("admin", ADMIN_PASSWORD, "read");
    let is_over = AtomicBool::new(false);
    let (logins, most) = std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut most = 0;
            while !is_over.load(Ordering::Relaxed) {
                most = most.max(count(&manager, &key));
            }
            most
        });
        let threads: Vec<_> = (0..20).map(|_| scope.spawn(|| enter_times(&manager, 50))).collect();
        let logins: Vec<Login> = threads.into_iter().flat_map(|it| it.join().unwrap()).collect();
        is_over.store(true, Ordering::Relaxed);
        (logins, watch.join().unwrap())
    });
    assert!(most <= MOST, "{most} sessions lived at once");
    assert_eq!(count(&manager, &key), MOST);
    let last = enter(&manager.server, "admin", ADMIN_PASSWORD);
    assert!(is_alive(&manager, &last), "the newest lives");
    assert_eq!(alive(&manager, &logins).len(), MOST - 1);
}

#[test]
fn a_hundred_and_one_logins_at_once_leave_a_hundred() {
    let manager = manager();
    let logins: Vec<Login> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..=MOST).map(|_| scope.spawn(|| enter(&manager.server, "admin", ADMIN_PASSWORD))).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(alive(&manager, &logins).len(), MOST);
    let mut cookies: Vec<_> = logins.iter().map(|it| &it.cookie).collect();
    cookies.sort_unstable();
    cookies.dedup();
    assert_eq!(cookies.len(), MOST + 1);
}

#[test]
fn sessions_of_other_doors_neither_count_nor_go() {
    let manager = manager();
    let browser = manager.server.sign_in("admin", ADMIN_PASSWORD);
    let logins = enter_times(&manager, MOST + 1);
    assert_eq!(alive(&manager, &logins).len(), MOST);
    assert_eq!(manager.server.me(|it| browser.on(it)), 200);
    let (_, key) = manager.server.make_token("admin", ADMIN_PASSWORD, "read");
    assert_eq!(count(&manager, &key), MOST, "the other door's session is not shown here");
}

#[test]
fn a_user_with_too_many_sessions_loses_the_least_recently_used_of_them() {
    let manager = manager();
    let admin = manager.admin();
    for name in ["rose", "basil"] {
        manager.make_user(&admin, name, &["basic"]);
    }
    let setting = "/dataservice/settings/configuration/maxSessionsPerUser";
    let wanted = serde_json::json!({"maxSessionsPerUser": 3});
    manager.change(&admin, "PUT", setting, &wanted).expect(200);
    assert_eq!(manager.data(&admin, setting)[0], wanted);
    let basil = enter(&manager.server, "basil", super::PASSWORD);
    let roses: Vec<_> = (0..3).map(|_| enter(&manager.server, "rose", super::PASSWORD)).collect();
    assert!(is_alive(&manager, &roses[0]));
    let newest = enter(&manager.server, "rose", super::PASSWORD);
    assert_eq!(alive(&manager, &roses), [0, 2]);
    assert!(is_alive(&manager, &newest) && is_alive(&manager, &basil) && is_alive(&manager, &admin));
}

#[test]
fn the_settings_of_the_contract_are_read_and_set_as_it_says() {
    let manager = manager();
    let admin = manager.admin();
    let path = |name: &str| format!("/dataservice/settings/configuration/{name}");
    for (name, standard, other, wrong) in [
        ("sessionLifeTime", 1440, 30, 29),
        ("serverSessionTimeout", 30, 20, 31),
        ("sessionLifeTime", 30, 10080, 10081),
        ("serverSessionTimeout", 20, 10, 9),
    ] {
        let body = |value: i64| serde_json::json!({ name: value });
        assert_eq!(manager.data(&admin, &path(name)), serde_json::json!([body(standard)]));
        assert!(manager.change(&admin, "PUT", &path(name), &body(wrong)).status >= 400, "{name} {wrong}");
        manager.change(&admin, "PUT", &path(name), &body(other)).expect(200);
        assert_eq!(manager.data(&admin, &path(name)), serde_json::json!([body(other)]));
    }
    manager.make_user(&admin, "basil", &["basic"]);
    let basil = manager.sign_in("basil", super::PASSWORD);
    let wanted = serde_json::json!({"sessionLifeTime": 600});
    manager.change(&basil, "PUT", &path("sessionLifeTime"), &wanted).expect(403);
    assert_eq!(manager.seen().len(), 0);
}

#[test]
fn sessions_are_shown_with_their_place_among_those_that_go() {
    let manager = manager();
    let logins = enter_times(&manager, 3);
    assert!(is_alive(&manager, &logins[0]));
    let listed = manager.server.shell_json(&["session", "list"]);
    let text = listed.to_string();
    assert_eq!(listed.as_array().unwrap().len(), 3, "{listed}");
    for login in &logins {
        assert!(!text.contains(&login.cookie), "{listed}");
    }
}

#[test]
fn a_session_is_ended_from_the_list_of_active_ones() {
    let manager = manager();
    let admin = manager.admin();
    for name in ["rose", "basil", "mint"] {
        manager.make_user(&admin, name, &["basic"]);
    }
    let [rose, basil, mint] = ["rose", "basil", "mint"].map(|it| manager.sign_in(it, super::PASSWORD));
    let listed = manager.data(&admin, "/dataservice/admin/user/activeSessions");
    let of =
        |name: &str| listed.as_array().unwrap().iter().find(|it| it["rawUserName"] == name).unwrap().clone();
    assert_eq!(listed.as_array().unwrap().len(), 3, "all but the asking one: {listed}");
    for login in [&admin, &rose, &basil, &mint] {
        assert!(!listed.to_string().contains(&login.cookie), "{listed}");
    }
    let wanted = |it: &serde_json::Value| serde_json::json!({"uuid": it["uuid"], "tenantId": it["tenantId"], "rawId": it["rawId"]});
    let remove = "/dataservice/admin/user/removeSessions";
    let bare = serde_json::json!([wanted(&of("rose"))]);
    let wrapped = serde_json::json!({"data": [wanted(&of("basil"))]});
    manager.change(&mint, "DELETE", remove, &bare).expect(403);
    manager.get(&mint, "/dataservice/admin/user/activeSessions").expect(403);
    assert!(is_alive(&manager, &rose));
    for body in [bare, wrapped] {
        let answer = manager.change(&admin, "DELETE", remove, &body).expect(200).json();
        assert!(answer["data"]["message"].is_string(), "{answer}");
    }
    assert_eq!([&rose, &basil, &mint, &admin].map(|it| is_alive(&manager, it)), [false, false, true, true]);
}

#[test]
fn a_user_who_signs_in_often_at_once_never_has_more_than_allowed() {
    let manager = manager();
    let admin = manager.admin();
    manager.set("catalyst.maxSessionsPerUser", "3");
    manager.make_user(&admin, "rose", &["basic"]);
    let roses: Vec<Login> = std::thread::scope(|scope| {
        let begin = || enter(&manager.server, "rose", super::PASSWORD);
        let threads: Vec<_> = (0..24).map(|_| scope.spawn(begin)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(alive(&manager, &roses).len(), 3);
    assert!(is_alive(&manager, &admin));
}

#[test]
fn a_limit_for_all_doors_takes_the_least_recently_used_of_any() {
    let manager = manager();
    manager.set("portcullis.sessions_max", "4");
    let server = &manager.server;
    let browser = server.sign_in("admin", ADMIN_PASSWORD);
    let first = enter(server, "admin", ADMIN_PASSWORD);
    let request = server.encrypted("POST", &format!("{}/soc", crate::apprenda::SESSIONS));
    let body = crate::apprenda::fields("admin", ADMIN_PASSWORD);
    let token = crate::apprenda::token_in(&request.json(&body).send_encrypted().expect(201));
    let awx = crate::security::grants::awx_sign_in(server, "admin", ADMIN_PASSWORD);
    assert_eq!(server.me(|it| browser.on(it)), 200);
    // The Manager's session rests longest, then Apprenda's.
    let second = enter(server, "admin", ADMIN_PASSWORD);
    assert_dead(&manager.get(&first, DEVICES));
    let third = enter(server, "admin", ADMIN_PASSWORD);
    let own = format!("{}/developer/tenants", crate::apprenda::SESSIONS);
    let shown = server.encrypted("GET", &own).header("ApprendaSessionToken", &*token);
    assert_eq!(shown.send_encrypted().status, 401);
    assert_eq!(
        server.get("/api/v2/me/").header("Cookie", format!("awx_sessionid={}", awx.secret)).send().status,
        200
    );
    assert_eq!(server.me(|it| browser.on(it)), 200);
    assert!(is_alive(&manager, &second) && is_alive(&manager, &third));
}

#[test]
fn a_session_whose_place_was_taken_is_dead_when_the_login_is_answered() {
    let manager = manager();
    manager.set("catalyst.maxSessions", "1");
    for _ in 0..5 {
        let old = enter(&manager.server, "admin", ADMIN_PASSWORD);
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        manager.get(&old, DEVICES);
                    }
                });
            }
            let new = enter(&manager.server, "admin", ADMIN_PASSWORD);
            for _ in 0..10 {
                assert_dead(&manager.get(&old, DEVICES));
                assert_dead(&manager.get(&old, SERVER));
            }
            assert!(is_alive(&manager, &new));
            is_over.store(true, Ordering::Relaxed);
        });
    }
}
