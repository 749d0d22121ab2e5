//! Authorization codes: where they are sent, who may show them, how often and for how long.

use std::sync::{Arc, Barrier};

use serde_json::json;

use super::clock::Clock;
use super::grants::{App, CALLBACK, CHALLENGE, PLATFORM, Pair, SITES, VERIFIER, error, parameter, told};
use super::shared::Shared;
use crate::support::http::encode;
use crate::support::{ADMIN_PASSWORD, Options, Server};

const PASSWORD: &str = "a wall of old stones 5";
const PKCE: [(&str, &str); 2] = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(|| Server::start(Options::default()))
}

#[test]
fn case_095_nothing_but_the_registered_address_is_redirected_to() {
    let server = gateway();
    let app = App::new(&server, "c95", "confidential", "authorization-code");
    let wrong = [
        "https://app.example/callback/",
        "https://app.example/callback/../evil",
        "https://app.example/callback/%2e%2e/evil",
        "https://app.example/callback?x=1",
        "https://app.example/callback#x",
        "https://app.example/callback%23",
        "https://app.example/callback%0d%0aSet-Cookie:x=y",
        "https://app.example/callback\r\nSet-Cookie: x=y",
        "https://app.example/callbackx",
        "https://app.example/",
        "https://app.example",
        "https://app.example:443/callback",
        "https://app.example:8443/callback",
        "https://app.example./callback",
        "http://app.example/callback",
        "HTTPS://app.example/callback",
        "https://APP.example/callback",
        "https://app.example/Callback",
        "https://app.example/c%61llback",
        "https://app.example//callback",
        "https://app.example/;/callback",
        "https://app.example\\@evil.example/callback",
        "https://user@app.example/callback",
        "https://app.example@evil.example/callback",
        "https://app.example.evil.example/callback",
        "https://evil.example/?https://app.example/callback",
        "//app.example/callback",
        "/callback",
        "javascript:alert(1)//https://app.example/callback",
        "data:text/html,x",
        " https://app.example/callback",
        "https://app.example/callback ",
        "https://app.example/callback https://evil.example/",
        "*",
        "null",
        "http://127.0.0.1:1/callback",
    ];
    for site in SITES {
        let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        for uri in wrong {
            let more = [("redirect_uri", uri)];
            for answer in
                [site.see(&server, &browser, &app, &more), site.consent(&server, &browser, &app, &more)]
            {
                assert_eq!(answer.status, 400, "{} {uri:?}", site.root);
                assert_eq!(answer.header("location"), None, "{uri:?}");
                assert!(!answer.text().contains("evil.example"), "{uri:?}");
            }
        }
        // Twice in one request, the right one first or last; the client named twice.
        for (first, second) in [(CALLBACK, "https://evil.example/"), ("https://evil.example/", CALLBACK)] {
            let target = format!(
                "{}?response_type=code&client_id={}&redirect_uri={}&redirect_uri={}",
                site.at("authorize"),
                app.client_id,
                encode(first),
                encode(second)
            );
            let answer = browser.on(server.get(&target)).send().expect(400);
            assert_eq!(answer.header("location"), None);
        }
        let unknown = site.see(&server, &browser, &app, &[("client_id", "nobody")]).expect(400);
        assert_eq!(unknown.header("location"), None);
        // An error goes to the registered address, to no other.
        let told = site.see(&server, &browser, &app, &[("scope", "rainbow"), ("state", "s")]).expect(302);
        let location = told.header("location").unwrap();
        assert!(location.starts_with(&format!("{CALLBACK}?")), "{location}");
        assert_eq!(parameter(location, "error").unwrap(), "invalid_scope");
    }
}

#[test]
fn case_095_what_cannot_be_an_address_is_not_registered() {
    let server = gateway();
    let organization = server.make("organizations", &json!({"name": "c95-register"}));
    let browser = (PLATFORM.sign_in)(&server, "admin", ADMIN_PASSWORD);
    for uri in [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://app.example/",
        "app:/callback",
        "https://",
        "https:///callback",
        "https://app.example/#x",
        "https://user:secret@app.example/",
        "https://app.example\\@evil.example/",
        "https://app.example/<script>",
        "https://app.example/\"",
        "https://app.example/ü",
        "//app.example/",
        "https://app.example/ javascript:alert(1)",
    ] {
        let fields = json!({
            "name": "c95-register", "organization": organization, "client_type": "confidential",
            "authorization_grant_type": "authorization-code", "redirect_uris": uri
        });
        let answer = server.as_admin("POST", "/api/v2/applications/").json(&fields).send();
        assert_eq!(answer.status, 400, "{uri:?}: {}", answer.text());
        // The platform's contract keeps any text; what cannot be an address is not redirected to.
        let more = json!({"redirect_uris": uri, "organization": organization});
        let app = App::with(&server, &format!("c95 {uri}"), "confidential", "authorization-code", &more);
        for asked in ["", uri] {
            let answer = PLATFORM.consent(&server, &browser, &app, &[("redirect_uri", asked)]);
            let location = answer.header("location").unwrap_or_default();
            let is_safe = location.is_empty() || location.starts_with("https://app.example/?code=");
            assert!(is_safe, "{uri:?}: {location}");
        }
    }
}

