//! The form and the questions behind it, played with answers.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use identity::model::proof::Proof;
use jiff::SignedDuration;

use super::{NOW, answer, form_ok, half, login, play, server_ok, token_login, token_ok};
use crate::bed::transcript::{self, assert_asked};
use crate::bed::{HOST, PASSWORD};
use crate::catalyst::Catalyst;
use crate::client_half::{Credential, Holding, Login, Method, Next, Rejection};

const PAGE: &str = "<html>\n<head></head><body><form action=\"j_security_check\"></form></body></html>";

fn sign_in(answers: &[Response<Bytes>]) -> (Vec<String>, Next<Holding>) {
    let (asked, end) = play(half().sign_in(login("alice", PASSWORD)), answers);
    (asked.iter().map(|it| format!("{} {}", it.method(), it.uri().path())).collect(), end)
}

#[test]
fn the_login_asks_as_recorded() {
    let recorded: std::collections::HashMap<_, _> = transcript::all(&Catalyst).into_iter().collect();
    let answers = ["login-ok", "token", "server"].map(|it| recorded[it].answer());
    let (asked, end) = play(half().sign_in(login("alice", PASSWORD)), &answers);
    assert_asked(&recorded["login-ok-escapes"], &asked[0]);
    assert_eq!(asked[0].uri().host(), Some(HOST));
    assert_eq!(asked[0].body(), "j_username=alice&j_password=correct%20horse");
    assert!(!asked[0].headers().contains_key("cookie"));
    let Next::Done(holding) = end else { panic!("{end:?}") };
    let Proof::Session { secret, csrf: Some(csrf) } = &holding.proof else { panic!("{holding:?}") };
    assert!(secret.expose().starts_with(&"k".repeat(40)));
    assert_eq!(csrf.expose(), "A".repeat(100));
    for (request, path) in
        [(&asked[1], "/dataservice/client/token"), (&asked[2], "/dataservice/client/server")]
    {
        assert_eq!((request.method().as_str(), request.uri().path()), ("GET", path));
        assert_eq!(request.headers()["cookie"], format!("JSESSIONID={}", secret.expose()));
    }
    assert_eq!(asked.len(), 3);
    assert_eq!((holding.version.as_deref(), &*holding.username), (Some("20.12.1"), "alice"));
    assert_eq!(holding.expires_at, NOW.checked_add(SignedDuration::from_hours(24)).ok());
}

#[test]
fn a_page_is_a_refusal_and_nothing_is_asked_again() {
    let cookie = ("set-cookie", "JSESSIONID=anonymous.node; path=/; secure");
    for refusal in [
        answer(200, &[], PAGE),
        answer(200, &[cookie, ("expires", "0")], PAGE),
        answer(200, &[cookie], "<!DOCTYPE html>\n<html lang=\"en\">"),
        answer(200, &[cookie], "\n<HTML>"),
        answer(401, &[], "{}"),
    ] {
        let (asked, end) = sign_in(std::slice::from_ref(&refusal));
        assert!(matches!(end, Next::Refused(Rejection::Password)), "{refusal:?}: {end:?}");
        assert_eq!(asked.len(), 1);
    }
}

