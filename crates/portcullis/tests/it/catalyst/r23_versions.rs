//! Rows 23 to 27: what clients make of the version, the tenancy and the view that they are told.

use serde_json::{Value, json};

use super::{LOGIN, Login, Manager, PASSWORD, SERVER, answer, assert_dead};
use crate::support::ADMIN_PASSWORD;

const ABOUT: &str = "/dataservice/client/about";
const NORTH: &str = "6b1ff8ab-4be0-4b4c-8b2b-3f4a8ee8f1a1";
const TENANTS: &str = "[catalyst]\nversion = \"20.13.2\"\n[[catalyst.tenant]]\nid = \
                       \"6b1ff8ab-4be0-4b4c-8b2b-3f4a8ee8f1a1\"\nname = \"North\"\nsubdomain = \
                       \"north.example\"\norganization = \"North Inc.\"\ndescription = \"Branches\"\n";

/// The numbers of a version; panics if it is none.
#[track_caller]
fn numbers(version: &Value) -> Vec<u32> {
    let text = version.as_str().unwrap();
    text.split('.').map(|it| it.parse().unwrap_or_else(|_| panic!("{text:?} is no version"))).collect()
}

fn tenants() -> Manager {
    Manager::with(TENANTS, "", |_| answer(200, r#"{"data":[]}"#))
}

#[test]
fn row_23_24_34_the_version_is_a_version_wherever_it_is_told() {
    for (manager, wanted) in [(Manager::new(), None), (tenants(), Some("20.13.2"))] {
        let login = manager.admin();
        let about = manager.data(&login, ABOUT);
        let told = numbers(&about["version"]);
        assert!(told.len() >= 2, "{about}");
        assert!(told[..2] >= [20, 12][..], "sign-outs by POST are chosen from there: {about}");
        assert_eq!(manager.data(&login, SERVER)["platformVersion"], about["version"]);
        assert_eq!(about["applicationVersion"], about["version"]);
        if let Some(wanted) = wanted {
            assert_eq!(about["version"], wanted, "as the configuration says");
        }
    }
}

#[test]
fn row_25_whichever_form_a_version_makes_a_client_choose_is_served() {
    let manager = Manager::new();
    // Up to 20.11 it signs out by GET, from 20.12 by POST, with and without a number behind.
    for (method, target) in [
        ("GET", "/logout"),
        ("GET", "/logout?nocache=1700000000"),
        ("POST", "/logout"),
        ("POST", "/logout?nocache=17"),
    ] {
        let login = manager.admin();
        let out = login.on(manager.server.request(method, target)).send().expect(302);
        let place = out.header("location").unwrap();
        assert!(place.starts_with("/welcome.html?nocache="), "{method} {target}: {place}");
        let welcome = login.on(manager.server.get(place)).send().expect(200);
        assert!(welcome.set_cookie("JSESSIONID").is_none_or(|it| it.contains("1970")), "{welcome:#?}");
        assert_dead(&manager.get(&login, SERVER));
    }
    // The oldest clients ask for the version between login and token, by a text that is not quite a query.
    let login = super::enter(&manager.server, "admin", ADMIN_PASSWORD);
    let request =
        login.without_token(manager.server.get("/dataservice/system/device/controllers?model=vmanage&&&&"));
    request.send().expect(200);
    let answer = manager
        .server
        .post("/dataservice/j_security_check")
        .form(&[("j_username", "admin"), ("j_password", ADMIN_PASSWORD)])
        .send();
    assert!(super::is_in(&answer), "{LOGIN} is not the only path of the form");
}

#[test]
fn row_26_the_kind_of_session_follows_from_what_is_told() {
    let modes = |manager: &Manager, login: &Login, more: Option<&str>| {
        let mut request = login.without_token(manager.server.get(SERVER));
        if let Some(tenant) = more {
            request = request.header("VSessionId", tenant);
        }
        let told = request.send().expect(200).json()["data"].clone();
        ["tenancyMode", "userMode", "viewMode"].map(|it| told[it].as_str().unwrap().to_owned())
    };
    let manager = Manager::new();
    assert_eq!(modes(&manager, &manager.admin(), None), ["SingleTenant", "tenant", "tenant"]);
    let manager = tenants();
    let login = manager.admin();
    assert_eq!(modes(&manager, &login, None), ["MultiTenant", "provider", "provider"]);
    let answer = login.on(manager.server.post(&format!("/dataservice/tenant/{NORTH}/vsessionid"))).send();
    let tenant = answer.expect(200).json()["VSessionId"].as_str().unwrap().to_owned();
    assert_eq!(modes(&manager, &login, Some(&tenant)), ["MultiTenant", "provider", "tenant"]);
}

#[test]
fn row_27_a_tenants_number_gives_the_value_to_act_for_it() {
    let manager = tenants();
    let login = manager.admin();
    let listed = manager.data(&login, "/dataservice/tenant");
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    for (key, value) in
        [("name", "North"), ("desc", "Branches"), ("orgName", "North Inc."), ("subDomain", "north.example")]
    {
        assert_eq!(listed[0][key], value, "{listed}");
    }
    assert_eq!(listed[0]["tenantId"], NORTH);
    let path = format!("/dataservice/tenant/{NORTH}/vsessionid");
    let bare = login.on(manager.server.post(&path)).send().expect(200).json();
    let value = bare["VSessionId"].as_str().unwrap().to_owned();
    assert!(!value.is_empty());
    assert_eq!(manager.change(&login, "POST", &path, &json!({})).expect(200).json()["VSessionId"], value);
    // It changes something, so it needs the token; and nobody but a provider gets it.
    login.without_token(manager.server.post(&path)).send().expect(403);
    manager.make_user(&login, "basil", &["basic"]);
    let basil = manager.sign_in("basil", PASSWORD);
    basil.on(manager.server.post(&path)).send().expect(403);
    let unknown = format!("/dataservice/tenant/{}/vsessionid", NORTH.replace('6', "7"));
    assert!(login.on(manager.server.post(&unknown)).send().status >= 400);
    // The service behind is told of the tenant, and does not see the value.
    login
        .without_token(manager.server.get("/dataservice/device"))
        .header("VSessionId", &*value)
        .send()
        .expect(200);
    let seen = manager.upstream.last();
    assert_eq!(seen.header("x-forwarded-tenant"), Some(NORTH), "{seen:?}");
    assert_eq!(seen.header("vsessionid"), None, "{seen:?}");
    // A value that somebody made up, or that somebody else may use, acts for nobody.
    for wrong in ["x", "ZGVmYXVsdA=="] {
        let request = login.without_token(manager.server.get("/dataservice/device"));
        let answer = request.header("VSessionId", wrong).send();
        assert!(
            answer.status == 403 || manager.upstream.last().header("x-forwarded-tenant").is_none(),
            "{wrong}"
        );
    }
    let before = manager.seen().len();
    let request = basil.without_token(manager.server.get("/dataservice/device"));
    request.header("VSessionId", &*value).send().expect(403);
    assert_eq!(manager.seen().len(), before);
}
