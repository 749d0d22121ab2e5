//! Groups: three that stay as they are, and the teams of the organization `Default`.

use http::Request;
use identity::model::object::Noun;

use super::{Bed, Bytes, CONTENT_TYPE, Catalyst, Hand, PASSWORD, Value, error, json, value};

fn names(body: &Value) -> Vec<&str> {
    body["data"].as_array().unwrap().iter().map(|it| it["groupName"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_group_comes_back_as_it_was_sent() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    let (_, body) = admin.get("admin/usergroup").await;
    assert_eq!(names(&body), ["netadmin", "operator", "basic"]);
    let group = json!({
        "groupName": "Ops / North", "groupDesc": "The north",
        "tasks": [
            { "feature": "Alarms", "enabled": true, "read": true, "write": false },
            { "feature": "Audit Log", "enabled": false, "read": false, "write": false },
        ],
    });
    assert_eq!(admin.post("admin/usergroup", group.clone()).await, (200, json!({})));
    let (_, body) = admin.get("admin/usergroup").await;
    assert_eq!(body["data"][3], group);
    assert_eq!(error(&admin.post("admin/usergroup", group).await, 400), "USER0009");
    let tasks = json!([{ "feature": "Alarms", "enabled": true, "read": true, "write": true }]);
    let change = json!({ "groupName": "Ops / North", "tasks": tasks });
    assert_eq!(admin.put("admin/usergroup/Ops%20%2F%20North", change).await, (200, json!({})));
    let (_, body) = admin.get("admin/usergroup").await;
    assert_eq!((&body["data"][3]["tasks"], &body["data"][3]["groupDesc"]), (&tasks, &json!("The north")));
    assert_eq!(error(&admin.put("admin/usergroup/Ops", json!({ "tasks": [] })).await, 404), "USER0007");
    assert_eq!(admin.delete("admin/usergroup/Ops%20%2F%20North").await, (200, json!({})));
    assert_eq!(names(&admin.get("admin/usergroup").await.1), ["netadmin", "operator", "basic"]);
    assert_eq!(error(&admin.delete("admin/usergroup/Ops%20%2F%20North").await, 404), "USER0007");
}

#[tokio::test]
async fn the_three_groups_stay_as_they_are() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    for name in ["netadmin", "operator", "basic"] {
        let body = json!({ "groupName": name, "tasks": [] });
        assert_eq!(error(&admin.post("admin/usergroup", body.clone()).await, 400), "USER0008");
        assert_eq!(error(&admin.put(&format!("admin/usergroup/{name}"), body).await, 400), "USER0008");
        assert_eq!(error(&admin.delete(&format!("admin/usergroup/{name}")).await, 400), "USER0008");
    }
}

#[tokio::test]
async fn senseless_groups_are_not_made() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    let task = json!({ "feature": "Alarms", "enabled": true, "read": true, "write": true });
    for body in [
        json!({ "tasks": [] }),
        json!({ "groupName": " ops", "tasks": [] }),
        json!({ "groupName": "ops", "tasks": "all" }),
        json!({ "groupName": "ops", "tasks": ["Alarms"] }),
        json!({ "groupName": "ops", "tasks": [{ "enabled": true }] }),
        json!({ "groupName": "ops", "tasks": [{ "feature": "Alarms", "read": "yes" }] }),
        json!({ "groupName": "ops", "tasks": vec![task.clone(); 501] }),
        json!({ "groupName": "x".repeat(513), "tasks": [] }),
    ] {
        error(&admin.post("admin/usergroup", body).await, 400);
    }
    let most = json!({ "groupName": "ops", "tasks": vec![task; 500] });
    assert_eq!(admin.post("admin/usergroup", most).await.0, 200);
    let (_, body) = admin.get("admin/usergroup").await;
    assert_eq!(body["data"][3]["tasks"].as_array().unwrap().len(), 500);
    // No right comes from a task, whatever it says.
    let tasks = json!([{ "feature": "Manage Users", "enabled": true, "read": true, "write": true }]);
    assert_eq!(admin.put("admin/usergroup/ops", json!({ "tasks": tasks })).await.0, 200);
    assert_eq!(admin.put("admin/user/alice", json!({ "group": ["ops"] })).await.0, 200);
    error(&Hand::of(&bed, "alice").await.get("admin/user").await, 403);
}

#[tokio::test]
async fn users_are_in_the_groups_that_they_are_put_in() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    for name in ["one", "two", "three"] {
        assert_eq!(admin.post("admin/usergroup", json!({ "groupName": name, "tasks": [] })).await.0, 200);
    }
    let carol =
        json!({ "userName": "carol", "password": PASSWORD, "group": ["two", "operator", "one", "two"] });
    assert_eq!(admin.post("admin/user", carol).await.0, 200);
    assert_eq!(admin.user("carol").await.unwrap()["group"], json!(["operator", "one", "two"]));
    assert_eq!(admin.put("admin/user/carol", json!({ "group": ["three", "two"] })).await.0, 200);
    assert_eq!(admin.user("carol").await.unwrap()["group"], json!(["two", "three"]));
    let user = bed.authority.find_named(Noun::User, "carol", None).await.unwrap().unwrap();
    let subject =
        bed.authority.store.find_subject(identity::model::object::UserId(user)).await.unwrap().unwrap();
    let teams: Vec<&str> = subject.teams.iter().map(|it| it.team.name.as_str()).collect();
    assert_eq!((teams, subject.is_auditor), (vec!["two", "three"], false));
    // A group that goes takes its members' places with it.
    assert_eq!(admin.delete("admin/usergroup/two").await.0, 200);
    assert_eq!(admin.user("carol").await.unwrap()["group"], json!(["three"]));
    assert_eq!(admin.put("admin/user/carol", json!({ "group": [] })).await.0, 200);
    assert_eq!(admin.user("carol").await.unwrap()["group"], json!(["basic"]));
}

