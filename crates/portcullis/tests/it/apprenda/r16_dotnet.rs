//! Rows 16 to 23, 25 and 29: what the client for .NET and the tasks for PowerShell read.

use serde_json::json;

use super::{CLOUDS, NOT_AUTHORIZED, PASSWORD, Platform, SESSIONS, answer, fields, message, plain};
use crate::support::ADMIN_PASSWORD;

#[test]
fn row_16_its_self_test_reads_a_refusal_that_the_setting_gives() {
    let platform = Platform::new();
    // It counts success and 401 as "the endpoint is there". By default a wrong password is 400, for pyacp.
    let target = format!("{SESSIONS}/developer/");
    let body = json!({"Username": "!", "Password": "!", "TenantAlias": null});
    let test = || platform.request("POST", &target).json(&body).send_encrypted();
    message(&test().expect(400));
    platform.set("apprenda.refused_login_status", "401");
    message(&test().expect(401));
}

#[test]
fn row_17_a_token_that_is_held_stays_good_whoever_signs_in() {
    let platform = Platform::new();
    let held = platform.admin();
    let tokens: Vec<_> = (0..5).map(|_| platform.admin()).collect();
    assert!(platform.is_alive(&held));
    assert!(tokens.iter().all(|it| *it != held && platform.is_alive(it)));
}

#[test]
fn row_18_a_refusal_never_says_that_a_user_is_disabled() {
    let platform = Platform::new();
    platform.make_user("rose", &["Default"]);
    let rose = platform.token("developer", "rose", PASSWORD);
    platform.get(&rose, "/developer/api/v1/apps").expect(200);
    platform.server.shell(&["user", "disable", "rose"]);
    let ended = platform.get(&rose, "/developer/api/v1/apps").expect(401);
    let unknown = platform.get(&plain(&rose).replace('M', "N"), "/developer/api/v1/apps").expect(401);
    platform.set("apprenda.refused_login_status", "401");
    let refused = platform.log_in("developer", &fields("rose", PASSWORD)).expect(401);
    let wrong = platform.log_in("developer", &fields("nobody", PASSWORD)).expect(401);
    assert_eq!(refused.body, wrong.body);
    for answer in [ended, unknown, refused] {
        let message = message(&answer);
        assert!(!message.ends_with("because the user is disabled."), "{message}");
    }
}

#[test]
fn row_19_who_may_not_enter_is_told_by_the_reason_phrase() {
    let platform = Platform::new();
    platform.make_user("rose", &["Default"]);
    let rose = platform.token("developer", "rose", PASSWORD);
    for answer in [platform.log_in("soc", &fields("rose", PASSWORD)), platform.get(&rose, CLOUDS)] {
        let answer = answer.expect(403);
        assert_eq!(answer.reason, NOT_AUTHORIZED);
        assert_eq!(message(&answer), NOT_AUTHORIZED);
    }
    assert_eq!(platform.seen().len(), 0);
}

#[test]
fn row_20_every_failure_has_its_message() {
    let card = r#"{"title":"Promote","success":false,"messages":[{"severity":"Error","message":"no"}]}"#;
    let platform = Platform::with("", move |_| answer(409, card));
    let token = platform.admin();
    assert_eq!(platform.get(&token, CLOUDS).expect(409).text(), card, "a report card goes through");
    for (method, target, status) in [
        ("GET", "/authentication/api/v1/sessions/soc".to_owned(), vec![404, 405]),
        ("PUT", "/authentication/api/v1/sessions/soc".to_owned(), vec![404, 405]),
        ("POST", "/authentication/api/v1/sessions/nowhere".to_owned(), vec![404, 405]),
        ("GET", "/authentication/api/v1/sessions/nothing/at/all".to_owned(), vec![404]),
    ] {
        let answer = platform.request(method, &target).send_encrypted();
        assert!(status.contains(&answer.status), "{method} {target}: {}", answer.status);
        assert!(!message(&answer).is_empty(), "{method} {target}");
    }
}

#[test]
fn row_20_a_platform_that_cannot_be_reached_is_a_message_too() {
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = crate::support::Upstream::start();
    let config = super::services(&gone).replace(&gone.address.to_string(), &nowhere.to_string());
    let server = crate::support::Server::with_config(&config);
    let platform = Platform { server, upstream: gone };
    let token = platform.admin();
    let answer = platform.get(&token, CLOUDS);
    assert!(matches!(answer.status, 502 | 503), "{answer:#?}");
    assert!(!message(&answer).is_empty());
}

