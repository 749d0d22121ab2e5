//! Parameters: their limits, and that each is there once.

use axum::body::Body;
use http::Request;
use http::request::Parts;

use crate::oauth::wire;
use crate::oauth::{Fields, FormError};

fn parts(uri: &str, content_type: &[&str]) -> Parts {
    let mut request = Request::builder().method("POST").uri(uri);
    for it in content_type {
        request = request.header("content-type", *it);
    }
    request.body(()).unwrap().into_parts().0
}

#[test]
fn names_and_values_are_decoded() {
    let fields = Fields::urlencoded(b"username=a+b%26c&password=%D0%BF%25&scope=&&code=100%").unwrap();
    assert_eq!(fields.get("username"), Some("a b&c"));
    assert_eq!(fields.get("password"), Some("п%"));
    // A percent sign that begins no escape is one.
    assert_eq!(fields.get("code"), Some("100%"));
    // RFC 6749 section 3.2: a parameter without a value is treated as if it were not there.
    assert_eq!(fields.get("scope"), None);
    assert_eq!(fields.get("absent"), None);
}

#[test]
fn a_parameter_is_there_once() {
    for (text, told) in [
        ("scope=read&scope=write", "Duplicate scope parameter."),
        ("scope=&scope=write", "Duplicate scope parameter."),
        ("client_id=a&%63lient_id=a", "Duplicate client_id parameter."),
        ("x=1&x=1", "Duplicate parameter."),
    ] {
        let error = Fields::urlencoded(text.as_bytes()).unwrap_err();
        assert_eq!((error, error.text()), (FormError::Repeated(told), told), "{text}");
    }
}

#[test]
fn everything_has_a_limit() {
    let many = (0..=wire::FIELDS_MAX).fold(String::new(), |all, it| format!("{all}a{it}=1&"));
    assert_eq!(Fields::urlencoded(many.as_bytes()).unwrap_err(), FormError::Broken);
    let fitting = format!("a={}", "x".repeat(wire::FIELD_MAX));
    assert!(Fields::urlencoded(fitting.as_bytes()).is_ok());
    let long = format!("a={}", "x".repeat(wire::FIELD_MAX + 1));
    assert_eq!(Fields::urlencoded(long.as_bytes()).unwrap_err(), FormError::TooLong);
    let long_name = format!("{}=1", "%41".repeat(wire::FIELD_MAX + 1));
    assert_eq!(Fields::urlencoded(long_name.as_bytes()).unwrap_err(), FormError::TooLong);
    let query = parts(&format!("/o/authorize/?state={}", "x".repeat(wire::QUERY_MAX)), &[]);
    assert_eq!(Fields::query(&query).unwrap_err(), FormError::TooLong);
    for broken in ["a=%FF", "%C3=1"] {
        assert_eq!(Fields::urlencoded(broken.as_bytes()).unwrap_err(), FormError::Broken, "{broken}");
    }
}

#[tokio::test]
async fn only_forms_say_something() {
    let form = ["application/x-www-form-urlencoded", "Application/X-WWW-Form-URLEncoded; charset=utf-8"];
    for kind in form {
        let fields = Fields::read(&parts("/o/token/", &[kind]), Body::from("a=1")).await.unwrap();
        assert_eq!(fields.get("a"), Some("1"), "{kind}");
    }
    let nothing: [&[&str]; 4] = [&[], &["application/json"], &["multipart/form-data"], &[form[0], form[0]]];
    for kinds in nothing {
        let fields = Fields::read(&parts("/o/token/", kinds), Body::from("a=1")).await.unwrap();
        assert_eq!(fields.get("a"), None, "{kinds:?}");
    }
    let long = Body::from(format!("a={}", "x".repeat(wire::BODY_MAX)));
    assert_eq!(Fields::read(&parts("/o/token/", &form[..1]), long).await.unwrap_err(), FormError::Broken);
}

#[tokio::test]
async fn nothing_is_taken_from_the_address() {
    for query in ["?access_token=x", "?grant_type=password", "?a"] {
        let parts = parts(&format!("/o/token/{query}"), &["application/x-www-form-urlencoded"]);
        assert_eq!(Fields::read(&parts, Body::from("a=1")).await.unwrap_err(), FormError::InQuery, "{query}");
    }
    let empty = parts("/o/token/?", &["application/x-www-form-urlencoded"]);
    assert!(Fields::read(&empty, Body::from("a=1")).await.is_ok());
}

#[test]
fn values_are_not_printed() {
    let fields = Fields::urlencoded(b"password=hidden&username=alice").unwrap();
    let printed = format!("{fields:?}");
    assert!(printed.contains("password") && !printed.contains("hidden") && !printed.contains("alice"));
}
