//! What a neighbour in the same domain, an application's developer or a component can try at the
//! authorization servers beyond forging requests: planted cookies, crowded questions, other people's grants.

use std::sync::Arc;

use serde_json::json;

use super::grants::{App, CALLBACK, Pair, SITES, error};
use super::shared::Shared;
use crate::support::{ADMIN_PASSWORD, Options, Server};

const PASSWORD: &str = "a wall of old stones 5";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(|| Server::start(Options::default()))
}

#[test]
fn case_100_planted_cookies_make_no_consent() {
    let server = gateway();
    let app = App::new(&server, "c100-tossed", "confidential", "authorization-code");
    server.make_user("c100-tosser", PASSWORD);
    for site in SITES {
        let victim = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let attacker = (site.sign_in)(&server, "c100-tosser", PASSWORD);
        let fields = [("client_id", &*app.client_id), ("response_type", "code"), ("allow", "1")];
        let send = |cookies: String, token: &str| {
            let request = server.post(&site.at("authorize")).header("Cookie", cookies);
            request.header("X-CSRFToken", token).form(&fields).send()
        };
        let (own, planted) = (&victim.secret, &attacker.secret);
        // A planted token before or behind the own one, a flag that somebody signed in, other doors' names.
        for cookies in [
            format!("csrftoken={}; {}={own}", attacker.csrf, victim.cookie),
            format!("csrftoken={}; csrftoken={}; {}={own}", attacker.csrf, victim.csrf, victim.cookie),
            format!("csrftoken={}; userLoggedIn=true; {}={own}", attacker.csrf, victim.cookie),
        ] {
            let answer = send(cookies, &attacker.csrf);
            assert_eq!((answer.status, answer.header("location")), (403, None), "{}", site.root);
        }
        // Of two sessions the first counts, with its own token only.
        let both = format!("csrftoken={}; {name}={planted}; {name}={own}", victim.csrf, name = victim.cookie);
        assert_eq!(send(both, &victim.csrf).status, 403);
        let no_session = send("userLoggedIn=true; csrftoken=x".to_owned(), "x");
        assert!(no_session.header("location").is_none_or(|it| !it.contains("code=")));
        // Nothing of it has become a code of the victim.
        let page = site.see(&server, &victim, &app, &[]).expect(200);
        assert!(page.text().contains("admin"));
    }
}

#[test]
fn case_095_a_question_keeps_its_parameters_apart() {
    let server = gateway();
    let app = App::with(
        &server,
        "c95-query",
        "confidential",
        "authorization-code",
        &json!({"redirect_uris": "https://app.example/callback?tenant=1&code=own"}),
    );
    for site in SITES {
        let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let uri = [("redirect_uri", "https://app.example/callback?tenant=1&code=own")];
        let answer = site.consent(&server, &browser, &app, &uri).expect(302);
        let location = answer.header("location").unwrap();
        assert!(location.starts_with("https://app.example/callback?tenant=1&code=own&code="), "{location}");
        // Parameters twice, in the address and in the form, do not outvote each other.
        let target = format!("{}?client_id=x&redirect_uri=https%3A%2F%2Fevil.example", site.at("authorize"));
        let fields = [("client_id", &*app.client_id), ("response_type", "code"), ("allow", "1")];
        let answer = browser.on(server.post(&target)).form(&fields).send();
        assert!(!answer.header("location").unwrap_or_default().contains("evil"), "{}", site.root);
        let twice = browser.on(server.post(&site.at("authorize")));
        let twice = twice.body("application/x-www-form-urlencoded", twice_body(&app)).send();
        assert_eq!((twice.status, twice.header("location")), (400, None));
        let crowded: Vec<_> = (0..1000).map(|number| format!("x{number}=1")).collect();
        let target = format!("{}&{}", site.question(&app, &uri), crowded.join("&"));
        assert_eq!(browser.on(server.get(&target)).send().status, 400);
    }
}

fn twice_body(app: &App) -> String {
    format!("response_type=code&client_id={0}&client_id={0}&allow=1", app.client_id)
}

#[test]
fn case_098_a_code_of_one_user_joins_no_grant_of_another() {
    let server = gateway();
    let app = App::new(&server, "c98-join", "confidential", "authorization-code");
    server.make_user("c98-join", PASSWORD);
    for site in SITES {
        let admin = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let user = (site.sign_in)(&server, "c98-join", PASSWORD);
        let of_admin = site.code(&server, &admin, &app, &[]);
        let of_user = site.code(&server, &user, &app, &[]);
        let admin_pair = Pair::of(&site.exchange(&server, &app, &of_admin, &[]).expect(site.granted));
        let user_pair = Pair::of(&site.exchange(&server, &app, &of_user, &[]).expect(site.granted));
        // A replay of the user's code ends the user's grant and no other.
        assert_eq!(error(&site.exchange(&server, &app, &of_user, &[]).expect(400)), "invalid_grant");
        assert_eq!(site.known(&server, &user_pair.access), 401);
        assert_eq!(site.known(&server, &admin_pair.access), 200);
        // Nor does somebody else's application end a grant by showing its used code.
        let other =
            App::new(&server, &format!("c98-join{}", site.granted), "confidential", "authorization-code");
        assert_eq!(error(&site.exchange(&server, &other, &of_admin, &[]).expect(400)), "invalid_grant");
        assert_eq!(error(&site.refresh(&server, &other, &admin_pair.refresh).expect(400)), "invalid_grant");
        assert_eq!(site.known(&server, &admin_pair.access), 200);
        let next = Pair::of(&site.refresh(&server, &app, &admin_pair.refresh).expect(site.granted));
        assert_eq!(error(&site.refresh(&server, &other, &admin_pair.refresh).expect(400)), "invalid_grant");
        assert_eq!(site.known(&server, &next.access), 200, "a used one in a stranger's hands ends nothing");
    }
}

#[test]
fn case_106_an_endpoint_reads_no_more_than_it_needs() {
    let server = gateway();
    let app = App::new(&server, "c106-large", "confidential", "password");
    let large = "x".repeat(300_000);
    for site in SITES {
        for path in ["token", "revoke_token", "introspect", "device_authorization"] {
            for name in ["token", "grant_type", "refresh_token", "username", "client_assertion", "x"] {
                let answer = app.ask(server.post(&site.at(path)), &[(name, &large)]).send();
                assert!(matches!(answer.status, 400 | 401 | 413), "{path} {name}: {}", answer.status);
            }
            for kind in ["multipart/form-data; boundary=x", "application/json", "text/plain", ""] {
                let answer = server.post(&site.at(path)).body(kind, "{\"grant_type\":\"password\"}").send();
                assert!(matches!(answer.status, 400 | 401), "{path} {kind}: {}", answer.status);
            }
        }
        let huge = format!("{}:{}", app.client_id, "x".repeat(20_000));
        let (name, secret) = huge.split_once(':').unwrap();
        let answer = server.post(&site.at("token")).basic(name, secret);
        assert_eq!(answer.form(&[("grant_type", "password")]).send().status / 100, 4);
        for state in ["s".repeat(3000), "é".repeat(1500)] {
            let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
            let answer = site.see(&server, &browser, &app, &[("state", &state), ("redirect_uri", CALLBACK)]);
            assert_eq!((answer.status, answer.header("location")), (400, None));
        }
        let line = "a\r\nSet-Cookie: x=y";
        let answer = site.token(&server, &app, &[("grant_type", line), ("scope", line)]);
        assert!(answer.status == 400 && answer.set_cookie("x").is_none());
    }
}
