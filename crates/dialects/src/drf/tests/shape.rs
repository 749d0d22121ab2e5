//! Shapes: OPTIONS, endpoints, instants, YAML, forms of answers.

use http::Request;
use jiff::Timestamp;
use serde_json::json;

use crate::drf::endpoint::{Access, Endpoint, find};
use crate::drf::negotiate::{Form, form};
use crate::drf::{respond, time, yaml};

const TABLE: &[Endpoint] = &[
    Endpoint { path: "/v1/{id}/", methods: "GET, HEAD, OPTIONS", access: Access::Known, name: "One" },
    Endpoint { path: "/v1/fixed/", methods: "POST, OPTIONS", access: Access::Public, name: "Fixed" },
];

#[test]
fn fixed_paths_go_before_variables() {
    let name = |path| find(&[TABLE], path).map(|endpoint| endpoint.name);
    assert_eq!(name("/v1/fixed/"), Some("Fixed"));
    assert_eq!(name("/v1/7/"), Some("One"));
    for unknown in ["/v1//", "/v1/7", "/v1/7/8/", "/v1/", "/v2/7/", ""] {
        assert_eq!(name(unknown), None, "{unknown}");
    }
}

#[test]
fn a_method_is_known_by_its_whole_name() {
    assert!(TABLE[0].allows("HEAD"));
    assert!(!TABLE[0].allows("POST") && !TABLE[0].allows("HEA") && !TABLE[0].allows("GET, HEAD"));
}

#[test]
fn instants_have_six_decimals() {
    let at: Timestamp = "2026-11-21T18:34:40.1937285Z".parse().expect("an instant");
    assert_eq!(time::format(at), "2026-11-21T18:34:40.193728Z");
    let at: Timestamp = "2026-01-02T03:04:05Z".parse().expect("an instant");
    assert_eq!(time::format(at), "2026-01-02T03:04:05.000000Z");
    assert_eq!(time::parse("2026-01-02T03:04:05+03:00"), time::parse("2026-01-02 00:04:05"));
    assert_eq!(time::parse("soon"), None);
}

#[test]
fn the_form_of_an_answer_is_negotiated() {
    let ask = |path: &str, accept: Option<&str>| {
        let mut request = Request::get(path);
        if let Some(accept) = accept {
            request = request.header("accept", accept);
        }
        let (parts, ()) = request.body(()).expect("a valid request").into_parts();
        form(&parts).map_err(|response| response.status().as_u16())
    };
    assert_eq!(ask("/", None), Ok(Form::Json));
    assert_eq!(ask("/", Some("*/*")), Ok(Form::Json));
    assert_eq!(ask("/", Some("text/html,application/xhtml+xml,*/*;q=0.8")), Ok(Form::Page));
    assert_eq!(ask("/", Some("application/json, text/plain, */*")), Ok(Form::Json));
    assert_eq!(ask("/", Some("application/xml")), Err(406));
    assert_eq!(ask("/", Some("application/json;q=0")), Err(406));
    assert_eq!(ask("/?format=json", Some("text/html")), Ok(Form::Json));
    assert_eq!(ask("/?format=zzz", None), Err(404));
}

#[test]
fn yaml_is_json_with_fewer_brackets() {
    let value = json!({ "a": [1, { "b": "x: y" }], "200": {}, "c": [] });
    assert_eq!(yaml::write(&value), "a:\n  - 1\n  -\n    b: \"x: y\"\n\"200\": {}\nc: []\n");
}

#[test]
fn texts_are_harmless_in_pages() {
    assert_eq!(respond::escape("<script>'\"&"), "&lt;script&gt;&#x27;&quot;&amp;");
}
