//! The control: the clock, the ends of sessions, counters, and going back to the start.

use serde_json::{Value, json};

use super::{PLATFORMS, Visitor};
use crate::support::lab::Lab;

#[test]
fn the_clock_ends_sessions_as_the_platform_does() {
    let lives = [
        ("aap", "--session-life", "20m"),
        ("awx", "--idle", "20m"),
        ("catalyst", "--idle", "20m"),
        ("apprenda", "--session-life", "20m"),
    ];
    for (platform, option, time) in lives {
        let lab = Lab::with(platform, &[option, time]);
        let resource = PLATFORMS.iter().find(|it| it.0 == platform).unwrap().1;
        let visitor = Visitor::sign_in(&lab, platform, "admin");
        lab.advance("+19m");
        visitor.get(resource).expect(200);
        lab.advance("21m");
        assert_ne!(visitor.get(resource).status, 200, "{platform}");
        assert_eq!(lab.count("/sessions/alive"), 0, "{platform}");
    }
}

#[test]
fn the_clock_can_be_set() {
    let lab = Lab::start("aap");
    let told = lab.control("POST", "clock", &json!({"set": "2030-01-31T12:00:00Z"})).expect(200).json();
    assert!(told["now"].as_str().unwrap().starts_with("2030-01-31T12:00:0"), "{told}");
    assert!(lab.state()["now"].as_str().unwrap().starts_with("2030-01-31T12:00:"));
    for wrong in [json!({}), json!({"advance": "soon"}), json!({"set": "2099-01-01T00:00:00Z"}), json!([1])] {
        lab.control("POST", "clock", &wrong).expect(400);
    }
}

#[test]
fn sessions_end_for_one_user_or_for_all() {
    for (platform, resource) in PLATFORMS {
        let lab = Lab::start(platform);
        let (admin, operator) =
            (Visitor::sign_in(&lab, platform, "admin"), Visitor::sign_in(&lab, platform, "operator"));
        let told = lab.control("POST", "expire", &json!({"user": "operator"})).expect(200).json();
        assert_eq!(told["ended"], 1, "{platform}");
        assert_ne!(operator.get(resource).status, 200, "{platform}");
        admin.get(resource).expect(200);
        lab.control("POST", "expire", &json!({"user": "nobody"})).expect(404);
        assert_eq!(lab.evict(), 1, "{platform}");
        assert_ne!(admin.get(resource).status, 200, "{platform}");
        assert_eq!(lab.expire(), 0, "{platform}");
    }
}

#[test]
fn there_are_only_so_many_sessions() {
    for (platform, resource) in PLATFORMS {
        let lab = Lab::with(platform, &["--sessions-max", "2"]);
        let visitors: Vec<_> = (0..3).map(|_| Visitor::sign_in(&lab, platform, "admin")).collect();
        assert_ne!(visitors[0].get(resource).status, 200, "{platform}");
        visitors[2].get(resource).expect(200);
        assert_eq!((lab.count("/sessions/alive"), lab.count("/logins")), (2, 3), "{platform}");
        assert_eq!(lab.count("/sessions/highest"), 2, "{platform}");
    }
}

#[test]
fn everything_goes_back_to_the_start() {
    let lab = Lab::start("awx");
    let visitor = Visitor::sign_in(&lab, "awx", "admin");
    visitor.make("/api/v2/jobs/", "one", &json!({"name": "mine"})).expect(201);
    visitor.request("DELETE", "/api/v2/jobs/1/").send_encrypted().expect(204);
    lab.fault("cutx*");
    lab.advance("5m");
    lab.reset();
    let state = lab.state();
    assert_eq!(state["logins"], 0);
    assert_eq!(state["sessions"], json!({"alive": 0, "highest": 0}));
    assert_eq!((&state["requests"]["total"], &state["resources"]["total"]), (&json!(0), &json!(0)));
    assert_eq!(state["faults_armed"], json!([]));
    assert!(lab.transcript().is_empty());
    let again = Visitor::sign_in(&lab, "awx", "admin");
    again.get("/api/v2/jobs/1/").expect(200);
    assert_eq!(again.get("/api/v2/jobs/").json()["count"], 60);
}

#[test]
fn a_rotation_holds_until_the_token_is_asked_for_again() {
    let lab = Lab::start("catalyst");
    let visitor = Visitor::sign_in(&lab, "catalyst", "admin");
    lab.rotate();
    for _ in 0..2 {
        visitor.make("/dataservice/device", "stale", &json!({})).expect(403);
    }
    visitor.get("/dataservice/client/token").expect(200);
    visitor.make("/dataservice/device", "fresh", &json!({})).expect(200);
    assert_eq!((lab.ran_key("stale"), lab.ran_key("fresh")), (0, 1));
}

#[test]
fn requests_are_counted_at_the_door_and_at_the_resources() {
    let lab = Lab::start("catalyst");
    lab.request("GET", "/dataservice/device").send_encrypted().expect(401);
    let visitor = Visitor::sign_in(&lab, "catalyst", "admin");
    visitor.make("/dataservice/device", "k", &json!({})).expect(200);
    let state = lab.state();
    assert_eq!(state["requests"]["paths"]["GET /dataservice/device"], 1);
    assert_eq!(state["requests"]["paths"]["POST /j_security_check"], 1);
    assert_eq!(state["requests"]["statuses"]["401"], 1);
    assert_eq!(state["resources"]["paths"], json!({"POST /dataservice/device": 1}));
    assert_eq!((lab.ran_key("k"), state["requests"]["keys"]["k"].as_u64()), (1, Some(1)));
    let answer = visitor.request("POST", "/logout").send_encrypted();
    assert!(answer.status < 400, "{answer:?}");
    assert_eq!((lab.count("/logouts"), lab.count("/sessions/alive")), (1, 0));
}

#[test]
fn the_control_says_what_it_does_not_understand() {
    let lab = Lab::start("aap");
    for (method, word, status) in
        [("GET", "stat", 404), ("PUT", "state", 404), ("GET", "fault", 404), ("POST", "nothing", 404)]
    {
        assert!(lab.control(method, word, &Value::Null).expect(status).json()["error"].is_string());
    }
    for wrong in [json!({}), json!({"kind": "flood"}), json!({"kind": "slow:often"}), json!({"kind": 7})] {
        lab.control("POST", "fault", &wrong).expect(400);
    }
    for wrong in [json!({"kind": "cut", "times": 0}), json!({"kind": "cut", "path": "api"})] {
        lab.control("POST", "fault", &wrong).expect(400);
    }
    let page = lab.request("POST", "/_lab/reset").header("Origin", "https://elsewhere.example");
    page.send_encrypted().expect(403);
}
