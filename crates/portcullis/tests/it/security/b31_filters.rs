//! Filters and orders: words of a small language and never of a database (case 208).

use std::sync::Arc;

use serde_json::{Value, json};

use super::shared::Shared;
use crate::support::http::encode;
use crate::support::{Response, Server};

static SERVER: Shared = Shared::new();

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

fn count(server: &Server, list: &str, query: &str) -> Value {
    ask(server, list, query).expect(200).json()["count"].clone()
}

const SQL: &[&str] = &[
    "'",
    "\"",
    "' OR '1'='1",
    "1 OR 1=1",
    "1); DROP TABLE users; --",
    "1; SELECT 1",
    "' UNION SELECT password FROM credentials --",
    "\\",
    "%",
    "_",
    "%%",
    "*",
    "?",
    "$1",
    ":x",
    "`",
    "id`",
    "id--",
    "id/**/",
    "0x41",
    "(SELECT 1)",
    "char(65)",
    "\u{2019}",
    "\u{ff07}",
    "a'||'b",
    "CASE WHEN 1=1 THEN id ELSE name END",
    "name COLLATE NOCASE",
    "id ASC, name",
    "random()",
    "1\0",
    "[]",
    "{}",
    "NULL",
];

#[test]
fn case_208_sql_is_no_word_of_the_language() {
    let server = server();
    let all = count(&server, "organizations", "name__startswith=org");
    for text in SQL {
        let value = encode(text);
        // As the name of a field: there is no such field.
        for query in [
            format!("order_by={value}"),
            format!("order_by=-{value}"),
            format!("order_by=name,{value}"),
            format!("order={value}"),
            format!("{value}=1"),
            format!("name__{value}=1"),
            format!("{value}__exact=1"),
            format!("or__{value}=1"),
            format!("not__{value}__in=1"),
            format!("created_by__{value}=1"),
        ] {
            let answer = ask(&server, "organizations", &query);
            assert_eq!(answer.status, 400, "{query}: {}", answer.text());
            assert!(!answer.text().to_lowercase().contains("sqlite"), "{}", answer.text());
        }
        // As a value: it is looked for, and nothing has it.
        for lookup in ["exact", "iexact", "contains", "icontains", "startswith", "endswith", "in"] {
            let answer = ask(&server, "organizations", &format!("name__{lookup}={value}"));
            let found = (answer.status == 200).then(|| answer.json()["count"].clone());
            assert!(answer.status == 400 || found == Some(json!(0)), "{lookup} {text:?}: {}", answer.text());
        }
        for query in [
            format!("id={value}"),
            format!("id__gt={value}"),
            format!("page={value}"),
            format!("page_size={value}"),
        ] {
            let answer = ask(&server, "organizations", &query);
            assert!(matches!(answer.status, 200 | 400 | 404), "{query}: {} {}", answer.status, answer.text());
        }
        let answer = ask(&server, "organizations", &format!("search={value}&type={value}"));
        assert!(matches!(answer.status, 200 | 400), "{text:?}: {}", answer.text());
    }
    assert_eq!(count(&server, "organizations", "name__startswith=org"), all);
    // Signs that LIKE and GLOB read are letters here.
    server.make("organizations", &json!({"name": "per%cent_under*star[x]"}));
    for (part, hits) in [
        ("%25", 1),
        ("r%25c", 1),
        ("_", 1),
        ("*", 1),
        ("[x]", 1),
        ("p_r", 0),
        ("o%25g", 0),
        ("[o]", 0),
        ("o?g", 0),
    ] {
        assert_eq!(count(&server, "organizations", &format!("name__contains={part}")), hits, "{part}");
        assert_eq!(count(&server, "organizations", &format!("name__icontains={part}")), hits, "{part}");
    }
}

/// Fields that no answer shows, and ways to them.
const SECRETS: &[(&str, &[&str])] = &[
    (
        "users",
        &[
            "password",
            "created_by__password",
            "modified_by__password__startswith",
            "credential_version",
            "password_hash",
        ],
    ),
    (
        "tokens",
        &[
            "token",
            "refresh_token",
            "user__password",
            "application__client_secret",
            "token__startswith",
            "digest",
            "refresh_digest",
        ],
    ),
    (
        "applications",
        &[
            "client_secret",
            "client_secret__startswith",
            "user__password",
            "organization__created_by__password",
        ],
    ),
    (
        "organizations",
        &[
            "created_by__password__startswith",
            "modified_by__tokens__token",
            "users__password",
            "created_by__session__digest",
        ],
    ),
    ("teams", &["organization__created_by__password", "created_by__password__regex"]),
    ("activitystream", &["created_by__password__startswith"]),
    ("authenticators", &["configuration", "configuration__contains"]),
    ("role_user_assignments", &["user__password__startswith", "created_by__password"]),
];

#[test]
fn case_208_secrets_cannot_be_guessed_by_filters() {
    let server = server();
    server.make_user("oracle208", "wonder land 42 x");
    let user = |request: crate::support::Request| request.basic("oracle208", "wonder land 42 x");
    for (list, fields) in SECRETS {
        for field in *fields {
            for prefix in ["", "not__", "or__", "chain__", "or__not__"] {
                for value in ["x", "%24argon2", "%24sha256%24"] {
                    let path = format!("/api/gateway/v1/{list}/?{prefix}{field}={value}");
                    for answer in [server.as_admin("GET", &path).send(), user(server.get(&path)).send()] {
                        assert!(
                            matches!(answer.status, 400 | 403),
                            "{path}: {} {}",
                            answer.status,
                            answer.text()
                        );
                    }
                }
            }
            // An order tells as much as a filter does.
            for path in [
                format!("/api/gateway/v1/{list}/?order_by={field}"),
                format!("/api/gateway/v1/{list}/?order_by=-{field}"),
            ] {
                for answer in [server.as_admin("GET", &path).send(), user(server.get(&path)).send()] {
                    assert!(
                        matches!(answer.status, 400 | 403),
                        "{path}: {} {}",
                        answer.status,
                        answer.text()
                    );
                }
            }
        }
    }
}

#[test]
fn case_208_no_filter_shows_what_its_caller_may_not_see() {
    let server = server();
    server.make_user("narrow208", "wonder land 42 x");
    server.make("organizations", &json!({"name": "hidden208", "description": "hush"}));
    let ask = |query: &str| {
        let path = format!("/api/gateway/v1/organizations/?{query}");
        server.get(&path).basic("narrow208", "wonder land 42 x").send()
    };
    for query in [
        "",
        "name=hidden208",
        "or__name=hidden208&or__id__gt=0",
        "not__name=x",
        "chain__name=hidden208",
        "order_by=-description",
        "name__in=hidden208,org1",
        "or__name__icontains=a&or__not__name__icontains=a",
        "description__regex=h.*",
        "page=last",
        "id__gt=0",
    ] {
        let answer = ask(query);
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        assert!(!answer.text().contains("hush") && answer.json()["count"] == 0, "{query}: {}", answer.text());
    }
}
