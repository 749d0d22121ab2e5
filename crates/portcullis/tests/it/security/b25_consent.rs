//! What an organization's administrator may do with applications: nothing that speaks for other users, for
//! their consent, or tells secrets.

use std::sync::Arc;

use serde_json::{Value, json};

use super::grants::{App, CALLBACK, PLATFORM, Pair, SITES, awx_sign_in, error};
use super::shared::Shared;
use crate::support::{ADMIN_PASSWORD, Options, Response, Server};

const APPLICATIONS: &str = "/api/v2/applications/";
const PASSWORD: &str = "a wall of old stones 5";
const EVIL: &str = "https://evil.example/collect";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(|| Server::start(Options::default()))
}

/// An organization and a user who administers it, or is a member of it.
fn organization(server: &Server, name: &str, list: &str) -> (i64, i64) {
    let organization = server.make("organizations", &json!({"name": name}));
    let user = server.make_user(name, PASSWORD);
    let path = format!("/api/v2/organizations/{organization}/{list}/");
    server.as_admin("POST", &path).json(&json!({"id": user})).send().expect(204);
    (organization, user)
}

fn make(server: &Server, name: &str, organization: i64, more: &Value) -> Response {
    let mut fields = json!({
        "name": name, "organization": organization, "client_type": "confidential",
        "authorization_grant_type": "authorization-code", "redirect_uris": EVIL
    });
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    server.post(APPLICATIONS).basic(name, PASSWORD).json(&fields).send()
}

#[test]
fn case_181_nobody_becomes_another_s_application_owner() {
    let server = gateway();
    let (organization, user) = organization(&server, "c181-owner", "admins");
    let made = make(&server, "c181-owner", organization, &json!({"user": 1, "client_id": "x", "id": 1}));
    if made.status == 201 {
        let id = made.json()["id"].clone();
        let shown = server.as_admin("GET", &format!("/api/gateway/v1/applications/{id}/")).send().json();
        assert_eq!(shown["user"], Value::Null, "{shown}");
        for (method, path) in [
            ("PATCH", format!("{APPLICATIONS}{id}/")),
            ("PUT", format!("{APPLICATIONS}{id}/")),
            ("PATCH", format!("/api/gateway/v1/applications/{id}/")),
        ] {
            let fields = json!({
                "user": 1, "name": "c181-owner", "organization": organization, "redirect_uris": EVIL,
                "client_type": "confidential", "authorization_grant_type": "authorization-code"
            });
            server.request(method, &path).basic("c181-owner", PASSWORD).json(&fields).send();
            let shown = server.as_admin("GET", &format!("/api/gateway/v1/applications/{id}/")).send().json();
            assert_eq!(shown["user"], Value::Null, "{method} {path}");
        }
    } else {
        assert!(matches!(made.status, 400 | 403), "{}", made.status);
    }
    // An application that an administrator owns gives its owner's token to nobody else.
    let owned = App::with(
        &server,
        "c181-owned",
        "confidential",
        "password",
        &json!({"organization": organization, "user": 1}),
    );
    for path in [
        "/api/v2/tokens/".to_owned(),
        format!("{APPLICATIONS}{}/tokens/", owned.id),
        "/api/gateway/v1/tokens/".into(),
    ] {
        let fields = json!({"application": owned.id, "user": 1});
        let made = server.post(&path).basic("c181-owner", PASSWORD).json(&fields).send();
        if made.status == 201 {
            assert_eq!(made.json()["user"], user, "{path}: it speaks for whoever made it");
        } else {
            assert!(matches!(made.status, 400 | 403 | 404), "{path}: {}", made.status);
        }
    }
    let fields = [("grant_type", "client_credentials")];
    for site in SITES {
        let answer = site.token(&server, &owned, &fields).expect(400);
        assert_eq!(error(&answer), "unauthorized_client", "nobody allowed it that");
    }
}

