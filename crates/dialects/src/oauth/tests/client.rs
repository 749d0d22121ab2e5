//! How applications show themselves (RFC 6749 section 2.3.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use identity::model::application::Allowances;

use crate::oauth::Flavour;
use crate::oauth::bed::{Office, Registered, basic, public_fields, request, text};

const PATH: &str = "/revoke_token/";

async fn ask(office: &Office, authorization: Option<&str>, form: &str) -> Response<Bytes> {
    office.post(&Flavour::AAP, PATH, authorization, &format!("token=x&{form}")).await
}

fn in_form(by: &Registered) -> String {
    format!("client_id={}&client_secret={}", by.application.client_id, by.secret)
}

/// Every character as an escape.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |all, byte| format!("{all}%{byte:02X}"))
}

#[tokio::test]
async fn by_header_or_by_form() {
    let office = Office::new().await;
    let by = office.password_application().await;
    let id = &by.application.client_id;
    let scheme = by.basic().replace("Basic ", "bAsIc  ");
    let encoded = basic(&escaped(id), &escaped(&by.secret));
    let good: [(Option<&str>, String); 7] = [
        (Some(&by.basic()), String::new()),
        (Some(&scheme), String::new()),
        // RFC 6749 section 2.3.1 wants both parts form-encoded.
        (Some(&encoded), String::new()),
        (None, in_form(&by)),
        // RFC 6749 section 3.2.1: the name may be repeated; so may what agrees.
        (Some(&by.basic()), format!("client_id={id}")),
        (Some(&by.basic()), in_form(&by)),
        // A scheme that shows no application says nothing of one.
        (Some("Bearer abc"), in_form(&by)),
    ];
    for (authorization, form) in good {
        let response = ask(&office, authorization, &form).await;
        assert_eq!((response.status(), text(&response)), (StatusCode::OK, ""), "{authorization:?} {form}");
    }
}

#[tokio::test]
async fn nothing_else_will_do() {
    let office = Office::new().await;
    let by = office.password_application().await;
    let id = by.application.client_id.clone();
    let raw = |text: &str| format!("Basic {}", STANDARD.encode(text));
    let bad = [
        (None, String::new()),
        (None, format!("client_id={id}")),
        (None, format!("client_id={id}&client_secret=wrong")),
        (None, format!("client_secret={}", by.secret)),
        (None, "client_id=nobody&client_secret=x".to_owned()),
        (Some(basic(&id, "wrong")), String::new()),
        (Some(basic(&id, "")), String::new()),
        (Some(basic("nobody", &by.secret)), String::new()),
        (Some("Basic".to_owned()), in_form(&by)),
        (Some("Basic !!!".to_owned()), in_form(&by)),
        (Some(raw(&id)), in_form(&by)),
        (Some(format!("Basic {}", STANDARD.encode(b"\xff\xfe:x"))), String::new()),
        (Some(format!("Bearer {}", by.secret)), String::new()),
        (Some(by.basic().replace("Basic", "Token")), String::new()),
    ];
    for (authorization, form) in bad {
        let response = ask(&office, authorization.as_deref(), &form).await;
        let given = (response.status().as_u16(), text(&response));
        assert_eq!(given, (401, r#"{"error": "invalid_client"}"#), "{authorization:?} {form}");
    }
}

#[tokio::test]
async fn one_application_in_each_request() {
    let office = Office::new().await;
    let one = office.password_application().await;
    let other = office.register("other", crate::oauth::bed::password_fields()).await;
    for form in [
        in_form(&other),
        format!("client_id={}", other.application.client_id),
        format!("client_id={}&client_secret=wrong", one.application.client_id),
    ] {
        let response = ask(&office, Some(&one.basic()), &form).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{form}");
        assert!(text(&response).starts_with(r#"{"error": "invalid_request""#), "{form}");
    }
    let mut twice = request(&Flavour::AAP, PATH, Some(&one.basic()), "token=x");
    twice.headers_mut().append("authorization", other.basic().parse().unwrap());
    let response = office.send(&Flavour::AAP, twice).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_public_application_has_a_name_alone() {
    let office = Office::new().await;
    let by = office.register("public", public_fields(Allowances::default())).await;
    let id = &by.application.client_id;
    assert!(by.secret.is_empty());
    for (authorization, form) in [(None, format!("client_id={id}")), (Some(basic(id, "")), String::new())] {
        let response = ask(&office, authorization.as_deref(), &form).await;
        assert_eq!(response.status(), StatusCode::OK, "{form}");
    }
    let with_secret = ask(&office, None, &format!("client_id={id}&client_secret=x")).await;
    assert_eq!(with_secret.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_header_is_read_as_the_standard_says_and_then_as_clients_do() {
    let request = |pair: &str| {
        let authorization = format!("Basic {}", STANDARD.encode(pair));
        Request::builder().header("authorization", authorization).body(()).unwrap().into_parts().0
    };
    let readings = |pair: &str| {
        let shown = crate::oauth::application::header(&request(pair)).unwrap();
        let read = |it: crate::oauth::application::Shown| {
            (it.client_id, it.secret.map(|secret| secret.expose().to_owned()).unwrap_or_default())
        };
        shown.into_iter().map(read).collect::<Vec<_>>()
    };
    let pair = |id: &str, secret: &str| (id.to_owned(), secret.to_owned());
    // The example of RFC 6749 section 2.3.1.
    assert_eq!(readings("s6BhdRkqt3:7Fjfp0ZBr1KtDRbnfVdmIw"), [pair("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw")]);
    assert_eq!(readings("id:a%3Ab"), [pair("id", "a:b"), pair("id", "a%3Ab")]);
    assert_eq!(readings("id:a+b"), [pair("id", "a b"), pair("id", "a+b")]);
    // Appendix B of RFC 6749: a space, a percent sign, an ampersand, a plus, a pound and a euro sign.
    let encoded = readings("x:+%25%26%2B%C2%A3%E2%82%AC");
    assert_eq!(encoded[0], pair("x", " %&+£€"));
    assert_eq!(readings("id:a:b"), [pair("id", "a:b")]);
    assert_eq!(readings("id:%FF"), [pair("id", "%FF")]);
}
