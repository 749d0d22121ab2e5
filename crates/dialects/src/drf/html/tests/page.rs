//! The pages: escaped, and cut out by the published commands.

use crate::drf::Brand;
use crate::drf::html::page::{LoginPage, island, login};
use crate::drf::html::{forbidden, policy};
use crate::drf::language::Language;
use crate::drf::manner::Manner;

/// Words like a dialect's.
static BRAND: Brand = Brand {
    session_cookie: "session",
    csrf_field: "csrfmiddlewaretoken",
    csrf_header: "X-CSRFToken",
    csrf_cookie: |token, _, _| token.to_owned(),
    login_page: "/login/",
    manner: &PLAIN,
};
static PLAIN: Manner = Manner {
    api: &[],
    nowhere: &[],
    page: &[],
    not_found: "",
    redirects_all: false,
    overlooks_bad_proofs: false,
    parses: &[],
    translates: true,
};
const FAILURE: &str =
    "Please enter a correct username and password. Note that both fields may be case-sensitive.";

fn page(value: &str) -> String {
    login(&LoginPage {
        brand: &BRAND,
        action: "/login/",
        language: Language::English,
        token: value,
        next: value,
        username: value,
        failure: FAILURE,
        info: value,
        logo: value,
    })
}

/// The lines between the island's tags, as the published command finds them.
fn cut(page: &str) -> String {
    let mut is_inside = false;
    let mut lines = Vec::new();
    for line in page.lines() {
        if line.contains(r#"<script type="application/json" id="drf_csrf">"#) {
            is_inside = true;
            continue;
        }
        if line.contains("</script>") {
            is_inside = false;
        }
        if is_inside {
            lines.push(line);
        }
    }
    lines.join("\n")
}

#[test]
fn the_published_command_finds_the_token() {
    let island: serde_json::Value = serde_json::from_str(&cut(&page("abc"))).unwrap();
    assert_eq!(island, serde_json::json!({ "csrfHeaderName": "X-CSRFToken", "csrfToken": "abc" }));
    assert!(page("abc").contains("\"csrfToken\": \"abc\""));
}

#[test]
fn case_192_no_value_ends_the_island() {
    let evil = "</script><script>alert(1)</script>&<!--";
    let island = island("X-CSRFToken", evil);
    assert_eq!(island.matches("</script>").count(), 1);
    assert!(island.contains("\\u003c/script\\u003e"));
    let value: serde_json::Value = serde_json::from_str(&cut(&island)).unwrap();
    assert_eq!(value["csrfToken"], evil);
}

#[test]
fn no_value_becomes_markup() {
    let page = page("\"><script>alert('1')</script>{{island}}");
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("<script>alert"));
    assert_eq!(page.matches("id=\"drf_csrf\"").count(), 1);
    assert!(!forbidden(Language::Russian, "<b>").contains("<b>"));
}

#[test]
fn pages_hold_no_script_and_only_the_known_style() {
    let page = page("a");
    assert!(!page.contains("style=") && !page.contains("onclick"));
    assert_eq!(page.matches("<style>").count(), 1);
    assert!(policy("").starts_with("default-src 'none'; style-src 'sha256-"));
    assert!(policy("").contains("frame-ancestors 'none'") && policy("").contains("form-action 'self'"));
    assert!(page.contains("autocomplete=\"current-password\""));
}

#[test]
fn the_russian_page_is_russian() {
    let page = login(&LoginPage {
        brand: &BRAND,
        action: "/login/",
        language: Language::Russian,
        token: "t",
        next: "",
        username: "",
        failure: FAILURE,
        info: "",
        logo: "",
    });
    assert!(page.contains("<html lang=\"ru\">") && page.contains("Пароль") && page.contains("Пожалуйста"));
}
