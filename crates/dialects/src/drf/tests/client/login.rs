//! Sessions: won by the form, refused in every way.

use identity::model::proof::Proof;
use jiff::{SignedDuration, Timestamp};

use super::{anybody, both, login, lost, rejection};
use crate::bed::talk::{Talk, answer, data, play, talk};
use crate::bed::{Bed, PASSWORD};
use crate::client_half::{Holding, Method, Next, Rejection, Verdict};
use crate::dialect::Dialect;
use crate::oauth::bed::Office;

/// What comes of a login where the form is answered so.
fn posted(dialect: &dyn Dialect, status: u16, headers: &[(&str, &str)], body: &str) -> Talk<Holding> {
    let page = answer(200, &[("set-cookie", "csrftoken=abc; Path=/")], "<html>");
    play(dialect.client().sign_in(anybody(Method::Session)), vec![page, answer(status, headers, body)])
}

/// What comes of a login where the page is answered so.
fn asked(dialect: &dyn Dialect, status: u16, headers: &[(&str, &str)], body: &str) -> Talk<Holding> {
    play(dialect.client().sign_in(anybody(Method::Session)), vec![answer(status, headers, body)])
}

#[tokio::test]
async fn a_session_is_won_and_shown() {
    for dialect in both() {
        let bed = Bed::new().await;
        let now = bed.authority.world.clock.now();
        let life = if dialect.name() == "aap" { 900 } else { 1800 };
        let talk =
            talk(&bed, dialect, dialect.client().sign_in(login("alice", PASSWORD, Method::Session, now)));
        let talk = talk.await;
        assert_eq!(talk.sent.len(), 2);
        let held = talk.done();
        assert_eq!(held.expires_at, Some(now + SignedDuration::from_secs(life)));
        assert_eq!((held.username.as_str(), held.method), ("alice", Method::Session));
        let who = super::talk(&bed, dialect, dialect.client().who(&held)).await.done();
        assert_eq!((who.username.as_str(), who.is_superuser), ("alice", Some(false)));
        assert!(who.id.is_some());
    }
}

#[tokio::test]
async fn odd_names_and_passwords_arrive_as_they_are() {
    let office = Office::new().await;
    let password = "p ä&=%41+;:\"'<>#?\\/ Пароль";
    office.bed.add_user_with("ann+1@x.example", password).await;
    for dialect in both() {
        for method in [Method::Session, Method::Basic, Method::Token] {
            let login = login("ann+1@x.example", password, method, office.bed.authority.world.clock.now());
            let held = talk(&office.bed, dialect, dialect.client().sign_in(login)).await.done();
            let who = talk(&office.bed, dialect, dialect.client().who(&held)).await.done();
            assert_eq!(who.username, "ann+1@x.example", "{method:?}");
        }
    }
}

#[tokio::test]
async fn a_wrong_password_and_a_disabled_user_are_refused() {
    for dialect in both() {
        let bed = Bed::new().await;
        for (name, password) in [("alice", "wrong"), ("nobody", PASSWORD), ("bob", PASSWORD)] {
            for method in [Method::Session, Method::Basic, Method::Token] {
                let login = login(name, password, method, bed.authority.world.clock.now());
                let end = talk(&bed, dialect, dialect.client().sign_in(login)).await.end;
                assert_eq!(rejection(end), Rejection::Password, "{} {name} {method:?}", dialect.name());
            }
        }
    }
}

#[test]
fn the_pages_own_token_is_sent_beside_the_cookies() {
    for dialect in both() {
        let page = "x {\n  \"csrfToken\":   \"Masked64\"\n}";
        let cookies = [("set-cookie", "other=1"), ("set-cookie", "csrftoken=bare; Secure")];
        let answers = vec![answer(200, &cookies, page), answer(401, &[], "")];
        let talk = play(dialect.client().sign_in(anybody(Method::Session)), answers);
        let form = &talk.sent[1];
        assert_eq!(form.headers()["cookie"], "csrftoken=bare");
        assert_eq!(form.headers()["x-csrftoken"], "Masked64");
        assert_eq!(form.headers()["referer"], form.uri().to_string());
        assert_eq!(form.body(), "username=ann&password=secret");
        assert_eq!(rejection(talk.end), Rejection::Password);
    }
}

#[test]
fn a_page_without_a_token_is_satisfied_with_the_cookies() {
    for length in [32, 64] {
        let cookie = format!("csrftoken={}", "n".repeat(length));
        let answers = vec![answer(200, &[("set-cookie", &cookie)], "<html>"), answer(401, &[], "")];
        let talk = play(both()[0].client().sign_in(anybody(Method::Session)), answers);
        assert_eq!(talk.sent[1].headers()["x-csrftoken"], "n".repeat(length));
    }
}

