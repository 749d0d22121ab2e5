//! Forms of pages.

use bytes::Bytes;
use http::Request;
use http::request::Parts;

use crate::drf::form::{Form, FormError};

fn pairs(text: &str) -> Vec<(String, String)> {
    Form::urlencoded(text.as_bytes()).unwrap().pairs().to_vec()
}

fn of_kind(kind: &str) -> Parts {
    Request::post("/").header("content-type", kind).body(()).unwrap().into_parts().0
}

#[test]
fn fields_are_decoded_leniently() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(pairs("a=1&&b=x+y&c&=d"), [pair("a", "1"), pair("b", "x y"), pair("c", ""), pair("", "d")]);
    assert_eq!(pairs("p=100%&q=%zz%C3%A4=="), [pair("p", "100%"), pair("q", "%zzä==")]);
    assert_eq!(pairs(""), []);
}

#[test]
fn what_is_no_text_is_no_form() {
    assert_eq!(Form::urlencoded(b"a=%ff").unwrap_err(), FormError::Broken);
    assert_eq!(Form::urlencoded(&b"a&".repeat(1001)).unwrap_err(), FormError::Broken);
}

#[test]
fn a_field_counts_once() {
    let form = Form::urlencoded(b"a=1&b=2&a=3").unwrap();
    assert_eq!(form.one("a"), Err(FormError::Repeated));
    assert_eq!((form.one("b"), form.one("c")), (Ok(Some("2")), Ok(None)));
    assert!(!format!("{form:?}").contains('2'));
}

#[tokio::test]
async fn the_content_type_says_how_to_read() {
    let read = async |kind, body| Form::read(&of_kind(kind), Bytes::from_static(body)).await;
    let form = read("Application/X-WWW-Form-Urlencoded; charset=UTF-8", b"a=1").await.unwrap();
    assert_eq!(form.one("a"), Ok(Some("1")));
    let multipart = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1%\r\n--x--\r\n";
    let form = read("multipart/form-data; boundary=x", multipart).await.unwrap();
    assert_eq!(form.one("a"), Ok(Some("1%")));
    assert_eq!(read("application/json", b"{}").await.unwrap_err(), FormError::Kind);
    assert_eq!(read("text/plain", b"a=1").await.unwrap_err(), FormError::Broken);
    assert_eq!(read("multipart/form-data", b"a=1").await.unwrap_err(), FormError::Broken);
}
