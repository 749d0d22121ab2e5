//! Rows 14 to 16 and 18: lists of nothing, of one thing and of two, under whatever key.

use serde_json::json;

use super::{DEVICES, Manager, PASSWORD, SERVER, answer};

#[test]
fn row_14_a_list_of_nothing_is_an_empty_list() {
    let manager = Manager::new();
    let login = manager.admin();
    let answer = manager.get(&login, "/dataservice/admin/user/activeSessions").expect(200).json();
    assert_eq!(answer["data"], json!([]), "nobody but who asks");
    let answer = manager.get(&login, DEVICES).expect(200);
    assert_eq!(answer.text(), r#"{"header":{},"data":[]}"#, "as the Manager behind us said it");
}

#[test]
fn row_15_one_thing_is_an_object() {
    let manager = Manager::new();
    let login = manager.admin();
    for target in [SERVER, "/dataservice/client/about"] {
        assert!(manager.data(&login, target).is_object(), "{target}");
    }
}

#[test]
fn row_16_two_things_are_a_list_of_two() {
    let manager = Manager::new();
    let login = manager.admin();
    manager.make_user(&login, "basil", &["basic"]);
    let users = manager.data(&login, "/dataservice/admin/user");
    let names: Vec<_> = users.as_array().unwrap().iter().map(|it| it["userName"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 2, "{users}");
    assert!(names.contains(&"admin") && names.contains(&"basil"), "{users}");
    for _ in 0..2 {
        manager.sign_in("basil", PASSWORD);
    }
    let sessions = manager.data(&login, "/dataservice/admin/user/activeSessions");
    assert_eq!(sessions.as_array().unwrap().len(), 2, "{sessions}");
}

#[test]
fn row_18_a_key_of_a_callers_own_choice_goes_through() {
    let said = r#"{"other":[{"a":1}],"data":[],"é":"\u00e9"}"#;
    let manager = Manager::with("", "", move |_| answer(200, said));
    let login = manager.admin();
    assert_eq!(manager.get(&login, DEVICES).expect(200).text(), said);
}
