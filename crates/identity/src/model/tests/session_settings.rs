//! What the settings make of sessions, for every contract, and which values they take.

use jiff::SignedDuration;

use crate::model::session::SessionKind;
use crate::model::session_policy::{Cap, Eviction, Reach, SessionPolicy};
use crate::model::setting::{SettingValue, Settings, definition, validate};

fn minutes(number: i64) -> SignedDuration {
    SignedDuration::from_mins(number)
}

fn settings(set: &'static [(&'static str, i64)]) -> Settings {
    let find = move |name: &str| set.iter().find(|it| it.0 == name).map(|it| SettingValue::Integer(it.1));
    Settings::with(find)
}

fn least_used(reach: Reach, sessions_max: u32) -> Cap {
    Cap { reach, sessions_max, eviction: Eviction::LeastRecentlyUsed }
}

/// The two timeouts of a policy, and its caps.
fn parts(policy: SessionPolicy) -> (Option<SignedDuration>, Option<SignedDuration>, Vec<Cap>) {
    (policy.overall_timeout, policy.inactivity_timeout, policy.caps)
}

#[test]
fn each_contract_has_the_policy_that_it_documents() {
    let settings = settings(&[]);
    let policy = |kind| parts(settings.session_policy(kind, None));
    assert_eq!(policy(SessionKind::Gateway), (Some(settings.session_overall_timeout), None, vec![]));
    assert_eq!(policy(SessionKind::Controller), (None, Some(settings.session_inactivity_timeout), vec![]));
    // Catalyst contract section B: a day, half an hour, a hundred.
    let all = vec![least_used(Reach::Platform, 100)];
    assert_eq!(policy(SessionKind::Manager), (Some(minutes(1440)), Some(minutes(30)), all));
    // Its section A.10: half an hour, and a day for each second of that; neither takes a place, and nobody fills
    // the store with them.
    let own = vec![least_used(Reach::User, 1_000)];
    assert_eq!(policy(SessionKind::ManagerToken), (Some(minutes(30)), None, own.clone()));
    assert_eq!(policy(SessionKind::ManagerRefresh), (Some(SignedDuration::from_hours(24 * 1800)), None, own));
    assert_eq!(policy(SessionKind::Cloud), (Some(minutes(480)), None, vec![]));
}

#[test]
fn settings_shape_the_policies() {
    let settings = settings(&[
        ("SESSION_COOKIE_AGE", 120),
        ("awx.SESSION_COOKIE_AGE", 240),
        ("awx.SESSIONS_PER_USER", 3),
        ("catalyst.sessionLifeTime", 60),
        ("catalyst.serverSessionTimeout", 15),
        ("catalyst.maxSessionsPerUser", 4),
        ("catalyst.maxSessions", 7),
        ("apprenda.session_minutes", 5),
        ("portcullis.sessions_max", 1_000),
    ]);
    let policy = |kind| parts(settings.session_policy(kind, None));
    let system = least_used(Reach::System, 1_000);
    assert_eq!(policy(SessionKind::Gateway), (Some(minutes(2)), None, vec![system]));
    let own = Cap { reach: Reach::User, sessions_max: 3, eviction: Eviction::OldestCreated };
    assert_eq!(policy(SessionKind::Controller), (None, Some(minutes(4)), vec![own, system]));
    let caps = vec![least_used(Reach::User, 4), least_used(Reach::Platform, 7), system];
    assert_eq!(policy(SessionKind::Manager), (Some(minutes(60)), Some(minutes(15)), caps));
    assert_eq!(policy(SessionKind::Cloud), (Some(minutes(5)), None, vec![system]));
    for kind in SessionKind::ALL {
        assert_eq!(settings.session_policy(kind, None).widest_reach(), Some(Reach::System), "{kind:?}");
    }
}

#[test]
fn a_session_of_apprendas_contract_slides_if_it_is_set_so() {
    let sliding =
        Settings::with(|name| (name == "apprenda.session_is_sliding").then_some(SettingValue::Boolean(true)));
    assert_eq!(parts(sliding.session_policy(SessionKind::Cloud, None)), (None, Some(minutes(480)), vec![]));
}

#[test]
fn only_tokens_of_catalysts_contract_live_as_long_as_is_asked() {
    let (settings, asked) = (settings(&[]), Some(SignedDuration::from_secs(60)));
    for kind in [SessionKind::Gateway, SessionKind::Controller, SessionKind::Manager, SessionKind::Cloud] {
        assert_eq!(settings.session_policy(kind, asked), settings.session_policy(kind, None), "{kind:?}");
    }
    let overall = |kind| settings.session_policy(kind, asked).overall_timeout.unwrap();
    assert_eq!(overall(SessionKind::ManagerToken), minutes(1));
    assert_eq!(overall(SessionKind::ManagerRefresh), SignedDuration::from_hours(24 * 60));
    // However long is asked, there is an end that can be counted.
    let endless = settings.session_policy(SessionKind::ManagerRefresh, Some(SignedDuration::MAX));
    assert_eq!(endless.overall_timeout, Some(SignedDuration::MAX));
}

#[test]
fn lengths_and_mosts_outside_their_limits_are_refused() {
    for (name, lowest, highest) in [
        ("catalyst.sessionLifeTime", 30, 10_080),
        ("catalyst.serverSessionTimeout", 10, 30),
        ("catalyst.clientSessionTimeout", 0, 10_080),
        ("catalyst.maxSessionsPerUser", 0, 1_000_000),
        ("catalyst.maxSessions", 1, 1_000_000),
        ("apprenda.session_minutes", 1, 525_600),
        ("portcullis.sessions_max", 0, 10_000_000),
    ] {
        let definition = definition(name).unwrap();
        let is_taken = |number| validate(definition, &SettingValue::Integer(number)).is_ok();
        assert!(is_taken(lowest) && is_taken(highest), "{name}");
        assert!(!is_taken(lowest - 1) && !is_taken(highest + 1), "{name}");
        assert!(!is_taken(i64::MIN) && !is_taken(i64::MAX), "{name}");
    }
}
