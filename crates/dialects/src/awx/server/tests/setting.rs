//! Settings read, written, reset (contract section A8).

use bytes::Bytes;
use http::{Method, Request, Response};
use identity::action::{Fields, UserFields};
use identity::model::secret::Secret;
use serde_json::{Value, json};

use crate::awx::Awx;
use crate::bed::{Bed, HOST, PASSWORD};

struct Asker {
    bed: Bed,
    bearer: String,
}

impl Asker {
    async fn new(name: &str) -> Self {
        let bed = Bed::new().await;
        if name == "auditor" {
            let operator = bed.authority.operator().await.unwrap();
            let fields = Fields::User(UserFields {
                username: Some(name.to_owned()),
                password: Some(Secret::new(PASSWORD)),
                is_auditor: Some(true),
                ..UserFields::default()
            });
            bed.authority.create(&bed.context(), &operator, fields, false).await.unwrap();
        }
        let bearer = format!("Bearer {}", bed.token(name, "write").await);
        Self { bed, bearer }
    }

    async fn ask(&self, method: Method, path: &str, body: &str) -> Response<Bytes> {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v2/settings/{path}"))
            .header("host", HOST)
            .header("authorization", &self.bearer)
            .header("content-type", "application/json")
            .body(Bytes::copy_from_slice(body.as_bytes()));
        self.bed.send(&Awx, request.unwrap()).await
    }

    async fn json(&self, path: &str) -> Value {
        let response = self.ask(Method::GET, path, "").await;
        assert_eq!(response.status(), 200, "{path}: {}", text(&response));
        serde_json::from_slice(response.body()).unwrap()
    }

