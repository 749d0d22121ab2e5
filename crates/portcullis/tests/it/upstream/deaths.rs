//! The session dies in the middle of two hundred calls, in every style that the platform has: nothing is lost, and
//! nothing runs twice.

use super::callers::CALLERS;
use super::{Caller, PACE, all_at_once, callers, manager, upstreams};
use crate::support::lab::Lab;
use crate::support::{Response, Server};

const LIST: &str = "/sdwan/template/device";

/// What each was told: those with odd numbers made something.
fn burst(server: &Server, callers: &[Caller], word: &str) -> Vec<std::io::Result<Response>> {
    all_at_once(callers, |number, caller| {
        if number % 2 == 0 {
            return caller.send(server, "GET", LIST, |it| it);
        }
        let body = serde_json::json!({ "name": word });
        caller.send(server, "POST", LIST, |it| it.header("X-Lab-Key", key(word, number)).json(&body))
    })
}

fn key(word: &str, number: usize) -> String {
    format!("{word}-{number}")
}

/// Each change was made once, and each caller was told so.
#[track_caller]
fn expect_all(lab: &Lab, answers: &[std::io::Result<Response>], word: &str) {
    let state = lab.state();
    for (number, answer) in answers.iter().enumerate() {
        let answer = answer.as_ref().unwrap_or_else(|error| panic!("{word} {number}: {error}"));
        assert_eq!(answer.status, 200, "{word} {number}: {answer:#?} {}", answer.text());
        assert!(!answer.text().contains("j_security_check"), "{word} {number}: {}", answer.text());
        if number % 2 == 1 {
            assert_eq!(state["resources"]["keys"][key(word, number)], 1, "{word} {number}: {state}");
        }
    }
}

#[test]
fn nothing_is_lost_when_the_session_ends_in_any_style() {
    let (lab, server) = manager(PACE);
    let callers = callers(&server, CALLERS);
    callers[0].get(&server, LIST).expect(200);
    for (style, logins) in [
        ("expire", 2),
        ("evict", 3),
        // The session is over, and the first to find out is told so in another way.
        ("login-page", 4),
        ("redirect", 5),
        ("empty-401", 6),
    ] {
        if !["expire", "evict"].contains(&style) {
            lab.expire();
        }
        lab.fault(style);
        let answers = burst(&server, &callers, style);
        expect_all(&lab, &answers, style);
        assert_eq!(lab.count(&format!("/faults_played/{style}")), 1, "{style}");
        assert_eq!(lab.count("/logins"), logins, "{style}");
        assert_eq!(lab.count("/sessions/alive"), 1, "{style}");
    }
    // Never two sessions at once: a dead one makes room before the next is opened.
    assert_eq!(lab.count("/sessions/highest"), 1);
}

#[test]
fn a_session_that_only_looks_dead_stays() {
    let (lab, server) = manager(PACE);
    let callers = callers(&server, 40);
    callers[0].get(&server, LIST).expect(200);
    for style in ["login-page", "redirect", "empty-401"] {
        lab.fault(&format!("{style}@GET:/dataservice/template"));
        expect_all(&lab, &burst(&server, &callers, style), style);
        assert_eq!(lab.count(&format!("/faults_played/{style}")), 1, "{style}");
    }
    // With a change, such an answer is no proof that nothing was done, since the session lives: it is not sent again.
    for style in ["login-page", "redirect", "empty-401"] {
        lab.fault(&format!("{style}@POST:/dataservice/template"));
        let word = format!("{style}-change");
        let mut refused = 0;
        for (number, answer) in burst(&server, &callers, &word).into_iter().enumerate() {
            let answer = answer.unwrap();
            let ran = lab.ran_key(&key(&word, number));
            refused += usize::from(answer.status == 502);
            match answer.status {
                502 => assert_eq!((number % 2, ran), (1, 0), "{style} {number}"),
                status => assert_eq!((status, ran), (200, (number % 2) as u64), "{style} {number}"),
            }
            assert!(!answer.text().contains("<html"), "{style}: {}", answer.text());
        }
        assert_eq!(refused, 1, "{style}");
    }
    assert_eq!((lab.count("/logins"), lab.count("/sessions/alive")), (1, 1));
    assert_ne!(upstreams(&server)[0]["counts"]["false_deaths"], 0);
}

