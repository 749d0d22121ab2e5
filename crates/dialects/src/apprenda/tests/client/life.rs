//! How a session lives and dies.

use http::{Request, Response};
use identity::model::portal::Portal;
use jiff::SignedDuration;

use super::super::cloud;
use super::{TOKEN, answer, asked, carry, half, held, holding, through};
use crate::bed::Bed;
use crate::client_half::{Death, Holding, Next, Phrase, Rejection, Style, Verdict};

/// What the client half makes of an answer: without its body, and in the end.
fn verdict(answer: Response<bytes::Bytes>) -> (Verdict, Verdict) {
    let held = holding(None, TOKEN);
    let (parts, body) = answer.into_parts();
    let first = half().judge(&held, &parts, None);
    let last = half().judge(&held, &parts, Some(&body));
    assert_ne!(last, Verdict::Unsure, "never with a body");
    (first, last)
}

const fn dead(style: Style) -> Verdict {
    Verdict::Dead(Death { style, is_unrun: true })
}

/// The answer to a question that shows what is held.
async fn call(bed: &Bed, held: &Holding, path: &str) -> Response<bytes::Bytes> {
    let request = Request::get(path).header("host", crate::bed::HOST).body(bytes::Bytes::new()).unwrap();
    let (mut parts, body) = request.into_parts();
    half().write_proof(held, &mut parts);
    bed.send(&super::Apprenda, Request::from_parts(parts, body)).await
}

const TENANTS: &str = "/authentication/api/v1/sessions/developer/tenants";

#[tokio::test]
async fn a_session_ends_where_it_began() {
    let bed = cloud().await;
    for (portal, name, tenant) in [
        (Portal::Operations, "admin", None),
        (Portal::Developer, "alice", None),
        (Portal::Account, "carol", Some("Acme")),
    ] {
        let session = held(&bed, through(portal, name, tenant)).await;
        assert_eq!(verdict(call(&bed, &session, TENANTS).await).1, Verdict::Alive);
        let (last, end) = carry(&bed, half().sign_out(&session)).await;
        assert!(matches!(end, Next::Done(())), "{end:?}");
        let last = last.unwrap();
        assert!(
            last.starts_with("DELETE /authentication/api/v1/sessions/") && last.ends_with("%3D%3D"),
            "{last}"
        );
        assert_eq!(
            verdict(call(&bed, &session, TENANTS).await),
            (dead(Style::Unauthorized), dead(Style::Unauthorized))
        );
        assert!(
            matches!(carry(&bed, half().sign_out(&session)).await.1, Next::Done(())),
            "twice is no error"
        );
    }
}

#[tokio::test]
async fn a_session_dies_of_rest_and_with_its_user() {
    let bed = cloud().await;
    let session = held(&bed, through(Portal::Developer, "alice", None)).await;
    bed.clock.pass(SignedDuration::from_hours(24 * 365));
    assert_eq!(verdict(call(&bed, &session, TENANTS).await).1, dead(Style::Unauthorized));
    let session = held(&bed, through(Portal::Developer, "alice", None)).await;
    let operator = bed.authority.operator().await.unwrap();
    let user = bed.authority.user_named("alice").await.unwrap().unwrap().user.id;
    bed.authority
        .delete(&bed.context(), &operator, identity::model::object::Noun::User, user.0)
        .await
        .unwrap();
    assert_eq!(verdict(call(&bed, &session, TENANTS).await).1, dead(Style::Unauthorized));
}

#[test]
fn a_token_is_encoded_once_whatever_it_was() {
    let gone = answer(204, &[], "");
    for spelling in
        [TOKEN.to_owned(), TOKEN.replace('=', "%3D"), TOKEN.replace('=', "%3d"), TOKEN.replace('=', "%253D")]
    {
        for (portal, word) in
            [(None, "soc"), (Some(Portal::Developer), "developer"), (Some(Portal::Account), "account")]
        {
            let (request, end) = asked(half().sign_out(&holding(portal, &spelling)), &gone);
            assert!(matches!(end, Next::Done(())));
            let wanted = format!("/authentication/api/v1/sessions/{word}/{}", TOKEN.replace('=', "%3D"));
            assert_eq!((request.method().as_str(), request.uri().path()), ("DELETE", &*wanted));
            assert_eq!(request.headers()["apprendasessiontoken"], *spelling, "verbatim in the header");
            assert!(request.headers()["apprendasessiontoken"].is_sensitive());
        }
    }
    let (request, _) = asked(half().sign_out(&holding(None, "a+b/c")), &gone);
    assert!(request.uri().path().ends_with("/soc/a%2Bb%2Fc"));
    for (status, is_over) in [(200, true), (404, true), (401, true), (405, false), (500, false), (302, false)]
    {
        let (_, end) = asked(half().sign_out(&holding(None, TOKEN)), &answer(status, &[], ""));
        assert_eq!(matches!(end, Next::Done(())), is_over, "{status}");
    }
}

