//! catalystwan: the vendor's own library for Catalyst Manager, over https with a certificate that nobody knows and
//! over plain http.

use super::manager::{Manager, TENANT};
use crate::support::tools::manager_python;

fn start(test: &str) -> Option<Manager> {
    manager_python(test, "catalystwan", "catalystwan").map(Manager::new)
}

/// Runs one action of the script at both addresses of one gateway.
#[track_caller]
fn at_both(test: &str, what: &str) {
    let Some(manager) = start(test) else { return };
    for address in manager.addresses() {
        manager.run("catalystwan_api.py", what, &address);
    }
}

/// Runs one action of the script that leaves the gateway changed, at the encrypted address.
#[track_caller]
fn once(test: &str, what: &str) {
    let Some(manager) = start(test) else { return };
    manager.run("catalystwan_api.py", what, &manager.addresses()[0]);
}

#[test]
fn it_signs_in_reads_writes_and_signs_out() {
    let Some(manager) = start("it_signs_in_reads_writes_and_signs_out") else { return };
    for address in manager.addresses() {
        manager.run("catalystwan_api.py", "work", &address);
        let received = manager.upstream.received();
        let posted = received.iter().find(|it| it.method == "POST").expect("the service got a POST");
        assert_eq!(posted.header("x-forwarded-user"), Some(super::USERNAME));
        assert_eq!(posted.body, br#"{"templateName": "banner"}"#);
    }
}

#[test]
fn it_finds_the_server_by_every_way_to_write_its_address() {
    at_both("it_finds_the_server_by_every_way_to_write_its_address", "address");
}

#[test]
fn it_tells_a_wrong_password_after_one_request() {
    at_both("it_tells_a_wrong_password_after_one_request", "wrong_password");
}

#[test]
fn it_manages_users_and_groups() {
    at_both("it_manages_users_and_groups", "users");
}

#[test]
fn it_reads_what_it_may_not_do() {
    at_both("it_reads_what_it_may_not_do", "rights");
}

#[test]
fn it_lists_and_ends_active_sessions() {
    at_both("it_lists_and_ends_active_sessions", "active_sessions");
}

#[test]
fn it_changes_the_session_policy() {
    once("it_changes_the_session_policy", "settings");
}

#[test]
fn it_heals_a_session_that_ended_behind_its_back() {
    at_both("it_heals_a_session_that_ended_behind_its_back", "healed");
}

#[test]
fn it_heals_a_session_that_ended_in_the_style_of_old_releases() {
    let test = "it_heals_a_session_that_ended_in_the_style_of_old_releases";
    let Some(python) = manager_python(test, "catalystwan", "catalystwan") else { return };
    let manager = Manager::with_older_style(python);
    for address in manager.addresses() {
        manager.run("catalystwan_api.py", "older_page", &address);
    }
}

#[test]
fn it_waits_for_a_restart() {
    at_both("it_waits_for_a_restart", "restarted");
}

#[test]
fn it_is_told_that_it_is_too_fast() {
    once("it_is_told_that_it_is_too_fast", "too_fast");
}

#[test]
fn it_heals_a_session_that_others_pushed_out() {
    once("it_heals_a_session_that_others_pushed_out", "evicted");
}

#[test]
fn it_tries_a_password_that_was_changed_once() {
    once("it_tries_a_password_that_was_changed_once", "changed_password");
}

#[test]
fn threads_share_one_session() {
    at_both("threads_share_one_session", "threads");
}

#[test]
fn threads_heal_their_session_together() {
    at_both("threads_heal_their_session_together", "threads_healed");
}

#[test]
fn it_enters_tenants() {
    let test = "it_enters_tenants";
    let Some(python) = manager_python(test, "catalystwan", "catalystwan") else { return };
    let manager = Manager::with_tenants(python);
    for address in manager.addresses() {
        manager.run("catalystwan_api.py", "provider", &address);
    }
    let received = manager.upstream.received();
    let tenants: Vec<_> = received.iter().map(|it| it.header("x-forwarded-tenant")).collect();
    assert!(tenants.contains(&Some(TENANT)), "the service is told the tenant: {tenants:?}");
    assert!(tenants.contains(&None), "and none where there is none: {tenants:?}");
}
