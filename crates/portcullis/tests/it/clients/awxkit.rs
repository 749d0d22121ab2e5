//! awxkit: the library of the awx command, used as an API.

use serde_json::json;

use super::{PASSWORD, USERNAME, base, given, python, python_with};
use crate::support::{ADMIN_PASSWORD, Server};

#[test]
fn awxkit_signs_in_and_changes_things() {
    let Some(tool) = python_with("awxkit_signs_in_and_changes_things", "awxkit.cli", "awxkit") else {
        return;
    };
    let server = Server::with_config("");
    server.make_user(USERNAME, PASSWORD);
    for address in [base(&server), format!("http://{}", server.http)] {
        for (what, username, password) in [
            ("session", "admin", ADMIN_PASSWORD),
            ("wrong_password", USERNAME, PASSWORD),
            ("basic", USERNAME, PASSWORD),
            ("token", USERNAME, PASSWORD),
        ] {
            let mut told = given(&server, ("", ""), what, &json!(null));
            told["base"] = json!(address);
            told["username"] = json!(username);
            told["password"] = json!(password);
            python(&tool, "awxkit_api.py", &told);
        }
    }
}
