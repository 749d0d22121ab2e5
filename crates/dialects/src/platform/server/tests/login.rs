//! Signing in and out, seen over several requests.

use http::Method;
use identity::model::setting::SettingValue;
use jiff::SignedDuration;

use super::{ask, cookie, text};
use crate::bed::Bed;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const REFERER: (&str, &str) = ("referer", "https://gateway.example.com/api/gateway/v1/login/");
const GOOD: &str = "username=alice&password=correct+horse";

/// Signs in by the form; the session's secret and its CSRF token.
async fn sign_in(bed: &Bed) -> (String, String) {
    let page = ask(bed, Method::GET, "login/", &[], "").await;
    let token = cookie(&page, "csrftoken").unwrap();
    let cookies = format!("csrftoken={token}");
    let headers = [FORM, REFERER, ("cookie", &cookies), ("x-csrftoken", &token)];
    let found = ask(bed, Method::POST, "login/", &headers, GOOD).await;
    assert_eq!(found.status(), 302);
    assert_ne!(cookie(&found, "csrftoken").unwrap(), token);
    (cookie(&found, "gateway_sessionid").unwrap(), cookie(&found, "csrftoken").unwrap())
}

async fn is_alive(bed: &Bed, secret: &str) -> bool {
    let cookies = format!("gateway_sessionid={secret}");
    ask(bed, Method::GET, "me/", &[("cookie", &cookies)], "").await.status() == 200
}

#[tokio::test]
async fn a_session_ends_by_logout_and_the_csrf_cookie_stays() {
    let bed = Bed::new().await;
    let (secret, csrf) = sign_in(&bed).await;
    assert!(is_alive(&bed, &secret).await);
    let cookies = format!("csrftoken={csrf}; gateway_sessionid={secret}");
    let origin = ("origin", "https://gateway.example.com");
    let headers = [("cookie", cookies.as_str()), ("x-csrftoken", csrf.as_str()), origin];
    let left = ask(&bed, Method::POST, "logout/", &headers, "").await;
    assert_eq!((left.status().as_u16(), cookie(&left, "gateway_sessionid").as_deref()), (302, Some("\"\"")));
    assert_eq!(cookie(&left, "csrftoken"), None);
    assert!(!is_alive(&bed, &secret).await);
    let again = ask(&bed, Method::GET, "logout/", &[("cookie", &cookies)], "").await;
    assert_eq!(again.status(), 302);
}

