//! Rights inside an organization: what members and administrators of one team try on others.

use std::sync::Arc;

use serde_json::{Value, json};

use super::shared::Shared;
use crate::support::{Server, Upstream};

const PASSWORD: &str = "a wall of old stones 5";
const V1: &str = "/api/gateway/v1/";
const TEAM_MEMBER: i64 = 2;
const TEAM_ADMIN: i64 = 3;
const ORGANIZATION_ADMIN: i64 = 4;
const ORGANIZATION_MEMBER: i64 = 5;

static SHARED: Shared = Shared::new();

/// An organization with two teams; a member and an administrator of the first.
struct Scene {
    server: Arc<Server>,
    name: String,
    organization: i64,
    team: i64,
    other: i64,
    member: i64,
    admin: i64,
}

impl Scene {
    fn new(name: &str) -> Self {
        let server = SHARED.get(Server::demo);
        let organization = server.make("organizations", &json!({"name": name}));
        let team = |suffix: &str| {
            server.make("teams", &json!({"name": format!("{name}-{suffix}"), "organization": organization}))
        };
        let (team, other) = (team("one"), team("two"));
        let (member, admin) = (
            server.make_user(&format!("{name}-member"), PASSWORD),
            server.make_user(&format!("{name}-admin"), PASSWORD),
        );
        let scene = Self { server, name: name.to_owned(), organization, team, other, member, admin };
        for user in [member, admin] {
            scene.give(ORGANIZATION_MEMBER, user, organization);
        }
        scene.give(TEAM_MEMBER, member, team);
        scene.give(TEAM_ADMIN, admin, team);
        scene
    }

    fn give(&self, role: i64, user: i64, object: i64) -> i64 {
        let fields = json!({"role_definition": role, "user": user, "object_id": object.to_string()});
        self.server.make("role_user_assignments", &fields)
    }

    fn send(&self, who: &str, method: &str, path: &str, body: &Value) -> u16 {
        let request = self.server.request(method, &format!("{V1}{path}"));
        request.basic(&format!("{}-{who}", self.name), PASSWORD).json(body).send().status
    }

    #[track_caller]
    fn assert_refused(&self, who: &str, method: &str, path: &str, body: &Value) {
        let code = self.send(who, method, path, body);
        assert!(matches!(code, 400 | 403 | 404), "{who} {method} {path} {body}: {code}");
    }