#[test]
fn row_21_answers_have_their_length() {
    let platform = Platform::new();
    let login = platform.log_in("soc", &fields("admin", ADMIN_PASSWORD)).expect(201);
    assert_eq!(login.header("content-length"), Some(&*login.body.len().to_string()));
    assert_eq!(login.header("transfer-encoding"), None);
    for answer in [
        platform.log_in("soc", &fields("admin", "wrong")),
        platform.request("GET", CLOUDS).send_encrypted(),
        platform.request("GET", "/authentication/api/v1/sessions/nothing/at/all").send_encrypted(),
        platform
            .request("GET", &format!("{SESSIONS}/soc/tenants?username=admin&password=wrong"))
            .send_encrypted(),
    ] {
        assert!(answer.status >= 400);
        message(&answer);
        assert_eq!(answer.header("transfer-encoding"), None);
    }
}

#[test]
fn row_22_29_what_comes_in_clear_is_sent_to_https_with_verb_and_body() {
    let platform = Platform::new();
    let token = platform.admin();
    let body = fields("admin", ADMIN_PASSWORD);
    for target in
        [format!("{SESSIONS}/soc"), format!("{SESSIONS}/developer/"), format!("{SESSIONS}/soc?a=b%20c")]
    {
        let answer = platform.server.post(&target).json(&body).send().expect(307);
        let place = answer.header("location").unwrap();
        assert_eq!(place, format!("https://{}{target}", platform.server.https));
        assert!(!answer.text().contains(ADMIN_PASSWORD));
        // The same request there is what was wanted.
        platform.request("POST", &target).json(&body).send_encrypted().expect(201);
    }
    // No decision is made on what came in clear: a wrong password is not counted, a right one opens nothing.
    platform.server.post(&format!("{SESSIONS}/soc")).json(&fields("admin", "wrong")).send().expect(307);
    for method in ["GET", "POST", "PUT", "DELETE"] {
        for proof in [&*token, "wrong"] {
            let request = platform.server.request(method, CLOUDS).header("ApprendaSessionToken", proof);
            let answer = request.send().expect(307);
            assert_eq!(
                answer.header("location"),
                Some(&*format!("https://{}{CLOUDS}", platform.server.https))
            );
        }
    }
    platform.server.request("DELETE", &format!("{SESSIONS}/soc/{token}")).send().expect(307);
    assert_eq!(platform.seen().len(), 0);
    assert!(platform.is_alive(&token), "nor does a sign-out in clear end anything");
}

#[test]
fn row_23_our_tokens_are_no_bare_numbers_and_its_old_header_is_no_proof() {
    let platform = Platform::new();
    let token = platform.admin();
    assert_eq!(plain(&token).len(), 100);
    let decoded = {
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::STANDARD.decode(plain(&token)).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let halves: Vec<_> = decoded.split('|').collect();
    assert_eq!(halves.iter().map(|it| it.len()).collect::<Vec<_>>(), [36, 36], "{decoded}");
    for value in [&*token, halves[0], halves[1]] {
        let request = platform.request("GET", CLOUDS).header("AuthenticationToken", value);
        request.send_encrypted().expect(401);
        if value != token {
            platform.get(value, CLOUDS).expect(401);
        }
    }
}

#[test]
fn row_25_a_session_is_ended_once_and_ending_it_again_harms_nobody() {
    let platform = Platform::new();
    let token = platform.admin();
    let other = platform.admin();
    for _ in 0..3 {
        // With the header, as this client sends it.
        let request = platform.request("DELETE", &format!("{SESSIONS}/developer/{token}"));
        let answer = request.header("ApprendaSessionToken", &*token).send_encrypted();
        assert!(matches!(answer.status, 204 | 404), "{answer:#?}");
    }
    assert!(!platform.is_alive(&token) && platform.is_alive(&other));
    for unknown in ["x", "%00", "%2f", &"A".repeat(5000)] {
        let answer = platform.log_out("soc", unknown);
        assert!(matches!(answer.status, 204 | 400 | 404 | 414), "{unknown}: {}", answer.status);
    }
    // The published page leaves out the first part of the path.
    let path = format!("/api/v1/sessions/soc/{other}");
    platform.request("DELETE", &path).send_encrypted().expect(204);
    assert!(!platform.is_alive(&other));
}
