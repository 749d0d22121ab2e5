//! Other people's objects: by number, in lists, through relations, in filters and in what is written about them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::shared::Shared;
use crate::support::{ADMIN_PASSWORD, Response, Server};

const PASSWORD: &str = "a wall of old stones 5";
const V1: &str = "/api/gateway/v1/";
const TOKENS: &str = "/api/gateway/v1/tokens/";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(Server::demo)
}

/// Two users who see each other, since they belong to one organization: the curious one and the other.
struct Neighbours {
    server: Arc<Server>,
    curious: String,
    other: String,
    other_id: i64,
    organization: i64,
}

impl Neighbours {
    fn new(name: &str) -> Self {
        let server = gateway();
        let (curious, other) = (format!("{name}-curious"), format!("{name}-other"));
        let organization = server.make("organizations", &json!({"name": name}));
        let ids = [&curious, &other].map(|it| server.make_user(it, PASSWORD));
        let associate = format!("{V1}organizations/{organization}/users/associate/");
        server.as_admin("POST", &associate).json(&json!({"instances": ids})).send().expect(204);
        Self { server, curious, other, other_id: ids[1], organization }
    }

    fn send(&self, method: &str, target: &str, body: &Value) -> Response {
        self.server.request(method, target).basic(&self.curious, PASSWORD).json(body).send()
    }

    fn get(&self, target: &str) -> Response {
        self.server.get(target).basic(&self.curious, PASSWORD).send()
    }

    fn token_of_other(&self, description: &str) -> Value {
        let request = self.server.post(TOKENS).basic(&self.other, PASSWORD);
        request.json(&json!({"description": description, "scope": "read"})).send().expect(201).json()
    }
}

#[test]
fn case_188_another_users_token_is_as_absent_as_one_that_never_was() {
    let scene = Neighbours::new("c188-token");
    let token = scene.token_of_other("secret purpose");
    let target = token["url"].as_str().unwrap().to_owned();
    let absent = format!("{TOKENS}999999/");
    for (method, body) in [
        ("GET", json!({})),
        ("PATCH", json!({"scope": "write"})),
        ("PUT", json!({"scope": "write"})),
        ("DELETE", json!({})),
    ] {
        let theirs = scene.send(method, &target, &body).expect(404);
        let nobodys = scene.send(method, &absent, &body).expect(404);
        assert_eq!(theirs.body, nobodys.body, "{method}");
    }
    let read = scene.server.as_admin("GET", &target).send().expect(200).json();
    assert_eq!(read["scope"], "read");
    assert_eq!(scene.server.me(|it| it.bearer(token["token"].as_str().unwrap())), 200);
}

#[test]
fn case_188_numbers_that_are_none_end_in_an_ordinary_answer() {
    let scene = Neighbours::new("c188-number");
    for id in [
        "0",
        "-1",
        "00",
        "1e3",
        "1.0",
        "0x1",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999999",
        "abc",
        "%00",
        "1%00",
        "１",
        "1'--",
        "*",
        "me",
        "null",
    ] {
        for list in ["tokens", "users", "organizations", "teams", "applications"] {
            let answer = scene.server.as_admin("GET", &format!("{V1}{list}/{id}/")).send();
            assert!(matches!(answer.status, 400 | 404), "{list}/{id}: {}", answer.status);
        }
    }
}

#[test]
fn case_188_another_users_account_is_not_changed() {
    let scene = Neighbours::new("c188-user");
    let target = format!("{V1}users/{}/", scene.other_id);
    scene.get(&target).expect(200);
    for body in [
        json!({"password": "taken over 99"}),
        json!({"first_name": "x"}),
        json!({"email": "x@example.com"}),
        json!({"username": "x"}),
        json!({}),
    ] {
        assert_eq!(scene.send("PATCH", &target, &body).status, 403, "{body}");
    }
    assert_eq!(scene.send("DELETE", &target, &json!({})).status, 403);
    assert_eq!(scene.server.me(|it| it.basic(&scene.other, PASSWORD)), 200);
    // One that the curious cannot see is absent.
    let stranger = scene.server.make_user("c188-stranger", PASSWORD);
    for (method, body) in
        [("GET", json!({})), ("PATCH", json!({"password": "taken over 99"})), ("DELETE", json!({}))]
    {
        assert_eq!(scene.send(method, &format!("{V1}users/{stranger}/"), &body).status, 404, "{method}");
    }
    assert_eq!(scene.server.me(|it| it.basic("c188-stranger", PASSWORD)), 200);
}

