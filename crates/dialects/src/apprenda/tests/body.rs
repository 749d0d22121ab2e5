//! The token in a body: where it is found, and what is left.

use bytes::Bytes;
use serde_json::Value;

use super::super::body::{Found, take};

/// Looks for the token in a body; what was found and what is left.
fn taken(body: &str) -> Option<(Option<String>, String)> {
    match take(&Bytes::copy_from_slice(body.as_bytes())) {
        Found::Token { sent, rest } => {
            Some((sent.map(|it| it.expose().to_owned()), String::from_utf8(rest.to_vec()).unwrap()))
        }
        Found::Nothing => None,
        Found::Several => panic!("several in {body}"),
    }
}

#[test]
fn the_member_goes_and_nothing_else() {
    let cases = [
        (r#"{"ApprendaSessionToken":"x"}"#, "{}"),
        (r#" { "ApprendaSessionToken" : "x" } "#, " {  } "),
        (r#"{"ApprendaSessionToken":"x","a":1}"#, r#"{"a":1}"#),
        (r#"{"a":1,"ApprendaSessionToken":"x"}"#, r#"{"a":1}"#),
        (r#"{"a" : 1.50 , "apprendaSessionToken" : "x" , "b":[2 ,3]}"#, r#"{"a" : 1.50 ,  "b":[2 ,3]}"#),
        (r#"{"a":1e400,"APPRENDASESSIONTOKEN":"x"}"#, r#"{"a":1e400}"#),
        (r#"{"\u0041pprendaSessionToken":"x","a":"\u00e9\/"}"#, r#"{"a":"\u00e9\/"}"#),
        (
            "{\n\t\"a\": 123456789012345678901234567890,\r\n\t\"ApprendaSessionToken\": \"x\"\r\n}",
            "{\n\t\"a\": 123456789012345678901234567890\r\n}",
        ),
        (r#"{"a":"}{,\"\\","ApprendaSessionToken":"x","b":"\\"}"#, r#"{"a":"}{,\"\\","b":"\\"}"#),
        (
            r#"{"a":{"b":[{"ApprendaSessionToken":"in"}]},"ApprendaSessionToken":"x"}"#,
            r#"{"a":{"b":[{"ApprendaSessionToken":"in"}]}}"#,
        ),
        (r#"{"a":true,"b":null,"ApprendaSessionToken":"x","a":false}"#, r#"{"a":true,"b":null,"a":false}"#),
        ("\u{feff}{\"ApprendaSessionToken\":\"x\",\"é\":\"漢\"}", "\u{feff}{\"é\":\"漢\"}"),
    ];
    for (body, left) in cases {
        assert_eq!(taken(body), Some((Some("x".to_owned()), left.to_owned())), "{body}");
    }
}

#[test]
fn what_is_no_text_is_no_token_but_goes_too() {
    assert_eq!(taken(r#"{"ApprendaSessionToken":null,"a":1}"#), Some((None, r#"{"a":1}"#.to_owned())));
    for value in ["1", "true", "{}", r#"["x"]"#, "-0.5e-3", r#""\ud800""#] {
        let body = format!("{{\"a\":[],\"ApprendaSessionToken\":{value}}}");
        assert_eq!(taken(&body), Some((Some(String::new()), "{\"a\":[]}".to_owned())), "{body}");
    }
    let escaped = taken(r#"{"ApprendaSessionToken":"a\u003d\/"}"#);
    assert_eq!(escaped, Some((Some("a=/".to_owned()), "{}".to_owned())));
}

#[test]
fn a_body_without_the_member_is_left_alone() {
    let deep = "[".repeat(5000);
    for body in [
        "",
        " ",
        "null",
        "{}",
        "[]",
        "\"ApprendaSessionToken\"",
        r#"["ApprendaSessionToken","x"]"#,
        r#"[{"ApprendaSessionToken":"x"}]"#,
        r#"{"a":{"ApprendaSessionToken":"x"}}"#,
        r#"{"a":"ApprendaSessionToken"}"#,
        r#"{"ApprendaSessionToken ":"x"}"#,
        r#"{"\ud800":"x"}"#,
        // No JSON: the service's to complain about.
        r#"{"ApprendaSessionToken":"x",}"#,
        r#"{"ApprendaSessionToken":"x"} x"#,
        r#"{"ApprendaSessionToken":"x"}{}"#,
        r"{'ApprendaSessionToken':'x'}",
        r#"{ApprendaSessionToken:"x"}"#,
        r#"{"ApprendaSessionToken":NaN}"#,
        r#"{"ApprendaSessionToken":"x""#,
        "{\"ApprendaSessionToken\":\"x\ny\"}",
        &deep,
    ] {
        assert_eq!(taken(body), None, "{body}");
    }
    let latin = Bytes::from_static(b"{\"ApprendaSessionToken\":\"\xe9\"}");
    assert!(matches!(take(&latin), Found::Nothing));
    let wide: Vec<u8> =
        "{\"ApprendaSessionToken\":\"x\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(matches!(take(&Bytes::from(wide)), Found::Nothing));
}

#[test]
fn a_second_member_is_noticed_in_any_spelling() {
    for second in ["ApprendaSessionToken", "apprendasessiontoken", r"\u0061pprendasessiontoken"] {
        for value in ["\"x\"", "null", "{}"] {
            let body = format!("{{\"ApprendaSessionToken\":\"x\",\"a\":[1],\"{second}\":{value}}}");
            assert!(matches!(take(&Bytes::from(body)), Found::Several));
        }
    }
}

#[test]
fn what_is_left_means_the_same_wherever_the_member_stood() {
    let members = [r#""a":1"#, r#""b" : {"x":[1,"]}",{}],"y":{}}"#, r#" "c":"\"," "#, r#""d":-0.0"#];
    let whole: Value = serde_json::from_str(&format!("{{{}}}", members.join(","))).unwrap();
    for at in 0..=members.len() {
        for key in ["ApprendaSessionToken", "apprendaSessionToken", r"Apprenda\u0053essionToken"] {
            let mut with: Vec<String> = members.iter().map(|it| (*it).to_owned()).collect();
            with.insert(at, format!(" \"{key}\"\t: \"x\"\n"));
            let (sent, rest) = taken(&format!("{{{}}}", with.join(","))).unwrap();
            assert_eq!(sent.as_deref(), Some("x"));
            assert_eq!(serde_json::from_str::<Value>(&rest).unwrap(), whole, "{rest}");
        }
    }
}