#[test]
fn case_181_an_organization_s_administrator_gives_no_consent_for_others() {
    let server = gateway();
    let (organization, _) = organization(&server, "c181-consent", "admins");
    assert_eq!(make(&server, "c181-consent", organization, &json!({"skip_authorization": true})).status, 403);
    let own = make(&server, "c181-consent", organization, &json!({})).expect(201).json()["id"].clone();
    let own = format!("{APPLICATIONS}{own}/");
    let patch = |path: &str, fields: Value| {
        server.request("PATCH", path).basic("c181-consent", PASSWORD).json(&fields).send().status
    };
    assert_eq!(patch(&own, json!({"skip_authorization": true})), 403);
    // One that an administrator trusts keeps its addresses.
    let trusted = App::with(
        &server,
        "c181-trusted",
        "confidential",
        "authorization-code",
        &json!({"organization": organization, "skip_authorization": true}),
    );
    // By its name a refusal looks like an absence.
    for (path, refused) in [
        (format!("{APPLICATIONS}{}/", trusted.id), 403),
        (format!("{APPLICATIONS}c181-trusted++c181-consent/"), 404),
    ] {
        assert_eq!(patch(&path, json!({"redirect_uris": EVIL})), refused, "{path}");
        assert_eq!(patch(&path, json!({"redirect_uris": format!("{CALLBACK} {EVIL}")})), refused, "{path}");
        let both = json!({"redirect_uris": EVIL, "skip_authorization": true});
        assert_eq!(patch(&path, both), refused, "{path}");
        assert_eq!(patch(&path, json!({"description": "mine"})), 200, "{path}");
    }
    for site in SITES {
        let victim = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let answer = site.see(&server, &victim, &trusted, &[("redirect_uri", EVIL)]);
        assert_eq!((answer.status, answer.header("location")), (400, None));
        let answer = site.see(&server, &victim, &trusted, &[]).expect(302);
        assert!(answer.header("location").unwrap().starts_with(&format!("{CALLBACK}?code=")));
    }
    // Without the trust its addresses are the organization's own business again, and users are asked.
    let address = format!("{APPLICATIONS}{}/", trusted.id);
    assert_eq!(patch(&address, json!({"redirect_uris": EVIL, "skip_authorization": false})), 200);
    let victim = (PLATFORM.sign_in)(&server, "admin", ADMIN_PASSWORD);
    PLATFORM.see(&server, &victim, &trusted, &[("redirect_uri", EVIL)]).expect(200);
}

#[test]
fn case_181_a_consent_is_not_inherited_by_new_addresses() {
    let server = gateway();
    let (organization, _) = organization(&server, "c181-auto", "admins");
    let app = App::with(
        &server,
        "c181-auto",
        "confidential",
        "authorization-code",
        &json!({"organization": organization}),
    );
    for (site, uri) in [(SITES[0], EVIL), (SITES[1], CALLBACK)] {
        let victim = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let auto = [("approval_prompt", "auto"), ("redirect_uri", if uri == EVIL { CALLBACK } else { EVIL })];
        site.see(&server, &victim, &app, &auto).expect(200);
        let code = site.code(&server, &victim, &app, &auto[1..]);
        let pair = Pair::of(&site.exchange(&server, &app, &code, &[]).expect(site.granted));
        site.see(&server, &victim, &app, &auto).expect(302);
        let moved = server
            .request("PATCH", &format!("{APPLICATIONS}{}/", app.id))
            .basic("c181-auto", PASSWORD)
            .json(&json!({"redirect_uris": uri}));
        moved.send().expect(200);
        let auto = [("approval_prompt", "auto"), ("redirect_uri", uri)];
        site.see(&server, &victim, &app, &auto).expect(200);
        site.refresh(&server, &app, &pair.refresh).expect(site.granted);
        site.see(&server, &victim, &app, &auto).expect(200);
    }
}