#[test]
fn a_changed_xsrf_token_is_asked_for_again() {
    let (lab, server) = manager(PACE);
    let callers = callers(&server, CALLERS);
    callers[0].get(&server, LIST).expect(200);
    lab.fault("rotate");
    expect_all(&lab, &burst(&server, &callers, "rotate"), "rotate");
    assert_eq!(lab.count("/faults_played/rotate"), 1);
    // Whose token is the old one's signs out when nobody uses it any more.
    assert!(lab.count("/logins") <= 2, "{}", lab.state());
    super::restarts::eventually(|| match lab.count("/sessions/alive") {
        1 => Ok(()),
        more => Err(format!("{more} sessions live")),
    });
}

#[test]
fn an_answer_whose_cookie_ends_the_session_is_not_asked_for_twice() {
    let (lab, server) = manager(PACE);
    let callers = callers(&server, CALLERS);
    callers[0].get(&server, LIST).expect(200);
    lab.fault("cookie@POST:/dataservice/template");
    let answers = burst(&server, &callers, "cookie");
    let state = lab.state();
    let mut unknown = 0;
    for (number, answer) in answers.into_iter().enumerate() {
        let answer = answer.unwrap();
        if number % 2 == 1 {
            let ran = &state["resources"]["keys"][key("cookie", number)];
            assert_eq!(*ran, 1, "{number}: {answer:#?} {} {state}", answer.text());
        }
        // The one whose session ended behind its answer. Nobody can tell that from a refusal.
        if answer.status == 503 && number % 2 == 1 {
            assert!(answer.text().contains("not known") && answer.header("retry-after").is_some());
            unknown += 1;
            continue;
        }
        answer.expect(200);
    }
    assert!(unknown <= 1, "{unknown}");
    assert_eq!((lab.count("/logins"), lab.count("/sessions/alive")), (2, 1), "{state}");
}

#[test]
fn what_broke_off_is_not_sent_again() {
    let (lab, server) = manager(PACE);
    let callers = callers(&server, CALLERS);
    callers[0].get(&server, LIST).expect(200);
    for fault in ["drop:after", "cut"] {
        lab.fault(&format!("{fault}@POST:/dataservice/template"));
        let answers = burst(&server, &callers, fault);
        let state = lab.state();
        let mut broken = 0;
        for (number, answer) in answers.into_iter().enumerate() {
            if number % 2 == 1 {
                assert_eq!(state["resources"]["keys"][key(fault, number)], 1, "{fault} {number}: {state}");
            }
            match answer {
                Ok(answer) if answer.status == 200 => {}
                // Without an answer there is 502; an answer that has begun can only break off.
                Ok(answer) => {
                    assert_eq!((answer.status, fault), (502, "drop:after"), "{answer:#?}");
                    assert_eq!(answer.json()["detail"], "The service did not answer properly.");
                    broken += 1;
                }
                Err(_) => {
                    assert_eq!(fault, "cut", "{number}");
                    broken += 1;
                }
            }
        }
        assert_eq!(broken, 1, "{fault}");
    }
    assert_eq!((lab.count("/logins"), lab.count("/sessions/alive")), (1, 1));
}

#[test]
fn a_connection_that_closes_before_the_answer_loses_no_reader() {
    let (lab, server) = manager(PACE);
    let callers = callers(&server, 40);
    callers[0].get(&server, LIST).expect(200);
    lab.fault("drop:before@POST:/dataservice/template");
    let answers = burst(&server, &callers, "before");
    let mut broken = 0;
    for (number, answer) in answers.into_iter().enumerate() {
        let answer = answer.unwrap();
        let ran = lab.ran_key(&key("before", number));
        // Nobody can tell whether it ran: it did not, and is not sent again.
        if answer.status == 502 {
            assert_eq!((number % 2, ran), (1, 0));
            broken += 1;
        } else {
            assert_eq!((answer.status, ran), (200, (number % 2) as u64), "{number}");
        }
    }
    assert_eq!(broken, 1);
    assert_eq!(lab.count("/logins"), 1);
}
