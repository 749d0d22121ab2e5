//! Rows 108 to 113: what the modules of the collection ask for, request by request. The collection signs in by
//! making a token and deletes it in the end.

use serde_json::{Value, json};

use super::{PASSWORD, World, number, text};
use crate::support::{Request, Response};

/// One run of a module.
struct Run<'a> {
    world: &'a World,
    id: i64,
    token: String,
}

impl<'a> Run<'a> {
    fn begin(world: &'a World) -> Self {
        let words = json!({"description": "Automation Platform Controller Ansible Module", "scope": "write"});
        let token = world.post("admin", "tokens/", &words).expect(201).json();
        Self { world, id: number(&token), token: text(&token["token"]).to_owned() }
    }

    fn request(&self, method: &str, path: &str) -> Request {
        self.world.server.request(method, &format!("/api/v2/{path}")).bearer(&self.token)
    }

    fn get(&self, path: &str) -> Value {
        self.request("GET", path).send().expect(200).json()
    }

    /// Finds a thing by one of its fields, as the modules do: a number would do as well.
    fn find(&self, list: &str, field: &str, name: &str) -> Option<Value> {
        let page = self.get(&format!("{list}/?{field}={name}"));
        assert!(page["count"].as_u64().unwrap() <= 1, "{page}");
        page["results"].get(0).cloned()
    }

    /// Creates the thing or changes what is different, and says whether anything was.
    fn wish(&self, list: &str, field: &str, wanted: &Value) -> (bool, Value) {
        let Some(found) = self.find(list, field, text(&wanted[field])) else {
            let made: Response = self.request("POST", &format!("{list}/")).json(wanted).send();
            return (true, made.expect(201).json());
        };
        // What is masked can be compared with nothing: it counts as different.
        let differs =
            |(name, value): (&String, &Value)| found[name] == "$encrypted$" || found[name] != *value;
        if !wanted.as_object().unwrap().iter().any(differs) {
            return (false, found);
        }
        let path = format!("{list}/{}/", number(&found));
        (true, self.request("PATCH", &path).json(wanted).send().expect(200).json())
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.world.delete("admin", &format!("tokens/{}/", self.id)).expect(204);
            self.request("GET", "me/").send().expect(401);
        }
    }
}

#[test]
fn row_108_the_token_module_makes_a_token() {
    let world = World::new();
    let run = Run::begin(&world);
    let wanted = json!({"description": "barfoo", "scope": "read"});
    let made = run.request("POST", "tokens/").json(&wanted).send().expect(201).json();
    drop(run);
    let page = world.seen("admin", "tokens/");
    assert_eq!((&page["count"], &page["results"][0]["id"]), (&json!(1), &made["id"]));
    assert_eq!((&page["results"][0]["scope"], &made["description"]), (&json!("read"), &json!("barfoo")));
}

fn user() -> Value {
    json!({"username": "kit", "first_name": "K", "email": "kit@example.com", "password": PASSWORD})
}

#[test]
fn row_109_a_password_always_counts_as_changed() {
    let world = World::new();
    let run = Run::begin(&world);
    assert!(run.wish("users", "username", &user()).0);
    // The module warns because of this very word.
    let (is_changed, shown) = run.wish("users", "username", &user());
    assert_eq!((is_changed, &shown["password"]), (true, &json!("$encrypted$")));
    assert_eq!(world.seen("kit", "me/")["count"], 1);
}

#[test]
fn row_110_without_the_password_nothing_is_changed() {
    let world = World::new();
    let run = Run::begin(&world);
    assert!(run.wish("users", "username", &user()).0);
    let mut wanted = user();
    wanted.as_object_mut().unwrap().remove("password");
    assert!(!run.wish("users", "username", &wanted).0);
}

#[test]
fn row_111_a_flag_goes_off_again() {
    let world = World::new();
    let run = Run::begin(&world);
    let wanted = |is_auditor: bool| {
        let mut wanted = user();
        wanted["is_system_auditor"] = json!(is_auditor);
        wanted
    };
    assert_eq!(run.wish("users", "username", &wanted(true)).1["is_system_auditor"], true);
    let (is_changed, shown) = run.wish("users", "username", &wanted(false));
    assert_eq!((is_changed, &shown["is_system_auditor"]), (true, &json!(false)));
    assert_eq!(run.find("users", "username", "kit").unwrap()["is_system_auditor"], false);
}

#[test]
fn row_112_the_application_module_makes_an_application() {
    let world = World::new();
    let run = Run::begin(&world);
    let organization = run.find("organizations", "name", "Ops").unwrap();
    let wanted = json!({
        "name": "foo",
        "organization": number(&organization),
        "client_type": "public",
        "authorization_grant_type": "password",
    });
    let (is_changed, made) = run.wish("applications", "name", &wanted);
    assert!(is_changed);
    assert_eq!((&made["organization"], &made["client_type"]), (&organization["id"], &json!("public")));
    assert!(made.get("client_secret").is_none(), "{made}");
    assert!(!run.wish("applications", "name", &wanted).0);
}

#[test]
fn row_113_answers_name_the_product_and_its_version() {
    let world = World::new();
    let run = Run::begin(&world);
    let known = run.request("GET", "users/").send().expect(200);
    assert_eq!(known.header("X-API-Product-Name"), Some("AWX"));
    assert_eq!(known.header("X-API-Product-Version"), Some("24.6.1"));
    // Whoever is not known learns no version, and the collection warns of nothing then.
    let unknown = world.get("", "users/").expect(401);
    assert_eq!(unknown.header("X-API-Product-Version"), None);
}
