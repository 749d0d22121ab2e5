//! Every way to say no has an explanation with a rule of its own and advice in its contract's words.

use std::collections::BTreeSet;

use identity::model::csrf::{Forgery, Page, Place};
use identity::model::grant::GrantDenial;
use identity::model::object::SessionId;
use identity::model::pace::Load;
use identity::model::portal::Portal;
use identity::model::refusal_log::{Cause, Refused};
use identity::{Denial, Ended, Malformed, SessionEnd};
use jiff::{SignedDuration, Timestamp};

use super::{Explanation, explain};

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
}

fn refused(denial: Option<Denial>, cause: Option<Cause>) -> Refused {
    Refused {
        request_id: "6f1c6b8e-5a0e-4c57-9f0f-0d6a4c5f1b11".to_owned(),
        is_id_chosen: false,
        at: at(1000),
        dialect: "awx",
        service: None,
        address: "192.0.2.7".to_owned(),
        method: "POST".to_owned(),
        path: "/api/v2/me/".to_owned(),
        status: 401,
        username: None,
        denial,
        cause,
    }
}

fn of(denial: Denial, cause: Option<Cause>) -> Explanation {
    explain(&refused(Some(denial), cause))
}

fn fact<'a>(explanation: &'a Explanation, name: &str) -> Option<&'a str> {
    explanation.facts.iter().find(|(it, _)| *it == name).map(|(_, value)| &**value)
}

fn forgeries() -> Vec<Forgery> {
    vec![
        Forgery::Origin(Page("https://evil.example".to_owned())),
        Forgery::RefererAbsent,
        Forgery::RefererMalformed,
        Forgery::RefererInsecure,
        Forgery::Referer(Page("https://evil.example".to_owned())),
        Forgery::CrossSite,
        Forgery::CookieAbsent,
        Forgery::TokenAbsent,
        Forgery::TokenLength(Place::Header),
        Forgery::TokenCharacters(Place::Cookie),
        Forgery::TokenWrong(Place::Field),
    ]
}

const GRANTS: [GrantDenial; 11] = [
    GrantDenial::InvalidRequest("x"),
    GrantDenial::InvalidClient,
    GrantDenial::InvalidGrant(None),
    GrantDenial::UnauthorizedClient,
    GrantDenial::UnsupportedGrantType,
    GrantDenial::InvalidScope,
    GrantDenial::AccessDenied,
    GrantDenial::AuthorizationPending,
    GrantDenial::SlowDown,
    GrantDenial::ExpiredToken,
    GrantDenial::RefreshExpired,
];

const MALFORMED: [Malformed; 6] = [
    Malformed::BasicEmpty,
    Malformed::BasicSpaces,
    Malformed::BasicEncoding,
    Malformed::Bearer,
    Malformed::Several,
    Malformed::Unencrypted,
];

/// Every denial, and every cause that changes what is said.
fn all() -> Vec<(Denial, Option<Cause>)> {
    let mut all = vec![
        (Denial::NoProof(None), None),
        (Denial::WrongPassword, Some(Cause::WrongPassword)),
        (Denial::WrongPassword, Some(Cause::NoSuchUser)),
        (Denial::WrongPassword, Some(Cause::NoPassword)),
        (Denial::WrongPassword, Some(Cause::PasswordEmpty)),
        (Denial::WrongPassword, Some(Cause::PasswordTooLong)),
        (Denial::WrongPassword, Some(Cause::Changed)),
        (Denial::Disabled, None),
        (Denial::Locked(at(60)), None),
        (Denial::TooManyAttempts(SignedDuration::from_secs(30)), None),
        (Denial::TooManyRequests(SignedDuration::from_secs(1)), Some(Cause::Pace(Load::Bulk))),
        (Denial::TooManyRequests(SignedDuration::from_secs(1)), Some(Cause::Pace(Load::Ordinary))),
        (Denial::TokenRevoked, None),
        (Denial::TokenExpired, None),
        (Denial::MissingScope, Some(Cause::Scope("read".to_owned()))),
        (Denial::NotPermitted, None),
        (Denial::NotPermitted, Some(Cause::Policy)),
        (Denial::NotPermitted, Some(Cause::Portal(Portal::Operations))),
        (Denial::NotPermitted, Some(Cause::Portal(Portal::Developer))),
        (Denial::NotPermitted, Some(Cause::Tenant)),
        (Denial::NotPermitted, Some(Cause::Guarded)),
        (Denial::NotPermittedField("email"), None),
        (Denial::ExternalUser("ldap".to_owned()), None),
        (Denial::MethodOff, None),
    ];
    all.extend(SessionEnd::ALL.map(|end| (Denial::NoProof(Some(Ended { end, ..Ended::UNKNOWN })), None)));
    all.extend(MALFORMED.map(|it| (Denial::MalformedProof(it), None)));
    all.extend(forgeries().into_iter().map(|it| (Denial::Forged(it), None)));
    all.extend(GRANTS.map(|it| (Denial::Grant(it), None)));
    all
}