#[tokio::test]
async fn a_team_that_is_called_like_a_fixed_group_gives_nothing_and_shows_nothing() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    let operator = bed.authority.operator().await.unwrap();
    let organization = bed.authority.find_named(Noun::Organization, "Default", None).await.unwrap();
    let fields = identity::action::TeamFields {
        name: Some("netadmin".to_owned()),
        organization,
        ..identity::action::TeamFields::default()
    };
    let fields = identity::action::Fields::Team(fields);
    let team = bed.authority.create(&bed.context(), &operator, fields, false).await.unwrap().unwrap();
    let alice = bed.authority.find_named(Noun::User, "alice", None).await.unwrap().unwrap();
    let role = identity::model::role::ManagedRole::TeamMember;
    let joined = bed.authority.associate(&bed.context(), &operator, role, team.object.id(), &[alice]).await;
    joined.unwrap();
    assert_eq!(admin.user("alice").await.unwrap()["group"], json!(["basic"]));
    assert_eq!(names(&admin.get("admin/usergroup").await.1), ["netadmin", "operator", "basic"]);
    let alice = Hand::of(&bed, "alice").await;
    assert_eq!(alice.get("client/server").await.1["data"]["roles"], json!(["basic"]));
}

#[tokio::test]
async fn no_team_passes_for_a_group_that_means_something() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    for name in ["Netadmin", "OPERATOR", "Basic"] {
        assert_eq!(
            error(&admin.post("admin/usergroup", json!({ "groupName": name })).await, 400),
            "USER0008"
        );
    }
    // Of a team that another door has made, a text of names must not read as two.
    for name in ["x, netadmin", "x,netadmin", "y] [netadmin"] {
        assert_eq!(admin.post("admin/usergroup", json!({ "groupName": name })).await.0, 200);
    }
    let groups = json!({ "group": ["x, netadmin", "x,netadmin", "y] [netadmin"] });
    assert_eq!(admin.put("admin/user/alice", groups).await.0, 200);
    assert_eq!(tokens(&bed, "alice").await["userGroup"], "[basic]");
}

#[tokio::test]
async fn who_is_in_many_groups_gets_a_token_that_is_taken() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    let names: Vec<String> = (0..30).map(|number| format!("{number} {}", "x".repeat(450))).collect();
    for name in &names {
        assert_eq!(admin.post("admin/usergroup", json!({ "groupName": name })).await.0, 200);
    }
    assert_eq!(admin.put("admin/user/alice", json!({ "group": names })).await.0, 200);
    let answer = tokens(&bed, "alice").await;
    let request = Request::get("/dataservice/client/token");
    let request = request.header("authorization", format!("Bearer {}", answer["token"].as_str().unwrap()));
    assert_eq!(bed.send(&Catalyst, request.body(Bytes::new()).unwrap()).await.status(), 200);
}

#[tokio::test]
async fn no_more_is_kept_with_a_group_than_there_is_room_for() {
    let bed = Bed::new().await;
    let admin = Hand::of(&bed, "admin").await;
    // Within every other limit: so many tasks, so many characters, so many bytes of a body.
    let tasks = |feature: &str| json!(vec![json!({ "feature": feature.repeat(128) }); 400]);
    let long = json!({ "groupName": "ops", "tasks": tasks("\u{20ac}") });
    assert!(long.to_string().len() < crate::catalyst::server::body::BODY_MAX);
    let refused = admin.post("admin/usergroup", long.clone()).await;
    error(&refused, 400);
    let details = refused.1["error"]["details"].as_str().unwrap();
    assert!(details.contains("131072 bytes"), "{details}");
    let (_, body) = admin.get("admin/usergroup").await;
    assert_eq!(names(&body), ["netadmin", "operator", "basic"], "neither the group nor its annex");
    let short = json!({ "groupName": "ops", "groupDesc": "Short", "tasks": tasks("x") });
    assert_eq!(admin.post("admin/usergroup", short).await.0, 200);
    let (_, before) = admin.get("admin/usergroup").await;
    let mut change = long;
    change["groupDesc"] = json!("Long");
    error(&admin.put("admin/usergroup/ops", change).await, 400);
    assert_eq!(admin.get("admin/usergroup").await.1, before);
}

/// The answer to a JWT login.
async fn tokens(bed: &Bed, name: &str) -> Value {
    let body = json!({ "username": name, "password": PASSWORD }).to_string();
    let request = Request::post("/jwt/login").header(CONTENT_TYPE, "application/json");
    value(&bed.send(&Catalyst, request.body(Bytes::from(body)).unwrap()).await)
}
