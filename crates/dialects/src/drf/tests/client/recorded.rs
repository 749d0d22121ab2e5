//! What real servers of both contracts were seen to answer, and what a client makes of it.

use http::Response;

use super::{anybody, bearer, both, given, rejection, session};
use crate::bed::talk::{answer, data, play};
use crate::client_half::{Application, Death, Holding, Login, Method, Next, Rejection, Style, Verdict};
use crate::dialect::Dialect;

const HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");

/// The data of a 403, as either server heads it.
fn forbidden(dialect: &dyn Dialect, detail: &str) -> Response<bytes::Bytes> {
    let body = serde_json::json!({ "detail": detail }).to_string();
    let kind = ("content-type", "application/json");
    match dialect.name() {
        "aap" => answer(403, &[kind, ("vary", "Accept, Cookie"), ("x-api-product-name", "oracle")], &body),
        // The controller sends the living cookie beside every answer to a session.
        _ => answer(
            403,
            &[
                kind,
                ("session-timeout", "1800"),
                (
                    "set-cookie",
                    "awx_sessionid=s3cret; expires=Sat, 21 Nov 2026 21:02:19 GMT; HttpOnly; Max-Age=1800; Path=/; SameSite=Lax; Secure",
                ),
            ],
            &body,
        ),
    }
}

/// A 401 for somebody unknown; beside it a cookie ends that was shown.
fn unknown(dialect: &dyn Dialect, ends: bool) -> Response<bytes::Bytes> {
    let (realm, gone, detail) = match dialect.name() {
        "aap" => (
            "Bearer realm=\"api\"",
            "gateway_sessionid=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax",
            "Authentication credentials were not provided.",
        ),
        _ => (
            "Bearer realm=api authorization_url=/api/o/authorize/",
            "awx_sessionid=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax",
            "Authentication credentials were not provided. To establish a login session, visit /api/login/.",
        ),
    };
    let mut headers = vec![("content-type", "application/json"), ("www-authenticate", realm)];
    headers.extend(ends.then_some(("set-cookie", gone)));
    answer(401, &headers, &serde_json::json!({ "detail": detail }).to_string())
}

fn judged(dialect: &dyn Dialect, held: &Holding, answer: Response<bytes::Bytes>) -> Verdict {
    let (parts, body) = answer.into_parts();
    match dialect.client().judge(held, &parts, None) {
        Verdict::Unsure => dialect.client().judge(held, &parts, Some(&body)),
        verdict => verdict,
    }
}

