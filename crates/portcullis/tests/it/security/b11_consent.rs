//! Consent: given by the session that was asked, on a page of ours, as far as was asked; devices ask in the
//! same way.

use std::sync::Arc;

use serde_json::json;

use super::clock::Clock;
use super::grants::{App, CALLBACK, Pair, SITES, Site, error, parameter};
use super::shared::Shared;
use crate::support::{ADMIN_PASSWORD, Options, Response, Server};

const PASSWORD: &str = "a wall of old stones 5";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(|| Server::start(Options::default()))
}

#[test]
fn case_100_a_consent_is_that_of_the_session_that_was_asked() {
    let server = gateway();
    let app = App::new(&server, "c100", "confidential", "authorization-code");
    server.make_user("c100", PASSWORD);
    for site in SITES {
        let victim = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let attacker = (site.sign_in)(&server, "c100", PASSWORD);
        let path = site.at("authorize");
        let fields = [
            ("client_id", &*app.client_id),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("allow", "Authorize"),
        ];
        // The attacker's form, posted by the victim's browser; and forms from nowhere.
        let mixed = server
            .post(&path)
            .header("Cookie", format!("csrftoken={}; {}={}", attacker.csrf, victim.cookie, victim.secret));
        let page = site.see(&server, &attacker, &app, &[]).expect(200).text();
        let mask = page.split("name=\"csrfmiddlewaretoken\" value=\"").nth(1).unwrap();
        let mask = mask.split('"').next().unwrap();
        for forged in [
            mixed.clone().header("X-CSRFToken", &*attacker.csrf),
            mixed.header("X-CSRFToken", mask),
            victim.without_token(server.post(&path)),
            victim.without_token(server.post(&path)).header("X-CSRFToken", &*attacker.csrf),
            victim.without_token(server.post(&path)).header("X-CSRFToken", mask),
            victim.on(server.post(&path)).header("Origin", "https://evil.example"),
            victim.on(server.post(&path)).header("Origin", "null"),
            victim.on(server.post(&path)).header("Sec-Fetch-Site", "cross-site"),
        ] {
            let answer = forged.form(&fields).send();
            assert_eq!((answer.status, answer.header("location")), (403, None), "{}", site.root);
        }
        // Nor does a query, another body or a token consent.
        let target = format!("{}&allow=Authorize", site.question(&app, &[]));
        assert_eq!(victim.on(server.get(&target)).send().status, 200);
        let body = json!({"client_id": app.client_id, "redirect_uri": CALLBACK, "allow": "Authorize"});
        assert_eq!(victim.on(server.post(&path)).json(&body).send().status, 400);
        let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
        for known in [
            server.post(&path).bearer(&token),
            server.post(&path).basic("admin", ADMIN_PASSWORD),
            server.post(&path),
        ] {
            let answer = known.form(&fields).send().expect(302);
            let location = answer.header("location").unwrap();
            assert!(location.contains("/login/?next="), "{location}");
            assert!(!location.contains("code="), "{location}");
        }
        // A code says who consented.
        let code = site.code(&server, &attacker, &app, &[]);
        let pair = Pair::of(&site.exchange(&server, &app, &code, &[]).expect(site.granted));
        let me = server.get(site.me).bearer(&pair.access).send().expect(200).json();
        assert_eq!(me["results"][0]["username"], "c100");
    }
}