#[test]
fn case_188_another_organization_and_its_teams_are_absent() {
    let scene = Neighbours::new("c188-organization");
    let hidden = scene.server.make("organizations", &json!({"name": "c188-hidden"}));
    let team = scene.server.make("teams", &json!({"name": "c188-hidden", "organization": hidden}));
    for path in [
        format!("organizations/{hidden}/"),
        format!("teams/{team}/"),
        format!("organizations/{hidden}/users/"),
        format!("organizations/{hidden}/teams/"),
        format!("teams/{team}/users/"),
    ] {
        assert_eq!(scene.get(&format!("{V1}{path}")).status, 404, "{path}");
    }
    for path in [format!("organizations/{hidden}/"), format!("teams/{team}/")] {
        for method in ["PATCH", "DELETE"] {
            assert_eq!(
                scene.send(method, &format!("{V1}{path}"), &json!({"name": "x"})).status,
                404,
                "{method} {path}"
            );
        }
    }
    // One's own organization is read, not written.
    let own = format!("{V1}organizations/{}/", scene.organization);
    assert_eq!(scene.get(&own).status, 200);
    assert_eq!(scene.send("PATCH", &own, &json!({"name": "x"})).status, 403);
    assert_eq!(scene.send("DELETE", &own, &json!({})).status, 403);
}

#[test]
fn case_189_lists_show_and_count_only_what_may_be_seen() {
    let scene = Neighbours::new("c189-lists");
    scene.token_of_other("c189 secret purpose");
    let hidden = scene.server.make("organizations", &json!({"name": "c189-hidden-organization"}));
    scene.server.make("teams", &json!({"name": "c189-hidden-team", "organization": hidden}));
    scene.server.make_user("c189-hidden-user", PASSWORD);
    for list in [
        "tokens",
        "users",
        "organizations",
        "teams",
        "role_user_assignments",
        "role_team_assignments",
        "activitystream",
        "app_urls",
    ] {
        let answer = scene.get(&format!("{V1}{list}/?page_size=200")).expect(200);
        let text = answer.text();
        for word in ["c189-hidden", "c189 secret purpose"] {
            assert!(!text.contains(word), "{list} shows {word}: {text}");
        }
        let json = answer.json();
        if json["next"].is_null() {
            assert_eq!(json["count"], json["results"].as_array().unwrap().len(), "{list}");
        }
    }
    assert_eq!(scene.get(TOKENS).json()["count"], 0);
    for tail in ["tokens", "personal_tokens", "authorized_tokens"] {
        let path = format!("{V1}users/{}/{tail}/", scene.other_id);
        let answer = scene.get(&path);
        assert!(
            answer.status == 404 || answer.status == 403 || answer.json()["count"] == 0,
            "{path}: {}",
            answer.text()
        );
    }
}

#[test]
fn case_189_filters_do_not_answer_questions_about_what_is_hidden() {
    let scene = Neighbours::new("c189-filters");
    scene.token_of_other("c189-needle");
    let organization = scene.organization;
    let application = json!({
        "name": "c189-application", "organization": organization,
        "client_type": "confidential", "authorization_grant_type": "password"
    });
    let application = scene
        .server
        .as_admin("POST", &format!("{V1}applications/"))
        .json(&application)
        .send()
        .expect(201)
        .json();
    let client = &application["client_id"].as_str().unwrap()[..6].to_owned();
    let hidden = scene.server.make("organizations", &json!({"name": "c189-needle-organization"}));
    let associate = format!("{V1}organizations/{hidden}/users/associate/");
    scene
        .server
        .as_admin("POST", &associate)
        .json(&json!({"instances": [scene.other_id]}))
        .send()
        .expect(204);
    // Each question has the same answer whether the guess is right or wrong.
    for (list, right, wrong) in [
        (
            "users",
            "tokens__description__startswith=c189-n".to_owned(),
            "tokens__description__startswith=c189-x".to_owned(),
        ),
        ("users", "tokens__scope=read".to_owned(), "tokens__scope=openid".to_owned()),
        (
            "users",
            "organizations__name__startswith=c189-needle".to_owned(),
            "organizations__name__startswith=c189-xeedle".to_owned(),
        ),
        ("users", format!("organizations__id={hidden}"), "organizations__id=999999".to_owned()),
        (
            "organizations",
            format!("applications__client_id__startswith={client}"),
            "applications__client_id__startswith=??????".to_owned(),
        ),
        (
            "organizations",
            "applications__name=c189-application".to_owned(),
            "applications__name=c189-wrong".to_owned(),
        ),
        (
            "organizations",
            "users__tokens__description=c189-needle".to_owned(),
            "users__tokens__description=c189-wrong".to_owned(),
        ),
        (
            "organizations",
            "users__organizations__name=c189-needle-organization".to_owned(),
            "users__organizations__name=c189-wrong".to_owned(),
        ),
    ] {
        let ask = |query: &str| {
            let answer = scene.get(&format!("{V1}{list}/?{query}"));
            let count = if answer.status == 200 { answer.json()["count"].clone() } else { Value::Null };
            (answer.status, count)
        };
        assert_eq!(ask(&right), ask(&wrong), "{list}/?{right} tells something");
    }
}