/// As the platform gateway answers, and as the controller does: with 302, or by way of exception with 200.
#[test]
fn a_session_ends_when_its_cookie_does() {
    let at = |seconds| Some(Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds));
    let date = "Mon, 21 Jul 2025 21:41:23 GMT";
    for (attributes, end) in [
        ("; expires=Mon, 21 Jul 2025 21:56:23 GMT; HttpOnly; Max-Age=900; Path=/", at(900)),
        ("; expires=Mon, 21 Jul 2025 21:56:23 GMT; Path=/", at(900)),
        ("; Path=/; max-age=60", at(60)),
        ("; Path=/", None),
    ] {
        for (dialect, name) in both().into_iter().zip(["gateway_sessionid", "awx_sessionid"]) {
            for status in [302, 200] {
                let cookie = format!("{name}=s3cret{attributes}");
                let headers = [
                    ("date", date),
                    ("location", "/"),
                    ("set-cookie", "csrftoken=new"),
                    ("set-cookie", &cookie),
                ];
                let held = posted(dialect, status, &headers, "").done();
                assert_eq!(held.expires_at, end, "{attributes}");
                let Proof::Session { secret, csrf } = held.proof else { panic!("a session was expected") };
                assert_eq!((secret.expose(), csrf.unwrap().expose()), ("s3cret", "new"));
            }
        }
    }
    let headers = [("session-timeout", "1800"), ("set-cookie", "awx_sessionid=s3cret")];
    let held = posted(both()[1], 302, &headers, "").done();
    assert_eq!(held.expires_at, at(1800));
    let Proof::Session { csrf, .. } = held.proof else { panic!("a session was expected") };
    assert_eq!(csrf.unwrap().expose(), "abc", "the page's, as no new one came");
}

