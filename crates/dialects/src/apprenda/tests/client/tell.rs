//! Recognising a platform, its lists, and what other tools want to know.

use http::{Method, Request, Uri};
use serde_json::json;

use super::super::cloud;
use super::{Apprenda, TOKEN, answer, half, holding};
use crate::client_half::Method as Way;

#[tokio::test]
async fn our_own_server_is_recognised_and_no_login_fails_by_it() {
    let bed = cloud().await;
    for path in half().probes() {
        let request = Request::get(*path).body(bytes::Bytes::new()).unwrap();
        let found = half().recognise(path, &bed.send(&Apprenda, request).await);
        let found = found.unwrap_or_else(|| panic!("{path}"));
        assert_eq!(found.product, "Apprenda Cloud Platform");
        assert!(!path.contains('?'), "no name and no password is shown");
    }
}

#[test]
fn another_server_is_not() {
    for (status, body) in [
        (200, "{}"),
        (200, "<html></html>"),
        (404, "{\"message\":\"Not found.\"}"),
        (401, "{\"detail\":\"no\"}"),
        (401, ""),
        (302, ""),
        (405, "{\"detail\":\"Method \\\"GET\\\" not allowed.\"}"),
    ] {
        for path in half().probes() {
            assert_eq!(half().recognise(path, &answer(status, &[], body)), None, "{path} {status} {body}");
        }
    }
    let posted = answer(405, &[("allow", "POST")], "");
    assert!(half().recognise("/authentication/api/v1/sessions/soc", &posted).is_some());
    assert!(half().recognise("/elsewhere", &posted).is_none());
}

#[test]
fn pages_follow_each_other() {
    let asked: Uri = "https://apps.example/soc/api/v1/registry?pageNumber=1".parse().unwrap();
    let page = |href: &str| half().next_page(&asked, &json!({"items": [], "nextPage": {"href": href}}));
    let wanted = Some("/soc/api/v1/registry?pageNumber=2".to_owned());
    assert_eq!(page("https://apps.example/soc/api/v1/registry?pageNumber=2"), wanted);
    assert_eq!(page("/soc/api/v1/registry?pageNumber=2"), wanted);
    assert_eq!(
        page("https://elsewhere.example/soc/api/v1/registry?pageNumber=2"),
        wanted,
        "only its path counts"
    );
    assert_eq!(page("/soc/api/v1/registry?pageNumber=1"), None, "not in circles");
    for none in ["", "no address", "mailto:a"] {
        assert_eq!(page(none), None, "{none}");
    }
    for last in [json!({"items": []}), json!({"nextPage": null}), json!({"nextPage": {"href": 1}}), json!([])]
    {
        assert_eq!(half().next_page(&asked, &last), None, "{last}");
    }
    assert_eq!(half().rows(&json!({"items": [1, 2]})).map(Vec::len), Some(2));
    assert_eq!(half().rows(&json!([1])).map(Vec::len), Some(1));
    assert_eq!(half().rows(&json!({"name": "a"})), None);
}

#[test]
fn sessions_are_out_of_reach() {
    for path in [
        "/authentication/api/v1/sessions/soc",
        "/authentication/api/v1/sessions/developer/tenants",
        "/Authentication/API/v1/Sessions/soc/;x",
        "/authentication",
        "//authentication;a/x",
        "/x/..;/authentication/api",
        "/%61uthentication/api/v1/sessions/soc",
        "/api/v1/sessions",
        "/api/v1/SESSIONS/soc/token",
    ] {
        for verb in [Method::GET, Method::POST, Method::DELETE] {
            assert!(half().is_guarded(&verb, path), "{verb} {path}");
        }
    }
    for path in ["/soc/api/v1/clouds", "/developer/api/v1/apps", "/authenticationx", "/api/v1/sessionsx", "/"]
    {
        assert!(!half().is_guarded(&Method::POST, path), "{path}");
    }
}

#[test]
fn the_exporter_finds_what_it_looks_for() {
    let found: Vec<_> = half().environment(&holding(None, TOKEN));
    let found: Vec<_> = found.iter().map(|(name, value)| (*name, value.expose())).collect();
    assert_eq!(found, [("ACP_TARGET_ROOT_URL", "apps.example"), ("ACP_USER", "svc")]);
    assert_eq!(half().methods(), [Way::Session]);
    assert_eq!(half().upkeep().path, None);
    assert_eq!(half().session_headers(), ["apprendasessiontoken"]);
    assert!(half().clean(&holding(None, TOKEN)).is_none());
    assert!(half().standing(&holding(None, TOKEN), jiff::Timestamp::UNIX_EPOCH).is_none());
}
