//! The request that a command line means, and how answers are written.

use clap::Parser as _;
use http::Method;
use serde_json::{Value, json};

use super::rows;
use super::{ask, show};
use crate::command::CommandLine;
use crate::exit::Exit;

fn is_taken(line: &str) -> bool {
    CommandLine::try_parse_from(line.split_whitespace()).is_ok()
}

#[test]
fn the_documented_forms_are_taken() {
    for line in [
        "portcullis api me/",
        "portcullis api GET me/ -o json",
        "portcullis api post /api/v2/x/ -d {} -H A:b -q a=b -i --profile p",
        "portcullis api x -F a=1 -F b=2 -o table",
        "portcullis api x --paginate --pages-max 3",
        "portcullis api x -d @- -o raw --password-file f",
        "portcullis doctor https://h --user u --password-file f --ca c -o json",
        "portcullis doctor --profile p",
        "portcullis doctor",
    ] {
        assert!(is_taken(line), "{line}");
    }
    for line in [
        "portcullis api",
        "portcullis api GET a b",
        "portcullis api x -d a -F b=c",
        "portcullis api x -o xml",
        "portcullis api x --pages-max 3",
        "portcullis api x --paginate --pages-max 0",
        "portcullis doctor https://h --password secret",
        "portcullis doctor https://h --insecure --ca f",
    ] {
        assert!(!is_taken(line), "{line}");
    }
}

#[test]
fn the_method_may_be_left_out() {
    let target = |first: &str, second: Option<&str>, has_body| ask::target(first, second, has_body).unwrap();
    assert_eq!(target("me/", None, false), (Method::GET, "me/".to_owned()));
    assert_eq!(target("me/", None, true), (Method::POST, "me/".to_owned()));
    assert_eq!(target("patch", Some("x"), true), (Method::PATCH, "x".to_owned()));
    for (first, second) in [("GET", None), ("me/", Some("GET")), ("CONNECT", Some("x")), ("", Some("x"))] {
        assert_eq!(ask::target(first, second, false).unwrap_err().exit, Exit::Usage, "{first} {second:?}");
    }
}

#[test]
fn a_path_lies_at_the_base_and_nowhere_else() {
    let base = client::base("https://h.example:8443").unwrap().0;
    let at = |path: &str| ask::address(path, "/api/v2/", &[], &base).map(|it| it.to_string());
    assert_eq!(at("me/").unwrap(), "https://h.example:8443/api/v2/me/");
    assert_eq!(at("/x?a=b#c").unwrap(), "https://h.example:8443/x?a=b");
    assert_eq!(at("https://H.example:8443/x?y").unwrap(), "https://h.example:8443/x?y");
    assert_eq!(
        at("x?next=https://evil.example/").unwrap(),
        "https://h.example:8443/api/v2/x?next=https://evil.example/"
    );
    assert_eq!(at("//evil.example/x").unwrap(), "https://h.example:8443//evil.example/x");
    assert_eq!(at("/a b\u{e9}").unwrap(), "https://h.example:8443/a%20b%C3%A9");
    for elsewhere in [
        "https://evil.example/x",
        "http://h.example:8443/x",
        "https://h.example/x",
        "https://h.example:8443@evil.example/",
        "https://u:p@h.example:8443/",
        "ftp://h.example:8443/x",
    ] {
        assert_eq!(at(elsewhere).unwrap_err().exit, Exit::Refused, "{elsewhere}");
    }
    let query = ["a=b c&d".to_owned(), "e=".to_owned()];
    let uri = ask::address("x?q=1", "/", &query, &base).unwrap();
    assert_eq!(uri.to_string(), "https://h.example:8443/x?q=1&a=b%20c%26d&e=");
    assert_eq!(ask::address("x", "/", &["=b".to_owned()], &base).unwrap_err().exit, Exit::Usage);
}

#[test]
fn headers_of_the_proof_are_refused() {
    for name in [
        "Authorization",
        "Cookie",
        "X-CSRFToken",
        "X-XSRF-TOKEN",
        "VSessionId",
        "ApprendaSessionToken",
        "Host",
        "Proxy-Authorization",
    ] {
        let stop = ask::headers(&[format!("{name}: s3cret")]).unwrap_err();
        assert_eq!(stop.exit, Exit::Refused, "{name}");
        let said = stop.error.to_string();
        assert!(said.contains("--profile") && !said.contains("s3cret"), "{said}");
    }
    for line in ["Content-Length: 3", "Transfer-Encoding: chunked", "no colon", "a b: c", "A: b\r\nCookie: c"]
    {
        assert_eq!(ask::headers(&[line.to_owned()]).unwrap_err().exit, Exit::Usage, "{line}");
    }
    let headers = ask::headers(&["Accept: text/csv".to_owned(), "X-A:b".to_owned()]).unwrap();
    assert_eq!((&headers["accept"], &headers["x-a"]), (&"text/csv".parse().unwrap(), &"b".parse().unwrap()));
}

#[test]
fn fields_make_a_json_object() {
    let fields = ["n=7", "on=true", "none=null", "text=7 a", "list=[1]", "quoted=\"7\"", "empty=", "a=b=c"];
    let fields: Vec<String> = fields.iter().map(|&it| it.to_owned()).collect();
    let Some(client::Payload::Bytes(body)) = ask::body(None, &fields).unwrap() else { panic!("no bytes") };
    let found: Value = serde_json::from_slice(&body).unwrap();
    let expected = json!({
        "n": 7, "on": true, "none": null, "text": "7 a", "list": "[1]", "quoted": "\"7\"", "empty": "", "a": "b=c"
    });
    assert_eq!(found, expected);
    for wrong in ["novalue", "=x"] {
        assert_eq!(ask::body(None, &[wrong.to_owned()]).unwrap_err().exit, Exit::Usage, "{wrong}");
    }
    assert_eq!(ask::body(Some("@/no/such/file"), &[]).unwrap_err().exit, Exit::Usage);
    assert_eq!(ask::body(Some("@/"), &[]).unwrap_err().exit, Exit::Usage);
}

#[test]
fn json_holds_nothing_that_a_terminal_obeys_and_means_the_same() {
    let value = json!({ "a": "\u{1b}[2J\u{9b}x\u{202e}\u{7f}\u{2028}\\n\n", "b": [1, 2] });
    for is_readable in [true, false] {
        let text = show::json(&value, is_readable);
        assert!(text.chars().all(|it| it == '\n' || (' '..='~').contains(&it)), "{text:?}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert_eq!(text.contains('\n'), is_readable);
    }
}

#[test]
fn the_plain_members_of_rows_are_columns() {
    let report = rows::table(vec![
        json!({ "id": 1, "related": { "x": 1 }, "name": "a", "tags": [] }),
        json!({ "id": 2, "extra": null }),
        json!("text"),
    ]);
    assert_eq!(report.columns, ["id", "name", "extra", "value"]);
    assert_eq!(report.rows.len(), 3);
    let many: serde_json::Map<String, Value> = (0..50).map(|it| (format!("k{it}"), json!(it))).collect();
    assert_eq!(rows::table(vec![Value::Object(many)]).columns.len(), 10);
}