#[test]
fn case_100_a_session_of_the_other_door_is_not_asked() {
    let server = gateway();
    let app = App::new(&server, "c100-doors", "confidential", "authorization-code");
    for (site, other) in [(SITES[0], SITES[1]), (SITES[1], SITES[0])] {
        let own = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let answer = other.see(&server, &own, &app, &[]).expect(302);
        assert!(answer.header("location").unwrap().contains("/login/?next="));
        // Its value under the other name is nothing either.
        let foreign = (other.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let tossed = super::grants::Browser { secret: own.secret.clone(), ..foreign };
        other.see(&server, &tossed, &app, &[]).expect(302);
        assert_eq!(tossed.on(server.get(other.me)).send().status, 401);
    }
}

#[test]
fn case_100_a_refusal_and_a_closed_page_give_no_code() {
    let server = gateway();
    let app = App::new(&server, "c100-no", "confidential", "authorization-code");
    for site in SITES {
        let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let fields = [("client_id", &*app.client_id), ("redirect_uri", CALLBACK), ("response_type", "code")];
        for more in [&[][..], &[("allow", "")], &[("allow", "false")], &[("state", "allow=Authorize")]] {
            let fields = [&fields[..], more].concat();
            let answer = browser.on(server.post(&site.at("authorize"))).form(&fields).send().expect(302);
            let location = answer.header("location").unwrap();
            assert_eq!(parameter(location, "error").as_deref(), Some("access_denied"), "{more:?}");
            assert_eq!(parameter(location, "code"), None);
        }
        // A state that tries to be a parameter of its own stays a value.
        let state = [("state", "x&code=forged#\r\n<script>")];
        let answer = site.see(&server, &browser, &app, &state);
        assert_eq!(answer.status, 400, "control characters");
        let state = [("state", "x&code=forged#<script>\"")];
        let answer = site.consent(&server, &browser, &app, &state).expect(302);
        let location = answer.header("location").unwrap();
        assert_eq!(location.matches("code=").count(), 1, "{location}");
        assert!(!location.contains(['#', '<', '"']), "{location}");
        let page = site.see(&server, &browser, &app, &state).expect(200).text();
        assert!(!page.contains("<script>\""), "{page}");
        // HEAD only looks.
        let seen = browser.on(server.request("HEAD", &site.question(&app, &[]))).send();
        assert_eq!((seen.status, seen.header("location")), (200, None));
    }
}

fn begin(server: &Server, site: &Site, app: &App) -> (String, String) {
    let answer = app.ask(server.post(&site.at("device_authorization")), &[]).send().expect(200).json();
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    (text("device_code"), text("user_code"))
}

fn poll(server: &Server, site: &Site, app: &App, code: &str) -> Response {
    site.token(server, app, &[("grant_type", DEVICE), ("device_code", code)])
}

#[test]
fn case_104_a_device_code_is_good_once_for_its_application() {
    let server = gateway();
    let app = App::by_shell(&server, "c104", &["--type", "public", "--allow", "device"]);
    let other = App::by_shell(&server, "c104-other", &["--type", "public", "--allow", "device"]);
    let plain = App::new(&server, "c104-plain", "public", "authorization-code");
    for site in SITES {
        assert_ne!(plain.ask(server.post(&site.at("device_authorization")), &[]).send().status, 200);
        let (device, user) = begin(&server, &site, &app);
        assert_eq!(error(&poll(&server, &site, &app, &device).expect(400)), "authorization_pending");
        assert_eq!(error(&poll(&server, &site, &app, &device).expect(400)), "slow_down");
        assert_eq!(error(&poll(&server, &site, &other, &device).expect(400)), "invalid_grant");
        assert_eq!(error(&poll(&server, &site, &app, &user).expect(400)), "invalid_grant");
        let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let say = |fields: &[(&str, &str)]| browser.on(server.post(&site.at("device"))).form(fields).send();
        // Not by an address alone, and not from a foreign page.
        let target = format!("{}?user_code={user}&allow=Authorize", site.at("device"));
        browser.on(server.get(&target)).send().expect(200);
        let fields = [("user_code", &*user), ("allow", "Authorize")];
        let forged = browser.without_token(server.post(&site.at("device"))).form(&fields).send();
        assert_eq!(forged.status, 403);
        assert_ne!(poll(&server, &site, &app, &device).status, site.granted);
        say(&fields).expect(200);
        assert_eq!(say(&fields).status, 400, "decided once");
        assert_eq!(error(&poll(&server, &site, &other, &device).expect(400)), "invalid_grant");
        let pair = Pair::of(&poll(&server, &site, &app, &device).expect(site.granted));
        assert_eq!(site.known(&server, &pair.access), 200);
        assert_eq!(error(&poll(&server, &site, &app, &device).expect(400)), "invalid_grant");
        // A denied one.
        let (device, user) = begin(&server, &site, &app);
        say(&[("user_code", &user), ("deny", "1")]).expect(200);
        assert_eq!(error(&poll(&server, &site, &app, &device).expect(400)), "access_denied");
    }
}

#[test]
fn case_104_guessed_user_codes_close_the_door_whatever_session_guesses() {
    let config = "[limits]\nfailures_free = 3\nfailure_waits = [600]\nfailures_per_address_minute = 1000\n";
    let server = Server::with_config(config);
    let app = App::by_shell(&server, "c104-guess", &["--type", "public", "--allow", "device"]);
    server.make_user("c104-guesser", PASSWORD);
    server.make_user("c104-user", PASSWORD);
    let (_, user) = begin(&server, &SITES[0], &app);
    // One user with many sessions, at both doors.
    let mut statuses = Vec::new();
    for turn in 0..8 {
        let site = SITES[turn % 2];
        let browser = (site.sign_in)(&server, "c104-guesser", PASSWORD);
        let fields = [("user_code", "BCDF-GHJK")];
        statuses.push(browser.on(server.post(&site.at("device"))).form(&fields).send().status);
    }
    assert_eq!(statuses, [400, 400, 400, 429, 429, 429, 429, 429]);
    let browser = (SITES[0].sign_in)(&server, "c104-guesser", PASSWORD);
    let right = browser.on(server.post("/o/device/")).form(&[("user_code", &user), ("allow", "1")]).send();
    assert_eq!(right.status, 429, "the right code does not open it");
    // Nobody else waits, and signing in does not count.
    let browser = (SITES[1].sign_in)(&server, "c104-user", PASSWORD);
    let fields = [("user_code", &*user), ("allow", "1")];
    browser.on(server.post("/api/o/device/")).form(&fields).send().expect(200);
}

#[test]
fn case_104_many_user_codes_guessed_at_one_instant() {
    let config = "[limits]\nfailures_free = 3\nfailure_waits = [600]\nfailures_per_address_minute = 1000\n";
    let server = Server::with_config(config);
    server.make_user("c104-many", PASSWORD);
    let browsers: Vec<_> =
        (0..8).map(|number| (SITES[number % 2].sign_in)(&server, "c104-many", PASSWORD)).collect();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let ask = |number: usize| {
            let browser = &browsers[number % browsers.len()];
            let path = SITES[number % 2].at("device");
            browser.on(server.post(&path)).form(&[("user_code", "BCDF-GHJK")]).send().status
        };
        let threads: Vec<_> = (0..40).map(|number| scope.spawn(move || ask(number))).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let looked_at = statuses.iter().filter(|it| **it == 400).count();
    assert!(looked_at <= 3, "{looked_at} guesses were looked at where three were free");
    assert!(statuses.iter().all(|it| matches!(it, 400 | 429 | 503)), "{statuses:?}");
}

#[test]
fn case_104_a_device_code_dies_by_the_clock() {
    let config = "[oauth]\ndevice_code_expire_seconds = 60\n".to_owned();
    let Some((server, clock)) = Clock::start("case_104", Options { config, ..Options::default() }) else {
        return;
    };
    let app = App::by_shell(&server, "c104-life", &["--type", "public", "--allow", "device"]);
    for site in SITES {
        clock.set(0);
        let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let (device, user) = begin(&server, &site, &app);
        let (allowed, typed) = begin(&server, &site, &app);
        let say = |code: &str| {
            let fields = [("user_code", code), ("allow", "1")];
            browser.on(server.post(&site.at("device"))).form(&fields).send().status
        };
        assert_eq!(say(&typed), 200);
        clock.set(61);
        assert_eq!(say(&user), 400);
        for code in [&device, &allowed] {
            let answer = poll(&server, &site, &app, code).expect(400);
            assert!(["expired_token", "invalid_grant"].contains(&&*error(&answer)), "{}", error(&answer));
        }
    }
}

#[test]
fn case_105_no_foreign_page_frames_a_question() {
    let server = gateway();
    let app = App::new(&server, "c105", "confidential", "authorization-code");
    for site in SITES {
        let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let pages = [
            site.see(&server, &browser, &app, &[]).expect(200),
            site.see(&server, &browser, &app, &[("redirect_uri", "https://evil.example")]).expect(400),
            browser.on(server.get(&site.at("device"))).send().expect(200),
            browser.without_token(server.post(&site.at("device"))).form(&[]).send().expect(403),
        ];
        for page in pages {
            assert_eq!(page.header("x-frame-options"), Some("DENY"), "{}", site.root);
            let policy = page.header("content-security-policy").unwrap();
            assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
            assert!(!policy.contains("unsafe"), "{policy}");
            assert!(page.header("cache-control").unwrap().contains("no-store"));
        }
    }
}

#[test]
fn case_106_a_scope_beyond_measure_is_refused() {
    let server = gateway();
    let code = App::new(&server, "c106-code", "confidential", "authorization-code");
    let password = App::new(&server, "c106-password", "confidential", "password");
    let scopes =
        ["read".repeat(50_000), "read ".repeat(40_000), "a ".repeat(100_000), "read\u{a0}write".into()];
    for site in SITES {
        let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        for scope in &scopes {
            let size = scope.len();
            let fields = [
                ("grant_type", "password"),
                ("username", "admin"),
                ("password", ADMIN_PASSWORD),
                ("scope", scope),
            ];
            assert_eq!(site.token(&server, &password, &fields).status, 400, "{size}");
            let answer = site.consent(&server, &browser, &code, &[("scope", scope)]);
            match answer.header("location") {
                Some(location) => assert_eq!(parameter(location, "error").unwrap(), "invalid_scope"),
                None => assert_eq!(answer.status, 400, "{size}"),
            }
            // In an address the head's own limit may come first.
            let answer = browser.on(server.get(&site.question(&code, &[("scope", scope)]))).try_send();
            let status = answer.map_or(0, |it| it.status);
            assert!(matches!(status, 0 | 302 | 400 | 414 | 431), "{size}: {status}");
        }
        assert_eq!(browser.on(server.get(site.me)).send().status, 200, "it still serves");
    }
}