    /// The roles that the user has by now, by their numbers.
    fn roles(&self, user: i64) -> Vec<i64> {
        let target = format!("{V1}role_user_assignments/?user={user}");
        let list = self.server.as_admin("GET", &target).send().expect(200).json();
        let mut roles: Vec<_> = list["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["role_definition"].as_i64().unwrap())
            .collect();
        roles.sort_unstable();
        roles
    }
}

#[test]
fn case_183_a_member_of_a_team_changes_nothing_about_it() {
    let scene = Scene::new("t183-member");
    let (organization, team, other, member, admin) =
        (scene.organization, scene.team, scene.other, scene.member, scene.admin);
    for list in [
        format!("teams/{team}/admins"),
        format!("teams/{team}/users"),
        format!("teams/{other}/users"),
        format!("organizations/{organization}/admins"),
        format!("organizations/{organization}/users"),
    ] {
        for verb in ["associate", "disassociate"] {
            for user in [member, admin] {
                let path = format!("{list}/{verb}/");
                scene.assert_refused("member", "POST", &path, &json!({"instances": [user]}));
            }
        }
    }
    for (role, object) in [(TEAM_ADMIN, team), (TEAM_MEMBER, other), (ORGANIZATION_ADMIN, organization)] {
        let fields = json!({"role_definition": role, "user": member, "object_id": object.to_string()});
        scene.assert_refused("member", "POST", "role_user_assignments/", &fields);
    }
    for method in ["PATCH", "PUT", "DELETE"] {
        scene.assert_refused("member", method, &format!("teams/{team}/"), &json!({"name": "x"}));
    }
    assert_eq!(scene.roles(member), [TEAM_MEMBER, ORGANIZATION_MEMBER]);
    assert_eq!(scene.roles(admin), [TEAM_ADMIN, ORGANIZATION_MEMBER]);
}

#[test]
fn case_183_an_administrator_of_a_team_stays_in_it() {
    let scene = Scene::new("t183-admin");
    let (organization, team, other, member, admin) =
        (scene.organization, scene.team, scene.other, scene.member, scene.admin);
    let associate = format!("teams/{team}/admins/associate/");
    assert_eq!(scene.send("admin", "POST", &associate, &json!({"instances": [member]})), 204, "its own");
    let elsewhere = scene.server.make("organizations", &json!({"name": "t183-elsewhere"}));
    for (method, path, body) in [
        ("POST", format!("teams/{other}/users/associate/"), json!({"instances": [admin]})),
        ("POST", format!("teams/{other}/admins/associate/"), json!({"instances": [admin]})),
        ("POST", format!("organizations/{organization}/admins/associate/"), json!({"instances": [admin]})),
        ("PATCH", format!("teams/{team}/"), json!({"organization": elsewhere})),
        ("PATCH", format!("teams/{other}/"), json!({"name": "x"})),
        ("DELETE", format!("teams/{other}/"), json!({})),
        ("PATCH", format!("organizations/{organization}/"), json!({"name": "x"})),
        ("POST", "teams/".to_owned(), json!({"name": "x", "organization": organization})),
        ("PATCH", format!("users/{member}/"), json!({"password": "taken over 99"})),
        ("DELETE", format!("users/{member}/"), json!({})),
    ] {
        scene.assert_refused("admin", method, &path, &body);
    }
    for (role, object) in
        [(TEAM_ADMIN, other), (ORGANIZATION_ADMIN, organization), (ORGANIZATION_MEMBER, elsewhere)]
    {
        let object = object.to_string();
        let user = json!({"role_definition": role, "user": admin, "object_id": object});
        scene.assert_refused("admin", "POST", "role_user_assignments/", &user);
        // Nor through the team that it administers.
        let team = json!({"role_definition": role, "team": team, "object_id": object});
        scene.assert_refused("admin", "POST", "role_team_assignments/", &team);
    }
    assert_eq!(scene.roles(admin), [TEAM_ADMIN, ORGANIZATION_MEMBER]);
    assert_eq!(scene.server.me(|it| it.basic("t183-admin-member", PASSWORD)), 200);
}

#[test]
fn case_183_a_right_through_a_team_ends_with_the_team() {
    let scene = Scene::new("t183-through");
    // Whoever is in the first team administers the second.
    let fields =
        json!({"role_definition": TEAM_ADMIN, "team": scene.team, "object_id": scene.other.to_string()});
    scene.server.make("role_team_assignments", &fields);
    let rename = |name: &str| {
        scene.send("member", "PATCH", &format!("teams/{}/", scene.other), &json!({"name": name}))
    };
    assert_eq!(rename("t183-through-renamed"), 200);
    let path = format!("{V1}teams/{}/users/disassociate/", scene.team);
    scene.server.as_admin("POST", &path).json(&json!({"instances": [scene.member]})).send().expect(204);
    assert!(matches!(rename("t183-through-again"), 403 | 404));
    scene.give(TEAM_MEMBER, scene.member, scene.team);
    assert_eq!(rename("t183-through-back"), 200);
    scene.server.as_admin("DELETE", &format!("{V1}teams/{}/", scene.team)).send().expect(204);
    assert!(matches!(rename("t183-through-gone"), 403 | 404));
}

/// A service is open to a team by name; who administers another organization names its teams as it likes.
#[test]
fn case_183_a_team_of_the_same_name_elsewhere_opens_no_service() {
    let upstream = Upstream::start();
    let server = Server::with_config(&format!(
        "[[service]]\nname = \"vault\"\npath = \"/vault/\"\nupstream = [\"{}\"]\nallow = [\"team:trusted/keepers\"]\n",
        upstream.url()
    ));
    let id = server.make_user("t183-namer", PASSWORD);
    let organization = |name: &str| server.make("organizations", &json!({"name": name}));
    let (trusted, own) = (organization("trusted"), organization("t183-own"));
    let keepers = server.make("teams", &json!({"name": "keepers", "organization": trusted}));
    let target = format!("{V1}organizations/{own}/admins/associate/");
    server.as_admin("POST", &target).json(&json!({"instances": [id]})).send().expect(204);
    let send = |method: &str, path: &str, body: &Value| {
        server.request(method, &format!("{V1}{path}")).basic("t183-namer", PASSWORD).json(body).send()
    };
    let enters = || server.get("/vault/x/").basic("t183-namer", PASSWORD).send().status;
    for name in ["keepers", "trusted/keepers", "Keepers", "keepers "] {
        let team = send("POST", "teams/", &json!({"name": name, "organization": own}));
        if team.status == 201 {
            let members = format!("teams/{}/users/associate/", team.json()["id"]);
            assert_eq!(send("POST", &members, &json!({"instances": [id]})).status, 204, "{name}");
        }
        assert_eq!(enters(), 403, "{name}");
    }
    // The organization's name is taken, in any spelling that would count.
    for name in ["trusted", "trusted "] {
        send("PATCH", &format!("organizations/{own}/"), &json!({"name": name}));
        assert_eq!(enters(), 403, "{name}");
    }
    let target = format!("{V1}teams/{keepers}/users/associate/");
    server.as_admin("POST", &target).json(&json!({"instances": [id]})).send().expect(204);
    assert_eq!(enters(), 200);
    server
        .as_admin("PATCH", &format!("{V1}teams/{keepers}/"))
        .json(&json!({"name": "others"}))
        .send()
        .expect(200);
    assert_eq!(enters(), 403, "a renamed team is another");
    assert_eq!(upstream.received().len(), 1);
}

#[test]
fn case_183_two_settings_take_powers_from_administrators_of_organizations() {
    let server = Server::demo();
    let id = server.make_user("t183-boss", PASSWORD);
    let stranger = server.make_user("t183-stranger", PASSWORD);
    let own = server.make("organizations", &json!({"name": "t183-powers"}));
    let target = format!("{V1}organizations/{own}/admins/associate/");
    server.as_admin("POST", &target).json(&json!({"instances": [id]})).send().expect(204);
    let send = |method: &str, path: &str, body: &Value| {
        server.request(method, &format!("{V1}{path}")).basic("t183-boss", PASSWORD).json(body).send().status
    };
    let user = |name: &str| json!({"username": name, "password": PASSWORD});
    let outside = format!("users/{stranger}/");
    let enlist = format!("organizations/{own}/users/associate/");
    // It manages whom it made, and nobody else.
    let made = server.post(&format!("{V1}users/")).basic("t183-boss", PASSWORD).json(&user("t183-worker"));
    let member = made.send().expect(201).json()["id"].clone();
    assert_eq!(send("POST", &enlist, &json!({"instances": [member]})), 204);
    let worker = format!("users/{member}/");
    assert_eq!(send("PATCH", &worker, &json!({"first_name": "x"})), 200);
    assert_eq!(send("GET", &outside, &json!({})), 200);
    server.set(&json!({"MANAGE_ORGANIZATION_AUTH": false}));
    assert_eq!(send("POST", "users/", &user("t183-second")), 403);
    assert_eq!(send("PATCH", &worker, &json!({"first_name": "y"})), 403);
    assert_eq!(send("PATCH", &worker, &json!({"password": "taken over 99"})), 403);
    server.set(&json!({"MANAGE_ORGANIZATION_AUTH": true, "ORG_ADMINS_CAN_SEE_ALL_USERS": false}));
    assert_eq!(send("GET", &outside, &json!({})), 404);
    assert_eq!(send("POST", &enlist, &json!({"instances": [stranger]})), 400);
    let assign =
        json!({"role_definition": ORGANIZATION_MEMBER, "user": stranger, "object_id": own.to_string()});
    assert_eq!(send("POST", "role_user_assignments/", &assign), 400);
    assert_eq!(send("PATCH", &worker, &json!({"first_name": "z"})), 200);
}
