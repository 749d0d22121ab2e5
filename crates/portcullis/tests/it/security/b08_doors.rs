//! Tokens at AWX's door and at the authorization servers: shown in one place only, and of one kind only.

use std::sync::Arc;

use serde_json::json;

use super::grants::{AWX_ME, App, Pair, SITES, awx_sign_in, error};
use super::shared::Shared;
use crate::support::{ADMIN_PASSWORD, Options, Server};

const UNIFORM: &str =
    "Authentication credentials were not provided. To establish a login session, visit /api/login/.";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(|| Server::start(Options::default()))
}

#[test]
fn case_073_a_token_in_another_place_is_none_at_awx_s_door() {
    let server = gateway();
    let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
    for path in [AWX_ME, "/api/v2/config/", "/api/v2/users/"] {
        assert_eq!(server.get(path).bearer(&token).send().status, 200, "{path}");
        for name in ["access_token", "token", "bearer", "Authorization", "oauth_token"] {
            assert_eq!(server.get(&format!("{path}?{name}={token}")).send().status, 401, "{path} {name}");
            assert_eq!(server.get(path).form(&[(name, &token)]).send().status, 401, "{path} {name}");
            assert_eq!(server.get(path).json(&json!({name: token})).send().status, 401, "{path} {name}");
            let cookie = server.get(path).header("Cookie", format!("{name}={token}"));
            assert_eq!(cookie.send().status, 401, "{path} {name}");
        }
        for name in ["X-Authorization", "X-Auth-Token", "Proxy-Authorization", "X-Access-Token"] {
            let answer = server.get(path).header(name, format!("Bearer {token}")).send();
            assert!(matches!(answer.status, 400 | 401), "{path} {name}");
        }
        for scheme in ["Token", "token", "JWT", "Negotiate", "Digest"] {
            let answer = server.get(path).header("Authorization", format!("{scheme} {token}")).send();
            assert_eq!(answer.status, 401, "{path} {scheme}");
        }
    }
    assert!(!server.output().contains(&token));
    let audit = std::fs::read_to_string(server.data_dir().join("audit.jsonl")).unwrap_or_default();
    assert!(!audit.contains(&token));
}

#[test]
fn case_074_what_is_nearly_a_token_is_refused_alike_and_falls_back_to_nothing() {
    let server = gateway();
    let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "write");
    let browser = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    let swapped: String = token
        .chars()
        .map(|it| if it.is_ascii_lowercase() { it.to_ascii_uppercase() } else { it.to_ascii_lowercase() })
        .collect();
    for wrong in [
        token[..29].to_owned(),
        token[1..].to_owned(),
        format!("{token}x"),
        format!("{token},"),
        format!("{token} {token}"),
        format!("\"{token}\""),
        format!("Bearer {token}"),
        swapped,
        "a".repeat(30),
        "a".repeat(5000),
        "************".to_owned(),
        "é".to_owned(),
        "%00".to_owned(),
    ] {
        // Also beside a session that lives: what is said explicitly counts.
        for request in [server.get(AWX_ME), browser.on(server.get(AWX_ME))] {
            let answer = request.bearer(&wrong).send();
            assert_eq!(answer.status, 401, "{wrong:?}");
            assert_eq!(answer.json()["detail"], UNIFORM, "{wrong:?}");
            let challenge = answer.header("www-authenticate").unwrap();
            assert_eq!(challenge, "Bearer realm=api authorization_url=/api/o/authorize/");
        }
    }
    let wrong = browser.on(server.get(AWX_ME)).basic("admin", "wrong").send();
    assert_eq!(wrong.status, 401, "a wrong password beside a session");
    let two = server.get(AWX_ME).bearer(&token).basic("admin", ADMIN_PASSWORD).send();
    assert!(matches!(two.status, 400 | 401), "two of them");
    // A right one beside a session needs no token of a page: it is no session that asks.
    let fields = json!({"name": "c74"});
    let right = browser.without_token(server.post("/api/v2/organizations/")).bearer(&token).json(&fields);
    right.send().expect(201);
    let (_, reader) = server.make_token("admin", ADMIN_PASSWORD, "read");
    let fields = json!({"name": "c74-reader"});
    let narrow = browser.on(server.post("/api/v2/organizations/")).bearer(&reader).json(&fields);
    assert_eq!(narrow.send().status, 403, "nor does the session widen the token");
}

#[test]
fn case_077_a_secret_of_one_kind_opens_no_door_of_another() {
    let server = gateway();
    let app = App::new(&server, "c77", "confidential", "password");
    for site in SITES {
        let pair: Pair = site.by_password(&server, &app, "admin", ADMIN_PASSWORD);
        let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let secret = app.secret.as_ref().unwrap();
        for wrong in [&pair.refresh, secret, &app.client_id, &browser.secret, &browser.csrf] {
            for door in SITES {
                assert_eq!(door.known(&server, wrong), 401, "{}", door.root);
                let cookie = format!("{}={wrong}", browser.cookie);
                let own = server.get(door.me).header("Cookie", &*cookie).send().status;
                assert_eq!(own == 200, wrong == &browser.secret && door.root == site.root);
            }
        }
        // A token is no password, a client no user, a user no client.
        for (name, password) in [
            ("admin", &*pair.access),
            ("", &*pair.access),
            (&*pair.access, ""),
            (&*pair.access, "x-oauth-basic"),
            (&*app.client_id, &**secret),
        ] {
            assert_eq!(server.get(site.me).basic(name, password).send().status, 401);
        }
        let user = App { client_id: "admin".into(), secret: Some(ADMIN_PASSWORD.into()), ..app.clone() };
        let fields = [("grant_type", "password"), ("username", "admin"), ("password", ADMIN_PASSWORD)];
        assert_eq!(error(&site.token(&server, &user, &fields).expect(401)), "invalid_client");
        let bearer = server.post(&site.at("token")).bearer(&pair.access).form(&fields).send();
        assert_eq!(error(&bearer.expect(401)), "invalid_client");
        let session = browser.on(server.post(&site.at("token"))).form(&fields).send();
        assert_eq!(error(&session.expect(401)), "invalid_client");
    }
}
