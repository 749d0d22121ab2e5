//! Pages, patterns and numbers have limits (cases 209-212).

use std::sync::Arc;

use serde_json::json;

use super::shared::Shared;
use crate::support::http::encode;
use crate::support::{Response, Server};

static SERVER: Shared = Shared::new();

const LISTS: &[&str] = &[
    "users",
    "organizations",
    "teams",
    "tokens",
    "applications",
    "activitystream",
    "role_definitions",
    "role_user_assignments",
    "role_team_assignments",
    "authenticators",
];

fn server() -> Arc<Server> {
    SERVER.get(|| {
        let server = Server::with_config("");
        for index in 0..5 {
            server.make("organizations", &json!({"name": format!("org{index}"), "description": "d"}));
        }
        server
    })
}

fn ask(server: &Server, list: &str, query: &str) -> Response {
    server.as_admin("GET", &format!("/api/gateway/v1/{list}/?{query}")).send()
}

#[test]
fn case_209_pages_are_numbers_and_nothing_else() {
    let server = server();
    for page in [
        "0",
        "-1",
        "1.0",
        "1e0",
        "+1",
        "0x1",
        "01x",
        "999999999",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999999",
        "-9223372036854775808",
        "first",
        "LAST",
        "last'",
        "1,2",
        "\u{661}",
        "%00",
        "eyJwIjoxfQ==",
        "1;2",
        "[1]",
        "NaN",
        "",
    ] {
        let answer = ask(&server, "organizations", &format!("page={page}&page_size=2"));
        assert!(matches!(answer.status, 200 | 404), "{page}: {} {}", answer.status, answer.text());
        let number_like = matches!(page, "+1" | "01x" | "\u{661}" | "");
        assert!(answer.status == 404 || number_like, "{page}: {}", answer.text());
    }
    // The links are relative, and what else was asked is in them once and encoded.
    let answer =
        ask(&server, "organizations", "page_size=2&name__contains=o&order_by=name").expect(200).json();
    let next = answer["next"].as_str().unwrap();
    assert!(next.starts_with("/api/gateway/v1/organizations/?"), "{next}");
    for text in ["\"><script>", "\r\nSet-Cookie: a=b", "&page=9", "http://evil.example/"] {
        let query = format!("page_size=2&not__description={}", encode(text));
        let answer = ask(&server, "organizations", &query);
        let next = answer.expect(200).json()["next"].as_str().unwrap().to_owned();
        assert!(
            next.starts_with("/api/gateway/v1/organizations/?") && !next.contains(['<', '"', '\r', '\n']),
            "{next}"
        );
        assert!(!next.contains("page=9"), "{next}");
    }
}

#[test]
fn case_210_no_pattern_costs_more_than_its_text() {
    let server = server();
    server.make("organizations", &json!({"name": "long210", "description": "a".repeat(4000) + "!"}));
    for pattern in [
        "(a+)+$",
        "(a|a)*$",
        "(a|aa)+$",
        "(.*a){20}$",
        "^(a?){40}a{40}$",
        "([a-z]+)*\\d",
        "(?:(?:a*)*)*$",
        "a{1,100}{1,100}",
        "(x+x+)+y",
        "(a*)*b",
        "((a+)+)+$",
        "(?i)(a+)+$",
    ] {
        for lookup in ["regex", "iregex"] {
            let query = format!("description__{lookup}={}", encode(pattern));
            let answer = ask(&server, "organizations", &query);
            assert!(matches!(answer.status, 200 | 400), "{pattern}: {} {}", answer.status, answer.text());
        }
    }
    for pattern in [
        "(",
        "[",
        "*",
        "a{",
        "a{99999}",
        "((((a{100}){100}){100}){100})",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "\\1",
        "(a)\\1",
        "(?P<x",
        "\\",
        "[z-a]",
        "(?C1)",
        "\\p{Nonsense}",
    ] {
        let query = format!("name__regex={}", encode(pattern));
        let answer = ask(&server, "organizations", &query);
        // What another engine understands and ours does not is refused, and so is what would grow too large.
        let is_literal = matches!(pattern, "a{");
        assert!(
            answer.status == 400 || (is_literal && answer.status == 200),
            "{pattern}: {} {}",
            answer.status,
            answer.text()
        );
    }
    let long = "a?".repeat(12_000);
    let answer = ask(&server, "organizations", &format!("name__regex={long}"));
    assert!(matches!(answer.status, 400 | 414 | 431), "{}", answer.status);
    let nested = "(".repeat(3000) + &")".repeat(3000);
    let answer = ask(&server, "organizations", &format!("name__regex={nested}"));
    assert!(matches!(answer.status, 400 | 414 | 431), "{}", answer.status);
    // Whoever else asks is served meanwhile.
    assert_eq!(server.get("/api/gateway/v1/ping/").send().status, 200);
}

#[test]
fn case_212_numbers_and_lists_have_limits() {
    let server = server();
    for size in
        ["100000000", "9223372036854775807", "99999999999999999999999999", "-1", "0", "1e9", "abc", ""]
    {
        for list in LISTS {
            let answer = ask(&server, list, &format!("page_size={size}"));
            assert_eq!(answer.status, 200, "{list} {size}: {}", answer.text());
            assert!(answer.json()["results"].as_array().unwrap().len() <= 200, "{list} {size}");
        }
    }
    for id in [
        "9223372036854775807",
        "9223372036854775808",
        "-1",
        "0",
        "99999999999999999999999",
        "1.0",
        "1e3",
        "%00",
        "1%00",
        "\u{661}",
        "1'",
    ] {
        for list in LISTS {
            let answer = server.as_admin("GET", &format!("/api/gateway/v1/{list}/{id}/")).send();
            assert!(matches!(answer.status, 404 | 400), "{list} {id}: {} {}", answer.status, answer.text());
            let answer = ask(&server, list, &format!("id={id}"));
            assert!(
                matches!(answer.status, 200 | 400),
                "{list} id={id}: {} {}",
                answer.status,
                answer.text()
            );
        }
        for (list, body) in [
            ("teams", format!("{{\"name\":\"t212\",\"organization\":{id}}}")),
            ("tokens", format!("{{\"application\":{id}}}")),
            (
                "role_user_assignments",
                format!("{{\"role_definition\":{id},\"user\":{id},\"object_id\":\"{id}\"}}"),
            ),
        ] {
            let request = server.as_admin("POST", &format!("/api/gateway/v1/{list}/"));
            let answer = request.body("application/json", body).send();
            assert_eq!(answer.status, 400, "{list} {id}: {}", answer.text());
        }
    }
    let ids = (0..3000).map(|id: i32| id.to_string()).collect::<Vec<_>>().join(",");
    let answer = ask(&server, "organizations", &format!("id__in={ids}"));
    assert!(matches!(answer.status, 200 | 400 | 414 | 431), "{}", answer.status);
    let many = (0..2000).map(|index| format!("or__name=n{index}")).collect::<Vec<_>>().join("&");
    let answer = ask(&server, "organizations", &many);
    assert!(matches!(answer.status, 200 | 400 | 414 | 431), "{}", answer.status);
    for path in [
        "created_by__".repeat(2000),
        "organization__".repeat(3000),
        "not__".repeat(3000),
        "or__not__".repeat(1000),
        "__".repeat(4000),
    ] {
        let answer = ask(&server, "teams", &format!("{path}name=x"));
        assert!(matches!(answer.status, 400 | 414 | 431), "{}: {}", &path[..20], answer.status);
    }
    assert_eq!(server.get("/api/gateway/v1/ping/").send().status, 200);
    assert!(!server.output().contains("panicked"), "{}", server.output());
}
