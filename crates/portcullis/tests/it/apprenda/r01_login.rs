//! Rows 1 to 4, 8, 11 to 13, 15 and 24: what a login is asked for and what it tells.

use serde_json::json;

use super::{PASSWORD, Platform, SESSIONS, fields, message, plain, token_in};
use crate::support::ADMIN_PASSWORD;

#[test]
fn row_01_04_a_login_tells_the_token_under_both_spellings() {
    let platform = Platform::new();
    for portal in ["soc", "developer", "account"] {
        for kind in ["application/json", "application/json; charset=utf-8"] {
            let body = fields("admin", ADMIN_PASSWORD).to_string();
            let request = platform.request("POST", &format!("{SESSIONS}/{portal}")).body(kind, body);
            let answer = request.header("Accept", "application/json").send_encrypted().expect(201);
            let told = answer.json();
            let keys: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(keys, ["ApprendaSessionToken", "apprendaSessionToken", "href"], "{told}");
            assert_eq!(told["ApprendaSessionToken"], told["apprendaSessionToken"]);
            let token = plain(&token_in(&answer));
            assert_eq!(token.len(), 100, "{token}");
            assert!(token.ends_with("=="), "{token}");
            let href = told["href"].as_str().unwrap();
            assert!(href.contains(&format!("{SESSIONS}/{portal}/")), "{href}");
            // And the address is the session's: what is sent there ends it.
            let path = &href[href.find("/authentication").unwrap()..];
            assert!(platform.is_alive(&token));
            platform.request("DELETE", path).send_encrypted().expect(204);
            assert!(!platform.is_alive(&token));
        }
    }
    assert!(platform.seen().iter().all(|it| it.target.starts_with("/soc/")), "the platform is not asked");
    // PowerShell cannot read an object whose keys differ in case alone.
    for agent in [
        "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.17763.1",
        "Mozilla/5.0 (Linux; Ubuntu 22.04) PowerShell/7.4.0",
    ] {
        let request = platform.request("POST", &format!("{SESSIONS}/soc")).header("User-Agent", agent);
        let told = request.json(&fields("admin", ADMIN_PASSWORD)).send_encrypted().expect(201).json();
        let keys: Vec<_> = told.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["apprendaSessionToken", "href"], "{told}");
    }
}

#[test]
fn row_02_a_wrong_password_is_400_with_a_message() {
    let platform = Platform::new();
    for portal in ["soc", "developer", "account"] {
        for (name, password) in [("admin", "wrong"), ("nobody", "wrong"), ("admin", ""), ("", "")] {
            let answer = platform.log_in(portal, &fields(name, password)).expect(400);
            assert!(!message(&answer).is_empty());
            assert!(answer.json().get("apprendaSessionToken").is_none());
        }
    }
}

#[test]
fn row_03_a_setting_makes_it_401() {
    let platform = Platform::new();
    platform.set("apprenda.refused_login_status", "401");
    let answer = platform.log_in("soc", &fields("admin", "wrong")).expect(401);
    assert!(!message(&answer).is_empty());
    platform.log_in("soc", &fields("admin", ADMIN_PASSWORD)).expect(201);
}

#[test]
fn row_08_a_slash_at_the_end_is_no_matter() {
    let platform = Platform::new();
    for portal in ["soc", "developer", "account"] {
        let target = format!("{SESSIONS}/{portal}/");
        let request = platform.request("POST", &target).json(&fields("admin", ADMIN_PASSWORD));
        let token = token_in(&request.send_encrypted().expect(201));
        assert!(platform.is_alive(&token));
    }
}