#[test]
fn what_is_no_login_is_told_from_a_wrong_password() {
    let cookie = ("set-cookie", "JSESSIONID=abc.def; path=/");
    for strange in [
        answer(200, &[], ""),
        answer(200, &[("set-cookie", "JSESSIONID=; Path=/")], ""),
        answer(200, &[("set-cookie", "JSESSIONID=x; Path=/; max-age=0")], ""),
        answer(200, &[("set-cookie", "OTHER=a; Path=/")], ""),
        answer(200, &[cookie], "{}"),
        answer(302, &[cookie, ("location", "/index.html")], ""),
        answer(404, &[], ""),
        answer(405, &[cookie], ""),
        answer(500, &[], PAGE),
    ] {
        let (asked, end) = sign_in(std::slice::from_ref(&strange));
        assert!(matches!(end, Next::Lost(_)), "{strange:?}: {end:?}");
        assert_eq!(asked.len(), 1);
    }
    for location in ["/login.html?error=1", "https://m.example/welcome.html"] {
        let (_, end) = sign_in(&[answer(302, &[cookie, ("location", location)], "")]);
        assert!(matches!(end, Next::Refused(Rejection::Password)), "{location}: {end:?}");
    }
    for (status, after) in [(429, Some("7")), (503, None), (503, Some("soon"))] {
        let headers: Vec<_> = after.map(|it| ("retry-after", it)).into_iter().collect();
        let (_, end) = sign_in(&[answer(status, &headers, "")]);
        let wanted = after.filter(|it| *it == "7").map(|_| Duration::from_secs(7));
        assert!(matches!(end, Next::Refused(Rejection::TooMany(it)) if it == wanted), "{status}: {end:?}");
    }
}

#[test]
fn a_first_password_has_to_be_changed() {
    let moved = || answer(302, &[("location", "https://m.example/passwordReset.html?x=1")], "");
    assert!(matches!(sign_in(&[moved()]).1, Next::Refused(Rejection::PasswordChange)));
    let out = || answer(302, &[("location", "/welcome.html")], "");
    for answers in [vec![form_ok(), moved(), out()], vec![form_ok(), token_ok(), moved(), out()]] {
        let (asked, end) = sign_in(&answers);
        assert!(matches!(end, Next::Refused(Rejection::PasswordChange)), "{end:?}");
        assert_eq!(asked.last().unwrap(), "POST /logout", "the session is not left behind");
    }
}

#[test]
fn a_token_may_be_missing_and_is_no_page() {
    let gone = answer(404, &[], "");
    let (_, end) = sign_in(&[form_ok(), gone.clone(), server_ok("18.4.5")]);
    let Next::Done(holding) = end else { panic!("{end:?}") };
    assert!(
        matches!(&holding.proof, Proof::Session { csrf: Some(it), .. } if it.expose() == "AB".repeat(50))
    );
    // The oldest tell nothing at all.
    let (_, end) = sign_in(&[form_ok(), gone.clone(), gone.clone()]);
    let Next::Done(holding) = end else { panic!("{end:?}") };
    assert!(matches!(holding.proof, Proof::Session { csrf: None, .. }));
    assert_eq!(holding.version, None);
    for strange in [
        answer(200, &[], "<html></html><html></html><html></html>"),
        answer(200, &[], ""),
        answer(200, &[], "short"),
        answer(200, &[], &"A".repeat(401)),
        answer(200, &[], "AAAAAAAAAAAAAAAAAAAAAA\nAAAAAAAAAAAAAAAAAAAAAAA"),
        answer(500, &[], &"A".repeat(100)),
        answer(401, &[], "{}"),
        answer(302, &[("location", "/welcome.html")], ""),
    ] {
        let (asked, end) = sign_in(&[form_ok(), strange.clone(), answer(200, &[], "")]);
        assert!(matches!(end, Next::Lost(_)), "{strange:?}: {end:?}");
        assert_eq!(asked.len(), 3);
    }
}

#[test]
fn a_manager_that_restarts_is_not_taken_for_an_old_one() {
    let out = answer(200, &[], "");
    for strange in [
        answer(503, &[], "Service Unavailable"),
        answer(502, &[], ""),
        answer(200, &[("content-type", "text/html")], PAGE),
        answer(200, &[], "{\"data\":[]}"),
    ] {
        let (_, end) = sign_in(&[form_ok(), token_ok(), strange, out.clone()]);
        let Next::Lost(why) = end else { panic!("{end:?}") };
        assert!(why.contains("restarts"), "{why}");
    }
    let other = answer(200, &[], &format!("{{\"data\":{{\"CSRFToken\":\"{}\"}}}}", "CD".repeat(50)));
    let (_, end) = sign_in(&[form_ok(), token_ok(), other, out]);
    assert!(matches!(&end, Next::Lost(why) if why.contains("two different")), "{end:?}");
}