#[test]
fn who_is_unknown_is_told_for_every_proof() {
    for dialect in both() {
        let dead = Verdict::Dead(Death { style: Style::Unauthorized, is_unrun: true });
        assert_eq!(judged(dialect, &session(), unknown(dialect, true)), dead);
        assert_eq!(judged(dialect, &bearer(), unknown(dialect, false)), dead);
        let half = dialect.client();
        assert_eq!(rejection(play(half.who(&session()), vec![unknown(dialect, true)]).end), Rejection::Over);
        assert_eq!(
            rejection(play(half.sign_in(given("nope")), vec![unknown(dialect, false)]).end),
            Rejection::Token
        );
        // A session that is over already is signed out.
        play(half.sign_out(&session()), vec![unknown(dialect, true)]).done();
    }
    // The platform gateway tells a wrong password from a proof that was not looked at; the controller does not.
    let [aap, awx] = both();
    let wrong = data(401, r#"{"detail":"Invalid username/password."}"#);
    let basic = |dialect: &dyn Dialect, answer| {
        rejection(play(dialect.client().sign_in(anybody(Method::Basic)), vec![answer]).end)
    };
    assert_eq!(basic(aap, wrong), Rejection::Password);
    assert_eq!(basic(aap, unknown(aap, false)), Rejection::BasicOff);
    assert_eq!(basic(awx, unknown(awx, false)), Rejection::Password);
}

#[test]
fn every_failed_check_of_a_session_is_stale_and_no_other_403() {
    for dialect in both() {
        for detail in [
            "CSRF Failed: CSRF token missing.",
            "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header incorrect.",
            "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header has incorrect length.",
            "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header has invalid characters.",
            "CSRF Failed: CSRF cookie not set.",
            "CSRF Failed: Referer checking failed - no Referer.",
            "CSRF Failed: Referer checking failed - https://evil.example/ does not match any trusted origins.",
            "CSRF Failed: Referer checking failed - Referer is insecure while host is secure.",
            "CSRF Failed: Origin checking failed - https://evil.example does not match any trusted origins.",
        ] {
            assert_eq!(judged(dialect, &session(), forbidden(dialect, detail)), Verdict::Stale, "{detail}");
            let end = play(dialect.client().who(&session()), vec![forbidden(dialect, detail)]).end;
            let Rejection::Forgery(said) = rejection(end) else { panic!("a forgery was expected: {detail}") };
            assert!(!said.contains("does not say"), "{detail} is known: {said}");
        }
        for detail in [
            "You do not have permission to perform this action.",
            "Filtering on token is not allowed.",
            "Cannot change username.",
            "(access_denied) OAuth2 Tokens cannot be created by users associated with an external authentication provider (corp ldap)",
        ] {
            assert_eq!(judged(dialect, &session(), forbidden(dialect, detail)), Verdict::Alive, "{detail}");
        }
    }
}

#[test]
fn a_form_is_answered_as_real_servers_do() {
    for dialect in both() {
        let (path, name, age, next) = match dialect.name() {
            "aap" => ("/api/gateway/v1/login/", "gateway_sessionid", 900, "/api/gateway/v1/"),
            _ => ("/api/login/", "awx_sessionid", 1800, "/api/"),
        };
        let (cookie, island) = ("c".repeat(32), "i".repeat(64));
        let set = format!("csrftoken={cookie}; Path=/; SameSite=Lax; Secure");
        let form = format!(
            "<form action=\"{path}\" role=\"form\" method=\"post\">\n<input type=\"hidden\" name=\"next\" value=\"\" />\n\
             <input type=\"text\" name=\"username\"><input type=\"password\" name=\"password\">\n\
             <script type=\"application/json\" id=\"drf_csrf\">\n  {{\n    \"csrfHeaderName\": \"X-CSRFToken\",\n    \
             \"csrfToken\": \"{island}\"\n  }}\n</script>"
        );
        let page = answer(200, &[HTML, ("set-cookie", &set)], &form);
        let won = format!(
            "{name}=s3cret; expires=Sat, 21 Nov 2026 20:48:39 GMT; HttpOnly; Max-Age={age}; Path=/; SameSite=Lax; Secure"
        );
        let rotated = format!("csrftoken={}; Path=/; SameSite=Lax; Secure", "r".repeat(32));
        let headers = [
            HTML,
            ("location", next),
            ("set-cookie", "userLoggedIn=true; Path=/; SameSite=Lax; Secure"),
            ("set-cookie", &rotated),
            ("set-cookie", &won),
        ];
        let sign_in = || dialect.client().sign_in(anybody(Method::Session));
        let talk = play(sign_in(), vec![page.clone(), answer(302, &headers, "")]);
        let form_sent = &talk.sent[1];
        assert_eq!(form_sent.headers()["x-csrftoken"], island, "the token of the page");
        assert_eq!(form_sent.headers()["cookie"], format!("csrftoken={cookie}"));
        assert!(form_sent.headers()["referer"].to_str().unwrap().ends_with(path));
        let held = talk.done();
        assert_eq!((held.cookie.as_ref(), held.expires_at.unwrap().as_second()), (None, age));
        let talk = play(dialect.client().who(&held), vec![unknown(dialect, true)]);
        assert_eq!(talk.sent[0].headers()["cookie"], format!("csrftoken={}; {name}=s3cret", "r".repeat(32)));

        let again = answer(401, &[HTML, ("set-cookie", &set)], &form);
        assert_eq!(rejection(play(sign_in(), vec![page.clone(), again]).end), Rejection::Password);
        let forged = answer(
            403,
            &[HTML],
            "  <h1>Forbidden <span>(403)</span></h1>\n  <p>CSRF verification failed. Request aborted.</p>\n  \
             <p>You are seeing this message because this site requires a CSRF cookie when submitting forms.</p>",
        );
        let Rejection::Forgery(said) = rejection(play(sign_in(), vec![page, forged]).end) else {
            panic!("a forgery was expected")
        };
        assert!(said.contains("cookie"), "{said}");
        // Where a redirect to sign in stands in the place of an answer.
        let asked = format!("{path}?next=/api/o/authorize/%3Fclient_id%3Dx");
        assert_eq!(
            judged(dialect, &session(), answer(302, &[HTML, ("location", &asked)], "")),
            Verdict::Dead(Death { style: Style::Redirect, is_unrun: true })
        );
    }
}

#[test]
fn tokens_are_made_refused_and_ended_as_real_servers_do() {
    let row = r#"{"id":490,"type":"o_auth2_access_token","description":"x","user":506,"token":"t0k3n","refresh_token":null,"application":null,"expires":"3026-03-24T20:32:20.240416Z","scope":"write"}"#;
    let external = "(access_denied) OAuth2 Tokens cannot be created by users associated with an external authentication provider (social)";
    for dialect in both() {
        let half = dialect.client();
        let token = || half.sign_in(anybody(Method::Token));
        let held = play(token(), vec![data(201, row)]).done();
        assert_eq!(held.token_id.as_deref(), Some("490"));
        assert!(held.expires_at.is_some(), "a thousand years are an end too");
        let end = play(token(), vec![forbidden(dialect, external)]).end;
        assert!(matches!(rejection(end), Rejection::TokensNotAllowed(said) if said.contains("social")));
        let scope =
            r#"{"scope":["Must be a simple space-separated string with allowed scopes ['read', 'write']."]}"#;
        let end = play(token(), vec![data(400, scope)]).end;
        assert!(matches!(rejection(end), Rejection::Invalid(said) if said.contains("allowed scopes")));
        for over in [
            answer(204, &[], ""),
            unknown(dialect, false),
            data(404, r#"{"detail":"No OAuth2AccessToken matches the given query."}"#),
        ] {
            play(half.sign_out(&held), vec![over]).done();
        }
        // A token that may only read does not end itself.
        let end = play(
            half.sign_out(&held),
            vec![forbidden(dialect, "You do not have permission to perform this action.")],
        )
        .end;
        assert!(matches!(rejection(end), Rejection::NotPermitted(_)));
        let absent = data(404, r#"{"detail":"No OAuth2AccessToken matches the given query."}"#);
        let end = play(half.tokens().unwrap().revoke(&held, "491"), vec![absent]).end;
        assert_eq!(rejection(end), Rejection::Absent);
    }
}

#[test]
fn grants_are_answered_as_real_servers_do() {
    let application = Application { id: "app".to_owned(), secret: None };
    let login = Login { application: Some(application), ..anybody(Method::Token) };
    let pair = r#"{"access_token": "a1", "expires_in": 31536000000, "token_type": "Bearer", "scope": "read", "refresh_token": "r1"}"#;
    let external = "(access_denied) OAuth2 Tokens cannot be created by users associated with an external authentication provider (corp ldap)";
    for dialect in both() {
        let half = dialect.client();
        let granted = |status, body: &str| play(half.sign_in(login.clone()), vec![data(status, body)]).end;
        // One server says 201, the other 200.
        for status in [200, 201] {
            assert!(matches!(granted(status, pair), Next::Done(_)));
        }
        let wrong = r#"{"error": "invalid_grant", "error_description": "Invalid credentials given."}"#;
        assert_eq!(rejection(granted(400, wrong)), Rejection::Password);
        for (status, body) in
            [(401, r#"{"error": "invalid_client"}"#), (400, r#"{"error": "unsupported_grant_type"}"#)]
        {
            assert!(matches!(rejection(granted(status, body)), Rejection::Application(_)));
        }
        assert!(matches!(rejection(granted(400, r#"{"error": "invalid_scope"}"#)), Rejection::Invalid(_)));
        let end = play(half.sign_in(login.clone()), vec![answer(403, &[HTML], external)]).end;
        assert!(matches!(rejection(end), Rejection::TokensNotAllowed(said) if said.contains("corp ldap")));
        let Next::Done(held) = granted(200, pair) else { panic!("a token was expected") };
        let renewal = half.renew(&held, jiff::Timestamp::UNIX_EPOCH).unwrap();
        let used = data(400, r#"{"error": "invalid_grant"}"#);
        assert_eq!(rejection(play(renewal, vec![used]).end), Rejection::Over);
        // A revocation answers with nothing; the token is shown once more, to see.
        let nothing = || answer(200, &[HTML], "");
        play(half.sign_out(&held), vec![nothing(), nothing(), unknown(dialect, false)]).done();
    }
}
