//! Signing in and out, seen over several requests.

use bytes::Bytes;
use http::{Method, Response};

use super::{ask, cookie, text};
use crate::bed::Bed;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const REFERER: (&str, &str) = ("referer", "https://gateway.example.com/api/login/");
const GOOD: &str = "username=alice&password=correct+horse";

/// Posts the form with the token that an address has set; the answer.
async fn post(bed: &Bed, token_from: &str, form: &str) -> Response<Bytes> {
    let token = cookie(&ask(bed, Method::GET, token_from, &[], "").await, "csrftoken").unwrap();
    let cookies = format!("csrftoken={token}");
    let headers = [FORM, REFERER, ("cookie", &cookies), ("x-csrftoken", &token)];
    ask(bed, Method::POST, "/api/login/", &headers, form).await
}

async fn is_alive(bed: &Bed, secret: &str) -> bool {
    let cookies = format!("awx_sessionid={secret}");
    ask(bed, Method::GET, "/api/v2/me/", &[("cookie", &cookies)], "").await.status() == 200
}

#[tokio::test]
async fn the_token_comes_from_the_page_or_from_the_root() {
    let bed = Bed::new().await;
    for from in ["/api/login/", "/api/"] {
        let found = post(&bed, from, GOOD).await;
        assert_eq!(found.status(), 302, "{from}");
        assert!(is_alive(&bed, &cookie(&found, "awx_sessionid").unwrap()).await);
    }
}

#[tokio::test]
async fn the_root_gives_the_token_of_a_living_session_again() {
    let bed = Bed::new().await;
    let found = post(&bed, "/api/", GOOD).await;
    let (secret, csrf) = (cookie(&found, "awx_sessionid").unwrap(), cookie(&found, "csrftoken").unwrap());
    let cookies = format!("csrftoken={csrf}; awx_sessionid={secret}");
    let root = ask(&bed, Method::GET, "/api/", &[("cookie", &cookies)], "").await;
    assert_eq!(cookie(&root, "csrftoken"), Some(csrf));
}

#[tokio::test]
async fn signing_in_again_ends_the_session_that_was_held() {
    let bed = Bed::new().await;
    let first = post(&bed, "/api/", GOOD).await;
    let (secret, csrf) = (cookie(&first, "awx_sessionid").unwrap(), cookie(&first, "csrftoken").unwrap());
    let cookies = format!("csrftoken={csrf}; awx_sessionid={secret}");
    let headers = [FORM, REFERER, ("cookie", cookies.as_str()), ("x-csrftoken", csrf.as_str())];
    let second = ask(&bed, Method::POST, "/api/login/", &headers, GOOD).await;
    assert_eq!(second.status(), 302);
    assert!(!is_alive(&bed, &secret).await);
    assert!(is_alive(&bed, &cookie(&second, "awx_sessionid").unwrap()).await);
}

#[tokio::test]
async fn no_login_leads_to_another_host() {
    let bed = Bed::new().await;
    for (next, wanted) in [
        ("", "/accounts/profile/"),
        ("&next=", "/accounts/profile/"),
        ("&next=%2Fapi%2F", "/api/"),
        ("&next=api%2Fv2%2Fconfig%2F", "/api/v2/config/"),
        ("&next=https%3A%2F%2Fgateway.example.com%2Fapi%2Fv2%2F", "/api/v2/"),
        ("&next=%2F%2Fevil.example%2F", "/accounts/profile/"),
        ("&next=%2F%5Cevil.example%2F", "/accounts/profile/"),
        ("&next=https%3A%2F%2Fevil.example%2F", "/accounts/profile/"),
        ("&next=javascript%3Aalert(1)", "/accounts/profile/"),
        ("&next=api%2F%2Fevil.example", "/accounts/profile/"),
    ] {
        let found = post(&bed, "/api/login/", &format!("{GOOD}{next}")).await;
        assert_eq!(found.status(), 302, "{next}");
        assert_eq!(found.headers()["location"], wanted, "{next}");
    }
}

#[tokio::test]
async fn a_wrong_password_keeps_the_token_and_tells_nothing() {
    let bed = Bed::new().await;
    for form in [
        "username=alice&password=wrong",
        "username=nobody&password=wrong",
        "username=bob&password=correct+horse",
    ] {
        let page = post(&bed, "/api/login/", form).await;
        assert_eq!(page.status(), 401, "{form}");
        assert!(text(&page).contains("Please enter a correct username and password."), "{form}");
        assert_eq!(cookie(&page, "awx_sessionid"), None);
        assert!(cookie(&page, "csrftoken").is_some());
    }
}

#[tokio::test]
async fn a_logout_ends_the_session_and_keeps_the_token() {
    let bed = Bed::new().await;
    let found = post(&bed, "/api/", GOOD).await;
    let (secret, csrf) = (cookie(&found, "awx_sessionid").unwrap(), cookie(&found, "csrftoken").unwrap());
    let cookies = format!("csrftoken={csrf}; awx_sessionid={secret}");
    let headers = [("cookie", cookies.as_str()), ("referer", "https://gateway.example.com/api/")];
    let forged = ask(&bed, Method::POST, "/api/logout/", &headers, "").await;
    assert_eq!(forged.status(), 403);
    assert!(is_alive(&bed, &secret).await);
    let left = ask(&bed, Method::GET, "/api/logout/", &headers, "").await;
    assert_eq!((left.status().as_u16(), cookie(&left, "userLoggedIn").as_deref()), (302, Some("false")));
    assert_eq!((cookie(&left, "awx_sessionid").as_deref(), cookie(&left, "csrftoken")), (Some("\"\""), None));
    assert!(!is_alive(&bed, &secret).await);
}

#[tokio::test]
async fn the_refused_page_says_how_to_send_the_token() {
    let bed = Bed::new().await;
    let refused = ask(&bed, Method::POST, "/api/login/", &[FORM, REFERER], GOOD).await;
    assert_eq!(refused.status(), 403);
    for words in [
        "CSRF verification failed. Request aborted.",
        "CSRF cookie not set.",
        "GET /api/login/",
        "X-CSRFToken",
    ] {
        assert!(text(&refused).contains(words), "{words}");
    }
}
