//! Bodies: what is read, and what is refused with which words.

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::Request;
use http::request::Parts;
use serde_json::json;

use crate::drf::body::{Body, BodyError, parse, urlencoded};
use crate::drf::strict;

fn head(content_type: &str) -> Parts {
    let request = Request::post("/").header("content-type", content_type).body(());
    request.expect("a valid request").into_parts().0
}

fn read(content_type: &str, body: &[u8]) -> Result<Body, BodyError> {
    // Nothing here waits for anything: one poll is enough.
    parse(&head(content_type), Bytes::copy_from_slice(body)).now_or_never().expect("parsing never waits")
}

fn refusal(content_type: &str, body: &[u8]) -> BodyError {
    read(content_type, body).expect_err("the body is refused")
}

#[test]
fn an_object_is_read() {
    let body = read("application/json; charset=utf-8", br#"{"name": "x", "n": 1}"#).expect("an object");
    assert_eq!(body.get("name"), Some(json!("x")));
    assert_eq!(body.get("none"), None);
}

#[test]
fn nothing_says_nothing() {
    assert_eq!(read("", b""), Ok(Body::empty()));
    assert_eq!(read("text/plain", b""), Ok(Body::empty()));
}

#[test]
fn other_media_types_are_refused() {
    for media_type in ["text/plain", "", "application/xml", "application/json; charset=utf-7"] {
        assert_eq!(refusal(media_type, b"x"), BodyError::MediaType(media_type.to_owned()));
    }
}

#[test]
fn encoded_bodies_are_not_inflated() {
    let mut head = head("application/json");
    head.headers.insert("content-encoding", http::HeaderValue::from_static("gzip"));
    let refused = parse(&head, Bytes::from_static(b"{}")).now_or_never().expect("parsing never waits");
    assert_eq!(refused, Err(BodyError::ContentEncoding("gzip".to_owned())));
}

#[test]
fn json_that_is_no_object_is_refused() {
    for (body, kind) in [("[]", "list"), ("\"x\"", "str"), ("1", "int"), ("1.5", "float"), ("true", "bool")] {
        assert_eq!(refusal("application/json", body.as_bytes()), BodyError::NotAnObject(kind));
    }
    assert_eq!(refusal("application/json", b"null"), BodyError::Nothing);
}

#[test]
fn broken_json_is_refused_in_pythons_words() {
    assert_eq!(
        refusal("application/json", b"{bad"),
        BodyError::Json(
            "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)".to_owned()
        )
    );
}

#[test]
fn odd_json_is_refused() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let number = format!("{{\"a\": {}e999}}", "9".repeat(500));
    for body in [
        deep.as_str(),
        number.as_str(),
        r#"{"a": 1, "a": 2}"#,
        r#"{"a": {"b": 1, "b": 2}}"#,
        r#"{"a": "\ud800"}"#,
        "\u{feff}{}",
        r#"{"a": NaN}"#,
        "{} x",
        "{'a': 1}",
        " ",
    ] {
        assert!(strict::parse(body.as_bytes()).is_err(), "{}", &body[..body.len().min(40)]);
    }
    assert!(strict::parse(b"\xff\xfe{\x00}\x00").is_err());
}

#[test]
fn forms_are_read_strictly() {
    let body = read("application/x-www-form-urlencoded", b"a=1+2%21&b=&a=3").expect("a form");
    assert_eq!(body.get("a"), Some(json!("3")));
    assert_eq!(body.get("b"), Some(json!("")));
    assert_eq!(body.list("a"), Some(json!(["1 2!", "3"])));
    for broken in ["a=%zz", "a=%4", "a=%ff"] {
        assert!(urlencoded(broken.as_bytes()).is_err(), "{broken}");
    }
    assert!(urlencoded(vec!["a=1"; 1001].join("&").as_bytes()).is_err());
}

#[test]
fn multipart_is_a_form() {
    let body = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n";
    let body = read("multipart/form-data; boundary=x", body).expect("a form");
    assert_eq!(body.get("a"), Some(json!("1")));
    assert!(matches!(refusal("multipart/form-data", b"--x"), BodyError::Form(_)));
}
