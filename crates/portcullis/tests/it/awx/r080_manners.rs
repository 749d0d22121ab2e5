//! Rows 80 to 84, 95, 107: what every address does alike.

use serde_json::{Value, json};

use super::{World, number, text};

#[test]
fn row_080_other_content_types_are_refused() {
    let world = World::new();
    let request = world.request("admin", "POST", "organizations/").body("text/html", "<p>no</p>");
    let said = request.send().expect(415).json();
    assert!(text(&said["detail"]).contains("the Content-Type must be application/json"), "{said}");
}

#[test]
fn row_081_an_unknown_path_is_not_there() {
    let world = World::new();
    for path in ["nothing/", "users/1/nothing/", "job_templates/7/launch/nothing/"] {
        let said = world.get("admin", path).expect(404).json();
        assert_eq!(said["detail"], "The requested resource could not be found.", "{path}");
    }
}

#[test]
fn row_082_fields_say_whether_they_are_filters() {
    let world = World::new();
    let application = number(&world.application("admin", "kit"));
    let token = world.made("admin", "tokens/", &json!({}));
    for path in [
        format!("users/{}/", world.alice),
        format!("organizations/{}/", world.organization),
        format!("applications/{application}/"),
        format!("tokens/{token}/"),
    ] {
        let options = world.request("admin", "OPTIONS", &path).send().expect(200).json();
        for action in ["GET", "PUT"] {
            let fields = options["actions"][action].as_object().unwrap_or_else(|| panic!("{options}"));
            let computed = ["type", "url", "related", "summary_fields"];
            for (name, field) in fields.iter().filter(|(name, _)| !computed.contains(&name.as_str())) {
                assert!(field["filterable"].is_boolean(), "{path} {action} {name}: {field}");
            }
        }
    }
}

#[test]
fn row_083_secrets_are_no_filters() {
    let world = World::new();
    for (query, field) in [
        ("users/?password__icontains=pbkdf2", "password"),
        ("users/?password=x", "password"),
        ("tokens/?token__gt=a", "token"),
        ("applications/?client_secret__startswith=a", "client_secret"),
        ("activity_stream/?actor__password__gt=a", "password"),
        ("tokens/?application__client_secret__gt=a", "client_secret"),
    ] {
        let said = world.get("admin", query).expect(403).json();
        assert_eq!(said["detail"], format!("Filtering on {field} is not allowed."), "{query}");
    }
    // Codes are a relation of nothing that is listed, nor are applications one of the stream: no such field.
    for query in [
        "applications/?grant__code=x",
        "activity_stream/?o_auth2_application__client_secret__gt=a",
        "activity_stream/?o_auth2_access_token__token__gt=a",
    ] {
        let said = world.get("admin", query).expect(400).json();
        assert!(text(&said["detail"]).contains("has no field named"), "{query}: {said}");
    }
}

#[test]
fn row_084_a_scope_is_a_list_of_known_words() {
    let world = World::new();
    let words = "Must be a simple space-separated string with allowed scopes ['read', 'write'].";
    for (scope, status) in
        [("", 400), ("read", 201), ("read read", 400), ("write read", 201), ("read rainbow", 400)]
    {
        let answer = world.post("admin", "tokens/", &json!({"scope": scope})).expect(status).json();
        let expected = if status == 201 { json!(scope) } else { json!([words]) };
        assert_eq!(answer["scope"], expected, "{scope:?}");
    }
}

#[test]
fn row_095_objects_tell_their_addresses_by_name() {
    let world = World::new();
    let team = json!({"name": "Night shift", "organization": world.organization});
    let team = world.made("admin", "teams/", &team);
    for (path, named) in [
        (format!("users/{}/", world.alice), "/users/alice/"),
        (format!("organizations/{}/", world.organization), "/organizations/Ops/"),
        (format!("teams/{team}/"), "/teams/Night%20shift++Ops/"),
    ] {
        let object = world.seen("admin", &path);
        let address = text(&object["related"]["named_url"]);
        assert!(address.ends_with(named), "{address}");
        let found = world.server.get(address);
        let found = found.basic("admin", crate::support::ADMIN_PASSWORD).send().expect(200).json();
        assert_eq!(found["id"], object["id"], "{address}");
    }
}

#[test]
fn row_107_links_carry_the_size_that_is_served() {
    let world = World::new();
    for index in 0..200 {
        let organization = json!({"name": format!("o{index:03}")});
        world.made("admin", "organizations/", &organization);
    }
    // The most is 200, and it is not for sale.
    let first = world.seen("admin", "organizations/?page_size=500");
    assert_eq!(first["results"].as_array().unwrap().len(), 200);
    assert_eq!(first["next"], "/api/v2/organizations/?page=2&page_size=200");
    let second = world.seen("admin", "organizations/?page_size=500&page=2");
    assert_eq!(second["next"], Value::Null);
    assert!(text(&second["previous"]).contains("page_size=200"), "{}", second["previous"]);
}