#[test]
fn a_refused_form_tells_which_check_it_failed() {
    let page = |why: &str| {
        format!("<html><h1>Forbidden (403)</h1><p>CSRF verification failed. Request aborted.</p>{why}")
    };
    for (why, part) in [
        (
            "<p>You are seeing this message because this HTTPS site requires a “Referer header” to be sent by your web browser, but none was sent.",
            "no Referer",
        ),
        (
            "<p>You are seeing this message because this site requires a CSRF cookie when submitting forms.",
            "cookie",
        ),
        ("<small>Referer checking failed - no Referer.</small>", "no Referer"),
        (
            "<small>Origin checking failed - https://a.example does not match any trusted origins.</small>",
            "trusted",
        ),
        (
            "<small>Referer checking failed - https://a.example/ does not match any trusted origins.</small>",
            "trusted",
        ),
        ("<small>CSRF cookie not set.</small>", "cookie"),
        ("<small>CSRF token from POST incorrect.</small>", "token"),
        ("", "does not say"),
    ] {
        let Rejection::Forgery(said) = rejection(posted(both()[0], 403, &[], &page(why)).end) else {
            panic!("a forgery was expected")
        };
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn other_refusals_are_told_from_strange_servers() {
    for dialect in both() {
        assert_eq!(rejection(posted(dialect, 401, &[], "").end), Rejection::Password);
        // Some servers show the page again, or lead to it, and begin a session of nobody.
        let nobody = [("set-cookie", "gateway_sessionid=s"), ("set-cookie", "awx_sessionid=s")];
        let again = "<html><form method=\"post\"><input name=\"password\" type=\"password\">";
        for headers in [&[][..], &nobody] {
            assert_eq!(rejection(posted(dialect, 200, headers, again).end), Rejection::Password);
        }
        let own = if dialect.name() == "aap" { "/api/gateway/v1/login/?e=1" } else { "/api/login/?e=1" };
        let back = [("location", own), nobody[0], nobody[1]];
        assert_eq!(rejection(posted(dialect, 302, &back, "").end), Rejection::Password);
        // A server that answers everything with the page of its own application is another server.
        lost(posted(dialect, 200, &[("content-type", "text/html")], "<html><div id=\"app\"></div>").end);
        let wait = [("retry-after", "30")];
        let minute = std::time::Duration::from_secs(30);
        assert_eq!(rejection(posted(dialect, 429, &wait, "").end), Rejection::TooMany(Some(minute)));
        let deleted = [
            ("location", "/"),
            ("set-cookie", "gateway_sessionid=\"\""),
            ("set-cookie", "awx_sessionid=\"\""),
        ];
        lost(posted(dialect, 302, &deleted, "").end);
        lost(posted(dialect, 403, &[], "").end);
        lost(posted(dialect, 502, &[], "").end);
        lost(asked(dialect, 200, &[], "<html>").end);
        lost(asked(dialect, 404, &[], "").end);
        lost(asked(dialect, 503, &[], "").end);
        let elsewhere = asked(dialect, 302, &[("location", "https://sso.example/?state=secret")], "").end;
        let Rejection::Elsewhere(said) = rejection(elsewhere) else { panic!("elsewhere was expected") };
        assert!(said.contains("https://sso.example/") && !said.contains("secret"), "{said}");
        let mut plain = anybody(Method::Session);
        plain.base = "http://gateway.example.com".to_owned();
        let secure = answer(301, &[("location", "https://gateway.example.com/x")], "");
        let end = play(dialect.client().sign_in(plain), vec![secure]).end;
        assert_eq!(rejection(end), Rejection::Unencrypted);
        let mut nowhere = anybody(Method::Session);
        for base in ["no address at all", "gateway.example.com", ""] {
            base.clone_into(&mut nowhere.base);
            lost(play(dialect.client().sign_in(nowhere.clone()), Vec::new()).end);
        }
    }
}

/// A controller behind a platform gateway takes no logins of its own.
#[test]
fn a_controller_says_that_it_is_behind_a_gateway() {
    let awx = both()[1];
    let page = answer(200, &[("set-cookie", "csrftoken=abc")], "");
    let said = data(401, r#"{"detail":"Please log in via Platform Authentication."}"#);
    let end = play(awx.client().sign_in(anybody(Method::Session)), vec![page, said]).end;
    assert_eq!(rejection(end), Rejection::Elsewhere("Please log in via Platform Authentication.".to_owned()));
    let Rejection::Elsewhere(_) = rejection(asked(awx, 302, &[("location", "/?next=/api/")], "").end) else {
        panic!("elsewhere was expected")
    };
}

/// A session's cookie may have been given another name, which the login tells, or the framework's own, as in old
/// releases: it is shown, judged and renewed under that name.
#[test]
fn a_session_is_kept_under_the_name_of_its_cookie() {
    let awx = both()[1];
    let held = |headers: &[(&str, &str)]| posted(awx, 302, headers, "").done();
    let shown = |held: &Holding| {
        let mut parts =
            http::Request::get("https://gateway.example.com/api/v2/me/").body(()).unwrap().into_parts().0;
        awx.client().write_proof(held, &mut parts);
        parts.headers["cookie"].to_str().unwrap().to_owned()
    };
    let told = ("x-api-session-cookie-name", "my_session");
    let renamed = held(&[told, ("set-cookie", "my_session=s; Max-Age=1800")]);
    assert_eq!(renamed.cookie.as_deref(), Some("my_session"));
    assert_eq!(renamed.expires_at, Some(Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1800)));
    assert_eq!(shown(&renamed), "csrftoken=abc; my_session=s");
    let old = held(&[("set-cookie", "sessionid=s; Path=/; HttpOnly")]);
    assert_eq!(shown(&old), "csrftoken=abc; sessionid=s");
    let usual = held(&[("set-cookie", "sessionid=other"), ("set-cookie", "awx_sessionid=s")]);
    assert_eq!((usual.cookie.as_deref(), &*shown(&usual)), (None, "csrftoken=abc; awx_sessionid=s"));
    let gone = |name: &str| {
        let line = format!("{name}=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/");
        answer(200, &[("set-cookie", &line)], "{}").into_parts().0
    };
    let verdict = |held: &Holding, name: &str| awx.client().judge(held, &gone(name), None);
    assert!(matches!(verdict(&renamed, "my_session"), Verdict::Dead(_)));
    assert_eq!(verdict(&renamed, "awx_sessionid"), Verdict::Alive);
    assert_eq!(verdict(&usual, "sessionid"), Verdict::Alive);
    let renewal = awx.client().renew(&renamed, Timestamp::UNIX_EPOCH).unwrap();
    let again = answer(200, &[("set-cookie", "my_session=t; Max-Age=60")], "{}");
    let renewed = play(renewal, vec![again]).done();
    assert_eq!(shown(&renewed), "csrftoken=abc; my_session=t");
    // Not everything is a name, and the name of the other cookie is none.
    for name in ["csrftoken", "a;b", "a b", "a=b", "", &"n".repeat(65)] {
        let set = format!("{name}=s");
        lost(
            posted(
                awx,
                302,
                &[("x-api-session-cookie-name", name), ("set-cookie", &set), ("location", "/")],
                "",
            )
            .end,
        );
    }
}

/// The last cookie counts, and only one for the whole server; one that ends gives nothing.
#[test]
fn of_several_cookies_the_right_one_is_taken() {
    let aap = both()[0];
    let secret = |lines: &[&str]| {
        let mut headers = vec![("location", "/")];
        headers.extend(lines.iter().map(|it| ("set-cookie", *it)));
        match posted(aap, 302, &headers, "").end {
            Next::Done(Holding { proof: Proof::Session { secret, .. }, .. }) => {
                Some(secret.expose().to_owned())
            }
            _ => None,
        }
    };
    for (lines, wanted) in [
        (&["SERVERID=a; Path=/", "gateway_sessionid=s; Path=/"][..], Some("s")),
        (&["gateway_sessionid=old; Path=/", "gateway_sessionid=new; Path=/"], Some("new")),
        (&["gateway_sessionid=\"\"; Max-Age=0; Path=/", "gateway_sessionid=new; Path=/"], Some("new")),
        (&["gateway_sessionid=s; Path=/", "gateway_sessionid=proxy; Path=/proxy"], Some("s")),
        (&["gateway_sessionid=s; Path=/api"], Some("s")),
        (&["gateway_sessionid=deleted; Max-Age=0"], None),
        (&["gateway_sessionid=deleted; Max-Age=-1"], None),
        (&["gateway_sessionid=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT"], None),
        (&["gateway_sessionid=a b"], None),
        (&["GATEWAY_SESSIONID=s"], None),
    ] {
        assert_eq!(secret(lines).as_deref(), wanted, "{lines:?}");
    }
}
