//! Who may ask, what is told to others, and how much is kept.

use serde_json::json;

use super::{PASSWORD, expect_rule, explained, id};
use crate::support::{ADMIN_PASSWORD, Options, Server, Session};

const ME: &str = "/api/gateway/v1/me/";
const OWN: &str = "/portcullis/v1/session";

fn refusal_of(server: &Server) -> String {
    format!("/portcullis/v1/refusals/{}", id(&server.get(ME).send().expect(401)))
}

#[test]
fn only_administrators_and_auditors_are_told() {
    let server = Server::demo();
    server.make_user("plain", PASSWORD);
    let auditor = server.make_user("auditor", PASSWORD);
    let role = json!({"user": auditor, "role_definition": role_of_auditors(&server)});
    let assigned = server.as_admin("POST", "/api/gateway/v1/role_user_assignments/").json(&role).send();
    assigned.expect(201);
    let path = refusal_of(&server);

    server.get(&path).basic("auditor", PASSWORD).send().expect(200);
    server.as_admin("HEAD", &path).send().expect(200);
    let forbidden = server.get(&path).basic("plain", PASSWORD).send().expect(403);
    assert!(forbidden.json()["error"].is_string() && !forbidden.text().contains("rule"));
    // That somebody asked is a refusal as well, and has its own explanation.
    let told = expect_rule(&server, &forbidden, "right.missing");
    assert_eq!((told["dialect"].as_str(), told["username"].as_str()), (Some("portcullis"), Some("plain")));
    let anonymous = server.get(&path).send().expect(401);
    assert!(anonymous.header("www-authenticate").is_some());
    expect_rule(&server, &anonymous, "proof.missing");
    expect_rule(&server, &server.get(&path).basic("admin", "wrong").send().expect(401), "password.wrong");
    // Whoever may not ask learns nothing of which ids there are.
    let unknown = "/portcullis/v1/refusals/00000000-0000-0000-0000-000000000000";
    let same = server.get(unknown).basic("plain", PASSWORD).send().expect(403);
    assert_eq!(same.text(), forbidden.text());
    assert!(server.as_admin("GET", unknown).send().expect(404).text().contains("audit log"));
    for answer in [forbidden, anonymous, same] {
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

fn role_of_auditors(server: &Server) -> i64 {
    let roles = server.as_admin("GET", "/api/gateway/v1/role_definitions/?name=Platform+Auditor").send();
    roles.expect(200).json()["results"][0]["id"].as_i64().unwrap()
}

#[test]
fn the_api_can_only_be_read_and_has_two_endpoints() {
    let server = Server::demo();
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let answer = server.as_admin(method, OWN).send().expect(405);
        assert_eq!(answer.header("allow"), Some("GET, HEAD"), "{method}");
    }
    for path in [
        "/portcullis",
        "/portcullis/",
        "/portcullis/v1/",
        "/portcullis/v1/refusals/",
        "/portcullis/v1/refusals/a/b",
        "/portcullis/v2/session",
        "/portcullis/j_security_check",
    ] {
        let answer = server.as_admin("GET", path).send().expect(404);
        assert!(answer.json()["error"].is_string(), "{path}");
    }
    // What only begins like it is not ours.
    assert!(server.as_admin("GET", "/portcullis2/v1/session").send().expect(404).json()["error"].is_null());
}

#[test]
fn one_proof_of_any_contract_is_read_and_no_two() {
    let server = Server::demo();
    server.make_user("plain", PASSWORD);
    let session = server.sign_in("plain", PASSWORD);
    let (_, token) = server.make_token("plain", PASSWORD, "read");
    let own =
        |session: &Session| server.get(OWN).header("Cookie", format!("gateway_sessionid={}", session.secret));

    let told = own(&session).send().expect(200).json();
    assert_eq!((told["username"].as_str(), told["proof"].as_str()), (Some("plain"), Some("session")));
    assert_eq!(told["session"]["kind"], "gateway");
    assert!(
        told["session"]["overall_seconds_left"].as_i64().is_some_and(|it| (1..=1800).contains(&it)),
        "{told}"
    );
    assert!(!told.to_string().contains(&session.secret) && !told.to_string().contains(&session.csrf));
    for (request, proof) in
        [(server.get(OWN).bearer(&token), "token"), (server.get(OWN).basic("plain", PASSWORD), "password")]
    {
        let told = request.send().expect(200).json();
        assert_eq!((told["proof"].as_str(), told["session"].is_null()), (Some(proof), true));
    }
    for several in [
        own(&session).bearer(&token),
        own(&session).basic("plain", PASSWORD),
        server.get(OWN).header("Cookie", format!("gateway_sessionid={0}; awx_sessionid={0}", session.secret)),
    ] {
        assert!(several.send().expect(400).text().contains("exactly one proof"));
    }
    let twice = server.get(OWN).bearer(&token).basic("plain", PASSWORD).send();
    assert!(matches!(twice.status, 400 | 401), "{}", twice.text());
    expect_rule(
        &server,
        &server.get(OWN).header("Authorization", "Basic %%%").send(),
        "proof.basic-encoding",
    );
    // What fails explicitly does not fall back to something else.
    let broken = own(&session).header("Authorization", "Basic %%%").send().expect(401);
    expect_rule(&server, &broken, "proof.basic-encoding");
    expect_rule(&server, &server.get(OWN).bearer("nobodys-token-12345").send().expect(401), "token.unknown");
}

#[test]
fn a_session_tells_its_holder_its_place_among_those_that_may_go() {
    let server = Server::demo();
    server.shell(&["setting", "set", "awx.SESSIONS_PER_USER", "3"]);
    server.make_user("plain", PASSWORD);
    let sign_in = || {
        let csrf = server.get("/api/login/").send().expect(200).cookie("csrftoken").unwrap().to_owned();
        let form = server.post("/api/login/").header("Cookie", format!("csrftoken={csrf}"));
        let form = form.header("X-CSRFToken", csrf).form(&[("username", "plain"), ("password", PASSWORD)]);
        form.send().expect(302).cookie("awx_sessionid").unwrap().to_owned()
    };
    let own = |secret: &str| server.get(OWN).header("Cookie", format!("awx_sessionid={secret}")).send();
    let secrets: Vec<_> = (0..3).map(|_| sign_in()).collect();
    for (at, secret) in secrets.iter().enumerate() {
        let told = own(secret).expect(200).json();
        assert_eq!(told["session"]["place"].as_u64(), Some(at as u64 + 1), "{told}");
        assert!(told["session"]["inactivity_seconds_left"].as_i64().is_some_and(|it| it > 60), "{told}");
    }
    let newest = own(&sign_in()).expect(200).json();
    let evicted = own(&secrets[0]).expect(401);
    let told = expect_rule(&server, &evicted, "session.evicted");
    assert_eq!(told["facts"]["session_in_its_place"], newest["session"]["id"].to_string());
}

#[test]
fn the_shell_tells_what_it_can_and_where_to_look_otherwise() {
    let mut server = Server::demo();
    let answer = server.get(ME).send().expect(401);
    let table = server.shell(&["explain", &id(&answer)]);
    assert!(table.contains("RULE") && table.contains("proof.missing"), "{table}");
    // Some contracts show the id without its hyphens.
    assert!(server.shell(&["explain", &id(&answer).replace('-', "")]).contains("proof.missing"));
    let absent = server.try_shell(&["explain", "00000000-0000-0000-0000-000000000000"], "");
    let words = String::from_utf8_lossy(&absent.stderr).into_owned();
    assert_eq!(absent.status.code(), Some(3), "{words}");
    assert!(words.contains("24 hours") && words.contains("audit.jsonl"), "{words}");
    server.stop();
    let silent = server.try_shell(&["explain", &id(&answer)], "");
    let words = String::from_utf8_lossy(&silent.stderr).into_owned();
    assert_eq!(silent.status.code(), Some(4), "{words}");
    assert!(words.contains("no gateway runs") && words.contains("audit.jsonl"), "{words}");
    let log = std::fs::read_to_string(server.data_dir().join("audit.jsonl")).unwrap();
    assert!(log.contains(&id(&answer)), "the audit log has it for good");
}

#[test]
fn a_client_may_name_its_request_itself() {
    let server = Server::demo();
    let own = "6f1c6b8e-5a0e-4c57-9f0f-0d6a4c5f1b11";
    let answer = server.get(ME).header("X-Request-Id", own).send().expect(401);
    assert_eq!(id(&answer), own);
    expect_rule(&server, &answer, "proof.missing");
    // What succeeds is no refusal.
    let fine = server.as_admin("GET", ME).send().expect(200);
    assert_eq!(server.try_shell(&["explain", &id(&fine)], "").status.code(), Some(3));
}

#[test]
fn an_address_has_a_thousand_and_pushes_out_its_own() {
    let config = "[trusted_proxies]\nnetworks = [\"127.0.0.1/32\"]\n".to_owned();
    let server = Server::start(Options { demo: true, config, ..Options::default() });
    let from = |address: &str| server.get(ME).header("X-Forwarded-For", address).send().expect(401);
    let other = from("192.0.2.1");
    let first = from("192.0.2.2");
    explained(&server, &first);
    for _ in 0..1000 {
        from("192.0.2.2");
    }
    let gone = format!("/portcullis/v1/refusals/{}", id(&first));
    server.get(&gone).basic("admin", ADMIN_PASSWORD).send().expect(404);
    assert_eq!(explained(&server, &other)["address"], "192.0.2.1");
}
