//! Rights taken away while they are used: whoever was quick enough before the answer, nobody is after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::shared::Shared;
use crate::support::{Options, Request, Server, Session};

const ME: &str = "/api/gateway/v1/me/";
const HOSTS: &str = "/api/controller/v2/hosts/";
const SETTINGS: &str = "/api/gateway/v1/settings/";
const TOKENS: &str = "/api/gateway/v1/tokens/";
const PASSWORD: &str = "a wall of old stones 5";
const ROUNDS: usize = 6;

static SHARED: Shared = Shared::new();

/// A gateway that does not mind how many passwords are wrong while one is being taken away.
fn gateway() -> Arc<Server> {
    SHARED.get(|| {
        let config = "[limits]\nfailures_per_address_minute = 100000\nfailures_free = 100000\nfailures_per_day = 100000\n";
        Server::start(Options { demo: true, config: config.to_owned(), ..Options::default() })
    })
}

/// Four clients ask without a pause, and meanwhile something is taken away.
fn while_asked(ask: impl Fn() + Sync, take_away: impl FnOnce()) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    ask();
                }
            });
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
        take_away();
        stop.store(true, Ordering::Relaxed);
    });
}

fn status(request: &Request) -> u16 {
    request.send().status
}

fn user_path(id: i64) -> String {
    format!("/api/gateway/v1/users/{id}/")
}

fn change(server: &Server, target: &str, fields: &serde_json::Value) {
    server.as_admin("PATCH", target).json(fields).send().expect(200);
}

#[test]
fn case_041_a_user_disabled_while_it_signs_in_and_works_is_out() {
    let server = gateway();
    server.make_user("r41", PASSWORD);
    let csrf = server.form_token();
    let (_, token) = server.make_token("r41", PASSWORD, "write");
    for round in 0..ROUNDS {
        let secrets = std::sync::Mutex::new(Vec::new());
        let sign_in = || {
            let request = server.post("/api/gateway/v1/login/").header("Cookie", format!("csrftoken={csrf}"));
            let request = request.header("X-CSRFToken", &*csrf);
            let answer = request.form(&[("username", "r41"), ("password", PASSWORD)]).send();
            assert!(matches!(answer.status, 302 | 401), "{}", answer.status);
            if let Some(secret) = answer.cookie("gateway_sessionid") {
                secrets.lock().unwrap().push(secret.to_owned());
            }
            status(&server.get(HOSTS).bearer(&token));
            status(&server.get(HOSTS).basic("r41", PASSWORD));
        };
        while_asked(sign_in, || {
            server.shell(&["user", "disable", "r41"]);
        });
        assert_eq!(status(&server.get(HOSTS).bearer(&token)), 401, "round {round}");
        assert_eq!(status(&server.get(ME).basic("r41", PASSWORD)), 401, "round {round}");
        server.shell(&["user", "enable", "r41"]);
        for secret in secrets.into_inner().unwrap() {
            let cookie = format!("gateway_sessionid={secret}");
            let request = server.get(ME).header("Cookie", cookie);
            assert_eq!(status(&request), 401, "round {round}: a session outlived the disabling");
        }
        assert_eq!(status(&server.get(HOSTS).bearer(&token)), 200, "round {round}");
    }
}

#[test]
fn case_042_a_name_taken_away_while_it_is_used_opens_nothing() {
    let server = gateway();
    let id = server.make_user("r42", PASSWORD);
    for round in 0..ROUNDS {
        while_asked(
            || {
                status(&server.get(ME).basic("r42", PASSWORD));
                status(&server.get(HOSTS).basic("r42", PASSWORD));
            },
            || change(&server, &user_path(id), &json!({"username": "r42-renamed"})),
        );
        assert_eq!(status(&server.get(ME).basic("r42", PASSWORD)), 401, "round {round}");
        assert_eq!(status(&server.get(HOSTS).basic("r42", PASSWORD)), 401, "round {round}");
        change(&server, &user_path(id), &json!({"username": "r42"}));
    }
}

#[test]
fn case_043_a_right_taken_away_while_it_is_used_is_gone() {
    let server = gateway();
    let fields = json!({"username": "r43", "password": PASSWORD, "is_superuser": true});
    let id = server.make("users", &fields);
    let session: Session = server.sign_in("r43", PASSWORD);
    let (_, token) = server.make_token("r43", PASSWORD, "write");
    for round in 0..ROUNDS {
        while_asked(
            || {
                status(&session.on(server.get(SETTINGS)));
                status(&server.get(HOSTS).bearer(&token));
            },
            || change(&server, &user_path(id), &json!({"is_superuser": false})),
        );
        assert_eq!(status(&session.on(server.get(SETTINGS))), 403, "round {round}");
        assert_eq!(status(&server.get(SETTINGS).bearer(&token)), 403, "round {round}");
        let told = server.get(HOSTS).bearer(&token).send().expect(200).text();
        let claims = super::jwt::claims_in(&told);
        assert_eq!(claims["user_data"]["is_superuser"], false, "round {round}");
        change(&server, &user_path(id), &json!({"is_superuser": true}));
    }
}

