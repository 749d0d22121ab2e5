//! Two hundred callers at once: one login at the service, and nobody sees an error.

use super::{Caller, Entry, FRONTS, all_at_once, callers, gateway, manager, upstreams};
use crate::support::lab::Lab;

/// As many as the rule speaks of.
pub const CALLERS: usize = 200;

#[test]
fn two_hundred_callers_with_tokens_of_their_own_share_one_login() {
    let (lab, server) = manager(super::PACE);
    let callers = callers(&server, CALLERS);
    let answers = all_at_once(&callers, |number, caller| {
        if number % 2 == 0 {
            caller.get(&server, "/sdwan/device")
        } else {
            caller.make(&server, "/sdwan/template/device", &format!("key-{number}"))
        }
    });
    for answer in answers {
        answer.expect(200);
    }
    let state = lab.state();
    assert_eq!(state["logins"], 1, "{state}");
    assert_eq!(
        (&state["sessions"]["alive"], &state["sessions"]["highest"]),
        (&1.into(), &1.into()),
        "{state}"
    );
    assert_eq!(state["resources"]["total"], CALLERS, "{state}");
    for number in (1..CALLERS).step_by(2) {
        assert_eq!(lab.ran_key(&format!("key-{number}")), 1, "{number}");
    }
    let told = &upstreams(&server)[0];
    assert_eq!((&told["state"], &told["counts"]["logins"]), (&"open".into(), &1.into()), "{told}");
}

#[test]
fn callers_of_all_contracts_share_one_login_for_each_service() {
    let lab = Lab::start("catalyst");
    let entries = FRONTS.map(|it| Entry::new(&lab, "catalyst", it, &format!("/{it}/")));
    let server = gateway(&entries);
    let admins = FRONTS.map(|it| Caller::admin(&server, it));
    // All services together ask no faster than the Manager allows: more than that come at once.
    let all: Vec<Caller> = (0..120).map(|it| admins[it % FRONTS.len()].clone()).collect();
    let answers = all_at_once(&all, |number, caller| {
        let front = FRONTS[number % FRONTS.len()];
        if number % 8 < 4 {
            caller.get(&server, &format!("/{front}/device"))
        } else {
            caller.make(&server, &format!("/{front}/template/device"), &format!("key-{number}"))
        }
    });
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer.status, 200, "{number} {answer:#?} {}", answer.text());
    }
    let state = lab.state();
    assert_eq!(state["logins"], FRONTS.len(), "one for each service: {state}");
    assert_eq!(state["sessions"]["alive"], FRONTS.len(), "{state}");
    assert_eq!(state["resources"]["total"], 120, "{state}");
    let keys = state["resources"]["keys"].as_object().unwrap();
    assert!(keys.len() == 60 && keys.values().all(|it| *it == 1), "{state}");
}

#[test]
fn a_token_and_a_session_of_the_managers_own_contract_share_one_login() {
    let lab = Lab::start("catalyst");
    let server = gateway(&[Entry::new(&lab, "catalyst", "catalyst", "/dataservice/")]);
    let mut all = vec![Caller::admin(&server, "catalyst"); 60];
    all.extend(callers(&server, 60));
    let answers = all_at_once(&all, |_, caller| caller.get(&server, "/dataservice/device"));
    for answer in answers {
        assert_eq!(answer.expect(200).json()["data"].as_array().map(Vec::len), Some(60));
    }
    assert_eq!((lab.count("/logins"), lab.count("/sessions/highest")), (1, 1));
    assert_eq!(lab.ran("GET", "/dataservice/device"), 120);
}