#[test]
fn case_183_an_application_stays_in_its_organization() {
    let server = gateway();
    let (other, _) = organization(&server, "c183-other", "admins");
    let (organization, _) = organization(&server, "c183-own", "admins");
    let foreign = App::with(&server, "c183-app", "confidential", "password", &json!({"organization": other}));
    let path = format!("{APPLICATIONS}{}/", foreign.id);
    let as_user = |method: &str, path: &str| server.request(method, path).basic("c183-own", PASSWORD);
    assert!(matches!(as_user("GET", &path).send().status, 403 | 404));
    for fields in [json!({"organization": organization}), json!({"name": "x"}), json!({})] {
        assert!(matches!(as_user("PATCH", &path).json(&fields).send().status, 403 | 404), "{fields}");
    }
    assert!(matches!(as_user("DELETE", &path).send().status, 403 | 404));
    let tokens = as_user("POST", &format!("{path}tokens/")).json(&json!({})).send();
    assert!(matches!(tokens.status, 403 | 404), "{}", tokens.status);
    assert!(matches!(make(&server, "c183-own", other, &json!({})).status, 400 | 403));
    let own = make(&server, "c183-own", organization, &json!({})).expect(201).json()["id"].clone();
    let moved = as_user("PATCH", &format!("{APPLICATIONS}{own}/")).json(&json!({"organization": other}));
    assert!(matches!(moved.send().status, 400 | 403));
    let by_name = as_user("GET", &format!("{APPLICATIONS}c183-app++c183-other/")).send();
    let absent = as_user("GET", &format!("{APPLICATIONS}c183-app++nobody/")).send();
    assert_eq!(by_name.status, 404);
    assert_eq!(absent.status, 404);
}

#[test]
fn case_189_no_secret_of_an_application_is_read_or_guessed() {
    let server = gateway();
    let (organization, _) = organization(&server, "c189-awx", "users");
    let app =
        App::with(&server, "c189-awx", "confidential", "password", &json!({"organization": organization}));
    let pair = PLATFORM.by_password(&server, &app, "c189-awx", PASSWORD);
    let secret = app.secret.as_ref().unwrap();
    let browser = awx_sign_in(&server, "c189-awx", PASSWORD);
    let mut texts = Vec::new();
    for path in [
        APPLICATIONS.to_owned(),
        format!("{APPLICATIONS}{}/", app.id),
        format!("{APPLICATIONS}{}/tokens/", app.id),
        "/api/v2/tokens/".to_owned(),
        "/api/v2/activity_stream/".to_owned(),
        "/api/v2/users/c189-awx/authorized_tokens/".to_owned(),
    ] {
        texts.push(server.as_admin("GET", &path).send().text());
        texts.push(browser.on(server.get(&path)).send().text());
    }
    for text in &texts {
        assert!([secret, &pair.access, &pair.refresh].iter().all(|it| !text.contains(&***it)), "{text}");
        assert!(!text.contains("sha256"), "{text}");
    }
    let begin = &secret[..4];
    for filter in [
        format!("client_secret={secret}"),
        format!("client_secret__startswith={begin}"),
        format!("not__client_secret__startswith={begin}"),
        format!("or__client_secret__startswith={begin}&or__id=0"),
        format!("chain__client_secret__regex=^{begin}"),
        "client_secret__isnull=false".to_owned(),
        "order_by=client_secret".to_owned(),
        "order_by=-client_secret".to_owned(),
        format!("access_tokens__token__startswith={}", &pair.access[..4]),
        "organization__users__password__startswith=$".to_owned(),
    ] {
        let answer = server.as_admin("GET", &format!("{APPLICATIONS}?{filter}")).send();
        assert!(matches!(answer.status, 400 | 403), "{filter}: {}", answer.status);
    }
    for (list, filter) in [
        ("tokens", format!("application__client_secret__startswith={begin}")),
        ("tokens", format!("not__application__client_secret={secret}")),
        ("tokens", "order_by=application__client_secret".to_owned()),
        ("tokens", format!("token={}", pair.access)),
        ("tokens", format!("refresh_token={}", pair.refresh)),
        ("tokens", format!("refresh_token__startswith={}", &pair.refresh[..3])),
        ("tokens", "user__password__startswith=$".to_owned()),
        ("users", "password__startswith=$".to_owned()),
        ("users", "order_by=password".to_owned()),
        ("activity_stream", format!("o_auth2_application__client_secret__startswith={begin}")),
        ("organizations", format!("applications__client_secret__startswith={begin}")),
    ] {
        for request in [
            server.as_admin("GET", &format!("/api/v2/{list}/?{filter}")),
            browser.on(server.get(&format!("/api/v2/{list}/?{filter}"))),
        ] {
            let answer = request.send();
            assert!(matches!(answer.status, 400 | 403), "{list} {filter}: {}", answer.status);
        }
    }
    // Nor does a search find it.
    let found = server.as_admin("GET", &format!("{APPLICATIONS}?search={secret}")).send().expect(200).json();
    assert_eq!(found["count"], 0);
}
