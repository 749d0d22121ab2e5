//! Every fault on every platform: what the client sees, whether the request ran, and that the next one is right.

use serde_json::json;

use super::{PLATFORMS, Visitor};
use crate::support::lab::{Lab, PASSWORD};

/// Whether an answer shows that the session is dead, in any platform's way.
fn is_dead(status: u16, headers_location: Option<&str>, text: &str) -> bool {
    status == 401
        || status == 302 && headers_location.is_some()
        || status == 200 && text.starts_with("<html>")
}

#[test]
fn a_session_ends_under_the_hand_of_who_uses_it() {
    for (platform, resource) in PLATFORMS {
        let lab = Lab::start(platform);
        for fault in ["expire", "evict"] {
            let visitor = Visitor::sign_in(&lab, platform, "admin");
            visitor.get(resource).expect(200);
            let before = lab.ran("GET", resource);
            lab.fault(fault);
            let answer = visitor.get(resource);
            assert!(
                is_dead(answer.status, answer.header("location"), &answer.text()),
                "{platform} {answer:#?}"
            );
            assert_eq!(lab.ran("GET", resource), before, "{platform}: it ran");
            assert_ne!(visitor.get(resource).status, 200, "{platform}: what is over stays over");
            assert_eq!(lab.count(&format!("/faults_played/{fault}")), 1, "{platform}");
        }
        assert_eq!(lab.count("/sessions/alive"), 0, "{platform}");
        assert_eq!(lab.count("/logins"), 2, "{platform}");
    }
}

#[test]
fn only_the_session_that_was_shown_ends() {
    for (platform, resource) in PLATFORMS {
        let lab = Lab::start(platform);
        let (first, second) =
            (Visitor::sign_in(&lab, platform, "admin"), Visitor::sign_in(&lab, platform, "operator"));
        lab.fault("expire");
        assert_ne!(first.get(resource).status, 200, "{platform}");
        second.get(resource).expect(200);
        assert_eq!((lab.count("/sessions/alive"), lab.count("/sessions/highest")), (1, 2), "{platform}");
    }
}

#[test]
fn a_token_that_is_no_longer_good_is_refused_before_the_change_runs() {
    for (platform, resource) in PLATFORMS {
        // Apprenda's contract has no such token.
        if platform == "apprenda" {
            continue;
        }
        let lab = Lab::start(platform);
        let visitor = Visitor::sign_in(&lab, platform, "admin");
        lab.fault("rotate");
        visitor.get(resource).expect(200);
        visitor.make(resource, "first", &json!({})).expect(403);
        visitor.make(resource, "second", &json!({})).expect(403);
        assert_eq!((lab.ran_key("first"), lab.ran_key("second")), (0, 0), "{platform}");
        // Whoever signs in again, or asks for the token again, has a good one.
        let again = Visitor::sign_in(&lab, platform, "admin");
        assert!(again.make(resource, "third", &json!({})).status < 300, "{platform}");
        if platform == "catalyst" {
            visitor.get("/dataservice/client/token").expect(200);
            visitor.make(resource, "fourth", &json!({})).expect(200);
        }
        visitor.get(resource).expect(200);
        assert_eq!(lab.ran_key("third"), 1, "{platform}");
    }
}

#[test]
fn an_answer_of_another_kind_comes_instead_of_the_resource() {
    for (platform, resource) in PLATFORMS {
        let lab = Lab::start(platform);
        let visitor = Visitor::sign_in(&lab, platform, "admin");
        lab.fault("login-page");
        let answer = visitor.make(resource, "page", &json!({})).expect(200);
        assert!(answer.header("content-type").unwrap().starts_with("text/html"), "{platform} {answer:#?}");
        assert!(answer.text().contains("assword"), "{platform} {}", answer.text());
        lab.fault("redirect");
        let answer = visitor.make(resource, "redirect", &json!({})).expect(302);
        assert!(answer.header("location").unwrap().starts_with('/'), "{platform} {answer:#?}");
        lab.fault("empty-401");
        let answer = visitor.make(resource, "empty", &json!({})).expect(401);
        assert!(answer.body.is_empty() && answer.header("content-length") == Some("0"), "{platform}");
        for status in [429, 503] {
            lab.fault(&format!("status:{status}"));
            let answer = visitor.make(resource, "status", &json!({})).expect(status);
            assert_eq!(answer.header("retry-after"), Some("1"), "{platform}");
            answer.json();
        }
        lab.fault("status:500");
        assert_eq!(visitor.get(resource).expect(500).header("retry-after"), None, "{platform}");
        assert_eq!(lab.count("/resources/total"), 0, "{platform}: none of them ran");
        assert!(visitor.make(resource, "at last", &json!({})).status < 300, "{platform}");
        assert_eq!(lab.ran_key("at last"), 1, "{platform}");
        assert_eq!(lab.count("/logins"), 1, "{platform}: the session lives on");
    }
}

