//! Servers that are broken, or mean no good.

use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::Timestamp;

use super::{anybody, bearer, both, lost, rejection, session};
use crate::bed::talk::{answer, data, play};
use crate::client_half::{Application, Holding, Login, Method, Next, Rejection};

/// A login as an application.
fn as_application() -> Login {
    let application = Application { id: "app".to_owned(), secret: Some(Secret::new("app-s3cret-9")) };
    Login { application: Some(application), ..anybody(Method::Token) }
}

/// Somebody with a password that stands in no other text.
fn swordfish(method: Method) -> Login {
    Login {
        method,
        ..Login::new("https://gateway.example.com", "ann", Secret::new("swordfish&42"), Timestamp::UNIX_EPOCH)
    }
}

#[test]
fn a_token_that_cannot_be_shown_is_none() {
    let ends = ["a\\r\\nX-Evil: 1", "a b", "a\\u0000", "", "ä", &"t".repeat(9000)];
    for dialect in both() {
        for token in ends {
            let body = format!(r#"{{"id":1,"token":"{token}","access_token":"{token}","expires":"e"}}"#);
            lost(play(dialect.client().sign_in(anybody(Method::Token)), vec![data(201, &body)]).end);
            lost(play(dialect.client().sign_in(as_application()), vec![data(200, &body)]).end);
            let wanted = crate::client_half::WantedToken::default();
            let made = dialect.client().tokens().unwrap().create(&bearer(), wanted);
            lost(play(made, vec![data(201, &body)]).end);
        }
        for body in [r#"{"id":1,"token":7}"#, r#"{"id":1,"token":["t"]}"#, r#"{"id":"../x","token":"t"}"#] {
            lost(play(dialect.client().sign_in(anybody(Method::Token)), vec![data(201, body)]).end);
        }
    }
}

/// A server that gives no new refresh token goes on with the old one.
#[test]
fn a_refresh_token_stays_where_no_new_one_comes() {
    for dialect in both() {
        let first = r#"{"access_token":"a1","refresh_token":"r1","expires_in":60}"#;
        let first = play(dialect.client().sign_in(as_application()), vec![data(200, first)]).done();
        for (answer, wanted) in [
            (r#"{"access_token":"a2","expires_in":60}"#, "r1"),
            (r#"{"access_token":"a2","refresh_token":"r2"}"#, "r2"),
            (r#"{"access_token":"a2","refresh_token":"r\n2"}"#, "r1"),
        ] {
            let renewal = dialect.client().renew(&first, Timestamp::UNIX_EPOCH).unwrap();
            let second = play(renewal, vec![data(201, answer)]).done();
            assert_eq!(second.renewal.unwrap().expose(), wanted);
            let Proof::Bearer(token) = second.proof else { panic!("a token was expected") };
            assert_eq!(token.expose(), "a2");
        }
    }
}

#[test]
fn times_without_measure_are_no_times() {
    for dialect in both() {
        for life in ["1e400", "-1", "9223372036854775807", "-9223372036854775808", "\"soon\"", "null", "0.5"]
        {
            let body = format!(r#"{{"access_token":"a","expires_in":{life}}}"#);
            match play(dialect.client().sign_in(as_application()), vec![data(200, &body)]).end {
                Next::Done(held) => assert!(held.expires_at.is_none_or(|it| it.as_second() < 4_000_000_000)),
                Next::Lost(_) => assert_eq!(life, "1e400", "no number of JSON is that large"),
                end => panic!("{life}: {end:?}"),
            }
        }
        let page = answer(200, &[("set-cookie", "csrftoken=abc")], "");
        for age in ["99999999999999999999", "9223372036854775807", "1e9", "never"] {
            let lines = [
                format!("gateway_sessionid=s; Max-Age={age}"),
                format!("awx_sessionid=s; expires=Fri, 31 Dec 9999 23:59:59 GMT; Max-Age={age}"),
            ];
            let won =
                answer(302, &[("location", "/"), ("set-cookie", &lines[0]), ("set-cookie", &lines[1])], "");
            let held =
                play(dialect.client().sign_in(anybody(Method::Session)), vec![page.clone(), won]).done();
            assert!(held.expires_at.is_none_or(|it| it.as_second() < 4_000_000_000), "{age}");
        }
        for wait in ["18446744073709551616", "-5", "Fri, 31 Dec 9999 23:59:59 GMT", ""] {
            let refused = answer(429, &[("retry-after", wait)], "");
            let end = play(dialect.client().sign_in(anybody(Method::Session)), vec![refused]).end;
            assert_eq!(rejection(end), Rejection::TooMany(None), "{wait}");
        }
        let long = answer(429, &[("retry-after", "9999999999")], "");
        let Rejection::TooMany(Some(time)) =
            rejection(play(dialect.client().sign_in(anybody(Method::Session)), vec![long]).end)
        else {
            panic!("a wait was expected")
        };
        assert!(time.as_secs() <= 86_400);
    }
}

/// Data that is deep, long or of another shape is no data, and nothing falls.
#[test]
fn data_of_no_sense_is_none() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let nested = format!("{}1{}", "{\"detail\":".repeat(100_000), "}".repeat(100_000));
    let number = format!("{{\"id\":{},\"username\":\"ann\"}}", "9".repeat(100_000));
    for dialect in both() {
        for body in [&*deep, &nested, &number, "[]", "[[]]", "{\"results\":[]}", "null", "\"ann\"", "<html>"]
        {
            lost(play(dialect.client().who(&bearer()), vec![data(200, body)]).end);
            let (parts, _) = data(403, body).into_parts();
            assert_eq!(
                dialect.client().judge(&session(), &parts, Some(body.as_bytes())),
                crate::client_half::Verdict::Alive
            );
            for path in dialect.client().probes() {
                assert!(dialect.client().recognise(path, &data(200, body)).is_none());
            }
        }
        // Errors whose keys are of another kind than usual are told as they are.
        for body in
            [r#"{"error":"no"}"#, r#"{"error":{"message":"no"}}"#, r#"{"detail":["no"]}"#, "no", "[\"no\"]"]
        {
            let Rejection::NotPermitted(said) =
                rejection(play(dialect.client().who(&bearer()), vec![data(403, body)]).end)
            else {
                panic!("a refusal was expected")
            };
            assert!(said.contains("no"), "{said}");
        }
    }
}

/// What was shown is not said again, whichever way a server repeats it.
#[test]
fn nothing_that_was_shown_is_said_again() {
    let quiet = |end: Next<Holding>| {
        let text = match &end {
            Next::Refused(rejection) => format!("{rejection} {rejection:?}"),
            Next::Lost(why) => why.clone(),
            other => panic!("{other:?}"),
        };
        assert!(
            !text.contains("swordfish") && !text.contains("app-s3cr") && !text.contains("c2Vj"),
            "{text}"
        );
        text
    };
    for dialect in both() {
        let half = dialect.client();
        let echo = r#"{"detail":"ann with swordfish&42 is not allowed"}"#;
        let said = quiet(play(half.sign_in(swordfish(Method::Basic)), vec![data(403, echo)]).end);
        assert!(said.contains("ann with [hidden] is not allowed"), "{said}");
        quiet(play(half.sign_in(swordfish(Method::Token)), vec![data(400, echo)]).end);
        let page = answer(200, &[("set-cookie", "csrftoken=abc")], "");
        let back = answer(302, &[("location", "/x/swordfish&42/y")], "");
        quiet(play(half.sign_in(swordfish(Method::Session)), vec![page.clone(), back]).end);
        let back = answer(307, &[("location", "/x/swordfish&42/y")], "");
        let said = quiet(play(half.sign_in(swordfish(Method::Session)), vec![page, back]).end);
        assert!(said.contains("/x/[hidden]/y"), "{said}");
        let login = Login { application: as_application().application, ..swordfish(Method::Token) };
        // Cut within the secret: its beginning is not said either.
        let echo = format!("{}app-s3cret-9", "x".repeat(191));
        let echo = format!(r#"{{"error":"invalid_client","error_description":"{echo}"}}"#);
        quiet(play(half.sign_in(login), vec![data(401, &echo)]).end);
    }
    let first = both()[0].client().sign_in(swordfish(Method::Basic)).next(None);
    assert!(!format!("{first:?}").contains("Basic") && !format!("{first:?}").contains("swordfish"));
}
