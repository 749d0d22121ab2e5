//! Answers: of which life and death are read, and which server it is.

use http::{Method as Verb, Request, Response};
use identity::model::proof::Proof;
use identity::model::secret::Secret;

use super::{anybody, bearer, both, session};
use crate::bed::Bed;
use crate::bed::talk::{answer, data};
use crate::client_half::{Death, Holding, Method, Style, Verdict};
use crate::dialect::Dialect;

/// What an answer says, asked as a caller asks: first without the body.
fn judged(dialect: &dyn Dialect, held: &Holding, answer: Response<bytes::Bytes>) -> Verdict {
    let (parts, body) = answer.into_parts();
    match dialect.client().judge(held, &parts, None) {
        Verdict::Unsure => dialect.client().judge(held, &parts, Some(&body)),
        verdict => verdict,
    }
}

fn dead(style: Style, is_unrun: bool) -> Verdict {
    Verdict::Dead(Death { style, is_unrun })
}

const GONE: [(&str, &str); 2] = [
    (
        "set-cookie",
        "gateway_sessionid=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax",
    ),
    (
        "set-cookie",
        "awx_sessionid=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax",
    ),
];
const PAGE: (&str, &str) = ("content-type", "text/html; charset=utf-8");

#[test]
fn a_session_dies_in_many_styles() {
    for dialect in both() {
        let held = session();
        let judged = |answer| judged(dialect, &held, answer);
        let no = r#"{"detail":"Authentication credentials were not provided."}"#;
        assert_eq!(judged(data(401, no)), dead(Style::Unauthorized, true));
        assert_eq!(judged(answer(401, &GONE, "")), dead(Style::Unauthorized, true));
        // Open to everybody: it ran, as nobody.
        assert_eq!(judged(answer(200, &GONE, "{}")), dead(Style::ExpiringCookie, false));
        assert_eq!(judged(answer(403, &GONE, "{}")), dead(Style::ExpiringCookie, true));
        for location in [
            "/api/login/?next=/api/v2/",
            "/api/gateway/v1/login/?next=%2F",
            "/login",
            "/#/login",
            "/ui/login?x",
        ] {
            let is_own = match dialect.name() {
                "aap" => !location.starts_with("/api/login"),
                _ => !location.starts_with("/api/gateway"),
            };
            let wanted = if is_own { dead(Style::Redirect, true) } else { Verdict::Alive };
            assert_eq!(judged(answer(302, &[("location", location)], "")), wanted, "{location}");
        }
        assert_eq!(judged(answer(301, &[("location", "/api/v2/me/")], "")), Verdict::Alive);
        let fields = r#"<input type="text" name="username"><input type="password" name="password">"#;
        let path = if dialect.name() == "aap" { "/api/gateway/v1/login/" } else { "/api/login/" };
        let form = format!(r#"<form action="{path}" method="post">{fields}"#);
        assert_eq!(judged(answer(200, &[PAGE], &form)), dead(Style::LoginPage, true));
        // The page of the API about users has these fields too: a request to change one ran.
        let users = format!(r#"<form action="/api/gateway/v1/users/7/" method="POST">{fields}"#);
        assert_eq!(judged(answer(200, &[PAGE], &users)), Verdict::Alive);
        let file = ("content-disposition", "attachment; filename=\"report.html\"");
        assert_eq!(judged(answer(200, &[PAGE, file], &form)), Verdict::Alive);
        assert_eq!(judged(answer(200, &[PAGE], "<h1>Me</h1> name=\"username\"")), Verdict::Alive);
        assert_eq!(judged(data(200, &form)), Verdict::Alive);
        // Of two lines for one name the later one counts, whatever stands beside them.
        let set = GONE.map(|(_, it)| format!("{}=x; Path=/; HttpOnly", it.split_once('=').unwrap().0));
        let lines =
            [("set-cookie", &*set[0]), ("set-cookie", &*set[1]), ("set-cookie", "csrftoken=c; Path=/")];
        let set_and_ended = [&lines[..], &GONE].concat();
        assert_eq!(judged(answer(200, &set_and_ended, "{}")), dead(Style::ExpiringCookie, false));
        assert_eq!(judged(answer(200, &[&GONE[..], &lines].concat(), "{}")), Verdict::Alive);
        // Somebody else's cookie of the same name, and spellings of ours.
        for (attributes, is_over) in [
            ("Max-Age=0; Path=/proxy", false),
            ("Max-Age=1800; Path=/", false),
            ("Max-Age=-1; Path=/", true),
            ("max-age=0", true),
            ("expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/", true),
            ("expires=never", false),
        ] {
            let lines =
                GONE.map(|(_, it)| it.split_once('=').unwrap().0).map(|it| format!("{it}=x; {attributes}"));
            let headers = [("set-cookie", &*lines[0]), ("set-cookie", &*lines[1])];
            let wanted = if is_over { dead(Style::ExpiringCookie, false) } else { Verdict::Alive };
            assert_eq!(judged(answer(200, &headers, "{}")), wanted, "{attributes}");
        }
    }
}

#[test]
fn a_refused_token_of_a_form_is_stale_and_a_refusal_is_none() {
    for dialect in both() {
        for reason in [
            "CSRF token missing.",
            "CSRF cookie not set.",
            "CSRF token from the 'X-Csrftoken' HTTP header incorrect.",
            "Referer checking failed - no Referer.",
            "Origin checking failed - https://a.example does not match any trusted origins.",
        ] {
            let body = format!(r#"{{"detail":"CSRF Failed: {reason}"}}"#);
            assert_eq!(judged(dialect, &session(), data(403, &body)), Verdict::Stale);
            assert_eq!(judged(dialect, &bearer(), data(403, &body)), Verdict::Alive);
        }
        let page = answer(403, &[PAGE], "<p>CSRF verification failed. Request aborted.</p>");
        assert_eq!(judged(dialect, &session(), page), Verdict::Stale);
        // A page in which the framework shows data, and the same behind words of somebody's own.
        let shown = "<pre>{&quot;detail&quot;: &quot;CSRF Failed: CSRF token missing.&quot;}</pre>";
        assert_eq!(judged(dialect, &session(), answer(403, &[PAGE], shown)), Verdict::Stale);
        for no in [
            r#"{"detail":"You do not have permission to perform this action."}"#,
            r#"{"detail":"You may not change the project 'CSRF Failed: CSRF token missing.'"}"#,
            r#"{"name":"CSRF Failed: CSRF token missing.","detail":"No."}"#,
            r#"{"detail":["CSRF Failed: CSRF token missing."]}"#,
            r#""CSRF Failed: CSRF token missing.""#,
            "CSRF verification failed",
        ] {
            assert_eq!(judged(dialect, &session(), data(403, no)), Verdict::Alive, "{no}");
        }
        for status in [200, 204, 400, 404, 409, 500, 502] {
            assert_eq!(judged(dialect, &session(), data(status, "{}")), Verdict::Alive);
        }
    }
}

#[test]
fn a_token_dies_of_401_alone() {
    for dialect in both() {
        let basic = Proof::Password { username: "ann".to_owned(), password: Secret::new("p") };
        for held in [bearer(), Holding::new(&anybody(Method::Basic), basic)] {
            assert_eq!(judged(dialect, &held, data(401, "")), dead(Style::Unauthorized, true));
            let page = "name=\"username\" name=\"password\"";
            for other in [
                answer(302, &[("location", "/login")], ""),
                answer(200, &[PAGE], page),
                answer(200, &GONE, ""),
                data(403, r#"{"detail":"CSRF Failed: no"}"#),
            ] {
                assert_eq!(judged(dialect, &held, other), Verdict::Alive);
            }
        }
    }
}

/// Pages that servers of ours show: the login page is known by its beginning, another page is none.
#[tokio::test]
async fn our_own_login_page_is_known_by_its_beginning() {
    for (dialect, path) in both().into_iter().zip(["/api/gateway/v1/login/", "/api/login/"]) {
        let bed = Bed::new().await;
        let page = bed.send(dialect, Request::get(path).body(bytes::Bytes::new()).unwrap()).await;
        let (parts, body) = page.into_parts();
        let beginning = &body[..body.len().min(crate::client_half::GLIMPSE)];
        let verdict = dialect.client().judge(&session(), &parts, Some(beginning));
        assert_eq!(verdict, dead(Style::LoginPage, true), "{}", dialect.name());
    }
}

#[test]
fn a_session_shows_itself_and_nothing_else_is_shown() {
    for (dialect, name) in both().into_iter().zip(["gateway_sessionid", "awx_sessionid"]) {
        for verb in [Verb::GET, Verb::POST, Verb::DELETE] {
            let request = Request::builder()
                .method(verb.clone())
                .uri("https://gateway.example.com/api/v2/x/")
                .header("cookie", "mine=1")
                .header("cookie", format!("{name}=other"))
                .header("authorization", "Bearer mine")
                .header("x-csrftoken", "mine")
                .header("origin", "https://mine.example")
                .header("referer", "https://mine.example/")
                .header("sec-fetch-site", "cross-site")
                .header("accept", "text/plain");
            let mut parts = request.body(()).unwrap().into_parts().0;
            dialect.client().write_proof(&session(), &mut parts);
            let headers = &parts.headers;
            assert_eq!(headers["cookie"], format!("csrftoken=t0ken; {name}=s3cret"));
            assert_eq!(headers.get_all("cookie").iter().count(), 1);
            for absent in ["authorization", "origin", "sec-fetch-site"] {
                assert!(!headers.contains_key(absent), "{absent}");
            }
            let shown = ["x-csrftoken", "referer"].map(|it| headers.get(it).and_then(|it| it.to_str().ok()));
            let wanted = if verb == Verb::GET {
                [None, None]
            } else {
                [Some("t0ken"), Some("https://gateway.example.com/")]
            };
            assert_eq!(shown, wanted, "{verb}");
            assert_eq!(headers["accept"], "text/plain");
            dialect.client().write_proof(&bearer(), &mut parts);
            assert_eq!(parts.headers["authorization"], "Bearer t0ken");
            for absent in ["cookie", "referer", "x-csrftoken"] {
                assert!(!parts.headers.contains_key(absent), "{absent}");
            }
        }
    }
}

fn recognised(
    name: &str,
    path: &str,
    answer: &Response<bytes::Bytes>,
) -> Option<(String, Option<String>, u8)> {
    let found = crate::named(name).unwrap().client().recognise(path, answer)?;
    Some((found.product, found.version, found.certainty))
}

/// What real servers answer at their public paths.
#[test]
fn servers_are_told_apart() {
    let ping = r#"{"status":"good","version":"2.6.1","pong":"2026-11-21T20:33:37.177203+00:00","db_connected":true,"proxy_connected":true}"#;
    let union = r#"{"description":"","apis":{"gateway":"/api/gateway/","controller":"/api/controller/"}}"#;
    let controller = r#"{"ha":false,"version":"24.6.1","active_node":"awx-1","install_uuid":"x","instances":[],"instance_groups":[]}"#;
    let versions = r#"{"description":"AWX REST API","current_version":"/api/v2/","available_versions":{"v2":"/api/v2/"}}"#;
    let (gateway_ping, awx_ping) = ("/api/gateway/v1/ping/", "/api/v2/ping/");
    let (product, version, surest) = recognised("aap", gateway_ping, &data(200, ping)).unwrap();
    assert_eq!((product.as_str(), version.as_deref()), ("Ansible Automation Platform", Some("2.6.1")));
    let (_, _, sure) = recognised("aap", "/api/", &data(200, union)).unwrap();
    let named = answer(200, &[("x-api-product-name", "AWX")], controller);
    let (product, version, less) = recognised("awx", awx_ping, &named).unwrap();
    assert_eq!((product.as_str(), version.as_deref()), ("AWX", Some("24.6.1")));
    let (_, _, least) = recognised("awx", "/api/", &data(200, versions)).unwrap();
    assert!(surest > sure && sure > less && less > least, "a gateway goes before the controller behind it");
    let named = answer(200, &[("x-api-product-name", "Red Hat Ansible Automation Platform")], controller);
    assert_eq!(recognised("awx", awx_ping, &named).unwrap().0, "Red Hat Ansible Automation Platform");
    let astra = answer(200, &[("x-api-product-name", "Astra Automation")], ping);
    let (product, _, more) = recognised("astra", gateway_ping, &astra).unwrap();
    assert_eq!(product, "Astra Automation");
    assert!(more > surest && recognised("aap", gateway_ping, &astra).is_some());
    assert!(recognised("astra", gateway_ping, &data(200, ping)).is_none());
    for (name, path, other) in [
        ("aap", "/api/", data(200, versions)),
        ("aap", gateway_ping, data(200, controller)),
        ("aap", gateway_ping, data(503, ping)),
        ("aap", gateway_ping, answer(200, &[], "<html>")),
        ("awx", "/api/", data(200, union)),
        ("awx", awx_ping, data(200, ping)),
        ("awx", awx_ping, data(404, controller)),
        ("awx", "/elsewhere", data(200, controller)),
    ] {
        assert_eq!(recognised(name, path, &other), None, "{name} {path}");
    }
}

#[tokio::test]
async fn our_own_servers_are_recognised() {
    for dialect in both() {
        let bed = Bed::new().await;
        for path in dialect.client().probes() {
            let answer = bed.send(dialect, Request::get(*path).body(bytes::Bytes::new()).unwrap()).await;
            let found = dialect.client().recognise(path, &answer);
            assert!(found.is_some(), "{} {path}", dialect.name());
        }
    }
}

#[test]
fn other_tools_find_what_they_look_for() {
    let texts = |name: &str, held: &Holding| -> Vec<(&str, String)> {
        let found = crate::named(name).unwrap().client().environment(held);
        found.into_iter().map(|(name, value)| (name, value.expose().to_owned())).collect()
    };
    let aap = texts("aap", &bearer());
    for (name, value) in [
        ("AAP_HOSTNAME", "https://gateway.example.com"),
        ("AAP_TOKEN", "t0ken"),
        ("CONTROLLER_HOST", "https://gateway.example.com"),
        ("CONTROLLER_OAUTH_TOKEN", "t0ken"),
        ("CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX", "/api/controller/"),
    ] {
        assert!(aap.contains(&(name, value.to_owned())), "{name}");
    }
    let basic = Proof::Password { username: "ann".to_owned(), password: Secret::new("p") };
    let awx = texts("awx", &Holding::new(&anybody(Method::Basic), basic));
    for (name, value) in
        [("CONTROLLER_USERNAME", "ann"), ("CONTROLLER_PASSWORD", "p"), ("TOWER_PASSWORD", "p")]
    {
        assert!(awx.contains(&(name, value.to_owned())), "{name}");
    }
    assert!(awx.iter().all(|(name, _)| !name.contains("TOKEN") && !name.contains("PREFIX")));
    assert!(texts("aap", &session()).is_empty() && texts("awx", &session()).is_empty());
}