#[test]
fn a_cookie_beside_an_answer_ends_the_session() {
    for (platform, resource) in PLATFORMS.iter().filter(|it| it.0 != "apprenda") {
        let lab = Lab::start(platform);
        let visitor = Visitor::sign_in(&lab, platform, "admin");
        lab.fault("cookie");
        let answer = visitor.make(resource, "once", &json!({}));
        assert!(answer.status < 300, "{platform}");
        let cookies = answer.header_all("set-cookie");
        assert!(
            cookies.iter().any(|it| it.contains("Max-Age=0") && it.contains("1970")),
            "{platform} {cookies:?}"
        );
        let names: Vec<_> = cookies.iter().filter_map(|it| Some(it.split_once('=')?.0)).collect();
        let distinct: std::collections::HashSet<_> = names.iter().collect();
        assert_eq!(names.len(), distinct.len(), "{platform}: each name once, as servers do: {names:?}");
        assert_eq!(lab.ran_key("once"), 1, "{platform}");
        assert_ne!(visitor.get(resource).status, 200, "{platform}");
    }
}

#[test]
fn a_platform_without_cookies_takes_no_fault_of_them() {
    let lab = Lab::start("apprenda");
    let answer = lab.control("POST", "fault", &json!({ "kind": "cookie" }));
    assert_eq!(answer.status, 400, "{answer:#?}");
    assert!(answer.text().contains("apprenda has no cookies"), "{}", answer.text());
    assert_eq!(lab.state()["faults_armed"], json!([]));
}

#[test]
fn a_connection_breaks_before_or_after_the_request_ran() {
    for (platform, resource) in PLATFORMS {
        let lab = Lab::start(platform);
        let visitor = Visitor::sign_in(&lab, platform, "admin");
        for (fault, ran) in [("drop:before", 0), ("drop:after", 1), ("cut", 1)] {
            lab.fault(fault);
            let asked =
                visitor.request("POST", resource).header("X-Lab-Key", fault).json(&json!({"name": "x"}));
            let answer = asked.try_send_encrypted();
            assert!(answer.is_err(), "{platform} {fault}: {answer:?}");
            assert_eq!(lab.ran_key(fault), ran, "{platform} {fault}");
        }
        let before = lab.count("/resources/total");
        lab.fault("slow:0");
        visitor.get(resource).expect(200);
        assert_eq!(lab.count("/resources/total"), before + 1, "{platform}");
    }
}

#[test]
fn a_right_password_is_refused_on_demand() {
    for (platform, _) in PLATFORMS {
        let lab = Lab::with(platform, &["--fault", "refuse-login"]);
        let refused = Visitor::try_sign_in(&lab, platform, "admin", PASSWORD);
        assert!(refused.is_none(), "{platform}");
        assert_eq!((lab.count("/failed_logins"), lab.count("/logins")), (1, 0), "{platform}");
        Visitor::sign_in(&lab, platform, "admin");
        assert_eq!((lab.count("/failed_logins"), lab.count("/logins")), (1, 1), "{platform}");
    }
}

#[test]
fn the_wrong_and_the_disabled_are_refused_without_a_fault() {
    for (platform, _) in PLATFORMS {
        let lab = Lab::start(platform);
        assert!(Visitor::try_sign_in(&lab, platform, "admin", "not-the-password").is_none(), "{platform}");
        assert!(Visitor::try_sign_in(&lab, platform, "bob", PASSWORD).is_none(), "{platform}");
        assert_eq!((lab.count("/failed_logins"), lab.count("/logins")), (2, 0), "{platform}");
    }
}

#[test]
fn a_fault_meets_only_what_it_is_for() {
    let lab = Lab::start("awx");
    let visitor = Visitor::sign_in(&lab, "awx", "admin");
    lab.fault("status:503@POST:/api/v2/jobs/x2");
    visitor.get("/api/v2/jobs/").expect(200);
    visitor.make("/api/v2/projects/", "other", &json!({})).expect(201);
    visitor.make("/api/v2/jobs/", "jobs", &json!({})).expect(503);
    visitor.make("/api/v2/jobs/", "jobs", &json!({})).expect(503);
    visitor.make("/api/v2/jobs/", "jobs", &json!({})).expect(201);
    assert_eq!((lab.ran_key("jobs"), lab.ran_key("other")), (1, 1));
    // What signs in is no resource, and meets only what names its path.
    lab.fault("status:503x*");
    visitor.get("/api/v2/me/").expect(200);
    visitor.get("/api/v2/jobs/").expect(503);
    visitor.get("/api/v2/jobs/").expect(503);
    lab.clear_faults();
    visitor.get("/api/v2/jobs/").expect(200);
    lab.fault("status:503@/api/v2/me/");
    visitor.get("/api/v2/me/").expect(503);
    assert_eq!(lab.count("/faults_played/status:503"), 5);
}
