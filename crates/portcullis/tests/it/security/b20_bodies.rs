//! Malformed bodies and encodings (cases 156-161).

use std::io::Write;
use std::sync::Arc;

use serde_json::json;

use super::shared::Shared;
use crate::support::http::{basic, connect, exchange};
use crate::support::raw::{Dice, talk};
use crate::support::tls::connect_tls;
use crate::support::{ADMIN_PASSWORD, Response, Server};

static SERVER: Shared = Shared::new();

const ORGANIZATIONS: &str = "/api/gateway/v1/organizations/";

fn server() -> Arc<Server> {
    SERVER.get(|| Server::with_config(""))
}

fn post(server: &Server, path: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Response {
    server.as_admin("POST", path).body(content_type, body).send()
}

/// An error answer that nobody can take for a page or keep.
#[track_caller]
fn assert_error(answer: &Response, wanted: &[u16], shown: &str) {
    assert!(wanted.contains(&answer.status), "{shown}: {} {}", answer.status, answer.text());
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{shown}");
    assert!(answer.text().len() < 4096, "{shown}: the answer echoes the body");
}

/// Texts that are no JSON, or JSON that two readers read differently.
const NO_JSON: &[&str] = &[
    r#"{"name":"a","name":"b"}"#,
    r#"{"name":"a","n\u0061me":"b"}"#,
    r#"{"name":"\ud800"}"#,
    r#"{"name":"\udc00\ud800"}"#,
    r#"{"name":"\ud800\u0041"}"#,
    "\u{feff}{\"name\":\"a\"}",
    r#"{"name":NaN}"#,
    r#"{"name":Infinity}"#,
    r#"{"name":-Infinity}"#,
    r#"{"name":1e999}"#,
    r#"{"name":"a"}x"#,
    r#"{"name":"a"}{"name":"b"}"#,
    r#"{"name":"a"},"#,
    r#"{"name":"a",}"#,
    "{'name':'a'}",
    r#"{name:"a"}"#,
    r#"{"name":"a"/*x*/}"#,
    "{\"name\":\"a\nb\"}",
    "{\"name\":\"a\0b\"}",
    "{\"name\":\"\\x41\"}",
    r#"{"name":01}"#,
    r#"{"name":+1}"#,
    r#"{"name":.5}"#,
    r#"{"name":0x10}"#,
    r#"{"name":tru}"#,
    r#"{"name":"a"#,
    "{",
    "]",
    "\"",
    "nul",
    "\0",
    " ",
];

#[test]
fn case_156_json_that_is_none_is_refused() {
    let server = server();
    let deep_list = format!("{{\"name\":{}1{}}}", "[".repeat(200_000), "]".repeat(200_000));
    let deep_object = "{\"name\":".repeat(100_000) + "1" + &"}".repeat(100_000);
    let open_list = "[".repeat(500_000);
    let long_exponent = format!("{{\"name\":1e{}}}", "9".repeat(500));
    let bodies: Vec<Vec<u8>> = [deep_list.as_str(), &deep_object, &open_list, &long_exponent]
        .iter()
        .chain(NO_JSON)
        .map(|text| text.as_bytes().to_vec())
        .chain([
            "{\"name\":\"a\"}".encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "{\"name\":\"a\"}".encode_utf16().flat_map(u16::to_be_bytes).collect(),
            b"{\"name\":\"\xff\"}".to_vec(),
            b"{\"name\":\"\xed\xa0\x80\"}".to_vec(),
            b"{\"name\":\"\xc0\x80\"}".to_vec(),
            b"{\"name\":\"\xf4\x90\x80\x80\"}".to_vec(),
        ])
        .collect();
    for body in bodies {
        let shown = String::from_utf8_lossy(&body).chars().take(60).collect::<String>();
        assert_error(&post(&server, ORGANIZATIONS, "application/json", body), &[400], &shown);
    }
}

#[test]
fn case_156_json_of_another_kind_is_refused_as_a_value() {
    let server = server();
    let long_number = format!("{{\"name\":{}}}", "9".repeat(500));
    let long_fraction = format!("{{\"name\":0.{}}}", "9".repeat(100_000));
    // Numbers where none belongs: refused as values, not as accidents.
    for body in
        [long_number.as_str(), &long_fraction, r#"{"name":12345678901234567890123}"#, r#"{"name":1e308}"#]
    {
        let shown = body.chars().take(60).collect::<String>();
        let answer = post(&server, ORGANIZATIONS, "application/json", body);
        assert!(matches!(answer.status, 400 | 201), "{shown}: {} {}", answer.status, answer.text());
    }
    for body in [
        r#"{"name":"n","organization":99999999999999999999}"#,
        r#"{"name":"n","organization":1.5}"#,
        r#"{"name":"n","organization":-1}"#,
        r#"{"name":"n","organization":9223372036854775807}"#,
        r#"{"name":"n","organization":1e300}"#,
        r#"{"name":"n","organization":"1; DROP TABLE teams"}"#,
        r#"{"name":"n","organization":{"id":1}}"#,
        r#"{"name":"n","organization":[1]}"#,
        r#"{"name":"n","organization":true}"#,
    ] {
        assert_error(&post(&server, "/api/gateway/v1/teams/", "application/json", body), &[400], body);
    }
    // Other values than objects.
    for body in ["[]", "[{}]", "\"a\"", "1", "true", "null", "[[[[]]]]"] {
        for path in [
            ORGANIZATIONS,
            "/api/gateway/v1/tokens/",
            "/api/gateway/v1/users/",
            "/api/gateway/v1/settings/all/",
        ] {
            let method = if path.contains("settings") { "PUT" } else { "POST" };
            let answer = server.as_admin(method, path).body("application/json", body).send();
            assert_error(&answer, &[400], &format!("{path} {body}"));
        }
    }
}

#[test]
fn case_157_forms_that_are_none_are_refused() {
    let server = server();
    let form = "application/x-www-form-urlencoded";
    let many = "a=b&".repeat(200_000);
    let names = (0..5000).map(|index| format!("f{index}=x")).collect::<Vec<_>>().join("&");
    for body in [
        many.as_bytes(),
        names.as_bytes(),
        b"name=%zz",
        b"name=%",
        b"name=%4",
        b"name=%c3%28",
        b"name=\xff",
        b"name=%ff",
        b"name=%c0%80",
        b"name=%ed%a0%80",
        b"name=a%00b",
        b"name=a\0b",
    ] {
        let shown: String = String::from_utf8_lossy(body).chars().take(40).collect();
        assert_error(&post(&server, ORGANIZATIONS, form, body), &[400, 413], &shown);
    }
    // The form of the sign-in, whose fields are read before anybody is known.
    let csrf = server.form_token();
    for body in [
        many.clone(),
        "username=%zz&password=x".to_owned(),
        "username=admin&password=%ff".to_owned(),
        "&=&=&".to_owned(),
        "username".to_owned(),
        format!("username={}&password=x", "a".repeat(60_000)),
        "username=a%00min&password=x".to_owned(),
        "username=admin\r\n\r\n&password=x".to_owned(),
    ] {
        let shown: String = body.chars().take(40).collect();
        let request = server.post("/api/gateway/v1/login/").header("Cookie", format!("csrftoken={csrf}"));
        let answer = request.header("X-CSRFToken", &*csrf).body(form, body).send();
        assert!(matches!(answer.status, 400 | 401 | 403 | 413), "{shown}: {}", answer.status);
        assert!(answer.set_cookie("gateway_sessionid").is_none(), "{shown}");
    }
}

#[test]
fn case_158_other_languages_are_not_read() {
    let server = server();
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><name>&b;</name>";
    let yaml = "name: !!python/object/apply:os.system ['true']\n";
    // The head of a gzip file; nobody may come so far as to see that the rest is missing.
    let zipped = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xabV*K\xccM\x05\x00".to_vec();
    for (content_type, body) in [
        ("text/xml", bomb.as_bytes().to_vec()),
        ("application/xml", bomb.as_bytes().to_vec()),
        ("application/soap+xml", bomb.as_bytes().to_vec()),
        ("application/yaml", yaml.as_bytes().to_vec()),
        ("text/yaml", yaml.as_bytes().to_vec()),
        ("application/x-yaml", yaml.as_bytes().to_vec()),
        ("application/cbor", vec![0xa1, 0x61, 0x61, 0x01]),
        ("application/x-msgpack", vec![0x81, 0xa1, 0x61, 0x01]),
        ("application/json-seq", b"{}".to_vec()),
        ("application/vnd.api+json", b"{\"name\":\"x158\"}".to_vec()),
        ("text/json", b"{\"name\":\"x158\"}".to_vec()),
        ("application/octet-stream", zipped.clone()),
        ("application/gzip", zipped.clone()),
    ] {
        assert_error(&post(&server, ORGANIZATIONS, content_type, body), &[415], content_type);
    }
    for encoding in
        ["gzip", "deflate", "br", "zstd", "gzip, identity", "x-gzip", "GZIP", "identity, gzip", "compress"]
    {
        for body in [zipped.clone(), br#"{"name":"x158"}"#.to_vec()] {
            let request = server.as_admin("POST", ORGANIZATIONS).header("Content-Encoding", encoding);
            assert_error(&request.body("application/json", body).send(), &[415, 400], encoding);
        }
    }
    let cut = "--B\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nx158";
    for (content_type, body) in [
        ("multipart/form-data", "x"),
        ("multipart/form-data; boundary=", "x"),
        ("multipart/form-data; boundary=B", cut),
        ("multipart/form-data; boundary=B", "no boundary at all"),
        ("multipart/form-data; boundary=B", "--B\r\n\r\nx158\r\n--B--"),
        (
            "multipart/form-data; boundary=B",
            "--B\r\nContent-Disposition: form-data; name=\"name\"; filename=\"../x\"\r\n\r\nx158\r\n--B--\r\n",
        ),
        ("multipart/mixed; boundary=B", cut),
        ("multipart/related; boundary=B", cut),
    ] {
        assert_error(&post(&server, ORGANIZATIONS, content_type, body), &[400, 415], content_type);
    }
    let parts = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n".repeat(15_000) + "--B--\r\n";
    assert_error(
        &post(&server, ORGANIZATIONS, "multipart/form-data; boundary=B", parts),
        &[400, 413],
        "many parts",
    );
    let list =
        server.as_admin("GET", &format!("{ORGANIZATIONS}?name__contains=x158")).send().expect(200).json();
    assert_eq!(list["count"], 0, "{list}");
}

#[test]
fn case_159_texts_come_back_as_they_went_or_not_at_all() {
    let server = server();
    let long = "å".repeat(5000);
    for (index, text) in [
        "\u{1F600}\u{1F468}\u{200d}\u{1F469}\u{200d}\u{1F467}",
        "\u{202e}evil\u{202c}",
        "a\u{2028}b\u{2029}c",
        "<script>alert(1)</script>",
        "a\u{0301}",
        "\u{e1}",
        "a\0b",
        "a\u{1}b",
        "a\u{7f}b",
        "\u{feff}x",
        "line\r\nbreak",
        "tab\tulator",
        "  spaces  ",
        "\u{fffe}\u{ffff}",
        "\u{10ffff}",
        "'; DROP TABLE users; --",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "%s%n%x",
        "../../etc/passwd",
        &long,
    ]
    .iter()
    .enumerate()
    {
        let body = json!({"name": format!("t159-{index}"), "description": text});
        let answer = server.as_admin("POST", ORGANIZATIONS).json(&body).send();
        let shown: String = text.escape_unicode().take(80).collect();
        if answer.status == 400 {
            continue;
        }
        let made = answer.expect(201).json();
        let url = made["url"].as_str().unwrap().to_owned();
        let read = server.as_admin("GET", &url).send().expect(200).json();
        // What the parser of the contract's own server trims is trimmed at the edges and nowhere else.
        let returned = read["description"].as_str().unwrap();
        assert!(returned == *text || returned == text.trim(), "{shown}: {returned:?}");
        assert_eq!(made["description"], read["description"], "{shown}");
        let found =
            server.as_admin("GET", &format!("{ORGANIZATIONS}?name=t159-{index}")).send().expect(200).json();
        assert_eq!(found["results"][0]["description"], read["description"], "{shown}");
    }
    // The same for a name, which must also be found again by its own spelling and by no other.
    for (name, other) in
        [("caf\u{e9}159", "cafe\u{301}159"), ("Stra\u{df}e159", "Strasse159"), ("\u{130}159", "i159")]
    {
        server.make("organizations", &json!({"name": name}));
        let count = |name: &str| {
            let query = format!("{ORGANIZATIONS}?name={}", crate::support::http::encode(name));
            server.as_admin("GET", &query).send().expect(200).json()["count"].clone()
        };
        assert_eq!((count(name), count(other)), (json!(1), json!(0)), "{name}");
    }
}

#[test]
fn case_160_a_content_type_is_needed_and_meant() {
    let server = server();
    let body = r#"{"name":"x160"}"#;
    for content_type in [
        "",
        "application",
        "application/",
        "/json",
        "application/json2",
        "json",
        "text/plain",
        "text/html",
        "*/*",
        "application/json, text/plain",
        "application/json; charset=utf-7",
        "application/json; charset=utf-16",
        "application/json;charset=\"utf-7\"",
        "application/x-www-form-urlencoded; charset=iso-8859-1",
        "application/json\u{a0}",
        "message/http",
    ] {
        assert_error(&post(&server, ORGANIZATIONS, content_type, body), &[400, 415], content_type);
    }
    let bare = format!(
        "POST {ORGANIZATIONS} HTTP/1.1\r\nHost: g\r\nAuthorization: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        basic("admin", ADMIN_PASSWORD),
        body.len()
    );
    let talk = talk(server.http, bare.as_bytes());
    assert!(matches!(talk.status(), 400 | 415), "{:?}", talk.statuses());
    let list = server.as_admin("GET", &format!("{ORGANIZATIONS}?name=x160")).send().expect(200).json();
    assert_eq!(list["count"], 0, "{list}");
    // Every answer says what it is, and that nobody may guess.
    for (method, path) in [
        ("GET", "/api/"),
        ("GET", "/api/gateway/v1/"),
        ("GET", "/api/gateway/v1/me/"),
        ("GET", "/api/gateway/v1/login/"),
        ("GET", "/api/gateway/v1/none/"),
        ("PATCH", "/api/gateway/v1/me/"),
        ("GET", "/nowhere/"),
        ("GET", "/api/gateway/v1/jwt_key/"),
        ("GET", "/api/controller/v2/x/"),
        ("GET", "/api/../x"),
        ("POST", "/api/gateway/v1/login/"),
    ] {
        let answer = server.request(method, path).send();
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{method} {path}: {}",
            answer.status
        );
        if !answer.body.is_empty() {
            let content_type = answer.header("content-type").unwrap_or_default();
            // JSON has one charset by definition (RFC 8259 section 8.1), every other text must name it.
            assert!(
                content_type == "application/json" || content_type.contains("charset=utf-8"),
                "{path}: {content_type}"
            );
        }
    }
}

#[test]
fn case_161_what_is_not_spoken_here_is_hung_up_on() {
    let server = server();
    let mut dice = Dice::new(161);
    let mut noise = vec![
        Vec::new(),
        b"\r\n".repeat(1000),
        vec![0; 4096],
        vec![0xff; 4096],
        vec![0x16; 5],
        vec![0x80, 0x2e, 1, 0, 2],
    ];
    for _ in 0..20 {
        noise.push((0..dice.below(2000)).map(|_| u8::try_from(dice.below(256)).unwrap()).collect());
    }
    for (index, bytes) in noise.iter().enumerate() {
        for address in [server.http, server.https] {
            let mut stream = connect(address).unwrap();
            let _ = stream.write_all(bytes);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let mut answer = Vec::new();
            let _ = std::io::Read::read_to_end(&mut stream, &mut answer);
            let text = String::from_utf8_lossy(&answer);
            let is_refusal = text.is_empty() || text.starts_with("HTTP/1.1 4") || address == server.https;
            assert!(is_refusal, "{index}: {text}");
        }
    }
    // HTTP on the port of TLS gets no page, TLS on the port of HTTP no handshake.
    let answer = exchange(server.https, b"GET /api/gateway/v1/ping/ HTTP/1.1\r\nHost: g\r\n\r\n");
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    assert!(connect_tls(server.http, "http/1.1").is_err());
    assert_eq!(server.get("/api/gateway/v1/ping/").send().status, 200);
    assert!(!server.output().contains("panic"), "{}", server.output());
}