#[test]
fn every_refusal_has_a_rule_of_its_own_and_advice() {
    let mut rules = BTreeSet::new();
    for (denial, cause) in all() {
        let explanation = of(denial.clone(), cause.clone());
        let Explanation { rule, what, advice, .. } = &explanation;
        assert!(rules.insert(*rule), "{rule} twice: {denial:?} {cause:?}");
        let is_plain = |it: char| it.is_ascii_lowercase() || it == '-' || it == '.';
        assert!(rule.contains('.') && rule.chars().all(is_plain), "{rule}");
        assert!(what.ends_with('.') && what.len() > 10, "{rule}: {what}");
        assert!(advice.len() > 10 && !advice.ends_with(' '), "{rule}: {advice}");
    }
    for service in [None, Some("controller".to_owned())] {
        let explanation = explain(&Refused { service, ..refused(None, None) });
        assert!(rules.insert(explanation.rule), "{}", explanation.rule);
    }
}

#[test]
fn a_session_tells_which_clock_ran_out_and_who_took_its_place() {
    let ended = Ended {
        end: SessionEnd::Inactive,
        session: Some(SessionId(7)),
        at: Some(at(900)),
        by: Some(SessionId(9)),
    };
    let rested = Cause::Rested { used_at: at(100), timeout: SignedDuration::from_mins(30) };
    let explanation = of(Denial::NoProof(Some(ended)), Some(rested));
    assert_eq!(explanation.rule, "session.inactive");
    assert_eq!(fact(&explanation, "session"), Some("7"));
    assert_eq!(fact(&explanation, "ended_at"), Some("1970-01-01T00:15:00Z"));
    assert_eq!(fact(&explanation, "last_used_at"), Some("1970-01-01T00:01:40Z"));
    assert_eq!(fact(&explanation, "inactivity_timeout"), Some("1800 s"));
    let evicted = of(Denial::NoProof(Some(Ended { end: SessionEnd::Evicted, ..ended })), None);
    assert_eq!((evicted.rule, fact(&evicted, "session_in_its_place")), ("session.evicted", Some("9")));
    let lived = Cause::Lived { created_at: at(0), expires_at: at(3600) };
    let overall = of(Denial::NoProof(Some(Ended { end: SessionEnd::Overall, ..ended })), Some(lived));
    assert_eq!(fact(&overall, "overall_timeout"), Some("3600 s"));
}

#[test]
fn each_contract_names_its_own_header_and_its_own_way_in() {
    for dialect in crate::ALL {
        let help = dialect.help();
        if help.proof.is_empty() {
            continue;
        }
        let of = |denial| explain(&Refused { dialect: dialect.name(), ..refused(Some(denial), None) });
        let missing = of(Denial::Forged(Forgery::TokenAbsent));
        let headers = dialect.wire().headers;
        if let Some(named) = fact(&missing, "missing_header") {
            assert!(headers.contains(&named), "{}: {named}", dialect.name());
        } else {
            assert!(!headers.iter().any(|it| it.contains("srf")), "{}", dialect.name());
        }
        assert!(missing.advice.contains(help.change), "{}", missing.advice);
        let anonymous = of(Denial::NoProof(None));
        assert!(anonymous.advice.contains(help.sign_in) && anonymous.advice.contains(help.proof));
    }
    let own = explain(&Refused { dialect: "portcullis", ..refused(Some(Denial::NoProof(None)), None) });
    assert!(own.advice.contains("Authorization: Bearer"), "{}", own.advice);
}

#[test]
fn what_is_closed_tells_until_when_and_a_scope_which() {
    let locked = of(Denial::Locked(at(60)), None);
    assert_eq!(fact(&locked, "locked_until"), Some("1970-01-01T00:01:00Z"));
    let address = of(Denial::TooManyAttempts(SignedDuration::from_secs(20)), None);
    assert_eq!(fact(&address, "locked_until"), Some("1970-01-01T00:17:00Z"));
    assert_eq!(fact(&address, "address"), Some("192.0.2.7"));
    // A contract that answers a closed account like a wrong password still has it explained.
    let hidden = of(Denial::WrongPassword, Some(Cause::AccountClosed(at(60))));
    assert_eq!(hidden.rule, "account.locked");
    assert_eq!(of(Denial::WrongPassword, Some(Cause::Disabled)).rule, "user.disabled");
    let scope = of(Denial::MissingScope, Some(Cause::Scope("read".to_owned())));
    assert_eq!((fact(&scope, "scope_of_token"), fact(&scope, "scope_needed")), (Some("read"), Some("write")));
    let policy = explain(&Refused {
        service: Some("hub".to_owned()),
        ..refused(Some(Denial::NotPermitted), Some(Cause::Policy))
    });
    assert_eq!(fact(&policy, "policy"), Some("allow of service hub"));
    let password = of(Denial::Grant(GrantDenial::InvalidGrant(Some("x"))), Some(Cause::NoSuchUser));
    assert_eq!(fact(&password, "password_rule"), Some("password.no-such-user"));
}
