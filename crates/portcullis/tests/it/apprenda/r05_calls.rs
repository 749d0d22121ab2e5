//! Rows 5 to 7, 9, 10, 14, 26 to 28 and 30: what goes through to the platform, with whichever spelling of a token.

use serde_json::json;

use super::{CLOUDS, PASSWORD, Platform, answer, fields, message, plain};
use crate::support::upstream::Answer;

#[test]
fn row_05_a_token_reaches_the_api_and_stays_here() {
    let platform = Platform::new();
    let token = platform.admin();
    for name in
        ["ApprendaSessionToken", "apprendasessiontoken", "APPRENDASESSIONTOKEN", "apprendaSessionToken"]
    {
        let request = platform.request("GET", CLOUDS).header(name, &*token);
        let request = request.header("User-Agent", "Swagger-Codegen/1.0.0/python");
        let answer = request.header("Content-Type", "application/json").send_encrypted().expect(200).json();
        assert_eq!(answer["items"][0]["name"], "Cloud One");
        let seen = platform.upstream.last();
        assert_eq!(seen.target, CLOUDS);
        assert_eq!(seen.header("user-agent"), Some("Swagger-Codegen/1.0.0/python"));
        assert_eq!(seen.header("apprendasessiontoken"), None, "{seen:?}");
    }
    // `platform.admin()` asked for nothing there.
    assert_eq!(platform.seen().len(), 4);
    // What our own client half wins at our server half is good there.
    let server = &platform.server;
    let holding = server.converse("apprenda", "admin", crate::support::ADMIN_PASSWORD).unwrap();
    for method in ["GET", "POST", "PUT", "DELETE"] {
        let request =
            crate::support::conversation::show("apprenda", &holding, server.encrypted(method, CLOUDS));
        request.send_encrypted().expect(200);
    }
    assert!(server.converse("apprenda", "admin", "wrong").is_none());
}

#[test]
fn row_06_09_every_spelling_of_a_token_is_the_same_token() {
    let platform = Platform::new();
    let spell = |token: &str| {
        let bare = plain(token);
        [bare.clone(), bare.replace('=', "%3D"), bare.replace('=', "%3d"), bare.replace('=', "%253D")]
    };
    for number in 0..4 {
        let token = platform.admin();
        for spelling in spell(&token) {
            platform.get(&spelling, CLOUDS).expect(200);
        }
        let other = platform.admin();
        // The exporter sends no header with it.
        let answer = platform.log_out("soc", &spell(&token)[number]).expect(204);
        assert_eq!(answer.body.len(), 0);
        for spelling in spell(&token) {
            let refused = platform.get(&spelling, CLOUDS).expect(401);
            message(&refused);
        }
        assert!(platform.is_alive(&other), "another session lives on");
    }
    // Anything less, more or deeper is another text.
    let token = plain(&platform.admin());
    for wrong in [
        token.replace('=', "%25253D"),
        token[..99].to_owned(),
        token[..98].to_owned(),
        format!("{token}="),
        token.to_lowercase(),
        token.to_uppercase(),
        format!("%41{token}"),
    ] {
        platform.get(&wrong, CLOUDS).expect(401);
    }
    assert!(platform.is_alive(&token));
}

