//! vmngclient: what catalystwan was before it had that name, and still in use.

use super::manager::Manager;
use crate::support::tools::manager_python;

#[track_caller]
fn act(test: &str, what: &str) {
    let Some(python) = manager_python(test, "vmngclient", "vmngclient") else { return };
    let manager = Manager::new(python);
    for address in manager.addresses() {
        manager.run("vmngclient_api.py", what, &address);
    }
}

#[test]
fn vmngclient_signs_in_reads_writes_and_signs_out() {
    act("vmngclient_signs_in_reads_writes_and_signs_out", "work");
}

#[test]
fn vmngclient_tells_a_wrong_password_after_one_request() {
    act("vmngclient_tells_a_wrong_password_after_one_request", "wrong_password");
}

#[test]
fn vmngclient_does_not_sign_in_for_ever() {
    act("vmngclient_does_not_sign_in_for_ever", "expired");
}

#[test]
fn vmngclient_heals_a_session_that_ended_in_the_style_of_old_releases() {
    let test = "vmngclient_heals_a_session_that_ended_in_the_style_of_old_releases";
    let Some(python) = manager_python(test, "vmngclient", "vmngclient") else { return };
    let manager = Manager::with_older_style(python);
    for address in manager.addresses() {
        manager.run("vmngclient_api.py", "expired", &address);
    }
}
