//! What requests present, and what they are told that are refused.

use http::header::LOCATION;
use http::request::Parts;
use http::{HeaderMap, Request};
use identity::model::portal::Portal;
use identity::model::proof::{Presented, Proof};
use identity::model::secret::Secret;
use identity::{Denial, Malformed};

use super::super::{Apprenda, proof, wire};
use crate::dialect::{Dialect, Doorway, Reason};

const TOKEN: &str =
    "MWM1ZDQ5ZDAtODk1My00OTQ1LWJhYjctYTEzN2JmZGZjOGZhfDAwM2Q1MTc5LWM4ZDktNGYwYy1hOWRlLThhZTM3N2JjODQ1ZQ==";

fn parts(method: &str, path: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn secure() -> Doorway {
    Doorway { is_secure: true, host: "apps.example:8443".to_owned(), ..Doorway::default() }
}

fn read(headers: &[(&str, &str)]) -> Presented {
    Apprenda.read_proof(&parts("GET", "/soc/api/v1/clouds", headers), &secure())
}

#[test]
fn the_header_is_read_in_any_case_and_spelling() {
    for name in ["ApprendaSessionToken", "apprendasessiontoken", "APPRENDASESSIONTOKEN"] {
        for token in [TOKEN.to_owned(), TOKEN.replace('=', "%3D"), TOKEN.replace('=', "%253d")] {
            let presented = read(&[(name, &token)]);
            assert_eq!(presented.session.unwrap().1.expose(), TOKEN);
            assert_eq!((presented.malformed, presented.portal), (None, Some(Portal::Operations)));
        }
    }
    let strange = read(&[("ApprendaSessionToken", "x")]);
    assert_eq!(strange.session.unwrap().1.expose(), "", "a session that nobody has");
    assert_eq!(read(&[("ApprendaSessionToken", TOKEN); 2]).malformed, Some(Malformed::Several));
}

#[test]
fn an_access_token_may_come_as_bearer_and_nothing_else_in_authorization() {
    assert_eq!(read(&[("Authorization", "Bearer abc")]).bearer.unwrap().expose(), "abc");
    assert_eq!(read(&[("Authorization", "bearer abc")]).bearer.unwrap().expose(), "abc");
    assert!(read(&[("Authorization", "Basic YTpi")]).is_empty());
    assert!(read(&[("AuthenticationToken", "1c5d49d0-8953-4945-bab7-a137bfdfc8fa")]).is_empty());
    assert_eq!(read(&[("Authorization", "Bearer a b")]).malformed, Some(Malformed::Bearer));
    let several = read(&[("Authorization", "Bearer a"), ("Authorization", "Bearer b")]);
    assert_eq!(several.malformed, Some(Malformed::Several));
}

#[test]
fn a_portal_is_told_by_its_path_in_any_spelling() {
    let portal = |path| wire::portal_of(path);
    for path in [
        "/soc",
        "/soc/",
        "/soc/api/v1/nodes",
        "/SOC/api",
        "/Soc;x=1/a",
        "/soc%3Bx/a",
        "/soc/x.asmx",
        "/soc./a",
        "/soc%20/a",
        "/soc:$x/a",
        "/;a=b/soc/a",
        "soc/a",
    ] {
        assert_eq!(portal(path), Some(Portal::Operations), "{path}");
    }
    assert_eq!(portal("/developer/api/v1/apps"), Some(Portal::Developer));
    assert_eq!(portal("/account/api/v1/users"), Some(Portal::Account));
    for path in ["/", "/socs/", "/api/soc/", "/developers", "/so/c"] {
        assert_eq!(portal(path), None, "{path}");
    }
}

#[test]
fn what_came_in_clear_is_sent_to_https_and_not_looked_at() {
    let plain =
        |https_port| Doorway { host: "apps.example:8080".to_owned(), https_port, ..Doorway::default() };
    let request = parts(
        "POST",
        "/soc/api/v1/x?a=1&b",
        &[("ApprendaSessionToken", TOKEN), ("Authorization", "Bearer a")],
    );
    let presented = Apprenda.read_proof(&request, &plain(None));
    assert_eq!(presented.malformed, Some(Malformed::Unencrypted));
    assert!(presented.session.is_none() && presented.bearer.is_none());

    let denial = Denial::MalformedProof(Malformed::Unencrypted).into();
    for (port, location) in [
        (443, "https://apps.example/soc/api/v1/x?a=1&b"),
        (8443, "https://apps.example:8443/soc/api/v1/x?a=1&b"),
    ] {
        let answer = Apprenda.refuse(&denial, &request, &plain(Some(port)));
        assert_eq!((answer.status().as_u16(), answer.headers()[LOCATION].to_str().unwrap()), (307, location));
    }
    // With nowhere to go, nobody is sent round in circles.
    let answer = Apprenda.refuse(&denial, &request, &plain(None));
    assert_eq!(answer.status(), 403);
    assert!(!answer.headers().contains_key(LOCATION));
    let v6 = Doorway { host: "[::1]:8080".to_owned(), ..plain(Some(8443)) };
    let answer = Apprenda.refuse(&denial, &request, &v6);
    assert_eq!(answer.headers()[LOCATION], "https://[::1]:8443/soc/api/v1/x?a=1&b");
}

#[test]
fn a_refusal_by_right_has_the_reason_that_clients_read() {
    let request = parts("GET", "/soc/api/v1/nodes", &[]);
    let answer = Apprenda.refuse(&Denial::NotPermitted.into(), &request, &secure());
    assert_eq!(answer.status(), 403);
    let reason = answer.extensions().get::<Reason>().unwrap();
    assert_eq!(reason.0, "You are not authorized to access this application");
    assert_eq!(answer.body(), r#"{"message":"You are not authorized to access this application"}"#);
    let answer = Apprenda.refuse(&Denial::MissingScope.into(), &request, &secure());
    assert_eq!((answer.status().as_u16(), answer.extensions().get::<Reason>().is_none()), (403, true));
}

#[test]
fn every_401_has_a_message_that_clients_take_for_signed_out() {
    let request = parts("GET", "/soc/api/v1/nodes", &[]);
    for denial in
        [Denial::NoProof(None), Denial::NoProof(Some(identity::Ended::UNKNOWN)), Denial::TokenRevoked]
    {
        let answer = Apprenda.refuse(&denial.into(), &request, &secure());
        assert_eq!(answer.status(), 401);
        let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        // With this end, the .NET client would not sign in anew.
        assert!(!body["message"].as_str().unwrap().ends_with("because the user is disabled."));
    }
}

#[test]
fn a_body_may_carry_a_token_where_the_page_says_so() {
    let may = |method, headers: &[(&str, &str)]| {
        Apprenda.may_carry_proof_in_body(&parts(method, "/soc/x", headers))
    };
    for kind in ["application/json", "Application/JSON; charset=UTF-8", "text/json", "application/hal+json"] {
        assert!(may("POST", &[("content-type", kind)]) && may("PUT", &[("content-type", kind)]), "{kind}");
        assert!(!may("PATCH", &[("content-type", kind)]) && !may("DELETE", &[("content-type", kind)]));
    }
    for kind in ["application/octet-stream", "text/plain", "application/json; charset=utf-16", "json", ""] {
        assert!(!may("POST", &[("content-type", kind)]), "{kind}");
    }
    assert!(!may("POST", &[]));
    assert!(!may("POST", &[("content-type", "application/json"), ("content-encoding", "gzip")]));
}

#[test]
fn a_token_in_a_body_counts_like_one_in_the_header() {
    let take = |headers: &[(&str, &str)], body: String| {
        let mut presented = read(headers);
        let rest = Apprenda.take_proof_from_body(body.into(), &mut presented);
        (presented, String::from_utf8(rest.to_vec()).unwrap())
    };
    let body = |token: &str| format!("{{\"a\":1,\"ApprendaSessionToken\":\"{token}\"}}");
    let (presented, rest) = take(&[], body(&TOKEN.replace('=', "%3D")));
    assert_eq!((presented.session.unwrap().1.expose(), rest.as_str()), (TOKEN, "{\"a\":1}"));
    let (presented, rest) = take(&[("ApprendaSessionToken", TOKEN)], body(&TOKEN.replace('=', "%3d")));
    assert_eq!((presented.malformed, rest.as_str()), (None, "{\"a\":1}"));
    let (presented, _) = take(&[("ApprendaSessionToken", TOKEN)], body("other"));
    assert_eq!(presented.malformed, Some(Malformed::Several));
    let twice = format!("{{\"ApprendaSessionToken\":\"{TOKEN}\",\"apprendasessiontoken\":\"{TOKEN}\"}}");
    assert_eq!(take(&[], twice).0.malformed, Some(Malformed::Several));
    let (presented, rest) =
        take(&[("ApprendaSessionToken", TOKEN)], "{\"ApprendaSessionToken\":null}".to_owned());
    assert_eq!((presented.malformed, rest.as_str()), (None, "{}"));
}

#[test]
fn a_proof_is_written_as_it_was_issued() {
    let mut headers = HeaderMap::new();
    let secret = Secret::new(TOKEN.replace('=', "%3D"));
    proof::write(&Proof::Session { secret: secret.clone(), csrf: None }, &mut headers);
    assert_eq!(headers["apprendasessiontoken"], secret.expose());
    assert!(headers["apprendasessiontoken"].is_sensitive());
    let presented =
        Apprenda.read_proof(&parts("GET", "/", &[("ApprendaSessionToken", secret.expose())]), &secure());
    assert_eq!(presented.session.unwrap().1.expose(), TOKEN);
    let mut headers = HeaderMap::new();
    proof::write(&Proof::Bearer(Secret::new("t")), &mut headers);
    assert_eq!(headers["authorization"], "Bearer t");
}

#[test]
fn logs_never_show_a_token_of_a_path() {
    for prefix in ["/authentication/api/v1/sessions/soc/", "/api/v1/sessions/developer/"] {
        let shown = crate::shown_path(&format!("{prefix}{TOKEN}")).into_owned();
        assert_eq!(shown, format!("{prefix}…"));
    }
    assert_eq!(
        crate::shown_path("/authentication/api/v1/sessions/soc"),
        "/authentication/api/v1/sessions/soc"
    );
}