#[test]
fn row_07_every_status_goes_through_with_its_headers_and_body() {
    let platform = Platform::with("", |request| {
        let status: u16 = request.target.rsplit('/').next().unwrap().parse().unwrap();
        let body = format!("{{\"message\":\"said {status}\"}}");
        Answer::raw(format!(
            "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nX-Of-Theirs: {status}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    });
    let token = platform.admin();
    for status in [200, 201, 202, 205, 206, 400, 401, 403, 404, 405, 409, 500, 503] {
        let answer = platform.get(&token, &format!("/soc/api/v1/statuses/{status}")).expect(status);
        assert_eq!(answer.header("x-of-theirs"), Some(&*status.to_string()));
        assert_eq!(message(&answer), format!("said {status}"));
    }
    assert!(platform.get(&token, "/soc/api/v1/statuses/200").status == 200, "the session lives on");
}

#[test]
fn row_10_without_a_token_the_api_is_401_in_json() {
    let platform = Platform::new();
    platform.log_in("soc", &fields("admin", "wrong")).expect(400);
    for portal in ["soc", "developer", "account"] {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let request = platform.request(method, &format!("/{portal}/api/v1/nodes"));
            message(&request.send_encrypted().expect(401));
            let request = platform.request(method, &format!("/{portal}/api/v1/nodes"));
            let request = request.header("ApprendaSessionToken", "undefined");
            message(&request.send_encrypted().expect(401));
        }
    }
    assert_eq!(platform.seen().len(), 0);
}

#[test]
fn row_14_one_token_opens_all_portals_as_far_as_its_user_may_enter() {
    let platform = Platform::new();
    platform.make_user("rose", &["Default"]);
    let admin = platform.token("developer", "admin", crate::support::ADMIN_PASSWORD);
    let rose = platform.token("developer", "rose", PASSWORD);
    for (portal, wanted) in [("soc", 403), ("developer", 200), ("account", 200)] {
        for path in ["api/v1/hosts", "api/internal/hosts", "service.asmx"] {
            platform.get(&admin, &format!("/{portal}/{path}")).expect(200);
            let answer = platform.get(&rose, &format!("/{portal}/{path}")).expect(wanted);
            if wanted == 403 {
                assert_eq!(message(&answer), super::NOT_AUTHORIZED);
                assert_eq!(answer.reason, super::NOT_AUTHORIZED);
            }
        }
    }
    assert!(platform.get(&rose, "/developer/api/v1/apps").status == 200, "and it is no end of the session");
    // An operator by the list, and then everybody.
    platform.set("apprenda.platform_operators", "user:rose");
    assert_eq!(platform.get(&rose, "/soc/api/v1/hosts").status, 200);
    assert_eq!(platform.get(&admin, "/soc/api/v1/hosts").status, 403, "who is not on the list is none");
    platform.set("apprenda.soc_authentication", "false");
    platform.make_user("lone", &[]);
    let lone = platform.token("soc", "lone", PASSWORD);
    assert_eq!(platform.get(&lone, "/soc/api/v1/hosts").status, 200);
    assert_eq!(platform.get(&lone, "/developer/api/v1/apps").status, 403);
}

#[test]
fn row_26_27_28_30_what_is_sent_and_told_is_not_touched() {
    const SAID: &str = r#"{"items":[{"name":"A","value":"é ","isEncrypted":false,"isReadOnly":true,"href":"https://apps.example/soc/api/v1/registry/A"}],"nextPage":{"href":"https://apps.example/soc/api/v1/registry?pageNumber=2"}}"#;
    let platform = Platform::with("", |request| match &*request.method {
        "POST" => answer(201, SAID),
        "PUT" | "DELETE" => Answer::raw("HTTP/1.1 204 Done\r\n\r\n"),
        _ => answer(200, SAID),
    });
    let token = platform.admin();
    let target = "/soc/api/v1/registry?pageNumber=1&search=a%20b";
    assert_eq!(platform.get(&token, target).expect(200).text(), SAID);
    assert_eq!(platform.upstream.last().target, target);
    let setting = json!({"name": "A", "value": "x", "isEncrypted": false, "isReadOnly": false}).to_string();
    for (method, target, status) in [
        ("POST", "/soc/api/v1/registry", 201),
        ("PUT", "/soc/api/v1/registry/A", 204),
        ("DELETE", "/soc/api/v1/registry/A", 204),
        ("PUT", "/soc/api/v1/hosts/h1/state", 204),
    ] {
        let request = platform.request(method, target).header("ApprendaSessionToken", &*token);
        let request = if method == "DELETE" { request } else { request.body("application/json", &*setting) };
        let answer = request.send_encrypted().expect(status);
        assert_eq!(answer.body.is_empty(), status == 204);
        let seen = platform.upstream.last();
        assert_eq!((&*seen.method, &*seen.target), (method, target));
        if method != "DELETE" {
            let (sent, wanted): (serde_json::Value, serde_json::Value) =
                (serde_json::from_slice(&seen.body).unwrap(), serde_json::from_str(&setting).unwrap());
            assert_eq!(sent, wanted);
        }
    }
}