#[test]
fn what_a_session_dies_of() {
    let words = "You are not authorized to access this application";
    assert_eq!(verdict(answer(401, &[], "")).0, dead(Style::Unauthorized));
    for body in [
        format!("{{\"message\":\"{words}\"}}"),
        format!("{{\"Message\":\"{words}.\"}}"),
        format!("{{\"title\":\"\",\"success\":false,\"messages\":[{{\"message\":\"{words}\"}}]}}"),
        words.to_owned(),
        format!("\"{words}\""),
    ] {
        assert_eq!(verdict(answer(403, &[], &body)), (Verdict::Unsure, dead(Style::Forbidden)), "{body}");
    }
    let mut by_reason = answer(403, &[], "<html>");
    by_reason.extensions_mut().insert(crate::dialect::Reason(words));
    assert_eq!(verdict(by_reason), (dead(Style::Forbidden), dead(Style::Forbidden)));
    for (phrase, is_dead) in [(words, true), ("Forbidden", false)] {
        let mut by_phrase = answer(403, &[], "<html>");
        by_phrase.extensions_mut().insert(Phrase(phrase.to_owned()));
        assert_eq!(verdict(by_phrase).1 == dead(Style::Forbidden), is_dead, "{phrase}");
    }
    for (status, body) in [
        (403, "{\"message\":\"Not this host\"}"),
        (403, ""),
        (403, "<html>"),
        (200, "{\"message\":\"You are not authorized to access this application\"}"),
        (400, ""),
        (404, ""),
        (302, ""),
        (500, ""),
        (503, ""),
    ] {
        let (first, last) = verdict(answer(status, &[], body));
        assert_eq!(last, Verdict::Alive, "{status} {body}");
        assert_eq!(first == Verdict::Unsure, status == 403);
    }
}

#[test]
fn who_we_are_is_who_signed_in_while_the_session_lives() {
    for (portal, path) in [
        (None, Some("/soc/api/v1/clouds")),
        (Some(Portal::Operations), Some("/soc/api/v1/clouds")),
        (Some(Portal::Developer), Some("/developer/api/v1/apps")),
        (Some(Portal::Account), None),
    ] {
        let mut conversation = half().who(&holding(portal, TOKEN));
        let Some(path) = path else {
            assert!(matches!(conversation.next(None), Next::Done(who) if who.username == "svc"));
            continue;
        };
        let (request, end) = asked(half().who(&holding(portal, TOKEN)), &answer(200, &[], "{\"items\":[]}"));
        assert_eq!(request.uri().path(), path);
        assert_eq!(request.headers()["apprendasessiontoken"], TOKEN);
        assert!(matches!(end, Next::Done(who) if who.username == "svc"));
        let end = asked(half().who(&holding(portal, TOKEN)), &answer(401, &[], "{\"message\":\"no\"}")).1;
        assert!(matches!(end, Next::Refused(Rejection::Over)));
        let end = asked(half().who(&holding(portal, TOKEN)), &answer(503, &[], "")).1;
        assert!(matches!(end, Next::Refused(Rejection::TooMany(None))));
        let end = asked(half().who(&holding(portal, TOKEN)), &answer(500, &[], "")).1;
        assert!(matches!(end, Next::Lost(_)));
    }
}

#[test]
fn a_sign_in_page_in_the_place_of_an_answer_is_no_answer() {
    let page = "<html><form method=post><input name=\"p\" TYPE=\"password\"></form></html>";
    let shown = |kind: &'static str, body: &str| verdict(answer(200, &[("content-type", kind)], body));
    assert_eq!(shown("text/html; charset=utf-8", page), (Verdict::Unsure, dead(Style::LoginPage)));
    assert_eq!(shown("text/html", "<html>a report</html>"), (Verdict::Unsure, Verdict::Alive));
    // Data may hold anything.
    assert_eq!(
        shown("application/json", "{\"a\":\"type=\\\"password\\\"\"}"),
        (Verdict::Alive, Verdict::Alive)
    );
    for (location, expected) in [
        ("/login", dead(Style::Redirect)),
        ("https://apps.example/Account/LogOn?ReturnUrl=%2fsoc", dead(Style::Redirect)),
        ("/soc/api/v1/logins", Verdict::Alive),
        ("/", Verdict::Alive),
    ] {
        let said = verdict(answer(302, &[("location", location)], ""));
        assert_eq!(said, (expected, expected), "{location}");
    }
}