#[test]
fn case_096_only_a_loopback_address_may_have_another_port() {
    let server = gateway();
    let more = json!({"redirect_uris": "http://127.0.0.1/cb http://[::1]:5000/cb http://localhost/cb \
                                       https://127.0.0.1/tls"});
    let app = App::with(&server, "c96", "public", "authorization-code", &more);
    for site in SITES {
        let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let ask = |uri: &str| {
            let pairs = [&PKCE[..], &[("redirect_uri", uri)]].concat();
            site.consent(&server, &browser, &app, &pairs)
        };
        for right in
            ["http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", "http://[::1]:1/cb", "http://localhost/cb"]
        {
            let answer = ask(right).expect(302);
            assert!(answer.header("location").unwrap().starts_with(&format!("{right}?code=")));
        }
        for wrong in [
            "http://localhost:49152/cb",
            "https://127.0.0.1:49152/tls",
            "http://127.0.0.1:49152/tls",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:80x/cb",
            "http://127.0.0.1:-1/cb",
            "http://127.0.0.1:80@evil.example/cb",
            "http://127.0.0.1@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.2:5/cb",
            "http://127.1:5/cb",
            "http://0x7f000001:5/cb",
            "http://[::1]x:5/cb",
            "http://[0::1]:5/cb",
            "http://127.0.0.1:5/cb/",
            "http://127.0.0.1:5/cb?x",
            "http://127.0.0.1:5/cb#x",
        ] {
            let answer = ask(wrong);
            assert_eq!((answer.status, answer.header("location")), (400, None), "{wrong}");
        }
    }
}

#[test]
fn case_097_a_code_with_a_challenge_needs_its_verifier() {
    let server = gateway();
    let kept = App::new(&server, "c97-confidential", "confidential", "authorization-code");
    let public = App::new(&server, "c97-public", "public", "authorization-code");
    for site in SITES {
        let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let told = |pairs: &[(&str, &str)]| {
            let answer = site.consent(&server, &browser, &public, pairs).expect(302);
            parameter(answer.header("location").unwrap(), "error")
        };
        for pairs in [
            &[][..],
            &[("code_challenge", CHALLENGE)],
            &[("code_challenge", CHALLENGE), ("code_challenge_method", "plain")],
            &[("code_challenge", CHALLENGE), ("code_challenge_method", "s256")],
            &[("code_challenge", VERIFIER), ("code_challenge_method", "none")],
            &[("code_challenge_method", "S256")],
            &[("code_challenge", "short"), ("code_challenge_method", "S256")],
            &[("code_challenge", "!9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"), PKCE[1]],
        ] {
            assert_eq!(told(pairs).as_deref(), Some("invalid_request"), "{} {pairs:?}", site.root);
        }
        for app in [&kept, &public] {
            for wrong in
                ["", CHALLENGE, &VERIFIER[..42], "x", &format!("{VERIFIER}x"), &VERIFIER.to_lowercase()]
            {
                let code = site.code(&server, &browser, app, &PKCE);
                let fields: &[_] = if wrong.is_empty() { &[] } else { &[("code_verifier", wrong)] };
                let answer = site.exchange(&server, app, &code, fields);
                assert_eq!(answer.status, 400, "{wrong:?}");
            }
            let code = site.code(&server, &browser, app, &PKCE);
            let fields = [("code_verifier", VERIFIER)];
            let right = site.exchange(&server, app, &code, &fields).expect(site.granted);
            assert_eq!(site.known(&server, &Pair::of(&right).access), 200);
        }
        // A challenge that somebody took out on the way is missed.
        let code = site.code(&server, &browser, &kept, &[]);
        let answer = site.exchange(&server, &kept, &code, &[("code_verifier", VERIFIER)]).expect(400);
        assert_eq!(error(&answer), "invalid_grant");
    }
}

