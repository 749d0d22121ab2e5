//! What nobody reaches through a session that many share, and what is taken out of answers.

use http::Method;
use serde_json::{Value, json};

use super::half;

#[test]
fn what_gives_shows_ends_or_changes_a_proof_is_closed() {
    for path in [
        "/j_security_check",
        "/dataservice/j_security_check",
        "/a/b/J_SECURITY_CHECK;x=1",
        "/logout",
        "/Logout/",
        "/logout;jsessionid=1",
        "/dataservice/client/token",
        "/dataservice/client/token/",
        "/DATASERVICE/Client/TOKEN",
        "/dataservice;a/client;b/token;c",
        "/dataservice//client/./token",
        "/dataservice/x/../client/token",
        "/dataservice/x/..;/client/token",
        "/dataservice/client/%74oken",
        "/dataservice/client%2Ftoken",
        "/jwt/login",
        "/jwt/refresh",
        "/jwt",
        "/apigw/login",
        "/dataservice/admin/user/activeSessions",
        "/dataservice/admin/user/ACTIVESESSIONS;x/",
        "/dataservice/admin/user/removeSessions",
        "/dataservice/tenant/1f2d/vsessionid",
        "/dataservice/tenant/1f2d/VSessionId/",
        "/dataservice/admin/apikey",
        "/dataservice/user/API-Keys/3",
    ] {
        for verb in [Method::GET, Method::POST, Method::DELETE] {
            assert!(half().is_guarded(&verb, path), "{verb} {path}");
        }
    }
}

#[test]
fn accounts_and_settings_are_read_and_not_changed() {
    for path in [
        "/dataservice/admin/user/svc",
        "/dataservice/admin/user/password/svc",
        "/dataservice/admin/user/profile/password",
        "/dataservice/admin/user/admin/password",
        "/dataservice/admin/user/reset",
        "/dataservice/admin/user/lockUser/svc",
        "/dataservice/ADMIN/user/svc;x",
        "/dataservice/settings/configuration/sessionLifeTime",
        "/dataservice/settings/configuration/serverSessionTimeout/",
        "/dataservice/settings/configuration/clientSessionTimeout",
        "/dataservice/settings/configuration/maxSessionsPerUser",
        "/dataservice/settings/configuration/passwordPolicy",
    ] {
        for verb in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            assert!(half().is_guarded(&verb, path), "{verb} {path}");
        }
        assert!(!half().is_guarded(&Method::GET, path), "{path}");
    }
}

#[test]
fn everything_else_is_open() {
    for path in [
        "/dataservice/device",
        "/dataservice/client/server",
        "/dataservice/client/server/ready",
        "/dataservice/client/about",
        "/dataservice/admin/user",
        "/dataservice/admin/usergroup",
        "/dataservice/template/device",
        "/dataservice/tenant",
        "/dataservice/client/tokens",
        "/dataservice/settings/configuration/organization",
        "/welcome.html",
        "/",
    ] {
        for verb in [Method::GET, Method::POST] {
            assert!(!half().is_guarded(&verb, path), "{verb} {path}");
        }
    }
}

#[test]
fn the_sessions_own_texts_are_taken_out_and_nothing_else() {
    for path in ["/dataservice/client/server", "/DataService/client/Server/;x"] {
        assert!(half().is_masked(path), "{path}");
    }
    for path in ["/dataservice/client/server/ready", "/dataservice/client", "/dataservice/device"] {
        assert!(!half().is_masked(path), "{path}");
    }
    let masked =
        |body: &str, csrf| String::from_utf8(half().mask(body.as_bytes(), csrf).unwrap().to_vec()).unwrap();
    let body = "{ \"header\":{\"a\" : 1.50e3},\n \"data\":{\"server\":\"vm12 \\\"CSRFToken\\\":\",\"CSRFToken\" :\t\
                \"SECRET\",\"VSessionId\":\"SECRET\",\"user\":\"é\\u00e9\",\"VsessionId\":null,\"x\":[\"CSRFToken\"]} }";
    let wanted = "{ \"header\":{\"a\" : 1.50e3},\n \"data\":{\"server\":\"vm12 \\\"CSRFToken\\\":\",\"CSRFToken\" :\t\
                  \"OWN\\\"\",\"VSessionId\":\"\",\"user\":\"é\\u00e9\",\"VsessionId\":\"\",\"x\":[\"CSRFToken\"]} }";
    assert_eq!(masked(body, Some("OWN\"")), wanted);
    assert_eq!(masked("{\"CSRFToken\":\"SECRET\"}", None), "{\"CSRFToken\":\"\"}");
    // Whatever its value is, and however its name is written.
    for value in ["{\"a\":[\"SECRET\",{}]}", "[\"SECRET\",[]]", "17", "true", "\"a\\\"SECRET\\\\\""] {
        for key in ["CSRFToken", "csrftoken", "CSRF\\u0054oken", "\\u0043SRFToken"] {
            let got = masked(&format!("{{\"{key}\": {value} ,\"b\":2}}"), Some("OWN"));
            let got: Value = serde_json::from_str(&got).unwrap_or_else(|why| panic!("{why}: {got}"));
            let name =
                got.as_object().unwrap().keys().find(|it| it.eq_ignore_ascii_case("CSRFToken")).unwrap();
            assert_eq!(got, json!({ name.as_str(): "OWN", "b": 2 }), "{key} {value}");
        }
    }
    // What is no JSON and might hold one is left out; anything else stays.
    for broken in [
        "<html>CSRFToken=SECRET",
        "{\"CSRFToken\":\"SECRET\"",
        "{\"CSRF\\u0054oken\":\"SECRET\"",
        "{\"vsessionid\"",
    ] {
        assert_eq!(masked(broken, Some("OWN")), "", "{broken}");
    }
    for plain in ["", "<html>login</html>", "{\"error\":{}}", "[1, 2]"] {
        assert_eq!(masked(plain, Some("OWN")), plain);
    }
}