#[test]
fn only_two_methods_are_there_and_a_base_must_be_an_address() {
    for (method, credential) in [
        (Method::Basic, login("a", "b").credential),
        (Method::Device, Credential::None),
        (Method::Session, Credential::None),
        (Method::Session, Credential::Token(identity::model::secret::Secret::new("x"))),
        (Method::Token, Credential::None),
    ] {
        let (asked, end) = play(half().sign_in(Login { credential, method, ..login("", "") }), &[]);
        assert!(matches!(end, Next::Lost(_)) && asked.is_empty(), "{method:?}");
    }
    for base in ["", "no address", "gateway.example", "/x"] {
        let (_, end) = play(half().sign_in(Login { base: base.to_owned(), ..login("a", "b") }), &[]);
        assert!(matches!(end, Next::Lost(_)), "{base}");
    }
    let mut silent = half().sign_in(login("a", "b"));
    assert!(matches!(silent.next(None), Next::Send(_)));
    assert!(matches!(silent.next(None), Next::Lost(_)));
    assert!(matches!(silent.next(None), Next::Lost(_)));
}

/// Of several cookies the last one for the whole Manager counts: proxies have their own, and a container may name a
/// session's old number too.
#[test]
fn of_several_cookies_the_right_one_is_taken() {
    for (lines, wanted) in [
        (&["AWSALB=x; Path=/", "JSESSIONID=s.node; path=/; secure"][..], Some("s.node")),
        (&["JSESSIONID=old.node; path=/", "JSESSIONID=new.node; path=/"], Some("new.node")),
        (&["JSESSIONID=s.node; path=/", "JSESSIONID=proxy; path=/proxy"], Some("s.node")),
        (&["JSESSIONID=\"s.node\"; Version=1; Path=/"], Some("s.node")),
        (&["JSESSIONID=s.node; Path=/dataservice"], Some("s.node")),
        (&["JSESSIONID=deleted; Max-Age=-1"], None),
        (&["JSESSIONID=a b; path=/"], None),
        (&["JSESSIONID=a\"b; path=/"], None),
    ] {
        let headers: Vec<_> = lines.iter().map(|it| ("set-cookie", *it)).collect();
        let answers = [answer(200, &headers, ""), token_ok(), server_ok("20.15.1")];
        let answers = if wanted.is_some() { &answers[..] } else { &answers[..1] };
        let (asked, end) = play(half().sign_in(login("svc", "secret")), answers);
        match (end, wanted) {
            (Next::Done(_), Some(wanted)) => {
                assert_eq!(asked[1].headers()["cookie"], format!("JSESSIONID={wanted}"), "{lines:?}");
            }
            (Next::Lost(_), None) => {}
            (end, _) => panic!("{lines:?}: {end:?}"),
        }
    }
}

/// A server that says back what it was sent does not bring it onto a screen.
#[test]
fn nothing_that_was_shown_is_said_again() {
    let said = "{\"error\":{\"message\":\"no\",\"details\":\"user svc with swordfish-42 has no right\"}}";
    let (_, end) = play(half().sign_in(token_login("svc", "swordfish-42")), &[answer(403, &[], said)]);
    let Next::Refused(rejection) = end else { panic!("{end:?}") };
    let text = rejection.to_string();
    assert!(text.contains("user svc with [hidden] has no right"), "{text}");
    for (body, wanted) in
        [("{\"error\":\"in maintenance\"}", "in maintenance"), ("{\"error\":[1]}", "403"), ("", "403")]
    {
        let (_, end) = play(half().sign_in(token_login("svc", "swordfish-42")), &[answer(403, &[], body)]);
        let Next::Refused(rejection) = end else { panic!("{end:?}") };
        assert!(rejection.to_string().contains(wanted), "{rejection}");
    }
}
