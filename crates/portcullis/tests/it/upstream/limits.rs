//! As much of the service as was allowed and no more: sessions, those who wait, requests in a time.

use super::restarts::{eventually, sentence};
use super::{Caller, Entry, FRONTS, all_at_once, callers, gateway, manager};
use crate::support::lab::Lab;
use crate::support::{ADMIN_PASSWORD, Server};

/// The tenants that the laboratory's Manager has.
const TENANTS: [(&str, &str); 2] =
    [("0d6a3f9c-51c7-4a52-8f0e-6a1d2f3b4c5d", "North"), ("1e7b40ad-62d8-4b63-9a1f-7b2e304c5d6e", "South")];

#[test]
fn more_tenants_than_sessions_wait_for_each_other() {
    let lab = Lab::start("catalyst");
    let mut entry = Entry::new(&lab, "catalyst", "catalyst", "/dataservice/");
    entry.user = "admin";
    let tenants = TENANTS.map(|(id, name)| {
        let low = name.to_lowercase();
        format!(
            "[[catalyst.tenant]]\nid = \"{id}\"\nname = \"{name}\"\nsubdomain = \"{low}.example\"\norganization = \
             \"{name}\"\n"
        )
    });
    let config = format!("{}\n{}", tenants.concat(), entry.with("sessions_max = 2\n").text());
    let server = Server::with_config(&config);
    let login = crate::catalyst::sign_in(&server, "admin", ADMIN_PASSWORD);
    let ask = |tenant: Option<&str>| {
        let mut request = login.on(server.get("/dataservice/device"));
        if let Some(id) = tenant {
            let path = format!("/dataservice/tenant/{id}/vsessionid");
            let told = login.on(server.post(&path)).send().expect(200).json();
            request = request.header("VSessionId", told["VSessionId"].as_str().unwrap());
        }
        request.send()
    };
    ask(None).expect(200);
    ask(Some(TENANTS[0].0)).expect(200);
    assert_eq!((lab.count("/logins"), lab.count("/sessions/highest")), (2, 2));
    // Both places are taken by sessions that were in use a moment ago.
    let refused = ask(Some(TENANTS[1].0)).expect(503);
    assert!(refused.header("retry-after").is_some(), "{refused:#?}");
    crate::catalyst::error(&refused);
    ask(None).expect(200);
    ask(Some(TENANTS[0].0)).expect(200);
    // The one that has rested longest makes room.
    eventually(|| {
        let answer = ask(Some(TENANTS[1].0));
        if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
    });
    assert_eq!(
        (lab.count("/logins"), lab.count("/sessions/highest"), lab.count("/sessions/alive")),
        (3, 2, 2)
    );
}

#[test]
fn no_more_than_were_allowed_wait_for_a_login() {
    let (lab, server) = manager("queue_max = 2\n");
    let callers = callers(&server, 20);
    lab.fault("slow:2@POST:/j_security_check");
    let answers = all_at_once(&callers, |_, it| it.get(&server, "/sdwan/device"));
    let in_time = answers.iter().filter(|it| it.status == 200).count();
    for answer in answers.iter().filter(|it| it.status != 200) {
        assert_eq!(answer.status, 503, "{answer:#?}");
        assert!(answer.header("retry-after").is_some(), "{answer:#?}");
    }
    // The one that began the login and the two that may wait; whoever came when it was there needed no place.
    assert!((3..20).contains(&in_time), "{in_time}");
    assert_eq!((lab.count("/logins"), lab.ran("GET", "/dataservice/device")), (1, in_time as u64));
}

#[test]
fn nobody_waits_longer_than_was_allowed() {
    let (lab, server) = manager("queue_timeout = 1\n");
    let callers = callers(&server, 10);
    lab.fault("slow:4@POST:/j_security_check");
    for answer in all_at_once(&callers, |_, it| it.get(&server, "/sdwan/device")) {
        assert_eq!(answer.status, 503, "{answer:#?}");
        assert!(answer.header("retry-after").is_some(), "{answer:#?}");
    }
    // The login went on without them.
    eventually(|| {
        let answer = callers[0].get(&server, "/sdwan/device");
        if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
    });
    assert_eq!((lab.count("/logins"), lab.count("/sessions/highest")), (1, 1));
}

#[test]
fn a_service_is_asked_no_faster_than_was_allowed() {
    let lab = Lab::start("catalyst");
    let more = "requests_per_second = 3\nqueue_timeout = 1\n";
    let entries = FRONTS.map(|it| Entry::new(&lab, "catalyst", it, &format!("/{it}/")).with(more));
    let server = gateway(&entries);
    for front in FRONTS {
        let caller = Caller::admin(&server, front);
        eventually(|| {
            let answer = caller.get(&server, &format!("/{front}/device"));
            if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
        });
        let before = lab.ran("POST", "/dataservice/template/device");
        let all = vec![caller; 40];
        let answers = all_at_once(&all, |number, it| {
            it.make(&server, &format!("/{front}/template/device"), &format!("{front}{number}"))
        });
        let let_in = answers.iter().filter(|it| it.status == 200).count();
        for answer in answers.iter().filter(|it| it.status != 200) {
            assert_eq!(answer.status, 429, "{front} {answer:#?} {}", answer.text());
            let wait: u32 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=60).contains(&wait), "{front} {wait}");
            let said = sentence(front, answer);
            assert_eq!(said, "The service may not be asked so often. Try again later.", "{front}");
        }
        assert!((1..40).contains(&let_in), "{front} {let_in}");
        assert_eq!(lab.ran("POST", "/dataservice/template/device") - before, let_in as u64, "{front}");
    }
}

#[test]
fn a_pace_can_be_set_where_the_contract_knows_none() {
    let lab = Lab::start("awx");
    let more = "requests_per_second = 3\nqueue_timeout = 1\n";
    let server = gateway(&[Entry::new(&lab, "awx", "aap", "/it/").with(more)]);
    let caller = Caller::admin(&server, "aap");
    caller.get(&server, "/it/projects/").expect(200);
    let all = vec![caller; 40];
    let answers = all_at_once(&all, |_, it| it.get(&server, "/it/projects/"));
    let let_in = answers.iter().filter(|it| it.status == 200).count();
    assert!(answers.iter().all(|it| matches!(it.status, 200 | 429)), "{answers:#?}");
    assert!((1..40).contains(&let_in), "{let_in}");
}

#[test]
fn what_the_service_itself_says_of_its_pace_goes_on_in_the_callers_words() {
    let lab = Lab::start("catalyst");
    let server = gateway(&FRONTS.map(|it| Entry::new(&lab, "catalyst", it, &format!("/{it}/"))));
    for front in FRONTS {
        let caller = Caller::admin(&server, front);
        for status in [429, 503] {
            lab.fault(&format!("status:{status}"));
            let answer = caller.get(&server, &format!("/{front}/device")).expect(status);
            assert_eq!(answer.header("retry-after"), Some("1"), "{front}");
        }
        caller.get(&server, &format!("/{front}/device")).expect(200);
    }
    assert_eq!(lab.count("/logins"), FRONTS.len() as u64);
}