    /// Status and body of a change.
    async fn patch(&self, path: &str, body: &str) -> (u16, Value) {
        let response = self.ask(Method::PATCH, path, body).await;
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

#[tokio::test]
async fn sections_are_listed_for_those_who_may_read_them() {
    let list = Asker::new("admin").await.json("").await;
    let slugs: Vec<&Value> = list["results"].as_array().unwrap().iter().map(|it| &it["slug"]).collect();
    assert_eq!(slugs, ["all", "authentication", "changed", "named-url", "system", "ui"]);
    let first = r#"{"url":"/api/v2/settings/all/","slug":"all","name":"All"}"#;
    assert_eq!((list["results"][0].to_string().as_str(), &list["count"]), (first, &json!(6)));
    assert_eq!(Asker::new("auditor").await.json("").await["count"], 6);
    let nothing = Asker::new("alice").await.ask(Method::GET, "", "").await;
    assert_eq!(text(&nothing), r#"{"count":0,"next":null,"previous":null,"results":[]}"#);
}

#[tokio::test]
async fn the_section_of_authentication_is_the_contract_s() {
    let admin = Asker::new("admin").await;
    let shown = admin.ask(Method::GET, "authentication/", "").await;
    assert_eq!(shown.headers()["allow"], "GET, PUT, PATCH, DELETE, HEAD, OPTIONS");
    assert_eq!(
        text(&shown),
        "{\"SESSION_COOKIE_AGE\":1800,\"SESSIONS_PER_USER\":-1,\"DISABLE_LOCAL_AUTH\":false,\
         \"AUTH_BASIC_ENABLED\":true,\"OAUTH2_PROVIDER\":{\"ACCESS_TOKEN_EXPIRE_SECONDS\":31536000,\
         \"REFRESH_TOKEN_EXPIRE_SECONDS\":2628000,\"AUTHORIZATION_CODE_EXPIRE_SECONDS\":60},\
         \"ALLOW_OAUTH2_FOR_EXTERNAL_USERS\":false,\"LOGIN_REDIRECT_OVERRIDE\":\"\",\
         \"ALLOW_METRICS_FOR_ANONYMOUS_USERS\":false,\
         \"AUTHENTICATION_BACKENDS\":[\"awx.main.backends.AWXModelBackend\"],\
         \"SOCIAL_AUTH_ORGANIZATION_MAP\":null,\"SOCIAL_AUTH_TEAM_MAP\":null,\
         \"SOCIAL_AUTH_USER_FIELDS\":null,\"SOCIAL_AUTH_USERNAME_IS_FULL_EMAIL\":false,\
         \"LOCAL_PASSWORD_MIN_LENGTH\":0,\"LOCAL_PASSWORD_MIN_DIGITS\":0,\"LOCAL_PASSWORD_MIN_UPPER\":0,\
         \"LOCAL_PASSWORD_MIN_SPECIAL\":0}"
    );
    let system = admin.json("system/").await;
    assert_eq!(system["TOWER_URL_BASE"], format!("https://{HOST}"), "what the request says");
    assert_eq!(system["REMOTE_HOST_HEADERS"], json!(["REMOTE_ADDR", "REMOTE_HOST"]));
    let names: Vec<&String> = system.as_object().unwrap().keys().collect();
    assert_eq!(names[0], "ACTIVITY_STREAM_ENABLED");
    assert_eq!(
        names[4..8],
        ["TOWER_URL_BASE", "REMOTE_HOST_HEADERS", "PROXY_IP_ALLOWED_LIST", "CSRF_TRUSTED_ORIGINS"]
    );
    assert_eq!(admin.json("changed/").await, json!({}));
}

#[tokio::test]
async fn a_setting_of_both_contracts_is_one() {
    let admin = Asker::new("admin").await;
    let wanted = r#"{"SESSION_COOKIE_AGE": "120", "LOCAL_PASSWORD_MIN_LENGTH": 9, "AUTH_BASIC_ENABLED": false,
        "NO_SUCH_SETTING": 1, "AUTHENTICATION_BACKENDS": []}"#;
    let (status, section) = admin.patch("authentication/", wanted).await;
    assert_eq!((status, &section["SESSION_COOKIE_AGE"]), (200, &json!(120)), "{section}");
    let settings = admin.bed.authority.settings();
    assert_eq!(settings.session_inactivity_timeout.as_secs(), 120);
    assert_eq!(settings.session_overall_timeout.as_secs(), 900, "the platform's of that name is another");
    assert!(settings.password_min_length == 9 && !settings.is_basic_enabled);
    let changed =
        json!({ "SESSION_COOKIE_AGE": 120, "AUTH_BASIC_ENABLED": false, "LOCAL_PASSWORD_MIN_LENGTH": 9 });
    assert_eq!(admin.json("changed/").await, changed);
    // Everything that was shown can be sent back: nothing changes.
    let all = admin.json("all/").await;
    let same = admin.ask(Method::PUT, "all/", &all.to_string()).await;
    assert_eq!((same.status().as_u16(), text(&same)), (200, all.to_string().as_str()));
    assert_eq!(admin.json("changed/").await, changed);
    assert_eq!(admin.bed.authority.settings().text("awx.TOWER_URL_BASE"), "");

    assert_eq!(admin.ask(Method::DELETE, "authentication/", "").await.status(), 204);
    assert_eq!(admin.json("changed/").await, json!({}));
    assert!(admin.bed.authority.settings().is_basic_enabled);
}

#[tokio::test]
async fn the_lives_are_replaced_as_a_whole() {
    let admin = Asker::new("admin").await;
    let provider = |lives: Value| json!({ "OAUTH2_PROVIDER": lives }).to_string();
    let both =
        json!({ "ACCESS_TOKEN_EXPIRE_SECONDS": 31_536_000_000_i64, "REFRESH_TOKEN_EXPIRE_SECONDS": 60 });
    let (status, section) = admin.patch("authentication/", &provider(both)).await;
    assert_eq!((status, &section["OAUTH2_PROVIDER"]["REFRESH_TOKEN_EXPIRE_SECONDS"]), (200, &json!(60)));
    assert_eq!(admin.bed.authority.token_life().as_secs(), 31_536_000_000);
    assert_eq!(admin.json("changed/").await.as_object().unwrap().len(), 1);
    let one = json!({ "AUTHORIZATION_CODE_EXPIRE_SECONDS": 30 });
    let (_, section) = admin.patch("all/", &provider(one)).await;
    let lives = json!({ "ACCESS_TOKEN_EXPIRE_SECONDS": 31_536_000, "REFRESH_TOKEN_EXPIRE_SECONDS": 2_628_000,
        "AUTHORIZATION_CODE_EXPIRE_SECONDS": 30 });
    assert_eq!(section["OAUTH2_PROVIDER"], lives);
    let settings = admin.bed.authority.settings();
    assert_eq!((settings.code_life.as_secs(), settings.token_life), (30, None));
    for (lives, complaint) in [
        (json!({ "FOO": 1, "BAR": 2 }), json!(["Invalid key names: BAR, FOO"])),
        (json!("x"), json!(["Expected a dictionary of items but got type \"str\"."])),
        (
            json!({ "ACCESS_TOKEN_EXPIRE_SECONDS": 0 }),
            json!({ "ACCESS_TOKEN_EXPIRE_SECONDS": ["Ensure this value is greater than or equal to 1."] }),
        ),
        (
            json!({ "REFRESH_TOKEN_EXPIRE_SECONDS": "soon" }),
            json!({ "REFRESH_TOKEN_EXPIRE_SECONDS": ["A valid integer is required."] }),
        ),
        (
            json!({ "AUTHORIZATION_CODE_EXPIRE_SECONDS": 601 }),
            json!({ "AUTHORIZATION_CODE_EXPIRE_SECONDS": ["Ensure this value is less than or equal to 600."] }),
        ),
    ] {
        let refused = admin.patch("authentication/", &provider(lives)).await;
        assert_eq!(refused, (400, json!({ "OAUTH2_PROVIDER": complaint })));
    }
    assert_eq!(admin.bed.authority.settings().code_life.as_secs(), 30);
}

#[tokio::test]
async fn impossible_values_change_nothing() {
    let admin = Asker::new("admin").await;
    for (body, field, complaint) in [
        (
            r#"{"SESSION_COOKIE_AGE": 59}"#,
            "SESSION_COOKIE_AGE",
            "Ensure this value is greater than or equal to 60.",
        ),
        (
            r#"{"SESSIONS_PER_USER": -2}"#,
            "SESSIONS_PER_USER",
            "Ensure this value is greater than or equal to -1.",
        ),
        (r#"{"AUTH_BASIC_ENABLED": "maybe"}"#, "AUTH_BASIC_ENABLED", "Must be a valid boolean."),
        (r#"{"SESSION_COOKIE_AGE": null}"#, "SESSION_COOKIE_AGE", "This field may not be null."),
        (
            r#"{"DISABLE_LOCAL_AUTH": true}"#,
            "__all__",
            "There are no remote authentication systems configured.",
        ),
        (
            r#"{"REMOTE_HOST_HEADERS": "x"}"#,
            "REMOTE_HOST_HEADERS",
            "Expected a list of items but got type \"str\".",
        ),
        (
            r#"{"PROXY_IP_ALLOWED_LIST": ["0.0.0.0/0"]}"#,
            "PROXY_IP_ALLOWED_LIST",
            "0.0.0.0/0 holds every address: each client could then choose its own.",
        ),
        (
            r#"{"SOCIAL_AUTH_TEAM_MAP": {"a": {}}}"#,
            "SOCIAL_AUTH_TEAM_MAP",
            "This gateway does not sign users in through other services.",
        ),
    ] {
        let refused = admin.patch("all/", body).await;
        assert_eq!(refused, (400, json!({ field: [complaint] })), "{body}");
    }
    let put = admin.ask(Method::PUT, "authentication/", r#"{"AUTH_BASIC_ENABLED": true}"#).await;
    let required = json!(["This field is required."]);
    let missing = json!({ "SESSION_COOKIE_AGE": required, "SESSIONS_PER_USER": required, "DISABLE_LOCAL_AUTH": required });
    assert_eq!((put.status().as_u16(), text(&put)), (400, missing.to_string().as_str()));
    assert_eq!(admin.json("changed/").await, json!({}));
}

#[tokio::test]
async fn secrets_are_masked_and_kept_when_the_mask_comes_back() {
    let admin = Asker::new("admin").await;
    let (_, section) = admin.patch("system/", r#"{"REDHAT_PASSWORD": "hunter2"}"#).await;
    assert_eq!(section["REDHAT_PASSWORD"], "$encrypted$");
    admin.patch("system/", r#"{"REDHAT_PASSWORD": "$encrypted$", "REDHAT_USERNAME": "ada"}"#).await;
    assert_eq!(admin.bed.authority.settings().text("REDHAT_PASSWORD"), "hunter2");
    let (_, section) = admin.patch("system/", r#"{"REDHAT_PASSWORD": ""}"#).await;
    assert_eq!((&section["REDHAT_PASSWORD"], &section["REDHAT_USERNAME"]), (&json!(""), &json!("ada")));
}

#[tokio::test]
async fn auditors_read_and_others_do_neither() {
    let auditor = Asker::new("auditor").await;
    assert_eq!(auditor.json("all/").await["SESSIONS_PER_USER"], -1);
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let refused = auditor.ask(method, "all/", r#"{"SESSION_COOKIE_AGE": 1}"#).await;
        assert_eq!(refused.status(), 403);
    }
    let alice = Asker::new("alice").await;
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        for path in ["authentication/", "nope/"] {
            let refused = alice.ask(method.clone(), path, "{").await;
            let detail = r#"{"detail":"You do not have permission to perform this action."}"#;
            assert_eq!((refused.status().as_u16(), text(&refused)), (403, detail), "{method} {path}");
        }
    }
    let admin = Asker::new("admin").await;
    assert_eq!(admin.ask(Method::POST, "all/", "{}").await.status(), 405);
    let absent = admin.ask(Method::GET, "ldap/", "").await;
    assert_eq!((absent.status().as_u16(), text(&absent)), (404, r#"{"detail":"Not found."}"#));
}

#[tokio::test]
async fn options_tell_what_may_be_written() {
    let admin = Asker::new("admin").await;
    let options = |asker: Asker, path: &'static str| async move {
        let answer = asker.ask(Method::OPTIONS, path, "").await;
        assert_eq!(answer.status(), 200);
        serde_json::from_slice::<Value>(answer.body()).unwrap()
    };
    let answer = admin.ask(Method::OPTIONS, "1/", "").await;
    assert_eq!(answer.headers()["allow"], "GET, PUT, PATCH, DELETE, HEAD, OPTIONS");
    let all = options(admin, "all/").await;
    assert_eq!(all["name"], "Setting Detail");
    let put = &all["actions"]["PUT"];
    let age = json!({ "type": "integer", "required": true, "hidden": false, "label": "Session cookie age",
        "help_text": "Inactivity timeout of a session of AWX's contract in seconds.", "min_value": 60,
        "max_value": 30_000_000_000_i64, "category": "Authentication", "category_slug": "authentication",
        "filterable": false, "default": 1800, "unit": "seconds" });
    assert_eq!(put["SESSION_COOKIE_AGE"], age);
    assert_eq!(put["OAUTH2_PROVIDER"]["type"], "nested object");
    assert_eq!(put["TOWER_URL_BASE"]["default"], format!("https://{HOST}"));
    assert!(
        put.get("AUTHENTICATION_BACKENDS").is_none()
            && all["actions"]["GET"].get("AUTHENTICATION_BACKENDS").is_some()
    );
    let auditor = options(Asker::new("auditor").await, "all/").await;
    assert!(auditor["actions"].get("PUT").is_none() && auditor["actions"].get("GET").is_some());
    assert!(options(Asker::new("alice").await, "all/").await.get("actions").is_none());
    let list = options(Asker::new("alice").await, "").await;
    assert!(list["actions"]["GET"].get("slug").is_some());
}
