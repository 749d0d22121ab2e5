//! The pages: nothing on them is markup that is not ours, and they speak two languages.

use http::Method;
use identity::action::ApplicationFields;

use super::visitor::{Visitor, assert_guarded, code_fields, encoded, hidden, query};
use crate::drf::html::{next, target};
use crate::oauth::Flavour;
use crate::oauth::bed::{FLAVOURS, Office, text};
use crate::oauth::consent::append;

/// Pieces from which hostile texts are made.
const PIECES: [&str; 16] = [
    "<",
    ">",
    "\"",
    "'",
    "&",
    "</form>",
    "<script>",
    "&quot;",
    "{{content}}",
    " onclick=",
    "javascript:x",
    "=",
    "%3C",
    "\u{202e}",
    "\u{e9}",
    "a",
];

/// A hostile text, another one for each number.
fn hostile(number: u64) -> String {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::new();
    for _ in 0..12 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.push_str(PIECES[usize::try_from(state % 16).unwrap()]);
    }
    text
}

/// The tags of a page, without the values of their attributes and without all texts.
fn skeleton(page: &str) -> Vec<String> {
    page.split('<')
        .skip(1)
        .map(|rest| {
            let tag = rest.split('>').next().unwrap();
            tag.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
        })
        .collect()
}

#[tokio::test]
async fn no_parameter_becomes_markup() {
    let office = Office::new().await;
    let application = office.register("App", code_fields()).await;
    let alice = Visitor::new(&office, "alice").await;
    let plain = alice.get(&office, &Flavour::AWX, &query(&application, &[("state", "plain")])).await;
    let expected = skeleton(text(&plain));
    let error = alice.get(&office, &Flavour::AWX, &query(&application, &[("redirect_uri", "x")])).await;
    let expected_error = skeleton(text(&error));
    for number in 0..200 {
        let evil = hostile(number);
        let asked = query(&application, &[("state", &evil), ("nonce", &evil), ("claims", &evil)]);
        let page = alice.get(&office, &Flavour::AWX, &asked).await;
        assert_eq!(page.status(), 200, "{evil}");
        assert_eq!(skeleton(text(&page)), expected, "{evil}");
        // What is hidden in the form is what came.
        for name in ["state", "nonce", "claims"] {
            assert!(hidden(&page).contains(&(name.to_owned(), evil.clone())), "{evil}");
        }
        for name in ["redirect_uri", "client_id"] {
            let asked = encoded(&[("response_type", "code"), ("client_id", "x"), ("y", &evil)]);
            let asked =
                format!("/authorize/?{}", asked.replace(if name == "client_id" { "x" } else { "y" }, name));
            let page = alice.get(&office, &Flavour::AWX, &asked).await;
            assert_eq!((page.status().as_u16(), skeleton(text(&page))), (400, expected_error.clone()));
        }
    }
}

#[tokio::test]
async fn an_applications_name_and_description_are_texts() {
    let office = Office::new().await;
    let evil = "</title><script>alert(1)</script>\"'{{island}}";
    let fields = ApplicationFields { description: Some(evil.to_owned()), ..code_fields() };
    let application = office.register(evil, fields).await;
    let alice = Visitor::new(&office, "alice").await;
    for language in ["en", "ru"] {
        let alice = Visitor { language, ..alice.clone() };
        let page = alice.get(&office, &Flavour::AAP, &query(&application, &[])).await;
        assert_eq!(page.status(), 200);
        assert_guarded(&page);
        assert_eq!(text(&page).matches("&lt;script&gt;alert(1)").count(), 2);
    }
}

#[tokio::test]
async fn pages_speak_russian_to_those_who_do() {
    let office = Office::new().await;
    let application = office.register("App", code_fields()).await;
    let alice = Visitor { language: "ru-RU,ru;q=0.9,en;q=0.5", ..Visitor::new(&office, "alice").await };
    for flavour in FLAVOURS {
        for (path, word) in [
            (query(&application, &[]), "Разрешить доступ приложению"),
            ("/device/".to_owned(), "Подключение устройства"),
            ("/authorize/?client_id=x".to_owned(), "Переход не выполнен."),
        ] {
            let page = alice.get(&office, flavour, &path).await;
            assert!(text(&page).contains("<html lang=\"ru\">") && text(&page).contains(word), "{path}");
            assert_eq!(page.headers()["content-language"], "ru");
            assert!(page.headers()["vary"].to_str().unwrap().contains("Accept-Language"));
        }
    }
}

#[tokio::test]
async fn pages_know_their_methods() {
    let office = Office::new().await;
    let alice = Visitor::new(&office, "alice").await;
    for path in ["/authorize/", "/device/"] {
        let put = alice.send(&office, &Flavour::AAP, (Method::PUT, path), "").await;
        assert_eq!(put.status(), 405);
        let large = "x".repeat(70 * 1024);
        let post = alice.send(&office, &Flavour::AAP, (Method::POST, path), &large).await;
        assert_eq!(post.status(), 400);
    }
}

#[test]
fn parameters_stand_behind_those_that_are_there() {
    for (address, expected) in [
        ("https://a.example/cb", "https://a.example/cb?x=1+%26&y=%C3%A9"),
        ("https://a.example/cb?", "https://a.example/cb?x=1+%26&y=%C3%A9"),
        ("https://a.example/cb?a=1", "https://a.example/cb?a=1&x=1+%26&y=%C3%A9"),
        ("https://a.example/cb?a=1&", "https://a.example/cb?a=1&x=1+%26&y=%C3%A9"),
    ] {
        assert_eq!(append(address, &[("x", Some("1 &")), ("none", None), ("y", Some("é"))]), expected);
    }
}

#[test]
fn a_policy_names_where_a_form_may_lead() {
    for (address, expected) in [
        ("https://a.example/cb?x", " https://a.example"),
        ("https://a.example:8443", " https://a.example:8443"),
        ("http://127.0.0.1:5000/cb", " http://127.0.0.1:5000"),
        // The policy's grammar has no words for these hosts.
        ("http://[::1]:5000/cb", " http:"),
        ("https://a.example;script-src/", " https:"),
        ("https://a.example,*/", " https:"),
        ("javascript:alert(1)", ""),
        ("ftp://a.example/", ""),
    ] {
        assert_eq!(target(address), expected, "{address}");
    }
    let to = |query: &str| next::targets(&format!("/api/o/authorize/?{query}"));
    assert_eq!(to("redirect_uri=https%3A%2F%2Fa.example%2Fcb&x=1"), " https://a.example");
    assert_eq!(to("x=1"), " https: http:");
    assert_eq!(next::targets("/api/?redirect_uri=https://a.example"), "");
    assert_eq!(next::targets("/o/device/"), "");
}