#[test]
fn case_189_no_filter_and_no_order_reaches_a_secret() {
    let server = gateway();
    for query in [
        "password__startswith=%24argon2",
        "tokens__token__startswith=a",
        "tokens__refresh_token__startswith=a",
        "created_by__password__contains=a",
        "order_by=password",
        "order_by=-password",
        "password=x",
        "not__password=x",
        "or__password__startswith=a",
        "chain__password__startswith=a",
        "password__isnull=true",
        "password__in=a,b",
        "tokens__user__password__regex=.",
        "password_hash=x",
        "credential_version=1",
    ] {
        let answer = server.as_admin("GET", &format!("{V1}users/?{query}")).send();
        assert!(matches!(answer.status, 400 | 403), "{query}: {} {}", answer.status, answer.text());
    }
    for query in [
        "token__startswith=a",
        "refresh_token=x",
        "digest=x",
        "order_by=token",
        "application__client_secret__startswith=a",
        "user__password__startswith=a",
    ] {
        let answer = server.as_admin("GET", &format!("{TOKENS}?{query}")).send();
        assert!(matches!(answer.status, 400 | 403), "{query}: {}", answer.status);
    }
    for query in
        ["client_secret__startswith=a", "order_by=client_secret", "access_tokens__token__startswith=a"]
    {
        let answer = server.as_admin("GET", &format!("{V1}applications/?{query}")).send();
        assert!(matches!(answer.status, 400 | 403), "{query}: {}", answer.status);
    }
}

#[test]
fn case_189_secrets_are_masked_wherever_they_could_be_read() {
    let server = gateway();
    let id = server.make_user("c189-masked", PASSWORD);
    let organization = server.make("organizations", &json!({"name": "c189-masked"}));
    let fields = json!({
        "name": "c189-masked", "organization": organization,
        "client_type": "confidential", "authorization_grant_type": "password"
    });
    let application =
        server.as_admin("POST", &format!("{V1}applications/")).json(&fields).send().expect(201).json();
    let token = server
        .as_admin("POST", TOKENS)
        .json(&json!({"application": application["id"]}))
        .send()
        .expect(201)
        .json();
    server
        .as_admin("PATCH", &format!("{V1}users/{id}/"))
        .json(&json!({"password": "a gate of new iron 8"}))
        .send()
        .expect(200);
    let secrets = [&token["token"], &token["refresh_token"], &application["client_secret"]]
        .map(|it| it.as_str().unwrap());
    for path in [
        "tokens/?page_size=200",
        "applications/?page_size=200",
        "users/?page_size=200",
        "activitystream/?page_size=200",
        "settings/all/",
        "me/",
        "organizations/",
        "authenticators/",
    ] {
        let text = server.as_admin("GET", &format!("{V1}{path}")).send().expect(200).text();
        for secret in secrets {
            assert!(!text.contains(secret), "{path} shows a secret");
        }
        for word in ["$argon2", "$sha256$", PASSWORD, ADMIN_PASSWORD, "a gate of new iron 8", "PRIVATE KEY"] {
            assert!(!text.contains(word), "{path} shows {word}");
        }
    }
    let read = server.as_admin("GET", application["url"].as_str().unwrap()).send().expect(200).json();
    assert_eq!(read["client_secret"], "$encrypted$");
    assert!(read["summary_fields"]["tokens"]["results"][0]["token"] == "$encrypted$", "{read}");
    let read = server.as_admin("GET", token["url"].as_str().unwrap()).send().expect(200).json();
    assert_eq!((&read["token"], &read["refresh_token"]), (&json!("$encrypted$"), &json!("$encrypted$")));
}

#[test]
fn case_189_an_order_tells_nothing_about_what_is_hidden() {
    let scene = Neighbours::new("c189-order");
    scene.token_of_other("c189 order");
    for query in [
        "order_by=tokens__description",
        "order_by=organizations__name",
        "order_by=created_by__email",
        "order=-tokens__token",
    ] {
        let answer = scene.get(&format!("{V1}users/?{query}"));
        assert!(matches!(answer.status, 400 | 403), "{query}: {}", answer.status);
    }
}

#[test]
fn case_189_what_components_are_told_of_a_user_is_not_for_other_users() {
    let scene = Neighbours::new("c189-claims");
    let user =
        scene.server.as_admin("GET", &format!("{V1}users/{}/", scene.other_id)).send().expect(200).json();
    let id = user["summary_fields"]["resource"]["ansible_id"].as_str().unwrap();
    let target = format!("{V1}jwt_claims/{id}/");
    assert_eq!(scene.server.as_admin("GET", &target).send().status, 200);
    assert!(matches!(scene.get(&target).status, 403 | 404));
    assert_eq!(scene.server.get(&target).send().status, 401);
    let pretended =
        scene.server.get(&target).header("X-ANSIBLE-SERVICE-AUTH", "eyJhbGciOiJub25lIn0.e30.").send();
    assert_eq!(pretended.status, 401);
}