#[test]
fn case_043_the_roles_of_an_organization_go_with_it() {
    let server = gateway();
    let id = server.make_user("r43-member", PASSWORD);
    let (_, token) = server.make_token("r43-member", PASSWORD, "write");
    let roles = || {
        let told = server.get(HOSTS).bearer(&token).send().expect(200).text();
        super::jwt::claims_in(&told)["object_roles"].to_string()
    };
    for round in 0..ROUNDS {
        let organization = server.make("organizations", &json!({"name": format!("r43-{round}")}));
        let team = server.make("teams", &json!({"name": "r43", "organization": organization}));
        for list in [format!("organizations/{organization}/admins"), format!("teams/{team}/users")] {
            let target = format!("/api/gateway/v1/{list}/associate/");
            server.as_admin("POST", &target).json(&json!({"instances": [id]})).send().expect(204);
        }
        assert!(roles().contains("Organization Admin") && roles().contains("Team Member"), "{}", roles());
        let target = format!("/api/gateway/v1/organizations/{organization}/");
        while_asked(
            || {
                roles();
            },
            || {
                server.as_admin("DELETE", &target).send().expect(204);
            },
        );
        assert_eq!(roles(), "{}", "round {round}");
        let own = server.request("PATCH", &target).bearer(&token).json(&json!({"description": "x"}));
        assert_eq!(status(&own), 404, "round {round}");
    }
}

#[test]
fn case_071_basic_switched_off_while_it_is_used_is_off() {
    let server = Server::demo();
    let (_, token) = server.make_token("admin", crate::support::ADMIN_PASSWORD, "write");
    let switch = |is_on: bool| {
        let request = server.request("PUT", "/api/gateway/v1/settings/all/").bearer(&token);
        request.json(&json!({"gateway_basic_auth_enabled": is_on})).send().expect(200);
    };
    for round in 0..ROUNDS {
        while_asked(|| drop(server.as_admin("GET", HOSTS).send()), || switch(false));
        assert_eq!(status(&server.as_admin("GET", HOSTS)), 401, "round {round}");
        assert_eq!(status(&server.as_admin("GET", ME)), 401, "round {round}");
        switch(true);
        assert_eq!(status(&server.as_admin("GET", HOSTS)), 200, "round {round}");
    }
}

#[test]
fn case_081_a_scope_narrowed_while_it_is_used_is_narrow() {
    let server = gateway();
    server.make_user("r81", PASSWORD);
    let (id, token) = server.make_token("r81", PASSWORD, "write");
    let target = format!("{TOKENS}{id}/");
    for round in 0..ROUNDS {
        while_asked(
            || drop(server.post(HOSTS).bearer(&token).send()),
            || change(&server, &target, &json!({"scope": "read"})),
        );
        assert_eq!(status(&server.post(HOSTS).bearer(&token)), 403, "round {round}");
        let own = server.post(TOKENS).bearer(&token).json(&json!({}));
        assert_eq!(status(&own), 403, "round {round}");
        change(&server, &target, &json!({"scope": "write"}));
        assert_eq!(status(&server.post(HOSTS).bearer(&token)), 200, "round {round}");
    }
}

/// A client whose connection many users share, as a proxy in front of us may do.
#[test]
fn case_081_on_one_connection_each_request_is_its_own() {
    use crate::support::{ADMIN_PASSWORD, Response};
    use std::io::{BufReader, Write};
    let server = gateway();
    server.make_user("r81-two", PASSWORD);
    let (_, admin) = server.make_token("admin", ADMIN_PASSWORD, "read");
    let (_, other) = server.make_token("r81-two", PASSWORD, "read");
    let session = server.sign_in("r81-two", PASSWORD);
    let mut reader = BufReader::new(crate::support::http::connect(server.http).unwrap());
    let host = server.http;
    let proofs = [
        (format!("Authorization: Bearer {admin}\r\n"), Some("admin")),
        (String::new(), None),
        (format!("Cookie: gateway_sessionid={}\r\n", session.secret), Some("r81-two")),
        ("Authorization: Bearer nobody\r\n".to_owned(), None),
        (format!("Authorization: Bearer {other}\r\n"), Some("r81-two")),
        ("Cookie: x=y\r\n".to_owned(), None),
    ];
    let requests =
        proofs.iter().map(|(proof, _)| format!("GET {ME} HTTP/1.1\r\nHost: {host}\r\n{proof}\r\n"));
    let all = requests.collect::<Vec<_>>().concat();
    for _ in 0..5 {
        // All at once, one behind the other.
        reader.get_mut().write_all(all.as_bytes()).unwrap();
        for (proof, wanted) in &proofs {
            let answer = Response::read(&mut reader, "GET").unwrap();
            let found = (answer.status == 200).then(|| answer.json()["results"][0]["username"].clone());
            assert_eq!(found, wanted.map(Into::into), "{proof}");
        }
    }
}