#[tokio::test]
async fn an_embedded_logout_leaves_the_session_alive() {
    let bed = Bed::new().await;
    let (secret, _) = sign_in(&bed).await;
    let cookies = format!("gateway_sessionid={secret}");
    for (mode, destination) in [("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe")] {
        let headers = [
            ("cookie", cookies.as_str()),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", mode),
            ("sec-fetch-dest", destination),
        ];
        assert_eq!(ask(&bed, Method::GET, "logout/", &headers, "").await.status(), 403);
        assert!(is_alive(&bed, &secret).await);
    }
    let headers = [
        ("cookie", cookies.as_str()),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    assert_eq!(ask(&bed, Method::GET, "logout/", &headers, "").await.status(), 302);
    assert!(!is_alive(&bed, &secret).await);
}

#[tokio::test]
async fn signing_in_anew_ends_the_session_before() {
    let bed = Bed::new().await;
    let (secret, csrf) = sign_in(&bed).await;
    let cookies = format!("csrftoken={csrf}; gateway_sessionid={secret}");
    let page = ask(&bed, Method::GET, "login/", &[("cookie", &cookies)], "").await;
    assert_eq!(cookie(&page, "csrftoken").unwrap(), csrf);
    let headers = [FORM, REFERER, ("cookie", &cookies), ("x-csrftoken", &csrf)];
    let found = ask(&bed, Method::POST, "login/", &headers, GOOD).await;
    assert_eq!(found.status(), 302);
    assert!(!is_alive(&bed, &secret).await);
    assert!(is_alive(&bed, &cookie(&found, "gateway_sessionid").unwrap()).await);
}

#[tokio::test]
async fn the_age_of_a_session_is_the_settings() {
    let bed = Bed::new().await;
    bed.set("SESSION_COOKIE_AGE", SettingValue::Integer(60)).await;
    let (secret, csrf) = sign_in(&bed).await;
    bed.clock.pass(SignedDuration::from_secs(40));
    let cookies = format!("csrftoken={csrf}; gateway_sessionid={secret}");
    let headers = [REFERER, ("cookie", cookies.as_str()), ("x-csrftoken", csrf.as_str())];
    let extended = ask(&bed, Method::POST, "session/", &headers, "").await;
    assert_eq!(cookie(&extended, "gateway_sessionid").unwrap(), secret);
    bed.clock.pass(SignedDuration::from_secs(59));
    assert!(is_alive(&bed, &secret).await);
    bed.clock.pass(SignedDuration::from_secs(1));
    let dead = ask(&bed, Method::GET, "me/", &[("cookie", &cookies)], "").await;
    assert_eq!((dead.status().as_u16(), cookie(&dead, "gateway_sessionid").as_deref()), (401, Some("\"\"")));
    let page = ask(&bed, Method::GET, "login/", &[("cookie", &cookies)], "").await;
    assert_ne!(cookie(&page, "csrftoken").unwrap(), csrf);
}

#[tokio::test]
async fn a_locked_account_reads_like_a_wrong_password() {
    let bed = Bed::new().await;
    let page = ask(&bed, Method::GET, "login/", &[], "").await;
    let token = cookie(&page, "csrftoken").unwrap();
    let cookies = format!("csrftoken={token}");
    let headers = [FORM, REFERER, ("cookie", &cookies), ("x-csrftoken", &token)];
    let wrong = ask(&bed, Method::POST, "login/", &headers, "username=alice&password=x").await;
    assert_eq!(wrong.status(), 401);
    for _ in 0..10 {
        ask(&bed, Method::POST, "login/", &headers, "username=alice&password=x").await;
    }
    let locked = ask(&bed, Method::POST, "login/", &headers, GOOD).await;
    assert_eq!(locked.status(), 401);
    let sentence = "Please enter a correct username and password.";
    assert!(text(&locked).contains(sentence) && text(&wrong).contains(sentence));
    assert_eq!(cookie(&locked, "csrftoken").unwrap(), token);
    assert!(locked.headers().get("retry-after").is_none());
}

#[tokio::test]
async fn case_54_a_form_without_the_pages_token_is_refused() {
    let bed = Bed::new().await;
    let made_up = "a".repeat(32);
    let cookies = format!("csrftoken={made_up}");
    let headers = [FORM, REFERER, ("cookie", &cookies), ("x-csrftoken", &made_up)];
    let refused = ask(&bed, Method::POST, "login/", &headers, GOOD).await;
    assert_eq!(refused.status(), 403);
    assert_eq!(cookie(&refused, "gateway_sessionid"), None);
    assert!(text(&refused).contains("CSRF verification failed. Request aborted."));
}

#[tokio::test]
async fn cookies_are_secure_only_on_secure_connections() {
    let mut bed = Bed::new().await;
    bed.is_secure = false;
    let page = ask(&bed, Method::GET, "login/", &[], "").await;
    assert!(!page.headers()["set-cookie"].to_str().unwrap().contains("Secure"));
    let token = cookie(&page, "csrftoken").unwrap();
    let cookies = format!("csrftoken={token}");
    // Over plain http nobody asks for a Referer.
    let headers = [FORM, ("cookie", cookies.as_str()), ("x-csrftoken", token.as_str())];
    let found = ask(&bed, Method::POST, "login/", &headers, GOOD).await;
    assert_eq!(found.status(), 302);
    for line in found.headers().get_all("set-cookie") {
        assert!(!line.to_str().unwrap().contains("Secure"));
    }
}

#[tokio::test]
async fn pages_have_limits_and_manners() {
    let bed = Bed::new().await;
    let head = ask(&bed, Method::HEAD, "login/", &[], "").await;
    assert_eq!((head.status().as_u16(), head.body().len()), (200, 0));
    let large = "a".repeat(64 * 1024 + 1);
    assert_eq!(ask(&bed, Method::POST, "login/", &[FORM, REFERER], &large).await.status(), 413);
    let put = ask(&bed, Method::PUT, "login/", &[], "").await;
    assert_eq!((put.status().as_u16(), text(&put)), (405, r#"{"detail":"Method \"PUT\" not allowed."}"#));
    assert_eq!(put.headers()["allow"], "GET, POST, HEAD, OPTIONS");
    assert_eq!(ask(&bed, Method::OPTIONS, "logout/", &[], "").await.status(), 200);
}

#[tokio::test]
async fn the_page_shows_the_custom_texts_as_texts() {
    let bed = Bed::new().await;
    bed.set("custom_login_info", SettingValue::Text("<b>Call 123</b>".to_owned())).await;
    bed.set("custom_logo", SettingValue::Text("data:image/png;base64,iVBO".to_owned())).await;
    let page = ask(&bed, Method::GET, "login/?next=//evil.example", &[], "").await;
    assert!(text(&page).contains("&lt;b&gt;Call 123&lt;/b&gt;"));
    assert!(text(&page).contains("src=\"data:image/png;base64,iVBO\""));
    assert!(!text(&page).contains("evil.example"));
}
