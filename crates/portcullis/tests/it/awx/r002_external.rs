//! Rows 2 to 5, 103, 106: users of other sources. They come by an import from an AWX, since nobody signs in
//! through another source here yet.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{World, text};

/// The password of everybody in the dump, and its hash there.
const IMPORTED: &str = "p4ssw0rd of alice";
const HASH: &str = "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$p6nKl4z84NaLbOl5aNXQVC2rE8yjJEQfMFUkK+yptok=";

/// What an AWX knows of a user.
struct Known {
    name: &'static str,
    has_password: bool,
    ldap: bool,
    social: bool,
    enterprise: bool,
}

/// One block of a dump.
fn block(table: &str, columns: &str, rows: &[String]) -> String {
    let mut text = format!("COPY public.{table} ({columns}) FROM stdin;\n");
    for row in rows {
        writeln!(text, "{row}").unwrap();
    }
    text + "\\.\n\n"
}

/// A dump with these users.
fn dump(users: &[Known]) -> String {
    let mut rows: [Vec<String>; 4] = Default::default();
    for (number, user) in users.iter().enumerate().map(|(index, user)| (index + 10, user)) {
        let password = if user.has_password { HASH } else { "!nobodyknowsthis" };
        rows[0].push(format!("{number}\t{}\t{password}\tf\tt", user.name));
        if user.ldap {
            rows[1].push(format!("{number}\tcn={},dc=example,dc=org", user.name));
        }
        if user.social {
            rows[2].push(format!("{number}\tgithub\t{number}\t{number}"));
        }
        if user.enterprise {
            rows[3].push(format!("{number}\tradius\t{number}"));
        }
    }
    let nothing = [
        ("main_organization", "id, name, description, admin_role_id, member_role_id, auditor_role_id"),
        ("main_team", "id, name, description, organization_id, admin_role_id, member_role_id"),
        ("main_rbac_roles", "id, role_field, singleton_name, content_type_id, object_id"),
        ("main_rbac_roles_members", "id, role_id, user_id"),
    ];
    let nothing = nothing.map(|(table, columns)| block(table, columns, &[])).concat();
    let people = block("auth_user", "id, username, password, is_superuser, is_active", &rows[0])
        + &block("main_profile", "user_id, ldap_dn", &rows[1])
        + &block("social_auth_usersocialauth", "id, provider, uid, user_id", &rows[2])
        + &block("sso_userenterpriseauth", "id, provider, user_id", &rows[3]);
    format!(
        "--\n-- PostgreSQL database dump\n--\n\n{nothing}{people}--\n-- PostgreSQL database dump complete\n--\n"
    )
}

/// A gateway with these users.
fn imported(users: &[Known]) -> World {
    let world = World::new();
    std::fs::write(world.server.folder().join("awx.sql"), dump(users)).unwrap();
    world.server.shell(&["import", "awx", "--dump", "awx.sql"]);
    world
}

/// A user whom RADIUS vouches for.
const RADA: Known = Known { name: "rada", has_password: true, ldap: false, social: false, enterprise: true };

fn switch(world: &World, is_allowed: bool) {
    world.set(&json!({"ALLOW_OAUTH2_FOR_EXTERNAL_USERS": is_allowed}));
}

/// The password grant for that user.
fn grant(world: &World, application: &Value) -> crate::support::Response {
    let fields =
        [("grant_type", "password"), ("username", "rada"), ("password", IMPORTED), ("scope", "read")];
    world.exchange(application, &fields)
}

#[test]
fn row_002_external_users_get_no_token() {
    let world = imported(&[RADA]);
    let application = world.application("admin", "kit");
    let said = grant(&world, &application).expect(403);
    let words =
        "OAuth2 Tokens cannot be created by users associated with an external authentication provider";
    assert!(said.text().contains(&format!("{words} (enterprise)")), "{}", said.text());
    let request = world.server.post("/api/v2/tokens/").basic("rada", IMPORTED).json(&json!({}));
    assert!(text(&request.send().expect(403).json()["detail"]).contains(words));
    assert_eq!(world.count("admin", "tokens/"), 0);
}

#[test]
fn row_003_unless_they_may() {
    let world = imported(&[RADA]);
    switch(&world, true);
    let application = world.application("admin", "kit");
    grant(&world, &application).expect(200);
    assert_eq!(world.count("admin", "tokens/"), 1);
}

#[test]
fn row_004_an_external_users_token_works() {
    let world = imported(&[RADA]);
    switch(&world, true);
    let application = world.application("admin", "kit");
    let token = grant(&world, &application).expect(200).json()["access_token"].clone();
    assert_eq!(world.me(&token).expect(200).json()["results"][0]["username"], "rada");
}

#[test]
fn row_005_and_goes_on_when_new_ones_are_forbidden() {
    let world = imported(&[RADA]);
    switch(&world, true);
    let application = world.application("admin", "kit");
    let token = grant(&world, &application).expect(200).json()["access_token"].clone();
    switch(&world, false);
    grant(&world, &application).expect(403);
    assert_eq!(world.me(&token).expect(200).json()["results"][0]["username"], "rada");
}

#[test]
fn row_103_the_strongest_mark_names_the_source() {
    let known =
        |name, ldap, social, enterprise| Known { name, has_password: false, ldap, social, enterprise };
    let cases = [
        (known("none", false, false, false), Value::Null),
        (known("l", true, false, false), json!("ldap")),
        (known("s", false, true, false), json!("social")),
        (known("ls", true, true, false), json!("social")),
        (known("e", false, false, true), json!("enterprise")),
        (known("le", true, false, true), json!("enterprise")),
        (known("se", false, true, true), json!("enterprise")),
        (known("lse", true, true, true), json!("enterprise")),
    ];
    let (users, sources): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    let world = imported(&users);
    for (user, source) in users.iter().zip(sources) {
        let shown = world.seen("admin", &format!("users/{}/", user.name));
        assert_eq!(shown["external_account"], source, "{}", user.name);
        assert_eq!(shown.get("password").is_none(), !source.is_null(), "{}", user.name);
    }
}

#[test]
fn row_106_passwords_of_our_own_stay_while_there_is_nothing_else() {
    let world = imported(&[RADA]);
    let body = json!({"DISABLE_LOCAL_AUTH": true});
    let said = world.patch("admin", "settings/authentication/", &body).expect(400).json();
    assert_eq!(said, json!({"__all__": ["There are no remote authentication systems configured."]}));
    world.get("admin", "me/").expect(200);
}
