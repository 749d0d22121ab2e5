//! viptela: the older library for Catalyst Manager and its `vmanage` command. It speaks https only and never signs
//! out.

use super::manager::Manager;
use crate::support::tools::manager_python;

#[track_caller]
fn act(test: &str, what: &str) {
    let Some(python) = manager_python(test, "vmanage", "viptela") else { return };
    let manager = Manager::new(python);
    manager.run("viptela_api.py", what, &manager.addresses()[0]);
}

#[test]
fn viptela_signs_in_reads_and_writes() {
    act("viptela_signs_in_reads_and_writes", "work");
}

#[test]
fn viptela_signs_in_where_nothing_is_behind() {
    let test = "viptela_signs_in_where_nothing_is_behind";
    let Some(python) = manager_python(test, "vmanage", "viptela") else { return };
    let manager = Manager::alone(python);
    manager.run("viptela_api.py", "alone", &manager.addresses()[0]);
}

#[test]
fn viptela_tells_a_wrong_password() {
    act("viptela_tells_a_wrong_password", "wrong_password");
}

#[test]
fn viptela_says_that_its_session_is_over() {
    act("viptela_says_that_its_session_is_over", "expired");
}

#[test]
fn its_command_shows_what_it_was_asked() {
    act("its_command_shows_what_it_was_asked", "command");
}