#[test]
fn row_11_12_15_a_login_that_is_refused_is_json_and_not_201() {
    let platform = Platform::new();
    platform.make_user("rose", &["Default"]);
    let target = format!("{SESSIONS}/developer");
    let long = "x".repeat(3_000_000);
    for (kind, body) in [
        ("application/json", fields("rose", "wrong").to_string()),
        ("application/json", json!({"username": "rose", "password": ["x"]}).to_string()),
        ("application/json", json!({"username": "rose"}).to_string()),
        ("application/json", json!(["rose", PASSWORD]).to_string()),
        ("application/json", String::new()),
        ("application/json", "{\"username\": \"rose\", \"password\": \"a\"quote\"}".to_owned()),
        ("application/json", fields("rose", &long).to_string()),
        ("text/plain", fields("rose", PASSWORD).to_string()),
        ("application/x-www-form-urlencoded", format!("username=rose&password={PASSWORD}")),
    ] {
        let answer = platform.request("POST", &target).body(kind, body.clone()).send_encrypted();
        let shown: String = body.chars().take(60).collect();
        assert!(matches!(answer.status, 400 | 401 | 413 | 415), "{kind} {shown}: {}", answer.status);
        assert!(!message(&answer).is_empty());
        assert!(answer.json().get("apprendaSessionToken").is_none());
    }
    // Nobody gets into operations who is no operator, and the reason is not the password.
    let answer = platform.log_in("soc", &fields("rose", PASSWORD)).expect(403);
    assert_eq!(message(&answer), super::NOT_AUTHORIZED);
}

#[test]
fn row_13_a_tenant_is_named_only_by_who_has_several() {
    let platform = Platform::new();
    platform.make_user("rose", &["Default"]);
    platform.make_user("twain", &["Default", "North"]);
    platform.make_user("lone", &[]);
    let log_in = |name: &str, more: serde_json::Value| {
        let mut body = fields(name, PASSWORD);
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        platform.log_in("developer", &body).status
    };
    for more in [
        json!({"tenant": "Default"}),
        json!({"tenant": "Nowhere"}),
        json!({"tenantAlias": null}),
        json!({"tenantAlias": "Default"}),
        json!({"developerTeamAlias": "Default"}),
        json!({"TenantAlias": "default"}),
        json!({"something": {"else": [1, 2]}}),
    ] {
        assert_eq!(log_in("rose", more.clone()), 201, "{more}");
    }
    assert_eq!(log_in("rose", json!({"tenantAlias": "North"})), 403, "nobody names a tenant of others");
    assert_eq!(log_in("twain", json!({})), 400);
    assert_eq!(log_in("twain", json!({"tenantAlias": "North"})), 201);
    assert_eq!(log_in("twain", json!({"TenantAlias": "Default"})), 201);
    assert_eq!(log_in("lone", json!({})), 403);
    // The keys are read in any case, as two of the clients send them.
    let body = json!({"Username": "rose", "Password": PASSWORD, "TenantAlias": null});
    platform.log_in("developer", &body).expect(201);
}

#[test]
fn row_24_the_tenants_of_a_user_are_told_to_who_shows_the_password() {
    let platform = Platform::new();
    platform.make_user("twain", &["Default", "North"]);
    let ask = |portal: &str, query: &str| {
        platform.request("GET", &format!("{SESSIONS}/{portal}/tenants?{query}")).send_encrypted()
    };
    let password = crate::support::http::encode(PASSWORD);
    for portal in ["soc", "developer", "account"] {
        let told = ask(portal, &format!("username=twain&password={password}")).expect(200).json();
        let mut names: Vec<_> =
            told["tenants"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, ["Default", "North"], "{told}");
    }
    // To nobody else, and nobody learns whether there is such a user.
    let wrong = ask("developer", "username=twain&password=wrong");
    let unknown = ask("developer", "username=nobody&password=wrong");
    assert!(matches!(wrong.status, 400 | 401), "{wrong:#?}");
    assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body));
    let bare = ask("developer", "username=twain");
    assert_eq!(bare.expect(200).json(), json!({"tenants": []}), "a name alone is told nothing");
    let audit = std::fs::read_to_string(platform.server.data_dir().join("audit.jsonl")).unwrap();
    for log in [platform.server.output(), audit] {
        assert!(!log.contains(&password) && !log.contains(PASSWORD), "{log}");
    }
}