#[test]
fn case_098_a_code_is_good_once_and_its_replay_ends_what_it_gave() {
    let server = gateway();
    let app = App::new(&server, "c98", "confidential", "authorization-code");
    for site in SITES {
        let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let code = site.code(&server, &browser, &app, &[]);
        let first = Pair::of(&site.exchange(&server, &app, &code, &[]).expect(site.granted));
        let second = Pair::of(&site.refresh(&server, &app, &first.refresh).expect(site.granted));
        assert_eq!(site.known(&server, &second.access), 200);
        assert_eq!(error(&site.exchange(&server, &app, &code, &[]).expect(400)), "invalid_grant");
        assert_eq!(site.known(&server, &second.access), 401, "also what was refreshed since");
        assert_eq!(error(&site.refresh(&server, &app, &second.refresh).expect(400)), "invalid_grant");
        assert!(!told(&server, "replay").is_empty());
        // Ten at once.
        let code = site.code(&server, &browser, &app, &[]);
        let barrier = Barrier::new(10);
        let answers: Vec<_> = std::thread::scope(|scope| {
            let ask = || {
                barrier.wait();
                site.exchange(&server, &app, &code, &[])
            };
            let threads: Vec<_> = (0..10).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let won: Vec<_> = answers.iter().filter(|it| it.status == site.granted).collect();
        assert_eq!(won.len(), 1);
        assert!(answers.iter().all(|it| it.status == site.granted || error(it) == "invalid_grant"));
        assert_eq!(site.known(&server, &Pair::of(won[0]).access), 401);
    }
}

#[test]
fn case_098_a_code_is_for_its_application_and_its_address() {
    let server = gateway();
    let more = json!({"redirect_uris": format!("{CALLBACK} https://app.example/second")});
    let app = App::with(&server, "c98-own", "confidential", "authorization-code", &more);
    let other = App::new(&server, "c98-other", "confidential", "authorization-code");
    let public = App::new(&server, "c98-public", "public", "authorization-code");
    for site in SITES {
        let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let code = site.code(&server, &browser, &app, &[]);
        for foreign in [&other, &public] {
            let answer = site.exchange(&server, foreign, &code, &[]).expect(400);
            assert_eq!(error(&answer), "invalid_grant");
        }
        let bare = App { secret: None, ..app.clone() };
        assert_eq!(error(&site.exchange(&server, &bare, &code, &[]).expect(401)), "invalid_client");
        for uri in ["https://app.example/second", "https://app.example/callback/", "x"] {
            let answer = site.exchange(&server, &app, &code, &[("redirect_uri", uri)]).expect(400);
            assert!(["invalid_request", "invalid_grant"].contains(&&*error(&answer)), "{uri}");
        }
        // Strangers and slips have not used it up.
        site.exchange(&server, &app, &code, &[("redirect_uri", CALLBACK)]).expect(site.granted);
    }
}

#[test]
fn case_098_a_code_dies_by_the_clock_and_with_its_user() {
    let Some((server, clock)) = Clock::start("case_098", Options::default()) else { return };
    let life = json!({"OAUTH2_PROVIDER": {
        "ACCESS_TOKEN_EXPIRE_SECONDS": 3600, "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
        "REFRESH_TOKEN_EXPIRE_SECONDS": 7200
    }});
    let settings = server.as_admin("PATCH", "/api/v2/settings/authentication/").json(&life).send();
    settings.expect(200);
    let app = App::new(&server, "c98-life", "confidential", "authorization-code");
    server.make_user("c98-user", PASSWORD);
    for site in SITES {
        clock.set(0);
        let browser = (site.sign_in)(&server, "c98-user", PASSWORD);
        let (early, late) =
            (site.code(&server, &browser, &app, &[]), site.code(&server, &browser, &app, &[]));
        clock.set(30);
        site.exchange(&server, &app, &early, &[]).expect(site.granted);
        clock.set(61);
        assert_eq!(error(&site.exchange(&server, &app, &late, &[]).expect(400)), "invalid_grant");
        clock.set(0);
        let code = site.code(&server, &browser, &app, &[]);
        server.shell(&["user", "disable", "c98-user"]);
        assert_eq!(error(&site.exchange(&server, &app, &code, &[]).expect(400)), "invalid_grant");
        server.shell(&["user", "enable", "c98-user"]);
    }
}

#[test]
fn case_099_a_secret_of_another_kind_is_no_code() {
    let server = gateway();
    let app = App::new(&server, "c99", "confidential", "authorization-code");
    for site in SITES {
        let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let code = site.code(&server, &browser, &app, &[]);
        assert_eq!(error(&site.refresh(&server, &app, &code).expect(400)), "invalid_grant");
        assert_eq!(site.known(&server, &code), 401);
        let live = Pair::of(&site.exchange(&server, &app, &code, &[]).expect(site.granted));
        let (_, personal) = server.make_token("admin", ADMIN_PASSWORD, "write");
        let secret = app.secret.as_ref().unwrap();
        for wrong in [&live.access, &live.refresh, &personal, &browser.secret, secret, &app.client_id] {
            assert_eq!(error(&site.exchange(&server, &app, wrong, &[]).expect(400)), "invalid_grant");
            let device =
                [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", &**wrong)];
            site.token(&server, &app, &device).expect(400);
        }
        assert_eq!(site.known(&server, &live.access), 200);
    }
    let browser = (PLATFORM.sign_in)(&server, "admin", ADMIN_PASSWORD);
    assert_eq!(server.get("/api/gateway/v1/me/").bearer(&browser.secret).send().status, 401);
}
